//! The calls that the clients of a run make: all valid in form, many of them wrong in substance.

use super::model::Range;
use super::{Call, Run};
use crate::model::{EntityKind, Uid, UidKey};
use crate::sim::KEY;
use crate::sim::cast::{Home, PEOPLE, person};
use std::net::Ipv4Addr;

/// An address as it is written.
pub(super) fn text(ip: u32) -> String {
    Ipv4Addr::from_bits(ip).to_string()
}

/// The row that the id of a range stands for.
pub(super) fn row(id: &str) -> i64 {
    row_of(EntityKind::VlanRange, id)
}

/// The row that an id stands for.
pub(super) fn row_of(kind: EntityKind, id: &str) -> i64 {
    let uid = Uid::parse(id).expect("an id");
    UidKey::new(KEY).decode(kind, uid).expect("an id of this kind").1.cast_signed()
}

pub(super) fn id(kind: EntityKind, row: i64) -> String {
    UidKey::new(KEY).encode(kind, 0, row.unsigned_abs()).to_string()
}

fn domain_id(row: i64) -> String {
    id(EntityKind::Domain, row)
}

const VLANS: &[&str] = &["200", "200", "200", "201", "untagged"];

impl Run {
    /// One random call of one random client.
    pub(super) fn step(&mut self) {
        match self.rng.below(100) {
            0..6 if self.model.ranges.len() < 12 => self.create_range(),
            0..4 => self.delete_range(),
            6..12 => self.update_range(),
            12..15 => self.delete_range(),
            15..18 => self.dedicate(),
            18..21 => self.take_back(),
            21..54 => self.associate(),
            54..65 => self.disassociate(),
            65..76 => self.change_machines(),
            76..86 => self.reserve(),
            86 if self.rng.chance(20) => self.come_and_go(),
            86..91 => self.change_homes(),
            91..94 => self.change_ways(),
            94..97 => self.change_appliances(),
            _ => self.release(),
        }
    }

    fn some_range(&mut self) -> i64 {
        let ids: Vec<i64> = self.model.ranges.keys().copied().collect();
        self.rng.pick(&ids).copied().unwrap_or(1)
    }

    /// Mostly an address of a range, sometimes one beside it.
    pub(super) fn some_ip(&mut self) -> u32 {
        let id = self.some_range();
        let held: Vec<u32> = self.model.held.keys().copied().collect();
        let Some(range) = self.model.ranges.get(&id) else { return 1 };
        let (first, size) = (range.first, range.size());
        match self.rng.below(10) {
            0..5 if !held.is_empty() => self.rng.one_of(&held),
            0..9 => first + u32::try_from(self.rng.below(size.min(40))).unwrap_or(0),
            _ => first.wrapping_sub(1),
        }
    }

    /// The id of an address; of one that is in no range, an id that names nothing.
    pub(super) fn address_id(&self, ip: u32) -> String {
        let found = self.model.range_of(ip).and_then(|id| Some((id, self.model.ranges.get(&id)?)));
        let (range, place) = found.map_or((1, 1 << 40), |(id, range)| (id, range.place(ip)));
        UidKey::new(KEY).encode(EntityKind::Address, range.unsigned_abs(), place).to_string()
    }

    pub(super) fn some_person(&mut self) -> (i64, &'static str, String) {
        let one = self.rng.pick(PEOPLE).expect("people");
        (one.id, one.name, domain_id(one.domain))
    }

    fn random_range(&mut self) -> Range {
        let prefix = *self.rng.pick(&[24, 26, 28, 29, 30, 31]).expect("a prefix");
        let size = 1u32 << (32 - prefix);
        let block = u32::try_from(self.rng.below(3 * 256 / u64::from(size))).unwrap_or(0);
        let base = u32::from_be_bytes([10, 200, 0, 0]) + block * size;
        let mut inside = |least: u32| {
            let most = u64::from(size.saturating_sub(least).clamp(1, 40));
            base + least + u32::try_from(self.rng.below(most)).unwrap_or(0)
        };
        let (first, last) = (inside(1), inside(size.min(12) / 2));
        let gateway = base + u32::from(prefix != 31 && self.rng.chance(90));
        let vlan = self.rng.one_of(VLANS);
        let (account, domain, system) = (None, None, self.rng.chance(6));
        Range { vlan, gateway, prefix, first, last, account, domain, system }
    }

    fn create_range(&mut self) {
        let mut range = self.random_range();
        let (who, name, domain) = self.some_person();
        let zone = self.ids[0].clone();
        let (gateway, netmask) = (text(range.gateway), text(range.mask()));
        let (first, last) = (text(range.first), text(range.last));
        let mut words = vec![
            ("zoneid", zone.as_str()),
            ("vlan", range.vlan),
            ("gateway", &gateway),
            ("netmask", &netmask),
            ("startip", &first),
            ("endip", &last),
            ("forsystemvms", if range.system { "true" } else { "false" }),
        ];
        if self.rng.chance(20) {
            range.account = Some(who);
            range.domain = Some(person(who).domain);
            words.extend([("account", name), ("domainid", &domain)]);
        }
        let expected = self.model.may_create(&range).map(|()| None);
        let call = Call { command: "createVlanIpRange", words: &words, expected };
        if let Some(body) = self.call(call) {
            let id = row(body["vlan"]["id"].as_str().expect("an id"));
            let known = self.model.ranges.insert(id, range);
            assert!(known.is_none(), "the range {id} was made twice");
        }
    }

    fn update_range(&mut self) {
        let id = self.some_range();
        let Some(old) = self.model.ranges.get(&id) else { return self.create_range() };
        let mut new = old.clone();
        let step =
            |ip: u32, by: u64| ip.wrapping_add(u32::try_from(by).unwrap_or(0)).wrapping_sub(8);
        if self.rng.chance(60) {
            new.first = step(new.first, self.rng.below(17));
        }
        if self.rng.chance(60) {
            new.last = step(new.last, self.rng.below(17));
        }
        match self.rng.below(12) {
            0 => new.gateway = step(new.gateway, self.rng.below(17)),
            1 => new.prefix = self.rng.one_of(&[24, 26, 28, 30]),
            2 => new.system = !new.system,
            _ => {}
        }
        let uuid = self::id(EntityKind::VlanRange, id);
        let (gateway, netmask) = (text(new.gateway), text(new.mask()));
        let (first, last) = (text(new.first), text(new.last));
        let words = [
            ("id", uuid.as_str()),
            ("gateway", &gateway),
            ("netmask", &netmask),
            ("startip", &first),
            ("endip", &last),
            ("forsystemvms", if new.system { "true" } else { "false" }),
        ];
        let expected = self.model.update(id, &new).map(|()| None);
        self.call(Call { command: "updateVlanIpRange", words: &words, expected });
    }

    fn delete_range(&mut self) {
        let id = if self.rng.chance(10) { 4711 } else { self.some_range() };
        let uuid = self::id(EntityKind::VlanRange, id);
        let (command, expected) = ("deleteVlanIpRange", self.model.delete(id).map(|()| None));
        self.call(Call { command, words: &[("id", &uuid)], expected });
    }

    fn dedicate(&mut self) {
        let id = self.some_range();
        let (who, name, domain) = self.some_person();
        let uuid = self::id(EntityKind::VlanRange, id);
        let mut words = vec![("id", uuid.as_str()), ("domainid", &domain)];
        let account = self.rng.chance(60).then_some(who);
        if account.is_some() {
            words.push(("account", name));
        }
        let row = person(who).domain;
        let expected = self.model.dedicate(id, row, account).map(|()| None);
        self.call(Call { command: "dedicatePublicIpRange", words: &words, expected });
    }

    fn take_back(&mut self) {
        let id = self.some_range();
        let uuid = self::id(EntityKind::VlanRange, id);
        let (command, expected) = ("releasePublicIpRange", self.model.take_back(id).map(|()| None));
        self.call(Call { command, words: &[("id", &uuid)], expected });
    }

    fn associate(&mut self) {
        let home: Home = self.rng.pick(&self.model.homes).expect("a home").clone();
        let (kind, param) = match home.is_vpc {
            true => (EntityKind::Vpc, "vpcid"),
            false => (EntityKind::Network, "networkid"),
        };
        let (uuid, named) = (self::id(kind, home.id), self.rng.chance(30));
        let mut words = vec![(param, uuid.as_str())];
        let (who, name, domain) = self.some_person();
        let account = self.rng.chance(15).then_some(who);
        if account.is_some() {
            words.extend([("account", name), ("domainid", domain.as_str())]);
        }
        let wish = named.then(|| self.some_ip());
        let written = wish.map(text).unwrap_or_default();
        if named {
            words.push(("ipaddress", &written));
        }
        let expected = self.model.associate(&home, account, wish).map(Some);
        self.call(Call { command: "associateIpAddress", words: &words, expected });
    }

    fn disassociate(&mut self) {
        let ip = self.some_ip();
        let (written, id) = (text(ip), self.address_id(ip));
        let by_id = self.rng.chance(70);
        let words = if by_id { [("id", id.as_str())] } else { [("ipaddress", written.as_str())] };
        let expected = self.model.disassociate(ip, by_id).map(|()| None);
        self.call(Call { command: "disassociateIpAddress", words: &words, expected });
    }

    fn reserve(&mut self) {
        let ip = self.some_ip();
        let id = self.address_id(ip);
        let (who, name, domain) = self.some_person();
        let words = [("id", id.as_str()), ("account", name), ("domainid", &domain)];
        let expected = self.model.reserve(ip, who).map(Some);
        self.call(Call { command: "reserveIpAddress", words: &words, expected });
    }

    fn release(&mut self) {
        let ip = self.some_ip();
        let id = self.address_id(ip);
        let (command, expected) = ("releaseIpAddress", self.model.release(ip).map(|()| None));
        self.call(Call { command, words: &[("id", &id)], expected });
    }
}
