//! A transaction as a use case sees it.

mod life;
mod memo;

use crate::model::{Cell, CellRef, Column, Entity, EntityKind, Record, Uid, UidKey};
use crate::store::aliases::Aliases;
use crate::store::counters::Counters;
use crate::store::ids::Ids;
use crate::store::pending::Pending;
use crate::store::pools::Pools;
use crate::store::{Counter, Db, PoolId, StoreError};

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// One transaction. What it writes is seen by what comes after it in the same batch, and is on
/// the disk before anybody is told.
///
/// The value is a connection with what memory knows of the store; the runner uses it for one
/// transaction after another.
pub(crate) struct Tx {
    db: Box<dyn Db>,
    key: UidKey,
    pools: Pools,
    counters: Counters,
    wrote: bool,
    aliases: Option<Aliases>,
    memo: HashMap<MemoKey, Arc<dyn Any + Send + Sync>>,
    /// The version of what a reader remembers.
    read_at: Option<i64>,
    ids: Ids,
    pending: Pending,
    /// Whether others write at the same time.
    beside: bool,
    /// Whether the use case wrote, or is about to write, what it may only write alone.
    wants_alone: bool,
    /// Whether rows wait to be inserted together, so that no use case learns of its own refusal.
    defers: bool,
}

/// Names what is remembered: what, of what kind, of which row.
pub(crate) type MemoKey = (&'static str, &'static str, i64);

/// Things remembered at most.
const MEMOS: usize = 4096;

impl Tx {
    /// Whether several connections write at the same time. Then the numbers of the rows of logs
    /// have gaps.
    pub(crate) fn is_shared(&self) -> bool {
        self.db.dialect().is_shared
    }

    /// The key of this installation's ids.
    pub(crate) fn key(&self) -> UidKey {
        self.key
    }

    /// The id of the row `id` of an entity.
    pub(crate) fn uid(&self, kind: EntityKind, id: i64) -> Uid {
        let chosen = self.alias_of(kind, 0, id);
        chosen.unwrap_or_else(|| self.key.encode(kind, 0, id.unsigned_abs()))
    }

    /// The row that `uid` names, if it is an id of this installation for an `E`; whether there is
    /// such a row is not looked at.
    pub(crate) fn row_of<E: Entity>(&self, uid: Uid) -> Option<i64> {
        let Some((zero, id)) = self.key.decode(E::KIND, uid) else {
            return self.aliased(E::KIND, uid).map(|(_, id)| id);
        };
        if zero != 0 { None } else { i64::try_from(id).ok() }
    }

    /// Runs a statement that answers no rows; returns how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        self.alone()?;
        self.memo.clear();
        self.run_row(sql, args)
    }

    /// Says that the use case decides by rows of addresses that others may write at the same
    /// time, or writes other rows than addresses. Where others do, it is refused, and run again
    /// when nobody does.
    pub(crate) fn alone(&mut self) -> Result<(), StoreError> {
        if !self.beside {
            return Ok(());
        }
        self.wants_alone = true;
        Err(StoreError::Contended("others are writing".into()))
    }

    /// Runs a statement on rows of addresses, which nothing that is remembered is read from.
    pub(crate) fn run_row(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        self.wrote = true;
        self.settle(sql)?;
        self.db.run(sql, args)
    }

    /// Inserts a row of an address, whose number the bits of its pool gave.
    pub(crate) fn put_row(&mut self, sql: &'static str, row: &[Cell]) -> Result<(), StoreError> {
        self.wrote = true;
        if self.defers {
            self.pending.push(sql, row.to_vec());
            return Ok(());
        }
        self.db.run(sql, row).map(drop)
    }

    /// Inserts the rows that a statement may be about.
    fn settle(&mut self, sql: &str) -> Result<(), StoreError> {
        if self.pending.concerns(sql) { self.pending.flush(&mut *self.db) } else { Ok(()) }
    }

    /// Hands each row of the answer to `row`, which returns whether it wants more.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        args: &[Cell],
        mut row: impl for<'r> FnMut(&dyn Fn(usize) -> CellRef<'r>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.settle(sql)?;
        self.db.each(sql, args, &mut row)
    }

    /// The same for rows of addresses that the use case may change: nobody else does so before it
    /// has ended.
    pub(crate) fn each_locked(
        &mut self,
        sql: &str,
        args: &[Cell],
        row: impl for<'r> FnMut(&dyn Fn(usize) -> CellRef<'r>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        match self.beside {
            true => self.each(&[sql, self.db.dialect().lock].concat(), args, row),
            false => self.each(sql, args, row),
        }
    }

    /// The first column of the first row.
    pub(crate) fn one<T: Column>(
        &mut self,
        sql: &str,
        args: &[Cell],
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(sql, args, |cell| {
            found = Some(T::from_cell(cell(0))?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// All records for which `tail` (`WHERE ... ORDER BY ...`) holds.
    pub(crate) fn select<R: Record>(
        &mut self,
        tail: &str,
        args: &[Cell],
    ) -> Result<Vec<R>, StoreError> {
        self.records(&[R::SELECT, tail].concat(), args)
    }

    fn records<R: Record>(&mut self, sql: &str, args: &[Cell]) -> Result<Vec<R>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, args, |cell| {
            found.push(R::from_row(cell)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The first record for which `tail` holds.
    pub(crate) fn first<R: Record>(
        &mut self,
        tail: &str,
        args: &[Cell],
    ) -> Result<Option<R>, StoreError> {
        let sql = [R::SELECT, tail, " LIMIT 1"].concat();
        Ok(self.records(&sql, args)?.pop())
    }

    /// How many rows of `R` there are for which `tail` holds.
    pub(crate) fn count<R: Record>(
        &mut self,
        tail: &str,
        args: &[Cell],
    ) -> Result<u64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM {} {tail}", R::TABLE);
        let n: Option<i64> = self.one(&sql, args)?;
        Ok(n.map_or(0, i64::unsigned_abs))
    }

    /// Stores a new record, in the row that it names or, with 0, in the next one; returns the row.
    pub(crate) fn insert<R: Record>(&mut self, record: &R) -> Result<i64, StoreError> {
        self.alone()?;
        self.memo.clear();
        self.wrote = true;
        let mut args = record.cells();
        args.push(if record.id() == 0 { Cell::Null } else { record.id().into() });
        self.db.insert(R::INSERT, &args)
    }

    /// Stores a new entry of a log, which nothing else refers to.
    pub(crate) fn append<R: Record>(&mut self, record: &R) -> Result<i64, StoreError> {
        self.wrote = true;
        let mut args = record.cells();
        if !self.defers {
            args.push(Cell::Null);
            return self.db.insert(R::INSERT, &args);
        }
        let id = self.ids.next(&mut *self.db, R::TABLE)?;
        args.push(id.into());
        self.pending.push(R::INSERT, args);
        Ok(id)
    }

    /// Writes all columns of a record that is stored already.
    pub(crate) fn save<R: Record>(&mut self, record: &R) -> Result<(), StoreError> {
        let mut args = record.cells();
        args.push(record.id().into());
        self.run(R::UPDATE, &args)?;
        Ok(())
    }

    /// Sets a setting at a scope, for example `zone` and its row; `global` has row 0.
    pub(crate) fn set_setting(
        &mut self,
        scope: &str,
        scope_id: i64,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        let args = [scope.into(), scope_id.into(), name.into(), value.into()];
        self.run(self.db.dialect().upsert_setting, &args)?;
        Ok(())
    }

    /// Makes the ids known that somebody chose; without that, none is.
    pub(crate) fn know_aliases(&mut self) -> Result<(), StoreError> {
        if self.aliases.is_none() {
            self.settle("alias")?;
            self.aliases = Some(Aliases::read(&mut *self.db)?);
        }
        Ok(())
    }

    /// Says that something has got an id that somebody chose.
    pub(crate) fn note_alias(&mut self) -> Result<(), StoreError> {
        self.aliases = None;
        self.know_aliases()
    }

    /// The id that somebody chose for a thing.
    pub(crate) fn alias_of(&self, kind: EntityKind, a: i64, b: i64) -> Option<Uid> {
        self.aliases.as_ref()?.of(kind, a, b)
    }

    /// The thing of this kind for which somebody chose the id.
    pub(crate) fn aliased(&self, kind: EntityKind, uid: Uid) -> Option<(i64, i64)> {
        self.aliases.as_ref()?.thing(kind, uid)
    }

    /// The tables of the engine, by name, each with its columns in their order.
    #[cfg(test)]
    pub(crate) fn layout(&mut self) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let dialect = self.db.dialect();
        let mut tables = self.texts(dialect.tables, &[])?;
        // Servers do not agree whether a letter comes before `_`.
        tables.sort();
        let columns = |table: String| {
            let columns = self.texts(dialect.columns, &[table.as_str().into()])?;
            Ok((table, columns))
        };
        tables.into_iter().map(columns).collect()
    }

    /// The first column of all rows.
    #[cfg(test)]
    fn texts(&mut self, sql: &str, args: &[Cell]) -> Result<Vec<String>, StoreError> {
        let mut found = Vec::new();
        self.each(sql, args, |cell| {
            found.push(String::from_cell(cell(0))?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// Writes what memory knows of counters and bits of pools, and forgets it, for whoever writes
    /// their rows by statements.
    pub(crate) fn forget_numbers(&mut self) -> Result<(), StoreError> {
        self.flush()?;
        self.forget_rows();
        Ok(())
    }

    /// Makes a pool; returns its row.
    pub(crate) fn new_pool(&mut self, kind: &str) -> Result<PoolId, StoreError> {
        self.alone()?;
        self.wrote = true;
        self.db.insert("INSERT INTO pool (kind) VALUES (?)", &[kind.into()])
    }

    /// The present value of a counter.
    pub(crate) fn counter(&mut self, counter: Counter) -> Result<i64, StoreError> {
        self.counters.get(&mut *self.db, counter)
    }

    /// The value of a counter for somebody who will add to it and must not exceed `most`: see
    /// [`Counters::get_below`].
    pub(crate) fn counter_below(&mut self, counter: Counter, most: i64) -> Result<i64, StoreError> {
        self.counters.get_below(&mut *self.db, counter, most)
    }

    /// Adds to a counter.
    pub(crate) fn tally(&mut self, counter: Counter, change: i64) -> Result<(), StoreError> {
        self.wrote = true;
        self.counters.add(&mut *self.db, counter, change)
    }

    /// Takes the lowest number of a pool within `spans` (inclusive, ascending, disjoint) that the
    /// bits show as free. The caller inserts the row; when that is refused as a duplicate the bit
    /// was wrong, is right now, and the caller asks again.
    pub(crate) fn take_lowest(
        &mut self,
        pool: PoolId,
        spans: &[(u64, u64)],
    ) -> Result<Option<u64>, StoreError> {
        let found = self.pools.take_lowest(&mut *self.db, pool, spans, false)?;
        self.wrote |= found.is_some();
        Ok(found)
    }

    /// The same; where several writers take numbers of the pool at the same time, each may start
    /// at a place of its own, so that they are not in each other's way.
    pub(crate) fn take_any(
        &mut self,
        pool: PoolId,
        spans: &[(u64, u64)],
    ) -> Result<Option<u64>, StoreError> {
        let found = self.pools.take_lowest(&mut *self.db, pool, spans, true)?;
        self.wrote |= found.is_some();
        Ok(found)
    }

    /// The free numbers of a pool within `span` (inclusive) in ascending order, without the first
    /// `skip`, `take` of them at most.
    pub(crate) fn free_numbers(
        &mut self,
        pool: PoolId,
        span: (u64, u64),
        skip: u64,
        take: u64,
    ) -> Result<Vec<u64>, StoreError> {
        self.pools.free_numbers(&mut *self.db, pool, span, skip, take)
    }

    /// Marks a number of a pool as taken (or free); returns whether that changed anything.
    pub(crate) fn mark(
        &mut self,
        pool: PoolId,
        number: u64,
        taken: bool,
    ) -> Result<bool, StoreError> {
        let changed = self.pools.mark(&mut *self.db, pool, number, taken)?;
        self.wrote |= changed;
        Ok(changed)
    }
}
