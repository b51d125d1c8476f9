//! Addresses of guests in shared networks: each is one of a range of the network, so that who
//! looks after ranges sees it as well.

use crate::engine::Cx;
use crate::engine::addresses::{give_direct, take_direct};
use crate::engine::guests::{Holder, hold, none_left, pool, refused, taken};
use crate::engine::shared_networks::ranges_of;
use crate::model::{Network, VlanRange};
use crate::schema::Fault;
use crate::store::StoreError;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// Gives an address of one of the network's ranges to somebody: `wanted`, else the lowest free
/// one of the oldest range, but not `but`.
pub(super) fn acquire(
    cx: &mut Cx<'_>,
    network: &Network,
    wanted: Option<Ipv4Addr>,
    but: Option<Ipv4Addr>,
    holder: Holder,
) -> Result<Ipv4Addr, Fault> {
    let ranges = ranges_of(cx, network.id)?;
    for range in &ranges {
        let Some(ip) = take_direct(cx, range, holder.owner, wanted, but)? else { continue };
        return match hold(cx, network.id, ip, holder) {
            Err(StoreError::Unique(_)) => Err(taken(cx, network, ip)?),
            held => {
                held?;
                cx.tx.mark(pool(network.id), u64::from(ip.to_bits()), true)?;
                Ok(ip)
            }
        };
    }
    let Some(ip) = wanted else { return Err(none_left(cx, network)) };
    if ranges.iter().any(|range| range.place_of(ip).is_some()) {
        return Err(taken(cx, network, ip)?);
    }
    let name = quoted(&network.name);
    let why = format!("the address {ip} is in no range of the network {name}");
    Err(refused(cx, network, &why))
}

/// The range of a network that an address is in. Networks that are not shared have none.
fn range_of(cx: &mut Cx<'_>, network_id: i64, ip: Ipv4Addr) -> Result<Option<VlanRange>, Fault> {
    let tail = "WHERE network_id = ? AND first <= ? AND last >= ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.first(tail, &[network_id.into(), ip.into(), ip.into()])?)
}

/// Gives an address back to its range.
pub(super) fn release(cx: &mut Cx<'_>, network_id: i64, ip: Ipv4Addr) -> Result<(), Fault> {
    match range_of(cx, network_id, ip)? {
        Some(range) => give_direct(cx, &range, ip),
        None => Ok(()),
    }
}

/// The gateway and the netmask that go with an address of a network: those of its range where the
/// network is shared.
pub(crate) fn subnet_of(
    cx: &mut Cx<'_>,
    network: &Network,
    ip: Ipv4Addr,
) -> Result<Option<(Option<Ipv4Addr>, Ipv4Addr)>, Fault> {
    if super::is_shared(network)
        && let Some(range) = range_of(cx, network.id, ip)?
        && let Some(netmask) = range.netmask
    {
        return Ok(Some((range.gateway, netmask)));
    }
    let whole = network.network_cidr.or(network.cidr);
    Ok(whole.map(|block| (network.gateway, block.netmask())))
}
