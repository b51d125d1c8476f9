//! Listing addresses, held ones and free ones, in the order of the addresses.
//!
//! A free address has no row: it is computed. A page of a million addresses costs what it costs
//! of ten, as far as the question allows: sums come from counters, places from arithmetic or from
//! the bits of the pool.

use crate::engine::Cx;
use crate::model::{Address, AddressState, Cell, VlanRange, address_columns};
use crate::schema::Fault;
use crate::store::StoreError;
use std::collections::{HashMap, HashSet};

use crate::engine::addresses::find::{Found, Place};
use crate::engine::addresses::{quarantine, quarantined, reserved, used};

/// The states that are asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct States {
    /// Addresses without a holder.
    pub(crate) free: bool,
    /// Addresses kept for an account.
    pub(crate) reserved: bool,
    /// Addresses that somebody holds.
    pub(crate) allocated: bool,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The ranges to look in.
    pub(crate) ranges: Vec<VlanRange>,
    /// Those among them whose free addresses count.
    pub(crate) free_in: HashSet<i64>,
    /// The states.
    pub(crate) states: States,
    /// Conditions on the rows with the values of their question marks, joined by AND. They say
    /// nothing about free addresses, which have no row.
    pub(crate) rows: Vec<(String, Vec<Cell>)>,
    /// Part of the address, as text.
    pub(crate) keyword: Option<String>,
    /// Who asks: what is in quarantine for others is not free for them.
    pub(crate) account_id: i64,
    /// Addresses before the page.
    pub(crate) skip: u64,
    /// Addresses on the page at most.
    pub(crate) take: u64,
}

/// The page that is asked for, and how many addresses there are on all pages.
pub(crate) fn query(cx: &mut Cx<'_>, query: Query) -> Result<(Vec<Found>, u64), Fault> {
    let mut walk = Walk { skip: query.skip, take: query.take, total: 0, found: Vec::new() };
    let mut ranges = query.ranges.clone();
    ranges.sort_by_key(|range| (range.first, range.id));
    let wants_rows = query.states.reserved || query.states.allocated;
    let wants_all = query.states == States::ALL && query.rows.is_empty();
    for range in &ranges {
        let free = query.states.free && query.free_in.contains(&range.id);
        if query.keyword.is_some() {
            walk.every_place(cx, range, &query, free)?;
        } else if wants_all && free {
            walk.all(cx, range, query.account_id)?;
        } else {
            // The held ones of a range come before its free ones: to mix them, every place would
            // have to be looked at.
            if wants_rows {
                walk.rows(cx, range, &query)?;
            }
            if free {
                walk.free(cx, range, query.account_id)?;
            }
        }
    }
    Ok((walk.found, walk.total))
}

/// A page being filled.
struct Walk {
    skip: u64,
    take: u64,
    total: u64,
    found: Vec<Found>,
}

impl Walk {
    /// Counts `count` more; returns how many of them are to be skipped and how many to be taken.
    fn window(&mut self, count: u64) -> (u64, u64) {
        self.total += count;
        let skipped = self.skip.min(count);
        self.skip -= skipped;
        let taken = if self.skip == 0 { self.take.min(count - skipped) } else { 0 };
        self.take -= taken;
        (skipped, taken)
    }

    fn push(&mut self, range: &VlanRange, place: u64, row: Option<Address>) {
        let at = i64::try_from(place).unwrap_or(i64::MAX);
        if let Some(place) = Place::of(range.clone(), at) {
            self.found.push(Found { place, row });
        }
    }

    /// All places of a range: arithmetic, and the rows among them.
    fn all(&mut self, cx: &mut Cx<'_>, range: &VlanRange, account_id: i64) -> Result<(), Fault> {
        let (_, hidden) = quarantine::places(cx, range.id, account_id)?;
        let (skipped, count) = self.window(range.size().saturating_sub(hidden.len() as u64));
        let Some((low, high)) = range.span().filter(|_| count > 0) else { return Ok(()) };
        // Without gaps the page lies where arithmetic says; else it is counted off.
        let (first, last, skipped) = match hidden.is_empty() {
            true => (low + skipped, low + skipped + count - 1, 0),
            false => (low, high, skipped),
        };
        let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let mut held = held_between(cx, range.id, first, last)?;
        let places = (first..=last).filter(|place| !hidden.contains(place));
        for place in places.skip(index(skipped)).take(index(count)) {
            self.push(range, place, held.remove(&place));
        }
        Ok(())
    }

    /// The free places of a range: the zeros among its bits, and what is kept for who asks.
    fn free(&mut self, cx: &mut Cx<'_>, range: &VlanRange, account_id: i64) -> Result<(), Fault> {
        let kept = cx.tx.counter(quarantined(range.id))?;
        let taken = (cx.tx.counter(used(range.id))? + kept).unsigned_abs();
        if kept > 0 {
            let (own, _) = quarantine::places(cx, range.id, account_id)?;
            let (skip, take) = self.window(own.len() as u64);
            let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
            for place in own.into_iter().skip(index(skip)).take(index(take)) {
                self.push(range, place, None);
            }
        }
        let (skip, take) = self.window(range.size().saturating_sub(taken));
        let Some(span) = range.span().filter(|_| take > 0) else { return Ok(()) };
        for place in cx.tx.free_numbers(range.id, span, skip, take)? {
            self.push(range, place, None);
        }
        Ok(())
    }

    /// The rows of a range that fulfil the conditions.
    fn rows(&mut self, cx: &mut Cx<'_>, range: &VlanRange, query: &Query) -> Result<(), Fault> {
        let (condition, args) = conditions(range, query);
        let (skip, take) = self.window(count(cx, range, query, &condition, &args)?);
        if take == 0 {
            return Ok(());
        }
        let sql = format!(
            concat!(
                "SELECT ",
                address_columns!(),
                " FROM address WHERE {} ORDER BY place LIMIT {} OFFSET {}"
            ),
            condition, take, skip
        );
        let mut rows = Vec::new();
        cx.tx.each(&sql, &args, |cell| {
            rows.push(Address::from_row(cell)?);
            Ok(true)
        })?;
        for row in rows {
            self.push(range, row.place.unsigned_abs(), Some(row));
        }
        Ok(())
    }

    /// Every place, one after the other: only where the question leaves no other way.
    fn every_place(
        &mut self,
        cx: &mut Cx<'_>,
        range: &VlanRange,
        query: &Query,
        free: bool,
    ) -> Result<(), Fault> {
        let (condition, args) = conditions(range, query);
        let mut held = HashMap::new();
        let sql =
            format!(concat!("SELECT ", address_columns!(), " FROM address WHERE {}"), condition);
        cx.tx.each(&sql, &args, |cell| {
            let row = Address::from_row(cell)?;
            held.insert(row.place.unsigned_abs(), row);
            Ok(true)
        })?;
        let mut taken = taken_places(cx, range.id)?;
        taken.extend(quarantine::places(cx, range.id, query.account_id)?.1);
        let Some((low, high)) = range.span() else { return Ok(()) };
        for place in low..=high {
            let row = held.remove(&place);
            let is_free = !taken.contains(&place);
            let wanted = row.is_some() || (is_free && free);
            let matches = || {
                query.keyword.as_ref().is_none_or(|part| {
                    let ip = i64::try_from(place).ok().and_then(|place| range.ip_at(place));
                    ip.is_some_and(|ip| ip.to_string().contains(part.as_str()))
                })
            };
            if wanted && matches() && self.window(1).1 == 1 {
                self.push(range, place, row);
            }
        }
        Ok(())
    }
}

/// The conditions on rows of a range as SQL.
fn conditions(range: &VlanRange, query: &Query) -> (String, Vec<Cell>) {
    let mut condition = "range_id = ?".to_owned();
    let mut args: Vec<Cell> = vec![range.id.into()];
    match (query.states.reserved, query.states.allocated) {
        (true, true) => {}
        (true, false) => condition += " AND state = 4",
        (false, true) => condition += " AND state <> 4",
        (false, false) => condition += " AND state = 0",
    }
    for (holds, values) in &query.rows {
        condition += " AND ";
        condition += holds;
        args.extend(values.iter().cloned());
    }
    (condition, args)
}

/// How many rows fulfil the conditions: from the counters where there are no others than the
/// state.
fn count(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    query: &Query,
    condition: &str,
    args: &[Cell],
) -> Result<u64, Fault> {
    if !query.rows.is_empty() {
        let sql = format!("SELECT COUNT(*) FROM address WHERE {condition}");
        let counted: Option<i64> = cx.tx.one(&sql, args)?;
        return Ok(counted.map_or(0, i64::unsigned_abs));
    }
    let kept = cx.tx.counter(reserved(range.id))?.unsigned_abs();
    let rows = cx.tx.counter(used(range.id))?.unsigned_abs();
    Ok(match (query.states.reserved, query.states.allocated) {
        (true, true) => rows,
        (true, false) => kept,
        (false, true) => rows.saturating_sub(kept),
        (false, false) => 0,
    })
}

fn held_between(
    cx: &mut Cx<'_>,
    range_id: i64,
    first: u64,
    last: u64,
) -> Result<HashMap<u64, Address>, StoreError> {
    let bound = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
    let mut held = HashMap::new();
    let sql = concat!(
        "SELECT ",
        address_columns!(),
        " FROM address WHERE range_id = ? AND place BETWEEN ? AND ?"
    );
    let args = [range_id.into(), bound(first).into(), bound(last).into()];
    cx.tx.each(sql, &args, |cell| {
        let row = Address::from_row(cell)?;
        held.insert(row.place.unsigned_abs(), row);
        Ok(true)
    })?;
    Ok(held)
}

fn taken_places(
    cx: &mut Cx<'_>,
    range_id: i64,
) -> Result<std::collections::HashSet<u64>, StoreError> {
    let mut taken = std::collections::HashSet::new();
    cx.tx.each("SELECT place FROM address WHERE range_id = ?", &[range_id.into()], |cell| {
        let place = <i64 as crate::model::Column>::from_cell(cell(0))?;
        taken.insert(place.unsigned_abs());
        Ok(true)
    })?;
    Ok(taken)
}

impl States {
    /// All there are.
    const ALL: Self = Self { free: true, reserved: true, allocated: true };

    /// Those that have a row.
    pub(crate) const HELD: Self = Self { free: false, reserved: true, allocated: true };

    /// Whether a state is among them.
    pub(crate) const fn has(self, state: AddressState) -> bool {
        match state {
            AddressState::Free => self.free,
            AddressState::Reserved => self.reserved,
            _ => self.allocated,
        }
    }
}

/// The addresses of a network or a VPC (`column` says which) in the order of the addresses.
pub(crate) fn of_owner(cx: &mut Cx<'_>, column: &str, id: i64) -> Result<Vec<Found>, Fault> {
    let mut rows = Vec::new();
    let sql = format!(concat!("SELECT ", address_columns!(), " FROM address WHERE {} = ?"), column);
    cx.tx.each(&sql, &[id.into()], |cell| {
        rows.push(Address::from_row(cell)?);
        Ok(true)
    })?;
    let mut ranges: HashMap<i64, VlanRange> = HashMap::new();
    let mut found = Vec::new();
    for row in rows {
        let range = match ranges.get(&row.range_id) {
            Some(known) => known.clone(),
            None => {
                let range: VlanRange = cx.must(row.range_id)?;
                ranges.insert(range.id, range.clone());
                range
            }
        };
        if let Some(place) = Place::of(range, row.place) {
            found.push(Found { place, row: Some(row) });
        }
    }
    found.sort_by_key(|one| (one.place.ip, one.place.range.id));
    Ok(found)
}
