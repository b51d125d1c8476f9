//! Private gateways from the outside.

use crate::sim::{World, check};
use serde_json::{Value as Json, json};

const VPC_OFFERING: &str = "Default VPC offering";
const ISOLATED: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

fn vpc(world: &World, name: &str, cidr: &str) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", VPC_OFFERING)]);
    let words = [("name", name), ("zoneid", &*zone), ("vpcofferingid", &*offering), ("cidr", cidr)];
    id(&world.ok("createVPC", &words)["vpc"])
}

/// A world with the VPCs `one` and `two`: their ids.
fn world() -> (World, [String; 2]) {
    let world = World::sandbox();
    let ids = [vpc(&world, "one", "10.8.0.0/16"), vpc(&world, "two", "10.9.0.0/16")];
    (world, ids)
}

const PLACE: [(&str, &str); 3] =
    [("ipaddress", "172.16.0.2"), ("gateway", "172.16.0.1"), ("netmask", "255.255.255.0")];

/// The words of a good call, with others in their place.
fn words<'w>(vpc: &'w str, more: &[(&'w str, &'w str)]) -> Vec<(&'w str, &'w str)> {
    let good = [("vpcid", vpc)].into_iter().chain(PLACE);
    let kept = good.filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied()).filter(|(_, value)| !value.is_empty()).collect()
}

fn gateway(world: &World, vpc: &str, more: &[(&str, &str)]) -> Json {
    world.ok("createPrivateGateway", &words(vpc, more))["privategateway"].clone()
}

#[test]
fn a_gateway_shows_what_it_was_made_with() {
    let (world, [one, _]) = world();
    let made = gateway(&world, &one, &[("vlan", "300"), ("sourcenatsupported", "true")]);
    let zone = world.id("listZones", &[]);
    for (field, value) in [
        ("ipaddress", json!("172.16.0.2")),
        ("gateway", json!("172.16.0.1")),
        ("netmask", json!("255.255.255.0")),
        ("vlan", json!("vxlan://300")),
        ("vpcid", json!(one)),
        ("vpcname", json!("one")),
        ("zoneid", json!(zone)),
        ("state", json!("Ready")),
        ("sourcenatsupported", json!(true)),
        ("aclname", json!("default_deny")),
        ("account", json!("admin")),
    ] {
        assert_eq!(made[field], value, "{field}: {made}");
    }
    let count = |more: &[(&str, &str)]| {
        let body = world.ok("listPrivateGateways", more);
        body["count"].as_u64().unwrap_or_default()
    };
    for (more, wanted) in [
        (vec![], 1),
        (vec![("vpcid", one.as_str())], 1),
        (vec![("vlan", "300")], 1),
        (vec![("vlan", "vxlan://300")], 1),
        (vec![("vlan", "vlan://300")], 0),
        (vec![("ipaddress", "172.16.0.2")], 1),
        (vec![("ipaddress", "172.16.0.3")], 0),
        (vec![("state", "ready")], 1),
        (vec![("state", "Deleting")], 0),
        (vec![("keyword", "//3")], 1),
    ] {
        assert_eq!(count(&more), wanted, "{more:?}");
    }
    // No network is counted, and no address.
    let network = [("resourcetype", "6")];
    let counted = world.ok("updateResourceCount", &[network[0], ("domainid", &root(&world))]);
    assert_eq!(counted["resourcecount"][0]["resourcecount"], 0);
    world.ok("deletePrivateGateway", &[("id", &id(&made))]);
    assert_eq!(count(&[]), 0);
    assert_eq!(world.unmoved("deletePrivateGateway", &[("id", &id(&made))]).0, 431);
    check(world.engine.store());
}

fn root(world: &World) -> String {
    world.id("listDomains", &[("name", "ROOT")])
}

/// Of two things that are wrong the first one in this list is told.
#[test]
fn the_first_check_that_fails_decides() {
    let (world, [one, two]) = world();
    let l2 = network(&world, "l2", "DefaultL2NetworkOffering");
    let list = world.ok("createNetworkACLList", &[("name", "list"), ("vpcid", &two)]);
    let list = id(&list["networkacllist"]);
    gateway(&world, &one, &[("vlan", "299")]);
    world.tell("UPDATE vpc SET state = 'Inactive' WHERE name = 'two'");
    let offering = world.id("listNetworkOfferings", &[("name", "DefaultL2NetworkOffering")]);
    let wrong: &[(&[(&str, &str)], &str)] = &[
        (&[("vpcid", &two)], "the VPC `two` is Inactive"),
        (&[("vlan", ""), ("associatednetworkid", "")], "One of the parameters vlan and"),
        (&[("netmask", "255.0.255.0")], "netmask"),
        (&[("gateway", "172.16.0.0")], "is the network address of 172.16.0.0/24"),
        (&[("ipaddress", "172.16.1.2")], "is not in 172.16.0.0/24"),
        (&[("networkofferingid", &offering)], "does not make isolated networks"),
        (&[("aclid", &list)], "is a list of another VPC"),
        (&[("vlan", "x y")], "Invalid parameter vlan"),
    ];
    for at in 0..wrong.len() {
        let mut all: Vec<(&str, &str)> = vec![("vlan", "300")];
        for (more, _) in wrong[at..].iter().rev() {
            for word in *more {
                all.retain(|(name, _)| name != &word.0);
                all.push(*word);
            }
        }
        let (code, text) = world.unmoved("createPrivateGateway", &words(&one, &all));
        assert!(code == 431 && text.contains(wrong[at].1), "{at}: {code} {text}");
    }
    for (more, part) in [
        (vec![("vlan", "300"), ("associatednetworkid", l2.as_str())], "exclude each other"),
        (vec![("vlan", "300"), ("ipaddress", "172.16.0.1")], "is the gateway itself"),
        (vec![("vlan", "300"), ("ipaddress", "172.16.0.255")], "is no host of"),
        (vec![("vlan", "300"), ("gateway", "172.16.0.255")], "is the broadcast address"),
        (vec![("vlan", "299")], "has a private gateway"),
        (vec![("vlan", "299"), ("netmask", "255.255.0.0")], "is that of a private gateway"),
        (vec![("vlan", "5001")], "hands out by itself"),
    ] {
        let (code, text) = world.unmoved("createPrivateGateway", &words(&one, &more));
        assert!(code == 431 && text.contains(part), "{more:?}: {code} {text}");
    }
}

fn network(world: &World, name: &str, offering: &str) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", offering)]);
    let words = [("name", name), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
    id(&world.ok("createNetwork", &words)["network"])
}

#[test]
fn in_one_vlan_no_two_have_one_address() {
    let (world, [one, two]) = world();
    gateway(&world, &one, &[("vlan", "300")]);
    let bypass = [("vlan", "300"), ("bypassvlanoverlapcheck", "true")];
    let (code, text) = world.unmoved("createPrivateGateway", &words(&two, &bypass[..1]));
    assert!(code == 431 && text.contains("that of a private gateway"), "{text}");
    let (code, text) = world.unmoved("createPrivateGateway", &words(&two, &bypass));
    assert!(code == 431 && text.contains("172.16.0.2 of 172.16.0.0/24"), "{text}");
    let with = |ip: &'static str| [&bypass[..], &[("ipaddress", ip)]].concat();
    let third = gateway(&world, &two, &with("172.16.0.3"));
    gateway(&world, &two, &[("vlan", "301")]);
    let (_, text) = world.unmoved("createPrivateGateway", &words(&two, &with("172.16.0.4")));
    assert!(text.contains("has a private gateway"), "{text}");
    // The store itself refuses a second holder.
    let twice = "UPDATE private_gateway SET ip = ip - 1, vlan = 'vxlan://300' WHERE id > 1";
    let done = world.engine.store().write(move |tx| tx.run(twice, &[]));
    assert!(done.is_err(), "{done:?}");
    world.ok("deletePrivateGateway", &[("id", &id(&third))]);
    gateway(&world, &two, &with("172.16.0.3"));
    check(world.engine.store());
}

#[test]
fn a_vlan_with_a_gateway_is_taken_for_networks() {
    let (world, [one, _]) = world();
    world.tell(
        "UPDATE network_offering SET specify_vlan = 1 WHERE name = 'DefaultL2NetworkOffering'",
    );
    let zone = world.id("listZones", &[]);
    let offering = world.id("listNetworkOfferings", &[("name", "DefaultL2NetworkOffering")]);
    let make = |vlan| {
        [
            ("name", "l2"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("vlan", vlan),
        ]
    };
    gateway(&world, &one, &[("vlan", "300")]);
    let (code, text) = world.unmoved("createNetwork", &make("300"));
    assert!(code == 431 && text.contains("is that of a private gateway"), "{text}");
    world.ok("createNetwork", &make("301"));
    let (_, text) = world.unmoved("createPrivateGateway", &words(&one, &[("vlan", "301")]));
    assert!(text.contains("is that of the network `l2`"), "{text}");
}

#[test]
fn in_the_network_of_other_guests_its_address_is_held_like_theirs() {
    let (world, [one, two]) = world();
    let shop = network(&world, "shop", ISOLATED);
    let subnet = world.ok("listNetworks", &[("id", &shop)])["network"][0].clone();
    assert_eq!((&subnet["cidr"], &subnet["state"]), (&json!("10.1.1.0/24"), &json!("Allocated")));
    let at = |ip| {
        [
            ("associatednetworkid", shop.as_str()),
            ("ipaddress", ip),
            ("gateway", "10.1.1.1"),
            ("netmask", "255.255.255.0"),
        ]
    };
    let (_, text) =
        world.unmoved("createPrivateGateway", &words(&one, &[("associatednetworkid", &shop)]));
    assert!(text.contains("has 10.1.1.0/24, and gateway and netmask say 172.16.0.0/24"), "{text}");
    let made = gateway(&world, &one, &at("10.1.1.2"));
    let subnet = world.ok("listNetworks", &[("id", &shop)])["network"][0].clone();
    assert_eq!((&subnet["state"], &subnet["broadcasturi"]), (&json!("Implemented"), &made["vlan"]));
    assert_eq!(made["associatednetwork"], "shop");
    // The next guest gets the next address, and nobody else this one.
    let (offering, template) = (
        world.id("listServiceOfferings", &[]),
        world.id("listTemplates", &[("templatefilter", "executable")]),
    );
    let zone = world.id("listZones", &[]);
    let vm = |more: &[(&'static str, &'static str)]| {
        let words = [
            ("zoneid", zone.as_str()),
            ("serviceofferingid", &offering),
            ("templateid", &template),
            ("networkids", &shop),
        ];
        world.call("deployVirtualMachine", &[&words[..], more].concat())
    };
    let taken = vm(&[("ipaddress", "10.1.1.2")]).unwrap_err();
    assert!(taken.code() == 533 && taken.text.contains("is that of a private gateway"), "{taken}");
    let guest = vm(&[]).unwrap()["virtualmachine"].clone();
    assert_eq!(guest["nic"][0]["ipaddress"], "10.1.1.3");
    let (code, text) = world.unmoved("createPrivateGateway", &words(&two, &at("10.1.1.3")));
    assert!(code == 431 && text.contains("is that of a virtual machine"), "{text}");
    let (code, text) = world.unmoved("deleteNetwork", &[("id", &shop)]);
    assert!(code == 431 && text.contains("uses the network `shop`"), "{text}");
    world.ok("destroyVirtualMachine", &[("id", &id(&guest)), ("expunge", "true")]);
    check(world.engine.store());
    world.ok("deletePrivateGateway", &[("id", &id(&made))]);
    world.ok("deleteNetwork", &[("id", &shop)]);
    check(world.engine.store());
}

#[test]
fn a_network_with_a_gateway_is_never_idle() {
    let (world, [one, _]) = world();
    let l2 = network(&world, "shop", ISOLATED);
    let at = [
        ("associatednetworkid", l2.as_str()),
        ("ipaddress", "10.1.1.2"),
        ("gateway", "10.1.1.1"),
        ("netmask", "255.255.255.0"),
    ];
    let made = gateway(&world, &one, &at);
    let now = crate::sim::EPOCH.plus_seconds(100_000);
    let pass = crate::engine::Pass { at_once: true, only_told: false };
    let collect = || {
        let done = crate::engine::collect(world.engine.store(), pass, now).unwrap();
        done.iter().filter(|one| one.what == "network").count()
    };
    assert_eq!(collect(), 0);
    world.ok("deletePrivateGateway", &[("id", &id(&made))]);
    assert_eq!(collect(), 1);
    check(world.engine.store());
}

#[test]
fn which_networks_a_gateway_may_use() {
    let (world, who) = World::tenants();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", VPC_OFFERING)]);
    let words_of_vpc =
        [("name", "v"), ("zoneid", &*zone), ("vpcofferingid", &*offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&world.ok_as(&who.alice, "createVPC", &words_of_vpc)["vpc"]);
    let (own, other) = (world.network_of(&who.alice), world.network_of(&who.bob));
    let at = |network: &str| {
        [
            ("vpcid", vpc.clone()),
            ("associatednetworkid", network.to_owned()),
            ("ipaddress", "10.1.1.2".to_owned()),
            ("gateway", "10.1.1.1".to_owned()),
            ("netmask", "255.255.255.0".to_owned()),
        ]
    };
    let refused = |caller, words: &[(&str, String)]| {
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        world.refused_as(caller, "createPrivateGateway", &words)
    };
    // A VLAN is for root admins to name, and so is the bypass.
    let mut named = at(&own).to_vec();
    named.retain(|(name, _)| *name != "associatednetworkid");
    named.push(("vlan", "300".into()));
    let (code, text) = refused(&who.alice, &named);
    assert!(code == 531 && text.contains("the parameter vlan"), "{code} {text}");
    let bypass = [&at(&own)[..], &[("bypassvlanoverlapcheck", "true".into())]].concat();
    let (code, text) = refused(&who.alice, &bypass);
    assert!(code == 531 && text.contains("bypassvlanoverlapcheck"), "{code} {text}");
    assert_eq!(refused(&who.alice, &at(&other)).0, 531);
    assert_eq!(refused(&who.bob, &at(&other)).0, 531);
    // Root may name anything, but the network must be for the owner of the VPC.
    let (code, text) = refused(&crate::engine::Caller::ADMIN, &at(&other));
    assert!(code == 431 && text.contains("is not for the owner of the VPC"), "{code} {text}");
    let words = at(&own);
    let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = world.ok_as(&who.alice, "createPrivateGateway", &words)["privategateway"].clone();
    assert_eq!((&made["account"], &made["vlan"]), (&json!("alice"), &Json::Null));
    let all = [("listall", "true")];
    assert_eq!(world.ok_as(&who.bob, "listPrivateGateways", &all), json!({}));
    assert_eq!(world.ok_as(&who.alice, "listPrivateGateways", &all)["count"], 1);
    let one = [("id", made["id"].as_str().unwrap())];
    assert_eq!(world.refused_as(&who.bob, "deletePrivateGateway", &one).0, 531);
    // All that is hers goes with her.
    let alice = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    world.ok("deleteAccount", &[("id", &alice)]);
    check(world.engine.store());
}

#[test]
fn acl_lists_of_gateways_are_replaced_and_stay_while_they_are_used() {
    let (world, [one, two]) = world();
    let list = |vpc: &str, name: &str| {
        id(&world.ok("createNetworkACLList", &[("name", name), ("vpcid", vpc)])["networkacllist"])
    };
    let (own, other) = (list(&one, "own"), list(&two, "other"));
    let made = id(&gateway(&world, &one, &[("vlan", "300"), ("aclid", &own)]));
    let (code, text) = world.unmoved("deleteNetworkACLList", &[("id", &own)]);
    assert!(code == 530 && text.contains("used by 1 private gateway, first 172.16.0.2"), "{text}");
    let to = |acl: &str| {
        let words = [("aclid", acl.to_owned()), ("gatewayid", made.clone())];
        let words = words.each_ref().map(|(name, value)| (*name, value.as_str()));
        world.call("replaceNetworkACLList", &words)
    };
    let fault = to(&other).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("another VPC"), "{fault}");
    to(&world.id("listNetworkACLLists", &[("name", "default_allow")])).unwrap();
    let shown = world.ok("listPrivateGateways", &[("id", &made)])["privategateway"][0].clone();
    assert_eq!(shown["aclname"], "default_allow");
    world.ok("deleteNetworkACLList", &[("id", &own)]);
    let acl = [("aclid", other.as_str())];
    let (code, text) = world.unmoved("replaceNetworkACLList", &acl);
    assert!(code == 431 && text.contains("networkid and gatewayid must"), "{text}");
    check(world.engine.store());
}

#[test]
fn a_vpc_takes_its_gateways_and_routes_with_it() {
    let (world, [one, _]) = world();
    let made = id(&gateway(&world, &one, &[("vlan", "300")]));
    let route = |cidr: &'static str, way: (&str, &str)| {
        let words = [("cidr", cidr), way, ("vpcid", one.as_str())];
        id(&world.ok("createStaticRoute", &words)["staticroute"])
    };
    let first = route("192.168.0.0/16", ("gatewayid", &made));
    let second = route("172.31.0.0/16", ("nexthop", "172.16.0.9"));
    route("172.30.0.0/16", ("nexthop", "10.8.0.9"));
    for (gone, part) in [(&first, "2 static routes lead to it"), (&second, "1 static route lead")] {
        let (code, text) = world.unmoved("deletePrivateGateway", &[("id", &made)]);
        assert!(code == 530 && text.contains(part), "{code} {text}");
        world.ok("deleteStaticRoute", &[("id", gone)]);
    }
    route("192.168.0.0/16", ("gatewayid", &made));
    world.ok("deleteVPC", &[("id", &one)]);
    assert_eq!(world.ok("listPrivateGateways", &[("listall", "true")]), json!({}));
    assert_eq!(world.ok("listStaticRoutes", &[("listall", "true")]), json!({}));
    check(world.engine.store());
}
