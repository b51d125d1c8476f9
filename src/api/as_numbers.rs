//! AS numbers: those of zones, and which networks and VPCs have.

use crate::api::names::Names;
use crate::api::paging::{Page, Paged, cut};
use crate::api::{EVERYBODY, Rows, api};
use crate::engine::routing::{self, AsnRow, AsnWhich};
use crate::engine::{Asked, Cx};
use crate::model::{Account, AsnRange, Domain, Network, Time, Uid, Vpc, Zone};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// AS numbers of a zone.
    AsnRangeView in "ASNRangeResponse" shows ["startasn", "endasn", "created", "id"] {
        /// the id of the range
        id: Uid,
        /// the id of the zone
        zoneid: Uid,
        /// the first AS number
        startasn: i64,
        /// the last AS number
        endasn: i64,
        /// when it was made
        created: Time,
    }
}

api! {
    /// Gives a zone AS numbers for its networks and VPCs with dynamic routing.
    now object "createASNRange" { key: "asnumberrange", event: "AS.RANGE.CREATE", since: "4.20",
        example: "create asn range zoneid=sandbox startasn=4200000000 endasn=4200000999" }
        => create -> AsnRangeView;
    CreateAsnRange {
        /// the zone
        zoneid: Id<Zone>,
        /// the first AS number
        startasn: i64,
        /// the last AS number
        endasn: i64,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateAsnRange) -> Result<AsnRangeView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let range = routing::create_asn_range(cx, &zone, args.startasn, args.endasn)?;
    Ok(show_range(cx, &range))
}

api! {
    /// Takes AS numbers from a zone that nobody has.
    now success "deleteASNRange" { event: "AS.RANGE.DELETE", since: "4.20",
        example: "delete asn range id=..." } => delete;
    DeleteAsnRange {
        /// the id of the range
        id: Id<AsnRange>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteAsnRange) -> Result<(), Fault> {
    let range = cx.find(&args.id)?;
    routing::delete_asn_range(cx, range)
}

api! {
    /// Lists the ranges of AS numbers of zones.
    now list "listASNRanges" { key: "asnumberrange", since: "4.20",
        example: "list asn ranges zoneid=sandbox" } => list_ranges -> AsnRangeView;
    ListAsnRanges {
        /// only ranges of this zone
        zoneid: Option<Id<Zone>>,
        ..paged: Paged,
    }
}

fn list_ranges(cx: &mut Cx<'_>, args: &ListAsnRanges) -> Result<Rows<AsnRangeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    let (found, total) = filter.living::<AsnRange>(cx, "id")?;
    Ok(Rows { rows: found.iter().map(|range| show_range(cx, range)).collect(), total })
}

fn show_range(cx: &Cx<'_>, range: &AsnRange) -> AsnRangeView {
    AsnRangeView {
        id: cx.uid::<AsnRange>(range.id),
        zoneid: cx.uid::<Zone>(range.zone_id),
        startasn: range.first,
        endasn: range.last,
        created: range.created,
    }
}

view! {
    /// An AS number, held or free.
    AsNumberView in "ASNumberResponse" shows ["asnumber", "allocationstate",
        "associatednetworkname", "vpcname", "account", "domain", "asnrange", "id"] {
        /// the id of the AS number
        id: Uid,
        /// the AS number
        asnumber: i64,
        /// `Allocated` or `Free`
        allocationstate: &'static str,
        /// the id of the range that it is of
        asnrangeid: Uid,
        /// that range, as `65000-65009`
        asnrange: String,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the id of the network that has it
        associatednetworkid: Option<Uid>,
        /// the name of that network
        associatednetworkname: Option<String>,
        /// the id of the VPC that has it
        vpcid: Option<Uid>,
        /// the name of that VPC
        vpcname: Option<String>,
        /// the account that owns what has it
        account: Option<String>,
        /// the id of that account
        accountid: Option<Uid>,
        /// the id of the account's domain
        domainid: Option<Uid>,
        /// the name of the account's domain
        domain: Option<String>,
        /// since when it is held
        allocated: Option<Time>,
        /// when its range was made
        created: Time,
    }
}

api! {
    /// Lists AS numbers: all of them for root admins, for others those of their own.
    now list "listASNumbers" { key: "asnumber", since: "4.20", roles: EVERYBODY,
        example: "list as numbers zoneid=sandbox isallocated=true" } => list -> AsNumberView;
    ListAsNumbers {
        /// only AS numbers of this zone
        zoneid: Option<Id<Zone>>,
        /// only AS numbers of this range
        asnrangeid: Option<Id<AsnRange>>,
        /// only this AS number
        asnumber: Option<i64>,
        /// only those that are held, or that are free
        isallocated: Option<bool>,
        /// only that of this network
        networkid: Option<Id<Network>>,
        /// only that of this VPC
        vpcid: Option<Id<Vpc>>,
        /// only those of this account; needs domainid
        account: Option<Text>,
        /// only those of accounts in this domain
        domainid: Option<Id<Domain>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListAsNumbers) -> Result<Rows<AsNumberView>, Fault> {
    let page = args.paged.page()?;
    let ranges = ranges_of(cx, args)?;
    let mut which = AsnWhich::default();
    which.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    which.is("range_id", cx.row_opt(args.asnrangeid.as_ref())?);
    which.is("number", args.asnumber);
    which.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    which.is("vpc_id", cx.row_opt(args.vpcid.as_ref())?);
    let asked = Asked {
        account: args.account.as_deref(),
        domain: args.domainid.as_ref(),
        all: true,
        ..Asked::default()
    };
    let scope = cx.scope(&asked)?;
    which.conditions.extend(scope.condition("account_id"));
    let owned = args.account.is_some() || args.domainid.is_some();
    let held_only = !cx.caller.is_root()
        || owned
        || args.networkid.is_some()
        || args.vpcid.is_some()
        || args.isallocated == Some(true);
    let (mut rows, mut total) = (Vec::new(), 0);
    if args.isallocated != Some(false) {
        let (found, held) = routing::held_asns(cx, &which, page.skip, page.size)?;
        for row in found {
            rows.push(show_held(cx, &row)?);
        }
        total = held;
    }
    if !held_only {
        let skip = page.skip.saturating_sub(total);
        let room = page.size - rows.len() as u64;
        let (free, all) = free_of(cx, args, &ranges, (skip, room))?;
        rows.extend(free);
        total += all;
    }
    Ok(Rows { rows, total })
}

/// The ranges that are asked for, in the order of their numbers.
fn ranges_of(cx: &mut Cx<'_>, args: &ListAsNumbers) -> Result<Vec<AsnRange>, Fault> {
    let (mut sql, mut values) = ("WHERE removed IS NULL".to_owned(), Vec::new());
    let id = cx.row_opt(args.asnrangeid.as_ref())?;
    for (column, value) in [("zone_id", cx.row_opt(args.zoneid.as_ref())?), ("id", id)] {
        if let Some(value) = value {
            sql = format!("{sql} AND {column} = ?");
            values.push(value.into());
        }
    }
    Ok(cx.tx.select(&format!("{sql} ORDER BY first, id"), &values)?)
}

/// A page of the free numbers, and how many there are.
fn free_of(
    cx: &mut Cx<'_>,
    args: &ListAsNumbers,
    ranges: &[AsnRange],
    (skip, take): (u64, u64),
) -> Result<(Vec<AsNumberView>, u64), Fault> {
    let mut ranges = ranges.to_vec();
    if let Some(number) = args.asnumber {
        // One number is a range of one.
        ranges.retain(|range| (range.first..=range.last).contains(&number));
        let mut all = Vec::new();
        for range in &ranges {
            let span = (number.unsigned_abs(), number.unsigned_abs());
            if !cx.tx.free_numbers(range.id, span, 0, 1)?.is_empty() {
                all.push(show_free(cx, range, number)?);
            }
        }
        let total = all.len() as u64;
        let page = Page { skip, size: take };
        return Ok((cut(all, page), total));
    }
    let mut total = 0;
    for range in &ranges {
        let size = (range.last - range.first + 1).unsigned_abs();
        total += size.saturating_sub(routing::count_used(cx, range.id)?);
    }
    let mut rows = Vec::new();
    for (range_id, number) in routing::free_asns(cx, &ranges, skip, take)? {
        if let Some(range) = ranges.iter().find(|range| range.id == range_id) {
            rows.push(show_free(cx, range, number)?);
        }
    }
    Ok((rows, total))
}

fn show_free(cx: &mut Cx<'_>, range: &AsnRange, number: i64) -> Result<AsNumberView, Fault> {
    Ok(AsNumberView {
        id: routing::uid_of_asn(cx, range.id, number),
        asnumber: number,
        allocationstate: "Free",
        asnrangeid: cx.uid::<AsnRange>(range.id),
        asnrange: format!("{}-{}", range.first, range.last),
        zoneid: cx.uid::<Zone>(range.zone_id),
        zonename: Names::default().zone(cx, range.zone_id)?,
        associatednetworkid: None,
        associatednetworkname: None,
        vpcid: None,
        vpcname: None,
        account: None,
        accountid: None,
        domainid: None,
        domain: None,
        allocated: None,
        created: range.created,
    })
}

fn show_held(cx: &mut Cx<'_>, row: &AsnRow) -> Result<AsNumberView, Fault> {
    let range: AsnRange = cx.must(row.range_id)?;
    let free = show_free(cx, &range, row.number)?;
    let mut names = Names::default();
    Ok(AsNumberView {
        allocationstate: "Allocated",
        associatednetworkid: cx.uid_opt::<Network>(row.network_id),
        associatednetworkname: row.network_id.map(|id| names.network(cx, id)).transpose()?,
        vpcid: cx.uid_opt::<Vpc>(row.vpc_id),
        vpcname: row.vpc_id.map(|id| names.vpc(cx, id)).transpose()?,
        account: names.owner(cx, row.owner.account_id)?.account,
        accountid: Some(cx.uid::<Account>(row.owner.account_id)),
        domainid: Some(cx.uid::<Domain>(row.owner.domain_id)),
        domain: Some(names.domain(cx, row.owner.domain_id)?),
        allocated: Some(row.allocated),
        ..free
    })
}

api! {
    /// Frees an AS number, unless what has it still tells its routes by it.
    now success "releaseASNumber" { event: "AS.NUMBER.RELEASE", since: "4.20",
        example: "release as number zoneid=sandbox asnumber=4200000000" } => release;
    ReleaseAsNumber {
        /// the zone
        zoneid: Id<Zone>,
        /// the AS number
        asnumber: i64,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleaseAsNumber) -> Result<(), Fault> {
    let zone = cx.find(&args.zoneid)?;
    routing::release_asn(cx, &zone, args.asnumber)
}
