//! Where a store is, as people write it: a file, or `mysql://user@host/database?option=value`.

use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

use crate::cli::settings::Hidden;
use crate::store::{Place, Server};
use crate::text::{Secret, nearest, quoted};

/// A store with what is needed to get in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At {
    /// The place; a server's password is not in it yet.
    pub(crate) place: Place,
    /// The server's password.
    pub(crate) password: Option<Hidden>,
}

/// The options behind the `?` of a store on a server.
const OPTIONS: &[&str] = &[
    "ca",
    "connect-timeout",
    "max-active",
    "max-idle",
    "max-wait",
    "password-command",
    "password-file",
    "socket",
    "statement-timeout",
];

impl At {
    /// A file.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self { place: Place::File(path), password: None }
    }

    /// Reads what stands in `--store`, `CAPUCHIN_STORE` or a profile.
    pub(crate) fn read(text: &Path) -> Result<Self, String> {
        let Some(words) = text.to_str().filter(|text| is_server(text)) else {
            return Ok(Self::file(text.to_owned()));
        };
        let url = Url::parse(words).map_err(|why| format!("{}: {why}", quoted(words)))?;
        if url.password().is_some() {
            return Err("the password of a store does not belong into its address, where every \
                        user of this machine can read it; set CAPUCHIN_STORE_PASSWORD, or add \
                        ?password-file=FILE"
                .to_owned());
        }
        let mut at = Self { place: Place::Server(server(&url)?), password: None };
        for (name, value) in url.query_pairs() {
            at.option(&name, &value)?;
        }
        Ok(at)
    }

    /// The same with the password from the environment, or from a profile, where the address
    /// names none.
    pub(crate) fn or_password(mut self, password: Option<Hidden>) -> Self {
        self.password = self.password.or(password);
        self
    }

    /// The place with its password, which `find` finds.
    pub(crate) fn place(
        &self,
        find: impl FnOnce(&Hidden) -> Result<Secret, String>,
    ) -> Result<Place, String> {
        match (&self.place, &self.password) {
            (Place::Server(server), Some(hidden)) => {
                let password = Some(find(hidden)?);
                Ok(Place::Server(Server { password, ..server.clone() }))
            }
            (place, _) => Ok(place.clone()),
        }
    }

    fn option(&mut self, name: &str, value: &str) -> Result<(), String> {
        let Place::Server(server) = &mut self.place else { return Ok(()) };
        match name {
            "ca" => server.ca = Some(value.into()),
            "socket" => server.socket = Some(value.into()),
            "connect-timeout" => server.connect_time = seconds(name, value)?,
            "statement-timeout" => server.statement_time = seconds(name, value)?,
            "max-wait" => server.patience = seconds(name, value)?,
            "max-active" => server.most = count(name, value, 3)?,
            "max-idle" => server.idle = count(name, value, 0)?,
            "password-file" => self.password = Some(Hidden::File(value.into())),
            "password-command" => self.password = Some(Hidden::Command(value.into())),
            _ => return Err(unknown(name)),
        }
        Ok(())
    }
}

/// Whether a text names a store on a server.
pub(crate) fn is_server(text: &str) -> bool {
    ["mysql://", "mariadb://"].iter().any(|scheme| text.starts_with(scheme))
}

fn server(url: &Url) -> Result<Server, String> {
    let database = url.path().trim_start_matches('/');
    let lacks = |what: &str| {
        format!("{}: it names no {what}; write mysql://user@host/database", quoted(url.as_str()))
    };
    if url.username().is_empty() {
        return Err(lacks("user"));
    }
    if database.is_empty() || database.contains('/') {
        return Err(lacks("database"));
    }
    let host = url.host().ok_or_else(|| lacks("host"))?.to_string();
    // An IPv6 address stands in brackets in an address of the web.
    let named = Server::new(url.username(), host.trim_matches(['[', ']']), database);
    Ok(Server { port: url.port().unwrap_or(named.port), ..named })
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    let seconds = value.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    let wrong = || format!("{name} of the store is {}, not 1 to 3600 seconds", quoted(value));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

fn count(name: &str, value: &str, least: usize) -> Result<usize, String> {
    let count = value.parse().ok().filter(|count| (least..=10_000).contains(count));
    count.ok_or_else(|| {
        format!("{name} of the store is {}, not {least} to 10000 connections", quoted(value))
    })
}

fn unknown(name: &str) -> String {
    let hint = match nearest(name, OPTIONS.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", OPTIONS.join(", ")),
    };
    format!("a store on a server has no option {}; {hint}", quoted(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<At, String> {
        At::read(Path::new(text))
    }

    fn server_of(text: &str) -> Server {
        match read(text).unwrap().place {
            Place::Server(server) => server,
            Place::File(path) => panic!("{}", path.display()),
        }
    }

    #[test]
    fn a_path_is_a_file_and_an_address_a_server() {
        assert_eq!(read("a/b.db").unwrap(), At::file("a/b.db".into()));
        let plain = server_of("mysql://cloud@db.example/ipam");
        assert_eq!(
            (plain.user.as_str(), plain.port, plain.database.as_str()),
            ("cloud", 3306, "ipam")
        );
        assert_eq!(plain.host, "db.example");
        let server = server_of("mariadb://c@[::1]:15001/i?max-active=3&connect-timeout=1&ca=/a");
        assert_eq!((server.host.as_str(), server.port, server.most), ("::1", 15001, 3));
        assert_eq!(server.connect_time, Duration::from_secs(1));
        assert_eq!(server.ca.as_deref(), Some(Path::new("/a")));
    }

    #[test]
    fn passwords_stay_out_of_the_address_and_go_in_at_the_end() {
        assert!(read("mysql://u:secret@h/d").unwrap_err().contains("CAPUCHIN_STORE_PASSWORD"));
        let at = read("mysql://u@h/d?password-file=/p").unwrap();
        let other = Some(Hidden::Here(Secret::new("x")));
        assert_eq!(at.clone().or_password(other.clone()).password, at.password);
        let at = read("mysql://u@h/d").unwrap().or_password(other);
        let place = at.place(|_| Ok(Secret::new("found"))).unwrap();
        let Place::Server(server) = &place else { panic!() };
        assert_eq!(server.password.as_ref().map(Secret::expose), Some("found"));
        assert_eq!(place.to_string(), "mysql://u@h:3306/d");
        assert!(!format!("{at:?} {place:?}").contains("found"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (text, why) in [
            ("mysql://h/d", "no user"),
            ("mysql://u@h", "no database"),
            ("mysql://u@h/a/b", "no database"),
            ("mysql://u@h:x/d", "invalid port"),
            ("mysql://u@h/d?max-activ=3", "did you mean `max-active`?"),
            ("mysql://u@h/d?max-active=1", "3 to 10000"),
            ("mysql://u@h/d?connect-timeout=soon", "1 to 3600"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }
}
