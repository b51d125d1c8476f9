//! Ranges of portable addresses.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, NewPortableRange};
use crate::model::{Account, AddressState, Domain, Network, PortableRange, Time, Uid, Vpc};
use crate::net::Range4;
use crate::schema::{Fault, Id, Text, view};
use std::collections::HashMap;
use std::net::Ipv4Addr;

/// The most addresses that are listed with their range.
const LISTED: u64 = 1024;

view! {
    /// A portable IP range, as `listPortableIpRanges` shows it.
    PortableRangeView in "PortableIpRangeResponse" shows ["id", "startip", "endip", "vlan",
        "regionid"] {
        /// the id of the range
        id: Uid,
        /// the id of the region
        regionid: i64,
        /// the VLAN, as `vlan://100`
        vlan: String,
        /// the gateway
        gateway: Ipv4Addr,
        /// the netmask
        netmask: Ipv4Addr,
        /// the first address
        startip: Ipv4Addr,
        /// the last address
        endip: Ipv4Addr,
        /// the addresses of the range, where it was asked for by its id and has no more than 1024
        portableipaddress: Option<Vec<PortableAddressView>>,
    }
}

view! {
    /// An address of a portable IP range.
    PortableAddressView in "PortableIpResponse" shows ["ipaddress", "state"] {
        /// the address
        ipaddress: Ipv4Addr,
        /// the state of the address
        state: &'static str,
        /// the id of the region
        regionid: i64,
        /// the id of the account that holds it
        accountid: Option<Uid>,
        /// the id of the account's domain
        domainid: Option<Uid>,
        /// the id of the network that it is associated with
        networkid: Option<Uid>,
        /// the id of the VPC that it belongs to
        vpcid: Option<Uid>,
        /// when it was acquired
        allocated: Option<Time>,
    }
}

api! {
    /// Adds a range of portable addresses to a region.
    create object "createPortableIpRange" {
        key: "portableiprange", event: "PORTABLE.IP.RANGE.CREATE", since: "4.2.0",
        example: "create portable ip range regionid=1 startip=198.51.100.2 endip=198.51.100.9 \
                  gateway=198.51.100.1 netmask=255.255.255.0",
    } => create -> PortableRangeView;
    CreatePortableIpRange {
        /// the id of the region
        regionid: u32,
        /// the first address
        startip: Ipv4Addr,
        /// the last address
        endip: Ipv4Addr,
        /// the gateway
        gateway: Ipv4Addr,
        /// the netmask
        netmask: Ipv4Addr,
        /// the id of the VLAN, 1 to 4094; untagged when left out
        vlan: Option<Text>,
    }
}

api! {
    /// Lists ranges of portable addresses.
    now list "listPortableIpRanges" {
        key: "portableiprange", example: "list portable ip ranges regionid=1",
    } => list -> PortableRangeView;
    ListPortableIpRanges {
        /// the id of the range
        id: Option<Id<PortableRange>>,
        /// the id of the region
        regionid: Option<u32>,
        ..paged: Paged,
    }
}

api! {
    /// Removes a range of portable addresses of which nobody holds one.
    job success "deletePortableIpRange" {
        event: "PORTABLE.IP.RANGE.DELETE", example: "delete portable ip range id=...",
    } => delete;
    DeletePortableIpRange {
        /// the id of the range
        id: Id<PortableRange>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreatePortableIpRange) -> Result<PortableRangeView, Fault> {
    let made = cx.create_portable_range(&NewPortableRange {
        region_id: args.regionid.into(),
        first: args.startip,
        last: args.endip,
        gateway: args.gateway,
        netmask: args.netmask,
        vlan: args.vlan.as_deref().map(str::to_owned),
    })?;
    Ok(show(cx, made, None))
}

fn list(cx: &mut Cx<'_>, args: &ListPortableIpRanges) -> Result<Rows<PortableRangeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("region_id", args.regionid.map(i64::from));
    filter.keyword(&["vlan"]);
    let (ranges, total) = filter.living::<PortableRange>(cx, "id")?;
    let mut rows = Vec::new();
    for range in ranges {
        let addresses = if args.id.is_some() { addresses(cx, &range)? } else { None };
        rows.push(show(cx, range, addresses));
    }
    Ok(Rows { rows, total })
}

fn delete(cx: &mut Cx<'_>, args: &DeletePortableIpRange) -> Result<(), Fault> {
    let range = cx.find(&args.id)?;
    cx.delete_portable_range(range)
}

/// All addresses of a range, unless they are too many.
fn addresses(
    cx: &mut Cx<'_>,
    range: &PortableRange,
) -> Result<Option<Vec<PortableAddressView>>, Fault> {
    let Ok(all) = Range4::new(range.first, range.last) else { return Ok(None) };
    if all.len() > LISTED {
        return Ok(None);
    }
    let held = cx.portable_addresses(range)?.into_iter();
    let held: HashMap<_, _> = held.map(|held| (held.place.unsigned_abs(), held)).collect();
    // A place is an offset in the subnet, as in the ranges of zones.
    let place = |ip: Ipv4Addr| u64::from(ip.to_bits() & !range.netmask.to_bits());
    let one = |ipaddress: Ipv4Addr| {
        let held = held.get(&place(ipaddress));
        PortableAddressView {
            ipaddress,
            state: held.map_or(AddressState::Free, |held| held.state).word(),
            regionid: range.region_id,
            accountid: held.map(|held| cx.uid::<Account>(held.account_id)),
            domainid: held.map(|held| cx.uid::<Domain>(held.domain_id)),
            networkid: held.and_then(|held| cx.uid_opt::<Network>(held.network_id)),
            vpcid: held.and_then(|held| cx.uid_opt::<Vpc>(held.vpc_id)),
            allocated: held.map(|held| held.allocated),
        }
    };
    Ok(Some((0..all.len()).filter_map(|offset| all.nth(offset)).map(one).collect()))
}

fn show(
    cx: &Cx<'_>,
    range: PortableRange,
    portableipaddress: Option<Vec<PortableAddressView>>,
) -> PortableRangeView {
    PortableRangeView {
        id: cx.uid::<PortableRange>(range.id),
        regionid: range.region_id,
        vlan: range.vlan,
        gateway: range.gateway,
        netmask: range.netmask,
        startip: range.first,
        endip: range.last,
        portableipaddress,
    }
}

#[cfg(test)]
mod tests;
