//! Brings a store on a database server up to the newest schema. Such servers end a transaction
//! with every change of a table, so each step can be repeated: one that was broken off is done
//! again from its start.

use crate::model::{Cell, Column, UidKey};
use crate::store::gate::SLOTS;
use crate::store::migrate::{STEPS, known, number, usable};
use crate::store::{Db, Sharing, StoreError, Tx};
use std::sync::mpsc::channel;
use std::time::Duration;

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

/// How often a server looks whether another one has brought the store up to date, and the pause
/// between: two minutes.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(200);

/// The lock of a cluster, whose nodes know nothing of one another's locks: a row that one server
/// has until some time. Two that take it at the same moment change the same row, and the cluster
/// lets one of them commit.
const LEASE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS capuchin_lock (one TINYINT NOT NULL PRIMARY KEY, \
     holder VARCHAR(255) NOT NULL, ends BIGINT NOT NULL) ENGINE = InnoDB",
    "INSERT IGNORE INTO capuchin_lock (one, holder, ends) VALUES (1, '', 0)",
];

/// Seconds for which the row is had; each step has it anew.
const TERM: i64 = 120;

/// The store's schema version; 0 for an empty database. Refuses what another program wrote.
pub(super) fn version(db: &mut dyn Db) -> Result<i64, StoreError> {
    usable(raw_version(db)?)
}

/// The same, also of what is no whole store: see `whole`.
pub(super) fn raw_version(db: &mut dyn Db) -> Result<i64, StoreError> {
    const TABLES: &str =
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";
    let ours = [TABLES, " AND table_name = 'capuchin_schema'"].concat();
    if number(db, &ours)? == 0 {
        let others =
            [TABLES, " AND table_name NOT IN ('capuchin_schema', 'capuchin_lock')"].concat();
        return if number(db, &others)? == 0 { Ok(0) } else { foreign(db, &ours) };
    }
    number(db, "SELECT version FROM capuchin_schema")
}

/// Another program's, unless another server has begun to make the store since it was looked at.
fn foreign(db: &mut dyn Db, ours: &str) -> Result<i64, StoreError> {
    if number(db, ours)? == 0 { Err(StoreError::Foreign) } else { Ok(0) }
}

/// The lock under which a store is made, brought up to date or copied into.
pub(super) struct Lock {
    /// Who has the row of the cluster, where there is one.
    holder: Option<String>,
}

impl Lock {
    /// Waits for it.
    pub(super) fn take(db: &mut dyn Db) -> Result<Self, StoreError> {
        let is_cluster = "SELECT COUNT(*) FROM information_schema.global_variables \
                          WHERE variable_name = 'WSREP_ON' AND variable_value = 'ON'";
        let sql = "SELECT GET_LOCK(CONCAT('capuchin.', DATABASE()), 0)";
        patiently(|| Ok(number(db, sql)? == 1))?;
        let holder = if number(db, is_cluster)? > 0 { Some(lease(db)?) } else { None };
        Ok(Self { holder })
    }

    /// The part of it that a cluster has.
    #[cfg(test)]
    pub(super) fn of_cluster(db: &mut dyn Db) -> Result<Self, StoreError> {
        Ok(Self { holder: Some(lease(db)?) })
    }

    /// Has it for some time more; refused when another server has it since.
    pub(super) fn renew(&self, db: &mut dyn Db) -> Result<(), StoreError> {
        let Some(holder) = &self.holder else { return Ok(()) };
        let sql = "UPDATE capuchin_lock SET ends = GREATEST(ends + 1, UNIX_TIMESTAMP() + ?) \
                   WHERE one = 1 AND holder = ?";
        let had = db.run(sql, &[TERM.into(), holder.as_str().into()])?;
        if had == 1 { Ok(()) } else { Err(StoreError::Busy) }
    }

    /// Lets others have it.
    pub(super) fn give_back(self, db: &mut dyn Db) -> Result<(), StoreError> {
        if let Some(holder) = self.holder {
            let sql = "UPDATE capuchin_lock SET ends = 0 WHERE one = 1 AND holder = ?";
            db.run(sql, &[holder.into()])?;
        }
        let sql = "SELECT RELEASE_LOCK(CONCAT('capuchin.', DATABASE()))";
        db.each(sql, &[], &mut |_| Ok(false))
    }
}

/// Waits for the row of the cluster; says who has it now.
fn lease(db: &mut dyn Db) -> Result<String, StoreError> {
    for statement in LEASE {
        db.script(statement)?;
    }
    let mut holder = String::new();
    db.each("SELECT UUID()", &[], &mut |cell| {
        holder = String::from_cell(cell(0))?;
        Ok(false)
    })?;
    let sql = "UPDATE capuchin_lock SET holder = ?, ends = UNIX_TIMESTAMP() + ? \
               WHERE one = 1 AND ends < UNIX_TIMESTAMP()";
    let args = [holder.as_str().into(), TERM.into()];
    patiently(|| match db.run(sql, &args) {
        Ok(changed) => Ok(changed == 1),
        // Another node was faster.
        Err(StoreError::Contended(_)) => Ok(false),
        Err(why) => Err(why),
    })?;
    Ok(holder)
}

/// Tries again and again, for two minutes.
fn patiently(mut attempt: impl FnMut() -> Result<bool, StoreError>) -> Result<(), StoreError> {
    let (_sender, never) = channel::<()>();
    for _ in 0..TRIES {
        if attempt()? {
            return Ok(());
        }
        // Nobody sends: this only takes its time.
        let _ = never.recv_timeout(PAUSE);
    }
    Err(StoreError::Busy)
}

/// Refuses to go on while others are connected to the database.
pub(super) fn refuse_company(db: &mut dyn Db) -> Result<(), StoreError> {
    let sql = "SELECT COUNT(*) FROM information_schema.processlist \
               WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    let (_sender, never) = channel::<()>();
    let mut others = 0;
    for _ in 0..10 {
        others = number(db, sql)?;
        if others == 0 {
            return Ok(());
        }
        // One that was just closed is there for a moment more.
        let _ = never.recv_timeout(PAUSE);
    }
    Err(StoreError::Other(format!(
        "the database has {others} other connections: stop the servers that use it first"
    )))
}

/// Applies the steps that are missing, one server at a time. An empty store is then filled by
/// `fill`. Returns the connection, and whether the store was made.
pub(super) fn migrate(
    mut db: Box<dyn Db>,
    fresh_key: [u8; 16],
    fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
) -> Result<(Box<dyn Db>, bool), StoreError> {
    let lock = Lock::take(&mut *db)?;
    // Another server may have done it while this one waited.
    let from = version(&mut *db)?;
    let fresh = from == 0;
    if from < known() {
        prepare(&mut *db)?;
    }
    for (step, sql) in (1..).zip(STEPS) {
        if step > from {
            for statement in db.dialect().ddl(sql) {
                lock.renew(&mut *db)?;
                db.script(&statement)?;
            }
            if !fresh {
                db.run("UPDATE capuchin_schema SET version = ?", &[Cell::Int(step)])?;
            }
        }
    }
    if fresh {
        lock.renew(&mut *db)?;
        db = make(db, fresh_key, fill)?;
    }
    lock.give_back(&mut *db)?;
    Ok((db, fresh))
}

/// Makes what such a store has beside the tables of the engine.
pub(super) fn prepare(db: &mut dyn Db) -> Result<(), StoreError> {
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
