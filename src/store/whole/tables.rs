//! The tables of a store, by whatever names and in whatever schema version.

use crate::model::{Cell, CellRef, Column};
use crate::store::{Db, StoreError};
use std::hash::{DefaultHasher, Hash, Hasher};

/// A table of the engine.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) name: String,
    /// The columns that are written, in their order.
    pub(super) columns: Vec<String>,
    /// Those of the primary key, or all.
    pub(super) keys: Vec<String>,
}

/// How many rows a table has, and what all of them together are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Digest {
    pub(super) rows: u64,
    pub(super) hash: u64,
}

const KEYS_OF_FILE: &str = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk";
const KEYS_OF_SERVER: &str = "SELECT column_name FROM information_schema.key_column_usage \
                              WHERE table_schema = DATABASE() AND constraint_name = 'PRIMARY' \
                              AND table_name = ? ORDER BY ordinal_position";

/// All tables. What identifies the installation comes first.
pub(super) fn tables(db: &mut dyn Db) -> Result<Vec<Table>, StoreError> {
    let dialect = db.dialect();
    let keys_of = if dialect.is_shared { KEYS_OF_SERVER } else { KEYS_OF_FILE };
    let mut names = texts(db, dialect.tables, &[])?;
    names.sort_by(|a, b| (a != "installation", a).cmp(&(b != "installation", b)));
    let mut tables = Vec::new();
    for name in names {
        let columns = texts(db, dialect.columns, &[name.as_str().into()])?;
        let mut keys = texts(db, keys_of, &[name.as_str().into()])?;
        if keys.is_empty() {
            keys.clone_from(&columns);
        }
        tables.push(Table { name, columns, keys });
    }
    Ok(tables)
}

fn texts(db: &mut dyn Db, sql: &str, args: &[Cell]) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    db.each(sql, args, &mut |cell| {
        found.push(String::from_cell(cell(0))?);
        Ok(true)
    })?;
    Ok(found)
}

/// Names as they stand in a statement.
fn listed(names: &[String], after: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"{after}")).collect();
    names.join(", ")
}

impl Table {
    /// All rows, in the order of their keys.
    pub(super) fn select(&self) -> String {
        let Self { name, columns, keys } = self;
        format!(
            "SELECT {} FROM \"{name}\" WHERE {{}} ORDER BY {}",
            listed(columns, ""),
            listed(keys, "")
        )
    }

    /// The statement that inserts a row.
    pub(super) fn insert(&self) -> String {
        let marks = vec!["?"; self.columns.len()].join(", ");
        format!("INSERT INTO \"{}\" ({}) VALUES ({marks})", self.name, listed(&self.columns, ""))
    }

    /// The last key that is there.
    pub(super) fn last(&self, db: &mut dyn Db) -> Result<Option<Vec<Cell>>, StoreError> {
        let (keys, order) = (listed(&self.keys, ""), listed(&self.keys, " DESC"));
        let sql = format!("SELECT {keys} FROM \"{}\" ORDER BY {order} LIMIT 1", self.name);
        let mut last = None;
        db.each(&sql, &[], &mut |cell| {
            last = Some((0..self.keys.len()).map(|at| owned(cell(at))).collect());
            Ok(false)
        })?;
        Ok(last)
    }

    /// The condition for the rows behind a key, with its values.
    pub(super) fn behind(&self, last: Option<&[Cell]>) -> (String, Vec<Cell>) {
        let Some(last) = last else { return ("1 = 1".to_owned(), Vec::new()) };
        let (mut ways, mut args) = (Vec::new(), Vec::new());
        for at in 0..self.keys.len() {
            let (same, next) = (self.keys.iter().take(at), self.keys.iter().skip(at).take(1));
            let same = same.map(|key| format!("\"{key}\" = ?"));
            let way: Vec<_> = same.chain(next.map(|key| format!("\"{key}\" > ?"))).collect();
            ways.push(format!("({})", way.join(" AND ")));
            args.extend(last.iter().take(at + 1).cloned());
        }
        (format!("({})", ways.join(" OR ")), args)
    }

    /// What all rows together are. The log's own counters belong to the way a database numbers
    /// rows, and not to what is in it.
    pub(super) fn digest(&self, db: &mut dyn Db) -> Result<Digest, StoreError> {
        let which = if self.name == "counter" { "owner <> 'log'" } else { "1 = 1" };
        let mut digest = DefaultHasher::new();
        let mut rows = 0;
        db.each(&self.select().replace("{}", which), &[], &mut |cell| {
            rows += 1;
            for at in 0..self.columns.len() {
                match cell(at) {
                    CellRef::Null => 0u8.hash(&mut digest),
                    CellRef::Int(number) => (1u8, number).hash(&mut digest),
                    CellRef::Text(text) => (2u8, text).hash(&mut digest),
                    CellRef::Blob(bytes) => (3u8, bytes).hash(&mut digest),
                }
            }
            Ok(true)
        })?;
        Ok(Digest { rows, hash: digest.finish() })
    }
}

/// A value that outlives its row.
pub(super) fn owned(cell: CellRef<'_>) -> Cell {
    match cell {
        CellRef::Null => Cell::Null,
        CellRef::Int(number) => Cell::Int(number),
        CellRef::Text(text) => Cell::Text(text.to_owned()),
        CellRef::Blob(bytes) => Cell::Blob(bytes.to_owned()),
    }
}
