//! What stands in files that people edit, or that may be damaged.

use crate::cli::config::Config;
use crate::cli::ini;
use crate::cli::settings::{self, Profile};
use crate::fuzzing::text;
use crate::schema::Source;
use crate::transport::entries::{Entries, ORIGIN};
use crate::transport::learn::learn;
use serde_json::json;
use std::path::Path;

/// The kept descriptions of a server's APIs; or, as JSON, its answer to `listApis`.
pub fn entries(data: &[u8]) {
    let kept = match serde_json::from_slice(data).ok().and_then(|answer| learn(&answer, json!({})))
    {
        Some((kept, count)) => {
            let entries = Entries::kept(kept.clone());
            let all = entries.all();
            assert!(all.len() <= count, "{} descriptions of {count} APIs", all.len());
            for spec in all {
                let found = entries.find(&spec.name.to_ascii_lowercase());
                assert!(found.is_some(), "{} was learnt and is not found", spec.name);
            }
            kept
        }
        None => text(data).into_owned(),
    };
    let lines = kept.lines().count();
    let entries = Entries::kept(kept.clone());
    let _ = entries.json(ORIGIN);
    let all = entries.all();
    assert!(all.len() <= lines);
    for line in kept.lines().take(64) {
        let name = line.split('\t').next().unwrap_or_default();
        if let Some(spec) = entries.find(name) {
            assert!(spec.response_name().len() <= spec.name.len() + 16);
        }
    }
}

/// A configuration, or CloudMonkey's.
pub fn profile(data: &[u8]) {
    let text = text(data);
    let path = Path::new("config.toml");
    let theirs = ini::read(&text);
    let sections = theirs.sections.iter().map(|(_, settings)| settings);
    for (key, value) in sections.chain([&theirs.core]).flatten() {
        let _ = settings::setting(key, value);
    }
    let Ok(mut config) = Config::parse(&text, path) else { return };
    let names = config.names();
    for name in &names {
        let Ok(found) = config.settings(name) else { continue };
        let found = found.unwrap_or_default();
        let Ok(profile) = Profile::read(name, &found, Path::new("/")) else { continue };
        assert!(!(profile.url.is_some() && profile.store.is_some()));
        let _ = profile.title();
        for (key, value) in &found {
            if let Ok(setting) = settings::setting(key, value) {
                assert_eq!(config.set(name, key, setting), Ok(()));
            }
        }
        let same = config.settings(name);
        assert_eq!(same, Ok(Some(found)), "set to what it was");
    }
    config.set_in_use(names.first().map(String::as_str));
    let written = config.to_string();
    let again = Config::parse(&written, path).map(|config| config.names());
    assert_eq!(again, Ok(names), "written and read again:\n{written}");
}
