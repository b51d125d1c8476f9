//! Connections that make the mistakes that the judge must notice.

use crate::model::Cell;
use crate::store::{Db, Dialect, MariaDb, RowFn, Sharing, StoreError};

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mistake {
    /// Callers are answered before what they were told is committed.
    AnswersFirst,
    /// The bits of a pool decide who gets an address, and not the key of its row: nobody locks
    /// them, and a row that is there already is passed over.
    TrustsTheHint,
    /// Counters are written as if nobody else counted.
    CountsApart,
}

/// A connection that makes a mistake.
pub(super) struct Mutant {
    db: MariaDb,
    mistake: Mistake,
    /// Whether a transaction is to be committed that callers take for committed.
    owes: bool,
    /// How the transaction that was begun last stands to others.
    sharing: Sharing,
}

impl Mutant {
    pub(super) fn new(db: MariaDb, mistake: Mistake) -> Self {
        Self { db, mistake, owes: false, sharing: Sharing::Alone }
    }

    fn wrong(&self, sql: &str) -> String {
        let is_of = |start: &str| sql.starts_with(start);
        match self.mistake {
            Mistake::TrustsTheHint if is_of("SELECT bits FROM chunk") => unlocked(sql),
            Mistake::TrustsTheHint if is_of("UPDATE chunk SET open = ?, bits = IF(") => {
                sql.replacen("= ?, INSERT", "= ? OR 1 = 1, INSERT", 1)
            }
            Mistake::TrustsTheHint if is_of("INSERT INTO address") => {
                sql.replacen("INSERT", "INSERT IGNORE", 1)
            }
            Mistake::CountsApart if is_of("UPDATE counter SET n = IF(") => {
                sql.replacen("<= ?", "<= ? OR 1 = 1", 1)
            }
            _ => sql.to_owned(),
        }
    }

    /// Commits what was not committed when it should have been.
    fn pay(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.owes) { self.db.script("COMMIT") } else { Ok(()) }
    }
}

fn unlocked(sql: &str) -> String {
    sql.replace(" FOR UPDATE", "")
}

impl Db for Mutant {
    fn dialect(&self) -> &'static Dialect {
        self.db.dialect()
    }

    fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError> {
        self.db.run(&self.wrong(sql), args)
    }

    fn many(&mut self, sql: &str, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        self.db.many(&self.wrong(sql), rows)
    }

    fn insert(&mut self, sql: &str, args: &[Cell]) -> Result<i64, StoreError> {
        self.db.insert(&self.wrong(sql), args)
    }

    fn each(&mut self, sql: &str, args: &[Cell], row: &mut RowFn<'_>) -> Result<(), StoreError> {
        self.db.each(&self.wrong(sql), args, row)
    }

    fn script(&mut self, sql: &str) -> Result<(), StoreError> {
        let is_first = self.mistake == Mistake::AnswersFirst;
        if sql == "COMMIT" && is_first && self.sharing == Sharing::Beside {
            self.owes = true;
            return Ok(());
        }
        self.db.script(sql)
    }

    fn in_transaction(&mut self) -> bool {
        self.db.in_transaction()
    }

    fn trouble(&mut self) -> Option<StoreError> {
        self.db.trouble()
    }

    fn begin_write(&mut self, sharing: Sharing) -> Result<i64, StoreError> {
        self.pay()?;
        self.sharing = sharing;
        self.db.begin_write(sharing)
    }

    fn begin_guess(&mut self, version: i64) -> bool {
        if self.pay().is_err() {
            return false;
        }
        self.sharing = Sharing::Beside;
        self.db.begin_guess(version)
    }

    fn begin_read(&mut self) -> Result<(), StoreError> {
        self.pay()?;
        self.db.begin_read()
    }
}
