//! Who is asked: from options, environment and configuration to a server or a store.
//!
//! Options go before the environment, the environment before the profile. A profile or a store
//! that an option names is meant: what the environment says about servers does not count then.
//! `CLOUDSTACK_ENDPOINT`, `CLOUDSTACK_KEY` and `CLOUDSTACK_SECRET`, as other clients read them,
//! count where no `CAPUCHIN_PROFILE`, `CAPUCHIN_URL`, `CAPUCHIN_KEY` or `CAPUCHIN_SECRET` is set.
//! `CAPUCHIN_USERNAME`, `CAPUCHIN_PASSWORD` and `CAPUCHIN_DOMAIN` log in; a key, wherever it comes
//! from, goes before a password.

use std::path::{Path, PathBuf};

use crate::cli::args::Args;
use crate::cli::at::At;
use crate::cli::cmk;
use crate::cli::config::{self, Config};
use crate::cli::settings::{self, EMBEDDED, Hidden, Profile};
use crate::text::{Secret, nearest, quoted};

/// Whom commands go to.
#[derive(Debug, PartialEq)]
pub(crate) enum Target {
    /// The store at this place, or the one in the data directory.
    Store(Option<Box<At>>, Profile),
    /// The server of this profile.
    Server(Profile),
}

/// One layer of what was said.
#[derive(Debug, Clone, Default)]
struct Said {
    profile: Option<String>,
    url: Option<String>,
    key: Option<String>,
    secret: Option<Secret>,
    store: Option<PathBuf>,
    username: Option<String>,
    password: Option<Secret>,
    domain: Option<String>,
}

/// Reads a variable of the environment.
pub(crate) type Variable<'e> = &'e dyn Fn(&str) -> Option<String>;

/// The configuration file: an option, the environment, or the usual place.
pub(crate) fn config_file(args: &Args, variable: Variable<'_>) -> Result<PathBuf, String> {
    let named = args.config.clone().or_else(|| variable("CAPUCHIN_CONFIG").map(PathBuf::from));
    named.or_else(config::default_path).ok_or_else(|| {
        "there is no home directory to keep the configuration in; set HOME, or name a file with -c"
            .to_owned()
    })
}

/// Whom commands go to.
pub(crate) fn target(args: &Args, variable: Variable<'_>) -> Result<Target, String> {
    let options = Said {
        profile: args.profile.clone(),
        url: args.url.clone(),
        key: args.key.clone(),
        secret: args.secret.clone(),
        store: args.store.clone(),
        ..Said::default()
    };
    if options.store.is_some() {
        let server = options.url.is_some() || options.key.is_some() || options.secret.is_some();
        if server || options.profile.is_some() {
            return Err("--store names a store, the other options a server; choose one".to_owned());
        }
        let at = options.store.as_deref().map(|store| at(store, None, variable)).transpose()?;
        return Ok(Target::Store(at, Profile::blank(EMBEDDED)));
    }
    let environment = environment(&options, variable);
    if let Some(store) = environment.store.filter(|_| options.url.is_none()) {
        let at = at(&store, None, variable)?;
        return Ok(Target::Store(Some(at), Profile::blank(EMBEDDED)));
    }
    let named = options.profile.or(environment.profile);
    let mut profile = match config_file(args, variable) {
        Ok(file) => profile(&file, named.as_deref(), args)?,
        Err(why) if named.is_some() => return Err(why),
        Err(_) => Profile::blank(EMBEDDED),
    };
    if let Some(url) = options.url.or(environment.url) {
        settings::url(&url)?;
        profile.url = Some(url);
    }
    profile.api_key = options.key.or(environment.key).or(profile.api_key);
    let secret = options.secret.or(environment.secret).map(Hidden::Here);
    profile.secret_key = secret.or(profile.secret_key);
    if environment.username.is_some() {
        // A password is one user's, and so is a domain.
        profile.username = environment.username;
        profile.domain = None;
        profile.password = None;
    }
    profile.domain = environment.domain.or(profile.domain);
    profile.password = environment.password.map(Hidden::Here).or(profile.password);
    if profile.url.is_some() {
        return Ok(Target::Server(profile));
    }
    let password = profile.password.clone();
    let at = profile.store.as_deref().map(|store| at(store, password, variable)).transpose()?;
    Ok(Target::Store(at, profile))
}

/// A store with its password: from its address, the environment or the profile.
pub(crate) fn at(
    store: &Path,
    password: Option<Hidden>,
    variable: Variable<'_>,
) -> Result<Box<At>, String> {
    let said = variable("CAPUCHIN_STORE_PASSWORD").map(|word| Hidden::Here(Secret::new(word)));
    Ok(Box::new(At::read(store)?.or_password(said).or_password(password)))
}

fn environment(options: &Said, variable: Variable<'_>) -> Said {
    if options.profile.is_some() {
        return Said::default();
    }
    let own = Said {
        profile: variable("CAPUCHIN_PROFILE"),
        url: variable("CAPUCHIN_URL"),
        key: variable("CAPUCHIN_KEY"),
        secret: variable("CAPUCHIN_SECRET").map(Secret::new),
        store: variable("CAPUCHIN_STORE").map(PathBuf::from),
        username: variable("CAPUCHIN_USERNAME"),
        password: variable("CAPUCHIN_PASSWORD").map(Secret::new),
        domain: variable("CAPUCHIN_DOMAIN"),
    };
    let says_server = own.url.is_some() || own.key.is_some() || own.secret.is_some();
    let says_server = says_server || own.username.is_some() || own.password.is_some();
    if says_server || own.profile.is_some() || own.store.is_some() {
        return own;
    }
    Said {
        url: variable("CLOUDSTACK_ENDPOINT"),
        key: variable("CLOUDSTACK_KEY"),
        secret: variable("CLOUDSTACK_SECRET").map(Secret::new),
        ..Said::default()
    }
}

/// The profile of this name, or the one in use, or a blank one.
fn profile(file: &Path, named: Option<&str>, args: &Args) -> Result<Profile, String> {
    if args.config.is_some() && !file.exists() {
        return Err(format!("there is no configuration {}", file.display()));
    }
    let config = if args.cmk { cmk::config(file)? } else { Config::load(file)? };
    let name = named.or(config.in_use()).unwrap_or(EMBEDDED);
    if name == EMBEDDED {
        return Ok(Profile::blank(EMBEDDED));
    }
    let Some(settings) = config.settings(name)? else {
        let names = config.names();
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`capuchin profile list` lists them".to_owned(),
        };
        return Err(format!("there is no profile {}; {hint}", quoted(name)));
    };
    Profile::read(name, &settings, file.parent().unwrap_or(Path::new("")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    const CONFIG: &str = "profile = \"a\"\n[profiles.a]\nurl = \"http://a/\"\napikey = \"ka\"\n\
                          secretkey = \"sa\"\n[profiles.b]\nstore = \"b.db\"\n";

    fn found(line: &str, environment: &[(&str, &str)]) -> Result<Target, String> {
        use std::sync::atomic::{AtomicU32, Ordering};
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = format!("capuchin-target-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(dir);
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("config.toml");
        std::fs::write(&file, CONFIG).unwrap();
        let words = ["capuchin", "-c", file.to_str().unwrap()].into_iter();
        let args = crate::cli::args::read(
            words.chain(line.split(' ').filter(|w| !w.is_empty())).map(OsString::from),
        )
        .unwrap();
        let variable = |name: &str| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        let found = target(&args, &variable);
        std::fs::remove_dir_all(&dir).unwrap();
        found
    }

    /// URL, key and secret of the server that is asked; or the name of the store.
    fn told(line: &str, environment: &[(&str, &str)]) -> String {
        match found(line, environment) {
            Ok(Target::Server(profile)) => {
                let secret = match profile.secret_key {
                    Some(Hidden::Here(secret)) => secret.expose().to_owned(),
                    _ => "-".to_owned(),
                };
                let key = profile.api_key.unwrap_or_else(|| "-".into());
                format!("{} {key} {secret}", profile.url.unwrap_or_default())
            }
            Ok(Target::Store(None, _)) => "home".to_owned(),
            Ok(Target::Store(Some(at), _)) => {
                let place = at.place.to_string();
                place.rsplit('/').next().unwrap_or_default().to_owned()
            }
            Err(why) => why,
        }
    }

    #[test]
    fn options_go_before_the_environment_and_that_before_the_profile() {
        let own = [("CAPUCHIN_URL", "http://e"), ("CAPUCHIN_SECRET", "se")];
        assert_eq!(told("", &[]), "http://a/ ka sa");
        assert_eq!(told("", &own), "http://e ka se");
        assert_eq!(told("-u http://o", &own), "http://o ka se");
        assert_eq!(told("-u http://o -k ko -s so", &own), "http://o ko so");
        assert_eq!(told("-p a -s so", &own), "http://a/ ka so");
    }

    #[test]
    fn a_user_of_the_environment_has_the_password_of_the_environment() {
        let user = [("CAPUCHIN_USERNAME", "u"), ("CAPUCHIN_PASSWORD", "p")];
        let Ok(Target::Server(profile)) = found("", &user) else { panic!() };
        assert_eq!(
            (profile.username.as_deref(), profile.api_key.as_deref()),
            (Some("u"), Some("ka"))
        );
        assert_eq!(profile.password, Some(Hidden::Here(Secret::new("p"))));
        let Ok(Target::Server(profile)) = found("-p a", &user) else { panic!() };
        assert_eq!((profile.username, profile.password), (None, None));
    }

    #[test]
    fn variables_of_other_clients_count_last() {
        let others = [
            ("CLOUDSTACK_ENDPOINT", "http://c"),
            ("CLOUDSTACK_KEY", "kc"),
            ("CLOUDSTACK_SECRET", "sc"),
        ];
        assert_eq!(told("", &others), "http://c kc sc");
        assert_eq!(told("-p a", &others), "http://a/ ka sa");
        let own = [others.as_slice(), &[("CAPUCHIN_PROFILE", "a")]].concat();
        assert_eq!(told("", &own), "http://a/ ka sa");
    }

    #[test]
    fn stores_and_servers_are_not_mixed() {
        let store = [("CAPUCHIN_STORE", "x.db")];
        assert_eq!(told("", &store), "x.db");
        assert_eq!(told("-p a", &store), "http://a/ ka sa");
        assert_eq!(told("-p b", &[]), "b.db");
        assert_eq!(told("-p embedded", &[]), "home");
        assert_eq!(told("--store y.db", &store), "y.db");
        assert!(told("--store y.db -p a", &[]).contains("choose one"));
    }

    #[test]
    fn a_profile_must_be_there() {
        assert_eq!(
            told("-p prod", &[]),
            "there is no profile `prod`; `capuchin profile list` \
                                          lists them"
        );
        assert!(told("-u cloud", &[]).contains("must begin with"));
    }
}
