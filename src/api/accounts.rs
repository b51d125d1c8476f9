//! Accounts: made, changed, enabled, disabled, locked and deleted.

use crate::api::domain_changes::{ROOT, refuse_chosen_id};
use crate::api::owners::{AccountView, show};
use crate::api::{api, privileges};
use crate::engine::Cx;
use crate::engine::owners::{self, AccountChanges, NewAccount, NewUser, OwnerState};
use crate::model::{Account, Domain, Role, RoleKind};
use crate::schema::{Exception, Fault, Id, Needs, Text, group};
use crate::text::{Secret, quoted};

api! {
    /// Makes an account with its first user.
    now object "createAccount" {
        key: "account", event: "ACCOUNT.CREATE", needs: Needs::Password,
        example: "create account username=ann firstname=Ann lastname=Lee email=ann@example.com \
                  password=... accounttype=0",
    } => create -> AccountView;
    CreateAccount {
        /// the name of the first user
        username: Text,
        /// the first name of the first user
        firstname: Text,
        /// the last name of the first user
        lastname: Text,
        /// where mail for the first user goes
        email: Text,
        /// the password of the first user
        password: Secret,
        /// the name of the account; that of the user when nothing is said
        account: Option<Text>,
        /// the role of the account
        roleid: Option<Id<Role>>,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin; roleid counts more
        accounttype: Option<u32>,
        /// the domain of the account; ROOT when nothing is said
        domainid: Option<Id<Domain>>,
        /// the DNS domain of the account's networks
        networkdomain: Option<String>,
        /// the time zone of the first user
        timezone: Option<String>,
        /// an id of one's own choice, which is refused
        accountid: Option<Text>,
        /// an id of one's own choice, which is refused
        userid: Option<Text>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateAccount) -> Result<AccountView, Fault> {
    refuse_chosen_id(args.accountid.as_ref(), "accountid")?;
    refuse_chosen_id(args.userid.as_ref(), "userid")?;
    check_password(Some(&args.password))?;
    let domain = match &args.domainid {
        Some(domain) => cx.find(domain)?,
        None => cx.must(ROOT)?,
    };
    cx.check_access(&domain)?;
    let role = match (&args.roleid, args.accounttype) {
        (Some(role), _) => role_to_give(cx, role)?,
        (None, Some(kind)) => default_role(cx, kind)?,
        (None, None) => {
            let text = "Neither account type and role ID are not provided: give roleid, or \
                        accounttype (0 user, 1 root admin, 2 domain admin, 3 resource admin)";
            return Err(Fault::new(Exception::Parameter, text));
        }
    };
    privileges::check_role(cx, &role)?;
    let made = owners::create_account(
        cx,
        &NewAccount {
            name: args.account.as_deref().map(str::to_owned),
            domain,
            role,
            network_domain: args.networkdomain.clone(),
            user: NewUser {
                username: args.username.0.clone(),
                firstname: args.firstname.0.clone(),
                lastname: args.lastname.0.clone(),
                email: args.email.0.clone(),
                timezone: args.timezone.clone(),
            },
        },
    )?;
    show(cx, made)
}

/// Refuses a password that nobody could have meant.
pub(crate) fn check_password(password: Option<&Secret>) -> Result<(), Fault> {
    if password.is_none_or(|password| !password.expose().trim().is_empty()) {
        return Ok(());
    }
    Err(Fault::new(Exception::Parameter, "Invalid parameter password: it is empty"))
}

/// A role that may be given to accounts.
fn role_to_give(cx: &mut Cx<'_>, id: &Id<Role>) -> Result<Role, Fault> {
    let role: Role = cx.find(id)?;
    if role.state == "enabled" {
        return Ok(role);
    }
    let name = quoted(&role.name);
    Err(Fault::invalid(format!("Invalid parameter roleid: the role {name} is {}", role.state)))
}

/// The role that accounts of a type have when none is named.
fn default_role(cx: &mut Cx<'_>, account_type: u32) -> Result<Role, Fault> {
    let wanted = RoleKind::ALL.iter().find(|kind| kind.account_type() == i64::from(account_type));
    let found = match wanted {
        Some(kind) => {
            let tail = "WHERE type = ? AND is_default = 1 AND removed IS NULL ORDER BY id";
            cx.tx.first(tail, &[kind.word().into()])?
        }
        None => None,
    };
    found.ok_or_else(|| {
        Fault::invalid(format!(
            "Invalid parameter accounttype: there is no type {account_type}; 0 is user, 1 root \
             admin, 2 domain admin, 3 resource admin"
        ))
    })
}

group! {
    /// An account, by its id or by its name and domain.
    ThisAccount {
        /// the id of the account
        id: Option<Id<Account>>,
        /// the name of the account; needs domainid
        account: Option<Text>,
        /// the domain of the account that is named
        domainid: Option<Id<Domain>>,
    }
}

impl ThisAccount {
    /// The account, which the caller administers.
    fn find(&self, cx: &mut Cx<'_>) -> Result<Account, Fault> {
        let account = match (&self.id, &self.account, &self.domainid) {
            (Some(id), ..) => cx.find(id)?,
            (None, Some(name), Some(domain)) => {
                let domain = cx.find(domain)?;
                cx.account_in(name, &domain)?
            }
            _ => {
                let text = "Parameter id must be given, or account together with domainid";
                return Err(Fault::invalid(text));
            }
        };
        privileges::check_account(cx, &account)?;
        Ok(account)
    }
}

api! {
    /// Changes the name, the role or the DNS domain of an account.
    now object "updateAccount" {
        key: "account", event: "ACCOUNT.UPDATE", example: "update account id=ann newname=anne",
    } => update -> AccountView;
    UpdateAccount {
        /// the new name, which no other account of the domain has
        newname: Option<Text>,
        /// the new role
        roleid: Option<Id<Role>>,
        /// the DNS domain of the account's networks; empty for none
        networkdomain: Option<String>,
        ..which: ThisAccount,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateAccount) -> Result<AccountView, Fault> {
    let account = args.which.find(cx)?;
    let role = args.roleid.as_ref().map(|role| role_to_give(cx, role)).transpose()?;
    if let Some(role) = &role {
        privileges::check_role(cx, role)?;
    }
    let changes = AccountChanges {
        name: args.newname.as_deref().map(str::to_owned),
        role,
        network_domain: args.networkdomain.clone(),
    };
    let changed = owners::update_account(cx, account, changes)?;
    show(cx, changed)
}

api! {
    /// Disables or locks an account, whose users may no longer call.
    job object "disableAccount" {
        key: "account", event: "ACCOUNT.DISABLE", example: "disable account id=ann lock=false",
    } => disable -> AccountView;
    DisableAccount {
        /// true to lock the account, false to disable it
        lock: bool,
        ..which: ThisAccount,
    }
}

fn disable(cx: &mut Cx<'_>, args: &DisableAccount) -> Result<AccountView, Fault> {
    let account = args.which.find(cx)?;
    let state = if args.lock { OwnerState::Locked } else { OwnerState::Disabled };
    let account = owners::set_account_state(cx, account, state).map_err(Fault::in_job)?;
    show(cx, account)
}

api! {
    /// Enables an account, whose enabled users may call again.
    now object "enableAccount" {
        key: "account", event: "ACCOUNT.ENABLE", example: "enable account id=ann",
    } => enable -> AccountView;
    EnableAccount {
        ..which: ThisAccount,
    }
}

fn enable(cx: &mut Cx<'_>, args: &EnableAccount) -> Result<AccountView, Fault> {
    let account = args.which.find(cx)?;
    let account = owners::set_account_state(cx, account, OwnerState::Enabled)?;
    show(cx, account)
}

api! {
    /// Locks an account, whose users may not call for the time being.
    now object "lockAccount" {
        key: "account", event: "ACCOUNT.DISABLE", example: "lock account account=ann domainid=ROOT",
    } => lock -> AccountView;
    LockAccount {
        /// the name of the account
        account: Text,
        /// the domain of the account
        domainid: Id<Domain>,
    }
}

fn lock(cx: &mut Cx<'_>, args: &LockAccount) -> Result<AccountView, Fault> {
    let domain = cx.find(&args.domainid)?;
    let account = cx.account_in(&args.account, &domain)?;
    privileges::check_account(cx, &account)?;
    let account = owners::set_account_state(cx, account, OwnerState::Locked)?;
    show(cx, account)
}

api! {
    /// Deletes an account with its users and everything that it owns.
    job success "deleteAccount" { event: "ACCOUNT.DELETE", example: "delete account id=ann" }
    => delete;
    DeleteAccount {
        /// the id of the account
        id: Id<Account>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteAccount) -> Result<(), Fault> {
    let account = cx.find(&args.id)?;
    privileges::check_account(cx, &account)?;
    owners::delete_account(cx, &account)
}

#[cfg(test)]
mod tests;
