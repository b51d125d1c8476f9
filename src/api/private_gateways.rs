//! Private gateways of VPCs.

use crate::api::network_view::vlan_of;
use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::Paged;
use crate::api::{EVERYBODY, Rows, api};
use crate::engine::private_gateways::{self, NewPrivateGateway};
use crate::engine::{Cx, Owner};
use crate::model::{
    Acl, Network, NetworkOffering, PhysicalNetwork, PrivateGateway, PrivateGatewayState, Uid, Vpc,
    Zone,
};
use crate::net::VlanTag;
use crate::schema::{Fault, Id, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A private gateway of a VPC.
    PrivateGatewayView in "PrivateGatewayResponse" shows ["ipaddress", "gateway", "netmask",
        "vpcname", "vlan", "state", "aclname", "id"] root ["vlan", "physicalnetworkid"] {
        /// the id of the private gateway
        id: Uid,
        /// the address of the VPC's router in the private network
        ipaddress: Ipv4Addr,
        /// the router on the other side
        gateway: Ipv4Addr,
        /// the netmask of the private network
        netmask: Ipv4Addr,
        /// what keeps the private network apart, as `vlan://100`
        vlan: String,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the id of the VPC
        vpcid: Uid,
        /// the name of the VPC
        vpcname: String,
        /// the id of the physical network
        physicalnetworkid: Uid,
        /// the id of the guest network whose VLAN it is in
        associatednetworkid: Option<Uid>,
        /// the name of that network
        associatednetwork: Option<String>,
        /// `Ready`
        state: &'static str,
        /// whether traffic leaves with the address of the VPC's router
        sourcenatsupported: bool,
        /// the id of its ACL list
        aclid: Uid,
        /// the name of its ACL list
        aclname: String,
        /// whether somebody left a comment
        hasannotations: bool,
        ..owner: OwnerView,
    }
}

fn show(cx: &mut Cx<'_>, gateway: PrivateGateway) -> Result<PrivateGatewayView, Fault> {
    let zone: Zone = cx.must(gateway.zone_id)?;
    let vpc: Vpc = cx.must(gateway.vpc_id)?;
    let acl: Acl = cx.must(gateway.acl_id)?;
    let associated: Option<Network> = gateway.associated_id.map(|id| cx.must(id)).transpose()?;
    Ok(PrivateGatewayView {
        id: cx.uid::<PrivateGateway>(gateway.id),
        ipaddress: gateway.ip,
        gateway: gateway.gateway,
        netmask: gateway.netmask,
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        vpcid: cx.uid::<Vpc>(vpc.id),
        vpcname: vpc.name,
        physicalnetworkid: cx.uid::<PhysicalNetwork>(gateway.physical_network_id),
        associatednetworkid: cx.uid_opt::<Network>(gateway.associated_id),
        associatednetwork: associated.map(|network| network.name),
        state: gateway.state.word(),
        sourcenatsupported: gateway.source_nat,
        aclid: cx.uid::<Acl>(acl.id),
        aclname: acl.name,
        hasannotations: false,
        owner: OwnerView::of(cx, Owner::from(&gateway))?,
        vlan: gateway.vlan,
    })
}

api! {
    /// Gives a VPC a way out into a private network: a VLAN, or the network of other guests.
    create object "createPrivateGateway" { key: "privategateway", since: "4.17.0",
        event: "PRIVATE.GATEWAY.CREATE", roles: EVERYBODY, root_params: &["physicalnetworkid"],
        example: "create private gateway vpcid=web vlan=300 ipaddress=10.1.2.2 gateway=10.1.2.1 \
            netmask=255.255.255.0" } => create -> PrivateGatewayView;
    CreatePrivateGateway {
        /// the id of the VPC
        vpcid: Id<Vpc>,
        /// the address of the VPC's router in the private network
        ipaddress: Ipv4Addr,
        /// the router on the other side
        gateway: Ipv4Addr,
        /// the netmask of the private network
        netmask: Ipv4Addr,
        /// the VLAN of the private network; for root admins
        vlan: Option<Text>,
        /// the id of an isolated or L2 network whose VLAN it is, instead of vlan
        associatednetworkid: Option<Id<Network>>,
        /// whether the VLAN may be another network's too; for root admins
        bypassvlanoverlapcheck: Option<bool>,
        /// the id of the physical network; the only one that carries guest traffic, where nothing
        /// is said
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the id of the offering of the private network
        networkofferingid: Option<Id<NetworkOffering>>,
        /// whether traffic leaves with the address of the VPC's router; false when nothing is said
        sourcenatsupported: Option<bool>,
        /// the id of the ACL list; one that lets nothing through, where nothing is said
        aclid: Option<Id<Acl>>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreatePrivateGateway) -> Result<PrivateGatewayView, Fault> {
    let associated = args.associatednetworkid.as_ref();
    let new = NewPrivateGateway {
        vpc: cx.find(&args.vpcid)?,
        physical: cx.find_opt(args.physicalnetworkid.as_ref())?,
        vlan: args.vlan.as_deref().map(str::to_owned),
        associated: associated.map(|id| cx.usable_network(id)).transpose()?,
        shares_vlan: args.bypassvlanoverlapcheck == Some(true),
        offering: cx.find_opt(args.networkofferingid.as_ref())?,
        ip: args.ipaddress,
        gateway: args.gateway,
        netmask: args.netmask,
        source_nat: args.sourcenatsupported == Some(true),
        acl: cx.find_opt(args.aclid.as_ref())?,
    };
    let gateway = private_gateways::create(cx, &new)?;
    show(cx, gateway)
}

api! {
    /// Takes a private gateway from its VPC, if no static route leads to it.
    job success "deletePrivateGateway" { event: "PRIVATE.GATEWAY.DELETE", roles: EVERYBODY,
        example: "delete private gateway id=..." } => delete;
    DeletePrivateGateway {
        /// the id of the private gateway
        id: Id<PrivateGateway>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeletePrivateGateway) -> Result<(), Fault> {
    let gateway = cx.find(&args.id)?;
    private_gateways::delete(cx, gateway)
}

api! {
    /// Lists private gateways of VPCs.
    now list "listPrivateGateways" { key: "privategateway",
        example: "list private gateways vpcid=web" } => list -> PrivateGatewayView;
    ListPrivateGateways {
        /// the id of the private gateway
        id: Option<Id<PrivateGateway>>,
        /// the id of the VPC
        vpcid: Option<Id<Vpc>>,
        /// the address of the VPC's router
        ipaddress: Option<Ipv4Addr>,
        /// the VLAN, as `100` or `vlan://100`
        vlan: Option<Text>,
        /// only those in this state
        state: Option<PrivateGatewayState>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListPrivateGateways) -> Result<Rows<PrivateGatewayView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("vpc_id", cx.row_opt(args.vpcid.as_ref())?);
    filter.is("ip", args.ipaddress);
    filter.is("state", args.state);
    if let Some(vlan) = args.vlan.as_deref() {
        let uri = VlanTag::parse(vlan).map_or_else(|_| vlan.to_owned(), |tag| tag.to_string());
        // A bare number is a VLAN as well as a VNI.
        let bare = vlan_of(&uri).map_or_else(|| uri.clone(), |id| format!("vxlan://{id}"));
        let other = if vlan.contains("://") { uri.clone() } else { bare };
        filter.holds("vlan IN (?, ?)", [uri, other].map(Into::into));
    }
    filter.keyword(&["vlan"]);
    args.owned.narrow(cx, &mut filter, "account_id", args.id.is_some())?;
    let (found, total) = filter.living::<PrivateGateway>(cx, "id")?;
    let rows = found.into_iter().map(|one| show(cx, one)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}
