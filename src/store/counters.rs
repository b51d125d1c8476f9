//! Counters: how many of something an owner has. Read and changed in the transaction that makes
//! or removes the thing, written once per batch.

use crate::model::{Cell, Column};
use crate::store::dialect::Dialect;
use crate::store::pools::How;
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
    how: How,
}

/// Counters kept in memory between batches.
const KEPT: usize = 4096;

#[derive(Default)]
struct Count {
    /// The value; unknown where only something was added to it.
    value: Option<i64>,
    /// What was added since it was written.
    change: i64,
    /// Whether the value was read in this transaction.
    is_fresh: bool,
    /// Whether there is a row.
    has_row: bool,
    /// What it must not exceed when it is written.
    most: Option<i64>,
}

impl Counters {
    /// Says that a transaction begins, and how it stands to others that count. Beside them what is
    /// added is added to whatever stands there when it is written.
    pub(super) fn begin(&mut self, dialect: &Dialect, how: How) {
        self.how = how;
        if how == How::Guessing {
            for count in self.known.values_mut() {
                (count.is_fresh, count.most) = (false, None);
            }
        } else if dialect.is_shared {
            self.known.clear();
        }
    }

    /// The present value; a counter that was never changed is 0. Beside others it may be another
    /// one soon: who decides by it asks for [`Counters::get_below`].
    pub(crate) fn get(&mut self, db: &mut dyn Db, counter: Counter) -> Result<i64, StoreError> {
        let count = self.known.entry(counter).or_default();
        if let Some(value) = count.value.filter(|_| self.how != How::Guessing || count.is_fresh) {
            return Ok(value);
        }
        let found = read(db, counter)?;
        let value = found.unwrap_or_default().saturating_add(count.change);
        (count.value, count.is_fresh) = (Some(value), true);
        count.has_row |= found.is_some();
        Ok(value)
    }

    /// The value for somebody who will add to it and must not exceed `most`. Beside others it may
    /// be another one by the time when it is written, and is refused if it is too much then.
    pub(crate) fn get_below(
        &mut self,
        db: &mut dyn Db,
        counter: Counter,
        most: i64,
    ) -> Result<i64, StoreError> {
        if self.how == How::Alone {
            return self.get(db, counter);
        }
        let count = self.known.entry(counter).or_default();
        count.most = Some(count.most.map_or(most, |other| other.min(most)));
        if let Some(value) = count.value.filter(|_| count.has_row) {
            return Ok(value);
        }
        count.value = None;
        let value = self.get(db, counter)?;
        let count = self.known.entry(counter).or_default();
        if !count.has_row {
            // So that there is something to refuse.
            db.run(MAKE, &row(&counter, 0))?;
            count.has_row = true;
        }
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

/// Makes a counter unless there is one.
const MAKE: &str = "INSERT INTO counter (owner, owner_id, what, n) VALUES (?, ?, ?, ?) \
                    ON DUPLICATE KEY UPDATE n = n";

fn read(db: &mut dyn Db, counter: Counter) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT n FROM counter WHERE owner = ? AND owner_id = ? AND what = ?";
    let args = [counter.owner.into(), counter.id.into(), counter.what.into()];
    let mut value = None;
    db.each(sql, &args, &mut |cell| {
        value = Some(i64::from_cell(cell(0))?);
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
    /// `NULL` is refused: others have counted since the value was read.
    const BELOW: &str = "UPDATE counter SET n = IF(n + ? <= ?, n + ?, NULL) \
                         WHERE owner = ? AND owner_id = ? AND what = ?";
    let (mut more, mut below, mut less) = (Vec::new(), Vec::new(), Vec::new());
    for (counter, count) in changed {
        let bounded = count.most.filter(|_| count.change > 0);
        let [owner, id, what] = [counter.owner.into(), counter.id.into(), counter.what.into()];
        let change = Cell::Int(count.change);
        match bounded {
            Some(most) => below.push(vec![change.clone(), most.into(), change, owner, id, what]),
            None if count.change > 0 => more.push(vec![owner, id, what, change]),
            None => less.push(vec![change, owner, id, what]),
        }
    }
    let all = [(dialect.upsert_counter, more), (BELOW, below), (LESS, less)];
    all.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

fn row(counter: &Counter, n: i64) -> Vec<Cell> {
    vec![counter.owner.into(), counter.id.into(), counter.what.into(), n.into()]
}
