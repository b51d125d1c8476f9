//! The calls that give VPCs private gateways and static routes, and things tags; and what the
//! model says of them.

use super::calls::{id, row_of};
use super::model::{IN_JOB, INVALID, Model};
use super::{Call, Run};
use crate::model::{CellRef, Column, EntityKind};
use crate::store::StoreError;
use std::collections::{BTreeMap, BTreeSet};

/// A route leads where another one of the VPC leads.
const CONFLICT: u16 = 537;
const KEYS: &[&str] = &["env", "Env", "team"];

/// What tags are on.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Thing {
    Address(u32),
    /// True for a VPC.
    Home(bool, i64),
    Machine(i64),
}

/// A private gateway: its VPC, VLAN and the last number of its address.
type Gateway = (i64, u64, u64);
/// A static route: its VPC, its gateway, and the first block and the prefix length of its CIDR.
type Route = (i64, Option<i64>, u64, u32);

/// What the model knows of all that.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways {
    gateways: BTreeMap<i64, Gateway>,
    routes: BTreeMap<i64, Route>,
    /// Things with the keys of their tags, in small letters.
    tags: BTreeSet<(Thing, String)>,
}

impl Model {
    /// What belonged to something that is gone is gone.
    pub(super) fn forget_ways(&mut self) {
        let vpcs: BTreeSet<i64> =
            self.homes.iter().filter(|home| home.is_vpc).map(|home| home.id).collect();
        let (homes, held, machines) = (&self.homes, &self.held, &self.machines);
        self.ways.gateways.retain(|_, gateway| vpcs.contains(&gateway.0));
        self.ways.routes.retain(|_, route| vpcs.contains(&route.0));
        self.ways.tags.retain(|(thing, _)| match thing {
            Thing::Address(ip) => held.contains_key(ip),
            Thing::Home(is_vpc, id) => {
                homes.iter().any(|home| (home.is_vpc, home.id) == (*is_vpc, *id))
            }
            Thing::Machine(id) => machines.contains_key(id),
        });
    }

    fn may_have_gateway(&self, new: Gateway, bypass: bool) -> Result<(), u16> {
        let mut others = self.ways.gateways.values().filter(|other| other.1 == new.1);
        let is_refused = others.any(|other| !bypass || other.0 == new.0 || other.2 == new.2);
        if is_refused { Err(INVALID) } else { Ok(()) }
    }

    fn may_have_route(&self, (vpc, _, block, prefix): Route) -> Result<(), u16> {
        let meets = |other: &&Route| {
            let bits = 24 - prefix.min(other.3);
            other.0 == vpc && other.2 >> bits == block >> bits
        };
        match self.ways.routes.values().find(meets) {
            Some(_) => Err(CONFLICT),
            None => Ok(()),
        }
    }
}

impl Run {
    /// One random call about ways out of VPCs, or about tags.
    pub(super) fn change_ways(&mut self) {
        match self.rng.below(12) {
            0..2 => self.create_gateway(),
            2 => self.delete_gateway(),
            3..5 => self.create_route(),
            5 => self.delete_route(),
            6..10 => self.create_tag(),
            _ => self.delete_tag(),
        }
    }

    fn some_vpc(&mut self) -> i64 {
        let vpcs: Vec<i64> =
            self.model.homes.iter().filter(|home| home.is_vpc).map(|home| home.id).collect();
        self.rng.pick(&vpcs).copied().unwrap_or(4711)
    }

    fn has_vpc(&self, vpc: i64) -> bool {
        self.model.homes.iter().any(|home| home.is_vpc && home.id == vpc)
    }

    fn create_gateway(&mut self) {
        let (vpc, vlan, last) = (self.some_vpc(), 300 + self.rng.below(4), 2 + self.rng.below(4));
        let (uuid, bypass) = (id(EntityKind::Vpc, vpc), self.rng.chance(60));
        let (tag, ip) = (vlan.to_string(), format!("172.16.0.{last}"));
        let words = [
            ("vpcid", uuid.as_str()),
            ("vlan", &tag),
            ("ipaddress", &ip),
            ("gateway", "172.16.0.1"),
            ("netmask", "255.255.255.0"),
            ("bypassvlanoverlapcheck", if bypass { "true" } else { "false" }),
        ];
        let expected = match self.has_vpc(vpc) {
            true => self.model.may_have_gateway((vpc, vlan, last), bypass).map(|()| None),
            false => Err(INVALID),
        };
        let call = Call { command: "createPrivateGateway", words: &words, expected };
        if let Some(body) = self.call(call) {
            let made = body["privategateway"]["id"].as_str().expect("an id");
            let row = row_of(EntityKind::PrivateGateway, made);
            self.model.ways.gateways.insert(row, (vpc, vlan, last));
        }
    }

    fn delete_gateway(&mut self) {
        let rows: Vec<i64> = self.model.ways.gateways.keys().copied().collect();
        let row = self.rng.pick(&rows).copied().unwrap_or(4711);
        let uuid = id(EntityKind::PrivateGateway, row);
        let is_used = self.model.ways.routes.values().any(|route| route.1 == Some(row));
        let expected = match (is_used, self.model.ways.gateways.get(&row)) {
            (_, None) => Err(INVALID),
            (true, _) => Err(IN_JOB),
            (false, Some(_)) => Ok(None),
        };
        if expected.is_ok() {
            self.model.ways.gateways.remove(&row);
        }
        let words = [("id", uuid.as_str())];
        self.call(Call { command: "deletePrivateGateway", words: &words, expected });
    }

    fn create_route(&mut self) {
        let rows: Vec<(i64, i64)> =
            self.model.ways.gateways.iter().map(|(row, gateway)| (*row, gateway.0)).collect();
        let (gateway, vpc) = match self.rng.pick(&rows).copied() {
            Some((row, vpc)) if self.rng.chance(70) => (Some(row), vpc),
            _ => (None, self.some_vpc()),
        };
        let (block, prefix) =
            (self.rng.below(8), 24 - u32::try_from(self.rng.below(3)).unwrap_or(0));
        let cidr = format!("192.168.{block}.0/{prefix}");
        let uuid = match gateway {
            Some(row) => id(EntityKind::PrivateGateway, row),
            None => id(EntityKind::Vpc, vpc),
        };
        let mut words = vec![("cidr", cidr.as_str())];
        match gateway {
            Some(_) => words.push(("gatewayid", &uuid)),
            None => words.extend([("vpcid", uuid.as_str()), ("nexthop", "10.1.0.9")]),
        }
        let route = (vpc, gateway, block, prefix);
        let expected = match self.has_vpc(vpc) {
            true => self.model.may_have_route(route).map(|()| None),
            false => Err(INVALID),
        };
        let call = Call { command: "createStaticRoute", words: &words, expected };
        if let Some(body) = self.call(call) {
            let made = body["staticroute"]["id"].as_str().expect("an id");
            self.model.ways.routes.insert(row_of(EntityKind::StaticRoute, made), route);
        }
    }

    fn delete_route(&mut self) {
        let rows: Vec<i64> = self.model.ways.routes.keys().copied().collect();
        let row = self.rng.pick(&rows).copied().unwrap_or(4711);
        let uuid = id(EntityKind::StaticRoute, row);
        let gone = self.model.ways.routes.remove(&row);
        let expected = gone.map(|_| None).ok_or(INVALID);
        let words = [("id", uuid.as_str())];
        self.call(Call { command: "deleteStaticRoute", words: &words, expected });
    }

    /// A thing that tags may be on, with its kind and its id; and whether it is there.
    fn some_thing(&mut self) -> (Thing, &'static str, String, bool) {
        match self.rng.below(3) {
            0 => {
                let ip = self.some_ip();
                let there = self.model.held.contains_key(&ip);
                (Thing::Address(ip), "PublicIpAddress", self.address_id(ip), there)
            }
            1 => {
                let homes = self.model.homes.clone();
                let Some(home) = self.rng.pick(&homes) else {
                    let uuid = id(EntityKind::Network, 4711);
                    return (Thing::Home(false, 4711), "Network", uuid, false);
                };
                let (kind, name) = match home.is_vpc {
                    true => (EntityKind::Vpc, "Vpc"),
                    false => (EntityKind::Network, "Network"),
                };
                (Thing::Home(home.is_vpc, home.id), name, id(kind, home.id), true)
            }
            _ => {
                let rows: Vec<i64> = self.model.machines.keys().copied().collect();
                let row = self.rng.pick(&rows).copied();
                let uuid = id(EntityKind::Vm, row.unwrap_or(4711));
                (Thing::Machine(row.unwrap_or(4711)), "UserVm", uuid, row.is_some())
            }
        }
    }

    fn create_tag(&mut self) {
        let (thing, kind, uuid, is_there) = self.some_thing();
        let key = self.rng.one_of(KEYS);
        let words = [
            ("resourcetype", kind),
            ("resourceids", &uuid),
            ("tags[0].key", key),
            ("tags[0].value", "x"),
        ];
        let expected = match is_there {
            true if self.model.ways.tags.insert((thing, key.to_lowercase())) => Ok(None),
            true => Err(IN_JOB),
            false => Err(INVALID),
        };
        self.call(Call { command: "createTags", words: &words, expected });
    }

    fn delete_tag(&mut self) {
        let (thing, kind, uuid, is_there) = self.some_thing();
        let key = self.rng.one_of(KEYS);
        let words = [("resourcetype", kind), ("resourceids", &*uuid), ("tags[0].key", key)];
        let expected = match is_there {
            true if self.model.ways.tags.remove(&(thing, key.to_lowercase())) => Ok(None),
            true => Err(IN_JOB),
            false => Err(INVALID),
        };
        self.call(Call { command: "deleteTags", words: &words, expected });
    }

    /// Gateways, routes and tags are what the model says.
    pub(super) fn check_ways(&self) {
        let rows = |sql: &'static str| {
            let mut found: Vec<String> = Vec::new();
            let read = self.world.engine.store().read(|tx| {
                tx.each(sql, &[], |cell| {
                    let words = (0..5).map_while(|at| match cell(at) {
                        CellRef::Int(number) => Some(number.to_string()),
                        CellRef::Text(";") => None,
                        other => Some(String::from_cell(other).unwrap_or_default()),
                    });
                    found.push(words.collect::<Vec<_>>().join(" "));
                    Ok(true)
                })?;
                Ok::<_, StoreError>(())
            });
            read.expect("a store that can be read");
            found.sort();
            found
        };
        let context = || self.log.lines().last().unwrap_or_default().to_owned();
        let ways = &self.model.ways;
        let base = i64::from(u32::from_be_bytes([172, 16, 0, 0]));
        let sql = "SELECT id, vpc_id, vlan, ip, ';' FROM private_gateway WHERE removed IS NULL";
        let line = |(row, (vpc, vlan, last)): (&i64, &Gateway)| {
            format!("{row} {vpc} vxlan://{vlan} {}", base + last.cast_signed())
        };
        let mut wanted: Vec<String> = ways.gateways.iter().map(line).collect();
        wanted.sort();
        assert_eq!(rows(sql), wanted, "private gateways after {}", context());
        let sql = "SELECT id, vpc_id, cidr, ';' FROM static_route WHERE removed IS NULL";
        let line = |(row, (vpc, _, block, prefix)): (&i64, &Route)| {
            format!("{row} {vpc} 192.168.{block}.0/{prefix}")
        };
        let mut wanted: Vec<String> = ways.routes.iter().map(line).collect();
        wanted.sort();
        assert_eq!(rows(sql), wanted, "static routes after {}", context());
        let line = |(thing, key): &(Thing, String)| match thing {
            Thing::Address(ip) => {
                let range = self.model.held[ip].range;
                let place = self.model.ranges[&range].place(*ip);
                format!("{} {range} {place} {key}", EntityKind::Address as u8)
            }
            Thing::Home(true, row) => format!("{} 0 {row} {key}", EntityKind::Vpc as u8),
            Thing::Home(false, row) => format!("{} 0 {row} {key}", EntityKind::Network as u8),
            Thing::Machine(row) => format!("{} 0 {row} {key}", EntityKind::Vm as u8),
        };
        let mut wanted: Vec<String> = ways.tags.iter().map(line).collect();
        wanted.sort();
        let sql = "SELECT kind, a, b, folded_name, ';' FROM tag";
        assert_eq!(rows(sql), wanted, "tags after {}", context());
    }
}
