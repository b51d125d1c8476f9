//! AS numbers and BGP peers of networks and VPCs in the mode ROUTED.

use crate::sim::ip6::id;
use crate::sim::routing::{asns, network, ok, peer, prepare, refused, routed, vpc, zone};
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

type Words<'w> = &'w [(&'w str, &'w str)];

fn numbers(world: &World, more: Words<'_>) -> Vec<i64> {
    let body = world.ok("listASNumbers", more);
    let rows = body["asnumber"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["asnumber"].as_i64()).collect()
}

#[test]
fn dynamic_networks_have_an_as_number_each() {
    let world = routed();
    let one = network(&world, "dynamic", &[("cidrsize", "28")]).unwrap();
    assert_eq!((&one["asnumber"], &one["ip4routing"]), (&json!(65000), &json!("Dynamic")));
    let named = [("cidrsize", "28"), ("asnumber", "65002")];
    let two = network(&world, "named", &named).unwrap();
    assert_eq!(two["asnumber"], 65002);
    let (code, text) = network(&world, "named", &named).unwrap_err();
    assert!(code == 431 && text.contains("65002 is that of another"), "{text}");
    let three = vpc(&world, "dynamic-vpc", &[("cidrsize", "28")]).unwrap();
    assert_eq!(three["asnumber"], 65001);
    assert_eq!(numbers(&world, &[("isallocated", "true")]), [65000, 65001, 65002]);
    assert_eq!(numbers(&world, &[("isallocated", "false")]).len(), 7);
    assert_eq!(numbers(&world, &[("networkid", id(&two))]), [65002]);
    assert_eq!(numbers(&world, &[("vpcid", id(&three))]), [65001]);
    let page = |n: &'static str| numbers(&world, &[("page", n), ("pagesize", "4")]);
    assert_eq!([page("1"), page("2"), page("3")].concat().len(), 10);
    assert_eq!(page("1"), [65000, 65001, 65002, 65003]);
    let row = world.ok("listASNumbers", &[("asnumber", "65002")])["asnumber"][0].clone();
    assert_eq!((&row["id"], &row["allocationstate"]), (&two["asnumberid"], &json!("Allocated")));
    assert_eq!(row["associatednetworkid"], two["id"]);
    assert_eq!(numbers(&world, &[("asnumber", "65005")]), [65005]);
    check(world.engine.store());
    // Whoever tells routes by a number keeps it.
    let release = |number: &str| {
        let zone = zone(&world);
        let words = [("zoneid", zone.as_str()), ("asnumber", number)];
        world.call("releaseASNumber", &words).map_err(|fault| (fault.code(), fault.text))
    };
    let (code, text) = release("65000").unwrap_err();
    assert!(code == 530 && text.contains("the network `net` uses it"), "{text}");
    assert_eq!(release("64000").unwrap_err().0, 431);
    release("65005").unwrap();
    let range = world.id("listASNRanges", &[]);
    let (code, text) = world.unmoved("deleteASNRange", &[("id", &range)]);
    assert!(code == 530 && text.contains("3 of them are in use"), "{text}");
    for net in [&one, &two] {
        world.ok("deleteNetwork", &[("id", id(net))]);
    }
    world.ok("deleteVPC", &[("id", id(&three))]);
    assert_eq!(network(&world, "dynamic", &[("cidrsize", "28")]).unwrap()["asnumber"], 65000);
    check(world.engine.store());
}

#[test]
fn ranges_of_as_numbers_are_refused_in_cloudstacks_order() {
    let world = routed();
    for (first, last, why) in [
        ("0", "5", "startasn: 0 is not from 1 to 4294967295"),
        ("5", "4294967296", "endasn: 4294967296 is not from"),
        ("9", "5", "5 is lower than startasn 9"),
        ("64990", "65000", "overlaps 65000-65009"),
    ] {
        refused(&world, "createASNRange", &[("startasn", first), ("endasn", last)], 431, why);
    }
    asns(&world, 4_200_000_000, 4_294_967_295);
    assert_eq!(world.ok("listASNRanges", &[])["count"], 2);
    assert_eq!(world.ok("listASNumbers", &[])["count"], 10 + 94_967_296);
    let range = world.id("listASNRanges", &[]);
    world.ok("deleteASNRange", &[("id", &range)]);
    assert_eq!(
        network(&world, "dynamic", &[("cidrsize", "28")]).unwrap()["asnumber"],
        4_200_000_000_u32
    );
    check(world.engine.store());
}

#[test]
fn without_an_as_number_there_is_no_dynamic_network() {
    let world = routed();
    let range = world.id("listASNRanges", &[]);
    world.ok("deleteASNRange", &[("id", &range)]);
    let offering = world.id("listNetworkOfferings", &[("name", "dynamic")]);
    let words = [("name", "n"), ("networkofferingid", offering.as_str()), ("cidrsize", "28")];
    refused(&world, "createNetwork", &words, 530, "add some with createASNRange");
}

fn peers(shown: &Json) -> Vec<String> {
    let peers = shown["bgppeers"].as_array().cloned().unwrap_or_default();
    peers.iter().filter_map(|peer| peer["ipaddress"].as_str()).map(str::to_owned).collect()
}

#[test]
fn networks_speak_with_the_peers_that_are_theirs() {
    let (world, who) = World::tenants();
    prepare(&world);
    let one = peer(&world, "192.0.2.101", &[("details[0].EBGP_MultiHop", "2")]);
    assert_eq!(one["details"]["EBGP_MultiHop"], "2");
    let two = peer(&world, "192.0.2.102", &[]);
    let a = world.id("listDomains", &[("name", "a")]);
    let own = peer(&world, "192.0.2.103", &[("account", "alice"), ("domainid", &a)]);
    assert_eq!((&own["account"], &own["domain"]), (&json!("alice"), &json!("a")));
    let (offering, zone) = (world.id("listNetworkOfferings", &[("name", "dynamic")]), zone(&world));
    let base = [
        ("name", "n"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("cidrsize", "28"),
    ];
    let of_alice = world.ok_as(&who.alice, "createNetwork", &base)["network"].clone();
    assert_eq!(peers(&of_alice), ["192.0.2.103"]);
    let of_bob = world.ok_as(&who.bob, "createNetwork", &base)["network"].clone();
    assert_eq!(peers(&of_bob), ["192.0.2.101", "192.0.2.102"]);
    let change = |ids: &str| {
        let words = [("networkid", id(&of_bob)), ("bgppeerids", ids)];
        world.call("changeBgpPeersForNetwork", &words).map_err(|fault| (fault.code(), fault.text))
    };
    assert_eq!(peers(&change(id(&two)).unwrap()["network"]), ["192.0.2.102"]);
    let (code, text) = change(id(&own)).unwrap_err();
    assert!(code == 530 && text.contains("dedicated to somebody else"), "{code} {text}");
    let (code, text) = world.unmoved("deleteBgpPeer", &[("id", id(&two))]);
    assert!(code == 431 && text.contains("the router of the network `n` speaks"), "{text}");
    let words = [("id", id(&two)), ("domainid", a.as_str())];
    let (code, text) = world.unmoved("dedicateBgpPeer", &words);
    assert!(code == 431 && text.contains("belongs to another account"), "{text}");
    check(world.engine.store());
    let words = [("networkid", id(&of_bob))];
    let all = world.ok("changeBgpPeersForNetwork", &words);
    assert_eq!(peers(&all["network"]).len(), 2);
    world.ok("dedicateBgpPeer", &[("id", id(&two)), ("domainid", &a)]);
    assert_eq!(world.ok("listBgpPeers", &[("isdedicated", "true")])["count"], 2);
    world.ok("releaseBgpPeer", &[("id", id(&two))]);
    world.ok("deleteBgpPeer", &[("id", id(&two))]);
    let shared = [("name", "use.system.bgp.peers"), ("value", "false")];
    world.ok("updateConfiguration", &shared);
    let shown = world.ok("listNetworks", &[("id", id(&of_bob))]);
    assert_eq!(peers(&shown["network"][0]), [""; 0]);
    // A VPC has peers of its own.
    let made = vpc(&world, "dynamic-vpc", &[("cidrsize", "28"), ("bgppeerids", id(&one))]).unwrap();
    assert_eq!(peers(&made), ["192.0.2.101"]);
    let none = world.ok("changeBgpPeersForVpc", &[("vpcid", id(&made))]);
    assert_eq!(peers(&none["vpc"]), [""; 0]);
    world.ok("deleteVPC", &[("id", id(&made))]);
    check(world.engine.store());
}

#[test]
fn peers_are_refused_in_cloudstacks_order() {
    let world = routed();
    let made = peer(&world, "192.0.2.101", &[]);
    let six = [("asnumber", "64999"), ("ip6address", "2001:db8::101")];
    let six = ok(&world, "createBgpPeer", &six)["bgppeer"].clone();
    let create = "createBgpPeer";
    let as_number = ("asnumber", "64999");
    refused(&world, create, &[as_number], 431, "ipaddress and ip6address");
    refused(
        &world,
        create,
        &[("asnumber", "0"), ("ipaddress", "192.0.2.1")],
        431,
        "0 is not from 1",
    );
    refused(
        &world,
        create,
        &[as_number, ("ipaddress", "192.0.2.101")],
        431,
        "the zone has the peer",
    );
    let both = [as_number, ("ipaddress", "192.0.2.9"), ("ip6address", "2001:db8::101")];
    refused(&world, create, &both, 431, "parameter ip6address");
    let secret = [as_number, ("ipaddress", "192.0.2.9"), ("password", "hunter2")];
    refused(&world, create, &secret, 432, "password cannot be given");
    let words = [("id", id(&six)), ("ipaddress", "192.0.2.101")];
    assert_eq!(world.unmoved("updateBgpPeer", &words).0, 431);
    let words = [("id", id(&made)), ("asnumber", "65100"), ("details[0].a", "1")];
    let changed = world.ok("updateBgpPeer", &words)["bgppeer"].clone();
    assert_eq!((&changed["asnumber"], &changed["details"]), (&json!(65100), &json!({"a": "1"})));
    let words = [("id", id(&made)), ("details[0].b", "2"), ("cleanupdetails", "true")];
    let changed = world.ok("updateBgpPeer", &words)["bgppeer"].clone();
    assert_eq!(changed["details"], json!({"b": "2"}));
    let plain = network(&world, "routed", &[("cidrsize", "28")]).unwrap();
    let words = [("networkid", id(&plain)), ("bgppeerids", id(&made))];
    let (code, text) = world.unmoved("changeBgpPeersForNetwork", &words);
    assert!(code == 431 && text.contains("routingmode Dynamic"), "{text}");
    let (code, text) =
        network(&world, "routed", &[("cidrsize", "28"), ("bgppeerids", id(&made))]).unwrap_err();
    assert!(code == 431 && text.contains("bgppeerids"), "{text}");
    check(world.engine.store());
}
