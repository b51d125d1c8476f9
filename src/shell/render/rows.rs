//! The rows of an answer, and which of their fields to show.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Shape, View};

/// The rows of an answer together with the choice of fields.
pub(super) struct Rows<'a> {
    pub(super) items: Vec<Row<'a>>,
    pub(super) body: Body<'a>,
    /// The total that the server counted, which may exceed the rows on this page.
    pub(super) count: Option<&'a Value>,
    /// The columns that are known without looking at a row.
    known: &'a [&'a str],
    filter: Vec<&'a str>,
    exclude: Vec<&'a str>,
}

/// Where in the answer the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// In the array under this key.
    List(&'a str),
    /// One, the object under this key.
    Object(&'a str),
    /// One, the answer itself.
    Whole,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Row<'a> {
    Fields(&'a Map<String, Value>),
    /// A value that is no object, as if it were the only field, with the list's name.
    Bare(&'a str, &'a Value),
}

impl<'a> Rows<'a> {
    pub(super) fn read(answer: &'a Value, view: &View<'a>) -> Self {
        let (body, items) = body(answer, view.shape);
        Self {
            items,
            body,
            count: answer.get("count"),
            known: view.columns,
            filter: names(view.filter),
            exclude: names(view.exclude),
        }
    }

    /// Whether anything but the whole row was asked for.
    pub(super) fn is_choosy(&self) -> bool {
        !self.filter.is_empty() || !self.exclude.is_empty()
    }

    /// The fields asked for, as they were asked for; `None` if all were.
    pub(super) fn filter(&self) -> Option<Vec<&'a str>> {
        (!self.filter.is_empty()).then(|| self.wanted(self.filter.iter().copied()))
    }

    /// The columns: those asked for, or every field of any row.
    ///
    /// Without a row there are those that are known beforehand.
    pub(super) fn columns(&self) -> Vec<&'a str> {
        if let Some(filter) = self.filter() {
            return filter;
        }
        if self.items.is_empty() {
            return self.preferred();
        }
        self.wanted(union(&self.items).into_iter())
    }

    /// The columns that are known beforehand, less those left out.
    pub(super) fn preferred(&self) -> Vec<&'a str> {
        self.wanted(self.known.iter().copied())
    }

    /// The chosen fields that `row` has.
    pub(super) fn fields(&self, row: &Row<'a>) -> Vec<(&'a str, &'a Value)> {
        if self.filter.is_empty() {
            return row.fields().filter(|(name, _)| !self.exclude.contains(name)).collect();
        }
        let chosen = self.wanted(self.filter.iter().copied());
        chosen.into_iter().filter_map(|name| Some((name, row.get(name)?))).collect()
    }

    fn wanted(&self, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        names.filter(|name| !self.exclude.contains(name)).collect()
    }
}

impl<'a> Row<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        match self {
            Self::Fields(fields) => fields.get(name),
            Self::Bare(key, value) => (*key == name).then_some(value),
        }
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let (fields, bare) = match *self {
            Self::Fields(fields) => (Some(fields), None),
            Self::Bare(key, value) => (None, Some((key, value))),
        };
        fields.into_iter().flatten().map(|(name, value)| (name.as_str(), value)).chain(bare)
    }

    fn new(key: &'a str, value: &'a Value) -> Self {
        value.as_object().map_or(Self::Bare(key, value), Self::Fields)
    }
}

fn body<'a>(answer: &'a Value, shape: Shape<'a>) -> (Body<'a>, Vec<Row<'a>>) {
    match shape {
        Shape::List { key } => {
            let (key, items) = list(answer, key);
            (Body::List(key), items.iter().map(|item| Row::new(key, item)).collect())
        }
        Shape::Object { key } => match object(answer, key) {
            Some((key, value)) => (Body::Object(key), vec![Row::new(key, value)]),
            None => (Body::Whole, whole(answer)),
        },
        Shape::Success | Shape::Flat => (Body::Whole, whole(answer)),
    }
}

/// Finds the array, also under a key that the description does not know: servers differ in some.
fn list<'a>(answer: &'a Value, key: &'a str) -> (&'a str, &'a [Value]) {
    if let Some(items) = answer.get(key).and_then(Value::as_array) {
        return (key, items);
    }
    let mut fields = answer.as_object().into_iter().flatten();
    let found = fields.find_map(|(key, value)| Some((key.as_str(), value.as_array()?)));
    found.map_or((key, &[]), |(key, items)| (key, items))
}

/// Finds the object, also under another key if it is the only thing there.
fn object<'a>(answer: &'a Value, key: &'a str) -> Option<(&'a str, &'a Value)> {
    if let Some(value) = answer.get(key).filter(|value| value.is_object()) {
        return Some((key, value));
    }
    let fields = answer.as_object().filter(|fields| fields.len() == 1)?;
    let (key, value) = fields.iter().next()?;
    value.is_object().then_some((key, value))
}

fn whole(answer: &Value) -> Vec<Row<'_>> {
    if answer.is_null() { Vec::new() } else { vec![Row::new("value", answer)] }
}

/// Every field of any row, each where the server puts it among its neighbours.
fn union<'a>(rows: &[Row<'a>]) -> Vec<&'a str> {
    let mut known = HashSet::new();
    let mut columns: Vec<&str> = Vec::new();
    for row in rows {
        let mut before = None;
        for (name, _) in row.fields() {
            if known.insert(name) {
                let place = before.and_then(|b| columns.iter().position(|column| *column == b));
                columns.insert(place.map_or(0, |place| place + 1), name);
            }
            before = Some(name);
        }
    }
    columns
}

/// Takes field names apart at commas, forgives blanks and drops repetitions.
fn names(given: &[String]) -> Vec<&str> {
    let mut names = Vec::new();
    for name in given.iter().flat_map(|list| list.split(',')).map(str::trim) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(answer: &Value, filter: &[&str], exclude: &[&str]) -> Vec<String> {
        let [filter, exclude] = [filter, exclude]
            .map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let shape = Shape::List { key: "vpc" };
        let view = View { filter: &filter, exclude: &exclude, ..View::plain(shape) };
        Rows::read(answer, &view).columns().into_iter().map(String::from).collect()
    }

    #[test]
    fn columns_come_from_all_rows_in_their_places() {
        let answer = json!({"vpc": [{"id": 1, "state": 2}, {"first": 0, "id": 1, "name": 3}]});
        assert_eq!(columns(&answer, &[], &[]), ["first", "id", "name", "state"]);
    }

    #[test]
    fn a_filter_is_the_columns() {
        let answer = json!({"vpc": [{"id": 1, "state": 2, "name": 3}]});
        assert_eq!(columns(&answer, &["state, nope", " id", "id"], &[]), ["state", "nope", "id"]);
        assert_eq!(columns(&answer, &[], &["state"]), ["id", "name"]);
        assert_eq!(columns(&answer, &["id", "name"], &["id"]), ["name"]);
    }

    #[test]
    fn rows_are_found_under_another_key() {
        for answer in [json!({"count": 1, "Vpc": [{"id": 1}]}), json!({"vpc": [{"id": 1}]})] {
            assert_eq!(columns(&answer, &[], &[]), ["id"]);
        }
        for answer in [json!({}), json!({"count": 7}), json!(null), json!("odd")] {
            assert_eq!(columns(&answer, &[], &[]), [""; 0]);
        }
    }

    #[test]
    fn an_object_may_miss_its_key() {
        let shape = Shape::Object { key: "vpc" };
        let body = |answer: &Value| match Rows::read(answer, &View::plain(shape)).body {
            Body::List(_) => "list",
            Body::Object("vpc") => "own key",
            Body::Object(_) => "other key",
            Body::Whole => "whole",
        };
        assert_eq!(body(&json!({"vpc": {"id": 1}})), "own key");
        assert_eq!(body(&json!({"offering": {"id": 1}})), "other key");
        assert_eq!(body(&json!({"id": 1, "jobid": 2})), "whole");
        assert_eq!(body(&json!({"jobid": 2})), "whole");
    }
}
