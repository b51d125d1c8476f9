//! Candidates in and around loops.

use super::{Around, Candidate, Completion, Place, at_word, commands};
use crate::shell::line::{Stage, Word};

const IN: &str = "what the loop goes over";
const DO: &str = "begins what is done for each";
const DONE: &str = "ends the loop";

/// What can stand at this stage of a line.
pub(super) fn candidates(
    place: &Place<'_>,
    stage: Stage,
    done: Vec<Word>,
    current: &Word,
    around: &mut dyn Around,
) -> Completion {
    let keyword = |word: &str, about| match word.strip_prefix(current.text.as_str()) {
        Some(_) if !current.quoted => vec![Candidate::finished(word, about)],
        _ => Vec::new(),
    };
    match stage {
        Stage::Name => Completion::default(),
        Stage::In => keyword("in", IN).into(),
        Stage::Do => keyword("do", DO).into(),
        Stage::Over if done.is_empty() => {
            let mut lists = commands::named(place.catalogue, &[], &current.text);
            lists.retain(|candidate| candidate.text.starts_with("list"));
            lists.into()
        }
        Stage::Command { in_loop: true } if done.is_empty() => {
            let mut found = at_word(place, done, current, around);
            let done = keyword("done", DONE);
            if !done.is_empty() {
                // Commands that only have these letters in them are not meant then.
                found.candidates.retain(|known| known.text.starts_with(&current.text));
            }
            found.candidates.extend(done);
            found
        }
        Stage::Over | Stage::Command { .. } => at_word(place, done, current, around),
    }
}
