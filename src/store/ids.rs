//! Numbers of rows that are inserted together with others, and whose numbers are needed before.
//! A server takes them in blocks; what is left of a block when it stops is never used.

use crate::model::{Cell, CellRef};
use crate::store::{Db, StoreError};
use std::collections::HashMap;
use std::ops::Range;

/// Numbers in a block.
const BLOCK: i64 = 8192;
/// So few are left when the next block is taken, between transactions: then the row that all
/// servers need is held for a moment only.
const LOW: i64 = 2048;

/// The blocks of this connection, by their tables.
#[derive(Default)]
pub(super) struct Ids {
    blocks: HashMap<&'static str, Range<i64>>,
    /// Whether a block was taken in a transaction that has not ended: it goes if that does.
    is_unsure: bool,
}

impl Ids {
    /// The next number for a row of a table.
    pub(super) fn next(&mut self, db: &mut dyn Db, table: &'static str) -> Result<i64, StoreError> {
        if let Some(id) = self.blocks.get_mut(table).and_then(Iterator::next) {
            return Ok(id);
        }
        self.is_unsure = true;
        let mut block = take(db, table)?;
        let id = block.next().unwrap_or_default();
        self.blocks.insert(table, block);
        Ok(id)
    }

    /// Says that the transaction was committed, and takes a new block where an old one is nearly
    /// used up.
    pub(super) fn committed(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        self.is_unsure = false;
        for (table, block) in &mut self.blocks {
            if block.end - block.start < LOW {
                *block = take(db, table)?;
            }
        }
        Ok(())
    }

    /// Says that the transaction was rolled back: a block that was taken in it is given back.
    pub(super) fn rolled_back(&mut self) {
        if std::mem::take(&mut self.is_unsure) {
            self.blocks.clear();
        }
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
