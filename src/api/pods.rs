//! Pods.

use crate::api::capacity::{CapacityView, capacities};
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::pods::{self as engine, PodSaid};
use crate::engine::{Cx, pod_ranges};
use crate::model::{Allocation, Pod, PodRange, Uid, Zone};
use crate::schema::{Fault, Id, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A pod, as `listPods` shows it.
    PodView in "PodResponse" shows ["name", "id", "zonename", "gateway", "netmask", "startip",
        "endip", "allocationstate"] {
        /// the id of the pod
        id: Uid,
        /// the name of the pod
        name: String,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the gateway of the management subnet
        gateway: Ipv4Addr,
        /// the netmask of the management subnet
        netmask: Ipv4Addr,
        /// the first management addresses of the pod's ranges
        startip: Vec<Ipv4Addr>,
        /// the last management addresses of the pod's ranges
        endip: Vec<Ipv4Addr>,
        /// for each range, 1 if it is kept for system VMs, else 0
        forsystemvms: Vec<&'static str>,
        /// the VLANs of the pod's ranges
        vlanid: Vec<String>,
        /// the pod's ranges
        ipranges: Vec<PodRangeView>,
        /// whether the pod takes new things: `Enabled` or `Disabled`
        allocationstate: &'static str,
        /// how many management addresses there are, and how many are taken
        capacity: Option<Vec<CapacityView>>,
    }
}

view! {
    /// A range of management addresses.
    PodRangeView in "IpRangeResponse" shows ["startip", "endip"] {
        /// the first address
        startip: Ipv4Addr,
        /// the last address
        endip: Ipv4Addr,
        /// 1 if the range is kept for system VMs, else 0
        forsystemvms: &'static str,
        /// the VLAN
        vlanid: String,
        /// the gateway
        gateway: Ipv4Addr,
        /// the subnet
        cidr: Option<String>,
    }
}

api! {
    /// Lists pods.
    now list "listPods" { key: "pod", example: "list pods zoneid=sandbox" } => list -> PodView;
    ListPods {
        /// the id of the pod
        id: Option<Id<Pod>>,
        /// the name of the pod
        name: Option<Text>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// `Enabled` or `Disabled`
        allocationstate: Option<Allocation>,
        /// true to show how many management addresses of each pod are taken
        showcapacities: Option<bool>,
        ..paged: Paged,
    }
}

api! {
    /// Makes a pod in a zone.
    now object "createPod" { key: "pod", event: "POD.CREATE", example: "create pod zoneid=sandbox \
        name=rack2 gateway=172.16.1.1 netmask=255.255.255.0 startip=172.16.1.2" } => create
    -> PodView;
    CreatePod {
        /// the name of the pod
        name: Text,
        /// the id of the zone
        zoneid: Id<Zone>,
        /// the gateway of the management subnet; must be given
        gateway: Option<Ipv4Addr>,
        /// the netmask of the management subnet; must be given
        netmask: Option<Ipv4Addr>,
        /// the first address that the system may use; must be given
        startip: Option<Ipv4Addr>,
        /// the last address that the system may use; without it the last host of the subnet
        endip: Option<Ipv4Addr>,
        /// `Enabled`, as it is without this, or `Disabled`
        allocationstate: Option<Allocation>,
    }
}

api! {
    /// Changes a pod.
    now object "updatePod" { key: "pod", event: "POD.EDIT",
        example: "update pod id=sandbox-pod endip=172.16.0.200" } => update -> PodView;
    UpdatePod {
        /// the id of the pod
        id: Id<Pod>,
        /// the new name of the pod
        name: Option<Text>,
        /// the gateway of the management subnet
        gateway: Option<Ipv4Addr>,
        /// the netmask of the management subnet
        netmask: Option<Ipv4Addr>,
        /// the first address that the system may use
        startip: Option<Ipv4Addr>,
        /// the last address that the system may use
        endip: Option<Ipv4Addr>,
        /// `Enabled` or `Disabled`
        allocationstate: Option<Allocation>,
    }
}

api! {
    /// Deletes a pod that no VLAN IP range belongs to and no address of which is taken.
    now success "deletePod" { event: "POD.DELETE", example: "delete pod id=rack2" } => delete;
    DeletePod {
        /// the id of the pod
        id: Id<Pod>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListPods) -> Result<Rows<PodView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("state", args.allocationstate);
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<Pod>(cx, "id")?;
    let mut rows = Vec::with_capacity(found.len());
    for pod in found {
        let (zone, id) = (cx.must(pod.zone_id)?, Some(pod.id));
        let wanted = args.showcapacities == Some(true);
        let capacity = wanted.then(|| capacities(cx, &zone, id)).transpose()?;
        rows.push(PodView { capacity, ..show(cx, pod)? });
    }
    Ok(Rows { rows, total })
}

fn create(cx: &mut Cx<'_>, args: &CreatePod) -> Result<PodView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let said = PodSaid {
        name: Some(args.name.to_string()),
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        state: args.allocationstate,
    };
    let pod = engine::create_pod(cx, &zone, said)?;
    show(cx, pod)
}

fn update(cx: &mut Cx<'_>, args: &UpdatePod) -> Result<PodView, Fault> {
    let old = cx.find(&args.id)?;
    let said = PodSaid {
        name: args.name.as_deref().map(str::to_owned),
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        state: args.allocationstate,
    };
    let pod = engine::update_pod(cx, &old, said)?;
    show(cx, pod)
}

fn delete(cx: &mut Cx<'_>, args: &DeletePod) -> Result<(), Fault> {
    let pod = cx.find(&args.id)?;
    engine::delete_pod(cx, pod)
}

/// A pod with its ranges.
pub(crate) fn show(cx: &mut Cx<'_>, pod: Pod) -> Result<PodView, Fault> {
    let zone: Zone = cx.must(pod.zone_id)?;
    let cidr = engine::cidr_of(&pod).map(|cidr| cidr.to_string());
    let ranges = pod_ranges::of(cx, pod.id)?;
    let shown = ranges.iter().map(|range| PodRangeView {
        startip: range.first,
        endip: range.last,
        forsystemvms: flag(range),
        vlanid: range.vlan.clone(),
        gateway: pod.gateway,
        cidr: cidr.clone(),
    });
    Ok(PodView {
        id: cx.uid::<Pod>(pod.id),
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        gateway: pod.gateway,
        netmask: pod.netmask,
        startip: ranges.iter().map(|range| range.first).collect(),
        endip: ranges.iter().map(|range| range.last).collect(),
        forsystemvms: ranges.iter().map(flag).collect(),
        vlanid: ranges.iter().map(|range| range.vlan.clone()).collect(),
        ipranges: shown.collect(),
        allocationstate: pod.state.word(),
        capacity: None,
        name: pod.name,
    })
}

fn flag(range: &PodRange) -> &'static str {
    if range.for_system_vms { "1" } else { "0" }
}
