//! Tenants: domains, accounts and users, made, changed and removed
//! (`DomainManagerImpl` and `AccountManagerImpl`).

mod accounts;
pub(crate) mod cleanup;
mod domains;
mod limits;
mod users;

pub(crate) use accounts::{
    AccountChanges, NewAccount, create_account, delete_account, set_account_state, update_account,
};
pub(crate) use domains::{create_domain, delete_domain, move_domain, update_domain};
pub(crate) use limits::{LimitOf, ResourceType, TYPES, recount, set_limit, shown_limit};
pub(crate) use users::{
    NewUser, UserChanges, concerns_user, create_user, delete_user, move_user, set_user_state,
    update_user,
};

use crate::engine::{Cx, network_checks};
use crate::model::{Account, RoleKind, User};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// What an account or a user is to be from now on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OwnerState {
    /// May call.
    Enabled,
    /// May not call.
    Disabled,
    /// May not call for the time being.
    Locked,
}

impl OwnerState {
    /// The word in the store and in answers.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
        }
    }

    /// Whether what is in `state` may come to this one: only what is enabled can be locked, and
    /// everything else goes always.
    pub(crate) fn may_follow(self, state: &str) -> bool {
        self != Self::Locked || !state.eq_ignore_ascii_case("disabled")
    }
}

/// The higher, the more a kind of account may do.
const fn rank(kind: RoleKind) -> u8 {
    match kind {
        RoleKind::Admin => 3,
        RoleKind::ResourceAdmin => 2,
        RoleKind::DomainAdmin => 1,
        RoleKind::User => 0,
    }
}

impl Cx<'_> {
    /// Refuses what would act on an account that is not the caller's to administer: another's, one
    /// of a kind above the caller's, the system's own, or a project's hidden one.
    pub(crate) fn check_manages(&mut self, account: &Account) -> Result<(), Fault> {
        self.check_access(account)?;
        if account.id == Account::SYSTEM {
            let text = "The account `system` is the system's own and cannot be changed";
            return Err(Fault::new(Exception::PermissionDenied, text));
        }
        let Some(kind) = account.role_kind() else {
            let text = "The account is a project's; change the project instead";
            return Err(Fault::invalid(text));
        };
        self.check_rank(kind)
    }

    /// The same for a user. Who is no admin acts on oneself only.
    pub(crate) fn check_manages_user(&mut self, user: &User) -> Result<Account, Fault> {
        let account: Account = self.must(user.account_id)?;
        self.check_manages(&account)?;
        if self.caller.kind == RoleKind::User && user.id != self.caller.user_id {
            return Err(self.denied(&account));
        }
        Ok(account)
    }

    /// Refuses a kind of account that is above the caller's.
    pub(crate) fn check_rank(&mut self, kind: RoleKind) -> Result<(), Fault> {
        if rank(kind) <= rank(self.caller.kind) {
            return Ok(());
        }
        let own: Account = self.must(self.caller.account_id)?;
        Err(self.denied(&own))
    }
}

/// A DNS domain that was given: an empty one takes away what there is.
fn network_domain(given: &str) -> Result<Option<String>, Fault> {
    if given.is_empty() {
        return Ok(None);
    }
    network_checks::domain_name(given).map(Some)
}

/// Refuses what cannot be an address of mail.
fn check_email(email: &str) -> Result<(), Fault> {
    let halves = email.split_once('@');
    let sound = halves.is_some_and(|(who, host)| {
        !who.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(' ')
    });
    if sound {
        return Ok(());
    }
    let email = quoted(email);
    Err(Fault::invalid(format!(
        "Invalid parameter email: {email} is no mail address such as ann@example.com"
    )))
}
