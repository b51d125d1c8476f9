//! Rules of roles from the outside.

use crate::engine::Caller;
use crate::sim::World;
use serde_json::{Value as Json, json};

/// Words of a call.
type Words<'w> = Vec<(&'w str, &'w str)>;

/// A world with a role `Viewer` of users; its id.
fn world() -> (World, String) {
    let world = World::sandbox();
    let made = world.ok("createRole", &[("name", "Viewer"), ("type", "User")]);
    let id = made["role"]["id"].as_str().unwrap().to_owned();
    (world, id)
}

fn add(world: &World, role: &str, rule: &str, permission: &str) -> Json {
    let words = [("roleid", role), ("rule", rule), ("permission", permission)];
    world.ok("createRolePermission", &words)["rolepermission"].clone()
}

fn rules(world: &World, role: &str, field: &str) -> Vec<String> {
    let body = world.ok("listRolePermissions", &[("roleid", role)]);
    let rows = body["rolepermission"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

/// Whether somebody with the role may call a command.
fn may(world: &World, role: &str, command: &str) -> bool {
    let uid = crate::model::Uid::parse(role).unwrap();
    let key = world.engine.store().key();
    let (_, row) = key.decode(crate::model::EntityKind::Role, uid).unwrap();
    let caller =
        Caller { role_id: row.cast_signed(), kind: crate::model::RoleKind::User, ..Caller::ADMIN };
    match world.call_as(&caller, command, &[]) {
        Err(fault) if fault.code() == 432 => false,
        Err(fault) => panic!("{fault}"),
        Ok(_) => true,
    }
}

#[test]
fn rules_take_effect_at_once_and_in_their_order() {
    let (world, id) = world();
    assert!(!may(&world, &id, "listNetworks"));
    let list = add(&world, &id, "list*", "allow");
    assert_eq!((&list["rule"], &list["permission"]), (&json!("list*"), &json!("allow")));
    assert_eq!((&list["rolename"], &list["roleid"]), (&json!("Viewer"), &json!(id)));
    assert!(list.get("description").is_none());
    assert!(may(&world, &id, "listNetworks") && may(&world, &id, "listZones"));
    let no = add(&world, &id, "listNetworks", "deny");
    assert!(may(&world, &id, "listNetworks"), "the first that fits decides");
    let order = [&no, &list].map(|rule| rule["id"].as_str().unwrap()).join(",");
    world.ok("updateRolePermission", &[("roleid", &id), ("ruleorder", &order)]);
    assert_eq!(rules(&world, &id, "rule"), ["listNetworks", "list*"]);
    assert!(!may(&world, &id, "listNetworks") && may(&world, &id, "listZones"));
    let rule = no["id"].as_str().unwrap();
    let words = [("roleid", id.as_str()), ("ruleid", rule), ("permission", "allow")];
    world.ok("updateRolePermission", &words);
    assert!(may(&world, &id, "listNetworks"));
    world.ok("deleteRolePermission", &[("id", rule)]);
    assert_eq!(rules(&world, &id, "rule"), ["list*"]);
    assert_eq!(world.refused("deleteRolePermission", &[("id", rule)]).0, 431);
    let types = ["CREATE", "UPDATE", "DELETE"].map(|what| format!("ROLE.PERMISSION.{what}"));
    for kind in types {
        let body = world.ok("listEvents", &[("type", &kind)]);
        assert_eq!(body["event"][0]["resourcename"], "Viewer", "{kind}");
    }
}

#[test]
fn a_rule_may_be_for_what_there_is_not() {
    let (world, id) = world();
    add(&world, &id, "deployVirtualMachine", "allow");
    add(&world, &id, "*Snapshot*2", "deny");
    assert_eq!(rules(&world, &id, "rule"), ["deployVirtualMachine", "*Snapshot*2"]);
}

#[test]
fn wrong_rules_are_refused() {
    let (world, id) = world();
    let id = id.as_str();
    let first = add(&world, id, "list*", "allow");
    let second = add(&world, id, "get*", "allow");
    let (first, second) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    let add = |rule, permission| vec![("roleid", id), ("rule", rule), ("permission", permission)];
    let twice = format!("{first},{first}");
    let all = format!("{first},{second}");
    let create = "createRolePermission";
    let update = "updateRolePermission";
    let cases: &[(&str, Words<'_>, u16, &str)] = &[
        (create, add("list Zones", "allow"), 431, "rule"),
        (create, add("list?", "allow"), 431, "letters, digits and the wildcard *"),
        (create, add("x", "perhaps"), 431, "permission"),
        (create, add("list*", "deny"), 531, "has a rule `list*` already"),
        (update, vec![("roleid", id)], 431, "ruleorder"),
        (update, vec![("roleid", id), ("ruleid", first)], 431, "together"),
        (update, vec![("roleid", id), ("permission", "deny")], 431, "together"),
        (update, vec![("roleid", id), ("ruleorder", first)], 431, "each of the 2 rules"),
        (update, vec![("roleid", id), ("ruleorder", &twice)], 431, "each of the 2 rules"),
        (
            update,
            vec![("roleid", id), ("ruleorder", &all), ("permission", "deny")],
            431,
            "excludes",
        ),
        ("deleteRolePermission", vec![("id", id)], 431, "It is the id of a role"),
    ];
    for (command, words, code, text) in cases {
        let (refused, why) = world.unmoved(command, words);
        assert_eq!(refused, *code, "{command} {words:?}: {why}");
        assert!(why.contains(text), "{command} {words:?}: {why}");
    }
    let other = world.ok("createRole", &[("name", "Other"), ("type", "User")]);
    let other = other["role"]["id"].as_str().unwrap();
    let words = [("roleid", other), ("ruleid", first), ("permission", "deny")];
    let (code, text) = world.unmoved(update, &words);
    assert_eq!((code, text.contains("is none of the role `Other`")), (431, true), "{text}");
}

#[test]
fn the_rules_of_the_installation_have_ids_and_stay() {
    let (world, own) = world();
    let user = world.id("listRoles", &[("name", "User")]);
    let ids = rules(&world, &user, "id");
    assert_eq!(rules(&world, &user, "rule")[0], "activateProject");
    let words = [("id", ids[0].as_str())];
    let (code, text) = world.unmoved("deleteRolePermission", &words);
    assert_eq!(code, 531);
    assert!(text.contains("came with the installation"), "{text}");
    for role in [&user, &own] {
        let words = [("roleid", role.as_str()), ("ruleid", &ids[0]), ("permission", "deny")];
        assert_eq!(world.unmoved("updateRolePermission", &words).0, 531);
    }
    let mut different = ids.clone();
    different.dedup();
    assert_eq!((ids.len(), different.len()), (259, 259));
    let all = world.ok("listRolePermissions", &[]);
    assert_eq!(all["count"], 1 + 317 + 301 + 259);
}
