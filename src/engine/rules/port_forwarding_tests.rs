//! Port forwarding from the outside.

use crate::engine::network_tests::{TIER, make};
use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::{Value as Json, json};

/// A scene with a VM and an address of its network; the ids of both.
fn scene() -> (Scene, String, String) {
    let scene = Scene::new();
    let vm = scene.deploy(&[("name", "web1")]);
    let made = scene.world.ok("associateIpAddress", &[("networkid", &scene.network)]);
    (scene, id(&vm).to_owned(), id(&made["ipaddress"]).to_owned())
}

/// The words of a rule for ssh, of which some say something else.
fn words<'w>(
    vm: &'w str,
    address: &'w str,
    other: &[(&'w str, &'w str)],
) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("ipaddressid", address),
        ("virtualmachineid", vm),
        ("protocol", "tcp"),
        ("publicport", "2222"),
        ("privateport", "22"),
    ];
    words.retain(|(name, _)| other.iter().all(|(said, _)| said != name));
    words.extend_from_slice(other);
    words
}

#[test]
fn a_rule_lives_with_its_firewall_rule() {
    let (scene, vm, address) = scene();
    let made = scene.world.ok("createPortForwardingRule", &words(&vm, &address, &[]));
    let rule = made["portforwardingrule"].clone();
    assert_eq!((&rule["publicport"], &rule["privateport"]), (&json!("2222"), &json!("22")));
    assert_eq!((&rule["publicendport"], &rule["state"]), (&json!("2222"), &json!("Active")));
    assert_eq!((&rule["vmguestip"], &rule["virtualmachineid"]), (&json!("10.1.1.2"), &json!(vm)));
    assert_eq!((&rule["cidrlist"], &rule["ipaddressid"]), (&json!(""), &json!(address)));
    let of = [("ipaddressid", address.as_str())];
    assert_eq!(scene.count("listFirewallRules", &of), 1);
    for words in [vec![], of.to_vec(), vec![("networkid", scene.network.as_str())]] {
        assert_eq!(scene.count("listPortForwardingRules", &words), 1, "{words:?}");
    }
    let word = [("id", id(&rule))];
    assert_eq!(scene.world.ok("deletePortForwardingRule", &word), json!({ "success": true }));
    assert_eq!(scene.count("listFirewallRules", &of), 0);
    assert_eq!(scene.count("listPortForwardingRules", &[]), 0);
    assert_eq!(scene.world.unmoved("deletePortForwardingRule", &word).0, 431);
}

#[test]
fn what_cannot_be_forwarded_is_refused() {
    let (scene, vm, address) = scene();
    let free = scene.world.id("listPublicIpAddresses", &[("state", "Free")]);
    let gone = scene.deploy(&[]);
    scene.world.ok("destroyVirtualMachine", &[("id", id(&gone))]);
    for (other, part) in [
        (vec![("ipaddressid", free.as_str())], "is free"),
        (vec![("protocol", "icmp")], "protocol"),
        (vec![("protocol", "47")], "protocol"),
        (vec![("publicport", "0")], "publicport: 0"),
        (vec![("publicport", "99"), ("publicendport", "98")], "publicendport"),
        (vec![("privateport", "70000")], "privateport: 70000"),
        (vec![("virtualmachineid", id(&gone))], "is Destroyed"),
        (vec![("vmguestip", "10.1.1.9")], "vmguestip"),
        (vec![("publicport", "80"), ("publicendport", "81")], "go to the same"),
        (
            vec![
                ("publicport", "80"),
                ("publicendport", "81"),
                ("privateport", "90"),
                ("privateendport", "91"),
            ],
            "go to the same",
        ),
        (vec![("cidrlist", "nonsense")], "cidrlist"),
    ] {
        let words = words(&vm, &address, &other);
        let (code, text) = scene.world.unmoved("createPortForwardingRule", &words);
        assert!(code == 431 && text.contains(part), "{other:?}: {code} {text}");
    }
    let nat = [("ipaddressid", address.as_str()), ("virtualmachineid", &vm)];
    scene.world.ok("enableStaticNat", &nat);
    let (code, text) = scene.world.unmoved("createPortForwardingRule", &words(&vm, &address, &[]));
    assert!(code == 431 && text.contains("has static NAT"), "{code} {text}");
}

/// The table of section "rule conflicts": what may stand beside ssh from anywhere.
#[test]
fn rules_conflict_where_their_traffic_does() {
    let (scene, vm, address) = scene();
    let call = |other: &[(&str, &str)]| {
        scene.world.call("createPortForwardingRule", &words(&vm, &address, other))
    };
    let closed = ("openfirewall", "false");
    let made = call(&[closed]).unwrap()["portforwardingrule"].clone();
    let fault = call(&[closed, ("privateport", "23")]).unwrap_err();
    assert!(fault.code() == 537 && fault.text.contains(id(&made)), "{fault}");
    let wide = [
        ("publicport", "2200"),
        ("publicendport", "2300"),
        ("privateport", "2200"),
        ("privateendport", "2300"),
    ];
    assert_eq!(call(&wide).unwrap_err().code(), 537);
    call(&[closed, ("protocol", "udp")]).unwrap();
    call(&[closed, ("publicport", "2223")]).unwrap();
    let from = |cidr| [closed, ("publicport", "80"), ("cidrlist", cidr)];
    call(&from("192.0.2.0/25")).unwrap();
    assert_eq!(call(&from("192.0.2.64/26")).unwrap_err().code(), 537);
    call(&from("192.0.2.128/25")).unwrap();
    let fault = scene
        .world
        .refused("enableStaticNat", &[("ipaddressid", &address), ("virtualmachineid", &vm)]);
    assert!(fault.0 == 537 && fault.1.contains("port forwarding"), "{fault:?}");
}

#[test]
fn a_rule_is_led_elsewhere() {
    let (scene, vm, address) = scene();
    let made = scene.world.ok("createPortForwardingRule", &words(&vm, &address, &[]));
    let rule = id(&made["portforwardingrule"]).to_owned();
    let other = scene.deploy(&[("startvm", "false")]);
    let change = |more: &[(&str, &str)]| {
        let words: Vec<_> = [("id", rule.as_str())].iter().chain(more).copied().collect();
        scene.world.call("updatePortForwardingRule", &words)
    };
    let shown = change(&[("virtualmachineid", id(&other)), ("privateport", "2022")]).unwrap();
    let shown = shown["portforwardingrule"].clone();
    assert_eq!((&shown["vmguestip"], &shown["privateport"]), (&json!("10.1.1.3"), &json!("2022")));
    assert_eq!(change(&[("vmguestip", "10.1.1.2")]).unwrap_err().code(), 431);
    assert_eq!(change(&[("privateport", "0")]).unwrap_err().code(), 431);
    // It follows the first address of the guest, which then cannot go.
    let nic = other["nic"][0]["id"].as_str().unwrap();
    scene.world.ok("updateVmNicIp", &[("nicid", nic), ("ipaddress", "10.1.1.77")]);
    let shown = scene.world.ok("listPortForwardingRules", &[]);
    assert_eq!(shown["portforwardingrule"][0]["vmguestip"], "10.1.1.77");
    let expunge = [("id", id(&other)), ("expunge", "true")];
    scene.world.ok("destroyVirtualMachine", &expunge);
    assert_eq!(scene.count("listPortForwardingRules", &[]), 0, "it goes with its guest");
}

#[test]
fn releasing_an_address_revokes_its_rules() {
    let (scene, vm, address) = scene();
    scene.world.ok("createPortForwardingRule", &words(&vm, &address, &[]));
    scene.world.ok("disassociateIpAddress", &[("id", &address)]);
    assert_eq!(scene.count("listPortForwardingRules", &[]), 0);
    assert_eq!(scene.count("listFirewallRules", &[]), 0);
}

/// Subtlety 28: between rules an address of a VPC belongs to none of its tiers.
#[test]
fn subtlety_28_an_address_of_a_vpc_is_bound_to_a_tier_by_its_rules_only() {
    let world = World::sandbox();
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let zone = world.id("listZones", &[]);
    let vpc =
        [("name", "vpc"), ("zoneid", &zone), ("vpcofferingid", &offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&world.ok("createVPC", &vpc)["vpc"]).to_owned();
    let mask = ("netmask", "255.255.255.0");
    let tier = make(&world, TIER, &[("vpcid", &vpc), ("gateway", "10.8.1.1"), mask]);
    let other =
        make(&world, TIER, &[("name", "b"), ("vpcid", &vpc), ("gateway", "10.8.2.1"), mask]);
    let scene = Scene::of(world, id(&tier));
    let vm = scene.deploy(&[]);
    let far = scene.deploy(&[("networkids", id(&other))]);
    let made = scene.world.ok("associateIpAddress", &[("vpcid", &vpc)]);
    let address = id(&made["ipaddress"]).to_owned();
    let call = |vm: &Json, tier: &Json, port| {
        let more = [("networkid", id(tier)), ("publicport", port)];
        scene.world.call("createPortForwardingRule", &words(id(vm), &address, &more))
    };
    let bound = || {
        let shown = scene.world.ok("listPublicIpAddresses", &[("id", &address)]);
        shown["publicipaddress"][0]["associatednetworkid"].clone()
    };
    let one = call(&vm, &tier, "22").unwrap()["portforwardingrule"].clone();
    let two = call(&vm, &tier, "23").unwrap()["portforwardingrule"].clone();
    assert_eq!(bound(), tier["id"]);
    let fault = call(&far, &other, "24").unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("has no interface in"), "{fault}");
    scene.world.ok("deletePortForwardingRule", &[("id", id(&one))]);
    assert_eq!(bound(), tier["id"]);
    scene.world.ok("deletePortForwardingRule", &[("id", id(&two))]);
    assert_eq!(bound(), Json::Null);
    call(&far, &other, "24").unwrap();
    assert_eq!(bound(), other["id"]);
    // They go with their guest too.
    scene.world.ok("destroyVirtualMachine", &[("id", id(&far)), ("expunge", "true")]);
    assert_eq!(bound(), Json::Null);
    call(&vm, &tier, "22").unwrap();
    crate::sim::check(scene.world.engine.store());
}
