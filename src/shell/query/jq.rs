//! The language of jq. Only this file knows the `jaq` crates.

use std::io::{self, Write};
use std::ops::Range;

use jaq_core::load::{Arena, Error as LoadError, File, Loader, lex, span};
use jaq_core::{Compiler, Ctx, Filter, Vars, compile, data, load};
use jaq_json::{Val, read};

use crate::shell::render::safe_json;
use crate::text::quoted;

/// What jq has and the crates leave out.
const FORMATS: &str = r#"
def @csv: map(
  if type == "string" then "\"" + (split("\"") | join("\"\"")) + "\""
  elif type == "array" or type == "object" then error("\(.) is no cell of CSV")
  elif . == null then "" else tostring end) | join(",");
def @tsv: map(
  if type == "string" then split("\\") | join("\\\\") | split("\t") | join("\\t")
    | split("\n") | join("\\n") | split("\r") | join("\\r")
  elif type == "array" or type == "object" then error("\(.) is no cell of TSV")
  elif . == null then "" else tostring end) | join("\t");
"#;

/// How many values are not kept waiting for others.
const EAGER: usize = 200;
/// What is shown at most of the values that an error names.
const SHOWN: usize = 200;

type Data = data::JustLut<Val>;

/// What is wrong with a query, and the bytes of it that are.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// How the values of an answer are written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Texts as they are, without quotes.
    pub(super) raw: bool,
    /// Nothing that a terminal would obey.
    pub(super) visible: bool,
}

/// How a query ended.
#[derive(Debug)]
pub(super) enum Ended {
    Done,
    /// It said itself that it ends, with this code.
    Halted(i32),
    /// A step of it has no result, and why.
    Failed(String),
    /// What it wrote could not be written.
    Lost(io::Error),
}

/// What is wrong with the query, if anything.
pub(super) fn check(query: &str) -> Option<Fault> {
    compiled(query).err()
}

/// Answers the query about a JSON text: writes a line for each value, as it comes.
pub(super) fn answer(query: &str, json: &[u8], manner: Manner, out: &mut dyn Write) -> Ended {
    let filter = match compiled(query) {
        Ok(filter) => filter,
        Err(fault) => return Ended::Failed(fault.text),
    };
    let input = match read::parse_single(json) {
        Ok(input) => input,
        Err(why) => return Ended::Failed(format!("the answer is no JSON: {why}")),
    };
    let context = Ctx::<Data>::new(&filter.lut, Vars::new([]));
    for (count, found) in filter.id.run((context, input)).enumerate() {
        let value = match found {
            Ok(value) => value,
            Err(thrown) => {
                return match thrown.get_err() {
                    Ok(why) => Ended::Failed(shown(why.into_val())),
                    Err(other) => Ended::Halted(other.get_halt().unwrap_or(1)),
                };
            }
        };
        let written = write(&value, manner, out);
        // The first come at once, and many come together.
        let flushed = written.and_then(|()| if count < EAGER { out.flush() } else { Ok(()) });
        if let Err(why) = flushed {
            return Ended::Lost(why);
        }
    }
    Ended::Done
}

/// What an error says. Of a long value in it the begin and the end are enough.
fn shown(value: Val) -> String {
    let text = match &value {
        Val::TStr(text) => String::from_utf8_lossy(text).into_owned(),
        other => other.to_string(),
    };
    let letters = text.chars().count();
    if letters <= SHOWN {
        return text;
    }
    let begin = text.chars().take(SHOWN / 2);
    begin.chain(['\u{2026}']).chain(text.chars().skip(letters - SHOWN / 2)).collect()
}

fn write(value: &Val, manner: Manner, out: &mut dyn Write) -> io::Result<()> {
    match value {
        Val::TStr(text) | Val::BStr(text) if manner.raw => {
            if manner.visible {
                out.write_all(visible(&String::from_utf8_lossy(text)).as_bytes())?;
            } else {
                out.write_all(text)?;
            }
        }
        value => {
            let mut text = Vec::new();
            safe_json(&value.to_string(), &mut text);
            out.write_all(&text)?;
        }
    }
    out.write_all(b"\n")
}

/// The text with control characters escaped, those aside that only move on.
fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => seen.push(c),
            c if c.is_control() => seen.extend(c.escape_default()),
            c => seen.push(c),
        }
    }
    seen
}

fn compiled(query: &str) -> Result<Filter<Data>, Fault> {
    let formats = load::parse(FORMATS, |parser| parser.defs()).unwrap_or_default();
    let defs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(formats);
    let funs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let modules = Loader::new(defs).load(&arena, File { code: query, path: () });
    let modules = modules.map_err(unread)?;
    Compiler::default().with_funs(funs).compile(modules).map_err(undefined)
}

/// The first thing that cannot be read.
fn unread(errors: load::Errors<&str, ()>) -> Fault {
    let first = errors.into_iter().next();
    let Some((file, error)) = first else { return unknown() };
    let code = file.code;
    let (wanted, at) = match error {
        LoadError::Lex(errors) => match errors.into_iter().next() {
            Some((lex::Expect::Delim(open), _)) => {
                return fault(code, open, "it is never closed");
            }
            Some((wanted, rest)) => (wanted.as_str(), Some(rest)),
            None => return unknown(),
        },
        LoadError::Parse(errors) => match errors.into_iter().next() {
            Some((wanted, found)) => (wanted.as_str(), Some(found).filter(|text| !text.is_empty())),
            None => return unknown(),
        },
        LoadError::Io(errors) => match errors.into_iter().next() {
            Some((module, why)) => {
                return fault(code, module, &format!("modules cannot be used: {why}"));
            }
            None => return unknown(),
        },
    };
    match at {
        Some(found) => fault(code, found, &format!("expected {}", article(wanted))),
        None => Fault {
            text: format!("the query ends where {} is expected", article(wanted)),
            span: code.len()..code.len(),
        },
    }
}

/// The first name that means nothing.
fn undefined(errors: compile::Errors<&str, ()>) -> Fault {
    let first = errors.into_iter().next();
    let Some((file, errors)) = first else { return unknown() };
    let Some((name, kind)) = errors.into_iter().next() else { return unknown() };
    let what = match kind {
        compile::Undefined::Filter(0) => "there is no such filter without arguments".to_owned(),
        compile::Undefined::Filter(1) => "there is no such filter with 1 argument".to_owned(),
        compile::Undefined::Filter(count) => {
            format!("there is no such filter with {count} arguments")
        }
        other => format!("there is no such {}", other.as_str()),
    };
    fault(file.code, name, &what)
}

fn unknown() -> Fault {
    Fault { text: "the query is not understood".to_owned(), span: 0..0 }
}

/// A fault of `part`, which is a part of `code`.
fn fault(code: &str, part: &str, what: &str) -> Fault {
    let span = span(code, part);
    let place = code.get(..span.start).map_or(1, |before| before.chars().count() + 1);
    // Of what could not be divided the first word is enough.
    let end = part.find(char::is_whitespace).unwrap_or(part.len());
    let named = part.get(..end).unwrap_or(part);
    let text = format!("the query at character {place}, {}: {what}", quoted(named));
    Fault { text, span: span.start..span.start + named.len() }
}

/// What was expected, as the crate calls it.
fn article(wanted: &str) -> String {
    const WORDS: [&str; 4] = ["else", "end", "then", "as"];
    let is_token = WORDS.contains(&wanted) || wanted.contains(|c: char| c.is_ascii_punctuation());
    if is_token { format!("`{wanted}`") } else { format!("a {wanted}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, json: &str, manner: Manner) -> Result<String, String> {
        let mut out = Vec::new();
        match answer(query, json.as_bytes(), manner, &mut out) {
            Ended::Done => Ok(String::from_utf8(out).unwrap()),
            Ended::Failed(why) => Err(why),
            other => panic!("{other:?}"),
        }
    }

    fn lines(query: &str, json: &str) -> String {
        asked(query, json, Manner::default()).unwrap()
    }

    const ZONES: &str = r#"{"count":2,"zone":[{"name":"a","n":9223372036854775808},
        {"name":"b","n":1.50}]}"#;

    #[test]
    fn each_value_is_a_line() {
        assert_eq!(lines(".zone[].name", ZONES), "\"a\"\n\"b\"\n");
        assert_eq!(lines(".zone | map(.name)", ZONES), "[\"a\",\"b\"]\n");
        assert_eq!(lines(".zone[] | {name}", ZONES), "{\"name\":\"a\"}\n{\"name\":\"b\"}\n");
        assert_eq!(lines("empty", ZONES), "");
        assert_eq!(lines(".zone[].n", ZONES), "9223372036854775808\n1.50\n");
    }

    #[test]
    fn the_usual_filters_are_there() {
        for (query, found) in [
            (".zone | length", "2"),
            ("[.zone[] | select(.name | test(\"^A\"; \"i\"))] | length", "1"),
            (".zone | sort_by(.name) | reverse | .[0].name", "\"b\""),
            (".zone | group_by(.name) | map(length) | add", "2"),
            (".zone | map({(.name): .n}) | add | keys", "[\"a\",\"b\"]"),
            (".zone[0] | to_entries[0] | \"\\(.key)=\\(.value)\"", "\"name=a\""),
            ("[.zone[].name] | @csv", "\"\\\"a\\\",\\\"b\\\"\""),
            ("[1.5, null, true, \"a\\\"b\"] | @csv", r#""1.5,,true,\"a\"\"b\"""#),
            ("[1, \"a\\tb\\\\\", false] | @tsv", r#""1\ta\\tb\\\\\tfalse""#),
            ("\"2026-11-23T18:44:02Z\" | fromdate", "1795459442"),
            ("[.zone[].name] | join(\"-\") | @base64", "\"YS1i\""),
            ("first(.zone[] | .name // \"none\")", "\"a\""),
            ("[limit(3; repeat(1))]", "[1,1,1]"),
            ("reduce .zone[] as $z (0; . + 1)", "2"),
            ("try error(\"x\") catch .", "\"x\""),
            ("def f(x): x + 1; f(.count)", "3"),
            ("4 | sqrt | floor", "2"),
        ] {
            assert_eq!(lines(query, ZONES), format!("{found}\n"), "{query}");
        }
    }

    #[test]
    fn raw_texts_have_no_quotes() {
        let manner = Manner { raw: true, visible: false };
        assert_eq!(
            asked(".a, .b", r#"{"a":"x\u001b[2J\ny","b":[1]}"#, manner).unwrap(),
            "x\u{1b}[2J\ny\n[1]\n"
        );
        let manner = Manner { raw: true, visible: true };
        assert_eq!(
            asked(".a", r#"{"a":"x\u001b[2J\n\ty"}"#, manner).unwrap(),
            "x\\u{1b}[2J\n\ty\n"
        );
        assert_eq!(lines(".a", "{\"a\":\"\u{9b}2J\"}"), "\"\\u009b2J\"\n");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (query, span, text) in [
            (".zone[", 5..6, "the query at character 6, `[`: it is never closed"),
            (".a + \"x", 5..6, "it is never closed"),
            (".zone | | x", 8..9, "the query at character 9, `|`: expected a term"),
            ("map(.a) nope", 8..12, "expected"),
            (".a |", 4..4, "the query ends where a term is expected"),
            (".a | nope", 5..9, "`nope`: there is no such filter without arguments"),
            (".a | map(.x; 1)", 5..8, "`map`: there is no such filter with 2 arguments"),
            ("$x", 0..2, "`$x`: there is no such variable"),
            ("\u{e9} | . & 1", 0..2, "expected a token"),
            ("if . then", 9..9, "the query ends where a term is expected"),
        ] {
            let fault = check(query).unwrap_or_else(|| panic!("{query}"));
            assert!(fault.text.contains(text), "{query}: {fault:?}");
            assert_eq!(fault.span, span, "{query}: {fault:?}");
        }
        assert!(check("import \"a\" as a; .").is_some());
        assert_eq!(check(".zone[] | select(.a == 1)"), None);
    }

    #[test]
    fn what_fails_says_why() {
        let why = asked(".zone[] | .name.x", ZONES, Manner::default()).unwrap_err();
        assert_eq!(why, "cannot index \"a\" with \"x\"");
        let why = asked("error({a: 1})", ZONES, Manner::default()).unwrap_err();
        assert_eq!(why, "{\"a\":1}");
        let why = asked("[range(1000)] | .x", ZONES, Manner::default()).unwrap_err();
        assert!(why.len() < 220 && why.ends_with(" with \"x\"") && why.contains('\u{2026}'));
        assert!(matches!(
            answer("halt", b"1", Manner::default(), &mut Vec::new()),
            Ended::Halted(0)
        ));
    }

    #[test]
    fn values_are_written_as_they_come() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::BrokenPipe)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for query in ["repeat(1)", "range(1e12)", "def f: ., f; f"] {
            let ended = answer(query, b"1", Manner::default(), &mut Full(100_000));
            assert!(matches!(ended, Ended::Lost(_)), "{query}");
        }
    }
}
