//! Two users with keys: neither signs for the other, and one who is disabled signs no more.

use super::*;
use crate::model::{Account, User};
use crate::store::Tx;

/// Gives a second root administrator a key pair of his own: `OTHER` and `hidden`.
fn other_admin(scene: &Scene) {
    let vault = Vault::new([3; 32]);
    let sealed = vault.seal([5; 24], &Secret::new("hidden"), "OTHER").unwrap();
    let key = KeyPair { api_key: "OTHER".into(), secret: sealed };
    let make = move |tx: &mut Tx| {
        let mut account: Account = tx.get(2)?.expect("the admin's account");
        (account.id, account.name) = (0, "ops".into());
        let mut user: User = tx.get(2)?.expect("the admin");
        (user.id, user.account_id) = (0, tx.insert(&account)?);
        user.username = "ops".into();
        user.id = tx.insert(&user)?;
        give_key(tx, &user, &key, now()).map_err(Fault::from)
    };
    scene.world.engine.store().write(make).unwrap();
}

/// A call signed with a secret.
fn signed_by(secret: &str, given: &[(&str, &str)]) -> String {
    let mut params: Vec<(String, String)> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let signature = sign(&params, &Secret::new(secret), Algorithm::Sha256);
    params.push(("signature".into(), signature));
    let parts = params.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    parts.collect::<Vec<_>>().join("&")
}

fn by(secret: &str, key: &str) -> String {
    let call = [("command", "createVPC"), ("response", "json"), ("name", "v"), ("apiKey", key)];
    signed_by(secret, &call)
}

#[test]
fn a_key_goes_with_its_own_secret_only() {
    let scene = Scene::new();
    other_admin(&scene);
    let events = || scene.world.ok("listEvents", &[("listall", "true")]);
    let before = events();
    let own = by("hidden", "OTHER");
    for query in [
        by("hidden", "KEY"),
        by("s3cr3t", "OTHER"),
        own.replace("apiKey=OTHER", "apiKey=KEY"),
        format!("{own}&apikey=KEY"),
        format!("apikey=KEY&{own}"),
    ] {
        for post in [false, true] {
            let (query, form) =
                if post { (String::new(), query.clone()) } else { (query.clone(), String::new()) };
            let request = Request { post, query, form: form.into(), ..Request::default() };
            assert_eq!(scene.front.answer(Door::Signed, &request).status, 401, "{request:?}");
        }
    }
    assert_eq!(events(), before);
    // Both are known by their own: the call is refused for what it says.
    assert_eq!(scene.ask(&own).0, 431);
    assert_eq!(scene.ask(&by("s3cr3t", "KEY")).0, 431);
}

#[test]
fn who_is_disabled_locked_or_gone_signs_no_more_and_others_do() {
    for change in [
        "UPDATE user SET state = 'disabled' WHERE username = 'ops'",
        "UPDATE user SET state = 'locked' WHERE username = 'ops'",
        "UPDATE user SET removed = 1 WHERE username = 'ops'",
        "UPDATE account SET state = 'disabled' WHERE name = 'ops'",
        "UPDATE account SET state = 'locked' WHERE name = 'ops'",
        "UPDATE account SET removed = 1 WHERE name = 'ops'",
        "DELETE FROM user_key WHERE api_key = 'OTHER'",
    ] {
        let scene = Scene::new();
        other_admin(&scene);
        let list = [("command", "listZones"), ("response", "json"), ("apiKey", "OTHER")];
        let query = signed_by("hidden", &list);
        assert_eq!(scene.ask(&query).0, 200);
        let store = scene.world.engine.store();
        let done = store.write(move |tx| tx.run(change, &[]).map_err(Fault::from));
        assert_eq!(done, Ok(1), "{change}");
        assert_eq!(scene.ask(&query).0, 401, "{change}");
        assert_eq!(scene.ask(&signed(&[("command", "listZones"), ("apiKey", "KEY")])).0, 200);
    }
}
