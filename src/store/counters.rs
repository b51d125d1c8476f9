//! Counters: how many of something an owner has. Read and changed in the transaction that makes
//! or removes the thing, written once per batch.

use crate::model::Cell;
use crate::store::dialect::Dialect;
use crate::store::{Bulk, Db, StoreError};
use std::collections::HashMap;

/// What is counted, for whom.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Counter {
    /// The kind of owner: `account`, `domain` or `range`.
    pub(crate) owner: &'static str,
    /// The owner's row number.
    pub(crate) id: i64,
    /// What is counted, for example `public_ip`.
    pub(crate) what: &'static str,
}

/// The counters that memory knows, and which of them have changed.
#[derive(Default)]
pub(crate) struct Counters {
    known: HashMap<Counter, Count>,
    /// Whether others count at the same time: see [`Counters::begin`].
    beside: bool,
}

/// Counters kept in memory between batches.
const KEPT: usize = 4096;

#[derive(Default)]
struct Count {
    /// The value; unknown where only something was added to it.
    value: Option<i64>,
    /// What was added since it was written.
    change: i64,
}

impl Counters {
    /// Says that a transaction begins, and whether others count at the same time. Then what is
    /// read is locked, and what is added is added to whatever stands there when it is written.
    pub(super) fn begin(&mut self, dialect: &Dialect, beside: bool) {
        if dialect.is_shared {
            self.known.clear();
        }
        self.beside = beside;
    }

    /// The present value; a counter that was never changed is 0.
    pub(crate) fn get(&mut self, db: &mut dyn Db, counter: Counter) -> Result<i64, StoreError> {
        let beside = self.beside;
        let count = self.known.entry(counter).or_default();
        if let Some(value) = count.value {
            return Ok(value);
        }
        let value = read(db, counter, beside)?.saturating_add(count.change);
        count.value = Some(value);
        Ok(value)
    }

    /// Adds `change`.
    pub(crate) fn add(
        &mut self,
        db: &mut dyn Db,
        counter: Counter,
        change: i64,
    ) -> Result<(), StoreError> {
        if !db.dialect().is_shared {
            self.get(db, counter)?;
        }
        let count = self.known.entry(counter).or_default();
        count.value = count.value.map(|value| value.saturating_add(change));
        count.change = count.change.saturating_add(change);
        Ok(())
    }

    /// What has changed, in a fixed order so that several servers cannot deadlock.
    pub(crate) fn take_changed(&mut self, dialect: &Dialect) -> Vec<Bulk> {
        let mut changed: Vec<_> =
            self.known.iter_mut().filter(|(_, count)| count.change != 0).collect();
        changed.sort_unstable_by_key(|(counter, _)| **counter);
        let written = match dialect.is_shared {
            true => add_all(dialect, &changed),
            false => set_all(dialect, &changed),
        };
        for (_, count) in &mut changed {
            count.change = 0;
        }
        if self.known.len() > KEPT {
            self.known.clear();
        }
        written
    }

    /// Forgets everything, as after a rollback.
    pub(crate) fn clear(&mut self) {
        self.known.clear();
    }
}

fn read(db: &mut dyn Db, counter: Counter, beside: bool) -> Result<i64, StoreError> {
    let sql = "SELECT n FROM counter WHERE owner = ? AND owner_id = ? AND what = ?";
    let sql = if beside { [sql, db.dialect().lock].concat() } else { sql.to_owned() };
    let args = [counter.owner.into(), counter.id.into(), counter.what.into()];
    let mut value = 0;
    db.each(&sql, &args, &mut |cell| {
        value = crate::model::Column::from_cell(cell(0))?;
        Ok(false)
    })?;
    Ok(value)
}

type Changed<'c> = [(&'c Counter, &'c mut Count)];

/// Sets counters that nobody else writes.
fn set_all(dialect: &Dialect, changed: &Changed<'_>) -> Vec<Bulk> {
    let set = changed.iter().map(|(counter, count)| row(counter, count.value.unwrap_or_default()));
    vec![(dialect.upsert_counter, set.collect())]
}

/// Adds to counters that others write too.
fn add_all(dialect: &Dialect, changed: &Changed<'_>) -> Vec<Bulk> {
    const LESS: &str = "UPDATE counter SET n = n + ? WHERE owner = ? AND owner_id = ? AND what = ?";
    let (more, mut less) = (rows(changed, |change| change > 0), rows(changed, |change| change < 0));
    for row in &mut less {
        row.rotate_right(1);
    }
    let all = [(dialect.upsert_counter, more), (LESS, less)];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

fn rows(changed: &Changed<'_>, which: impl Fn(i64) -> bool) -> Vec<Vec<Cell>> {
    let wanted = changed.iter().filter(|(_, count)| which(count.change));
    wanted.map(|(counter, count)| row(counter, count.change)).collect()
}

fn row(counter: &Counter, n: i64) -> Vec<Cell> {
    vec![counter.owner.into(), counter.id.into(), counter.what.into(), n.into()]
}
