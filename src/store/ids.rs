//! Numbers of rows that are inserted together with others, and whose numbers are needed before.
//! A server takes them in blocks; what is left of a block when it stops is never used.

use crate::model::{Cell, CellRef};
use crate::store::{Db, StoreError};
use std::collections::HashMap;
use std::ops::Range;

/// Numbers in a block.
const BLOCK: i64 = 1024;
/// So few are left when a transaction that ends takes the next block for those to come: then the
/// row that all servers need is held for a moment only.
const LOW: i64 = 256;

/// The blocks of this connection, by their tables.
#[derive(Default)]
pub(super) struct Ids(HashMap<&'static str, Range<i64>>);

impl Ids {
    /// The next number for a row of a table.
    pub(super) fn next(&mut self, db: &mut dyn Db, table: &'static str) -> Result<i64, StoreError> {
        if let Some(id) = self.0.get_mut(table).and_then(Iterator::next) {
            return Ok(id);
        }
        let mut block = take(db, table)?;
        let id = block.next().unwrap_or_default();
        self.0.insert(table, block);
        Ok(id)
    }

    /// Takes a new block where an old one is nearly used up.
    pub(super) fn refill(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        for (table, block) in &mut self.0 {
            if block.end - block.start < LOW {
                *block = take(db, table)?;
            }
        }
        Ok(())
    }

    /// Forgets all blocks, as after a rollback: the one taken last may have been given back.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn take(db: &mut dyn Db, table: &str) -> Result<Range<i64>, StoreError> {
    let sql = "INSERT INTO sequence (name, next) VALUES (?, ? + 1) \
               ON DUPLICATE KEY UPDATE next = next + ? RETURNING next";
    let mut end = 0;
    let args = [table.into(), Cell::Int(BLOCK), Cell::Int(BLOCK)];
    db.each(sql, &args, &mut |cell| {
        if let CellRef::Int(next) = cell(0) {
            end = next;
        }
        Ok(false)
    })?;
    Ok(end - BLOCK..end)
}
