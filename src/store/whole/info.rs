//! What a store is and how much is in it.

use crate::model::{CellRef, Column};
use crate::store::migrate::number;
use crate::store::whole::existing;
use crate::store::whole::tables::tables;
use crate::store::{Db, Place, StoreError, migrate};

/// What a store is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Info {
    /// The database, and the version of its server or library.
    pub(crate) driver: &'static str,
    /// Its version.
    pub(crate) server: String,
    /// The schema version.
    pub(crate) version: i64,
    /// The newest schema version that this program knows.
    pub(crate) known: i64,
    /// Bytes of all tables and indexes.
    pub(crate) bytes: u64,
    /// Rows that are not removed, by what they are.
    pub(crate) rows: Vec<(&'static str, u64)>,
    /// Pairs of keys whose secret is sealed.
    pub(crate) sealed: u64,
    /// Bytes that the addresses take, with their indexes and bits.
    pub(crate) address_bytes: u64,
}

/// What is counted: the name, and the table.
const COUNTED: &[(&str, &str)] = &[
    ("zones", "zone"),
    ("networks", "network"),
    ("vpcs", "vpc"),
    ("ranges", "vlan_range"),
    ("addresses", "address"),
    ("accounts", "account"),
    ("events", "event"),
    ("jobs", "job"),
];

/// Where a database says how large it is.
struct Sizes {
    server: &'static str,
    all: &'static str,
    addresses: &'static str,
}

const FILE: Sizes = Sizes {
    server: "SELECT sqlite_version()",
    all: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    addresses: "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name IN \
                (SELECT name FROM sqlite_schema WHERE tbl_name IN ('address', 'chunk'))",
};
const SERVER: Sizes = Sizes {
    server: "SELECT VERSION()",
    all: "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables \
          WHERE table_schema = DATABASE()",
    addresses: "SELECT COALESCE(SUM(data_length + index_length), 0) \
                FROM information_schema.tables WHERE table_schema = DATABASE() \
                AND table_name IN ('address', 'chunk')",
};

/// Looks at a store, of whatever schema version.
pub(crate) fn info(place: &Place) -> Result<Info, StoreError> {
    let (mut db, version) = existing(place)?;
    let is_shared = db.dialect().is_shared;
    let sizes = if is_shared { SERVER } else { FILE };
    db.begin_read()?;
    let info = Info {
        driver: if is_shared { "MariaDB" } else { "SQLite" },
        server: text(&mut *db, sizes.server)?,
        version,
        known: migrate::known(),
        bytes: number(&mut *db, sizes.all)?.unsigned_abs(),
        rows: rows(&mut *db)?,
        sealed: sealed(&mut *db)?,
        address_bytes: number(&mut *db, sizes.addresses)?.unsigned_abs(),
    };
    db.script("ROLLBACK")?;
    Ok(info)
}

fn sealed(db: &mut dyn Db) -> Result<u64, StoreError> {
    // The oldest stores have none.
    let has_any = tables(db)?.iter().any(|table| table.name == "user_key");
    let sql = if has_any { "SELECT COUNT(*) FROM user_key" } else { "SELECT 0" };
    number(db, sql).map(i64::unsigned_abs)
}

fn text(db: &mut dyn Db, sql: &str) -> Result<String, StoreError> {
    let mut text = String::new();
    db.each(sql, &[], &mut |cell| {
        if let CellRef::Text(found) = cell(0) {
            text = String::from_cell(CellRef::Text(found))?;
        }
        Ok(false)
    })?;
    Ok(text)
}

fn rows(db: &mut dyn Db) -> Result<Vec<(&'static str, u64)>, StoreError> {
    let tables = tables(db)?;
    let mut rows = Vec::new();
    for (what, name) in COUNTED {
        let Some(table) = tables.iter().find(|table| table.name == *name) else { continue };
        let is_removable = table.columns.iter().any(|column| column == "removed");
        let living = if is_removable { " WHERE removed IS NULL" } else { "" };
        let count = number(db, &format!("SELECT COUNT(*) FROM {name}{living}"))?;
        rows.push((*what, count.unsigned_abs()));
    }
    Ok(rows)
}
