//! AS numbers: ranges of a zone, of which those that are held have a row each.

use crate::engine::routing::{Holder, check_enabled};
use crate::engine::{Cx, Owner};
use crate::model::{
    AsnRange, Cell, Column, EntityKind, Network, NetworkOffering, RoutingMode, Time, Uid, Vpc,
    VpcOffering, Zone,
};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::{Count, quoted};

/// The highest AS number (RFC 6793).
const MOST: i64 = u32::MAX as i64;

/// An AS number that somebody holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AsnRow {
    /// The range that it is of.
    pub(crate) range_id: i64,
    /// The number.
    pub(crate) number: i64,
    /// The network that has it.
    pub(crate) network_id: Option<i64>,
    /// The VPC that has it.
    pub(crate) vpc_id: Option<i64>,
    /// Its owner.
    pub(crate) owner: Owner,
    /// Since when.
    pub(crate) allocated: Time,
}

/// Which AS numbers are meant; all that is given must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct AsnWhich {
    /// A condition on the rows, with its values.
    pub(crate) conditions: Vec<(String, Vec<Cell>)>,
}

impl AsnWhich {
    /// A column must have a value, where one is given.
    pub(crate) fn is(&mut self, column: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.conditions.push((format!("{column} = ?"), vec![value.into()]));
        }
    }

    fn sql(&self) -> (String, Vec<Cell>) {
        let all: Vec<_> = self.conditions.iter().map(|(sql, _)| format!(" AND {sql}")).collect();
        let args = self.conditions.iter().flat_map(|(_, args)| args.iter().cloned());
        (format!("WHERE 1 = 1{}", all.concat()), args.collect())
    }
}

/// The id of an AS number, held or free.
pub(crate) fn uid_of_asn(cx: &Cx<'_>, range_id: i64, number: i64) -> Uid {
    let (a, b) = (range_id.unsigned_abs(), number.unsigned_abs());
    cx.tx.key().encode(EntityKind::AsNumber, a, b)
}

/// Gives a zone AS numbers.
pub(crate) fn create_asn_range(
    cx: &mut Cx<'_>,
    zone: &Zone,
    first: i64,
    last: i64,
) -> Result<AsnRange, Fault> {
    check_enabled(cx, zone)?;
    for (param, number) in [("startasn", first), ("endasn", last)] {
        if !(1..=MOST).contains(&number) {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: {number} is not from 1 to {MOST}"
            )));
        }
    }
    if first > last {
        let text = format!("Invalid parameter endasn: {last} is lower than startasn {first}");
        return Err(Fault::invalid(text));
    }
    let tail = "WHERE zone_id = ? AND removed IS NULL AND first <= ? AND last >= ? ORDER BY id";
    let other: Option<AsnRange> =
        cx.tx.first(tail, &[zone.id.into(), last.into(), first.into()])?;
    if let Some(other) = other {
        let (id, name) = (cx.uid::<AsnRange>(other.id), quoted(&zone.name));
        return Err(Fault::invalid(format!(
            "Invalid parameter startasn: {first}-{last} overlaps {}-{} of the zone {name} ({id})",
            other.first, other.last
        ))
        .about(id, "asnRangeId"));
    }
    let id = cx.tx.new_pool("asn")?;
    let made = AsnRange { id, zone_id: zone.id, first, last, created: cx.now, removed: None };
    cx.tx.insert(&made)?;
    concerns(cx, &made, "creating");
    Ok(made)
}

/// Takes AS numbers from a zone that nobody has.
pub(crate) fn delete_asn_range(cx: &mut Cx<'_>, range: AsnRange) -> Result<(), Fault> {
    concerns(cx, &range, "deleting");
    let held = count_used(cx, range.id)?;
    if held > 0 {
        let text = format!(
            "The AS numbers {}-{} cannot be deleted: {} in use",
            range.first,
            range.last,
            Count::new(held, "of them is", "of them are")
        );
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    cx.tx.save(&AsnRange { removed: Some(cx.now), ..range })?;
    Ok(())
}

/// How many numbers of a range are held.
pub(crate) fn count_used(cx: &mut Cx<'_>, range_id: i64) -> Result<u64, Fault> {
    let sql = "SELECT COUNT(*) FROM as_number WHERE range_id = ?";
    let held: Option<i64> = cx.tx.one(sql, &[range_id.into()])?;
    Ok(held.map_or(0, i64::unsigned_abs))
}

fn concerns(cx: &mut Cx<'_>, range: &AsnRange, doing: &str) {
    let what = format!("{doing} AS number range {}-{}", range.first, range.last);
    cx.concerns(EntityKind::AsnRange, (0, range.id), cx.caller_owner(), what);
}

/// Gives a network or VPC an AS number: `wanted`, else the lowest free one of its zone.
pub(super) fn take_asn(cx: &mut Cx<'_>, holder: Holder, wanted: Option<i64>) -> Result<(), Fault> {
    let (owner, zone_id) = holder.owner(cx)?;
    let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY first";
    let ranges: Vec<AsnRange> = cx.tx.select(tail, &[zone_id.into()])?;
    if let Some(number) = wanted {
        let has = |range: &&AsnRange| (range.first..=range.last).contains(&number);
        let Some(range) = ranges.iter().find(has) else {
            return Err(Fault::invalid(format!(
                "Invalid parameter asnumber: {number} is none of the zone's AS numbers; see \
                 listASNRanges"
            )));
        };
        let is_free = cx.tx.mark(range.id, number.unsigned_abs(), true)?;
        if is_free && hold(cx, range, number, holder, owner)? {
            return Ok(());
        }
        return Err(Fault::invalid(format!(
            "Invalid parameter asnumber: {number} is that of another network or VPC"
        )));
    }
    for range in &ranges {
        let span = (range.first.unsigned_abs(), range.last.unsigned_abs());
        while let Some(number) = cx.tx.take_lowest(range.id, &[span])? {
            let number = i64::try_from(number).unwrap_or(MOST);
            if hold(cx, range, number, holder, owner)? {
                return Ok(());
            }
        }
    }
    let zone: Zone = cx.must(zone_id)?;
    let (id, name) = (cx.uid::<Zone>(zone.id), quoted(&zone.name));
    let text = format!("No AS number is free in the zone {name}; add some with createASNRange");
    Err(Fault::new(Exception::CloudRuntime, text).about(id, "zoneId"))
}

/// Stores the row of a number; false when another one has it, so that the bit was wrong.
fn hold(
    cx: &mut Cx<'_>,
    range: &AsnRange,
    number: i64,
    holder: Holder,
    owner: Owner,
) -> Result<bool, Fault> {
    let (column, id) = holder.column();
    let sql = format!(
        "INSERT INTO as_number (range_id, number, zone_id, {column}, account_id, domain_id, \
         allocated) VALUES (?, ?, ?, ?, ?, ?, ?)"
    );
    let args = [
        range.id.into(),
        number.into(),
        range.zone_id.into(),
        id.into(),
        owner.account_id.into(),
        owner.domain_id.into(),
        cx.now.into(),
    ];
    match cx.tx.run(&sql, &args) {
        Ok(_) => Ok(true),
        Err(StoreError::Unique(_)) if held_by(cx, holder)?.is_none() => Ok(false),
        Err(why) => Err(why.into()),
    }
}

/// The AS number of a network or VPC.
fn held_by(cx: &mut Cx<'_>, holder: Holder) -> Result<Option<AsnRow>, Fault> {
    let (column, id) = holder.column();
    let mut which = AsnWhich::default();
    which.is(column, Some(id));
    Ok(held_asns(cx, &which, 0, 1)?.0.pop())
}

/// The AS numbers that are held, in their order, `take` of them at most after `skip`; and how many
/// there are.
pub(crate) fn held_asns(
    cx: &mut Cx<'_>,
    which: &AsnWhich,
    skip: u64,
    take: u64,
) -> Result<(Vec<AsnRow>, u64), Fault> {
    let (tail, args) = which.sql();
    let total: Option<i64> = cx.tx.one(&format!("SELECT COUNT(*) FROM as_number {tail}"), &args)?;
    let sql = format!(
        "SELECT range_id, number, network_id, vpc_id, account_id, domain_id, allocated \
         FROM as_number {tail} ORDER BY number, range_id LIMIT {take} OFFSET {skip}"
    );
    let mut found = Vec::new();
    cx.tx.each(&sql, &args, |cell| {
        let owner = Owner {
            account_id: Column::from_cell(cell(4))?,
            domain_id: Column::from_cell(cell(5))?,
        };
        found.push(AsnRow {
            range_id: Column::from_cell(cell(0))?,
            number: Column::from_cell(cell(1))?,
            network_id: Column::from_cell(cell(2))?,
            vpc_id: Column::from_cell(cell(3))?,
            owner,
            allocated: Column::from_cell(cell(6))?,
        });
        Ok(true)
    })?;
    Ok((found, total.map_or(0, i64::unsigned_abs)))
}

/// Free numbers of ranges, `take` of them at most after `skip`, each with its range.
pub(crate) fn free_asns(
    cx: &mut Cx<'_>,
    ranges: &[AsnRange],
    mut skip: u64,
    take: u64,
) -> Result<Vec<(i64, i64)>, Fault> {
    let mut found = Vec::new();
    for range in ranges {
        let span = (range.first.unsigned_abs(), range.last.unsigned_abs());
        let free = (span.1 - span.0 + 1).saturating_sub(count_used(cx, range.id)?);
        if free <= skip {
            skip -= free;
            continue;
        }
        let wanted = take.saturating_sub(found.len() as u64);
        let numbers = cx.tx.free_numbers(range.id, span, skip, wanted)?;
        found.extend(numbers.into_iter().map(|number| (range.id, number.cast_signed())));
        skip = 0;
    }
    Ok(found)
}

/// Frees the AS number of a network or VPC that goes.
pub(super) fn give_asn_back(cx: &mut Cx<'_>, holder: Holder) -> Result<(), Fault> {
    match held_by(cx, holder)? {
        Some(row) => free(cx, &row),
        None => Ok(()),
    }
}

fn free(cx: &mut Cx<'_>, row: &AsnRow) -> Result<(), Fault> {
    let sql = "DELETE FROM as_number WHERE range_id = ? AND number = ?";
    cx.tx.run(sql, &[row.range_id.into(), row.number.into()])?;
    cx.tx.mark(row.range_id, row.number.unsigned_abs(), false)?;
    Ok(())
}

/// Frees an AS number of a zone (`BGPServiceImpl.releaseASNumber`), unless what has it still tells
/// its routes by it. One that is free already is no fault.
pub(crate) fn release_asn(cx: &mut Cx<'_>, zone: &Zone, number: i64) -> Result<(), Fault> {
    let tail = "WHERE zone_id = ? AND removed IS NULL AND first <= ? AND last >= ?";
    let range: Option<AsnRange> =
        cx.tx.first(tail, &[zone.id.into(), number.into(), number.into()])?;
    let Some(range) = range else {
        let name = quoted(&zone.name);
        let text = format!("Invalid parameter asnumber: the zone {name} has no AS number {number}");
        return Err(Fault::invalid(text));
    };
    cx.what = Some(format!("releasing AS number {number}"));
    let mut which = AsnWhich::default();
    which.is("range_id", Some(range.id));
    which.is("number", Some(number));
    let Some(row) = held_asns(cx, &which, 0, 1)?.0.pop() else { return Ok(()) };
    if let Some(user) = user_of(cx, &row)? {
        let text = format!("The AS number {number} cannot be released: {user} uses it");
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    free(cx, &row)
}

/// Who tells its routes by an AS number.
fn user_of(cx: &mut Cx<'_>, row: &AsnRow) -> Result<Option<String>, Fault> {
    let is_dynamic = |mode: Option<RoutingMode>| mode == Some(RoutingMode::Dynamic);
    if let Some(id) = row.network_id {
        let network: Network = cx.must(id)?;
        let offering: NetworkOffering = cx.must(network.offering_id.unwrap_or_default())?;
        let uses = network.removed.is_none() && is_dynamic(offering.routing_mode);
        return Ok(uses.then(|| format!("the network {}", quoted(&network.name))));
    }
    let Some(id) = row.vpc_id else { return Ok(None) };
    let vpc: Vpc = cx.must(id)?;
    let offering: VpcOffering = cx.must(vpc.offering_id)?;
    let uses = vpc.removed.is_none() && is_dynamic(offering.routing_mode);
    Ok(uses.then(|| format!("the VPC {}", quoted(&vpc.name))))
}
