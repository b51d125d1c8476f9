//! Changes to a network that exists: its names, its offering, and the part of its CIDR that is
//! kept from guests.

use crate::engine::network_checks::{self as checks, NameServers, PRIVATE_MTU, PUBLIC_MTU};
use crate::engine::network_life::refuse_system;
use crate::engine::networks::later;
use crate::engine::{Cx, Owner, guests, ip6, net_addresses, rules, tiers};
use crate::model::{
    EntityKind, GuestType, Network, NetworkOffering, NetworkRulePurpose, NetworkState,
    OfferingState, Vpc,
};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// What of a network is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkChanges {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is.
    pub(crate) display_text: Option<String>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
    /// The DNS domain of its guests.
    pub(crate) domain_name: Option<String>,
    /// Another offering.
    pub(crate) offering: Option<NetworkOffering>,
    /// The part of its CIDR that guests get addresses from; the whole CIDR ends a reservation.
    pub(crate) guest_cidr: Option<String>,
    /// Name servers of its own.
    pub(crate) dns: NameServers,
    /// The MTU of the router's public interface, in bytes.
    pub(crate) public_mtu: Option<i64>,
    /// The MTU of the router's guest interface, in bytes.
    pub(crate) private_mtu: Option<i64>,
    /// The address that becomes its source NAT.
    pub(crate) source_nat: Option<Ipv4Addr>,
}

/// Changes a network (`NetworkServiceImpl.updateGuestNetwork`).
pub(crate) fn update_network(
    cx: &mut Cx<'_>,
    network: Network,
    changes: &NetworkChanges,
) -> Result<Network, Fault> {
    let what = format!("updating network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), Owner::from(&network), what);
    refuse_system(&network)?;
    change(cx, network, changes).map_err(Fault::in_job)
}

fn change(cx: &mut Cx<'_>, mut network: Network, to: &NetworkChanges) -> Result<Network, Fault> {
    if let Some(offering) = &to.offering {
        check_upgrade(cx, &network, offering, to)?;
        change_ip6(cx, &mut network, offering)?;
        network.restart_required |= network.state == NetworkState::Implemented;
        network.offering_id = Some(offering.id);
    }
    change_names(cx, &mut network, to)?;
    if let Some(guest_cidr) = &to.guest_cidr {
        reserve(cx, &mut network, guest_cidr)?;
    }
    change_mtu(cx, &mut network, to)?;
    if let Some(address) = to.source_nat {
        if network.vpc_id.is_some() {
            return Err(Fault::invalid(
                "Parameter sourcenatipaddress is not for tiers: change that of the VPC",
            ));
        }
        net_addresses::move_source_nat_of_network(cx, &network, address)?;
    }
    cx.tx.save(&network)?;
    Ok(network)
}

/// Gives a network IPv6 that changes to an offering with it, or takes it away.
fn change_ip6(cx: &mut Cx<'_>, network: &mut Network, new: &NetworkOffering) -> Result<(), Fault> {
    let old: NetworkOffering = cx.must(network.offering_id.unwrap_or_default())?;
    match (ip6::has_ip6(&old), ip6::has_ip6(new)) {
        (false, true) => {
            ip6::check_upgrade(cx, network)?;
            ip6::give_subnet(cx, network)?;
            if network.state == NetworkState::Implemented {
                ip6::give_router(cx, network)?;
            }
        }
        (true, false) => {
            ip6::take_subnet_back(cx, network)?;
            rules::close_all(cx, network.id, NetworkRulePurpose::Ip6)?;
            if network.vpc_id.is_none() {
                ip6::forget_router(cx, "network_id", network.id)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// What is refused of names comes before the first of them is changed.
fn change_names(cx: &mut Cx<'_>, network: &mut Network, to: &NetworkChanges) -> Result<(), Fault> {
    let domain = to.domain_name.as_deref().map(checks::domain_name).transpose()?;
    if domain.is_some() || !to.dns.is_empty() {
        let param = if domain.is_some() { "networkdomain" } else { "dns1" };
        let id = network.offering_id.unwrap_or_default();
        let offering: NetworkOffering = cx.must(id)?;
        if !offering.has("Dns") {
            let name = quoted(&offering.name);
            let text = format!("Invalid parameter {param}: the offering {name} has no service Dns");
            return Err(Fault::invalid(text));
        }
        if network.vpc_id.is_some() {
            let text = format!("Parameter {param} is not for tiers: change that of the VPC");
            return Err(Fault::invalid(text));
        }
        to.dns.check()?;
        network.restart_required |= network.state == NetworkState::Implemented;
    }
    network.network_domain = domain.or_else(|| network.network_domain.take());
    for (place, given) in [
        (&mut network.dns1, to.dns.dns1.map(|dns| dns.to_string())),
        (&mut network.dns2, to.dns.dns2.map(|dns| dns.to_string())),
        (&mut network.ip6_dns1, to.dns.ip6_dns1.map(|dns| dns.to_string())),
        (&mut network.ip6_dns2, to.dns.ip6_dns2.map(|dns| dns.to_string())),
    ] {
        *place = given.or_else(|| place.take());
    }
    if let Some(name) = &to.name {
        network.name.clone_from(name);
    }
    if let Some(text) = &to.display_text {
        network.display_text.clone_from(text);
    }
    network.display = to.display.unwrap_or(network.display);
    Ok(())
}

/// MTUs that nobody may choose are left as they are, without a word, as in CloudStack; a tier's
/// public one is that of its VPC.
fn change_mtu(cx: &mut Cx<'_>, network: &mut Network, to: &NetworkChanges) -> Result<(), Fault> {
    if !checks::may_choose_mtu(cx, network.zone_id)? {
        return Ok(());
    }
    if to.public_mtu.is_some() && network.vpc_id.is_none() {
        network.public_mtu = Some(checks::mtu(cx, PUBLIC_MTU, network.zone_id, to.public_mtu)?);
    }
    if to.private_mtu.is_some() {
        network.private_mtu = Some(checks::mtu(cx, PRIVATE_MTU, network.zone_id, to.private_mtu)?);
    }
    Ok(())
}

/// Whether the network can go on with another offering (`NetworkServiceImpl.canUpgrade`).
fn check_upgrade(
    cx: &mut Cx<'_>,
    network: &Network,
    new: &NetworkOffering,
    to: &NetworkChanges,
) -> Result<(), Fault> {
    let refuse = |why: &str| {
        let name = quoted(&new.name);
        Err(Fault::invalid(format!(
            "Invalid parameter networkofferingid: the network offering {name} {why}"
        )))
    };
    if to.guest_cidr.is_some() {
        return Err(Fault::invalid(
            "Parameters guestvmcidr and networkofferingid exclude each other",
        ));
    }
    if new.state != OfferingState::Enabled {
        return refuse(&format!("is {}, not Enabled", new.state));
    }
    let old: NetworkOffering = cx.must(network.offering_id.unwrap_or_default())?;
    if old.guest_type == GuestType::L2 || Some(new.guest_type) != network.guest_type {
        return refuse("is of another kind; only isolated networks change to another isolated one");
    }
    let routed = |one: &NetworkOffering| one.network_mode.as_deref() == Some("ROUTED");
    if routed(new) != routed(&old) {
        return later("A change between the modes NATTED and ROUTED");
    }
    for (what, same) in [
        ("traffic type", new.traffic_type == old.traffic_type),
        ("use of VPCs", new.for_vpc == old.for_vpc),
        ("specifyvlan", new.specify_vlan == old.specify_vlan),
        ("specifyipranges", new.specify_ip_ranges == old.specify_ip_ranges),
        ("tags", new.tags == old.tags),
    ] {
        if !same {
            return refuse(&format!("differs from the present one in its {what}"));
        }
    }
    if let Some(vpc_id) = network.vpc_id {
        let vpc: Vpc = cx.must(vpc_id)?;
        return tiers::check_tier_offering(cx, &vpc, new, Some(network.id));
    }
    if old.has("SourceNat") && !new.has("SourceNat") && holds_addresses(cx, network)? {
        return refuse("has no service SourceNat, but the network holds public addresses");
    }
    Ok(())
}

fn holds_addresses(cx: &mut Cx<'_>, network: &Network) -> Result<bool, Fault> {
    let sql = "SELECT place FROM address WHERE network_id = ? LIMIT 1";
    Ok(cx.tx.one::<i64>(sql, &[network.id.into()])?.is_some())
}

/// Keeps a part of an isolated network's CIDR from guests: what lies outside of `guest_cidr`.
/// The whole CIDR gives it back to them.
fn reserve(cx: &mut Cx<'_>, network: &mut Network, guest_cidr: &str) -> Result<(), Fault> {
    let refuse = |why: String| {
        Err(Fault::invalid(format!("Invalid parameter guestvmcidr: {}{why}", quoted(guest_cidr))))
    };
    let (Some(GuestType::Isolated), Some(now)) = (network.guest_type, network.cidr) else {
        return refuse(": only isolated networks with addresses can keep some from guests".into());
    };
    if !matches!(network.state, NetworkState::Implemented | NetworkState::Allocated) {
        return refuse(format!(": the network is {}, not Implemented or Allocated", network.state));
    }
    let (address, wanted) = match Cidr4::parse_exact(guest_cidr) {
        Ok(parsed) => parsed,
        Err(why) => return Err(Fault::invalid(format!("Invalid parameter guestvmcidr: {why}"))),
    };
    if !wanted.is_private() {
        return refuse(" is not private (RFC 1918, RFC 6598)".into());
    }
    let whole = network.network_cidr.unwrap_or(now);
    if !whole.contains_cidr(wanted) {
        return refuse(format!(" is not within {whole}, the network's CIDR"));
    }
    if wanted == whole && address != whole.network() {
        return refuse(format!(" is the whole network; write {whole} to end a reservation"));
    }
    if let Some(outside) = guest_outside(cx, network, wanted)? {
        return refuse(format!(" leaves out {outside}, which a guest of the network has"));
    }
    network.network_cidr = (wanted != whole).then_some(whole);
    network.cidr = Some(wanted);
    Ok(())
}

/// An address outside of a block that somebody in the network has, or that static NAT names.
/// `CloudStack` looks at the first addresses of guests only.
fn guest_outside(
    cx: &mut Cx<'_>,
    network: &Network,
    block: Cidr4,
) -> Result<Option<Ipv4Addr>, Fault> {
    if let Some(found) = guests::first_outside(cx, network.id, block)? {
        return Ok(Some(found.ip));
    }
    let sql = "SELECT vm_ip FROM address WHERE network_id = ? AND vm_ip IS NOT NULL \
               AND (vm_ip < ? OR vm_ip > ?)";
    let args = [network.id.into(), block.network().into(), block.broadcast().into()];
    Ok(cx.tx.one(sql, &args)?)
}

/// The addresses of a network that are kept from guests, as `10.1.1.1-10.1.1.127`.
pub(crate) fn reserved_range(network: &Network) -> Option<String> {
    let (whole, guests) = (network.network_cidr?, network.cidr?);
    let mut parts = Vec::new();
    if guests.network() > whole.first_host() {
        let last = Ipv4Addr::from_bits(guests.network().to_bits().saturating_sub(1));
        parts.push(format!("{}-{last}", whole.first_host()));
    }
    if guests.broadcast() < whole.last_host() {
        let first = Ipv4Addr::from_bits(guests.broadcast().to_bits().saturating_add(1));
        parts.push(format!("{first}-{}", whole.last_host()));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
