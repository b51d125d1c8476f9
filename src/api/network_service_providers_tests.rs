//! Providers and elements: what a physical network begins with, in which order what is asked is
//! checked, and that a network needs its providers.

use crate::sim::World;
use serde_json::{Value as Json, json};

const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// A disabled zone with a physical network, of which nothing is enabled.
fn world() -> (World, String) {
    let world = World::sandbox();
    let words = [
        ("name", "west"),
        ("networktype", "Advanced"),
        ("dns1", "192.0.2.1"),
        ("internaldns1", "192.0.2.1"),
        ("guestcidraddress", "10.2.0.0/16"),
    ];
    let zone = id(&world.ok("createZone", &words)["zone"]);
    let words = [("zoneid", zone.as_str()), ("name", "core"), ("isolationmethods", "VXLAN")];
    let core = world.ok("createPhysicalNetwork", &[&words[..], &[("vlan", "7000-7099")]].concat());
    (world, id(&core["physicalnetwork"]))
}

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("{thing}")).to_owned()
}

fn provider(world: &World, core: &str, name: &str) -> Json {
    let words = [("physicalnetworkid", core), ("name", name)];
    world.ok("listNetworkServiceProviders", &words)["networkserviceprovider"][0].clone()
}

#[test]
fn a_physical_network_begins_with_cloudstacks_providers() {
    let (world, core) = world();
    let all = world.ok("listNetworkServiceProviders", &[("physicalnetworkid", &core)]);
    let rows = all["networkserviceprovider"].as_array().unwrap();
    let seen: Vec<_> =
        rows.iter().map(|row| (row["name"].as_str(), row["state"].as_str())).collect();
    let disabled = |name| (Some(name), Some("Disabled"));
    assert_eq!(
        seen,
        [
            disabled("VirtualRouter"),
            disabled("SecurityGroupProvider"),
            disabled("VpcVirtualRouter"),
            disabled("InternalLbVm"),
            (Some("ConfigDrive"), Some("Enabled")),
        ]
    );
    let router = &rows[0];
    assert!(router["servicelist"].as_array().unwrap().contains(&json!("SourceNat")), "{router}");
    assert_eq!(router["canenableindividualservice"], true);
    assert_eq!(rows[1]["canenableindividualservice"], false);
    let words = [("nspid", router["id"].as_str().unwrap())];
    let elements = world.ok("listVirtualRouterElements", &words);
    assert_eq!(elements["count"], 1);
    assert_eq!(elements["virtualrouterelement"][0]["enabled"], false);
    let words = [("nspid", rows[3]["id"].as_str().unwrap())];
    let elements = world.ok("listInternalLoadBalancerElements", &words);
    assert_eq!(elements["internalloadbalancerelement"][0]["enabled"], false);
    // Those of the sandbox are all enabled.
    let enabled = world.ok("listNetworkServiceProviders", &[("state", "Enabled")]);
    assert_eq!(enabled["count"], 6);
}

#[test]
fn a_switched_physical_network_and_a_basic_zone_begin_with_others() {
    let (world, _) = world();
    let west = world.id("listZones", &[("name", "west")]);
    let words = [("zoneid", west.as_str()), ("name", "tunnels"), ("isolationmethods", "GRE")];
    let tunnels = id(&world.ok("createPhysicalNetwork", &words)["physicalnetwork"]);
    assert_eq!(provider(&world, &tunnels, "Ovs")["state"], "Disabled");
    let words = [
        ("name", "flat"),
        ("networktype", "Basic"),
        ("dns1", "192.0.2.1"),
        ("internaldns1", "192.0.2.1"),
    ];
    let flat = id(&world.ok("createZone", &words)["zone"]);
    let words = [("zoneid", flat.as_str()), ("name", "wire")];
    let wire = id(&world.ok("createPhysicalNetwork", &words)["physicalnetwork"]);
    assert_eq!(provider(&world, &wire, "ConfigDrive"), Json::Null);
    assert_eq!(provider(&world, &wire, "VirtualRouter")["state"], "Disabled");
}

#[test]
fn a_provider_is_enabled_after_its_element() {
    let (world, core) = world();
    for (name, list, key, configure) in [
        (
            "VpcVirtualRouter",
            "listVirtualRouterElements",
            "virtualrouterelement",
            "configureVirtualRouterElement",
        ),
        (
            "InternalLbVm",
            "listInternalLoadBalancerElements",
            "internalloadbalancerelement",
            "configureInternalLoadBalancerElement",
        ),
    ] {
        let nsp = id(&provider(&world, &core, name));
        let enable = [("id", nsp.as_str()), ("state", "Enabled")];
        let (code, text) = world.unmoved("updateNetworkServiceProvider", &enable);
        assert_eq!(code, 530);
        assert!(text.contains("not ready") && text.contains(configure), "{text}");
        let element = id(&world.ok(list, &[("nspid", &nsp)])[key][0]);
        let words = [("id", element.as_str()), ("enabled", "true")];
        assert_eq!(world.ok(configure, &words)[key]["enabled"], true);
        let done = world.ok("updateNetworkServiceProvider", &enable);
        assert_eq!(done["networkserviceprovider"]["state"], "Enabled");
        // What is wrong with the state is found before what is wrong with the services.
        for (state, services, says) in [
            ("Shutdown", "Nothing", "neither `Enabled` nor `Disabled`"),
            ("Disabled", "Nothing", "is not a service"),
            ("Disabled", "SecurityGroup", "does not provide the service"),
        ] {
            let words = [("id", nsp.as_str()), ("state", state), ("servicelist", services)];
            let (code, text) = world.unmoved("updateNetworkServiceProvider", &words);
            assert_eq!(code, 431);
            assert!(text.contains(says), "{text}");
        }
        let words = [("id", nsp.as_str()), ("servicelist", "Lb"), ("state", "Disabled")];
        let done = world.ok("updateNetworkServiceProvider", &words);
        assert_eq!(done["networkserviceprovider"]["servicelist"], json!(["Lb"]));
        assert_eq!(done["networkserviceprovider"]["state"], "Disabled");
    }
    let groups = id(&provider(&world, &core, "SecurityGroupProvider"));
    let words = [("id", groups.as_str()), ("servicelist", "SecurityGroup")];
    let (code, text) = world.unmoved("updateNetworkServiceProvider", &words);
    assert!(code == 431 && text.contains("cannot be chosen one by one"), "{text}");
    let router = id(&provider(&world, &core, "VirtualRouter"));
    let element =
        id(&world.ok("listVirtualRouterElements", &[("nspid", &router)])["virtualrouterelement"]
            [0]);
    let words = [("id", element.as_str()), ("enabled", "true")];
    let (code, text) = world.unmoved("configureInternalLoadBalancerElement", &words);
    assert!(code == 431 && text.contains("configureVirtualRouterElement"), "{text}");
}

#[test]
fn what_cannot_be_added_is_refused_in_order() {
    let (world, core) = world();
    let mut words = vec![
        ("physicalnetworkid", "x"),
        ("destinationphysicalnetworkid", "x"),
        ("name", "Nobody"),
        ("servicelist", "Nothing"),
    ];
    let says = [
        (431, "parameter physicalnetworkid value=x", "physicalnetworkid", core.as_str()),
        (431, "destinationphysicalnetworkid value=x", "destinationphysicalnetworkid", &core),
        (431, "`Nobody` is not a provider", "name", "VirtualRouter"),
        (530, "is on the physical network `core` already", "name", "Netscaler"),
        (431, "`Nothing` is not a service", "servicelist", "Vpn"),
        (431, "does not provide the service `Vpn`", "servicelist", "Lb,StaticNat"),
    ];
    for (code, text, param, better) in says {
        let refused = world.unmoved("addNetworkServiceProvider", &words);
        assert!(refused.0 == code && refused.1.contains(text), "{text}: {refused:?}");
        if let Some(word) = words.iter_mut().find(|(name, _)| *name == param) {
            word.1 = better;
        }
    }
    let added = world.ok("addNetworkServiceProvider", &words)["networkserviceprovider"].clone();
    assert_eq!((&added["name"], &added["state"]), (&json!("Netscaler"), &json!("Disabled")));
    assert_eq!(added["servicelist"], json!(["Lb", "StaticNat"]));
    assert_eq!(added["destinationphysicalnetworkid"], core);
    let words = [("id", added["id"].as_str().unwrap()), ("state", "Enabled")];
    world.ok("updateNetworkServiceProvider", &words);
}

#[test]
fn an_element_is_made_once() {
    let (world, core) = world();
    let router = id(&provider(&world, &core, "VirtualRouter"));
    let (code, text) = world.unmoved("createVirtualRouterElement", &[("nspid", &router)]);
    assert!(code == 530 && text.contains("already"), "{text}");
    let (code, text) = world.unmoved("createInternalLoadBalancerElement", &[("nspid", &router)]);
    assert!(code == 431 && text.contains("has no element of the type"), "{text}");
    world.ok("deleteNetworkServiceProvider", &[("id", &router)]);
    assert_eq!(world.ok("listVirtualRouterElements", &[("nspid", &router)]), json!({}));
    let words = [("physicalnetworkid", core.as_str()), ("name", "VirtualRouter")];
    let router = id(&world.ok("addNetworkServiceProvider", &words)["networkserviceprovider"]);
    assert_eq!(world.ok("listVirtualRouterElements", &[("nspid", &router)]), json!({}));
    let made = world.ok("createVirtualRouterElement", &[("nspid", &router)]);
    assert_eq!(made["virtualrouterelement"]["enabled"], false);
    assert_eq!(made["virtualrouterelement"]["account"], "system");
}

#[test]
fn a_network_needs_its_providers() {
    let world = World::sandbox();
    let sandbox = world.id("listPhysicalNetworks", &[]);
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", ISOLATED)]);
    let words = [("name", "web"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    let network = id(&world.ok("createNetwork", &words)["network"]);
    let router = id(&provider(&world, &sandbox, "VirtualRouter"));
    let (code, text) = world.unmoved("deleteNetworkServiceProvider", &[("id", &router)]);
    assert!(code == 530 && text.contains("the network `web`"), "{text}");
    world.ok("updateNetworkServiceProvider", &[("id", &router), ("state", "Disabled")]);
    let vm = [
        ("zoneid", zone.clone()),
        ("serviceofferingid", world.id("listServiceOfferings", &[])),
        ("templateid", world.id("listTemplates", &[("templatefilter", "executable")])),
        ("networkids", network),
    ];
    let vm: Vec<_> = vm.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (code, text) = world.unmoved("deployVirtualMachine", &vm);
    assert_eq!(code, 530);
    assert!(text.contains("`VirtualRouter` is not enabled"), "{text}");
    world.ok("updateNetworkServiceProvider", &[("id", &router), ("state", "Enabled")]);
    world.ok("deployVirtualMachine", &vm);
}
