//! Addresses of guest networks: who has which, and which is next.
//!
//! Every address that somebody has is one row, whatever for: an interface, a further address of
//! one, a router, an internal load balancer. The network's pool has a bit for each of them, whose
//! number is the address itself, so that the next free one costs the same in an empty /29 and in a
//! /8 with a million guests.

//!
//! Those of shared networks are also addresses of the networks' ranges.

mod shared;
#[cfg(test)]
mod tests;

pub(crate) use shared::subnet_of;

use crate::engine::{Cx, Owner};
use crate::model::{GuestAddress, GuestKind, GuestType, Network};
use crate::net::Cidr4;
use crate::schema::{Exception, Fault};
use crate::store::{PoolId, StoreError};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// What is to have an address: its kind and its row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder {
    /// What it is.
    pub(crate) kind: GuestKind,
    /// Its row.
    pub(crate) id: i64,
    /// Whose it is.
    pub(crate) owner: Owner,
}

/// The pool of a network's guest addresses: the negative of its number, which is no other pool's.
const fn pool(network_id: i64) -> PoolId {
    -network_id
}

/// Gives an address of a network to somebody: `wanted`, else the lowest free one. The gateway, the
/// network's own address, the broadcast address and what a reservation keeps from guests are given
/// to nobody. `InsufficientVirtualNetworkCapacityException` (533, 4331) says what is in the way.
pub(crate) fn acquire(
    cx: &mut Cx<'_>,
    network: &Network,
    wanted: Option<Ipv4Addr>,
    holder: Holder,
) -> Result<Ipv4Addr, Fault> {
    if is_shared(network) {
        return shared::acquire(cx, network, wanted, None, holder);
    }
    let Some(ip) = wanted else {
        let spans = spans(cx, network)?;
        return lowest(cx, network, &spans, holder);
    };
    check_wanted(cx, network, ip)?;
    if !cx.tx.mark(pool(network.id), u64::from(ip.to_bits()), true)? {
        return Err(taken(cx, network, ip)?);
    }
    match hold(cx, network.id, ip, holder) {
        Err(StoreError::Unique(_)) => Err(taken(cx, network, ip)?),
        held => Ok(held.map(|()| ip)?),
    }
}

/// Gives the lowest free address but this one.
pub(crate) fn acquire_but(
    cx: &mut Cx<'_>,
    network: &Network,
    but: Ipv4Addr,
    holder: Holder,
) -> Result<Ipv4Addr, Fault> {
    if is_shared(network) {
        return shared::acquire(cx, network, None, Some(but), holder);
    }
    let but = u64::from(but.to_bits());
    let spans: Vec<_> = spans(cx, network)?.iter().flat_map(|span| around(*span, but)).collect();
    lowest(cx, network, &spans, holder)
}

/// Whether the addresses of a network are those of its ranges.
fn is_shared(network: &Network) -> bool {
    network.guest_type == Some(GuestType::Shared)
}

/// What is left of a run of numbers without one of them.
fn around((low, high): (u64, u64), but: u64) -> impl Iterator<Item = (u64, u64)> {
    let both = match (low..=high).contains(&but) {
        true => [(low, but.saturating_sub(1)), (but.saturating_add(1), high)],
        false => [(low, high), (1, 0)],
    };
    both.into_iter().filter(|(low, high)| low <= high)
}

fn lowest(
    cx: &mut Cx<'_>,
    network: &Network,
    spans: &[(u64, u64)],
    holder: Holder,
) -> Result<Ipv4Addr, Fault> {
    while let Some(number) = cx.tx.take_lowest(pool(network.id), spans)? {
        let ip = u32::try_from(number).map(Ipv4Addr::from_bits).map_err(|_| damaged(network))?;
        match hold(cx, network.id, ip, holder) {
            Ok(()) => return Ok(ip),
            // The bit was wrong and is right now: the row was there, so the next one it is.
            Err(StoreError::Unique(_)) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Err(none_left(cx, network))
}

fn hold(
    cx: &mut Cx<'_>,
    network_id: i64,
    ip: Ipv4Addr,
    Holder { kind, id, .. }: Holder,
) -> Result<(), StoreError> {
    let row = GuestAddress { network_id, ip, kind, holder_id: id };
    cx.tx.run(GuestAddress::INSERT, &row.cells()).map(drop)
}

/// Gives an address back. One that nobody has stays free.
pub(crate) fn release(cx: &mut Cx<'_>, network_id: i64, ip: Ipv4Addr) -> Result<(), Fault> {
    let sql = "DELETE FROM guest_address WHERE network_id = ? AND ip = ?";
    cx.tx.run(sql, &[network_id.into(), ip.into()])?;
    cx.tx.mark(pool(network_id), u64::from(ip.to_bits()), false)?;
    shared::release(cx, network_id, ip)
}

/// Who has an address of a network.
pub(crate) fn holder(
    cx: &mut Cx<'_>,
    network_id: i64,
    ip: Ipv4Addr,
) -> Result<Option<GuestAddress>, Fault> {
    let sql = [GuestAddress::SELECT, "WHERE network_id = ? AND ip = ?"].concat();
    one(cx, &sql, network_id, &[ip])
}

/// The lowest address of a network that somebody has outside of a block.
pub(crate) fn first_outside(
    cx: &mut Cx<'_>,
    network_id: i64,
    block: Cidr4,
) -> Result<Option<GuestAddress>, Fault> {
    let tail = "WHERE network_id = ? AND (ip < ? OR ip > ?) ORDER BY ip LIMIT 1";
    let sql = [GuestAddress::SELECT, tail].concat();
    one(cx, &sql, network_id, &[block.network(), block.broadcast()])
}

fn one(
    cx: &mut Cx<'_>,
    sql: &str,
    network_id: i64,
    ips: &[Ipv4Addr],
) -> Result<Option<GuestAddress>, Fault> {
    let mut args = vec![network_id.into()];
    args.extend(ips.iter().map(|ip| (*ip).into()));
    let mut found = None;
    cx.tx.each(sql, &args, |cell| {
        found = Some(GuestAddress::from_row(cell)?);
        Ok(false)
    })?;
    Ok(found)
}

/// Refuses an address that is none for a guest, whoever has it.
fn check_wanted(cx: &mut Cx<'_>, network: &Network, ip: Ipv4Addr) -> Result<(), Fault> {
    let Some(cidr) = network.cidr else { return Err(no_addresses(cx, network)) };
    let name = quoted(&network.name);
    let why = if Some(ip) == network.gateway {
        format!("is the gateway of the network {name}")
    } else if !cidr.contains(ip) {
        let kept = network.network_cidr.filter(|whole| whole.contains(ip));
        match kept {
            Some(_) => format!("is kept from the guests of the network {name}, who have {cidr}"),
            None => format!("is not in {cidr}, the guests' block of the network {name}"),
        }
    } else if ip < cidr.first_host() || ip > cidr.last_host() {
        format!("is no host of {cidr}, the block of the network {name}")
    } else {
        return Ok(());
    };
    Err(refused(cx, network, &format!("the address {ip} {why}")))
}

/// The addresses that guests may have: one run, or two around the gateway.
fn spans(cx: &mut Cx<'_>, network: &Network) -> Result<Vec<(u64, u64)>, Fault> {
    let Some(cidr) = network.cidr else { return Err(no_addresses(cx, network)) };
    let number = |ip: Ipv4Addr| u64::from(ip.to_bits());
    let hosts = (number(cidr.first_host()), number(cidr.last_host()));
    // No address at all is 0.0.0.0, which is never a host's.
    let gateway = network.gateway.map_or(0, number);
    Ok(around(hosts, gateway).collect())
}

fn taken(cx: &mut Cx<'_>, network: &Network, ip: Ipv4Addr) -> Result<Fault, Fault> {
    let who = match holder(cx, network.id, ip)?.map(|found| found.kind) {
        Some(GuestKind::Router) => "a router",
        Some(GuestKind::PrivateGateway) => "a private gateway",
        Some(GuestKind::LoadBalancer) => "an internal load balancer",
        _ => "a virtual machine",
    };
    let name = quoted(&network.name);
    Ok(refused(cx, network, &format!("the address {ip} of the network {name} is that of {who}")))
}

fn none_left(cx: &Cx<'_>, network: &Network) -> Fault {
    let block = network.cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
    let name = quoted(&network.name);
    refused(cx, network, &format!("no address of the network {name} is free: {block} is full"))
}

fn no_addresses(cx: &Cx<'_>, network: &Network) -> Fault {
    let name = quoted(&network.name);
    refused(cx, network, &format!("the network {name} has no IPv4 addresses"))
}

fn refused(cx: &Cx<'_>, network: &Network, why: &str) -> Fault {
    let id = cx.uid::<Network>(network.id);
    let text = format!("Unable to acquire a guest IP address: {why}");
    Fault::new(Exception::InsufficientVirtualNetworkCapacity, text).about(id, "networkId")
}

fn damaged(network: &Network) -> StoreError {
    StoreError::Damaged(format!("the pool of the network {} has a number too high", network.id))
}

/// The same fault as a wrong parameter, which several commands make of it.
pub(crate) fn as_invalid(param: &'static str) -> impl Fn(Fault) -> Fault {
    move |fault| match fault.exception {
        Exception::InsufficientVirtualNetworkCapacity => Fault {
            exception: Exception::InvalidParameterValue,
            text: format!("Invalid parameter {param}: {}", fault.text),
            ..fault
        },
        _ => fault,
    }
}
