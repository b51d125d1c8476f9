//! Keys of users: who signs with which.

use crate::engine::Caller;
use crate::engine::passwords::domain_of_login;
use crate::model::{Account, Cell, Column, Domain, Time, User};
use crate::schema::{Exception, Fault};
use crate::store::{StoreError, Tx};
use crate::text::{and_list, quoted};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Who holds an API key.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// The user, as who the call is made.
    pub(crate) caller: Caller,
    /// Whether user and account are there and enabled.
    pub(crate) admitted: bool,
    /// The sealed secret.
    pub(crate) secret: Vec<u8>,
}

/// A key pair, its secret sealed.
#[derive(Clone, Debug)]
pub(crate) struct KeyPair {
    /// The public half, which names the user.
    pub(crate) api_key: String,
    /// The sealed secret half.
    pub(crate) secret: Vec<u8>,
}

/// The holder of an API key; none if nobody was given such a one.
pub(crate) fn holder(tx: &mut Tx, api_key: &str) -> Result<Option<Holder>, StoreError> {
    let Some(found) = key_named(tx, api_key)? else { return Ok(None) };
    let (user_id, secret) = (found.user_id, found.secret.clone());
    let Some(user) = tx.get::<User>(user_id)? else { return Ok(None) };
    let Some(account) = tx.get::<Account>(user.account_id)? else { return Ok(None) };
    let Some(caller) = Caller::of(&user, &account) else { return Ok(None) };
    let admitted = is_admitted(&user, &account);
    Ok(Some(Holder { caller, admitted, secret }))
}

/// A key as it is stored.
struct Stored {
    api_key: String,
    user_id: i64,
    secret: Vec<u8>,
}

/// The key of this name: remembered, since every request of a client needs it.
fn key_named(tx: &mut Tx, api_key: &str) -> Result<Option<Arc<Stored>>, StoreError> {
    let read = |tx: &mut Tx| {
        let mut found = None;
        let sql = "SELECT user_id, secret FROM user_key WHERE api_key = ?";
        tx.each(sql, &[api_key.into()], |cell| {
            let (user_id, secret) = (Column::from_cell(cell(0))?, Column::from_cell(cell(1))?);
            found = Some(Stored { api_key: api_key.to_owned(), user_id, secret });
            Ok(false)
        })?;
        Ok::<_, StoreError>(found)
    };
    let mut hasher = DefaultHasher::new();
    api_key.hash(&mut hasher);
    let known = tx.memo_found(("user key", "", hasher.finish().cast_signed()), read)?;
    match known {
        // Two names with the same hash: there is only room for one of them.
        Some(other) if other.api_key != api_key => Ok(read(tx)?.map(Arc::new)),
        known => Ok(known),
    }
}

/// The key pair of a user, where there is one.
pub(crate) fn key_of(tx: &mut Tx, user_id: i64) -> Result<Option<KeyPair>, StoreError> {
    let mut found = None;
    let sql = "SELECT api_key, secret FROM user_key WHERE user_id = ?";
    tx.each(sql, &[user_id.into()], |cell| {
        let (api_key, secret) = (Column::from_cell(cell(0))?, Column::from_cell(cell(1))?);
        found = Some(KeyPair { api_key, secret });
        Ok(false)
    })?;
    Ok(found)
}

/// Gives a user a key pair in place of the one the user had; returns whether there was one.
pub(crate) fn give_key(
    tx: &mut Tx,
    user: &User,
    key: &KeyPair,
    now: Time,
) -> Result<bool, StoreError> {
    let had = tx.run("DELETE FROM user_key WHERE user_id = ?", &[user.id.into()])?;
    let sql = "INSERT INTO user_key (user_id, api_key, secret, created) VALUES (?, ?, ?, ?)";
    let secret = Cell::Blob(key.secret.clone());
    tx.run(sql, &[user.id.into(), key.api_key.as_str().into(), secret, now.millis().into()])?;
    Ok(had > 0)
}

/// The user of this name who may be given keys. Where users of several domains have the name, the
/// path of the domain must be given too.
pub(crate) fn user_for_key(
    tx: &mut Tx,
    username: &str,
    domain: Option<&str>,
) -> Result<User, Fault> {
    let within = domain.map(|path| domain_named(tx, path)).transpose()?;
    let users: Vec<User> =
        tx.select("WHERE username = ? AND removed IS NULL ORDER BY id", &[username.into()])?;
    let mut found: Vec<(User, String)> = Vec::new();
    for user in users {
        let account: Option<Account> = tx.get(user.account_id)?;
        let Some(account) = account.filter(|account| is_admitted(&user, account)) else { continue };
        let domain: Option<Domain> = tx.get(account.domain_id)?;
        let Some(domain) = domain else { continue };
        if within.as_ref().is_none_or(|within| within.id == domain.id) {
            found.push((user, domain.path));
        }
    }
    let username = quoted(username);
    let paths: Vec<&str> = found.iter().map(|(_, path)| path.as_str()).collect();
    let text = match paths.len() {
        0 => format!("there is no enabled user {username}"),
        1 => String::new(),
        _ => {
            let domains = and_list(&paths);
            format!("the domains {domains} each have a user {username}; name one with --domain")
        }
    };
    let refused = Fault::new(Exception::InvalidParameterValue, text);
    found.pop().filter(|_| refused.text.is_empty()).map(|(user, _)| user).ok_or(refused)
}

/// The domain with a path, as `a/b`, `/a/b` or `ROOT/a/b`.
fn domain_named(tx: &mut Tx, path: &str) -> Result<Domain, Fault> {
    if let Some(domain) = domain_of_login(tx, path, None)? {
        return Ok(domain);
    }
    let below = path.trim_matches('/').strip_prefix("ROOT");
    let below = below.filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let found = below.map(|rest| domain_of_login(tx, rest, None)).transpose()?.flatten();
    found.ok_or_else(|| {
        let path = quoted(path);
        Fault::new(Exception::InvalidParameterValue, format!("there is no domain {path}"))
    })
}

/// Whether a user may call at all: user and account are there and enabled.
pub(crate) fn is_admitted(user: &User, account: &Account) -> bool {
    let enabled = |state: &str| state.eq_ignore_ascii_case("enabled");
    let there = user.removed.is_none() && account.removed.is_none();
    there && enabled(&user.state) && enabled(&account.state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::World;

    const NOW: Time = Time::from_millis(5);

    fn write<T: Send + 'static>(
        world: &World,
        use_case: impl FnMut(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> T {
        world.engine.store().write(use_case).unwrap()
    }

    fn give(world: &World, api_key: &str) -> bool {
        let key = KeyPair { api_key: api_key.into(), secret: vec![1, 2] };
        write(world, move |tx| {
            let user = user_for_key(tx, "admin", None)?;
            Ok(give_key(tx, &user, &key, NOW)?)
        })
    }

    fn ask(world: &World, api_key: &str) -> Option<Holder> {
        let api_key = api_key.to_owned();
        write(world, move |tx| Ok(holder(tx, &api_key)?))
    }

    #[test]
    fn a_user_has_one_pair_and_a_new_one_ends_the_old() {
        let world = World::sandbox();
        assert!(ask(&world, "one").is_none());
        assert!(!give(&world, "one"));
        let holder = ask(&world, "one").unwrap();
        assert!(holder.admitted);
        assert_eq!((holder.caller.user_id, holder.secret), (2, vec![1, 2]));
        assert!(give(&world, "two"));
        assert!(ask(&world, "one").is_none());
        assert!(ask(&world, "two").is_some());
    }

    #[test]
    fn who_is_disabled_locked_or_removed_is_not_admitted() {
        let changes = [
            "UPDATE user SET state = 'disabled' WHERE id = 2",
            "UPDATE user SET removed = 1 WHERE id = 2",
            "UPDATE account SET state = 'locked' WHERE id = 2",
            "UPDATE account SET removed = 1 WHERE id = 2",
        ];
        for sql in changes {
            let world = World::sandbox();
            give(&world, "one");
            write(&world, move |tx| Ok(tx.run(sql, &[])?));
            assert!(!ask(&world, "one").unwrap().admitted, "{sql}");
        }
    }

    #[test]
    fn a_name_that_several_domains_have_needs_the_domain() {
        let (world, who) = World::tenants();
        world.tell("UPDATE user SET username = 'alice' WHERE username IN ('sam', 'bob')");
        let find = |domain: Option<&'static str>| {
            let found = write(&world, move |tx| Ok(user_for_key(tx, "alice", domain)));
            found.map(|user| user.id).map_err(|fault| fault.text)
        };
        let refused = find(None).unwrap_err();
        assert!(refused.contains("`/a/`, `/a/sub/` and `/b/`"), "{refused}");
        assert!(refused.contains("--domain"), "{refused}");
        for (path, user) in [
            ("a", &who.alice),
            ("/a/", &who.alice),
            ("ROOT/a/sub", &who.sam),
            ("a/sub", &who.sam),
            ("/b", &who.bob),
        ] {
            assert_eq!(find(Some(path)), Ok(user.user_id), "{path}");
        }
        for path in ["", "/", "ROOT", "ROOTa", "c"] {
            assert!(find(Some(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn only_enabled_administrators_are_given_keys() {
        let world = World::sandbox();
        let refused = write(&world, |tx| Ok(user_for_key(tx, "nobody", None).unwrap_err().text));
        assert!(refused.contains("`nobody`"), "{refused}");
        write(&world, |tx| Ok(tx.run("UPDATE user SET state = 'disabled' WHERE id = 2", &[])?));
        write(&world, |tx| Ok(user_for_key(tx, "admin", None).unwrap_err()));
    }
}
