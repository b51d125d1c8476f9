//! Framed tables for people, fitted to the terminal.
//!
//! Lists are drawn row by row; the table of one object, whose texts wrap, is laid out by
//! `comfy_table`, which only this file knows.

use std::borrow::Cow;
use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle,
    Table, TableStyle,
};
use serde_json::{Map, Value};

use super::choice::Choice;
use super::human::Human;
use super::record::Records;
use super::row::Row;
use super::sheet::{Column, Content, Sheet};
use super::width::{pad, truncate, width};
use super::{Body, End, Style, View, cell, fit};
use crate::text::printable;

/// The frame that users of `mysql` and CloudMonkey know.
const FRAME: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// Columns at least, if there are so many: rows of fewer say more one below the other.
const FEWEST: usize = 3;

/// The columns of the terminal that standard output is, if it is one.
pub(crate) fn terminal_width() -> Option<usize> {
    Table::new().width().map(usize::from).filter(|width| *width > 0)
}

/// Writes a list when its last row has come, and an object at once.
pub(super) struct Tables<'v> {
    choice: Choice<'v>,
    sheet: Sheet<'v>,
    width: Option<usize>,
    colour: bool,
    human: Option<Human<'v>>,
    is_list: bool,
    /// What the server says how many there are.
    count: Option<u64>,
}

impl<'v> Tables<'v> {
    pub(super) fn new(choice: Choice<'v>, view: &View<'v>) -> Self {
        let (width, colour, human) = (view.width, view.colour, view.human);
        let sheet = Sheet::preferring(choice.clone(), cell::short, human);
        Self { choice, sheet, width, colour, human, is_list: true, count: None }
    }
}

impl Style for Tables<'_> {
    fn begin(
        &mut self,
        body: Body<'_>,
        before: &Map<String, Value>,
        _: &mut dyn Write,
    ) -> io::Result<()> {
        self.is_list = matches!(body, Body::List(_));
        self.count = before.get("count").and_then(Value::as_u64);
        Ok(())
    }

    fn row(&mut self, row: Row<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.is_list {
            return self.sheet.take(&row);
        }
        object(row, &self.choice, self.width, self.colour, out)
    }

    fn end(&mut self, end: &End<'_>, out: &mut dyn Write) -> io::Result<()> {
        match end.body {
            Body::List(key) if self.sheet.rows() == 0 => nothing(key, self.count, out),
            Body::List(_) => list(&mut self.sheet, self.width, (self.colour, self.human), out),
            _ => Ok(()),
        }
    }
}

fn nothing(key: &str, count: Option<u64>, out: &mut dyn Write) -> io::Result<()> {
    let things = plural(&printable(key));
    match count {
        None | Some(0) => writeln!(out, "no {things}"),
        Some(count) => writeln!(out, "no {things} on this page, {count} in all"),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x']) || noun.ends_with("ch") => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

fn list(
    sheet: &mut Sheet<'_>,
    limit: Option<usize>,
    look: (bool, Option<Human<'_>>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let columns = if sheet.has_filter() { sheet.columns() } else { candidates(sheet) };
    let columns: Vec<_> =
        columns.into_iter().map(|(number, column)| (number, column.clone())).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let shown: Vec<_> = columns.iter().map(|(_, column)| column).collect();
    let widths = match limit {
        None => shown.iter().map(|column| column.width).collect(),
        Some(limit) if sheet.has_filter() => fit::fit_all(&shown, limit),
        Some(limit) => fit::fit_first(&shown, limit),
    };
    if widths.len() < columns.len().min(FEWEST) {
        let mut records = Records::new(shown);
        return sheet.each(|texts| records.write(columns.iter().map(|c| text(texts, c.0)), out));
    }
    let columns: Vec<_> = columns.iter().zip(widths).collect();
    framed(sheet, &columns, look, out)
}

/// The columns worth showing, the most important first.
fn candidates<'s>(sheet: &'s Sheet<'_>) -> Vec<(usize, &'s Column)> {
    let preferred = sheet.preferred();
    if !preferred.is_empty() {
        return preferred;
    }
    let mut columns = sheet.columns();
    if columns.iter().any(|(_, column)| column.content != Content::Nested) {
        columns.retain(|(_, column)| column.content != Content::Nested);
    }
    // A stable sort: what is neither name nor id keeps its place.
    columns.sort_by_key(|(_, column)| match column.field.as_str() {
        "name" => 0,
        "id" => 1,
        _ => 2,
    });
    columns
}

fn text<'t>(texts: &[&'t str], number: usize) -> &'t str {
    texts.get(number).copied().unwrap_or_default()
}

/// A column with its number, and how wide it may be.
type Fitted<'c> = (&'c (usize, Column), usize);

fn framed(
    sheet: &mut Sheet<'_>,
    columns: &[Fitted<'_>],
    (colour, human): (bool, Option<Human<'_>>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut border = String::from("+");
    for (_, width) in columns {
        border.push_str(&"-".repeat(width + 2));
        border.push('+');
    }
    border.push('\n');
    let mut line = String::new();
    for (column, width) in columns {
        cell(&column.1.name, None, column, *width, &mut line);
    }
    write!(out, "{border}{line}|\n{border}")?;
    sheet.each(|texts| {
        line.clear();
        for (column, width) in columns {
            let text = text(texts, column.0);
            let mood = if colour { mood_of(&column.1.field, text) } else { None };
            let unit = column.1.unit;
            let told = human.map_or(Cow::Borrowed(text), |human| human.text(unit, text));
            cell(&told, mood, column, *width, &mut line);
        }
        line.push_str("|\n");
        out.write_all(line.as_bytes())
    })?;
    out.write_all(border.as_bytes())
}

/// Adds a cell with the bar in front of it.
fn cell(text: &str, mood: Option<Mood>, column: &(usize, Column), to: usize, line: &mut String) {
    let text = truncate(text, to);
    line.push_str("| ");
    match mood {
        None => pad(&text, to, column.1.is_numeric(), line),
        Some(mood) => {
            let (before, after) = mood.codes();
            line.push_str(before);
            line.push_str(&text);
            line.push_str(after);
            pad("", to.saturating_sub(width(&text)), false, line);
        }
    }
    line.push(' ');
}

fn object(
    row: Row<'_>,
    choice: &Choice<'_>,
    limit: Option<usize>,
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let fields = choice.pick(row);
    let measured = fields.iter().map(|(name, value)| {
        let (mut column, text) = (Column::new(name), cell::short(value));
        column.take_in(cell::kind(value), &text);
        (column, text)
    });
    let (columns, texts): (Vec<_>, Vec<_>) = measured.unzip();
    if columns.is_empty() {
        return Ok(());
    }
    let columns: Vec<_> = columns.iter().collect();
    if limit.is_some_and(|limit| !fit::fits_upright(&columns, limit)) {
        return Records::new(columns).write(texts.iter().map(AsRef::as_ref), out);
    }
    let mut table = new_table(colour);
    for (column, text) in columns.iter().zip(texts) {
        let mood = mood_of(&column.field, &text);
        table.add_row([Cell::new(&column.name), coloured(mood, text.into_owned())]);
    }
    limit.inspect(|limit| wrap_values(&mut table, *limit));
    table.lines().try_for_each(|line| writeln!(out, "{line}"))
}

/// Lets the values of an object give way by wrapping: there is room for all of their text.
fn wrap_values(table: &mut Table, limit: usize) {
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(limit).unwrap_or(u16::MAX));
    if let Some(names) = table.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
}

fn new_table(colour: bool) -> Table {
    let mut table = Table::new();
    table.load_style(FRAME);
    if colour {
        table.enforce_styling().style_text_only();
    } else {
        table.force_no_tty();
    }
    table
}

fn coloured(mood: Option<Mood>, text: String) -> Cell {
    let cell = Cell::new_owned(text);
    match mood {
        Some(Mood::Good) => cell.fg(Color::DarkGreen),
        Some(Mood::Idle) => cell.add_attribute(Attribute::Dim),
        Some(Mood::Passing) => cell.fg(Color::DarkYellow),
        Some(Mood::Bad) => cell.fg(Color::DarkRed),
        None => cell,
    }
}

#[derive(Debug, Clone, Copy)]
enum Mood {
    Good,
    Idle,
    Passing,
    Bad,
}

impl Mood {
    /// What a terminal is told in front of the text and behind it, as `comfy_table` does.
    fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Good => ("\u{1b}[38;5;2m", "\u{1b}[39m"),
            Self::Idle => ("\u{1b}[2m", "\u{1b}[0m"),
            Self::Passing => ("\u{1b}[38;5;3m", "\u{1b}[39m"),
            Self::Bad => ("\u{1b}[38;5;1m", "\u{1b}[39m"),
        }
    }
}

/// What a state means to people; nothing where the field is none or the state is unknown.
fn mood_of(field: &str, text: &str) -> Option<Mood> {
    if !(field.ends_with("state") || field.ends_with("status")) {
        return None;
    }
    Some(match text {
        "Allocated" | "Enabled" | "enabled" | "Implemented" | "Running" | "Up" | "Active"
        | "Ready" => Mood::Good,
        "Free" | "Stopped" | "Allocatable" => Mood::Idle,
        "Reserved" | "Allocating" | "Releasing" | "Implementing" | "Shutdown" | "Starting"
        | "Stopping" | "Creating" | "Destroying" | "Pending" => Mood::Passing,
        "Disabled" | "disabled" | "Error" | "Down" | "Alert" | "Failed" => Mood::Bad,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
