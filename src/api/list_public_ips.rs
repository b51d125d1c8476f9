//! `listPublicIpAddresses` (`ManagementServerImpl.searchForIPAddresses`).

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::public_ip_addresses::{IpAddressView, show_all};
use crate::api::tags::words_of;
use crate::api::{Rows, api};
use crate::engine::addresses::{self, Found, Query, States};
use crate::engine::tags::any_of;
use crate::engine::{Cx, Owner, shows_free_direct};
use crate::model::{
    Address, AddressState, Cell, Column, EntityKind, Network, PhysicalNetwork, VlanRange, Vpc, Zone,
};
use crate::schema::{Fault, Id, List, Map};
use std::collections::{BTreeMap, HashSet};
use std::net::Ipv4Addr;

api! {
    /// Lists public addresses, held ones unless free or reserved ones are asked for.
    now list "listPublicIpAddresses" {
        key: "publicipaddress", root_params: &["fordisplay"],
        example: "list public ip addresses allocatedonly=false state=Free",
    } => list -> IpAddressView;
    ListPublicIpAddresses {
        /// the id of the address
        id: Option<Id<Address>>,
        /// the address itself
        ipaddress: Option<Ipv4Addr>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of the network that they are associated with
        associatednetworkid: Option<Id<Network>>,
        /// the id of the VPC that they belong to
        vpcid: Option<Id<Vpc>>,
        /// the states, separated by commas: Free, Reserved, Allocating, Allocated, Releasing
        state: Option<List<AddressState>>,
        /// whether only held addresses are listed; true unless state says Free or Reserved
        allocatedonly: Option<bool>,
        /// the id of the range
        vlanid: Option<Id<VlanRange>>,
        /// the id of the physical network
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the id of the network that owns the range
        networkid: Option<Id<Network>>,
        /// true for public addresses, false for those of shared networks; true when left out
        forvirtualnetwork: Option<bool>,
        /// whether they are source NAT addresses
        issourcenat: Option<bool>,
        /// whether they are static NAT addresses
        isstaticnat: Option<bool>,
        /// whether a load balancer uses them
        forloadbalancing: Option<bool>,
        /// whether their range is kept for system VMs; false when left out
        forsystemvms: Option<bool>,
        /// whether a network provider keeps them for itself
        forprovider: Option<bool>,
        /// whether their holder sees them
        fordisplay: Option<bool>,
        /// only addresses with these tags
        tags: Option<Map>,
        /// whether only the count is wanted
        retrieveonlyresourcecount: Option<bool>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListPublicIpAddresses) -> Result<Rows<IpAddressView>, Fault> {
    let states = states(args)?;
    let page = args.paged.page()?;
    let nothing = Rows { rows: Vec::new(), total: 0 };
    // No address has rules or a provider of its own yet.
    if args.forloadbalancing == Some(true) || args.forprovider == Some(true) {
        return Ok(nothing);
    }
    if let Some(found) = named(cx, args)? {
        return narrow(cx, args, states, found);
    }
    let whose = args.owned.scope(cx, false)?.condition("account_id");
    let owned = args.owned.account.is_some() || args.owned.domainid.is_some();
    let conditions = row_conditions(args)?;
    let ranges = ranges(cx, args)?;
    let free_in = match states.free && conditions.is_empty() {
        true => available(cx, args, &ranges)?,
        false => HashSet::new(),
    };
    let keyword = args.paged.keyword.as_ref().map(|text| text.0.clone());
    let states = States { free: states.free && conditions.is_empty() && !owned, ..states };
    let rows = conditions.into_iter().chain(whose).collect();
    let (account_id, skip, take) = (cx.caller.account_id, page.skip, page.size);
    let query = Query { ranges, free_in, states, rows, keyword, account_id, skip, take };
    let (found, total) = addresses::query(cx, query)?;
    if args.retrieveonlyresourcecount == Some(true) {
        return Ok(Rows { rows: Vec::new(), total });
    }
    show_all(cx, &found, total)
}

/// The addresses that are named: by id, as an address, or by their network or VPC; none if they
/// are asked for in another way.
fn named(cx: &mut Cx<'_>, args: &ListPublicIpAddresses) -> Result<Option<Vec<Found>>, Fault> {
    if let Some(id) = &args.id {
        let Some((range, place)) = Found::place_of(cx, id)? else { return Err(cx.unknown(id)) };
        return Ok(Some(Found::at(cx, range, place)?.into_iter().collect()));
    }
    if let Some(ip) = args.ipaddress {
        let zone = cx.row_opt(args.zoneid.as_ref())?;
        return Found::by_ip(cx, ip, zone).map(Some);
    }
    let of_network = cx.row_opt(args.associatednetworkid.as_ref())?.map(|id| ("network_id", id));
    let of_vpc = cx.row_opt(args.vpcid.as_ref())?.map(|id| ("vpc_id", id));
    match of_network.or(of_vpc) {
        Some((column, id)) => addresses::of_owner(cx, column, id).map(Some),
        None => Ok(None),
    }
}

/// The states that are asked for; without any, held ones.
fn states(args: &ListPublicIpAddresses) -> Result<States, Fault> {
    let mut wanted = States { free: false, reserved: false, allocated: false };
    for state in args.state.iter().flat_map(|states| &states.0) {
        match state {
            AddressState::Free => wanted.free = true,
            AddressState::Reserved => wanted.reserved = true,
            _ => wanted.allocated = true,
        }
    }
    let named = wanted.free || wanted.reserved || wanted.allocated;
    let only_held = args.allocatedonly.unwrap_or(!(wanted.free || wanted.reserved));
    match (named, only_held) {
        (true, true) if wanted.free || wanted.reserved => Err(Fault::invalid(
            "Parameter allocatedonly=true excludes the states Free and Reserved",
        )),
        (true, _) => Ok(wanted),
        (false, true) => Ok(States::HELD),
        (false, false) => Ok(States { free: true, ..States::HELD }),
    }
}

/// The conditions on rows that only held addresses can fulfil.
fn row_conditions(args: &ListPublicIpAddresses) -> Result<Vec<(String, Vec<Cell>)>, Fault> {
    let mut rows = Vec::new();
    for (column, wanted) in [
        ("source_nat", args.issourcenat),
        ("static_nat", args.isstaticnat),
        ("display", args.fordisplay),
    ] {
        if let Some(wanted) = wanted {
            rows.push((format!("{column} = ?"), vec![wanted.to_cell()]));
        }
    }
    if let Some(tags) = &args.tags {
        let (holds, cells) = any_of(EntityKind::Address, &words_of(tags)?);
        let with = "SELECT 1 FROM tag t WHERE t.a = address.range_id AND t.b = address.place";
        rows.push((format!("EXISTS ({with} AND {holds})"), cells));
    }
    Ok(rows)
}

/// The ranges that are asked for.
fn ranges(cx: &mut Cx<'_>, args: &ListPublicIpAddresses) -> Result<Vec<VlanRange>, Fault> {
    let public = args.forvirtualnetwork.unwrap_or(true);
    let kind = if public { "VirtualNetwork" } else { "DirectAttached" };
    let mut tail = "WHERE removed IS NULL AND first IS NOT NULL AND type = ?".to_owned();
    let mut cells: Vec<Cell> = vec![kind.into()];
    for (column, row) in [
        ("id", cx.row_opt(args.vlanid.as_ref())?),
        ("zone_id", cx.row_opt(args.zoneid.as_ref())?),
        ("physical_network_id", cx.row_opt(args.physicalnetworkid.as_ref())?),
        ("network_id", cx.row_opt(args.networkid.as_ref())?),
    ] {
        if let Some(row) = row {
            tail.extend([" AND ", column, " = ?"]);
            cells.push(row.into());
        }
    }
    if let Some(wanted) = args.forsystemvms {
        tail += " AND for_system_vms = ?";
        cells.push(wanted.into());
    }
    Ok(cx.tx.select(&tail, &cells)?)
}

/// Of free addresses only those are listed that the caller could get: in ranges of their own;
/// where they have none in a zone, or all of these are held and they may have others, in ranges
/// that are nobody's; and not those kept for system VMs, unless they are asked for.
fn available(
    cx: &mut Cx<'_>,
    args: &ListPublicIpAddresses,
    ranges: &[VlanRange],
) -> Result<HashSet<i64>, Fault> {
    let owner = cx.caller_owner();
    if args.forvirtualnetwork == Some(false) {
        let shows = shows_free_direct(cx)?;
        return Ok(ranges.iter().filter(|_| shows).map(|range| range.id).collect());
    }
    let others = args.forsystemvms == Some(true) && !cx.setting_flag(addresses::STRICT)?;
    let open = |range: &&VlanRange| !range.for_system_vms || others;
    let mut zones = BTreeMap::new();
    for range in ranges.iter().filter(open).filter(|range| range.is_dedicated_to(owner)) {
        let held = cx.tx.counter(addresses::used(range.id))?.unsigned_abs();
        *zones.entry(range.zone_id).or_insert(false) |= held < range.size();
    }
    let shares = cx.setting_at("use.system.public.ips", "account", owner.account_id)?;
    let shares = shares.eq_ignore_ascii_case("true");
    let could_get = |range: &&VlanRange| match (range.is_dedicated(), zones.get(&range.zone_id)) {
        (true, _) => range.is_dedicated_to(owner),
        (false, None) => true,
        (false, Some(some_left)) => shares && !some_left,
    };
    Ok(ranges.iter().filter(open).filter(could_get).map(|range| range.id).collect())
}

/// The rest of the conditions, on addresses that are at hand already.
fn narrow(
    cx: &mut Cx<'_>,
    args: &ListPublicIpAddresses,
    states: States,
    mut found: Vec<Found>,
) -> Result<Rows<IpAddressView>, Fault> {
    let network = cx.row_opt(args.associatednetworkid.as_ref())?;
    let vpc = cx.row_opt(args.vpcid.as_ref())?;
    let zone = cx.row_opt(args.zoneid.as_ref())?;
    let range = cx.row_opt(args.vlanid.as_ref())?;
    let keyword = args.paged.keyword.as_deref();
    found.retain(|one| {
        let row = one.row.as_ref();
        let is = |wanted: Option<i64>, have: Option<i64>| wanted.is_none() || wanted == have;
        let flag = |wanted: Option<bool>, have: Option<bool>| wanted.is_none() || wanted == have;
        states.has(row.map_or(AddressState::Free, |row| row.state))
            && is(network, row.and_then(|row| row.network_id))
            && is(vpc, row.and_then(|row| row.vpc_id))
            && is(zone, Some(one.place.range.zone_id))
            && is(range, Some(one.place.range.id))
            && flag(args.issourcenat, row.map(|row| row.source_nat))
            && flag(args.isstaticnat, row.map(|row| row.static_nat))
            && flag(args.fordisplay, row.map(|row| row.display))
            && keyword.is_none_or(|part| one.place.ip.to_string().contains(part))
    });
    keep_tagged(cx, args, &mut found)?;
    keep_visible(cx, args, &mut found)?;
    let page = args.paged.page()?;
    let total = found.len() as u64;
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let shown: Vec<_> = found.into_iter().skip(index(page.skip)).take(index(page.size)).collect();
    show_all(cx, &shown, total)
}

/// Keeps those with one of the tags that are asked for.
fn keep_tagged(
    cx: &mut Cx<'_>,
    args: &ListPublicIpAddresses,
    found: &mut Vec<Found>,
) -> Result<(), Fault> {
    let Some(tags) = &args.tags else { return Ok(()) };
    let wanted = words_of(tags)?;
    let mut kept = Vec::new();
    for one in found.drain(..) {
        if let Some(row) = &one.row
            && cx.has_tag((EntityKind::Address, row.range_id, row.place), &wanted)?
        {
            kept.push(one);
        }
    }
    *found = kept;
    Ok(())
}

/// Keeps those of the accounts that are asked for, and free ones that the caller could get.
fn keep_visible(
    cx: &mut Cx<'_>,
    args: &ListPublicIpAddresses,
    found: &mut Vec<Found>,
) -> Result<(), Fault> {
    let scope = args.owned.scope(cx, true)?;
    let owned = args.owned.account.is_some() || args.owned.domainid.is_some();
    let caller = cx.caller_owner();
    let mut kept = Vec::with_capacity(found.len());
    for one in found.drain(..) {
        let visible = match &one.row {
            Some(row) => cx.is_in(&scope, Owner::from(row))?,
            None => {
                !owned && (cx.caller.is_root() || cx.is_for(one.place.range.guard(), caller)?)
            }
        };
        if visible {
            kept.push(one);
        }
    }
    *found = kept;
    Ok(())
}
