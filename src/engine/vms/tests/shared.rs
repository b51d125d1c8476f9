//! Guests of shared networks: their addresses are those of the networks' ranges.

use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::{Value as Json, json};

const SHARED: &str = "DefaultSharedNetworkOffering";

/// Makes a shared network with the addresses 192.0.2.10 to 12.
fn network(world: &World, more: &[(&str, &str)]) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", SHARED)]);
    let mut words = vec![
        ("name", "dmz"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("vlan", "700"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.12"),
    ];
    words.retain(|(name, _)| more.iter().all(|(said, _)| said != name));
    words.extend_from_slice(more);
    id(&world.ok("createNetwork", &words)["network"]).to_owned()
}

fn scene() -> Scene {
    let world = World::sandbox();
    let network = network(&world, &[]);
    Scene::of(world, &network)
}

/// How many addresses of shared networks are free.
fn free(scene: &Scene) -> u64 {
    scene.count("listPublicIpAddresses", &[("forvirtualnetwork", "false"), ("state", "Free")])
}

#[test]
fn guests_take_the_addresses_of_the_range_and_give_them_back() {
    let scene = scene();
    let one = scene.deploy(&[("name", "web1")]);
    let nic = &one["nic"][0];
    assert_eq!((&nic["ipaddress"], &nic["gateway"]), (&json!("192.0.2.10"), &json!("192.0.2.1")));
    assert_eq!((&nic["netmask"], &nic["type"]), (&json!("255.255.255.0"), &json!("Shared")));
    assert_eq!(free(&scene), 2);
    let held = [("forvirtualnetwork", "false"), ("allocatedonly", "true")];
    let shown = scene.world.ok("listPublicIpAddresses", &held);
    assert_eq!(shown["publicipaddress"][0]["ipaddress"], "192.0.2.10");
    let two = scene.deploy(&[("ipaddress", "192.0.2.12")]);
    let more = scene.world.ok("addIpToNic", &[("nicid", id(&two["nic"][0]))]);
    assert_eq!(more["nicsecondaryip"]["ipaddress"], "192.0.2.11");
    for (more, part) in [
        (vec![], "no address of the network `dmz` is free"),
        (vec![("ipaddress", "192.0.2.12")], "is that of a virtual machine"),
        (vec![("ipaddress", "192.0.2.13")], "192.0.2.13 is in no range of the network"),
        (vec![("ipaddress", "192.0.2.1")], "192.0.2.1 is in no range of the network"),
    ] {
        let (code, text) = scene.refused(&more);
        assert!(code == 533 && text.contains(part), "{more:?}: {code} {text}");
    }
    scene.world.ok("removeIpFromNic", &[("id", id(&more["nicsecondaryip"]))]);
    let words = [("nicid", id(&one["nic"][0]))];
    scene.world.ok("stopVirtualMachine", &[("id", id(&one))]);
    let moved = scene.world.ok("updateVmNicIp", &words);
    assert_eq!(moved["virtualmachine"]["ipaddress"], "192.0.2.11");
    for vm in [&one, &two] {
        scene.world.ok("destroyVirtualMachine", &[("id", id(vm)), ("expunge", "true")]);
    }
    assert_eq!(free(&scene), 3);
    scene.world.ok("deleteNetwork", &[("id", &scene.network)]);
}

/// Subtlety 5: addresses that stand on interfaces are never counted.
#[test]
fn subtlety_5_addresses_of_shared_networks_count_for_nobody() {
    let scene = scene();
    let count = || {
        let body = scene.world.ok("listResourceLimits", &[("resourcetype", "1")]);
        let account = scene.world.ok("listAccounts", &[("name", "admin")]);
        (body["count"].clone(), account["account"][0]["iptotal"].clone())
    };
    let before = count();
    scene.deploy(&[]);
    assert_eq!(count(), before);
}

/// Subtlety 22: a shared network has as many subnets as its ranges.
#[test]
fn subtlety_22_a_guest_has_the_gateway_of_its_range() {
    let scene = scene();
    for _ in 0..3 {
        scene.deploy(&[]);
    }
    let words = [
        ("networkid", scene.network.as_str()),
        ("forvirtualnetwork", "false"),
        ("gateway", "192.0.3.1"),
        ("netmask", "255.255.255.128"),
        ("startip", "192.0.3.7"),
        ("endip", "192.0.3.8"),
    ];
    scene.world.ok("createVlanIpRange", &words);
    let next = scene.deploy(&[]);
    let nic = &next["nic"][0];
    assert_eq!(nic["ipaddress"], "192.0.3.7");
    assert_eq!(nic["gateway"], "192.0.3.1");
    assert_eq!(nic["netmask"], "255.255.255.128");
    let (code, text) = scene.world.unmoved("deleteNetwork", &[("id", &scene.network)]);
    assert!(code == 530 && text.contains("4 virtual machines"), "{code} {text}");
}

#[test]
fn those_deploy_there_who_may() {
    let (world, who) = World::tenants();
    let open = network(&world, &[]);
    let domain = world.ok("listDomains", &[("name", "west"), ("listall", "true")]);
    let domains = domain["domain"].as_array().cloned().unwrap_or_default();
    let (zone, template) = (
        world.id("listZones", &[]),
        world.id("listTemplates", &[("templatefilter", "executable")]),
    );
    let offering = world.id("listServiceOfferings", &[]);
    let words = |network: &str| -> Vec<(&'static str, String)> {
        vec![
            ("zoneid", zone.clone()),
            ("templateid", template.clone()),
            ("serviceofferingid", offering.clone()),
            ("networkids", network.to_owned()),
        ]
    };
    let pairs = |all: &[(&'static str, String)]| -> Vec<(&'static str, String)> { all.to_vec() };
    for caller in [&who.alice, &who.bob] {
        let all = pairs(&words(&open));
        let all: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let made = world.ok_as(caller, "deployVirtualMachine", &all);
        assert_eq!(made["virtualmachine"]["nic"][0]["networkid"], json!(open));
    }
    assert!(domains.len() <= 1, "{domains:?}");
    // One for a single account is for nobody else, unless its owner says so.
    let own = [("acltype", "Account"), ("name", "own"), ("vlan", "701"), ("account", "alice")];
    let alice = world.ok("listAccounts", &[("name", "alice"), ("listall", "true")]);
    let domain = alice["account"][0]["domainid"].as_str().unwrap().to_owned();
    let own = network(&world, &[&own[..], &[("domainid", domain.as_str())]].concat());
    let all = words(&own);
    let all: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made: Json = world.ok_as(&who.alice, "deployVirtualMachine", &all);
    assert_eq!(made["virtualmachine"]["nic"][0]["ipaddress"], "192.0.2.10");
    assert_eq!(world.refused_as(&who.amir, "deployVirtualMachine", &all).0, 531);
    let permit = [("networkid", own.as_str()), ("accounts", "amir")];
    world.ok_as(&who.alice, "createNetworkPermissions", &permit);
    world.ok_as(&who.amir, "deployVirtualMachine", &all);
    crate::sim::check(world.engine.store());
}
