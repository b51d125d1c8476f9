//! Candidates for parameters: those that are not given yet, the required ones first.

use super::Candidate;
use super::matching::best;
use crate::schema::{Param, Spec};
use crate::shell::check::{self, SHAPING};
use crate::shell::line::Word;
use crate::shell::maps::{self, Form};

/// The parameters of the API that can still be given, and the words that shape the answer.
pub(super) fn open(spec: &Spec, given: &[Word], typed: &str) -> Vec<Candidate> {
    let given: Vec<String> =
        given.iter().filter_map(Word::assignment).map(|given| given.name.to_lowercase()).collect();
    let entry = typed.to_lowercase();
    if let Some(param) = spec.param(check::base(&entry)).filter(|param| param.wire == "map")
        && entry.contains('[')
    {
        return entries(spec, param, &given, &entry);
    }
    let is_open = |name: &str| !given.iter().any(|given| given == name);
    let mut open: Vec<&Param> = spec.params().filter(|param| is_open(param.name)).collect();
    open.sort_by_key(|param| (!param.required, param.name));
    let mut candidates: Vec<_> = open.into_iter().map(|param| parameter(spec, param)).collect();
    for (name, about) in SHAPING {
        if check::shapes(spec, name) && is_open(name) {
            candidates.push(Candidate::open(format!("{name}="), about));
        }
    }
    best(typed, candidates, |candidate| &candidate.text)
}

fn parameter(spec: &Spec, param: &Param) -> Candidate {
    let name = param.name;
    let text = match param.wire {
        "map" => match maps::form(spec.name, name) {
            Form::Pairs(..) | Form::Keys => format!("{name}."),
            Form::Records(_) => format!("{name}[0]."),
        },
        _ => format!("{name}="),
    };
    Candidate::open(text, &about(param))
}

/// What is said of a parameter.
pub(super) fn about(param: &Param) -> String {
    if param.required { format!("required: {}", param.about) } else { param.about.into() }
}

/// The entries `tags[0].key=` of a map: those that are open in the last entry that was begun,
/// else those of the next.
fn entries(spec: &Spec, param: &Param, given: &[String], typed: &str) -> Vec<Candidate> {
    let pair: [&str; 2];
    let fields: &[&str] = match maps::form(spec.name, param.name) {
        Form::Pairs(key, value) => {
            pair = [key, value];
            &pair
        }
        Form::Records(fields) => fields,
        Form::Keys => &[],
    };
    let name = param.name;
    let index = match typed.split_once('[').and_then(|(_, rest)| rest.split_once(']')) {
        Some((index, _)) => index.parse().unwrap_or(0),
        None => maps::begun(given.iter().map(String::as_str), name, fields),
    };
    if fields.is_empty() {
        let text = format!("{name}[{index}].");
        return best(typed, [Candidate::open(text, param.about)], |candidate| &candidate.text);
    }
    let all = fields.iter().map(|field| format!("{name}[{index}].{field}="));
    let is_open = |text: &String| {
        let text = text.trim_end_matches('=');
        !given.iter().any(|given| given.eq_ignore_ascii_case(text))
    };
    let open = all.filter(is_open).map(|text| Candidate::open(text, ""));
    best(typed, open, |candidate| &candidate.text)
}
