//! Candidates for variables, their fields and the options that `set` knows.

use super::matching::best;
use super::{Around, Candidate, Completion, files};
use crate::schema::Catalogue;
use crate::shell::command;
use crate::shell::line::{Line, Part, Reference, Word, heads, naming, quote};

/// Candidates for the variable that `text` ends in, if it ends in one.
pub(super) fn candidates(
    catalogue: &Catalogue,
    text: &str,
    around: &mut dyn Around,
) -> Option<Completion> {
    let (reference, start) = naming(text)?;
    let (outer, typed) = match reference.path.last() {
        Some(Part::Field(field)) => (Some(reference.without_last()), field.as_str()),
        _ => (None, reference.name.as_str()),
    };
    let mut inside = in_loops(catalogue, text, outer.as_ref());
    if inside.is_empty() || outer.is_none() {
        inside.extend(around.variables(outer.as_ref()));
    }
    let usable = inside.into_iter().filter(|(name, _)| is_field(name));
    let each = best(typed, usable, |(name, _)| name).into_iter().map(|(name, about)| {
        let text = spelled(&reference, outer.as_ref(), &name);
        Candidate { text, shown: name, about, ..Candidate::default() }
    });
    Some(Completion { start, candidates: each.collect(), note: None })
}

/// The variables of the loops around the end of `text`, or the fields of one: it has no value yet.
fn in_loops(catalogue: &Catalogue, text: &str, outer: Option<&Reference>) -> Vec<(String, String)> {
    let heads = heads(text);
    let Some(outer) = outer else {
        return heads.into_iter().map(|(name, _)| (name, "of the loop".to_owned())).collect();
    };
    let of = heads.into_iter().rfind(|(name, _)| *name == outer.name && outer.path.is_empty());
    let found = of.and_then(|(_, over)| command::find(catalogue, &over.words).ok());
    let fields = found.map(|found| found.spec.fields).unwrap_or_default();
    fields.iter().map(|field| (field.name.to_owned(), field.about.to_owned())).collect()
}

/// The name, or the field of `outer`, as it has to be written.
fn spelled(typed: &Reference, outer: Option<&Reference>, name: &str) -> String {
    let whole = match outer {
        Some(outer) => format!("{}.{name}", outer.to_string().trim_matches(['$', '{', '}'])),
        None => name.to_owned(),
    };
    if typed.is_braced() || whole.contains('-') && !whole.contains("[-") {
        format!("${{{whole}}}")
    } else {
        format!("${whole}")
    }
}

fn is_field(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

/// Puts values in place of the variables that have one; they are words like others then.
pub(super) fn fill(words: &mut [Word], around: &mut dyn Around) {
    for word in words.iter_mut().filter(|word| !word.slots.is_empty()) {
        let line = Line { words: vec![word.clone()], ..Line::default() };
        let filled = line.filled(|slot| around.value(&slot.reference).ok_or(()));
        if let Ok(Some(Line { words, .. })) = filled
            && let Some(found) = words.into_iter().next()
        {
            *word = found;
            word.slots.clear();
        }
    }
}

/// Candidates behind the shell's own `set`, `unset` and `source`.
pub(super) fn behind(
    done: &[Word],
    current: &Word,
    around: &mut dyn Around,
) -> Option<Vec<Candidate>> {
    let texts: Vec<_> = done.iter().map(|word| word.text.as_str()).collect();
    let typed = current.text.as_str();
    match texts.as_slice() {
        ["source"] => Some(files::files(typed, "", around)),
        ["set" | "unset"] if typed.starts_with('-') => {
            Some(vec![Candidate::finished("-v", "a variable")])
        }
        ["unset"] => Some(vec![Candidate::finished("-v", "a variable")]),
        ["set", "-v", ..] if current.assignment().is_none() => Some(named(typed, "=", around)),
        ["set", "-v", ..] => Some(Vec::new()),
        ["unset", "-v", given @ ..] => {
            let mut open = named(typed, " ", around);
            open.retain(|candidate| !given.contains(&candidate.shown.as_str()));
            Some(open)
        }
        ["set", name] => values(&name.to_lowercase(), typed, "", around),
        ["set"] => {
            let given = current.assignment()?;
            values(&given.name.to_lowercase(), given.value, &format!("{}=", given.name), around)
        }
        _ => None,
    }
}

/// The options of the session.
pub(super) fn options(typed: &str, around: &mut dyn Around) -> Vec<Candidate> {
    let options = best(typed, around.options(), |(name, _)| name).into_iter();
    options.map(|(name, _)| Candidate::finished(&name, "an option of the session")).collect()
}

/// The values that an option may have, if it is one.
fn values(
    name: &str,
    typed: &str,
    before: &str,
    around: &mut dyn Around,
) -> Option<Vec<Candidate>> {
    let mut options = around.options().into_iter();
    let (_, words) = options.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let each = best(typed, words, |word| word).into_iter().map(|word| {
        let text = format!("{before}{} ", quote(&word));
        Candidate { text, shown: word, ..Candidate::default() }
    });
    Some(each.collect())
}

/// The variables that can be set.
fn named(typed: &str, end: &str, around: &mut dyn Around) -> Vec<Candidate> {
    let known = around.variables(None).into_iter().filter(|(name, _)| name != "last");
    let each = best(typed, known, |(name, _)| name).into_iter().map(|(name, about)| {
        let text = format!("{name}{end}");
        Candidate { text, shown: name, about, ..Candidate::default() }
    });
    each.collect()
}
