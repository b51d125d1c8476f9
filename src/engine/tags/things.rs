//! The things that may have tags: found by their ids, with their owners.

use super::Tagged;
use crate::engine::addresses::Found;
use crate::engine::{Caller, Cx, Guard, Owner, rules};
use crate::model::{
    Account, Acl, AclItem, Address, Entity, EntityKind, FirewallRule, LoadBalancerRule, Network,
    NetworkRule, Nic, PortForwardingRule, PrivateGateway, Project, Record, RoutingRule,
    StaticNatRule, StaticRoute, TagKind, Uid, User, Vm, Vpc,
};
use crate::schema::{Fault, Id};

/// The parameter in which the ids stand.
const PARAM: &str = "resourceids";

/// A thing that the caller may put tags on.
pub(super) struct Thing {
    /// What it is.
    pub(super) tagged: Tagged,
    /// Whose it is.
    pub(super) owner: Owner,
    /// Its id.
    pub(super) id: Uid,
}

/// Finds a thing by its id, for whoever may change what its owner has.
pub(super) fn thing(cx: &mut Cx<'_>, kind: TagKind, id: &str) -> Result<Thing, Fault> {
    let found = match kind {
        TagKind::UserVm => of::<Vm>(cx, id, |_, vm| Ok(Owner::from(vm))),
        TagKind::Network => of::<Network>(cx, id, |_, network| Ok(Owner::from(network))),
        TagKind::Vpc => of::<Vpc>(cx, id, |_, vpc| Ok(Owner::from(vpc))),
        TagKind::PublicIpAddress => address(cx, id),
        TagKind::Nic => of::<Nic>(cx, id, |cx, nic| Ok(Owner::from(&cx.must::<Vm>(nic.vm_id)?))),
        TagKind::FirewallRule => firewall_rule(cx, id),
        TagKind::PortForwardingRule => of::<PortForwardingRule>(cx, id, |_, rule| {
            Ok(Owner { account_id: rule.account_id, domain_id: rule.domain_id })
        }),
        TagKind::LoadBalancer => of::<LoadBalancerRule>(cx, id, |_, rule| {
            Ok(Owner { account_id: rule.account_id, domain_id: rule.domain_id })
        }),
        TagKind::NetworkAcl => of::<AclItem>(cx, id, |cx, item| {
            let acl = cx.must(item.acl_id)?;
            owner_of_acl(cx, &acl)
        }),
        TagKind::NetworkAclList => of::<Acl>(cx, id, owner_of_acl),
        TagKind::PrivateGateway => of::<PrivateGateway>(cx, id, |_, one| Ok(Owner::from(one))),
        TagKind::StaticRoute => of::<StaticRoute>(cx, id, |_, route| Ok(Owner::from(route))),
        TagKind::Project => of::<Project>(cx, id, |cx, project| account(cx, project.account_id)),
        TagKind::Account => of::<Account>(cx, id, |cx, one| account(cx, one.id)),
        TagKind::User => of::<User>(cx, id, |cx, user| account(cx, user.account_id)),
    }?;
    cx.check_guard(Guard::Account(found.owner.account_id))?;
    Ok(found)
}

fn of<E: Entity + Record>(
    cx: &mut Cx<'_>,
    id: &str,
    owner: impl FnOnce(&mut Cx<'_>, &E) -> Result<Owner, Fault>,
) -> Result<Thing, Fault> {
    let id = Id::<E>::new(id, PARAM);
    let row = cx.row(&id)?;
    let found: Option<E> = cx.tx.living(row)?;
    let found = found.ok_or_else(|| cx.unknown(&id))?;
    let owner = owner(cx, &found)?;
    Ok(Thing { tagged: (E::KIND, 0, row), owner, id: cx.uid::<E>(row) })
}

fn account(cx: &mut Cx<'_>, id: i64) -> Result<Owner, Fault> {
    let account: Account = cx.must(id)?;
    Ok(Owner { account_id: account.id, domain_id: account.domain_id })
}

/// Lists that are for all VPCs are the system's.
fn owner_of_acl(cx: &mut Cx<'_>, acl: &Acl) -> Result<Owner, Fault> {
    let system = &Caller::SYSTEM;
    Ok(match acl.vpc_id {
        Some(vpc) => Owner::from(&cx.must::<Vpc>(vpc)?),
        None => Owner { account_id: system.account_id, domain_id: system.domain_id },
    })
}

/// A rule of a firewall, or one of an address with static NAT or of a whole network, which are
/// other things to us.
fn firewall_rule(cx: &mut Cx<'_>, id: &str) -> Result<Thing, Fault> {
    let row = Uid::parse(id).and_then(|uid| cx.tx.row_of::<StaticNatRule>(uid));
    if row.is_some() {
        return of::<StaticNatRule>(cx, id, |_, rule| {
            Ok(Owner { account_id: rule.account_id, domain_id: rule.domain_id })
        });
    }
    let row = Uid::parse(id).and_then(|uid| {
        cx.tx.row_of::<NetworkRule>(uid).or_else(|| cx.tx.row_of::<RoutingRule>(uid))
    });
    if let Some(row) = row {
        let known: Option<NetworkRule> = cx.tx.living(row)?;
        let known = known.filter(|rule| cx.tx.uid(rules::kind_of(rule), row).to_string() == id);
        let rule = known.ok_or_else(|| cx.unknown(&Id::<NetworkRule>::new(id, PARAM)))?;
        return Ok(Thing {
            tagged: (EntityKind::NetworkRule, 0, row),
            owner: Owner { account_id: rule.account_id, domain_id: rule.domain_id },
            id: cx.tx.uid(rules::kind_of(&rule), row),
        });
    }
    of::<FirewallRule>(cx, id, |_, rule| {
        Ok(Owner { account_id: rule.account_id, domain_id: rule.domain_id })
    })
}

/// An address that somebody holds; a free one has no tags.
fn address(cx: &mut Cx<'_>, id: &str) -> Result<Thing, Fault> {
    let id = Id::<Address>::new(id, PARAM);
    let found = match Found::place_of(cx, &id)? {
        Some((range, place)) => Found::at(cx, range, place)?,
        None => None,
    };
    let found = found.ok_or_else(|| cx.unknown(&id))?;
    let Some(row) = found.row else {
        let text = format!("Invalid parameter {PARAM}: {} is free", found.place.ip);
        return Err(Fault::invalid(text));
    };
    Ok(Thing {
        tagged: (EntityKind::Address, row.range_id, row.place),
        owner: Owner::from(&row),
        id: cx.address_uid(row.range_id, row.place),
    })
}
