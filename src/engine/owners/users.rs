//! Users: who may act for an account.

use crate::engine::owners::accounts::lock_if_all_locked;
use crate::engine::owners::cleanup::remove_user;
use crate::engine::owners::{OwnerState, check_email};
use crate::engine::{Cx, Owner, give_password};
use crate::model::{Account, Domain, EntityKind, User};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// What a new user is to be. The password is with the secrets of the call.
pub(crate) struct NewUser {
    /// The name to log in with.
    pub(crate) username: String,
    /// The first name.
    pub(crate) firstname: String,
    /// The last name.
    pub(crate) lastname: String,
    /// Where mail goes.
    pub(crate) email: String,
    /// The time zone.
    pub(crate) timezone: Option<String>,
}

/// Makes a user of an account (`createUser`).
pub(crate) fn create_user(
    cx: &mut Cx<'_>,
    account: &Account,
    new: &NewUser,
) -> Result<User, Fault> {
    check_email(&new.email)?;
    let domain: Domain = cx.must(account.domain_id)?;
    check_username(cx, &new.username, &domain, 0)?;
    let hash = cx.new_password()?;
    let user = insert_user(cx, account, new, &hash)?;
    concerns_user(cx, &user, account, "creating");
    Ok(user)
}

/// Stores a user and the hash of the password.
pub(super) fn insert_user(
    cx: &mut Cx<'_>,
    account: &Account,
    new: &NewUser,
    hash: &[u8],
) -> Result<User, Fault> {
    let user = User {
        id: 0,
        account_id: account.id,
        username: new.username.clone(),
        firstname: new.firstname.clone(),
        lastname: new.lastname.clone(),
        email: Some(new.email.clone()),
        timezone: new.timezone.clone(),
        state: OwnerState::Enabled.word().into(),
        is_default: false,
        created: cx.now,
        removed: None,
    };
    let user = User { id: cx.tx.insert(&user)?, ..user };
    give_password(cx.tx, user.id, hash, cx.now)?;
    Ok(user)
}

/// What of a user is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserChanges {
    /// The name to log in with.
    pub(crate) username: Option<String>,
    /// The first name.
    pub(crate) firstname: Option<String>,
    /// The last name.
    pub(crate) lastname: Option<String>,
    /// Where mail goes.
    pub(crate) email: Option<String>,
    /// The time zone; empty for none.
    pub(crate) timezone: Option<String>,
    /// Whether there is a new password, which is with the secrets of the call.
    pub(crate) password: bool,
}

/// Changes a user (`updateUser`).
pub(crate) fn update_user(
    cx: &mut Cx<'_>,
    account: &Account,
    mut user: User,
    changes: UserChanges,
) -> Result<User, Fault> {
    if let Some(email) = &changes.email {
        check_email(email)?;
    }
    if let Some(username) = &changes.username {
        let domain: Domain = cx.must(account.domain_id)?;
        check_username(cx, username, &domain, user.id)?;
    }
    if changes.password {
        check_current(cx, account)?;
        let hash = cx.new_password()?;
        give_password(cx.tx, user.id, &hash, cx.now)?;
    }
    user.username = changes.username.unwrap_or(user.username);
    user.firstname = changes.firstname.unwrap_or(user.firstname);
    user.lastname = changes.lastname.unwrap_or(user.lastname);
    user.email = changes.email.or(user.email);
    user.timezone = match changes.timezone {
        Some(zone) => Some(zone).filter(|zone| !zone.is_empty()),
        None => user.timezone,
    };
    cx.tx.save(&user)?;
    concerns_user(cx, &user, account, "updating");
    Ok(user)
}

/// Only root admins, and the admins above an account, may set a password without knowing the
/// current one.
fn check_current(cx: &Cx<'_>, account: &Account) -> Result<(), Fault> {
    let is_above = cx.caller.is_domain_admin() && account.id != cx.caller.account_id;
    if cx.caller.is_root() || is_above {
        return Ok(());
    }
    match cx.prepared.knows_current {
        Some(true) => Ok(()),
        Some(false) => Err(Fault::invalid("Invalid parameter currentpassword: it is wrong")),
        None => Err(Fault::invalid(
            "Parameter currentpassword is needed to set a new password: the current one",
        )),
    }
}

/// Enables, disables or locks a user, who from now on is admitted, or is not.
pub(crate) fn set_user_state(
    cx: &mut Cx<'_>,
    account: Account,
    user: User,
    state: OwnerState,
) -> Result<User, Fault> {
    let doing = match state {
        OwnerState::Enabled => "enabling",
        OwnerState::Disabled => "disabling",
        OwnerState::Locked => "locking",
    };
    concerns_user(cx, &user, &account, doing);
    if !state.may_follow(&user.state) {
        let name = quoted(&user.username);
        let text = format!("The user {name} is disabled; only an enabled one can be locked");
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let was_locked = user.state == OwnerState::Locked.word();
    let user = User { state: state.word().into(), ..user };
    cx.tx.save(&user)?;
    match state {
        // Who is enabled may call: so must be the account.
        OwnerState::Enabled if account.state != state.word() => {
            cx.tx.save(&Account { state: state.word().into(), ..account })?;
        }
        OwnerState::Locked if !was_locked => lock_if_all_locked(cx, account)?,
        _ => {}
    }
    Ok(user)
}

/// Deletes a user, whose keys and password are void (`deleteUser`).
pub(crate) fn delete_user(cx: &mut Cx<'_>, account: &Account, user: User) -> Result<(), Fault> {
    concerns_user(cx, &user, account, "deleting");
    if user.is_default {
        let name = quoted(&user.username);
        let text = format!("Invalid parameter id: {name} is a default user and stays");
        return Err(Fault::invalid(text));
    }
    if user.id == cx.caller.user_id {
        return Err(Fault::invalid("Invalid parameter id: nobody can delete oneself"));
    }
    remove_user(cx, user)
}

/// Moves a user to another account of the same domain, with password and keys (`moveUser`).
pub(crate) fn move_user(
    cx: &mut Cx<'_>,
    from: &Account,
    mut user: User,
    to: &Account,
) -> Result<(), Fault> {
    let wrong = |why: String| Err(Fault::invalid(format!("Invalid parameter {why}")));
    if user.is_default {
        return wrong(format!("id: {} is a default user and stays", quoted(&user.username)));
    }
    if from.id == to.id {
        return wrong(format!("account: the user is of {} already", quoted(&to.name)));
    }
    if from.domain_id != to.domain_id {
        return wrong(format!(
            "account: {} is in another domain, and users stay in theirs",
            quoted(&to.name)
        ));
    }
    user.account_id = to.id;
    cx.tx.save(&user)?;
    cx.give_tags((EntityKind::User, 0, user.id), to.id)?;
    concerns_user(cx, &user, to, "moving");
    Ok(())
}

/// Says that the call is about a user.
pub(crate) fn concerns_user(cx: &mut Cx<'_>, user: &User, account: &Account, doing: &str) {
    let owner = Owner { account_id: account.id, domain_id: account.domain_id };
    let what = format!("{doing} the user {} of the account {}", user.username, account.name);
    cx.concerns(EntityKind::User, (0, user.id), owner, what);
}

/// Refuses a name that another user of the domain has, whatever the letter case.
pub(super) fn check_username(
    cx: &mut Cx<'_>,
    username: &str,
    domain: &Domain,
    own: i64,
) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM user JOIN account ON account.id = account_id \
               WHERE domain_id = ? AND LOWER(username) = LOWER(?) AND user.id <> ? \
               AND user.removed IS NULL AND account.removed IS NULL";
    let args = [domain.id.into(), username.into(), own.into()];
    if cx.tx.one::<i64>(sql, &args)?.is_none() {
        return Ok(());
    }
    let (name, path) = (quoted(username), quoted(&domain.path));
    Err(Fault::invalid(format!(
        "Invalid parameter username: there is a user {name} in the domain {path} already"
    )))
}
