//! Rules of ACL lists (`NetworkACLServiceImpl`, `NetworkACLManagerImpl`).

use crate::engine::Cx;
use crate::engine::rules::acls::{check_may_change, create_acl, is_default, owner, refuse_default};
use crate::engine::rules::traffic::{ANYWHERE, Traffic, cidrs};
use crate::model::{Acl, AclAction, AclItem, EntityKind, Network, TrafficDirection, Vpc};
use crate::schema::Fault;
use crate::text::quoted;
use md5::{Digest, Md5};
use std::fmt::Write as _;

/// A new rule.
#[derive(Clone, Debug)]
pub(crate) struct NewAclItem {
    /// Its list, or else the tier whose list it is for.
    pub(crate) acl: Option<Acl>,
    /// The tier.
    pub(crate) tier: Option<Network>,
    /// Its number; the next one where nothing is said.
    pub(crate) number: Option<i64>,
    /// What is done with the traffic.
    pub(crate) action: AclAction,
    /// Which way the traffic goes.
    pub(crate) direction: TrafficDirection,
    /// The traffic.
    pub(crate) traffic: Traffic,
    /// Where it comes from, or goes to; anywhere, where nothing is said.
    pub(crate) cidrs: Option<Vec<String>>,
    /// Why there is this rule.
    pub(crate) reason: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// What is to change of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct AclItemChanges {
    /// Its number.
    pub(crate) number: Option<i64>,
    /// What is done with the traffic.
    pub(crate) action: Option<AclAction>,
    /// Which way the traffic goes.
    pub(crate) direction: Option<TrafficDirection>,
    /// The protocol.
    pub(crate) protocol: Option<String>,
    /// Ports and ICMP messages; those that are left out stay only where `partial` says so.
    pub(crate) traffic: Traffic,
    /// Where the traffic comes from, or goes to.
    pub(crate) cidrs: Option<Vec<String>>,
    /// Why there is this rule.
    pub(crate) reason: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
    /// Whether what is left out stays as it is.
    pub(crate) partial: bool,
}

/// Where a rule is moved to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Neighbours {
    /// The rule before it; none if it is to be the first.
    pub(crate) previous: Option<AclItem>,
    /// The rule behind it; none if it is to be the last.
    pub(crate) next: Option<AclItem>,
    /// The hash of the list as the caller knows it.
    pub(crate) hash: Option<String>,
}

/// Makes a rule.
pub(crate) fn create_acl_item(cx: &mut Cx<'_>, new: NewAclItem) -> Result<AclItem, Fault> {
    let traffic = new.traffic.clone().checked()?;
    let cidrs = cidrs("cidrlist", new.cidrs.as_deref(), ANYWHERE, true)?;
    let acl = list_of(cx, &new)?;
    refuse_default(&acl)?;
    check_may_change(cx, &acl)?;
    let number = match new.number {
        Some(number) => free_number(cx, &acl, number, None)?,
        None => highest(cx, acl.id)? + 1,
    };
    let item = AclItem {
        id: 0,
        acl_id: acl.id,
        number,
        action: new.action,
        direction: new.direction,
        protocol: traffic.protocol,
        first_port: traffic.first_port,
        last_port: traffic.last_port,
        icmp_type: traffic.icmp_type,
        icmp_code: traffic.icmp_code,
        cidrs,
        reason: new.reason,
        display: new.display,
        created: cx.now,
        removed: None,
    };
    let id = cx.tx.insert(&item)?;
    let item = AclItem { id, ..item };
    concerns(cx, &item, &acl, "creating")?;
    Ok(item)
}

/// The list that the rule is for. A tier that has none, or one that cannot be changed, gets one of
/// its own.
fn list_of(cx: &mut Cx<'_>, new: &NewAclItem) -> Result<Acl, Fault> {
    if let Some(acl) = &new.acl {
        return Ok(acl.clone());
    }
    let Some(tier) = &new.tier else {
        return Err(Fault::invalid("One of the parameters aclid and networkid must be given"));
    };
    let Some(vpc_id) = tier.vpc_id else {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: {} is no tier of a VPC, and only those have ACL lists",
            quoted(&tier.name)
        )));
    };
    if let Some(acl) = tier.acl_id.filter(|acl| !is_default(*acl)) {
        return cx.must(acl);
    }
    let vpc: Vpc = cx.must(vpc_id)?;
    let name = format!("ACL_{}", tier.name);
    let acl = create_acl(cx, Some(&vpc), &name, None, true)?;
    cx.tx.save(&Network { acl_id: Some(acl.id), ..tier.clone() })?;
    Ok(acl)
}

/// Changes a rule.
pub(crate) fn update_acl_item(
    cx: &mut Cx<'_>,
    item: AclItem,
    changes: AclItemChanges,
) -> Result<AclItem, Fault> {
    let acl: Acl = cx.must(item.acl_id)?;
    concerns(cx, &item, &acl, "changing")?;
    refuse_default(&acl).map_err(Fault::in_job)?;
    check_may_change(cx, &acl)?;
    let traffic = changed_traffic(&item, &changes).checked().map_err(Fault::in_job)?;
    let keep = changes.partial.then(|| item.cidrs.clone());
    let default = keep.as_deref().unwrap_or(ANYWHERE);
    let cidrs = match &changes.cidrs {
        None => default.to_owned(),
        given => cidrs("cidrlist", given.as_deref(), ANYWHERE, true).map_err(Fault::in_job)?,
    };
    let number = match changes.number {
        Some(number) => free_number(cx, &acl, number, Some(item.id)).map_err(Fault::in_job)?,
        None => item.number,
    };
    let old_reason = if changes.partial { item.reason.clone() } else { None };
    let item = AclItem {
        number,
        action: changes.action.unwrap_or(item.action),
        direction: changes.direction.unwrap_or(item.direction),
        protocol: traffic.protocol,
        first_port: traffic.first_port,
        last_port: traffic.last_port,
        icmp_type: traffic.icmp_type,
        icmp_code: traffic.icmp_code,
        cidrs,
        reason: changes.reason.or(old_reason),
        display: changes.display.unwrap_or(item.display),
        ..item
    };
    cx.tx.save(&item)?;
    Ok(item)
}

/// The traffic of a rule after a change. What another protocol has no use for goes.
fn changed_traffic(item: &AclItem, changes: &AclItemChanges) -> Traffic {
    let protocol = changes.protocol.clone().unwrap_or_else(|| item.protocol.clone());
    let stays = changes.partial && protocol.eq_ignore_ascii_case(&item.protocol);
    let kept = |new: Option<i64>, old: Option<i64>| new.or(old.filter(|_| stays));
    Traffic {
        first_port: kept(changes.traffic.first_port, item.first_port),
        last_port: kept(changes.traffic.last_port, item.last_port),
        icmp_type: kept(changes.traffic.icmp_type, item.icmp_type),
        icmp_code: kept(changes.traffic.icmp_code, item.icmp_code),
        protocol,
    }
}

/// Deletes a rule.
pub(crate) fn delete_acl_item(cx: &mut Cx<'_>, mut item: AclItem) -> Result<(), Fault> {
    let acl: Acl = cx.must(item.acl_id)?;
    concerns(cx, &item, &acl, "deleting")?;
    refuse_default(&acl).map_err(Fault::in_job)?;
    check_may_change(cx, &acl)?;
    item.removed = Some(cx.now);
    cx.tx.save(&item)?;
    cx.forget_tags((EntityKind::AclItem, 0, item.id))
}

/// Moves a rule between two others of its list (`moveNetworkAclRuleToNewPosition`).
pub(crate) fn move_acl_item(
    cx: &mut Cx<'_>,
    item: AclItem,
    to: &Neighbours,
) -> Result<AclItem, Fault> {
    let acl: Acl = cx.must(item.acl_id)?;
    concerns(cx, &item, &acl, "moving")?;
    refuse_default(&acl).map_err(Fault::in_job)?;
    check_may_change(cx, &acl)?;
    check_neighbours(cx, &item, to).map_err(Fault::in_job)?;
    let mut order: Vec<AclItem> = items(cx, acl.id)?;
    order.retain(|other| other.id != item.id);
    let at = match (&to.previous, &to.next) {
        (Some(previous), _) => {
            order.iter().position(|other| other.id == previous.id).map(|at| at + 1)
        }
        (None, Some(next)) => order.iter().position(|other| other.id == next.id),
        (None, None) => None,
    };
    let at = at.unwrap_or(order.len());
    let before = at.checked_sub(1).and_then(|at| order.get(at)).map_or(0, |other| other.number);
    let room = order.get(at).is_none_or(|next| next.number > before + 1);
    if !room {
        // Out of the way first: its own number may be needed.
        cx.tx.save(&AclItem { number: -item.id, ..item.clone() })?;
        push_down(cx, order.get(at..).unwrap_or_default(), before + 2)?;
    }
    let item = AclItem { number: before + 1, ..item };
    cx.tx.save(&item)?;
    Ok(item)
}

fn check_neighbours(cx: &mut Cx<'_>, item: &AclItem, to: &Neighbours) -> Result<(), Fault> {
    if to.previous.is_none() && to.next.is_none() {
        return Err(Fault::invalid(
            "One of the parameters previousaclruleid and nextaclruleid must be given",
        ));
    }
    for (param, other) in [("previousaclruleid", &to.previous), ("nextaclruleid", &to.next)] {
        let Some(other) = other else { continue };
        if other.id == item.id {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: it is the rule itself"
            )));
        }
        if other.acl_id != item.acl_id {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: it is a rule of another list"
            )));
        }
    }
    if let (Some(previous), Some(next)) = (&to.previous, &to.next)
        && previous.number >= next.number
    {
        return Err(Fault::invalid(
            "Invalid parameter nextaclruleid: it does not stand behind previousaclruleid",
        ));
    }
    if let Some(given) = &to.hash
        && !given.eq_ignore_ascii_case(&list_hash(cx, item.acl_id)?)
    {
        return Err(Fault::invalid(
            "Invalid parameter aclconsistencyhash: the list was changed meanwhile; read it again",
        ));
    }
    Ok(())
}

/// Moves rules down so that `first` is the lowest number, from the last one on: no two have one
/// number at any time.
fn push_down(cx: &mut Cx<'_>, items: &[AclItem], first: i64) -> Result<(), Fault> {
    let mut numbers = Vec::with_capacity(items.len());
    let mut least = first;
    for item in items {
        let number = item.number.max(least);
        numbers.push(number);
        least = number + 1;
    }
    for (item, number) in items.iter().zip(numbers).rev() {
        if item.number != number {
            cx.tx.save(&AclItem { number, ..item.clone() })?;
        }
    }
    Ok(())
}

/// The hash that tells whether a list was changed: of its rules' ids in their order.
fn list_hash(cx: &mut Cx<'_>, acl_id: i64) -> Result<String, Fault> {
    let ids: String =
        items(cx, acl_id)?.iter().map(|item| cx.uid::<AclItem>(item.id).to_string()).collect();
    Ok(hex(&Md5::digest(ids)))
}

/// Bytes as the wire writes a hash.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The living rules of a list in their order.
fn items(cx: &mut Cx<'_>, acl_id: i64) -> Result<Vec<AclItem>, Fault> {
    Ok(cx.tx.select("WHERE acl_id = ? AND removed IS NULL ORDER BY number", &[acl_id.into()])?)
}

fn highest(cx: &mut Cx<'_>, acl_id: i64) -> Result<i64, Fault> {
    let sql = "SELECT COALESCE(MAX(number), 0) FROM acl_item WHERE acl_id = ? AND removed IS NULL";
    Ok(cx.tx.one::<i64>(sql, &[acl_id.into()])?.unwrap_or(0))
}

/// A number that no other rule of the list has.
fn free_number(cx: &mut Cx<'_>, acl: &Acl, number: i64, own: Option<i64>) -> Result<i64, Fault> {
    if number < 1 {
        let text = format!("Invalid parameter number: {number} is less than 1");
        return Err(Fault::invalid(text));
    }
    let taken =
        items(cx, acl.id)?.into_iter().any(|other| other.number == number && Some(other.id) != own);
    if taken {
        let name = quoted(&acl.name);
        return Err(Fault::invalid(format!(
            "Invalid parameter number: the list {name} has a rule {number} already"
        )));
    }
    Ok(number)
}

fn concerns(cx: &mut Cx<'_>, item: &AclItem, acl: &Acl, doing: &str) -> Result<(), Fault> {
    let owner = owner(cx, acl)?;
    let what = format!("{doing} rule {} of ACL list {}", item.number, acl.name);
    cx.concerns(EntityKind::AclItem, (0, item.id), owner, what);
    Ok(())
}
