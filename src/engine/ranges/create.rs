//! Making a range (`ConfigurationManagerImpl.createVlanAndPublicIpRange`): the checks in
//! CloudStack's order, then one row.

use crate::engine::addresses;
use crate::engine::ranges::subnets::Asked;
use crate::engine::ranges::{overlap, public_network, subnets};
use crate::engine::{Cx, Owner, Resource, network_checks, shared_networks};
use crate::model::{
    GuestType, Network, NetworkOffering, PhysicalNetwork, TrafficKind, VlanRange, VlanType, Zone,
    ZoneType,
};
use crate::net::{Cidr4, Cidr6, Range4, VlanTag};
use crate::schema::Fault;
use crate::store::StoreError;
use crate::text::quoted;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewRange {
    /// The zone.
    pub(crate) zone: Option<Zone>,
    /// The network: for public ranges the zone's public one, which is also the default.
    pub(crate) network: Option<Network>,
    /// The physical network; default: the zone's one with public traffic.
    pub(crate) physical: Option<PhysicalNetwork>,
    /// The VLAN, as it was written; default: untagged.
    pub(crate) vlan: Option<String>,
    /// The gateway.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// The netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The first address.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last address; default: the first one.
    pub(crate) last: Option<Ipv4Addr>,
    /// The IPv6 gateway.
    pub(crate) ip6_gateway: Option<Ipv6Addr>,
    /// The IPv6 CIDR.
    pub(crate) ip6_cidr: Option<Cidr6>,
    /// The first IPv6 address.
    pub(crate) ip6_first: Option<Ipv6Addr>,
    /// The last IPv6 address; default: the first one.
    pub(crate) ip6_last: Option<Ipv6Addr>,
    /// The account that it is dedicated to.
    pub(crate) owner: Option<Owner>,
    /// The domain that it is dedicated to.
    pub(crate) domain_id: Option<i64>,
    /// Whether its addresses are public.
    pub(crate) is_public: bool,
    /// Whether it is kept for system VMs.
    pub(crate) for_system_vms: bool,
    /// Whether its VLAN may be one that guests may get.
    pub(crate) bypass: bool,
}

/// IPv4 addresses with their subnet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) range: Range4,
    pub(super) gateway: Ipv4Addr,
    pub(super) netmask: Ipv4Addr,
    pub(super) cidr: Cidr4,
}

/// Makes a range.
pub(crate) fn create(cx: &mut Cx<'_>, ask: &NewRange) -> Result<VlanRange, Fault> {
    if ask.for_system_vms && ask.owner.is_some() {
        let text = "Parameters forsystemvms and account exclude each other";
        return Err(Fault::invalid(text));
    }
    if ask.first.is_none() && ask.ip6_cidr.is_none() {
        return Err(Fault::invalid("One of the parameters startip and ip6cidr must be given"));
    }
    let zone = zone_of(cx, ask)?;
    let physical = physical_of(cx, ask, &zone)?;
    network_checks::refuse_disabled(cx, &zone)?;
    if zone.security_groups && ask.is_public && zone.network_type == ZoneType::Advanced {
        return Err(Fault::invalid(format!(
            "Invalid parameter forvirtualnetwork: the zone {} has security groups and no public \
             addresses",
            zone.name
        )));
    }
    let network = network_of(cx, ask, &zone)?;
    let direct = if ask.is_public { None } else { Some(direct_of(cx, &network)?) };
    let tag = tag_of(ask, direct.as_ref())?;
    let span = match (ask.first, &direct) {
        (None, _) => None,
        (Some(first), None) => Some(span_of(ask, first)?),
        (Some(first), Some(direct)) => Some(direct_span(cx, ask, direct, first)?),
    };
    let six = six_of(ask)?;
    if let Some(direct) = &direct {
        refuse_other_six(&direct.network, six.as_ref())?;
    }
    // A network whose VLAN was taken from those of guests lies apart from all others.
    let apart = direct.as_ref().is_some_and(|direct| direct.got_vlan);
    if let Some(span) = &span {
        overlap::refuse_pods(cx, zone.id, span.range)?;
        if let (Some(owner), true) = (ask.owner, ask.is_public) {
            let more = i64::try_from(span.range.len()).unwrap_or(i64::MAX);
            cx.check_limit(owner, Resource::PublicIp, more)?;
        }
        overlap::refuse_guest_cidr(&zone, &physical, &tag, span)?;
        overlap::refuse_portable(cx, &tag, span.range)?;
        if !apart {
            overlap::refuse_ranges(cx, zone.id, &tag, span, ask.is_public)?;
        }
    }
    if let Some((_, cidr, range)) = &six {
        overlap::refuse_ranges6(cx, (zone.id, 0), *cidr, *range)?;
    }
    if !ask.bypass && !apart {
        overlap::refuse_guest_vlan(&physical, &tag)?;
    }
    store(cx, ask, &Placed { zone, physical, network, tag, span, six })
}

/// Everything that has been found out.
struct Placed {
    zone: Zone,
    physical: PhysicalNetwork,
    network: Network,
    tag: VlanTag,
    span: Option<Span>,
    six: Option<Six>,
}

/// The IPv6 gateway, the CIDR, and the first and last address.
pub(crate) type Six = (Ipv6Addr, Cidr6, Option<(Ipv6Addr, Ipv6Addr)>);

fn store(cx: &mut Cx<'_>, ask: &NewRange, placed: &Placed) -> Result<VlanRange, Fault> {
    let id = cx.tx.new_pool("address")?;
    let six = placed.six.as_ref();
    let ends = six.and_then(|(_, _, range)| *range);
    let span = placed.span;
    // What is kept for system VMs is nobody else's, whatever domain was named.
    let for_domain = ask.domain_id.filter(|_| !ask.for_system_vms);
    let range = VlanRange {
        id,
        zone_id: placed.zone.id,
        physical_network_id: placed.physical.id,
        network_id: placed.network.id,
        pod_id: None,
        kind: if ask.is_public { VlanType::VirtualNetwork } else { VlanType::DirectAttached },
        vlan: placed.tag.to_string(),
        gateway: span.map(|span| span.gateway),
        netmask: span.map(|span| span.netmask),
        first: span.map(|span| span.range.first()),
        last: span.map(|span| span.range.last()),
        ip6_gateway: six.map(|(gateway, ..)| gateway.to_string()),
        ip6_cidr: six.map(|(_, cidr, _)| cidr.to_string()),
        ip6_first: ends.map(|(first, _)| first.to_string()),
        ip6_last: ends.map(|(_, last)| last.to_string()),
        account_id: ask.owner.map(|owner| owner.account_id),
        domain_id: ask.owner.map(|owner| owner.domain_id).or(for_domain),
        for_system_vms: ask.for_system_vms,
        portable: false,
        created: cx.now,
        removed: None,
    };
    cx.tx.insert(&range)?;
    if let Some(owner) = ask.owner {
        let size = i64::try_from(range.size()).unwrap_or(i64::MAX);
        cx.count(owner, Resource::PublicIp, size)?;
    }
    Ok(range)
}

fn zone_of(cx: &mut Cx<'_>, ask: &NewRange) -> Result<Zone, Fault> {
    match (&ask.zone, &ask.network) {
        (Some(zone), Some(network)) if network.zone_id != zone.id => Err(Fault::invalid(format!(
            "Invalid parameter networkid: it is not in the zone {}",
            zone.name
        ))),
        (Some(zone), _) => Ok(zone.clone()),
        (None, Some(network)) => cx.must(network.zone_id),
        (None, None) => {
            Err(Fault::invalid("One of the parameters zoneid and networkid must be given"))
        }
    }
}

fn physical_of(cx: &mut Cx<'_>, ask: &NewRange, zone: &Zone) -> Result<PhysicalNetwork, Fault> {
    if let Some(physical) = &ask.physical {
        if physical.zone_id != zone.id {
            return Err(Fault::invalid(format!(
                "Invalid parameter physicalnetworkid: it is not in the zone {}",
                zone.name
            )));
        }
        return Ok(physical.clone());
    }
    if let Some(id) = ask.network.as_ref().and_then(|network| network.physical_network_id) {
        return cx.must(id);
    }
    let kind = if ask.is_public { TrafficKind::Public } else { TrafficKind::Guest };
    let mut found: Vec<PhysicalNetwork> = cx.tx.select(
        "WHERE zone_id = ? AND removed IS NULL AND id IN (SELECT physical_network_id FROM \
         traffic_type WHERE type = ? AND removed IS NULL) ORDER BY id LIMIT 2",
        &[zone.id.into(), kind.word().into()],
    )?;
    match (found.pop(), found.is_empty()) {
        (Some(physical), true) => Ok(physical),
        (None, _) => Err(Fault::invalid(format!(
            "The zone {} has no physical network with {kind} traffic; add the traffic type first",
            zone.name
        ))),
        (Some(_), false) => Err(Fault::invalid(format!(
            "Parameter physicalnetworkid is needed: the zone {} has several physical networks \
             with {kind} traffic",
            zone.name
        ))),
    }
}

fn network_of(cx: &mut Cx<'_>, ask: &NewRange, zone: &Zone) -> Result<Network, Fault> {
    match (&ask.network, ask.is_public) {
        (None, true) => public_network(cx, zone.id),
        (Some(network), true) if network.traffic_type != TrafficKind::Public => {
            Err(Fault::invalid(
                "Invalid parameter networkid: public ranges belong to the zone's public network; \
                 leave it out, or set forvirtualnetwork=false",
            ))
        }
        (Some(network), false) if network.guest_type != Some(GuestType::Shared) => {
            Err(Fault::invalid(
                "Invalid parameter networkid: ranges that are not public belong to shared \
                 networks",
            ))
        }
        (None, false) => Err(Fault::invalid(
            "Parameter networkid is needed for a range that is not public; for a public one set \
             forvirtualnetwork=true",
        )),
        (Some(network), _) => Ok(network.clone()),
    }
}

/// The shared network that a range of addresses on interfaces is for.
struct Direct {
    network: Network,
    tag: Option<VlanTag>,
    /// Whether its VLAN is one that guests may get.
    got_vlan: bool,
    known: Vec<VlanRange>,
}

fn direct_of(cx: &mut Cx<'_>, network: &Network) -> Result<Direct, Fault> {
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if offering.as_ref().is_some_and(|offering| !offering.specify_ip_ranges) {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: the offering of the network {} gives it no ranges",
            network.name
        )));
    }
    Ok(Direct {
        network: network.clone(),
        tag: shared_networks::tag_of(network),
        got_vlan: offering.is_some_and(|offering| !offering.specify_vlan),
        known: shared_networks::ranges_of(cx, network.id)?,
    })
}

fn direct_span(
    cx: &mut Cx<'_>,
    ask: &NewRange,
    direct: &Direct,
    first: Ipv4Addr,
) -> Result<Span, Fault> {
    let last = ask.last.unwrap_or(first);
    let asked = Asked { gateway: ask.gateway, netmask: ask.netmask, first, last };
    let (gateway, netmask) = subnets::of_new_range(cx, &direct.network, &direct.known, &asked)?;
    self::span(gateway, netmask, first, last)
}

/// A shared network has one IPv6 subnet.
fn refuse_other_six(network: &Network, six: Option<&Six>) -> Result<(), Fault> {
    let (Some((gateway, cidr, _)), Some(own)) = (six, &network.ip6_cidr) else { return Ok(()) };
    let same = cidr.to_string() == *own && network.ip6_gateway == Some(gateway.to_string());
    if same {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter ip6cidr: the network {} has {own} with the gateway {}",
        network.name,
        network.ip6_gateway.as_deref().unwrap_or("-")
    )))
}

/// Ranges of a shared network are in its VLAN.
fn tag_of(ask: &NewRange, direct: Option<&Direct>) -> Result<VlanTag, Fault> {
    let given = ask.vlan.as_deref().filter(|text| !text.trim().is_empty());
    if let Some(Direct { network, tag: Some(own), .. }) = direct {
        let Some(text) = given else { return Ok(own.clone()) };
        let same = |tag: &VlanTag| tag.same_isolation(own) || tag.id() == own.id();
        return match VlanTag::parse(text).ok().filter(same) {
            Some(_) => Ok(own.clone()),
            None => Err(Fault::invalid(format!(
                "Invalid parameter vlan: {} is not {own}, that of the network {}",
                quoted(text),
                network.name
            ))),
        };
    }
    let text = given.unwrap_or("untagged");
    VlanTag::parse(text).map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))
}

fn span_of(ask: &NewRange, first: Ipv4Addr) -> Result<Span, Fault> {
    let missing = |name| Fault::invalid(format!("Parameter {name} is needed with startip"));
    let gateway = ask.gateway.ok_or_else(|| missing("gateway"))?;
    let netmask = ask.netmask.ok_or_else(|| missing("netmask"))?;
    span(gateway, netmask, first, ask.last.unwrap_or(first))
}

/// Checks that addresses, gateway and netmask fit each other. On a /31 the gateway may be one of
/// the two addresses (RFC 3021).
pub(super) fn span(
    gateway: Ipv4Addr,
    netmask: Ipv4Addr,
    first: Ipv4Addr,
    last: Ipv4Addr,
) -> Result<Span, Fault> {
    let cidr = Cidr4::from_gateway_netmask(gateway, netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))?;
    for (name, address) in [("startip", first), ("endip", last)] {
        if !cidr.contains(address) {
            return Err(Fault::invalid(format!(
                "Invalid parameter {name}: {address} is not in {cidr}, the subnet of gateway \
                 {gateway} and netmask {netmask}"
            )));
        }
    }
    let range = Range4::new(first, last).map_err(|_| {
        Fault::invalid(format!("Invalid parameter endip: {last} is lower than startip {first}"))
    })?;
    if range.contains(gateway) && cidr.len() != 31 {
        return Err(Fault::invalid(format!(
            "Invalid parameter gateway: {gateway} is one of the addresses {range} of the range"
        )));
    }
    Ok(Span { range, gateway, netmask, cidr })
}

fn six_of(ask: &NewRange) -> Result<Option<Six>, Fault> {
    six(ask.ip6_gateway, ask.ip6_cidr, ask.ip6_first, ask.ip6_last)
}

/// Checks that IPv6 addresses, gateway and CIDR fit each other.
pub(crate) fn six(
    gateway: Option<Ipv6Addr>,
    cidr: Option<Cidr6>,
    first: Option<Ipv6Addr>,
    last: Option<Ipv6Addr>,
) -> Result<Option<Six>, Fault> {
    let (gateway, cidr) = match (gateway, cidr) {
        (Some(gateway), Some(cidr)) => (gateway, cidr),
        (None, None) if first.is_none() && last.is_none() => return Ok(None),
        (None, _) => return Err(Fault::invalid("Parameter ip6gateway is needed with ip6cidr")),
        (_, None) => return Err(Fault::invalid("Parameter ip6cidr is needed with ip6gateway")),
    };
    if cidr.len() > 64 {
        let text = format!("Invalid parameter ip6cidr: the prefix of {cidr} is longer than 64");
        return Err(Fault::invalid(text));
    }
    if first.is_none() && last.is_some() {
        return Err(Fault::invalid("Parameter endipv6 is given without startipv6"));
    }
    let ends = first.map(|first| (first, last.unwrap_or(first)));
    let mut named = vec![("ip6gateway", gateway)];
    named.extend(ends.iter().flat_map(|(first, last)| [("startipv6", *first), ("endipv6", *last)]));
    for (name, address) in named {
        if !cidr.contains(address) {
            let text = format!("Invalid parameter {name}: {address} is not in {cidr}");
            return Err(Fault::invalid(text));
        }
    }
    match ends {
        Some((first, last)) if last < first => Err(Fault::invalid(format!(
            "Invalid parameter endipv6: {last} is lower than startipv6 {first}"
        ))),
        _ => Ok(Some((gateway, cidr, ends))),
    }
}

/// How many addresses of a range have a row.
pub(super) fn held(cx: &mut Cx<'_>, range_id: i64) -> Result<u64, StoreError> {
    Ok(cx.tx.counter(addresses::used(range_id))?.unsigned_abs())
}
