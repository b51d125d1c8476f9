//! Giving a range to an account or a domain, and taking it back
//! (`ConfigurationManagerImpl.dedicatePublicIpRange` and `releasePublicIpRange`).

use crate::engine::ranges::named;
use crate::engine::{Cx, Owner, Resource, addresses};
use crate::model::{Account, VlanRange, Zone, ZoneType};
use crate::schema::Fault;

/// Dedicates a range to an account, or to a domain when no account is given.
pub(crate) fn dedicate(
    cx: &mut Cx<'_>,
    range: VlanRange,
    domain_id: i64,
    account: Option<Owner>,
) -> Result<VlanRange, Fault> {
    if range.account_id.is_some() || range.domain_id.is_some() {
        let text = format!("Invalid parameter id: {} is dedicated already", named(cx, &range)?);
        return Err(Fault::invalid(text));
    }
    if cx.must::<Zone>(range.zone_id)?.network_type == ZoneType::Basic {
        let text = "Invalid parameter id: ranges of Basic zones cannot be dedicated";
        return Err(Fault::invalid(text));
    }
    if range.for_system_vms {
        let text = format!("Invalid parameter id: {} is kept for system VMs", named(cx, &range)?);
        return Err(Fault::invalid(text));
    }
    refuse_foreign_holders(cx, &range, domain_id, account)?;
    if let Some(owner) = account {
        // From now on the range counts as a whole, and its addresses no longer one by one.
        let own = counted_singly(cx, range.id)?;
        let more = i64::try_from(range.size()).unwrap_or(i64::MAX).saturating_sub(own);
        cx.check_limit(owner, Resource::PublicIp, more)?;
        cx.count(owner, Resource::PublicIp, more)?;
    }
    let account_id = account.map(|owner| owner.account_id);
    let range = VlanRange { account_id, domain_id: Some(domain_id), ..range };
    cx.tx.save(&range)?;
    Ok(range)
}

/// Takes a dedicated range back. What its owner holds of it and uses stays theirs; what they do
/// not use is released.
pub(crate) fn release_dedicated(cx: &mut Cx<'_>, range: VlanRange) -> Result<(), Fault> {
    if range.account_id.is_none() && range.domain_id.is_none() {
        let text = format!("Invalid parameter id: {} is not dedicated", named(cx, &range)?);
        return Err(Fault::invalid(text));
    }
    addresses::release_unused(cx, &range)?;
    if let Some(account_id) = range.account_id {
        let account: Account = cx.must(account_id)?;
        let owner = Owner { account_id, domain_id: account.domain_id };
        let own = counted_singly(cx, range.id)?;
        let less = i64::try_from(range.size()).unwrap_or(i64::MAX).saturating_sub(own);
        cx.count(owner, Resource::PublicIp, -less)?;
    }
    cx.tx.save(&VlanRange { account_id: None, domain_id: None, ..range })?;
    Ok(())
}

/// How many of its addresses count one by one while the range is nobody's.
fn counted_singly(cx: &mut Cx<'_>, range_id: i64) -> Result<i64, Fault> {
    let sql = "SELECT COUNT(*) FROM address WHERE range_id = ? AND \
               (network_id IS NOT NULL OR vpc_id IS NOT NULL OR state = 4)";
    Ok(cx.tx.one(sql, &[range_id.into()])?.unwrap_or(0))
}

fn refuse_foreign_holders(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    domain_id: i64,
    account: Option<Owner>,
) -> Result<(), Fault> {
    let (column, id) = match account {
        Some(owner) => ("account_id", owner.account_id),
        None => ("domain_id", domain_id),
    };
    let sql = format!("SELECT 1 FROM address WHERE range_id = ? AND {column} <> ? LIMIT 1");
    if cx.tx.one::<i64>(&sql, &[range.id.into(), id.into()])?.is_some() {
        let range = named(cx, range)?;
        let text = format!("Invalid parameter id: somebody else holds addresses of {range}");
        return Err(Fault::invalid(text));
    }
    Ok(())
}
