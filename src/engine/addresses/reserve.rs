//! Reserving an address for an account that will name it, and giving that up
//! (`NetworkServiceImpl.reserveIpAddress` and `releaseReservedIpAddress`).

use crate::engine::{Cx, Owner, Resource};
use crate::model::{Address, AddressEvent, AddressState, VlanType};
use crate::schema::{Exception, Fault};

use crate::engine::addresses::find::Found;
use crate::engine::addresses::quarantine::{self, Kept};
use crate::engine::addresses::{insert, is_counted, tally};

/// Keeps a free address for an account. Doing it twice for the same account is no fault.
pub(crate) fn reserve(cx: &mut Cx<'_>, found: Found, owner: Owner) -> Result<Found, Fault> {
    let ip = found.place.ip;
    if found.place.range.kind != VlanType::VirtualNetwork {
        let text = format!("{ip} is no public address and cannot be reserved");
        return Err(Fault::new(Exception::IllegalArgument, text));
    }
    if found.place.range.portable {
        return Err(Fault::invalid(format!("{ip} is portable and cannot be reserved")));
    }
    if let Some(row) = &found.row {
        return match row.state {
            AddressState::Reserved if row.account_id == owner.account_id => Ok(found),
            state => {
                let text = format!("{ip} cannot be reserved: it is {state}, not Free");
                Err(Fault::invalid(text))
            }
        };
    }
    refuse_others_range(&found, owner)?;
    keep(cx, found, owner)
}

fn refuse_others_range(found: &Found, owner: Owner) -> Result<(), Fault> {
    let (range, ip) = (&found.place.range, found.place.ip);
    let to_other_account = range.account_id.is_some_and(|id| id != owner.account_id);
    let to_other_domain =
        range.account_id.is_none() && range.domain_id.is_some_and(|id| id != owner.domain_id);
    match (to_other_account, to_other_domain) {
        (true, _) => {
            Err(Fault::invalid(format!("{ip} is in a range dedicated to another account")))
        }
        (_, true) => Err(Fault::invalid(format!("{ip} is in a range dedicated to another domain"))),
        _ => Ok(()),
    }
}

fn keep(cx: &mut Cx<'_>, mut found: Found, owner: Owner) -> Result<Found, Fault> {
    let state = AddressState::Free.next(AddressEvent::Reserve).unwrap_or(AddressState::Reserved);
    let place = (found.place.range.id, found.place.place);
    let address = Address::taken(place, state, (owner.account_id, owner.domain_id), cx.now);
    let counts = is_counted(&address, found.place.range.account_id);
    if counts {
        cx.check_limit(owner, Resource::PublicIp, 1)
            .map_err(|fault| Fault { exception: Exception::AccountLimit, ..fault })?;
    }
    let marked = cx.tx.mark(address.range_id, address.place.unsigned_abs(), true)?;
    if !marked && let Kept::Until(ends) = quarantine::take(cx, place.0, place.1, owner.account_id)?
    {
        let ip = found.place.ip;
        let text = format!("{ip} cannot be reserved: it is in quarantine until {ends}");
        return Err(Fault::invalid(text));
    }
    insert(cx, &address)?;
    tally(cx, &address, counts, 1)?;
    found.row = Some(address);
    Ok(found)
}

/// Gives up a reservation; a free address is no fault, a held one is released otherwise.
pub(crate) fn release_reserved(cx: &mut Cx<'_>, found: &Found) -> Result<(), Fault> {
    let ip = found.place.ip;
    if found.place.range.portable {
        return Err(Fault::invalid(format!("{ip} is portable; use disassociateIpAddress")));
    }
    match &found.row {
        None => Ok(()),
        Some(row) if row.state == AddressState::Allocated => Err(Fault::invalid(format!(
            "{ip} is Allocated, not Reserved; use disassociateIpAddress"
        ))),
        Some(_) => super::release(cx, found),
    }
}
