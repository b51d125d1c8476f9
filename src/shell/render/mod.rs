//! Turns an answer into text.
//!
//! One file per format, one function each, and three things they share: [`rows`] finds the rows
//! of an answer and the fields that were asked for, [`cell`] turns a value into the text of one
//! cell, [`grid`] measures columns. Every format takes every shape, an empty list included, and
//! keeps the order in which the server sent fields and rows. Numbers are never converted: the
//! digits that came are the digits that show.

mod cell;
mod column;
mod csv;
mod fit;
mod format;
mod grid;
mod json;
mod jsonl;
mod record;
mod rows;
#[cfg(test)]
mod samples;
mod table;
mod text;
mod width;

use std::io::{self, Write};

use serde_json::Value;

pub(crate) use format::Format;
pub(crate) use table::terminal_width;
pub(crate) use width::{padding, truncate, width};

use rows::Rows;

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
}

#[cfg(test)]
impl<'a> View<'a> {
    /// Shows all of the answer, without limits and without colour.
    pub(crate) fn plain(shape: Shape<'a>) -> Self {
        Self { shape, columns: &[], filter: &[], exclude: &[], width: None, colour: false }
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
    let rows = Rows::read(answer, view);
    match format {
        Format::Json => json::write(answer, &rows, out),
        Format::Jsonl => jsonl::write(&rows, out),
        Format::Table => table::write(&rows, view, out),
        Format::Csv => csv::write(&rows, out),
        Format::Column => column::write(&rows, out),
        Format::Text => text::write(&rows, out),
    }
}
