//! From the words behind a command to its parameters: checked against the API's description.
//!
//! `filter=` and `exclude=` choose the fields that are shown, `sort=` the order of the rows of a
//! list; `query=` is asked of the answer in jq's language. They never reach the API, unless it has
//! a parameter of that name itself; nor does `asyncblock=false`, which means `--no-wait`.
//! `name=@file` takes the value from a file; one newline at the file's end is dropped, as a shell
//! does for `$(cat file)`. `tags.env=prod` is an entry of a map, see [`maps`].

use std::io;
use std::ops::Range;

use super::command::spelled;
use super::line::{Assignment, Word};
use super::maps::{self, Form};
use super::options::QUERY;
use super::wrong::Wrong;
use crate::schema::{Kind, Param, Spec, Words, takes_token};
use crate::text::{and_list, nearest, quoted};

/// A call as it was typed, free of faults that can be seen without asking anybody.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Call {
    pub(crate) words: Words,
    /// The fields to show; empty for all.
    pub(crate) filter: Vec<String>,
    /// The fields not to show.
    pub(crate) exclude: Vec<String>,
    /// The fields to sort rows by.
    pub(crate) sort: Vec<String>,
    /// What is asked of the answer, and where that stands.
    pub(crate) query: Option<(String, Range<usize>)>,
    /// Whether to leave before the job has ended, where the line says it.
    pub(crate) no_wait: Option<bool>,
}

/// Words that shape the answer and never reach the API, and what each says.
pub(crate) const SHAPING: &[(&str, &str)] = &[
    ("filter", "the fields to show, in this order"),
    ("exclude", "the fields not to show"),
    ("query", "what to ask of the answer, in jq's language"),
    ("sort", "the fields to sort rows by; -FIELD turns the order round"),
];

/// Whether the word shapes the answers of the API: not where it has such a parameter itself.
pub(crate) fn shapes(spec: &Spec, word: &str) -> bool {
    let is_list = spec.kind == Kind::List;
    !spec.fields.is_empty() && spec.param(word).is_none() && (is_list || word != "sort")
}

/// Reads a file for `name=@file`.
pub(crate) type ReadFile<'r> = &'r dyn Fn(&str) -> io::Result<String>;

/// Reads the words behind the command's name. `source` is the text that their spans count in.
pub(crate) fn read(
    spec: &Spec,
    words: &[Word],
    source: &str,
    read_file: ReadFile<'_>,
) -> Result<Call, Wrong> {
    let mut call = Call::default();
    let mut seen: Vec<String> = Vec::new();
    let mut short: Vec<(Form, String, &str, String)> = Vec::new();
    for word in words {
        let Some(given) = word.assignment() else { return Err(no_assignment(spec, word)) };
        let name = lower(given.name);
        if seen.contains(&name) {
            let text = format!("{} is given twice; write it once", quoted(&name));
            return Err(Wrong::at(word.span.clone(), text));
        }
        if let Some((map, key)) = entry(spec, given.name) {
            let form = maps::form(spec.name, &map);
            if let Some(why) = odd_entry(form, &map, key) {
                return Err(Wrong::at(name_span(word, &given), why));
            }
            short.push((form, map, key, value(&given, source, read_file)?));
        } else if is_param(spec, &name) {
            call.words.set(given.name, value(&given, source, read_file)?);
        } else if name == "filter" {
            call.filter = fields(given.value);
        } else if name == "exclude" {
            call.exclude = fields(given.value);
        } else if name == "sort" && spec.kind == Kind::List {
            call.sort = fields(given.value);
        } else if matches!(name.as_str(), "query" | QUERY) {
            call.query = Some((given.value.to_owned(), given.span));
        } else if name == "asyncblock" && spec.is_async() {
            call.no_wait = Some(given.value.eq_ignore_ascii_case("false"));
        } else {
            return Err(Wrong::at(name_span(word, &given), unknown(spec, given.name)));
        }
        seen.push(name);
    }
    // Short entries take the indices that the others leave.
    for (form, map, key, value) in short {
        maps::put(&mut call.words, form, &map, key, &value);
    }
    Ok(call)
}

/// Whether the API takes a word of this name: a parameter, an entry of a map, or one that shapes
/// the answer.
pub(crate) fn takes(spec: &Spec, name: &str) -> bool {
    if let Some((map, key)) = entry(spec, name) {
        return odd_entry(maps::form(spec.name, &map), &map, key).is_none();
    }
    let name = lower(name);
    is_param(spec, &name)
        || ["filter", "exclude", "query"].contains(&name.as_str())
        || name == "sort" && spec.kind == Kind::List
        || name == "asyncblock" && spec.is_async()
}

/// Whether the name is that of a parameter, or of an entry of one.
fn is_param(spec: &Spec, name: &str) -> bool {
    spec.param(base(name)).is_some_and(|param| is_whole(param, name))
}

fn name_span(word: &Word, given: &Assignment<'_>) -> Range<usize> {
    word.span.start..given.span.start.saturating_sub(1).max(word.span.start)
}

/// The name in lower case up to the key of an entry, which has a case.
fn lower(name: &str) -> String {
    match name.split_once('.') {
        Some((map, key)) => format!("{}.{key}", map.to_lowercase()),
        None => name.to_lowercase(),
    }
}

/// Map and key of a short entry `tags.env`, if the API has such a map.
fn entry<'n>(spec: &Spec, name: &'n str) -> Option<(String, &'n str)> {
    let (map, key) = maps::short(name)?;
    let map = map.to_lowercase();
    let is_map = spec.param(&map).is_some_and(|param| param.wire == "map");
    is_map.then_some((map, key))
}

/// Whether the name is that of the parameter, or that of an entry of a map.
fn is_whole(param: &Param, name: &str) -> bool {
    param.wire == "map" || name.split_once('.').is_none()
}

/// What is wrong with a short entry.
fn odd_entry(form: Form, map: &str, key: &str) -> Option<String> {
    if key.is_empty() {
        return Some(format!("`{map}.` has no key; write {map}.KEY=VALUE"));
    }
    let Form::Records(fields) = form else { return None };
    let known = fields.contains(&key);
    let fields = and_list(fields);
    (!known).then(|| format!("an entry of `{map}` has {fields}; write {map}[0].FIELD=VALUE"))
}

/// The parameters that must be given and are not.
pub(crate) fn missing(spec: &Spec, words: &Words) -> Vec<&'static Param> {
    let is_given =
        |param: &Param| words.get(param.name).is_some() || !words.entries(param.name).is_empty();
    spec.params().filter(|param| param.required && !is_given(param)).collect()
}

/// The fault of a call without these parameters.
pub(crate) fn incomplete(spec: &Spec, missing: &[&Param]) -> Wrong {
    let names: Vec<_> = missing.iter().map(|param| param.name).collect();
    let command = spelled(spec);
    let needs = and_list(&names);
    Wrong::new(format!("`{command}` needs {needs} as well; `help {command}` says more"))
}

/// The name of the parameter that `details[0].key`, or `details.key`, is an entry of.
pub(crate) fn base(name: &str) -> &str {
    name.split_once(['[', '.']).map_or(name, |(base, _)| base)
}

fn no_assignment(spec: &Spec, word: &Word) -> Wrong {
    let text = quoted(&word.named());
    let why = if word.text.starts_with('-') {
        format!("unknown option {text}; the options of a command are `-o FORMAT`, `-y` and `-h`")
    } else if spec.param(&word.text.to_lowercase()).is_some() {
        format!("{text} has no value; write {text} with `=` and the value behind it")
    } else {
        format!("{text} is not of the form name=value; quote a value that has blanks")
    };
    Wrong::at(word.span.clone(), why)
}

fn unknown(spec: &Spec, name: &str) -> String {
    let names: Vec<_> = spec.params().map(|param| param.name).collect();
    let (command, name) = (spelled(spec), name.to_lowercase());
    if name == "clienttoken" && takes_token(spec.name, spec.mode) {
        return format!(
            "`{command}` has no parameter `clienttoken` here: the server did not tell of one; if \
             it is Capuchin, `capuchin sync` learns it"
        );
    }
    let known = names.iter().copied().chain(SHAPING.iter().map(|(name, _)| *name));
    let hint = match nearest(base(&name), known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "it has none".to_owned(),
        None => format!("`help {command}` lists them"),
    };
    format!("`{command}` has no parameter {}; {hint}", quoted(&name))
}

fn value(given: &Assignment<'_>, source: &str, read_file: ReadFile<'_>) -> Result<String, Wrong> {
    // A quoted @ is an @.
    let bare = source.get(given.span.clone()).is_some_and(|text| text.starts_with('@'));
    let Some(path) = given.value.strip_prefix('@').filter(|_| bare) else {
        return Ok(given.value.to_owned());
    };
    let mut text = read_file(path).map_err(|why| {
        let text = format!("the file {} cannot be read: {why}", quoted(path));
        Wrong::at(given.span.clone(), text)
    })?;
    if text.ends_with('\n') {
        text.pop();
    }
    if text.ends_with('\r') {
        text.pop();
    }
    Ok(text)
}

fn fields(value: &str) -> Vec<String> {
    let fields = value.split(',').map(str::trim).filter(|field| !field.is_empty());
    fields.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::line::parse;
    use crate::shell::samples::spec;

    fn file(path: &str) -> io::Result<String> {
        match path {
            "dir/a" => Ok("text of a\r\n".into()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn checked(api: &str, line: &str) -> Result<Call, Wrong> {
        let line_words = parse(line).unwrap().remove(0).words;
        read(spec(api), &line_words, line, &file)
    }

    fn why(api: &str, line: &str) -> String {
        let wrong = checked(api, line).unwrap_err();
        assert!(wrong.pointer(line).is_some(), "{wrong}");
        wrong.text
    }

    #[test]
    fn parameters_are_read_whatever_their_case() {
        let call =
            checked("listZones", "Name=x available=TRUE filter='id, name' exclude=").unwrap();
        assert_eq!(call.words, [("available", "TRUE"), ("name", "x")].into_iter().collect());
        assert_eq!(call.filter, ["id", "name"]);
        assert_eq!(call.exclude, [""; 0]);
    }

    #[test]
    fn entries_of_maps_are_read() {
        let call = checked("createVPC", "details[0].Key=a details[0].value=b").unwrap();
        assert_eq!(call.words.entries("details"), [vec![("Key", "a"), ("value", "b")]]);
    }

    #[test]
    fn short_entries_become_those_of_the_wire() {
        let line = "details.Key=a details[0].other=b Details.x=@dir/a";
        let call = checked("createVPC", line).unwrap();
        let entries = [vec![("Key", "a"), ("other", "b"), ("x", "text of a")]];
        assert_eq!(call.words.entries("details"), entries);
        assert!(why("createVPC", "details.a=1 DETAILS.a=2").contains("given twice"));
        assert!(checked("createVPC", "details.a=1 details.A=2").is_ok());
        assert!(why("createVPC", "details.=1").contains("`details.` has no key"));
        assert!(why("createVPC", "name.x=1").contains("no parameter `name.x`"));
    }

    #[test]
    fn what_the_api_does_not_know_is_refused() {
        assert_eq!(
            why("listZones", "nmae=x"),
            "`list zones` has no parameter `nmae`; did you mean `name`?"
        );
        assert_eq!(
            why("listZones", "qqqqqq=x"),
            "`list zones` has no parameter `qqqqqq`; `help list zones` lists them"
        );
        assert!(why("listZones", "name=x NAME=y").contains("given twice"));
        assert!(why("listZones", "name=a b").contains("`b` is not of the form name=value"));
        assert!(why("listZones", "name").contains("`name` has no value"));
        assert!(why("listZones", "-x").contains("unknown option `-x`"));
        assert!(why("listZones", "=x").contains("no parameter ``"));
    }

    #[test]
    fn what_is_taken_is_what_can_be_read() {
        let names = [
            "name",
            "NAME",
            "nope",
            "filter",
            "Exclude",
            "sort",
            "asyncblock",
            "details",
            "tags",
            "details.a",
            "details.",
            "details[0].key",
            "name.x",
            "name[0]",
            "zoneid",
            "",
            "=",
        ];
        for api in ["listZones", "createVPC", "updateConfiguration", "disassociateIpAddress"] {
            for name in names {
                let is_read = checked(api, &format!("{name}=x")).is_ok();
                let taken = takes(spec(api), name.trim_end_matches('='));
                assert_eq!(taken, is_read, "{api} {name}");
            }
        }
    }

    #[test]
    fn a_bare_at_sign_reads_a_file() {
        let name = |line| checked("listZones", line).unwrap().words.get("name").unwrap().to_owned();
        assert_eq!(name("name=@dir/a"), "text of a");
        assert_eq!(name("name='@dir/a'"), "@dir/a");
        assert_eq!(name("name=x@dir/a"), "x@dir/a");
        assert!(why("listZones", "name=@nope").contains("the file `nope` cannot be read"));
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let spec = spec("createVPC");
        let call = checked("createVPC", "name=x").unwrap();
        let missing = missing(spec, &call.words);
        assert_eq!(
            incomplete(spec, &missing).text,
            "`create vpc` needs `vpcofferingid` and `zoneid` as well; `help create vpc` says more"
        );
    }
}
