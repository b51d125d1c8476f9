//! The variables of a session: those that `set -v` and loops set, and `$last`, the last answer.
//!
//! A value is a text or what an answer holds: an object, or a list. A list stands for its first
//! row where a field is named, but for `count`, the number of its rows; a list of tags stands for
//! the value of the tag that is named.

mod last;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::line::{Line, Part, Reference, Slot};
use super::wrong::Wrong;
use crate::text::{is_secret_name, nearest, printable};
pub(crate) use last::{Keeping, Last};

/// Fields that a message names at most.
const NAMED: usize = 8;
/// What stands for a secret.
const MASK: &str = "********";
/// Columns of a value in the list of variables.
const SHOWN: usize = 60;

/// The variables.
#[derive(Default)]
pub(crate) struct Variables {
    named: BTreeMap<String, Variable>,
    last: Last,
}

/// A variable's value.
#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) value: Json,
    /// Whether it is never shown.
    pub(crate) is_secret: bool,
}

impl Variables {
    pub(crate) fn set(&mut self, name: &str, variable: Variable) {
        self.named.insert(name.to_owned(), variable);
    }

    /// Takes the variable away; whether it was there.
    pub(crate) fn unset(&mut self, name: &str) -> Option<Variable> {
        self.named.remove(name)
    }

    /// Keeps an answer as the last one.
    pub(crate) fn answered(&mut self, last: Last) {
        self.last = last;
    }

    /// The line with values in place of its variables; nothing if it has none. What stands at
    /// `whole` may be more than a text, for which there is none then.
    pub(crate) fn fill(&self, line: &Line, whole: &[Range<usize>]) -> Result<Option<Line>, Wrong> {
        let text = |slot: &Slot| match whole.contains(&slot.span) {
            true => self.value(&slot.reference).map(|value| text(&value).unwrap_or_default()),
            false => self.text(&slot.reference),
        };
        line.filled(|slot| text(slot).map_err(|why| Wrong::at(slot.span.clone(), why)))
    }

    /// The text that stands for the reference, or why there is none.
    pub(crate) fn text(&self, reference: &Reference) -> Result<String, String> {
        let value = self.value(reference)?;
        text(&value).ok_or_else(|| parts(reference, &value))
    }

    /// The value of the reference.
    pub(crate) fn value(&self, reference: &Reference) -> Result<Cow<'_, Json>, String> {
        if reference.name == "last" {
            let (value, rest) = self.last.value(reference)?;
            return within(&value, reference, rest).map(|found| Cow::Owned(found.into_owned()));
        }
        let Some(variable) = self.named.get(&reference.name) else {
            return Err(self.unknown(&reference.name));
        };
        within(&variable.value, reference, &reference.path)
    }

    /// Whether what it names is never shown.
    pub(crate) fn is_secret(&self, reference: &Reference) -> bool {
        self.named.get(&reference.name).is_some_and(|variable| variable.is_secret)
            || is_secret_name(&reference.name)
            || reference.field().is_some_and(is_secret_name)
    }

    /// What there is to say of a variable that is not there.
    pub(crate) fn unknown(&self, name: &str) -> String {
        let known = self.named.keys().map(String::as_str).chain(["last"]);
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `${near}`?"),
            None => format!("`set -v {name}=VALUE` sets it"),
        };
        format!("there is no variable `${name}`; {hint} A dollar that is meant is `\\$`")
    }

    /// Names and values for people to see.
    pub(crate) fn shown(&self) -> Vec<(String, String)> {
        let named = self.named.iter().map(|(name, variable)| {
            let value = match variable.is_secret {
                true => MASK.to_owned(),
                false => shown(&variable.value),
            };
            (name.clone(), value)
        });
        let last = self.last.about().map(|about| ("last".to_owned(), about));
        named.chain(last).collect()
    }

    /// What can stand behind the dot of this reference, or behind the dollar if it has no name:
    /// each with a few words about it.
    pub(crate) fn inside(&self, outer: Option<&Reference>) -> Vec<(String, String)> {
        let Some(outer) = outer else { return self.shown() };
        let Ok(value) = self.value(outer) else { return Vec::new() };
        let mut inside = Vec::new();
        if value.is_array() {
            inside.push(("count".to_owned(), "how many there are".to_owned()));
        }
        let field = |(name, value): (&String, &Json)| match is_secret_name(name) {
            true => (name.clone(), MASK.to_owned()),
            false => (name.clone(), shown(value)),
        };
        let tags = value.as_array().map(|rows| rows.iter().filter_map(tag).collect::<Vec<_>>());
        match tags.filter(|tags| !tags.is_empty()) {
            Some(tags) => {
                inside.extend(tags.into_iter().map(|(key, value)| (key.to_owned(), shown(value))));
            }
            None => inside.extend(row(&value).into_iter().flatten().map(field)),
        }
        inside
    }
}

/// The fields of the object, or of the first row of the list.
fn row(value: &Json) -> Option<&Map<String, Json>> {
    match value {
        Json::Array(rows) => rows.first()?.as_object(),
        other => other.as_object(),
    }
}

/// Key and value of a tag.
fn tag(row: &Json) -> Option<(&str, &Json)> {
    Some((row.get("key")?.as_str()?, row.get("value")?))
}

/// The part of `value` that `path`, the end of the reference, leads to.
fn within<'v>(
    value: &'v Json,
    reference: &Reference,
    path: &[Part],
) -> Result<Cow<'v, Json>, String> {
    let mut value = value;
    for (at, part) in path.iter().enumerate() {
        let mut outer = reference.clone();
        outer.path.truncate(reference.path.len() - path.len() + at);
        let is_last = at + 1 == path.len();
        value = match (part, value) {
            (Part::Index(index), _) => item(value, *index, &outer)?,
            (Part::Field(field), Json::Array(rows)) if field == "count" && is_last => {
                return Ok(Cow::Owned(rows.len().into()));
            }
            (Part::Field(field), _) => inner(value, field, &outer)?,
        };
    }
    Ok(Cow::Borrowed(value))
}

fn item<'v>(value: &'v Json, index: i64, outer: &Reference) -> Result<&'v Json, String> {
    let Json::Array(rows) = value else {
        return Err(format!("`{outer}` is no list, so it has no row [{index}]"));
    };
    last::place(index, rows.len())
        .and_then(|at| rows.get(at))
        .ok_or_else(|| last::no_row(outer, index, rows.len()))
}

fn inner<'v>(value: &'v Json, field: &str, outer: &Reference) -> Result<&'v Json, String> {
    if let Json::Array(rows) = value
        && let Some((_, value)) = rows.iter().filter_map(tag).find(|(key, _)| *key == field)
    {
        return Ok(value);
    }
    let Some(fields) = row(value) else {
        return Err(match value {
            Json::Array(_) => format!("`{outer}` has no rows, so it has no `{field}`"),
            _ => format!(
                "`{outer}` is a text and has no field `{field}`; for a text behind it write \
                 `${{{}}}.{field}`",
                outer.to_string().trim_matches(['$', '{', '}'])
            ),
        });
    };
    fields.get(field).ok_or_else(|| no_field(outer, field, fields))
}

fn no_field(outer: &Reference, field: &str, fields: &Map<String, Json>) -> String {
    let known = || fields.keys().map(String::as_str);
    let hint = match nearest(field, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if fields.len() > NAMED => "Tab behind the dot lists those it has".to_owned(),
        None => format!("it has {}", known().collect::<Vec<_>>().join(", ")),
    };
    format!("`{outer}` has no field `{field}`; {hint}")
}

/// The value as a parameter's text: several are separated by commas, as the API wants them.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(value.to_string()),
        Json::Array(values) if values.iter().all(is_plain) && !values.is_empty() => {
            values.iter().map(text).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn is_plain(value: &Json) -> bool {
    !value.is_array() && !value.is_object() && !value.is_null()
}

/// What there is to say where one value is wanted and there are several.
fn parts(reference: &Reference, value: &Json) -> String {
    let Some(fields) = row(value) else {
        return format!("`{reference}` has no value");
    };
    let first = if fields.contains_key("id") { Some("id") } else { None };
    let field = first.or(fields.keys().map(String::as_str).next()).unwrap_or("id");
    let field = if value.as_array().is_some_and(|rows| rows.iter().any(|row| tag(row).is_some())) {
        "KEY"
    } else {
        field
    };
    let named = reference.to_string();
    let (before, close) = named.strip_suffix('}').map_or((named.as_str(), ""), |it| (it, "}"));
    format!("`{reference}` has several values; write which: `{before}.{field}{close}`")
}

/// A value on one line.
fn shown(value: &Json) -> String {
    match value {
        Json::Array(rows) => last::rows(rows.len()),
        Json::Object(fields) => match fields.get("name").or(fields.get("id")).and_then(text) {
            Some(name) => format!("the row of {}", printable(&name)),
            None => format!("a row of {} fields", fields.len()),
        },
        plain => {
            let text = text(plain).unwrap_or_default();
            let text = printable(&text);
            match text.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
                None => text.into_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
