//! Rules of ranges and addresses, through the table of APIs.

use crate::sim::World;
use crate::store::StoreError;
use serde_json::Value as Json;

/// A range in the sandbox, from `.10` to the last octet given.
fn range(world: &World, vlan: &str, net: &str, last: u8) -> Json {
    let (gateway, start, end) = (format!("{net}.1"), format!("{net}.10"), format!("{net}.{last}"));
    let zone = world.id("listZones", &[]);
    world.ok(
        "createVlanIpRange",
        &[
            ("zoneid", &zone),
            ("vlan", vlan),
            ("gateway", &gateway),
            ("netmask", "255.255.255.0"),
            ("startip", &start),
            ("endip", &end),
        ],
    )["vlan"]
        .clone()
}

fn ips(body: &Json) -> Vec<&str> {
    let rows = body["publicipaddress"].as_array();
    rows.into_iter().flatten().filter_map(|row| row["ipaddress"].as_str()).collect()
}

#[test]
fn a_range_is_shown_as_it_was_made() {
    let world = World::sandbox();
    let made = range(&world, "200", "192.0.2", 250);
    assert_eq!(made["vlan"], "vlan://200");
    assert_eq!(made["cidr"], "192.0.2.0/24");
    let id = made["id"].as_str().unwrap();
    let listed = world.ok("listVlanIpRanges", &[("id", id)]);
    assert_eq!(listed["vlaniprange"][0], made);
    assert_eq!(world.ok("listVlanIpRanges", &[])["count"], 2);
    world.ok("deleteVlanIpRange", &[("id", id)]);
    assert_eq!(world.ok("listVlanIpRanges", &[("id", id)]), serde_json::json!({}));
}

#[test]
fn a_range_that_collides_is_refused_and_both_sides_are_named() {
    let world = World::sandbox();
    range(&world, "200", "192.0.2", 250);
    let zone = world.id("listZones", &[]);
    let base = [
        ("zoneid", zone.as_str()),
        ("vlan", "200"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.20"),
        ("endip", "192.0.2.30"),
    ];
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "startip: 192.0.2.20-192.0.2.30 overlaps the range 192.0.2.10-192.0.2.250"),
        (&[("vlan", "201")], "vlan: the subnet 192.0.2.0/24 of vlan://201 overlaps"),
        (&[("gateway", "192.0.2.2")], "gateway: the range 192.0.2.10-192.0.2.250"),
        (&[("vlan", "6000")], "vlan: `6000` is out of bounds"),
        (&[("vlan", "vxlan://6000")], "vlan: the subnet 192.0.2.0/24 of vxlan://6000 overlaps"),
        (&[("endip", "192.0.2.19")], "endip: 192.0.2.19 is lower than startip 192.0.2.20"),
        (&[("endip", "192.0.3.19")], "endip: 192.0.3.19 is not in 192.0.2.0/24"),
        (&[("netmask", "255.0.255.0")], "netmask: "),
        (&[("startip", "192.0.2.1")], "gateway: 192.0.2.1 is one of the addresses"),
        (&[("vlan", "101")], "vlan: vlan://101 is that of the portable addresses"),
        (&[("forvirtualnetwork", "false")], "networkid is needed"),
        (&[("forsystemvms", "true"), ("account", "admin")], "domainid must be given"),
    ];
    for (changes, want) in cases {
        let mut words = base.to_vec();
        words.retain(|(name, _)| !changes.iter().any(|(other, _)| other == name));
        words.extend(changes.iter());
        let before = world.ok("listVlanIpRanges", &[]);
        let (code, text) = world.refused("createVlanIpRange", &words);
        assert_eq!(code, 431, "{text}");
        assert!(text.contains(want), "{changes:?}: {text}");
        assert_eq!(world.ok("listVlanIpRanges", &[]), before, "{changes:?} changed something");
    }
}

#[test]
fn ranges_of_a_31_do_not_overlap_either() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let words = |first, last| {
        [
            ("zoneid", zone.as_str()),
            ("vlan", "200"),
            ("gateway", "192.0.2.4"),
            ("netmask", "255.255.255.254"),
            ("startip", first),
            ("endip", last),
        ]
    };
    world.ok("createVlanIpRange", &words("192.0.2.5", "192.0.2.5"));
    let (code, text) = world.refused("createVlanIpRange", &words("192.0.2.4", "192.0.2.5"));
    assert_eq!(code, 431);
    assert!(text.contains("192.0.2.4-192.0.2.5 overlaps the range 192.0.2.5"), "{text}");
    world.ok("createVlanIpRange", &words("192.0.2.4", "192.0.2.4"));
}

#[test]
fn free_addresses_are_listed_with_ids_that_stay() {
    let world = World::sandbox();
    let free = world.ok("listPublicIpAddresses", &[("state", "Free")]);
    assert_eq!(free["count"], 253);
    assert_eq!(ips(&free)[..2], ["203.0.113.2", "203.0.113.3"]);
    let id = free["publicipaddress"][4]["id"].as_str().unwrap().to_owned();
    let reserved = world.ok("reserveIpAddress", &[("id", &id)]);
    assert_eq!(reserved["ipaddress"]["ipaddress"], "203.0.113.6");
    assert_eq!(reserved["ipaddress"]["state"], "Reserved");
    assert_eq!(reserved["ipaddress"]["id"], id.as_str());
    let free = world.ok("listPublicIpAddresses", &[("state", "Free")]);
    assert_eq!(free["count"], 252);
    assert!(!ips(&free).contains(&"203.0.113.6"));
    let all = world.ok("listPublicIpAddresses", &[("allocatedonly", "false")]);
    assert_eq!(all["count"], 253);
    let kept = world.ok("listPublicIpAddresses", &[("state", "reserved")]);
    assert_eq!(ips(&kept), ["203.0.113.6"]);
    let both = world.ok("listPublicIpAddresses", &[("state", "Free,Reserved")]);
    assert_eq!(both["count"], 253);
    world.ok("releaseIpAddress", &[("id", &id)]);
    assert_eq!(world.ok("listPublicIpAddresses", &[]), serde_json::json!({}));
    world.ok("releaseIpAddress", &[("id", &id)]);
}

#[test]
fn pages_of_free_addresses_fit_together() {
    let world = World::sandbox();
    for address in [3, 4, 130] {
        let ip = format!("203.0.113.{address}");
        let words = [("ipaddress", ip.as_str()), ("allocatedonly", "false")];
        let id = world.id("listPublicIpAddresses", &words);
        world.ok("reserveIpAddress", &[("id", &id)]);
    }
    for state in ["Free", "Free,Reserved", "Free,Allocated", ""] {
        let mut words = vec![("allocatedonly", "false")];
        if !state.is_empty() {
            words.push(("state", state));
        }
        let whole = world.ok("listPublicIpAddresses", &words);
        let mut pages = Vec::new();
        for page in 1..=4 {
            let page = page.to_string();
            let mut words = words.clone();
            words.extend([("page", page.as_str()), ("pagesize", "100")]);
            let body = world.ok("listPublicIpAddresses", &words);
            assert_eq!(body["count"], whole["count"]);
            pages.extend(ips(&body).into_iter().map(str::to_owned));
        }
        assert_eq!(pages, ips(&whole), "state `{state}`");
    }
}

#[test]
fn a_huge_range_is_made_at_once_and_paged_to_its_end() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", "300"),
        ("gateway", "11.0.0.1"),
        ("netmask", "255.0.0.0"),
        ("startip", "11.0.0.2"),
        ("endip", "11.255.255.254"),
    ];
    let made = world.ok("createVlanIpRange", &words);
    let id = made["vlan"]["id"].as_str().unwrap();
    let words = [("vlanid", id), ("state", "Free"), ("page", "33554"), ("pagesize", "500")];
    let last = world.ok("listPublicIpAddresses", &words);
    assert_eq!(last["count"], (1 << 24) - 3);
    assert_eq!(ips(&last).first().copied(), Some("11.255.253.54"));
    let words = [("vlanid", id), ("state", "Free"), ("page", "33555"), ("pagesize", "500")];
    let last = world.ok("listPublicIpAddresses", &words);
    assert_eq!(ips(&last).last().copied(), Some("11.255.255.254"));
}

#[test]
fn a_range_grows_and_shrinks_around_what_is_held() {
    let world = World::sandbox();
    let made = range(&world, "200", "192.0.2", 50);
    let id = made["id"].as_str().unwrap();
    let words = [("ipaddress", "192.0.2.20"), ("allocatedonly", "false")];
    let address = world.id("listPublicIpAddresses", &words);
    world.ok("reserveIpAddress", &[("id", &address)]);
    world.ok("updateVlanIpRange", &[("id", id), ("startip", "192.0.2.5"), ("endip", "192.0.2.99")]);
    let kept = world.ok("listPublicIpAddresses", &[("id", &address), ("state", "Reserved")]);
    assert_eq!(ips(&kept), ["192.0.2.20"]);
    let (code, text) = world.refused("updateVlanIpRange", &[("id", id), ("startip", "192.0.2.21")]);
    assert_eq!(code, 431);
    assert!(text.contains("192.0.2.20"), "{text}");
    let (_, text) = world.refused("deleteVlanIpRange", &[("id", id)]);
    assert!(text.contains("1 address of it held"), "{text}");
    let (_, text) = world.refused("updateVlanIpRange", &[("id", id), ("gateway", "192.0.2.3")]);
    assert!(text.contains("gateway"), "{text}");
    world.ok("releaseIpAddress", &[("id", &address)]);
    world.ok("updateVlanIpRange", &[("id", id), ("gateway", "192.0.2.3")]);
    world.ok("deleteVlanIpRange", &[("id", id)]);
}

#[test]
fn an_id_of_another_kind_or_of_nothing_is_refused() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let (code, text) = world.refused("releaseIpAddress", &[("id", &zone)]);
    assert_eq!(code, 431);
    assert!(text.contains("It is the id of a zone, not of a public IP address."), "{text}");
    let (_, text) = world.refused("disassociateIpAddress", &[]);
    assert!(text.contains("One of the parameters id and ipaddress"), "{text}");
    let (_, text) = world.refused("disassociateIpAddress", &[("ipaddress", "203.0.113.7")]);
    assert!(text.contains("203.0.113.7 is free already"), "{text}");
}

#[test]
fn an_address_answers_to_the_id_that_was_chosen_for_it() {
    let world = World::sandbox();
    let id = world.id("listPublicIpAddresses", &[("state", "Free")]);
    let chosen = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let renamed = world.ok("updateIpAddress", &[("id", &id), ("customid", chosen)]);
    assert_eq!(renamed["ipaddress"]["id"], chosen);
    let reserved = world.ok("reserveIpAddress", &[("id", chosen)]);
    assert_eq!(reserved["ipaddress"]["ipaddress"], "203.0.113.2");
    let (code, text) = world.refused("updateIpAddress", &[("id", chosen), ("customid", "x")]);
    assert_eq!((code, text.contains("customid")), (431, true));
}

#[test]
fn a_bit_that_is_wrong_costs_a_retry_and_is_mended() {
    let world = World::sandbox();
    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let zone = world.id("listZones", &[]);
    let words = [("name", "n"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    let network = world.ok("createNetwork", &words);
    let words = [("networkid", network["network"]["id"].as_str().unwrap())];
    let ip = |body: Json| body["ipaddress"]["ipaddress"].as_str().unwrap().to_owned();
    assert_eq!(ip(world.ok("associateIpAddress", &words)), "203.0.113.2");
    let forgotten: Result<bool, StoreError> = world.engine.store().write(|tx| {
        let range = tx.one("SELECT range_id FROM address", &[])?.unwrap();
        tx.mark(range, 2, false)
    });
    assert_eq!(forgotten, Ok(true), "the row of .2 is there, its bit is not");
    assert_eq!(ip(world.ok("associateIpAddress", &words)), "203.0.113.3");
    let mended: Result<bool, StoreError> = world.engine.store().write(|tx| {
        let range = tx.one("SELECT range_id FROM address", &[])?.unwrap();
        tx.mark(range, 2, true)
    });
    assert_eq!(mended, Ok(false), "the retry has set the bit again");
}
