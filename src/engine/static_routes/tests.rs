//! Static routes from the outside.

use crate::sim::{World, check};
use serde_json::{Value as Json, json};

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

/// A world with a VPC that has a private gateway: the ids of the two.
fn world() -> (World, [String; 2]) {
    let world = World::sandbox();
    let vpc = vpc(&world, "one", "10.8.0.0/16");
    let words = [
        ("vpcid", vpc.as_str()),
        ("vlan", "300"),
        ("ipaddress", "172.16.0.2"),
        ("gateway", "172.16.0.1"),
        ("netmask", "255.255.255.0"),
    ];
    let gateway = id(&world.ok("createPrivateGateway", &words)["privategateway"]);
    (world, [vpc, gateway])
}

fn vpc(world: &World, name: &str, cidr: &str) -> String {
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words = [("name", name), ("zoneid", &*zone), ("vpcofferingid", &*offering), ("cidr", cidr)];
    id(&world.ok("createVPC", &words)["vpc"])
}

#[test]
fn a_route_leads_to_a_gateway_or_to_an_address() {
    let (world, [vpc, gateway]) = world();
    let words = [("cidr", "192.168.0.0/24"), ("gatewayid", gateway.as_str())];
    let one = world.ok("createStaticRoute", &words)["staticroute"].clone();
    for (field, value) in [
        ("cidr", json!("192.168.0.0/24")),
        ("state", json!("Active")),
        ("vpcid", json!(vpc)),
        ("vpcgatewayid", json!(gateway)),
        ("vpcgatewayip", json!("172.16.0.2")),
        ("account", json!("admin")),
        ("nexthop", Json::Null),
    ] {
        assert_eq!(one[field], value, "{field}: {one}");
    }
    // In the VPC, behind its gateway, and in the subnet of its public address.
    for (cidr, hop) in [
        ("192.168.1.0/24", "10.8.3.3"),
        ("192.168.2.0/24", "172.16.0.77"),
        ("192.168.3.0/24", "203.0.113.250"),
    ] {
        let words = [("cidr", cidr), ("nexthop", hop), ("vpcid", vpc.as_str())];
        let made = world.ok("createStaticRoute", &words)["staticroute"].clone();
        assert_eq!((&made["nexthop"], &made["vpcgatewayid"]), (&json!(hop), &Json::Null));
    }
    let count = |more: &[(&str, &str)]| {
        world.ok("listStaticRoutes", more)["count"].as_u64().unwrap_or_default()
    };
    for (more, wanted) in [
        (vec![], 4),
        (vec![("vpcid", vpc.as_str())], 4),
        (vec![("gatewayid", gateway.as_str())], 1),
        (vec![("state", "Active")], 4),
        (vec![("state", "Revoke")], 0),
        (vec![("keyword", "168.2")], 1),
        (vec![("id", one["id"].as_str().unwrap())], 1),
    ] {
        assert_eq!(count(&more), wanted, "{more:?}");
    }
    world.ok("deleteStaticRoute", &[("id", &id(&one))]);
    assert_eq!(count(&[]), 3);
    assert_eq!(world.unmoved("deleteStaticRoute", &[("id", &id(&one))]).0, 431);
    world.ok("createStaticRoute", &words);
    check(world.engine.store());
}

/// Of two things that are wrong the first one in this list is told.
#[test]
fn the_first_check_that_fails_decides() {
    let (world, [vpc, _]) = world();
    let zone = world.id("listZones", &[]);
    let setting = [("name", "denied.routes"), ("value", "192.168.7.0/24, 172.29.0.0/16")];
    let setting = [&setting[..], &[("zoneid", &zone)]].concat();
    world.ok("updateConfiguration", &setting);
    let words = [("cidr", "192.168.8.0/24"), ("nexthop", "10.8.0.9"), ("vpcid", &vpc)];
    world.ok("createStaticRoute", &words);
    let wrong: &[(&str, &str, u16, &str)] = &[
        ("cidr", "192.168.0.0/33", 431, "Invalid parameter cidr"),
        ("cidr", "10.0.0.0/8", 431, "overlaps 10.8.0.0/16, the CIDR of the VPC"),
        ("cidr", "169.254.3.0/24", 431, "which is never routed"),
        ("cidr", "192.168.0.0/16", 431, "the setting denied.routes of the zone forbids"),
        ("nexthop", "198.51.100.1", 431, "Invalid parameter nexthop"),
        ("cidr", "192.168.8.128/25", 537, "conflicts with the one to 192.168.8.0/24"),
    ];
    for (at, (name, value, code, part)) in wrong.iter().enumerate() {
        // The hop is wrong too for all that come before it, and the CIDR conflicts for the hop.
        let hop = if at < 5 { "198.51.100.1" } else { "10.8.0.9" };
        let cidr = if *name == "cidr" { value } else { "192.168.8.128/25" };
        let words = [("cidr", cidr), ("nexthop", hop), ("vpcid", &vpc)];
        let (got, text) = world.unmoved("createStaticRoute", &words);
        assert!(got == *code && text.contains(part), "{name} {value}: {got} {text}");
    }
}

#[test]
fn exactly_one_way_is_named() {
    let (world, [vpc, gateway]) = world();
    let other = self::vpc(&world, "two", "10.9.0.0/16");
    let cidr = ("cidr", "10.8.0.0/16");
    for (words, part) in [
        (vec![cidr], "gatewayid and nexthop must be given"),
        (vec![cidr, ("vpcid", &vpc)], "gatewayid and nexthop must be given"),
        (vec![cidr, ("gatewayid", &gateway), ("nexthop", "10.8.0.9")], "exclude each other"),
        (vec![cidr, ("nexthop", "10.8.0.9")], "vpcid is needed"),
        (vec![cidr, ("gatewayid", &gateway), ("vpcid", &other)], "is another VPC's"),
    ] {
        let (code, text) = world.unmoved("createStaticRoute", &words);
        assert!(code == 431 && text.contains(part), "{words:?}: {code} {text}");
    }
    world.tell("UPDATE private_gateway SET state = 'Creating'");
    let words = [cidr, ("gatewayid", gateway.as_str())];
    let (code, text) = world.unmoved("createStaticRoute", &words);
    assert!(code == 431 && text.contains("is Creating, not Ready"), "{code} {text}");
    world.tell("UPDATE private_gateway SET state = 'Ready'");
    world.tell("UPDATE vpc SET state = 'Inactive' WHERE name = 'one'");
    let (code, text) = world.unmoved("createStaticRoute", &words);
    assert!(code == 431 && text.contains("the VPC `one` is being deleted"), "{code} {text}");
}

#[test]
fn routes_of_two_vpcs_do_not_meet() {
    let (world, [one, _]) = world();
    let two = vpc(&world, "two", "10.9.0.0/16");
    for (vpc, hop) in [(&one, "10.8.0.9"), (&two, "10.9.0.9")] {
        let words = [("cidr", "192.168.8.1/24"), ("nexthop", hop), ("vpcid", vpc)];
        let made = world.ok("createStaticRoute", &words);
        assert_eq!(made["staticroute"]["cidr"], "192.168.8.1/24");
    }
    // What is outside of one VPC may be the inside of another.
    let words = [("cidr", "10.9.0.0/16"), ("nexthop", "10.8.0.9"), ("vpcid", &one)];
    world.ok("createStaticRoute", &words);
    check(world.engine.store());
}

#[test]
fn only_whoever_may_use_the_vpc_makes_routes() {
    let (world, who) = World::tenants();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let words =
        [("name", "v"), ("zoneid", &*zone), ("vpcofferingid", &*offering), ("cidr", "10.8.0.0/16")];
    let vpc = id(&world.ok_as(&who.alice, "createVPC", &words)["vpc"]);
    let words = [("cidr", "192.168.8.0/24"), ("nexthop", "10.8.0.9"), ("vpcid", &*vpc)];
    assert_eq!(world.refused_as(&who.bob, "createStaticRoute", &words).0, 531);
    let made = world.ok_as(&who.ada, "createStaticRoute", &words)["staticroute"].clone();
    assert_eq!(made["account"], "alice");
    let one = [("id", made["id"].as_str().unwrap())];
    assert_eq!(world.refused_as(&who.bob, "deleteStaticRoute", &one).0, 531);
    assert_eq!(world.ok_as(&who.bob, "listStaticRoutes", &one), json!({}));
    world.ok_as(&who.alice, "deleteStaticRoute", &one);
}
