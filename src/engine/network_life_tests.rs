//! Networks after they were made: listed, changed, restarted and deleted.

use crate::engine::network_tests::{ISOLATED, L2, TIER, id, make, number, sql, traces};
use crate::model::{NetworkOffering, PhysicalNetwork, Zone};
use crate::sim::World;
use serde_json::{Value as Json, json};

#[test]
fn lists_are_narrowed() {
    let world = World::sandbox();
    make(&world, ISOLATED, &[("name", "a")]);
    let b = make(&world, L2, &[("name", "b"), ("displaynetwork", "false")]);
    let offering = id::<NetworkOffering>(&world, L2);
    let zone = id::<Zone>(&world, "sandbox");
    let physical = id::<PhysicalNetwork>(&world, "sandbox-physical");
    let b_id = b["id"].as_str().unwrap();
    for (words, want) in [
        (vec![], 2),
        (vec![("id", b_id)], 1),
        (vec![("name", "a")], 1),
        (vec![("keyword", "B")], 1),
        (vec![("type", "L2")], 1),
        (vec![("zoneid", &zone)], 2),
        (vec![("physicalnetworkid", &physical)], 2),
        (vec![("networkofferingid", &offering)], 1),
        (vec![("traffictype", "Guest")], 2),
        (vec![("traffictype", "Public")], 0),
        (vec![("issystem", "true")], 4),
        (vec![("issystem", "true"), ("traffictype", "Public")], 1),
        (vec![("acltype", "Account")], 2),
        (vec![("acltype", "Domain")], 0),
        (vec![("networkfilter", "account")], 2),
        (vec![("networkfilter", "Domain")], 0),
        (vec![("networkfilter", "shared")], 0),
        (vec![("networkfilter", "all")], 2),
        (vec![("forvpc", "true")], 0),
        (vec![("forvpc", "false")], 2),
        (vec![("restartrequired", "true")], 0),
        (vec![("specifyipranges", "false")], 2),
        (vec![("specifyipranges", "true")], 0),
        (vec![("supportedservices", "Dhcp,SourceNat")], 1),
        (vec![("canusefordeploy", "true")], 2),
        (vec![("canusefordeploy", "false")], 0),
        (vec![("displaynetwork", "false")], 1),
        (vec![("vlan", "5000")], 0),
        (vec![("tags[0].key", "a"), ("tags[0].value", "b")], 0),
        (vec![("listall", "true")], 2),
    ] {
        let got = world.ok("listNetworks", &words);
        assert_eq!(got["count"].as_i64().unwrap_or(0), want, "{words:?}");
    }
    for word in ["networkfilter", "supportedservices", "type", "acltype"] {
        assert_eq!(world.refused("listNetworks", &[(word, "x")]).0, 431, "{word}");
    }
    let count = world.ok("listNetworks", &[("retrieveonlyresourcecount", "true")]);
    assert_eq!(count, json!({ "count": 2 }));
}

#[test]
fn updates_change_what_they_name() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[]);
    let id = net["id"].as_str().unwrap();
    let words = [
        ("id", id),
        ("name", "new"),
        ("displaytext", "New"),
        ("displaynetwork", "false"),
        ("networkdomain", "a.example"),
        ("dns1", "192.0.2.1"),
    ];
    let body = world.ok("updateNetwork", &words);
    let net = &body["network"];
    assert_eq!((&net["name"], &net["displaytext"]), (&json!("new"), &json!("New")));
    assert_eq!((&net["networkdomain"], &net["dns1"]), (&json!("a.example"), &json!("192.0.2.1")));
    assert_eq!(net["displaynetwork"], false);
    assert_eq!(net["cidr"], "10.1.1.0/24");
    for (more, part) in [
        (("networkdomain", "-x"), "networkdomain"),
        (("sourcenatipaddress", "203.0.113.9"), "not an address of the network"),
        (("networkofferingid", &*id_of_tier(&world)), "use of VPCs"),
        (("guestvmcidr", "10.1.2.0/24"), "is not within 10.1.1.0/24"),
    ] {
        let before = world.ok("listNetworks", &[]);
        let (code, text) = world.refused("updateNetwork", &[("id", id), more]);
        assert!(code == 431 && text.contains(part), "{code} {text}");
        assert_eq!(world.ok("listNetworks", &[]), before);
    }
}

fn id_of_tier(world: &World) -> String {
    id::<NetworkOffering>(world, TIER)
}

#[test]
fn the_systems_own_networks_stay_as_they_are() {
    let world = World::sandbox();
    let public = world.id("listNetworks", &[("issystem", "true"), ("traffictype", "Public")]);
    for command in ["updateNetwork", "deleteNetwork"] {
        let reply = world.reply(command, &[("id", &public)]).unwrap();
        let failed = reply.job.unwrap().failed.unwrap();
        assert!(failed.code() == 431 && failed.text.contains("system's own"), "{failed}");
    }
    assert_eq!(world.refused("restartNetwork", &[("id", "x")]).0, 431);
}

#[test]
fn only_networks_that_are_up_can_be_restarted() {
    let world = World::sandbox();
    let down = make(&world, ISOLATED, &[]);
    let down = down["id"].as_str().unwrap();
    let (code, text) = world.refused("restartNetwork", &[("id", down)]);
    assert!(code == 431 && text.contains("is Allocated"), "{text}");
    sql(&world, "UPDATE network_offering SET persistent = 1");
    let up = make(&world, ISOLATED, &[]);
    let up = up["id"].as_str().unwrap();
    world.ok("updateNetwork", &[("id", up), ("networkdomain", "a.example")]);
    let needs = [("restartrequired", "true")];
    assert_eq!(world.ok("listNetworks", &needs)["count"], 1);
    let both = [("id", up), ("cleanup", "true"), ("livepatch", "true")];
    assert_eq!(world.refused("restartNetwork", &both).0, 431);
    let done = world.ok("restartNetwork", &[("id", up), ("cleanup", "true")]);
    assert_eq!(done, json!({ "success": true }));
    assert_eq!(world.ok("listNetworks", &needs), json!({}));
    let two = world.ok("restartNetwork", &[("id", up), ("makeredundant", "true")]);
    assert_eq!(two["success"], true);
    assert_eq!(world.ok("listNetworks", &[("id", up)])["network"][0]["redundantrouter"], true);
}

#[test]
fn a_part_of_the_cidr_is_kept_from_guests_and_given_back() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[]);
    let id = net["id"].as_str().unwrap();
    let change = |cidr: &str| {
        world.ok("updateNetwork", &[("id", id), ("guestvmcidr", cidr)])["network"].clone()
    };
    let net = change("10.1.1.64/26");
    assert_eq!(net["cidr"], "10.1.1.64/26");
    assert_eq!(net["networkcidr"], "10.1.1.0/24");
    assert_eq!(net["netmask"], "255.255.255.0");
    assert_eq!(net["reservediprange"], "10.1.1.1-10.1.1.63, 10.1.1.128-10.1.1.254");
    assert_eq!(change("10.1.1.0/25")["reservediprange"], "10.1.1.128-10.1.1.254");
    for (cidr, part) in [
        ("10.1.1.1/24", "is the whole network"),
        ("10.1.0.0/16", "is not within 10.1.1.0/24"),
        ("nonsense", "guestvmcidr"),
        ("8.8.8.0/28", "not private"),
    ] {
        let (code, text) = world.refused("updateNetwork", &[("id", id), ("guestvmcidr", cidr)]);
        assert!(code == 431 && text.contains(part), "{text}");
    }
    let both =
        [("id", id), ("guestvmcidr", "10.1.1.0/26"), ("networkofferingid", &id_of_tier(&world))];
    assert!(world.refused("updateNetwork", &both).1.contains("exclude each other"));
    let net = change("10.1.1.0/24");
    assert_eq!((&net["networkcidr"], &net["reservediprange"]), (&Json::Null, &Json::Null));
    let l2 = make(&world, L2, &[]);
    let l2 = [("id", l2["id"].as_str().unwrap()), ("guestvmcidr", "10.1.1.0/26")];
    assert!(world.refused("updateNetwork", &l2).1.contains("only isolated networks"));
}

#[test]
fn a_guest_with_static_nat_keeps_its_address_in_the_guest_cidr() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[("sourcenatipaddress", "203.0.113.77")]);
    sql(&world, "UPDATE address SET vm_ip = 167837960"); // 10.1.1.8
    let id = net["id"].as_str().unwrap();
    let (_, text) = world.refused("updateNetwork", &[("id", id), ("guestvmcidr", "10.1.1.64/26")]);
    assert!(text.contains("leaves out 10.1.1.8"), "{text}");
    world.ok("updateNetwork", &[("id", id), ("guestvmcidr", "10.1.1.0/26")]);
}

#[test]
fn deleted_networks_are_gone_but_their_ids_are_known() {
    let world = World::sandbox();
    let net = make(&world, ISOLATED, &[("sourcenatipaddress", "203.0.113.77")]);
    let id = net["id"].as_str().unwrap();
    let before = traces(&world);
    world.ok("deleteNetwork", &[("id", id)]);
    assert_eq!(world.ok("listNetworks", &[("id", id)]), json!({}));
    assert_eq!(number(&world, "SELECT COUNT(*) FROM network WHERE state = 'Destroy'"), 1);
    assert_eq!(number(&world, "SELECT COUNT(*) FROM address"), 0);
    assert!(traces(&world)[4] < before[4]);
    assert!(world.refused("deleteNetwork", &[("id", id)]).1.contains("does not exist"));
}
