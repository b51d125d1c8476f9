//! Candidates behind `show`.

use super::{Candidate, Lookup, Row, finished, parameters, starts, values};
use crate::schema::Catalogue;
use crate::shell::line::{Word, quote};
use crate::shell::phrase::spaced;
use crate::shell::show::{PICTURES, named, subject};

/// Lists whose things have a map.
const MAPPED: [&str; 3] = ["listVlanIpRanges", "listNetworks", "listVPCs"];

/// What can stand behind `show` and what follows it.
pub(super) fn candidates(
    catalogue: &Catalogue,
    done: &[Word],
    current: &Word,
    lookup: Lookup<'_>,
) -> Vec<Candidate> {
    let typed = &current.text;
    if done.len() == 1 {
        return nouns(typed);
    }
    let Some(spec) = named(done) else { return Vec::new() };
    if let Some(given) = current.assignment() {
        return values::of(catalogue, spec, &given, lookup);
    }
    let given = &done[2..];
    let mut candidates = Vec::new();
    let has_subject = given.iter().any(|word| word.assignment().is_none());
    if let Some(param) = subject(spec).filter(|_| !has_subject) {
        let lists: &[&str] = match param.name {
            "target" => &MAPPED,
            "vpc" => &["listVPCs"],
            _ => &["listPublicIpAddresses"],
        };
        for list in lists.iter().filter(|list| catalogue.find(list).is_some()) {
            candidates.extend(names(&lookup(list), typed));
        }
    }
    candidates.extend(parameters(spec, given, typed));
    if let Some(param) = subject(spec).filter(|_| has_subject) {
        let named = format!("{}=", param.name);
        candidates.retain(|candidate| candidate.text != named);
    }
    candidates
}

/// What can be shown.
pub(super) fn nouns(typed: &str) -> Vec<Candidate> {
    let words = PICTURES.iter().map(|spec| (spaced(spec.name).split_off(1).join(" "), spec));
    let fitting = words.filter(|(noun, _)| starts(noun, typed));
    fitting.map(|(noun, spec)| finished(&noun, spec.about)).collect()
}

/// The things whose names begin with what is typed; an id stands for those that have no name.
fn names(rows: &[Row], typed: &str) -> Vec<Candidate> {
    let name = |row: &Row| if row.name.is_empty() { row.id.clone() } else { row.name.clone() };
    let named = rows.iter().map(|row| (name(row), &row.about));
    let fitting =
        named.filter(|(name, _)| starts(name, typed) && !name.contains(['\n', '\r', '=']));
    fitting
        .map(|(name, about)| Candidate {
            text: format!("{} ", quote(&name)),
            shown: name,
            about: about.clone(),
        })
        .collect()
}
