//! Making, renaming, moving and deleting domains.

use crate::engine::Caller;
use crate::sim::World;
use serde_json::Value as Json;

const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

fn made(world: &World, parent: &str, name: &str) -> String {
    let words = [("name", name), ("parentdomainid", parent)];
    let words = if parent.is_empty() { &words[..1] } else { &words[..] };
    world.ok("createDomain", words)["domain"]["id"].as_str().unwrap().to_owned()
}

fn domain(world: &World, name: &str) -> String {
    world.id("listDomains", &[("name", name)])
}

fn paths(body: &Json) -> Vec<&str> {
    let rows = body["domain"].as_array().map(Vec::as_slice).unwrap_or_default();
    rows.iter().map(|row| row["path"].as_str().unwrap()).collect()
}

fn all(world: &World) -> Vec<String> {
    let body = world.ok("listDomains", &[("listall", "true")]);
    paths(&body).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_domain_is_made_where_it_is_wanted() {
    let world = World::sandbox();
    let body = world.ok("createDomain", &[("name", "dev"), ("networkdomain", "dev.example")]);
    let dev = &body["domain"];
    assert_eq!((&dev["path"], &dev["level"]), (&"ROOT/dev".into(), &1.into()));
    assert_eq!((&dev["networkdomain"], &dev["state"]), (&"dev.example".into(), &"Active".into()));
    let id = dev["id"].as_str().unwrap();
    made(&world, id, "qa");
    assert_eq!(all(&world), ["ROOT", "ROOT/dev", "ROOT/dev/qa"]);
    let events = world.ok("listEvents", &[("type", "DOMAIN.CREATE"), ("listall", "true")]);
    assert_eq!(events["count"], 2);
    assert_eq!(events["event"][0]["resourcename"], "qa");
}

#[test]
fn a_domain_that_cannot_be_is_not_made() {
    let world = World::sandbox();
    let dev = made(&world, "", "dev");
    let uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    for (words, part) in [
        (vec![("name", "dev")], "there is a domain `dev` below `/` already"),
        (vec![("name", "DEV")], "already"),
        (vec![("name", "a/b")], "slash"),
        (vec![("name", " ")], "empty"),
        (vec![("name", "x"), ("networkdomain", "-no-")], "networkdomain"),
        (vec![("name", "x"), ("domainid", uuid)], "domainid"),
        (vec![("name", "x"), ("parentdomainid", uuid)], "parentdomainid"),
    ] {
        let (code, text) = world.unmoved("createDomain", &words);
        assert_eq!(code, 431, "{text}");
        assert!(text.contains(part), "{text}");
    }
    made(&world, &dev, "dev");
}

#[test]
fn a_new_name_changes_all_paths_below() {
    let world = World::sandbox();
    let dev = made(&world, "", "dev");
    let qa = made(&world, &dev, "qa");
    made(&world, &qa, "lab");
    made(&world, "", "devil");
    let body = world.ok("updateDomain", &[("id", &dev), ("name", "ops")]);
    assert_eq!(body["domain"]["path"], "ROOT/ops");
    let want = ["ROOT", "ROOT/devil", "ROOT/ops", "ROOT/ops/qa", "ROOT/ops/qa/lab"];
    assert_eq!(all(&world), want);
    world.ok("updateDomain", &[("id", &dev), ("name", "OPS"), ("networkdomain", "x.example")]);
    let body = world.ok("updateDomain", &[("id", &dev), ("networkdomain", "")]);
    assert_eq!(
        (&body["domain"]["name"], &body["domain"]["networkdomain"]),
        (&"OPS".into(), &Json::Null)
    );
    let root = domain(&world, "ROOT");
    for (id, name) in [(&dev, "devil"), (&dev, "Devil"), (&dev, "a/b"), (&root, "top")] {
        let (code, text) = world.unmoved("updateDomain", &[("id", id), ("name", name)]);
        assert_eq!(code, 431, "{text}");
    }
    world.ok("updateDomain", &[("id", &root), ("networkdomain", "corp.example")]);
}

/// A network of a tenant, which holds an address when there is one for it.
fn network(world: &World, who: &Caller) {
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let zone = world.id("listZones", &[]);
    let words = [("name", "net"), ("zoneid", &zone), ("networkofferingid", &offering)];
    let made = world.ok_as(who, "createNetwork", &words);
    let id = made["network"]["id"].as_str().unwrap();
    world.ok_as(who, "associateIpAddress", &[("networkid", id)]);
}

fn totals(world: &World, name: &str) -> (i64, i64) {
    let body = world.ok("listDomains", &[("name", name)]);
    let row = &body["domain"][0];
    (row["iptotal"].as_i64().unwrap(), row["networktotal"].as_i64().unwrap())
}

#[test]
fn what_moves_is_counted_where_it_goes() {
    let (world, who) = World::tenants();
    network(&world, &who.sam);
    network(&world, &who.alice);
    let (a, b, sub) = (domain(&world, "a"), domain(&world, "b"), domain(&world, "sub"));
    assert_eq!((totals(&world, "a"), totals(&world, "b")), ((2, 2), (0, 0)));
    let body = world.ok("moveDomain", &[("domainid", &sub), ("parentdomainid", &b)]);
    assert_eq!(
        (&body["domain"]["path"], &body["domain"]["level"]),
        (&"ROOT/b/sub".into(), &2.into())
    );
    assert_eq!((totals(&world, "a"), totals(&world, "b")), ((1, 1), (1, 1)));
    assert_eq!((totals(&world, "ROOT"), totals(&world, "sub")), ((2, 2), (1, 1)));
    crate::sim::check(world.engine.store());
    let (code, _) = world.refused_as(&who.ada, "listDomainChildren", &[("id", &sub)]);
    assert_eq!(code, 531);
    world.ok("moveDomain", &[("domainid", &b), ("parentdomainid", &a)]);
    assert_eq!(totals(&world, "a"), (2, 2));
    assert!(all(&world).contains(&"ROOT/a/b/sub".to_owned()));
    crate::sim::check(world.engine.store());
}

#[test]
fn a_domain_goes_nowhere_it_cannot_be() {
    let (world, who) = World::tenants();
    network(&world, &who.sam);
    let (root, a, b) = (domain(&world, "ROOT"), domain(&world, "a"), domain(&world, "b"));
    let sub = domain(&world, "sub");
    made(&world, &b, "SUB");
    let zone = world.id("listZones", &[]);
    for (what, to, code, part) in [
        (&root, &a, 431, "ROOT cannot be moved"),
        (&a, &a, 431, "itself or below"),
        (&a, &sub, 431, "itself or below"),
        (&sub, &a, 431, "there already"),
        (&sub, &b, 431, "already"),
    ] {
        let words = [("domainid", what.as_str()), ("parentdomainid", to)];
        let (got, text) = world.unmoved("moveDomain", &words);
        assert_eq!(got, code, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let c = made(&world, "", "c");
    world.ok("updateResourceLimit", &[("domainid", &c), ("resourcetype", "6"), ("max", "0")]);
    let words = [("domainid", sub.as_str()), ("parentdomainid", &c)];
    assert_eq!(world.unmoved("moveDomain", &words).0, 535);
    world.ok("updateResourceLimit", &[("domainid", &c), ("resourcetype", "6")]);
    world.tell("UPDATE zone SET domain_id = (SELECT id FROM domain WHERE name = 'a')");
    let (code, text) = world.unmoved("moveDomain", &words);
    assert!(code == 431 && text.contains("a network in the zone"), "{text}");
    assert!(!zone.is_empty());
}

#[test]
fn only_an_empty_domain_is_deleted_without_more_words() {
    let (world, who) = World::tenants();
    network(&world, &who.sam);
    let (root, a, sub) = (domain(&world, "ROOT"), domain(&world, "a"), domain(&world, "sub"));
    let (code, text) = world.unmoved("deleteDomain", &[("id", &a)]);
    assert_eq!(code, 530);
    for part in ["1 domain (`sub`)", "3 accounts (`alice`", "cleanup=true"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(world.unmoved("deleteDomain", &[("id", &root), ("cleanup", "true")]).0, 530);
    let own = world.refused_as(&who.ada, "deleteDomain", &[("id", &a), ("cleanup", "true")]);
    assert!(own.0 == 530 && own.1.contains("own account"), "{own:?}");
    for caller in [&who.alice, &who.bea] {
        let (code, _) = world.refused_as(caller, "deleteDomain", &[("id", &sub)]);
        assert!([432, 531].contains(&code));
    }
    let (code, text) = world.refused_as(&who.ada, "deleteDomain", &[("id", &sub)]);
    assert!(code == 530 && text.contains("sam"), "{text}");
    world.ok_as(&who.ada, "deleteDomain", &[("id", &sub), ("cleanup", "true")]);
    assert_eq!((totals(&world, "a"), totals(&world, "ROOT")), ((0, 0), (0, 0)));
    crate::sim::check(world.engine.store());
    assert_eq!(world.refused_as(&who.sam, "listNetworks", &[]).0, 531);
    let empty = made(&world, &a, "sub");
    world.ok("deleteDomain", &[("id", &empty)]);
}

#[test]
fn with_cleanup_everything_below_goes_too() {
    let (world, who) = World::tenants();
    for caller in [&who.alice, &who.sam, &who.ada, &who.bob] {
        network(&world, caller);
    }
    let a = domain(&world, "a");
    let range = world.id("listVlanIpRanges", &[]);
    world.ok("updateResourceLimit", &[("domainid", &a), ("resourcetype", "1"), ("max", "30")]);
    world.ok("deleteDomain", &[("id", &a), ("cleanup", "true")]);
    assert_eq!(all(&world), ["ROOT", "ROOT/b"]);
    let left = world.ok("listAccounts", &[("listall", "true")]);
    assert_eq!(left["count"], 3);
    assert_eq!((totals(&world, "ROOT"), totals(&world, "b")), ((1, 1), (1, 1)));
    crate::sim::check(world.engine.store());
    let b = domain(&world, "b");
    let words = [("id", range.as_str()), ("domainid", &b)];
    world.ok("dedicatePublicIpRange", &words);
    world.ok("deleteDomain", &[("id", &b), ("cleanup", "true")]);
    let body = world.ok("listVlanIpRanges", &[("id", &range)]);
    assert_eq!(body["vlaniprange"][0]["domain"], Json::Null);
    assert_eq!(totals(&world, "ROOT"), (0, 0));
    crate::sim::check(world.engine.store());
}

#[test]
fn a_zone_of_its_own_keeps_a_domain() {
    let (world, _) = World::tenants();
    let a = domain(&world, "a");
    world.tell("UPDATE zone SET domain_id = (SELECT id FROM domain WHERE name = 'sub')");
    let (code, text) = world.unmoved("deleteDomain", &[("id", &a), ("cleanup", "true")]);
    assert!(code == 530 && text.contains("zone of its own"), "{text}");
}

#[test]
fn children_are_listed_one_level_or_all() {
    let (world, who) = World::tenants();
    let a = domain(&world, "a");
    let list = |caller: &Caller, words: &[(&str, &str)]| {
        let body = world.ok_as(caller, "listDomainChildren", words);
        paths(&body).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let admin = &Caller::ADMIN;
    assert_eq!(list(admin, &[]), ["ROOT/a", "ROOT/b"]);
    assert_eq!(list(admin, &[("isrecursive", "true")]), ["ROOT/a", "ROOT/a/sub", "ROOT/b"]);
    assert_eq!(list(admin, &[("listall", "true")]), ["ROOT/a", "ROOT/a/sub", "ROOT/b"]);
    assert_eq!(list(admin, &[("id", &a)]), ["ROOT/a/sub"]);
    assert_eq!(list(admin, &[("name", "b")]), ["ROOT/b"]);
    assert_eq!(list(&who.ada, &[]), ["ROOT/a/sub"]);
    assert_eq!(list(&who.ada, &[("listall", "true")]), ["ROOT/a/sub"]);
    assert!(list(&who.bea, &[]).is_empty());
    assert_eq!(world.refused_as(&who.bea, "listDomainChildren", &[("id", &a)]).0, 531);
}

#[test]
fn domain_admins_stay_below_their_own_domain() {
    let (world, who) = World::tenants();
    let (a, b) = (domain(&world, "a"), domain(&world, "b"));
    world.ok_as(&who.ada, "createDomain", &[("name", "x"), ("parentdomainid", &a)]);
    for words in [vec![("name", "y"), ("parentdomainid", b.as_str())], vec![("name", "y")]] {
        assert_eq!(world.refused_as(&who.ada, "createDomain", &words).0, 531, "{words:?}");
    }
    for command in ["createDomain", "updateDomain", "moveDomain", "deleteDomain"] {
        let words = [("name", "y"), ("id", &a), ("domainid", &a), ("parentdomainid", &b)];
        assert_eq!(world.refused_as(&who.alice, command, &words).0, 432, "{command}");
    }
}
