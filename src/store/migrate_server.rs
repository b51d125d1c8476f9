//! Brings a store on a database server up to the newest schema. Such servers end a transaction
//! with every change of a table, so each step can be repeated: one that was broken off is done
//! again from its start.

use crate::model::{Cell, UidKey};
use crate::store::mariadb::SLOTS;
use crate::store::migrate::{STEPS, known, number};
use crate::store::{Db, Sharing, StoreError, Tx};

/// What such a store has beside the tables of the engine.
const BASE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS capuchin_schema (one TINYINT NOT NULL PRIMARY KEY, \
     version BIGINT NOT NULL) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS gate (slot BIGINT NOT NULL PRIMARY KEY, \
     version BIGINT NOT NULL, passed BIGINT NOT NULL) ENGINE = InnoDB",
    "CREATE TABLE IF NOT EXISTS sequence (name VARCHAR(64) NOT NULL PRIMARY KEY, \
     next BIGINT NOT NULL) ENGINE = InnoDB",
    "INSERT IGNORE INTO capuchin_schema (one, version) VALUES (1, 0)",
];

/// Seconds that a server waits while another one brings the store up to date.
const PATIENCE: i64 = 120;

/// The store's schema version; 0 for an empty database. Refuses what another program wrote.
pub(super) fn version(db: &mut dyn Db) -> Result<i64, StoreError> {
    const TABLES: &str =
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";
    let ours = [TABLES, " AND table_name = 'capuchin_schema'"].concat();
    if number(db, &ours)? == 0 {
        return if number(db, TABLES)? == 0 { Ok(0) } else { Err(StoreError::Foreign) };
    }
    let version = number(db, "SELECT version FROM capuchin_schema")?;
    if version > known() {
        return Err(StoreError::Newer { found: version, known: known() });
    }
    Ok(version)
}

/// Applies the steps that are missing, one server at a time. An empty store is then filled by
/// `fill`. Returns the connection, and whether the store was made.
pub(super) fn migrate(
    mut db: Box<dyn Db>,
    fresh_key: [u8; 16],
    fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
) -> Result<(Box<dyn Db>, bool), StoreError> {
    let lock = format!("SELECT GET_LOCK(CONCAT('capuchin.', DATABASE()), {PATIENCE})");
    if number(&mut *db, &lock)? != 1 {
        return Err(StoreError::Busy);
    }
    // Another server may have done it while this one waited.
    let from = version(&mut *db)?;
    let fresh = from == 0;
    prepare(&mut *db)?;
    for (step, sql) in (1..).zip(STEPS) {
        if step > from {
            for statement in db.dialect().ddl(sql) {
                db.script(&statement)?;
            }
            if !fresh {
                db.run("UPDATE capuchin_schema SET version = ?", &[Cell::Int(step)])?;
            }
        }
    }
    if fresh {
        db = make(db, fresh_key, fill)?;
    }
    db.each("SELECT RELEASE_LOCK(CONCAT('capuchin.', DATABASE()))", &[], &mut |_| Ok(false))?;
    Ok((db, fresh))
}

fn prepare(db: &mut dyn Db) -> Result<(), StoreError> {
    for statement in BASE {
        db.script(statement)?;
    }
    let slots: Vec<_> = (0..SLOTS).map(|slot| vec![slot.into()]).collect();
    db.many("INSERT IGNORE INTO gate (slot, version, passed) VALUES (?, 0, 0)", &slots)
}

/// Fills a store, in one transaction with the version that says that it is whole.
fn make(
    mut db: Box<dyn Db>,
    fresh_key: [u8; 16],
    fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
) -> Result<Box<dyn Db>, StoreError> {
    db.begin_write(Sharing::Alone)?;
    db.run("INSERT INTO installation (uid_key) VALUES (?)", &[Cell::Blob(fresh_key.to_vec())])?;
    let mut tx = Tx::new(db, UidKey::new(fresh_key));
    fill(&mut tx)?;
    tx.flush()?;
    let mut db = tx.into_db();
    db.run("UPDATE capuchin_schema SET version = ?", &[Cell::Int(known())])?;
    db.script("COMMIT")?;
    Ok(db)
}
