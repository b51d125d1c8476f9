//! Candidates for `where` and for what follows it.

use super::matching::best;
use super::{Candidate, known};
use crate::schema::{Completes, Field, Kind, Spec};
use crate::shell::line::{Word, quote};

const OPERATORS: [char; 5] = ['=', '!', '~', '<', '>'];
const JOINS: [&str; 3] = ["and", "or", "not"];

/// The word that begins a condition, where rows are listed.
pub(super) fn begin(spec: &Spec, current: &Word) -> Vec<Candidate> {
    let begins = spec.kind == Kind::List && !spec.is_async() && !current.quoted;
    let each = best(&current.text, ["where"].into_iter().filter(|_| begins), |word| word);
    let about = "only the rows for which a condition holds";
    each.into_iter().map(|word| Candidate::finished(word, about)).collect()
}

/// What a condition can go on with behind the words that were said.
pub(super) fn candidates(spec: &Spec, said: &[Word], current: &Word) -> Vec<Candidate> {
    if spec.kind != Kind::List || current.quoted {
        return Vec::new();
    }
    let typed = current.text.as_str();
    match said.last() {
        None => field_or_value(spec, typed),
        Some(last) if JOINS.contains(&last.text.as_str()) => field_or_value(spec, typed),
        Some(last) if is_comparison(&last.text) => {
            let joins = [("and", "both must hold"), ("or", "one must hold")];
            let each = best(typed, joins, |(word, _)| word);
            each.into_iter().map(|(word, about)| Candidate::finished(word, about)).collect()
        }
        Some(_) => Vec::new(),
    }
}

/// Whether the word compares a field with a value.
fn is_comparison(text: &str) -> bool {
    text.contains(OPERATORS) && !text.ends_with(OPERATORS)
}

fn field_or_value(spec: &Spec, typed: &str) -> Vec<Candidate> {
    if let Some((field, value)) = typed.split_once('=') {
        return values(spec, field, value);
    }
    let fields = best(typed, spec.fields, |field| field.name);
    let each = fields.into_iter();
    each.map(|field| Candidate::open(format!("{}=", field.name), field.about)).collect()
}

/// The words that a field can be: those that the parameter of its name takes.
fn values(spec: &Spec, compared: &str, typed: &str) -> Vec<Candidate> {
    let name = compared.strip_suffix('!').unwrap_or(compared).to_lowercase();
    let is_flag = |field: &Field| field.name == name && field.wire == "boolean";
    let words = match spec.param(&name).map(|param| param.completes) {
        Some(Completes::Choices(words)) => Some(words),
        _ if spec.fields.iter().any(is_flag) => Some(&["true", "false"][..]),
        _ => known::words(spec.name, &name),
    };
    let each = best(typed, words.unwrap_or_default(), |word| word).into_iter();
    let value = |word: &&str| Candidate {
        text: format!("{compared}={} ", quote(word)),
        shown: (**word).to_owned(),
        ..Candidate::default()
    };
    each.map(value).collect()
}
