//! VLAN IP ranges: two numbers each, however many addresses they have.

mod create;
mod dedicate;
mod overlap;
mod remove;
mod subnets;
mod update;

pub(crate) use create::{NewRange, create, six};
pub(crate) use dedicate::{dedicate, release_dedicated};
pub(crate) use remove::remove;
pub(crate) use subnets::subnet;
pub(crate) use update::{Change, update};

use crate::engine::Cx;
use crate::model::{Network, VlanRange, Zone};
use crate::schema::Fault;
use crate::store::StoreError;

/// A range as messages name it: its addresses, its id, its VLAN and its zone.
pub(crate) fn named(cx: &mut Cx<'_>, range: &VlanRange) -> Result<String, Fault> {
    let zone: Zone = cx.must(range.zone_id)?;
    let six = || range.ip6_cidr.clone().unwrap_or_default();
    let addresses = range.range().map_or_else(six, |all| all.to_string());
    let id = cx.uid::<VlanRange>(range.id);
    Ok(format!("the range {addresses} ({id}) in {} of the zone {}", range.vlan, zone.name))
}

/// The network of a zone that owns its public ranges.
pub(crate) fn public_network(cx: &mut Cx<'_>, zone_id: i64) -> Result<Network, Fault> {
    let found = cx.tx.first(
        "WHERE zone_id = ? AND traffic_type = 'Public' AND removed IS NULL",
        &[zone_id.into()],
    )?;
    Ok(found.ok_or_else(|| StoreError::Damaged(format!("zone {zone_id} has no public network")))?)
}
