//! Each kind of damage to load balancers and guests of shared networks is found, and what has one
//! right answer is mended.

use super::{advice, audit, is_mended, repair};
use crate::engine::network_tests::make;
use crate::engine::vms::scene::{Scene, id};
use crate::sim::{EPOCH, World};
use std::collections::BTreeSet;

const INTERNAL: &str = "DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB";
const SHARED: &str = "DefaultSharedNetworkOffering";

/// A world with a public and an internal load balancer, each with a guest, and a guest in a shared
/// network.
fn world() -> World {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let words = [("networkid", scene.network.as_str())];
    let made = scene.world.ok("associateIpAddress", &words);
    let ports = [("publicport", "80"), ("privateport", "80"), ("algorithm", "source")];
    let words = [&[("publicipid", id(&made["ipaddress"])), ("name", "web")][..], &ports].concat();
    let made = scene.world.ok("createLoadBalancerRule", &words);
    let with = [("id", id(&made["loadbalancer"])), ("virtualmachineids", id(&vm))];
    scene.world.ok("assignToLoadBalancerRule", &with);
    let zone = scene.world.id("listZones", &[]);
    let offering = scene.world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words =
        [("name", "v"), ("zoneid", &zone), ("vpcofferingid", &offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&scene.world.ok("createVPC", &words)["vpc"]).to_owned();
    let mask = ("netmask", "255.255.255.0");
    let tier = make(&scene.world, INTERNAL, &[("vpcid", &vpc), ("gateway", "10.8.1.1"), mask]);
    let words = [
        ("name", "db"),
        ("scheme", "Internal"),
        ("algorithm", "source"),
        ("networkid", id(&tier)),
        ("sourceipaddressnetworkid", id(&tier)),
        ("sourceipaddress", "10.8.1.9"),
        ("instanceport", "1"),
    ];
    for port in ["1", "2"] {
        scene.world.ok("createLoadBalancer", &[&words[..], &[("sourceport", port)]].concat());
    }
    let offering = scene.world.id("listNetworkOfferings", &[("name", SHARED)]);
    let words = [
        ("name", "dmz"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("vlan", "700"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.12"),
    ];
    let shared = scene.world.ok("createNetwork", &words)["network"].clone();
    scene.deploy(&[("networkids", id(&shared))]);
    scene.into_world()
}

fn broken(world: &World) -> BTreeSet<&'static str> {
    let found = world.engine.store().read(audit).unwrap();
    found.into_iter().map(|finding| finding.rule).collect()
}

/// What is done behind the engine's back, the rules that are broken then, and those among them
/// that a person must decide.
type Case = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        &[
            "UPDATE vm SET removed = 1, state = 'Expunging' \
             WHERE id IN (SELECT vm_id FROM load_balancer_member)",
            "UPDATE nic SET removed = 1 \
             WHERE vm_id IN (SELECT vm_id FROM load_balancer_member)",
            "DELETE FROM guest_address WHERE kind = 'Nic' \
             AND holder_id IN (SELECT id FROM nic WHERE removed = 1)",
        ],
        &["bits", "vm-of-member"],
        &[],
    ),
    (
        &["UPDATE load_balancer_rule SET removed = 1 WHERE scheme = 'Public'"],
        &["balancer-of-member"],
        &[],
    ),
    (
        &["UPDATE load_balancer_member SET vm_ip = vm_ip + 1"],
        &["address-of-member"],
        &["address-of-member"],
    ),
    (
        &["UPDATE load_balancer_rule SET network_id = 999 WHERE scheme = 'Internal'"],
        &["network-of-balancer"],
        &[],
    ),
    (
        &["UPDATE load_balancer_rule SET place = place + 7 WHERE scheme = 'Public'"],
        &["address-of-balancer"],
        &[],
    ),
    (
        &["DELETE FROM guest_address WHERE kind = 'LoadBalancer'"],
        &["bits", "source-of-balancer"],
        &[],
    ),
    (
        &["UPDATE guest_address SET holder_id = 999 WHERE kind = 'LoadBalancer'"],
        &["balancer-of-guest-address"],
        &[],
    ),
    (
        &["UPDATE load_balancer_rule SET removed = 1 WHERE scheme = 'Internal'"],
        &["balancer-of-guest-address"],
        &[],
    ),
    (
        &["DELETE FROM address WHERE range_id IN \
             (SELECT id FROM vlan_range WHERE type = 'DirectAttached')"],
        &["address-of-shared-guest", "bits", "counters"],
        &["address-of-shared-guest"],
    ),
    (
        &["UPDATE address SET place = place + 1 WHERE range_id IN \
             (SELECT id FROM vlan_range WHERE type = 'DirectAttached')"],
        &["address-of-shared-guest", "bits", "guest-of-shared-address"],
        &["address-of-shared-guest"],
    ),
];

#[test]
fn each_kind_of_damage_is_found_and_what_has_one_right_answer_is_mended() {
    let mut wrong = Vec::new();
    for (damage, rules, left) in CASES {
        let world = world();
        assert_eq!(broken(&world), BTreeSet::new(), "before {damage:?}");
        for sql in *damage {
            world.tell(sql);
        }
        let found = broken(&world);
        let missing: Vec<_> = rules.iter().filter(|rule| !found.contains(*rule)).collect();
        if !missing.is_empty() {
            wrong.push(format!("{damage:?}: found {found:?}"));
        }
        let now = EPOCH.plus_seconds(1000);
        let repaired = world.engine.store().write(move |tx| repair(tx, now)).unwrap();
        assert!(repaired.done.iter().all(|finding| is_mended(finding.rule)), "{repaired:?}");
        let rest = broken(&world);
        if !rest.iter().all(|rule| left.contains(rule) || !rules.contains(rule)) {
            wrong.push(format!("{damage:?}: left {rest:?}"));
        }
        assert!(rest.iter().all(|rule| advice(rule).is_some()), "{rest:?}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Two load balancers of one port cannot be made; where they are, a person decides.
#[test]
fn one_port_of_an_address_is_one_load_balancers() {
    let world = world();
    world.tell(
        "INSERT INTO load_balancer_rule (name, scheme, algorithm, range_id, place, network_id, \
         account_id, domain_id, protocol, public_port, private_port, display, created) \
         SELECT name, scheme, algorithm, range_id, place, network_id, account_id, domain_id, \
         protocol, public_port, private_port, display, created FROM load_balancer_rule \
         WHERE scheme = 'Public'",
    );
    assert_eq!(broken(&world), BTreeSet::from(["port-of-balancer"]));
    assert!(advice("port-of-balancer").is_some());
}
