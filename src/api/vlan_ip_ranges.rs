//! VLAN IP ranges.

use crate::api::names::Names;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::{Cx, Owner, ranges};
use crate::model::{
    Domain, EntityKind, Network, PhysicalNetwork, Pod, Project, Uid, VlanRange, Zone,
};
use crate::net::{Cidr4, Cidr6, VlanTag};
use crate::schema::{Fault, Id, Text, view};
use std::net::{Ipv4Addr, Ipv6Addr};

view! {
    /// A range, as `listVlanIpRanges` shows it.
    VlanIpRangeView in "VlanIpRangeResponse" shows ["startip", "endip", "vlan", "gateway",
        "netmask", "forvirtualnetwork", "id", "account"] {
        /// the id of the range
        id: Uid,
        /// the VLAN, as `vlan://100` or `vlan://untagged`
        vlan: String,
        /// the id of the zone
        zoneid: Uid,
        /// true for public addresses, false for those of a shared network
        forvirtualnetwork: bool,
        /// the gateway of the subnet
        gateway: Option<Ipv4Addr>,
        /// the netmask of the subnet
        netmask: Option<Ipv4Addr>,
        /// the subnet
        cidr: Option<String>,
        /// the first address, inclusive
        startip: Option<Ipv4Addr>,
        /// the last address, inclusive
        endip: Option<Ipv4Addr>,
        /// the IPv6 gateway
        ip6gateway: Option<String>,
        /// the IPv6 subnet
        ip6cidr: Option<String>,
        /// the first IPv6 address
        startipv6: Option<String>,
        /// the last IPv6 address
        endipv6: Option<String>,
        /// the account that the range is dedicated to
        account: Option<String>,
        /// the id of the project that the range is dedicated to, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain that the range is dedicated to
        domainid: Option<Uid>,
        /// the name of that domain
        domain: Option<String>,
        /// the path of that domain
        domainpath: Option<String>,
        /// the id of the pod, in basic zones
        podid: Option<Uid>,
        /// the id of the network that owns the range
        networkid: Uid,
        /// the id of the physical network
        physicalnetworkid: Uid,
        /// whether the range is kept for system VMs
        forsystemvms: bool,
    }
}

api! {
    /// Creates a VLAN IP range: addresses that a zone can hand out.
    now object "createVlanIpRange" {
        key: "vlan", event: "VLAN.IP.RANGE.CREATE",
        example: "create vlan ip range zoneid=sandbox vlan=200 gateway=192.0.2.1 \
            netmask=255.255.255.0 startip=192.0.2.10 endip=192.0.2.250 forvirtualnetwork=true",
    } => create -> VlanIpRangeView;
    CreateVlanIpRange {
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the VLAN, as `100` or `untagged`; untagged when it is left out
        vlan: Option<Text>,
        /// the gateway of the subnet
        gateway: Option<Ipv4Addr>,
        /// the netmask of the subnet
        netmask: Option<Ipv4Addr>,
        /// the first address
        startip: Option<Ipv4Addr>,
        /// the last address; the first one when it is left out
        endip: Option<Ipv4Addr>,
        /// true for public addresses, false for those of a shared network; true when left out
        forvirtualnetwork: Option<bool>,
        /// the network that owns the range; for public addresses the zone's own when left out
        networkid: Option<Id<Network>>,
        /// the physical network; the one with the right traffic when left out
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the account to dedicate the range to; needs domainid
        account: Option<Text>,
        /// the domain of that account, or to dedicate the range to
        domainid: Option<Id<Domain>>,
        /// the project to dedicate the range to, instead of an account
        projectid: Option<Id<Project>>,
        /// whether the range is kept for system VMs
        forsystemvms: Option<bool>,
        /// the IPv6 gateway
        ip6gateway: Option<Ipv6Addr>,
        /// the IPv6 subnet, a /64 or larger
        ip6cidr: Option<Cidr6>,
        /// the first IPv6 address
        startipv6: Option<Ipv6Addr>,
        /// the last IPv6 address; the first one when it is left out
        endipv6: Option<Ipv6Addr>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateVlanIpRange) -> Result<VlanIpRangeView, Fault> {
    let (account, project) = (args.account.as_deref(), args.projectid.as_ref());
    let owner = match (account, project) {
        (None, None) => None,
        _ => Some(cx.owner(account, args.domainid.as_ref(), project)?),
    };
    let ask = ranges::NewRange {
        zone: cx.find_opt(args.zoneid.as_ref())?,
        network: cx.find_opt(args.networkid.as_ref())?,
        physical: cx.find_opt(args.physicalnetworkid.as_ref())?,
        vlan: args.vlan.as_ref().map(|vlan| vlan.0.clone()),
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        ip6_gateway: args.ip6gateway,
        ip6_cidr: args.ip6cidr,
        ip6_first: args.startipv6,
        ip6_last: args.endipv6,
        owner,
        domain_id: cx.find_opt(args.domainid.as_ref())?.map(|domain: Domain| domain.id),
        is_public: args.forvirtualnetwork.unwrap_or(true),
        for_system_vms: args.forsystemvms.unwrap_or(false),
        bypass: false,
    };
    let range = ranges::create(cx, &ask)?;
    concerns(cx, &range, "creating");
    show(cx, &mut Names::default(), &range)
}

/// The range that an id names. What stands for one portable address is nobody's to change.
fn find(cx: &mut Cx<'_>, id: &Id<VlanRange>) -> Result<VlanRange, Fault> {
    let range: VlanRange = cx.find(id)?;
    if range.portable { Err(cx.unknown(id)) } else { Ok(range) }
}

/// Says for events that the call is about this range.
fn concerns(cx: &mut Cx<'_>, range: &VlanRange, doing: &str) {
    let owner = cx.caller_owner();
    let addresses = range.range().map(|all| all.to_string()).unwrap_or_default();
    let what = format!("{doing} the IP range {addresses} in {}", range.vlan);
    cx.concerns(EntityKind::VlanRange, (0, range.id), owner, what);
}

api! {
    /// Changes a VLAN IP range.
    now object "updateVlanIpRange" {
        key: "vlan", event: "VLAN.IP.RANGE.UPDATE",
        example: "update vlan ip range id=192.0.2.10 endip=192.0.2.254",
    } => update -> VlanIpRangeView;
    UpdateVlanIpRange {
        /// the id of the range
        id: Id<VlanRange>,
        /// the new gateway; only while no address is held
        gateway: Option<Ipv4Addr>,
        /// the new netmask; only while no address is held
        netmask: Option<Ipv4Addr>,
        /// the new first address; held addresses stay inside
        startip: Option<Ipv4Addr>,
        /// the new last address; held addresses stay inside
        endip: Option<Ipv4Addr>,
        /// whether the range is kept for system VMs
        forsystemvms: Option<bool>,
        /// the new IPv6 gateway
        ip6gateway: Option<Ipv6Addr>,
        /// the new IPv6 subnet, a /64 or larger
        ip6cidr: Option<Cidr6>,
        /// the new first IPv6 address
        startipv6: Option<Ipv6Addr>,
        /// the new last IPv6 address
        endipv6: Option<Ipv6Addr>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateVlanIpRange) -> Result<VlanIpRangeView, Fault> {
    let range = find(cx, &args.id)?;
    let change = ranges::Change {
        gateway: args.gateway,
        netmask: args.netmask,
        first: args.startip,
        last: args.endip,
        ip6_gateway: args.ip6gateway,
        ip6_cidr: args.ip6cidr,
        ip6_first: args.startipv6,
        ip6_last: args.endipv6,
        for_system_vms: args.forsystemvms,
    };
    let range = ranges::update(cx, range, &change)?;
    concerns(cx, &range, "changing");
    show(cx, &mut Names::default(), &range)
}

api! {
    /// Deletes a VLAN IP range of which no address is held.
    now success "deleteVlanIpRange" {
        event: "VLAN.IP.RANGE.DELETE", example: "delete vlan ip range id=192.0.2.10",
    } => delete;
    DeleteVlanIpRange {
        /// the id of the range
        id: Id<VlanRange>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteVlanIpRange) -> Result<(), Fault> {
    let range = find(cx, &args.id)?;
    concerns(cx, &range, "deleting");
    ranges::remove(cx, range)
}

api! {
    /// Dedicates a range of public addresses to an account or a domain.
    now object "dedicatePublicIpRange" {
        key: "vlan", event: "VLAN.IP.RANGE.DEDICATE",
        example: "dedicate public ip range id=192.0.2.10 domainid=ROOT account=admin",
    } => dedicate -> VlanIpRangeView;
    DedicatePublicIpRange {
        /// the id of the range
        id: Id<VlanRange>,
        /// the domain of the account, or to dedicate the range to
        domainid: Id<Domain>,
        /// the account; without it the range is for the domain
        account: Option<Text>,
        /// the project, instead of an account
        projectid: Option<Id<Project>>,
    }
}

fn dedicate(cx: &mut Cx<'_>, args: &DedicatePublicIpRange) -> Result<VlanIpRangeView, Fault> {
    let range = find(cx, &args.id)?;
    let domain: Domain = cx.find(&args.domainid)?;
    let account: Option<Owner> = match (&args.account, &args.projectid) {
        (Some(_), Some(_)) => {
            return Err(Fault::invalid("Parameters account and projectid exclude each other"));
        }
        (Some(account), None) => Some(cx.owner(Some(account), Some(&args.domainid), None)?),
        (None, Some(project)) => Some(cx.owner(None, None, Some(project))?),
        (None, None) => None,
    };
    let domain_id = account.map_or(domain.id, |owner| owner.domain_id);
    let range = ranges::dedicate(cx, range, domain_id, account)?;
    concerns(cx, &range, "dedicating");
    show(cx, &mut Names::default(), &range)
}

api! {
    /// Takes a dedicated range of public addresses back for everybody.
    now success "releasePublicIpRange" {
        event: "VLAN.IP.RANGE.RELEASE", example: "release public ip range id=192.0.2.10",
    } => release;
    ReleasePublicIpRange {
        /// the id of the range
        id: Id<VlanRange>,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleasePublicIpRange) -> Result<(), Fault> {
    let range = find(cx, &args.id)?;
    concerns(cx, &range, "releasing");
    ranges::release_dedicated(cx, range)
}

api! {
    /// Lists VLAN IP ranges.
    now list "listVlanIpRanges" { key: "vlaniprange", example: "list vlan ip ranges vlan=100" }
    => list -> VlanIpRangeView;
    ListVlanIpRanges {
        /// the id of the range
        id: Option<Id<VlanRange>>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of the network that owns the ranges
        networkid: Option<Id<Network>>,
        /// the id of the physical network
        physicalnetworkid: Option<Id<PhysicalNetwork>>,
        /// the id of the pod
        podid: Option<Id<Pod>>,
        /// the VLAN, as `100`, `vlan://100` or `untagged`
        vlan: Option<Text>,
        /// the account that the ranges are dedicated to; needs domainid
        account: Option<Text>,
        /// the domain that the ranges are dedicated to
        domainid: Option<Id<Domain>>,
        /// the project that the ranges are dedicated to, instead of an account
        projectid: Option<Id<Project>>,
        /// true for public addresses, false for those of shared networks
        forvirtualnetwork: Option<bool>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListVlanIpRanges) -> Result<Rows<VlanIpRangeView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.is("physical_network_id", cx.row_opt(args.physicalnetworkid.as_ref())?);
    filter.is("pod_id", cx.row_opt(args.podid.as_ref())?);
    if let Some(vlan) = &args.vlan {
        let tag = VlanTag::parse(vlan)
            .map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))?;
        filter.is("vlan", Some(tag.to_string()));
    }
    match (&args.account, &args.domainid, &args.projectid) {
        (None, None, Some(project)) => {
            filter.is("account_id", Some(cx.find(project)?.account_id));
        }
        (None, domain, None) => filter.is("domain_id", cx.row_opt(domain.as_ref())?),
        (account, domain, project) => {
            let owner = cx.owner(account.as_deref(), domain.as_ref(), project.as_ref())?;
            filter.is("account_id", Some(owner.account_id));
        }
    }
    let kind = |public| if public { "VirtualNetwork" } else { "DirectAttached" };
    filter.is("type", args.forvirtualnetwork.map(|public| kind(public).to_owned()));
    filter.is("portable", Some(false));
    filter.keyword(&["vlan"]);
    let (ranges, total) = filter.living::<VlanRange>(cx, "id")?;
    let mut names = Names::default();
    let rows = ranges.iter().map(|range| show(cx, &mut names, range)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, names: &mut Names, range: &VlanRange) -> Result<VlanIpRangeView, Fault> {
    let cidr = range
        .gateway
        .zip(range.netmask)
        .and_then(|(gateway, netmask)| Cidr4::from_gateway_netmask(gateway, netmask).ok());
    let domain = range.domain_id;
    let owner = range.account_id.map(|id| names.owner(cx, id)).transpose()?;
    let (projectid, account, project) = match owner {
        Some(owner) => (owner.projectid, owner.account, owner.project),
        None => (None, None, None),
    };
    Ok(VlanIpRangeView {
        id: cx.uid::<VlanRange>(range.id),
        vlan: range.vlan.clone(),
        zoneid: cx.uid::<Zone>(range.zone_id),
        forvirtualnetwork: range.kind == crate::model::VlanType::VirtualNetwork,
        gateway: range.gateway,
        netmask: range.netmask,
        cidr: cidr.map(|cidr| cidr.to_string()),
        startip: range.first,
        endip: range.last,
        ip6gateway: range.ip6_gateway.clone(),
        ip6cidr: range.ip6_cidr.clone(),
        startipv6: range.ip6_first.clone(),
        endipv6: range.ip6_last.clone(),
        account,
        projectid,
        project,
        domainid: cx.uid_opt::<Domain>(domain),
        domain: domain.map(|id| names.domain(cx, id)).transpose()?,
        domainpath: domain.map(|id| names.domain_path(cx, id)).transpose()?,
        podid: cx.uid_opt::<Pod>(range.pod_id),
        networkid: cx.uid::<Network>(range.network_id),
        physicalnetworkid: cx.uid::<PhysicalNetwork>(range.physical_network_id),
        forsystemvms: range.for_system_vms,
    })
}
