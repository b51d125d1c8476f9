//! New guest networks: what is refused of them, and what they are made of.

use crate::engine::ip6::has_ip6;
use crate::engine::network_checks::{
    self as checks, NameServers, PRIVATE_MTU, PUBLIC_MTU, check_gateway, check_zone,
};
use crate::engine::network_life::{implement, scheme_of};
use crate::engine::routing::{self, Holder, Routed, Routes, is_routed};
use crate::engine::shared_networks::{self, Shared};
use crate::engine::{
    Cx, Owner, Resource, guest_vlans, ip6, net_addresses, network_access, private_gateways,
    take_vnet, tiers, vnets_of,
};
use crate::model::{
    Acl, AclType, EntityKind, GuestType, Network, NetworkOffering, NetworkState, OfferingState,
    PhysicalNetwork, TrafficKind, Vpc, Zone,
};
use crate::net::{Cidr4, VlanTag};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// What a new guest network is to be.
#[derive(Clone)]
pub(crate) struct NewNetwork {
    /// Its name.
    pub(crate) name: String,
    /// What it is; its name when nothing is said.
    pub(crate) display_text: Option<String>,
    /// Who is to own it.
    pub(crate) owner: Owner,
    /// The zone.
    pub(crate) zone: Zone,
    /// The offering.
    pub(crate) offering: NetworkOffering,
    /// The physical network under it, where it was named.
    pub(crate) physical: Option<PhysicalNetwork>,
    /// The VPC whose tier it is to be.
    pub(crate) vpc: Option<Vpc>,
    /// The ACL list of a tier.
    pub(crate) acl: Option<Acl>,
    /// Who may use it.
    pub(crate) acl_type: Option<AclType>,
    /// The gateway of its guests.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The netmask of its guests.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The prefix length of the block that is carved for a tier.
    pub(crate) cidr_size: Option<u8>,
    /// The VLAN, where its offering wants one to be named.
    pub(crate) vlan: Option<String>,
    /// Whether another network of the zone may have the same VLAN.
    pub(crate) shares_vlan: bool,
    /// The DNS domain of its guests.
    pub(crate) domain_name: Option<String>,
    /// Name servers of its own.
    pub(crate) dns: NameServers,
    /// The MTU of the router's public interface, in bytes.
    pub(crate) public_mtu: Option<i64>,
    /// The MTU of the router's guest interface, in bytes.
    pub(crate) private_mtu: Option<i64>,
    /// The address that is to be its source NAT.
    pub(crate) source_nat: Option<Ipv4Addr>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
    /// What only shared networks have.
    pub(crate) shared: Shared,
    /// What its router is told of routes.
    pub(crate) routes: Routes,
}

/// A gateway and the block that it serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Subnet {
    /// The gateway.
    pub(crate) gateway: Ipv4Addr,
    /// The block.
    pub(crate) cidr: Cidr4,
}

impl Subnet {
    /// A block whose gateway is its first host.
    pub(crate) fn of(cidr: Cidr4) -> Self {
        Self { gateway: cidr.first_host(), cidr }
    }
}

/// Makes a guest network (`NetworkServiceImpl.createGuestNetwork`). Tiers and networks of
/// persistent offerings are implemented at once, others by their first guest.
pub(crate) fn create_network(cx: &mut Cx<'_>, new: &NewNetwork) -> Result<Network, Fault> {
    check_offering(new)?;
    let given = new.physical.as_ref();
    let physical = checks::physical_network(cx, &new.zone, &new.offering, given)?;
    check_zone(cx, &new.zone, new.owner)?;
    let (owner, access) = shared_networks::access_of(cx, new)?;
    let new = &NewNetwork { owner, ..new.clone() };
    check_name(cx, new)?;
    let given = given_subnet(cx, new)?;
    let shared = new.offering.guest_type == GuestType::Shared;
    if shared {
        shared_networks::check(cx, new, given)?;
    } else if has_ip6(&new.offering) {
        ip6::check_room(cx, &new.zone)?;
    }
    let routed = routing::subnet_of_network(cx, new, given)?;
    check_services(new)?;
    let domain = domain_name(cx, new)?;
    let subnet = match (&new.vpc, &routed) {
        (Some(vpc), _) => Some(tiers::check_tier(cx, new, vpc, given)?),
        (None, Some(routed)) => Some(given.unwrap_or_else(|| Subnet::of(routed.cidr))),
        (None, None) => plain_subnet(new, given)?,
    };
    cx.check_limit(new.owner, Resource::Network, 1)?;
    let vlan = named_vlan(cx, new, &physical)?;
    if let Some(subnet) = subnet.filter(|_| !shared && !is_routed(&new.offering)) {
        checks::check_private(cx, subnet.cidr, "The network's CIDR")?;
    }
    let mut network = row(cx, new, &physical, subnet)?;
    network.network_domain = domain;
    access.word().clone_into(network.acl_type.get_or_insert_default());
    let network = if shared {
        store_shared(cx, new, network, vlan, &physical)?
    } else {
        store(cx, new, network, vlan, routed.as_ref())?
    };
    network_access::note(cx, network.id, access)?;
    Ok(network)
}

/// A shared network has all it needs from the beginning: its VLAN and its ranges.
fn store_shared(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    mut network: Network,
    vlan: Option<VlanTag>,
    physical: &PhysicalNetwork,
) -> Result<Network, Fault> {
    network.state = NetworkState::Setup;
    network.broadcast_uri = vlan.as_ref().map(VlanTag::to_string);
    network.id = cx.tx.insert(&network)?;
    if vlan.is_none() {
        let vnet = take_vnet(cx, physical, network.id, network.account_id)?;
        network.broadcast_uri = Some(format!("{}://{vnet}", scheme_of(physical)?));
        cx.tx.save(&network)?;
    }
    cx.count(new.owner, Resource::Network, 1)?;
    shared_networks::first_range(cx, new, &network)?;
    let what = format!("creating network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), new.owner, what);
    Ok(network)
}

fn store(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    mut network: Network,
    vlan: Option<VlanTag>,
    routed: Option<&Routed>,
) -> Result<Network, Fault> {
    let at_once = new.offering.persistent || new.vpc.is_some();
    if vlan.is_some() && !at_once {
        // A network with a VLAN of its own has all it needs and is never implemented.
        network.state = NetworkState::Setup;
        network.broadcast_uri = vlan.as_ref().map(VlanTag::to_string);
    }
    network.id = cx.tx.insert(&network)?;
    if let Some(routed) = routed {
        let holder = Holder::Network(network.id);
        routing::take_subnet(cx, holder, network.zone_id, routed)?;
    }
    if new.vpc.is_none() {
        let holder = Holder::Network(network.id);
        routing::give_routes(cx, holder, new.offering.routing_mode, &new.routes)?;
    }
    if has_ip6(&new.offering) {
        ip6::give_subnet(cx, &mut network)?;
        cx.tx.save(&network)?;
    }
    cx.count(new.owner, Resource::Network, 1)?;
    let what = format!("creating network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), new.owner, what);
    if let Some(wanted) = new.source_nat {
        net_addresses::take_source_nat_for_network(cx, &network, Some(wanted))?;
    }
    if at_once {
        network.broadcast_uri = vlan.as_ref().map(VlanTag::to_string);
        implement(cx, &mut network)?;
    }
    Ok(network)
}

/// Whether networks can be made by this offering, and in the place that is asked for.
fn check_offering(new: &NewNetwork) -> Result<(), Fault> {
    let (offering, name) = (&new.offering, quoted(&new.offering.name));
    let refuse = |why: &str| {
        Err(Fault::invalid(format!(
            "Invalid parameter networkofferingid: the network offering {name} {why}"
        )))
    };
    if offering.state != OfferingState::Enabled {
        return refuse(&format!("is {}, not Enabled", offering.state));
    }
    if offering.traffic_type != TrafficKind::Guest {
        return refuse(&format!("is for {} traffic, not for guests", offering.traffic_type));
    }
    match (&new.vpc, offering.for_vpc) {
        (Some(_), false) => refuse("is not for tiers of VPCs"),
        (None, true) => refuse("is for tiers of VPCs only, so vpcid is needed"),
        _ => Ok(()),
    }
}

/// What a later version does.
pub(crate) fn later<T>(what: &str) -> Result<T, Fault> {
    let text =
        format!("{what} cannot be made yet; isolated, shared and L2 networks and VPC tiers can");
    Err(Fault::new(Exception::UnsupportedAction, text))
}

/// Two networks of an account may have one name unless `allow.duplicate.networkname` is false.
fn check_name(cx: &mut Cx<'_>, new: &NewNetwork) -> Result<(), Fault> {
    let (account_id, setting) = (new.owner.account_id, "allow.duplicate.networkname");
    if cx.setting_at(setting, "account", account_id)?.eq_ignore_ascii_case("true") {
        return Ok(());
    }
    let args = [new.name.as_str().into(), account_id.into()];
    let found: Option<Network> =
        cx.tx.first("WHERE name = ? AND account_id = ? AND removed IS NULL", &args)?;
    let Some(found) = found else { return Ok(()) };
    let (name, id) = (quoted(&new.name), cx.uid::<Network>(found.id));
    Err(Fault::invalid(format!(
        "Invalid parameter name: the account has a network {name} already ({id}), and the \
         setting {setting} is false"
    ))
    .about(id, "networkId"))
}

/// The gateway and the CIDR that were given, if any: both or none.
fn given_subnet(cx: &mut Cx<'_>, new: &NewNetwork) -> Result<Option<Subnet>, Fault> {
    let (gateway, netmask) = match (new.gateway, new.netmask) {
        (None, None) => return Ok(None),
        (Some(gateway), Some(netmask)) => (gateway, netmask),
        (Some(_), None) => {
            return Err(Fault::invalid("Parameter gateway is given without netmask"));
        }
        (None, Some(_)) => {
            return Err(Fault::invalid("Parameter netmask is given without gateway"));
        }
    };
    if new.cidr_size.is_some() {
        return Err(Fault::invalid("Parameter cidrsize is given with gateway and netmask"));
    }
    let cidr = Cidr4::from_gateway_netmask(gateway, netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))?;
    check_gateway(gateway, cidr)?;
    let most = cx.setting_int("network.guest.cidr.limit")?;
    if i64::from(cidr.len()) < most && !cx.caller.is_root() {
        return Err(Fault::invalid(format!(
            "Invalid parameter netmask: {cidr} is larger than the /{most} that the setting \
             network.guest.cidr.limit allows"
        )));
    }
    Ok(Some(Subnet { gateway, cidr }))
}

/// The addresses of a network outside of VPCs: those given, else those that the zone has for all.
fn plain_subnet(new: &NewNetwork, given: Option<Subnet>) -> Result<Option<Subnet>, Fault> {
    if new.cidr_size.is_some() {
        return Err(Fault::invalid(
            "Parameter cidrsize is for tiers of VPCs and routed networks; give gateway and \
             netmask, or nothing for the zone's guest CIDR",
        ));
    }
    if new.offering.guest_type == GuestType::L2 {
        return match given {
            Some(_) => Err(Fault::invalid(
                "Invalid parameter gateway: an L2 network has no addresses of its own",
            )),
            None => Ok(None),
        };
    }
    let shared = new.offering.guest_type == GuestType::Shared;
    if given.is_some() || shared || new.offering.services().is_empty() {
        return Ok(given);
    }
    let zone = &new.zone;
    let cidr = zone.guest_cidr.ok_or_else(|| {
        Fault::new(
            Exception::CloudRuntime,
            format!(
                "The zone {} has no guest CIDR, so gateway and netmask are needed",
                quoted(&zone.name)
            ),
        )
    })?;
    Ok(Some(Subnet::of(cidr)))
}

/// Whether the offering has the services that parameters need.
fn check_services(new: &NewNetwork) -> Result<(), Fault> {
    let (offering, name) = (&new.offering, quoted(&new.offering.name));
    if !new.dns.is_empty() {
        if new.vpc.is_some() {
            return Err(Fault::invalid(
                "Parameter dns1 is not for tiers: they use the name servers of their VPC",
            ));
        }
        if !offering.has("Dns") {
            let text = format!("Invalid parameter dns1: the offering {name} has no service Dns");
            return Err(Fault::invalid(text));
        }
        new.dns.check()?;
    }
    if new.source_nat.is_some() && (new.vpc.is_some() || !offering.has("SourceNat")) {
        return Err(Fault::invalid(format!(
            "Invalid parameter sourcenatipaddress: only isolated networks outside of VPCs whose \
             offering has the service SourceNat have one, not those of {name}"
        )));
    }
    if new.acl.is_some() && new.vpc.is_none() {
        return Err(Fault::invalid("Parameter aclid is for tiers of VPCs only"));
    }
    Ok(())
}

/// The DNS domain: none without the service Dns; that of its VPC for a tier.
fn domain_name(cx: &mut Cx<'_>, new: &NewNetwork) -> Result<Option<String>, Fault> {
    let given = new.domain_name.as_deref().map(checks::domain_name).transpose()?;
    if !new.offering.has("Dns") {
        return match given {
            Some(_) => Err(Fault::invalid(format!(
                "Invalid parameter networkdomain: the offering {} has no service Dns",
                quoted(&new.offering.name)
            ))),
            None => Ok(None),
        };
    }
    match (given, &new.vpc) {
        (Some(given), _) => Ok(Some(given)),
        (None, Some(vpc)) => Ok(vpc.network_domain.clone()),
        (None, None) => checks::default_domain(cx, &new.zone, new.owner).map(Some),
    }
}

/// The VLAN that was named; it must be where the offering wants one, and nobody else's.
fn named_vlan(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    physical: &PhysicalNetwork,
) -> Result<Option<VlanTag>, Fault> {
    let offering = quoted(&new.offering.name);
    let text = match (&new.vlan, new.offering.specify_vlan) {
        (None, false) => return Ok(None),
        (Some(text), true) => text,
        (None, true) => {
            let text = format!("Parameter vlan is needed: the offering {offering} asks for it");
            return Err(Fault::invalid(text));
        }
        (Some(_), false) => {
            return Err(Fault::invalid(format!(
                "Parameter vlan is not for the offering {offering}: its networks get their VLAN \
                 from the physical network"
            )));
        }
    };
    if !cx.caller.is_root() {
        let text = "Only root admins may give the parameter vlan";
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    let tag = read_vlan(text, physical)?;
    let bypass = new.shares_vlan && new.offering.guest_type == GuestType::Shared;
    check_vlan(cx, &tag, physical, new.owner, (bypass, new.shares_vlan))?;
    Ok(Some(tag))
}

/// Whether a network of this owner may have a VLAN that was named. `pooled` says that it may be
/// one of those that the physical network hands out by itself, `shared` that another network of
/// the zone may have it too.
pub(crate) fn check_vlan(
    cx: &mut Cx<'_>,
    tag: &VlanTag,
    physical: &PhysicalNetwork,
    owner: Owner,
    (pooled, shared): (bool, bool),
) -> Result<(), Fault> {
    if let Some(id) = tag.id().filter(|_| !pooled)
        && vnets_of(physical)?.contains(id)
    {
        return Err(Fault::invalid(format!(
            "Invalid parameter vlan: {id} is one of those that the physical network {} hands out \
             by itself ({})",
            quoted(&physical.name),
            quoted(&physical.vnets)
        )));
    }
    if !shared {
        refuse_taken(cx, tag, physical.zone_id)?;
        private_gateways::refuse_taken_vlan(cx, tag, physical.zone_id)?;
    }
    if let Some(id) = tag.id()
        && let Some(range) = guest_vlans::with(cx, physical.id, id)?
        && range.account_id != owner.account_id
    {
        return Err(Fault::invalid(format!(
            "Invalid parameter vlan: {id} is one of {}, which are dedicated to another account",
            range.shown()
        )));
    }
    Ok(())
}

/// A bare number is an id of the physical network's isolation method.
pub(crate) fn read_vlan(text: &str, physical: &PhysicalNetwork) -> Result<VlanTag, Fault> {
    let number = text.trim().bytes().all(|byte| byte.is_ascii_digit());
    let scheme = scheme_of(physical)?;
    let text = if number { format!("{scheme}://{}", text.trim()) } else { text.to_owned() };
    VlanTag::parse(&text).map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))
}

fn refuse_taken(cx: &mut Cx<'_>, tag: &VlanTag, zone_id: i64) -> Result<(), Fault> {
    let args = [tag.to_string().into(), zone_id.into()];
    let found: Option<Network> =
        cx.tx.first("WHERE broadcast_uri = ? AND zone_id = ? AND removed IS NULL", &args)?;
    let Some(found) = found else { return Ok(()) };
    let (name, id) = (quoted(&found.name), cx.uid::<Network>(found.id));
    Err(Fault::invalid(format!(
        "Invalid parameter vlan: {tag} is that of the network {name} ({id}) of the same zone"
    ))
    .about(id, "networkId"))
}

fn row(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    physical: &PhysicalNetwork,
    subnet: Option<Subnet>,
) -> Result<Network, Fault> {
    let zone_id = new.zone.id;
    let may = checks::may_choose_mtu(cx, zone_id)?;
    let public = match &new.vpc {
        Some(vpc) => vpc.public_mtu,
        None => checks::mtu(cx, PUBLIC_MTU, zone_id, new.public_mtu.filter(|_| may))?,
    };
    let private = checks::mtu(cx, PRIVATE_MTU, zone_id, new.private_mtu.filter(|_| may))?;
    let routed = new.offering.guest_type != GuestType::L2;
    Ok(Network {
        id: 0,
        name: new.name.clone(),
        display_text: new.display_text.clone().unwrap_or_else(|| new.name.clone()),
        zone_id,
        physical_network_id: Some(physical.id),
        offering_id: Some(new.offering.id),
        vpc_id: new.vpc.as_ref().map(|vpc| vpc.id),
        acl_id: new.acl.as_ref().map(|acl| acl.id),
        account_id: new.owner.account_id,
        domain_id: new.owner.domain_id,
        traffic_type: TrafficKind::Guest,
        guest_type: Some(new.offering.guest_type),
        state: NetworkState::Allocated,
        gateway: subnet.map(|subnet| subnet.gateway),
        cidr: subnet.map(|subnet| subnet.cidr),
        network_cidr: None,
        ip6_gateway: new.shared.ip6_gateway.map(|gateway| gateway.to_string()),
        ip6_cidr: new.shared.ip6_cidr.map(|cidr| cidr.to_string()),
        broadcast_uri: None,
        network_domain: None,
        acl_type: Some(AclType::Account.word().to_owned()),
        restart_required: false,
        display: new.display,
        dns1: new.dns.dns1.map(|dns| dns.to_string()),
        dns2: new.dns.dns2.map(|dns| dns.to_string()),
        ip6_dns1: new.dns.ip6_dns1.map(|dns| dns.to_string()),
        ip6_dns2: new.dns.ip6_dns2.map(|dns| dns.to_string()),
        public_mtu: routed.then_some(public),
        private_mtu: routed.then_some(private),
        system: false,
        redundant: redundant(&new.offering, new.vpc.as_ref()),
        created: cx.now,
        removed: None,
    })
}

fn redundant(offering: &NetworkOffering, vpc: Option<&Vpc>) -> bool {
    let two = offering.services().capability("SourceNat", "RedundantRouter");
    vpc.map_or(two == Some("true"), |vpc| vpc.redundant)
}
