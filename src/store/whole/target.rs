//! The place that a store is copied into. Until all of it is there and has been compared, its
//! version stands below zero: then no program takes it for a store, and the copy can go on.

use crate::model::{Cell, CellRef};
use crate::store::migrate::{OURS, STEPS, number};
use crate::store::whole::tables::tables;
use crate::store::{Db, StoreError, migrate_server};

/// What is there before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// A part of a store of this version.
    Part(i64),
    /// A store.
    Store,
}

/// Looks what is there. Refuses what another program wrote.
pub(super) fn before(db: &mut dyn Db) -> Result<Before, StoreError> {
    let version = if db.dialect().is_shared {
        migrate_server::raw_version(db)?
    } else {
        let version = number(db, "PRAGMA user_version")?;
        let tables = number(db, "SELECT COUNT(*) FROM sqlite_schema")?;
        if tables > 0 && number(db, "PRAGMA application_id")? != OURS {
            return Err(StoreError::Foreign);
        }
        version
    };
    Ok(match version {
        0 => Before::Nothing,
        part if part < 0 => Before::Part(-part),
        _ => Before::Store,
    })
}

/// Makes the tables of a schema version and marks them as a part of a store. May be repeated.
pub(super) fn prepare(db: &mut dyn Db, version: i64) -> Result<(), StoreError> {
    bulk(db)?;
    if db.dialect().is_shared {
        migrate_server::prepare(db)?;
        mark(db, -version)?;
        return make_tables(db, version);
    }
    db.script("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")?;
    // All tables are made in one transaction: a part has them.
    if before(db)? == Before::Part(version) {
        return Ok(());
    }
    db.script("BEGIN")?;
    db.script(&format!("PRAGMA application_id = {OURS}"))?;
    mark(db, -version)?;
    make_tables(db, version)?;
    db.script("COMMIT")
}

fn make_tables(db: &mut dyn Db, version: i64) -> Result<(), StoreError> {
    for (step, sql) in (1..).zip(STEPS) {
        if step <= version {
            for statement in db.dialect().ddl(sql) {
                db.script(&statement)?;
            }
        }
    }
    Ok(())
}

/// Rows come in any order, with the numbers that they have.
pub(super) fn bulk(db: &mut dyn Db) -> Result<(), StoreError> {
    db.script(if db.dialect().is_shared {
        "SET SESSION foreign_key_checks = 0, \
         SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"
    } else {
        "PRAGMA foreign_keys = OFF"
    })
}

/// Says which version is there: below zero a part of it.
pub(super) fn mark(db: &mut dyn Db, version: i64) -> Result<(), StoreError> {
    if db.dialect().is_shared {
        return db.run("UPDATE capuchin_schema SET version = ?", &[Cell::Int(version)]).map(drop);
    }
    db.script(&format!("PRAGMA user_version = {version}"))
}

/// Takes all tables away, after marking what is left as a part.
pub(super) fn clear(db: &mut dyn Db, version: i64) -> Result<(), StoreError> {
    bulk(db)?;
    mark(db, -version)?;
    for table in tables(db)? {
        db.script(&format!("DROP TABLE IF EXISTS \"{}\"", table.name))?;
    }
    Ok(())
}

/// Which installation a store, or a part of one, belongs to; none where that is not there yet.
pub(super) fn installation(db: &mut dyn Db) -> Result<Option<Vec<u8>>, StoreError> {
    let mut key = None;
    db.each("SELECT uid_key FROM installation", &[], &mut |cell| {
        if let CellRef::Blob(bytes) = cell(0) {
            key = Some(bytes.to_owned());
        }
        Ok(false)
    })?;
    Ok(key)
}

/// Brings what a database numbers by itself into line with the rows, and says that the store is
/// whole: one transaction. `has_gaps` says that the source numbers its logs with gaps.
pub(super) fn finish(db: &mut dyn Db, version: i64, has_gaps: bool) -> Result<(), StoreError> {
    db.script("BEGIN")?;
    if db.dialect().is_shared {
        db.script("DELETE FROM sequence")?;
        for table in ["event", "job"] {
            let sql = format!(
                "INSERT INTO sequence (name, next) SELECT '{table}', COALESCE(MAX(id), 0) + 1 \
                 FROM {table}"
            );
            db.script(&sql)?;
        }
        db.script("UPDATE gate SET version = version + 1")?;
    } else if has_gaps {
        // Files number events without gaps, and count those that are gone.
        db.script(
            "INSERT INTO counter (owner, owner_id, what, n) \
             SELECT 'log', 0, 'events_gone', COALESCE(MAX(id), 0) - COUNT(NULLIF(archived, 1)) \
             FROM event WHERE true \
             ON CONFLICT (owner, owner_id, what) DO UPDATE SET n = excluded.n",
        )?;
    }
    mark(db, version)?;
    db.script("COMMIT")
}
