//! Tenants who come, take something and go again with all that they have: no trace may stay.

use super::{Call, Run, calls};
use crate::model::EntityKind;

impl Run {
    /// Makes a domain with an account, which makes a network and perhaps has an address reserved;
    /// then deletes all of it in one of two ways.
    pub(super) fn come_and_go(&mut self) {
        let words = [("name", "guests")];
        let made = self.call(Call { command: "createDomain", words: &words, expected: Ok(None) });
        let Some(made) = made else { return };
        let domain = made["domain"]["id"].as_str().expect("an id").to_owned();
        let words = [
            ("username", "gus"),
            ("firstname", "Gus"),
            ("lastname", "Guest"),
            ("email", "gus@example.com"),
            ("password", "hunter2"),
            ("accounttype", "0"),
            ("domainid", domain.as_str()),
        ];
        let made = self.must("createAccount", &words, None);
        let account = made["account"]["id"].as_str().expect("an id").to_owned();
        let [zone, offering, ..] = self.ids.clone();
        let words = [
            ("name", "net"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("account", "gus"),
            ("domainid", &domain),
        ];
        self.must("createNetwork", &words, None);
        self.deploy_for_gus(&domain);
        let ip = self.some_ip();
        let range = self.model.range_of(ip).and_then(|id| self.model.ranges.get(&id));
        let is_free = range.is_some_and(|range| !range.is_dedicated());
        if is_free && !self.model.held.contains_key(&ip) {
            let id = self.address_id(ip);
            let words = [("id", id.as_str()), ("account", "gus"), ("domainid", &domain)];
            self.must("reserveIpAddress", &words, Some(ip));
        }
        if self.rng.chance(50) {
            self.must("deleteAccount", &[("id", &account)], None);
            self.must("deleteDomain", &[("id", &domain)], None);
        } else {
            self.must("deleteDomain", &[("id", &domain), ("cleanup", "true")], None);
        }
    }

    /// A virtual machine in a network of its own that stays down.
    fn deploy_for_gus(&mut self, domain: &str) {
        let network = self.world.id("listNetworks", &[("account", "gus"), ("domainid", domain)]);
        let [zone, ..] = self.ids.clone();
        let (offering, template) =
            (calls::id(EntityKind::ServiceOffering, 2), calls::id(EntityKind::Template, 1));
        let words = [
            ("zoneid", zone.as_str()),
            ("serviceofferingid", &offering),
            ("templateid", &template),
            ("networkids", &network),
            ("account", "gus"),
            ("domainid", domain),
            ("startvm", "false"),
        ];
        self.must("deployVirtualMachine", &words, None);
    }

    fn must(
        &mut self,
        command: &'static str,
        words: &[(&str, &str)],
        address: Option<u32>,
    ) -> serde_json::Value {
        self.call(Call { command, words, expected: Ok(address) }).expect("no failure is due")
    }
}
