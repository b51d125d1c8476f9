//! `capuchin profile`: the profiles in the configuration.

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use crate::cli::args::ProfileCommand;
use crate::cli::config::{Config, Setting, Settings};
use crate::cli::ini::{self, Ini};
use crate::cli::server;
use crate::cli::settings::{self, EMBEDDED, Profile};
use crate::shell::out::Out;
use crate::shell::render::{Format, Shape, View, render, terminal_width};
use crate::shell::{Look, Status};
use crate::text::{and_list, nearest, quoted};

/// What was done: a few words, or an answer.
enum Done {
    Said(Vec<String>),
    Profiles(Json),
    Profile(Json),
}

/// Does what the command says with the configuration in `file`.
pub(crate) fn run(command: ProfileCommand, file: &Path, look: Look) -> Status {
    let mut out = Out::std();
    let answer = match act(command, file) {
        Ok(Done::Said(lines)) => {
            for line in lines {
                out.message(format_args!("{line}"));
            }
            return Status::Done;
        }
        Ok(Done::Profiles(answer)) => (answer, Shape::List { key: "profile" }),
        Ok(Done::Profile(answer)) => (answer, Shape::Flat),
        Err(why) => {
            out.error(format_args!("{why}"));
            return Status::Misused;
        }
    };
    let preferred = if look.terminal { Format::Table } else { Format::Json };
    let view = View {
        shape: answer.1,
        columns: &["name", "inuse", "url", "store"],
        filter: &[],
        exclude: &[],
        width: if look.terminal { terminal_width() } else { None },
        colour: look.colour,
        human: None,
    };
    let format = look.format.unwrap_or(preferred);
    match out.result(|to| render(format, &answer.0, &view, to)) {
        Ok(()) | Err(crate::shell::out::Broken::Pipe) => Status::Done,
        Err(_) => Status::Unavailable,
    }
}

fn act(command: ProfileCommand, file: &Path) -> Result<Done, String> {
    match command {
        ProfileCommand::List { .. } => list(&Config::load(file)?).map(Done::Profiles),
        ProfileCommand::Show { name, .. } => {
            let config = Config::load(file)?;
            let in_use = config.in_use().map(str::to_owned);
            let name = name.or(in_use).ok_or("no profile is in use; name one")?;
            let found = config.settings(&name)?.ok_or_else(|| unknown(&config, &name))?;
            Ok(Done::Profile(shown(&name, &found)))
        }
        ProfileCommand::Add { name, settings, .. } => add(file, &name, &settings),
        ProfileCommand::Edit { name, settings, .. } => edit(file, &name, &settings),
        ProfileCommand::Use { name, .. } => put_into_use(file, &name),
        ProfileCommand::Remove { name, .. } => Config::change(file, |config| {
            if !config.remove(&name) {
                return Err(unknown(config, &name));
            }
            server::forget(&name);
            let mut said = vec![format!("Removed the profile {name}.")];
            if config.in_use() == Some(&name) {
                config.set_in_use(None);
                said.push("No profile is in use now: commands go to the embedded store.".into());
            }
            Ok(Done::Said(said))
        }),
        ProfileCommand::Import { file: from, .. } => import(file, from),
    }
}

fn list(config: &Config) -> Result<Json, String> {
    let mut rows = Vec::new();
    for name in config.names() {
        let settings = config.settings(&name)?.unwrap_or_default();
        let mut row = Map::new();
        row.insert("name".into(), json!(name));
        row.insert("inuse".into(), json!(config.in_use() == Some(&name)));
        for key in ["url", "store"] {
            row.extend(settings.get(key).map(|value| (key.to_owned(), json!(value))));
        }
        rows.push(Json::Object(row));
    }
    Ok(if rows.is_empty() { json!({}) } else { json!({"count": rows.len(), "profile": rows}) })
}

fn shown(name: &str, settings: &Settings) -> Json {
    let mut fields = Map::new();
    fields.insert("name".into(), json!(name));
    for (key, value) in settings {
        let value = if settings::is_secret(key) { "(redacted)" } else { value };
        fields.insert(key.clone(), json!(value));
    }
    Json::Object(fields)
}

fn unknown(config: &Config, name: &str) -> String {
    let names = config.names();
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "`capuchin profile add` makes one".to_owned(),
        None => {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            format!("there is {}", and_list(&names))
        }
    };
    format!("there is no profile {}; {hint}", quoted(name))
}

/// Reads `name=value` words; a value `-` is the next line of standard input.
fn assignments(words: &[String]) -> Result<Vec<(String, String)>, String> {
    let mut given: Vec<(String, String)> = Vec::new();
    for word in words {
        let (key, text) = word
            .split_once('=')
            .ok_or_else(|| format!("{} is not of the form setting=value", quoted(word)))?;
        let key = key.to_lowercase();
        let text = if text == "-" { line_of_input(&key)? } else { text.to_owned() };
        if given.iter().any(|(known, _)| *known == key) {
            return Err(format!("{} is given twice; write it once", quoted(&key)));
        }
        given.push((key, text));
    }
    Ok(given)
}

fn line_of_input(key: &str) -> Result<String, String> {
    if io::stdin().is_terminal() {
        return Err(format!("{key}=- reads standard input, which must not be the terminal"));
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.map_err(|why| format!("standard input cannot be read: {why}"))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

fn apply(config: &mut Config, name: &str, given: &[(String, String)]) -> Result<(), String> {
    for (key, text) in given {
        if text.is_empty() {
            config.unset(name, key)?;
        } else {
            config.set(name, key, settings::setting(key, text)?)?;
        }
    }
    let settings = config.settings(name)?.unwrap_or_default();
    let profile = Profile::read(name, &settings, Path::new(""))?;
    if profile.url.is_none() && profile.store.is_none() {
        return Err(format!("the profile {} needs `url` or `store`", quoted(name)));
    }
    Ok(())
}

fn add(file: &Path, name: &str, words: &[String]) -> Result<Done, String> {
    settings::name(name)?;
    let given = assignments(words)?;
    Config::change(file, |config| {
        if config.names().iter().any(|known| known == name) {
            let name = quoted(name);
            return Err(format!("there is a profile {name} already; `profile edit` changes it"));
        }
        apply(config, name, &given)?;
        server::forget(name);
        let mut said = vec![format!("Added the profile {name}.")];
        if config.in_use().is_none() && config.names().len() == 1 {
            config.set_in_use(Some(name));
            said.push(format!("It is in use; `capuchin profile use {EMBEDDED}` leaves it."));
        }
        Ok(Done::Said(said))
    })
}

fn edit(file: &Path, name: &str, words: &[String]) -> Result<Done, String> {
    let given = assignments(words)?;
    Config::change(file, |config| {
        if !config.names().iter().any(|known| known == name) {
            return Err(unknown(config, name));
        }
        apply(config, name, &given)?;
        server::forget(name);
        Ok(Done::Said(vec![format!("Changed the profile {name}.")]))
    })
}

fn put_into_use(file: &Path, name: &str) -> Result<Done, String> {
    Config::change(file, |config| {
        if name == EMBEDDED {
            config.set_in_use(None);
            return Ok(Done::Said(vec!["Commands go to the embedded store.".to_owned()]));
        }
        if !config.names().iter().any(|known| known == name) {
            return Err(unknown(config, name));
        }
        config.set_in_use(Some(name));
        Ok(Done::Said(vec![format!("Commands go to the profile {name}.")]))
    })
}

/// Where CloudMonkey keeps its configuration.
pub(crate) fn cmk_config() -> Option<PathBuf> {
    dirs::home_dir().map(|home| home.join(".cmk").join("config"))
}

/// Takes CloudMonkey's profiles over; those that there are already stay as they are.
fn import(file: &Path, from: Option<PathBuf>) -> Result<Done, String> {
    let from = from.or_else(cmk_config).ok_or("there is no home directory; name the file")?;
    let text =
        fs::read(&from).map_err(|why| format!("{} cannot be read: {why}", from.display()))?;
    let ini = ini::read(&String::from_utf8_lossy(&text));
    Config::change(file, |config| {
        let mut said = take_all(config, &ini)?;
        if said.is_empty() {
            said.push(format!("{} has no profiles.", from.display()));
        }
        Ok(Done::Said(said))
    })
}

/// Takes the profiles over, and which of them is in use.
pub(crate) fn take_all(config: &mut Config, ini: &Ini) -> Result<Vec<String>, String> {
    let mut said = Vec::new();
    for (name, section) in &ini.sections {
        said.push(take_over(config, name, section, &ini.core)?);
    }
    let wanted = ini.core.get("profile").filter(|name| config.names().contains(*name));
    if let (None, Some(name)) = (config.in_use(), wanted) {
        config.set_in_use(Some(name));
        said.push(format!("Commands go to the profile {name}."));
    }
    Ok(said)
}

/// Takes a user over who logs in; CloudMonkey's own, which is in every profile, is nobody's.
fn user(
    config: &mut Config,
    name: &str,
    section: &Settings,
) -> Result<Option<&'static str>, String> {
    let full = |key: &str| section.get(key).filter(|value| !value.is_empty());
    let (Some(user), Some(password)) = (full("username"), full("password")) else {
        return Ok(Some("it has no keys"));
    };
    if (user.as_str(), password.as_str()) == ("admin", "password") {
        return Ok(Some("it has no keys"));
    }
    config.set(name, "username", Setting::Text(user.clone()))?;
    config.set(name, "password", Setting::Text(password.clone()))?;
    if let Some(domain) = full("domain").filter(|domain| *domain != "/") {
        config.set(name, "domain", Setting::Text(domain.clone()))?;
    }
    Ok(Some("it has no keys and logs in"))
}

fn take_over(
    config: &mut Config,
    name: &str,
    section: &Settings,
    core: &Settings,
) -> Result<String, String> {
    if let Err(why) = settings::name(name) {
        return Ok(format!("Left out: {why}."));
    }
    if config.names().iter().any(|known| known == name) {
        return Ok(format!("Left the profile {name} as it is: it was here before."));
    }
    let full = |key: &str| section.get(key).filter(|value| !value.is_empty());
    let Some(url) = full("url").filter(|url| settings::url(url).is_ok()) else {
        return Ok(format!("Left out the profile {name}: it has no usable URL."));
    };
    config.set(name, "url", Setting::Text(url.clone()))?;
    let mut notes = Vec::new();
    match (full("apikey"), full("secretkey")) {
        (Some(key), Some(secret)) => {
            config.set(name, "apikey", Setting::Text(key.clone()))?;
            config.set(name, "secretkey", Setting::Text(secret.clone()))?;
        }
        _ => notes.extend(user(config, name, section)?),
    }
    let option = |key: &str| section.get(key).or_else(|| core.get(key)).map(String::as_str);
    if option("verifycert") == Some("false") {
        config.set(name, "verifycert", Setting::Flag(false))?;
        notes.push("the certificate is not verified");
    }
    if option("asyncblock") == Some("false") {
        config.set(name, "asyncblock", Setting::Flag(false))?;
    }
    if option("postrequest") == Some("false") {
        config.set(name, "method", Setting::Text("get".into()))?;
    }
    if option("signaturealgorithm").is_some_and(|name| name.eq_ignore_ascii_case("HmacSHA512")) {
        config.set(name, "signature", Setting::Text("sha512".into()))?;
    }
    let timeout = option("timeout").filter(|seconds| !["0", "1800"].contains(seconds));
    if let Some(Ok(seconds)) = timeout.map(|text| settings::setting("timeout", text)) {
        config.set(name, "timeout", seconds)?;
    }
    let note = if notes.is_empty() { String::new() } else { format!("; {}", notes.join("; ")) };
    Ok(format!("Took over the profile {name}{note}."))
}
