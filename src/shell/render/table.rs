//! Framed tables for people, fitted to the terminal.
//!
//! Only this file knows `comfy_table`.

use std::io::{self, Write};

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, ContentLineStyle,
    LineStyle, Table, TableStyle, Width,
};
use serde_json::Value;

use super::grid::{self, Column, Content};
use super::rows::{Body, Row, Rows};
use super::width::truncate;
use super::{View, fit, record};
use crate::text::printable;

/// The frame that users of `mysql` and CloudMonkey know.
const FRAME: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// The top border, the header and the line under it.
const HEADER_LINES: usize = 3;
/// The blanks on both sides of a cell, which `comfy_table` counts into a column's width.
const PADDING: u16 = 2;
/// How many rows are laid out at a time: `comfy_table` needs about 1 kB for each.
const CHUNK: usize = 1024;

/// The columns of the terminal that standard output is, if it is one.
pub(crate) fn terminal_width() -> Option<usize> {
    Table::new().width().map(usize::from).filter(|width| *width > 0)
}

pub(super) fn write(rows: &Rows<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    match (rows.body, rows.items.as_slice()) {
        (Body::List(key), []) => nothing(key, rows.count, out),
        (Body::List(_), _) => list(rows, view, out),
        (_, [row]) => object(rows, row, view, out),
        _ => Ok(()),
    }
}

fn nothing(key: &str, count: Option<&Value>, out: &mut dyn Write) -> io::Result<()> {
    let things = plural(&printable(key));
    match count.and_then(Value::as_u64) {
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

fn list(rows: &Rows<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (columns, exactly) = match rows.filter() {
        Some(fields) => (grid::measure(rows, &fields), true),
        None => (candidates(rows), false),
    };
    if columns.is_empty() {
        return Ok(());
    }
    let widths = match view.width {
        None => columns.iter().map(|column| column.width).collect(),
        Some(limit) if exactly => fit::fit_all(&columns, limit),
        Some(limit) => fit::fit_first(&columns, limit),
    };
    if widths.len() < columns.len().min(2) {
        return record::write(rows, &columns, out);
    }
    let columns: Vec<_> = columns.iter().zip(widths).collect();
    framed(rows, &columns, view.colour, out)
}

/// The columns worth showing, the most important first.
fn candidates<'a>(rows: &Rows<'a>) -> Vec<Column<'a>> {
    let mut columns = grid::measure(rows, &rows.preferred());
    columns.retain(|column| column.content != Content::Nothing);
    if !columns.is_empty() {
        return columns;
    }
    let mut columns = grid::measure(rows, &rows.columns());
    if columns.iter().any(|column| column.content != Content::Nested) {
        columns.retain(|column| column.content != Content::Nested);
    }
    // A stable sort: what is neither name nor id keeps its place.
    columns.sort_by_key(|column| match column.field {
        "name" => 0,
        "id" => 1,
        _ => 2,
    });
    columns
}

fn framed(
    rows: &Rows<'_>,
    columns: &[(&Column<'_>, usize)],
    colour: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut chunks = rows.items.chunks(CHUNK).enumerate().peekable();
    while let Some((index, chunk)) = chunks.next() {
        let table = chunk_table(chunk, columns, colour);
        let mut lines: Vec<_> = table.lines().collect();
        if chunks.peek().is_some() {
            lines.pop();
        }
        let skipped = if index == 0 { 0 } else { HEADER_LINES };
        lines.iter().skip(skipped).try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

fn chunk_table(rows: &[Row<'_>], columns: &[(&Column<'_>, usize)], colour: bool) -> Table {
    let mut table = new_table(colour);
    table.set_header(columns.iter().map(|(column, _)| aligned(column, Cell::new(&column.name))));
    table.set_constraints(columns.iter().map(|(_, width)| {
        ColumnConstraint::Absolute(Width::Fixed(u16_or_max(*width).saturating_add(PADDING)))
    }));
    for row in rows {
        table.add_row(columns.iter().map(|(column, width)| {
            let text = truncate(grid::text(row, column).into_owned(), *width);
            aligned(column, coloured(column.field, row, text))
        }));
    }
    table
}

fn object(rows: &Rows<'_>, row: &Row<'_>, view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let fields = rows.fields(row);
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let columns = grid::measure(rows, &names);
    if columns.is_empty() {
        return Ok(());
    }
    if view.width.is_some_and(|limit| !fit::fits_upright(&columns, limit)) {
        return record::write(rows, &columns, out);
    }
    let mut table = new_table(view.colour);
    for column in &columns {
        let text = grid::text(row, column).into_owned();
        table.add_row([Cell::new(&column.name), coloured(column.field, row, text)]);
    }
    view.width.inspect(|limit| wrap_values(&mut table, *limit));
    table.lines().try_for_each(|line| writeln!(out, "{line}"))
}

/// Lets the values of an object give way by wrapping: there is room for all of their text.
fn wrap_values(table: &mut Table, limit: usize) {
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16_or_max(limit));
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

fn u16_or_max(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

fn aligned(column: &Column<'_>, cell: Cell) -> Cell {
    if column.is_numeric() { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn coloured(field: &str, row: &Row<'_>, text: String) -> Cell {
    let cell = Cell::new_owned(text);
    if !(field.ends_with("state") || field.ends_with("status")) {
        return cell;
    }
    match row.get(field).and_then(Value::as_str).map(mood) {
        Some(Mood::Good) => cell.fg(Color::DarkGreen),
        Some(Mood::Idle) => cell.add_attribute(Attribute::Dim),
        Some(Mood::Passing) => cell.fg(Color::DarkYellow),
        Some(Mood::Bad) => cell.fg(Color::DarkRed),
        Some(Mood::Unknown) | None => cell,
    }
}

enum Mood {
    Good,
    Idle,
    Passing,
    Bad,
    Unknown,
}

fn mood(state: &str) -> Mood {
    match state {
        "Allocated" | "Enabled" | "enabled" | "Implemented" | "Running" | "Up" | "Active"
        | "Ready" => Mood::Good,
        "Free" | "Stopped" | "Allocatable" => Mood::Idle,
        "Reserved" | "Allocating" | "Releasing" | "Implementing" | "Shutdown" | "Starting"
        | "Stopping" | "Creating" | "Destroying" | "Pending" => Mood::Passing,
        "Disabled" | "disabled" | "Error" | "Down" | "Alert" | "Failed" => Mood::Bad,
        _ => Mood::Unknown,
    }
}

#[cfg(test)]
mod tests;
