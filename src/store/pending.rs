//! Rows that are inserted together: where many writers share a transaction on a database server,
//! one journey there takes all rows of a table.

use crate::model::Cell;
use crate::store::{Bulk, Db, StoreError};

/// Rows that are not inserted yet, by their statements in the order in which those first came.
#[derive(Default)]
pub(super) struct Pending(Vec<Bulk>);

impl Pending {
    /// Adds a row.
    pub(super) fn push(&mut self, sql: &'static str, row: Vec<Cell>) {
        match self.0.iter_mut().find(|(known, _)| *known == sql) {
            Some((_, rows)) => rows.push(row),
            None => self.0.push((sql, vec![row])),
        }
    }

    /// Whether a statement may be about rows that are not inserted yet.
    pub(super) fn concerns(&self, sql: &str) -> bool {
        self.0.iter().any(|(insert, rows)| {
            let table = insert.strip_prefix("INSERT INTO ").and_then(|rest| rest.split(' ').next());
            !rows.is_empty() && table.is_none_or(|table| sql.contains(table))
        })
    }

    /// Hands over all rows.
    pub(super) fn take(&mut self) -> Vec<Bulk> {
        let mut all = std::mem::take(&mut self.0);
        all.retain(|(_, rows)| !rows.is_empty());
        all
    }

    /// Inserts all rows.
    pub(super) fn flush(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        for (sql, rows) in &mut self.0 {
            if !rows.is_empty() {
                db.many(sql, rows)?;
                rows.clear();
            }
        }
        Ok(())
    }

    /// Forgets all rows, as after a rollback.
    pub(super) fn clear(&mut self) {
        self.0.iter_mut().for_each(|(_, rows)| rows.clear());
    }
}
