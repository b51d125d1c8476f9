//! `set`: the options of a session.

use std::fmt::Write as _;

use super::line::Word;
use super::pager::Pager;
use super::render::Format;
use super::session::Look;
use super::wrong::Wrong;

/// What setting an option changes for the session.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effect {
    /// Nothing that the session need know.
    Nothing,
    /// The format of answers.
    Format(Format),
    /// Whether jobs are waited for.
    Wait(bool),
    /// Whether a person is asked before something is ended.
    Confirm(bool),
    /// The keys that a line is edited with.
    Keys(Keys),
    /// Whether tables tell times and sizes in short.
    Humanise(bool),
    /// What long answers go through.
    Pager(Pager),
    /// All of how answers are shown: another server is asked from now on.
    Look(Look),
}

/// The keys that a line is edited with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Those of emacs and of most shells.
    #[default]
    Emacs,
    /// Those of vi.
    Vi,
}

impl Keys {
    /// Their names.
    pub(crate) const NAMES: &[&str] = &["emacs", "vi"];

    /// Those of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Emacs, Self::Vi].into_iter().find(|keys| keys.name() == name)
    }

    /// How they are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Emacs => "emacs",
            Self::Vi => "vi",
        }
    }
}

/// Knows the options and what each may be.
pub(crate) trait Options {
    /// The options and their values, for `set` alone; secrets are not among the values.
    fn shown(&self, look: Look) -> Vec<(String, String)>;
    /// The options that can be set, and the words that each may be if there are only some.
    fn known(&self) -> Vec<(String, Vec<String>)> {
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
        words().map(|(name, words)| (name.to_owned(), owned(words))).into()
    }
    /// Sets an option; also says something about it, where there is something to say.
    fn set(&self, name: &str, value: &str) -> Result<(Effect, Option<String>), String>;
}

/// The options that concern the session alone, and the words that each may be.
fn words() -> [(&'static str, Vec<&'static str>); 6] {
    [
        ("asyncblock", vec!["true", "false"]),
        ("confirm", vec!["on", "off"]),
        ("editmode", Keys::NAMES.to_vec()),
        ("humanise", vec!["on", "off"]),
        ("output", Format::ALL.map(Format::name).to_vec()),
        ("pager", vec!["auto", "off"]),
    ]
}

/// The options where there is nothing around the session.
pub(crate) struct Plain;

impl Options for Plain {
    fn shown(&self, look: Look) -> Vec<(String, String)> {
        own(look).map(|(name, value)| (name.to_owned(), value)).into()
    }

    fn set(&self, name: &str, value: &str) -> Result<(Effect, Option<String>), String> {
        let effect = effect(name, value).unwrap_or_else(|| {
            let text = "there are `asyncblock`, `confirm`, `editmode`, `humanise`, `output` and \
                        `pager`, and no other options here";
            Err(text.to_owned())
        });
        effect.map(|effect| (effect, None))
    }
}

/// The options that concern the session alone, with their values.
pub(crate) fn own(look: Look) -> [(&'static str, String); 6] {
    let format = look.format.map_or("table on a terminal, else json", Format::name);
    let confirm = if look.sure { "off" } else { "on" };
    [
        ("asyncblock", (!look.no_wait).to_string()),
        ("confirm", confirm.to_owned()),
        ("editmode", look.keys.name().to_owned()),
        ("humanise", if look.exact { "off" } else { "on" }.to_owned()),
        ("output", format.to_owned()),
        ("pager", look.pager.name().to_owned()),
    ]
}

/// What setting one of these does; nothing for other options.
pub(crate) fn effect(name: &str, value: &str) -> Option<Result<Effect, String>> {
    match (name, value) {
        ("output" | "display", _) => {
            Some(value.parse().map(Effect::Format).map_err(|why| format!("{name}: {why}")))
        }
        ("asyncblock", "true") => Some(Ok(Effect::Wait(true))),
        ("asyncblock", "false") => Some(Ok(Effect::Wait(false))),
        ("asyncblock", _) => Some(Err("asyncblock must be `true` or `false`".to_owned())),
        ("confirm", "on") => Some(Ok(Effect::Confirm(true))),
        ("confirm", "off") => Some(Ok(Effect::Confirm(false))),
        ("confirm", _) => Some(Err("confirm must be `on` or `off`".to_owned())),
        ("editmode", _) => Some(match Keys::named(value) {
            Some(keys) => Ok(Effect::Keys(keys)),
            None => Err("editmode must be `emacs` or `vi`".to_owned()),
        }),
        ("humanise", "on") => Some(Ok(Effect::Humanise(true))),
        ("humanise", "off") => Some(Ok(Effect::Humanise(false))),
        ("humanise", _) => Some(Err("humanise must be `on` or `off`".to_owned())),
        ("pager", command) => Some(Pager::named(command).map(Effect::Pager)),
        _ => None,
    }
}

/// The name and the value of `set NAME VALUE...` or `set NAME=VALUE`; no value is an empty one.
pub(super) fn read(words: &[Word]) -> Option<(String, String)> {
    let first = words.first()?;
    if let Some(given) = first.assignment() {
        let rest = words.get(1..)?.iter().map(|word| word.text.as_str());
        let value: Vec<_> = [given.value].into_iter().chain(rest).collect();
        return Some((given.name.to_lowercase(), value.join(" ")));
    }
    let value: Vec<_> = words.get(1..)?.iter().map(|word| word.text.as_str()).collect();
    Some((first.text.to_lowercase(), value.join(" ")))
}

/// Lines of names and values.
pub(super) fn list(options: &[(String, String)]) -> String {
    let widest = options.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in options {
        let _ = writeln!(text, "{}", format!("{name:widest$}  {value}").trim_end());
    }
    text
}

/// A fault of the option that the words set.
pub(super) fn wrong(words: &[Word], why: String) -> Wrong {
    match words.first().zip(words.last()) {
        Some((first, last)) => Wrong::at(first.span.start..last.span.end, why),
        None => Wrong::new(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::parse;

    fn given(line: &str) -> Option<(String, String)> {
        read(&parse(line).unwrap().remove(0).words)
    }

    #[test]
    fn both_spellings_are_read() {
        let both = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(given("Output csv"), both("output", "csv"));
        assert_eq!(given("output=csv"), both("output", "csv"));
        assert_eq!(given("prompt a b"), both("prompt", "a b"));
        assert_eq!(given("apikey"), both("apikey", ""));
    }

    #[test]
    fn only_what_is_allowed_is_set() {
        assert!(matches!(Plain.set("output", "csv"), Ok((Effect::Format(Format::Csv), None))));
        assert!(matches!(Plain.set("asyncblock", "false"), Ok((Effect::Wait(false), None))));
        assert!(Plain.set("asyncblock", "x").unwrap_err().contains("`true` or `false`"));
        assert!(matches!(Plain.set("confirm", "off"), Ok((Effect::Confirm(false), None))));
        assert!(Plain.set("confirm", "no").unwrap_err().contains("`on` or `off`"));
        let vi = Plain.set("editmode", "vi");
        assert!(matches!(vi, Ok((Effect::Keys(Keys::Vi), None))));
        assert!(Plain.set("editmode", "ed").unwrap_err().contains("`emacs` or `vi`"));
        assert!(Plain.set("output", "xml").unwrap_err().contains("unknown output format"));
        assert!(Plain.set("url", "x").is_err());
        for (name, words) in Plain.known() {
            for word in words {
                assert!(Plain.set(&name, &word).is_ok(), "{name} {word}");
            }
        }
        assert!(matches!(Plain.set("humanise", "off"), Ok((Effect::Humanise(false), None))));
        assert!(Plain.set("humanise", "no").unwrap_err().contains("`on` or `off`"));
        let pager = |text: &str| match Plain.set("pager", text) {
            Ok((Effect::Pager(pager), None)) => Ok(pager.name()),
            Ok(_) => Err(String::new()),
            Err(why) => Err(why),
        };
        assert_eq!((pager("off"), pager("auto")), (Ok("off"), Ok("auto")));
        assert_eq!(pager("less -S"), Ok("less -S"));
        assert!(pager("").unwrap_err().contains("`off`, `auto` or a command"));
        let shown = list(&Plain.shown(Look::default()));
        assert_eq!(
            shown,
            "asyncblock  true\nconfirm     on\neditmode    emacs\nhumanise    on\n\
             output      table on a terminal, else json\npager       off\n"
        );
    }
}
