//! Brings a store up to the newest schema, in one transaction.

use crate::model::{Cell, CellRef, UidKey};
use crate::store::{Db, Sharing, StoreError, Tx, migrate_server};

/// The steps: the first makes a store of version 1, and so on.
pub(super) const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
    include_str!("migrations/0014.sql"),
    include_str!("migrations/0015.sql"),
];

/// The newest schema version.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// What SQLite files of ours say they are: `Capu`.
pub(super) const OURS: i64 = 0x4361_7075;

/// The store's schema version; 0 for an empty file. Refuses what another program wrote.
pub(crate) fn version(db: &mut dyn Db) -> Result<i64, StoreError> {
    if db.dialect().is_shared {
        return migrate_server::version(db);
    }
    // One look: another process may be making the store right now.
    db.begin_read()?;
    let version = version_inside(db);
    db.script("ROLLBACK")?;
    version
}

fn version_inside(db: &mut dyn Db) -> Result<i64, StoreError> {
    let version = number(db, "PRAGMA user_version")?;
    if number(db, "PRAGMA application_id")? != OURS {
        let tables = number(db, "SELECT COUNT(*) FROM sqlite_schema")?;
        return if version == 0 && tables == 0 { Ok(0) } else { Err(StoreError::Foreign) };
    }
    usable(version)
}

/// Refuses versions that this program can do nothing with.
pub(super) fn usable(version: i64) -> Result<i64, StoreError> {
    match version {
        ..0 => Err(StoreError::Unfinished),
        newer if newer > known() => Err(StoreError::Newer { found: newer, known: known() }),
        version => Ok(version),
    }
}

/// The number that a statement answers.
pub(super) fn number(db: &mut dyn Db, sql: &str) -> Result<i64, StoreError> {
    let mut number = 0;
    db.each(sql, &[], &mut |cell| {
        if let CellRef::Int(n) = cell(0) {
            number = n;
        }
        Ok(false)
    })?;
    Ok(number)
}

/// Applies the steps that are missing. An empty store is then filled by `fill`. Returns the
/// connection, and whether the store was made.
pub(crate) fn migrate(
    mut db: Box<dyn Db>,
    fresh_key: [u8; 16],
    fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
) -> Result<(Box<dyn Db>, bool), StoreError> {
    if db.dialect().is_shared {
        return migrate_server::migrate(db, fresh_key, fill);
    }
    // Lets readers never wait for a writer, nor a writer for them. The file remembers it, so it
    // is said once, to a file that is known to be ours.
    db.script("PRAGMA journal_mode = WAL")?;
    db.begin_write(Sharing::Alone)?;
    // Another process may have done it while this one waited.
    let from = version_inside(&mut *db)?;
    for (step, sql) in (1..).zip(STEPS) {
        if step > from {
            for statement in db.dialect().ddl(sql) {
                db.script(&statement)?;
            }
            db.script(&format!("PRAGMA user_version = {step}"))?;
        }
    }
    let fresh = from == 0;
    if fresh {
        db.script(&format!("PRAGMA application_id = {OURS}"))?;
        let key = [Cell::Blob(fresh_key.to_vec())];
        db.run("INSERT INTO installation (uid_key) VALUES (?)", &key)?;
        let mut tx = Tx::new(db, UidKey::new(fresh_key));
        fill(&mut tx)?;
        tx.flush()?;
        db = tx.into_db();
    }
    db.script("COMMIT")?;
    Ok((db, fresh))
}
