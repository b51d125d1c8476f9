//! Rows with the columns that they turn out to have: what a table needs to know before its first
//! line, and CSV before its header.
//!
//! Servers leave out fields without a value, so the columns are those of any row, and are known
//! when the last has come. Until then the texts of the cells are [put aside](super::spool).

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;

use serde_json::value::RawValue;

use super::cell::{self, Kind};
use super::choice::Choice;
use super::human::Human;
use super::row::Row;
use super::spool::{Cells, Spool};
use super::width::width;
use crate::schema::Unit;
use crate::text::printable;

/// One column, measured over all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// The field it shows.
    pub(super) field: String,
    /// The field, made visible.
    pub(super) name: String,
    /// The width of the widest cell, the header included.
    pub(super) width: usize,
    pub(super) content: Content,
    /// Whether a cell has blanks, as prose has and identifiers have not.
    pub(super) prose: bool,
    /// What it counts in, for people.
    pub(super) unit: Unit,
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

/// How the text of a cell is made.
pub(super) type Texts = fn(&RawValue) -> Cow<'_, str>;

/// The rows.
pub(super) struct Sheet<'v> {
    choice: Choice<'v>,
    texts: Texts,
    human: Option<Human<'v>>,
    columns: Vec<Column>,
    /// The numbers of the columns from left to right.
    order: Vec<usize>,
    /// The number of each field's column; none if it is not shown.
    numbers: HashMap<String, Option<usize>>,
    /// Whether there are just the columns that were asked for.
    is_fixed: bool,
    /// The columns that matter as soon as one of them has content.
    wanted: Vec<usize>,
    has_wanted: bool,
    cells: Cells,
    spool: Spool,
}

impl Column {
    pub(super) fn new(field: &str) -> Self {
        let name = printable(field).into_owned();
        let width = width(&name);
        let (content, unit) = (Content::Nothing, Unit::Plain);
        Self { field: field.to_owned(), name, width, content, prose: false, unit }
    }

    /// Whether to align it to the right.
    pub(super) fn is_numeric(&self) -> bool {
        self.content == Content::Numbers
    }

    pub(super) fn take_in(&mut self, kind: Kind, text: &str) {
        self.width = self.width.max(width(text));
        self.prose = self.prose || (text.contains(' ') && self.unit == Unit::Plain);
        self.content = match (self.content, kind) {
            (content, Kind::Null) => content,
            (Content::Nested, _) | (_, Kind::Nested) => Content::Nested,
            (Content::Nothing | Content::Numbers, Kind::Number) => Content::Numbers,
            _ => Content::Text,
        };
    }
}

impl<'v> Sheet<'v> {
    pub(super) fn new(choice: Choice<'v>, texts: Texts) -> Self {
        Self::blank(choice, texts, None)
    }

    fn blank(choice: Choice<'v>, texts: Texts, human: Option<Human<'v>>) -> Self {
        let mut sheet = Self {
            choice,
            texts,
            human,
            columns: Vec::new(),
            order: Vec::new(),
            numbers: HashMap::new(),
            is_fixed: false,
            wanted: Vec::new(),
            has_wanted: false,
            cells: Cells::default(),
            spool: Spool::new(),
        };
        for field in sheet.choice.filter().into_iter().flatten() {
            sheet.is_fixed = true;
            sheet.column(field, sheet.order.len());
        }
        sheet
    }

    /// A sheet that forgets the rest as soon as one of the preferred columns has content. Where
    /// people read it, columns are as wide as what they are told.
    pub(super) fn preferring(choice: Choice<'v>, texts: Texts, human: Option<Human<'v>>) -> Self {
        let mut sheet = Self::blank(choice, texts, human);
        if !sheet.is_fixed {
            let fields = sheet.choice.preferred();
            sheet.wanted = fields.iter().map(|field| sheet.column(field, usize::MAX)).collect();
        }
        sheet
    }

    pub(super) fn choice(&self) -> &Choice<'v> {
        &self.choice
    }

    pub(super) fn has_filter(&self) -> bool {
        self.is_fixed
    }

    pub(super) fn rows(&self) -> u64 {
        self.spool.rows()
    }

    /// Takes a row in.
    pub(super) fn take(&mut self, row: &Row<'_>) -> io::Result<()> {
        self.cells.clear();
        let mut place = 0;
        for (field, value) in &row.fields {
            let Some(number) = self.number(field, place) else { continue };
            if !self.is_fixed && !self.has_wanted {
                place = self.next_place(number, place);
            }
            let is_wanted = self.wanted.contains(&number);
            if self.has_wanted && !is_wanted {
                continue;
            }
            let (kind, text) = (cell::kind(value), (self.texts)(value));
            if let Some(column) = self.columns.get_mut(number) {
                let told =
                    self.human.map_or(Cow::Borrowed(&*text), |it| it.text(column.unit, &text));
                column.take_in(kind, &told);
                self.has_wanted |= is_wanted && column.content != Content::Nothing;
            }
            if !text.is_empty() {
                self.cells.add(number, &text);
            }
        }
        self.spool.put(&self.cells)
    }

    /// The columns that have been found, from left to right, with their numbers; not the
    /// preferred ones.
    pub(super) fn columns(&self) -> Vec<(usize, &Column)> {
        let mut columns = self.numbered(&self.order);
        columns.retain(|(number, _)| !self.wanted.contains(number));
        columns
    }

    /// Those of the preferred columns in which something stands.
    pub(super) fn preferred(&self) -> Vec<(usize, &Column)> {
        let mut columns = self.numbered(&self.wanted);
        columns.retain(|(_, column)| column.content != Content::Nothing);
        columns
    }

    /// Hands the texts of all rows on, by the number of the column; once.
    pub(super) fn each(&mut self, take: impl FnMut(&[&str]) -> io::Result<()>) -> io::Result<()> {
        self.spool.each(self.columns.len(), take)
    }

    fn numbered(&self, numbers: &[usize]) -> Vec<(usize, &Column)> {
        let column = |number: &usize| Some((*number, self.columns.get(*number)?));
        numbers.iter().filter_map(column).collect()
    }

    /// The number of the field's column, which is made where the server puts it among its
    /// neighbours.
    fn number(&mut self, field: &str, place: usize) -> Option<usize> {
        match self.numbers.get(field) {
            Some(known) => *known,
            None if self.is_fixed || self.choice.leaves_out(field) => {
                self.numbers.insert(field.to_owned(), None);
                None
            }
            None => Some(self.column(field, place)),
        }
    }

    /// Where the next column goes that is not known yet: behind this one.
    fn next_place(&self, number: usize, place: usize) -> usize {
        // Rows are mostly alike: it stands where it is looked for.
        if self.order.get(place) == Some(&number) {
            return place + 1;
        }
        self.order.iter().position(|known| *known == number).map_or(place, |place| place + 1)
    }

    fn column(&mut self, field: &str, place: usize) -> usize {
        let number = self.columns.len();
        let unit = self.human.map_or(Unit::Plain, |human| human.unit(field));
        self.columns.push(Column { unit, ..Column::new(field) });
        self.numbers.insert(field.to_owned(), Some(number));
        self.order.insert(place.min(self.order.len()), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::render::{Shape, View};

    fn columns(rows: &[&str], filter: &[&str], exclude: &[&str]) -> Vec<String> {
        let [filter, exclude] = [filter, exclude]
            .map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
        let plain = View::plain(Shape::List { key: "vpc" });
        let choice = Choice::new(&View { filter: &filter, exclude: &exclude, ..plain });
        let mut sheet = Sheet::new(choice, cell::short);
        for row in rows {
            sheet.take(&Row::read(row, "vpc").unwrap()).unwrap();
        }
        sheet.columns().into_iter().map(|(_, column)| column.name.clone()).collect()
    }

    #[test]
    fn columns_come_from_all_rows_in_their_places() {
        let rows = [r#"{"id": 1, "state": 2}"#, r#"{"first": 0, "id": 1, "name": 3}"#];
        assert_eq!(columns(&rows, &[], &[]), ["first", "id", "name", "state"]);
    }

    #[test]
    fn a_filter_is_the_columns() {
        let rows = [r#"{"id": 1, "state": 2, "name": 3}"#];
        assert_eq!(columns(&rows, &["state, nope", " id", "id"], &[]), ["state", "nope", "id"]);
        assert_eq!(columns(&rows, &[], &["state"]), ["id", "name"]);
        assert_eq!(columns(&rows, &["id", "name"], &["id"]), ["name"]);
    }

    #[test]
    fn what_nobody_shows_is_not_kept() {
        let choice =
            Choice::new(&View { columns: &["a"], ..View::plain(Shape::List { key: "vpc" }) });
        let mut sheet = Sheet::preferring(choice, cell::short, None);
        for row in [r#"{"b": "x"}"#, r#"{"a": 1, "b": "y"}"#, r#"{"a": 2, "b": "z"}"#] {
            sheet.take(&Row::read(row, "vpc").unwrap()).unwrap();
        }
        assert_eq!(sheet.preferred().len(), 1);
        let mut seen = Vec::new();
        let mut take = |texts: &[&str]| {
            seen.push(texts.concat());
            Ok(())
        };
        sheet.each(&mut take).unwrap();
        assert_eq!(seen, ["x", "1", "2"]);
    }
}
