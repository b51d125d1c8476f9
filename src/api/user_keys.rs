//! The keys with which users' programs sign.

use crate::api::owners::{UserView, show_user};
use crate::api::{EVERYBODY, api, privileges};
use crate::engine::{Cx, give_key, holder, key_of};
use crate::model::User;
use crate::schema::{Exception, Fault, Id, Needs, view};
use crate::text::Secret;

view! {
    /// The key pair of a user.
    UserKeysView in "RegisterResponse" shows ["apikey", "secretkey"] {
        /// the key that names the user
        apikey: Option<String>,
        /// the secret that signs
        secretkey: Option<String>,
    }
}

api! {
    /// Makes new keys for a user; those that the user had are void.
    now object "registerUserKeys" {
        key: "userkeys", event: "REGISTER.USER.KEY", needs: Needs::KeyPair,
        example: "register user keys id=ann",
    } => register -> UserKeysView;
    RegisterUserKeys {
        /// the id of the user
        id: Id<User>,
    }
}

fn register(cx: &mut Cx<'_>, args: &RegisterUserKeys) -> Result<UserKeysView, Fault> {
    let user = cx.find(&args.id)?;
    let account = privileges::check_user(cx, &user)?;
    let missing = || Fault::internal("There are no new keys", "the call was not prepared");
    let (key, secret) = cx.prepared.key.take().ok_or_else(missing)?;
    give_key(cx.tx, &user, &key, cx.now)?;
    crate::engine::owners::concerns_user(cx, &user, &account, "making keys for");
    Ok(UserKeysView { apikey: Some(key.api_key), secretkey: Some(secret.expose().to_owned()) })
}

api! {
    /// Shows the keys of a user.
    now object "getUserKeys" {
        key: "userkeys", roles: EVERYBODY, needs: Needs::Vault, since: "4.10.0",
        example: "get user keys id=ann",
    } => keys -> UserKeysView;
    GetUserKeys {
        /// the id of the user
        id: Id<User>,
    }
}

fn keys(cx: &mut Cx<'_>, args: &GetUserKeys) -> Result<UserKeysView, Fault> {
    let user = cx.find(&args.id)?;
    privileges::check_user(cx, &user)?;
    let Some(key) = key_of(cx.tx, user.id)? else {
        return Ok(UserKeysView { apikey: None, secretkey: None });
    };
    let vault = cx.prepared.vault.as_ref();
    let secret = vault.and_then(|vault| vault.open(&key.secret, &key.api_key));
    let unopened = || {
        let text = "The secret key cannot be opened with the key file; make the user new keys";
        Fault::new(Exception::CloudRuntime, text)
    };
    let secret = secret.ok_or_else(unopened)?;
    Ok(UserKeysView { apikey: Some(key.api_key), secretkey: Some(secret.expose().to_owned()) })
}

api! {
    /// Shows the user who has an API key.
    now object "getUser" { key: "user", example: "get user userapikey=..." } => user -> UserView;
    GetUser {
        /// the API key
        userapikey: Secret,
    }
}

fn user(cx: &mut Cx<'_>, args: &GetUser) -> Result<UserView, Fault> {
    let unknown = || Fault::invalid("Invalid parameter userapikey: no user has this key");
    let found = holder(cx.tx, args.userapikey.expose())?.ok_or_else(unknown)?;
    let user: User = cx.must(found.caller.user_id)?;
    cx.check_access(&user)?;
    let account = cx.must(user.account_id)?;
    show_user(cx, &account, user)
}

#[cfg(test)]
mod tests;
