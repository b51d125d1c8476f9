//! The configuration file: `capuchin/config.toml` in the XDG configuration directory.
//!
//! ```toml
//! profile = "prod"                 # the one in use
//!
//! [profiles.prod]
//! url = "https://cloud.example.com/client/api"
//! apikey = "..."
//! secretkey_command = "pass show cloudstack/prod"
//! ```
//!
//! It is changed in place, comments stay. A change is written to a second file, synced and renamed
//! over the first, under a lock: whoever is killed at whatever moment leaves the old file or the
//! new one, and two who change it at once both succeed. Only this file knows `toml_edit`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use crate::cli::store::make_private;
use crate::text::quoted;

/// A profile's settings as text, by name.
pub(crate) type Settings = BTreeMap<String, String>;

/// The value of a setting as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Setting {
    Text(String),
    Flag(bool),
    Number(i64),
}

/// The file's content.
#[derive(Default)]
pub(crate) struct Config(DocumentMut);

/// Where the file is unless something else is said.
pub(crate) fn default_path() -> Option<PathBuf> {
    dirs::config_dir().map(|dir| dir.join("capuchin").join("config.toml"))
}

impl Config {
    /// Reads the file; one that is not there is empty.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::NotFound => String::new(),
            Err(why) => return Err(format!("{} cannot be read: {why}", path.display())),
        };
        Self::parse(&text, path)
    }

    /// Reads the text of the file at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, String> {
        let document = text.parse::<DocumentMut>().map_err(|why| {
            // The message proper: the excerpt that the crate adds may hold a secret.
            format!("{} is not TOML{}: {}", path.display(), place(text, &why), why.message())
        })?;
        let config = Self(document);
        if config.0.get("profiles").is_some_and(|profiles| !profiles.is_table_like()) {
            return Err(format!("{}: `profiles` must be a table", path.display()));
        }
        Ok(config)
    }

    /// Changes the file. Where `change` refuses, nothing is written.
    pub(crate) fn change<T>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        // A link to a file elsewhere stays one.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let lock = lock(&path)?;
        let mut config = Self::load(&path)?;
        let done = change(&mut config)?;
        replace(&path, &config.to_string()).map_err(|why| wrong(&path, "written", &why))?;
        drop(lock);
        Ok(done)
    }

    /// The name of the profile in use.
    pub(crate) fn in_use(&self) -> Option<&str> {
        self.0.get("profile").and_then(Item::as_str).filter(|name| !name.is_empty())
    }

    /// Puts a profile into use, or none.
    pub(crate) fn set_in_use(&mut self, name: Option<&str>) {
        match (name, self.0.get_mut("profile").and_then(Item::as_value_mut)) {
            (Some(name), Some(old)) => {
                let decor = old.decor().clone();
                *old = name.into();
                *old.decor_mut() = decor;
            }
            (Some(name), None) => drop(self.0.insert("profile", value(name))),
            (None, _) => drop(self.0.remove("profile")),
        }
    }

    /// What stands in the file beside profiles and nobody reads.
    pub(crate) fn strangers(&self) -> Vec<String> {
        let names = self.0.iter().map(|(name, _)| name);
        names.filter(|name| !["profile", "profiles"].contains(name)).map(str::to_owned).collect()
    }

    /// The names of all profiles, in the order of the file.
    pub(crate) fn names(&self) -> Vec<String> {
        let profiles = self.0.get("profiles").and_then(Item::as_table_like);
        profiles.into_iter().flat_map(|table| table.iter()).map(|(n, _)| n.to_owned()).collect()
    }

    /// The settings of a profile, if there is one of this name.
    pub(crate) fn settings(&self, name: &str) -> Result<Option<Settings>, String> {
        let Some(profile) = self.0.get("profiles").and_then(|profiles| profiles.get(name)) else {
            return Ok(None);
        };
        let wrong = || format!("the profile {} is no table of settings", quoted(name));
        let table = profile.as_table_like().ok_or_else(wrong)?;
        let mut settings = Settings::new();
        for (key, item) in table.iter() {
            settings.insert(
                key.to_owned(),
                text(item).ok_or_else(|| {
                    format!(
                        "the profile {}: {} must be a text, a number or true or false",
                        quoted(name),
                        quoted(key)
                    )
                })?,
            );
        }
        Ok(Some(settings))
    }

    /// Adds or changes a setting of a profile, and adds the profile.
    pub(crate) fn set(&mut self, profile: &str, key: &str, setting: Setting) -> Result<(), String> {
        let table = self.table(profile)?;
        let new = match setting {
            Setting::Text(text) => toml_edit::Value::from(text),
            Setting::Flag(flag) => flag.into(),
            Setting::Number(number) => number.into(),
        };
        match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                let decor = old.decor().clone();
                *old = new;
                *old.decor_mut() = decor;
            }
            None => drop(table.insert(key, Item::Value(new))),
        }
        Ok(())
    }

    /// Takes a setting away.
    pub(crate) fn unset(&mut self, profile: &str, key: &str) -> Result<(), String> {
        self.table(profile)?.remove(key);
        Ok(())
    }

    /// Takes a profile away; whether there was one.
    pub(crate) fn remove(&mut self, profile: &str) -> bool {
        let profiles = self.0.get_mut("profiles").and_then(Item::as_table_like_mut);
        profiles.and_then(|profiles| profiles.remove(profile)).is_some()
    }

    fn table(&mut self, profile: &str) -> Result<&mut dyn toml_edit::TableLike, String> {
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        let profiles = self.0.entry("profiles").or_insert_with(implicit);
        let wrong = || format!("the profile {} is no table of settings", quoted(profile));
        let profiles = profiles.as_table_like_mut().ok_or_else(wrong)?;
        let item = profiles.entry(profile).or_insert(Item::Table(Table::new()));
        item.as_table_like_mut().ok_or_else(wrong)
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn text(item: &Item) -> Option<String> {
    let flag = || item.as_bool().map(|flag| flag.to_string());
    let number = || item.as_integer().map(|number| number.to_string());
    item.as_str().map(str::to_owned).or_else(flag).or_else(number)
}

fn place(text: &str, why: &toml_edit::TomlError) -> String {
    let before = why.span().and_then(|span| text.get(..span.start));
    before.map(|before| format!(" (line {})", before.matches('\n').count() + 1)).unwrap_or_default()
}

/// Opens a file that only its owner may read, making it if need be.
fn private(path: &Path, new: bool) -> io::Result<File> {
    let mut how = OpenOptions::new();
    how.write(true).create(!new).create_new(new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

/// Writes a file that only its owner may read, and no two at once: wholly or not at all.
pub(crate) fn keep(path: &Path, text: &str) -> Result<(), String> {
    let lock = lock(path)?;
    replace(path, text).map_err(|why| wrong(path, "written", &why))?;
    drop(lock);
    Ok(())
}

fn wrong(path: &Path, what: &str, why: &io::Error) -> String {
    format!("{} cannot be {what}: {why}; nothing was changed", path.display())
}

fn dir(path: &Path) -> &Path {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    dir.unwrap_or(Path::new("."))
}

/// Makes the file's directory and waits until nobody else changes the file.
fn lock(path: &Path) -> Result<File, String> {
    make_private(dir(path))?;
    private(&path.with_extension("lock"), false)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|why| wrong(path, "locked", &why))
}

/// Puts a file with this text in the place of the one at `path`, wholly or not at all.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    // What a killed one left, which had the lock that we have now.
    match fs::remove_file(&beside) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    let mut file = private(&beside, true)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    if cfg!(unix) { File::open(dir(path))?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let name = format!("capuchin-config-{name}-{}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&dir);
        dir.join("config.toml")
    }

    fn text_of(text: &str) -> Setting {
        Setting::Text(text.into())
    }

    #[test]
    fn comments_and_order_stay() {
        let path = scratch("comments");
        make_private(path.parent().unwrap()).unwrap();
        let old = "# mine\nprofile = \"b\" # now\n\n[profiles.b]\nurl = \"http://b/\" # old\n\
                   # secret\nsecretkey = \"s\"\n\n[profiles.a]\nurl = \"http://a/\"\n";
        fs::write(&path, old).unwrap();
        Config::change(&path, |config| {
            config.set("b", "url", text_of("http://c/"))?;
            config.set("b", "verifycert", Setting::Flag(false))?;
            config.set_in_use(Some("a"));
            Ok(())
        })
        .unwrap();
        let new = old.replace("http://b/", "http://c/").replace("\"b\" #", "\"a\" #");
        let new = new.replace("\"s\"\n", "\"s\"\nverifycert = false\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), new);
        let config = Config::load(&path).unwrap();
        assert_eq!(config.in_use(), Some("a"));
        assert_eq!(config.names(), ["b", "a"]);
        assert_eq!(config.settings("b").unwrap().unwrap()["verifycert"], "false");
        assert_eq!(config.settings("c").unwrap(), None);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let path = scratch("mode");
        Config::change(&path, |config| config.set("a", "url", text_of("u"))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "[profiles.a]\nurl = \"u\"\n");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        Config::change(&path, |config| config.set("a", "url", text_of("v"))).unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_understood_is_left_alone_and_not_quoted() {
        let path = scratch("broken");
        make_private(path.parent().unwrap()).unwrap();
        let text = "a = 1\nsecretkey = hunter2\n";
        fs::write(&path, text).unwrap();
        let why = Config::change(&path, |config| config.set("a", "b", text_of("c"))).unwrap_err();
        assert!(why.contains("is not TOML (line 2)") && !why.contains("hunter2"), "{why}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn a_refused_change_writes_nothing() {
        let path = scratch("refused");
        let refused: Result<(), _> = Config::change(&path, |config| {
            config.set("a", "b", text_of("c"))?;
            Err("no".into())
        });
        assert_eq!(refused, Err("no".into()));
        assert!(!path.exists());
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}
