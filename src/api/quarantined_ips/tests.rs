//! What quarantine keeps from whom, and for how long.

use crate::sim::{EPOCH, Tenants, World};
use serde_json::Value as Json;

type Words<'w> = &'w [(&'w str, &'w str)];

const DURATION: &str = "public.ip.address.quarantine.duration";

/// Tenants with a network each, and an hour of quarantine.
fn world() -> (World, Tenants) {
    let (world, who) = World::tenants();
    world.ok("updateConfiguration", &[("name", DURATION), ("value", "60")]);
    (world, who)
}

fn kept(world: &World, words: &[(&str, &str)]) -> Vec<Json> {
    let body = world.ok("listQuarantinedIps", words);
    body["quarantinedips"].as_array().cloned().unwrap_or_default()
}

fn sound(world: &World) {
    crate::sim::check(world.engine.store());
}

#[test]
fn subtlety_15_quarantine_blocks_others_and_not_who_had_the_address() {
    let (world, who) = world();
    let (mine, theirs) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    assert_eq!(ip, "203.0.113.2");
    world.ok_as(&who.alice, "disassociateIpAddress", &[("ipaddress", &ip)]);
    let [one] = &kept(&world, &[])[..] else { panic!("one is kept") };
    assert_eq!(
        (&one["ipaddress"], &one["previousownername"]),
        (&"203.0.113.2".into(), &"alice".into())
    );
    assert_eq!(world.acquire(&who.bob, &[("networkid", &theirs)]), "203.0.113.3");
    let words = [("networkid", theirs.as_str()), ("ipaddress", &ip)];
    assert_eq!(world.refused_as(&who.bob, "associateIpAddress", &words).0, 533);
    let root = [("networkid", theirs.as_str()), ("ipaddress", &ip), ("account", "bob")];
    let domain = world.id("listDomains", &[("name", "b")]);
    let root = [&root[..], &[("domainid", &domain)]].concat();
    let (code, text) = world.unmoved("associateIpAddress", &root);
    assert!(code == 533 && text.contains("which is in quarantine until"), "{text}");
    sound(&world);
    // Alice may have it again, by name, and that ends the quarantine.
    assert_eq!(world.acquire(&who.alice, &[("networkid", &mine), ("ipaddress", &ip)]), ip);
    assert!(kept(&world, &[]).is_empty());
    let [one] = &kept(&world, &[("showremoved", "true")])[..] else { panic!("one was kept") };
    assert_eq!(one["removalreason"], "Taken again by the account that had it");
    sound(&world);
}

#[test]
fn the_domain_of_the_network_decides_how_long() {
    let (world, who) = World::tenants();
    let (mine, theirs) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let a = world.id("listDomains", &[("name", "a")]);
    world.ok("updateConfiguration", &[("name", DURATION), ("value", "5"), ("domainid", &a)]);
    for (who, network) in [(&who.alice, &mine), (&who.bob, &theirs)] {
        let ip = world.acquire(who, &[("networkid", network)]);
        world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    }
    let kept = kept(&world, &[]);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["previousownername"], "alice");
    sound(&world);
}

#[test]
fn free_addresses_are_those_that_one_could_get() {
    let (world, who) = world();
    let mine = world.network_of(&who.alice);
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    for words in [[("state", "Free")].as_slice(), &[("allocatedonly", "false")]] {
        let count = |who| world.ok_as(who, "listPublicIpAddresses", words)["count"].clone();
        assert_eq!((count(&who.alice), count(&who.bob)), (253.into(), 252.into()), "{words:?}");
        let page = [words, &[("page", "1"), ("pagesize", "2")]].concat();
        let first = world.ok_as(&who.bob, "listPublicIpAddresses", &page);
        assert_eq!(first["publicipaddress"][0]["ipaddress"], "203.0.113.3");
    }
}

#[test]
fn a_quarantine_ends_by_itself() {
    let (world, who) = world();
    let (mine, theirs) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    let soon = EPOCH.plus_seconds(300).to_string();
    world.ok("updateQuarantinedIp", &[("ipaddress", &ip), ("enddate", &soon)]);
    while kept(&world, &[]).len() == 1 {}
    assert_eq!(kept(&world, &[("showinactive", "true")]).len(), 1);
    sound(&world);
    // Nobody has to clear up: the next one who looks for an address gets it.
    assert_eq!(world.acquire(&who.bob, &[("networkid", &theirs)]), ip);
    let [one] = &kept(&world, &[("showinactive", "true")])[..] else { panic!("it was kept") };
    assert_eq!((&one["removed"], &one["removalreason"]), (&Json::Null, &Json::Null));
    sound(&world);
}

#[test]
fn the_last_address_is_the_one_that_one_had() {
    let (world, who) = world();
    let (mine, theirs) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let range = world.id("listVlanIpRanges", &[]);
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    world.ok("updateVlanIpRange", &[("id", &range), ("endip", &ip)]);
    assert_eq!(world.refused_as(&who.bob, "associateIpAddress", &[("networkid", &theirs)]).0, 533);
    assert_eq!(world.acquire(&who.alice, &[("networkid", &mine)]), ip);
    sound(&world);
}

#[test]
fn a_range_that_loses_an_address_keeps_it_from_nobody() {
    let (world, who) = world();
    let mine = world.network_of(&who.alice);
    let range = world.id("listVlanIpRanges", &[]);
    for change in [("startip", "203.0.113.9"), ("gateway", "203.0.113.254"), ("", "")] {
        let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
        world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
        assert_eq!(kept(&world, &[]).len(), 1);
        match change {
            ("", _) => world.ok("deleteVlanIpRange", &[("id", &range)]),
            ("gateway", _) => {
                world.ok("updateVlanIpRange", &[("id", &range), change, ("endip", "203.0.113.250")])
            }
            _ => world.ok("updateVlanIpRange", &[("id", &range), change]),
        };
        assert!(kept(&world, &[]).is_empty(), "{change:?}");
        sound(&world);
    }
}

#[test]
fn reserving_does_not_go_round_a_quarantine() {
    let (world, who) = world();
    let mine = world.network_of(&who.alice);
    let words = [("ipaddress", "203.0.113.2"), ("allocatedonly", "false")];
    let id = world.id("listPublicIpAddresses", &words);
    // What was only reserved is not kept.
    world.ok_as(&who.alice, "reserveIpAddress", &[("id", &id)]);
    world.ok_as(&who.alice, "releaseIpAddress", &[("id", &id)]);
    assert!(kept(&world, &[]).is_empty());
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    let (code, text) = world.refused_as(&who.bob, "reserveIpAddress", &[("id", &id)]);
    assert!(code == 431 && text.contains("is in quarantine until"), "{text}");
    world.ok_as(&who.alice, "reserveIpAddress", &[("id", &id)]);
    assert!(kept(&world, &[]).is_empty());
    sound(&world);
}

#[test]
fn what_is_refused_is_refused_in_cloudstacks_order() {
    let (world, who) = world();
    let mine = world.network_of(&who.alice);
    let ip = world.acquire(&who.alice, &[("networkid", &mine)]);
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    let past = ("enddate", "2020-01-01");
    let cases: &[(&str, Words<'_>, u16, &str)] = &[
        ("updateQuarantinedIp", &[past], 530, "id and ipaddress must be given"),
        ("updateQuarantinedIp", &[past, ("ipaddress", "1.2.3.4")], 431, "is not in quarantine"),
        ("updateQuarantinedIp", &[past, ("ipaddress", &ip)], 431, "must lie in the future"),
        ("removeQuarantinedIp", &[("removalreason", " ")], 530, "id and ipaddress must be given"),
        ("removeQuarantinedIp", &[("ipaddress", &ip), ("removalreason", " ")], 530, "is blank"),
    ];
    for (command, words, code, why) in cases {
        let (got, text) = world.unmoved(command, words);
        assert!(got == *code && text.contains(why), "{command} {words:?}: {got} {text}");
    }
    let words = [("ipaddress", ip.as_str()), ("removalreason", "x")];
    assert_eq!(world.refused_as(&who.bea, "removeQuarantinedIp", &words).0, 531);
    assert_eq!(world.refused_as(&who.alice, "removeQuarantinedIp", &words).0, 432);
    assert_eq!(world.ok_as(&who.bea, "listQuarantinedIps", &[]), serde_json::json!({}));
    assert_eq!(world.ok_as(&who.ada, "listQuarantinedIps", &[("keyword", &ip)])["count"], 1);
    world.ok_as(&who.ada, "removeQuarantinedIp", &words);
    let removed = kept(&world, &[("showremoved", "true")]);
    assert_eq!(removed[0]["removalreason"], "x");
    let free = world.ok_as(&who.bob, "listPublicIpAddresses", &[("state", "Free")]);
    assert_eq!(free["count"], 253);
    sound(&world);
}
