//! A store as a whole: what is in it, a copy of it, and a copy put in its place.

mod backup;
mod copy;
mod info;
mod schema;
mod tables;
mod target;
#[cfg(test)]
mod tests;

pub(crate) use backup::{backup, restore};
pub(crate) use copy::{Copied, migrate_to};
pub(crate) use info::info;
pub(crate) use schema::{ColumnDoc, TableDoc, schema};

use crate::store::mariadb::MariaDb;
use crate::store::sqlite::Sqlite;
use crate::store::turn::Turn;
use crate::store::{Db, Place, Server, Sharing, StoreError, Tx, migrate, runner};
use std::path::Path;
use std::time::Duration;

/// How long a statement may take that goes through a whole store.
const PATIENCE: Duration = Duration::from_hours(1);

/// Connects to a place, where there may be no store yet.
fn connect(place: &Place) -> Result<Box<dyn Db>, StoreError> {
    Ok(match place {
        Place::File(path) => Box::new(Sqlite::open(path, false)?),
        Place::Server(server) => {
            let server = Server { statement_time: PATIENCE, ..server.clone() };
            Box::new(MariaDb::open(&server)?)
        }
    })
}

/// Connects to a store that is there; with its schema version.
fn existing(place: &Place) -> Result<(Box<dyn Db>, i64), StoreError> {
    let none = || StoreError::Other(format!("there is no store at {place}"));
    if let Place::File(path) = place
        && !path.exists()
    {
        return Err(none());
    }
    let mut db = connect(place)?;
    match migrate::version(&mut *db)? {
        0 => Err(none()),
        version => Ok((db, version)),
    }
}

/// Reads a store, on one state of it, and neither makes it nor brings it up to date.
pub(crate) fn look<T>(
    place: &Place,
    read: impl FnOnce(&mut Tx) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let (mut db, version) = existing(place)?;
    if version < migrate::known() {
        return Err(StoreError::Other(format!(
            "the store has schema version {version}, this program knows {}: any other command \
             brings it up to date",
            migrate::known()
        )));
    }
    let key = runner::read_key(&mut *db)?;
    let mut tx = Tx::new(db, key);
    tx.begin_read(None)?;
    let outcome = read(&mut tx);
    tx.control("ROLLBACK")?;
    outcome
}

/// Runs something while nobody writes to a store: whoever wants to waits.
fn undisturbed<T>(
    place: &Place,
    run: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    match place {
        Place::File(path) => in_turn(path, run),
        Place::Server(server) => {
            let mut gate = MariaDb::open(server)?;
            gate.begin_write(Sharing::Alone)?;
            let done = run()?;
            // In a cluster the other nodes do not wait: then this is refused.
            gate.script("COMMIT").map_err(|_| {
                StoreError::Other(format!("{place} was written to at the same time; run it again"))
            })?;
            Ok(done)
        }
    }
}

/// Runs something while no other process writes to a file.
fn in_turn<T>(path: &Path, run: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let turn = Turn::open(path)?;
    let _turned = turn.take()?;
    run()
}
