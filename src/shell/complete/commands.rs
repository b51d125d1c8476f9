//! Candidates for the words that name a command.

use super::matching::{has_in_order, only_best, starts};
use super::{Candidate, OWN};
use crate::schema::{Catalogue, Phrase};
use crate::shell::command::joined;
use crate::shell::line::Word;
use crate::shell::phrase::others;

/// Commands that are offered at most where only letters of them were typed.
const NEAR: usize = 50;

/// The shell's own commands that begin so.
pub(super) fn own(typed: &str) -> impl Iterator<Item = Candidate> {
    let matching = OWN.iter().filter(move |(name, _)| starts(name, typed));
    matching.map(|(name, about)| Candidate::finished(name, about))
}

/// The next word of each command that begins with what is typed.
pub(super) fn named(catalogue: &Catalogue, done: &[Word], typed: &str) -> Vec<Candidate> {
    let before = joined(done);
    let others = others(catalogue);
    let mut candidates = Vec::new();
    for phrase in catalogue.phrases().iter().chain(&others) {
        let Some(rest) = phrase.letters.strip_prefix(&before) else { continue };
        if rest.is_empty() || !starts(rest, typed) {
            continue;
        }
        let word = next_word(phrase, before.len());
        if typed.len() <= word.len() {
            let about = if word == rest { phrase.about } else { "" };
            candidates.push(Candidate::finished(word, about));
        } else if before.is_empty() {
            candidates.push(Candidate::finished(phrase.name, phrase.about));
        } else {
            candidates.push(Candidate::finished(rest, phrase.about));
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

/// The rest of each command that has the letters typed in this order, `lpia` for
/// `list public ip addresses`. Commands of which each word begins with the next letter come
/// alone.
pub(super) fn near(catalogue: &Catalogue, done: &[Word], typed: &str) -> Vec<Candidate> {
    let letters: Vec<char> = typed.chars().flat_map(char::to_lowercase).collect();
    let Some(first) = letters.first().filter(|_| letters.len() >= 2) else { return Vec::new() };
    let before = joined(done);
    let mut meant = Vec::new();
    for phrase in catalogue.phrases() {
        let Some(words) = behind(phrase, &before) else { continue };
        if !words.first().is_some_and(|word| word.starts_with(*first)) {
            continue;
        }
        let initials: Vec<char> = words.iter().filter_map(|word| word.chars().next()).collect();
        let all: Vec<char> = words.iter().flat_map(|word| word.chars()).collect();
        let rank = if initials == letters {
            0
        } else if initials.starts_with(&letters) {
            1
        } else if has_in_order(&all, &letters) {
            2
        } else {
            continue;
        };
        meant.push((rank, Candidate::finished(&words.join(" "), phrase.about)));
    }
    let mut meant = only_best(meant);
    meant.sort_by_key(|candidate| candidate.text.len());
    meant.truncate(NEAR);
    meant
}

/// The words of the phrase behind these letters, if they are whole words of it.
fn behind<'p>(phrase: &'p Phrase, before: &str) -> Option<&'p [String]> {
    let mut left = before;
    let mut words = phrase.words.as_slice();
    while !left.is_empty() {
        let (word, rest) = words.split_first()?;
        left = left.strip_prefix(word.as_str())?;
        words = rest;
    }
    Some(words).filter(|words| !words.is_empty())
}
