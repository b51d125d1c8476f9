//! Public addresses: who may take which, and what holding and releasing one means.

mod associate;
mod change;
mod direct;
mod find;
mod hold;
mod list;
mod pick;
mod portable;
mod quarantine;
mod reserve;

pub(crate) use associate::{Ask, associate, has_source_nat};
pub(crate) use change::{rename, set_display, uid};
pub(crate) use direct::{give_direct, take_direct};
pub(crate) use find::Found;
pub(crate) use hold::{
    Use, acquire, held_in, release, release_all_of_account, release_all_of_network,
    release_all_of_vpc, release_system, release_unused, save, use_of,
};
pub(crate) use list::{Query, States, of_owner, query};
pub(crate) use pick::{STRICT, Wish};
pub(crate) use portable::{acquire as acquire_portable, transfer};
pub(crate) use quarantine::{expire, former, leave, lift, prolong, quarantined};
pub(crate) use reserve::{release_reserved, reserve};

use crate::engine::{Cx, Owner, Resource};
use crate::model::{Address, AddressEvent, AddressState, address_columns};
use crate::schema::{Exception, Fault};
use crate::store::{Counter, StoreError};

/// The counter of the addresses of a range that have a row.
pub(crate) const fn used(range_id: i64) -> Counter {
    Counter { owner: "range", id: range_id, what: "used" }
}

/// The counter of those among them that are reserved.
pub(crate) const fn reserved(range_id: i64) -> Counter {
    Counter { owner: "range", id: range_id, what: "reserved" }
}

/// Whether an address counts against its holder's limit: one that belongs to a network or a VPC,
/// or is reserved, unless the range is the account's own, which was counted as a whole
/// (`IpAddressManagerImpl.checkIfIpResourceCountShouldBeUpdated`).
fn is_counted(address: &Address, range_account: Option<i64>) -> bool {
    let attached = address.network_id.is_some() || address.vpc_id.is_some();
    range_account.is_none() && (attached || address.state == AddressState::Reserved)
}

/// The next state, or the fault for a transition that there is not.
fn step(state: AddressState, event: AddressEvent) -> Result<AddressState, Fault> {
    state.next(event).ok_or_else(|| {
        let word = event.word().to_lowercase();
        let text = format!("Cannot {word} an address in the state {state}");
        Fault::new(Exception::CloudRuntime, text)
    })
}

/// Stores a new row, whose number is marked as taken already. It is not counted yet: `tally` is.
fn insert(cx: &mut Cx<'_>, address: &Address) -> Result<(), StoreError> {
    let sql = concat!(
        "INSERT INTO address (",
        address_columns!(),
        ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    writes_source_nat(cx, address)?;
    cx.tx.put_row(sql, &address.cells())
}

/// Says that the row of an address is written: nobody else writes if it is a source NAT address,
/// and whether its network or VPC has one is looked up anew.
fn writes_source_nat(cx: &mut Cx<'_>, address: &Address) -> Result<(), StoreError> {
    if address.source_nat {
        cx.tx.alone()?;
        forget_source_nat(cx, address);
    }
    Ok(())
}

fn forget_source_nat(cx: &mut Cx<'_>, address: &Address) {
    for (column, id) in [("network_id", address.network_id), ("vpc_id", address.vpc_id)] {
        if let Some(id) = id {
            cx.tx.forget_memo(&("source nat", column, id));
        }
    }
}

fn tally(cx: &mut Cx<'_>, address: &Address, counts: bool, change: i64) -> Result<(), Fault> {
    cx.tx.tally(used(address.range_id), change)?;
    if address.state == AddressState::Reserved {
        cx.tx.tally(reserved(address.range_id), change)?;
    }
    if counts {
        let owner = Owner::from(address);
        cx.count(owner, Resource::PublicIp, change)?;
    }
    Ok(())
}
