//! The life of a guest network after it was made: implemented, restarted and deleted.

use crate::engine::obstacles::Obstacles;
use crate::engine::{
    Cx, Owner, Resource, give_vnet, ip6, net_addresses, network_access, private_gateways,
    providers, routing, rules, shared_networks, system_vms, take_vnet,
};
use crate::model::{
    EntityKind, GuestType, Network, NetworkEvent, NetworkOffering, NetworkState, PhysicalNetwork,
    TrafficKind, Vm,
};
use crate::net::{IsolationMethod, VlanTag};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// Gives a network its VLAN or VNI and, when it is isolated and no tier, its source NAT address.
pub(crate) fn implement(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    advance(network, NetworkEvent::ImplementNetwork)?;
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if let Some(offering) = &offering {
        providers::refuse_disabled(cx, network, offering)?;
    }
    if network.broadcast_uri.is_none()
        && let Some(physical_id) = network.physical_network_id
    {
        let physical: PhysicalNetwork = cx.must(physical_id)?;
        let vnet = take_vnet(cx, &physical, network.id, network.account_id)?;
        network.broadcast_uri = Some(format!("{}://{vnet}", scheme_of(&physical)?));
    }
    let has = |what: fn(&NetworkOffering) -> bool| offering.as_ref().is_some_and(what);
    if network.vpc_id.is_none() && has(|offering| offering.has("SourceNat")) {
        net_addresses::take_source_nat_for_network(cx, network, None)?;
    }
    if has(ip6::has_ip6) {
        ip6::give_router(cx, network)?;
    }
    advance(network, NetworkEvent::OperationSucceeded)?;
    system_vms::ensure(cx, network)?;
    cx.tx.save(network)?;
    Ok(())
}

/// The scheme of the broadcast URIs on a physical network.
pub(crate) fn scheme_of(physical: &PhysicalNetwork) -> Result<&'static str, Fault> {
    Ok(isolation_of(physical)?.scheme())
}

/// The isolation method of a physical network; VLAN when none was given.
pub(crate) fn isolation_of(physical: &PhysicalNetwork) -> Result<IsolationMethod, Fault> {
    if physical.isolation.trim().is_empty() {
        return Ok(IsolationMethod::Vlan);
    }
    IsolationMethod::parse(&physical.isolation)
        .map_err(|why| Fault::internal("The physical network cannot be used", why.to_string()))
}

/// Takes a network one step through its states.
fn advance(network: &mut Network, event: NetworkEvent) -> Result<(), Fault> {
    let (name, state) = (quoted(&network.name), network.state);
    network.state = state.next(event).ok_or_else(|| {
        let text = format!("The network {name} is {state}, which does not go with {event}");
        Fault::new(Exception::CloudRuntime, text)
    })?;
    Ok(())
}

/// Takes its ranges from a shared network that is being deleted, and the VLAN or VNI that it got
/// when it was made.
fn give_back_shared(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    shared_networks::remove_ranges(cx, network)?;
    give_back_vnet(cx, network)
}

/// Takes the VLAN or VNI from a network, unless it was named when the network was made.
fn give_back_vnet(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    let tag = network.broadcast_uri.take().and_then(|uri| VlanTag::parse(&uri).ok());
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let named = offering.is_some_and(|offering| offering.specify_vlan);
    if let (Some(physical_id), false) = (network.physical_network_id, named) {
        let physical: PhysicalNetwork = cx.must(physical_id)?;
        if let Some(vnet) = tag.as_ref().and_then(vnet_of) {
            give_vnet(cx, &physical, vnet)?;
        }
    }
    Ok(())
}

/// Takes the VLAN or VNI from an implemented network; it is `Allocated` then, its addresses stay.
pub(crate) fn shut_down(cx: &mut Cx<'_>, network: &mut Network) -> Result<(), Fault> {
    advance(network, NetworkEvent::DestroyNetwork)?;
    system_vms::shut_down(cx, network)?;
    give_back_vnet(cx, network)?;
    advance(network, NetworkEvent::OperationSucceeded)
}

/// The number in a broadcast URI, whatever its scheme.
fn vnet_of(tag: &VlanTag) -> Option<u64> {
    match tag {
        VlanTag::Uri(_, id) => id.parse().ok(),
        other => other.id(),
    }
}

/// Deletes a network with all that it holds (`NetworkServiceImpl.deleteNetwork`).
pub(crate) fn delete_network(
    cx: &mut Cx<'_>,
    mut network: Network,
    forced: bool,
) -> Result<(), Fault> {
    let owner = Owner::from(&network);
    let what = format!("deleting network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), owner, what);
    refuse_system(&network)?;
    if forced && !cx.caller.is_root() {
        let text = "Only root admins may delete networks with forced=true";
        return Err(Fault::new(Exception::PermissionDenied, text).in_job());
    }
    private_gateways::refuse_associated(cx, &network).map_err(Fault::in_job)?;
    refuse_guests(cx, &network).map_err(Fault::in_job)?;
    if matches!(network.state, NetworkState::Implemented) {
        shut_down(cx, &mut network).map_err(Fault::in_job)?;
    }
    if network.guest_type == Some(GuestType::Shared) {
        shared_networks::refuse_held(cx, &network)?;
        give_back_shared(cx, &mut network).map_err(Fault::in_job)?;
    }
    system_vms::remove_for_network(cx, &network).map_err(Fault::in_job)?;
    network_access::forget(cx, network.id)?;
    net_addresses::release_all_of_network(cx, &network).map_err(Fault::in_job)?;
    rules::revoke_of_network(cx, network.id).map_err(Fault::in_job)?;
    ip6::take_subnet_back(cx, &mut network)?;
    ip6::forget_router(cx, "network_id", network.id)?;
    routing::forget_routes(cx, routing::Holder::Network(network.id))?;
    advance(&mut network, NetworkEvent::DestroyNetwork).map_err(Fault::in_job)?;
    network.removed = Some(cx.now);
    cx.tx.save(&network)?;
    cx.forget_tags((EntityKind::Network, 0, network.id))?;
    cx.count(owner, Resource::Network, -1)
}

/// A network stays while a virtual machine stands in it, running or not.
fn refuse_guests(cx: &mut Cx<'_>, network: &Network) -> Result<(), Fault> {
    let mut found = Obstacles::default();
    let inside = "id IN (SELECT vm_id FROM nic WHERE network_id = ? AND removed IS NULL)";
    let words = ("virtual machine", "virtual machines");
    found.look::<Vm>(cx, words, "name", inside, &[network.id.into()])?;
    found.refuse(&format!("network {}", quoted(&network.name)))
}

/// Restarts a network: it ceases to need that, and its routers run. With `cleanup`, or where there
/// are two from now on, they are made anew. Its addresses stay.
pub(crate) fn restart_network(
    cx: &mut Cx<'_>,
    mut network: Network,
    cleanup: bool,
    make_redundant: bool,
) -> Result<(), Fault> {
    let what = format!("restarting network {}", network.name);
    cx.concerns(EntityKind::Network, (0, network.id), Owner::from(&network), what);
    if !matches!(network.state, NetworkState::Implemented | NetworkState::Setup) {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: the network {} is {}; only those that are Implemented or Setup \
             can be restarted",
            quoted(&network.name),
            network.state
        ))
        .in_job());
    }
    network.restart_required = false;
    network.redundant |= make_redundant;
    cx.tx.save(&network)?;
    if network.state != NetworkState::Implemented {
        return Ok(());
    }
    let routers = match cleanup || make_redundant {
        true => system_vms::make_anew(cx, &network),
        false => system_vms::ensure(cx, &network),
    };
    routers.map_err(Fault::in_job)
}

/// The system's own networks are nobody's to change.
pub(crate) fn refuse_system(network: &Network) -> Result<(), Fault> {
    if !network.system && network.traffic_type == TrafficKind::Guest {
        return Ok(());
    }
    let kind = network.traffic_type;
    let text = format!("Invalid parameter id: it is the system's own network for {kind} traffic");
    Err(Fault::invalid(text).in_job())
}
