//! Acquiring and releasing: the life of a held address.

use crate::engine::{Cx, rules};
use crate::model::{
    Address, AddressEvent, AddressState, AddressUsage, EntityKind, Network, NetworkState,
    VlanRange, VlanType, Vpc, address_columns,
};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;

use crate::engine::addresses::find::Found;
use crate::engine::addresses::pick::{Picked, Wish, pick};
use crate::engine::addresses::{
    find, forget_source_nat, insert, is_counted, portable, quarantine, step, tally,
    writes_source_nat,
};

/// What an address is acquired for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Use<'u> {
    /// For a guest network; with whether it becomes its source NAT.
    Network(&'u Network, bool),
    /// For a VPC; with whether it becomes its source NAT.
    Vpc(&'u Vpc, bool),
    /// For a system VM.
    System,
}

/// Acquires an address: it is held, and used for what it was wanted for, in one step.
///
/// An address that is named and reserved for the owner becomes theirs. No free address:
/// `InsufficientAddressCapacityException` (533, 4320).
pub(crate) fn acquire(cx: &mut Cx<'_>, wish: &Wish, wanted_for: Use<'_>) -> Result<Found, Fault> {
    if let Some(found) = own_reserved(cx, wish)? {
        return take_reserved(cx, found, wanted_for);
    }
    loop {
        let picked = pick(cx, wish)?;
        let address = born(cx, wish, &picked, wanted_for)?;
        let counts = is_counted(&address, picked.range_account);
        match insert(cx, &address) {
            Ok(()) => {
                tally(cx, &address, counts, 1)?;
                return found(cx, address);
            }
            // The bits did not know of the row; they do now.
            Err(StoreError::Unique(_)) if wish.address.is_none() => {}
            Err(why) => return Err(why.into()),
        }
    }
}

fn found(cx: &mut Cx<'_>, address: Address) -> Result<Found, Fault> {
    let range: VlanRange = cx.must(address.range_id)?;
    let place = find::Place::of(range, address.place)
        .ok_or_else(|| StoreError::Damaged("an address lies outside its range".into()))?;
    Ok(Found { place, row: Some(address) })
}

/// The row of an address that has just been picked.
fn born(cx: &Cx<'_>, wish: &Wish, picked: &Picked, wanted_for: Use<'_>) -> Result<Address, Fault> {
    let taken = step(AddressState::Free, AddressEvent::Take)?;
    let holder = (wish.owner.account_id, wish.owner.domain_id);
    let mut address = Address::taken((picked.range_id, picked.place), taken, holder, cx.now);
    put_to_use(&mut address, wanted_for)?;
    Ok(address)
}

pub(super) fn put_to_use(address: &mut Address, wanted_for: Use<'_>) -> Result<(), Fault> {
    match wanted_for {
        Use::Network(network, source_nat) => {
            (address.network_id, address.source_nat) = (Some(network.id), source_nat);
        }
        Use::Vpc(vpc, source_nat) => {
            (address.vpc_id, address.source_nat) = (Some(vpc.id), source_nat);
        }
        Use::System => address.system = true,
    }
    address.state = step(address.state, AddressEvent::Associate)?;
    Ok(())
}

/// The address that is wished for by name, if it is reserved for the one who wishes.
fn own_reserved(cx: &mut Cx<'_>, wish: &Wish) -> Result<Option<Found>, Fault> {
    let Some(ip) = wish.address else { return Ok(None) };
    let found = Found::by_ip(cx, ip, Some(wish.zone_id))?;
    Ok(found.into_iter().find(|one| {
        one.row.as_ref().is_some_and(|row| {
            row.state == AddressState::Reserved && row.account_id == wish.owner.account_id
        })
    }))
}

fn take_reserved(cx: &mut Cx<'_>, mut found: Found, wanted_for: Use<'_>) -> Result<Found, Fault> {
    let Some(address) = &mut found.row else { return Ok(found) };
    let counted = is_counted(address, found.place.range.account_id);
    tally(cx, address, counted, -1)?;
    put_to_use(address, wanted_for)?;
    save(cx, address)?;
    tally(cx, address, is_counted(address, found.place.range.account_id), 1)?;
    Ok(found)
}

/// Writes the columns of a row that may change.
pub(crate) fn save(cx: &mut Cx<'_>, address: &Address) -> Result<(), Fault> {
    let mut args = address.cells().to_vec();
    args.rotate_left(2);
    writes_source_nat(cx, address)?;
    // It may have been one until now.
    forget_source_nat(cx, address);
    cx.tx.run_row(
        "UPDATE address SET state = ?, account_id = ?, domain_id = ?, network_id = ?, vpc_id = ?, \
         allocated = ?, source_nat = ?, static_nat = ?, system = ?, display = ?, vm_id = ?, \
         vm_ip = ? WHERE range_id = ? AND place = ?",
        &args,
    )?;
    Ok(())
}

/// Releases an address for its holder (`releaseIpAddressInternal`): the checks, then the deed.
/// One that is free already is no fault.
pub(crate) fn release(cx: &mut Cx<'_>, found: &Found) -> Result<(), Fault> {
    let Some(address) = &found.row else { return Ok(()) };
    if address.source_nat {
        refuse_needed_source_nat(cx, found, address)?;
    }
    if found.place.range.kind != VlanType::VirtualNetwork {
        let text = format!(
            "{} stands on a guest's interface and is not released by itself",
            found.place.ip
        );
        return Err(Fault::new(Exception::IllegalArgument, text));
    }
    if address.system {
        let text = format!("{} belongs to the system and cannot be released", found.place.ip);
        return Err(Fault::invalid(text));
    }
    forget(cx, address, &found.place.range)
}

/// Gives back the address of a system VM.
pub(crate) fn release_system(cx: &mut Cx<'_>, range_id: i64, place: i64) -> Result<(), Fault> {
    let Some(found) = Found::at(cx, range_id, place)? else { return Ok(()) };
    match &found.row {
        Some(address) if address.system => forget(cx, address, &found.place.range),
        _ => Ok(()),
    }
}

/// A source NAT address stays while its network is up, and as long as its VPC lives.
fn refuse_needed_source_nat(
    cx: &mut Cx<'_>,
    found: &Found,
    address: &Address,
) -> Result<(), Fault> {
    let ip = found.place.ip;
    if let Some(vpc) = address.vpc_id {
        let vpc: Vpc = cx.must(vpc)?;
        let text = format!("{ip} is the source NAT of the VPC {} and goes with it", vpc.name);
        return Err(Fault::new(Exception::IllegalArgument, text));
    }
    if let Some(network) = address.network_id {
        let network: Network = cx.must(network)?;
        if network.state != NetworkState::Allocated {
            let text = format!(
                "{ip} is the source NAT of the network {}, which is {}",
                network.name, network.state
            );
            return Err(Fault::new(Exception::IllegalArgument, text));
        }
    }
    Ok(())
}

/// Takes the row away and makes the number free again, or keeps it for the holder for a while.
pub(super) fn forget(cx: &mut Cx<'_>, address: &Address, range: &VlanRange) -> Result<(), Fault> {
    if range.portable {
        cx.tx.alone()?;
    }
    let kept = quarantine::end_for(cx, address, range)?;
    if address.state != AddressState::Reserved {
        step(step(address.state, AddressEvent::Release)?, AddressEvent::Unassign)?;
    }
    rules::revoke_of(cx, address)?;
    cx.forget_tags((EntityKind::Address, address.range_id, address.place))?;
    writes_source_nat(cx, address)?;
    let args = [address.range_id.into(), address.place.into()];
    cx.tx.run_row("DELETE FROM address WHERE range_id = ? AND place = ?", &args)?;
    note_usage(cx, address)?;
    match kept {
        Some(ends) => quarantine::begin(cx, address, ends)?,
        None => {
            cx.tx.mark(address.range_id, address.place.unsigned_abs(), false)?;
        }
    }
    let counts = !range.portable && is_counted(address, range.account_id);
    tally(cx, address, counts, -1)?;
    if range.portable { portable::give_back(cx, range) } else { Ok(()) }
}

/// Keeps from when to when an address was held that is being given back.
pub(super) fn note_usage(cx: &mut Cx<'_>, address: &Address) -> Result<(), Fault> {
    let usage = AddressUsage {
        id: 0,
        range_id: address.range_id,
        place: address.place,
        account_id: address.account_id,
        domain_id: address.domain_id,
        source_nat: address.source_nat,
        is_system: address.system,
        started: address.allocated,
        ended: cx.now,
    };
    cx.tx.append(&usage)?;
    Ok(())
}

/// What an address is used for, if it is: by that it cannot be taken from its holder.
pub(crate) fn use_of(cx: &mut Cx<'_>, address: &Address) -> Result<Option<&'static str>, Fault> {
    Ok(match address {
        Address { static_nat: true, .. } => Some("has static NAT"),
        Address { source_nat: true, .. } => Some("is a source NAT"),
        _ => rules::has_rules(cx, address)?.then_some("has rules"),
    })
}

/// The rows of a range.
pub(crate) fn held_in(cx: &mut Cx<'_>, range_id: i64) -> Result<Vec<Address>, Fault> {
    let mut held = Vec::new();
    let sql =
        concat!("SELECT ", address_columns!(), " FROM address WHERE range_id = ? ORDER BY place");
    cx.tx.each(sql, &[range_id.into()], |cell| {
        held.push(Address::from_row(cell)?);
        Ok(true)
    })?;
    Ok(held)
}

/// Releases the addresses of a range that are not in use.
pub(crate) fn release_unused(cx: &mut Cx<'_>, range: &VlanRange) -> Result<(), Fault> {
    for one in held_in(cx, range.id)? {
        if use_of(cx, &one)?.is_none() {
            forget(cx, &one, range)?;
        }
    }
    Ok(())
}

/// Releases all addresses of a network that is being removed; portable ones stay their holder's.
pub(crate) fn release_all_of_network(cx: &mut Cx<'_>, network_id: i64) -> Result<u64, Fault> {
    let sql = concat!("SELECT ", address_columns!(), " FROM address WHERE network_id = ?");
    release_all(cx, sql, network_id, true)
}

/// Releases all addresses of a VPC that is being removed, its source NAT too; portable ones stay
/// their holder's.
pub(crate) fn release_all_of_vpc(cx: &mut Cx<'_>, vpc_id: i64) -> Result<u64, Fault> {
    let sql = concat!("SELECT ", address_columns!(), " FROM address WHERE vpc_id = ?");
    release_all(cx, sql, vpc_id, true)
}

/// Releases all addresses that an account holds or has reserved.
pub(crate) fn release_all_of_account(cx: &mut Cx<'_>, account_id: i64) -> Result<u64, Fault> {
    let sql = concat!("SELECT ", address_columns!(), " FROM address WHERE account_id = ?");
    release_all(cx, sql, account_id, false)
}

fn release_all(cx: &mut Cx<'_>, sql: &str, id: i64, keeps_portable: bool) -> Result<u64, Fault> {
    let mut held = Vec::new();
    cx.tx.each(sql, &[id.into()], |cell| {
        held.push(Address::from_row(cell)?);
        Ok(true)
    })?;
    for address in &held {
        let range: VlanRange = cx.must(address.range_id)?;
        if range.portable && keeps_portable {
            rules::revoke_of(cx, address)?;
            portable::detach(cx, address)?;
        } else {
            forget(cx, address, &range)?;
        }
    }
    Ok(held.len() as u64)
}
