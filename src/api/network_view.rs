//! Networks as the API shows them.

use crate::api::network_offerings::{ServiceView, show_services};
use crate::api::owner_view::OwnerView;
use crate::api::routed_view::RoutedView;
use crate::api::tags::{self, TagPair};
use crate::engine::{self, Access, Cx, Owner, ip6, isolation_of, reserved_range};
use crate::model::{
    Acl, EntityKind, GuestType, Network, NetworkOffering, PhysicalNetwork, Time, TrafficKind, Uid,
    Vpc, Zone,
};
use crate::net::{Cidr4, IsolationMethod, VlanTag};
use crate::schema::{Fault, view};
use std::net::Ipv4Addr;

view! {
    /// The offering of a network, which is part of the network's own view.
    OfferingView in "NetworkOfferingResponse" shows ["networkofferingname"] {
        /// the id of the offering that the network was made by
        networkofferingid: Option<Uid>,
        /// the name of the offering
        networkofferingname: Option<String>,
        /// what the offering is
        networkofferingdisplaytext: Option<String>,
        /// whether one public address may serve several kinds of rules
        networkofferingconservemode: Option<bool>,
        /// whether the offering must be there, `Required` or `Optional`
        networkofferingavailability: Option<&'static str>,
        /// `IPv4`, `IPv6` or `DualStack`
        internetprotocol: Option<String>,
        /// the services that the network has
        service: Vec<ServiceView>,
        /// whether ranges of addresses are given to the network
        specifyipranges: bool,
        /// whether its VLAN was given when it was made
        specifyvlan: bool,
        /// whether the network lives without guests
        ispersistent: bool,
        /// whether outgoing traffic is allowed unless a rule forbids it
        egressdefaultpolicy: bool,
        /// whether the offering lets groups of guests grow and shrink by themselves
        supportsvmautoscaling: bool,
    }
}

view! {
    /// A route that leads to a subnet of guests.
    RouteView in "Ipv6RouteResponse" shows ["subnet", "gateway"] {
        /// the subnet
        subnet: String,
        /// the router's address, through which it is reached
        gateway: String,
    }
}

view! {
    /// The place of a tier, which is part of the network's own view.
    TierView in "VpcResponse" shows ["vpcname"] {
        /// the id of the VPC whose tier the network is
        vpcid: Option<Uid>,
        /// the name of the VPC whose tier the network is
        vpcname: Option<String>,
        /// the id of the ACL list of a tier
        aclid: Option<Uid>,
        /// the name of the ACL list of a tier
        aclname: Option<String>,
    }
}

view! {
    /// A network, as `listNetworks` shows it.
    NetworkView in "NetworkResponse" shows ["name", "id", "type", "state", "cidr", "gateway",
        "broadcasturi", "vpcname", "zonename", "account", "networkofferingname"]
        root ["broadcasturi", "displaynetwork", "physicalnetworkid", "vlan"] {
        /// the id of the network
        id: Uid,
        /// the name of the network
        name: String,
        /// what the network is
        displaytext: String,
        /// how its traffic is kept apart, `Vlan` or `Vxlan`
        broadcastdomaintype: Option<&'static str>,
        /// what travels over the network
        traffictype: &'static str,
        /// the gateway of its guests; several with commas where it has several subnets
        gateway: Option<String>,
        /// the netmask of its guests
        netmask: Option<Ipv4Addr>,
        /// the CIDR that its guests get addresses from; several with commas where it has several
        /// subnets
        cidr: Option<String>,
        /// the whole CIDR, when a part of it is kept from guests
        networkcidr: Option<String>,
        /// the addresses of the whole CIDR that are kept from guests
        reservediprange: Option<String>,
        /// the IPv6 gateway of its guests
        ip6gateway: Option<String>,
        /// the IPv6 CIDR of its guests
        ip6cidr: Option<String>,
        /// `Static` for a network with IPv6: how the world learns routes to it
        ip6routing: Option<&'static str>,
        /// the routes to its guests that the routers outside need
        ip6routes: Option<Vec<RouteView>>,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// whether the network is one of the system's own
        issystem: bool,
        /// the state of the network
        state: &'static str,
        /// the network that this one is a part of, mostly itself
        related: Uid,
        /// the broadcast URI, for example `vxlan://5000`; only admins see it
        broadcasturi: Option<String>,
        /// the first name server
        dns1: Option<String>,
        /// the second name server
        dns2: Option<String>,
        /// the first IPv6 name server
        ip6dns1: Option<String>,
        /// the second IPv6 name server
        ip6dns2: Option<String>,
        /// the kind of network: `Isolated`, `Shared` or `L2`
        guesttype as "type": Option<&'static str>,
        /// the VLAN or VNI; only admins see it
        vlan: Option<String>,
        /// who may use the network, `Account` or `Domain`
        acltype: Option<String>,
        /// whether the domains below may use it too, of a network for a domain
        subdomainaccess: Option<bool>,
        /// the DNS domain of its guests
        networkdomain: Option<String>,
        /// the id of the physical network under it
        physicalnetworkid: Option<Uid>,
        /// whether the network must be restarted before changes take effect
        restartrequired: bool,
        /// whether new guests can be put into the network
        canusefordeploy: bool,
        /// whether the owner sees the network
        displaynetwork: bool,
        /// whether the network spans zones
        strechedl2subnet: bool,
        /// whether the network has two routers
        redundantrouter: bool,
        /// the MTU of the router's public interface, in bytes
        publicmtu: Option<i64>,
        /// the MTU of the router's guest interface, in bytes
        privatemtu: Option<i64>,
        /// when the network was made
        created: Time,
        /// whether somebody left a comment
        hasannotations: bool,
        /// the tags of the network
        tags: Vec<TagPair>,
        ..owner: OwnerView,
        ..routed: RoutedView,
        ..offering: OfferingView,
        ..tier: TierView,
    }
}

/// A network as the admin sees it.
pub(crate) fn show(cx: &mut Cx<'_>, network: Network) -> Result<NetworkView, Fault> {
    let zone: Zone = cx.must(network.zone_id)?;
    let owner = Owner::from(&network);
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let vpc: Option<Vpc> = network.vpc_id.map(|id| cx.must(id)).transpose()?;
    let mask = network.network_cidr.or(network.cidr).map(Cidr4::netmask);
    let servers = name_servers(&network, vpc.as_ref(), zone);
    let (gateway, cidr) = subnets(cx, &network)?;
    let (owner, subdomainaccess) = owner_of(cx, &network, owner)?;
    let ip6routes = ip6_routes(cx, &network)?;
    let has_ip6 = offering.as_ref().is_some_and(ip6::has_ip6);
    let routed = RoutedView::of_network(cx, &network, offering.as_ref())?;
    Ok(NetworkView {
        id: cx.uid::<Network>(network.id),
        name: shown_name(cx, &network, vpc.as_ref())?,
        broadcastdomaintype: broadcast_domain(cx, &network)?,
        traffictype: network.traffic_type.word(),
        gateway,
        netmask: network.gateway.and(mask),
        cidr,
        networkcidr: network.network_cidr.map(|cidr| cidr.to_string()),
        reservediprange: reserved_range(&network),
        zoneid: cx.uid::<Zone>(network.zone_id),
        zonename: servers.zone,
        issystem: network.system,
        state: network.state.word(),
        related: cx.uid::<Network>(network.id),
        vlan: network.broadcast_uri.as_deref().and_then(vlan_of),
        dns1: servers.dns.0,
        dns2: servers.dns.1,
        ip6dns1: servers.ip6_dns.0,
        ip6dns2: servers.ip6_dns.1,
        guesttype: network.guest_type.map(GuestType::word),
        physicalnetworkid: cx.uid_opt::<PhysicalNetwork>(network.physical_network_id),
        restartrequired: network.restart_required,
        canusefordeploy: has_room(&network),
        displaynetwork: network.display,
        strechedl2subnet: false,
        redundantrouter: network.redundant,
        publicmtu: network.public_mtu,
        privatemtu: network.private_mtu,
        created: network.created,
        hasannotations: false,
        tags: tags::pairs(cx, (EntityKind::Network, 0, network.id))?,
        owner,
        routed,
        subdomainaccess,
        offering: show_offering(cx, offering),
        tier: show_tier(cx, vpc, network.acl_id)?,
        displaytext: network.display_text,
        ip6gateway: network.ip6_gateway,
        ip6cidr: network.ip6_cidr,
        ip6routing: has_ip6.then_some("Static"),
        ip6routes: (!ip6routes.is_empty()).then_some(ip6routes),
        broadcasturi: network.broadcast_uri,
        acltype: network.acl_type,
        networkdomain: network.network_domain,
    })
}

/// The gateways and the CIDRs of a network. A shared one has those of all its ranges.
fn subnets(cx: &mut Cx<'_>, network: &Network) -> Result<(Option<String>, Option<String>), Fault> {
    if network.guest_type != Some(GuestType::Shared) {
        let text = |gateway: Ipv4Addr| gateway.to_string();
        return Ok((network.gateway.map(text), network.cidr.map(|cidr| cidr.to_string())));
    }
    let all = engine::subnets_of(cx, network)?;
    let gateways: Vec<_> = all.iter().map(|one| one.gateway.to_string()).collect();
    let cidrs: Vec<_> = all.iter().map(|one| one.cidr.to_string()).collect();
    let listed = |all: Vec<String>| (!all.is_empty()).then(|| all.join(","));
    Ok((listed(gateways), listed(cidrs)))
}

/// The IPv6 routes to a network that routers outside need.
pub(crate) fn ip6_routes(cx: &mut Cx<'_>, network: &Network) -> Result<Vec<RouteView>, Fault> {
    let isolated = network.guest_type == Some(GuestType::Isolated);
    let Some(subnet) = network.ip6_cidr.clone().filter(|_| isolated) else {
        return Ok(Vec::new());
    };
    let router = ip6::router_of(cx, network)?;
    let route = router.map(|ip| RouteView { subnet, gateway: ip.to_string() });
    Ok(route.into_iter().collect())
}

/// The owner of a network; of one for a domain the domain, and whether those below it may use it.
fn owner_of(
    cx: &mut Cx<'_>,
    network: &Network,
    owner: Owner,
) -> Result<(OwnerView, Option<bool>), Fault> {
    let view = OwnerView::of(cx, owner)?;
    let Access::Domain { domain_id, subdomains } = engine::access_to(cx, network)? else {
        return Ok((view, None));
    };
    let domain = Owner { domain_id, ..owner };
    let view = OwnerView { account: None, ..OwnerView::of(cx, domain)? };
    Ok((view, Some(subdomains)))
}

fn show_offering(cx: &Cx<'_>, offering: Option<NetworkOffering>) -> OfferingView {
    let of = offering.as_ref();
    let scales =
        |of: &NetworkOffering| of.services().capability("Lb", "VmAutoScaling") == Some("true");
    OfferingView {
        networkofferingid: of.map(|of| cx.uid::<NetworkOffering>(of.id)),
        networkofferingname: of.map(|of| of.name.clone()),
        networkofferingdisplaytext: of.map(|of| of.display_text.clone()),
        networkofferingconservemode: of.map(|of| of.conserve_mode),
        networkofferingavailability: of.map(|of| of.availability.word()),
        internetprotocol: of.map(|of| of.internet_protocol.clone()),
        service: of.map_or_else(Vec::new, |of| show_services(of.services())),
        specifyipranges: of.is_some_and(|of| of.specify_ip_ranges),
        specifyvlan: of.is_some_and(|of| of.specify_vlan),
        ispersistent: of.is_some_and(|of| of.persistent),
        egressdefaultpolicy: of.is_some_and(|of| of.egress_allow),
        supportsvmautoscaling: of.is_some_and(scales),
    }
}

fn show_tier(cx: &mut Cx<'_>, vpc: Option<Vpc>, acl_id: Option<i64>) -> Result<TierView, Fault> {
    let acl: Option<Acl> = acl_id.map(|id| cx.must(id)).transpose()?;
    Ok(TierView {
        vpcid: vpc.as_ref().map(|vpc| cx.uid::<Vpc>(vpc.id)),
        vpcname: vpc.map(|vpc| vpc.name),
        aclid: cx.uid_opt::<Acl>(acl_id),
        aclname: acl.map(|acl| acl.name),
    })
}

type Pair = (Option<String>, Option<String>);

/// The name servers that guests are told of.
struct Servers {
    zone: String,
    dns: Pair,
    ip6_dns: Pair,
}

/// The network's own name servers, else those of its VPC, else those of the zone.
fn name_servers(network: &Network, vpc: Option<&Vpc>, zone: Zone) -> Servers {
    let first = |own: Pair, vpc: Pair, zone: Pair| {
        if network.traffic_type != TrafficKind::Guest {
            return (None, None);
        }
        [own, vpc, zone].into_iter().find(|pair| pair.0.is_some()).unwrap_or_default()
    };
    let of_vpc = vpc.map(|vpc| (vpc.dns1.clone(), vpc.dns2.clone())).unwrap_or_default();
    let of_vpc6 = vpc.map(|vpc| (vpc.ip6_dns1.clone(), vpc.ip6_dns2.clone())).unwrap_or_default();
    let own6 = (network.ip6_dns1.clone(), network.ip6_dns2.clone());
    Servers {
        dns: first(
            (network.dns1.clone(), network.dns2.clone()),
            of_vpc,
            (Some(zone.dns1), zone.dns2),
        ),
        ip6_dns: first(own6, of_vpc6, (zone.ip6_dns1, zone.ip6_dns2)),
        zone: zone.name,
    }
}

/// Whether a guest still finds an address: a block of two or one has none beside the gateway.
fn has_room(network: &Network) -> bool {
    network.traffic_type == TrafficKind::Guest && network.cidr.is_none_or(|cidr| cidr.size() > 2)
}

/// The name, behind that of the VPC where the setting `vpc.tier.name.prepend` says so.
fn shown_name(cx: &mut Cx<'_>, network: &Network, vpc: Option<&Vpc>) -> Result<String, Fault> {
    let Some(vpc) = vpc else { return Ok(network.name.clone()) };
    if !cx.setting_flag("vpc.tier.name.prepend")? {
        return Ok(network.name.clone());
    }
    let between = cx.setting("vpc.tier.name.prepend.delimiter")?;
    Ok(format!("{}{between}{}", vpc.name, network.name))
}

/// How traffic is kept apart (`Networks.BroadcastDomainType`).
fn broadcast_domain(cx: &mut Cx<'_>, network: &Network) -> Result<Option<&'static str>, Fault> {
    match network.traffic_type {
        TrafficKind::Guest => {}
        TrafficKind::Control => return Ok(Some("LinkLocal")),
        TrafficKind::Public => return Ok(Some("Vlan")),
        _ => return Ok(Some("Native")),
    }
    let Some(physical_id) = network.physical_network_id else { return Ok(None) };
    Ok(Some(match isolation_of(&cx.must(physical_id)?)? {
        IsolationMethod::Vlan | IsolationMethod::L3 => "Vlan",
        IsolationMethod::Gre => "Vswitch",
        IsolationMethod::Vxlan => "Vxlan",
        IsolationMethod::Stt => "Lswitch",
        IsolationMethod::Vcs => "Vcs",
        IsolationMethod::Nsx => "NSX",
        IsolationMethod::Netris => "Netris",
    }))
}

/// What stands behind the scheme of a broadcast URI.
pub(crate) fn vlan_of(uri: &str) -> Option<String> {
    match VlanTag::parse(uri).ok()? {
        VlanTag::Untagged => Some("untagged".into()),
        VlanTag::Uri(_, id) => Some(id),
        other => other.id().map(|id| id.to_string()),
    }
}
