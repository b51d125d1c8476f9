//! Static NAT from the outside.

use crate::engine::network_tests::{ISOLATED, TIER, make, number};
use crate::engine::vms::scene::{Scene, id};
use crate::sim::World;
use serde_json::{Value as Json, json};

/// A network with a source NAT and one more address: its id.
fn address(scene: &Scene) -> String {
    let words = [("networkid", scene.network.as_str())];
    let all = [("associatednetworkid", scene.network.as_str())];
    if scene.count("listPublicIpAddresses", &all) == 0 {
        scene.world.ok("associateIpAddress", &words);
    }
    id(&scene.world.ok("associateIpAddress", &words)["ipaddress"]).to_owned()
}

fn enable<'w>(address: &'w str, vm: &'w Json) -> [(&'static str, &'w str); 2] {
    [("ipaddressid", address), ("virtualmachineid", id(vm))]
}

fn shown(scene: &Scene, address: &str) -> Json {
    let body = scene.world.ok("listPublicIpAddresses", &[("id", address)]);
    body["publicipaddress"][0].clone()
}

#[test]
fn an_address_is_one_guests_until_that_ends() {
    let scene = Scene::new();
    let (vm, address) = (scene.deploy(&[("name", "web1")]), address(&scene));
    let done = scene.world.ok("enableStaticNat", &enable(&address, &vm));
    assert_eq!(done, json!({ "success": true }));
    let ip = shown(&scene, &address);
    assert_eq!((&ip["isstaticnat"], &ip["virtualmachineid"]), (&json!(true), &vm["id"]));
    assert_eq!((&ip["vmipaddress"], &ip["virtualmachinename"]), (&json!("10.1.1.2"), &vm["name"]));
    assert_eq!((&ip["state"], &ip["hasrules"]), (&json!("Allocated"), &json!(false)));
    assert_eq!(scene.shown(id(&vm))["publicip"], ip["ipaddress"]);
    let word = [("ipaddressid", address.as_str())];
    let open = [word[0], ("protocol", "tcp"), ("startport", "22")];
    scene.world.ok("createFirewallRule", &open);
    scene.world.ok("disableStaticNat", &word);
    let ip = shown(&scene, &address);
    assert_eq!((&ip["isstaticnat"], &ip["vmipaddress"]), (&json!(false), &json!(null)));
    assert_eq!((&ip["hasrules"], &ip["state"]), (&json!(false), &json!("Allocated")));
    let (code, text) = scene.world.unmoved("disableStaticNat", &word);
    assert!(code == 431 && text.contains("has no static NAT"), "{code} {text}");
}

#[test]
fn the_first_check_that_fails_decides() {
    let scene = Scene::new();
    let (one, two) = (scene.deploy(&[]), scene.deploy(&[]));
    let (first, second) = (address(&scene), address(&scene));
    let elsewhere = make(&scene.world, ISOLATED, &[("name", "elsewhere")]);
    let far = scene.deploy(&[("networkids", id(&elsewhere))]);
    let nat = [("associatednetworkid", scene.network.as_str()), ("issourcenat", "true")];
    let nat = scene.world.id("listPublicIpAddresses", &nat);
    let free = scene.world.id("listPublicIpAddresses", &[("state", "Free")]);
    let guest = |address: &str, vm: &Json, ip: &'static str| {
        let mut words: Vec<(&str, String)> =
            enable(address, vm).map(|(name, value)| (name, value.to_owned())).into();
        words.push(("vmguestip", ip.to_owned()));
        let pairs: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        scene.world.unmoved("enableStaticNat", &pairs)
    };
    let (code, text) = scene.world.unmoved("enableStaticNat", &enable(&free, &one));
    assert!(code == 431 && text.contains("is free"), "{code} {text}");
    let (code, text) = scene.world.unmoved("enableStaticNat", &enable(&first, &far));
    assert!(code == 431 && text.contains("has no interface in"), "{code} {text}");
    let (code, text) = guest(&first, &one, "10.1.1.9");
    assert!(code == 431 && text.contains("vmguestip"), "{code} {text}");
    let (code, text) = scene.world.unmoved("enableStaticNat", &enable(&nat, &one));
    assert!(code == 431 && text.contains("is a source NAT"), "{code} {text}");
    scene.world.ok("enableStaticNat", &enable(&first, &one));
    let (code, text) = scene.world.unmoved("enableStaticNat", &enable(&first, &two));
    assert!(code == 537 && text.contains(id(&one)), "{code} {text}");
    for address in [&first, &second] {
        let (code, text) = scene.world.unmoved("enableStaticNat", &enable(address, &one));
        assert!(code == 431 && text.contains("is translated from 203.0.113.3"), "{code} {text}");
    }
}

#[test]
fn a_further_address_of_a_guest_has_its_own() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let nic = id(&vm["nic"][0]).to_owned();
    let added = scene.world.ok("addIpToNic", &[("nicid", &nic)])["nicsecondaryip"].clone();
    let (first, second) = (address(&scene), address(&scene));
    scene.world.ok("enableStaticNat", &enable(&first, &vm));
    let [ip, machine] = enable(&second, &vm);
    let words = [ip, machine, ("vmguestip", added["ipaddress"].as_str().unwrap())];
    scene.world.ok("enableStaticNat", &words);
    assert_eq!(shown(&scene, &second)["vmipaddress"], added["ipaddress"]);
    let (code, text) = scene.world.unmoved("removeIpFromNic", &[("id", id(&added))]);
    assert!(code == 431 && text.contains("static NAT leads to"), "{code} {text}");
    // The rules follow the first address of the interface when that changes.
    scene.world.ok("stopVirtualMachine", &[("id", id(&vm))]);
    scene.world.ok("updateVmNicIp", &[("nicid", &nic), ("ipaddress", "10.1.1.40")]);
    assert_eq!(shown(&scene, &first)["vmipaddress"], "10.1.1.40");
    assert_eq!(shown(&scene, &second)["vmipaddress"], added["ipaddress"]);
}

#[test]
fn what_goes_takes_the_translation_with_it() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let (first, second) = (address(&scene), address(&scene));
    scene.world.ok("enableStaticNat", &enable(&first, &vm));
    let word = [("ipaddressid", first.as_str()), ("protocol", "tcp"), ("startport", "22")];
    scene.world.ok("createIpForwardingRule", &word);
    scene.world.ok("disassociateIpAddress", &[("id", &first)]);
    assert_eq!(scene.count("listIpForwardingRules", &[]), 0);
    assert_eq!(scene.count("listFirewallRules", &[]), 0);
    scene.world.ok("enableStaticNat", &enable(&second, &vm));
    scene.world.ok("destroyVirtualMachine", &[("id", id(&vm))]);
    assert_eq!(shown(&scene, &second)["isstaticnat"], true, "it may be recovered");
    scene.world.ok("expungeVirtualMachine", &[("id", id(&vm))]);
    let ip = shown(&scene, &second);
    assert_eq!((&ip["isstaticnat"], &ip["state"]), (&json!(false), &json!("Allocated")));
}

#[test]
fn an_interface_with_static_nat_is_not_taken_away() {
    let scene = Scene::new();
    let vm = scene.deploy(&[]);
    let db = make(&scene.world, ISOLATED, &[("name", "db")]);
    let words = [("virtualmachineid", id(&vm)), ("networkid", id(&db))];
    let vm = scene.world.ok("addNicToVirtualMachine", &words)["virtualmachine"].clone();
    let address = address(&scene);
    scene.world.ok("enableStaticNat", &enable(&address, &vm));
    let nic = |at: usize| [("virtualmachineid", id(&vm)), ("nicid", id(&vm["nic"][at]))];
    scene.world.ok("updateDefaultNicForVirtualMachine", &nic(1));
    let (code, text) = scene.world.unmoved("removeNicFromVirtualMachine", &nic(0));
    assert!(code == 431 && text.contains("static NAT leads to it"), "{code} {text}");
    scene.world.ok("disableStaticNat", &[("ipaddressid", &address)]);
    scene.world.ok("removeNicFromVirtualMachine", &nic(0));
}

#[test]
fn an_address_of_a_vpc_belongs_to_a_tier_while_it_is_translated() {
    let world = World::sandbox();
    let vpc = world.ok(
        "createVPC",
        &[
            ("name", "vpc"),
            ("zoneid", &world.id("listZones", &[])),
            ("vpcofferingid", &world.id("listVPCOfferings", &[("name", "Default VPC offering")])),
            ("cidr", "10.8.0.0/16"),
        ],
    )["vpc"]
        .clone();
    let tier = make(
        &world,
        TIER,
        &[("vpcid", id(&vpc)), ("gateway", "10.8.1.1"), ("netmask", "255.255.255.0")],
    );
    let scene = Scene::of(world, id(&tier));
    let vm = scene.deploy(&[]);
    let made = scene.world.ok("associateIpAddress", &[("vpcid", id(&vpc))]);
    let address = id(&made["ipaddress"]).to_owned();
    let (code, text) = scene.world.unmoved("enableStaticNat", &enable(&address, &vm));
    assert!(code == 431 && text.contains("networkid is needed"), "{code} {text}");
    let [ip, machine] = enable(&address, &vm);
    scene.world.ok("enableStaticNat", &[ip, machine, ("networkid", id(&tier))]);
    let of_tier = [("associatednetworkid", id(&tier))];
    assert_eq!(scene.count("listPublicIpAddresses", &of_tier), 1);
    scene.world.ok("disableStaticNat", &[ip]);
    let ip = shown(&scene, &address);
    assert_eq!((&ip["associatednetworkid"], &ip["vpcid"]), (&json!(null), &vpc["id"]));
}

#[test]
fn forwarding_rules_open_the_firewall_and_conflict_with_their_like() {
    let scene = Scene::new();
    let (vm, address) = (scene.deploy(&[]), address(&scene));
    let word = ("ipaddressid", address.as_str());
    let rule = |more: &[(&'static str, &'static str)]| {
        let words: Vec<_> = [word].iter().chain(more).copied().collect();
        scene.world.call("createIpForwardingRule", &words)
    };
    let ssh = [("protocol", "tcp"), ("startport", "22")];
    let fault = rule(&ssh).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("has no static NAT"), "{fault}");
    scene.world.ok("enableStaticNat", &enable(&address, &vm));
    let made = rule(&ssh).unwrap()["ipforwardingrule"].clone();
    assert_eq!((&made["protocol"], &made["endport"]), (&json!("tcp"), &json!(22)));
    assert_eq!((&made["virtualmachineid"], &made["state"]), (&vm["id"], &json!("Active")));
    assert_eq!(scene.count("listFirewallRules", &[word]), 1);
    let fault = rule(&[("protocol", "tcp"), ("startport", "20"), ("endport", "30")]).unwrap_err();
    assert!(fault.code() == 537 && fault.text.contains(id(&made)), "{fault}");
    let fault = rule(&[("protocol", "icmp"), ("startport", "1")]).unwrap_err();
    assert_eq!(fault.code(), 431, "{fault}");
    let closed = [("protocol", "udp"), ("startport", "22"), ("openfirewall", "false")];
    let other = rule(&closed).unwrap()["ipforwardingrule"].clone();
    assert_eq!(scene.count("listFirewallRules", &[word]), 1);
    assert_eq!(scene.count("listIpForwardingRules", &[word]), 2);
    assert_eq!(scene.count("listIpForwardingRules", &[("virtualmachineid", id(&vm))]), 2);
    scene.world.ok("deleteIpForwardingRule", &[("id", id(&made))]);
    assert_eq!(scene.count("listFirewallRules", &[word]), 0);
    assert_eq!(shown(&scene, &address)["hasrules"], true);
    scene.world.ok("disableStaticNat", &[word]);
    assert_eq!(scene.world.unmoved("deleteIpForwardingRule", &[("id", id(&other))]).0, 431);
    assert_eq!(number(&scene.world, "SELECT COUNT(*) FROM static_nat_rule"), 2);
}
