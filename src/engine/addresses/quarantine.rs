//! Quarantine: an address that was given up is kept from all others than the account that had it
//! (`PublicIpQuarantine`), for as many minutes as `public.ip.address.quarantine.duration` says.
//!
//! Its bit stays set for so long, so that whoever looks for a free address goes past it without
//! knowing why. Nobody else pays for it: without the setting, and without rows, nothing is read.

use crate::engine::Cx;
use crate::model::{Account, Address, AddressState, Column, Network, Quarantine, Time, VlanRange};
use crate::schema::{Exception, Fault};
use crate::store::{Counter, StoreError, Tx};
use std::collections::BTreeSet;

/// The setting with the minutes.
const DURATION: &str = "public.ip.address.quarantine.duration";
/// What is noted where the account that had an address takes it again.
const TAKEN_AGAIN: &str = "Taken again by the account that had it";
/// The row of the account `system`.
const SYSTEM: i64 = 1;

/// The counter of the addresses of a range that are in quarantine.
pub(crate) const fn quarantined(range_id: i64) -> Counter {
    Counter { owner: "range", id: range_id, what: "quarantined" }
}

/// When the first of all quarantines ends; none while nothing is in quarantine.
pub(super) fn first_end(tx: &mut Tx) -> Result<Option<Time>, StoreError> {
    Ok(tx.one("SELECT MIN(ends) FROM quarantine WHERE removed IS NULL", &[])?.flatten())
}

/// Until when an address that is being given up is kept from others; none if it is not.
pub(super) fn end_for(
    cx: &mut Cx<'_>,
    address: &Address,
    range: &VlanRange,
) -> Result<Option<Time>, Fault> {
    let any = |tx: &mut Tx| {
        tx.one::<i64>("SELECT 1 FROM setting WHERE name = ? LIMIT 1", &[DURATION.into()])
    };
    if cx.tx.memo((DURATION, "any", 0), any)?.is_none() {
        return Ok(None);
    }
    if address.state == AddressState::Reserved || range.portable || address.account_id == SYSTEM {
        return Ok(None);
    }
    let domain_id = match address.network_id {
        Some(id) => cx.must::<Network>(id)?.domain_id,
        None => cx.caller.domain_id,
    };
    let minutes: i64 = cx.setting_at(DURATION, "domain", domain_id)?.trim().parse().unwrap_or(0);
    if minutes <= 0 {
        return Ok(None);
    }
    // Others are not to give addresses back or take them while the row is written.
    cx.tx.alone()?;
    Ok(Some(cx.now.plus_seconds(minutes.saturating_mul(60))))
}

/// Keeps an address that was given up from others. Its bit is set already.
pub(super) fn begin(cx: &mut Cx<'_>, address: &Address, ends: Time) -> Result<(), Fault> {
    cx.tx.insert(&Quarantine {
        id: 0,
        range_id: address.range_id,
        place: address.place,
        account_id: address.account_id,
        ends,
        reason: None,
        remover_id: None,
        created: cx.now,
        removed: None,
    })?;
    Ok(cx.tx.tally(quarantined(address.range_id), 1)?)
}

/// What stands in the way of taking a place that has no row and whose bit is set.
pub(super) enum Kept {
    /// Nothing: the account had the address before, or its time is over. The bit stays set.
    No,
    /// It is kept from the account until then.
    Until(Time),
    /// No quarantine: somebody holds it, or the bit is wrong.
    NotAtAll,
}

/// Ends the quarantine of a place for an account that wants to take it, if it may.
pub(super) fn take(
    cx: &mut Cx<'_>,
    range_id: i64,
    place: i64,
    account_id: i64,
) -> Result<Kept, Fault> {
    let Some(kept) = living(cx.tx, range_id, place)? else { return Ok(Kept::NotAtAll) };
    if kept.account_id != account_id && kept.ends > cx.now {
        return Ok(Kept::Until(kept.ends));
    }
    cx.tx.alone()?;
    let reason = (kept.ends > cx.now).then(|| TAKEN_AGAIN.to_owned());
    end(cx, kept, reason, None)?;
    Ok(Kept::No)
}

/// The quarantine of a place.
pub(super) fn living(
    tx: &mut Tx,
    range_id: i64,
    place: i64,
) -> Result<Option<Quarantine>, StoreError> {
    let tail = "WHERE range_id = ? AND place = ? AND removed IS NULL";
    tx.first(tail, &[range_id.into(), place.into()])
}

/// The lowest place of these ranges that an account had before and that is kept for it.
pub(super) fn own(
    cx: &mut Cx<'_>,
    range_ids: &[i64],
    account_id: i64,
) -> Result<Option<(i64, i64)>, Fault> {
    let tail = "WHERE account_id = ? AND removed IS NULL ORDER BY range_id, place";
    let kept: Vec<Quarantine> = cx.tx.select(tail, &[account_id.into()])?;
    let one = kept.into_iter().find(|one| range_ids.contains(&one.range_id));
    Ok(one.map(|one| (one.range_id, one.place)))
}

/// The places of a range that are in quarantine: those kept for an account, and those of others.
pub(super) fn places(
    cx: &mut Cx<'_>,
    range_id: i64,
    account_id: i64,
) -> Result<(BTreeSet<u64>, BTreeSet<u64>), StoreError> {
    let (mut own, mut others) = (BTreeSet::new(), BTreeSet::new());
    if cx.tx.counter(quarantined(range_id))? == 0 {
        return Ok((own, others));
    }
    let now = cx.now;
    let sql = "SELECT place, account_id, ends FROM quarantine \
               WHERE range_id = ? AND removed IS NULL";
    cx.tx.each(sql, &[range_id.into()], |cell| {
        let place = i64::from_cell(cell(0))?.unsigned_abs();
        let free = i64::from_cell(cell(1))? == account_id || Time::from_cell(cell(2))? <= now;
        if free {
            own.insert(place)
        } else {
            others.insert(place)
        };
        Ok(true)
    })?;
    Ok((own, others))
}

/// Ends all quarantines whose time is over: their addresses are free again. Returns how many.
pub(crate) fn expire(cx: &mut Cx<'_>) -> Result<u64, Fault> {
    let tail = "WHERE removed IS NULL AND ends <= ?";
    let over: Vec<Quarantine> = cx.tx.select(tail, &[cx.now.into()])?;
    let many = over.len() as u64;
    for one in over {
        free(cx, one, None, None)?;
    }
    Ok(many)
}

/// Ends the quarantine of an address before its time.
pub(crate) fn lift(cx: &mut Cx<'_>, kept: Quarantine, reason: &str) -> Result<(), Fault> {
    let remover = cx.caller.account_id;
    free(cx, kept, Some(reason.to_owned()), Some(remover))
}

/// Ends the quarantines of places that a range no longer has.
pub(crate) fn leave(
    cx: &mut Cx<'_>,
    range_id: i64,
    stays: impl Fn(i64) -> bool,
) -> Result<(), Fault> {
    let tail = "WHERE range_id = ? AND removed IS NULL";
    let kept: Vec<Quarantine> = cx.tx.select(tail, &[range_id.into()])?;
    for one in kept.into_iter().filter(|one| !stays(one.place)) {
        free(cx, one, Some("The range has the address no longer".into()), None)?;
    }
    Ok(())
}

/// Changes until when an address is kept from others (`updateQuarantinedIp`).
pub(crate) fn prolong(cx: &mut Cx<'_>, kept: Quarantine, ends: Time) -> Result<Quarantine, Fault> {
    if ends < cx.now {
        let text = format!("Invalid parameter enddate: {ends} is over; it must lie in the future");
        return Err(Fault::invalid(text));
    }
    if kept.ends < cx.now {
        let text = format!("The quarantine is over since {}; it cannot be changed", kept.ends);
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let kept = Quarantine { ends, ..kept };
    cx.tx.save(&kept)?;
    Ok(kept)
}

/// Ends a quarantine; the address is free.
fn free(
    cx: &mut Cx<'_>,
    kept: Quarantine,
    reason: Option<String>,
    remover_id: Option<i64>,
) -> Result<(), Fault> {
    let (range_id, place) = (kept.range_id, kept.place.unsigned_abs());
    end(cx, kept, reason, remover_id)?;
    cx.tx.mark(range_id, place, false)?;
    Ok(())
}

/// Ends a quarantine; whoever does so has the address from now on.
fn end(
    cx: &mut Cx<'_>,
    kept: Quarantine,
    reason: Option<String>,
    remover_id: Option<i64>,
) -> Result<(), Fault> {
    let range_id = kept.range_id;
    cx.tx.save(&Quarantine { reason, remover_id, removed: Some(cx.now), ..kept })?;
    Ok(cx.tx.tally(quarantined(range_id), -1)?)
}

/// The account that had an address, for its view.
pub(crate) fn former(cx: &mut Cx<'_>, kept: &Quarantine) -> Result<Account, Fault> {
    cx.must(kept.account_id)
}
