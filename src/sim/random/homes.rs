//! The calls that make and delete what addresses are used for: networks, VPCs and their tiers.

use super::model::{Held, IN_JOB, INVALID};
use super::{Call, Run, calls};
use crate::model::EntityKind;
use crate::sim::cast::{Home, person};
use serde_json::Value as Json;

/// Networks and VPCs at most; so no limit of them is ever met.
const MOST: usize = 24;
/// Tiers that a VPC may have (`vpc.max.networks`).
const TIERS: usize = 3;

/// The row of the thing in an answer.
fn made(kind: EntityKind, row: &Json) -> i64 {
    calls::row_of(kind, row["id"].as_str().expect("an id"))
}

impl Run {
    /// Makes or deletes a network, a tier or a VPC.
    pub(super) fn change_homes(&mut self) {
        let room = self.model.homes.len() < MOST;
        match self.rng.below(6) {
            0 | 1 if room => self.create_network(),
            2 if room => self.create_vpc(),
            3 => self.create_tier(),
            4 => self.delete_tier(),
            _ => self.delete_home(),
        }
    }

    fn create_network(&mut self) {
        let (who, name, domain) = self.some_person();
        let [zone, offering, ..] = self.ids.clone();
        let words = [
            ("name", "net"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("account", name),
            ("domainid", &domain),
        ];
        let call = Call { command: "createNetwork", words: &words, expected: Ok(None) };
        if let Some(body) = self.call(call) {
            let id = made(EntityKind::Network, &body["network"]);
            self.model.homes.push(Home { id, is_vpc: false, account: who, is_up: false });
        }
    }

    /// A VPC takes its source NAT address when it is made, or is not made.
    fn create_vpc(&mut self) {
        let (who, name, domain) = self.some_person();
        let [zone, _, _, offering] = self.ids.clone();
        let words = [
            ("name", "vpc"),
            ("zoneid", zone.as_str()),
            ("vpcofferingid", &offering),
            ("cidr", "10.1.0.0/16"),
            ("account", name),
            ("domainid", &domain),
        ];
        let next = self.model.next_free(person(who), None);
        let expected = next.map(|_| None).map_err(|_| IN_JOB);
        let answer = self.call(Call { command: "createVPC", words: &words, expected });
        if let (Some(body), Ok((range, ip))) = (answer, next) {
            let id = made(EntityKind::Vpc, &body["vpc"]);
            self.model.homes.push(Home { id, is_vpc: true, account: who, is_up: true });
            let held = Held { range, account: who, home: Some((true, id)), source_nat: true };
            assert!(self.model.held.insert(ip, held).is_none(), "two holders");
        }
    }

    fn create_tier(&mut self) {
        let vpcs: Vec<Home> = self.model.homes.iter().filter(|home| home.is_vpc).cloned().collect();
        let Some(vpc) = self.rng.pick(&vpcs) else { return };
        let [zone, _, offering, _] = self.ids.clone();
        let owner = person(vpc.account);
        let (uuid, domain) =
            (calls::id(EntityKind::Vpc, vpc.id), calls::id(EntityKind::Domain, owner.domain));
        // Any of eight blocks, so that some overlap.
        let block = self.rng.below(8);
        let gateway = format!("10.1.{block}.1");
        let words = [
            ("name", gateway.as_str()),
            ("zoneid", &zone),
            ("networkofferingid", &offering),
            ("vpcid", &uuid),
            ("gateway", &gateway),
            ("netmask", "255.255.255.0"),
            ("account", owner.name),
            ("domainid", &domain),
        ];
        let others = self.model.tiers.values().filter(|tier| tier.0 == vpc.id);
        let taken = others.clone().any(|tier| tier.1 == block);
        let expected = match (others.count() >= TIERS, taken) {
            (true, _) => Err(IN_JOB),
            (false, true) => Err(INVALID),
            (false, false) => Ok(None),
        };
        let call = Call { command: "createNetwork", words: &words, expected };
        if let Some(body) = self.call(call) {
            let id = made(EntityKind::Network, &body["network"]);
            self.model.tiers.insert(id, (vpc.id, block));
        }
    }

    fn delete_tier(&mut self) {
        let tiers: Vec<i64> = self.model.tiers.keys().copied().collect();
        let Some(tier) = self.rng.pick(&tiers).copied() else { return };
        let uuid = calls::id(EntityKind::Network, tier);
        self.model.tiers.remove(&tier);
        let words = [("id", uuid.as_str())];
        self.call(Call { command: "deleteNetwork", words: &words, expected: Ok(None) });
    }

    /// What goes gives back all its addresses; a VPC with tiers stays.
    fn delete_home(&mut self) {
        let Some(home) = self.rng.pick(&self.model.homes).cloned() else { return };
        let (kind, command) = match home.is_vpc {
            true => (EntityKind::Vpc, "deleteVPC"),
            false => (EntityKind::Network, "deleteNetwork"),
        };
        let uuid = calls::id(kind, home.id);
        let has_tiers = home.is_vpc && self.model.tiers.values().any(|tier| tier.0 == home.id);
        let mut machines = self.model.machines.values();
        let has_guests = !home.is_vpc && machines.any(|one| one.network == home.id);
        if !has_tiers && !has_guests {
            self.model.homes.retain(|other| *other != home);
            let gone = Some((home.is_vpc, home.id));
            self.model.held.retain(|_, held| held.home != gone);
            self.model.forget_balancers();
        }
        let expected = match (has_tiers, has_guests) {
            (true, _) => Err(INVALID),
            (_, true) => Err(IN_JOB),
            _ => Ok(None),
        };
        self.call(Call { command, words: &[("id", &uuid)], expected });
    }
}
