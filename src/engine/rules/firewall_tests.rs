//! Firewall rules from the outside.

use crate::sim::World;
use serde_json::Value as Json;

const NETWORK: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// A world with an isolated network that holds an address: its id and the address's.
fn world() -> (World, String, String) {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", NETWORK)]);
    let words = [("name", "web"), ("zoneid", &zone), ("networkofferingid", &offering)];
    let made = world.ok("createNetwork", &words);
    let network = made["network"]["id"].as_str().unwrap().to_owned();
    let made = world.ok("associateIpAddress", &[("networkid", &network)]);
    let address = made["ipaddress"]["id"].as_str().unwrap().to_owned();
    (world, network, address)
}

fn open(world: &World, address: &str, more: &[(&str, &str)]) -> Json {
    let words: Vec<_> = [("ipaddressid", address)].iter().chain(more).copied().collect();
    world.ok("createFirewallRule", &words)["firewallrule"].clone()
}

fn count(world: &World, list: &str, words: &[(&str, &str)]) -> u64 {
    world.ok(list, words)["count"].as_u64().unwrap_or(0)
}

#[test]
fn a_rule_lives_from_opening_to_closing() {
    let (world, network, address) = world();
    let more = [("protocol", "TCP"), ("startport", "80"), ("cidrlist", "10.0.0.0/8,192.0.2.1/32")];
    let rule = open(&world, &address, &more);
    assert_eq!((&rule["protocol"], &rule["startport"]), (&"tcp".into(), &80.into()));
    assert_eq!((&rule["endport"], &rule["state"]), (&80.into(), &"Active".into()));
    assert_eq!(rule["cidrlist"], "10.0.0.0/8,192.0.2.1/32");
    assert_eq!((&rule["networkid"], &rule["traffictype"]), (&network.into(), &"Ingress".into()));
    let has_rules = || {
        let shown = world.ok("listPublicIpAddresses", &[("id", &address)]);
        shown["publicipaddress"][0]["hasrules"].clone()
    };
    assert_eq!(has_rules(), true);
    let id = rule["id"].as_str().unwrap();
    for words in [vec![("id", id)], vec![("ipaddressid", address.as_str())], vec![]] {
        assert_eq!(count(&world, "listFirewallRules", &words), 1, "{words:?}");
        assert_eq!(count(&world, "listEgressFirewallRules", &words), 0, "{words:?}");
    }
    world.ok("updateFirewallRule", &[("id", id), ("fordisplay", "false")]);
    assert_eq!(count(&world, "listFirewallRules", &[("fordisplay", "true")]), 0);
    assert_eq!(world.refused("deleteEgressFirewallRule", &[("id", id)]).0, 431);
    world.ok("deleteFirewallRule", &[("id", id)]);
    assert_eq!(has_rules(), false);
    assert_eq!(count(&world, "listFirewallRules", &[]), 0);
    assert_eq!(world.refused("deleteFirewallRule", &[("id", id)]).0, 431);
}

#[test]
fn rules_about_the_same_traffic_conflict() {
    let (world, _, address) = world();
    let ports = [("protocol", "tcp"), ("startport", "80"), ("endport", "90")];
    open(&world, &address, &[&ports[..], &[("cidrlist", "10.0.0.0/8")]].concat());
    open(&world, &address, &[("protocol", "icmp"), ("icmptype", "8")]);
    for more in [
        vec![("protocol", "tcp"), ("startport", "90")],
        vec![("protocol", "6"), ("startport", "1"), ("cidrlist", "10.1.0.0/16")],
    ] {
        let mut words = vec![("ipaddressid", address.as_str())];
        words.extend(more);
        if words.contains(&("startport", "1")) {
            words.push(("endport", "80"));
        }
        let fault = world.call("createFirewallRule", &words).unwrap_err();
        assert_eq!((fault.code(), fault.exception.cs_code()), (537, 4360), "{words:?}: {fault}");
        assert!(fault.text.contains("conflicts with another one"), "{fault}");
    }
    open(&world, &address, &[&ports[..], &[("cidrlist", "192.0.2.0/24")]].concat());
    open(&world, &address, &[("protocol", "udp"), ("startport", "80")]);
    open(&world, &address, &[("protocol", "icmp"), ("icmptype", "0")]);
    // The same messages are a wrong parameter, not a conflict; other protocols are other rules.
    let again = [("ipaddressid", address.as_str()), ("protocol", "icmp"), ("icmptype", "8")];
    let (code, text) = world.unmoved("createFirewallRule", &again);
    assert!(code == 431 && text.contains("conflicts with another one: icmp 8/-1"), "{text}");
    open(&world, &address, &[("protocol", "all")]);
}

#[test]
fn releasing_what_they_stand_on_takes_the_rules_away() {
    let (world, network, address) = world();
    open(&world, &address, &[("protocol", "tcp")]);
    let egress = [("networkid", network.as_str()), ("protocol", "all")];
    world.ok("createEgressFirewallRule", &egress);
    world.ok("disassociateIpAddress", &[("id", &address)]);
    assert_eq!(count(&world, "listFirewallRules", &[]), 0);
    assert_eq!(count(&world, "listEgressFirewallRules", &[("networkid", &network)]), 1);
    // Whoever gets the address next starts without rules.
    let again = world.ok("associateIpAddress", &[("networkid", &network)]);
    assert_eq!(again["ipaddress"]["id"], address.as_str());
    assert_eq!(again["ipaddress"]["hasrules"], false);
    world.ok("deleteNetwork", &[("id", &network)]);
    assert_eq!(count(&world, "listEgressFirewallRules", &[]), 0);
}

#[test]
fn what_cannot_have_rules_is_told_so() {
    let (world, network, address) = world();
    let free = world.id("listPublicIpAddresses", &[("state", "Free")]);
    let tcp = ("protocol", "tcp");
    for (command, words, part) in [
        ("createFirewallRule", vec![("ipaddressid", free.as_str()), tcp], "not associated"),
        (
            "createFirewallRule",
            vec![("ipaddressid", address.as_str()), tcp, ("startport", "0")],
            "parameter startport: 0",
        ),
        (
            "createFirewallRule",
            vec![("ipaddressid", address.as_str()), tcp, ("cidrlist", "10.0.0.0/33")],
            "parameter cidrlist",
        ),
        (
            "createEgressFirewallRule",
            vec![("networkid", network.as_str()), tcp, ("cidrlist", "172.16.0.0/16")],
            "does not lie in the network's own CIDR",
        ),
        ("createFirewallRule", vec![("ipaddressid", "x"), tcp], "Invalid parameter ipaddressid"),
    ] {
        let (code, text) = world.unmoved(command, &words);
        assert!(code == 431 && text.contains(part), "{command}: {code} {text}");
    }
    let zone = world.id("listZones", &[]);
    let vpc = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words =
        [("name", "v"), ("zoneid", &zone), ("vpcofferingid", &vpc), ("cidr", "10.9.0.0/16")];
    let made = world.ok("createVPC", &words);
    let vpc = made["vpc"]["id"].as_str().unwrap();
    let offering = world
        .id("listNetworkOfferings", &[("name", "DefaultIsolatedNetworkOfferingForVpcNetworks")]);
    let words = [
        ("name", "tier"),
        ("zoneid", &zone),
        ("vpcid", vpc),
        ("networkofferingid", &offering),
        ("gateway", "10.9.1.1"),
        ("netmask", "255.255.255.0"),
    ];
    let tier = world.ok("createNetwork", &words);
    let tier = tier["network"]["id"].as_str().unwrap();
    let (_, text) = world.unmoved("createEgressFirewallRule", &[("networkid", tier), tcp]);
    assert!(text.contains("network ACLs take the place"), "{text}");
}

#[test]
fn egress_rules_are_told_apart_by_where_traffic_goes() {
    let (world, network, _) = world();
    let words = |to| [("networkid", network.as_str()), ("protocol", "tcp"), ("destcidrlist", to)];
    let made = world.ok("createEgressFirewallRule", &words("192.0.2.0/24"));
    let rule = &made["firewallrule"];
    assert_eq!(
        (&rule["cidrlist"], &rule["destcidrlist"]),
        (&"10.1.1.0/24".into(), &"192.0.2.0/24".into())
    );
    world.ok("createEgressFirewallRule", &words("198.51.100.0/24"));
    assert_eq!(world.refused("createEgressFirewallRule", &words("192.0.2.9/32")).0, 537);
}

#[test]
fn tenants_have_rules_of_their_own() {
    let (world, who) = World::tenants();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", NETWORK)]);
    let words = [("name", "web"), ("zoneid", &zone), ("networkofferingid", &offering)];
    let made = world.ok_as(&who.alice, "createNetwork", &words);
    let network = made["network"]["id"].as_str().unwrap();
    let made = world.ok_as(&who.alice, "associateIpAddress", &[("networkid", network)]);
    let words = [("ipaddressid", made["ipaddress"]["id"].as_str().unwrap()), ("protocol", "tcp")];
    assert_eq!(world.refused_as(&who.bob, "createFirewallRule", &words).0, 531);
    let made = world.ok_as(&who.alice, "createFirewallRule", &words);
    let id = [("id", made["firewallrule"]["id"].as_str().unwrap())];
    assert!(made["firewallrule"].get("fordisplay").is_none());
    for caller in [&who.bob, &who.amir, &who.bea] {
        assert_eq!(world.refused_as(caller, "deleteFirewallRule", &id).0, 531);
        let seen = world.ok_as(caller, "listFirewallRules", &[id[0], ("listall", "true")]);
        assert_eq!(seen, serde_json::json!({}));
    }
    assert_eq!(world.ok_as(&who.ada, "listFirewallRules", &[("listall", "true")])["count"], 1);
    world.ok_as(&who.alice, "deleteFirewallRule", &id);
}
