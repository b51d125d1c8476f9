//! A database that fails when a test says so, and counts what was really committed.

use crate::model::Cell;
use crate::store::dialect::Dialect;
use crate::store::{Db, RowFn, Sharing, StoreError};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What all connections of one store share: when to fail, and what was committed.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Writes until the failure; 0 or less is never.
    left: AtomicI64,
    /// Whether all writes after that one fail as well.
    lasting: AtomicBool,
    /// Whether the failure has happened since it was last armed.
    struck: AtomicBool,
    /// How it fails.
    why: Mutex<Option<StoreError>>,
    /// Statements that changed anything but jobs and events, and were committed.
    committed: AtomicU64,
}

impl Faults {
    /// Lets the `nth` write from now on fail, counted from 1, and with `lasting` all after it too.
    /// Statements that write and those that begin, commit and set savepoints count.
    pub(crate) fn arm(&self, nth: u64, lasting: bool, why: StoreError) {
        *self.0.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        self.0.lasting.store(lasting, Ordering::SeqCst);
        self.0.struck.store(false, Ordering::SeqCst);
        self.0.left.store(i64::try_from(nth).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Lets everything succeed again; returns whether anything failed.
    pub(crate) fn disarm(&self) -> bool {
        self.0.left.store(0, Ordering::SeqCst);
        self.0.struck.swap(false, Ordering::SeqCst)
    }

    /// How many statements were committed so far that changed more than jobs and events.
    pub(crate) fn committed(&self) -> u64 {
        self.0.committed.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), StoreError> {
        let left = self.0.left.load(Ordering::SeqCst);
        if left <= 0 {
            return Ok(());
        }
        if left > 1 {
            self.0.left.store(left - 1, Ordering::SeqCst);
            return Ok(());
        }
        self.0.struck.store(true, Ordering::SeqCst);
        if !self.0.lasting.load(Ordering::SeqCst) {
            self.0.left.store(0, Ordering::SeqCst);
        }
        let why = self.0.why.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Err(why.unwrap_or(StoreError::Full))
    }
}

/// A connection that passes everything on, but for the faults.
pub(crate) struct Faulty {
    db: Box<dyn Db>,
    faults: Faults,
    pending: u64,
    /// How many were pending when the savepoint was set.
    saved: u64,
}

impl Faulty {
    /// Puts the faults in front of a connection.
    pub(crate) fn new(db: Box<dyn Db>, faults: Faults) -> Self {
        Self { db, faults, pending: 0, saved: 0 }
    }

    fn note(&mut self, sql: &str) {
        let only_told = ["INSERT INTO job ", "INSERT INTO event "];
        if !only_told.iter().any(|start| sql.starts_with(start)) {
            self.pending += 1;
        }
    }
}

impl Db for Faulty {
    fn dialect(&self) -> &'static Dialect {
        self.db.dialect()
    }

    fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        self.faults.check()?;
        self.note(sql);
        self.db.run(sql, args)
    }

    fn insert(&mut self, sql: &str, args: &[Cell]) -> Result<i64, StoreError> {
        self.faults.check()?;
        self.note(sql);
        self.db.insert(sql, args)
    }

    fn each(&mut self, sql: &str, args: &[Cell], row: &mut RowFn<'_>) -> Result<(), StoreError> {
        self.db.each(sql, args, row)
    }

    /// What is taken back can always be taken back: SQLite needs no room for it.
    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        if !sql.starts_with("ROLLBACK") {
            self.faults.check()?;
        }
        self.db.script(sql)?;
        match sql {
            "COMMIT" => {
                let pending = std::mem::take(&mut self.pending);
                self.faults.0.committed.fetch_add(pending, Ordering::SeqCst);
            }
            "ROLLBACK" => self.pending = 0,
            "SAVEPOINT one" => self.saved = self.pending,
            "ROLLBACK TO one" => self.pending = self.saved,
            _ => {}
        }
        Ok(())
    }

    fn in_transaction(&mut self) -> bool {
        self.db.in_transaction()
    }

    fn begin_write(&mut self, sharing: Sharing) -> Result<i64, StoreError> {
        self.faults.check()?;
        self.db.begin_write(sharing)
    }

    fn begin_guess(&mut self, version: i64) -> bool {
        self.db.begin_guess(version)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.faults.check()?;
        self.db.begin_read()
    }
}
