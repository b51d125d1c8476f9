//! Accounts: what owns things, and stands for one tenant.

use crate::engine::owners::cleanup::remove_account;
use crate::engine::owners::users::{NewUser, insert_user};
use crate::engine::owners::{OwnerState, check_email, network_domain};
use crate::engine::{Cx, Owner};
use crate::model::{Account, Domain, EntityKind, Role, RoleKind, User};
use crate::schema::{Exception, Fault};
use crate::text::{and_list, printable, quoted, shorten};

/// What a new account is to be.
pub(crate) struct NewAccount {
    /// Its name; that of its user when nothing is said.
    pub(crate) name: Option<String>,
    /// Its domain.
    pub(crate) domain: Domain,
    /// Its role.
    pub(crate) role: Role,
    /// The DNS domain of its networks.
    pub(crate) network_domain: Option<String>,
    /// Its first user.
    pub(crate) user: NewUser,
}

/// Makes an account with its first user (`createUserAccount`).
pub(crate) fn create_account(cx: &mut Cx<'_>, new: &NewAccount) -> Result<Account, Fault> {
    cx.check_access(&new.domain)?;
    cx.check_rank(new.role.kind)?;
    if new.domain.state != "Active" {
        let text = format!("The domain {} is being deleted; no account is made", new.domain.path);
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    check_place(&new.role, &new.domain, "domainid")?;
    let dns = new.network_domain.as_deref().map(network_domain).transpose()?.flatten();
    check_email(&new.user.email)?;
    let name = new.name.as_ref().unwrap_or(&new.user.username);
    let param = if new.name.is_some() { "account" } else { "username" };
    check_name(cx, name, &new.domain, 0, param)?;
    super::users::check_username(cx, &new.user.username, &new.domain, 0)?;
    let hash = cx.new_password()?;
    let account = Account {
        id: 0,
        name: name.clone(),
        kind: new.role.kind.account_type(),
        domain_id: new.domain.id,
        role_id: new.role.id,
        state: OwnerState::Enabled.word().into(),
        network_domain: dns,
        is_default: false,
        created: cx.now,
        removed: None,
    };
    let account = Account { id: cx.tx.insert(&account)?, ..account };
    insert_user(cx, &account, &new.user, &hash)?;
    concerns(cx, &account, "creating");
    Ok(account)
}

/// What of an account is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountChanges {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Its role.
    pub(crate) role: Option<Role>,
    /// The DNS domain of its networks; empty for none.
    pub(crate) network_domain: Option<String>,
}

/// Changes an account.
pub(crate) fn update_account(
    cx: &mut Cx<'_>,
    mut account: Account,
    changes: AccountChanges,
) -> Result<Account, Fault> {
    let domain: Domain = cx.must(account.domain_id)?;
    if let Some(name) = changes.name {
        check_name(cx, &name, &domain, account.id, "newname")?;
        account.name = name;
    }
    if let Some(role) = changes.role.filter(|role| role.id != account.role_id) {
        if account.is_default {
            let name = quoted(&account.name);
            let text = format!("Invalid parameter roleid: {name} is a default account");
            return Err(Fault::invalid(text));
        }
        cx.check_rank(role.kind)?;
        check_place(&role, &domain, "roleid")?;
        (account.role_id, account.kind) = (role.id, role.kind.account_type());
    }
    if let Some(dns) = &changes.network_domain {
        account.network_domain = network_domain(dns)?;
    }
    cx.tx.save(&account)?;
    concerns(cx, &account, "updating");
    Ok(account)
}

/// Enables, disables or locks an account. From now on its users are admitted, or are not.
pub(crate) fn set_account_state(
    cx: &mut Cx<'_>,
    account: Account,
    state: OwnerState,
) -> Result<Account, Fault> {
    let doing = match state {
        OwnerState::Enabled => "enabling",
        OwnerState::Disabled => "disabling",
        OwnerState::Locked => "locking",
    };
    concerns(cx, &account, doing);
    if !state.may_follow(&account.state) {
        let name = quoted(&account.name);
        let text = format!("The account {name} is disabled; only an enabled one can be locked");
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let account = Account { state: state.word().into(), ..account };
    cx.tx.save(&account)?;
    Ok(account)
}

/// Deletes an account with its users and everything that it owns (`deleteUserAccount`).
pub(crate) fn delete_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    concerns(cx, account, "deleting");
    let name = quoted(&account.name);
    let wrong = |why: String| Err(Fault::invalid(format!("Invalid parameter id: {why}")).in_job());
    if account.is_default {
        return wrong(format!("{name} is a default account and stays"));
    }
    if account.id == cx.caller.account_id {
        return wrong("nobody can delete one's own account".into());
    }
    let administered = administered_projects(cx, account)?;
    if !administered.is_empty() {
        let names: Vec<&str> = administered.iter().map(String::as_str).collect();
        let (names, many) = (and_list(&names), names.len() > 1);
        let projects = if many { "projects" } else { "project" };
        return wrong(format!(
            "the account {name} administers the {projects} {names}; give them another owner, or \
             delete them first"
        ));
    }
    remove_account(cx, account).map_err(Fault::in_job)?;
    concerns(cx, account, "deleting");
    Ok(())
}

/// The names of the living projects that an account administers.
fn administered_projects(cx: &mut Cx<'_>, account: &Account) -> Result<Vec<String>, Fault> {
    let sql = "SELECT name FROM project JOIN project_member ON project.id = project_id \
               WHERE project_member.account_id = ? AND role = 'Admin' AND removed IS NULL \
               ORDER BY project.id LIMIT 3";
    let mut names = Vec::new();
    cx.tx.each(sql, &[account.id.into()], |cell| {
        let name: String = crate::model::Column::from_cell(cell(0))?;
        names.push(printable(&shorten(&name, 60)).into_owned());
        Ok(true)
    })?;
    Ok(names)
}

fn concerns(cx: &mut Cx<'_>, account: &Account, doing: &str) {
    let owner = Owner { account_id: account.id, domain_id: account.domain_id };
    let what = format!("{doing} the account {}", account.name);
    cx.concerns(EntityKind::Account, (0, account.id), owner, what);
}

/// Root admins are of the domain ROOT.
fn check_place(role: &Role, domain: &Domain, param: &str) -> Result<(), Fault> {
    if role.kind != RoleKind::Admin || domain.parent_id.is_none() {
        return Ok(());
    }
    let (role, path) = (quoted(&role.name), quoted(&domain.path));
    Err(Fault::invalid(format!(
        "Invalid parameter {param}: an account with the role {role} must be of the domain ROOT, \
         not of {path}"
    )))
}

/// Refuses a name that another account of the domain has, whatever the letter case.
fn check_name(
    cx: &mut Cx<'_>,
    name: &str,
    domain: &Domain,
    own: i64,
    param: &str,
) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM account WHERE domain_id = ? AND LOWER(name) = LOWER(?) AND id <> ? \
               AND removed IS NULL";
    let args = [domain.id.into(), name.into(), own.into()];
    if cx.tx.one::<i64>(sql, &args)?.is_none() {
        return Ok(());
    }
    let (name, path) = (quoted(name), quoted(&domain.path));
    Err(Fault::invalid(format!(
        "Invalid parameter {param}: there is an account {name} in the domain {path} already"
    )))
}

/// Locks an account that has no enabled user any more.
pub(super) fn lock_if_all_locked(cx: &mut Cx<'_>, account: Account) -> Result<(), Fault> {
    let enabled = "WHERE account_id = ? AND state = 'enabled' AND removed IS NULL";
    if cx.tx.count::<User>(enabled, &[account.id.into()])? == 0
        && OwnerState::Locked.may_follow(&account.state)
    {
        cx.tx.save(&Account { state: OwnerState::Locked.word().into(), ..account })?;
    }
    Ok(())
}
