//! The transaction runner: rows are the truth, a use case is one transaction, and many of them
//! share one disk sync.

mod aliases;
mod chunk;
mod codes;
mod commit;
mod counters;
mod dialect;
mod error;
#[cfg(test)]
mod faulty;
mod gate;
mod health;
mod health_server;
mod ids;
mod lease;
mod mariadb;
mod meter;
mod migrate;
mod migrate_server;
mod pending;
mod pools;
mod readers;
mod runner;
#[cfg(test)]
mod runner_tests;
mod server;
mod spelling;
mod sqlite;
mod turn;
mod tx;
mod versions;
mod whole;

pub(crate) use chunk::CHUNK;
pub(crate) use counters::Counter;
pub(crate) use error::{Stale, StoreError};
#[cfg(test)]
pub(crate) use faulty::{Faults, Faulty};
pub(crate) use health::{Health, examine};
pub(crate) use health_server::{ServerHealth, examine_server};
#[cfg(any(test, feature = "bench"))]
pub(crate) use mariadb::MariaDb;
pub(crate) use meter::{Counts, Meter, Retry};
pub(crate) use pools::PoolId;
pub(crate) use readers::Connections;
pub(crate) use runner::{Open, Place, Store};
pub(crate) use server::Server;
#[cfg(any(test, feature = "bench"))]
pub(crate) use sqlite::Sqlite;
pub(crate) use tx::Tx;
pub(crate) use versions::Moment;
pub(crate) use whole::{
    ColumnDoc, Copied, TableDoc, backup, info, look, migrate_to, restore, schema,
};

use crate::model::{Cell, CellRef};
pub(crate) use dialect::Dialect;

/// What a database driver can do. There is one SQL text for all of them; where they differ,
/// `dialect` says how.
pub(crate) trait Db: Send {
    /// Runs a statement that answers no rows; returns how many rows it changed.
    fn run(&mut self, sql: &str, args: &[Cell]) -> Result<u64, StoreError>;
    /// Inserts one row; returns the number that the database gave it.
    fn insert(&mut self, sql: &str, args: &[Cell]) -> Result<i64, StoreError>;
    /// Hands each row of the answer to `row`, which returns whether it wants more.
    fn each(&mut self, sql: &str, args: &[Cell], row: &mut RowFn<'_>) -> Result<(), StoreError>;
    /// Runs several statements separated by `;`.
    fn script(&mut self, sql: &str) -> Result<(), StoreError>;
    /// Whether a transaction is open: some failures make the database end it by itself.
    fn in_transaction(&mut self) -> bool;
    /// Begins a transaction that writes. The number is another one than before whenever
    /// somebody else has committed what memory may hold.
    fn begin_write(&mut self, sharing: Sharing) -> Result<i64, StoreError>;
    /// Begins a transaction that writes beside others on what memory knows since that version:
    /// nothing is asked before the use case reads, or commits. Where the version is another one,
    /// that fails as [`StoreError::Stale`]. Returns whether it can do that.
    fn begin_guess(&mut self, version: i64) -> bool {
        let _ = version;
        false
    }
    /// Runs statements as [`Db::all`] does and commits. Whatever fails but is not
    /// [`StoreError::Unknown`] has changed nothing.
    fn commit(&mut self, bulks: &[Bulk]) -> Result<(), StoreError> {
        self.all(bulks)?;
        self.script("COMMIT")
    }
    /// A number by which this connection differs from most others.
    fn seat(&self) -> u64 {
        0
    }
    /// Begins a transaction that sees one state of the store and writes nothing.
    fn begin_read(&mut self) -> Result<(), StoreError>;
    /// The same; with the version of what may be remembered. Only for shared databases.
    fn begin_read_version(&mut self) -> Result<i64, StoreError> {
        self.begin_read().map(|()| 0)
    }
    /// The same on what is remembered since that version: nothing is asked before something is
    /// read. Returns whether it can do that.
    fn begin_read_guess(&mut self, version: i64) -> bool {
        let _ = version;
        false
    }
    /// The version now. Only for shared databases.
    fn version(&mut self) -> Result<i64, StoreError> {
        Ok(0)
    }
    /// How it writes SQL.
    fn dialect(&self) -> &'static Dialect;
    /// Runs a statement that answers no rows once for each row of arguments, in their order.
    fn many(&mut self, sql: &str, rows: &[Vec<Cell>]) -> Result<(), StoreError> {
        rows.iter().try_for_each(|row| self.run(sql, row).map(drop))
    }
    /// The same for several statements, in their order.
    fn all(&mut self, bulks: &[Bulk]) -> Result<(), StoreError> {
        bulks.iter().try_for_each(|(sql, rows)| self.many(sql, rows))
    }
    /// What ended the transaction behind the back of the use case, if something did.
    fn trouble(&mut self) -> Option<StoreError> {
        None
    }
}

/// A statement that answers no rows, and rows of arguments for it.
pub(crate) type Bulk = (&'static str, Vec<Vec<Cell>>);

/// How a transaction that writes stands to those of other connections, where several may write at
/// the same time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sharing {
    /// Others write at the same time. It writes addresses, counters, jobs and events only, and
    /// locks the rows of addresses that it reads.
    Beside,
    /// Nobody else writes.
    Alone,
}

/// Takes a row by its columns; returns `false` when it has seen enough.
pub(crate) type RowFn<'f> =
    dyn for<'r> FnMut(&dyn Fn(usize) -> CellRef<'r>) -> Result<bool, StoreError> + 'f;
