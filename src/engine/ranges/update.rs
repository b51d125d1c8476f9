//! Changing a range (`ConfigurationManagerImpl.updateVlanAndPublicIpRange`).
//!
//! CloudStack does not compare a changed range with the others, so that a range can be widened
//! over its neighbour and an address handed out twice. We do.

use crate::engine::ranges::create::{Span, span};
use crate::engine::ranges::overlap;
use crate::engine::{Cx, Owner, Resource, addresses};
use crate::model::{Account, VlanRange};
use crate::net::{Range4, VlanTag};
use crate::schema::Fault;
use std::net::Ipv4Addr;

/// What is to become of a range; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    /// The gateway.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The first address.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last address.
    pub(crate) last: Option<Ipv4Addr>,
    /// Whether it is kept for system VMs.
    pub(crate) for_system_vms: Option<bool>,
}

/// Changes a range. Addresses that stay in it keep their ids.
pub(crate) fn update(
    cx: &mut Cx<'_>,
    range: VlanRange,
    change: &Change,
) -> Result<VlanRange, Fault> {
    let Some(old) = range.range() else {
        return Err(Fault::invalid("Invalid parameter startip: the range has no IPv4 addresses"));
    };
    let (Some(gateway), Some(netmask)) = (range.gateway, range.netmask) else {
        return Err(Fault::invalid("Invalid parameter gateway: the range has no IPv4 gateway"));
    };
    let new = span(
        change.gateway.unwrap_or(gateway),
        change.netmask.unwrap_or(netmask),
        change.first.unwrap_or(old.first()),
        change.last.unwrap_or(old.last()),
    )?;
    refuse_held(cx, &range, &new, change)?;
    refuse_collisions(cx, &range, &new)?;
    recount(cx, &range, old, new.range)?;
    let changed = VlanRange {
        gateway: Some(new.gateway),
        netmask: Some(new.netmask),
        first: Some(new.range.first()),
        last: Some(new.range.last()),
        for_system_vms: change.for_system_vms.unwrap_or(range.for_system_vms),
        ..range.clone()
    };
    let same = changed.gateway == range.gateway && changed.netmask == range.netmask;
    addresses::leave(cx, changed.id, |place| same && changed.ip_at(place).is_some())?;
    cx.tx.save(&changed)?;
    Ok(changed)
}

/// Held addresses stay inside, keep gateway and netmask, and keep their purpose.
fn refuse_held(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    new: &Span,
    change: &Change,
) -> Result<(), Fault> {
    if change.for_system_vms.is_some_and(|wanted| wanted != range.for_system_vms) {
        refuse_purpose(range)?;
    }
    let sql = "SELECT MIN(place) FROM address WHERE range_id = ?";
    let lowest: Option<i64> = cx.tx.one(sql, &[range.id.into()])?.flatten();
    let sql = "SELECT MAX(place) FROM address WHERE range_id = ?";
    let highest: Option<i64> = cx.tx.one(sql, &[range.id.into()])?.flatten();
    let at = |place: i64| range.ip_at(place);
    let (Some(lowest), Some(highest)) = (lowest.and_then(at), highest.and_then(at)) else {
        return Ok(());
    };
    if Some(new.gateway) != range.gateway || Some(new.netmask) != range.netmask {
        return Err(Fault::invalid(
            "Invalid parameter gateway: gateway and netmask stay while addresses are held",
        ));
    }
    if change.for_system_vms.is_some_and(|wanted| wanted != range.for_system_vms) {
        return Err(Fault::invalid(
            "Invalid parameter forsystemvms: addresses of the range are held",
        ));
    }
    if !new.range.contains(lowest) || !new.range.contains(highest) {
        return Err(Fault::invalid(format!(
            "Invalid parameter startip or endip: {} leaves out addresses that are held, which lie \
             from {lowest} to {highest}",
            new.range
        )));
    }
    Ok(())
}

fn refuse_purpose(range: &VlanRange) -> Result<(), Fault> {
    if range.account_id.is_some() || range.domain_id.is_some() {
        return Err(Fault::invalid("Invalid parameter forsystemvms: the range is dedicated"));
    }
    Ok(())
}

fn refuse_collisions(cx: &mut Cx<'_>, range: &VlanRange, new: &Span) -> Result<(), Fault> {
    let tag = VlanTag::parse(&range.vlan)
        .map_err(|why| Fault::internal("The range's VLAN cannot be read", why.to_string()))?;
    overlap::refuse_pods(cx, range.zone_id, new.range)?;
    overlap::refuse_portable(cx, &tag, new.range)?;
    overlap::refuse_other_ranges(cx, range, &tag, new)
}

/// A range dedicated to an account counts as a whole.
fn recount(cx: &mut Cx<'_>, range: &VlanRange, old: Range4, new: Range4) -> Result<(), Fault> {
    let Some(account_id) = range.account_id else { return Ok(()) };
    let account: Account = cx.must(account_id)?;
    let owner = Owner { account_id, domain_id: account.domain_id };
    let size = |range: Range4| i64::try_from(range.len()).unwrap_or(i64::MAX);
    let more = size(new).saturating_sub(size(old));
    if more > 0 {
        cx.check_limit(owner, Resource::PublicIp, more)?;
    }
    cx.count(owner, Resource::PublicIp, more)
}
