//! A store is copied into another place: all tables, in the order of their keys, a few thousand
//! rows to a transaction. A copy that was broken off goes on behind the last row that is there.
//! At the end both sides are read again and compared.

use crate::model::Cell;
use crate::store::migrate_server::{Lock, refuse_company};
use crate::store::whole::tables::{Digest, Table, owned, tables};
use crate::store::whole::target::{self, Before};
use crate::store::whole::{connect, existing, undisturbed};
use crate::store::{Db, Place, StoreError, runner, sqlite};
use std::path::{Path, PathBuf};

/// A table that is on both sides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Copied {
    /// Its name.
    pub(crate) table: String,
    /// Its rows.
    pub(crate) rows: u64,
    /// What all of them together are, on either side.
    pub(crate) hash: u64,
    /// How many of the rows were there already.
    pub(crate) before: u64,
}

/// Rows, and bytes of text, that are written in one transaction at most.
const ROWS: usize = 2000;
const BYTES: usize = 1 << 20;

/// Copies a store into a place that has none. Nobody writes to the source meanwhile.
pub(crate) fn migrate_to(from: &Place, to: &Place) -> Result<Vec<Copied>, StoreError> {
    if is_same(from, to) {
        return Err(StoreError::Other(format!("{to} is the store itself; name another place")));
    }
    drop(existing(from)?);
    undisturbed(from, || copy(from, to, false))
}

fn is_same(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::File(one), Place::File(other)) => {
            let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
            real(one) == real(other)
        }
        _ => one.to_string() == other.to_string(),
    }
}

/// Copies what is there now. With `replace` a store that is there before goes.
pub(super) fn copy(from: &Place, to: &Place, replace: bool) -> Result<Vec<Copied>, StoreError> {
    match to {
        Place::File(path) => into_file(from, path),
        Place::Server(_) => into_server(from, to, replace),
    }
}

/// Makes a new file. It has another name until it is whole.
fn into_file(from: &Place, path: &Path) -> Result<Vec<Copied>, StoreError> {
    refuse_taken(path)?;
    let part = part_of(path);
    let copied = into_part(from, &part)?;
    publish(&part, path)?;
    Ok(copied)
}

/// The name of a file that is not whole yet.
pub(super) fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Copies into a file that is not whole yet, and makes it so.
pub(super) fn into_part(from: &Place, part: &Path) -> Result<Vec<Copied>, StoreError> {
    runner::private_file(part)?;
    let mut db: Box<dyn Db> = Box::new(sqlite::Sqlite::open(part, true)?);
    let copied = fill(from, &mut *db, (&part.display().to_string(), false), None)?;
    db.script("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(copied)
}

/// A file that has something in it is not written over.
pub(super) fn refuse_taken(path: &Path) -> Result<(), StoreError> {
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() || found.len() > 0) {
        let path = path.display();
        return Err(StoreError::Other(format!("{path} is there already; name another file")));
    }
    Ok(())
}

/// Gives a file that is whole its name, once it is safe on the disk.
pub(super) fn publish(part: &Path, path: &Path) -> Result<(), StoreError> {
    let failed = |why: std::io::Error| StoreError::Other(format!("{}: {why}", path.display()));
    std::fs::File::open(part).and_then(|file| file.sync_all()).map_err(failed)?;
    refuse_taken(path)?;
    std::fs::rename(part, path).map_err(failed)?;
    for ending in ["-wal", "-shm"] {
        let mut name = part.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed)
}

fn into_server(from: &Place, to: &Place, replace: bool) -> Result<Vec<Copied>, StoreError> {
    let mut db = connect(to)?;
    // No server makes a store of it meanwhile.
    let lock = Lock::take(&mut *db)?;
    let copied = fill(from, &mut *db, (&to.to_string(), replace), Some(&lock));
    lock.give_back(&mut *db)?;
    copied
}

/// Fills a place that has no store yet, or a part of this one. Without a lock nobody else can
/// know the place.
fn fill(
    from: &Place,
    target: &mut dyn Db,
    (place, replace): (&str, bool),
    lock: Option<&Lock>,
) -> Result<Vec<Copied>, StoreError> {
    let (mut source, version) = existing(from)?;
    source.begin_read()?;
    let before = target::before(target)?;
    if before == Before::Store && !replace {
        return Err(StoreError::Other(format!("there is a store at {place} already")));
    }
    let goes_on = before == Before::Part(version) && is_part(&mut *source, target)?;
    if before != Before::Nothing && !goes_on {
        if !replace {
            return Err(StoreError::Other(format!(
                "{place} has a part of another store already; take that away"
            )));
        }
        refuse_company(target)?;
        target::clear(target, version)?;
    }
    target::prepare(target, version)?;
    let copied = copy_tables(&mut *source, target)?;
    source.script("ROLLBACK")?;
    lock.map_or(Ok(()), |lock| lock.renew(target))?;
    target::finish(target, version, source.dialect().is_shared)?;
    Ok(copied)
}

/// Whether what is there is a part of the same store, or no part of any.
fn is_part(source: &mut dyn Db, target: &mut dyn Db) -> Result<bool, StoreError> {
    let theirs = target::installation(target)?;
    Ok(theirs.is_none() || theirs == target::installation(source)?)
}

fn copy_tables(source: &mut dyn Db, target: &mut dyn Db) -> Result<Vec<Copied>, StoreError> {
    let all = tables(source)?;
    let theirs = tables(target)?;
    let differ = |one: &Table| {
        !theirs.iter().any(|other| other.columns == one.columns && other.name == one.name)
    };
    if let Some(odd) = all.iter().find(|table| differ(table)) {
        let name = &odd.name;
        return Err(StoreError::Damaged(format!("the table {name} has other columns than known")));
    }
    let mut copied = Vec::new();
    for table in all {
        let before = target_rows(target, &table)?;
        copy_behind(source, target, &table)?;
        let mut sides = (table.digest(source)?, table.digest(target)?);
        if sides.0 != sides.1 && before > 0 {
            // The source has changed since the copy was broken off: this table is copied anew.
            target.script(&format!("DELETE FROM \"{}\"", table.name))?;
            copy_behind(source, target, &table)?;
            sides.1 = table.digest(target)?;
        }
        copied.push(compared(table.name, sides, before)?);
    }
    Ok(copied)
}

fn compared(
    table: String,
    (source, target): (Digest, Digest),
    before: u64,
) -> Result<Copied, StoreError> {
    if source != target {
        return Err(StoreError::Damaged(format!(
            "the table {table} has {} rows ({:016x}), its copy {} ({:016x})",
            source.rows, source.hash, target.rows, target.hash
        )));
    }
    Ok(Copied { table, rows: source.rows, hash: source.hash, before })
}

fn target_rows(db: &mut dyn Db, table: &Table) -> Result<u64, StoreError> {
    let sql = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
    crate::store::migrate::number(db, &sql).map(i64::unsigned_abs)
}

/// Copies the rows behind the last one that is there.
fn copy_behind(source: &mut dyn Db, target: &mut dyn Db, table: &Table) -> Result<(), StoreError> {
    let last = table.last(target)?;
    let (which, args) = table.behind(last.as_deref());
    let insert = table.insert();
    let (mut rows, mut bytes): (Vec<Vec<Cell>>, usize) = (Vec::new(), 0);
    source.each(&table.select().replace("{}", &which), &args, &mut |cell| {
        let row: Vec<_> = (0..table.columns.len()).map(|at| owned(cell(at))).collect();
        bytes += row.iter().map(size).sum::<usize>();
        rows.push(row);
        if rows.len() >= ROWS || bytes >= BYTES {
            write(target, table, &insert, &rows)?;
            rows.clear();
            bytes = 0;
        }
        Ok(true)
    })?;
    write(target, table, &insert, &rows)
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Blob(bytes) => bytes.len(),
        Cell::Null | Cell::Int(_) => 8,
    }
}

fn write(
    target: &mut dyn Db,
    table: &Table,
    insert: &str,
    rows: &[Vec<Cell>],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    target.script("BEGIN")?;
    target.many(insert, rows).map_err(|why| match why {
        StoreError::Constraint(why) => {
            StoreError::Constraint(format!("in the table {}: {why}", table.name))
        }
        other => other,
    })?;
    target.script("COMMIT")
}
