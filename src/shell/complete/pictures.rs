//! Candidates behind `show` and `explain`.

use super::matching::best;
use super::things::{self, Wanted};
use super::{Around, Candidate, Completion, Place, Row, params, values};
use crate::shell::line::{Word, quote};
use crate::shell::phrase::spaced;
use crate::shell::show::{PICTURES, named, subject};

/// Lists whose things have a map.
const MAPPED: [&str; 3] = ["listVlanIpRanges", "listNetworks", "listVPCs"];

/// What can stand behind `show` and what follows it.
pub(super) fn candidates(
    place: &Place<'_>,
    done: &[Word],
    current: &Word,
    around: &mut dyn Around,
) -> Completion {
    let typed = &current.text;
    if done.len() == 1 {
        return done.first().map_or_else(Vec::new, |verb| nouns(&verb.text, typed)).into();
    }
    let Some(spec) = named(done) else { return Completion::default() };
    let given = done.get(2..).unwrap_or_default();
    if let Some(value) = current.assignment() {
        return values::of(place, spec, given, &value, around);
    }
    let mut found = Completion::default();
    let has_subject = given.iter().any(|word| word.assignment().is_none());
    if let Some(param) = subject(spec).filter(|_| !has_subject) {
        let lists: &[&str] = match param.name {
            "target" => &MAPPED,
            "network" => &["listNetworks"],
            "vpc" => &["listVPCs"],
            _ => &["listPublicIpAddresses"],
        };
        for list in lists.iter().filter_map(|list| place.catalogue.find(list)) {
            let wanted = Wanted { spec, param, others: given, typed };
            let listed = things::find(list, &wanted, around);
            found.candidates.extend(names(&listed.rows, typed));
            found.note = found.note.or(listed.note);
        }
    }
    found.candidates.extend(params::open(spec, given, typed));
    if let Some(param) = subject(spec).filter(|_| has_subject) {
        let named = format!("{}=", param.name);
        found.candidates.retain(|candidate| candidate.text != named);
    }
    found
}

/// What can be shown, or explained.
pub(super) fn nouns(verb: &str, typed: &str) -> Vec<Candidate> {
    let verb = verb.to_lowercase();
    let all = PICTURES.iter().filter(|spec| spec.name.starts_with(&verb));
    let words = all.map(|spec| (spaced(spec.name).split_off(1).join(" "), spec));
    let fitting = best(typed, words, |(noun, _)| noun);
    let each = fitting.into_iter().map(|(noun, spec)| Candidate::finished(&noun, spec.about));
    each.collect()
}

/// The things whose names begin with what is typed; an id stands for those that have no name.
fn names(rows: &[Row], typed: &str) -> Vec<Candidate> {
    let named = rows.iter().map(|row| match row.name.is_empty() {
        true => (&row.id, String::new(), &row.about),
        false => (&row.name, row.id.clone(), &row.about),
    });
    let usable = named.filter(|(name, ..)| !name.contains('=') && !name.contains(char::is_control));
    let fitting = best(typed, usable, |(name, ..)| name);
    let each = fitting.into_iter().map(|(name, id, about)| Candidate {
        text: format!("{} ", quote(name)),
        shown: name.clone(),
        id: Some(id).filter(|id| id != name).unwrap_or_default(),
        about: about.clone(),
    });
    each.collect()
}
