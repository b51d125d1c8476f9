//! Whose ranges are, and who gets addresses of them.

use crate::engine::addresses::{self, Use, Wish};
use crate::engine::{Caller, Cx, Owner};
use crate::model::{EntityKind, Network};
use crate::schema::Fault;
use crate::sim::{EPOCH, World, check};
use serde_json::{Value as Json, json};

/// The setting that says whether owners of ranges may have other addresses.
const SHARES: &str = "use.system.public.ips";

/// A range of the subnet `net` from .10 to .(9 + size), with more parameters.
fn range(world: &World, net: &str, size: u8, more: &[(&str, &str)]) -> String {
    let zone = world.id("listZones", &[]);
    let (gateway, first) = (format!("{net}.1"), format!("{net}.10"));
    let last = format!("{net}.{}", 9 + size);
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", "200"),
        ("gateway", &gateway),
        ("netmask", "255.255.255.0"),
        ("startip", &first),
        ("endip", &last),
    ];
    let made = world.ok("createVlanIpRange", &[&words[..], more].concat());
    made["vlan"]["id"].as_str().unwrap().to_owned()
}

fn set(world: &World, name: &str, value: &str) {
    world.ok("updateConfiguration", &[("name", name), ("value", value)]);
}

fn free(world: &World, who: &Caller) -> Json {
    world.ok_as(who, "listPublicIpAddresses", &[("state", "Free")])["count"].clone()
}

#[test]
fn subtlety_06_dedicated_ranges_come_first_and_alone() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    range(&world, "192.0.2", 2, &[("domainid", &a)]);
    let alice = world.network_of(&who.alice);
    assert_eq!(world.acquire(&who.alice, &[("networkid", &alice)]), "192.0.2.10");
    // The domain's range is not for those of the domain below, nor for others.
    let sam = world.network_of(&who.sam);
    assert_eq!(world.acquire(&who.sam, &[("networkid", &sam)]), "203.0.113.2");
    let bob = world.network_of(&who.bob);
    assert_eq!(world.acquire(&who.bob, &[("networkid", &bob)]), "203.0.113.3");
    let words = [("networkid", bob.as_str()), ("ipaddress", "192.0.2.11")];
    assert_eq!(world.refused_as(&who.bob, "associateIpAddress", &words).0, 533);
    // What is listed as free is what one could get.
    assert_eq!((free(&world, &who.alice), free(&world, &who.sam)), (json!(1), json!(251)));
    assert_eq!(world.acquire(&who.alice, &[("networkid", &alice)]), "192.0.2.11");
    assert_eq!(free(&world, &who.alice), 251);
    set(&world, SHARES, "false");
    assert_eq!(free(&world, &who.alice), Json::Null);
    let words = [("networkid", alice.as_str())];
    assert_eq!(world.refused_as(&who.alice, "associateIpAddress", &words).0, 533);
    set(&world, SHARES, "true");
    assert_eq!(world.acquire(&who.alice, &words), "203.0.113.4");
    check(world.engine.store());
}

#[test]
fn subtlety_07_a_limit_does_not_hold_for_dedicated_ranges() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    let range = range(&world, "192.0.2", 2, &[("domainid", &a), ("account", "alice")]);
    let words = [("account", "alice"), ("domainid", &a), ("resourcetype", "1"), ("max", "2")];
    world.ok("updateResourceLimit", &words);
    let alice = world.network_of(&who.alice);
    let words = [("networkid", alice.as_str())];
    // The range is all that the account may have, and has: two.
    assert_eq!(world.acquire(&who.alice, &words), "192.0.2.10");
    assert_eq!(world.acquire(&who.alice, &words), "192.0.2.11");
    assert_eq!(world.refused_as(&who.alice, "associateIpAddress", &words).0, 532);
    let more = [("id", range.as_str()), ("endip", "192.0.2.12")];
    let (code, text) = world.unmoved("updateVlanIpRange", &more);
    assert_eq!(code, 535, "{text}");
    check(world.engine.store());
}

#[test]
fn subtlety_05_a_range_of_an_account_counts_as_a_whole_and_of_a_domain_singly() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    let count = || {
        let words = [("domainid", a.as_str()), ("account", "alice"), ("resourcetype", "1")];
        world.ok("updateResourceCount", &words)["resourcecount"][0]["resourcecount"].clone()
    };
    let range = range(&world, "192.0.2", 5, &[("domainid", &a), ("account", "alice")]);
    assert_eq!(count(), 5);
    let alice = world.network_of(&who.alice);
    world.acquire(&who.alice, &[("networkid", &alice)]);
    assert_eq!(count(), 5);
    // The one that is in use stays, and counts from now on; the one that is not goes.
    world.acquire(&who.alice, &[("networkid", &alice)]);
    world.ok("releasePublicIpRange", &[("id", &range)]);
    assert_eq!(count(), 1);
    world.ok("dedicatePublicIpRange", &[("id", &range), ("domainid", &a)]);
    assert_eq!(count(), 1);
    world.acquire(&who.alice, &[("networkid", &alice)]);
    assert_eq!(count(), 2);
    check(world.engine.store());
}

#[test]
fn subtlety_18_overlap_depends_on_the_vlan_and_on_the_traffic() {
    let world = World::sandbox();
    let id = range(&world, "192.0.2", 10, &[]);
    let zone = world.id("listZones", &[]);
    let base = |vlan, first, last| {
        [
            ("zoneid", zone.as_str()),
            ("vlan", vlan),
            ("gateway", "192.0.2.1"),
            ("netmask", "255.255.255.0"),
            ("startip", first),
            ("endip", last),
        ]
    };
    // Public addresses belong to one VLAN, which may have several ranges.
    let words = base("201", "192.0.2.100", "192.0.2.110");
    let (code, text) = world.unmoved("createVlanIpRange", &words);
    assert_eq!(code, 431);
    for part in ["192.0.2.0/24", "192.0.2.10-192.0.2.19", &id, "vlan://200", "the zone sandbox"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    world.ok("createVlanIpRange", &base("200", "192.0.2.100", "192.0.2.110"));
    assert_eq!(world.ok("listVlanIpRanges", &[("vlan", "200")])["count"], 2);
}

#[test]
fn subtlety_20_a_changed_range_is_compared_with_the_others() {
    let world = World::sandbox();
    let id = range(&world, "192.0.2", 10, &[]);
    let zone = world.id("listZones", &[]);
    let next = [
        ("zoneid", zone.as_str()),
        ("vlan", "200"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.30"),
    ];
    world.ok("createVlanIpRange", &next);
    let (code, text) = world.unmoved("updateVlanIpRange", &[("id", &id), ("endip", "192.0.2.30")]);
    assert!(code == 431 && text.contains("overlaps the range 192.0.2.30"), "{text}");
    world.ok("updateVlanIpRange", &[("id", &id), ("endip", "192.0.2.29")]);
}

#[test]
fn the_checks_of_a_change_come_in_cloudstacks_order() {
    let world = World::sandbox();
    let root = world.id("listDomains", &[("name", "ROOT")]);
    let id = range(&world, "192.0.2", 10, &[]);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("startipv6", "2001:db8::1")], "startipv6: the range has no IPv6"),
        (&[("endip", "192.0.2.5")], "endip: 192.0.2.5 is lower"),
        (&[("endip", "192.0.3.5")], "endip: 192.0.3.5 is not in 192.0.2.0/24"),
        (&[("gateway", "192.0.2.12")], "gateway: 192.0.2.12 is one of"),
    ];
    for (words, why) in cases {
        let words = [&[("id", id.as_str())], *words].concat();
        let (code, text) = world.unmoved("updateVlanIpRange", &words);
        assert!(code == 431 && text.contains(why), "{words:?}: {text}");
    }
    world.ok("updateVlanIpRange", &[("id", &id), ("forsystemvms", "true")]);
    let words = [("id", id.as_str()), ("domainid", &root)];
    let (_, text) = world.unmoved("dedicatePublicIpRange", &words);
    assert!(text.contains("is kept for system VMs"), "{text}");
    world.ok("updateVlanIpRange", &[("id", &id), ("forsystemvms", "false")]);
    world.ok("dedicatePublicIpRange", &words);
    let (_, text) = world.unmoved("dedicatePublicIpRange", &words);
    assert!(text.contains("is dedicated already"), "{text}");
    let words = [("id", id.as_str()), ("forsystemvms", "true")];
    let (_, text) = world.unmoved("updateVlanIpRange", &words);
    assert!(text.contains("forsystemvms") && text.contains("is dedicated"), "{text}");
}

#[test]
fn ipv6_addresses_of_a_range_change_too() {
    let world = World::sandbox();
    let six = [("ip6gateway", "2001:db8::1"), ("ip6cidr", "2001:db8::/64")];
    let id = range(&world, "192.0.2", 10, &six);
    let words = [("id", id.as_str()), ("startipv6", "2001:db8::10"), ("endipv6", "2001:db8::20")];
    let changed = world.ok("updateVlanIpRange", &words);
    assert_eq!(changed["vlan"]["endipv6"], "2001:db8::20");
    assert_eq!(changed["vlan"]["endip"], "192.0.2.19");
    let words = [("id", id.as_str()), ("endipv6", "2001:db8:1::20")];
    let (_, text) = world.unmoved("updateVlanIpRange", &words);
    assert!(text.contains("endipv6: 2001:db8:1::20 is not in 2001:db8::/64"), "{text}");
}

#[test]
fn a_range_of_an_account_goes_with_what_is_not_used_of_it() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    let id = range(&world, "192.0.2", 3, &[("domainid", &a), ("account", "alice")]);
    let alice = world.network_of(&who.alice);
    for _ in 0..2 {
        world.acquire(&who.alice, &[("networkid", &alice)]);
    }
    let (code, text) = world.unmoved("deleteVlanIpRange", &[("id", &id)]);
    assert!(code == 431 && text.contains("192.0.2.10 is a source NAT"), "{text}");
    world.ok("disassociateIpAddress", &[("ipaddress", "192.0.2.10")]);
    world.ok("deleteVlanIpRange", &[("id", &id)]);
    assert_eq!(world.ok("listPublicIpAddresses", &[("listall", "true")]), json!({}));
    check(world.engine.store());
}

#[test]
fn system_vms_get_what_is_kept_for_them_first_and_alone_where_that_is_wanted() {
    let world = World::sandbox();
    range(&world, "192.0.2", 1, &[("forsystemvms", "true")]);
    let network = world.network_of(&Caller::ADMIN);
    let take = || {
        let network = network.clone();
        let taken: Result<_, Fault> = world.engine.store().write(move |tx| {
            let uid = crate::model::Uid::parse(&network).unwrap();
            let (_, row) = tx.key().decode(EntityKind::Network, uid).unwrap();
            let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "test");
            let network: Network = cx.must(row.cast_signed())?;
            let owner = Owner { account_id: 1, domain_id: 1 };
            let wish = Wish { zone_id: network.zone_id, owner, address: None, with_ip6: false };
            addresses::acquire(&mut cx, &wish, Use::Network(&network, false))
        });
        taken.map(|found| found.place.ip.to_string()).map_err(|fault| fault.code())
    };
    assert_eq!(take().as_deref(), Ok("192.0.2.10"));
    set(&world, addresses::STRICT, "true");
    assert_eq!(take(), Err(533));
    set(&world, addresses::STRICT, "false");
    assert_eq!(take().as_deref(), Ok("203.0.113.2"));
    // Nobody else gets any of them.
    let words = [("networkid", network.as_str()), ("ipaddress", "192.0.2.10")];
    assert_eq!(world.refused("associateIpAddress", &words).0, 533);
}
