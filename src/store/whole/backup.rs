//! A backup is a store in a file, of whatever database: any Capuchin can open it.

use crate::model::Column;
use crate::store::sqlite::Sqlite;
use crate::store::whole::copy::{Copied, copy, into_part, part_of, publish, refuse_taken};
use crate::store::whole::{existing, in_turn};
use crate::store::{Db, Place, StoreError, runner};
use std::path::{Path, PathBuf};

/// Writes what is in a store now into a new file, while others go on writing.
pub(crate) fn backup(from: &Place, file: &Path) -> Result<(), StoreError> {
    refuse_taken(file)?;
    let part = unfinished(file);
    let written = match from {
        Place::File(_) => vacuum(from, &part),
        Place::Server(_) => into_part(from, &part).map(drop),
    };
    let done = written.and_then(|()| publish(&part, file));
    if done.is_err() {
        remove(&part);
    }
    done
}

/// A name for a backup that is being written; each has its own.
fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    name.into()
}

fn remove(part: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = part.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}

/// SQLite writes a copy by itself, without what was deleted.
fn vacuum(from: &Place, part: &Path) -> Result<(), StoreError> {
    let (mut db, _) = existing(from)?;
    runner::private_file(part)?;
    let path = part.to_str().ok_or_else(|| {
        StoreError::Other(format!("{}: the name of a backup must be text", part.display()))
    })?;
    db.run("VACUUM INTO ?", &[path.into()])?;
    // The file remembers how it is written to.
    Sqlite::open(part, false)?.script("PRAGMA journal_mode = WAL")
}

/// Puts a backup where there is no store, or with `replace` in place of the one that is there.
pub(crate) fn restore(file: &Path, to: &Place, replace: bool) -> Result<Vec<Copied>, StoreError> {
    let from = Place::File(file.to_owned());
    sound(&from)?;
    match to {
        Place::File(path) if replace && refuse_taken(path).is_err() => over(&from, path),
        _ => copy(&from, to, replace).map_err(|why| advise(why, replace)),
    }
}

/// Says how a store that is there is replaced.
fn advise(why: StoreError, replace: bool) -> StoreError {
    match why {
        StoreError::Other(why) if !replace && why.contains("already") => {
            StoreError::Other(format!("{why}, and --replace puts the backup in its place"))
        }
        other => other,
    }
}

/// Refuses a backup that is not whole.
fn sound(from: &Place) -> Result<(), StoreError> {
    let (mut db, _) = existing(from)?;
    let mut said = String::new();
    db.each("PRAGMA integrity_check(1)", &[], &mut |cell| {
        said = String::from_cell(cell(0))?;
        Ok(false)
    })?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(said)) }
}

/// Replaces what is in a file that others may have open: they see the old store or the new one.
fn over(from: &Place, path: &Path) -> Result<Vec<Copied>, StoreError> {
    let part = part_of(path);
    remove(&part);
    let copied = into_part(from, &part)?;
    let done = in_turn(path, || Sqlite::open(path, false)?.become_copy_of(&part));
    remove(&part);
    done.map(|()| copied)
}
