//! Portable addresses: taken from a range of the region, and standing in a zone as a range of one
//! address for as long as somebody holds them (`IpAddressManagerImpl.allocatePortableIp`).

use crate::engine::addresses::hold::{Use, put_to_use};
use crate::engine::addresses::{Found, Wish, find, insert, step, used};
use crate::engine::ranges::public_network;
use crate::engine::{Caller, Cx, Guard, Owner};
use crate::model::{
    Address, AddressEvent, AddressState, Column, EntityKind, Network, PhysicalNetwork,
    PortableRange, Region, VlanRange, VlanType,
};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// The region whose addresses are taken, whatever region was named, as in CloudStack.
const REGION: i64 = 1;

/// Acquires a portable address: the lowest of the oldest range, or the one that is named. It does
/// not count against limits, and never becomes a source NAT.
pub(crate) fn acquire(cx: &mut Cx<'_>, wish: &Wish, wanted_for: Use<'_>) -> Result<Found, Fault> {
    cx.check_guard(Guard::Account(wish.owner.account_id))?;
    cx.tx.alone()?;
    let (portable, place, ip) = pick(cx, wish)?;
    let range = stand_in(cx, wish.zone_id, &portable, ip)?;
    let at = range.place_of(ip).unwrap_or(place);
    let sql = "INSERT INTO portable_address (range_id, place, vlan_range_id) VALUES (?, ?, ?)";
    cx.tx.run(sql, &[portable.id.into(), place.into(), range.id.into()])?;
    let holder = (wish.owner.account_id, wish.owner.domain_id);
    let taken = step(AddressState::Free, AddressEvent::Take)?;
    let mut address = Address::taken((range.id, at), taken, holder, cx.now);
    put_to_use(&mut address, wanted_for)?;
    cx.tx.mark(range.id, at.unsigned_abs(), true)?;
    insert(cx, &address)?;
    cx.tx.tally(used(range.id), 1)?;
    let place = find::Place::of(range, at)
        .ok_or_else(|| StoreError::Damaged("a portable address lies outside its range".into()))?;
    Ok(Found { place, row: Some(address) })
}

/// Marks the address that fulfils the wish as taken.
fn pick(cx: &mut Cx<'_>, wish: &Wish) -> Result<(PortableRange, i64, Ipv4Addr), Fault> {
    let ranges: Vec<PortableRange> =
        cx.tx.select("WHERE region_id = ? AND removed IS NULL ORDER BY id", &[REGION.into()])?;
    for range in ranges {
        let offset = |ip: Ipv4Addr| u64::from(ip.to_bits() & !range.netmask.to_bits());
        let place = match wish.address {
            None => {
                let span = (offset(range.first), offset(range.last));
                cx.tx.take_lowest(range.id, &[span])?
            }
            Some(ip) if (range.first..=range.last).contains(&ip) => {
                cx.tx.mark(range.id, offset(ip), true)?.then(|| offset(ip))
            }
            Some(_) => None,
        };
        let Some(place) = place else { continue };
        let base = range.gateway.to_bits() & range.netmask.to_bits();
        let ip = u32::try_from(place).ok().and_then(|place| base.checked_add(place));
        if let Some(ip) = ip {
            return Ok((range, place.cast_signed(), Ipv4Addr::from_bits(ip)));
        }
    }
    let asked = match wish.address {
        None => "No portable address is free".to_owned(),
        Some(ip) => format!("The portable address {ip} is not free"),
    };
    let text = format!(
        "Insufficient address capacity: {asked} in the region; createPortableIpRange adds some"
    );
    let region = cx.uid::<Region>(REGION);
    Err(Fault::new(Exception::InsufficientAddressCapacity, text).about(region, "regionId"))
}

/// The range of one address that stands for a portable one in a zone.
fn stand_in(
    cx: &mut Cx<'_>,
    zone_id: i64,
    portable: &PortableRange,
    ip: Ipv4Addr,
) -> Result<VlanRange, Fault> {
    let (network, physical) = public_side(cx, zone_id)?;
    let range = VlanRange {
        id: cx.tx.new_pool("address")?,
        zone_id,
        physical_network_id: physical,
        network_id: network,
        pod_id: None,
        kind: VlanType::VirtualNetwork,
        vlan: portable.vlan.clone(),
        gateway: Some(portable.gateway),
        netmask: Some(portable.netmask),
        first: Some(ip),
        last: Some(ip),
        ip6_gateway: None,
        ip6_cidr: None,
        ip6_first: None,
        ip6_last: None,
        account_id: None,
        domain_id: None,
        for_system_vms: false,
        portable: true,
        created: cx.now,
        removed: None,
    };
    cx.tx.insert(&range)?;
    Ok(range)
}

/// The public network of a zone, and the physical network under it.
fn public_side(cx: &mut Cx<'_>, zone_id: i64) -> Result<(i64, i64), Fault> {
    let network = public_network(cx, zone_id)?;
    let physical: Option<PhysicalNetwork> = cx.tx.first(
        "WHERE zone_id = ? AND removed IS NULL AND id IN (SELECT physical_network_id FROM \
         traffic_type WHERE type = 'Public' AND removed IS NULL) ORDER BY id",
        &[zone_id.into()],
    )?;
    let physical = network.physical_network_id.or(physical.map(|one| one.id));
    Ok((network.id, physical.unwrap_or_default()))
}

/// Moves a portable address to a network (`transferPortableIP`), which may be in another zone: the
/// range that stands for it goes there too. The row is not written yet.
pub(crate) fn transfer(
    cx: &mut Cx<'_>,
    found: &Found,
    address: &mut Address,
    to: &Network,
) -> Result<(), Fault> {
    let range = &found.place.range;
    if range.zone_id != to.zone_id {
        let (network_id, physical_network_id) = public_side(cx, to.zone_id)?;
        let zone_id = to.zone_id;
        let range = VlanRange { zone_id, physical_network_id, network_id, ..range.clone() };
        cx.tx.save(&range)?;
    }
    (address.network_id, address.vpc_id) = (Some(to.id), to.vpc_id);
    let system = &Caller::SYSTEM;
    let owner = Owner { account_id: system.account_id, domain_id: system.domain_id };
    let what = format!("moving {} to the network {}", found.place.ip, to.name);
    cx.concerns(EntityKind::Address, (address.range_id, address.place), owner, what);
    cx.event("PORTABLE.IP.TRANSFER", "Completed", "INFO", None)?;
    Ok(())
}

/// Gives a portable address, whose row is gone already, back to the region.
pub(super) fn give_back(cx: &mut Cx<'_>, range: &VlanRange) -> Result<(), Fault> {
    let mut stood_for = None;
    let sql = "SELECT range_id, place FROM portable_address WHERE vlan_range_id = ?";
    cx.tx.each(sql, &[range.id.into()], |cell| {
        stood_for = Some((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(false)
    })?;
    if let Some((portable, place)) = stood_for {
        let sql = "DELETE FROM portable_address WHERE vlan_range_id = ?";
        cx.tx.run(sql, &[range.id.into()])?;
        cx.tx.mark(portable, place.unsigned_abs(), false)?;
    }
    cx.tx.save(&VlanRange { removed: Some(cx.now), ..range.clone() })?;
    Ok(())
}

/// Takes a portable address from its network or VPC, which goes; its holder keeps it.
pub(super) fn detach(cx: &mut Cx<'_>, address: &Address) -> Result<(), Fault> {
    cx.tx.run(
        "UPDATE address SET network_id = NULL, vpc_id = NULL, static_nat = 0, vm_id = NULL, \
         vm_ip = NULL WHERE range_id = ? AND place = ?",
        &[address.range_id.into(), address.place.into()],
    )?;
    Ok(())
}
