//! Turns an answer into text.
//!
//! One file per format, and what they share: [`row`] takes a row apart, [`choice`] knows which
//! fields were asked for, [`cell`] turns a value into the text of one cell, [`sheet`] finds and
//! measures columns. Every format takes every shape, an empty list included, and keeps the order
//! in which the server sent fields and rows. Numbers are never converted: the digits that came are
//! the digits that show.
//!
//! Rows are taken one after the other. JSON, JSON Lines, text, and CSV with a filter write each as
//! it comes; the others, which need all rows for the first line, put the cells aside in a file. So
//! none of them holds an answer in memory, however large it is.

mod cell;
mod choice;
mod column;
mod csv;
mod fit;
mod format;
mod human;
mod json;
mod jsonl;
mod record;
mod row;
#[cfg(test)]
mod samples;
mod sheet;
mod spool;
mod table;
mod text;
mod width;

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::transport::{Rows, hand_on};

pub(crate) use cell::cell_text;
pub(crate) use format::Format;
pub(crate) use human::Human;
pub(crate) use json::safe as safe_json;
pub(crate) use row::Row;
pub(crate) use spool::{Aside, Place};
pub(crate) use table::terminal_width;
pub(crate) use width::{truncate, width};

use choice::Choice;

/// What kind of answer it is; an empty list cannot be told from an empty object otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape<'a> {
    /// `{"count":2,"vpc":[..]}`, or `{}` when there is none.
    List { key: &'a str },
    /// `{"network":{..}}`.
    Object { key: &'a str },
    /// `{"success":true,"displaytext":".."}`.
    Success,
    /// The fields themselves, without a key around them.
    Flat,
}

/// How the answer is to be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) shape: Shape<'a>,
    /// The columns of a table, the most important first; empty if nobody knows.
    pub(crate) columns: &'a [&'a str],
    /// The fields asked for, in this order; empty for all.
    pub(crate) filter: &'a [String],
    /// The fields to leave out.
    pub(crate) exclude: &'a [String],
    /// The columns of the terminal; `None` for no limit.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
    /// Whether a table is for reading only, so that times and sizes may be told in short.
    pub(crate) human: Option<Human<'a>>,
}

#[cfg(test)]
impl<'a> View<'a> {
    /// Shows all of the answer, without limits and without colour.
    pub(crate) fn plain(shape: Shape<'a>) -> Self {
        Self {
            shape,
            columns: &[],
            filter: &[],
            exclude: &[],
            width: None,
            colour: false,
            human: None,
        }
    }
}

/// Where in the answer the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body<'k> {
    /// In the array under this key.
    List(&'k str),
    /// One, the object under this key.
    Object(&'k str),
    /// One, the answer itself.
    Whole,
}

/// What there is when the last row has come.
struct End<'e> {
    body: Body<'e>,
    /// What stands behind the rows.
    after: &'e Map<String, Value>,
}

/// A format.
trait Style {
    /// Rows will come, or none; `before` stands in front of them.
    fn begin(
        &mut self,
        body: Body<'_>,
        before: &Map<String, Value>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let _ = (body, before, out);
        Ok(())
    }

    /// The next row.
    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()>;

    /// There are no more.
    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        let _ = (end, out);
        Ok(())
    }
}

fn style<'v>(format: Format, view: &View<'v>) -> Box<dyn Style + 'v> {
    let choice = Choice::new(view);
    match format {
        Format::Json => Box::new(json::Json::new(choice)),
        Format::Jsonl => Box::new(jsonl::JsonLines::new(choice)),
        Format::Table => Box::new(table::Tables::new(choice, view)),
        Format::Csv => Box::new(csv::Csv::new(choice)),
        Format::Column => Box::new(column::Columns::new(choice)),
        Format::Text => Box::new(text::Text::new(choice)),
    }
}

/// Writes a list whose rows come one after the other.
pub(crate) struct Listing<'v, 'o> {
    style: Box<dyn Style + 'v>,
    key: String,
    has_begun: bool,
    /// Whether the server says how many there are.
    is_counted: bool,
    rows: u64,
    out: &'o mut dyn Write,
}

impl<'v, 'o> Listing<'v, 'o> {
    /// A list whose rows are announced to stand under `key`.
    pub(crate) fn new(format: Format, view: &View<'v>, key: &str, out: &'o mut dyn Write) -> Self {
        let (style, key) = (style(format, view), key.to_owned());
        Self { style, key, has_begun: false, is_counted: false, rows: 0, out }
    }

    /// How many rows have come.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the list; `after` is what stood behind the rows, or instead of them. A list that the
    /// server did not count is counted, in front of the rows if there are none.
    pub(crate) fn end(mut self, mut after: Map<String, Value>) -> io::Result<()> {
        if !self.has_begun {
            after.retain(|_, value| !value.is_array());
            if !after.contains_key("count") {
                after.shift_insert(0, "count".into(), self.rows.into());
            }
            self.begin(&self.key.clone(), &after)?;
            after.clear();
        } else if !self.is_counted && !after.contains_key("count") {
            after.insert("count".into(), self.rows.into());
        }
        let end = End { body: Body::List(&self.key), after: &after };
        self.style.end(&end, self.out)
    }
}

impl Rows for Listing<'_, '_> {
    fn begin(&mut self, key: &str, before: &Map<String, Value>) -> io::Result<()> {
        key.clone_into(&mut self.key);
        self.has_begun = true;
        self.is_counted = before.contains_key("count");
        self.style.begin(Body::List(key), before, self.out)
    }

    fn row(&mut self, row: &str) -> io::Result<()> {
        self.rows += 1;
        self.style.row(Row::read(row, &self.key)?, self.out)
    }
}

/// Writes `answer`, the inner object of a response, in `format`.
///
/// An answer that does not have the announced shape is shown by the shape it has.
pub(crate) fn render(
    format: Format,
    answer: &Value,
    view: &View<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (body, value) = match view.shape {
        Shape::List { key } => {
            let mut listing = Listing::new(format, view, key, out);
            let after = hand_on(answer.clone(), key, &mut listing)?;
            return listing.end(after);
        }
        Shape::Object { key } => object(answer, key),
        Shape::Success | Shape::Flat => (Body::Whole, answer),
    };
    let (mut style, none) = (style(format, view), Map::new());
    style.begin(body, &none, out)?;
    if !value.is_null() {
        style.row(Row::read(&value.to_string(), "value")?, out)?;
    }
    style.end(&End { body, after: &none }, out)
}

/// Finds the object, also under another key if it is the only thing there.
fn object<'a>(answer: &'a Value, key: &'a str) -> (Body<'a>, &'a Value) {
    if let Some(value) = answer.get(key).filter(|value| value.is_object()) {
        return (Body::Object(key), value);
    }
    let only = answer.as_object().filter(|fields| fields.len() == 1);
    match only.and_then(|fields| fields.iter().next()).filter(|(_, value)| value.is_object()) {
        Some((key, value)) => (Body::Object(key), value),
        None => (Body::Whole, answer),
    }
}

#[cfg(test)]
mod tests {
    use super::samples::plain;
    use super::*;

    #[test]
    fn rows_are_found_under_another_key() {
        let shape = Shape::List { key: "vpc" };
        for answer in [r#"{"count": 1, "Vpc": [{"id": 1}]}"#, r#"{"vpc": [{"id": 1}]}"#] {
            assert_eq!(plain(Format::Csv, answer, shape), "id\n1\n");
        }
        for answer in ["{}", r#"{"count": 7}"#, "null", "\"odd\""] {
            assert_eq!(plain(Format::Csv, answer, shape), "");
        }
    }

    #[test]
    fn an_object_may_miss_its_key() {
        let shown = |answer: &str| plain(Format::Csv, answer, Shape::Object { key: "vpc" });
        assert_eq!(shown(r#"{"vpc": {"id": 1}}"#), "id\n1\n");
        assert_eq!(shown(r#"{"offering": {"id": 1}}"#), "id\n1\n");
        assert_eq!(shown(r#"{"id": 1, "jobid": 2}"#), "id,jobid\n1,2\n");
        assert_eq!(shown(r#"{"jobid": 2}"#), "jobid\n2\n");
    }

    #[test]
    fn a_list_that_nobody_counted_is_counted_at_its_end() {
        let mut out = Vec::new();
        let view = View::plain(Shape::List { key: "vpc" });
        let mut listing = Listing::new(Format::Json, &view, "vpc", &mut out);
        listing.begin("vpc", &Map::new()).unwrap();
        listing.row("7").unwrap();
        listing.end(Map::new()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "{\n  \"vpc\": [\n    7\n  ],\n  \"count\": 1\n}\n");
    }
}
