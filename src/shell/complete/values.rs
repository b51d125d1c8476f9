//! Candidates for what stands behind the `=`.

use super::{Candidate, Lookup, Row, listed_by, starts};
use crate::schema::{Catalogue, Completes, Param, Spec};
use crate::shell::check::base;
use crate::shell::line::{Assignment, quote};
use crate::shell::render::Format;
use crate::shell::resolve::{is_id, takes_ids};

/// Candidates for a value, each with the name in front: they replace the whole word.
pub(super) fn of(
    catalogue: &Catalogue,
    spec: &Spec,
    given: &Assignment<'_>,
    lookup: Lookup<'_>,
) -> Vec<Candidate> {
    let name = given.name.to_lowercase();
    if let Some(param) = spec.param(base(&name)) {
        let list = listed_by(catalogue, spec, param);
        return of_param(param, list, given, lookup);
    }
    if name != "filter" && name != "exclude" {
        return Vec::new();
    }
    let (before, typed) = last_part(given.value);
    let taken: Vec<_> = before.split(',').map(str::trim).collect();
    let fields = spec.fields.iter().filter(|field| !taken.contains(&field.name));
    let fields = fields.filter(|field| starts(field.name, typed));
    let each = fields.map(|field| {
        let text = format!("{}={}", given.name, quote(&format!("{before}{}", field.name)));
        Candidate { text, shown: field.name.into(), about: field.about.into() }
    });
    each.collect()
}

/// Candidates for the word behind `-o`.
pub(super) fn formats(typed: &str) -> Vec<Candidate> {
    let names = Format::ALL.map(Format::name).into_iter().filter(|name| starts(name, typed));
    names.map(|name| super::finished(name, "")).collect()
}

fn of_param(
    param: &Param,
    list: Option<&str>,
    given: &Assignment<'_>,
    lookup: Lookup<'_>,
) -> Vec<Candidate> {
    let is_list = param.wire == "list";
    let (before, typed) = if is_list { last_part(given.value) } else { ("", given.value) };
    let close = |value: &str, shown: &str, about: &str| {
        let value = format!("{before}{value}");
        let end = if is_list { "" } else { " " };
        let text = format!("{}={}{end}", given.name, quote(&value));
        Candidate { text, shown: shown.into(), about: about.into() }
    };
    if let Completes::Choices(words) = param.completes {
        let words = words.iter().filter(|word| starts(word, typed));
        return words.map(|word| close(word, word, "")).collect();
    }
    let Some(api) = list else { return Vec::new() };
    let rows = lookup(api);
    let mut candidates: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let name = usable_name(row, &rows);
            if let Some(name) = name.filter(|name| starts(name, typed)) {
                return Some(close(name, name, &row.about));
            }
            let by_name = starts(&row.name, typed);
            let by_id = takes_ids(param) && starts(&row.id, typed);
            (by_id || by_name && takes_ids(param)).then(|| {
                let about = if row.name.is_empty() { &row.about } else { &row.name };
                close(&row.id, &row.id, about)
            })
        })
        .collect();
    candidates.sort_by(|a, b| a.shown.cmp(&b.shown));
    candidates
}

/// The name of the row, if it can stand for the id: nothing else has it, and it does not look
/// like an id itself.
fn usable_name<'r>(row: &'r Row, rows: &[Row]) -> Option<&'r str> {
    let name = row.name.as_str();
    let same = rows.iter().filter(|other| other.name.eq_ignore_ascii_case(name)).count();
    let plain = !is_id(name) && !name.contains([',', '\n', '\r']) && name.trim() == name;
    (same == 1 && plain).then_some(name)
}

/// Splits behind the last comma and the blanks that follow it.
fn last_part(value: &str) -> (&str, &str) {
    let at = value.rfind(',').map_or(0, |at| at + 1);
    let (before, last) = value.split_at(at);
    (before, last.trim_start())
}
