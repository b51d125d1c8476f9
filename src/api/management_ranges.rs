//! Management addresses of pods: their ranges, and those that are taken by hand.

use crate::api::api;
use crate::api::pods::{PodView, show};
use crate::engine::pod_ranges::{self as engine, NewPodRange};
use crate::engine::{Cx, pod_addresses, pods};
use crate::model::{Pod, Zone};
use crate::schema::{Exception, Fault, Id, Text, view};
use std::net::Ipv4Addr;

api! {
    /// Gives a pod another range of management addresses.
    job object "createManagementNetworkIpRange" { key: "pod", since: "4.11.0.0",
        event: "MANAGEMENT.IP.RANGE.CREATE",
        example: "create management network ip range podid=rack2 gateway=172.16.1.1 \
            netmask=255.255.255.0 startip=172.16.1.200 endip=172.16.1.220 forsystemvms=true",
    } => create -> PodView;
    CreateManagementNetworkIpRange {
        /// the id of the pod
        podid: Id<Pod>,
        /// the gateway, which must be that of the pod
        gateway: Ipv4Addr,
        /// the netmask, which must be that of the pod
        netmask: Ipv4Addr,
        /// the first address
        startip: Ipv4Addr,
        /// the last address; without it the first one
        endip: Option<Ipv4Addr>,
        /// true to keep the range for system VMs
        forsystemvms: Option<bool>,
        /// the VLAN; without it `untagged`
        vlan: Option<Text>,
    }
}

api! {
    /// Takes a range of management addresses from a pod; none of them may be taken.
    job success "deleteManagementNetworkIpRange" { since: "4.11.0.0",
        event: "MANAGEMENT.IP.RANGE.DELETE",
        example: "delete management network ip range podid=rack2 startip=172.16.1.200 \
            endip=172.16.1.220 vlan=untagged",
    } => delete;
    DeleteManagementNetworkIpRange {
        /// the id of the pod
        podid: Id<Pod>,
        /// the first address of the range
        startip: Ipv4Addr,
        /// the last address of the range
        endip: Ipv4Addr,
        /// the VLAN of the range
        vlan: Text,
    }
}

api! {
    /// Gives a range of management addresses of a pod other ends.
    job success "updatePodManagementNetworkIpRange" { since: "4.16.0.0",
        event: "MANAGEMENT.IP.RANGE.UPDATE",
        example: "update pod management network ip range podid=rack2 \
            currentstartip=172.16.1.200 currentendip=172.16.1.220 newendip=172.16.1.230",
    } => update;
    UpdatePodManagementNetworkIpRange {
        /// the id of the pod
        podid: Id<Pod>,
        /// the first address that the range has
        currentstartip: Ipv4Addr,
        /// the last address that the range has
        currentendip: Ipv4Addr,
        /// the first address that it is to have
        newstartip: Option<Ipv4Addr>,
        /// the last address that it is to have
        newendip: Option<Ipv4Addr>,
    }
}

view! {
    /// A management address that was taken by hand.
    PodAddressView in "AcquirePodIpCmdResponse" shows ["ipaddress", "id", "gateway", "cidr"] {
        /// the number of the address, by which it is released
        id: i64,
        /// the address
        ipaddress: Ipv4Addr,
        /// the gateway of the pod
        gateway: Ipv4Addr,
        /// the subnet of the pod
        cidr: Option<String>,
        /// the number of the pod
        podid: i64,
        /// the number of the interface; 0, as there is none
        nicid: i64,
        /// a MAC address for it, as a number
        hostmac: i64,
    }
}

api! {
    /// Takes a management address of a pod, the lowest free one, for a machine of your own.
    now object "acquirePodIpAddress" { key: "acquirepodipaddressresponse",
        event: "POD.IP.ACQUIRE", example: "acquire pod ip address zoneid=sandbox" }
    => acquire -> PodAddressView;
    AcquirePodIpAddress {
        /// the id of the zone
        zoneid: Id<Zone>,
        /// the id of the pod; without it the first one of the zone that has a free address
        podid: Option<Id<Pod>>,
    }
}

api! {
    /// Gives a management address back that was taken with acquirePodIpAddress.
    now success "releasePodIpAddress" { event: "POD.IP.RELEASE",
        example: "release pod ip address id=1" } => release;
    ReleasePodIpAddress {
        /// the number of the address, as acquirePodIpAddress told it
        id: i64,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateManagementNetworkIpRange) -> Result<PodView, Fault> {
    let pod: Pod = cx.find(&args.podid)?;
    let new = NewPodRange {
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        for_system_vms: args.forsystemvms == Some(true),
        vlan: args.vlan.as_deref().map(str::to_owned),
    };
    engine::create(cx, &pod, &new)?;
    show(cx, pod)
}

fn delete(cx: &mut Cx<'_>, args: &DeleteManagementNetworkIpRange) -> Result<(), Fault> {
    let pod = cx.find(&args.podid)?;
    engine::remove(cx, &pod, (args.startip, args.endip), &args.vlan)
}

fn update(cx: &mut Cx<'_>, args: &UpdatePodManagementNetworkIpRange) -> Result<(), Fault> {
    let pod = cx.find(&args.podid)?;
    let ends = (args.currentstartip, args.currentendip);
    engine::update(cx, &pod, ends, (args.newstartip, args.newendip))
}

/// A pod that there is not is no wrong parameter but nothing to allocate from, as in CloudStack.
fn acquire(cx: &mut Cx<'_>, args: &AcquirePodIpAddress) -> Result<PodAddressView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let pod = cx.find_opt(args.podid.as_ref());
    let pod = pod.map_err(|fault| Fault { exception: Exception::ResourceAllocation, ..fault })?;
    let (pod, address) = pod_addresses::acquire(cx, &zone, pod)?;
    Ok(PodAddressView {
        id: address.id,
        ipaddress: address.ip,
        gateway: pod.gateway,
        cidr: pods::cidr_of(&pod).map(|cidr| cidr.to_string()),
        podid: pod.id,
        nicid: 0,
        // Locally administered (IEEE 802), and one for each address.
        hostmac: (6 << 40) | i64::from(address.ip.to_bits()),
    })
}

fn release(cx: &mut Cx<'_>, args: &ReleasePodIpAddress) -> Result<(), Fault> {
    pod_addresses::give_back(cx, args.id)
}
