//! The database's own book-keeping: its pages and indexes, and rows that refer to others.

use super::Findings;
use crate::model::{CellRef, Column};
use crate::store::{StoreError, Tx};

/// Checks what the database itself vouches for.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    if tx.is_shared() { orphans(tx, findings) } else { file(tx, findings) }
}

/// The file: SQLite looks at every page, index and constraint.
fn file(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    tx.each("PRAGMA integrity_check", &[], |cell| {
        match cell(0) {
            CellRef::Text("ok") => {}
            CellRef::Text(text) => findings
                .note("database", |_| format!("SQLite finds damage: {text}; restore a backup")),
            _ => {}
        }
        Ok(true)
    })?;
    let sql = "SELECT \"table\", rowid, parent FROM pragma_foreign_key_check";
    tx.each(sql, &[], |cell| {
        let (table, parent) = (String::from_cell(cell(0))?, String::from_cell(cell(2))?);
        let row: Option<i64> = Option::from_cell(cell(1))?;
        findings.note("references", |_| {
            let row = row.map_or_else(|| "-".to_owned(), |row| row.to_string());
            format!("row {row} of the table {table} refers to a row of {parent} that is not there")
        });
        Ok(true)
    })
}

/// A server vouches for its pages; what was written while it did not check references is found.
fn orphans(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT table_name, column_name, referenced_table_name, referenced_column_name \
               FROM information_schema.key_column_usage WHERE table_schema = DATABASE() \
               AND referenced_table_name IS NOT NULL ORDER BY table_name, column_name";
    let mut references: Vec<[String; 4]> = Vec::new();
    tx.each(sql, &[], |cell| {
        let text = |at| String::from_cell(cell(at));
        references.push([text(0)?, text(1)?, text(2)?, text(3)?]);
        Ok(true)
    })?;
    for [table, column, parent, key] in references {
        let sql = format!(
            "SELECT c.\"{column}\", COUNT(*) FROM \"{table}\" c LEFT JOIN \"{parent}\" p \
             ON p.\"{key}\" = c.\"{column}\" WHERE c.\"{column}\" IS NOT NULL \
             AND p.\"{key}\" IS NULL GROUP BY c.\"{column}\""
        );
        tx.each(&sql, &[], |cell| {
            let (row, many) = (i64::from_cell(cell(0))?, i64::from_cell(cell(1))?);
            findings.note("references", |_| {
                format!(
                    "{many} rows of the table {table} refer to row {row} of {parent}, which is not \
                     there ({column})"
                )
            });
            Ok(true)
        })?;
    }
    Ok(())
}
