//! Roles from the outside.

use crate::engine::Caller;
use crate::model::{Account, RoleKind};
use crate::schema::Fault;
use crate::sim::{Tenants, World};
use serde_json::{Value as Json, json};

/// Words of a call.
type Words<'w> = &'w [(&'w str, &'w str)];

/// Makes a role; its id.
fn role(world: &World, words: &[(&str, &str)]) -> String {
    let made = world.ok("createRole", words);
    made["role"]["id"].as_str().unwrap().to_owned()
}

/// The same caller with another role, which is stored with the account too.
fn with_role(world: &World, caller: &Caller, id: &str, kind: RoleKind) -> Caller {
    let uid = crate::model::Uid::parse(id).unwrap();
    let account_id = caller.account_id;
    let done = world.engine.store().write(move |tx| {
        let role_id = tx.row_of::<crate::model::Role>(uid).unwrap();
        let account: Account = tx.get(account_id)?.unwrap();
        tx.save(&Account { role_id, kind: kind.account_type(), ..account })?;
        Ok::<_, Fault>(role_id)
    });
    Caller { role_id: done.unwrap(), kind, ..caller.clone() }
}

fn rules(world: &World, role: &str) -> Vec<String> {
    let body = world.ok("listRolePermissions", &[("roleid", role)]);
    let rows = body["rolepermission"].as_array().cloned().unwrap_or_default();
    let text = |row: &Json, field: &str| row[field].as_str().unwrap().to_owned();
    rows.iter().map(|row| text(row, "permission") + " " + &text(row, "rule")).collect()
}

#[test]
fn a_role_is_made_of_a_type_or_of_another_role() {
    let world = World::sandbox();
    let words = [("name", "Viewer"), ("type", "user"), ("description", "looks")];
    let made = world.ok("createRole", &words);
    let viewer = &made["role"];
    assert_eq!((&viewer["type"], &viewer["isdefault"]), (&json!("User"), &json!(false)));
    assert_eq!((&viewer["state"], &viewer["ispublic"]), (&json!("enabled"), &json!(true)));
    assert_eq!(viewer["description"], "looks");
    assert!(rules(&world, viewer["id"].as_str().unwrap()).is_empty());
    let user = world.id("listRoles", &[("name", "User")]);
    let copy = role(&world, &[("name", "Copy"), ("roleid", &user), ("ispublic", "false")]);
    assert_eq!(rules(&world, &copy), rules(&world, &user));
    assert_eq!(rules(&world, &copy).len(), 259);
    let admin = world.id("listRoles", &[("name", "Root Admin")]);
    assert_eq!(rules(&world, &admin), ["allow *"]);
    let body = world.ok("listEvents", &[("type", "ROLE.CREATE")]);
    assert_eq!(body["event"][0]["description"], "creating role Copy");
    assert_eq!(body["event"][0]["resourcename"], "Copy");
}

#[test]
fn wrong_roles_are_refused() {
    let world = World::sandbox();
    let user = world.id("listRoles", &[("name", "User")]);
    role(&world, &[("name", "Viewer"), ("type", "User")]);
    let cases: &[(Words<'_>, u16, &str)] = &[
        (&[("name", "x")], 431, "type and roleid must be given"),
        (&[("name", "x"), ("type", "User"), ("roleid", &user)], 431, "exclude each other"),
        (&[("name", "x"), ("type", "Boss")], 431, "type"),
        (&[("name", "Viewer"), ("type", "User")], 530, "name"),
        (&[("name", "x"), ("roleid", "x")], 431, "roleid"),
    ];
    for (words, code, text) in cases {
        let (refused, why) = world.unmoved("createRole", words);
        assert_eq!(refused, *code, "{words:?}: {why}");
        assert!(why.contains(text), "{words:?}: {why}");
    }
    role(&world, &[("name", "Viewer"), ("type", "DomainAdmin")]);
}

#[test]
fn a_role_is_changed_until_somebody_has_it() {
    let (world, who) = World::tenants();
    let id = role(&world, &[("name", "Viewer"), ("type", "DomainAdmin")]);
    let words = [("id", &*id), ("name", "Reader"), ("type", "User"), ("description", "reads")];
    let body = world.ok("updateRole", &words);
    assert_eq!((&body["role"]["name"], &body["role"]["type"]), (&json!("Reader"), &json!("User")));
    with_role(&world, &who.alice, &id, RoleKind::User);
    world.ok("updateRole", &[("id", &id), ("description", "reads on")]);
    for (command, word) in [("updateRole", ("type", "DomainAdmin")), ("deleteRole", ("id", &id))] {
        let words: Vec<_> = [("id", id.as_str()), word].into_iter().collect();
        let (code, text) = world.unmoved(command, &words);
        assert_eq!(code, 531);
        assert!(text.contains("Accounts have the role `Reader`, `alice` for one"), "{text}");
    }
    let other = role(&world, &[("name", "Other"), ("type", "User")]);
    assert_eq!(world.unmoved("updateRole", &[("id", &other), ("name", "Reader")]).0, 530);
    world.ok("deleteRole", &[("id", &other)]);
    assert_eq!(world.ok("listRoles", &[("name", "Other")]), json!({}));
    assert_eq!(world.refused("deleteRole", &[("id", &other)]).0, 431);
}

#[test]
fn roles_of_the_installation_stay_as_they_are() {
    let world = World::sandbox();
    let id = world.id("listRoles", &[("name", "User")]);
    let id = id.as_str();
    for (command, words) in [
        ("updateRole", vec![("id", id), ("name", "x")]),
        ("updateRole", vec![("id", id), ("description", "x"), ("ispublic", "true")]),
        ("updateRole", vec![("id", id)]),
        ("deleteRole", vec![("id", id)]),
        ("disableRole", vec![("id", id)]),
        ("enableRole", vec![("id", id)]),
        ("createRolePermission", vec![("roleid", id), ("rule", "x"), ("permission", "allow")]),
    ] {
        let (code, text) = world.unmoved(command, &words);
        assert_eq!(code, 531, "{command}: {text}");
        assert!(text.contains("came with the installation"), "{text}");
    }
    let body = world.ok("updateRole", &[("id", id), ("ispublic", "false")]);
    assert_eq!(body["role"]["ispublic"], false);
}

#[test]
fn who_has_a_disabled_role_may_call_nothing() {
    let (world, who) = World::tenants();
    let id = role(&world, &[("name", "Viewer"), ("type", "User")]);
    let words = [("roleid", id.as_str()), ("rule", "list*"), ("permission", "allow")];
    world.ok("createRolePermission", &words);
    let alice = with_role(&world, &who.alice, &id, RoleKind::User);
    world.ok_as(&alice, "listNetworks", &[]);
    world.ok("disableRole", &[("id", &id)]);
    assert_eq!(world.ok("listRoles", &[("state", "disabled")])["count"], 1);
    assert_eq!(world.refused_as(&alice, "listNetworks", &[]).0, 432);
    world.ok("enableRole", &[("id", &id)]);
    world.ok_as(&alice, "listNetworks", &[]);
}

#[test]
fn a_role_is_imported_with_its_rules() {
    let world = World::sandbox();
    let import = |rule: &str, more: &[(&str, &str)]| {
        let words = [
            ("name", "Viewer"),
            ("type", "User"),
            ("rules[0].rule", rule),
            ("rules[0].permission", "ALLOW"),
            ("rules[1].rule", "*"),
            ("rules[1].permission", "deny"),
            ("rules[1].description", "nothing else"),
        ];
        world.call("importRole", &[&words, more].concat())
    };
    let made = import("list*", &[]).unwrap();
    let id = made["role"]["id"].as_str().unwrap();
    assert_eq!(rules(&world, id), ["allow list*", "deny *"]);
    let body = world.ok("listRolePermissions", &[("roleid", id)]);
    assert_eq!(body["rolepermission"][1]["description"], "nothing else");
    assert_eq!(body["rolepermission"][1]["rolename"], "Viewer");
    let fault = import("get*", &[]).unwrap_err();
    assert!(fault.code() == 530 && fault.text.contains("forced=true"), "{fault}");
    let again = import("get*", &[("forced", "true"), ("description", "looks")]).unwrap();
    assert_eq!(
        (&again["role"]["id"], &again["role"]["description"]),
        (&json!(id), &json!("looks"))
    );
    assert_eq!(rules(&world, id), ["allow get*", "deny *"]);
    let fault = import("list Zones", &[("forced", "true")]).unwrap_err();
    assert!(fault.code() == 431 && fault.text.contains("rule"), "{fault}");
    assert_eq!(rules(&world, id), ["allow get*", "deny *"]);
    let wrong = [
        vec![("name", "x"), ("type", "User"), ("rules[0].rule", "a"), ("rules[0].permission", "b")],
        vec![("name", "x"), ("type", "User"), ("rules[0].permission", "allow")],
        vec![("name", "x"), ("rules[0].rule", "a"), ("rules[0].permission", "deny")],
        vec![("name", "x"), ("type", "User")],
    ];
    for words in wrong {
        assert_eq!(world.unmoved("importRole", &words).0, 431, "{words:?}");
    }
    let words = [
        ("name", "User"),
        ("type", "User"),
        ("forced", "true"),
        ("rules[0].rule", "*"),
        ("rules[0].permission", "allow"),
    ];
    assert_eq!(world.unmoved("importRole", &words).0, 530);
}

/// A root admin whose role allows only some commands.
fn limited(world: &World, who: &Tenants) -> Caller {
    let id = role(world, &[("name", "Keeper"), ("type", "Admin")]);
    for (rule, permission) in [("deleteZone", "deny"), ("*", "allow")] {
        let words = [("roleid", id.as_str()), ("rule", rule), ("permission", permission)];
        world.ok("createRolePermission", &words);
    }
    with_role(world, &who.ada, &id, RoleKind::Admin)
}

#[test]
fn nobody_makes_a_role_that_may_do_more() {
    let (world, who) = World::tenants();
    let keeper = limited(&world, &who);
    let own = world.id("listRoles", &[("name", "Keeper")]);
    let root = world.id("listRoles", &[("name", "Root Admin")]);
    world.ok_as(&keeper, "createRole", &[("name", "Same"), ("roleid", &own)]);
    world.ok_as(&keeper, "createRole", &[("name", "Less"), ("type", "User")]);
    let less = world.id("listRoles", &[("name", "Less")]);
    let rule = |role, rule| [("roleid", role), ("rule", rule), ("permission", "allow")];
    world.ok_as(&keeper, "createRolePermission", &rule(&less, "list*"));
    let before = world.dump();
    for (command, words) in [
        ("createRole", vec![("name", "More"), ("roleid", root.as_str())]),
        ("createRolePermission", rule(&less, "*").to_vec()),
        ("createRolePermission", rule(&less, "delete*").to_vec()),
        ("createRolePermission", rule(&own, "list*").to_vec()),
    ] {
        let (code, text) = world.refused_as(&keeper, command, &words);
        assert_eq!(code, 531, "{command}: {text}");
        assert!(text.contains("your own role") || text.contains("Your own role"), "{text}");
    }
    let same = world.id("listRoles", &[("name", "Same")]);
    let body = world.ok("listRolePermissions", &[("roleid", &same)]);
    let ids = [0, 1].map(|n| body["rolepermission"][n]["id"].as_str().unwrap().to_owned());
    let order = format!("{},{}", ids[1], ids[0]);
    for (command, words) in [
        ("deleteRolePermission", vec![("id", ids[0].as_str())]),
        ("updateRolePermission", vec![("roleid", &same), ("ruleorder", &order)]),
        (
            "updateRolePermission",
            vec![("roleid", &same), ("ruleid", &ids[0]), ("permission", "allow")],
        ),
    ] {
        let (code, text) = world.refused_as(&keeper, command, &words);
        assert_eq!(code, 531, "{command}: {text}");
        assert!(text.contains("could call deleteZone, which your own role cannot"), "{text}");
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn only_root_admins_change_roles_whatever_their_rules_say() {
    let (world, who) = World::tenants();
    let id = role(&world, &[("name", "All"), ("type", "DomainAdmin")]);
    let words = [("roleid", id.as_str()), ("rule", "*"), ("permission", "allow")];
    world.ok("createRolePermission", &words);
    let ada = with_role(&world, &who.ada, &id, RoleKind::DomainAdmin);
    let other = role(&world, &[("name", "Other"), ("type", "User")]);
    let other = other.as_str();
    for (command, words) in [
        ("createRole", vec![("name", "x"), ("type", "User")]),
        (
            "importRole",
            vec![
                ("name", "x"),
                ("type", "User"),
                ("rules[0].rule", "a"),
                ("rules[0].permission", "deny"),
            ],
        ),
        ("updateRole", vec![("id", other), ("name", "x")]),
        ("deleteRole", vec![("id", other)]),
        ("enableRole", vec![("id", other)]),
        ("disableRole", vec![("id", other)]),
        ("createRolePermission", vec![("roleid", other), ("rule", "a"), ("permission", "deny")]),
        ("listRolePermissions", vec![("roleid", other)]),
        ("listRolePermissions", vec![]),
    ] {
        let (code, text) = world.refused_as(&ada, command, &words);
        assert_eq!(code, 531, "{command}: {text}");
    }
    assert_eq!(world.refused_as(&who.alice, "createRole", &[("name", "x")]).0, 432);
}
