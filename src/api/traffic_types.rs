//! Traffic types of physical networks.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, traffic_types as engine};
use crate::model::{PhysicalNetwork, TrafficKind, TrafficType, Uid};
use crate::net::{IsolationMethod, VlanTag};
use crate::schema::{Fault, Id, Text, group, view};
use crate::text::quoted;

view! {
    /// A traffic type, as `listTrafficTypes` shows it.
    TrafficTypeView in "TrafficTypeResponse" shows ["traffictype", "id", "kvmnetworklabel",
        "vmwarenetworklabel", "xennetworklabel"] {
        /// the id of the traffic type
        id: Uid,
        /// the id of the physical network
        physicalnetworkid: Uid,
        /// what travels: `Public`, `Management`, `Storage` or `Guest`
        traffictype: &'static str,
        /// the name of the bridge or switch on Hyper-V
        hypervnetworklabel: Option<String>,
        /// the name of the bridge on KVM
        kvmnetworklabel: Option<String>,
        /// the name of the network on OVM3
        ovm3networklabel: Option<String>,
        /// the name of the switch on VMware
        vmwarenetworklabel: Option<String>,
        /// the name of the network on XenServer
        xennetworklabel: Option<String>,
    }
}

group! {
    /// What the network that carries a traffic type is called on each hypervisor.
    Labels {
        /// the name of the bridge or switch on Hyper-V
        hypervnetworklabel: Option<String>,
        /// the name of the bridge on KVM
        kvmnetworklabel: Option<String>,
        /// the name of the network on OVM3
        ovm3networklabel: Option<String>,
        /// the name of the switch on VMware
        vmwarenetworklabel: Option<String>,
        /// the name of the network on XenServer
        xennetworklabel: Option<String>,
    }
}

api! {
    /// Lists the traffic types of a physical network.
    now list "listTrafficTypes" { key: "traffictype", since: "3.0.0",
        example: "list traffic types physicalnetworkid=sandbox-physical"
    } => list -> TrafficTypeView;
    ListTrafficTypes {
        /// the id of the physical network
        physicalnetworkid: Id<PhysicalNetwork>,
        ..paged: Paged,
    }
}

api! {
    /// Adds a traffic type to a physical network.
    create object "addTrafficType" { key: "traffictype", since: "3.0.0",
        event: "TRAFFIC.TYPE.CREATE", example: "add traffic type physicalnetworkid=core \
            traffictype=Guest kvmnetworklabel=cloudbr1" } => add -> TrafficTypeView;
    AddTrafficType {
        /// the id of the physical network
        physicalnetworkid: Id<PhysicalNetwork>,
        /// what travels: `Public`, `Management`, `Storage` or `Guest`
        traffictype: TrafficKind,
        /// the VLAN of management traffic on VMware
        vlan: Option<Text>,
        /// the isolation method of public traffic, `vlan` or `vxlan`
        isolationmethod: Option<Text>,
        ..labels: Labels,
    }
}

api! {
    /// Changes the labels of a traffic type; an empty one is taken away.
    job object "updateTrafficType" { key: "traffictype", since: "3.0.0",
        event: "TRAFFIC.TYPE.UPDATE",
        example: "update traffic type id=ID kvmnetworklabel=cloudbr2",
    } => update -> TrafficTypeView;
    UpdateTrafficType {
        /// the id of the traffic type
        id: Id<TrafficType>,
        ..labels: Labels,
    }
}

api! {
    /// Deletes a traffic type that nothing on its physical network needs.
    job success "deleteTrafficType" { event: "TRAFFIC.TYPE.DELETE", since: "3.0.0",
        example: "delete traffic type id=ID" } => delete;
    DeleteTrafficType {
        /// the id of the traffic type
        id: Id<TrafficType>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListTrafficTypes) -> Result<Rows<TrafficTypeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("physical_network_id", Some(cx.row(&args.physicalnetworkid)?));
    filter.keyword(&["type"]);
    let (found, total) = filter.living::<TrafficType>(cx, "id")?;
    Ok(Rows { rows: found.into_iter().map(|traffic| show(cx, traffic)).collect(), total })
}

fn add(cx: &mut Cx<'_>, args: &AddTrafficType) -> Result<TrafficTypeView, Fault> {
    let physical = cx.find(&args.physicalnetworkid)?;
    check_isolation(args.isolationmethod.as_deref())?;
    let vlan = args.vlan.as_deref().map(VlanTag::parse).transpose();
    vlan.map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))?;
    let mut new = TrafficType {
        id: 0,
        physical_network_id: physical.id,
        kind: args.traffictype,
        xenserver: None,
        kvm: None,
        vmware: None,
        hyperv: None,
        ovm3: None,
        vlan: args.vlan.as_deref().map(str::to_owned),
        removed: None,
    };
    args.labels.put_on(&mut new);
    let traffic = engine::add_traffic_type(cx, &physical, new)?;
    Ok(show(cx, traffic))
}

fn update(cx: &mut Cx<'_>, args: &UpdateTrafficType) -> Result<TrafficTypeView, Fault> {
    let mut traffic = cx.find(&args.id)?;
    args.labels.put_on(&mut traffic);
    engine::update_traffic_type(cx, &traffic)?;
    Ok(show(cx, traffic))
}

fn delete(cx: &mut Cx<'_>, args: &DeleteTrafficType) -> Result<(), Fault> {
    let traffic = cx.find(&args.id)?;
    engine::delete_traffic_type(cx, traffic)
}

impl Labels {
    /// Writes the labels that are given; a blank one takes the old one away.
    fn put_on(&self, traffic: &mut TrafficType) {
        for (given, label) in [
            (&self.hypervnetworklabel, &mut traffic.hyperv),
            (&self.kvmnetworklabel, &mut traffic.kvm),
            (&self.ovm3networklabel, &mut traffic.ovm3),
            (&self.vmwarenetworklabel, &mut traffic.vmware),
            (&self.xennetworklabel, &mut traffic.xenserver),
        ] {
            if let Some(given) = given {
                *label = Some(given.clone()).filter(|text| !text.trim().is_empty());
            }
        }
    }
}

/// The method is that of the VLAN IP ranges, each of which says it itself, so it is only checked.
fn check_isolation(given: Option<&str>) -> Result<(), Fault> {
    let Some(given) = given else { return Ok(()) };
    match IsolationMethod::parse(given) {
        Ok(IsolationMethod::Vlan | IsolationMethod::Vxlan) => Ok(()),
        _ => Err(Fault::invalid(format!(
            "Invalid parameter isolationmethod: {} is neither `vlan` nor `vxlan`",
            quoted(given)
        ))),
    }
}

fn show(cx: &Cx<'_>, traffic: TrafficType) -> TrafficTypeView {
    TrafficTypeView {
        id: cx.uid::<TrafficType>(traffic.id),
        physicalnetworkid: cx.uid::<PhysicalNetwork>(traffic.physical_network_id),
        traffictype: traffic.kind.word(),
        hypervnetworklabel: traffic.hyperv,
        kvmnetworklabel: traffic.kvm,
        ovm3networklabel: traffic.ovm3,
        vmwarenetworklabel: traffic.vmware,
        xennetworklabel: traffic.xenserver,
    }
}
