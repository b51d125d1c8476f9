//! A server of a profile: its secrets, what is kept of it between commands, and what is shown
//! while it is waited for. Only this file knows `indicatif`.

use std::cell::RefCell;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::clock;
use crate::cli::config::keep;
use crate::cli::passwd::asked;
use crate::cli::settings::{EMBEDDED, Hidden, Profile};
use crate::model::Time;
use crate::shell::interrupted;
use crate::text::{Secret, printable};
use crate::transport::{Attend, Login, Remote, SecretApart, Server, Way};

/// The path of CloudStack's API where a URL has none.
const API_PATH: &str = "/client/api";
/// Why something cannot be kept.
const NO_HOME: &str = "there is no home directory to keep it in; set HOME";

/// The way to the server of a profile.
pub(crate) fn way(profile: &Profile) -> Way {
    Way {
        url: address(profile.url.as_deref().unwrap_or_default()),
        get: profile.get,
        verify: profile.verify,
        ca_cert: profile.ca_cert.clone(),
        client_cert: profile.client_cert.clone(),
        client_key: profile.client_key.clone(),
        proxy: profile.proxy.clone(),
        timeout: Duration::from_secs(profile.request_seconds.max(1)),
    }
}

/// The transport to the server of a profile; `quiet` is one that asks nobody for anything.
pub(crate) fn connect(profile: &Profile, get: bool, quiet: bool) -> Remote {
    let way = way(profile);
    let way = Way { get: get || way.get, ..way };
    let login = profile.username.clone();
    let server = Server {
        way,
        api_key: profile.api_key.clone(),
        login: login.map(|username| Login { username, domain: profile.domain.clone() }),
        algorithm: profile.algorithm,
        job_limit: Duration::from_secs(profile.job_seconds),
    };
    let kept = apis_of(profile).and_then(|path| fs::read_to_string(path).ok());
    let (profile, spinner) = (profile.clone(), RefCell::new(None));
    Remote::new(server, kept, Box::new(Terminal { profile, quiet, spinner }))
}

/// The file in which a server's descriptions are kept.
pub(crate) fn catalogue_file(profile: &Profile) -> Option<PathBuf> {
    apis_of(profile)
}

/// The file in which a server's descriptions are kept: one for each profile.
fn apis_of(profile: &Profile) -> Option<PathBuf> {
    kept(profile, "apis")
}

/// The file in which something of a server is kept that it can be asked for again.
pub(crate) fn kept(profile: &Profile, what: &str) -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("capuchin").join(format!("{}.{what}", called(profile))))
}

/// The file in which a session is kept.
fn session_of(name: &str) -> Option<PathBuf> {
    let dir = dirs::state_dir().or_else(dirs::cache_dir)?.join("capuchin").join("sessions");
    Some(dir.join(format!("{name}.session")))
}

/// Forgets the session of a profile: it may be another's now.
pub(crate) fn forget(profile: &str) {
    if let Some(path) = session_of(profile) {
        // Mostly there is none.
        let _ = fs::remove_file(path);
    }
}

/// What files of a profile are called.
pub(crate) fn called(profile: &Profile) -> String {
    match profile.name.as_str() {
        // No profile: the address tells servers apart.
        EMBEDDED => {
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            let url = profile.url.as_deref().unwrap_or_default();
            format!("url_{}", url.chars().map(plain).take(120).collect::<String>())
        }
        name => name.to_owned(),
    }
}

/// The address of the API: people leave its path out.
pub(crate) fn address(url: &str) -> String {
    let bare = url.trim_end_matches('/');
    let has_path = bare.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_path { url.to_owned() } else { format!("{bare}{API_PATH}") }
}

/// The terminal and the configuration, as the server's calls see them.
struct Terminal {
    profile: Profile,
    /// Whether nobody is to be asked.
    quiet: bool,
    spinner: RefCell<Option<ProgressBar>>,
}

impl Terminal {
    /// Asks for a secret, which is not shown.
    fn ask(&self, what: &str) -> Option<Result<Secret, String>> {
        if self.quiet || !io::stderr().is_terminal() {
            return None;
        }
        let typed = asked(&format!("{what}: ")).map(|text| Secret::new(text.trim()));
        Some(typed.map_err(|why| format!("the terminal cannot be read: {why}")))
    }
}

impl Attend for Terminal {
    fn now(&self) -> Time {
        clock::now()
    }

    fn secret_key(&self) -> Result<Secret, String> {
        let none = "there is no secret key; give one with CAPUCHIN_SECRET or `capuchin profile \
                    edit`";
        let hidden = self.profile.secret_key.as_ref().ok_or(none)?;
        found("secretkey", hidden, Stdio::inherit)
    }

    fn secret_key_apart(&self) -> SecretApart {
        let key = self.profile.secret_key.clone();
        Box::new(move || {
            let hidden = key.as_ref().ok_or("there is no secret key")?;
            found("secretkey", hidden, Stdio::null)
        })
    }

    fn password(&self) -> Result<Secret, String> {
        let user = self.profile.username.as_deref().unwrap_or_default();
        if let Some(hidden) = &self.profile.password {
            return found("password", hidden, Stdio::inherit);
        }
        let what = format!("Password of {} at {}", printable(user), self.profile.title());
        self.ask(&what).unwrap_or_else(|| {
            Err(format!(
                "there is no password of {user} and no terminal to ask for it; give one with \
                 CAPUCHIN_PASSWORD or `capuchin profile edit`"
            ))
        })
    }

    fn code(&self) -> Result<Secret, String> {
        let given = std::env::var_os("CAPUCHIN_2FA_CODE").filter(|code| !code.is_empty());
        if let Some(code) = given {
            return Ok(Secret::new(code.to_string_lossy()));
        }
        self.ask("Code of the second factor").unwrap_or_else(|| {
            Err("the server wants the code of a second factor and there is no terminal to ask \
                 for it; give it with CAPUCHIN_2FA_CODE"
                .to_owned())
        })
    }

    fn session(&self) -> Option<String> {
        fs::read_to_string(session_of(&called(&self.profile))?).ok()
    }

    fn keep_session(&self, session: Option<&str>) -> Result<(), String> {
        let name = called(&self.profile);
        let Some(session) = session else {
            forget(&name);
            return Ok(());
        };
        keep(&session_of(&name).ok_or(NO_HOME)?, session)
    }

    fn keep_apis(&self, text: &str) -> Result<(), String> {
        keep(&apis_of(&self.profile).ok_or(NO_HOME)?, text)
    }

    fn interrupted(&self) -> bool {
        interrupted()
    }

    fn waiting(&self, what: &str) {
        if io::stderr().is_terminal() {
            let spinner = ProgressBar::new_spinner().with_message(what.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(100));
            *self.spinner.borrow_mut() = Some(spinner);
        }
    }

    fn waited(&self) {
        if let Some(spinner) = self.spinner.borrow_mut().take() {
            spinner.finish_and_clear();
        }
    }
}

/// Finds what the setting `name` hides. `terminal` is what a command that prints it has for input
/// and errors.
pub(crate) fn found(
    name: &str,
    hidden: &Hidden,
    terminal: fn() -> Stdio,
) -> Result<Secret, String> {
    match hidden {
        Hidden::Here(secret) => Ok(secret.clone()),
        Hidden::File(path) => {
            let text = fs::read_to_string(path)
                .map_err(|why| format!("{name}_file: {}: {why}", path.display()))?;
            first_line(&text).ok_or_else(|| format!("{name}_file: {} is empty", path.display()))
        }
        Hidden::Command(command) => {
            printed(command, terminal).map_err(|why| format!("{name}_command{why}"))
        }
    }
}

/// What a command of the system's shell prints; it may ask on the terminal.
fn printed(command: &str, terminal: fn() -> Stdio) -> Result<Secret, String> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(terminal()).stderr(terminal());
    let output = shell.output().map_err(|why| format!(": {why}"))?;
    if !output.status.success() {
        return Err(format!(" failed: {}", output.status));
    }
    let text = String::from_utf8(output.stdout);
    let text = text.map_err(|_| " printed no text".to_owned())?;
    first_line(&text).ok_or_else(|| " printed nothing".to_owned())
}

fn first_line(text: &str) -> Option<Secret> {
    let line = text.lines().next()?.trim();
    Some(Secret::new(line)).filter(|_| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_api_may_be_left_out() {
        for url in ["https://h", "https://h/", "https://h:8443//"] {
            assert!(address(url).ends_with("/client/api"), "{url}");
        }
        assert_eq!(address("http://h:8080/client/api"), "http://h:8080/client/api");
        assert_eq!(address("http://h/cloud/"), "http://h/cloud/");
    }

    #[test]
    fn a_secret_can_come_from_a_command() {
        assert_eq!(printed("echo ' key '; echo more", Stdio::inherit).unwrap().expose(), "key");
        assert!(
            printed("echo hunter2; exit 3", Stdio::inherit).unwrap_err().contains("exit status: 3")
        );
        assert!(printed("true", Stdio::inherit).unwrap_err().contains("nothing"));
    }
}
