//! Who may use a network that is not theirs.

use crate::api::{EVERYBODY, Rows, api};
use crate::engine::{self, Cx, Guard, Owner};
use crate::model::{Account, Domain, EntityKind, Network, Project, Uid};
use crate::schema::{Exception, Fault, Id, List, group, view};
use crate::text::quoted;

view! {
    /// An account that may use a network of others.
    NetworkPermissionView in "NetworkPermissionsResponse" shows ["account", "project", "domain",
        "networkid"] {
        /// the id of the network
        networkid: Uid,
        /// the id of the account
        accountid: Option<Uid>,
        /// the name of the account
        account: Option<String>,
        /// the id of the account's domain
        domainid: Uid,
        /// the name of the account's domain
        domain: String,
        /// the id of the project, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
    }
}

group! {
    /// The accounts that may use a network.
    Permitted {
        /// the ids of accounts
        accountids: Option<List<Id<Account>>>,
        /// the names of accounts of the network's domain
        accounts: Option<List<String>>,
        /// the ids of projects
        projectids: Option<List<Id<Project>>>,
    }
}

api! {
    /// Permits accounts and projects to use a network of one's own.
    now success "createNetworkPermissions" {
        event: "NETWORK.PERMISSION.UPDATE", roles: EVERYBODY,
        example: "create network permissions networkid=web accounts=bob",
    } => create;
    CreateNetworkPermissions {
        /// the id of the network
        networkid: Id<Network>,
        ..who: Permitted,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateNetworkPermissions) -> Result<(), Fault> {
    let (network, accounts) = find(cx, &args.networkid, &args.who)?;
    engine::permit(cx, &network, &accounts, true)
}

api! {
    /// Takes back from accounts and projects that they may use a network.
    now success "removeNetworkPermissions" {
        event: "NETWORK.PERMISSION.UPDATE", roles: EVERYBODY,
        example: "remove network permissions networkid=web accounts=bob",
    } => remove;
    RemoveNetworkPermissions {
        /// the id of the network
        networkid: Id<Network>,
        ..who: Permitted,
    }
}

fn remove(cx: &mut Cx<'_>, args: &RemoveNetworkPermissions) -> Result<(), Fault> {
    let (network, accounts) = find(cx, &args.networkid, &args.who)?;
    engine::permit(cx, &network, &accounts, false)
}

api! {
    /// Takes back from everybody that they may use a network.
    now success "resetNetworkPermissions" {
        event: "NETWORK.PERMISSION.UPDATE", roles: EVERYBODY,
        example: "reset network permissions networkid=web",
    } => reset;
    ResetNetworkPermissions {
        /// the id of the network
        networkid: Id<Network>,
    }
}

fn reset(cx: &mut Cx<'_>, args: &ResetNetworkPermissions) -> Result<(), Fault> {
    let network = own(cx, &args.networkid)?;
    engine::permit_nobody(cx, &network)
}

api! {
    /// Lists the accounts and projects that may use a network of others.
    now list "listNetworkPermissions" {
        key: "networkpermission", roles: EVERYBODY,
        example: "list network permissions networkid=web",
    } => list -> NetworkPermissionView;
    ListNetworkPermissions {
        /// the id of the network
        networkid: Id<Network>,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListNetworkPermissions,
) -> Result<Rows<NetworkPermissionView>, Fault> {
    let network = cx.find(&args.networkid)?;
    let accounts = engine::permitted(cx, &network)?;
    let total = accounts.len() as u64;
    let rows = accounts.into_iter().map(|account| show(cx, &network, account));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

/// A network that the caller may change, and that others can be permitted to use.
fn own(cx: &mut Cx<'_>, id: &Id<Network>) -> Result<Network, Fault> {
    let network: Network = cx.find(id)?;
    engine::refuse_unshared(&network)?;
    let what = format!("changing who may use network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), Owner::from(&network), what);
    Ok(network)
}

/// The network and the accounts that were named.
fn find(cx: &mut Cx<'_>, id: &Id<Network>, who: &Permitted) -> Result<(Network, Vec<i64>), Fault> {
    let network = own(cx, id)?;
    let domain: Domain = cx.must(network.domain_id)?;
    let mut found = Vec::new();
    for id in who.accountids.iter().flat_map(|ids| &ids.0) {
        let row = cx.row(id)?;
        let account: Option<Account> =
            cx.tx.first("WHERE id = ? AND removed IS NULL", &[row.into()])?;
        found.push(account.ok_or_else(|| cx.unknown(id))?);
    }
    for name in who.accounts.iter().flat_map(|names| &names.0) {
        let tail = "WHERE name = ? AND domain_id = ? AND type <> ? AND removed IS NULL";
        let args = [name.as_str().into(), domain.id.into(), Account::PROJECT.into()];
        let account: Option<Account> = cx.tx.first(tail, &args)?;
        found.push(account.ok_or_else(|| {
            Fault::invalid(format!(
                "Invalid parameter accounts: there is no account {} in the domain {}",
                quoted(name),
                domain.path
            ))
        })?);
    }
    for id in who.projectids.iter().flat_map(|ids| &ids.0) {
        let project: Project = cx.find(id)?;
        found.push(cx.must(project.account_id)?);
    }
    if found.is_empty() {
        return Err(Fault::invalid(
            "One of the parameters accountids, accounts and projectids must be given",
        ));
    }
    if let Some(own) = found.iter().find(|one| one.id == network.account_id) {
        let text = format!("The account {} owns the network and may use it", quoted(&own.name));
        return Err(Fault::invalid(text));
    }
    for one in &found {
        // Users permit whoever is of their domain, admins of domains whoever is below them.
        if one.domain_id != cx.caller.domain_id && !cx.may_use(Guard::Account(one.id))? {
            let text = "Only accounts of one's own domain can be permitted to use a network";
            return Err(Fault::new(Exception::PermissionDenied, text));
        }
    }
    Ok((network, found.into_iter().map(|one| one.id).collect()))
}

fn show(
    cx: &mut Cx<'_>,
    network: &Network,
    account: Account,
) -> Result<NetworkPermissionView, Fault> {
    let domain: Domain = cx.must(account.domain_id)?;
    let project = if account.is_project() { cx.project_of(account.id)? } else { None };
    let (accountid, name) = match project {
        Some(_) => (None, None),
        None => (Some(cx.uid::<Account>(account.id)), Some(account.name)),
    };
    Ok(NetworkPermissionView {
        networkid: cx.uid::<Network>(network.id),
        accountid,
        account: name,
        domainid: cx.uid::<Domain>(domain.id),
        domain: domain.name,
        projectid: cx.uid_opt::<Project>(project.as_ref().map(|(id, _)| *id)),
        project: project.map(|(_, name)| name),
    })
}
