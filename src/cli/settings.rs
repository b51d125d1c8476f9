//! The settings of a profile: what there is, what each may be, and a profile as they describe it.

use std::path::{Path, PathBuf};

use crate::cli::at::is_server;
use crate::cli::config::{Setting, Settings};
use crate::shell::render::Format;
use crate::shell::set::Keys;
use crate::text::{Secret, nearest, or_list, quoted};
use crate::transport::sign::Algorithm;

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    /// A text that is not shown.
    Secret,
    Flag,
    Seconds,
    Choice(&'static [&'static str]),
    Url,
    Format,
}

const KINDS: &[(&str, Kind)] = &[
    ("apikey", Kind::Text),
    ("asyncblock", Kind::Flag),
    ("cacert", Kind::Text),
    ("clientcert", Kind::Text),
    ("clientkey", Kind::Text),
    ("confirm", Kind::Choice(&["on", "off"])),
    ("domain", Kind::Text),
    ("editmode", Kind::Choice(Keys::NAMES)),
    ("humanise", Kind::Choice(&["on", "off"])),
    ("method", Kind::Choice(&["post", "get"])),
    ("output", Kind::Format),
    ("pager", Kind::Text),
    ("password", Kind::Secret),
    ("password_command", Kind::Text),
    ("password_file", Kind::Text),
    ("proxy", Kind::Url),
    ("request_timeout", Kind::Seconds),
    ("secretkey", Kind::Secret),
    ("secretkey_command", Kind::Text),
    ("secretkey_file", Kind::Text),
    ("signature", Kind::Choice(&["sha1", "sha256", "sha512"])),
    ("store", Kind::Text),
    ("timeout", Kind::Seconds),
    ("url", Kind::Url),
    ("username", Kind::Text),
    ("verifycert", Kind::Flag),
];

/// The names of the settings.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

/// The words that a setting may be; none where it may be more.
pub(crate) fn words(name: &str) -> Vec<&'static str> {
    let kind = KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind);
    match kind {
        Some(Kind::Flag) => vec!["true", "false"],
        Some(Kind::Choice(words)) => words.to_vec(),
        Some(Kind::Format) => Format::ALL.map(Format::name).to_vec(),
        _ => Vec::new(),
    }
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hidden {
    Here(Secret),
    /// The first line of a file.
    File(PathBuf),
    /// The first line that a command prints.
    Command(String),
}

/// A profile.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// The server; a profile without one is of a store.
    pub(crate) url: Option<String>,
    /// The embedded store.
    pub(crate) store: Option<PathBuf>,
    pub(crate) api_key: Option<String>,
    pub(crate) secret_key: Option<Hidden>,
    /// Who logs in where there is no key.
    pub(crate) username: Option<String>,
    pub(crate) password: Option<Hidden>,
    /// The path of the user's domain.
    pub(crate) domain: Option<String>,
    pub(crate) algorithm: Algorithm,
    /// Whether calls are sent by GET.
    pub(crate) get: bool,
    pub(crate) verify: bool,
    pub(crate) ca_cert: Option<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) output: Option<Format>,
    /// Whether a person is asked before something is ended.
    pub(crate) confirm: bool,
    /// The keys that lines are edited with.
    pub(crate) keys: Keys,
    /// Whether tables tell times and sizes in short.
    pub(crate) humanise: bool,
    /// What long answers go through: `off`, `auto` or a command.
    pub(crate) pager: Option<String>,
    /// Whether to wait for jobs.
    pub(crate) wait: bool,
    /// The longest wait for a job, in seconds; 0 is no limit.
    pub(crate) job_seconds: u64,
    /// The longest wait for an answer, in seconds.
    pub(crate) request_seconds: u64,
}

impl Profile {
    /// A profile that says nothing but its name.
    pub(crate) fn blank(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            url: None,
            store: None,
            api_key: None,
            secret_key: None,
            username: None,
            password: None,
            domain: None,
            algorithm: Algorithm::Sha1,
            get: false,
            verify: true,
            ca_cert: None,
            client_cert: None,
            client_key: None,
            proxy: None,
            output: None,
            confirm: true,
            keys: Keys::default(),
            humanise: true,
            pager: None,
            wait: true,
            job_seconds: 1800,
            request_seconds: 300,
        }
    }

    /// What the prompt calls it: its name, or the server's where there is no profile.
    pub(crate) fn title(&self) -> String {
        let server = self.url.as_deref().and_then(|url| url.split('/').nth(2));
        server.filter(|_| self.name == EMBEDDED).unwrap_or(&self.name).to_owned()
    }

    /// Reads settings; paths among them start in `dir`.
    pub(crate) fn read(name: &str, settings: &Settings, dir: &Path) -> Result<Self, String> {
        let mut profile = Self::blank(name);
        for (key, text) in settings {
            setting(key, text).map_err(|why| format!("the profile {}: {why}", quoted(name)))?;
            profile.take(key, text, dir);
        }
        if profile.url.is_some() && profile.store.is_some() {
            return Err(format!("the profile {} has both `url` and `store`", quoted(name)));
        }
        Ok(profile)
    }

    /// Its settings as they are in force, without secrets.
    pub(crate) fn shown(&self) -> Vec<(String, String)> {
        let signature = match self.algorithm {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        };
        let hidden = |secret: &Option<Hidden>| match secret {
            Some(_) => "(redacted)".to_owned(),
            None => String::new(),
        };
        let shown = [
            ("apikey", self.api_key.clone().unwrap_or_default()),
            ("method", if self.get { "get" } else { "post" }.to_owned()),
            ("request_timeout", self.request_seconds.to_string()),
            ("password", hidden(&self.password)),
            ("secretkey", hidden(&self.secret_key)),
            ("signature", signature.to_owned()),
            ("timeout", self.job_seconds.to_string()),
            ("url", self.url.clone().unwrap_or_default()),
            ("username", self.username.clone().unwrap_or_default()),
            ("verifycert", self.verify.to_string()),
        ];
        shown.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Changes one setting; a path among them starts in `dir`.
    pub(crate) fn set(&mut self, key: &str, text: &str, dir: &Path) -> Result<(), String> {
        if !text.is_empty() {
            setting(key, text)?;
        }
        match key {
            "secretkey" | "secretkey_command" | "secretkey_file" => self.secret_key = None,
            "password" | "password_command" | "password_file" => self.password = None,
            _ => {}
        }
        self.take(key, text, dir);
        Ok(())
    }

    fn take(&mut self, key: &str, text: &str, dir: &Path) {
        let owned = || Some(text.to_owned()).filter(|text| !text.is_empty());
        let path = || owned().map(|text| dir.join(home(&text)));
        let seconds = || text.parse().unwrap_or_default();
        // What stands here goes before a command, and that before a file.
        let place = match key.rsplit_once('_') {
            Some((_, "command")) => owned().map(Hidden::Command),
            Some((_, "file")) => path().map(Hidden::File),
            _ => owned().map(|secret| Hidden::Here(Secret::new(secret))),
        };
        match key {
            "apikey" => self.api_key = owned(),
            "asyncblock" => self.wait = text == "true",
            "cacert" => self.ca_cert = path(),
            "clientcert" => self.client_cert = path(),
            "clientkey" => self.client_key = path(),
            "confirm" => self.confirm = text != "off",
            "domain" => self.domain = owned(),
            "editmode" => self.keys = Keys::named(text).unwrap_or_default(),
            "humanise" => self.humanise = text != "off",
            "method" => self.get = text == "get",
            "pager" => self.pager = owned(),
            "output" => self.output = text.parse().ok(),
            "password" | "password_command" | "password_file" if self.password.is_none() => {
                self.password = place;
            }
            "request_timeout" => self.request_seconds = seconds(),
            "proxy" => self.proxy = owned(),
            "secretkey" | "secretkey_command" | "secretkey_file" if self.secret_key.is_none() => {
                self.secret_key = place;
            }
            "signature" => {
                self.algorithm = match text {
                    "sha512" => Algorithm::Sha512,
                    "sha256" => Algorithm::Sha256,
                    _ => Algorithm::Sha1,
                }
            }
            // The address of a server is not in any folder.
            "store" if is_server(text) => self.store = owned().map(PathBuf::from),
            "store" => self.store = path(),
            "timeout" => self.job_seconds = seconds(),
            "url" => self.url = owned(),
            "username" => self.username = owned(),
            "verifycert" => self.verify = text == "true",
            _ => {}
        }
    }
}

/// A path as people write it: `~/` is the home directory.
fn home(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(dirs::home_dir()) {
        Some((rest, home)) => home.join(rest),
        None => PathBuf::from(text),
    }
}

/// The value of the setting `key`, or what is wrong with either.
pub(crate) fn setting(key: &str, text: &str) -> Result<Setting, String> {
    let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == key) else {
        let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        let hint = match nearest(key, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", crate::text::and_list(&names)),
        };
        return Err(format!("there is no setting {}; {hint}", quoted(key)));
    };
    let must = |what: &str| Err(format!("{key}={} must be {what}", quoted(text)));
    match kind {
        Kind::Flag => match text {
            "true" => Ok(Setting::Flag(true)),
            "false" => Ok(Setting::Flag(false)),
            _ => must("`true` or `false`"),
        },
        Kind::Seconds => match text.parse::<u32>() {
            Ok(seconds) => Ok(Setting::Number(seconds.into())),
            Err(_) => must("a number of seconds"),
        },
        Kind::Choice(choices) if !choices.contains(&text) => must(&or_list(choices)),
        Kind::Url => match url(text) {
            Ok(()) => Ok(Setting::Text(text.to_owned())),
            Err(why) => Err(format!("{key}: {why}")),
        },
        Kind::Format => match text.parse::<Format>() {
            Ok(_) => Ok(Setting::Text(text.to_owned())),
            Err(why) => Err(format!("output={}: {why}", quoted(text))),
        },
        Kind::Text | Kind::Secret | Kind::Choice(_) => Ok(Setting::Text(text.to_owned())),
    }
}

/// Whether the value of this setting is not shown.
pub(crate) fn is_secret(key: &str) -> bool {
    KINDS.iter().any(|(name, kind)| *name == key && *kind == Kind::Secret)
}

/// Whether this is an address of a server.
pub(crate) fn url(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Err("a URL must begin with `https://` or `http://`".to_owned());
    };
    let server = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if server.contains('@') {
        return Err("a URL must have no user and password in it".to_owned());
    }
    if server.is_empty() || text.contains(char::is_whitespace) || text.contains(['?', '#']) {
        return Err(format!("{} is no URL of a server", quoted(text)));
    }
    Ok(())
}

/// Whether a profile may be called so: the name becomes one of a file.
pub(crate) fn name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name == EMBEDDED {
        return Err(format!("`{EMBEDDED}` is the store in this program, not a profile"));
    }
    if name.is_empty()
        || name.len() > 64
        || !name.chars().all(plain)
        || name.starts_with(['.', '-'])
    {
        return Err(format!(
            "a profile cannot be called {}; use letters, digits, `.`, `-` and `_`",
            quoted(name)
        ));
    }
    Ok(())
}

/// What is called when no server is: it takes the place of a profile's name.
pub(crate) const EMBEDDED: &str = "embedded";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Profile, String> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Profile::read("p", &pairs.collect(), Path::new("/etc/c"))
    }

    #[test]
    fn what_is_not_set_is_safe() {
        let profile = read(&[("url", "https://h")]).unwrap();
        assert!(profile.verify && profile.wait && !profile.get);
        assert_eq!((profile.job_seconds, profile.request_seconds), (1800, 300));
        let profile = read(&[("verifycert", "false"), ("cacert", "a.pem"), ("method", "get")]);
        let profile = profile.unwrap();
        assert!(!profile.verify && profile.get);
        assert_eq!(profile.ca_cert, Some(PathBuf::from("/etc/c/a.pem")));
    }

    #[test]
    fn a_secret_does_not_print() {
        let profile = read(&[("secretkey", "hunter2"), ("secretkey_command", "x")]).unwrap();
        assert_eq!(profile.secret_key, Some(Hidden::Here(Secret::new("hunter2"))));
        assert!(!format!("{profile:?}").contains("hunter2"));
        assert!(is_secret("secretkey") && !is_secret("secretkey_file"));
        let profile = read(&[("password_file", "p"), ("password_command", "x")]).unwrap();
        assert_eq!(profile.password, Some(Hidden::Command("x".into())));
        let profile = read(&[("password_file", "p"), ("password", "hunter2")]).unwrap();
        assert_eq!(profile.password, Some(Hidden::Here(Secret::new("hunter2"))));
        assert!(!format!("{profile:?}").contains("hunter2") && is_secret("password"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let cases = [
            ("verifcert", "true", "did you mean `verifycert`?"),
            ("verifycert", "no", "must be `true` or `false`"),
            ("timeout", "soon", "must be a number of seconds"),
            ("method", "put", "must be `post` or `get`"),
            ("url", "cloud", "must begin with `https://`"),
            ("url", "https://a:b@h/", "no user and password"),
            ("url", "https://", "is no URL"),
            ("output", "xml", "unknown output format"),
        ];
        for (key, value, why) in cases {
            let found = read(&[(key, value)]).unwrap_err();
            assert!(found.contains(why), "{found}");
        }
        assert!(read(&[("url", "http://h"), ("store", "x")]).is_err());
    }

    #[test]
    fn names_are_plain() {
        for good in ["prod", "eu-1.a_b"] {
            assert_eq!(name(good), Ok(()));
        }
        for bad in ["", "a b", "../a", ".a", "-a", "embedded", "a/b"] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
