//! Who may use and see what.

use crate::engine::Caller;
use crate::sim::World;
use serde_json::Value as Json;

const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// Makes a network for a tenant; its id.
fn network(world: &World, caller: &Caller, name: &str) -> String {
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let zone = world.id("listZones", &[]);
    let words = [("name", name), ("zoneid", &zone), ("networkofferingid", &offering)];
    let made = world.ok_as(caller, "createNetwork", &words);
    made["network"]["id"].as_str().unwrap().to_owned()
}

fn names(body: &Json) -> Vec<String> {
    let rows = body["network"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Who asks, with which parameters, and what is seen.
type Case<'c> = (&'c Caller, &'c [(&'c str, &'c str)], &'c [&'c str]);

#[test]
fn everybody_sees_what_is_theirs_and_admins_what_is_below() {
    let (world, who) = World::tenants();
    for (caller, name) in
        [(&who.alice, "alice"), (&who.ada, "ada"), (&who.sam, "sam"), (&who.bob, "bob")]
    {
        network(&world, caller, name);
    }
    network(&world, &Caller::ADMIN, "root");
    let cases: &[Case<'_>] = &[
        (&who.alice, &[], &["alice"]),
        (&who.alice, &[("listall", "true")], &["alice"]),
        (&who.amir, &[("listall", "true")], &[]),
        (&who.alice, &[("listall", "true"), ("isrecursive", "true")], &["alice"]),
        (&who.ada, &[], &["ada"]),
        (&who.ada, &[("listall", "true")], &["alice", "ada", "sam"]),
        (&who.ada, &[("isrecursive", "true")], &["alice", "ada", "sam"]),
        (&who.bea, &[("listall", "true")], &["bob"]),
        (&Caller::ADMIN, &[], &["root"]),
        (&Caller::ADMIN, &[("listall", "true")], &["alice", "ada", "sam", "bob", "root"]),
    ];
    for (caller, words, wanted) in cases {
        assert_eq!(names(&world.ok_as(caller, "listNetworks", words)), *wanted, "{words:?}");
    }
}

#[test]
fn domains_and_accounts_of_others_are_refused() {
    let (world, who) = World::tenants();
    let domain = |name| world.id("listDomains", &[("name", name)]);
    let (a, sub, b) = (domain("a"), domain("sub"), domain("b"));
    network(&world, &who.alice, "alice");
    network(&world, &who.sam, "sam");
    let list = |caller, words: &[(&str, &str)]| world.call_as(caller, "listNetworks", words);
    let of = |caller, words: &[(&str, &str)]| names(&list(caller, words).unwrap());
    assert_eq!(of(&who.ada, &[("domainid", &a)]), ["alice"]);
    assert_eq!(of(&who.ada, &[("domainid", &sub)]), ["sam"]);
    assert_eq!(of(&who.ada, &[("domainid", &a), ("isrecursive", "true")]), ["alice", "sam"]);
    assert_eq!(of(&who.ada, &[("domainid", &a), ("account", "alice")]), ["alice"]);
    assert_eq!(of(&who.alice, &[("domainid", &a)]), ["alice"]);
    let denied: &[(&Caller, &[(&str, &str)])] = &[
        (&who.alice, &[("domainid", &b)]),
        (&who.alice, &[("domainid", &sub)]),
        (&who.alice, &[("domainid", &a), ("account", "amir")]),
        (&who.alice, &[("domainid", &a), ("account", "nobody")]),
        (&who.ada, &[("domainid", &b)]),
        (&who.bea, &[("domainid", &a), ("account", "alice")]),
        (&who.sam, &[("domainid", &a)]),
    ];
    for (caller, words) in denied {
        let fault = list(caller, words).unwrap_err();
        assert_eq!(fault.code(), 531, "{words:?}: {fault}");
    }
}

#[test]
fn a_thing_of_another_is_refused_wherever_it_is_named() {
    let (world, who) = World::tenants();
    let id = network(&world, &who.alice, "alice");
    let zone = world.id("listZones", &[]);
    let words = [("id", id.as_str()), ("networkid", &id), ("zoneid", &zone), ("name", "mine")];
    for command in ["updateNetwork", "deleteNetwork", "restartNetwork", "associateIpAddress"] {
        for caller in [&who.amir, &who.sam, &who.bob, &who.bea] {
            let (code, text) = world.refused_as(caller, command, &words);
            assert_eq!(code, 531, "{command}: {text}");
            assert!(!text.contains("alice"), "{text}");
        }
    }
    for caller in [&who.amir, &who.bob, &who.bea] {
        assert_eq!(names(&world.ok_as(caller, "listNetworks", &[("id", &id)])).len(), 0);
    }
    world.ok_as(&who.ada, "associateIpAddress", &words[1..3]);
    world.ok_as(&who.ada, "deleteNetwork", &words[..1]);
}

#[test]
fn roles_decide_what_may_be_called() {
    let (world, who) = World::tenants();
    for (caller, command, may) in [
        (&who.alice, "listNetworks", true),
        (&who.alice, "listDomains", false),
        (&who.ada, "listDomains", true),
        (&who.alice, "createZone", false),
        (&who.ada, "createZone", false),
        (&who.alice, "listCapacity", false),
        (&who.alice, "listRoles", false),
        (&who.ada, "listRoles", true),
        (&who.alice, "noSuchCommand", false),
    ] {
        match world.call_as(caller, command, &[]) {
            Ok(_) => assert!(may, "{command}"),
            Err(fault) => {
                assert!(!may, "{command}: {fault}");
                assert_eq!(fault.code(), 432);
                let what = "does not exist or is not available for the account for user id";
                assert!(fault.text.contains(what), "{fault}");
            }
        }
    }
    let apis = |caller| world.ok_as(caller, "listApis", &[])["count"].as_u64().unwrap();
    assert!(apis(&who.alice) < apis(&who.ada) && apis(&who.ada) < apis(&Caller::ADMIN));
}

#[test]
fn what_is_for_root_admins_is_neither_taken_nor_shown() {
    let (world, who) = World::tenants();
    let id = network(&world, &who.alice, "web");
    let words = [("id", id.as_str()), ("displaynetwork", "false")];
    world.ok_as(&who.alice, "updateNetwork", &words);
    let seen = |caller| world.ok_as(caller, "listNetworks", &[("id", &id)])["network"][0].clone();
    let (hers, roots) = (seen(&who.alice), seen(&Caller::ADMIN));
    assert_eq!(roots["displaynetwork"], true);
    assert!(hers.get("displaynetwork").is_none() && hers.get("physicalnetworkid").is_none());
    assert!(roots.get("physicalnetworkid").is_some());
    let api = |caller| world.ok_as(caller, "listApis", &[("name", "updateNetwork")]).to_string();
    assert!(api(&Caller::ADMIN).contains("displaynetwork"));
    assert!(!api(&who.alice).contains("displaynetwork"));
}

#[test]
fn how_full_the_installation_is_only_root_learns() {
    let (world, who) = World::tenants();
    let id = network(&world, &who.alice, "web");
    let mut fault = None;
    for _ in 0..300 {
        let words = [("networkid", id.as_str())];
        if let Err(why) = world.call_as(&who.alice, "associateIpAddress", &words) {
            fault = Some(why);
            break;
        }
    }
    let fault = fault.unwrap();
    // Her limit comes first, and is hers to know.
    assert!(matches!(fault.code(), 532 | 535), "{fault}");
    world.ok("updateConfiguration", &[("name", "max.account.public.ips"), ("value", "-1")]);
    world.ok("updateConfiguration", &[("name", "max.domain.public.ips"), ("value", "-1")]);
    let fault = (0..300)
        .find_map(|_| world.call_as(&who.alice, "associateIpAddress", &[("networkid", &id)]).err())
        .unwrap();
    assert!(fault.text.starts_with("Internal error executing command"), "{fault}");
    assert_eq!(fault.code(), 533);
}
