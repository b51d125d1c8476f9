//! The IPv4 subnets of routed networks and VPCs.

use crate::api::names::Names;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::routing::{self, NewNetworkSubnet};
use crate::model::{Network, NetworkSubnet, Time, Uid, Vpc, Zone, ZoneSubnet};
use crate::net::Cidr4;
use crate::schema::{Fault, Id, view};

view! {
    /// An IPv4 subnet for a routed network or VPC.
    NetworkSubnetView in "Ipv4SubnetForGuestNetworkResponse" shows ["subnet", "state",
        "networkname", "vpcname", "parentsubnet", "zonename", "id"] {
        /// the id of the subnet
        id: Uid,
        /// the subnet
        subnet: String,
        /// `Allocated` or `Free`
        state: &'static str,
        /// the id of the subnet of the zone that it lies in
        parentid: Option<Uid>,
        /// that subnet
        parentsubnet: Option<String>,
        /// the id of the network that has it
        networkid: Option<Uid>,
        /// the name of that network
        networkname: Option<String>,
        /// the id of the VPC that has it
        vpcid: Option<Uid>,
        /// the name of that VPC
        vpcname: Option<String>,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// since when it is had
        allocated: Option<Time>,
        /// when it was made
        created: Time,
    }
}

api! {
    /// Makes an IPv4 subnet that the next routed network of its size gets.
    job object "createIpv4SubnetForGuestNetwork" { key: "ipv4subnetforguestnetwork",
        event: "IP4.GUEST.SUBNET.CREATE", since: "4.20",
        example: "create ipv4 subnet for guest network parentid=198.18.0.0/16 cidrsize=26" }
        => create -> NetworkSubnetView;
    CreateIpv4SubnetForGuestNetwork {
        /// the id of the subnet of the zone that it is to lie in
        parentid: Id<ZoneSubnet>,
        /// the subnet, as a CIDR
        subnet: Option<Cidr4>,
        /// the prefix length of the subnet, where it is not named
        cidrsize: Option<u8>,
    }
}

fn create(
    cx: &mut Cx<'_>,
    args: &CreateIpv4SubnetForGuestNetwork,
) -> Result<NetworkSubnetView, Fault> {
    let parent = cx.find(&args.parentid)?;
    let new = NewNetworkSubnet { parent, subnet: args.subnet, size: args.cidrsize };
    let subnet = routing::create_network_subnet(cx, &new)?;
    show(cx, subnet)
}

api! {
    /// Takes an IPv4 subnet away that no network has.
    job success "deleteIpv4SubnetForGuestNetwork" { event: "IP4.GUEST.SUBNET.DELETE",
        since: "4.20", example: "delete ipv4 subnet for guest network id=198.18.0.0/26" }
        => delete;
    DeleteIpv4SubnetForGuestNetwork {
        /// the id of the subnet
        id: Id<NetworkSubnet>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteIpv4SubnetForGuestNetwork) -> Result<(), Fault> {
    let subnet = cx.find(&args.id)?;
    routing::delete_network_subnet(cx, subnet)
}

api! {
    /// Lists the IPv4 subnets of routed networks and VPCs, and those that are free for them.
    now list "listIpv4SubnetsForGuestNetwork" { key: "ipv4subnetforguestnetwork", since: "4.20",
        example: "list ipv4 subnets for guest network zoneid=sandbox" }
        => list -> NetworkSubnetView;
    ListIpv4SubnetsForGuestNetwork {
        /// the id of the subnet
        id: Option<Id<NetworkSubnet>>,
        /// only subnets in this one of a zone
        parentid: Option<Id<ZoneSubnet>>,
        /// only this subnet
        subnet: Option<Cidr4>,
        /// only subnets of this zone
        zoneid: Option<Id<Zone>>,
        /// only that of this network
        networkid: Option<Id<Network>>,
        /// only that of this VPC
        vpcid: Option<Id<Vpc>>,
        ..paged: Paged,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListIpv4SubnetsForGuestNetwork,
) -> Result<Rows<NetworkSubnetView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("parent_id", cx.row_opt(args.parentid.as_ref())?);
    filter.is("subnet", args.subnet);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.is("vpc_id", cx.row_opt(args.vpcid.as_ref())?);
    filter.keyword(&["subnet"]);
    let (found, total) = filter.living::<NetworkSubnet>(cx, "id")?;
    let rows = found.into_iter().map(|subnet| show(cx, subnet)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, subnet: NetworkSubnet) -> Result<NetworkSubnetView, Fault> {
    let parent: Option<ZoneSubnet> = subnet.parent_id.map(|id| cx.must(id)).transpose()?;
    let mut names = Names::default();
    Ok(NetworkSubnetView {
        id: cx.uid::<NetworkSubnet>(subnet.id),
        subnet: subnet.subnet.to_string(),
        state: if subnet.holder().is_some() { "Allocated" } else { "Free" },
        parentid: cx.uid_opt::<ZoneSubnet>(subnet.parent_id),
        parentsubnet: parent.map(|parent| parent.subnet.to_string()),
        networkid: cx.uid_opt::<Network>(subnet.network_id),
        networkname: subnet.network_id.map(|id| names.network(cx, id)).transpose()?,
        vpcid: cx.uid_opt::<Vpc>(subnet.vpc_id),
        vpcname: subnet.vpc_id.map(|id| names.vpc(cx, id)).transpose()?,
        zoneid: cx.uid::<Zone>(subnet.zone_id),
        zonename: names.zone(cx, subnet.zone_id)?,
        allocated: subnet.allocated,
        created: subnet.created,
    })
}
