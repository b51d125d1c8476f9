//! Completion, as a pure function of the line and of what is around it: the shell and the scripts
//! for bash, zsh, fish and PowerShell ask the same one.
//!
//! A candidate replaces the text from the completion's start to the cursor. One that ends what is
//! being typed has a blank at its end; one that wants to be continued, as `zoneid=`, has none.

mod commands;
mod condition;
mod files;
mod known;
mod loops;
mod matching;
mod params;
mod pictures;
mod setting;
mod tags;
mod things;
mod values;
mod variables;

use super::command::{self, head};
use super::line::{Reference, Unfinished, Word, unfinished};
use super::show::draws;
use super::{options, sift};
use crate::schema::Catalogue;

pub(crate) use super::listed::Row;
pub(crate) use files::{File, files, folder};
pub(super) use known::must_be_told;
pub(crate) use matching::best;
pub(super) use things::list as list_of;

/// What can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Completion {
    /// Where the text that a candidate replaces begins.
    pub(crate) start: usize,
    pub(crate) candidates: Vec<Candidate>,
    /// What there is to say besides, as that a server was not quick enough.
    pub(crate) note: Option<String>,
}

/// One of the texts that can stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Candidate {
    /// What is put in.
    pub(crate) text: String,
    /// What a list of candidates shows for it.
    pub(crate) shown: String,
    /// The id of the thing that it names; may be empty.
    pub(crate) id: String,
    /// A few words about it; may be empty.
    pub(crate) about: String,
}

/// What a list API is asked for: one page of what it lists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) api: &'static str,
    pub(crate) given: Vec<(String, String)>,
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// The rows, and whether these are all.
    Rows(Vec<Row>, bool),
    /// Nothing yet: the answer is there when the same is asked again.
    Late,
    /// Nobody can be asked; why, if there is anything to say.
    Nothing(Option<String>),
}

/// What candidates come from, besides descriptions.
pub(crate) trait Around {
    /// Asks a list API. It never takes long: what is not there by then is [`Reply::Late`].
    fn ask(&mut self, question: &Question) -> Reply;
    /// What is in a directory.
    fn files(&mut self, directory: &str) -> Vec<File>;
    /// The fields of a variable, or the variables, with what each holds.
    fn variables(&mut self, _: Option<&Reference>) -> Vec<(String, String)> {
        Vec::new()
    }
    /// The value of a variable.
    fn value(&mut self, _: &Reference) -> Option<String> {
        None
    }
    /// The options that `set` sets, and the words that each may be if there are only some.
    fn options(&mut self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}

/// Candidates at most: nobody reads more, and a terminal shows them all.
const MOST: usize = 500;

/// The shell's own commands, which no catalogue has.
pub(crate) const OWN: &[(&str, &str)] = &[
    ("exit", "Leaves the shell."),
    ("explain", "Says why an address, a network or a router is as it is: `help explain`."),
    ("for", "Carries out commands for each row of a list: `help for`."),
    ("help", "Explains a command."),
    ("quit", "Leaves the shell."),
    ("set", "Shows or sets options, `set output csv`, and variables, `set -v zone=sandbox`."),
    ("show", "Draws capacity, maps, topology and histories: `help show`."),
    ("source", "Carries out the commands in a file: `source FILE`."),
    ("sync", "Learns which APIs the server has."),
    ("unset", "Takes variables away: `unset -v zone`."),
    ("version", "Says which version this is."),
    ("wait", "Waits for the end of a job: `wait JOBID`."),
    ("watch", "Shows a list or a picture anew in its place: `watch 5 list zones`."),
];

/// Completes `line` at the byte `cursor`.
pub(crate) fn complete(
    catalogue: &Catalogue,
    line: &str,
    cursor: usize,
    around: &mut dyn Around,
) -> Completion {
    let cursor = line.floor_char_boundary(cursor);
    let (text, rest) = line.split_at(cursor);
    let nothing = Completion { start: cursor, ..Completion::default() };
    // In the middle of a word there is nothing to put in.
    if rest.chars().next().is_some_and(|next| !next.is_whitespace()) {
        return nothing;
    }
    if let Some(found) = variables::candidates(catalogue, text, around) {
        return found;
    }
    let Unfinished { line: typed, stage, error: fault } = unfinished(text);
    if typed.bang.is_some() || typed.pipe.is_some() {
        return nothing;
    }
    if let Some(redirect) = typed.redirect {
        let is_last = redirect.span.end == cursor && !typed.words.is_empty();
        return if is_last { files::behind_redirect(&redirect, around) } else { nothing };
    }
    if fault.is_some_and(|fault| !fault.needs_more()) {
        return nothing;
    }
    let mut done = typed.words;
    let current = match done.last() {
        Some(word) if word.span.end == cursor => done.pop().unwrap_or_default(),
        _ => Word::opened_at(cursor),
    };
    variables::fill(&mut done, around);
    let place = Place { catalogue, text };
    let mut found = loops::candidates(&place, stage, done, &current, around);
    found.start = current.span.start;
    found.candidates = without_repetitions(found.candidates);
    if found.candidates.len() > MOST {
        found.candidates.truncate(MOST);
        found.note = Some(format!("only {MOST} are shown; type more of it"));
    }
    found
}

/// What a completion is about.
struct Place<'p> {
    catalogue: &'p Catalogue,
    /// The text up to the cursor.
    text: &'p str,
}

fn at_word(
    place: &Place<'_>,
    done: Vec<Word>,
    current: &Word,
    around: &mut dyn Around,
) -> Completion {
    let catalogue = place.catalogue;
    let asks_help = done.first().is_some_and(|word| word.text.eq_ignore_ascii_case("help"));
    if asks_help && done.len() == 2 && draws(&done[1].text) {
        return pictures::nouns(&done[1].text, &current.text).into();
    }
    if asks_help {
        return commands::named(catalogue, done.get(1..).unwrap_or_default(), &current.text).into();
    }
    if let Some(found) = variables::behind(&done, current, around) {
        return found.into();
    }
    if done.last().is_some_and(|word| matches!(word.text.as_str(), "-o" | "--output")) {
        return options::formats(&current.text).into();
    }
    let Ok((done, _)) = options::take(&done) else { return Completion::default() };
    if done.first().is_some_and(|word| draws(&word.text)) {
        return pictures::candidates(place, &done, current, around);
    }
    if current.text.starts_with('-') && !current.quoted {
        return options::starting(&current.text).into();
    }
    let done = behind_watch(done);
    let found = command::meant(catalogue, &done);
    if let Some(found) = found
        && let (_, Some((_, said))) = sift::split(done.get(found.words..).unwrap_or_default())
    {
        return condition::candidates(found.spec, said, current).into();
    }
    if let Some(given) = current.assignment() {
        let Some(found) = found else { return Completion::default() };
        let others = done.get(found.words..).unwrap_or_default();
        return values::of(place, found.spec, others, &given, around);
    }
    at_name(catalogue, &done, current, found.as_ref(), around)
}

/// Candidates for a word that is no assignment: a verb, a noun, a parameter, or what shapes the
/// answer.
fn at_name(
    catalogue: &Catalogue,
    done: &[Word],
    current: &Word,
    found: Option<&command::Found>,
    around: &mut dyn Around,
) -> Completion {
    let mut candidates = Vec::new();
    if head(done).len() == done.len() {
        candidates.extend(commands::named(catalogue, done, &current.text));
        match done {
            [] => candidates.extend(commands::own(&current.text)),
            [word] if word.text == "set" => {
                candidates.extend(variables::options(&current.text, around));
            }
            _ => {}
        }
    }
    if let Some(found) = found {
        let given = done.get(found.words..).unwrap_or_default();
        candidates.extend(params::open(found.spec, given, &current.text));
        candidates.extend(condition::begin(found.spec, current));
        if let Some(typed) = tags::entry(found.spec, &current.text) {
            return tags::keys(catalogue, typed, given, around);
        }
    }
    if candidates.is_empty() && head(done).len() == done.len() {
        candidates = commands::near(catalogue, done, &current.text);
    }
    candidates.into()
}

/// The words of the command that is watched, if one is.
fn behind_watch(mut done: Vec<Word>) -> Vec<Word> {
    if done.first().is_some_and(|word| word.text == "watch") {
        let has_seconds = done.get(1).is_some_and(|word| word.text.parse::<f64>().is_ok());
        done.drain(..=usize::from(has_seconds));
    }
    done
}

impl From<Vec<Candidate>> for Completion {
    fn from(candidates: Vec<Candidate>) -> Self {
        Self { candidates, ..Self::default() }
    }
}

impl Candidate {
    /// One that ends what is being typed.
    pub(crate) fn finished(text: &str, about: &str) -> Self {
        let shown = text.to_owned();
        Self { text: format!("{text} "), shown, about: about.to_owned(), ..Self::default() }
    }

    /// One that wants to be continued.
    fn open(text: String, about: &str) -> Self {
        Self { shown: text.clone(), text, about: about.to_owned(), ..Self::default() }
    }
}

/// Drops repetitions; of two that differ in what they say the one that says something stays out,
/// as what it says holds for one of several.
fn without_repetitions(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut places = std::collections::HashMap::with_capacity(candidates.len());
    let mut kept: Vec<Candidate> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let place = *places.entry(candidate.text.clone()).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(known) if known.about != candidate.about => known.about.clear(),
            Some(_) => {}
            None => kept.push(candidate),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
