//! A world for the tests of whatever has to do with virtual machines.

use crate::engine::network_tests::{ISOLATED, make};
use crate::sim::World;
use serde_json::Value as Json;

/// A sandbox with an isolated network, and what calls need of both.
pub(crate) struct Scene {
    /// The world.
    pub(crate) world: World,
    /// The id of the network.
    pub(crate) network: String,
    zone: String,
    offering: String,
    template: String,
}

impl Scene {
    /// A sandbox with a network.
    pub(crate) fn new() -> Self {
        let world = World::sandbox();
        let network = make(&world, ISOLATED, &[]);
        Self::of(world, network["id"].as_str().unwrap())
    }

    /// A world, and the network in which VMs are to stand.
    pub(crate) fn of(world: World, network: &str) -> Self {
        let zone = world.id("listZones", &[]);
        let offering = world.id("listServiceOfferings", &[]);
        let template = world.id("listTemplates", &[("templatefilter", "executable")]);
        Self { network: network.to_owned(), zone, offering, template, world }
    }

    /// The world, which is not checked any more when this goes.
    pub(crate) fn into_world(self) -> World {
        let engine = self.world.engine.clone();
        drop(self);
        World { engine }
    }

    /// The words that every deployment has, and more.
    pub(crate) fn words<'w>(&'w self, more: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
        let mut words = vec![
            ("zoneid", self.zone.as_str()),
            ("serviceofferingid", &self.offering),
            ("templateid", &self.template),
        ];
        let is_said = |name: &str| more.iter().any(|(said, _)| said.starts_with(name));
        if !is_said("networkids") && !is_said("iptonetworklist") {
            words.push(("networkids", &self.network));
        }
        words.extend_from_slice(more);
        words
    }

    /// Makes a VM.
    pub(crate) fn deploy(&self, more: &[(&str, &str)]) -> Json {
        let made = self.world.ok("deployVirtualMachine", &self.words(more));
        made["virtualmachine"].clone()
    }

    /// What must be refused, and must change nothing; code and text.
    pub(crate) fn refused(&self, more: &[(&str, &str)]) -> (u16, String) {
        self.world.unmoved("deployVirtualMachine", &self.words(more))
    }

    /// A VM as it is listed.
    pub(crate) fn shown(&self, id: &str) -> Json {
        self.world.ok("listVirtualMachines", &[("id", id)])["virtualmachine"][0].clone()
    }

    /// The state of the network.
    pub(crate) fn network_state(&self) -> String {
        let body = self.world.ok("listNetworks", &[("id", &self.network)]);
        body["network"][0]["state"].as_str().unwrap_or("gone").to_owned()
    }

    /// How many rows a list has.
    pub(crate) fn count(&self, list: &str, words: &[(&str, &str)]) -> u64 {
        self.world.ok(list, words)["count"].as_u64().unwrap_or(0)
    }
}

impl Drop for Scene {
    /// Whatever a test does, everything holds afterwards.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            crate::sim::check(self.world.engine.store());
        }
    }
}

/// The id of what an answer shows.
pub(crate) fn id(shown: &Json) -> &str {
    shown["id"].as_str().unwrap()
}
