//! Counters: how many of something an owner has. Read and changed in the transaction that makes
//! or removes the thing, written once per batch.

use crate::model::Cell;
use crate::store::{Db, StoreError};
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
pub(crate) struct Counters(HashMap<Counter, Count>);

/// Counters kept in memory between batches.
const KEPT: usize = 4096;

struct Count {
    value: i64,
    changed: bool,
}

impl Counters {
    /// The present value; a counter that was never changed is 0.
    pub(crate) fn get(&mut self, db: &mut dyn Db, counter: Counter) -> Result<i64, StoreError> {
        self.load(db, counter).map(|count| count.value)
    }

    /// Adds `change` and returns the new value.
    pub(crate) fn add(
        &mut self,
        db: &mut dyn Db,
        counter: Counter,
        change: i64,
    ) -> Result<i64, StoreError> {
        let count = self.load(db, counter)?;
        count.value = count.value.saturating_add(change);
        count.changed |= change != 0;
        Ok(count.value)
    }

    fn load(&mut self, db: &mut dyn Db, counter: Counter) -> Result<&mut Count, StoreError> {
        use std::collections::hash_map::Entry;
        match self.0.entry(counter) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let mut value = 0;
                let args = [counter.owner.into(), counter.id.into(), counter.what.into()];
                db.each(
                    "SELECT n FROM counter WHERE owner = ? AND owner_id = ? AND what = ?",
                    &args,
                    &mut |cell| {
                        value = crate::model::Column::from_cell(cell(0))?;
                        Ok(false)
                    },
                )?;
                Ok(unknown.insert(Count { value, changed: false }))
            }
        }
    }

    /// Writes what has changed, in a fixed order so that several servers cannot deadlock.
    pub(crate) fn flush(&mut self, db: &mut dyn Db) -> Result<(), StoreError> {
        let mut changed: Vec<_> = self.0.iter_mut().filter(|(_, count)| count.changed).collect();
        changed.sort_unstable_by_key(|(counter, _)| **counter);
        for (counter, count) in changed {
            let args: [Cell; 4] =
                [counter.owner.into(), counter.id.into(), counter.what.into(), count.value.into()];
            db.run(super::dialect::UPSERT_COUNTER, &args)?;
            count.changed = false;
        }
        if self.0.len() > KEPT {
            self.0.clear();
        }
        Ok(())
    }

    /// Forgets everything, as after a rollback.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
