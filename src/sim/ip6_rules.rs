//! Firewall rules of whole networks: of IPv6.

use crate::sim::ip6::{dual, id, network, prefix, prepare};
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

type Words<'w> = &'w [(&'w str, &'w str)];

const CREATE: &str = "createIpv6FirewallRule";

fn scene() -> (World, Json) {
    let world = dual();
    prefix(&world, "2001:db8:100::/48");
    let net = network(&world, "dual");
    (world, net)
}

#[test]
fn a_rule_is_made_listed_changed_and_taken_away() {
    let (world, net) = scene();
    let words = [
        ("networkid", id(&net)),
        ("protocol", "TCP"),
        ("startport", "443"),
        ("cidrlist", "2001:DB8:5::/48,2001:db8:6::/48"),
    ];
    let made = world.ok(CREATE, &words)["firewallrule"].clone();
    assert_eq!((&made["protocol"], &made["endport"]), (&json!("tcp"), &json!(443)));
    assert_eq!(made["cidrlist"], "2001:db8:5::/48,2001:db8:6::/48");
    assert_eq!((&made["destcidrlist"], &made["traffictype"]), (&json!("::/0"), &json!("Ingress")));
    assert_eq!((&made["state"], &made["networkid"]), (&json!("Active"), &net["id"]));
    let egress = [("networkid", id(&net)), ("protocol", "all"), ("traffictype", "Egress")];
    world.ok(CREATE, &egress);
    let count = |more: Words<'_>| world.ok("listIpv6FirewallRules", more)["count"].clone();
    assert_eq!(count(&[]), 2);
    assert_eq!(count(&[("networkid", id(&net)), ("traffictype", "Egress")]), 1);
    assert_eq!(count(&[("id", id(&made))]), 1);
    // It is no rule of an address, nor one of the guests' IPv4.
    assert_eq!(world.ok("listFirewallRules", &[]), json!({}));
    assert_eq!(world.ok("listEgressFirewallRules", &[]), json!({}));
    assert_eq!(world.refused("deleteFirewallRule", &[("id", id(&made))]).0, 431);
    assert_eq!(world.refused("deleteRoutingFirewallRule", &[("id", id(&made))]).0, 431);
    let change = |more: Words<'_>| {
        let words = [&[("id", id(&made))], more].concat();
        world.ok("updateIpv6FirewallRule", &words)["firewallrule"].clone()
    };
    let changed = change(&[("startport", "80"), ("endport", "90"), ("fordisplay", "false")]);
    assert_eq!((&changed["startport"], &changed["endport"]), (&json!(80), &json!(90)));
    assert_eq!((&changed["cidrlist"], &changed["fordisplay"]), (&made["cidrlist"], &json!(false)));
    // Of another protocol the ports of the old one are not kept.
    let changed = change(&[("protocol", "icmp"), ("icmptype", "128"), ("cidrlist", "::/0")]);
    assert_eq!((&changed["startport"], &changed["icmptype"]), (&Json::Null, &json!(128)));
    check(world.engine.store());
    world.ok("deleteIpv6FirewallRule", &[("id", id(&made))]);
    assert_eq!(count(&[]), 1);
    // The rest goes with the network.
    world.ok("deleteNetwork", &[("id", id(&net))]);
    assert_eq!(count(&[]), Json::Null);
    check(world.engine.store());
}

#[test]
fn rules_are_refused_in_cloudstacks_order() {
    let (world, net) = scene();
    let plain = network(&world, "DefaultIsolatedNetworkOfferingWithSourceNatService");
    let (good, bad) = (("networkid", id(&net)), ("networkid", id(&plain)));
    let web = [good, ("protocol", "tcp"), ("startport", "80"), ("endport", "90")];
    let made = world.ok(CREATE, &web)["firewallrule"].clone();
    let cases: &[(Words<'_>, u16, &str)] = &[
        // Of several faults the first one is told.
        (&[bad, ("protocol", "gre"), ("cidrlist", "10.0.0.0/8")], 431, "no IPv6 CIDR such as ::/0"),
        (&[bad, ("protocol", "gre"), ("destcidrlist", "x")], 431, "destcidrlist: `x`"),
        (&[good, ("protocol", "tcp"), ("cidrlist", "2001:db8::1")], 431, "parameter cidrlist"),
        (&[bad, ("protocol", "gre")], 431, "has no IPv6"),
        (&[good, ("protocol", "gre")], 431, "parameter protocol"),
        (&[good, ("protocol", "tcp"), ("endport", "80")], 431, "parameter endport"),
        (&[good, ("protocol", "tcp"), ("traffictype", "sideways")], 431, "traffictype"),
        (&[good, ("protocol", "tcp"), ("startport", "85")], 537, "conflicts with another one"),
        (&[good, ("protocol", "tcp")], 537, "tcp 80-90 from ::/0 to ::/0"),
    ];
    for (words, code, why) in cases {
        let (got, text) = world.unmoved(CREATE, words);
        assert!(got == *code && text.contains(why), "{words:?}: {got} {text}");
    }
    // What goes the other way, or comes from elsewhere, is no conflict.
    world.ok(CREATE, &[&web[..], &[("traffictype", "Egress")]].concat());
    let far = [good, ("protocol", "tcp"), ("startport", "91"), ("cidrlist", "2001:db8::/32")];
    let far = world.ok(CREATE, &far)["firewallrule"].clone();
    let words = [("id", id(&far)), ("startport", "90"), ("endport", "91")];
    let (code, text) = world.unmoved("updateIpv6FirewallRule", &words);
    assert!(code == 530 && text.contains("conflicts"), "{code} {text}");
    let near = [("id", id(&made)), ("cidrlist", "2001:db9::/32")];
    world.ok("updateIpv6FirewallRule", &near);
    world.ok("updateIpv6FirewallRule", &words);
    let (code, text) = world.unmoved("createRoutingFirewallRule", &[good, ("protocol", "all")]);
    assert!(code == 431 && text.contains("is not routed"), "{text}");
    check(world.engine.store());
}

#[test]
fn rules_are_their_owners() {
    let (world, who) = World::tenants();
    prepare(&world);
    prefix(&world, "2001:db8:100::/48");
    let (zone, offering) =
        (world.id("listZones", &[]), world.id("listNetworkOfferings", &[("name", "dual")]));
    let words = [("name", "n"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    let net = world.ok_as(&who.alice, "createNetwork", &words)["network"].clone();
    let words = [("networkid", id(&net)), ("protocol", "tcp"), ("startport", "22")];
    assert_eq!(world.refused_as(&who.bob, CREATE, &words).0, 531);
    let made = world.ok_as(&who.alice, CREATE, &words)["firewallrule"].clone();
    let own = [("id", id(&made))];
    assert_eq!(world.refused_as(&who.bob, "deleteIpv6FirewallRule", &own).0, 531);
    assert_eq!(world.ok_as(&who.bob, "listIpv6FirewallRules", &own), json!({}));
    assert_eq!(world.ok_as(&who.ada, "listIpv6FirewallRules", &own)["count"], 1);
    world.ok_as(&who.alice, "deleteIpv6FirewallRule", &own);
    check(world.engine.store());
}

#[test]
fn tiers_have_acl_lists_instead() {
    let world = dual();
    let words = [
        ("name", "v".to_owned()),
        ("zoneid", world.id("listZones", &[])),
        ("vpcofferingid", world.id("listVPCOfferings", &[("name", "Default VPC offering")])),
        ("cidr", "10.9.0.0/16".into()),
    ];
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let vpc = world.ok("createVPC", &words)["vpc"].clone();
    let tier = "DefaultIsolatedNetworkOfferingForVpcNetworks";
    let (zone, offering) =
        (world.id("listZones", &[]), world.id("listNetworkOfferings", &[("name", tier)]));
    let words = [
        ("name", "t"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("vpcid", id(&vpc)),
    ];
    let tier = world.ok("createNetwork", &words)["network"].clone();
    let (code, text) = world.unmoved(CREATE, &[("networkid", id(&tier)), ("protocol", "all")]);
    assert!(code == 431 && text.contains("network ACLs"), "{text}");
}
