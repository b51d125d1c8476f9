//! Accounts and users: who owns things, and who may act for the owner.

use crate::api::domains::Usage;
use crate::api::names::shown_path;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Asked, Cx, Resource};
use crate::model::{Account, Domain, Role, Time, Uid, User};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// An account, as `listAccounts` shows it.
    AccountView in "AccountResponse" shows ["name", "id", "domainpath", "rolename", "state",
        "iptotal", "networktotal", "vpctotal"] {
        /// the id of the account
        id: Uid,
        /// the name of the account
        name: String,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin
        accounttype: u32,
        /// the id of the account's role
        roleid: Uid,
        /// the name of the account's role
        rolename: String,
        /// the type of the account's role
        roletype: &'static str,
        /// the id of the account's domain
        domainid: Uid,
        /// the name of the account's domain
        domain: String,
        /// the domains from ROOT down
        domainpath: String,
        /// `enabled`, `disabled` or `locked`
        state: String,
        /// whether the account came with the installation
        isdefault: bool,
        /// whether something of a deleted account is still to be removed
        iscleanuprequired: bool,
        /// the DNS domain of the account's networks
        networkdomain: Option<String>,
        /// when the account was made
        created: Time,
        /// how many public addresses the account may have
        iplimit: String,
        /// how many public addresses the account has
        iptotal: i64,
        /// how many more public addresses the account may have
        ipavailable: String,
        /// how many networks the account may have
        networklimit: String,
        /// how many networks the account has
        networktotal: i64,
        /// how many more networks the account may have
        networkavailable: String,
        /// how many VPCs the account may have
        vpclimit: String,
        /// how many VPCs the account has
        vpctotal: i64,
        /// how many more VPCs the account may have
        vpcavailable: String,
        /// the users who may act for the account
        user: Vec<UserView>,
    }
}

view! {
    /// A user, as `listUsers` shows it.
    UserView in "UserResponse" shows ["username", "id", "account", "domain", "rolename",
        "state"] {
        /// the id of the user
        id: Uid,
        /// the name to log in with
        username: String,
        /// the first name
        firstname: String,
        /// the last name
        lastname: String,
        /// where mail goes
        email: Option<String>,
        /// the time zone
        timezone: Option<String>,
        /// `enabled`, `disabled` or `locked`
        state: String,
        /// the id of the user's account
        accountid: Uid,
        /// the name of the user's account
        account: String,
        /// the type of the user's account
        accounttype: u32,
        /// the id of the account's domain
        domainid: Uid,
        /// the name of the account's domain
        domain: String,
        /// the id of the account's role
        roleid: Uid,
        /// the name of the account's role
        rolename: String,
        /// the type of the account's role
        roletype: &'static str,
        /// whether the user came with the installation
        isdefault: bool,
        /// how the user is known; always `native`
        usersource: &'static str,
        /// when the user was made
        created: Time,
    }
}

api! {
    /// Lists accounts.
    now list "listAccounts" { key: "account", example: "list accounts listall=true" }
    => list_accounts -> AccountView;
    ListAccounts {
        /// the id of the account
        id: Option<Id<Account>>,
        /// the name of the account
        name: Option<Text>,
        /// the id of the domain whose accounts to list
        domainid: Option<Id<Domain>>,
        /// true for the accounts of the domains below domainid too
        isrecursive: Option<bool>,
        /// true for all accounts that the caller may see; without it, and with nothing else asked
        /// for, the caller's own
        listall: Option<bool>,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin
        accounttype: Option<u32>,
        /// `enabled`, `disabled` or `locked`
        state: Option<Text>,
        ..paged: Paged,
    }
}

api! {
    /// Lists users.
    now list "listUsers" { key: "user", example: "list users username=admin" }
    => list_users -> UserView;
    ListUsers {
        /// the id of the user
        id: Option<Id<User>>,
        /// the name to log in with
        username: Option<Text>,
        /// the name of the account whose users to list
        account: Option<Text>,
        /// the id of the domain whose users to list
        domainid: Option<Id<Domain>>,
        /// true for the users of the domains below domainid too
        isrecursive: Option<bool>,
        /// true for all users; without it, and with nothing else asked for, the caller's own
        listall: Option<bool>,
        /// 0 user, 1 root admin, 2 domain admin, 3 resource admin
        accounttype: Option<u32>,
        /// `enabled`, `disabled` or `locked`
        state: Option<Text>,
        ..paged: Paged,
    }
}

fn list_accounts(cx: &mut Cx<'_>, args: &ListAccounts) -> Result<Rows<AccountView>, Fault> {
    let mut filter = args.paged.filter();
    match cx.row_opt(args.id.as_ref())? {
        Some(id) => filter.is("id", Some(id)),
        None => filter.holds("id <> ?", [Account::SYSTEM.into()]),
    }
    filter.holds("type <> ?", [Account::PROJECT.into()]);
    let scope = cx.scope(&Asked {
        domain: args.domainid.as_ref(),
        recursive: args.isrecursive == Some(true),
        all: args.listall == Some(true),
        named: args.id.is_some() || args.name.is_some(),
        ..Asked::default()
    })?;
    if let Some((whose, values)) = scope.condition("id") {
        filter.holds(&whose, values);
    }
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("type", args.accounttype);
    filter.is("state", args.state.as_deref().map(str::to_ascii_lowercase));
    filter.keyword(&["name", "state"]);
    let (found, total) = filter.living::<Account>(cx, "id")?;
    let rows = found.into_iter().map(|account| show(cx, account)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn list_users(cx: &mut Cx<'_>, args: &ListUsers) -> Result<Rows<UserView>, Fault> {
    let mut filter = args.paged.filter();
    match cx.row_opt(args.id.as_ref())? {
        Some(id) => filter.is("id", Some(id)),
        None => filter.holds("id <> ?", [Account::SYSTEM.into()]),
    }
    let scope = cx.scope(&Asked {
        domain: args.domainid.as_ref(),
        recursive: args.isrecursive == Some(true),
        all: args.listall == Some(true),
        named: args.id.is_some() || args.username.is_some() || args.account.is_some(),
        ..Asked::default()
    })?;
    if let Some((whose, values)) = scope.condition("account_id") {
        filter.holds(&whose, values);
    }
    if let Some(name) = args.account.as_deref() {
        let sql = "account_id IN (SELECT id FROM account WHERE name = ?)";
        filter.holds(sql, [name.into()]);
    }
    filter.is("username", args.username.as_deref().map(str::to_owned));
    filter.is("state", args.state.as_deref().map(str::to_ascii_lowercase));
    if let Some(kind) = args.accounttype {
        let sql = "account_id IN (SELECT id FROM account WHERE type = ?)";
        filter.holds(sql, [kind.into()]);
    }
    filter.keyword(&["username", "firstname", "lastname", "email"]);
    let (found, total) = filter.living::<User>(cx, "id")?;
    let mut rows = Vec::with_capacity(found.len());
    for user in found {
        let account = cx.must(user.account_id)?;
        rows.push(show_user(cx, &account, user)?);
    }
    Ok(Rows { rows, total })
}

/// An account as answers show it.
pub(crate) fn show(cx: &mut Cx<'_>, account: Account) -> Result<AccountView, Fault> {
    let (domain, role): (Domain, Role) = (cx.must(account.domain_id)?, cx.must(account.role_id)?);
    let user = UserView::all_of(cx, &account)?;
    let [ip, network, vpc] = usages(cx, &account)?;
    Ok(AccountView {
        id: cx.uid::<Account>(account.id),
        accounttype: account_type(&account),
        name: account.name,
        roleid: cx.uid::<Role>(role.id),
        rolename: role.name,
        roletype: role.kind.word(),
        domainid: cx.uid::<Domain>(domain.id),
        domain: domain.name,
        domainpath: shown_path(&domain.path),
        state: account.state,
        isdefault: account.is_default,
        iscleanuprequired: false,
        networkdomain: account.network_domain,
        created: account.created,
        iplimit: ip.limit,
        iptotal: ip.total,
        ipavailable: ip.available,
        networklimit: network.limit,
        networktotal: network.total,
        networkavailable: network.available,
        vpclimit: vpc.limit,
        vpctotal: vpc.total,
        vpcavailable: vpc.available,
        user,
    })
}

impl UserView {
    /// The users who may act for an account.
    pub(crate) fn all_of(cx: &mut Cx<'_>, account: &Account) -> Result<Vec<Self>, Fault> {
        let users = "WHERE account_id = ? AND removed IS NULL ORDER BY id";
        let users: Vec<User> = cx.tx.select(users, &[account.id.into()])?;
        users.into_iter().map(|user| show_user(cx, account, user)).collect()
    }
}

/// The type's number, which fits wherever a store holds one that CloudStack knows.
fn account_type(account: &Account) -> u32 {
    u32::try_from(account.kind).unwrap_or_default()
}

fn usages(cx: &mut Cx<'_>, account: &Account) -> Result<[Usage; 3], Fault> {
    let scope = if account.is_project() { "project" } else { "account" };
    let mut usage = |resource| {
        let total = cx.counted(account.id, resource)?;
        let limit = match account.is_root() {
            true => -1,
            false => cx.limit("account", scope, account.id, resource)?,
        };
        Ok::<_, Fault>(Usage::new(total, limit))
    };
    Ok([usage(Resource::PublicIp)?, usage(Resource::Network)?, usage(Resource::Vpc)?])
}

/// A user as answers show it.
pub(crate) fn show_user(cx: &mut Cx<'_>, account: &Account, user: User) -> Result<UserView, Fault> {
    let (domain, role): (Domain, Role) = (cx.must(account.domain_id)?, cx.must(account.role_id)?);
    Ok(UserView {
        id: cx.uid::<User>(user.id),
        username: user.username,
        firstname: user.firstname,
        lastname: user.lastname,
        email: user.email,
        timezone: user.timezone,
        state: user.state,
        accountid: cx.uid::<Account>(account.id),
        account: account.name.clone(),
        accounttype: account_type(account),
        domainid: cx.uid::<Domain>(domain.id),
        domain: domain.name,
        roleid: cx.uid::<Role>(role.id),
        rolename: role.name,
        roletype: role.kind.word(),
        isdefault: user.is_default,
        usersource: "native",
        created: user.created,
    })
}
