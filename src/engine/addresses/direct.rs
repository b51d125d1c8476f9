//! Addresses of shared networks: they stand on the interfaces of guests, count against no limit
//! and belong to no network of their holder (`IpAddressManagerImpl.allocateDirectIp`).

use crate::engine::addresses::hold::note_usage;
use crate::engine::addresses::{find, insert, step, tally};
use crate::engine::{Cx, Owner};
use crate::model::{Address, AddressEvent, AddressState, VlanRange};
use crate::schema::Fault;
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// Takes an address of a range of a shared network: `wanted`, else the lowest free one but `but`.
/// None where there is no such address.
pub(crate) fn take_direct(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    owner: Owner,
    wanted: Option<Ipv4Addr>,
    but: Option<Ipv4Addr>,
) -> Result<Option<Ipv4Addr>, Fault> {
    if range.is_dedicated() && !range.is_dedicated_to(owner) {
        return Ok(None);
    }
    loop {
        let Some(place) = mark(cx, range, wanted, but)? else { return Ok(None) };
        let taken = step(AddressState::Free, AddressEvent::Take)?;
        let state = step(taken, AddressEvent::Associate)?;
        let holder = (owner.account_id, owner.domain_id);
        let address = Address::taken((range.id, place.cast_signed()), state, holder, cx.now);
        match insert(cx, &address) {
            Ok(()) => {
                tally(cx, &address, false, 1)?;
                return Ok(range.ip_at(address.place));
            }
            // The bit was wrong and is right now: somebody has that address.
            Err(StoreError::Unique(_)) if wanted.is_none() => {}
            Err(StoreError::Unique(_)) => return Ok(None),
            Err(why) => return Err(why.into()),
        }
    }
}

/// Marks a place of the range as taken.
fn mark(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    wanted: Option<Ipv4Addr>,
    but: Option<Ipv4Addr>,
) -> Result<Option<u64>, Fault> {
    let place = |ip: Ipv4Addr| range.place_of(ip).map(i64::unsigned_abs);
    if let Some(ip) = wanted {
        let Some(place) = place(ip).filter(|_| Some(ip) != range.gateway) else { return Ok(None) };
        return Ok(cx.tx.mark(range.id, place, true)?.then_some(place));
    }
    let Some((low, high)) = range.span() else { return Ok(None) };
    let mut spans = vec![(low, high)];
    for passed in [range.gateway, but].into_iter().flatten().filter_map(place) {
        spans = spans.into_iter().flat_map(|span| without(span, passed)).collect();
    }
    Ok(cx.tx.take_lowest(range.id, &spans)?)
}

/// What is left of a run of places without one of them.
fn without((low, high): (u64, u64), place: u64) -> Vec<(u64, u64)> {
    if !(low..=high).contains(&place) {
        return vec![(low, high)];
    }
    let below = place.checked_sub(1).filter(|end| *end >= low).map(|end| (low, end));
    let above = (place < high).then_some((place + 1, high));
    below.into_iter().chain(above).collect()
}

/// Gives an address of a shared network back. One that nobody has stays free.
pub(crate) fn give_direct(cx: &mut Cx<'_>, range: &VlanRange, ip: Ipv4Addr) -> Result<(), Fault> {
    let Some(place) = range.place_of(ip) else { return Ok(()) };
    let Some(address) = find::row(cx, range.id, place)? else { return Ok(()) };
    step(step(address.state, AddressEvent::Release)?, AddressEvent::Unassign)?;
    let args = [address.range_id.into(), address.place.into()];
    cx.tx.run_row("DELETE FROM address WHERE range_id = ? AND place = ?", &args)?;
    note_usage(cx, &address)?;
    cx.tx.mark(range.id, place.unsigned_abs(), false)?;
    tally(cx, &address, false, -1)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_is_passed_over_is_left_out() {
        for (place, wanted) in
            [(4, vec![(5, 9)]), (5, vec![(6, 9)]), (7, vec![(5, 6), (8, 9)]), (9, vec![(5, 8)])]
        {
            assert_eq!(without((5, 9), place), wanted, "{place}");
        }
        assert_eq!(without((0, 0), 0), []);
    }
}
