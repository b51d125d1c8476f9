//! ACL lists and their rules from the outside.

use crate::sim::World;
use serde_json::Value as Json;

/// A world with two VPCs, the first of which has a tier: the ids of the three.
fn world() -> (World, [String; 3]) {
    let world = World::sandbox();
    let zone = world.id("listZones", &[]);
    let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
    let vpc = |name: &str, cidr: &str| {
        let words =
            [("name", name), ("zoneid", &zone), ("vpcofferingid", &offering), ("cidr", cidr)];
        id(&world.ok("createVPC", &words)["vpc"])
    };
    let (one, two) = (vpc("one", "10.8.0.0/16"), vpc("two", "10.9.0.0/16"));
    let offering = [("name", "DefaultIsolatedNetworkOfferingForVpcNetworks")];
    let words = [
        ("name", "tier"),
        ("zoneid", &zone),
        ("vpcid", &one),
        ("networkofferingid", &world.id("listNetworkOfferings", &offering)),
        ("gateway", "10.8.1.1"),
        ("netmask", "255.255.255.0"),
    ];
    let tier = id(&world.ok("createNetwork", &words)["network"]);
    (world, [one, two, tier])
}

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

fn list(world: &World, vpc: &str, name: &str) -> String {
    let made = world.ok("createNetworkACLList", &[("name", name), ("vpcid", vpc)]);
    id(&made["networkacllist"])
}

fn item(world: &World, acl: &str, more: &[(&str, &str)]) -> Json {
    let words: Vec<_> = [("aclid", acl), ("protocol", "tcp")].iter().chain(more).copied().collect();
    world.ok("createNetworkACL", &words)["networkacl"].clone()
}

/// The rules of a list in their order: number and reason.
fn order(world: &World, acl: &str) -> Vec<(u64, String)> {
    let body = world.ok("listNetworkACLs", &[("aclid", acl)]);
    let rows = body["networkacl"].as_array().cloned().unwrap_or_default();
    let row = |row: &Json| {
        (row["number"].as_u64().unwrap(), row["reason"].as_str().unwrap_or_default().to_owned())
    };
    rows.iter().map(row).collect()
}

#[test]
fn a_list_lives_until_no_tier_uses_it() {
    let (world, [one, two, tier]) = world();
    let (own, other) = (list(&world, &one, "own"), list(&world, &two, "other"));
    let words = [("id", own.as_str()), ("name", "mine"), ("description", "what for")];
    let changed = world.ok("updateNetworkACLList", &words);
    assert_eq!(changed["networkacllist"]["name"], "mine");
    assert_eq!(changed["networkacllist"]["vpcname"], "one");
    item(&world, &own, &[]);
    let give =
        |acl: &str| world.call("replaceNetworkACLList", &[("aclid", acl), ("networkid", &tier)]);
    assert!(give(&other).unwrap_err().text.contains("of another VPC"));
    give(&own).unwrap();
    let (code, text) = world.unmoved("deleteNetworkACLList", &[("id", &own)]);
    assert!(code == 530 && text.contains("used by 1 tier, first `tier`"), "{code} {text}");
    let allow = world.id("listNetworkACLLists", &[("name", "default_allow")]);
    give(&allow).unwrap();
    world.ok("deleteNetworkACLList", &[("id", &own)]);
    assert_eq!(world.refused("deleteNetworkACLList", &[("id", &own)]).0, 431);
    assert_eq!(order(&world, &own), []);
    for command in ["updateNetworkACLList", "deleteNetworkACLList"] {
        let (code, text) = world.unmoved(command, &[("id", &allow), ("name", "x")]);
        assert!(code == 431 && text.contains("default ACL list"), "{code} {text}");
    }
    world.ok("deleteVPC", &[("id", &two)]);
    assert_eq!(world.refused("updateNetworkACLList", &[("id", &other)]).0, 431);
}

#[test]
fn rules_have_numbers_that_no_other_has() {
    let (world, [one, ..]) = world();
    let acl = list(&world, &one, "own");
    assert_eq!(item(&world, &acl, &[("reason", "a")])["number"], 1);
    assert_eq!(item(&world, &acl, &[("reason", "b"), ("number", "7")])["number"], 7);
    let third =
        item(&world, &acl, &[("reason", "c"), ("action", "deny"), ("traffictype", "egress")]);
    assert_eq!((&third["number"], &third["action"]), (&8.into(), &"Deny".into()));
    assert_eq!(
        (&third["traffictype"], &third["cidrlist"]),
        (&"Egress".into(), &"0.0.0.0/0".into())
    );
    for (number, part) in [("7", "has a rule 7 already"), ("0", "less than 1")] {
        let words = [("aclid", acl.as_str()), ("protocol", "tcp"), ("number", number)];
        let (code, text) = world.unmoved("createNetworkACL", &words);
        assert!(code == 431 && text.contains(part), "{code} {text}");
    }
    let id = id(&third);
    assert_eq!(world.unmoved("updateNetworkACLItem", &[("id", &id), ("number", "1")]).0, 431);
    world.ok("updateNetworkACLItem", &[("id", &id), ("number", "2")]);
    assert_eq!(order(&world, &acl), [(1, "a".into()), (2, "c".into()), (7, "b".into())]);
    world.ok("deleteNetworkACL", &[("id", &id)]);
    assert_eq!(item(&world, &acl, &[("number", "2")])["number"], 2);
}

#[test]
fn a_change_keeps_what_it_does_not_name_unless_it_is_whole() {
    let (world, [one, ..]) = world();
    let acl = list(&world, &one, "own");
    let more = [("startport", "80"), ("reason", "web"), ("cidrlist", "10.0.0.0/8,2001:db8::/32")];
    let id = id(&item(&world, &acl, &more));
    let change = |words: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id.as_str())].iter().chain(words).copied().collect();
        world.ok("updateNetworkACLItem", &words)["networkacl"].clone()
    };
    let changed = change(&[("endport", "90"), ("action", "deny")]);
    assert_eq!((&changed["startport"], &changed["endport"]), (&"80".into(), &"90".into()));
    assert_eq!((&changed["reason"], &changed["action"]), (&"web".into(), &"Deny".into()));
    assert_eq!(changed["cidrlist"], "10.0.0.0/8,2001:db8::/32");
    let changed = change(&[("protocol", "icmp")]);
    assert!(changed.get("startport").is_none());
    assert_eq!((&changed["icmptype"], &changed["reason"]), (&(-1).into(), &"web".into()));
    let changed = change(&[("partialupgrade", "false"), ("protocol", "udp")]);
    assert!(changed.get("reason").is_none() && changed.get("icmptype").is_none());
    assert_eq!(changed["cidrlist"], "0.0.0.0/0");
    assert_eq!(world.unmoved("updateNetworkACLItem", &[("id", &id), ("icmptype", "8")]).0, 431);
}

#[test]
fn rules_move_between_others_and_push_them_down_where_there_is_no_room() {
    let (world, [one, ..]) = world();
    let acl = list(&world, &one, "own");
    let ids: Vec<String> = ["a", "b", "c", "d"]
        .iter()
        .map(|name| id(&item(&world, &acl, &[("reason", name)])))
        .collect();
    let [a, b, c, d] = [&ids[0], &ids[1], &ids[2], &ids[3]];
    let names = || order(&world, &acl).into_iter().map(|(_, name)| name).collect::<String>();
    let go = |id: &str, to: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id)].iter().chain(to).copied().collect();
        world.call("moveNetworkAclItem", &words)
    };
    go(d, &[("nextaclruleid", a)]).unwrap();
    assert_eq!(names(), "dabc");
    go(d, &[("previousaclruleid", c)]).unwrap();
    assert_eq!(names(), "abcd");
    go(d, &[("previousaclruleid", a), ("nextaclruleid", b)]).unwrap();
    assert_eq!(names(), "adbc");
    let numbers: Vec<_> = order(&world, &acl).into_iter().map(|(number, _)| number).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    let other = id(&item(&world, &list(&world, &one, "other"), &[]));
    for (to, part) in [
        (vec![], "must be given"),
        (vec![("previousaclruleid", d.as_str())], "the rule itself"),
        (vec![("previousaclruleid", other.as_str())], "another list"),
        (
            vec![("previousaclruleid", c.as_str()), ("nextaclruleid", a.as_str())],
            "not stand behind",
        ),
        (vec![("nextaclruleid", a.as_str()), ("aclconsistencyhash", "00")], "changed meanwhile"),
    ] {
        let fault = go(d, &to).unwrap_err();
        assert!(fault.code() == 431 && fault.text.contains(part), "{fault}");
    }
    let hash = md5(&[a, d, b, c].map(String::as_str).concat());
    go(d, &[("nextaclruleid", a), ("aclconsistencyhash", &hash)]).unwrap();
    assert_eq!(names(), "dabc");
}

fn md5(text: &str) -> String {
    use md5::{Digest, Md5};
    super::acl_items::hex(&Md5::digest(text))
}

#[test]
fn a_rule_for_a_tier_goes_into_its_list() {
    let (world, [one, _, tier]) = world();
    let words = [("networkid", tier.as_str()), ("protocol", "tcp")];
    let made = world.ok("createNetworkACL", &words);
    assert_eq!(made["networkacl"]["aclname"], "ACL_tier");
    let acl = list(&world, &one, "own");
    world.ok("replaceNetworkACLList", &[("aclid", &acl), ("networkid", &tier)]);
    let made = world.ok("createNetworkACL", &words);
    assert_eq!(made["networkacl"]["aclid"], acl.as_str());
    let seen = world.ok("listNetworkACLs", &[("networkid", &tier)]);
    assert_eq!(seen["count"], 1);
    assert_eq!(world.unmoved("createNetworkACL", &[("protocol", "tcp")]).0, 431);
}

#[test]
fn lists_for_all_vpcs_are_for_root_admins_to_make() {
    let (world, who) = World::tenants();
    let name = [("name", "all")];
    assert_eq!(world.refused_as(&who.alice, "createNetworkACLList", &name).0, 531);
    let acl = id(&world.ok("createNetworkACLList", &name)["networkacllist"]);
    let words = [("aclid", acl.as_str()), ("protocol", "tcp")];
    assert_eq!(world.refused_as(&who.alice, "createNetworkACL", &words).0, 531);
    item(&world, &acl, &[]);
    assert_eq!(world.ok_as(&who.alice, "listNetworkACLs", &words[..1])["count"], 1);
}
