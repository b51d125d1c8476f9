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

/// A virtual machine in a network; its id.
fn guest(world: &World, zone: &str, network: &str) -> String {
    let (offering, template) = (
        world.id("listServiceOfferings", &[]),
        world.id("listTemplates", &[("templatefilter", "executable")]),
    );
    let words = [
        ("zoneid", zone),
        ("serviceofferingid", &*offering),
        ("templateid", &*template),
        ("networkids", network),
    ];
    let made = world.ok("deployVirtualMachine", &words);
    made["virtualmachine"]["id"].as_str().unwrap().to_owned()
}

fn network(world: &World, zone: &str, offering: &str, more: &[(&str, &str)]) -> String {
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let words = [("name", "n"), ("zoneid", zone), ("networkofferingid", &*offering)];
    let made = world.ok("createNetwork", &[&words[..], more].concat());
    made["network"]["id"].as_str().unwrap().to_owned()
}

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";
const TIER: &str = "DefaultIsolatedNetworkOfferingForVpcNetworks";

/// Lets networks on a physical network have routers.
fn enable_router(world: &World, physical: &str) {
    let words = [("name", "VirtualRouter"), ("physicalnetworkid", physical)];
    let provider = world.id("listNetworkServiceProviders", &words);
    let element = world.id("listVirtualRouterElements", &[("nspid", &provider)]);
    world.ok("configureVirtualRouterElement", &[("id", &element), ("enabled", "true")]);
    world.ok("updateNetworkServiceProvider", &[("id", &provider), ("state", "Enabled")]);
}

/// Another zone with all that a network and its addresses need.
fn second_zone(world: &World) -> String {
    let words = [
        ("name", "second"),
        ("networktype", "Advanced"),
        ("dns1", "192.0.2.53"),
        ("internaldns1", "192.0.2.53"),
        ("guestcidraddress", "10.1.1.0/24"),
    ];
    let zone = world.ok("createZone", &words)["zone"]["id"].as_str().unwrap().to_owned();
    let words = [("zoneid", zone.as_str()), ("name", "p"), ("isolationmethods", "VLAN")];
    let physical =
        world.ok("createPhysicalNetwork", &[&words[..], &[("vlan", "500-599")]].concat());
    let physical = physical["physicalnetwork"]["id"].as_str().unwrap().to_owned();
    for kind in ["Guest", "Management", "Public"] {
        let words = [("physicalnetworkid", physical.as_str()), ("traffictype", kind)];
        world.ok("addTrafficType", &words);
    }
    world.ok("updatePhysicalNetwork", &[("id", &physical), ("state", "Enabled")]);
    enable_router(world, &physical);
    let pod = [
        ("name", "pod"),
        ("zoneid", &*zone),
        ("gateway", "172.18.0.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "172.18.0.10"),
        ("endip", "172.18.0.99"),
    ];
    world.ok("createPod", &pod);
    world.ok("updateZone", &[("id", &zone), ("allocationstate", "Enabled")]);
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", "200"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.20"),
    ];
    world.ok("createVlanIpRange", &words);
    zone
}

#[test]
fn a_portable_address_goes_where_a_guest_needs_it_and_comes_back() {
    let world = World::sandbox();
    let first = world.id("listZones", &[]);
    let second = second_zone(&world);
    let vpc = vpc(&world);
    let tier = [("vpcid", &*vpc), ("gateway", "10.0.1.1"), ("netmask", "255.255.255.0")];
    let places = [
        (first.clone(), network(&world, &first, ISOLATED, &[])),
        (first.clone(), network(&world, &first, ISOLATED, &[])),
        (first.clone(), network(&world, &first, TIER, &tier)),
        (second.clone(), network(&world, &second, ISOLATED, &[])),
    ];
    let guests: Vec<String> =
        places.iter().map(|(zone, network)| guest(&world, zone, network)).collect();
    let words = [("networkid", places[0].1.as_str()), ("isportable", "true")];
    let ip = world.acquire(ADMIN, &words);
    let shown = || {
        let all = held(&world);
        all.into_iter().find(|one| one["ipaddress"] == ip.as_str()).unwrap()
    };
    let id = shown()["id"].as_str().unwrap().to_owned();
    let enable = |at: usize| {
        let words = [
            ("ipaddressid", id.as_str()),
            ("virtualmachineid", &guests[at]),
            ("networkid", &places[at].1),
        ];
        world.call("enableStaticNat", &words)
    };
    let transfers = || {
        let words = [("type", "PORTABLE.IP.TRANSFER"), ("listall", "true")];
        world.ok("listEvents", &words)["count"].as_u64().unwrap_or_default()
    };
    let mut moved = 0;
    for at in [0, 1, 2, 3, 0, 2, 1, 3, 2, 0] {
        let before = shown();
        enable(at).unwrap_or_else(|fault| panic!("{at}: {fault}"));
        let now = shown();
        moved += u64::from(before["associatednetworkid"] != places[at].1.as_str());
        assert_eq!(now["associatednetworkid"], places[at].1.as_str());
        assert_eq!(now["zoneid"], places[at].0.as_str());
        assert_eq!(now["vpcid"].as_str(), (at == 2).then_some(vpc.as_str()));
        assert_eq!((&now["id"], &now["isstaticnat"]), (&json!(id), &json!(true)));
        assert_eq!((&now["isportable"], &now["issourcenat"]), (&json!(true), &json!(false)));
        assert_eq!(transfers(), moved);
        check(world.engine.store());
        // While it is translated, or has rules, it stays.
        let other = (at + 1) % places.len();
        let fault = enable(other).unwrap_err();
        assert!(fault.code() == 431 && fault.text.contains("has static NAT"), "{fault}");
        world.ok("disableStaticNat", &[("ipaddressid", &id)]);
        check(world.engine.store());
    }
}

#[test]
fn a_portable_address_with_rules_stays() {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let [one, other] = [(); 2].map(|()| network(&world, &zone, ISOLATED, &[]));
    let vm = guest(&world, &zone, &other);
    let words = [("networkid", one.as_str()), ("isportable", "true")];
    let made = world.ok("associateIpAddress", &words)["ipaddress"].clone();
    let id = made["id"].as_str().unwrap();
    let rule = [("ipaddressid", id), ("protocol", "tcp"), ("startport", "22")];
    let rule = world.ok("createFirewallRule", &rule)["firewallrule"]["id"].clone();
    let to = [("ipaddressid", id), ("virtualmachineid", &*vm), ("networkid", &*other)];
    let (code, text) = world.unmoved("enableStaticNat", &to);
    assert!(code == 431 && text.contains("has rules"), "{text}");
    // It never becomes a source NAT either.
    let words = [("id", one.as_str()), ("sourcenatipaddress", "198.51.100.2")];
    let (code, text) = world.unmoved("updateNetwork", &words);
    assert!(code == 431 && text.contains("is portable"), "{text}");
    world.ok("deleteFirewallRule", &[("id", rule.as_str().unwrap())]);
    world.ok("enableStaticNat", &to);
    world.ok("disassociateIpAddress", &[("id", id)]);
    assert_eq!(portable(&world, "Allocated"), 0);
    check(world.engine.store());
}

#[test]
fn a_portable_address_moves_to_networks_of_its_holder_only() {
    let (world, who) = World::tenants();
    let zone = world.id("listZones", &[]);
    let (hers, his) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let own = network(&world, &zone, ISOLATED, &[]);
    let vm = guest(&world, &zone, &own);
    let words = [("networkid", hers.as_str()), ("isportable", "true")];
    let made = world.ok_as(&who.alice, "associateIpAddress", &words);
    let id = made["ipaddress"]["id"].as_str().unwrap().to_owned();
    let words = [("ipaddressid", &*id), ("virtualmachineid", &*vm), ("networkid", &*own)];
    let (code, text) = world.unmoved("enableStaticNat", &words);
    assert!(code == 431 && text.contains("another owner"), "{text}");
    let words = [("ipaddressid", &*id), ("virtualmachineid", &*vm), ("networkid", &*his)];
    assert_eq!(world.unmoved("enableStaticNat", &words).0, 431);
    // One that belongs nowhere goes where it is wanted; one that is not portable stays.
    world.ok_as(&who.alice, "deleteNetwork", &[("id", &hers)]);
    let (code, text) = world.unmoved("enableStaticNat", &words[..2]);
    assert!(code == 431 && text.contains("networkid is needed"), "{text}");
    let other = network(&world, &zone, ISOLATED, &[]);
    world.acquire(ADMIN, &[("networkid", &other)]);
    let plain = world.ok("associateIpAddress", &[("networkid", &other)])["ipaddress"].clone();
    let plain = plain["id"].as_str().unwrap();
    let words = [("ipaddressid", plain), ("virtualmachineid", &*vm), ("networkid", &*own)];
    let (code, text) = world.unmoved("enableStaticNat", &words);
    assert!(code == 431 && text.contains("has no interface in the network"), "{text}");
    let fresh = [("networkid", other.as_str()), ("isportable", "true")];
    let fresh = world.ok("associateIpAddress", &fresh)["ipaddress"].clone();
    world.ok("deleteNetwork", &[("id", &other)]);
    let fresh = fresh["id"].as_str().unwrap();
    let words = [("ipaddressid", fresh), ("virtualmachineid", &*vm), ("networkid", &*own)];
    world.ok("enableStaticNat", &words);
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
