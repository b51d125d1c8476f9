//! The start of a run: a world whose store fails when it is told to.

use super::Run;
use super::model::{Model, Range};
use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::sim::cast::cast;
use crate::sim::rng::Rng;
use crate::sim::scratch::faulty;
use crate::sim::{EPOCH, Known, World, clock};
use crate::store::Faults;
use std::sync::Arc;

impl Run {
    /// The start of a run.
    pub(super) fn new(seed: u64) -> Self {
        let faults = Faults::default();
        let mut homes = Vec::new();
        let store = faulty(&faults, &mut |tx| {
            self::seed(tx, EPOCH, Content::Sandbox)?;
            homes = cast(tx)?;
            Ok(())
        });
        let world =
            World { engine: Engine::new(Arc::new(store), clock()).with_secrets(Known::default()) };
        let ids = [
            world.id("listZones", &[]),
            world.id("listNetworkOfferings", &[("name", "sim")]),
            world.id("listNetworkOfferings", &[("name", "sim-tier")]),
            world.id("listVPCOfferings", &[("name", "sim")]),
        ];
        let model = Model { homes, ..Model::default() };
        let (log, tally) = (String::new(), super::Tally::default());
        let mut run =
            Self { world, faults, rng: Rng::new(seed), model, log, tally, ids, before: None };
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
