//! Physical networks.

use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::physical_networks::{self as engine, NewPhysicalNetwork, PhysicalNetworkChange};
use crate::model::{Allocation, Domain, PhysicalNetwork, Uid, Zone};
use crate::schema::{Fault, Id, List, Text, view};

view! {
    /// A physical network, as `listPhysicalNetworks` shows it.
    PhysicalNetworkView in "PhysicalNetworkResponse" shows ["name", "id", "zonename",
        "isolationmethods", "vlan", "state"] {
        /// the id of the physical network
        id: Uid,
        /// the name of the physical network
        name: String,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// whether networks may be made on it: `Enabled` or `Disabled`
        state: &'static str,
        /// how networks are kept apart, for example `VLAN` or `VXLAN`
        isolationmethods: Option<String>,
        /// the VLANs or VNIs for guest networks, for example `100-200,300-400`
        vlan: Option<String>,
        /// `ZONE` or `POD`: how far a broadcast reaches
        broadcastdomainrange: String,
        /// the speed
        networkspeed: Option<String>,
        /// the tag that ties offerings to it
        tags: Option<String>,
        /// the id of the domain that it belongs to
        domainid: Option<Uid>,
    }
}

api! {
    /// Lists physical networks.
    now list "listPhysicalNetworks" { key: "physicalnetwork", since: "3.0.0",
        example: "list physical networks zoneid=sandbox" } => list -> PhysicalNetworkView;
    ListPhysicalNetworks {
        /// the id of the physical network
        id: Option<Id<PhysicalNetwork>>,
        /// the name of the physical network
        name: Option<Text>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        ..paged: Paged,
    }
}

api! {
    /// Makes a physical network in a zone that is disabled.
    create object "createPhysicalNetwork" { key: "physicalnetwork", since: "3.0.0",
        event: "PHYSICAL.NETWORK.CREATE", example: "create physical network zoneid=west name=core \
            isolationmethods=VXLAN vlan=5000-5999" } => create -> PhysicalNetworkView;
    CreatePhysicalNetwork {
        /// the name of the physical network
        name: Text,
        /// the id of the zone
        zoneid: Id<Zone>,
        /// how networks are kept apart: one of VLAN, VXLAN, GRE, STT, L3, VCS, NSX, NETRIS
        isolationmethods: Option<List<String>>,
        /// the VLANs or VNIs for guest networks, for example `100-200,300-400`
        vlan: Option<String>,
        /// the tag that ties offerings to it
        tags: Option<List<String>>,
        /// `Zone` in an advanced zone, `Pod` in a basic one
        broadcastdomainrange: Option<Text>,
        /// the speed, for example `10G`
        networkspeed: Option<Text>,
        /// the id of the domain that it belongs to
        domainid: Option<Id<Domain>>,
    }
}

api! {
    /// Changes a physical network.
    job object "updatePhysicalNetwork" { key: "physicalnetwork", since: "3.0.0",
        event: "PHYSICAL.NETWORK.UPDATE",
        example: "update physical network id=sandbox-physical vlan=5000-1004999,2000000-2000999"
    } => update -> PhysicalNetworkView;
    UpdatePhysicalNetwork {
        /// the id of the physical network
        id: Id<PhysicalNetwork>,
        /// all VLANs or VNIs that it has from now on; empty for none
        vlan: Option<String>,
        /// the tag that ties offerings to it
        tags: Option<List<String>>,
        /// `Enabled` or `Disabled`
        state: Option<Allocation>,
        /// the speed, for example `10G`
        networkspeed: Option<Text>,
    }
}

api! {
    /// Deletes a physical network that no guest network and no VLAN IP range needs.
    job success "deletePhysicalNetwork" { event: "PHYSICAL.NETWORK.DELETE", since: "3.0.0",
        example: "delete physical network id=core" } => delete;
    DeletePhysicalNetwork {
        /// the id of the physical network
        id: Id<PhysicalNetwork>,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListPhysicalNetworks) -> Result<Rows<PhysicalNetworkView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.keyword(&["name"]);
    let (found, total) = filter.living::<PhysicalNetwork>(cx, "id")?;
    let rows = found.into_iter().map(|physical| show(cx, physical)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn create(cx: &mut Cx<'_>, args: &CreatePhysicalNetwork) -> Result<PhysicalNetworkView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let domain = cx.find_opt(args.domainid.as_ref())?;
    let new = NewPhysicalNetwork {
        name: args.name.to_string(),
        isolation: words(args.isolationmethods.as_ref()).unwrap_or_default(),
        tags: words(args.tags.as_ref()).unwrap_or_default(),
        vlan: args.vlan.clone(),
        broadcast_domain: args.broadcastdomainrange.as_deref().map(str::to_owned),
        speed: args.networkspeed.as_deref().map(str::to_owned),
        domain_id: domain.map(|domain: Domain| domain.id),
    };
    let physical = engine::create_physical_network(cx, &zone, new)?;
    show(cx, physical)
}

fn update(cx: &mut Cx<'_>, args: &UpdatePhysicalNetwork) -> Result<PhysicalNetworkView, Fault> {
    let physical = cx.find(&args.id)?;
    let change = PhysicalNetworkChange {
        vlan: args.vlan.clone(),
        tags: words(args.tags.as_ref()),
        state: args.state,
        speed: args.networkspeed.as_deref().map(str::to_owned),
    };
    let physical = engine::update_physical_network(cx, physical, change)?;
    show(cx, physical)
}

fn delete(cx: &mut Cx<'_>, args: &DeletePhysicalNetwork) -> Result<(), Fault> {
    let physical = cx.find(&args.id)?;
    engine::delete_physical_network(cx, physical)
}

fn words(list: Option<&List<String>>) -> Option<Vec<String>> {
    list.map(|list| list.0.clone())
}

fn show(cx: &mut Cx<'_>, physical: PhysicalNetwork) -> Result<PhysicalNetworkView, Fault> {
    let zone: Zone = cx.must(physical.zone_id)?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(PhysicalNetworkView {
        id: cx.uid::<PhysicalNetwork>(physical.id),
        name: physical.name,
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        state: physical.state.word(),
        isolationmethods: given(physical.isolation),
        vlan: given(physical.vnets),
        broadcastdomainrange: physical.broadcast_domain,
        networkspeed: physical.speed,
        tags: given(physical.tags),
        domainid: cx.uid_opt::<Domain>(physical.domain_id),
    })
}
