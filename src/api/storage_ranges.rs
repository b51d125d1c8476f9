//! Ranges of storage addresses of pods.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::storage_ranges::{self as engine, NewStorageRange, StorageRangeChange};
use crate::engine::{Cx, zones};
use crate::model::{Network, Pod, StorageRange, TrafficKind, Uid, Zone};
use crate::schema::{Fault, Id, view};
use std::net::Ipv4Addr;

view! {
    /// A range of storage addresses, as `listStorageNetworkIpRange` shows it.
    StorageRangeView in "StorageNetworkIpRangeResponse" shows ["startip", "endip", "vlan",
        "gateway", "netmask", "id"] {
        /// the id of the range
        id: Uid,
        /// the id of the zone
        zoneid: Uid,
        /// the id of the pod
        podid: Uid,
        /// the id of the zone's network for storage traffic
        networkid: Uid,
        /// the gateway
        gateway: Ipv4Addr,
        /// the netmask
        netmask: Ipv4Addr,
        /// the first address
        startip: Ipv4Addr,
        /// the last address
        endip: Ipv4Addr,
        /// the VLAN
        vlan: Option<i64>,
    }
}

api! {
    /// Lists ranges of storage addresses of pods.
    now list "listStorageNetworkIpRange" { key: "storagenetworkiprange", since: "3.0.0",
        example: "list storage network ip range zoneid=sandbox" } => list -> StorageRangeView;
    ListStorageNetworkIpRange {
        /// the id of the range
        id: Option<Id<StorageRange>>,
        /// the id of the pod
        podid: Option<Id<Pod>>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        ..paged: Paged,
    }
}

api! {
    /// Gives a pod a range of addresses for the traffic to secondary storage.
    job object "createStorageNetworkIpRange" { key: "storagenetworkiprange", since: "3.0.0",
        event: "STORAGE.IP.RANGE.CREATE",
        example: "create storage network ip range podid=rack2 gateway=172.17.1.1 \
            netmask=255.255.255.0 startip=172.17.1.2 endip=172.17.1.50",
    } => create -> StorageRangeView;
    CreateStorageNetworkIpRange {
        /// the id of the pod
        podid: Id<Pod>,
        /// the gateway
        gateway: Ipv4Addr,
        /// the netmask
        netmask: Ipv4Addr,
        /// the first address
        startip: Ipv4Addr,
        /// the last address; without it the first one
        endip: Option<Ipv4Addr>,
        /// the VLAN; without it the traffic is untagged
        vlan: Option<i32>,
    }
}

api! {
    /// Changes a range of storage addresses of which none is taken.
    job object "updateStorageNetworkIpRange" { key: "storagenetworkiprange", since: "3.0.0",
        event: "STORAGE.IP.RANGE.UPDATE",
        example: "update storage network ip range id=ID endip=172.17.1.80",
    } => update -> StorageRangeView;
    UpdateStorageNetworkIpRange {
        /// the id of the range
        id: Id<StorageRange>,
        /// the netmask
        netmask: Option<Ipv4Addr>,
        /// the first address
        startip: Option<Ipv4Addr>,
        /// the last address
        endip: Option<Ipv4Addr>,
        /// the VLAN
        vlan: Option<i32>,
    }
}

api! {
    /// Deletes a range of storage addresses of which none is taken.
    job success "deleteStorageNetworkIpRange" { since: "3.0.0",
        event: "STORAGE.IP.RANGE.DELETE", example: "delete storage network ip range id=ID"
    } => delete;
    DeleteStorageNetworkIpRange {
        /// the id of the range
        id: Id<StorageRange>,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListStorageNetworkIpRange,
) -> Result<Rows<StorageRangeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("pod_id", cx.row_opt(args.podid.as_ref())?);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    // A range has no name to look for.
    let (found, total) = filter.living::<StorageRange>(cx, "id")?;
    let rows = found.into_iter().map(|range| show(cx, &range)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn create(cx: &mut Cx<'_>, args: &CreateStorageNetworkIpRange) -> Result<StorageRangeView, Fault> {
    let pod = cx.find(&args.podid)?;
    let new = NewStorageRange {
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        vlan: args.vlan.map(i64::from),
    };
    let range = engine::create(cx, &pod, &new)?;
    show(cx, &range)
}

fn update(cx: &mut Cx<'_>, args: &UpdateStorageNetworkIpRange) -> Result<StorageRangeView, Fault> {
    let range = cx.find(&args.id)?;
    let change = StorageRangeChange {
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        vlan: args.vlan.map(i64::from),
    };
    let range = engine::update(cx, range, &change)?;
    show(cx, &range)
}

fn delete(cx: &mut Cx<'_>, args: &DeleteStorageNetworkIpRange) -> Result<(), Fault> {
    let range = cx.find(&args.id)?;
    engine::remove(cx, range)
}

fn show(cx: &mut Cx<'_>, range: &StorageRange) -> Result<StorageRangeView, Fault> {
    let network = zones::system_network_of(cx, range.zone_id, TrafficKind::Storage)?;
    Ok(StorageRangeView {
        id: cx.uid::<StorageRange>(range.id),
        zoneid: cx.uid::<Zone>(range.zone_id),
        podid: cx.uid::<Pod>(range.pod_id),
        networkid: cx.uid::<Network>(network.id),
        gateway: range.gateway,
        netmask: range.netmask,
        startip: range.first,
        endip: range.last,
        vlan: range.vlan,
    })
}
