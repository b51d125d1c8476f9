//! Rows that are too wide for a table: one field to a line, a blank line between rows.

use std::io::{self, Write};

use super::grid::{self, Column};
use super::rows::Rows;
use super::width::{padding, width};

pub(super) fn write(
    rows: &Rows<'_>,
    columns: &[Column<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = columns.iter().map(|column| width(&column.name)).max().unwrap_or(0);
    for (index, row) in rows.items.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for column in columns {
            let line = format!(
                "{}{}  {}",
                column.name,
                padding(&column.name, names),
                grid::text(row, column)
            );
            writeln!(out, "{}", line.trim_end_matches(' '))?;
        }
    }
    Ok(())
}
