//! VPCs.

use crate::api::network_offerings::{ServiceView, show_services};
use crate::api::network_view::{self, NetworkView, RouteView};
use crate::api::networks::{refuse_both, text};
use crate::api::owned::{ForOwner, Owned};
use crate::api::owner_view::OwnerView;
use crate::api::paging::{Filter, Paged};
use crate::api::routed_view::RoutedView;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api, bgp_peers};
use crate::engine::routing::{self, Holder};
use crate::engine::services::services_named;
use crate::engine::{self, Cx, NameServers, NewVpc, Owner, VpcChanges};
use crate::model::{BgpPeer, EntityKind, Network, Time, Uid, Vpc, VpcOffering, VpcState, Zone};
use crate::schema::{Fault, Id, List, Map, Text, choices, view};
use std::net::{Ipv4Addr, Ipv6Addr};

choices! { VpcState }

view! {
    /// A VPC, as `listVPCs` shows it.
    VpcView in "VpcResponse" shows ["name", "id", "state", "cidr", "zonename", "account",
        "vpcofferingname"] root ["fordisplay"] {
        /// the id of the VPC
        id: Uid,
        /// the name of the VPC
        name: String,
        /// what the VPC is
        displaytext: String,
        /// the state of the VPC
        state: &'static str,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the CIDR that its tiers lie in
        cidr: String,
        /// the id of the offering that the VPC was made by
        vpcofferingid: Uid,
        /// the name of the offering
        vpcofferingname: String,
        /// when the VPC was made
        created: Time,
        /// its tiers
        network: Vec<NetworkView>,
        /// the services that the VPC has
        service: Vec<ServiceView>,
        /// whether the VPC must be restarted before changes take effect
        restartrequired: bool,
        /// the DNS domain of its tiers
        networkdomain: Option<String>,
        /// whether the owner sees the VPC
        fordisplay: bool,
        /// whether the VPC has a distributed router
        distributedvpcrouter: bool,
        /// whether the VPC spans the zones of a region
        regionlevelvpc: bool,
        /// whether the VPC has two routers
        redundantvpcrouter: bool,
        /// the MTU of its public interface, in bytes
        publicmtu: i64,
        /// the first name server
        dns1: Option<String>,
        /// the second name server
        dns2: Option<String>,
        /// the first IPv6 name server
        ip6dns1: Option<String>,
        /// the second IPv6 name server
        ip6dns2: Option<String>,
        /// the IPv6 routes to its tiers that the routers outside need
        ip6routes: Option<Vec<RouteView>>,
        /// whether somebody left a comment
        hasannotations: bool,
        /// the tags of the VPC
        tags: Vec<TagPair>,
        ..owner: OwnerView,
        ..routed: RoutedView,
    }
}

/// A VPC as the admin sees it.
pub(crate) fn show(cx: &mut Cx<'_>, vpc: Vpc) -> Result<VpcView, Fault> {
    let zone: Zone = cx.must(vpc.zone_id)?;
    let offering: VpcOffering = cx.must(vpc.offering_id)?;
    let owner = Owner::from(&vpc);
    let (network, ip6routes) = tiers(cx, vpc.id)?;
    let (is_routed, mode) = (routing::vpc_is_routed(&offering), offering.routing_mode);
    let routed = RoutedView::of(cx, Holder::Vpc(vpc.id), is_routed, mode)?;
    Ok(VpcView {
        id: cx.uid::<Vpc>(vpc.id),
        state: vpc.state.word(),
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        vpcofferingid: cx.uid::<VpcOffering>(offering.id),
        service: show_services(offering.services()),
        vpcofferingname: offering.name,
        created: vpc.created,
        network,
        ip6routes: (!ip6routes.is_empty()).then_some(ip6routes),
        restartrequired: vpc.restart_required,
        fordisplay: vpc.display,
        distributedvpcrouter: offering.distributed,
        regionlevelvpc: offering.region_level,
        redundantvpcrouter: vpc.redundant,
        publicmtu: vpc.public_mtu,
        hasannotations: false,
        tags: tags::pairs(cx, (EntityKind::Vpc, 0, vpc.id))?,
        owner: OwnerView::of(cx, owner)?,
        routed,
        name: vpc.name,
        displaytext: vpc.display_text,
        cidr: vpc.cidr,
        networkdomain: vpc.network_domain,
        dns1: vpc.dns1,
        dns2: vpc.dns2,
        ip6dns1: vpc.ip6_dns1,
        ip6dns2: vpc.ip6_dns2,
    })
}

/// The tiers of a VPC, and the IPv6 routes to them.
fn tiers(cx: &mut Cx<'_>, vpc_id: i64) -> Result<(Vec<NetworkView>, Vec<RouteView>), Fault> {
    let tail = "WHERE vpc_id = ? AND removed IS NULL ORDER BY id";
    let tiers: Vec<Network> = cx.tx.select(tail, &[vpc_id.into()])?;
    cx.look_up_tags(EntityKind::Network, tiers.iter().map(|tier| (0, tier.id)))?;
    let (mut shown, mut routes) = (Vec::new(), Vec::new());
    for tier in tiers {
        routes.extend(network_view::ip6_routes(cx, &tier)?);
        shown.push(network_view::show(cx, tier)?);
    }
    Ok((shown, routes))
}

api! {
    /// Creates a VPC; without a CIDR the next free block is carved.
    create object "createVPC" { key: "vpc", event: "VPC.CREATE", root_params: &["fordisplay"],
        example: "create vpc name=web zoneid=sandbox vpcofferingid=\"Default VPC offering\"" }
        => create -> VpcView;
    CreateVpc {
        /// the name of the VPC
        name: Text,
        /// the zone of the VPC
        zoneid: Id<Zone>,
        /// the offering, which says what the VPC can do
        vpcofferingid: Id<VpcOffering>,
        /// the CIDR that its tiers are to lie in; without it the next free block of the setting
        /// vpc.cidr.pool is taken
        cidr: Option<Text>,
        /// the prefix length of the block that is taken; vpc.cidr.size when nothing is said
        cidrsize: Option<u8>,
        /// the AS number, where the offering asks for one
        asnumber: Option<i64>,
        /// the BGP peers of a routed VPC; those of its owner, where none are named
        bgppeerids: Option<List<Id<BgpPeer>>>,
        /// what the VPC is; its name when nothing is said
        displaytext: Option<Text>,
        /// the DNS domain of its tiers
        networkdomain: Option<Text>,
        /// the first name server of its guests
        dns1: Option<Ipv4Addr>,
        /// the second name server of its guests
        dns2: Option<Ipv4Addr>,
        /// the first IPv6 name server of its guests
        ip6dns1: Option<Ipv6Addr>,
        /// the second IPv6 name server of its guests
        ip6dns2: Option<Ipv6Addr>,
        /// the MTU of its public interface, in bytes
        publicmtu: Option<u32>,
        /// the public address that is to be the source NAT of the VPC
        sourcenatipaddress: Option<Ipv4Addr>,
        /// accepted for other clients; guests are told the VPC's own name servers or the zone's
        _resolver as "userouteripresolver": Option<bool>,
        /// whether it gets its source NAT address now; true when nothing is said
        start: Option<bool>,
        /// whether the owner sees the VPC
        fordisplay: Option<bool>,
        ..owner: ForOwner,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateVpc) -> Result<VpcView, Fault> {
    let new = NewVpc {
        name: args.name.to_string(),
        display_text: text(args.displaytext.as_ref()),
        zone: cx.find(&args.zoneid)?,
        offering: cx.find(&args.vpcofferingid)?,
        owner: args.owner.owner(cx)?,
        cidr: text(args.cidr.as_ref()),
        cidr_size: args.cidrsize,
        domain_name: text(args.networkdomain.as_ref()),
        dns: NameServers {
            dns1: args.dns1,
            dns2: args.dns2,
            ip6_dns1: args.ip6dns1,
            ip6_dns2: args.ip6dns2,
        },
        public_mtu: args.publicmtu.map(i64::from),
        source_nat: args.sourcenatipaddress,
        display: args.fordisplay.unwrap_or(true),
        start: args.start.unwrap_or(true),
        routes: bgp_peers::routes(cx, args.asnumber, args.bgppeerids.as_ref())?,
    };
    let vpc = engine::create_vpc(cx, &new)?;
    show(cx, vpc)
}

api! {
    /// Lists VPCs with their tiers.
    now list "listVPCs" { key: "vpc", root_params: &["fordisplay"],
        example: "list vpcs zoneid=sandbox" } => list -> VpcView;
    ListVpcs {
        /// the id of the VPC
        id: Option<Id<Vpc>>,
        /// the name of the VPC
        name: Option<Text>,
        /// part of what the VPC is said to be
        displaytext: Option<Text>,
        /// the CIDR of the VPC
        cidr: Option<Text>,
        /// only VPCs of this zone
        zoneid: Option<Id<Zone>>,
        /// only VPCs of this offering
        vpcofferingid: Option<Id<VpcOffering>>,
        /// only VPCs in this state
        state: Option<VpcState>,
        /// only VPCs that must be restarted, or need not
        restartrequired: Option<bool>,
        /// only VPCs that their owner sees, or does not
        fordisplay: Option<bool>,
        /// only VPCs with all these services
        supportedservices: Option<List<String>>,
        /// only VPCs with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListVpcs) -> Result<Rows<VpcView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", text(args.name.as_ref()));
    filter.is("cidr", text(args.cidr.as_ref()));
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("offering_id", cx.row_opt(args.vpcofferingid.as_ref())?);
    filter.is("state", args.state);
    filter.is("restart_required", args.restartrequired);
    filter.is("display", args.fordisplay);
    if let Some(part) = args.displaytext.as_deref() {
        filter.holds("instr(display_text, ?) > 0", [part.into()]);
    }
    filter.keyword(&["name", "display_text"]);
    args.owned.narrow(cx, &mut filter, "account_id", args.id.is_some())?;
    narrow_by_services(cx, args, &mut filter)?;
    filter.tagged(EntityKind::Vpc, args.tags.as_ref())?;
    let (vpcs, total) = filter.living::<Vpc>(cx, "id")?;
    let rows = vpcs.into_iter().map(|vpc| show(cx, vpc)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn narrow_by_services(
    cx: &mut Cx<'_>,
    args: &ListVpcs,
    filter: &mut Filter<'_>,
) -> Result<(), Fault> {
    let Some(wanted) = &args.supportedservices else { return Ok(()) };
    let wanted = services_named(&wanted.0, "supportedservices")?;
    let offerings: Vec<VpcOffering> = cx.tx.select("", &[])?;
    let has_all = |one: &&VpcOffering| wanted.iter().all(|known| one.has(known.name));
    let ids: Vec<_> = offerings.iter().filter(has_all).map(|one| one.id.to_string()).collect();
    filter.holds(&format!("offering_id IN ({})", ids.join(", ")), []);
    Ok(())
}

api! {
    /// Changes a VPC.
    job object "updateVPC" { key: "vpc", event: "VPC.UPDATE",
        root_params: &["customid", "fordisplay"],
        example: "update vpc id=web displaytext=\"The web\"" } => update -> VpcView;
    UpdateVpc {
        /// the id of the VPC
        id: Id<Vpc>,
        /// the new name
        name: Option<Text>,
        /// what the VPC is
        displaytext: Option<Text>,
        /// whether the owner sees the VPC
        fordisplay: Option<bool>,
        /// the MTU of its public interface, in bytes
        publicmtu: Option<u32>,
        /// the address of the VPC that becomes its source NAT
        sourcenatipaddress: Option<Ipv4Addr>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateVpc) -> Result<VpcView, Fault> {
    let vpc = cx.find(&args.id)?;
    let changes = VpcChanges {
        name: text(args.name.as_ref()),
        display_text: text(args.displaytext.as_ref()),
        display: args.fordisplay,
        public_mtu: args.publicmtu.map(i64::from),
        source_nat: args.sourcenatipaddress,
    };
    let vpc = engine::update_vpc(cx, vpc, changes)?;
    let (id, wanted) = ((0, vpc.id), args.customid.as_deref());
    cx.rename(EntityKind::Vpc, id, wanted).map_err(Fault::in_job)?;
    show(cx, vpc)
}

api! {
    /// Deletes a VPC that has no tiers and gives back its addresses.
    job success "deleteVPC" { event: "VPC.DELETE", example: "delete vpc id=web" } => delete;
    DeleteVpc {
        /// the id of the VPC
        id: Id<Vpc>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteVpc) -> Result<(), Fault> {
    let vpc = cx.find(&args.id)?;
    engine::delete_vpc(cx, vpc)
}

api! {
    /// Restarts a VPC; its addresses stay.
    job success "restartVPC" { event: "VPC.RESTART", example: "restart vpc id=web" } => restart;
    RestartVpc {
        /// the id of the VPC
        id: Id<Vpc>,
        /// whether its routers are made anew
        cleanup: Option<bool>,
        /// whether it is to have two routers from now on
        makeredundant: Option<bool>,
        /// whether its routers are patched while they run, which excludes cleanup
        livepatch: Option<bool>,
    }
}

fn restart(cx: &mut Cx<'_>, args: &RestartVpc) -> Result<(), Fault> {
    let vpc = cx.find(&args.id)?;
    let cleanup = args.cleanup == Some(true);
    refuse_both(cleanup, args.livepatch == Some(true))?;
    engine::restart_vpc(cx, vpc, cleanup, args.makeredundant == Some(true))
}
