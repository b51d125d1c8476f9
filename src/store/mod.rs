//! The transaction runner: rows are the truth, a use case is one transaction, and many of them
//! share one disk sync.

mod commit;
mod counters;
mod dialect;
mod error;
#[cfg(test)]
mod faulty;
mod health;
mod migrate;
mod pools;
mod readers;
mod runner;
#[cfg(test)]
mod runner_tests;
mod sqlite;
mod turn;
mod tx;

pub(crate) use counters::Counter;
pub(crate) use error::StoreError;
#[cfg(test)]
pub(crate) use faulty::{Faults, Faulty};
pub(crate) use health::{Health, examine};
#[cfg(test)]
pub(crate) use pools::CHUNK;
pub(crate) use pools::PoolId;
pub(crate) use runner::{Open, Store};
#[cfg(any(test, feature = "bench"))]
pub(crate) use sqlite::Sqlite;
pub(crate) use tx::Tx;

use crate::model::{Cell, CellRef};

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
    /// A number that changes whenever another process committed something.
    fn foreign_version(&mut self) -> Result<i64, StoreError>;
}

/// Takes a row by its columns; returns `false` when it has seen enough.
pub(crate) type RowFn<'f> =
    dyn for<'r> FnMut(&dyn Fn(usize) -> CellRef<'r>) -> Result<bool, StoreError> + 'f;
