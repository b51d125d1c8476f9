//! Random calls about IPv6 and routed networks against a reference model, while writes fail: what
//! the engine gives is what the model says, and everything holds after each call.

use crate::api::Engine;
use crate::engine::{Content, seed};
use crate::sim::rng::{Rng, fresh_seed, given_seed};
use crate::sim::scratch::faulty;
use crate::sim::{EPOCH, Known, World, check, clock, ip6, routing};
use crate::store::{Faults, StoreError};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Networks at most, so that no limit of them is met.
const MOST: usize = 16;
/// The /64s of a prefix of the walk, and the AS numbers of a range.
const SUBNETS: u64 = 4;
const NUMBERS: u64 = 3;
/// The lowest AS number of the walk.
const ASN: u64 = 64_512;

/// What a network of the walk has.
#[derive(Clone, Debug, Default, PartialEq)]
struct Net {
    /// The id of its prefix, and which /64 of it.
    six: Option<(String, u64)>,
    /// The AS number of one that is routed.
    asn: Option<u64>,
}

/// What there should be.
#[derive(Clone, Debug, Default)]
struct Model {
    /// Prefixes in the order in which they were made: their ids, and their numbers.
    prefixes: Vec<(String, u64)>,
    /// Ranges of AS numbers: their numbers with their ids.
    ranges: BTreeMap<u64, String>,
    /// Networks by id.
    nets: BTreeMap<String, Net>,
    /// Rules of networks with IPv6: theirs and their network's ids.
    rules: Vec<(String, String)>,
}

impl Model {
    fn free_six(&self) -> Option<(String, u64)> {
        let all = |(id, _): &(String, u64)| (0..SUBNETS).map(|at| (id.clone(), at)).collect();
        let all = self.prefixes.iter().flat_map(|prefix| -> Vec<(String, u64)> { all(prefix) });
        let is_free =
            |place: &(String, u64)| self.nets.values().all(|net| net.six.as_ref() != Some(place));
        { all }.find(is_free)
    }

    fn free_asn(&self) -> Option<u64> {
        let all = self.ranges.keys().flat_map(|range| {
            let first = ASN + range * NUMBERS;
            first..first + NUMBERS
        });
        { all }.find(|asn| self.nets.values().all(|net| net.asn != Some(*asn)))
    }

    fn number_of(&self, prefix: &str) -> u64 {
        self.prefixes.iter().find(|(id, _)| id == prefix).map_or(0, |(_, number)| *number)
    }
}

/// The /64 at a place of a prefix.
fn subnet(number: u64, at: u64) -> String {
    let block = 0x100 + number * SUBNETS + at;
    format!("2001:db8:0:{block:x}::/64")
}

struct Walk {
    world: World,
    faults: Faults,
    rng: Rng,
    model: Model,
    zone: String,
    offerings: [String; 3],
    done: u64,
    failed: u64,
}

impl Walk {
    fn new(seed_number: u64) -> Self {
        let faults = Faults::default();
        let store = faulty(&faults, &mut |tx| seed(tx, EPOCH, Content::Sandbox));
        let engine = Engine::new(Arc::new(store), clock()).with_secrets(Known::default());
        let world = World { engine };
        ip6::prepare(&world);
        routing::prepare(&world);
        let range = world.id("listASNRanges", &[]);
        world.ok("deleteASNRange", &[("id", &range)]);
        let single = [
            ("name", "single"),
            ("guestiptype", "Isolated"),
            ("traffictype", "Guest"),
            ("supportedservices", ip6::SERVICES),
            ("enable", "true"),
        ];
        world.ok("createNetworkOffering", &single);
        ip6::public6(&world, "100");
        let offering = |name: &str| world.id("listNetworkOfferings", &[("name", name)]);
        let offerings = ["dual", "single", "dynamic"].map(offering);
        let zone = world.id("listZones", &[]);
        let (rng, model) = (Rng::new(seed_number), Model::default());
        Self { world, faults, rng, model, zone, offerings, done: 0, failed: 0 }
    }

    /// Makes a call; `None` when it was refused, as it must be if `may` is false, or when a write
    /// failed.
    fn call(&mut self, command: &str, words: &[(&str, &str)], may: bool) -> Option<Json> {
        if self.rng.chance(10) {
            let why = StoreError::Other("a made-up failure".into());
            self.faults.arm(1 + self.rng.below(10), true, why);
        }
        let outcome = self.world.call(command, words);
        let struck = self.faults.disarm();
        match outcome {
            Ok(body) => {
                assert!(may, "{command} {words:?} was not refused: {body}\n{:?}", self.model);
                self.done += 1;
                Some(body)
            }
            Err(fault) => {
                let broken = struck && fault.text.starts_with("The store failed");
                assert!(broken || !may, "{command} {words:?}: {fault}\n{:?}", self.model);
                self.failed += u64::from(broken);
                None
            }
        }
    }

    fn step(&mut self) {
        match self.rng.below(20) {
            0 | 1 => self.create_prefix(),
            2 => self.delete_prefix(),
            3 | 4 => self.create_range(),
            5 => self.delete_range(),
            6..11 if self.model.nets.len() < MOST => self.create_network(),
            6..13 => self.delete_network(),
            13..16 => self.change_offering(),
            16..19 => self.create_rule(),
            _ => self.delete_rule(),
        }
    }

    fn create_prefix(&mut self) {
        let number = self.rng.below(4);
        let text = subnet(number, 0).replace("/64", "/62");
        let zone = self.zone.clone();
        let may = self.model.prefixes.iter().all(|(_, other)| *other != number);
        let words = [("zoneid", zone.as_str()), ("prefix", &text)];
        if let Some(body) = self.call("createGuestNetworkIpv6Prefix", &words, may) {
            let id = ip6::id(&body["guestnetworkipv6prefix"]).to_owned();
            self.model.prefixes.push((id, number));
        }
    }

    fn delete_prefix(&mut self) {
        let Some((id, _)) = self.rng.pick(&self.model.prefixes).cloned() else { return };
        let mut nets = self.model.nets.values();
        let may = nets.all(|net| net.six.as_ref().is_none_or(|(prefix, _)| *prefix != id));
        if self.call("deleteGuestNetworkIpv6Prefix", &[("id", &id)], may).is_some() {
            self.model.prefixes.retain(|(other, _)| *other != id);
        }
    }

    fn create_range(&mut self) {
        let number = self.rng.below(4);
        let first = ASN + number * NUMBERS;
        let (first, last) = (first.to_string(), (first + NUMBERS - 1).to_string());
        let zone = self.zone.clone();
        let may = !self.model.ranges.contains_key(&number);
        let words = [("zoneid", zone.as_str()), ("startasn", &first), ("endasn", &last)];
        if let Some(body) = self.call("createASNRange", &words, may) {
            self.model.ranges.insert(number, ip6::id(&body["asnumberrange"]).to_owned());
        }
    }

    fn delete_range(&mut self) {
        let all: Vec<_> = self.model.ranges.clone().into_iter().collect();
        let Some((number, id)) = self.rng.pick(&all).cloned() else { return };
        let first = ASN + number * NUMBERS;
        let has = |asn: u64| (first..first + NUMBERS).contains(&asn);
        let may = self.model.nets.values().all(|net| !net.asn.is_some_and(has));
        if self.call("deleteASNRange", &[("id", &id)], may).is_some() {
            self.model.ranges.remove(&number);
        }
    }

    fn create_network(&mut self) {
        let kind = usize::try_from(self.rng.below(3)).unwrap_or(0);
        let (zone, offering) = (self.zone.clone(), self.offerings[kind].clone());
        let mut words =
            vec![("name", "net"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
        if kind == 2 {
            words.push(("cidrsize", "28"));
        }
        let net = match kind {
            0 => self.model.free_six().map(|six| Net { six: Some(six), asn: None }),
            1 => Some(Net::default()),
            _ => self.model.free_asn().map(|asn| Net { six: None, asn: Some(asn) }),
        };
        let body = self.call("createNetwork", &words, net.is_some());
        if let Some((body, net)) = body.zip(net) {
            self.expect(&body["network"], &net);
            self.model.nets.insert(ip6::id(&body["network"]).to_owned(), net);
        }
    }

    fn expect(&self, shown: &Json, net: &Net) {
        let six = net.six.as_ref();
        let six = six.map(|(prefix, at)| subnet(self.model.number_of(prefix), *at));
        assert_eq!(shown["ip6cidr"].as_str(), six.as_deref(), "{shown}\n{:?}", self.model);
        assert_eq!(shown["asnumber"].as_u64(), net.asn, "{shown}\n{:?}", self.model);
    }

    fn some_network(&mut self) -> Option<String> {
        let ids: Vec<String> = self.model.nets.keys().cloned().collect();
        self.rng.pick(&ids).cloned()
    }

    fn delete_network(&mut self) {
        let Some(id) = self.some_network() else { return };
        if self.call("deleteNetwork", &[("id", &id)], true).is_some() {
            self.model.nets.remove(&id);
            self.model.rules.retain(|(_, network)| *network != id);
        }
    }

    /// Gives a network IPv6, or takes it away.
    fn change_offering(&mut self) {
        let Some(id) = self.some_network() else { return };
        let Some(net) = self.model.nets.get(&id).cloned() else { return };
        if net.asn.is_some() {
            return;
        }
        let to_dual = net.six.is_none();
        let offering = self.offerings[usize::from(!to_dual)].clone();
        let six = if to_dual { self.model.free_six() } else { None };
        let words = [("id", id.as_str()), ("networkofferingid", &offering)];
        let may = !to_dual || six.is_some();
        if let Some(body) = self.call("updateNetwork", &words, may) {
            let net = Net { six, asn: None };
            self.expect(&body["network"], &net);
            self.model.nets.insert(id.clone(), net);
            if !to_dual {
                self.model.rules.retain(|(_, network)| *network != id);
            }
        }
    }

    fn create_rule(&mut self) {
        let Some(id) = self.some_network() else { return };
        let has_six = self.model.nets.get(&id).is_some_and(|net| net.six.is_some());
        let is_first = self.model.rules.iter().all(|(_, network)| *network != id);
        let words = [("networkid", id.as_str()), ("protocol", "all")];
        let made = self.call("createIpv6FirewallRule", &words, has_six && is_first);
        if let Some(body) = made {
            let rule = ip6::id(&body["firewallrule"]).to_owned();
            self.model.rules.push((rule, id));
        }
    }

    fn delete_rule(&mut self) {
        let Some((id, _)) = self.rng.pick(&self.model.rules).cloned() else { return };
        if self.call("deleteIpv6FirewallRule", &[("id", &id)], true).is_some() {
            self.model.rules.retain(|(other, _)| *other != id);
        }
    }

    fn check(&self) {
        check(self.world.engine.store());
        let count = |list: &str| self.world.ok(list, &[])["count"].as_u64().unwrap_or(0);
        assert_eq!(count("listIpv6FirewallRules"), self.model.rules.len() as u64);
        assert_eq!(count("listGuestNetworkIpv6Prefixes"), self.model.prefixes.len() as u64);
        let numbers = self.model.ranges.len() as u64 * NUMBERS;
        assert_eq!(count("listASNumbers"), numbers);
        let routed = self.model.nets.values().filter(|net| net.asn.is_some()).count() as u64;
        assert_eq!(count("listIpv4SubnetsForGuestNetwork"), routed);
    }
}

fn walk(seed: u64, steps: u64) {
    let seed = given_seed().unwrap_or(seed);
    println!("make this run again with SIM_SEED={seed} cargo nextest run sim::routed_walk");
    let mut walk = Walk::new(seed);
    for step in 1..=steps {
        walk.step();
        if step % 16 == 0 {
            walk.check();
        }
    }
    walk.check();
    assert!(walk.done > steps / 4 && walk.failed > 0, "{} {}", walk.done, walk.failed);
}

#[test]
fn what_networks_have_is_theirs_alone_with_seed_1() {
    walk(1, 800);
}

#[test]
fn what_networks_have_is_theirs_alone_with_a_fresh_seed() {
    walk(fresh_seed(), 800);
}
