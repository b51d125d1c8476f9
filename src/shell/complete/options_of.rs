//! Candidates behind `set`: the options of the session and what each may be.

use super::matching::best;
use super::{Around, Candidate};
use crate::shell::line::{Word, quote};

/// The options that begin so.
pub(super) fn names(done: &[Word], current: &Word, around: &mut dyn Around) -> Vec<Candidate> {
    let [set] = done else { return Vec::new() };
    if set.text != "set" {
        return Vec::new();
    }
    let options = best(&current.text, around.options(), |(name, _)| name);
    options
        .into_iter()
        .map(|(name, _)| Candidate::finished(&name, "an option of the session"))
        .collect()
}

/// What the option may be that `set NAME` or `set NAME=` names; nothing if none is named.
pub(super) fn values(
    done: &[Word],
    current: &Word,
    around: &mut dyn Around,
) -> Option<Vec<Candidate>> {
    let (set, named) = done.split_first()?;
    let (name, typed, before) = match (named, current.assignment()) {
        ([], Some(given)) => (given.name, given.value, format!("{}=", given.name)),
        ([name], None) => (name.text.as_str(), current.text.as_str(), String::new()),
        _ => return None,
    };
    if set.text != "set" {
        return None;
    }
    let mut options = around.options().into_iter();
    let (_, words) = options.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let words = best(typed, words, |word| word);
    let each = words.into_iter().map(|word| {
        let text = format!("{before}{} ", quote(&word));
        Candidate { text, shown: word, ..Candidate::default() }
    });
    Some(each.collect())
}
