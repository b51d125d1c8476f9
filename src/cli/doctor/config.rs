//! Whether the configuration can be read, and says nothing that nobody understands.

use std::path::Path;

use super::Finding;
use crate::cli::config::Config;
use crate::cli::settings::{EMBEDDED, Profile};
use crate::text::{Count, nearest, quoted};

const CHECK: &str = "configuration";

/// Looks at the file.
pub(super) fn check(file: &Path) -> Vec<Finding> {
    let place = file.display().to_string();
    if !file.exists() {
        let says = format!(
            "there is no {place}; commands go to the embedded store, or where options and \
             environment say"
        );
        return vec![Finding::ok(CHECK, says)];
    }
    match Config::load(file) {
        Ok(config) => judged(&place, &config, file.parent().unwrap_or(Path::new(""))),
        Err(why) => {
            let mend = format!("correct that line in an editor, or move {place} away");
            vec![Finding::wrong(CHECK, why, mend)]
        }
    }
}

fn judged(place: &str, config: &Config, dir: &Path) -> Vec<Finding> {
    let names = config.names();
    let mut findings = Vec::new();
    for name in config.strangers() {
        let hint = match nearest(&name, ["profile", "profiles"]) {
            Some(near) => format!("write `{near}` instead, or remove it"),
            None => "remove it".to_owned(),
        };
        findings.push(Finding::advice(
            CHECK,
            format!("{place}: nobody reads {}", quoted(&name)),
            hint,
        ));
    }
    for name in &names {
        let read = config.settings(name).and_then(|settings| {
            Profile::read(name, &settings.unwrap_or_default(), dir)
                .map(|profile| profile.url.is_some() || profile.store.is_some())
        });
        match read {
            Ok(true) => {}
            Ok(false) => findings.push(Finding::wrong(
                CHECK,
                format!("the profile {} has neither `url` nor `store`", quoted(name)),
                format!("capuchin profile edit {name} url=https://SERVER"),
            )),
            Err(why) => {
                let mend =
                    format!("capuchin profile edit {name} SETTING=VALUE; SETTING= removes one");
                findings.push(Finding::wrong(CHECK, why, mend));
            }
        }
    }
    match config.in_use() {
        Some(name) if name != EMBEDDED && !names.iter().any(|known| known == name) => {
            let near = nearest(name, names.iter().map(String::as_str)).unwrap_or(EMBEDDED);
            let says = format!("{} is in use, and there is no such profile", quoted(name));
            findings.push(Finding::wrong(CHECK, says, format!("capuchin profile use {near}")));
        }
        in_use => {
            let in_use = in_use.map_or("the embedded store".to_owned(), quoted);
            let count = Count::new(names.len() as u64, "profile", "profiles");
            findings.push(Finding::ok(CHECK, format!("{place}: {count}, in use is {in_use}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use std::fs;

    fn found(name: &str, text: &str) -> Vec<Finding> {
        let name = format!("capuchin-doctor-{name}-{}.toml", std::process::id());
        let file = std::env::temp_dir().join(name);
        fs::write(&file, text).unwrap();
        let found = check(&file);
        fs::remove_file(&file).unwrap();
        found
    }

    #[test]
    fn a_sound_configuration_is_told_in_a_line() {
        let text = "profile = \"a\"\n[profiles.a]\nurl = \"https://h/\"\n";
        let [finding] = found("sound", text).try_into().unwrap();
        assert_eq!(finding.state, State::Ok);
        assert!(finding.says.ends_with("1 profile, in use is `a`"), "{}", finding.says);
        let none = check(Path::new("/nowhere/config.toml")).remove(0);
        assert_eq!(none.state, State::Ok);
    }

    #[test]
    fn what_cannot_be_read_is_wrong_and_not_shown() {
        let [finding] = found("broken", "secretkey = hunter2\n").try_into().unwrap();
        assert_eq!(finding.state, State::Wrong);
        assert!(finding.says.contains("line 1") && !finding.says.contains("hunter2"));
    }

    #[test]
    fn what_nobody_reads_is_named() {
        let findings = found("strange", "profle = \"a\"\n");
        assert_eq!(findings[0].state, State::Advice);
        assert!(findings[0].says.contains("`profle`"), "{findings:?}");
        assert!(findings[0].mend.contains("`profile`"), "{findings:?}");
    }

    #[test]
    fn profiles_that_cannot_work_are_wrong() {
        let text = "profile = \"b\"\n[profiles.a]\nulr = \"https://h/\"\n[profiles.c]\n\
                    output = \"csv\"\n";
        let findings = found("profiles", text);
        assert!(findings.iter().all(|finding| finding.state == State::Wrong), "{findings:?}");
        assert!(findings[0].says.contains("did you mean `url`"), "{findings:?}");
        assert!(findings[1].says.contains("neither `url` nor `store`"), "{findings:?}");
        assert!(findings[2].says.contains("`b` is in use"), "{findings:?}");
    }
}
