//! The IPv4 subnets of zones, from which routed networks and VPCs get theirs.

use crate::api::names::Names;
use crate::api::owned::ForOwner;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::routing;
use crate::model::{Domain, Project, Time, Uid, Zone, ZoneSubnet};
use crate::net::Cidr4;
use crate::schema::{Fault, Id, Text, view};

view! {
    /// An IPv4 subnet of a zone for routed networks.
    ZoneSubnetView in "DataCenterIpv4SubnetResponse" shows ["subnet", "account", "project",
        "domain", "zonename", "id"] {
        /// the id of the subnet
        id: Uid,
        /// the subnet
        subnet: String,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the account that it is dedicated to
        account: Option<String>,
        /// the id of the project that it is dedicated to, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain that it is dedicated to, or that of the account
        domainid: Option<Uid>,
        /// the name of that domain
        domain: Option<String>,
        /// when it was made
        created: Time,
    }
}

api! {
    /// Gives a zone an IPv4 subnet, from which its routed networks get theirs.
    job object "createIpv4SubnetForZone" { key: "zoneipv4subnet",
        event: "ZONE.IP4.SUBNET.CREATE", since: "4.20",
        example: "create ipv4 subnet for zone zoneid=sandbox subnet=198.18.0.0/16" }
        => create -> ZoneSubnetView;
    CreateIpv4SubnetForZone {
        /// the zone
        zoneid: Id<Zone>,
        /// the subnet, as a CIDR
        subnet: Cidr4,
        ..owner: ForOwner,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateIpv4SubnetForZone) -> Result<ZoneSubnetView, Fault> {
    let zone = cx.find(&args.zoneid)?;
    let to = args.owner.dedicated(cx)?;
    let subnet = routing::create_zone_subnet(cx, &zone, args.subnet, to)?;
    show(cx, subnet)
}

api! {
    /// Makes an IPv4 subnet of a zone larger or smaller.
    job object "updateIpv4SubnetForZone" { key: "zoneipv4subnet",
        event: "ZONE.IP4.SUBNET.UPDATE", since: "4.20",
        example: "update ipv4 subnet for zone id=198.18.0.0/16 subnet=198.18.0.0/15" }
        => update -> ZoneSubnetView;
    UpdateIpv4SubnetForZone {
        /// the id of the subnet
        id: Id<ZoneSubnet>,
        /// the new subnet, as a CIDR
        subnet: Cidr4,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateIpv4SubnetForZone) -> Result<ZoneSubnetView, Fault> {
    let subnet = cx.find(&args.id)?;
    let subnet = routing::update_zone_subnet(cx, subnet, args.subnet)?;
    show(cx, subnet)
}

api! {
    /// Takes an IPv4 subnet from its zone, when no network has a part of it.
    job success "deleteIpv4SubnetForZone" { event: "ZONE.IP4.SUBNET.DELETE", since: "4.20",
        example: "delete ipv4 subnet for zone id=198.18.0.0/16" } => delete;
    DeleteIpv4SubnetForZone {
        /// the id of the subnet
        id: Id<ZoneSubnet>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteIpv4SubnetForZone) -> Result<(), Fault> {
    let subnet = cx.find(&args.id)?;
    routing::delete_zone_subnet(cx, subnet)
}

api! {
    /// Dedicates an IPv4 subnet of a zone to an account, a project or a domain.
    job object "dedicateIpv4SubnetForZone" { key: "zoneipv4subnet",
        event: "ZONE.IP4.SUBNET.DEDICATE", since: "4.20",
        example: "dedicate ipv4 subnet for zone id=198.18.0.0/16 domainid=ROOT account=admin" }
        => dedicate -> ZoneSubnetView;
    DedicateIpv4SubnetForZone {
        /// the id of the subnet
        id: Id<ZoneSubnet>,
        ..owner: ForOwner,
    }
}

fn dedicate(cx: &mut Cx<'_>, args: &DedicateIpv4SubnetForZone) -> Result<ZoneSubnetView, Fault> {
    let subnet = cx.find(&args.id)?;
    let to = args.owner.to_dedicate(cx)?;
    let subnet = routing::dedicate_zone_subnet(cx, subnet, to)?;
    show(cx, subnet)
}

api! {
    /// Gives a dedicated IPv4 subnet of a zone back to everybody.
    job object "releaseIpv4SubnetForZone" { key: "zoneipv4subnet",
        event: "ZONE.IP4.SUBNET.RELEASE", since: "4.20",
        example: "release ipv4 subnet for zone id=198.18.0.0/16" } => release -> ZoneSubnetView;
    ReleaseIpv4SubnetForZone {
        /// the id of the subnet
        id: Id<ZoneSubnet>,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleaseIpv4SubnetForZone) -> Result<ZoneSubnetView, Fault> {
    let subnet = cx.find(&args.id)?;
    let subnet = routing::release_zone_subnet(cx, subnet)?;
    show(cx, subnet)
}

api! {
    /// Lists the IPv4 subnets of zones for routed networks.
    now list "listIpv4SubnetsForZone" { key: "zoneipv4subnet", since: "4.20",
        example: "list ipv4 subnets for zone zoneid=sandbox" } => list -> ZoneSubnetView;
    ListIpv4SubnetsForZone {
        /// the id of the subnet
        id: Option<Id<ZoneSubnet>>,
        /// only subnets of this zone
        zoneid: Option<Id<Zone>>,
        /// only this subnet
        subnet: Option<Cidr4>,
        /// only subnets dedicated to this account; needs domainid
        account: Option<Text>,
        /// only subnets dedicated to this domain, or to its account
        domainid: Option<Id<Domain>>,
        /// only subnets dedicated to this project
        projectid: Option<Id<Project>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListIpv4SubnetsForZone) -> Result<Rows<ZoneSubnetView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("subnet", args.subnet);
    if args.account.is_some() || args.projectid.is_some() {
        let (account, project) = (args.account.as_deref(), args.projectid.as_ref());
        let owner = cx.owner(account, args.domainid.as_ref(), project)?;
        filter.is("account_id", Some(owner.account_id));
    } else {
        filter.is("domain_id", cx.row_opt(args.domainid.as_ref())?);
    }
    filter.keyword(&["subnet"]);
    let (found, total) = filter.living::<ZoneSubnet>(cx, "id")?;
    let rows = found.into_iter().map(|subnet| show(cx, subnet)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, subnet: ZoneSubnet) -> Result<ZoneSubnetView, Fault> {
    let mut names = Names::default();
    let owner = subnet.account_id.map(|id| names.owner(cx, id)).transpose()?;
    Ok(ZoneSubnetView {
        id: cx.uid::<ZoneSubnet>(subnet.id),
        subnet: subnet.subnet.to_string(),
        zoneid: cx.uid::<Zone>(subnet.zone_id),
        zonename: names.zone(cx, subnet.zone_id)?,
        account: owner.as_ref().and_then(|owner| owner.account.clone()),
        projectid: owner.as_ref().and_then(|owner| owner.projectid),
        project: owner.and_then(|owner| owner.project),
        domainid: cx.uid_opt::<Domain>(subnet.domain_id),
        domain: subnet.domain_id.map(|id| names.domain(cx, id)).transpose()?,
        created: subnet.created,
    })
}
