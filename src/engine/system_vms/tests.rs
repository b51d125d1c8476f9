//! What routers and system VMs hold, and when.

use crate::engine::{Pass, collect};
use crate::model::{SystemVm, VmEvent, VmState};
use crate::sim::{EPOCH, World, check};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

mod zone_vms;

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
const TIER: &str = "DefaultIsolatedNetworkOfferingForVpcNetworks";

struct Stage {
    world: World,
    zone: String,
}

fn text(of: &Json) -> String {
    of.as_str().unwrap_or_else(|| panic!("{of}")).to_owned()
}

impl Stage {
    fn new() -> Self {
        let world = World::sandbox();
        let zone = world.id("listZones", &[]);
        Self { world, zone }
    }

    fn network(&self, name: &str, offering: &str, more: &[(&str, &str)]) -> String {
        let offering = self.world.id("listNetworkOfferings", &[("name", offering)]);
        let words = [("name", name), ("zoneid", &self.zone), ("networkofferingid", &offering)];
        text(&self.world.ok("createNetwork", &[&words[..], more].concat())["network"]["id"])
    }

    /// Starts a guest in a network, which is implemented by that.
    fn guest(&self, network: &str) -> String {
        let words = [
            ("zoneid", self.zone.clone()),
            ("serviceofferingid", self.world.id("listServiceOfferings", &[])),
            ("templateid", self.world.id("listTemplates", &[("templatefilter", "executable")])),
            ("networkids", network.to_owned()),
        ];
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        text(&self.world.ok("deployVirtualMachine", &words)["virtualmachine"]["id"])
    }

    fn vpc(&self, name: &str, offering: &str) -> String {
        let offering = self.world.id("listVPCOfferings", &[("name", offering)]);
        let words = [
            ("name", name),
            ("displaytext", name),
            ("zoneid", &self.zone),
            ("vpcofferingid", &offering),
            ("cidr", "10.9.0.0/16"),
        ];
        text(&self.world.ok("createVPC", &words)["vpc"]["id"])
    }

    fn tier(&self, vpc: &str, third: u8) -> String {
        let gateway = format!("10.9.{third}.1");
        let more = [("vpcid", vpc), ("gateway", &gateway), ("netmask", "255.255.255.0")];
        self.network(&format!("tier{third}"), TIER, &more)
    }

    fn routers(&self, words: &[(&str, &str)]) -> Vec<Json> {
        let all = self.world.ok("listRouters", &[words, &[("listall", "true")]].concat());
        all["router"].as_array().cloned().unwrap_or_default()
    }

    fn router(&self, words: &[(&str, &str)]) -> Json {
        let all = self.routers(words);
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    fn call(&self, command: &str, of: &Json) -> Json {
        let body = self.world.ok(command, &[("id", of["id"].as_str().unwrap())]);
        body.as_object().and_then(|body| body.values().next()).cloned().unwrap()
    }

    fn end(self) {
        check(self.world.engine.store());
    }
}

#[test]
fn a_network_that_is_implemented_has_a_router_with_three_addresses() {
    let stage = Stage::new();
    let network = stage.network("web", ISOLATED, &[]);
    assert!(stage.routers(&[]).is_empty(), "an Allocated network has none");
    stage.guest(&network);
    let router = stage.router(&[("networkid", &network)]);
    assert_eq!(router["state"], "Running");
    let name = text(&router["name"]);
    assert!(name.starts_with("r-") && name.ends_with("-VM"), "{name}");
    assert_eq!(router["guestipaddress"], "10.1.1.1");
    assert_eq!(router["publicip"], "203.0.113.2");
    assert_eq!(router["linklocalip"], "169.254.0.2");
    assert_eq!(router["linklocalmacaddress"], "0e:00:a9:fe:00:02");
    assert_eq!(router["guestnetworkname"], "web");
    assert_eq!(router["isredundantrouter"], false);
    assert_eq!(router["podname"], "sandbox-pod");
    let nics = router["nic"].as_array().unwrap();
    let kinds: Vec<_> = nics.iter().map(|nic| nic["traffictype"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["Guest", "Control", "Public"]);
    let ids: BTreeSet<_> = nics.iter().map(|nic| nic["id"].as_str()).collect();
    assert_eq!(ids.len(), 3);
    // A second one gets the next link-local address.
    let other = stage.network("db", ISOLATED, &[]);
    stage.guest(&other);
    assert_eq!(stage.router(&[("networkid", &other)])["linklocalip"], "169.254.0.3");
    for (words, count) in [
        (&[("state", "Running")][..], 2),
        (&[("state", "Stopped")], 0),
        (&[("name", &name)], 1),
        (&[("name", "r-0-VM")], 0),
        (&[("keyword", "r-")], 2),
        (&[("forvpc", "true")], 0),
        (&[("forvpc", "false")], 2),
        (&[("healthchecksfailed", "true")], 0),
        (&[("zoneid", &stage.zone)], 2),
        (&[("page", "2"), ("pagesize", "1")], 1),
    ] {
        assert_eq!(stage.routers(words).len(), count, "{words:?}");
    }
    stage.end();
}

#[test]
fn a_router_is_stopped_with_its_network_and_goes_with_it() {
    let stage = Stage::new();
    let network = stage.network("web", ISOLATED, &[]);
    let vm = stage.guest(&network);
    stage.world.ok("stopVirtualMachine", &[("id", &vm)]);
    let pass = Pass { at_once: true, only_told: false };
    collect(stage.world.engine.store(), pass, EPOCH.plus_seconds(5000)).unwrap();
    let router = stage.router(&[]);
    assert_eq!((&router["state"], &router["linklocalip"]), (&json!("Stopped"), &Json::Null));
    assert_eq!(router["guestipaddress"], Json::Null);
    assert_eq!(router["publicip"], "203.0.113.2");
    // With its router a network is implemented again.
    let started = stage.call("startRouter", &router);
    assert_eq!((&started["id"], &started["linklocalip"]), (&router["id"], &json!("169.254.0.2")));
    let shown = stage.world.ok("listNetworks", &[("id", &network)]);
    assert_eq!(shown["network"][0]["state"], "Implemented");
    stage.world.ok("destroyVirtualMachine", &[("id", &vm), ("expunge", "true")]);
    stage.world.ok("deleteNetwork", &[("id", &network)]);
    assert!(stage.routers(&[]).is_empty());
    stage.end();
}

#[test]
fn a_router_goes_through_its_life() {
    let stage = Stage::new();
    let network = stage.network("web", ISOLATED, &[]);
    let vm = stage.guest(&network);
    let router = stage.router(&[]);
    let id = router["id"].as_str().unwrap();
    assert_eq!(stage.call("rebootRouter", &router)["linklocalip"], "169.254.0.2");
    // Who runs is not started, and keeps what it has.
    assert_eq!(stage.call("startRouter", &router)["linklocalip"], "169.254.0.2");
    let offering = stage.world.id("listServiceOfferings", &[("issystem", "true")]);
    let small = stage.world.id("listServiceOfferings", &[]);
    let words = [("name", "big"), ("displaytext", "big"), ("issystem", "true")];
    let size = [("cpunumber", "2"), ("cpuspeed", "1000"), ("memory", "1024")];
    let big = stage.world.ok("createServiceOffering", &[&words[..], &size].concat());
    let big = text(&big["serviceoffering"]["id"]);
    stage.world.ok("changeServiceForRouter", &[("id", id), ("serviceofferingid", &offering)]);
    for (given, says) in [(&small, "is not for the"), (&big, "is Running; stop it first")] {
        let words = [("id", id), ("serviceofferingid", given.as_str())];
        let (code, why) = stage.world.unmoved("changeServiceForRouter", &words);
        assert!(code == 431 && why.contains(says), "{why}");
    }
    let stopped = stage.call("stopRouter", &router);
    assert_eq!((&stopped["state"], &stopped["linklocalip"]), (&json!("Stopped"), &Json::Null));
    assert_eq!(stopped["publicip"], "203.0.113.2", "that is the network's");
    stage.call("stopRouter", &router);
    let (code, why) = stage.world.unmoved("rebootRouter", &[("id", id)]);
    assert!(code == 530 && why.contains("is Stopped; only what runs"), "{why}");
    let words = [("id", id), ("serviceofferingid", big.as_str())];
    let changed = stage.world.ok("changeServiceForRouter", &words);
    assert_eq!(changed["router"]["serviceofferingname"], "big");
    stage.call("startRouter", &router);
    assert_eq!(stage.call("destroyRouter", &router)["state"], "Expunging");
    assert!(stage.routers(&[]).is_empty());
    for command in ["startRouter", "stopRouter", "rebootRouter", "destroyRouter"] {
        assert_eq!(stage.world.unmoved(command, &[("id", id)]).0, 431, "{command}");
    }
    // The next guest that starts makes a new one.
    stage.world.ok("stopVirtualMachine", &[("id", &vm)]);
    stage.world.ok("startVirtualMachine", &[("id", &vm)]);
    let new = stage.router(&[("networkid", &network)]);
    assert_ne!(new["id"], router["id"]);
    assert_eq!(new["linklocalip"], "169.254.0.2");
    stage.end();
}

#[test]
fn what_is_running_or_stopped_moves_only_as_a_vm_does() {
    let up = |state| matches!(state, VmState::Running | VmState::Starting | VmState::Stopping);
    for state in VmState::ALL.iter().copied() {
        for event in VmEvent::ALL.iter().copied() {
            let mut vm = machine(state);
            let stepped = super::step(&mut vm, event);
            assert_eq!(stepped.is_ok(), state.next(event).is_some(), "{state} on {event}");
            assert_eq!(vm.state, state.next(event).unwrap_or(state));
            assert_eq!(vm.is_up(), up(vm.state));
        }
    }
}

fn machine(state: VmState) -> SystemVm {
    SystemVm {
        id: 7,
        kind: crate::model::SystemVmKind::ConsoleProxy,
        zone_id: 1,
        pod_id: None,
        account_id: 1,
        domain_id: 1,
        network_id: None,
        vpc_id: None,
        place: 0,
        is_primary: false,
        state,
        service_offering_id: None,
        public_range_id: None,
        public_place: None,
        created: EPOCH,
        removed: None,
    }
}

#[test]
fn a_restart_with_cleanup_makes_the_router_anew() {
    let stage = Stage::new();
    let network = stage.network("web", ISOLATED, &[]);
    stage.guest(&network);
    let old = stage.router(&[]);
    stage.world.ok("restartNetwork", &[("id", &network)]);
    assert_eq!(stage.router(&[])["id"], old["id"]);
    stage.world.ok("restartNetwork", &[("id", &network), ("cleanup", "true")]);
    let new = stage.router(&[]);
    assert_ne!(new["id"], old["id"]);
    assert_eq!(new["publicip"], old["publicip"]);
    stage.call("destroyRouter", &new);
    stage.world.ok("restartNetwork", &[("id", &network)]);
    assert_eq!(stage.router(&[])["state"], "Running");
    stage.end();
}

/// Which of two routers does the work, and which addresses they have among the guests.
fn pair(all: &[Json]) -> Vec<(String, String)> {
    let one = |router: &Json| {
        let nics = router["nic"].as_array().unwrap().iter();
        let guests = nics.filter(|nic| nic["traffictype"] == "Guest");
        let ips: Vec<_> = guests.map(|nic| text(&nic["ipaddress"])).collect();
        (text(&router["redundantstate"]), ips.join(" "))
    };
    all.iter().map(one).collect()
}

fn expect(all: &[Json], wanted: &[(&str, &str)]) {
    let wanted: Vec<_> = wanted.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(pair(all), wanted);
}

#[test]
fn of_two_routers_one_does_the_work() {
    let stage = Stage::new();
    let network = stage.network("web", ISOLATED, &[]);
    stage.guest(&network);
    stage.world.ok("restartNetwork", &[("id", &network), ("makeredundant", "true")]);
    let all = stage.routers(&[]);
    // The guest has 10.1.1.2; the gateway is that of the one that does the work.
    expect(&all, &[("PRIMARY", "10.1.1.3"), ("BACKUP", "10.1.1.4")]);
    assert_eq!(all[0]["publicip"], all[1]["publicip"]);
    assert_ne!(all[0]["linklocalip"], all[1]["linklocalip"]);
    stage.call("stopRouter", &all[0]);
    expect(&stage.routers(&[]), &[("UNKNOWN", "10.1.1.3"), ("PRIMARY", "10.1.1.4")]);
    stage.call("startRouter", &all[0]);
    expect(&stage.routers(&[]), &[("BACKUP", "10.1.1.3"), ("PRIMARY", "10.1.1.4")]);
    stage.call("destroyRouter", &all[1]);
    expect(&stage.routers(&[]), &[("PRIMARY", "10.1.1.3")]);
    // The address of the one that is gone is free.
    stage.world.ok("restartNetwork", &[("id", &network)]);
    expect(&stage.routers(&[]), &[("PRIMARY", "10.1.1.3"), ("BACKUP", "10.1.1.4")]);
    stage.end();
}

#[test]
fn a_vpc_has_a_router_in_all_its_tiers() {
    let stage = Stage::new();
    let vpc = stage.vpc("shop", "Default VPC offering");
    let router = stage.router(&[("vpcid", &vpc)]);
    assert_eq!((&router["state"], &router["vpcname"]), (&json!("Running"), &json!("shop")));
    let one = stage.tier(&vpc, 1);
    stage.tier(&vpc, 2);
    let router = stage.router(&[("networkid", &one)]);
    let nics = router["nic"].as_array().unwrap();
    let ips: Vec<_> = nics.iter().map(|nic| nic["ipaddress"].as_str().unwrap()).collect();
    assert_eq!(ips, ["169.254.0.2", "203.0.113.2", "10.9.1.1", "10.9.2.1"]);
    assert_eq!(router["guestipaddress"], Json::Null);
    stage.world.ok("restartVPC", &[("id", &vpc), ("cleanup", "true")]);
    let new = stage.router(&[("vpcid", &vpc)]);
    assert_ne!(new["id"], router["id"]);
    stage.world.ok("restartVPC", &[("id", &vpc), ("makeredundant", "true")]);
    let both = [("PRIMARY", "10.9.1.2 10.9.2.2"), ("BACKUP", "10.9.1.3 10.9.2.3")];
    expect(&stage.routers(&[("forvpc", "true")]), &both);
    stage.tier(&vpc, 3);
    let both =
        [("PRIMARY", "10.9.1.2 10.9.2.2 10.9.3.2"), ("BACKUP", "10.9.1.3 10.9.2.3 10.9.3.3")];
    expect(&stage.routers(&[]), &both);
    check(stage.world.engine.store());
    for tier in stage.world.ok("listNetworks", &[("vpcid", &vpc)])["network"].as_array().unwrap() {
        stage.call("deleteNetwork", tier);
    }
    expect(&stage.routers(&[]), &[("PRIMARY", ""), ("BACKUP", "")]);
    stage.world.ok("deleteVPC", &[("id", &vpc)]);
    assert!(stage.routers(&[]).is_empty());
    stage.end();
}

#[test]
fn no_link_local_address_leaves_nothing() {
    let stage = Stage::new();
    let words = [("name", "control.cidr"), ("value", "169.254.0.0/30")];
    stage.world.ok("updateConfiguration", &words);
    let (first, second) = (stage.network("a", ISOLATED, &[]), stage.network("b", ISOLATED, &[]));
    stage.guest(&first);
    let words = [
        ("zoneid", stage.zone.clone()),
        ("serviceofferingid", stage.world.id("listServiceOfferings", &[])),
        ("templateid", stage.world.id("listTemplates", &[("templatefilter", "executable")])),
        ("networkids", second.clone()),
    ];
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (code, why) = stage.world.unmoved("deployVirtualMachine", &words);
    assert_eq!(code, 530);
    assert!(why.contains("no link-local address of 169.254.0.0/30"), "{why}");
    // The pod is full: another one helps.
    let pod = [
        ("zoneid", stage.zone.as_str()),
        ("name", "rack2"),
        ("gateway", "172.16.9.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.16.9.2"),
    ];
    stage.world.ok("createPod", &pod);
    stage.world.ok("deployVirtualMachine", &words);
    let router = stage.router(&[("networkid", &second)]);
    assert_eq!(
        (&router["linklocalip"], &router["podname"]),
        (&json!("169.254.0.2"), &json!("rack2"))
    );
    // Nor does a zone without an enabled pod have any.
    let third = stage.network("c", ISOLATED, &[]);
    for pod in stage.world.ok("listPods", &[])["pod"].as_array().unwrap() {
        let id = pod["id"].as_str().unwrap();
        stage.world.ok("updatePod", &[("id", id), ("allocationstate", "Disabled")]);
    }
    let words: Vec<_> =
        words[..3].iter().copied().chain([("networkids", third.as_str())]).collect();
    let (code, why) = stage.world.unmoved("deployVirtualMachine", &words);
    assert!(code == 530 && why.contains("it has no pod that is enabled"), "{why}");
    stage.end();
}
