//! Internal load balancers from the outside.

use crate::engine::network_tests::make;
use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::{Value as Json, json};

const INTERNAL: &str = "DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB";

/// A scene in a tier with internal load balancing, and a second such tier: its id.
fn scene() -> (Scene, String) {
    let world = World::sandbox();
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let zone = world.id("listZones", &[]);
    let words =
        [("name", "vpc"), ("zoneid", &zone), ("vpcofferingid", &offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&world.ok("createVPC", &words)["vpc"]).to_owned();
    let mask = ("netmask", "255.255.255.0");
    let tier = make(&world, INTERNAL, &[("vpcid", &vpc), ("gateway", "10.8.1.1"), mask]);
    let more = [("name", "b"), ("vpcid", &*vpc), ("gateway", "10.8.2.1"), mask];
    let other = make(&world, INTERNAL, &more);
    (Scene::of(world, id(&tier)), id(&other).to_owned())
}

/// The words of a load balancer for a database, of which some say something else.
fn words<'w>(tier: &'w str, other: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("name", "db"),
        ("scheme", "Internal"),
        ("algorithm", "source"),
        ("networkid", tier),
        ("sourceipaddressnetworkid", tier),
        ("sourceport", "3306"),
        ("instanceport", "3307"),
    ];
    words.retain(|(name, _)| other.iter().all(|(said, _)| said != name));
    words.extend_from_slice(other);
    words
}

fn create(scene: &Scene, other: &[(&str, &str)]) -> Json {
    let words = words(&scene.network, other);
    scene.world.ok("createLoadBalancer", &words)["loadbalancer"].clone()
}

#[test]
fn a_load_balancer_holds_an_address_of_its_tier() {
    let (scene, _) = scene();
    let vm = scene.deploy(&[("name", "db1")]);
    let made = create(&scene, &[]);
    // The guest has the first address, the load balancer the next one.
    assert_eq!(made["sourceipaddress"], "10.8.1.3");
    assert_eq!(made["sourceipaddressnetworkid"], json!(scene.network));
    let ports = json!([{ "sourceport": 3306, "instanceport": 3307, "state": "Add" }]);
    assert_eq!((&made["loadbalancerrule"], &made["networkid"]), (&ports, &json!(scene.network)));
    let (code, text) = scene.refused(&[("ipaddress", "10.8.1.3")]);
    assert!(code == 533 && text.contains("that of an internal load balancer"), "{code} {text}");
    assert_eq!(scene.deploy(&[])["ipaddress"], "10.8.1.4");
    let with = [("id", id(&made)), ("virtualmachineids", id(&vm))];
    scene.world.ok("assignToLoadBalancerRule", &with);
    let listed = scene.world.ok("listLoadBalancers", &[("sourceipaddress", "10.8.1.3")]);
    assert_eq!(listed["loadbalancer"][0]["loadbalancerrule"][0]["state"], "Active");
    assert_eq!(scene.count("listLoadBalancerRules", &[]), 0, "those are public ones");
    assert_eq!(scene.count("listLoadBalancers", &[("scheme", "public")]), 0);
    let word = [("id", id(&made))];
    let (code, text) = scene.world.unmoved("deleteLoadBalancerRule", &word);
    assert!(code == 431 && text.contains("internal load balancer"), "{code} {text}");
    scene.world.ok("updateLoadBalancer", &[word[0], ("fordisplay", "false")]);
    assert_eq!(scene.count("listLoadBalancers", &[("fordisplay", "true")]), 0);
    scene.world.ok("deleteLoadBalancer", &word);
    assert_eq!(scene.world.unmoved("deleteLoadBalancer", &word).0, 431);
    assert_eq!(scene.deploy(&[("ipaddress", "10.8.1.3")])["ipaddress"], "10.8.1.3");
}

/// Each breaks one check and all that come after it.
#[test]
fn the_first_check_that_fails_decides() {
    let (scene, other) = scene();
    let elsewhere = make(&scene.world, crate::engine::network_tests::ISOLATED, &[("name", "c")]);
    let public = scene.world.id("listNetworks", &[("id", id(&elsewhere))]);
    let wrong = [
        ("scheme", "Public"),
        ("sourceport", "0"),
        ("instanceport", "70000"),
        ("algorithm", "fair"),
        ("networkid", public.as_str()),
        ("sourceipaddressnetworkid", public.as_str()),
        ("sourceipaddress", "10.9.9.9"),
    ];
    for (at, (code, part)) in [
        (530, "scheme: `Public` is not Internal"),
        (431, "sourceport: 0"),
        (431, "instanceport: 70000"),
        (431, "algorithm: `fair`"),
        (431, "networkid: the offering of the network"),
        (431, "sourceipaddressnetworkid: the network"),
        (533, "10.9.9.9 is not in 10.8.1.0/24"),
    ]
    .into_iter()
    .enumerate()
    {
        let words = words(&scene.network, &wrong[at..]);
        let (got, text) = scene.world.unmoved("createLoadBalancer", &words);
        assert!(got == code && text.contains(part), "{:?}: {got} {text}", wrong[at]);
    }
    for taken in ["10.8.1.0", "10.8.1.1", "10.8.1.255"] {
        let words = words(&scene.network, &[("sourceipaddress", taken)]);
        let (code, text) = scene.world.unmoved("createLoadBalancer", &words);
        assert!(code == 533 && text.contains(taken), "{code} {text}");
    }
    // An address of another tier of the VPC is as good.
    let made = create(&scene, &[("sourceipaddressnetworkid", &other)]);
    assert_eq!(made["sourceipaddress"], "10.8.2.2");
}

#[test]
fn several_share_an_address_until_the_last_of_them_goes() {
    let (scene, other) = scene();
    let at = ("sourceipaddress", "10.8.1.9");
    let first = create(&scene, &[at]);
    let words = words(&scene.network, &[at]);
    let (code, text) = scene.world.unmoved("createLoadBalancer", &words);
    assert!(code == 537 && text.contains(id(&first)) && text.contains("port 3306"), "{text}");
    let foreign: Vec<_> = words
        .iter()
        .map(|(name, value)| match *name {
            "networkid" => ("networkid", other.as_str()),
            "sourceport" => ("sourceport", "3308"),
            _ => (*name, *value),
        })
        .collect();
    let (code, text) = scene.world.unmoved("createLoadBalancer", &foreign);
    assert!(code == 537 && text.contains("guests of another network"), "{code} {text}");
    let second = create(&scene, &[at, ("sourceport", "3308")]);
    let third = create(&scene, &[at, ("sourceport", "3309")]);
    // Whoever goes first, the address stays theirs.
    for gone in [&first, &third] {
        scene.world.ok("deleteLoadBalancer", &[("id", id(gone))]);
        assert_eq!(scene.refused(&[("ipaddress", at.1)]).0, 533);
        crate::sim::check(scene.world.engine.store());
    }
    scene.world.ok("deleteLoadBalancer", &[("id", id(&second))]);
    assert_eq!(scene.deploy(&[("ipaddress", at.1)])["ipaddress"], at.1);
}

#[test]
fn deleting_a_tier_takes_its_load_balancers_along() {
    let (scene, other) = scene();
    create(&scene, &[]);
    let across = create(&scene, &[("name", "across"), ("sourceipaddressnetworkid", &other)]);
    let own =
        [("name", "own"), ("networkid", other.as_str()), ("sourceipaddressnetworkid", &other)];
    let own = create(&scene, &own);
    assert_eq!(scene.count("listLoadBalancers", &[]), 3);
    scene.world.ok("deleteNetwork", &[("id", &scene.network)]);
    // The one that stood in the other tier is gone as well: it had no guests left to serve.
    let left = scene.world.ok("listLoadBalancers", &[]);
    assert_eq!((&left["count"], &left["loadbalancer"][0]["id"]), (&json!(1), &own["id"]));
    assert_ne!(across["sourceipaddress"], own["sourceipaddress"]);
    scene.world.ok("deleteNetwork", &[("id", &other)]);
    assert_eq!(scene.count("listLoadBalancers", &[]), 0);
}
