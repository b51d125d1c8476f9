//! Passwords of users, and who logs in with one. Kept are hashes by Argon2id only.

use argon2::Argon2;

use crate::engine::Caller;
use crate::engine::keys::{is_admitted, user_for_key};
use crate::model::{Account, Cell, Column, Domain, Time, Uid, User};
use crate::schema::Fault;
use crate::store::{StoreError, Tx};
use crate::text::Secret;

/// The length of the salt.
const SALT: usize = 16;
/// The length of a hash.
const HASH: usize = 32;

/// Hashes a password; the `salt` is random. None if the machine has no memory for it.
pub(crate) fn hash(password: &Secret, salt: [u8; SALT]) -> Option<Vec<u8>> {
    let mut hash = [0; HASH];
    let text = password.expose().as_bytes();
    argon2().hash_password_into(text, &salt, &mut hash).ok()?;
    Some([&salt[..], &hash].concat())
}

/// The parameters of the crate's default are what OWASP recommends: 19 MiB, two passes.
#[cfg(not(test))]
fn argon2() -> Argon2<'static> {
    Argon2::default()
}

/// Tests make thousands of hashes that need not last.
#[cfg(test)]
fn argon2() -> Argon2<'static> {
    let cheap = argon2::Params::new(8, 1, 1, None).unwrap();
    Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cheap)
}

/// Whether this is the password that was hashed. Without a hash it takes as long to say no.
pub(crate) fn is_password(password: &Secret, hashed: Option<&[u8]>) -> bool {
    let wanted = hashed.unwrap_or(&[0; SALT + HASH]);
    let Some((salt, _)) = wanted.split_first_chunk::<SALT>() else { return false };
    let Some(given) = hash(password, *salt) else { return false };
    let pairs = given.iter().zip(wanted);
    let differs = pairs.fold(given.len() ^ wanted.len(), |all, (a, b)| all | usize::from(a ^ b));
    differs == 0 && hashed.is_some()
}

/// Who wants to log in.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The user.
    pub(crate) user: User,
    /// The user's account.
    pub(crate) account: Account,
    /// The hash of the user's password, where one was set.
    pub(crate) hash: Option<Vec<u8>>,
}

/// The domain that a login names by its path, or by its id, which counts more.
pub(crate) fn domain_of_login(
    tx: &mut Tx,
    path: &str,
    id: Option<&str>,
) -> Result<Option<Domain>, StoreError> {
    if let Some(id) = id {
        let row = Uid::parse(id).and_then(|uid| tx.row_of::<Domain>(uid));
        let Some(row) = row.or_else(|| id.parse().ok()) else { return Ok(None) };
        return tx.first("WHERE id = ? AND removed IS NULL", &[row.into()]);
    }
    let trimmed = path.trim_matches('/');
    let path = if trimmed.is_empty() { "/".to_owned() } else { format!("/{trimmed}/") };
    tx.first("WHERE path = ? AND removed IS NULL", &[path.into()])
}

/// The user of this name in a domain who may log in.
pub(crate) fn login(
    tx: &mut Tx,
    domain: &Domain,
    username: &str,
) -> Result<Option<Login>, StoreError> {
    let users: Vec<User> =
        tx.select("WHERE username = ? AND removed IS NULL ORDER BY id", &[username.into()])?;
    for user in users {
        let account: Option<Account> = tx.get(user.account_id)?;
        let admitted =
            account.filter(|account| account.domain_id == domain.id && is_admitted(&user, account));
        let Some(account) = admitted else { continue };
        let hash = password_hash(tx, user.id)?;
        return Ok(Some(Login { user, account, hash }));
    }
    Ok(None)
}

/// The hash of a user's password, where one was set.
pub(crate) fn password_hash(tx: &mut Tx, user_id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut hash = None;
    let sql = "SELECT hash FROM user_password WHERE user_id = ?";
    tx.each(sql, &[user_id.into()], |cell| {
        hash = Some(Vec::<u8>::from_cell(cell(0))?);
        Ok(false)
    })?;
    Ok(hash)
}

/// The caller that a user is now; none if the user may not call any more.
pub(crate) fn caller_of(tx: &mut Tx, user_id: i64) -> Result<Option<Caller>, StoreError> {
    let Some(user) = tx.get::<User>(user_id)? else { return Ok(None) };
    let Some(account) = tx.get::<Account>(user.account_id)? else { return Ok(None) };
    Ok(Caller::of(&user, &account).filter(|_| is_admitted(&user, &account)))
}

/// Whether the user who calls, and the account, are not deleted. Who calls was looked up before
/// the transaction began.
pub(crate) fn is_there(tx: &mut Tx, caller: &Caller) -> Result<bool, StoreError> {
    let there = tx.memo(("user is there", "", caller.user_id), |tx| {
        tx.one::<i64>(
            "SELECT 1 FROM user JOIN account ON account.id = account_id WHERE user.id = ? \
             AND user.removed IS NULL AND account.removed IS NULL",
            &[caller.user_id.into()],
        )
    })?;
    Ok(there.is_some())
}

/// Sets the password of a user.
pub(crate) fn set_password(
    tx: &mut Tx,
    username: &str,
    domain: Option<&str>,
    hash: &[u8],
    now: Time,
) -> Result<(), Fault> {
    let user = user_for_key(tx, username, domain)?;
    Ok(give_password(tx, user.id, hash, now)?)
}

/// Keeps the hash of a user's password in place of the one that there was.
pub(crate) fn give_password(
    tx: &mut Tx,
    user_id: i64,
    hash: &[u8],
    now: Time,
) -> Result<(), StoreError> {
    tx.run("DELETE FROM user_password WHERE user_id = ?", &[user_id.into()])?;
    let sql = "INSERT INTO user_password (user_id, hash, created) VALUES (?, ?, ?)";
    tx.run(sql, &[user_id.into(), Cell::Blob(hash.to_vec()), now.millis().into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_is_the_password() {
        let hashed = hash(&Secret::new("right"), [7; SALT]).unwrap();
        assert!(is_password(&Secret::new("right"), Some(&hashed)));
        for wrong in ["", "Right", "right "] {
            assert!(!is_password(&Secret::new(wrong), Some(&hashed)), "{wrong}");
        }
        assert!(!is_password(&Secret::new("right"), None));
        assert!(!is_password(&Secret::new("right"), Some(&hashed[..20])));
        assert_ne!(hash(&Secret::new("right"), [8; SALT]), Some(hashed));
    }
}
