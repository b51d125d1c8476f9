//! Stores for tests: in files that are gone when the test ends, and in memory with faults.

use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::model::{EntityKind, UidKey};
use crate::sim::databases::Database;
use crate::sim::{EPOCH, KEY, World, cast, clock};
use crate::store::{Db, Faults, Faulty, Open, Place, Sqlite, Store, StoreError, Tx};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A directory of one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("capuchin-sim-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Opens the store in a file, with the zone `sandbox` and the cast when it is made now.
pub(crate) fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(Open {
        place: &Place::File(path.to_owned()),
        fresh_key: KEY,
        fill: &mut |tx| {
            seed(tx, EPOCH, Content::Sandbox)?;
            cast::cast(tx).map(drop)
        },
    })
}

/// Two worlds on one store, as two servers have: in a file, or in a database where the worlds of
/// this process are on a server.
pub(crate) fn two_worlds(path: &Path) -> [World; 2] {
    let mut fill = |tx: &mut Tx| {
        seed(tx, EPOCH, Content::Sandbox)?;
        cast::cast(tx).map(drop)
    };
    let Some(database) = Database::wanted() else { return [world(path), world(path)] };
    let stores = database.stores(2, KEY, &mut fill).expect("two stores");
    let world = |store| World { engine: Engine::new(Arc::new(store), clock()) };
    let [one, two] = <[Store; 2]>::try_from(stores).unwrap_or_else(|_| panic!("two stores"));
    [world(one), world(two)]
}

/// A world on the store in a file.
pub(crate) fn world(path: &Path) -> World {
    let store = open(path).expect("a store that can be opened");
    World { engine: Engine::new(Arc::new(store), clock()) }
}

/// A store in memory that fails when it is told to.
pub(crate) fn faulty(
    faults: &Faults,
    fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>,
) -> Store {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let name = format!("faulty-{}", NAMES.fetch_add(1, Ordering::Relaxed));
    let faults = faults.clone();
    let connect = move || {
        let db = Box::new(Sqlite::memory(&name)?);
        Ok(Box::new(Faulty::new(db, faults.clone())) as Box<dyn Db>)
    };
    Store::with(Box::new(connect), None, KEY, fill).expect("a store in memory")
}

/// The id of the first guest network of a world with the cast in it; it is admin's.
pub(crate) fn network(world: &World) -> String {
    let sql = "SELECT MIN(id) FROM network WHERE traffic_type = 'Guest'";
    let row = world.engine.store().read(|tx| tx.one(sql, &[]));
    let row: Result<Option<i64>, StoreError> = row;
    let row = row.expect("a store that can be read");
    let row = row.expect("a guest network").unsigned_abs();
    UidKey::new(KEY).encode(EntityKind::Network, 0, row).to_string()
}
