//! Who is given whose keys.

use crate::engine::{Caller, holder};
use crate::sim::World;
use serde_json::json;

fn user(world: &World, name: &str) -> String {
    world.id("listUsers", &[("username", name)])
}

#[test]
fn keys_are_made_shown_and_replaced() {
    let (world, who) = World::tenants();
    let alice = user(&world, "alice");
    assert_eq!(world.ok("getUserKeys", &[("id", &alice)]), json!({ "userkeys": {} }));
    let first = world.ok_as(&who.alice, "registerUserKeys", &[("id", &alice)]);
    assert_eq!(world.ok_as(&who.alice, "getUserKeys", &[("id", &alice)]), first);
    let key = |body: &serde_json::Value| body["userkeys"]["apikey"].as_str().unwrap().to_owned();
    let secret = first["userkeys"]["secretkey"].as_str().unwrap();
    assert_eq!((key(&first).len(), secret.len()), (86, 86));
    let found = world.ok("getUser", &[("userapikey", &key(&first))]);
    assert_eq!(found["user"]["username"], "alice");
    let second = world.ok_as(&who.ada, "registerUserKeys", &[("id", &alice)]);
    assert_ne!(key(&first), key(&second));
    let (code, text) = world.refused("getUser", &[("userapikey", &key(&first))]);
    assert!(code == 431 && !text.contains(&key(&first)), "{text}");
    let holds = |key: String| world.engine.store().read(|tx| holder(tx, &key)).unwrap();
    assert!(holds(key(&first)).is_none());
    assert_eq!(holds(key(&second)).unwrap().caller.user_id, who.alice.user_id);
    let events = world.ok("listEvents", &[("type", "REGISTER.USER.KEY"), ("listall", "true")]);
    assert_eq!((&events["count"], &events["event"][0]["account"]), (&json!(2), &json!("alice")));
    assert!(!events.to_string().contains(secret));
}

#[test]
fn keys_are_for_the_user_and_the_admins_above() {
    let (world, who) = World::tenants();
    let alice = user(&world, "alice");
    for (caller, may) in [
        (&who.alice, true),
        (&who.ada, true),
        (&Caller::ADMIN, true),
        (&who.amir, false),
        (&who.sam, false),
        (&who.bob, false),
        (&who.bea, false),
    ] {
        for command in ["registerUserKeys", "getUserKeys"] {
            let done = world.call_as(caller, command, &[("id", &alice)]);
            let code = done.err().map_or(0, |fault| fault.code());
            assert_eq!(code, if may { 0 } else { 531 }, "{command} {caller:?}");
        }
    }
    let admin = user(&world, "admin");
    for command in ["registerUserKeys", "getUserKeys"] {
        assert_eq!(world.refused_as(&who.ada, command, &[("id", &admin)]).0, 531);
    }
    assert_eq!(world.refused_as(&who.ada, "getUser", &[("userapikey", "x")]).0, 432);
}

#[test]
fn another_user_of_the_same_account_is_another() {
    let (world, who) = World::tenants();
    world.tell(
        "INSERT INTO user (account_id, username, firstname, lastname, state, is_default, created) \
         SELECT id, 'ann', 'a', 'l', 'enabled', 0, 0 FROM account WHERE name = 'alice'",
    );
    let ann = user(&world, "ann");
    for command in ["registerUserKeys", "getUserKeys", "updateUser"] {
        assert_eq!(world.refused_as(&who.alice, command, &[("id", &ann)]).0, 531, "{command}");
    }
}
