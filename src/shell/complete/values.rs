//! Candidates for what stands behind the `=`, each with the name in front: they replace the whole
//! word.

use super::matching::{Fit, best, fit, only_best, starts};
use super::things::{self, Wanted};
use super::{Around, Candidate, Completion, Place, Row, files, known, setting, tags};
use crate::schema::{Completes, Param, Spec};
use crate::shell::check::{SHAPING, base, shapes};
use crate::shell::line::{Assignment, Word, quote};
use crate::shell::resolve::{is_id, takes_ids};

/// Candidates for the value of one parameter.
pub(super) fn of(
    place: &Place<'_>,
    spec: &Spec,
    others: &[Word],
    given: &Assignment<'_>,
    around: &mut dyn Around,
) -> Completion {
    let name = given.name.to_lowercase();
    // What is given twice is wrong, whatever its value.
    let mut before = others.iter().filter_map(Word::assignment);
    if before.any(|other| other.name.eq_ignore_ascii_case(given.name)) {
        return Completion::default();
    }
    let bare = place.text.get(given.span.clone()).is_some_and(|text| text.starts_with('@'));
    let Some(param) = spec.param(base(&name)) else {
        let is_shaping = SHAPING.iter().any(|(known, _)| *known == name);
        return if is_shaping && shapes(spec, &name) { fields(spec, given) } else { Vec::new() }
            .into();
    };
    if let Some(path) = given.value.strip_prefix('@').filter(|_| bare) {
        let put_in = |path: &str| format!("{}=@{}", given.name, quote(path));
        return files::named(path, put_in, around).into();
    }
    if name != param.name {
        if let Some(key) = tags::entry(spec, given.name) {
            return tags::values(place.catalogue, key, given, around);
        }
        // The value of an entry of another map can be anything.
        return Completion::default();
    }
    if let Some(found) = setting::values(place.catalogue, spec, others, given, around) {
        return found;
    }
    if spec.name == "listApis" && param.name == "name" {
        let apis = best(given.value, place.catalogue.phrases(), |phrase| phrase.name);
        let each = apis.into_iter().map(|api| closed(given, api.name, api.about));
        return each.collect::<Vec<_>>().into();
    }
    of_param(place, spec, param, others, given, around)
}

fn of_param(
    place: &Place<'_>,
    spec: &Spec,
    param: &Param,
    others: &[Word],
    given: &Assignment<'_>,
    around: &mut dyn Around,
) -> Completion {
    let is_list = param.wire == "list";
    let (before, typed) = if is_list { last_part(given.value) } else { ("", given.value) };
    let end = if is_list { "" } else { " " };
    let put_in =
        |value: &str| format!("{}={}{end}", given.name, quote(&format!("{before}{value}")));
    let words = match param.completes {
        Completes::Choices(words) => Some(words),
        Completes::ListedBy(_) => None,
        Completes::Nothing => known::words(spec.name, param.name),
    };
    if let Some(words) = words {
        let taken: Vec<_> = before.split(',').map(str::trim).collect();
        let open = words.iter().filter(|word| !taken.contains(word));
        let words = best(typed, open, |word| word);
        let each = words.into_iter().map(|word| Candidate {
            text: put_in(word),
            shown: (*word).to_owned(),
            ..Candidate::default()
        });
        return each.collect::<Vec<_>>().into();
    }
    let Some(list) = things::list(place.catalogue, spec, param) else {
        return Completion::default();
    };
    let wanted = Wanted { spec, param, others, typed };
    let found = things::find(list, &wanted, around);
    let candidates = named(param, &found.rows, typed, put_in);
    Completion { start: 0, candidates, note: found.note }
}

/// The rows whose name, or else whose id, begins with what is typed. Where ids are wanted the name
/// is put in if it will do.
fn named(
    param: &Param,
    rows: &[Row],
    typed: &str,
    put_in: impl Fn(&str) -> String,
) -> Vec<Candidate> {
    let is_number = matches!(param.wire, "integer" | "long" | "short");
    let mut count = std::collections::HashMap::new();
    for row in rows {
        *count.entry(row.name.to_lowercase()).or_insert(0) += 1;
    }
    let meant = rows.iter().filter_map(|row| {
        let name = row.name.as_str();
        let only = count.get(&name.to_lowercase()) == Some(&1);
        let by_name = fit(typed, name).filter(|_| !name.is_empty());
        let by_id = starts(&row.id, typed).then_some(Fit::Start);
        let (fit, value) = if is_number {
            (by_name.into_iter().chain(by_id).min()?, row.id.as_str())
        } else if !takes_ids(param) {
            (by_name?, name)
        } else if let Some(fit) = by_name.filter(|_| only && is_plain(name)) {
            (fit, name)
        } else {
            (by_name.into_iter().chain(by_id).min()?, row.id.as_str())
        };
        if value.is_empty() || value.contains(char::is_control) {
            return None;
        }
        let shown = if name.is_empty() { &row.id } else { &row.name };
        let id = Some(&row.id).filter(|id| *id != shown).cloned().unwrap_or_default();
        let about = row.about.clone();
        Some((fit, Candidate { text: put_in(value), shown: shown.clone(), id, about }))
    });
    let mut candidates = only_best(meant);
    candidates.sort_by(|a, b| a.shown.cmp(&b.shown));
    candidates
}

/// Whether the name can stand for the id: it does not look like an id itself, nor like several.
fn is_plain(name: &str) -> bool {
    !is_id(name) && !name.contains(',') && name.trim() == name
}

/// A value that ends the word.
pub(super) fn closed(given: &Assignment<'_>, value: &str, about: &str) -> Candidate {
    let text = format!("{}={} ", given.name, quote(value));
    Candidate { text, shown: value.to_owned(), about: about.to_owned(), ..Candidate::default() }
}

/// The fields of the answer that are not named yet.
fn fields(spec: &Spec, given: &Assignment<'_>) -> Vec<Candidate> {
    let (before, typed) = last_part(given.value);
    // Behind `-` stands a field to sort by the other way round.
    let is_sort = given.name.eq_ignore_ascii_case("sort");
    let (sign, typed) = match typed.strip_prefix('-').filter(|_| is_sort) {
        Some(field) => ("-", field),
        None => ("", typed),
    };
    let before = format!("{before}{sign}");
    let taken: Vec<_> = before.split(',').map(|part| part.trim().trim_start_matches('-')).collect();
    let open = spec.fields.iter().filter(|field| !taken.contains(&field.name));
    let fields = best(typed, open, |field| field.name);
    let each = fields.into_iter().map(|field| {
        let text = format!("{}={}", given.name, quote(&format!("{before}{}", field.name)));
        let (shown, about) = (field.name.to_owned(), field.about.to_owned());
        Candidate { text, shown, about, ..Candidate::default() }
    });
    each.collect()
}

/// Splits behind the last comma and the blanks that follow it.
fn last_part(value: &str) -> (&str, &str) {
    let at = value.rfind(',').map_or(0, |at| at + 1);
    let (before, last) = value.split_at(at);
    (before, last.trim_start())
}
