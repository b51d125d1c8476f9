//! Public IP addresses: acquire, release, reserve, list.

use crate::api::names::Names;
use crate::api::owned::ForOwner;
use crate::api::tags::{self, TagPair};
use crate::api::{EVERYBODY, Rows, api};
use crate::engine::addresses::{self, Ask, Found};
use crate::engine::rules;
use crate::engine::{Cx, Guarded, Owner};
use crate::model::{
    Address, AddressState, Domain, EntityKind, Network, PhysicalNetwork, Time, Uid, VlanRange, Vm,
    Vpc, Zone,
};
use crate::schema::{Fault, Id, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A public address.
    IpAddressView in "IPAddressResponse" shows ["ipaddress", "state", "associatednetworkname",
        "vpcname", "issourcenat", "isstaticnat", "zonename", "account", "allocated", "id"]
        root ["vlanid", "vlanname", "physicalnetworkid", "fordisplay"] {
        /// the id of the address; a free one has it too
        id: Uid,
        /// the address itself
        ipaddress: Ipv4Addr,
        /// when it was acquired or reserved
        allocated: Option<Time>,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// whether outgoing traffic of its network or VPC carries it
        issourcenat: bool,
        /// the account that holds it
        account: Option<String>,
        /// the id of the project that holds it, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain of that account
        domainid: Option<Uid>,
        /// the name of that domain
        domain: Option<String>,
        /// the path of that domain
        domainpath: Option<String>,
        /// true for addresses that a router translates
        forvirtualnetwork: bool,
        /// the id of the range
        vlanid: Uid,
        /// the VLAN of the range
        vlanname: String,
        /// whether it is translated to one VM, port for port
        isstaticnat: bool,
        /// whether the system took it for itself
        issystem: bool,
        /// the id of the virtual machine that it is translated to
        virtualmachineid: Option<Uid>,
        /// the name of that virtual machine
        virtualmachinename: Option<String>,
        /// the name that its owner calls it by
        virtualmachinedisplayname: Option<String>,
        /// the address of that virtual machine
        vmipaddress: Option<Ipv4Addr>,
        /// the id of the network that it is associated with
        associatednetworkid: Option<Uid>,
        /// the name of that network
        associatednetworkname: Option<String>,
        /// the id of the network that owns the range
        networkid: Uid,
        /// the state: Free, Reserved, Allocating, Allocated or Releasing
        state: &'static str,
        /// the id of the physical network
        physicalnetworkid: Uid,
        /// the id of the VPC that it belongs to
        vpcid: Option<Uid>,
        /// the name of that VPC
        vpcname: Option<String>,
        /// its tags
        tags: Vec<TagPair>,
        /// whether it can be moved between zones
        isportable: bool,
        /// whether its holder sees it
        fordisplay: bool,
        /// whether its range is kept for system VMs
        forsystemvms: bool,
        /// whether any rule uses it
        hasrules: bool,
    }
}

api! {
    /// Acquires a public address and associates it with a network or a VPC.
    create object "associateIpAddress" {
        key: "ipaddress", event: "NET.IPASSIGN", root_params: &["fordisplay"],
        shares: true,
        example: "associate ip address zoneid=sandbox networkid=web",
    } => associate -> IpAddressView;
    AssociateIpAddress {
        /// the zone; that of the network or VPC when left out
        zoneid: Option<Id<Zone>>,
        /// the network; the account's only isolated one in the zone when left out
        networkid: Option<Id<Network>>,
        /// the VPC; then networkid counts for nothing
        vpcid: Option<Id<Vpc>>,
        /// a certain address, free or reserved for the account
        ipaddress: Option<Ipv4Addr>,
        /// whether it must be movable between zones
        isportable: Option<bool>,
        /// accepted for older clients; there is one region
        _regionid as "regionid": Option<u32>,
        /// whether its holder sees it
        fordisplay: Option<bool>,
        ..owner: ForOwner,
    }
}

fn associate(cx: &mut Cx<'_>, args: &AssociateIpAddress) -> Result<IpAddressView, Fault> {
    let owner = args.owner.named(cx)?;
    let ask = Ask {
        zone: cx.find_opt(args.zoneid.as_ref())?,
        network: match args.vpcid {
            Some(_) => None,
            None => args.networkid.as_ref().map(|id| cx.usable_network(id)).transpose()?,
        },
        vpc: cx.find_opt(args.vpcid.as_ref())?,
        owner,
        address: args.ipaddress,
        portable: args.isportable == Some(true),
    };
    let mut found = addresses::associate(cx, &ask)?;
    if args.fordisplay == Some(false) {
        addresses::set_display(cx, &mut found, false)?;
    }
    if found.place.range.portable {
        cx.event_kind = Some("PORTABLE.IPASSIGN");
    }
    concerns(cx, &found, "acquiring");
    show(cx, &mut Names::default(), &found)
}

/// Says for events and jobs that the call is about this address.
fn concerns(cx: &mut Cx<'_>, found: &Found, doing: &str) {
    let owner = found.row.as_ref().map_or_else(|| cx.caller_owner(), Owner::from);
    let what = format!("{doing} {}", found.place.ip);
    cx.concerns(EntityKind::Address, (found.place.range.id, found.place.place), owner, what);
}

api! {
    /// Releases a public address.
    job success "disassociateIpAddress" {
        event: "NET.IPRELEASE", example: "disassociate ip address id=203.0.113.2",
        shares: true,
    } => disassociate;
    DisassociateIpAddress {
        /// the id of the address
        id: Option<Id<Address>>,
        /// the address itself, instead of its id
        ipaddress: Option<Ipv4Addr>,
    }
}

fn disassociate(cx: &mut Cx<'_>, args: &DisassociateIpAddress) -> Result<(), Fault> {
    let found = match (&args.id, args.ipaddress) {
        (Some(id), None) => Found::by_id(cx, id)?,
        (None, Some(ip)) => held_by_ip(cx, ip)?,
        (Some(_), Some(_)) => {
            return Err(Fault::invalid("Parameters id and ipaddress exclude each other"));
        }
        (None, None) => {
            return Err(Fault::invalid("One of the parameters id and ipaddress must be given"));
        }
    };
    if found.place.range.portable {
        cx.event_kind = Some("PORTABLE.IPRELEASE");
    }
    concerns(cx, &found, "releasing");
    addresses::release(cx, &found).map_err(Fault::in_job)
}

/// The held address `ip`; when several zones have it, it must be named by its id.
fn held_by_ip(cx: &mut Cx<'_>, ip: Ipv4Addr) -> Result<Found, Fault> {
    let all = Found::by_ip(cx, ip, None)?;
    // Of addresses that others hold nobody but a root admin learns even that.
    let known = cx.caller.is_root() && !all.is_empty();
    let mut held = Vec::new();
    for one in all.into_iter().filter(|one| one.row.is_some()) {
        if cx.may_use(one.guard())? {
            held.push(one);
        }
    }
    match (held.pop(), held.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(Fault::invalid(format!(
            "Invalid parameter ipaddress: {ip} is held in several zones; give its id"
        ))),
        (None, _) if known => {
            Err(Fault::invalid(format!("Invalid parameter ipaddress: {ip} is free already")))
        }
        (None, _) => {
            let text = match cx.caller.is_root() {
                true => format!("Invalid parameter ipaddress: {ip} is in no range"),
                false => format!("Invalid parameter ipaddress: {ip} is no address of yours"),
            };
            Err(Fault::invalid(text))
        }
    }
}

api! {
    /// Reserves a free public address for an account, which can then acquire it by naming it.
    now object "reserveIpAddress" {
        key: "ipaddress", event: "NET.IPRESERVE", roles: EVERYBODY, root_params: &["fordisplay"],
        shares: true,
        example: "reserve ip address id=203.0.113.9",
    } => reserve -> IpAddressView;
    ReserveIpAddress {
        /// the id of the address
        id: Id<Address>,
        /// whether its holder sees it
        fordisplay: Option<bool>,
        ..owner: ForOwner,
    }
}

fn reserve(cx: &mut Cx<'_>, args: &ReserveIpAddress) -> Result<IpAddressView, Fault> {
    let owner = args.owner.owner(cx)?;
    let found = Found::by_id(cx, &args.id)?;
    let mut found = addresses::reserve(cx, found, owner)?;
    if args.fordisplay == Some(false) {
        addresses::set_display(cx, &mut found, false)?;
    }
    concerns(cx, &found, "reserving");
    show(cx, &mut Names::default(), &found)
}

api! {
    /// Gives up the reservation of a public address.
    now success "releaseIpAddress" {
        event: "NET.IPRELEASE", roles: EVERYBODY,
        shares: true,
        example: "release ip address id=203.0.113.9",
    } => release;
    ReleaseIpAddress {
        /// the id of the address
        id: Id<Address>,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleaseIpAddress) -> Result<(), Fault> {
    let found = Found::by_id(cx, &args.id)?;
    concerns(cx, &found, "releasing");
    addresses::release_reserved(cx, &found)
}

api! {
    /// Changes what is known of a public address.
    job object "updateIpAddress" {
        key: "ipaddress", event: "NET.IPUPDATE", root_params: &["customid", "fordisplay"],
        example: "update ip address id=203.0.113.2 fordisplay=false",
    } => update -> IpAddressView;
    UpdateIpAddress {
        /// the id of the address
        id: Id<Address>,
        /// another id for it, a UUID
        customid: Option<Text>,
        /// whether its holder sees it
        fordisplay: Option<bool>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateIpAddress) -> Result<IpAddressView, Fault> {
    let mut found = Found::by_id(cx, &args.id)?;
    concerns(cx, &found, "changing");
    if let Some(wanted) = &args.customid {
        addresses::rename(cx, &found, wanted).map_err(Fault::in_job)?;
    }
    if let Some(display) = args.fordisplay {
        addresses::set_display(cx, &mut found, display).map_err(Fault::in_job)?;
    }
    show(cx, &mut Names::default(), &found)
}

/// An address, as the API shows it.
pub(crate) fn show(
    cx: &mut Cx<'_>,
    names: &mut Names,
    found: &Found,
) -> Result<IpAddressView, Fault> {
    let (range, row) = (&found.place.range, found.row.as_ref());
    let network = row.and_then(|row| row.network_id);
    let vpc = row.and_then(|row| row.vpc_id);
    let domain = row.map(|row| row.domain_id);
    let owner = row.map(|row| names.owner(cx, row.account_id)).transpose()?;
    let (projectid, account, project) = match owner {
        Some(owner) => (owner.projectid, owner.account, owner.project),
        None => (None, None, None),
    };
    let vm = row.and_then(|row| row.vm_id);
    let vm = vm.map(|id| cx.must::<Vm>(id)).transpose()?;
    Ok(IpAddressView {
        virtualmachineid: vm.as_ref().map(|vm| cx.uid::<Vm>(vm.id)),
        virtualmachinename: vm.as_ref().map(|vm| vm.name.clone()),
        virtualmachinedisplayname: vm.map(|vm| vm.display_name),
        vmipaddress: row.and_then(|row| row.vm_ip),
        id: addresses::uid(cx, &found.place)?,
        ipaddress: found.place.ip,
        allocated: row.map(|row| row.allocated),
        zoneid: cx.uid::<Zone>(range.zone_id),
        zonename: names.zone(cx, range.zone_id)?,
        issourcenat: row.is_some_and(|row| row.source_nat),
        account,
        projectid,
        project,
        domainid: cx.uid_opt::<Domain>(domain),
        domain: domain.map(|id| names.domain(cx, id)).transpose()?,
        domainpath: domain.map(|id| names.domain_path(cx, id)).transpose()?,
        forvirtualnetwork: range.kind == crate::model::VlanType::VirtualNetwork,
        vlanid: cx.uid::<VlanRange>(range.id),
        vlanname: range.vlan.clone(),
        isstaticnat: row.is_some_and(|row| row.static_nat),
        issystem: row.is_some_and(|row| row.system),
        associatednetworkid: cx.uid_opt::<Network>(network),
        associatednetworkname: network.map(|id| names.network(cx, id)).transpose()?,
        networkid: cx.uid::<Network>(range.network_id),
        state: row.map_or(AddressState::Free, |row| row.state).word(),
        physicalnetworkid: cx.uid::<PhysicalNetwork>(range.physical_network_id),
        vpcid: cx.uid_opt::<Vpc>(vpc),
        vpcname: vpc.map(|id| names.vpc(cx, id)).transpose()?,
        tags: tags_of(cx, row)?,
        isportable: range.portable,
        fordisplay: row.is_none_or(|row| row.display),
        forsystemvms: range.for_system_vms,
        hasrules: row.map(|row| rules::has_rules(cx, row)).transpose()?.unwrap_or(false),
    })
}

fn tags_of(cx: &mut Cx<'_>, row: Option<&Address>) -> Result<Vec<TagPair>, Fault> {
    match row {
        Some(row) => tags::pairs(cx, (EntityKind::Address, row.range_id, row.place)),
        None => Ok(Vec::new()),
    }
}

/// Many addresses, as the API shows them.
pub(crate) fn show_all(
    cx: &mut Cx<'_>,
    found: &[Found],
    total: u64,
) -> Result<Rows<IpAddressView>, Fault> {
    let held = found.iter().filter_map(|one| one.row.as_ref());
    cx.look_up_tags(EntityKind::Address, held.map(|row| (row.range_id, row.place)))?;
    let mut names = Names::default();
    let rows = found.iter().map(|one| show(cx, &mut names, one)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}
