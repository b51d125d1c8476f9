//! Members of projects from the outside.

use crate::engine::Caller;
use crate::sim::{Tenants, World};
use serde_json::Value as Json;

fn project(world: &World, who: &Tenants) -> String {
    let made = world.ok_as(&who.alice, "createProject", &[("name", "web")]);
    made["project"]["id"].as_str().unwrap().to_owned()
}

/// The accounts in a project with what they may do, as somebody sees them.
fn members(world: &World, caller: &Caller, words: &[(&str, &str)]) -> Vec<String> {
    let body = world.ok_as(caller, "listProjectAccounts", words);
    let rows = body["projectaccount"].as_array().cloned().unwrap_or_default();
    let text = |row: &Json, field: &str| row[field].as_str().unwrap().to_owned();
    rows.iter().map(|row| text(row, "account") + " " + &text(row, "role")).collect()
}

#[test]
fn members_use_what_the_project_owns_and_see_who_is_in_it() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let words = [("projectid", id.as_str()), ("account", "amir")];
    assert_eq!(world.refused_as(&who.amir, "listProjectAccounts", &words[..1]).0, 531);
    assert_eq!(world.refused_as(&who.amir, "listNetworks", &words[..1]).0, 531);
    world.ok_as(&who.alice, "addAccountToProject", &words);
    let all = ["alice Admin", "amir Regular"];
    for caller in [&who.alice, &who.amir, &who.ada, &Caller::ADMIN] {
        assert_eq!(members(&world, caller, &words[..1]), all);
    }
    assert_eq!(world.refused_as(&who.bea, "listProjectAccounts", &words[..1]).0, 531);
    world.ok_as(&who.amir, "listNetworks", &words[..1]);
    let of = |word| members(&world, &who.alice, &[words[0], word]);
    assert_eq!(of(("role", "Regular")), ["amir Regular"]);
    assert_eq!(of(("account", "alice")), ["alice Admin"]);
    assert_eq!(of(("keyword", "mir")), ["amir Regular"]);
    let user = world.id("listUsers", &[("username", "amir")]);
    assert_eq!(of(("userid", &user)), ["amir Regular"]);
    // Each sees who acts for the own account, and not who does for others.
    let body = world.ok_as(&who.amir, "listProjectAccounts", &words[..1]);
    assert_eq!(body["projectaccount"][0]["user"], serde_json::json!([]));
    assert_eq!(body["projectaccount"][1]["user"][0]["username"], "amir");
    // To add a member twice is no fault.
    world.ok_as(&who.alice, "addAccountToProject", &words);
    world.ok_as(&who.alice, "deleteAccountFromProject", &words);
    assert_eq!(members(&world, &who.alice, &words[..1]), ["alice Admin"]);
    assert_eq!(world.refused_as(&who.amir, "listNetworks", &words[..1]).0, 531);
}

#[test]
fn members_are_of_the_domain_and_are_added_by_admins() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let add = |name| [("projectid", id.as_str()), ("account", name)];
    for name in ["bob", "sam", "nobody", "system"] {
        let (code, text) = world.refused_as(&who.alice, "addAccountToProject", &add(name));
        assert_eq!(code, 431);
        assert!(text.contains("Invalid parameter account: there is no account"), "{text}");
    }
    world.ok_as(&who.alice, "addAccountToProject", &add("amir"));
    let fault = world.call_as(&who.amir, "addAccountToProject", &add("ada")).unwrap_err();
    assert!(fault.in_job && fault.text.contains("no permission"), "{fault}");
    let fault = world.call_as(&who.amir, "deleteAccountFromProject", &add("alice")).unwrap_err();
    assert!(fault.in_job && fault.text.contains("no permission"), "{fault}");
    // Who wants to leave may.
    world.ok_as(&who.amir, "deleteAccountFromProject", &add("amir"));
    let (code, text) = world.refused_as(&who.alice, "deleteAccountFromProject", &add("amir"));
    assert_eq!(code, 431);
    assert!(text.contains("`amir` is no member of the project `web`"), "{text}");
}

#[test]
fn nobody_is_invited() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let words = [("projectid", id.as_str()), ("email", "amir@example.org")];
    assert_eq!(world.refused_as(&who.alice, "addAccountToProject", &words).0, 432);
    assert_eq!(world.refused_as(&who.alice, "addAccountToProject", &words[..1]).0, 431);
    world.ok("updateConfiguration", &[("name", "project.invite.required"), ("value", "true")]);
    let words = [("projectid", id.as_str()), ("account", "amir")];
    assert_eq!(world.refused_as(&who.alice, "addAccountToProject", &words).0, 432);
}

#[test]
fn a_suspended_project_gets_no_members() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    world.ok_as(&who.alice, "suspendProject", &[("id", &id)]);
    let words = [("projectid", id.as_str()), ("account", "amir")];
    let (code, text) = world.refused_as(&who.alice, "addAccountToProject", &words);
    assert_eq!(code, 431);
    assert!(text.contains("the project `web` is Suspended"), "{text}");
}

#[test]
fn a_project_keeps_an_admin() {
    let (world, who) = World::tenants();
    let id = project(&world, &who);
    let of = || members(&world, &Caller::ADMIN, &[("projectid", &id)]);
    let words = [("projectid", id.as_str()), ("account", "alice")];
    let (code, text) = world.refused_as(&who.alice, "deleteAccountFromProject", &words);
    assert_eq!(code, 431);
    assert!(text.contains("`alice` is the only admin of the project `web`"), "{text}");
    let set = |name, how: &[(&'static str, &'static str)]| {
        let mut words = vec![("id", id.as_str()), ("account", name)];
        words.extend(how);
        world.call_as(&who.ada, "updateProject", &words).map(drop).map_err(|why| why.text)
    };
    assert!(set("amir", &[]).unwrap_err().contains("`amir` is no member"));
    let words = [("projectid", id.as_str()), ("account", "amir")];
    world.ok_as(&who.alice, "addAccountToProject", &words);
    let regular = [("swapowner", "false"), ("roletype", "Regular")];
    let admin = [("swapowner", "false"), ("roletype", "Admin")];
    assert!(set("alice", &regular).unwrap_err().contains("only admin"));
    // Swapped, the one before is a member like others.
    set("amir", &[]).unwrap();
    assert_eq!(of(), ["alice Regular", "amir Admin"]);
    set("amir", &[]).unwrap();
    assert_eq!(of(), ["alice Regular", "amir Admin"]);
    set("alice", &admin).unwrap();
    assert_eq!(of(), ["alice Admin", "amir Admin"]);
    set("amir", &regular).unwrap();
    assert_eq!(of(), ["alice Admin", "amir Regular"]);
}
