//! What is easily got wrong of addresses and networks, each under its number.

use crate::engine::Caller;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

const ADMIN: &Caller = &Caller::ADMIN;

fn address(world: &World, ip: &str) -> Json {
    let words = [("ipaddress", ip), ("allocatedonly", "false"), ("listall", "true")];
    world.ok("listPublicIpAddresses", &words)["publicipaddress"][0].clone()
}

fn count(world: &World) -> Json {
    let words = [("resourcetype", "1"), ("account", "alice"), ("domainid", "a")];
    let a = world.id("listDomains", &[("name", "a")]);
    let words = [words[0], words[1], ("domainid", a.as_str())];
    world.ok("updateResourceCount", &words)["resourcecount"][0]["resourcecount"].clone()
}

#[test]
fn subtlety_01_free_is_one_thing() {
    // With us a free address has no row, so that it cannot be free in one way and not in another.
    let world = World::sandbox();
    let free = address(&world, "203.0.113.2");
    assert_eq!((&free["state"], &free["allocated"]), (&json!("Free"), &Json::Null));
    let network = world.network_of(ADMIN);
    world.acquire(ADMIN, &[("networkid", &network)]);
    let held = address(&world, "203.0.113.2");
    assert_eq!(held["state"], "Allocated");
    assert!(held["allocated"].is_string());
}

#[test]
fn subtlety_02_public_addresses_come_from_the_oldest_range_and_there_from_below() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let lower = [
        ("zoneid", zone.as_str()),
        ("vlan", "200"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
    ];
    world.ok("createVlanIpRange", &lower);
    let network = world.network_of(ADMIN);
    let taken: Vec<String> =
        (0..3).map(|_| world.acquire(ADMIN, &[("networkid", &network)])).collect();
    assert_eq!(taken, ["203.0.113.2", "203.0.113.3", "203.0.113.4"]);
}

#[test]
fn subtlety_03_a_call_that_fails_leaves_nothing_behind() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", "DefaultL2NetworkOffering")]);
    let words = [("name", "l2"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    let network = world.ok("createNetwork", &words)["network"]["id"].clone();
    let words = [("networkid", network.as_str().unwrap())];
    let (code, _) = world.unmoved("associateIpAddress", &words);
    assert_eq!(code, 431);
    assert_eq!(address(&world, "203.0.113.2")["state"], "Free");
}

#[test]
fn subtlety_04_an_address_counts_from_when_it_is_allocated() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    assert_eq!(count(&world), 0);
    let ip = world.acquire(&who.alice, &[("networkid", &network)]);
    assert_eq!(
        (address(&world, &ip)["state"].clone(), count(&world)),
        (json!("Allocated"), json!(1))
    );
    world.ok("disassociateIpAddress", &[("ipaddress", &ip)]);
    assert_eq!(count(&world), 0);
}

#[test]
fn subtlety_08_the_first_address_of_a_network_is_its_source_nat_and_says_so() {
    let world = World::sandbox();
    let network = world.network_of(ADMIN);
    let words = [("networkid", network.as_str())];
    let first = world.ok("associateIpAddress", &words);
    assert_eq!(first["ipaddress"]["issourcenat"], true);
    let second = world.ok("associateIpAddress", &words);
    assert_eq!(second["ipaddress"]["issourcenat"], false);
    // While the network is not implemented it can be released; the next one follows it.
    world.ok("disassociateIpAddress", &[("ipaddress", "203.0.113.2")]);
    let third = world.ok("associateIpAddress", &words);
    assert_eq!(third["ipaddress"]["issourcenat"], true);
}

#[test]
fn subtlety_10_releasing_a_free_address_is_no_fault() {
    let world = World::sandbox();
    let id = address(&world, "203.0.113.9")["id"].as_str().unwrap().to_owned();
    for command in ["disassociateIpAddress", "releaseIpAddress"] {
        assert_eq!(world.ok(command, &[("id", &id)]), json!({ "success": true }), "{command}");
    }
}

#[test]
fn subtlety_11_releasing_an_address_revokes_its_rules() {
    let world = World::sandbox();
    let network = world.network_of(ADMIN);
    world.acquire(ADMIN, &[("networkid", &network)]);
    let ip = world.acquire(ADMIN, &[("networkid", &network)]);
    let id = address(&world, &ip)["id"].as_str().unwrap().to_owned();
    let rule = [("ipaddressid", id.as_str()), ("protocol", "tcp"), ("startport", "22")];
    world.ok("createFirewallRule", &rule);
    assert_eq!(address(&world, &ip)["hasrules"], true);
    world.ok("disassociateIpAddress", &[("id", &id)]);
    assert_eq!(world.ok("listFirewallRules", &[("listall", "true")]), json!({}));
    check(world.engine.store());
}

#[test]
fn subtlety_12_one_fault_has_another_code_in_a_job() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words = [
        ("name", "v"),
        ("displaytext", "v"),
        ("zoneid", zone.as_str()),
        ("vpcofferingid", &offering),
        ("cidr", "10.0.0.0/16"),
    ];
    let vpc = world.ok("createVPC", &words)["vpc"]["id"].clone();
    let words = [("vpcid", vpc.as_str().unwrap()), ("listall", "true")];
    let held = world.ok("listPublicIpAddresses", &words)["publicipaddress"][0].clone();
    assert_eq!(held["issourcenat"], true);
    // IllegalArgumentException: 431 at once, 530 in a job.
    let id = [("id", held["id"].as_str().unwrap())];
    assert_eq!(world.unmoved("disassociateIpAddress", &id).0, 530);
    assert_eq!(world.unmoved("releaseIpAddress", &id).0, 431);
}

#[test]
fn subtlety_13_held_public_addresses_are_listed_in_their_order() {
    let world = World::sandbox();
    let network = world.network_of(ADMIN);
    for ip in ["203.0.113.100", "203.0.113.20", "203.0.113.3"] {
        world.acquire(ADMIN, &[("networkid", &network), ("ipaddress", ip)]);
    }
    let body = world.ok("listPublicIpAddresses", &[]);
    let ips: Vec<_> = body["publicipaddress"].as_array().unwrap().iter().collect();
    let ips: Vec<_> = ips.iter().map(|one| one["ipaddress"].as_str().unwrap()).collect();
    assert_eq!(ips, ["203.0.113.3", "203.0.113.20", "203.0.113.100"]);
    let all = world.ok("listPublicIpAddresses", &[("allocatedonly", "false")]);
    assert_eq!(all["count"], 253);
    let words = [("allocatedonly", "true"), ("state", "Free")];
    assert_eq!(world.refused("listPublicIpAddresses", &words).0, 431);
}

#[test]
fn subtlety_14_a_reserved_address_is_for_who_reserved_it_and_names_it() {
    let (world, who) = World::tenants();
    let id = address(&world, "203.0.113.2")["id"].as_str().unwrap().to_owned();
    world.ok_as(&who.alice, "reserveIpAddress", &[("id", &id)]);
    assert_eq!(count(&world), 1);
    assert!(address(&world, "203.0.113.2")["allocated"].is_string());
    let (alice, bob) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let named = ("ipaddress", "203.0.113.2");
    let theirs = [("networkid", bob.as_str()), named];
    assert_eq!(world.refused_as(&who.bob, "associateIpAddress", &theirs).0, 533);
    assert_eq!(world.acquire(&who.alice, &[("networkid", &alice)]), "203.0.113.3");
    let ip = world.acquire(&who.alice, &[("networkid", &alice), named]);
    assert_eq!((ip.as_str(), count(&world)), ("203.0.113.2", json!(2)));
    check(world.engine.store());
}

#[test]
fn subtlety_23_isolated_networks_may_all_have_one_cidr() {
    let world = World::sandbox();
    let cidr = |id: &str| world.ok("listNetworks", &[("id", id)])["network"][0]["cidr"].clone();
    let (one, other) = (world.network_of(ADMIN), world.network_of(ADMIN));
    assert_eq!(cidr(&one), cidr(&other));
}

#[test]
fn subtlety_24_a_reservation_shrinks_the_cidr_and_keeps_the_netmask() {
    let world = World::sandbox();
    let network = world.network_of(ADMIN);
    let before = world.ok("listNetworks", &[("id", &network)])["network"][0].clone();
    let whole = before["cidr"].as_str().unwrap();
    let half = whole.replace("/24", "/25");
    let after = world.ok("updateNetwork", &[("id", &network), ("guestvmcidr", &half)]);
    let after = &after["network"];
    assert_eq!((&after["cidr"], &after["networkcidr"]), (&json!(half), &json!(whole)));
    assert_eq!(after["netmask"], before["netmask"]);
    assert!(after["reservediprange"].as_str().unwrap().contains(".128-"));
    let again = world.ok("updateNetwork", &[("id", &network), ("guestvmcidr", whole)]);
    assert_eq!(
        (&again["network"]["cidr"], &again["network"]["networkcidr"]),
        (&json!(whole), &Json::Null)
    );
}

#[test]
fn subtlety_25_vlans_reach_from_0_to_4095_and_vnis_to_16777214() {
    let world = World::sandbox();
    let zone = world.ok(
        "createZone",
        &[
            ("name", "z"),
            ("networktype", "Advanced"),
            ("dns1", "192.0.2.53"),
            ("internaldns1", "192.0.2.53"),
            ("guestcidraddress", "10.1.1.0/24"),
        ],
    );
    let zone = zone["zone"]["id"].as_str().unwrap().to_owned();
    for (method, good, bad, new) in [
        ("VLAN", "0-4095", "0-4096", "7-9"),
        ("VXLAN", "0-16777214", "0-16777215", "17-19"),
        ("GRE", "0-4294967295", "0-4294967296", "27-29"),
    ] {
        let words = [("zoneid", zone.as_str()), ("name", method), ("isolationmethods", method)];
        let with = |vlan| [&words[..], &[("vlan", vlan)]].concat();
        assert_eq!(world.refused("createPhysicalNetwork", &with(bad)).0, 431, "{method}");
        let made = world.ok("createPhysicalNetwork", &with(good));
        let made = &made["physicalnetwork"];
        assert_eq!(made["vlan"], good, "{method}");
        // A change replaces the pool.
        let words = [("id", made["id"].as_str().unwrap()), ("vlan", new)];
        world.ok("updatePhysicalNetwork", &words);
        let listed = world.ok("listPhysicalNetworks", &[("id", words[0].1)]);
        assert_eq!(listed["physicalnetwork"][0]["vlan"], new, "{method}");
    }
}

#[test]
fn subtlety_27_users_are_not_told_how_full_the_zone_is() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    let range = world.id("listVlanIpRanges", &[]);
    world.ok("updateVlanIpRange", &[("id", &range), ("endip", "203.0.113.2")]);
    let words = [("networkid", network.as_str())];
    world.acquire(&who.alice, &words);
    let fault = world.call_as(&who.alice, "associateIpAddress", &words).unwrap_err();
    assert_eq!(fault.code(), 533);
    let shown = fault.shown_to(false);
    assert!(!shown.text.contains("203.0.113"), "{}", shown.text);
    assert!(shown.about.iter().all(|(id, _)| id.len() == 36), "{:?}", shown.about);
}

#[test]
fn subtlety_30_one_address_has_one_holder_and_may_be_in_two_zones() {
    let world = World::sandbox();
    let network = world.network_of(ADMIN);
    let words = [("networkid", network.as_str()), ("ipaddress", "203.0.113.7")];
    world.acquire(ADMIN, &words);
    assert_eq!(world.unmoved("associateIpAddress", &words).0, 533);
    let twice = "INSERT INTO address (range_id, place, state, account_id, domain_id, allocated, \
         source_nat, static_nat, system, display) SELECT range_id, place, 2, 2, 1, 0, 0, 0, 0, 1 \
         FROM address WHERE place = 7";
    let done: Result<u64, crate::store::StoreError> =
        world.engine.store().write(move |tx| tx.run(twice, &[]));
    assert!(done.is_err(), "the store itself refuses a second holder");
}

#[test]
fn subtlety_34_an_mtu_out_of_bounds_is_drawn_into_them_and_nobody_is_refused() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let mtus = |wanted: &str| {
        let words = [
            ("name", "n"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("publicmtu", wanted),
            ("privatemtu", wanted),
        ];
        let made = world.ok("createNetwork", &words);
        ["publicmtu", "privatemtu"].map(|name| made["network"][name].as_i64().unwrap())
    };
    // Unless the zone lets users choose, what they ask for is ignored.
    assert_eq!(mtus("900"), [1500, 1500]);
    let allow = [("name", "allow.end.users.to.specify.vr.mtu"), ("value", "true")];
    world.ok("updateConfiguration", &[&allow[..], &[("zoneid", &zone)]].concat());
    assert_eq!((mtus("900"), mtus("9000"), mtus("10")), ([900; 2], [1500; 2], [68; 2]));
}

#[test]
fn things_answer_to_the_ids_that_were_chosen_for_them() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    let chosen = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let words = [("id", network.as_str()), ("customid", chosen)];
    // From others than root admins it does not count.
    let same = world.ok_as(&who.alice, "updateNetwork", &words);
    assert_eq!(same["network"]["id"], network.as_str());
    assert_eq!(world.ok("updateNetwork", &words)["network"]["id"], chosen);
    assert_eq!(world.ok("listNetworks", &[("id", chosen)])["count"], 1);
    let ip = world.acquire(&who.alice, &[("networkid", chosen)]);
    assert_eq!(address(&world, &ip)["associatednetworkid"], chosen);
    let (_, text) = world.unmoved("updateVPC", &[("id", chosen)]);
    assert!(text.contains("Invalid parameter id"), "{text}");
    let other = world.network_of(&who.bob);
    let (code, text) = world.unmoved("updateNetwork", &[("id", &other), ("customid", chosen)]);
    assert!(code == 431 && text.contains("is the id of something else"), "{text}");
    let (_, text) = world.unmoved("updateNetwork", &[("id", &other), ("customid", &network)]);
    assert!(text.contains("is the id of something else"), "{text}");
    let egress = [("networkid", chosen), ("protocol", "tcp"), ("startport", "22")];
    let rule = world.ok("createEgressFirewallRule", &egress);
    let rule = rule["firewallrule"]["id"].as_str().unwrap().to_owned();
    let chosen = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
    let renamed = world.ok("updateEgressFirewallRule", &[("id", &rule), ("customid", chosen)]);
    assert_eq!(renamed["firewallrule"]["id"], chosen);
    world.ok("deleteEgressFirewallRule", &[("id", chosen)]);
    check(world.engine.store());
}
