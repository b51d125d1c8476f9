//! The public IPv6 addresses of routers: one for an isolated network, and one for a VPC with all
//! its tiers. An address follows from the first /64 of the range and the MAC address of the router.

use crate::engine::ranges::named;
use crate::engine::{Cx, shared_networks};
use crate::model::{Cell, Column, Network, Nic, VlanRange, VlanType, Vpc, Zone};
use crate::net::Cidr6;
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv6Addr;

/// The first byte of the MAC addresses of networks' routers and of VPCs', all of them locally
/// administered (IEEE 802) and none of a guest's.
const MACS: [u8; 2] = [0x06, 0x0a];

/// The column of what has a router, and its row: of a tier its VPC.
const fn holder(network: &Network) -> (&'static str, i64) {
    match network.vpc_id {
        Some(vpc) => ("vpc_id", vpc),
        None => ("network_id", network.id),
    }
}

/// The public IPv6 address of a network's router.
pub(crate) fn router_of(cx: &mut Cx<'_>, network: &Network) -> Result<Option<Ipv6Addr>, Fault> {
    let (column, id) = holder(network);
    let sql = format!("SELECT ip FROM ip6_router WHERE {column} = ?");
    Ok(cx.tx.one(&sql, &[id.into()])?)
}

/// The public IPv6 address of the router of a network or, with none, of a VPC.
pub(crate) fn router_at(
    cx: &mut Cx<'_>,
    network_id: Option<i64>,
    vpc_id: Option<i64>,
) -> Result<Option<Ipv6Addr>, Fault> {
    let sql = "SELECT ip FROM ip6_router WHERE network_id = ? OR vpc_id = ?";
    Ok(cx.tx.one(sql, &[network_id.into(), vpc_id.into()])?)
}

/// Gives the router of a network with IPv6 its public address, unless it has one. Without a range
/// with IPv6 in the VLAN of its source NAT: `InsufficientAddressCapacityException`, 533.
pub(crate) fn give_router(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    if router_of(cx, network)?.is_some() {
        return Ok(());
    }
    let (column, id) = holder(network);
    let Some((range, cidr)) = range_for(cx, network)? else { return Err(no_range(cx, network)?) };
    let first = if column == "vpc_id" { MACS[1] } else { MACS[0] };
    let [_, _, _, bytes @ ..] = id.to_be_bytes();
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mac = format!("{first:02x}:{}", bytes.join(":"));
    let ip = cidr.subnet(0).and_then(|subnet| subnet.eui64(&mac));
    let Some(ip) = ip else { return Err(no_range(cx, network)?) };
    let sql = format!(
        "INSERT INTO ip6_router (range_id, ip, mac, {column}, created) VALUES (?, ?, ?, ?, ?)"
    );
    let args = [range.id.into(), ip.into(), mac.into(), id.into(), cx.now.into()];
    cx.tx.run(&sql, &args)?;
    Ok(())
}

/// The public range with IPv6 that a network's router stands in: one in the VLAN of the source NAT
/// address; the oldest of the zone where there is no source NAT.
fn range_for(cx: &mut Cx<'_>, network: &Network) -> Result<Option<(VlanRange, Cidr6)>, Fault> {
    let (column, id) = holder(network);
    let sql = format!(
        "SELECT r.vlan FROM address a JOIN vlan_range r ON r.id = a.range_id \
         WHERE a.{column} = ? AND a.source_nat = 1 LIMIT 1"
    );
    let vlan: Option<String> = cx.tx.one(&sql, &[id.into()])?;
    let vlan: Cell = vlan.into();
    let found: Option<VlanRange> = cx.tx.first(
        "WHERE zone_id = ? AND type = ? AND removed IS NULL AND ip6_cidr IS NOT NULL \
         AND (? IS NULL OR vlan = ?) ORDER BY id",
        &[network.zone_id.into(), VlanType::VirtualNetwork.into(), vlan.clone(), vlan],
    )?;
    Ok(found.and_then(|range| {
        let cidr = Cidr6::parse(range.ip6_cidr.as_deref()?).ok()?;
        Some((range, cidr))
    }))
}

fn no_range(cx: &mut Cx<'_>, network: &Network) -> Result<Fault, Fault> {
    let zone: Zone = cx.must(network.zone_id)?;
    let (id, zone) = (cx.uid::<Zone>(zone.id), quoted(&zone.name));
    let text = format!(
        "Insufficient address capacity: the zone {zone} has no public range with IPv6 in the VLAN \
         of the source NAT of the network {}; add one with createVlanIpRange ip6gateway ip6cidr",
        quoted(&network.name)
    );
    Ok(Fault::new(Exception::InsufficientAddressCapacity, text).about(id, "zoneId"))
}

/// Refuses IPv6 to a network whose source NAT lies in a VLAN without IPv6.
pub(crate) fn check_upgrade(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    match router_of(cx, network)?.is_some() || range_for(cx, network)?.is_some() {
        true => Ok(()),
        false => Err(no_range(cx, network)?),
    }
}

/// Takes its public IPv6 address from the router of a network or a VPC (`column` says which) that
/// goes.
pub(crate) fn forget_router(cx: &mut Cx<'_>, column: &str, id: i64) -> Result<(), Fault> {
    let sql = format!("DELETE FROM ip6_router WHERE {column} = ?");
    cx.tx.run(&sql, &[id.into()])?;
    Ok(())
}

/// Refuses to take IPv6 addresses from a range, or to change them, while somebody has one: what
/// stands on a router or an interface is no other address tomorrow.
pub(crate) fn refuse_used(cx: &mut Cx<'_>, range: &VlanRange, param: &str) -> Result<(), Fault> {
    let Some(who) = user_of(cx, range)? else { return Ok(()) };
    let range = named(cx, range)?;
    Err(Fault::invalid(format!(
        "Invalid parameter {param}: an IPv6 address of {range} is that of {who}"
    )))
}

fn user_of(cx: &mut Cx<'_>, range: &VlanRange) -> Result<Option<String>, Fault> {
    let Some(cidr) = range.ip6_cidr.as_deref().and_then(|text| Cidr6::parse(text).ok()) else {
        return Ok(None);
    };
    if range.kind == VlanType::DirectAttached {
        return user_of_shared(cx, range, cidr);
    }
    let sql = "SELECT COALESCE(network_id, 0), COALESCE(vpc_id, 0) FROM ip6_router \
               WHERE range_id = ? LIMIT 1";
    let mut found: Option<(i64, i64)> = None;
    cx.tx.each(sql, &[range.id.into()], |cell| {
        found = Some((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(false)
    })?;
    Ok(match found {
        None => None,
        Some((0, vpc)) => {
            let vpc: Vpc = cx.must(vpc)?;
            Some(format!("the router of the VPC {}", quoted(&vpc.name)))
        }
        Some((network, _)) => {
            let network: Network = cx.must(network)?;
            Some(format!("the router of the network {}", quoted(&network.name)))
        }
    })
}

/// A guest of a shared network whose IPv6 address no other range has.
fn user_of_shared(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    cidr: Cidr6,
) -> Result<Option<String>, Fault> {
    let ranges = shared_networks::ranges_of(cx, range.network_id)?;
    if ranges.iter().any(|other| other.id != range.id && other.ip6_cidr.is_some()) {
        return Ok(None);
    }
    let tail = "WHERE network_id = ? AND mac IS NOT NULL AND removed IS NULL ORDER BY id";
    let nics: Vec<Nic> = cx.tx.select(tail, &[range.network_id.into()])?;
    let mut ips = nics.iter().filter_map(|nic| cidr.eui64(nic.mac.as_deref()?));
    Ok(ips.next().map(|ip| format!("a guest: {ip}")))
}
