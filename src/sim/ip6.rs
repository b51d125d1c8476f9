//! IPv6 of guest networks: prefixes, the /64s of networks and tiers, the addresses of routers and
//! of guests.

use crate::engine::Caller;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

type Words<'w> = &'w [(&'w str, &'w str)];

const PREFIX: &str = "2001:db8:100::/48";
pub(super) const SERVICES: &str = "Dhcp,Dns,SourceNat,Firewall,StaticNat,PortForwarding";

/// A sandbox in which networks may have IPv6, with an offering `dual` for them.
pub(super) fn dual() -> World {
    let world = World::sandbox();
    prepare(&world);
    world
}

/// Switches IPv6 on, and makes the offerings `dual`, `dual-tier` and `dual-vpc`.
pub(super) fn prepare(world: &World) {
    world.ok("updateConfiguration", &[("name", "ipv6.offering.enabled"), ("value", "true")]);
    let isolated =
        [("guestiptype", "Isolated"), ("traffictype", "Guest"), ("internetprotocol", "DualStack")];
    for (name, services, more) in [
        ("dual", SERVICES, &[][..]),
        ("dual-tier", "Dhcp,Dns,SourceNat,NetworkACL", &[("forvpc", "true")]),
    ] {
        let own = [("name", name), ("supportedservices", services), ("enable", "true")];
        world.ok("createNetworkOffering", &[&isolated[..], &own, more].concat());
    }
    let words = [
        ("name", "dual-vpc"),
        ("displaytext", "dual-vpc"),
        ("supportedservices", "Dhcp,Dns,SourceNat,NetworkACL"),
        ("internetprotocol", "DualStack"),
        ("enable", "true"),
    ];
    world.ok("createVPCOffering", &words);
}

pub(super) fn prefix(world: &World, text: &str) -> Json {
    let zone = world.id("listZones", &[]);
    let words = [("zoneid", zone.as_str()), ("prefix", text)];
    world.ok("createGuestNetworkIpv6Prefix", &words)["guestnetworkipv6prefix"].clone()
}

/// A public range of IPv6 in the VLAN of the sandbox's public addresses.
pub(super) fn public6(world: &World, vlan: &str) -> String {
    let zone = world.id("listZones", &[]);
    let words = [
        ("zoneid", zone.as_str()),
        ("vlan", vlan),
        ("forvirtualnetwork", "true"),
        ("ip6gateway", "2001:db8:f00::1"),
        ("ip6cidr", "2001:db8:f00::/56"),
    ];
    world.ok("createVlanIpRange", &words)["vlan"]["id"].as_str().unwrap().to_owned()
}

fn words(world: &World, offering: &str) -> Vec<(&'static str, String)> {
    vec![
        ("name", "net".into()),
        ("zoneid", world.id("listZones", &[])),
        ("networkofferingid", world.id("listNetworkOfferings", &[("name", offering)])),
    ]
}

fn pairs<'w>(words: &'w [(&'static str, String)]) -> Vec<(&'w str, &'w str)> {
    words.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

pub(super) fn network(world: &World, offering: &str) -> Json {
    world.ok("createNetwork", &pairs(&words(world, offering)))["network"].clone()
}

pub(super) fn id(row: &Json) -> &str {
    row["id"].as_str().expect("an id")
}

fn used(world: &World) -> Json {
    world.ok("listGuestNetworkIpv6Prefixes", &[])["guestnetworkipv6prefix"][0]["usedsubnets"]
        .clone()
}

fn deploy(world: &World, network: &str, starts: bool) -> Json {
    let words = [
        ("zoneid", world.id("listZones", &[])),
        ("serviceofferingid", world.id("listServiceOfferings", &[])),
        ("templateid", world.id("listTemplates", &[("templatefilter", "executable")])),
        ("networkids", network.to_owned()),
        ("startvm", starts.to_string()),
    ];
    world.ok("deployVirtualMachine", &pairs(&words))["virtualmachine"].clone()
}

#[test]
fn subtlety_33_networks_get_the_lowest_free_subnet_and_give_it_back() {
    let world = dual();
    let made = prefix(&world, "2001:db8:100:ff::7/62");
    assert_eq!(
        (&made["prefix"], &made["totalsubnets"]),
        (&json!("2001:db8:100:fc::/62"), &json!(4))
    );
    let one = network(&world, "dual");
    assert_eq!(one["ip6cidr"], "2001:db8:100:fc::/64");
    assert_eq!(one["ip6gateway"], "2001:db8:100:fc::1");
    assert_eq!((&one["ip6routing"], &one["ip6routes"]), (&json!("Static"), &Json::Null));
    let two = network(&world, "dual");
    assert_eq!(two["ip6cidr"], "2001:db8:100:fd::/64");
    assert_eq!(used(&world), 2);
    check(world.engine.store());
    // What the first one gives back is the lowest free one again.
    world.ok("deleteNetwork", &[("id", id(&one))]);
    assert_eq!(used(&world), 1);
    assert_eq!(network(&world, "dual")["ip6cidr"], "2001:db8:100:fc::/64");
    network(&world, "dual");
    network(&world, "dual");
    // Nothing is left, and a second prefix goes on.
    let full = words(&world, "dual");
    let (code, text) = world.unmoved("createNetwork", &pairs(&full));
    assert!(code == 535 && text.contains("all of 2001:db8:100:fc::/62 are taken"), "{text}");
    prefix(&world, "2001:db8:200::/64");
    assert_eq!(network(&world, "dual")["ip6cidr"], "2001:db8:200::/64");
    let zone = world.id("listZones", &[]);
    let capacity = world.ok("listCapacity", &[("zoneid", &zone), ("type", "10")]);
    let capacity = &capacity["capacity"][0];
    assert_eq!((&capacity["capacitytotal"], &capacity["capacityused"]), (&json!(5), &json!(5)));
    // Networks without IPv6 want none.
    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    assert_eq!(network(&world, offering)["ip6cidr"], Json::Null);
    check(world.engine.store());
}

#[test]
fn without_a_prefix_there_is_no_network_with_ipv6() {
    let world = dual();
    let (code, text) = world.unmoved("createNetwork", &pairs(&words(&world, "dual")));
    assert!(code == 535 && text.contains("createGuestNetworkIpv6Prefix"), "{text}");
}

#[test]
fn prefixes_are_refused_in_cloudstacks_order() {
    let world = dual();
    prefix(&world, PREFIX);
    public6(&world, "100");
    let zone = world.id("listZones", &[]);
    let cases: &[(&str, &str)] = &[
        ("2001:db8:100::/65", "length of 2001:db8:100::/65 is not from 16 to 64"),
        ("2000::/8", "is not from 16 to 64"),
        ("2001:db8:100:1::/64", "overlaps 2001:db8:100::/48, a prefix of the zone"),
        ("2001:db8::/32", "overlaps 2001:db8:100::/48"),
        ("2001:db8:f00:1::/64", "overlaps 2001:db8:f00::/56 of the range"),
    ];
    for (text, why) in cases {
        let words = [("zoneid", zone.as_str()), ("prefix", text)];
        let (code, text) = world.unmoved("createGuestNetworkIpv6Prefix", &words);
        assert!(code == 431 && text.contains(why), "{text}");
    }
    let words = [("zoneid", zone.as_str()), ("prefix", "10.0.0.0/8")];
    assert_eq!(world.refused("createGuestNetworkIpv6Prefix", &words).0, 431);
    // Another zone may have the same prefix.
    let words = [
        ("name", "other"),
        ("dns1", "192.0.2.1"),
        ("internaldns1", "192.0.2.1"),
        ("networktype", "Advanced"),
    ];
    let other = world.ok("createZone", &words)["zone"]["id"].as_str().unwrap().to_owned();
    let words = [("zoneid", other.as_str()), ("prefix", PREFIX)];
    world.ok("createGuestNetworkIpv6Prefix", &words);
    assert_eq!(world.ok("listGuestNetworkIpv6Prefixes", &[])["count"], 2);
    let listed = world.ok("listGuestNetworkIpv6Prefixes", &[("zoneid", &other)]);
    assert_eq!(listed["count"], 1);
    check(world.engine.store());
}

#[test]
fn a_prefix_stays_while_a_network_has_a_part_of_it() {
    let world = dual();
    let made = prefix(&world, PREFIX);
    let net = network(&world, "dual");
    let (code, text) = world.unmoved("deleteGuestNetworkIpv6Prefix", &[("id", id(&made))]);
    assert!(
        code == 530 && text.contains("1 network has a subnet of it, among them `net`"),
        "{text}"
    );
    world.ok("deleteNetwork", &[("id", id(&net))]);
    world.ok("deleteGuestNetworkIpv6Prefix", &[("id", id(&made))]);
    assert_eq!(world.ok("listGuestNetworkIpv6Prefixes", &[]), json!({}));
    let (code, _) = world.refused("deleteGuestNetworkIpv6Prefix", &[("id", id(&made))]);
    assert_eq!(code, 431);
    prefix(&world, PREFIX);
    check(world.engine.store());
}

#[test]
fn a_router_stands_in_the_vlan_of_its_source_nat() {
    let world = dual();
    prefix(&world, PREFIX);
    let net = network(&world, "dual");
    // No VLAN with public addresses has IPv6.
    let refused = [
        ("zoneid", world.id("listZones", &[])),
        ("serviceofferingid", world.id("listServiceOfferings", &[])),
        ("templateid", world.id("listTemplates", &[("templatefilter", "executable")])),
        ("networkids", id(&net).to_owned()),
    ];
    let (code, text) = world.unmoved("deployVirtualMachine", &pairs(&refused));
    assert!(code == 530 && text.contains("no VLAN of its public ranges has IPv6"), "{code} {text}");
    let range = public6(&world, "100");
    deploy(&world, id(&net), true);
    let shown = world.ok("listNetworks", &[("id", id(&net))])["network"][0].clone();
    // The network has row 5 or so: what matters is the first /64 of the range.
    let route = &shown["ip6routes"][0];
    assert_eq!(route["subnet"], "2001:db8:100::/64");
    let gateway = route["gateway"].as_str().unwrap();
    assert!(gateway.starts_with("2001:db8:f00:0:400:ff:fe00:"), "{gateway}");
    check(world.engine.store());
    // The range stays as it is while the router has an address of it.
    let (code, text) = world.unmoved("deleteVlanIpRange", &[("id", &range)]);
    assert!(code == 431 && text.contains("is that of the router of the network `net`"), "{text}");
    let words = [
        ("id", range.as_str()),
        ("ip6gateway", "2001:db8:e00::1"),
        ("ip6cidr", "2001:db8:e00::/64"),
    ];
    let (code, text) = world.unmoved("updateVlanIpRange", &words);
    assert!(code == 431 && text.contains("ip6cidr: an IPv6 address of the range"), "{text}");
    let vm = world.id("listVirtualMachines", &[]);
    world.ok("destroyVirtualMachine", &[("id", &vm), ("expunge", "true")]);
    world.ok("deleteNetwork", &[("id", id(&net))]);
    world.ok("updateVlanIpRange", &words);
    world.ok("deleteVlanIpRange", &[("id", &range)]);
    check(world.engine.store());
}

#[test]
fn guests_have_the_address_that_their_interface_makes() {
    let world = dual();
    prefix(&world, PREFIX);
    public6(&world, "100");
    let net = network(&world, "dual");
    let vm = deploy(&world, id(&net), false);
    let nic = &vm["nic"][0];
    let mac = nic["macaddress"].as_str().unwrap();
    let bytes: Vec<u16> = mac.split(':').map(|b| u16::from_str_radix(b, 16).unwrap()).collect();
    let wanted = std::net::Ipv6Addr::new(
        0x2001,
        0xdb8,
        0x100,
        0,
        (bytes[0] ^ 2) << 8 | bytes[1],
        bytes[2] << 8 | 0xff,
        0xfe00 | bytes[3],
        bytes[4] << 8 | bytes[5],
    );
    assert_eq!(nic["ip6address"], wanted.to_string());
    assert_eq!((&nic["ip6gateway"], &nic["ip6cidr"]), (&net["ip6gateway"], &net["ip6cidr"]));
    let listed = world.ok("listNics", &[("virtualmachineid", id(&vm))]);
    assert_eq!(listed["nic"][0]["ip6address"], nic["ip6address"]);
    // Without IPv6 there is none of it.
    let plain = network(&world, "DefaultIsolatedNetworkOfferingWithSourceNatService");
    let vm = deploy(&world, id(&plain), false);
    assert_eq!(vm["nic"][0]["ip6address"], Json::Null);
}

fn vpc(world: &World, offering: &str) -> Result<String, (u16, String)> {
    let words = [
        ("name", "v".to_owned()),
        ("displaytext", "v".into()),
        ("zoneid", world.id("listZones", &[])),
        ("vpcofferingid", world.id("listVPCOfferings", &[("name", offering)])),
        ("cidr", "10.9.0.0/16".into()),
    ];
    match world.call("createVPC", &pairs(&words)) {
        Ok(body) => Ok(id(&body["vpc"]).to_owned()),
        Err(fault) => Err((fault.code(), fault.text)),
    }
}

#[test]
fn tiers_have_a_subnet_each_and_one_router() {
    let world = dual();
    prefix(&world, PREFIX);
    let (code, text) = vpc(&world, "dual-vpc").unwrap_err();
    assert!(code == 530 && text.contains("no VLAN of its public ranges has IPv6"), "{code} {text}");
    let range = public6(&world, "100");
    let six = vpc(&world, "dual-vpc").unwrap();
    let tier = |vpc: &str| {
        let mut all = words(&world, "dual-tier");
        all.push(("vpcid", vpc.to_owned()));
        world.call("createNetwork", &pairs(&all)).map(|body| body["network"].clone())
    };
    let one = tier(&six).unwrap();
    let two = tier(&six).unwrap();
    assert_eq!(one["ip6cidr"], "2001:db8:100::/64");
    assert_eq!(two["ip6cidr"], "2001:db8:100:1::/64");
    let shown = world.ok("listVPCs", &[("id", &six)])["vpc"][0].clone();
    let routes = shown["ip6routes"].as_array().unwrap();
    assert_eq!(routes.len(), 2);
    assert_eq!(routes[0]["gateway"], routes[1]["gateway"]);
    // The offering of the VPC must have IPv6 too.
    let four = vpc(&world, "Default VPC offering").unwrap();
    let fault = tier(&four).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("has IPv6, which the VPC's"), "{fault}");
    check(world.engine.store());
    for tier in [&one, &two] {
        world.ok("deleteNetwork", &[("id", id(tier))]);
    }
    assert_eq!(used(&world), 0);
    let (_, text) = world.refused("deleteVlanIpRange", &[("id", &range)]);
    assert!(text.contains("the router of the VPC `v`"), "{text}");
    world.ok("deleteVPC", &[("id", &six)]);
    world.ok("deleteVlanIpRange", &[("id", &range)]);
    check(world.engine.store());
}

#[test]
fn a_network_gets_and_loses_ipv6_with_its_offering() {
    let world = dual();
    let own = [("name", "single"), ("supportedservices", SERVICES), ("enable", "true")];
    let isolated = [("guestiptype", "Isolated"), ("traffictype", "Guest")];
    world.ok("createNetworkOffering", &[&isolated[..], &own].concat());
    let offering = |name: &str| world.id("listNetworkOfferings", &[("name", name)]);
    let net = network(&world, "single");
    let vm = deploy(&world, id(&net), true);
    let to = |name: &str| {
        let offering = offering(name);
        let words = [("id", id(&net)), ("networkofferingid", offering.as_str())];
        match world.call("updateNetwork", &words) {
            Ok(body) => Ok(body["network"].clone()),
            Err(fault) => Err((fault.code(), fault.text)),
        }
    };
    prefix(&world, PREFIX);
    let (code, text) = to("dual").unwrap_err();
    assert!(code == 530 && text.contains("no public range with IPv6"), "{code} {text}");
    public6(&world, "100");
    let six = to("dual").unwrap();
    assert_eq!(six["ip6cidr"], "2001:db8:100::/64");
    assert!(six["ip6routes"][0]["gateway"].is_string(), "{six}");
    let shown = world.ok("listVirtualMachines", &[("id", id(&vm))]);
    assert!(shown["virtualmachine"][0]["nic"][0]["ip6address"].is_string());
    check(world.engine.store());
    let four = to("single").unwrap();
    assert_eq!((&four["ip6cidr"], &four["ip6routes"]), (&Json::Null, &Json::Null));
    assert_eq!(used(&world), 0);
    check(world.engine.store());
}

#[test]
fn thirty_two_networks_at_once_have_thirty_two_subnets() {
    let world = dual();
    prefix(&world, "2001:db8:100::/58");
    world.ok("updateConfiguration", &[("name", "max.account.networks"), ("value", "100")]);
    let words = words(&world, "dual");
    let made: Vec<String> = std::thread::scope(|scope| {
        let call = || {
            let made = world.ok("createNetwork", &pairs(&words));
            made["network"]["ip6cidr"].as_str().unwrap().to_owned()
        };
        let all: Vec<_> = (0..32).map(|_| scope.spawn(call)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let apart: std::collections::BTreeSet<_> = made.iter().collect();
    assert_eq!(apart.len(), 32, "{made:?}");
    assert_eq!(used(&world), 32);
    check(world.engine.store());
}

/// The words for a change of a range.
fn changes<'w>(range: &'w str, more: Words<'w>) -> Vec<(&'w str, &'w str)> {
    [&[("id", range)], more].concat()
}

#[test]
fn ipv6_of_shared_networks_is_checked() {
    let world = World::sandbox();
    let six: Words<'_> = &[
        ("ip6gateway", "2001:db8:7::1"),
        ("ip6cidr", "2001:db8:7::/64"),
        ("startipv6", "2001:db8:7::10"),
        ("endipv6", "2001:db8:7::20"),
    ];
    let mut all = words(&world, "DefaultSharedNetworkOffering");
    for (name, value) in [
        ("vlan", "700"),
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "192.0.2.10"),
        ("endip", "192.0.2.20"),
        ("ip6dns1", "2001:db8::53"),
    ] {
        all.push((name, value.into()));
    }
    let with = |more: &[(&str, &str)]| {
        let mut given: Vec<(String, String)> =
            all.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        for (name, value) in six.iter().chain(more) {
            given.retain(|(other, _)| other != name);
            given.push(((*name).to_owned(), (*value).to_owned()));
        }
        given.retain(|(_, value)| !value.is_empty());
        given
    };
    let cases: &[(Words<'_>, &str)] = &[
        (&[("ip6cidr", "")], "ip6gateway and ip6cidr go together"),
        (&[("ip6gateway", ""), ("ip6cidr", "")], "ip6gateway is needed"),
        (&[("ip6dns1", "")], "ip6dns1 is needed"),
        (&[("ip6cidr", "2001:db8:7::/65")], "is longer than 64"),
        (&[("ip6gateway", "2001:db8:8::1")], "ip6gateway: 2001:db8:8::1 is not in"),
        (&[("startipv6", "2001:db8:8::1")], "startipv6: 2001:db8:8::1 is not in"),
        (&[("endipv6", "2001:db8:8::1")], "endipv6: 2001:db8:8::1 is not in"),
        (&[("endipv6", "2001:db8:7::1")], "is lower than startipv6"),
        (&[("startipv6", "")], "endipv6 is given without startipv6"),
    ];
    for (more, why) in cases {
        let given = with(more);
        let given: Vec<_> = given.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (code, text) = world.unmoved("createNetwork", &given);
        assert!(code == 431 && text.contains(why), "{more:?}: {text}");
    }
    let given = with(&[]);
    let given: Vec<_> = given.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let made = world.ok("createNetwork", &given)["network"].clone();
    assert_eq!(made["ip6cidr"], "2001:db8:7::/64");
    check_range_of(&world, &made);
}

/// The IPv6 range of a shared network is changed as far as its network lets it.
fn check_range_of(world: &World, made: &Json) {
    let range = world.id("listVlanIpRanges", &[("networkid", id(made))]);
    let other = changes(&range, &[("ip6gateway", "2001:db8:9::1"), ("ip6cidr", "2001:db8:9::/64")]);
    let other =
        [&other[..], &[("startipv6", "2001:db8:9::5"), ("endipv6", "2001:db8:9::6")]].concat();
    let (code, text) = world.unmoved("updateVlanIpRange", &other);
    assert!(code == 431 && text.contains("has 2001:db8:7::/64 with the gateway"), "{text}");
    world.ok("updateVlanIpRange", &changes(&range, &[("endipv6", "2001:db8:7::30")]));
    // A prefix for guests must not meet it.
    let zone = world.id("listZones", &[]);
    let words = [("zoneid", zone.as_str()), ("prefix", "2001:db8::/40")];
    let (_, text) = world.unmoved("createGuestNetworkIpv6Prefix", &words);
    assert!(text.contains("overlaps 2001:db8:7::/64 of the range"), "{text}");
    check(world.engine.store());
}

#[test]
fn users_have_networks_with_ipv6_and_no_prefixes() {
    let (world, who) = World::tenants();
    prepare(&world);
    prefix(&world, PREFIX);
    let all = words(&world, "dual");
    let made = world.ok_as(&who.alice, "createNetwork", &pairs(&all))["network"].clone();
    assert_eq!(made["ip6cidr"], "2001:db8:100::/64");
    for caller in [&who.alice, &who.ada] {
        let call = |command: &str| world.call_as(caller, command, &[]).unwrap_err().code();
        assert_eq!(call("createGuestNetworkIpv6Prefix"), 432);
        assert_eq!(call("listGuestNetworkIpv6Prefixes"), 432);
    }
    // With the account goes the subnet.
    let account = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    world.ok("deleteAccount", &[("id", &account)]);
    assert_eq!(used(&world), 0);
    check(world.engine.store());
    let _: &Caller = &who.bob;
}

/// What was changed behind the engine's back, the rule that it breaks, and whether it is mended.
const DAMAGE: &[(&str, &str, bool)] = &[
    ("UPDATE ip6_subnet SET network_id = 999", "network-of-ip6-subnet", true),
    ("UPDATE ip6_prefix SET removed = 1", "prefix-of-ip6-subnet", false),
    ("UPDATE network SET ip6_cidr = '2001:db8::/64' WHERE name = 'net'", "ip6-of-network", false),
    ("UPDATE ip6_router SET network_id = 999", "router-with-ip6", true),
    ("UPDATE network_rule SET network_id = 999", "network-of-network-rule", true),
];

#[test]
fn damage_is_found_and_mended() {
    for (sql, rule, is_mended) in DAMAGE {
        let world = dual();
        prefix(&world, PREFIX);
        public6(&world, "100");
        let net = network(&world, "dual");
        deploy(&world, id(&net), true);
        let words = [("networkid", id(&net)), ("protocol", "all")];
        world.ok("createIpv6FirewallRule", &words);
        world.tell(sql);
        let found = world.engine.store().read(crate::engine::audit).unwrap();
        assert!(found.iter().any(|one| one.rule == *rule), "{sql}: {found:?}");
        assert_eq!(crate::engine::is_mended(rule), *is_mended, "{rule}");
        assert_eq!(crate::engine::advice(rule).is_some(), !is_mended, "{rule}");
        let now = crate::sim::EPOCH;
        let mended = move |tx: &mut crate::store::Tx| crate::engine::repair(tx, now);
        let repaired = world.engine.store().write(mended).unwrap();
        let left = repaired.left.iter().any(|one| one.rule == *rule);
        assert_eq!(left, !is_mended, "{rule}: {repaired:?}");
    }
}
