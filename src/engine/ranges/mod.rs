//! VLAN IP ranges: two numbers each, however many addresses they have.

mod create;
mod dedicate;
mod overlap;
mod remove;
mod update;

pub(crate) use create::{NewRange, create};
pub(crate) use dedicate::{dedicate, release_dedicated};
pub(crate) use remove::remove;
pub(crate) use update::{Change, update};

use crate::engine::Cx;
use crate::model::Network;
use crate::schema::Fault;
use crate::store::StoreError;

/// The network of a zone that owns its public ranges.
pub(crate) fn public_network(cx: &mut Cx<'_>, zone_id: i64) -> Result<Network, Fault> {
    let found = cx.tx.first(
        "WHERE zone_id = ? AND traffic_type = 'Public' AND removed IS NULL",
        &[zone_id.into()],
    )?;
    Ok(found.ok_or_else(|| StoreError::Damaged(format!("zone {zone_id} has no public network")))?)
}
