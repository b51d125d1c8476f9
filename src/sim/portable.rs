//! Portable addresses: taken, shown, released, and what outlives what.

use crate::engine::Caller;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

const ADMIN: &Caller = &Caller::ADMIN;

fn held(world: &World) -> Vec<Json> {
    let body = world.ok("listPublicIpAddresses", &[("listall", "true")]);
    body["publicipaddress"].as_array().cloned().unwrap_or_default()
}

fn portable(world: &World, state: &str) -> usize {
    let id = world.id("listPortableIpRanges", &[]);
    let range = world.ok("listPortableIpRanges", &[("id", &id)]);
    let all = range["portableiprange"][0]["portableipaddress"].as_array().unwrap().clone();
    all.iter().filter(|one| one["state"] == state).count()
}

fn vpc(world: &World) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words = [
        ("name", "v"),
        ("zoneid", zone.as_str()),
        ("vpcofferingid", &offering),
        ("cidr", "10.0.0.0/16"),
        ("displaytext", "v"),
    ];
    world.ok("createVPC", &words)["vpc"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn subtlety_17_a_portable_address_stands_in_a_zone_while_it_is_held() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    let words = [("account", "alice"), ("domainid", &a), ("resourcetype", "1"), ("max", "0")];
    world.ok("updateResourceLimit", &words);
    let network = world.network_of(&who.alice);
    let words = [("networkid", network.as_str()), ("isportable", "true"), ("regionid", "7")];
    // No limit holds for it, and whatever region is named, it is the first.
    assert_eq!(world.acquire(&who.alice, &words), "198.51.100.2");
    assert_eq!(world.acquire(&who.alice, &words), "198.51.100.3");
    let count = [("domainid", a.as_str()), ("account", "alice"), ("resourcetype", "1")];
    let count = world.ok("updateResourceCount", &count);
    assert_eq!(count["resourcecount"][0]["resourcecount"], 0);
    let shown = &held(&world)[0];
    assert_eq!((&shown["isportable"], &shown["issourcenat"]), (&json!(true), &json!(false)));
    assert_eq!(shown["vlanname"], "vlan://101");
    assert_eq!((shown["state"].clone(), portable(&world, "Allocated")), (json!("Allocated"), 2));
    // The range that stands for it is nobody's to see or to change.
    assert_eq!(world.ok("listVlanIpRanges", &[])["count"], 1);
    check(world.engine.store());
    let id = shown["id"].as_str().unwrap();
    let (code, text) = world.unmoved("reserveIpAddress", &[("id", id)]);
    assert!(code == 431 && text.contains("is portable"), "{text}");
    let (code, text) = world.unmoved("releaseIpAddress", &[("id", id)]);
    assert!(code == 431 && text.contains("is portable"), "{text}");
    world.ok_as(&who.alice, "disassociateIpAddress", &[("id", id)]);
    assert_eq!((held(&world).len(), portable(&world, "Allocated")), (1, 1));
    assert_eq!(world.acquire(&who.alice, &words), "198.51.100.2");
    check(world.engine.store());
    let types = ["PORTABLE.IPASSIGN", "PORTABLE.IPRELEASE"].map(|kind| {
        let body = world.ok("listEvents", &[("type", kind), ("listall", "true")]);
        body["count"].as_u64().unwrap()
    });
    assert_eq!(types, [9, 3]);
}

#[test]
fn subtlety_16_a_portable_address_outlives_its_network_and_its_vpc() {
    let world = World::sandbox();
    let (network, vpc) = (world.network_of(ADMIN), vpc(&world));
    for home in [("networkid", network.as_str()), ("vpcid", &vpc)] {
        world.acquire(ADMIN, &[home]);
        world.acquire(ADMIN, &[home, ("isportable", "true")]);
    }
    check(world.engine.store());
    world.ok("deleteNetwork", &[("id", &network)]);
    world.ok("deleteVPC", &[("id", &vpc)]);
    let left = held(&world);
    let ips: Vec<_> = left.iter().map(|one| one["ipaddress"].as_str().unwrap()).collect();
    assert_eq!(ips, ["198.51.100.2", "198.51.100.3"]);
    for one in &left {
        assert_eq!((&one["associatednetworkid"], &one["vpcid"]), (&Json::Null, &Json::Null));
        assert_eq!((&one["account"], &one["state"]), (&json!("admin"), &json!("Allocated")));
    }
    check(world.engine.store());
    for ip in ips {
        world.ok("disassociateIpAddress", &[("ipaddress", ip)]);
    }
    assert_eq!(portable(&world, "Allocated"), 0);
    check(world.engine.store());
}

#[test]
fn what_an_account_holds_of_the_region_goes_with_it() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.bob);
    world.acquire(&who.bob, &[("networkid", &network), ("isportable", "true")]);
    let b = world.id("listDomains", &[("name", "b")]);
    let id = world.id("listAccounts", &[("name", "bob"), ("domainid", &b)]);
    world.ok("deleteAccount", &[("id", &id)]);
    assert_eq!((held(&world).len(), portable(&world, "Allocated")), (0, 0));
    check(world.engine.store());
}

#[test]
fn a_portable_address_that_is_not_free_is_refused() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    let words = [("networkid", network.as_str()), ("isportable", "true")];
    let named = [&words[..], &[("ipaddress", "198.51.100.9")]].concat();
    assert_eq!(world.acquire(&who.alice, &named), "198.51.100.9");
    assert_eq!(world.refused_as(&who.alice, "associateIpAddress", &named).0, 533);
    let none = [&words[..], &[("ipaddress", "203.0.113.9")]].concat();
    assert_eq!(world.refused_as(&who.alice, "associateIpAddress", &none).0, 533);
    // Of others' networks nobody takes one for.
    let (code, _) = world.refused_as(&who.bob, "associateIpAddress", &words);
    assert_eq!(code, 531);
    // A quarantine does not hold a portable address back.
    let duration = [("name", "public.ip.address.quarantine.duration"), ("value", "60")];
    world.ok("updateConfiguration", &duration);
    world.ok_as(&who.alice, "disassociateIpAddress", &[("ipaddress", "198.51.100.9")]);
    let theirs = world.network_of(&who.bob);
    let named = [("networkid", theirs.as_str()), ("isportable", "true"), named[2]];
    assert_eq!(world.acquire(&who.bob, &named), "198.51.100.9");
    check(world.engine.store());
}
