//! Projects from the outside.

use crate::engine::Caller;
use crate::sim::{Tenants, World};
use serde_json::{Value as Json, json};

const OFFERING: &str = "DefaultIsolatedNetworkOfferingWithSourceNatService";

/// Words of a call.
type Words<'w> = &'w [(&'w str, &'w str)];

/// Alice's project `web`; its id.
fn project(world: &World, who: &Tenants) -> String {
    let made = world.ok_as(&who.alice, "createProject", &[("name", "web")]);
    made["project"]["id"].as_str().unwrap().to_owned()
}

/// Makes a network in a project; its id.
fn network(world: &World, caller: &Caller, project: &str, name: &str) -> String {
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let zone = world.id("listZones", &[]);
    let words = [
        ("name", name),
        ("zoneid", &zone),
        ("networkofferingid", &offering),
        ("projectid", project),
    ];
    let made = world.ok_as(caller, "createNetwork", &words);
    made["network"]["id"].as_str().unwrap().to_owned()
}

fn names(body: &Json, key: &str) -> Vec<String> {
    let rows = body[key].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn projects(world: &World, caller: &Caller, words: &[(&str, &str)]) -> Vec<String> {
    names(&world.ok_as(caller, "listProjects", words), "project")
}

#[test]
fn a_project_owns_through_a_hidden_account() {
    let (world, who) = World::tenants();
    let reply = world.reply_to(&who.alice, "createProject", &[("name", "web")]).unwrap();
    let made = reply.job.unwrap().made.unwrap();
    let project = &reply.body["project"];
    assert_eq!(project["id"], made.as_str());
    assert_eq!((&project["displaytext"], &project["state"]), (&json!("web"), &json!("Active")));
    assert_eq!((&project["domain"], &project["iplimit"]), (&json!("a"), &json!("20")));
    assert_eq!(project["owner"], json!([{"account": "alice"}]));
    let hidden = project["projectaccountname"].as_str().unwrap();
    assert!(hidden.starts_with("PrjAcct-web-"), "{hidden}");
    let net = network(&world, &who.alice, &made, "shop");
    let listed = world.ok_as(&who.alice, "listNetworks", &[("projectid", &made)]);
    let listed = &listed["network"][0];
    assert_eq!((&listed["project"], &listed["projectid"]), (&json!("web"), &json!(made)));
    assert!(listed.get("account").is_none());
    let body = world.ok_as(&who.alice, "associateIpAddress", &[("networkid", &net)]);
    let address = &body["ipaddress"];
    assert_eq!((&address["project"], &address["projectid"]), (&json!("web"), &json!(made)));
    assert!(address.get("account").is_none());
    let body = world.ok_as(&who.alice, "listProjects", &[]);
    let counts = &body["project"][0];
    assert_eq!((&counts["iptotal"], &counts["networktotal"]), (&json!(1), &json!(1)));
    let hers = world.ok_as(&who.alice, "listAccounts", &[("name", "alice")]);
    assert_eq!(hers["account"][0]["networktotal"], 0);
    let events = world.ok_as(&who.alice, "listEvents", &[("projectid", &made)]);
    let types: Vec<_> = events["event"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
    assert!(types.contains(&&json!("PROJECT.CREATE")) && types.contains(&&json!("NET.IPASSIGN")));
    assert_eq!(events["event"][0]["project"], "web");
    assert!(events["event"][0].get("account").is_none());
}

#[test]
fn nobody_names_the_hidden_account() {
    let (world, who) = World::tenants();
    project(&world, &who);
    let a = world.id("listDomains", &[("name", "a")]);
    let body = world.ok("listProjects", &[("listall", "true")]);
    let hidden = body["project"][0]["projectaccountname"].as_str().unwrap();
    let words = [("account", hidden), ("domainid", a.as_str())];
    for caller in [&Caller::ADMIN, &who.ada] {
        assert_eq!(world.refused_as(caller, "listNetworks", &words).0, 431);
        let body = world.ok_as(caller, "listAccounts", &[("listall", "true")]);
        assert!(!body.to_string().contains("PrjAcct"), "{body}");
    }
}

#[test]
fn names_of_projects_differ_in_a_domain() {
    let (world, who) = World::tenants();
    project(&world, &who);
    for caller in [&who.alice, &who.amir] {
        let (code, text) = world.refused_as(caller, "createProject", &[("name", "web")]);
        assert_eq!(code, 431);
        assert!(text.contains("the domain has a project `web` already"), "{text}");
    }
    world.ok_as(&who.bob, "createProject", &[("name", "web")]);
    let id = world.id("listProjects", &[("listall", "true")]);
    world.ok_as(&who.alice, "deleteProject", &[("id", &id)]);
    world.ok_as(&who.amir, "createProject", &[("name", "web")]);
}

#[test]
fn admins_make_projects_for_others_and_users_for_themselves() {
    let (world, who) = World::tenants();
    let a = world.id("listDomains", &[("name", "a")]);
    let of = |name| [("name", "web"), ("account", name), ("domainid", a.as_str())];
    let made = world.ok_as(&who.ada, "createProject", &of("alice"));
    assert_eq!(made["project"]["owner"], json!([{"account": "alice"}]));
    assert_eq!(world.refused_as(&who.amir, "createProject", &of("alice")).0, 531);
    assert_eq!(world.refused_as(&who.bea, "createProject", &of("alice")).0, 531);
    for words in [[("name", "x"), ("account", "alice")], [("name", "x"), ("domainid", &a)]] {
        let (code, text) = world.refused_as(&who.ada, "createProject", &words);
        assert_eq!(code, 431);
        assert!(text.contains("account and domainid must be given together"), "{text}");
    }
    world.ok("updateConfiguration", &[("name", "allow.user.create.projects"), ("value", "false")]);
    assert_eq!(world.refused_as(&who.alice, "createProject", &[("name", "no")]).0, 531);
    world.ok_as(&who.ada, "createProject", &[("name", "yes")]);
}

#[test]
fn who_administers_too_many_projects_gets_no_more() {
    let (world, who) = World::tenants();
    world.ok("updateConfiguration", &[("name", "max.account.projects"), ("value", "1")]);
    let id = project(&world, &who);
    let refused = || world.refused_as(&who.alice, "createProject", &[("name", "two")]);
    let (code, text) = refused();
    assert_eq!(code, 535);
    assert!(text.contains("Maximum number of project for the account alice"), "{text}");
    let add = [("projectid", id.as_str()), ("account", "amir"), ("roletype", "Admin")];
    world.ok_as(&who.alice, "addAccountToProject", &add);
    assert_eq!(world.refused_as(&who.amir, "createProject", &[("name", "two")]).0, 535);
    // Who is an admin no more has room again, and so it is when the project goes.
    let words = [("id", &*id), ("account", "amir"), ("swapowner", "false")];
    world.ok_as(&who.alice, "updateProject", &words);
    let two = world.ok_as(&who.amir, "createProject", &[("name", "two")]);
    let two = two["project"]["id"].as_str().unwrap();
    let three = [("projectid", id.as_str()), ("account", "ada"), ("roletype", "Admin")];
    world.ok_as(&who.alice, "addAccountToProject", &three);
    world.ok_as(&who.amir, "deleteProject", &[("id", two)]);
    world.ok_as(&who.amir, "createProject", &[("name", "three")]);
}

#[test]
fn members_see_their_projects_and_admins_those_below() {
    let (world, who) = World::tenants();
    project(&world, &who);
    let cases: &[(&Caller, Words<'_>, &[&str])] = &[
        (&who.alice, &[], &["web"]),
        (&who.alice, &[("listall", "true")], &["web"]),
        (&who.amir, &[("listall", "true")], &[]),
        (&who.bob, &[("listall", "true")], &[]),
        (&who.bea, &[("listall", "true")], &[]),
        (&who.ada, &[], &[]),
        (&who.ada, &[("listall", "true")], &["web"]),
        (&who.alice, &[("state", "suspended")], &[]),
        (&who.alice, &[("state", "active"), ("keyword", "we")], &["web"]),
        (&who.alice, &[("name", "web"), ("displaytext", "web")], &["web"]),
        (&who.alice, &[("displaytext", "other")], &[]),
        (&who.alice, &[("account", "alice")], &["web"]),
        (&who.ada, &[("account", "alice")], &["web"]),
        (&who.ada, &[("account", "amir")], &[]),
        (&who.ada, &[("listall", "true"), ("username", "alice")], &["web"]),
        (&who.ada, &[("listall", "true"), ("username", "amir")], &[]),
        (&Caller::ADMIN, &[], &[]),
        (&Caller::ADMIN, &[("listall", "true")], &["web"]),
    ];
    for (caller, words, wanted) in cases {
        assert_eq!(projects(&world, caller, words), *wanted, "{words:?}");
    }
    let domain = |name| world.id("listDomains", &[("name", name)]);
    let (root, a, sub) = (domain("ROOT"), domain("a"), domain("sub"));
    let of = |id: &str| projects(&world, &Caller::ADMIN, &[("domainid", id)]);
    assert_eq!((of(&root).len(), of(&a).len(), of(&sub).len()), (0, 1, 0));
    let words = [("domainid", root.as_str()), ("isrecursive", "true")];
    assert_eq!(projects(&world, &Caller::ADMIN, &words), ["web"]);
    assert_eq!(world.refused_as(&who.bea, "listProjects", &[("domainid", &a)]).0, 531);
    assert_eq!(world.refused_as(&who.alice, "listProjects", &[("account", "amir")]).0, 531);
    let min = world.ok_as(&who.alice, "listProjects", &[("details", "min")]);
    assert!(min["project"][0].get("iptotal").is_none());
    let (code, text) = world.refused_as(&who.alice, "listProjects", &[("details", "some")]);
    assert_eq!((code, text.contains("details")), (431, true), "{text}");
}

#[test]
fn only_admins_of_a_project_change_it() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let add = [("projectid", id.as_str()), ("account", "amir")];
    world.ok_as(&who.alice, "addAccountToProject", &add);
    for command in ["updateProject", "suspendProject", "activateProject", "deleteProject"] {
        let words = [("id", id.as_str())];
        for caller in [&who.sam, &who.bob, &who.bea] {
            let (code, text) = world.refused_as(caller, command, &words);
            assert_eq!(code, 531, "{command}: {text}");
        }
        let before = world.dump();
        let fault = world.call_as(&who.amir, command, &words).unwrap_err();
        assert!(fault.in_job && fault.text.contains("has no permission"), "{fault}");
        assert_eq!(world.dump(), before);
    }
    for caller in [&who.alice, &who.ada, &Caller::ADMIN] {
        world.ok_as(caller, "updateProject", &[("id", &id), ("displaytext", "theirs")]);
    }
}

#[test]
fn a_project_gets_another_name_and_text() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    world.ok_as(&who.alice, "createProject", &[("name", "other")]);
    let words = [("id", id.as_str()), ("name", "shop"), ("displaytext", "The shop")];
    let body = world.ok_as(&who.alice, "updateProject", &words);
    let project = &body["project"];
    assert_eq!((&project["name"], &project["displaytext"]), (&json!("shop"), &json!("The shop")));
    let (code, text) =
        world.refused_as(&who.alice, "updateProject", &[("id", &id), ("name", "other")]);
    assert_eq!((code, text.contains("name")), (431, true), "{text}");
    world.ok_as(&who.alice, "updateProject", &[("id", &id), ("name", "shop")]);
}

#[test]
fn in_a_suspended_project_nothing_is_made_but_all_stays_usable() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let net = network(&world, &who.alice, &id, "shop");
    let body = world.ok_as(&who.alice, "suspendProject", &[("id", &id)]);
    assert_eq!(body["project"]["state"], "Suspended");
    let offering = world.id("listNetworkOfferings", &[("name", OFFERING)]);
    let zone = world.id("listZones", &[]);
    let words = [
        ("name", "more"),
        ("zoneid", zone.as_str()),
        ("networkofferingid", &offering),
        ("projectid", &id),
    ];
    let (code, text) = world.refused_as(&who.alice, "createNetwork", &words);
    assert_eq!(code, 531);
    assert!(text.contains("The project web is suspended"), "{text}");
    world.ok_as(&who.alice, "updateNetwork", &[("id", &net), ("displaytext", "still")]);
    let body = world.ok_as(&who.alice, "activateProject", &[("id", &id)]);
    assert_eq!(body["project"]["state"], "Active");
    world.ok_as(&who.alice, "activateProject", &[("id", &id)]);
    world.ok_as(&who.alice, "createNetwork", &words);
}

#[test]
fn a_project_goes_with_all_that_it_owns_if_so_said() {
    let (world, who) = World::tenants();
    let empty = world.dump();
    let id = project(&world, &who);
    let net = network(&world, &who.alice, &id, "shop");
    world.ok_as(&who.alice, "associateIpAddress", &[("networkid", &net)]);
    let words = [("state", "Free"), ("allocatedonly", "false")];
    let free = world.id("listPublicIpAddresses", &words);
    world.ok_as(&who.alice, "reserveIpAddress", &[("id", &free), ("projectid", &id)]);
    let range = world.id("listVlanIpRanges", &[]);
    let fault = world.call_as(&who.alice, "deleteProject", &[("id", &id)]).unwrap_err();
    assert!(fault.in_job && fault.text.contains("1 network (`shop`)"), "{fault}");
    world.ok_as(&who.alice, "deleteProject", &[("id", &id), ("cleanup", "true")]);
    let (code, text) = world.refused_as(&who.alice, "activateProject", &[("id", &id)]);
    assert_eq!(code, 431);
    assert!(text.contains("entity does not exist"), "{text}");
    let left = |table: &str, world: &World| {
        world
            .dump()
            .lines()
            .filter(|row| row.starts_with(table))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let before: Vec<_> =
        empty.lines().filter(|row| row.starts_with("address")).map(str::to_owned).collect();
    assert_eq!(left("address", &world), before);
    assert!(left("project_member ", &world).is_empty());
    assert!(
        left("counter ", &world)
            .iter()
            .all(|row| !row.contains("\"project\"") || row.ends_with(" 0"))
    );
    assert!(projects(&world, &Caller::ADMIN, &[("listall", "true")]).is_empty());
    world.ok("listVlanIpRanges", &[("id", &range)]);
    let events = world.ok("listEvents", &[("type", "PROJECT.DELETE"), ("projectid", "-1")]);
    assert_eq!(events["event"][0]["description"], "deleting project web");
}

#[test]
fn all_projects_of_the_caller_are_asked_for_with_minus_one() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    network(&world, &who.alice, &id, "shop");
    let all = |caller: &Caller, command: &str, key: &str| {
        names(&world.ok_as(caller, command, &[("projectid", "-1")]), key)
    };
    assert_eq!(all(&who.alice, "listNetworks", "network"), ["shop"]);
    assert_eq!(all(&Caller::ADMIN, "listNetworks", "network"), ["shop"]);
    for caller in [&who.amir, &who.bob, &who.bea] {
        assert!(all(caller, "listNetworks", "network").is_empty());
    }
    for command in ["listVPCs", "listPublicIpAddresses", "listEvents"] {
        world.ok_as(&who.alice, command, &[("projectid", "-1")]);
    }
}
