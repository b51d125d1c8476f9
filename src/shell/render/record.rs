//! Rows that are too wide for a table: one field to a line, a blank line between rows.

use std::io::{self, Write};

use super::sheet::Column;
use super::width::{pad, width};

/// Writes row by row.
pub(super) struct Records<'c> {
    columns: Vec<&'c Column>,
    width: usize,
    rows: u64,
}

impl<'c> Records<'c> {
    pub(super) fn new(columns: Vec<&'c Column>) -> Self {
        let width = columns.iter().map(|column| width(&column.name)).max().unwrap_or(0);
        Self { columns, width, rows: 0 }
    }

    /// Writes one, the texts of its cells being those of the columns.
    pub(super) fn write<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.rows > 0 {
            writeln!(out)?;
        }
        self.rows += 1;
        for (column, text) in self.columns.iter().zip(texts) {
            let mut line = String::new();
            pad(&column.name, self.width, false, &mut line);
            line.push_str("  ");
            line.push_str(text);
            writeln!(out, "{}", line.trim_end_matches(' '))?;
        }
        Ok(())
    }
}
