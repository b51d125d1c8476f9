//! Shared networks: their ranges, their VLANs, and who may use them.

use crate::engine::Caller;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

const SHARED: &str = "DefaultSharedNetworkOffering";

type Words<'w> = &'w [(&'w str, &'w str)];

/// The words for a shared network, where `more` says nothing else.
fn words<'w>(ids: &'w (String, String), more: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("name", "dmz"),
        ("zoneid", ids.0.as_str()),
        ("networkofferingid", ids.1.as_str()),
        ("vlan", "700"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.20"),
    ];
    words.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    words.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    words
}

fn ids(world: &World) -> (String, String) {
    (world.id("listZones", &[]), world.id("listNetworkOfferings", &[("name", SHARED)]))
}

fn make(world: &World, more: &[(&str, &str)]) -> Json {
    let ids = ids(world);
    world.ok("createNetwork", &words(&ids, more))["network"].clone()
}

fn seen(world: &World, who: &Caller, more: &[(&str, &str)]) -> Json {
    world.ok_as(who, "listNetworks", more)["count"].clone()
}

#[test]
fn a_shared_network_comes_with_its_range() {
    let world = World::sandbox();
    let made = make(&world, &[]);
    assert_eq!((&made["type"], &made["state"]), (&json!("Shared"), &json!("Setup")));
    assert_eq!((&made["vlan"], &made["acltype"]), (&json!("700"), &json!("Domain")));
    assert_eq!((&made["account"], &made["domain"]), (&Json::Null, &json!("ROOT")));
    assert_eq!(made["subdomainaccess"], true);
    let id = made["id"].as_str().unwrap();
    let ranges = world.ok("listVlanIpRanges", &[("networkid", id)]);
    let range = &ranges["vlaniprange"][0];
    assert_eq!((&range["startip"], &range["endip"]), (&json!("192.0.2.10"), &json!("192.0.2.20")));
    assert_eq!(range["forvirtualnetwork"], false);
    let free = [("forvirtualnetwork", "false"), ("state", "Free")];
    assert_eq!(world.ok("listPublicIpAddresses", &free)["count"], 11);
    // Its addresses stand on interfaces: nobody acquires or reserves them.
    let address = world.id("listPublicIpAddresses", &free);
    let (code, text) = world.unmoved("reserveIpAddress", &[("id", &address)]);
    assert!(code == 431 && text.contains("is no public address"), "{text}");
    let (code, text) = world.refused("associateIpAddress", &[("networkid", id)]);
    assert!(code == 431 && text.contains("has no service"), "{text}");
    check(world.engine.store());
    world.ok("deleteNetwork", &[("id", id)]);
    assert_eq!(world.ok("listVlanIpRanges", &[("networkid", id)]), json!({}));
    check(world.engine.store());
}

#[test]
fn what_a_shared_network_cannot_be_is_refused_in_cloudstacks_order() {
    let (world, who) = World::tenants();
    let ids = ids(&world);
    let cases: &[(Words<'_>, u16, &str)] = &[
        (&[("acltype", "Account"), ("subdomainaccess", "true")], 431, "acltype=Domain only"),
        (&[("gateway", "192.0.2.0"), ("netmask", "255.0.255.0")], 431, "not a netmask"),
        (&[("gateway", "192.0.2.0")], 431, "is the network address"),
        (&[("gateway", ""), ("netmask", "")], 431, "startip needs gateway and netmask"),
        (&[("startip", "")], 431, "endip is given without startip"),
        (&[("ip6cidr", "2001:db8::/64")], 431, "ip6gateway and ip6cidr go together"),
        (&[("vlan", "")], 431, "vlan is needed"),
        (&[("vlan", "5000")], 431, "hands out by itself"),
        (&[("startip", "192.0.3.10")], 431, "192.0.3.10 is not in 192.0.2.0/24"),
        (&[("startip", "192.0.2.1")], 431, "gateway: 192.0.2.1 is one of the addresses"),
        (&[("routerip", "192.0.2.9")], 432, "routerip cannot be given yet"),
        (
            &[("gateway", "203.0.113.1"), ("startip", "203.0.113.9"), ("endip", "203.0.113.9")],
            431,
            "public addresses belong to one VLAN only",
        ),
    ];
    for (more, code, why) in cases {
        let (got, text) = world.unmoved("createNetwork", &words(&ids, more));
        assert!(got == *code && text.contains(why), "{more:?}: {got} {text}");
    }
    world.ok(
        "updateConfiguration",
        &[("name", "allow.empty.start.end.ipaddress"), ("value", "false")],
    );
    let none = [("startip", ""), ("endip", "")];
    let (_, text) = world.unmoved("createNetwork", &words(&ids, &none));
    assert!(text.contains("startip and endip"), "{text}");
    let (code, _) = world.refused_as(&who.alice, "createNetwork", &words(&ids, &[]));
    assert_eq!(code, 431);
    let domain = [("acltype", "Domain")];
    assert_eq!(world.refused_as(&who.alice, "createNetwork", &words(&ids, &domain)).0, 531);
    make(&world, &[]);
    let (_, text) = world.unmoved("createNetwork", &words(&ids, &[]));
    assert!(text.contains("vxlan://700 is that of the network `dmz`"), "{text}");
}

#[test]
fn subtlety_18_shared_networks_in_different_vlans_may_use_one_subnet() {
    let world = World::sandbox();
    make(&world, &[]);
    make(&world, &[("name", "other"), ("vlan", "701")]);
    let bypass = ("bypassvlanoverlapcheck", "true");
    let rest = [("startip", "192.0.2.30"), ("endip", "192.0.2.40")];
    make(&world, &[("name", "third"), bypass, rest[0], rest[1]]);
    // In one VLAN the addresses may not meet.
    let ids = ids(&world);
    let (_, text) = world.unmoved("createNetwork", &words(&ids, &[("name", "fourth"), bypass]));
    assert!(text.contains("overlaps the range 192.0.2.10-192.0.2.20"), "{text}");
    // And public ones may meet none of them.
    let words = [
        ("zoneid", ids.0.as_str()),
        ("vlan", "702"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.100"),
    ];
    let (_, text) = world.unmoved("createVlanIpRange", &words);
    assert!(text.contains("public addresses belong to one VLAN only"), "{text}");
    check(world.engine.store());
}

#[test]
fn subtleties_19_21_and_22_ranges_of_a_network_are_of_its_subnets_or_of_new_ones() {
    let world = World::sandbox();
    let made = make(&world, &[]);
    let id = made["id"].as_str().unwrap();
    let with = |more: &[(&'static str, &'static str)]| {
        [&[("networkid", id), ("forvirtualnetwork", "false")], more].concat()
    };
    let mask = ("netmask", "255.255.255.0");
    for (more, why) in [
        (&[("startip", "192.0.2.30"), ("gateway", "192.0.2.1")][..], "without netmask"),
        (&[("startip", "192.0.2.30"), mask], "without gateway"),
        (&[("startip", "192.0.9.30")], "lies in no subnet of the network dmz"),
        (&[("startip", "192.0.2.30"), ("gateway", "192.0.2.2"), mask], "has the gateway 192.0.2.1"),
        (
            &[("startip", "192.0.2.30"), ("gateway", "192.0.2.1"), ("netmask", "255.255.0.0")],
            "is in 192.0.2.0/24, a part of 192.0.0.0/16",
        ),
        (
            &[("startip", "192.0.2.30"), ("gateway", "192.0.2.1"), ("netmask", "255.255.255.128")],
            "is in 192.0.2.0/24, of which 192.0.2.0/25 is a part",
        ),
        (&[("startip", "192.0.2.15")], "overlaps the range 192.0.2.10-192.0.2.20"),
        (&[("startip", "192.0.2.30"), ("vlan", "701")], "is not vxlan://700"),
        (
            &[("startip", "192.0.2.30"), ("gateway", "192.0.2.30"), mask],
            "192.0.2.30 is one of the addresses",
        ),
    ] {
        let (code, text) = world.unmoved("createVlanIpRange", &with(more));
        assert!(code == 431 && text.contains(why), "{more:?}: {text}");
    }
    // More of the same subnet needs neither gateway nor netmask.
    let more = world.ok("createVlanIpRange", &with(&[("startip", "192.0.2.30")]));
    assert_eq!(more["vlan"]["gateway"], "192.0.2.1");
    let other = [("startip", "192.0.9.30"), ("gateway", "192.0.9.1"), mask];
    let other = world.ok("createVlanIpRange", &with(&other));
    let shown = &world.ok("listNetworks", &[("id", id)])["network"][0];
    assert_eq!(shown["gateway"], "192.0.2.1,192.0.9.1");
    assert_eq!(shown["cidr"], "192.0.2.0/24,192.0.9.0/24");
    world.ok("deleteVlanIpRange", &[("id", other["vlan"]["id"].as_str().unwrap())]);
    let shown = &world.ok("listNetworks", &[("id", id)])["network"][0];
    assert_eq!(shown["cidr"], "192.0.2.0/24");
}

#[test]
fn a_network_for_a_domain_is_seen_by_those_in_it() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    for (name, vlan, below) in [("whole", "700", "true"), ("top", "701", "false")] {
        let more = [("name", name), ("vlan", vlan), ("domainid", &a), ("subdomainaccess", below)];
        let made = make(&world, &more);
        assert_eq!(
            (&made["domain"], made["subdomainaccess"].to_string()),
            (&json!("a"), below.into())
        );
    }
    assert_eq!(seen(&world, &who.alice, &[]), 2);
    assert_eq!(seen(&world, &who.sam, &[]), 1);
    assert_eq!(seen(&world, &who.bob, &[]), Json::Null);
    assert_eq!(seen(&world, &who.ada, &[("listall", "true")]), 2);
    assert_eq!(seen(&world, &who.bea, &[("listall", "true")]), Json::Null);
    assert_eq!(seen(&world, &who.alice, &[("networkfilter", "domain")]), 2);
    assert_eq!(seen(&world, &who.alice, &[("networkfilter", "account")]), Json::Null);
    // To see is not to own.
    let id = world.id("listNetworks", &[("name", "whole"), ("listall", "true")]);
    assert_eq!(world.refused_as(&who.alice, "deleteNetwork", &[("id", &id)]).0, 531);
    check(world.engine.store());
}

#[test]
fn an_owner_permits_others_to_use_a_network() {
    let (world, who) = World::tenants();
    let id = world.network_of(&who.alice);
    let network = ("networkid", id.as_str());
    let cases: &[(Words<'_>, u16, &str)] = &[
        (&[network], 431, "accountids, accounts and projectids"),
        (&[network, ("accounts", "nobody")], 431, "there is no account `nobody`"),
        (&[network, ("accounts", "alice")], 431, "owns the network"),
    ];
    for (words, code, why) in cases {
        let (got, text) = world.refused_as(&who.alice, "createNetworkPermissions", words);
        assert!(got == *code && text.contains(why), "{words:?}: {got} {text}");
    }
    let b = world.id("listDomains", &[("name", "b")]);
    let bob = world.id("listAccounts", &[("name", "bob"), ("domainid", &b)]);
    let words = [network, ("accountids", bob.as_str())];
    assert_eq!(world.refused_as(&who.alice, "createNetworkPermissions", &words).0, 531);
    assert_eq!(world.refused_as(&who.amir, "createNetworkPermissions", &words).0, 531);
    world.ok("createNetworkPermissions", &words);
    world.ok_as(&who.alice, "createNetworkPermissions", &[network, ("accounts", "amir")]);
    let listed = world.ok_as(&who.alice, "listNetworkPermissions", &[network]);
    assert_eq!(
        (&listed["count"], &listed["networkpermission"][0]["account"]),
        (&json!(2), &json!("amir"))
    );
    assert_eq!(seen(&world, &who.amir, &[("networkfilter", "shared")]), 1);
    assert_eq!(seen(&world, &who.bob, &[]), 1);
    // It may be used, and nothing else.
    assert_eq!(world.refused_as(&who.amir, "updateNetwork", &[("id", &id)]).0, 531);
    world.ok_as(&who.alice, "removeNetworkPermissions", &[network, ("accounts", "amir")]);
    assert_eq!(seen(&world, &who.amir, &[]), Json::Null);
    world.ok_as(&who.alice, "resetNetworkPermissions", &[network]);
    assert_eq!(seen(&world, &who.bob, &[]), Json::Null);
    check(world.engine.store());
}

#[test]
fn a_network_that_names_no_vlan_gets_one_for_as_long_as_it_lives() {
    let world = World::sandbox();
    let offering = world.ok(
        "createNetworkOffering",
        &[
            ("name", "s"),
            ("displaytext", "s"),
            ("guestiptype", "Shared"),
            ("traffictype", "GUEST"),
            ("specifyipranges", "true"),
            ("specifyvlan", "false"),
            ("supportedservices", "Dhcp"),
            ("serviceproviderlist[0].service", "Dhcp"),
            ("serviceproviderlist[0].provider", "VirtualRouter"),
        ],
    );
    let offering = offering["networkoffering"]["id"].as_str().unwrap().to_owned();
    world.ok("updateNetworkOffering", &[("id", &offering), ("state", "Enabled")]);
    let made = make(&world, &[("networkofferingid", &offering), ("vlan", "")]);
    assert_eq!(made["broadcasturi"], "vxlan://5000");
    check(world.engine.store());
    world.ok("deleteNetwork", &[("id", made["id"].as_str().unwrap())]);
    let again = make(&world, &[("networkofferingid", &offering), ("vlan", "")]);
    assert_eq!(again["broadcasturi"], "vxlan://5000");
    check(world.engine.store());
}
