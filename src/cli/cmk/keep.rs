//! CloudMonkey's `set`, whose values last: they go into the configuration of ours.

use std::fs;
use std::path::Path;

use crate::cli::config::{Config, Setting};
use crate::cli::ini;
use crate::cli::profile::cmk_config;
use crate::cli::settings;
use crate::text::{nearest, quoted};

/// Where CloudMonkey thinks that the server is, and what it calls that.
const SERVER: (&str, &str) = ("localcloud", "http://localhost:8080/client/api");

/// The options, and what each is here.
const OPTIONS: &[(&str, Kept)] = &[
    ("apikey", Kept::Profile("apikey")),
    ("asyncblock", Kept::All("asyncblock")),
    ("autocomplete", Kept::Nothing),
    ("debug", Kept::Nothing),
    ("display", Kept::All("output")),
    ("domain", Kept::Profile("domain")),
    ("output", Kept::All("output")),
    ("password", Kept::Profile("password")),
    ("postrequest", Kept::All("method")),
    ("profile", Kept::InUse),
    ("prompt", Kept::Nothing),
    ("secretkey", Kept::Profile("secretkey")),
    ("signaturealgorithm", Kept::Profile("signature")),
    ("timeout", Kept::All("timeout")),
    ("url", Kept::Profile("url")),
    ("username", Kept::Profile("username")),
    ("verifycert", Kept::All("verifycert")),
];

/// What an option is here.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kept {
    /// A setting of the profile in use.
    Profile(&'static str),
    /// A setting of every profile.
    All(&'static str),
    /// The profile in use.
    InUse,
    /// Nothing to keep.
    Nothing,
}

/// Keeps the value of an option in `file`; returns what there is to say.
pub(crate) fn keep(
    file: &Path,
    profile: Option<&str>,
    name: &str,
    value: &str,
) -> Result<Option<String>, String> {
    let Some((_, option)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
        return Err(unknown(name));
    };
    if *option == Kept::Nothing {
        return Ok(Some(format!("`{name}` changes nothing here.")));
    }
    let is_new = !file.exists();
    Config::change(file, |config| {
        if is_new {
            take_over(config)?;
        }
        let mut said = Vec::new();
        match *option {
            Kept::InUse => put_into_use(config, value, &mut said)?,
            Kept::Profile(key) => {
                let profile = target(config, profile, &mut said)?;
                store(config, &profile, key, value)?;
            }
            Kept::All(key) => {
                target(config, profile, &mut said)?;
                for profile in config.names() {
                    store(config, &profile, key, value)?;
                }
            }
            Kept::Nothing => {}
        }
        Ok(Some(said.join("\n")).filter(|said| !said.is_empty()))
    })
}

/// The names of the options, for completion and lists.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|(name, _)| *name)
}

fn unknown(name: &str) -> String {
    let hint = match nearest(name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`set` alone lists them".to_owned(),
    };
    format!("there is no option {}; {hint}", quoted(name))
}

/// What CloudMonkey knows goes into a configuration that is new.
fn take_over(config: &mut Config) -> Result<(), String> {
    let Some(text) = cmk_config().and_then(|path| fs::read(path).ok()) else { return Ok(()) };
    super::fill(config, &ini::read(&String::from_utf8_lossy(&text)))
}

/// The profile that is changed; the first is made as CloudMonkey makes it.
fn target(
    config: &mut Config,
    named: Option<&str>,
    said: &mut Vec<String>,
) -> Result<String, String> {
    if let Some(name) = named.or(config.in_use()) {
        let name = name.to_owned();
        if !config.names().contains(&name) {
            return Err(format!("there is no profile {}; `set profile` makes one", quoted(&name)));
        }
        return Ok(name);
    }
    let (name, _) = SERVER;
    if !config.names().iter().any(|known| known == name) {
        make(config, name, said)?;
    }
    config.set_in_use(Some(name));
    Ok(name.to_owned())
}

fn put_into_use(config: &mut Config, name: &str, said: &mut Vec<String>) -> Result<(), String> {
    if name.is_empty() {
        return Err("`set profile` needs the name of a profile".to_owned());
    }
    if !config.names().iter().any(|known| known == name) {
        let names = config.names();
        let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        make(config, name, said)?;
        said.extend(near.map(|near| format!("Did you mean `{near}`?")));
    }
    config.set_in_use(Some(name));
    Ok(())
}

fn make(config: &mut Config, name: &str, said: &mut Vec<String>) -> Result<(), String> {
    settings::name(name)?;
    let url = SERVER.1;
    config.set(name, "url", Setting::Text(url.to_owned()))?;
    said.push(format!("Made the profile {name}, for {url}; `set url` changes that."));
    Ok(())
}

fn store(config: &mut Config, profile: &str, key: &str, value: &str) -> Result<(), String> {
    let value = ours(key, value);
    if value.is_empty() {
        return config.unset(profile, key);
    }
    config.set(profile, key, settings::setting(key, value)?)
}

/// The value as we write it.
fn ours<'v>(key: &str, value: &'v str) -> &'v str {
    match (key, value.to_ascii_lowercase().as_str()) {
        ("method", "true") => "post",
        ("method", "false") => "get",
        ("signature", "hmacsha1") => "sha1",
        ("signature", "hmacsha512") => "sha512",
        // The server is asked what it takes with what it always takes.
        ("signature", "auto") => "",
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let mut config = Config::default();
        crate::cli::cmk::fill(&mut config, &ini::read(text)).unwrap();
        config
    }

    #[test]
    fn a_new_profile_is_said_and_has_a_server() {
        let mut config = config("[prod]\nurl=http://p\n");
        let mut said = Vec::new();
        put_into_use(&mut config, "prdo", &mut said).unwrap();
        assert_eq!(config.in_use(), Some("prdo"));
        assert!(said[0].starts_with("Made the profile prdo, for http://localhost:8080"));
        assert_eq!(said[1], "Did you mean `prod`?");
        assert!(put_into_use(&mut config, "a b", &mut said).is_err());
        assert!(put_into_use(&mut config, "", &mut said).is_err());
    }

    #[test]
    fn values_are_written_as_ours() {
        let mut config = config("profile=a\n[a]\nurl=http://a\n");
        for (key, value) in [("method", "false"), ("signature", "HmacSHA512"), ("timeout", "60")] {
            store(&mut config, "a", key, value).unwrap();
        }
        let found = config.settings("a").unwrap().unwrap();
        assert_eq!((found["method"].as_str(), found["signature"].as_str()), ("get", "sha512"));
        store(&mut config, "a", "signature", "auto").unwrap();
        assert!(!config.settings("a").unwrap().unwrap().contains_key("signature"));
        assert!(store(&mut config, "a", "timeout", "abc").unwrap_err().contains("seconds"));
    }

    #[test]
    fn a_mistyped_option_gets_the_right_one() {
        let why = keep(Path::new("/nowhere"), None, "outptu", "csv").unwrap_err();
        assert_eq!(why, "there is no option `outptu`; did you mean `output`?");
        let said = keep(Path::new("/nowhere"), None, "prompt", "x").unwrap();
        assert_eq!(said.as_deref(), Some("`prompt` changes nothing here."));
    }
}
