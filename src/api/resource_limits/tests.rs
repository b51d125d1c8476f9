//! Limits that are set, and counters that are put right.

use crate::engine::Caller;
use crate::sim::World;
use crate::store::Counter;
use serde_json::{Value as Json, json};

const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

fn domain(world: &World, name: &str) -> String {
    world.id("listDomains", &[("name", name)])
}

fn network(world: &World, who: &Caller) -> Result<Json, crate::schema::Fault> {
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let zone = world.id("listZones", &[]);
    let words = [("name", "net"), ("zoneid", &zone), ("networkofferingid", &offering)];
    world.call_as(who, "createNetwork", &words)
}

fn max(world: &World, who: &Caller, words: &[(&str, &str)], name: &str) -> i64 {
    let body = world.ok_as(who, "listResourceLimits", words);
    let rows = body["resourcelimit"].as_array().unwrap();
    let row = rows.iter().find(|row| row["resourcetypename"] == name).unwrap();
    row["max"].as_i64().unwrap()
}

#[test]
fn every_type_has_a_limit_and_what_is_not_set_has_its_default() {
    let (world, who) = World::tenants();
    let (root, a) = (domain(&world, "ROOT"), domain(&world, "a"));
    let admin = &Caller::ADMIN;
    let alice = [("account", "alice"), ("domainid", a.as_str())];
    assert_eq!(max(&world, admin, &[], "public_ip"), -1);
    assert_eq!(max(&world, admin, &[("domainid", &root)], "network"), -1);
    assert_eq!(max(&world, admin, &[("domainid", &a)], "network"), 40);
    assert_eq!(max(&world, admin, &alice, "vpc"), 20);
    assert_eq!(max(&world, &who.alice, &[], "vpc"), 20);
    assert_eq!(max(&world, &who.alice, &alice, "volume"), -1);
    assert_eq!(max(&world, &who.alice, &alice, "user_vm"), 20);
    let body = world.ok("listResourceLimits", &[]);
    assert_eq!(
        (&body["count"], &body["resourcelimit"][0]["account"]),
        (&json!(17), &json!("admin"))
    );
    let words = [("resourcetype", "1"), ("domainid", a.as_str())];
    let row = &world.ok("listResourceLimits", &words)["resourcelimit"][0];
    assert_eq!(
        (&row["resourcetype"], &row["resourcetypename"]),
        (&json!("1"), &json!("public_ip"))
    );
    assert_eq!((&row["domainpath"], &row["account"]), (&json!("ROOT/a"), &Json::Null));
    let body = world.ok("listResourceLimits", &[("resourcetypename", "VPC")]);
    assert_eq!(
        (&body["count"], &body["resourcelimit"][0]["resourcetype"]),
        (&json!(1), &json!("7"))
    );
    assert_eq!(world.refused("listResourceLimits", &[("resourcetype", "99")]).0, 431);
}

#[test]
fn limits_are_set_and_hold() {
    let (world, who) = World::tenants();
    let a = domain(&world, "a");
    let words =
        [("account", "alice"), ("domainid", a.as_str()), ("resourcetype", "6"), ("max", "1")];
    let body = world.ok_as(&who.ada, "updateResourceLimit", &words);
    let row = &body["resourcelimit"];
    assert_eq!((&row["max"], &row["account"]), (&json!(1), &json!("alice")));
    network(&world, &who.alice).unwrap();
    assert_eq!(network(&world, &who.alice).unwrap_err().code(), 535);
    world.ok("updateResourceLimit", &[words[0], words[1], words[2]]);
    assert_eq!(max(&world, &who.alice, &[], "network"), -1);
    world.ok("updateResourceLimit", &[("domainid", &a), ("resourcetype", "6"), ("max", "2")]);
    network(&world, &who.alice).unwrap();
    assert_eq!(network(&world, &who.amir).unwrap_err().code(), 535);
    // What is not counted here is kept and shown.
    world.ok("updateResourceLimit", &[("domainid", &a), ("resourcetype", "0"), ("max", "7")]);
    assert_eq!(max(&world, &who.ada, &[("domainid", &a)], "user_vm"), 7);
    let events = world.ok("listEvents", &[("type", "RESOURCE.LIMIT.UPDATE"), ("listall", "true")]);
    assert_eq!(events["count"], 4);
}

#[test]
fn a_limit_that_cannot_be_is_not_set() {
    let (world, _) = World::tenants();
    let (root, a, sub) = (domain(&world, "ROOT"), domain(&world, "a"), domain(&world, "sub"));
    let (root, a, sub) = (root.as_str(), a.as_str(), sub.as_str());
    let alice = [("account", "alice"), ("domainid", a)];
    world.ok("updateResourceLimit", &[("domainid", a), ("resourcetype", "1"), ("max", "30")]);
    for (words, kind, max, code, part) in [
        (vec![], "1", "1", 431, "must be given"),
        (vec![("account", "alice")], "1", "1", 431, "domainid"),
        (vec![("domainid", a)], "99", "1", 431, "resourcetype"),
        (vec![("domainid", a)], "1", "-2", 431, "max"),
        (vec![("domainid", root)], "1", "5", 531, "ROOT"),
        (vec![("domainid", root), ("account", "admin")], "1", "5", 431, "root admin"),
        (vec![("domainid", root), ("account", "system")], "1", "5", 431, "system"),
        (vec![("domainid", sub)], "1", "31", 431, "at most 30"),
        (alice.to_vec(), "1", "31", 431, "at most 30"),
    ] {
        let words: Vec<_> =
            words.into_iter().chain([("resourcetype", kind), ("max", max)]).collect();
        let (got, text) = world.unmoved("updateResourceLimit", &words);
        assert_eq!(got, code, "{text}");
        assert!(text.contains(part), "{text}");
    }
    for words in [alice.to_vec(), vec![("domainid", sub)]] {
        for max in ["30", "-1"] {
            let words: Vec<_> =
                words.iter().copied().chain([("resourcetype", "1"), ("max", max)]).collect();
            world.ok("updateResourceLimit", &words);
        }
    }
}

#[test]
fn nobody_sets_one_s_own_limits() {
    let (world, who) = World::tenants();
    let [a, sub, b] = ["a", "sub", "b"].map(|name| domain(&world, name));
    let own = [("account", "ada"), ("domainid", a.as_str())];
    for (caller, words, code) in [
        (&who.ada, own.to_vec(), 531),
        (&who.ada, vec![("domainid", a.as_str())], 531),
        (&who.ada, vec![("domainid", b.as_str())], 531),
        (&who.ada, vec![("domainid", b.as_str()), ("account", "bob")], 531),
        (&who.ada, vec![("domainid", sub.as_str())], 0),
        (&who.ada, vec![("domainid", a.as_str()), ("account", "amir")], 0),
        (&who.alice, vec![("domainid", a.as_str()), ("account", "alice")], 432),
    ] {
        let words: Vec<_> =
            words.into_iter().chain([("resourcetype", "1"), ("max", "5")]).collect();
        let done = world.call_as(caller, "updateResourceLimit", &words);
        assert_eq!(done.err().map_or(0, |fault| fault.code()), code, "{words:?}");
    }
    for words in
        [vec![("domainid", b.as_str())], vec![("domainid", b.as_str()), ("account", "bob")]]
    {
        for command in ["listResourceLimits", "updateResourceCount"] {
            assert_eq!(world.refused_as(&who.ada, command, &words).0, 531, "{command}");
        }
    }
    let amir = [("account", "amir"), ("domainid", a.as_str())];
    assert_eq!(world.refused_as(&who.alice, "listResourceLimits", &amir).0, 531);
}

#[test]
fn counters_that_are_wrong_are_put_right() {
    let (world, who) = World::tenants();
    let (root, a) = (domain(&world, "ROOT"), domain(&world, "a"));
    for caller in [&who.alice, &who.sam, &who.bob] {
        let made = network(&world, caller).unwrap();
        let id = made["network"]["id"].as_str().unwrap();
        world.ok_as(caller, "associateIpAddress", &[("networkid", id)]);
    }
    let right = world.dump();
    let count = |words: &[(&str, &str)], name: &str| {
        let body = world.ok("updateResourceCount", words);
        let rows = body["resourcecount"].as_array().unwrap();
        let row = rows.iter().find(|row| row["resourcetypename"] == name).unwrap();
        row["resourcecount"].as_i64().unwrap()
    };
    assert_eq!(count(&[("domainid", &a)], "public_ip"), 2);
    assert_eq!(world.dump(), right);
    let alice = [("domainid", a.as_str()), ("account", "alice")];
    let (of_alice, of_a) = (("account", who.alice.account_id), ("domain", who.alice.domain_id));
    for (bent, words) in [
        (vec![(of_alice, 3)], &alice[..]),
        (vec![(of_alice, -1)], &alice[..]),
        (vec![(of_alice, 2), (of_a, 5), (("domain", 1), 1)], &alice[..]),
        (vec![(of_alice, 2), (of_a, -2), (("domain", 1), 9)], &[("domainid", root.as_str())][..]),
        (vec![(of_a, 7)], &[("domainid", a.as_str())][..]),
    ] {
        for ((owner, id), change) in bent {
            let counter = Counter { owner, id, what: "network" };
            world.engine.store().write(move |tx| tx.tally(counter, change)).unwrap();
        }
        assert_ne!(world.dump(), right);
        count(words, "network");
        assert_eq!(world.dump(), right, "{words:?}");
        crate::sim::check(world.engine.store());
    }
    assert_eq!(count(&[alice[0], alice[1], ("resourcetype", "6")], "network"), 1);
    assert_eq!(world.refused("updateResourceCount", &[]).0, 431);
}
