//! Users: made, changed, enabled, disabled, locked, moved and deleted.

use crate::api::accounts::check_password;
use crate::api::domain_changes::{ROOT, refuse_chosen_id};
use crate::api::owners::{UserView, show_user};
use crate::api::{api, privileges};
use crate::engine::Cx;
use crate::engine::owners::{self, NewUser, OwnerState, UserChanges};
use crate::model::{Account, Domain, RoleKind, User};
use crate::schema::{Fault, Id, Needs, Text};
use crate::text::Secret;

api! {
    /// Makes a user of an account.
    now object "createUser" {
        key: "user", event: "USER.CREATE", needs: Needs::Password,
        example: "create user account=ann username=bob firstname=Bob lastname=Lee \
                  email=bob@example.com password=...",
    } => create -> UserView;
    CreateUser {
        /// the name of the account
        account: Text,
        /// the domain of the account; ROOT when nothing is said
        domainid: Option<Id<Domain>>,
        /// the name to log in with, which no other user of the domain has
        username: Text,
        /// the first name
        firstname: Text,
        /// the last name
        lastname: Text,
        /// where mail goes
        email: Text,
        /// the password
        password: Secret,
        /// the time zone
        timezone: Option<String>,
        /// an id of one's own choice, which is refused
        userid: Option<Text>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateUser) -> Result<UserView, Fault> {
    refuse_chosen_id(args.userid.as_ref(), "userid")?;
    check_password(Some(&args.password))?;
    let domain: Domain = match &args.domainid {
        Some(domain) => cx.find(domain)?,
        None => cx.must(ROOT)?,
    };
    cx.check_access(&domain)?;
    let account = cx.account_in(&args.account, &domain)?;
    privileges::check_account(cx, &account)?;
    let new = NewUser {
        username: args.username.0.clone(),
        firstname: args.firstname.0.clone(),
        lastname: args.lastname.0.clone(),
        email: args.email.0.clone(),
        timezone: args.timezone.clone(),
    };
    let user = owners::create_user(cx, &account, &new)?;
    show_user(cx, &account, user)
}

api! {
    /// Changes a user.
    now object "updateUser" {
        key: "user", event: "USER.UPDATE", needs: Needs::Password,
        example: "update user id=ann email=ann@example.com",
    } => update -> UserView;
    UpdateUser {
        /// the id of the user
        id: Id<User>,
        /// the name to log in with, which no other user of the domain has
        username: Option<Text>,
        /// the first name
        firstname: Option<Text>,
        /// the last name
        lastname: Option<Text>,
        /// where mail goes
        email: Option<Text>,
        /// the time zone; empty for none
        timezone: Option<String>,
        /// the new password
        password: Option<Secret>,
        /// the password until now, which all must give who are no admin above the user
        currentpassword: Option<Secret>,
        /// a key of one's own choice, which is refused
        userapikey: Option<Secret>,
        /// a secret of one's own choice, which is refused
        usersecretkey: Option<Secret>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateUser) -> Result<UserView, Fault> {
    let user = cx.find(&args.id)?;
    let account = privileges::check_user(cx, &user)?;
    for (given, name) in [(&args.userapikey, "userapikey"), (&args.usersecretkey, "usersecretkey")]
    {
        if given.is_some() {
            let text = format!("Parameter {name} cannot be given: registerUserKeys makes keys");
            return Err(Fault::invalid(text));
        }
    }
    check_password(args.password.as_ref())?;
    if args.currentpassword.is_some() && args.password.is_none() {
        let text = "Parameter password is needed with currentpassword: the new one";
        return Err(Fault::invalid(text));
    }
    let text = |given: &Option<Text>| given.as_deref().map(str::to_owned);
    let changes = UserChanges {
        username: text(&args.username),
        firstname: text(&args.firstname),
        lastname: text(&args.lastname),
        email: text(&args.email),
        timezone: args.timezone.clone(),
        password: args.password.is_some(),
    };
    let user = owners::update_user(cx, &account, user, changes)?;
    show_user(cx, &account, user)
}

fn to_state(cx: &mut Cx<'_>, id: &Id<User>, state: OwnerState) -> Result<UserView, Fault> {
    let user: User = cx.find(id)?;
    let account = privileges::check_user(cx, &user)?;
    let in_job = state == OwnerState::Disabled;
    let user = owners::set_user_state(cx, account, user, state)
        .map_err(|fault| if in_job { fault.in_job() } else { fault })?;
    let account = cx.must(user.account_id)?;
    show_user(cx, &account, user)
}

api! {
    /// Disables a user, who may no longer call.
    job object "disableUser" { key: "user", event: "USER.DISABLE", example: "disable user id=ann" }
    => disable -> UserView;
    DisableUser {
        /// the id of the user
        id: Id<User>,
    }
}

fn disable(cx: &mut Cx<'_>, args: &DisableUser) -> Result<UserView, Fault> {
    to_state(cx, &args.id, OwnerState::Disabled)
}

api! {
    /// Enables a user and the user's account.
    now object "enableUser" { key: "user", event: "USER.ENABLE", example: "enable user id=ann" }
    => enable -> UserView;
    EnableUser {
        /// the id of the user
        id: Id<User>,
    }
}

fn enable(cx: &mut Cx<'_>, args: &EnableUser) -> Result<UserView, Fault> {
    to_state(cx, &args.id, OwnerState::Enabled)
}

api! {
    /// Locks a user, and the account with the last of its enabled users.
    now object "lockUser" { key: "user", event: "USER.LOCK", example: "lock user id=ann" }
    => lock -> UserView;
    LockUser {
        /// the id of the user
        id: Id<User>,
    }
}

fn lock(cx: &mut Cx<'_>, args: &LockUser) -> Result<UserView, Fault> {
    to_state(cx, &args.id, OwnerState::Locked)
}

api! {
    /// Deletes a user, whose keys and password are void.
    now success "deleteUser" { event: "USER.DELETE", example: "delete user id=ann" } => delete;
    DeleteUser {
        /// the id of the user
        id: Id<User>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteUser) -> Result<(), Fault> {
    let user = cx.find(&args.id)?;
    let account = privileges::check_user(cx, &user)?;
    owners::delete_user(cx, &account, user)
}

api! {
    /// Moves a user, with password and keys, to another account of the same domain.
    now success "moveUser" {
        event: "USER.MOVE", roles: &[RoleKind::Admin], since: "4.11",
        example: "move user id=ann account=ops",
    } => move_over;
    MoveUser {
        /// the id of the user
        id: Id<User>,
        /// the id of the account
        accountid: Option<Id<Account>>,
        /// the name of the account, which is in the user's domain
        account: Option<Text>,
    }
}

fn move_over(cx: &mut Cx<'_>, args: &MoveUser) -> Result<(), Fault> {
    let user = cx.find(&args.id)?;
    let from = privileges::check_user(cx, &user)?;
    let to = match (&args.accountid, &args.account) {
        (Some(id), None) => cx.find(id)?,
        (None, Some(name)) => {
            let domain = cx.must(from.domain_id)?;
            cx.account_in(name, &domain)?
        }
        _ => {
            let text = "One of the parameters account and accountid must be given, and only one";
            return Err(Fault::invalid(text));
        }
    };
    privileges::check_account(cx, &to)?;
    owners::move_user(cx, &from, user, &to)
}

#[cfg(test)]
mod tests;
