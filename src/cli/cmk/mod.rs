//! The program under the name of CloudMonkey, `cmk`: its flags, its configuration and its `set`.
//!
//! What was started through a link or a copy named `cmk`, or as `capuchin cmk`, reads its
//! arguments as CloudMonkey does. Where there is no configuration of ours it reads CloudMonkey's,
//! which it never writes: what `set` keeps goes into ours, and the profiles go with it.

mod flags;
mod keep;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use crate::cli::args::{self, Args, Unread};
use crate::cli::config::{Config, Setting};
use crate::cli::ini::{self, Ini};
use crate::cli::profile::{cmk_config, take_all};
use crate::cli::run::variable;
use crate::cli::settings;
use crate::shell::line::quote;
use crate::shell::render::Format;

pub(crate) use keep::keep;

/// The arguments for CloudMonkey, the program's name in front, if that is who is wanted.
pub(crate) fn wanted(all: &[OsString]) -> Option<&[OsString]> {
    let (program, rest) = all.split_first()?;
    let name = Path::new(program).file_stem().and_then(OsStr::to_str);
    if name == Some("cmk") {
        return Some(all);
    }
    rest.first().is_some_and(|word| word == "cmk").then_some(rest)
}

/// Reads its arguments.
pub(crate) fn read(all: &[OsString]) -> Result<Args, Unread> {
    let words = all.iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    let words: Vec<_> = words.collect();
    let ours = flags::translated(&words)?;
    let ours = ["capuchin".to_owned()].into_iter().chain(ours).map(OsString::from);
    let args = args::read(ours)?;
    let named = variable("CMK_OUTPUT");
    let output = match (args.output, named) {
        (None, Some(name)) => Some(
            name.parse::<Format>()
                .map_err(|why| Unread { text: format!("CMK_OUTPUT: {why}"), code: 2 })?,
        ),
        (given, _) => given,
    };
    Ok(Args { cmk: true, output, ..args })
}

/// A line with a word `|` in it, as a line of the shell: the program behind it gets the answer.
pub(crate) fn piped(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| word == "|")?;
    let (command, program) = (words.get(..at)?, words.get(at + 1..)?);
    let command: Vec<_> = command.iter().map(|word| quote(word).into_owned()).collect();
    Some(format!("{} | {}", command.join(" "), program.join(" ")))
}

/// The configuration in `file`, which may be one of CloudMonkey's; without it, that of
/// CloudMonkey.
pub(crate) fn config(file: &Path) -> Result<Config, String> {
    if file.exists() {
        return Config::load(file).or_else(|why| theirs(file).ok_or(why));
    }
    Ok(cmk_config().and_then(|path| theirs(&path)).unwrap_or_default())
}

/// The profiles of a file of CloudMonkey's, if it is one.
fn theirs(file: &Path) -> Option<Config> {
    let text = fs::read(file).ok()?;
    let ini = ini::read(&String::from_utf8_lossy(&text));
    let mut config = Config::default();
    fill(&mut config, &ini).ok()?;
    (!ini.sections.is_empty()).then_some(config)
}

/// Takes profiles over, and the options that CloudMonkey has for all of them.
fn fill(config: &mut Config, ini: &Ini) -> Result<(), String> {
    let before = config.names();
    take_all(config, ini)?;
    let output =
        ini.core.get("output").filter(|output| settings::setting("output", output).is_ok());
    let Some(output) = output else { return Ok(()) };
    for name in config.names().iter().filter(|name| !before.contains(name)) {
        config.set(name, "output", Setting::Text(output.clone()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn it_is_known_by_its_name_and_by_its_command() {
        let words = |given: &[&str]| {
            let given = all(given);
            wanted(&given).map(|found| found[1..].to_vec())
        };
        assert_eq!(words(&["/usr/bin/cmk", "list"]), Some(all(&["list"])));
        assert_eq!(words(&["cmk.exe"]), Some(all(&[])));
        assert_eq!(words(&["capuchin", "cmk", "-h"]), Some(all(&["-h"])));
        assert_eq!(words(&["capuchin", "list", "cmk"]), None);
    }

    #[test]
    fn a_word_that_is_a_pipe_is_one() {
        let words = |line: &[&str]| line.iter().map(ToString::to_string).collect::<Vec<_>>();
        let line = words(&["list", "zones", "name=a b", "|", "grep", "-c", "x"]);
        assert_eq!(piped(&line).unwrap(), "list zones 'name=a b' | grep -c x");
        assert_eq!(piped(&words(&["list", "a|b"])), None);
    }

    #[test]
    fn options_for_all_profiles_go_to_each() {
        let ini = ini::read(
            "output = csv\nprofile = b\n[a]\nurl = http://a\napikey = k\nsecretkey = s\n[b]\n\
             url = http://b\n",
        );
        let mut config = Config::default();
        fill(&mut config, &ini).unwrap();
        assert_eq!(config.in_use(), Some("b"));
        for name in ["a", "b"] {
            assert_eq!(config.settings(name).unwrap().unwrap()["output"], "csv");
        }
    }
}
