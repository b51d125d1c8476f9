//! What goes with an account or a domain: everything that it owns.

use crate::engine::owners::domains::BELOW;
use crate::engine::projects::{delete_project, leave_all};
use crate::engine::{
    Cx, addresses, delete_network, delete_vpc, guest_vlans, pod_addresses, private_gateways,
    ranges, routing, vms,
};
use crate::model::{Account, Domain, EntityKind, Network, Project, User, VlanRange, Vpc};
use crate::schema::Fault;

/// Deletes everything that an account owns: its virtual machines, networks and VPCs, the addresses
/// that it holds or has reserved, and its settings and limits; ranges that are dedicated to it are
/// everybody's again. The account itself and its users stay.
pub(crate) fn cleanup_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    let own = [account.id.into()];
    vms::expunge_all_of_account(cx, account.id)?;
    private_gateways::forget_account(cx, account.id)?;
    // The tiers of its VPCs may be another's; they go first, as no VPC goes before its tiers.
    let networks: Vec<Network> = cx.tx.select(
        "WHERE removed IS NULL AND system = 0 AND traffic_type = 'Guest' AND (account_id = ? \
         OR vpc_id IN (SELECT id FROM vpc WHERE account_id = ? AND removed IS NULL)) ORDER BY id",
        &[account.id.into(), account.id.into()],
    )?;
    for network in networks {
        vms::expunge_all_of_network(cx, network.id)?;
        delete_network(cx, network, false)?;
    }
    let vpcs: Vec<Vpc> =
        cx.tx.select("WHERE account_id = ? AND removed IS NULL ORDER BY id", &own)?;
    for vpc in vpcs {
        delete_vpc(cx, vpc)?;
    }
    addresses::release_all_of_account(cx, account.id)?;
    pod_addresses::release_all_of_account(cx, account)?;
    let dedicated = "WHERE account_id = ? AND removed IS NULL ORDER BY id";
    let dedicated: Vec<VlanRange> = cx.tx.select(dedicated, &own)?;
    for range in dedicated {
        ranges::release_dedicated(cx, range)?;
    }
    guest_vlans::release_all(cx, "account_id", account.id)?;
    routing::release_dedicated(cx, "account_id", account.id)?;
    forget_values(cx, "account", account.id)
}

/// Deletes an account with its users and everything that it owns.
pub(super) fn remove_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    cleanup_account(cx, account)?;
    leave_all(cx, account)?;
    let own = [account.id.into()];
    let users: Vec<User> =
        cx.tx.select("WHERE account_id = ? AND removed IS NULL ORDER BY id", &own)?;
    for user in users {
        remove_user(cx, user)?;
    }
    cx.tx.save(&Account { state: "disabled".into(), removed: Some(cx.now), ..account.clone() })?;
    cx.forget_tags((EntityKind::Account, 0, account.id))
}

/// Deletes a user, whose keys and password are void.
pub(super) fn remove_user(cx: &mut Cx<'_>, user: User) -> Result<(), Fault> {
    cx.tx.run("DELETE FROM user_key WHERE user_id = ?", &[user.id.into()])?;
    cx.tx.run("DELETE FROM user_password WHERE user_id = ?", &[user.id.into()])?;
    cx.forget_tags((EntityKind::User, 0, user.id))?;
    cx.tx.save(&User { state: "disabled".into(), removed: Some(cx.now), ..user })?;
    Ok(())
}

/// Deletes a domain and all below it, with their projects and accounts.
pub(super) fn remove_tree(cx: &mut Cx<'_>, top: &Domain) -> Result<(), Fault> {
    let under = [top.path.as_str().into(), top.path.as_str().into()];
    let held = format!("WHERE domain_id IN ({BELOW}) AND removed IS NULL ORDER BY id");
    let projects: Vec<Project> = cx.tx.select(&held, &under)?;
    for project in projects {
        delete_project(cx, project, true)?;
    }
    let accounts: Vec<Account> = cx.tx.select(&held, &under)?;
    for account in &accounts {
        remove_account(cx, account)?;
    }
    let domains = format!("WHERE id IN ({BELOW}) AND removed IS NULL ORDER BY level DESC, id");
    let domains: Vec<Domain> = cx.tx.select(&domains, &under)?;
    for domain in domains {
        cx.tx.run(
            "UPDATE vlan_range SET domain_id = NULL WHERE domain_id = ? AND account_id IS NULL",
            &[domain.id.into()],
        )?;
        routing::release_dedicated(cx, "domain_id", domain.id)?;
        forget_values(cx, "domain", domain.id)?;
        cx.tx.save(&Domain { state: "Inactive".into(), removed: Some(cx.now), ..domain })?;
    }
    Ok(())
}

/// Takes away the limits and the settings of an owner.
fn forget_values(cx: &mut Cx<'_>, owner: &str, id: i64) -> Result<(), Fault> {
    let args = [owner.into(), id.into()];
    cx.tx.run("DELETE FROM resource_limit WHERE owner = ? AND owner_id = ?", &args)?;
    cx.tx.run("DELETE FROM setting WHERE scope = ? AND scope_id = ?", &args)?;
    Ok(())
}
