//! Tags from the outside.

use crate::engine::Caller;
use crate::sim::{World, check};
use serde_json::{Value as Json, json};

const TIER: &str = "DefaultIsolatedNetworkOfferingForVpcNetworks";

fn id(thing: &Json) -> String {
    thing["id"].as_str().unwrap().to_owned()
}

/// Puts tags on things.
fn tag(world: &World, kind: &str, ids: &str, tags: &[(&str, &str)]) {
    tag_as(world, &Caller::ADMIN, kind, ids, tags).unwrap();
}

fn tag_as(
    world: &World,
    caller: &Caller,
    kind: &str,
    ids: &str,
    tags: &[(&str, &str)],
) -> Result<Json, crate::schema::Fault> {
    let mut words = vec![
        ("resourcetype".to_owned(), kind.to_owned()),
        ("resourceids".to_owned(), ids.to_owned()),
    ];
    for (at, (key, value)) in tags.iter().enumerate() {
        words.push((format!("tags[{at}].key"), (*key).to_owned()));
        words.push((format!("tags[{at}].value"), (*value).to_owned()));
    }
    let words: Vec<_> = words.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.call_as(caller, "createTags", &words)
}

fn count(world: &World, list: &str, words: &[(&str, &str)]) -> u64 {
    world.ok(list, words)["count"].as_u64().unwrap_or_default()
}

/// One of every kind of thing that may have tags: its kind, its id, the list that shows its tags,
/// and how it goes.
struct Scene {
    world: World,
    things: Vec<(&'static str, String)>,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self { world: World::sandbox(), things: Vec::new() };
        scene.furnish_network();
        scene.furnish_vpc();
        let world = &scene.world;
        let project = world.ok("createProject", &[("name", "p"), ("displaytext", "p")]);
        let of_owners = [
            ("Project", id(&project["project"])),
            ("Account", world.id("listAccounts", &[("name", "admin")])),
            ("User", world.id("listUsers", &[("username", "admin")])),
        ];
        scene.things.extend(of_owners);
        scene
    }

    /// A network with a guest and with rules of all kinds.
    fn furnish_network(&mut self) {
        let world = &self.world;
        let zone = world.id("listZones", &[]);
        let web = world.network_of(&Caller::ADMIN);
        let get = || id(&world.ok("associateIpAddress", &[("networkid", &web)])["ipaddress"]);
        let (first, second, third) = (get(), get(), get());
        let vm = [
            ("zoneid", zone),
            ("serviceofferingid", world.id("listServiceOfferings", &[])),
            ("templateid", world.id("listTemplates", &[("templatefilter", "executable")])),
            ("networkids", web.clone()),
        ];
        let vm = vm.each_ref().map(|(name, value)| (*name, value.as_str()));
        let vm = world.ok("deployVirtualMachine", &vm)["virtualmachine"].clone();
        let (nic, vm) = (id(&vm["nic"][0]), id(&vm));
        let rule = [("ipaddressid", second.as_str()), ("protocol", "tcp"), ("startport", "1")];
        let rule = id(&world.ok("createFirewallRule", &rule)["firewallrule"]);
        let forward = [
            ("ipaddressid", second.as_str()),
            ("protocol", "tcp"),
            ("publicport", "22"),
            ("privateport", "22"),
            ("virtualmachineid", &vm),
        ];
        let forward = world.ok("createPortForwardingRule", &forward)["portforwardingrule"].clone();
        let nat = [("ipaddressid", third.as_str()), ("virtualmachineid", &vm)];
        world.ok("enableStaticNat", &nat);
        let words = [("ipaddressid", third.as_str()), ("protocol", "tcp"), ("startport", "7")];
        let nat = id(&world.ok("createIpForwardingRule", &words)["ipforwardingrule"]);
        self.things.extend([
            ("Network", web),
            ("UserVm", vm),
            ("Nic", nic),
            ("PublicIpAddress", first),
            ("PublicIpAddress", second),
            ("PublicIpAddress", third),
            ("FirewallRule", rule),
            ("FirewallRule", nat),
            ("PortForwardingRule", id(&forward)),
        ]);
    }

    /// A VPC with a tier, an ACL list, and a way out.
    fn furnish_vpc(&mut self) {
        let world = &self.world;
        let zone = world.id("listZones", &[]);
        let offering = world.id("listVPCOfferings", &[("name", "Default VPC offering")]);
        let words = [
            ("name", "shop"),
            ("zoneid", &*zone),
            ("vpcofferingid", &*offering),
            ("cidr", "10.8.0.0/16"),
        ];
        let vpc = id(&world.ok("createVPC", &words)["vpc"]);
        let offering = world.id("listNetworkOfferings", &[("name", TIER)]);
        let words = [
            ("name", "tier"),
            ("zoneid", &*zone),
            ("networkofferingid", &*offering),
            ("vpcid", &*vpc),
            ("gateway", "10.8.1.1"),
            ("netmask", "255.255.255.0"),
        ];
        let tier = id(&world.ok("createNetwork", &words)["network"]);
        let list = world.ok("createNetworkACLList", &[("name", "list"), ("vpcid", &vpc)]);
        let list = id(&list["networkacllist"]);
        let item = world.ok("createNetworkACL", &[("aclid", &list), ("protocol", "tcp")]);
        let words = [
            ("vpcid", vpc.as_str()),
            ("vlan", "300"),
            ("ipaddress", "172.16.0.2"),
            ("gateway", "172.16.0.1"),
            ("netmask", "255.255.255.0"),
        ];
        let gateway = id(&world.ok("createPrivateGateway", &words)["privategateway"]);
        let route = [("cidr", "192.168.0.0/24"), ("gatewayid", gateway.as_str())];
        let route = id(&world.ok("createStaticRoute", &route)["staticroute"]);
        self.things.extend([
            ("Vpc", vpc),
            ("Network", tier),
            ("NetworkACL", id(&item["networkacl"])),
            ("NetworkACLList", list),
            ("PrivateGateway", gateway),
            ("StaticRoute", route),
        ]);
    }

    fn of(&self, kind: &str) -> &str {
        let found = self.things.iter().find(|(known, _)| *known == kind);
        &found.unwrap().1
    }
}

/// The list of a kind of thing, its key, and what it needs to be asked with; with whether it can
/// be asked for tags.
const LISTS: &[(&str, &str, &str, bool)] = &[
    ("UserVm", "listVirtualMachines", "virtualmachine", true),
    ("Network", "listNetworks", "network", true),
    ("Vpc", "listVPCs", "vpc", true),
    ("PublicIpAddress", "listPublicIpAddresses", "publicipaddress", true),
    ("PortForwardingRule", "listPortForwardingRules", "portforwardingrule", true),
    ("FirewallRule", "listFirewallRules", "firewallrule", true),
    ("NetworkACL", "listNetworkACLs", "networkacl", true),
    ("StaticRoute", "listStaticRoutes", "staticroute", true),
    ("Project", "listProjects", "project", true),
];

#[test]
fn all_kinds_of_things_have_tags_and_show_them() {
    let scene = Scene::new();
    let world = &scene.world;
    for (kind, id) in &scene.things {
        tag(world, kind, id, &[("env", "prod"), ("Team", "a b")]);
        let words = [("resourceid", id.as_str())];
        let seen = world.ok("listTags", &words);
        assert_eq!(seen["count"], 2, "{kind}: {seen}");
        let wanted = [("key", "env"), ("value", "prod"), ("resourcetype", *kind)];
        for (field, value) in wanted.into_iter().chain([("resourceid", id.as_str())]) {
            assert_eq!(seen["tag"][0][field], value, "{kind}: {seen}");
        }
        assert_eq!(seen["tag"][0]["domain"], "ROOT");
    }
    // What is a project's is listed with the projects.
    let all = 2 * (scene.things.len() - 1);
    assert_eq!(world.ok("listTags", &[("listall", "true")])["count"], all);
    for (kind, list, key, has_filter) in LISTS {
        let own = [("id", scene.of(kind))];
        let row = world.ok(list, &own)[key][0].clone();
        let tags = row["tags"].as_array().unwrap();
        let pair = |at: usize| (tags[at]["key"].clone(), tags[at]["value"].clone());
        assert_eq!(
            (pair(0), pair(1)),
            ((json!("env"), json!("prod")), (json!("Team"), json!("a b")))
        );
        let whole = ["UserVm", "Project"].contains(kind);
        assert_eq!(tags[0].as_object().unwrap().len() > 2, whole, "{kind}: {row}");
        if *has_filter {
            for (name, value, wanted) in
                [("ENV", "Prod", true), ("env", "test", false), ("prod", "env", false)]
            {
                let words = [("tags[0].key", name), ("tags[0].value", value), own[0]];
                assert_eq!(count(world, list, &words) == 1, wanted, "{list} {name}={value}");
                assert_eq!(count(world, list, &words[..2]) >= 1, wanted, "{list} {name}={value}");
            }
            // One tag of those that are named is enough.
            let words = [
                ("tags[0].key", "env"),
                ("tags[0].value", "test"),
                ("tags[1].key", "team"),
                ("tags[1].value", "A B"),
            ];
            assert!(count(world, list, &words) >= 1, "{list}");
            let (code, text) = world.unmoved(list, &words[..1]);
            assert!(code == 431 && text.contains("has no value"), "{text}");
        }
    }
    let nat = world.ok("listIpForwardingRules", &[])["ipforwardingrule"][0].clone();
    assert_eq!(nat["tags"][1]["key"], "Team");
    check(world.engine.store());
}

#[test]
fn tags_go_with_their_things() {
    let scene = Scene::new();
    let world = &scene.world;
    let is_mortal = |(kind, _): &&(&str, String)| !["Account", "User"].contains(kind);
    let all: Vec<_> = scene.things.iter().filter(is_mortal).collect();
    for (kind, id) in &all {
        tag(world, kind, id, &[("env", "prod")]);
    }
    let left =
        |kind: &str| count(world, "listTags", &[("resourcetype", kind), ("listall", "true")]);
    let vpc = scene.of("Vpc");
    let tier = world.id("listNetworks", &[("vpcid", vpc)]);
    let web = scene.of("Network");
    let vm = scene.of("UserVm");
    world.ok("deleteStaticRoute", &[("id", scene.of("StaticRoute"))]);
    assert_eq!((left("StaticRoute"), left("PrivateGateway")), (0, 1));
    world.ok("deletePrivateGateway", &[("id", scene.of("PrivateGateway"))]);
    assert_eq!((left("PrivateGateway"), left("Network")), (0, 2));
    world.ok("deleteNetwork", &[("id", &tier)]);
    assert_eq!((left("Network"), left("NetworkACL"), left("NetworkACLList")), (1, 1, 1));
    world.ok("deleteVPC", &[("id", vpc)]);
    assert_eq!((left("NetworkACL"), left("NetworkACLList"), left("Vpc")), (0, 0, 0));
    assert_eq!((left("FirewallRule"), left("PublicIpAddress"), left("Nic")), (2, 3, 1));
    world.ok("destroyVirtualMachine", &[("id", vm), ("expunge", "true")]);
    assert_eq!((left("UserVm"), left("Nic"), left("PortForwardingRule")), (0, 0, 0));
    assert_eq!((left("FirewallRule"), left("PublicIpAddress")), (1, 3));
    let second = world.id("listFirewallRules", &[]);
    let second = world.ok("listFirewallRules", &[("id", &second)])["firewallrule"][0].clone();
    world.ok("disassociateIpAddress", &[("id", second["ipaddressid"].as_str().unwrap())]);
    assert_eq!((left("FirewallRule"), left("PublicIpAddress")), (0, 2));
    // Whoever gets the address next finds no tag on it.
    let again = world.ok("associateIpAddress", &[("networkid", web)])["ipaddress"].clone();
    assert_eq!((&again["id"], &again["tags"]), (&second["ipaddressid"], &json!([])));
    world.ok("deleteNetwork", &[("id", web)]);
    world.ok("deleteProject", &[("id", scene.of("Project")), ("cleanup", "true")]);
    assert_eq!(world.ok("listTags", &[("listall", "true")]), json!({}));
    check(world.engine.store());
}

#[test]
fn keys_are_unique_whatever_their_letter_case() {
    let scene = Scene::new();
    let world = &scene.world;
    let (web, vpc) = (scene.of("Network"), scene.of("Vpc"));
    tag(world, "network", web, &[("Env", "prod")]);
    let refuse = |kind: &str, ids: &str, tags: &[(&str, &str)]| {
        let before = world.dump();
        let fault = tag_as(world, &Caller::ADMIN, kind, ids, tags).unwrap_err();
        assert!(world.dump() == before, "{tags:?}");
        (fault.code(), fault.text)
    };
    for tags in [&[("env", "test")][..], &[("ENV", "prod")], &[("a", "b"), ("eNV", "x")]] {
        let (code, text) = refuse("Network", web, tags);
        assert!(code == 530 && text.contains("already, `prod`"), "{code} {text}");
    }
    assert_eq!(refuse("Vpc", vpc, &[("k", "1"), ("K", "2")]).0, 530);
    let long = "k".repeat(256);
    for (tags, part) in [
        (&[("", "x")][..], "a key is empty"),
        (&[("k", "")], "a value is empty"),
        (&[(long.as_str(), "v")], "a key has more than 255 characters"),
        (&[("k", long.as_str())], "a value has more than 255 characters"),
    ] {
        let (code, text) = refuse("Vpc", vpc, tags);
        assert!(code == 431 && text.contains(part), "{code} {text}");
    }
    let (code, text) = refuse("Vpc", web, &[("k", "v")]);
    assert!(code == 431 && text.contains("does not exist"), "{code} {text}");
    assert!(text.contains("It is the id of a network, not of a VPC"), "{text}");
    let both = format!("{vpc},{web}");
    assert_eq!(refuse("Vpc", &both, &[("k", "v")]).0, 431);
    let words = [("resourcetype", "Host"), ("resourceids", web), ("tags[0].key", "k")];
    assert_eq!(world.unmoved("createTags", &words).0, 431);
    let words = [("resourcetype", "Network"), ("resourceids", web), ("tags[0].key", "k")];
    let (code, text) = world.unmoved("createTags", &words);
    assert!(code == 431 && text.contains("the key `k` has no value"), "{code} {text}");
    let free = [("state", "Free"), ("allocatedonly", "false")];
    let free = world.id("listPublicIpAddresses", &free);
    let (code, text) = refuse("PublicIpAddress", &free, &[("k", "v")]);
    assert!(code == 431 && text.contains("is free"), "{code} {text}");
    // One thing named twice is one.
    tag(world, "Vpc", &format!("{vpc},{vpc}"), &[("k", "v")]);
    assert_eq!(count(world, "listTags", &[("resourceid", vpc)]), 1);
}

#[test]
fn tags_are_deleted_by_key_by_value_and_all_together() {
    let scene = Scene::new();
    let world = &scene.world;
    let networks = world.ok("listNetworks", &[("traffictype", "Guest")])["network"].clone();
    let ids: Vec<String> = networks.as_array().unwrap().iter().map(id).collect();
    let both = ids.join(",");
    tag(world, "Network", &both, &[("env", "prod"), ("team", "red"), ("step", "1")]);
    let delete = |ids: &str, tags: &[(&str, &str)]| {
        let words = [&[("resourcetype", "Network"), ("resourceids", ids)], tags].concat();
        world.call("deleteTags", &words).map_err(|fault| (fault.code(), fault.text))
    };
    let left = || count(world, "listTags", &[("resourcetype", "Network")]);
    assert_eq!(left(), 6);
    let (code, text) = delete(&both, &[("tags[0].key", "nothing")]).unwrap_err();
    assert!(code == 530 && text.contains("Failed to delete tags"), "{code} {text}");
    let other = [("tags[0].key", "env"), ("tags[0].value", "test")];
    assert_eq!(delete(&both, &other).unwrap_err().0, 530);
    delete(&ids[0], &[("tags[0].key", "ENV"), ("tags[0].value", "PROD")]).unwrap();
    assert_eq!(left(), 5);
    delete(&both, &[("tags[0].key", "Team")]).unwrap();
    assert_eq!(left(), 3);
    delete(&both, &[]).unwrap();
    assert_eq!(left(), 0);
    assert_eq!(delete(&both, &[]).unwrap_err().0, 530);
}

#[test]
fn tags_are_listed_by_key_value_kind_and_thing() {
    let scene = Scene::new();
    let world = &scene.world;
    let words = [
        ("resourcetype", "Vpc"),
        ("resourceids", scene.of("Vpc")),
        ("tags[0].key", "Env"),
        ("tags[0].value", "Prod"),
        ("customer", "acme"),
    ];
    world.ok("createTags", &words);
    tag(world, "Network", scene.of("Network"), &[("env", "test"), ("team", "prod")]);
    for (words, wanted) in [
        (vec![], 3),
        (vec![("key", "env")], 2),
        (vec![("key", "ENV"), ("value", "PROD")], 1),
        (vec![("value", "prod")], 2),
        (vec![("resourcetype", "vpc")], 1),
        (vec![("resourcetype", "UserVm")], 0),
        (vec![("customer", "acme")], 1),
        (vec![("keyword", "tea")], 1),
        (vec![("resourceid", scene.of("Network"))], 2),
        (vec![("resourceid", "no id")], 0),
        (vec![("page", "1"), ("pagesize", "2")], 3),
    ] {
        assert_eq!(count(world, "listTags", &words), wanted, "{words:?}");
    }
}

#[test]
fn only_owners_and_their_admins_put_tags_on_things() {
    let (world, who) = World::tenants();
    let network = world.network_of(&who.alice);
    for other in [&who.bob, &who.bea, &who.amir, &who.sam] {
        let fault = tag_as(&world, other, "Network", &network, &[("k", "v")]).unwrap_err();
        // It happens in the job, as in CloudStack.
        assert!(fault.code() == 530 && fault.text.contains("no permission"), "{fault}");
    }
    tag_as(&world, &who.ada, "Network", &network, &[("k", "v")]).unwrap();
    let all = [("listall", "true")];
    let seen = world.ok_as(&who.alice, "listTags", &all);
    assert_eq!((&seen["count"], &seen["tag"][0]["account"]), (&json!(1), &json!("alice")));
    assert_eq!(world.ok_as(&who.bob, "listTags", &all), json!({}));
    let one = [("resourceid", network.as_str())];
    assert_eq!(world.ok_as(&who.bob, "listTags", &one), json!({}));
    let delete = [("resourcetype", "Network"), ("resourceids", network.as_str())];
    assert_eq!(world.refused_as(&who.bob, "deleteTags", &delete).0, 530);
    // What is the system's is for root admins.
    let list = world.id("listNetworkACLLists", &[("name", "default_deny")]);
    assert!(tag_as(&world, &who.alice, "NetworkACLList", &list, &[("k", "v")]).is_err());
    tag(&world, "NetworkACLList", &list, &[("k", "v")]);
    world.ok_as(&who.alice, "deleteTags", &delete);
    assert_eq!(world.ok_as(&who.alice, "listTags", &all), json!({}));
    // An account takes the tags of all that it has with it.
    tag_as(&world, &who.alice, "Network", &network, &[("k", "v")]).unwrap();
    let alice = world.id("listAccounts", &[("name", "alice"), ("listall", "true")]);
    tag(&world, "Account", &alice, &[("k", "v")]);
    world.ok("deleteAccount", &[("id", &alice)]);
    assert_eq!(count(&world, "listTags", &all), 1);
    check(world.engine.store());
}

/// A page of things asks for its tags once, and not at all where there are none.
#[test]
fn a_page_of_things_looks_its_tags_up_together() {
    let world = World::sandbox();
    let ids: Vec<String> = (0..5).map(|_| world.network_of(&Caller::ADMIN)).collect();
    tag(&world, "Network", &ids[3], &[("k", "v")]);
    let read = world.engine.store().read(|tx| {
        let mut cx = crate::engine::Cx::new(tx, crate::sim::EPOCH, &Caller::ADMIN, "test");
        let kind = crate::model::EntityKind::Network;
        let rows: Vec<i64> =
            cx.tx.select::<crate::model::Network>("", &[])?.iter().map(|one| one.id).collect();
        cx.look_up_tags(kind, rows.iter().map(|row| (0, *row)))?;
        Ok::<_, crate::schema::Fault>((cx.tags.0.len(), rows.len()))
    });
    let (looked_up, rows) = read.unwrap();
    assert_eq!(looked_up, rows);
    let listed = world.ok("listNetworks", &[("traffictype", "Guest")])["network"].clone();
    let tags: usize =
        listed.as_array().unwrap().iter().map(|one| one["tags"].as_array().unwrap().len()).sum();
    assert_eq!(tags, 1);
}
