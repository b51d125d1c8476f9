//! A server of a profile: its secret key, the descriptions that are kept of it, and what is shown
//! while it is waited for. Only this file knows `indicatif`.

use std::cell::RefCell;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::cli::clock;
use crate::cli::config::replace;
use crate::cli::settings::{EMBEDDED, Profile, SecretKey};
use crate::cli::store::make_private;
use crate::model::Time;
use crate::shell::interrupted;
use crate::text::Secret;
use crate::transport::{Attend, Remote, SecretApart, Server, Way};

/// The path of CloudStack's API where a URL has none.
const API_PATH: &str = "/client/api";

/// The transport to the server of a profile.
pub(crate) fn connect(profile: &Profile, get: bool) -> Remote {
    let way = Way {
        url: address(profile.url.as_deref().unwrap_or_default()),
        get: get || profile.get,
        verify: profile.verify,
        ca_cert: profile.ca_cert.clone(),
        timeout: Duration::from_secs(profile.request_seconds.max(1)),
    };
    let server = Server {
        way,
        api_key: profile.api_key.clone(),
        algorithm: profile.algorithm,
        job_limit: Duration::from_secs(profile.job_seconds),
    };
    let kept = kept(profile, "apis").and_then(|path| fs::read_to_string(path).ok());
    let secret_key = profile.secret_key.clone();
    let spinner = RefCell::new(None);
    Remote::new(server, kept, Box::new(Terminal { secret_key, spinner }))
}

/// Keeps what a server told of its APIs.
pub(crate) fn keep(profile: &Profile, text: &str) -> Result<(), String> {
    let path = kept(profile, "apis").ok_or("there is no home directory to keep it in; set HOME")?;
    let dir = path.parent().unwrap_or(Path::new("."));
    make_private(dir)?;
    replace(&path, dir, text).map_err(|why| format!("{} cannot be written: {why}", path.display()))
}

/// The file in which something of a server is kept: one for each profile.
pub(crate) fn kept(profile: &Profile, what: &str) -> Option<PathBuf> {
    let name = match profile.name.as_str() {
        // No profile: the address tells servers apart.
        EMBEDDED => {
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            let url = profile.url.as_deref().unwrap_or_default();
            format!("url_{}", url.chars().map(plain).take(120).collect::<String>())
        }
        name => name.to_owned(),
    };
    Some(dirs::cache_dir()?.join("capuchin").join(format!("{name}.{what}")))
}

/// The address of the API: people leave its path out.
fn address(url: &str) -> String {
    let bare = url.trim_end_matches('/');
    let has_path = bare.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if has_path { url.to_owned() } else { format!("{bare}{API_PATH}") }
}

/// The terminal and the configuration, as the server's calls see them.
struct Terminal {
    secret_key: Option<SecretKey>,
    spinner: RefCell<Option<ProgressBar>>,
}

impl Attend for Terminal {
    fn now(&self) -> Time {
        clock::now()
    }

    fn secret_key(&self) -> Result<Secret, String> {
        secret_key(self.secret_key.as_ref(), Stdio::inherit)
    }

    fn secret_key_apart(&self) -> SecretApart {
        let key = self.secret_key.clone();
        Box::new(move || secret_key(key.as_ref(), Stdio::null))
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

/// The secret key. `terminal` is what a command that prints it has for input and errors.
fn secret_key(key: Option<&SecretKey>, terminal: fn() -> Stdio) -> Result<Secret, String> {
    match key {
        None => Err("there is no secret key; give one with CAPUCHIN_SECRET or \
                     `capuchin profile edit`"
            .to_owned()),
        Some(SecretKey::Here(secret)) => Ok(secret.clone()),
        Some(SecretKey::File(path)) => {
            let text = fs::read_to_string(path)
                .map_err(|why| format!("secretkey_file: {}: {why}", path.display()))?;
            first_line(&text).ok_or_else(|| format!("secretkey_file: {} is empty", path.display()))
        }
        Some(SecretKey::Command(command)) => printed(command, terminal),
    }
}

/// What a command of the system's shell prints; it may ask on the terminal, if there is one.
fn printed(command: &str, terminal: fn() -> Stdio) -> Result<Secret, String> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(terminal()).stderr(terminal());
    let output = shell.output().map_err(|why| format!("secretkey_command: {why}"))?;
    if !output.status.success() {
        return Err(format!("secretkey_command failed: {}", output.status));
    }
    let text = String::from_utf8(output.stdout);
    let text = text.map_err(|_| "secretkey_command printed no text".to_owned())?;
    first_line(&text).ok_or_else(|| "secretkey_command printed nothing".to_owned())
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
