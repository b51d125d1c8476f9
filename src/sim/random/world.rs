//! The start of a run: a world whose store fails when it is told to.

use super::Run;
use super::model::{Model, Range};
use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::sim::cast::cast;
use crate::sim::rng::Rng;
use crate::sim::{EPOCH, KEY, World, clock};
use crate::store::{Db, Faults, Faulty, Sqlite, Store, StoreError, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

impl Run {
    /// The start of a run.
    pub(super) fn new(seed: u64) -> Self {
        let faults = Faults::default();
        let mut homes = Vec::new();
        let store = store(&faults, &mut |tx| {
            self::seed(tx, EPOCH, Content::Sandbox)?;
            homes = cast(tx)?;
            Ok(())
        });
        let world = World { engine: Engine::new(Arc::new(store), clock()) };
        let model = Model { homes, ..Model::default() };
        let (log, tally) = (String::new(), super::Tally::default());
        let mut run = Self { world, faults, rng: Rng::new(seed), model, log, tally, before: None };
        run.know_the_sandbox();
        run
    }

    /// The range that is there from the start.
    fn know_the_sandbox(&mut self) {
        let id = self.world.id("listVlanIpRanges", &[]);
        let range = Range {
            vlan: "100",
            gateway: u32::from_be_bytes([203, 0, 113, 1]),
            prefix: 24,
            first: u32::from_be_bytes([203, 0, 113, 2]),
            last: u32::from_be_bytes([203, 0, 113, 254]),
            account: None,
            domain: None,
            system: false,
        };
        self.model.ranges.insert(super::calls::row(&id), range);
    }
}

fn store(faults: &Faults, fill: &mut dyn FnMut(&mut Tx) -> Result<(), StoreError>) -> Store {
    static NAMES: AtomicU64 = AtomicU64::new(0);
    let name = format!("random-{}", NAMES.fetch_add(1, Ordering::Relaxed));
    let faults = faults.clone();
    let connect = move || {
        let db = Box::new(Sqlite::memory(&name)?);
        Ok(Box::new(Faulty::new(db, faults.clone())) as Box<dyn Db>)
    };
    Store::with(Box::new(connect), None, KEY, fill).expect("a store in memory")
}
