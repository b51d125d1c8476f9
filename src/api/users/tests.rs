//! Making, changing, disabling, moving and deleting users; and who may.

use crate::engine::{Caller, caller_of, domain_of_login, is_password, login};
use crate::sim::World;
use crate::text::Secret;

fn domain(world: &World, name: &str) -> String {
    world.id("listDomains", &[("name", name)])
}

fn user(world: &World, name: &str) -> String {
    world.id("listUsers", &[("username", name)])
}

fn account_state(world: &World, name: &str) -> String {
    let body = world.ok("listAccounts", &[("name", name)]);
    body["account"][0]["state"].as_str().unwrap().to_owned()
}

fn admitted(world: &World, caller: &Caller) -> bool {
    let id = caller.user_id;
    world.engine.store().read(move |tx| caller_of(tx, id)).unwrap().is_some()
}

/// Whether this is the password of a user of the domain `a`.
fn knows(world: &World, username: &str, password: &str) -> bool {
    let found = world.engine.store().read(|tx| {
        let domain = domain_of_login(tx, "/a", None)?.unwrap();
        login(tx, &domain, username)
    });
    let hash = found.unwrap().and_then(|login| login.hash);
    is_password(&Secret::new(password), hash.as_deref())
}

/// The words of a new user of an account of the domain in `domain`.
fn person<'w>(
    account: &'w str,
    domain: &'w str,
    username: &'w str,
    more: &[(&'w str, &'w str)],
) -> Vec<(&'w str, &'w str)> {
    let mut words = vec![
        ("account", account),
        ("domainid", domain),
        ("username", username),
        ("firstname", "Ann"),
        ("lastname", "Lee"),
        ("email", "ann@example.com"),
        ("password", "hunter2"),
    ];
    words.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    words.extend_from_slice(more);
    words
}

#[test]
fn a_user_is_made_for_an_account() {
    let (world, who) = World::tenants();
    let (a, b) = (domain(&world, "a"), domain(&world, "b"));
    let words = person("alice", &a, "ann", &[("timezone", "UTC")]);
    let body = world.ok_as(&who.ada, "createUser", &words);
    let made = &body["user"];
    assert_eq!((&made["account"], &made["state"]), (&"alice".into(), &"enabled".into()));
    assert_eq!((&made["email"], &made["timezone"]), (&"ann@example.com".into(), &"UTC".into()));
    assert!(knows(&world, "ann", "hunter2") && !knows(&world, "ann", "Hunter2"));
    let system = [("account", "system"), ("domainid", &domain(&world, "ROOT"))];
    for (words, code, part) in [
        (person("alice", &a, "ALICE", &[]), 431, "username"),
        (person("alice", &a, "Ann", &[]), 431, "username"),
        (person("nobody", &a, "x", &[]), 431, "account"),
        (person("alice", &a, "x", &[("email", "x")]), 431, "email"),
        (person("alice", &a, "x", &[("password", "")]), 431, "password"),
        (person("alice", &a, "x", &[("userid", "x")]), 431, "userid"),
        (person("", &a, "x", &system), 531, "system"),
    ] {
        let (got, text) = world.unmoved("createUser", &words);
        assert_eq!(got, code, "{text}");
        assert!(text.contains(part) && !text.contains("hunter2"), "{text}");
    }
    let words = person("bob", &b, "x", &[]);
    assert_eq!(world.refused_as(&who.ada, "createUser", &words).0, 531);
    world.ok("createUser", &person("bob", &b, "alice", &[]));
}

#[test]
fn a_user_changes() {
    let (world, who) = World::tenants();
    let alice = user(&world, "alice");
    let words = [
        ("id", alice.as_str()),
        ("username", "Alice"),
        ("firstname", "A"),
        ("lastname", "B"),
        ("email", "a@b"),
        ("timezone", "UTC"),
    ];
    let body = world.ok_as(&who.alice, "updateUser", &words);
    for (name, value) in &words[1..] {
        assert_eq!(body["user"][*name], *value, "{name}");
    }
    let body = world.ok("updateUser", &[("id", &alice), ("timezone", "")]);
    assert!(body["user"]["timezone"].is_null());
    for (name, value) in [
        ("username", "AMIR"),
        ("username", " "),
        ("firstname", " "),
        ("email", "x"),
        ("password", " "),
        ("currentpassword", "x"),
        ("userapikey", "x"),
        ("usersecretkey", "x"),
    ] {
        let (code, text) = world.unmoved("updateUser", &[("id", &alice), (name, value)]);
        assert!(code == 431 && text.contains(name), "{name}: {code} {text}");
    }
    let amir = user(&world, "amir");
    assert_eq!(
        world.refused_as(&who.alice, "updateUser", &[("id", &amir), ("email", "a@b")]).0,
        531
    );
    assert_eq!(world.refused_as(&who.bea, "updateUser", &[("id", &amir), ("email", "a@b")]).0, 531);
}

#[test]
fn a_new_password_needs_the_current_one_or_an_admin_above() {
    let (world, who) = World::tenants();
    let (alice, ada) = (user(&world, "alice"), user(&world, "ada"));
    let set = |caller: &Caller, id: &str, more: &[(&str, &str)]| {
        let words: Vec<_> = [("id", id)].into_iter().chain(more.iter().copied()).collect();
        world
            .call_as(caller, "updateUser", &words)
            .map_or_else(|fault| fault.text, |_| String::new())
    };
    // Nobody has a password yet, so nobody can give the current one.
    assert!(set(&who.alice, &alice, &[("password", "one")]).contains("currentpassword"));
    let both = [("password", "one"), ("currentpassword", "")];
    assert!(set(&who.alice, &alice, &both).contains("currentpassword"));
    assert_eq!(set(&who.ada, &alice, &[("password", "one")]), "");
    assert!(knows(&world, "alice", "one"));
    let wrong = [("password", "two"), ("currentpassword", "One")];
    assert!(set(&who.alice, &alice, &wrong).contains("wrong"));
    assert!(knows(&world, "alice", "one"));
    assert_eq!(set(&who.alice, &alice, &[("password", "two"), ("currentpassword", "one")]), "");
    assert!(knows(&world, "alice", "two") && !knows(&world, "alice", "one"));
    // A domain admin's own password is like a user's.
    assert!(set(&who.ada, &ada, &[("password", "x")]).contains("currentpassword"));
    assert_eq!(set(&Caller::ADMIN, &ada, &[("password", "x")]), "");
    assert_eq!(set(&who.ada, &ada, &[("password", "y"), ("currentpassword", "x")]), "");
    assert!(knows(&world, "ada", "y"));
}

#[test]
fn a_user_goes_through_its_states() {
    let (world, who) = World::tenants();
    let alice = user(&world, "alice");
    for (from, enable, disable, lock) in [
        ("enabled", Some("enabled"), Some("disabled"), Some("locked")),
        ("disabled", Some("enabled"), Some("disabled"), None),
        ("locked", Some("enabled"), Some("disabled"), Some("locked")),
    ] {
        for (command, to) in [("enableUser", enable), ("disableUser", disable), ("lockUser", lock)]
        {
            world.tell("UPDATE account SET state = 'enabled' WHERE name = 'alice'");
            world.tell(match from {
                "enabled" => "UPDATE user SET state = 'enabled' WHERE username = 'alice'",
                "disabled" => "UPDATE user SET state = 'disabled' WHERE username = 'alice'",
                _ => "UPDATE user SET state = 'locked' WHERE username = 'alice'",
            });
            let Some(to) = to else {
                assert_eq!(world.unmoved(command, &[("id", &alice)]).0, 530, "{command} {from}");
                continue;
            };
            let body = world.ok_as(&who.ada, command, &[("id", &alice)]);
            assert_eq!(body["user"]["state"], to, "{command} {from}");
            assert_eq!(admitted(&world, &who.alice), to == "enabled", "{command} {from}");
        }
    }
}

#[test]
fn an_account_is_locked_with_its_last_user_and_enabled_with_its_first() {
    let (world, _) = World::tenants();
    let a = domain(&world, "a");
    world.ok("createUser", &person("alice", &a, "ann", &[]));
    world.ok("lockUser", &[("id", &user(&world, "alice"))]);
    assert_eq!(account_state(&world, "alice"), "enabled");
    world.ok("lockUser", &[("id", &user(&world, "ann"))]);
    assert_eq!(account_state(&world, "alice"), "locked");
    world.ok("enableUser", &[("id", &user(&world, "ann"))]);
    assert_eq!(account_state(&world, "alice"), "enabled");
    world.ok("disableUser", &[("id", &user(&world, "ann"))]);
    assert_eq!(account_state(&world, "alice"), "enabled");
}

#[test]
fn a_deleted_user_leaves_nothing() {
    let (world, who) = World::tenants();
    let a = domain(&world, "a");
    let made = world.ok("createUser", &person("alice", &a, "ann", &[]));
    let ann = made["user"]["id"].as_str().unwrap();
    world.ok("registerUserKeys", &[("id", ann)]);
    for (caller, code) in [(&who.alice, 432), (&who.bea, 531)] {
        assert_eq!(world.refused_as(caller, "deleteUser", &[("id", ann)]).0, code);
    }
    world.ok_as(&who.ada, "deleteUser", &[("id", ann)]);
    for sql in ["SELECT COUNT(*) FROM user_key", "SELECT COUNT(*) FROM user_password"] {
        let left = world.engine.store().read(|tx| tx.one::<i64>(sql, &[])).unwrap();
        assert_eq!(left, Some(0), "{sql}");
    }
    assert_eq!(world.refused("deleteUser", &[("id", ann)]).0, 431);
    for (caller, name) in [(&Caller::ADMIN, "admin"), (&who.ada, "ada")] {
        let id = user(&world, name);
        assert_eq!(world.refused_as(caller, "deleteUser", &[("id", &id)]).0, 431, "{name}");
    }
    world.ok("createUser", &person("alice", &a, "ann", &[]));
}

#[test]
fn the_system_user_is_nobodys_to_change() {
    let world = World::sandbox();
    let system = world.engine.store().key().encode(crate::model::EntityKind::User, 0, 1);
    let id = system.to_string();
    for command in
        ["updateUser", "disableUser", "enableUser", "lockUser", "deleteUser", "registerUserKeys"]
    {
        let (code, text) = world.unmoved(command, &[("id", &id), ("email", "a@b")]);
        assert_eq!(code, 531, "{command}: {text}");
    }
}

#[test]
fn a_user_moves_to_another_account_of_the_domain() {
    let (world, who) = World::tenants();
    let alice = user(&world, "alice");
    world.ok("registerUserKeys", &[("id", &alice)]);
    let bob = world.id("listAccounts", &[("name", "bob")]);
    for words in [
        vec![],
        vec![("account", "amir"), ("accountid", bob.as_str())],
        vec![("accountid", bob.as_str())],
        vec![("account", "bob")],
        vec![("account", "alice")],
    ] {
        let words: Vec<_> = words.into_iter().chain([("id", alice.as_str())]).collect();
        assert_eq!(world.unmoved("moveUser", &words).0, 431, "{words:?}");
    }
    assert_eq!(
        world.refused_as(&who.ada, "moveUser", &[("id", &alice), ("account", "amir")]).0,
        432
    );
    world.ok("moveUser", &[("id", &alice), ("account", "amir")]);
    let body = world.ok("listUsers", &[("id", &alice)]);
    assert_eq!(body["user"][0]["account"], "amir");
    let id = who.alice.user_id;
    let now = world.engine.store().read(move |tx| caller_of(tx, id)).unwrap().unwrap();
    assert_eq!(now.account_id, who.amir.account_id);
    let keys = world.ok("getUserKeys", &[("id", &alice)]);
    assert!(keys["userkeys"]["apikey"].is_string());
}
