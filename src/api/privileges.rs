//! Nobody gives others rights that one has not, nor acts on those who have more.

use crate::api::APIS;
use crate::engine::{Caller, Cx, may_call};
use crate::model::{Account, Role, User};
use crate::schema::Fault;

/// Refuses a role that may call what the caller's may not
/// (`AccountManagerImpl.checkRoleEscalation`).
pub(crate) fn check_role(cx: &mut Cx<'_>, role: &Role) -> Result<(), Fault> {
    cx.check_rank(role.kind)?;
    if role.id == cx.caller.role_id {
        return Ok(());
    }
    let other = Caller { role_id: role.id, kind: role.kind, ..cx.caller.clone() };
    for api in APIS {
        let (name, roles) = (api.spec.name, api.spec.roles);
        if may_call(cx.tx, &other, name, roles)? && !may_call(cx.tx, cx.caller, name, roles)? {
            let own: Account = cx.must(cx.caller.account_id)?;
            return Err(cx.denied(&own));
        }
    }
    Ok(())
}

/// Refuses to act on an account that the caller does not administer, or that may do more.
pub(crate) fn check_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    cx.check_manages(account)?;
    let role: Role = cx.must(account.role_id)?;
    check_role(cx, &role)
}

/// The same for a user; returns the user's account.
pub(crate) fn check_user(cx: &mut Cx<'_>, user: &User) -> Result<Account, Fault> {
    let account = cx.check_manages_user(user)?;
    check_account(cx, &account)?;
    Ok(account)
}
