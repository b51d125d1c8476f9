//! The measured columns of a list: what a table needs to know before its first line.

use std::borrow::Cow;

use serde_json::Value;

use super::cell;
use super::rows::{Row, Rows};
use super::width::width;
use crate::text::printable;

/// One column, measured over all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column<'a> {
    pub(super) name: Cow<'a, str>,
    /// The field it shows, which is the name unless that had to be made visible.
    pub(super) field: &'a str,
    /// The width of the widest cell, the header included.
    pub(super) width: usize,
    pub(super) content: Content,
    /// Whether a cell has blanks, as prose has and identifiers have not.
    pub(super) prose: bool,
}

/// What stands in a column; nulls do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    Numbers,
    Text,
    /// At least one list or object.
    Nested,
}

/// Measures row by row, in the order in which the answer lies in memory.
pub(super) fn measure<'a>(rows: &Rows<'a>, fields: &[&'a str]) -> Vec<Column<'a>> {
    let mut columns: Vec<_> = fields.iter().map(|field| Column::new(field)).collect();
    for row in &rows.items {
        for column in &mut columns {
            if let Some(value) = row.get(column.field) {
                column.take_in(value);
            }
        }
    }
    columns
}

impl<'a> Column<'a> {
    fn new(field: &'a str) -> Self {
        let name = printable(field);
        Self { width: width(&name), name, field, content: Content::Nothing, prose: false }
    }

    /// Whether to align it to the right.
    pub(super) fn is_numeric(&self) -> bool {
        self.content == Content::Numbers
    }

    fn take_in(&mut self, value: &Value) {
        let text = cell::short(value);
        self.width = self.width.max(width(&text));
        self.prose |= text.contains(' ');
        self.content = match (self.content, value) {
            (content, Value::Null) => content,
            (Content::Nested, _) | (_, Value::Array(_) | Value::Object(_)) => Content::Nested,
            (Content::Nothing | Content::Numbers, Value::Number(_)) => Content::Numbers,
            _ => Content::Text,
        };
    }
}

/// The text of the cell where `row` and `column` meet; empty if the row has no such field.
pub(super) fn text<'a>(row: &Row<'a>, column: &Column<'_>) -> Cow<'a, str> {
    row.get(column.field).map_or(Cow::Borrowed(""), cell::short)
}
