//! Network offerings: made, changed and removed (`ConfigurationManagerImpl` in CloudStack).

use crate::engine::Cx;
use crate::engine::offering_rules::{
    check_mode, check_protocol, check_routing, check_services, check_shape, check_state,
    check_tier, usual_provider,
};
use crate::engine::services::{Asked, Wanted};
use crate::model::{
    Availability, EntityKind, GuestType, InternetProtocol, Network, NetworkMode, NetworkOffering,
    OfferingState, PhysicalNetwork, RoutingMode, Services, Time, TrafficKind,
};
use crate::schema::Fault;
use crate::text::{Count, quoted};

/// What a network offering is to be.
#[derive(Debug)]
pub(crate) struct NewNetworkOffering<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What it is; its name where nothing is said.
    pub(crate) display_text: Option<&'a str>,
    /// The traffic of its networks.
    pub(crate) traffic_type: TrafficKind,
    /// What kind of guest network.
    pub(crate) guest_type: GuestType,
    /// Whether it must be there.
    pub(crate) availability: Availability,
    /// Whether the VLAN is given when a network is made.
    pub(crate) specify_vlan: bool,
    /// Whether address ranges are given to its networks.
    pub(crate) specify_ip_ranges: bool,
    /// Whether one public address may serve several kinds of rules.
    pub(crate) conserve_mode: bool,
    /// Whether its networks are implemented without any VM.
    pub(crate) persistent: bool,
    /// Whether its networks are tiers; found from the services where nothing is said.
    pub(crate) for_vpc: Option<bool>,
    /// Whether outgoing traffic is allowed unless a rule forbids it.
    pub(crate) egress_allow: bool,
    /// Mbit/s.
    pub(crate) network_rate: Option<i64>,
    /// Its tags, separated by commas.
    pub(crate) tags: Option<&'a str>,
    /// The most connections of its load balancer.
    pub(crate) max_connections: Option<i64>,
    /// Its protocols.
    pub(crate) internet_protocol: Option<InternetProtocol>,
    /// How traffic leaves its networks.
    pub(crate) network_mode: Option<NetworkMode>,
    /// How the world learns routes to them.
    pub(crate) routing_mode: Option<RoutingMode>,
    /// Whether their AS number is named when they are made.
    pub(crate) specify_as_number: bool,
    /// Its services.
    pub(crate) services: Asked<'a>,
    /// Whether it may be used at once.
    pub(crate) enable: bool,
}

/// What is to be changed of a network offering; what is none stays.
#[derive(Debug, Default)]
pub(crate) struct NetworkOfferingChange<'a> {
    /// The new name.
    pub(crate) name: Option<&'a str>,
    /// What it is.
    pub(crate) display_text: Option<&'a str>,
    /// Whether it must be there.
    pub(crate) availability: Option<Availability>,
    /// Whether it may be used.
    pub(crate) state: Option<OfferingState>,
    /// Its place in lists.
    pub(crate) sort_key: Option<i64>,
    /// The most connections of its load balancer.
    pub(crate) max_connections: Option<i64>,
    /// Its tags; blank for none.
    pub(crate) tags: Option<&'a str>,
}

/// Makes a network offering.
pub(crate) fn create_network_offering(
    cx: &mut Cx<'_>,
    new: &NewNetworkOffering<'_>,
) -> Result<NetworkOffering, Fault> {
    if new.traffic_type != TrafficKind::Guest {
        return Err(Fault::invalid(format!(
            "Invalid parameter traffictype: offerings are made for `{}` traffic only, not for `{}`",
            TrafficKind::Guest,
            new.traffic_type
        )));
    }
    check_protocol(cx, new)?;
    check_mode(cx, new)?;
    check_routing(new.network_mode, new.routing_mode, new.specify_as_number)?;
    let mut wanted = new.services.read()?;
    let for_vpc = check_services(new, &mut wanted)?;
    let services = wanted.settle(|service| usual_provider(service, new.guest_type, for_vpc))?;
    check_shape(new, &services)?;
    if new.availability == Availability::Required {
        check_required(cx, new.guest_type, &services, 0)?;
    }
    if for_vpc || wanted.names("VpcVirtualRouter") {
        check_tier(new.guest_type, &services)?;
    }
    check_name(cx, new.name, 0)?;
    let max_connections = max_connections(new, &wanted);
    let mut offering =
        NetworkOffering { for_vpc, max_connections, ..offering(new, services, cx.now) };
    offering.id = cx.tx.insert(&offering)?;
    concerns(cx, &offering, "creating");
    Ok(offering)
}

fn offering(new: &NewNetworkOffering<'_>, services: Services, now: Time) -> NetworkOffering {
    let natted = new.guest_type == GuestType::Isolated && services.has("SourceNat");
    let mode = new.network_mode.or(natted.then_some(NetworkMode::Natted));
    let protocol = new.internet_protocol.unwrap_or(InternetProtocol::IPv4);
    NetworkOffering {
        id: 0,
        name: new.name.to_owned(),
        display_text: new.display_text.unwrap_or(new.name).to_owned(),
        traffic_type: new.traffic_type,
        guest_type: new.guest_type,
        is_default: false,
        availability: new.availability,
        state: if new.enable { OfferingState::Enabled } else { OfferingState::Disabled },
        specify_vlan: new.specify_vlan,
        specify_ip_ranges: new.specify_ip_ranges,
        conserve_mode: new.conserve_mode,
        persistent: new.persistent,
        for_vpc: false,
        egress_allow: new.egress_allow,
        network_rate: new.network_rate.map(|rate| rate.max(0)),
        tags: new.tags.and_then(tidy_tags),
        max_connections: None,
        services,
        internet_protocol: protocol.word().to_owned(),
        network_mode: mode.map(|mode| mode.word().to_owned()),
        routing_mode: new.routing_mode,
        specify_as_number: new.specify_as_number,
        sort_key: 0,
        created: now,
        removed: None,
    }
}

/// Changes a network offering.
pub(crate) fn update_network_offering(
    cx: &mut Cx<'_>,
    mut offering: NetworkOffering,
    change: &NetworkOfferingChange<'_>,
) -> Result<NetworkOffering, Fault> {
    check_state(change.state)?;
    if let Some(name) = change.name {
        check_name(cx, name, offering.id)?;
        name.clone_into(&mut offering.name);
    }
    if let Some(text) = change.display_text {
        text.clone_into(&mut offering.display_text);
    }
    if change.availability == Some(Availability::Required) {
        check_required(cx, offering.guest_type, &offering.services, offering.id)?;
    }
    offering.availability = change.availability.unwrap_or(offering.availability);
    offering.state = change.state.unwrap_or(offering.state);
    offering.sort_key = change.sort_key.unwrap_or(offering.sort_key);
    if let Some(tags) = change.tags {
        offering.tags = tidy_tags(tags);
    }
    if offering.has("Lb") {
        offering.max_connections = change.max_connections.or(offering.max_connections);
    }
    cx.tx.save(&offering)?;
    concerns(cx, &offering, "updating");
    Ok(offering)
}

/// Removes a network offering: none of the defaults, and none by which a network is made.
pub(crate) fn delete_network_offering(
    cx: &mut Cx<'_>,
    mut offering: NetworkOffering,
) -> Result<(), Fault> {
    if offering.is_default {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: the default network offering {} can't be deleted; to make it \
             unavailable, disable it",
            quoted(&offering.name)
        )));
    }
    let args = [offering.id.into()];
    let used = cx.tx.count::<Network>("WHERE offering_id = ? AND removed IS NULL", &args)?;
    if used > 0 {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: can't delete network offering {} as it is used by {}; to make \
             it unavailable, disable it",
            quoted(&offering.name),
            Count::new(used, "network", "networks")
        )));
    }
    offering.removed = Some(cx.now);
    cx.tx.save(&offering)?;
    concerns(cx, &offering, "deleting");
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, offering: &NetworkOffering, doing: &str) {
    let what = format!("{doing} network offering {}", offering.name);
    cx.concerns(EntityKind::NetworkOffering, (0, offering.id), cx.caller_owner(), what);
}

/// At most one offering is required, and it must be one for isolated networks with source NAT.
fn check_required(
    cx: &mut Cx<'_>,
    guest_type: GuestType,
    services: &Services,
    id: i64,
) -> Result<(), Fault> {
    if guest_type != GuestType::Isolated || !services.has("SourceNat") {
        return Err(Fault::invalid(
            "Invalid parameter availability: `Required` is for guestiptype `Isolated` with the \
             service `SourceNat` only",
        ));
    }
    let args = [Availability::Required.into(), id.into()];
    let tail = "WHERE availability = ? AND id <> ? AND removed IS NULL";
    match cx.tx.first::<NetworkOffering>(tail, &args)? {
        None => Ok(()),
        Some(other) => {
            let uid = cx.uid::<NetworkOffering>(other.id);
            Err(Fault::invalid(format!(
                "Invalid parameter availability: only one network offering can be `Required`, and \
                 {} is ({uid})",
                quoted(&other.name)
            ))
            .about(uid, "networkoffering"))
        }
    }
}

fn check_name(cx: &mut Cx<'_>, name: &str, id: i64) -> Result<(), Fault> {
    let args = [name.into(), id.into()];
    let tail = "WHERE name = ? AND id <> ? AND removed IS NULL";
    match cx.tx.first::<NetworkOffering>(tail, &args)? {
        None => Ok(()),
        Some(other) => {
            let uid = cx.uid::<NetworkOffering>(other.id);
            Err(Fault::invalid(format!(
                "Invalid parameter name: there is a network offering {} already ({uid})",
                quoted(name)
            ))
            .about(uid, "networkoffering"))
        }
    }
}

/// The limit of the load balancer: what was given, else the usual one where its variety is chosen.
fn max_connections(new: &NewNetworkOffering<'_>, wanted: &Wanted) -> Option<i64> {
    let chosen = wanted.choices.iter().any(|choice| choice.service.name == "Lb");
    let usual = chosen.then_some(DEFAULT_CONNECTIONS);
    new.max_connections.or(usual).filter(|_| wanted.has("Lb"))
}

/// The default of `network.loadbalancer.haproxy.max.conn`.
const DEFAULT_CONNECTIONS: i64 = 4096;

/// Tags without blanks around them; none where nothing is left.
fn tidy_tags(tags: &str) -> Option<String> {
    let tags: Vec<_> = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    (!tags.is_empty()).then(|| tags.join(","))
}

/// The tags that the physical networks of a zone have for guests, and whether one has none;
/// nothing where there is no such physical network.
pub(crate) fn tags_of_zone(
    cx: &mut Cx<'_>,
    zone_id: i64,
) -> Result<Option<(Vec<String>, bool)>, Fault> {
    let tail = "WHERE zone_id = ? AND removed IS NULL AND id IN (SELECT physical_network_id FROM \
                traffic_type WHERE type = ? AND removed IS NULL)";
    let args = [zone_id.into(), TrafficKind::Guest.into()];
    let networks: Vec<PhysicalNetwork> = cx.tx.select(tail, &args)?;
    if networks.is_empty() {
        return Ok(None);
    }
    let tags = networks.iter().filter_map(|network| tidy_tags(&network.tags));
    let tags: Vec<_> =
        tags.flat_map(|all| all.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    let untagged = networks.iter().any(|network| tidy_tags(&network.tags).is_none());
    Ok(Some((tags, untagged)))
}
