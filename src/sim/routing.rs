//! Networks and VPCs in the mode ROUTED: their subnets, AS numbers, BGP peers and firewall rules.

use crate::sim::ip6::id;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

type Words<'w> = &'w [(&'w str, &'w str)];

/// Makes the offerings `routed`, `dynamic` and `named`, for networks and, with `-vpc`, for VPCs,
/// and gives the zone a subnet and AS numbers.
pub(super) fn prepare(world: &World) {
    for (name, mode, named) in [
        ("routed", "Static", "false"),
        ("dynamic", "Dynamic", "false"),
        ("named", "Dynamic", "true"),
    ] {
        let routed = [("networkmode", "ROUTED"), ("routingmode", mode), ("enable", "true")];
        let words = [
            ("name", name),
            ("guestiptype", "Isolated"),
            ("traffictype", "Guest"),
            ("supportedservices", "Dhcp,Dns,Firewall,Gateway"),
            ("specifyasnumber", named),
        ];
        world.ok("createNetworkOffering", &[&words[..], &routed].concat());
        let vpc = format!("{name}-vpc");
        let words = [
            ("name", vpc.as_str()),
            ("displaytext", &vpc),
            ("supportedservices", "Dhcp,Dns,NetworkACL,Gateway"),
            ("specifyasnumber", named),
        ];
        world.ok("createVPCOffering", &[&words[..], &routed].concat());
    }
    let words = [
        ("name", "routed-tier"),
        ("guestiptype", "Isolated"),
        ("traffictype", "Guest"),
        ("supportedservices", "Dhcp,Dns,NetworkACL,Gateway"),
        ("networkmode", "ROUTED"),
        ("forvpc", "true"),
        ("enable", "true"),
    ];
    world.ok("createNetworkOffering", &words);
    subnet(world, "198.18.0.0/20", &[]);
    asns(world, 65000, 65009);
}

pub(super) fn routed() -> World {
    let world = World::sandbox();
    prepare(&world);
    world
}

pub(super) fn zone(world: &World) -> String {
    world.id("listZones", &[])
}

pub(super) fn call(world: &World, command: &str, more: Words<'_>) -> Result<Json, (u16, String)> {
    let zone = zone(world);
    let words = [&[("zoneid", zone.as_str())], more].concat();
    world.call(command, &words).map_err(|fault| (fault.code(), fault.text))
}

pub(super) fn ok(world: &World, command: &str, more: Words<'_>) -> Json {
    call(world, command, more).unwrap_or_else(|why| panic!("{command} {more:?}: {why:?}"))
}

pub(super) fn refused(world: &World, command: &str, more: Words<'_>, code: u16, why: &str) {
    let zone = zone(world);
    let words = [&[("zoneid", zone.as_str())], more].concat();
    let (got, text) = world.unmoved(command, &words);
    assert!(got == code && text.contains(why), "{command} {more:?}: {got} {text}");
}

fn subnet(world: &World, cidr: &str, more: Words<'_>) -> Json {
    let words = [&[("subnet", cidr)], more].concat();
    ok(world, "createIpv4SubnetForZone", &words)["zoneipv4subnet"].clone()
}

pub(super) fn asns(world: &World, first: u32, last: u32) -> Json {
    let (first, last) = (first.to_string(), last.to_string());
    let words = [("startasn", first.as_str()), ("endasn", &last)];
    ok(world, "createASNRange", &words)["asnumberrange"].clone()
}

pub(super) fn peer(world: &World, ip: &str, more: Words<'_>) -> Json {
    let words = [&[("asnumber", "64999"), ("ipaddress", ip)], more].concat();
    ok(world, "createBgpPeer", &words)["bgppeer"].clone()
}

pub(super) fn network(
    world: &World,
    offering: &str,
    more: Words<'_>,
) -> Result<Json, (u16, String)> {
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let words = [&[("name", "net"), ("networkofferingid", offering.as_str())], more].concat();
    call(world, "createNetwork", &words).map(|body| body["network"].clone())
}

pub(super) fn vpc(world: &World, offering: &str, more: Words<'_>) -> Result<Json, (u16, String)> {
    let offering = world.id("listVPCOfferings", &[("name", offering)]);
    let words = [&[("name", "v"), ("vpcofferingid", offering.as_str())], more].concat();
    call(world, "createVPC", &words).map(|body| body["vpc"].clone())
}

fn subnets(world: &World) -> Vec<(String, String)> {
    let body = world.ok("listIpv4SubnetsForGuestNetwork", &[]);
    let rows = body["ipv4subnetforguestnetwork"].as_array().cloned().unwrap_or_default();
    let text = |row: &Json, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, "subnet"), text(row, "state"))).collect()
}

fn pair(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

#[test]
fn a_routed_network_gets_the_lowest_free_subnet_of_its_size() {
    let world = routed();
    let one = network(&world, "routed", &[("cidrsize", "26")]).unwrap();
    assert_eq!((&one["cidr"], &one["gateway"]), (&json!("198.18.0.0/26"), &json!("198.18.0.1")));
    assert_eq!((&one["ip4routing"], &one["asnumber"]), (&json!("Static"), &Json::Null));
    let two = network(&world, "routed", &[("cidrsize", "24")]).unwrap();
    assert_eq!(two["cidr"], "198.18.1.0/24");
    let three = network(&world, "routed", &[("cidrsize", "26")]).unwrap();
    assert_eq!(three["cidr"], "198.18.0.64/26");
    check(world.engine.store());
    // What goes is gone, not kept.
    world.ok("deleteNetwork", &[("id", id(&one))]);
    let left = [pair("198.18.1.0/24", "Allocated"), pair("198.18.0.64/26", "Allocated")];
    assert_eq!(subnets(&world), left);
    assert_eq!(
        network(&world, "routed", &[("cidrsize", "25")]).unwrap()["cidr"],
        "198.18.0.128/25"
    );
    assert_eq!(network(&world, "routed", &[("cidrsize", "27")]).unwrap()["cidr"], "198.18.0.0/27");
    check(world.engine.store());
}

#[test]
fn a_free_subnet_of_the_size_comes_first_and_alone_where_none_are_cut() {
    let world = routed();
    let parent = world.id("listIpv4SubnetsForZone", &[]);
    let create = |more: Words<'_>| {
        let words = [&[("parentid", parent.as_str())], more].concat();
        let body = world.ok("createIpv4SubnetForGuestNetwork", &words);
        body["ipv4subnetforguestnetwork"].clone()
    };
    let made = create(&[("subnet", "198.18.15.7/26")]);
    assert_eq!((&made["subnet"], &made["state"]), (&json!("198.18.15.0/26"), &json!("Free")));
    assert_eq!(create(&[("cidrsize", "26")])["subnet"], "198.18.0.0/26");
    for (more, why) in [
        (&[][..], "subnet and cidrsize"),
        (&[("subnet", "198.18.0.0/26"), ("cidrsize", "26")], "subnet and cidrsize"),
        (&[("subnet", "198.19.0.0/26")], "does not lie in 198.18.0.0/20"),
        (&[("subnet", "198.18.15.32/27")], "overlaps 198.18.15.0/26"),
        (&[("cidrsize", "19")], "19 is not from 20 to 32"),
    ] {
        let words = [&[("parentid", parent.as_str())], more].concat();
        let (code, text) = world.unmoved("createIpv4SubnetForGuestNetwork", &words);
        assert!(code == 431 && text.contains(why), "{more:?}: {text}");
    }
    let switch = "routed.ipv4.network.cidr.auto.allocation.enabled";
    world.ok("updateConfiguration", &[("name", switch), ("value", "false")]);
    let net = network(&world, "routed", &[("cidrsize", "26")]).unwrap();
    assert_eq!(net["cidr"], "198.18.15.0/26");
    let (code, text) = world.unmoved("deleteIpv4SubnetForGuestNetwork", &[("id", id(&made))]);
    assert!(code == 431 && text.contains("goes with it"), "{text}");
    network(&world, "routed", &[("cidrsize", "26")]).unwrap();
    let (code, text) = network(&world, "routed", &[("cidrsize", "26")]).unwrap_err();
    assert!(code == 431 && text.contains(switch), "{text}");
    let free = create(&[("cidrsize", "28")]);
    world.ok("deleteIpv4SubnetForGuestNetwork", &[("id", id(&free))]);
    assert_eq!(subnets(&world).len(), 2);
    check(world.engine.store());
}

#[test]
fn routed_networks_are_refused_in_cloudstacks_order() {
    let (world, who) = World::tenants();
    prepare(&world);
    let gateway = [("gateway", "198.18.9.1"), ("netmask", "255.255.255.0")];
    let cases: &[(&str, Words<'_>, u16, &str)] = &[
        ("routed", &[("asnumber", "65000"), ("cidrsize", "99")], 431, "specifyasnumber only"),
        ("named", &[("cidrsize", "99")], 431, "asnumber is needed"),
        ("routed", &[], 431, "cidrsize is needed for a routed network"),
        ("routed", &[gateway[0], gateway[1], ("cidrsize", "26")], 431, "cidrsize"),
        ("routed", &[("cidrsize", "23")], 431, "23 is not from 24 to 30"),
        ("routed", &[("cidrsize", "31")], 431, "31 is not from 24 to 30"),
        ("named", &[("cidrsize", "26"), ("asnumber", "64000")], 431, "none of the zone's AS"),
        (
            "routed",
            &[("gateway", "198.18.0.1"), ("netmask", "255.255.0.0")],
            431,
            "contains 198.18.0.0/20",
        ),
    ];
    for (offering, more, code, why) in cases {
        let offering = world.id("listNetworkOfferings", &[("name", offering)]);
        let words = [&[("name", "net"), ("networkofferingid", offering.as_str())], *more].concat();
        refused(&world, "createNetwork", &words, *code, why);
    }
    // What is named may be a part of the zone's subnet, or lie apart; two never share any.
    let named = network(&world, "routed", &gateway).unwrap();
    assert_eq!(named["cidr"], "198.18.9.0/24");
    let (code, text) = network(&world, "routed", &gateway).unwrap_err();
    assert!(
        code == 431 && text.contains("overlaps 198.18.9.0/24, a subnet of a network"),
        "{text}"
    );
    let apart = [("gateway", "198.51.100.1"), ("netmask", "255.255.255.0")];
    network(&world, "routed", &apart).unwrap();
    refused(&world, "createIpv4SubnetForZone", &[("subnet", "198.51.0.0/16")], 431, "has");
    // Users name sizes only.
    let offering = world.id("listNetworkOfferings", &[("name", "routed")]);
    let zone = zone(&world);
    let base = [("name", "n"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    let words = [&base[..], &[("gateway", "198.18.8.1"), ("netmask", "255.255.255.0")]].concat();
    let (code, text) = world.refused_as(&who.alice, "createNetwork", &words);
    assert!(code == 431 && text.contains("only root admins"), "{text}");
    world.ok_as(&who.alice, "createNetwork", &[&base[..], &[("cidrsize", "28")]].concat());
    let off = [("name", "routed.network.vpc.enabled"), ("value", "false"), ("zoneid", &zone)];
    world.ok("updateConfiguration", &off);
    let (code, text) = network(&world, "routed", &[("cidrsize", "26")]).unwrap_err();
    assert!(code == 431 && text.contains("routed.network.vpc.enabled"), "{text}");
    check(world.engine.store());
}

#[test]
fn subnets_of_a_zone_lie_apart_and_stay_while_they_are_used() {
    let (world, who) = World::tenants();
    prepare(&world);
    let made = subnet(&world, "198.19.0.5/24", &[]);
    assert_eq!(made["subnet"], "198.19.0.0/24");
    refused(&world, "createIpv4SubnetForZone", &[("subnet", "198.19.0.0/28")], 431, "overlaps");
    let (alice, bob) =
        (world.id("listDomains", &[("name", "a")]), world.id("listDomains", &[("name", "b")]));
    let to = |domain: &str, account: &str| {
        let words = [("id", id(&made)), ("domainid", domain), ("account", account)];
        world.call("dedicateIpv4SubnetForZone", &words).map_err(|fault| fault.text)
    };
    let words = [("id", id(&made))];
    let (code, _) = world.unmoved("dedicateIpv4SubnetForZone", &words);
    assert_eq!(code, 431);
    let dedicated = to(&alice, "alice").unwrap();
    assert_eq!(dedicated["zoneipv4subnet"]["account"], "alice");
    let first = world.id("listIpv4SubnetsForZone", &[("subnet", "198.18.0.0/20")]);
    world.ok("dedicateIpv4SubnetForZone", &[("id", &first), ("domainid", &bob)]);
    let offering = world.id("listNetworkOfferings", &[("name", "routed")]);
    let zone = zone(&world);
    let words = [
        ("name", "n"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("cidrsize", "28"),
    ];
    let net = world.ok_as(&who.alice, "createNetwork", &words)["network"].clone();
    assert_eq!(net["cidr"], "198.19.0.0/28");
    let of_bob = world.ok_as(&who.bob, "createNetwork", &words)["network"].clone();
    assert_eq!(of_bob["cidr"], "198.18.0.0/28");
    // Sam's domain lies below alice's, and has nothing of its own.
    let (code, _) = world.refused_as(&who.sam, "createNetwork", &words);
    assert_eq!(code, 530);
    assert!(to(&bob, "bob").unwrap_err().contains("is that of another account"));
    let words = [("id", id(&made)), ("subnet", "198.19.0.128/25")];
    let (code, text) = world.unmoved("updateIpv4SubnetForZone", &words);
    assert!(code == 431 && text.contains("leaves out 198.19.0.0/28"), "{text}");
    let (code, text) = world.unmoved("deleteIpv4SubnetForZone", &[("id", id(&made))]);
    assert!(code == 431 && text.contains("is that of a network or VPC"), "{text}");
    let words = [("id", id(&made)), ("subnet", "198.19.0.0/23")];
    assert_eq!(
        world.ok("updateIpv4SubnetForZone", &words)["zoneipv4subnet"]["subnet"],
        "198.19.0.0/23"
    );
    let words = [("id", id(&made)), ("subnet", "198.18.0.0/15")];
    assert_eq!(world.unmoved("updateIpv4SubnetForZone", &words).0, 431);
    let released = world.ok("releaseIpv4SubnetForZone", &[("id", id(&made))]);
    assert_eq!(released["zoneipv4subnet"]["account"], Json::Null);
    to(&alice, "alice").unwrap();
    // With the account goes what is its own.
    let account = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    world.ok("deleteAccount", &[("id", &account)]);
    let shown = world.ok("listIpv4SubnetsForZone", &[("id", id(&made))]);
    assert_eq!(shown["zoneipv4subnet"][0]["account"], Json::Null);
    world.ok("deleteIpv4SubnetForZone", &[("id", id(&made))]);
    check(world.engine.store());
}

#[test]
fn routed_vpcs_have_a_subnet_and_their_tiers_lie_in_it() {
    let world = routed();
    assert_eq!(vpc(&world, "routed-vpc", &[]).unwrap_err().0, 431);
    let (_, text) = vpc(&world, "routed-vpc", &[("cidrsize", "29")]).unwrap_err();
    assert!(text.contains("29 is not from 22 to 28"), "{text}");
    let made = vpc(&world, "routed-vpc", &[("cidrsize", "24")]).unwrap();
    assert_eq!((&made["cidr"], &made["ip4routing"]), (&json!("198.18.0.0/24"), &json!("Static")));
    let in_vpc = [("vpcid", id(&made)), ("cidrsize", "26")];
    let tier = network(&world, "routed-tier", &in_vpc).unwrap();
    assert_eq!(tier["cidr"], "198.18.0.0/26");
    // The mode is that of the VPC.
    let other = "DefaultIsolatedNetworkOfferingForVpcNetworks";
    let (code, _) = network(&world, other, &in_vpc).unwrap_err();
    assert_eq!(code, 431);
    let words = [("networkid", id(&tier)), ("protocol", "all")];
    let (_, text) = world.unmoved("createRoutingFirewallRule", &words);
    assert!(text.contains("network ACLs"), "{text}");
    world.ok("deleteNetwork", &[("id", id(&tier))]);
    assert_eq!(subnets(&world).len(), 1);
    world.ok("deleteVPC", &[("id", id(&made))]);
    assert_eq!(subnets(&world).len(), 0);
    check(world.engine.store());
}

#[test]
fn routed_networks_have_firewall_rules_of_their_own() {
    let world = routed();
    let net = network(&world, "routed", &[("cidrsize", "26")]).unwrap();
    let words = [("networkid", id(&net)), ("protocol", "tcp"), ("startport", "80")];
    let made = world.ok("createRoutingFirewallRule", &words)["firewallrule"].clone();
    assert_eq!((&made["cidrlist"], &made["traffictype"]), (&json!("0.0.0.0/0"), &json!("Ingress")));
    let six = [("networkid", id(&net)), ("protocol", "all"), ("cidrlist", "::/0")];
    assert_eq!(world.unmoved("createRoutingFirewallRule", &six).0, 431);
    assert_eq!(world.unmoved("createRoutingFirewallRule", &words).0, 537);
    assert_eq!(world.ok("listRoutingFirewallRules", &[("id", id(&made))])["count"], 1);
    assert_eq!(world.ok("listIpv6FirewallRules", &[]), json!({}));
    let hide = [("id", id(&made)), ("fordisplay", "false")];
    assert_eq!(world.ok("updateRoutingFirewallRule", &hide)["firewallrule"]["fordisplay"], false);
    world.ok("deleteRoutingFirewallRule", &[("id", id(&made))]);
    assert_eq!(world.ok("listRoutingFirewallRules", &[]), json!({}));
    check(world.engine.store());
}

#[test]
fn thirty_two_dynamic_networks_at_once_share_nothing() {
    let world = routed();
    asns(&world, 65100, 65199);
    world.ok("updateConfiguration", &[("name", "max.account.networks"), ("value", "100")]);
    let made: Vec<Json> = std::thread::scope(|scope| {
        let call = || network(&world, "dynamic", &[("cidrsize", "28")]).unwrap();
        let all: Vec<_> = (0..32).map(|_| scope.spawn(call)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let apart =
        |field: &str| made.iter().map(|net| net[field].to_string()).collect::<BTreeSet<_>>();
    assert_eq!((apart("cidr").len(), apart("asnumber").len()), (32, 32), "{made:?}");
    check(world.engine.store());
}

/// What was changed behind the engine's back, the rule that it breaks, and whether it is mended.
const DAMAGE: &[(&str, &str, bool)] = &[
    ("UPDATE as_number SET network_id = 999", "holder-of-as-number", true),
    ("UPDATE asn_range SET first = 65001", "range-of-as-number", false),
    ("UPDATE bgp_peer_use SET holder_id = 999", "holder-of-bgp-peer", true),
    ("UPDATE ip4_network_subnet SET network_id = 999", "holder-of-ip4-subnet", true),
    (
        "INSERT INTO ip4_zone_subnet (zone_id, subnet, created) SELECT id, '198.18.1.0/24', 0 \
         FROM zone",
        "blocks-apart",
        false,
    ),
];

#[test]
fn damage_is_found_and_mended() {
    for (sql, rule, is_mended) in DAMAGE {
        let world = routed();
        let peer = peer(&world, "192.0.2.101", &[]);
        network(&world, "dynamic", &[("cidrsize", "28"), ("bgppeerids", id(&peer))]).unwrap();
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
