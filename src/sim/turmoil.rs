//! Many calls at random with quarantine, portable addresses, dedicated ranges and VLANs: whatever
//! is answered, the store holds what it must, and no address in quarantine goes to somebody else.

use crate::engine::Caller;
use crate::sim::rng::Rng;
use crate::sim::{EPOCH, World, check};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Calls in one run.
const CALLS: u64 = 600;
/// Minutes of quarantine: with a second a call, some end within a run.
const MINUTES: &str = "3";

struct Turmoil {
    world: World,
    rng: Rng,
    people: Vec<(Caller, &'static str, String)>,
    networks: Vec<(usize, String)>,
    range: String,
    /// Who gave an address up, and after how many calls.
    left: BTreeMap<String, (usize, u64)>,
    calls: u64,
}

impl Turmoil {
    fn new(seed: u64) -> Self {
        let (world, who) = World::tenants();
        let name = ("name", "public.ip.address.quarantine.duration");
        world.ok("updateConfiguration", &[name, ("value", MINUTES)]);
        let range = world.id("listVlanIpRanges", &[]);
        world.ok("updateVlanIpRange", &[("id", &range), ("endip", "203.0.113.12")]);
        let people = [(who.alice, "alice", "a"), (who.amir, "amir", "a"), (who.bob, "bob", "b")];
        let people = people.map(|(caller, name, domain)| {
            (caller, name, world.id("listDomains", &[("name", domain)]))
        });
        let networks = Vec::new();
        let (left, people) = (BTreeMap::new(), people.to_vec());
        Self { world, rng: Rng::new(seed), people, networks, range, left, calls: 0 }
    }

    fn call(&mut self, who: usize, command: &str, words: &[(&str, &str)]) -> Option<Json> {
        self.calls += 1;
        self.world.call_as(&self.people[who].0, command, words).ok()
    }

    fn root(&mut self, command: &str, words: &[(&str, &str)]) -> Option<Json> {
        self.calls += 1;
        self.world.call(command, words).ok()
    }

    fn someone(&mut self) -> usize {
        usize::try_from(self.rng.below(self.people.len() as u64)).unwrap()
    }

    fn some_ip(&mut self) -> String {
        format!("203.0.113.{}", 2 + self.rng.below(12))
    }

    fn step(&mut self) {
        let who = self.someone();
        match self.rng.below(12) {
            0 => self.network(who),
            1 if self.networks.len() > 4 => {
                let (who, id) = self.networks.remove(0);
                let held = self.held(who);
                if self.call(who, "deleteNetwork", &[("id", &id)]).is_some() {
                    self.gone(who, &held);
                }
            }
            2..=5 => self.take(),
            6 | 7 => {
                let ip = self.some_ip();
                let held = self.held(who);
                if self.call(who, "disassociateIpAddress", &[("ipaddress", &ip)]).is_some() {
                    self.gone(who, &held);
                }
            }
            8 => {
                let ip = format!("198.51.100.{}", 2 + self.rng.below(4));
                self.call(who, "disassociateIpAddress", &[("ipaddress", &ip)]);
            }
            9 => {
                let ip = self.some_ip();
                let words = [("ipaddress", ip.as_str()), ("removalreason", "wanted")];
                if self.root("removeQuarantinedIp", &words).is_some() {
                    self.left.remove(&ip);
                }
            }
            10 => {
                let (_, name, domain) = self.people[who].clone();
                let id = self.range.clone();
                let words = [("id", id.as_str()), ("domainid", &domain), ("account", name)];
                self.root("dedicatePublicIpRange", &words);
            }
            _ => {
                let id = self.range.clone();
                let before: Vec<_> = (0..self.people.len()).map(|who| self.held(who)).collect();
                if self.root("releasePublicIpRange", &[("id", &id)]).is_some() {
                    for (who, held) in before.iter().enumerate() {
                        self.gone(who, held);
                    }
                }
            }
        }
    }

    fn network(&mut self, who: usize) {
        self.calls += 1;
        let id = self.world.network_of(&self.people[who].0);
        self.networks.push((who, id));
    }

    fn take(&mut self) {
        if self.networks.is_empty() {
            return;
        }
        let at = usize::try_from(self.rng.below(self.networks.len() as u64)).unwrap();
        let (who, id) = self.networks[at].clone();
        let ip = self.some_ip();
        let mut words = vec![("networkid", id.as_str())];
        match self.rng.below(3) {
            0 => words.push(("isportable", "true")),
            1 => words.push(("ipaddress", &ip)),
            _ => {}
        }
        let Some(body) = self.call(who, "associateIpAddress", &words) else { return };
        let ip = body["ipaddress"]["ipaddress"].as_str().unwrap();
        let Some((former, since)) = self.left.remove(ip) else { return };
        let minutes: u64 = MINUTES.parse().unwrap();
        let over = self.world_seconds().saturating_sub(since) >= minutes * 60;
        assert!(former == who || over, "{ip} was given to another one while in quarantine");
    }

    /// The public addresses of somebody that are not portable.
    fn held(&mut self, who: usize) -> Vec<String> {
        self.calls += 1;
        let body = self.world.ok_as(&self.people[who].0, "listPublicIpAddresses", &[]);
        let rows = body["publicipaddress"].as_array().cloned().unwrap_or_default();
        let plain = rows.iter().filter(|row| row["isportable"] == false);
        plain.map(|row| row["ipaddress"].as_str().unwrap().to_owned()).collect()
    }

    /// Notes what of those somebody no longer holds.
    fn gone(&mut self, who: usize, before: &[String]) {
        let now = self.world_seconds();
        let held = self.held(who);
        for ip in before.iter().filter(|ip| !held.contains(ip)) {
            self.left.insert(ip.clone(), (who, now));
        }
    }

    /// Seconds that the clock of the world shows, which ticks with each call.
    fn world_seconds(&self) -> u64 {
        let body =
            self.world.ok("listEvents", &[("page", "1"), ("pagesize", "1"), ("listall", "true")]);
        let latest = body["event"][0]["created"].as_str().unwrap();
        let latest = crate::model::Time::parse(latest).unwrap();
        u64::try_from((latest.millis() - EPOCH.millis()) / 1000).unwrap()
    }
}

fn run(seed: u64) {
    let mut turmoil = Turmoil::new(seed);
    for step in 0..CALLS {
        turmoil.step();
        if step % 25 == 0 {
            check(turmoil.world.engine.store());
        }
    }
    check(turmoil.world.engine.store());
    assert!(turmoil.calls > CALLS, "it did something");
}

#[test]
fn nothing_is_lost_or_given_twice_in_turmoil_1() {
    run(1);
}

#[test]
fn nothing_is_lost_or_given_twice_in_turmoil_2() {
    run(2);
}
