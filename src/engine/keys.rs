//! Keys of users: who signs with which.

use crate::engine::Caller;
use crate::model::{Account, Cell, Column, Time, User};
use crate::schema::{Exception, Fault};
use crate::store::{StoreError, Tx};
use crate::text::quoted;

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

/// A new key pair, its secret sealed.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    /// The public half, which names the user.
    pub(crate) api_key: String,
    /// The sealed secret half.
    pub(crate) secret: Vec<u8>,
}

/// The holder of an API key; none if nobody was given such a one.
pub(crate) fn holder(tx: &mut Tx, api_key: &str) -> Result<Option<Holder>, StoreError> {
    let mut found = None;
    let sql = "SELECT user_id, secret FROM user_key WHERE api_key = ?";
    tx.each(sql, &[api_key.into()], |cell| {
        found = Some((i64::from_cell(cell(0))?, Vec::<u8>::from_cell(cell(1))?));
        Ok(false)
    })?;
    let Some((user_id, secret)) = found else { return Ok(None) };
    let Some(user) = tx.get::<User>(user_id)? else { return Ok(None) };
    let Some(account) = tx.get::<Account>(user.account_id)? else { return Ok(None) };
    let Some(caller) = Caller::of(&user, &account) else { return Ok(None) };
    let admitted = is_admitted(&user, &account);
    Ok(Some(Holder { caller, admitted, secret }))
}

/// Gives a user a key pair in place of the one the user had; returns whether there was one.
pub(crate) fn give_key(
    tx: &mut Tx,
    user: &User,
    key: &NewKey,
    now: Time,
) -> Result<bool, StoreError> {
    let had = tx.run("DELETE FROM user_key WHERE user_id = ?", &[user.id.into()])?;
    let sql = "INSERT INTO user_key (user_id, api_key, secret, created) VALUES (?, ?, ?, ?)";
    let secret = Cell::Blob(key.secret.clone());
    tx.run(sql, &[user.id.into(), key.api_key.as_str().into(), secret, now.millis().into()])?;
    Ok(had > 0)
}

/// The user of this name who may be given keys.
pub(crate) fn user_for_key(tx: &mut Tx, username: &str) -> Result<User, Fault> {
    let found: Vec<User> =
        tx.select("WHERE username = ? AND removed IS NULL ORDER BY id", &[username.into()])?;
    for user in found {
        let account: Option<Account> = tx.get(user.account_id)?;
        if account.is_some_and(|account| is_admitted(&user, &account)) {
            return Ok(user);
        }
    }
    let username = quoted(username);
    let text = format!("there is no enabled user {username}");
    Err(Fault::new(Exception::InvalidParameterValue, text))
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
        let key = NewKey { api_key: api_key.into(), secret: vec![1, 2] };
        write(world, move |tx| {
            let user = user_for_key(tx, "admin")?;
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
    fn only_enabled_administrators_are_given_keys() {
        let world = World::sandbox();
        let refused = write(&world, |tx| Ok(user_for_key(tx, "nobody").unwrap_err().text));
        assert!(refused.contains("`nobody`"), "{refused}");
        write(&world, |tx| Ok(tx.run("UPDATE user SET state = 'disabled' WHERE id = 2", &[])?));
        write(&world, |tx| Ok(user_for_key(tx, "admin").unwrap_err()));
    }
}
