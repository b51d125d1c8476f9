//! Which free address somebody gets (`IpAddressManagerImpl.listAvailablePublicIps`).
//!
//! Ranges dedicated to the account or its domain come first, and alone; the others follow only
//! when those are exhausted and `use.system.public.ips` says so. Within that the lowest range, and
//! in it the lowest address.

use crate::engine::{Cx, Owner, Resource};
use crate::model::{Account, Column, Time, Zone};
use crate::net::Range4;
use crate::schema::{Exception, Fault};
use crate::store::{StoreError, Tx};
use crate::text::Count;
use std::net::Ipv4Addr;
use std::sync::Arc;

use crate::engine::addresses::quarantine::{self, Kept};
use crate::engine::addresses::{find, quarantined, used};

/// The row of the account `system`, to which system VMs belong.
const SYSTEM: i64 = 1;
/// Whether system VMs get no addresses but those that are kept for them.
pub(crate) const STRICT: &str = "system.vm.public.ip.reservation.mode.strictness";

/// What is wished for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// The zone.
    pub(crate) zone_id: i64,
    /// Who wants it.
    pub(crate) owner: Owner,
    /// The address that it must be.
    pub(crate) address: Option<Ipv4Addr>,
    /// Whether its VLAN must have IPv6 too.
    pub(crate) with_ip6: bool,
}

/// A range that may be taken from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) range: Range4,
    netmask: Ipv4Addr,
    pub(super) account_id: Option<i64>,
    domain_id: Option<i64>,
    for_system_vms: bool,
    /// Whether a public range of its VLAN has IPv6.
    has_ip6: bool,
}

impl Candidate {
    /// The place of an address; see `VlanRange::place_of`.
    fn place(&self, ip: Ipv4Addr) -> u64 {
        u64::from(ip.to_bits() & !self.netmask.to_bits())
    }

    fn picked(&self, place: i64) -> Picked {
        Picked { range_id: self.id, place, range_account: self.account_id }
    }

    fn is_dedicated(&self) -> bool {
        self.account_id.is_some() || self.domain_id.is_some()
    }

    fn is_dedicated_to(&self, owner: Owner) -> bool {
        match self.account_id {
            Some(account) => account == owner.account_id,
            None => self.domain_id == Some(owner.domain_id),
        }
    }
}

/// A number of a pool that is marked as taken and has no row yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Picked {
    pub(super) range_id: i64,
    pub(super) place: i64,
    pub(super) range_account: Option<i64>,
}

/// Marks the address that fulfils the wish as taken. The caller inserts the row; when that is
/// refused as a duplicate it asks again.
pub(super) fn pick(cx: &mut Cx<'_>, wish: &Wish) -> Result<Picked, Fault> {
    let all = candidates(cx, wish.zone_id)?;
    let any_kept = all.first_end.is_some();
    if wish.owner.account_id == SYSTEM
        && let Some(picked) = for_system_vm(cx, &all, wish)?
    {
        return Ok(picked);
    }
    let (own, rest): (Vec<_>, Vec<_>) = all
        .ranges
        .iter()
        .filter(|one| !one.for_system_vms && (one.has_ip6 || !wish.with_ip6))
        .filter(|one| !one.is_dedicated() || one.is_dedicated_to(wish.owner))
        .partition(|one| one.is_dedicated());
    if let Some(picked) = take_from(cx, &own, wish, any_kept)? {
        return Ok(picked);
    }
    if !own.is_empty() && !uses_system_ranges(cx, wish.owner)? {
        return Err(exhausted(cx, wish, &own)?);
    }
    if !rest.is_empty() {
        cx.check_limit(wish.owner, Resource::PublicIp, 1)
            .map_err(|fault| Fault { exception: Exception::AccountLimit, ..fault })?;
    }
    match take_from(cx, &rest, wish, any_kept)? {
        Some(picked) => Ok(picked),
        None => {
            let seen: Vec<_> = own.into_iter().chain(rest).collect();
            Err(exhausted(cx, wish, &seen)?)
        }
    }
}

/// Addresses of system VMs come from the ranges that are kept for them, and from others only
/// when those are exhausted and `system.vm.public.ip.reservation.mode.strictness` is false.
fn for_system_vm(cx: &mut Cx<'_>, all: &Candidates, wish: &Wish) -> Result<Option<Picked>, Fault> {
    let kept: Vec<_> = all.ranges.iter().filter(|one| one.for_system_vms).copied().collect();
    if let Some(picked) = take_from(cx, &kept, wish, all.first_end.is_some())? {
        return Ok(Some(picked));
    }
    match cx.setting_flag(STRICT)? {
        true => Err(exhausted(cx, wish, &kept)?),
        false => Ok(None),
    }
}

/// What addresses are taken from.
struct Candidates {
    /// The ranges of a zone that public addresses are taken from, the oldest first.
    ranges: Vec<Candidate>,
    /// When the first quarantine of any address ends.
    first_end: Option<Time>,
}

fn candidates(cx: &mut Cx<'_>, zone_id: i64) -> Result<Arc<Candidates>, Fault> {
    let read = |tx: &mut Tx| {
        let ranges = read_candidates(tx, zone_id)?;
        Ok::<_, StoreError>(Candidates { ranges, first_end: quarantine::first_end(tx)? })
    };
    let key = ("candidates", "", zone_id);
    let known = cx.tx.memo(key, read)?;
    if known.first_end.is_none_or(|end| end > cx.now) {
        return Ok(known);
    }
    quarantine::expire(cx)?;
    Ok(cx.tx.memo(key, read)?)
}

fn read_candidates(tx: &mut Tx, zone_id: i64) -> Result<Vec<Candidate>, StoreError> {
    let mut found = Vec::new();
    tx.each(
        "SELECT id, first, last, account_id, domain_id, netmask, for_system_vms, \
         EXISTS (SELECT 1 FROM vlan_range o WHERE o.zone_id = vlan_range.zone_id \
         AND o.vlan = vlan_range.vlan AND o.type = 'VirtualNetwork' AND o.removed IS NULL \
         AND o.ip6_cidr IS NOT NULL) FROM vlan_range \
         WHERE zone_id = ? AND type = 'VirtualNetwork' AND removed IS NULL AND portable = 0 \
         AND first IS NOT NULL ORDER BY id",
        &[zone_id.into()],
        |cell| {
            let (first, last) = (Column::from_cell(cell(1))?, Column::from_cell(cell(2))?);
            let range =
                Range4::new(first, last).map_err(|why| StoreError::Damaged(why.to_string()))?;
            found.push(Candidate {
                id: Column::from_cell(cell(0))?,
                range,
                account_id: Column::from_cell(cell(3))?,
                domain_id: Column::from_cell(cell(4))?,
                netmask: Column::from_cell(cell(5))?,
                for_system_vms: Column::from_cell(cell(6))?,
                has_ip6: Column::from_cell(cell(7))?,
            });
            Ok(true)
        },
    )?;
    Ok(found)
}

fn take_from(
    cx: &mut Cx<'_>,
    ranges: &[Candidate],
    wish: &Wish,
    any_kept: bool,
) -> Result<Option<Picked>, Fault> {
    let is_strict = cx.setting_flag("public.ip.lowest.first")?;
    for one in ranges {
        let place = match wish.address {
            None => {
                let span = (one.place(one.range.first()), one.place(one.range.last()));
                match is_strict {
                    true => cx.tx.take_lowest(one.id, &[span])?,
                    false => cx.tx.take_any(one.id, &[span])?,
                }
            }
            Some(address) if one.range.contains(address) => {
                let place = one.place(address);
                let free = cx.tx.mark(one.id, place, true)?;
                (free || any_kept && take_kept(cx, one, place, wish)?).then_some(place)
            }
            Some(_) => None,
        };
        if let Some(place) = place.and_then(|place| i64::try_from(place).ok()) {
            return Ok(Some(one.picked(place)));
        }
    }
    // What is left is what the owner had before.
    if !any_kept || wish.address.is_some() {
        return Ok(None);
    }
    let ids: Vec<i64> = ranges.iter().map(|one| one.id).collect();
    let Some((id, place)) = quarantine::own(cx, &ids, wish.owner.account_id)? else {
        return Ok(None);
    };
    quarantine::take(cx, id, place, wish.owner.account_id)?;
    Ok(ranges.iter().find(|one| one.id == id).map(|one| one.picked(place)))
}

/// Whether a place that is marked as taken is in a quarantine that the wish may end, and ends it.
fn take_kept(cx: &mut Cx<'_>, range: &Candidate, place: u64, wish: &Wish) -> Result<bool, Fault> {
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    let kept = quarantine::take(cx, range.id, place, wish.owner.account_id)?;
    Ok(matches!(kept, Kept::No))
}

fn uses_system_ranges(cx: &mut Cx<'_>, owner: Owner) -> Result<bool, Fault> {
    let value = cx.setting_at("use.system.public.ips", "account", owner.account_id)?;
    Ok(value.eq_ignore_ascii_case("true"))
}

/// Ranges named in a message at most.
const NAMED: usize = 5;

/// The fault for a wish that cannot be fulfilled: what was asked, from which ranges, and how many
/// are free there. Its exception's name is what operators search the log for.
fn exhausted(cx: &mut Cx<'_>, wish: &Wish, seen: &[Candidate]) -> Result<Fault, Fault> {
    let zone: Zone = cx.must(wish.zone_id)?;
    let account: Account = cx.must(wish.owner.account_id)?;
    let (asked, why) = match wish.address {
        None => ("a public address".to_owned(), String::new()),
        Some(address) => (format!("the public address {address}"), why_not(cx, seen, address)?),
    };
    let mut ranges = Vec::new();
    for one in seen.iter().take(NAMED) {
        let taken = cx.tx.counter(used(one.id))? + cx.tx.counter(quarantined(one.id))?;
        let (size, taken) = (one.range.len(), taken.unsigned_abs());
        ranges.push(format!("{} ({} of {size} free)", one.range, size.saturating_sub(taken)));
    }
    if seen.len() > NAMED {
        let more = (seen.len() - NAMED) as u64;
        ranges.push(Count::new(more, "more range", "more ranges").to_string());
    }
    let from = match ranges.is_empty() {
        true if wish.with_ip6 => "no VLAN of its public ranges has IPv6 too".to_owned(),
        true => "the zone has no range of public addresses for it".to_owned(),
        false => format!("looked in {}", ranges.join(", ")),
    };
    let text = format!(
        "Insufficient address capacity: account {} asked for {asked} in zone {}{why}; {from}",
        account.name, zone.name
    );
    let zone_id = cx.uid::<Zone>(zone.id);
    Ok(Fault::new(Exception::InsufficientAddressCapacity, text).about(zone_id, "zoneId"))
}

/// Why a certain address was not given.
fn why_not(cx: &mut Cx<'_>, seen: &[Candidate], address: Ipv4Addr) -> Result<String, Fault> {
    for one in seen {
        if !one.range.contains(address) {
            continue;
        }
        let place = i64::try_from(one.place(address)).unwrap_or(i64::MAX);
        if let Some(held) = find::row(cx, one.id, place)? {
            let since = Time::to_string(&held.allocated);
            return Ok(format!(", which is {} since {since}", held.state));
        }
        if let Some(kept) = quarantine::living(cx.tx, one.id, place)? {
            return Ok(format!(", which is in quarantine until {}", kept.ends));
        }
    }
    Ok(", which is in none of its ranges".to_owned())
}
