//! Removing a range (`ConfigurationManagerImpl.deleteVlanIpRange`).

use crate::engine::ranges::create::held;
use crate::engine::{Cx, Owner, Resource, addresses, ip6};
use crate::model::{Account, VlanRange};
use crate::schema::Fault;
use crate::text::Count;

/// Removes a range that nobody holds an address of. Addresses of a range that is dedicated to an
/// account go with it, unless they are in use.
pub(crate) fn remove(cx: &mut Cx<'_>, range: VlanRange) -> Result<(), Fault> {
    if range.account_id.is_some() {
        for one in addresses::held_in(cx, range.id)? {
            if let Some(why) = addresses::use_of(cx, &one)? {
                let ip = range.ip_at(one.place).map_or_else(String::new, |ip| ip.to_string());
                return Err(Fault::invalid(format!(
                    "Invalid parameter id: the range {} cannot be deleted, its address {ip} {why}",
                    range.range().map_or_else(String::new, |all| all.to_string())
                )));
            }
        }
        addresses::release_unused(cx, &range)?;
    }
    let count = held(cx, range.id)?;
    if count > 0 {
        let (count, addresses) =
            (Count::new(count, "address", "addresses"), range.range().map(|all| all.to_string()));
        return Err(Fault::invalid(format!(
            "Invalid parameter id: the range {} cannot be deleted, {count} of it held; release \
             them first (list public ip addresses vlanid={})",
            addresses.unwrap_or_default(),
            cx.uid::<VlanRange>(range.id)
        )));
    }
    ip6::refuse_used(cx, &range, "id")?;
    if let Some(account_id) = range.account_id {
        let account: Account = cx.must(account_id)?;
        let owner = Owner { account_id, domain_id: account.domain_id };
        let size = i64::try_from(range.size()).unwrap_or(i64::MAX);
        cx.count(owner, Resource::PublicIp, -size)?;
    }
    addresses::leave(cx, range.id, |_| false)?;
    cx.tx.save(&VlanRange { removed: Some(cx.now), ..range })?;
    Ok(())
}
