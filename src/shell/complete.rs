//! Completion, as a pure function of the line: the shell and the scripts for bash, zsh and fish
//! ask the same one.
//!
//! A candidate replaces the text from the completion's start to the cursor. One that ends what is
//! being typed has a blank at its end; one that wants to be continued, as `zoneid=`, has none.

mod pictures;
mod values;

use super::command::{head, joined};
use super::line::{Word, partial};
use super::phrase::{Phrase, phrases};
use super::{check, command, options};
use crate::schema::{Catalogue, Completes, Kind, Param, Spec};

pub(crate) use super::listed::Row;

/// What can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Completion {
    /// Where the text that a candidate replaces begins.
    pub(crate) start: usize,
    pub(crate) candidates: Vec<Candidate>,
}

/// One of the texts that can stand at the cursor.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// What is put in.
    pub(crate) text: String,
    /// What a list of candidates shows for it.
    pub(crate) shown: String,
    /// A few words about it; may be empty.
    pub(crate) about: String,
}

/// Answers what a list API lists.
pub(crate) type Lookup<'l> = &'l mut dyn FnMut(&str) -> Vec<Row>;

/// The shell's own commands, which no catalogue has.
pub(crate) const OWN: &[(&str, &str)] = &[
    ("exit", "Leaves the shell."),
    ("help", "Explains a command."),
    ("quit", "Leaves the shell."),
    ("set", "Shows the options of the session, or sets one: `set output csv`."),
    ("show", "Draws capacity, maps, topology and histories: `help show`."),
    ("sync", "Learns which APIs the server has."),
    ("version", "Says which version this is."),
    ("wait", "Waits for the end of a job: `wait JOBID`."),
];

/// Completes `line` at the byte `cursor`.
pub(crate) fn complete(
    catalogue: &Catalogue,
    line: &str,
    cursor: usize,
    lookup: Lookup<'_>,
) -> Completion {
    let cursor = line.floor_char_boundary(cursor);
    let (text, rest) = line.split_at(cursor);
    // In the middle of a word there is nothing to put in.
    if rest.chars().next().is_some_and(|next| !next.is_whitespace()) {
        return Completion { start: cursor, candidates: Vec::new() };
    }
    let (typed, fault) = partial(text);
    if fault.is_some_and(|fault| !fault.needs_more()) {
        return Completion { start: cursor, candidates: Vec::new() };
    }
    if typed.bang.is_some() || typed.pipe.is_some() || typed.redirect.is_some() {
        return Completion { start: cursor, candidates: Vec::new() };
    }
    let mut done = typed.words;
    let current = match done.last() {
        Some(word) if word.span.end == cursor => done.pop().unwrap_or_default(),
        _ => Word::opened_at(cursor),
    };
    let start = current.span.start;
    let mut candidates = at_word(catalogue, &done, &current, lookup);
    dedup(&mut candidates);
    Completion { start, candidates }
}

fn at_word(
    catalogue: &Catalogue,
    done: &[Word],
    current: &Word,
    lookup: Lookup<'_>,
) -> Vec<Candidate> {
    let asks_help = done.first().is_some_and(|word| word.text.eq_ignore_ascii_case("help"));
    if asks_help && done.len() == 2 && done[1].text.eq_ignore_ascii_case("show") {
        return pictures::nouns(&current.text);
    }
    if asks_help {
        return names(&phrases(catalogue), &done[1..], &current.text);
    }
    if done.last().is_some_and(|word| word.text == "-o") {
        return values::formats(&current.text);
    }
    let Ok((done, _)) = options::take(done) else { return Vec::new() };
    if done.first().is_some_and(|word| word.text.eq_ignore_ascii_case("show")) {
        return pictures::candidates(catalogue, &done, current, lookup);
    }
    let command = command::find(catalogue, &done).ok();
    if let Some(given) = current.assignment() {
        let Some(found) = command else { return Vec::new() };
        return values::of(catalogue, found.spec, &given, lookup);
    }
    let mut candidates = Vec::new();
    if head(&done).len() == done.len() {
        candidates.extend(names(&phrases(catalogue), &done, &current.text));
        if done.is_empty() {
            candidates.extend(own(&current.text));
        }
    }
    if let Some(found) = command {
        candidates.extend(parameters(found.spec, &done[found.words..], &current.text));
    }
    candidates
}

fn own(typed: &str) -> impl Iterator<Item = Candidate> {
    let matching = OWN.iter().filter(move |(name, _)| starts(name, typed));
    matching.map(|(name, about)| finished(name, about))
}

/// The next word of each command that begins with what is typed.
fn names(phrases: &[Phrase], done: &[Word], typed: &str) -> Vec<Candidate> {
    let before = joined(done);
    let mut candidates = Vec::new();
    for phrase in phrases {
        let Some(rest) = phrase.letters.strip_prefix(&before) else { continue };
        if rest.is_empty() || !starts(rest, typed) {
            continue;
        }
        let word = next_word(phrase, before.len());
        if typed.len() <= word.len() {
            let about = if word == rest { phrase.spec.about } else { "" };
            candidates.push(finished(word, about));
        } else if before.is_empty() {
            candidates.push(finished(phrase.spec.name, phrase.spec.about));
        } else {
            candidates.push(finished(rest, phrase.spec.about));
        }
    }
    candidates.sort_by(|a, b| a.text.cmp(&b.text));
    candidates
}

/// The letters of the phrase from `at` to the end of the word that they are in.
fn next_word(phrase: &Phrase, at: usize) -> &str {
    let mut end = 0;
    for word in &phrase.words {
        end += word.len();
        if end > at {
            break;
        }
    }
    phrase.letters.get(at..end).unwrap_or_default()
}

/// The parameters that are not given yet, the required ones first.
fn parameters(spec: &Spec, given: &[Word], typed: &str) -> Vec<Candidate> {
    let given: Vec<String> = given
        .iter()
        .filter_map(Word::assignment)
        .map(|given| check::base(&given.name.to_lowercase()).to_owned())
        .collect();
    let is_open = |name: &str| starts(name, typed) && !given.iter().any(|given| given == name);
    let mut open: Vec<&Param> = spec.params().filter(|param| is_open(param.name)).collect();
    open.sort_by_key(|param| (!param.required, param.name));
    let mut candidates: Vec<_> = open.into_iter().map(parameter).collect();
    for (name, about) in
        [("filter", "the fields to show, in this order"), ("exclude", "the fields not to show")]
    {
        if !spec.fields.is_empty() && spec.param(name).is_none() && is_open(name) {
            candidates.push(open_ended(format!("{name}="), about));
        }
    }
    candidates
}

fn parameter(param: &Param) -> Candidate {
    let name = param.name;
    let text = if param.wire == "map" { format!("{name}[0].") } else { format!("{name}=") };
    let about =
        if param.required { format!("required: {}", param.about) } else { param.about.into() };
    open_ended(text, &about)
}

/// Whether `whole` begins with what is typed, whatever the letter case.
fn starts(whole: &str, typed: &str) -> bool {
    whole.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed))
}

fn finished(text: &str, about: &str) -> Candidate {
    Candidate { text: format!("{text} "), shown: text.to_owned(), about: about.to_owned() }
}

fn open_ended(text: String, about: &str) -> Candidate {
    Candidate { shown: text.clone(), text, about: about.to_owned() }
}

/// Drops repetitions; of two that differ in what they say the one that says something stays out,
/// as what it says holds for one of several.
fn dedup(candidates: &mut Vec<Candidate>) {
    let mut kept: Vec<Candidate> = Vec::with_capacity(candidates.len());
    for candidate in candidates.drain(..) {
        match kept.iter_mut().find(|known| known.text == candidate.text) {
            Some(known) if known.about != candidate.about => known.about.clear(),
            Some(_) => {}
            None => kept.push(candidate),
        }
    }
    *candidates = kept;
}

/// Which list API's things the parameter takes. The name that a list looks for, or by which a
/// thing without id is called, is one of those that the list of such things shows.
pub(super) fn listed_by(catalogue: &Catalogue, spec: &Spec, param: &Param) -> Option<&'static str> {
    match param.completes {
        Completes::ListedBy(api) => Some(api),
        Completes::Choices(_) => None,
        Completes::Nothing if param.name != "name" => None,
        Completes::Nothing if spec.kind == Kind::List => Some(spec.name),
        Completes::Nothing => {
            let calls_by_name = param.required && spec.param("id").is_none();
            let is_its_list = |list: &&&Spec| list.kind == Kind::List && list.class == spec.class;
            let lists = catalogue.specs().iter().find(is_its_list).map(|list| list.name);
            lists.filter(|_| calls_by_name && !makes(spec))
        }
    }
}

/// Whether the call makes something, whose name is then a new one.
fn makes(spec: &Spec) -> bool {
    matches!(spec.verb(), "create" | "add" | "register" | "import" | "deploy")
}

#[cfg(test)]
mod tests;
