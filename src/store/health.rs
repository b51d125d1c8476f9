//! A look at a store that changes nothing of it.

use std::fs::File;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::model::CellRef;
use crate::store::sqlite::Sqlite;
use crate::store::{Db, StoreError, migrate};

/// How a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Its schema version.
    pub(crate) version: i64,
    /// The newest version that this program knows.
    pub(crate) known: i64,
    /// What the database says is damaged.
    pub(crate) problem: Option<String>,
    /// Whether another process did not let go of the lock for as long as was waited.
    pub(crate) is_held: bool,
}

/// How often the lock is tried, and the pause between.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Looks at the store at `path`, which must be there.
pub(crate) fn examine(path: &Path) -> Result<Health, StoreError> {
    let mut db = Sqlite::open(path, false)?;
    let version = migrate::version(&mut db)?;
    let mut said = String::new();
    db.each("PRAGMA quick_check(1)", &[], &mut |cell| {
        if let CellRef::Text(text) = cell(0) {
            text.clone_into(&mut said);
        }
        Ok(false)
    })?;
    let problem = Some(said).filter(|said| said != "ok");
    Ok(Health { version, known: migrate::known(), problem, is_held: is_held(path) })
}

fn is_held(path: &Path) -> bool {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    let Ok(lock) = File::open(name) else { return false };
    let (_sender, never) = channel::<()>();
    for _ in 0..TRIES {
        if lock.try_lock().is_ok() {
            return false;
        }
        // Nobody sends: this only takes its time.
        let _ = never.recv_timeout(PAUSE);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Open, Place, Store};

    #[test]
    fn a_store_is_looked_at_and_left_as_it_is() {
        let dir = std::env::temp_dir().join(format!("capuchin-health-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("a.db");
        drop(
            Store::open(Open {
                place: &Place::File(path.clone()),
                fresh_key: [7; 16],
                fill: &mut |_| Ok(()),
            })
            .unwrap(),
        );
        let health = examine(&path).unwrap();
        let known = migrate::known();
        assert_eq!(health, Health { version: known, known, problem: None, is_held: false });
        assert!(examine(&dir.join("b.db")).is_err());
        assert!(!dir.join("b.db").exists());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
