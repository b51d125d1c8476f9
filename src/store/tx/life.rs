//! What the runner does with a transaction; use cases see none of this.

use super::Tx;
use crate::model::UidKey;
use crate::store::counters::Counters;
use crate::store::ids::Ids;
use crate::store::pending::Pending;
use crate::store::pools::{How, Pools};
use crate::store::{Bulk, Db, Sharing, StoreError};
use std::collections::HashMap;

impl Tx {
    pub(in crate::store) fn new(db: Box<dyn Db>, key: UidKey) -> Self {
        Self {
            db,
            key,
            pools: Pools::default(),
            counters: Counters::default(),
            wrote: false,
            aliases: None,
            memo: HashMap::new(),
            read_at: None,
            ids: Ids::default(),
            pending: Pending::default(),
            beside: false,
            wants_alone: false,
            defers: false,
        }
    }

    /// Goes on over another connection.
    pub(in crate::store) fn reconnect(&mut self, db: Box<dyn Db>) {
        self.db = db;
        self.forget();
    }

    /// The connection again.
    pub(in crate::store) fn into_db(self) -> Box<dyn Db> {
        self.db
    }

    /// Whether anything was written since this was last asked.
    pub(in crate::store) fn take_wrote(&mut self) -> bool {
        std::mem::replace(&mut self.wrote, false)
    }

    /// Begins, commits, sets savepoints and the like.
    pub(in crate::store) fn control(&mut self, sql: &str) -> Result<(), StoreError> {
        self.db.script(sql)
    }

    /// See [`Db::in_transaction`].
    pub(in crate::store) fn in_transaction(&mut self) -> bool {
        self.db.in_transaction()
    }

    /// See [`Db::begin_write`]. `is_careful` says that rows are inserted one by one.
    pub(in crate::store) fn begin(
        &mut self,
        sharing: Sharing,
        is_careful: bool,
    ) -> Result<i64, StoreError> {
        let version = self.db.begin_write(sharing)?;
        let is_shared = self.db.dialect().is_shared;
        let is_beside = is_shared && sharing == Sharing::Beside;
        self.defers = !is_careful && is_shared;
        self.enter(if is_beside { How::Beside } else { How::Alone });
        Ok(version)
    }

    /// See [`Db::begin_guess`].
    pub(in crate::store) fn begin_guess(&mut self, version: i64) -> bool {
        if !self.db.begin_guess(version) {
            return false;
        }
        self.defers = true;
        self.enter(How::Guessing);
        true
    }

    fn enter(&mut self, how: How) {
        let dialect = self.db.dialect();
        self.beside = how != How::Alone;
        self.wants_alone = false;
        self.counters.begin(dialect, how);
        self.pools.begin(dialect, how);
    }

    /// Writes what is only in memory yet, and commits.
    pub(in crate::store) fn commit(&mut self) -> Result<(), StoreError> {
        let bulks = self.take_changed();
        self.db.commit(&bulks)?;
        // What fails here fails again when it is needed, and is told then.
        let _ = self.ids.committed(&mut *self.db);
        Ok(())
    }

    /// Says that another writer took numbers where this one did: see [`Pools::move_away`].
    pub(in crate::store) fn move_away(&mut self) {
        self.pools.move_away(self.db.seat());
    }

    /// Begins to read one state. What is remembered is forgotten if it is of another version than
    /// that state; where the version is known to be `now`, that is looked at only if something is
    /// read.
    pub(in crate::store) fn begin_read(&mut self, now: Option<i64>) -> Result<(), StoreError> {
        if !self.is_shared() {
            return self.db.begin_read();
        }
        if let Some(version) = now.filter(|_| now == self.read_at)
            && self.db.begin_read_guess(version)
        {
            return Ok(());
        }
        let version = self.db.begin_read_version()?;
        if self.read_at != Some(version) {
            self.forget_rows();
            self.read_at = Some(version);
        }
        Ok(())
    }

    /// Ends what was read; returns whether the connection is still good.
    pub(in crate::store) fn end_read(&mut self) -> bool {
        // Nothing was to be written; should anything have been, it goes.
        let ended = self.db.script("ROLLBACK").is_ok();
        match self.is_shared() {
            true => self.forget_guesses(),
            false => self.forget(),
        }
        ended
    }

    /// See [`Db::version`].
    pub(in crate::store) fn version(&mut self) -> Result<i64, StoreError> {
        self.db.version()
    }

    /// See [`Db::trouble`].
    pub(in crate::store) fn trouble(&mut self) -> Option<StoreError> {
        self.db.trouble()
    }

    /// Whether a use case must be run alone to do what it did.
    pub(in crate::store) fn wants_alone(&self) -> bool {
        self.wants_alone
    }

    /// Writes what is only in memory yet.
    pub(in crate::store) fn flush(&mut self) -> Result<(), StoreError> {
        let bulks = self.take_changed();
        self.db.all(&bulks)
    }

    /// What is only in memory yet. The bits of pools come first: where another writer was faster,
    /// that is found out before anything else is done. Counters, which all writers need, come last
    /// and are held for the shortest time.
    fn take_changed(&mut self) -> Vec<Bulk> {
        let dialect = self.db.dialect();
        let mut bulks = self.pools.take_changed(dialect);
        bulks.extend(self.pending.take());
        bulks.extend(self.counters.take_changed(dialect));
        bulks
    }

    /// Forgets all that memory knows, as after a rollback.
    pub(in crate::store) fn forget(&mut self) {
        self.forget_guesses();
        self.aliases = None;
        self.memo.clear();
    }

    /// Forgets what a transaction would have written, and what others may have changed meanwhile
    /// without saying so.
    pub(in crate::store) fn forget_guesses(&mut self) {
        self.counters.clear();
        self.pools.clear();
        self.ids.rolled_back();
        self.pending.clear();
    }

    /// Forgets what memory knows of rows that others have changed.
    pub(in crate::store) fn forget_rows(&mut self) {
        self.counters.clear();
        self.pools.clear();
        self.aliases = None;
        self.memo.clear();
    }
}
