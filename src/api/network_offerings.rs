//! Network offerings.

use crate::api::paging::{Filter, Paged};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::network_offerings::{
    NetworkOfferingChange, NewNetworkOffering, create_network_offering, delete_network_offering,
    tags_of_zone, update_network_offering,
};
use crate::engine::services::{Asked, services_named};
use crate::model::{
    Availability, Domain, EntityKind, GuestType, InternetProtocol, Network, NetworkMode,
    NetworkOffering, OfferingState, RoutingMode, Services, Time, TrafficKind, Uid, Zone, ZoneType,
};
use crate::schema::{Exception, Fault, Id, List, Map, Text, view};

view! {
    /// Who provides a service.
    ProviderView in "ProviderResponse" shows ["name"] {
        /// the name of the provider
        name: String,
    }
}

view! {
    /// A capability of a service.
    CapabilityView in "CapabilityResponse" shows ["name", "value"] {
        /// the name of the capability
        name: String,
        /// its value in this offering
        value: String,
        /// whether it can be chosen when a network is made
        canchooseservicecapability: bool,
    }
}

view! {
    /// A service of an offering.
    ServiceView in "ServiceResponse" shows ["name"] {
        /// the name of the service
        name: String,
        /// who provides it
        provider: Vec<ProviderView>,
        /// in which variety
        capability: Vec<CapabilityView>,
    }
}

view! {
    /// A network offering, as `listNetworkOfferings` shows it.
    NetworkOfferingView in "NetworkOfferingResponse" shows ["name", "id", "guestiptype", "state",
        "forvpc", "availability", "displaytext"] {
        /// the id of the network offering
        id: Uid,
        /// the name of the network offering
        name: String,
        /// what it is
        displaytext: String,
        /// when it was made
        created: Time,
        /// the traffic of its networks: `Guest`
        traffictype: &'static str,
        /// whether it came with the installation
        isdefault: bool,
        /// whether the VLAN is given when a network is made
        specifyvlan: bool,
        /// whether one public address may serve several kinds of rules
        conservemode: bool,
        /// whether address ranges are given to its networks
        specifyipranges: bool,
        /// `Required` for the one that must be there, else `Optional`
        availability: &'static str,
        /// whether its networks run without any VM
        ispersistent: bool,
        /// the rate of its networks in Mbit/s, -1 for no limit
        networkrate: i64,
        /// its tags, which choose the physical network
        tags: Option<String>,
        /// whether outgoing traffic is allowed unless a rule forbids it
        egressdefaultpolicy: bool,
        /// the most connections of its load balancer
        maxconnections: Option<i64>,
        /// whether it may be used: `Enabled`, `Disabled` or `Inactive`
        state: &'static str,
        /// what kind of guest network: `Isolated`, `Shared` or `L2`
        guestiptype: &'static str,
        /// the id of the offering by which its routers are made
        serviceofferingid: Uid,
        /// its services
        service: Vec<ServiceView>,
        /// whether its networks are tiers of VPCs
        forvpc: bool,
        /// whether it is for networks of Tungsten Fabric
        fortungsten: bool,
        /// whether it is for networks of NSX
        fornsx: bool,
        /// its protocols: `IPv4`, `IPv6` or `DualStack`
        internetprotocol: String,
        /// how traffic leaves its networks: `NATTED` or `ROUTED`
        networkmode: Option<String>,
        /// `Static` or `Dynamic`: how the world learns routes to them in the mode ROUTED
        routingmode: Option<&'static str>,
        /// whether the AS number is given when a network is made
        specifyasnumber: bool,
        /// whether its load balancers serve inside a VPC
        supportsinternallb: bool,
        /// whether its networks can be reached from outside without a router
        supportspublicaccess: bool,
        /// whether its networks can span zones
        supportsstrechedl2subnet: bool,
        /// whether somebody has left a note on it
        hasannotations: bool,
    }
}

api! {
    /// Lists network offerings.
    now list "listNetworkOfferings" {
        key: "networkoffering",
        example: "list network offerings guestiptype=Isolated forvpc=false",
    } => list -> NetworkOfferingView;
    ListNetworkOfferings {
        /// the id of the network offering
        id: Option<Id<NetworkOffering>>,
        /// the whole name of the network offering
        name: Option<Text>,
        /// a part of the display text
        displaytext: Option<Text>,
        /// the traffic of its networks
        traffictype: Option<TrafficKind>,
        /// what kind of guest network
        guestiptype: Option<GuestType>,
        /// whether it must be there
        availability: Option<Availability>,
        /// true for those that came with the installation, false for the others
        isdefault: Option<bool>,
        /// whether the VLAN is given when a network is made
        specifyvlan: Option<bool>,
        /// whether address ranges are given to its networks
        specifyipranges: Option<bool>,
        /// whether it may be used
        state: Option<OfferingState>,
        /// services that it must have, all of them
        supportedservices: Option<List<String>>,
        /// whether it must have the service `SourceNat`, or must not
        sourcenatsupported: Option<bool>,
        /// whether its networks are tiers of VPCs
        forvpc: Option<bool>,
        /// whether it has tags
        istagged: Option<bool>,
        /// its tags, all of them as they are shown
        tags: Option<Text<4096>>,
        /// a zone in which it can be used
        zoneid: Option<Id<Zone>>,
        /// a network that could change to it
        networkid: Option<Id<Network>>,
        /// a domain whose accounts can use it
        domainid: Option<Id<Domain>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListNetworkOfferings) -> Result<Rows<NetworkOfferingView>, Fault> {
    cx.find_opt(args.domainid.as_ref())?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.contains("display_text", args.displaytext.as_deref());
    filter.is("traffic_type", args.traffictype);
    filter.is("guest_type", args.guestiptype);
    filter.is("availability", args.availability);
    filter.is("is_default", args.isdefault);
    filter.is("specify_vlan", args.specifyvlan);
    filter.is("specify_ip_ranges", args.specifyipranges);
    filter.is("state", args.state);
    filter.is("tags", args.tags.as_deref().map(str::to_owned));
    filter.keyword(&["display_text", "name"]);
    services(&mut filter, args.supportedservices.as_ref())?;
    if let Some(wanted) = args.sourcenatsupported {
        service(&mut filter, "SourceNat", wanted);
    }
    match args.istagged {
        Some(true) => filter.holds("tags IS NOT NULL", []),
        Some(false) => filter.holds("tags IS NULL", []),
        None => {}
    }
    in_zone(cx, &mut filter, args.zoneid.as_ref())?;
    let for_vpc = for_network(cx, &mut filter, args.networkid.as_ref())?;
    filter.is("for_vpc", args.forvpc.or(for_vpc));
    let (offerings, total) = filter.living::<NetworkOffering>(cx, "sort_key, id")?;
    let rows = offerings.into_iter().map(|one| show(cx, one)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// The offering must have all of these services.
pub(super) fn services(filter: &mut Filter<'_>, names: Option<&List<String>>) -> Result<(), Fault> {
    let names = names.map_or(&[][..], |list| &list.0);
    for known in services_named(names, "supportedservices")? {
        service(filter, known.name, true);
    }
    Ok(())
}

/// Services stand in their column as JSON that starts each of them with its name.
fn service(filter: &mut Filter<'_>, name: &str, wanted: bool) {
    let condition = if wanted { "services LIKE ?" } else { "services NOT LIKE ?" };
    let pattern = format!("%{{\"name\":\"{name}\",\"providers\":%");
    filter.holds(condition, [pattern.as_str().into()]);
}

/// In a basic zone no networks are made; else the tags must be those of a physical network.
fn in_zone(cx: &mut Cx<'_>, filter: &mut Filter<'_>, zone: Option<&Id<Zone>>) -> Result<(), Fault> {
    let Some(zone) = cx.find_opt(zone)? else { return Ok(()) };
    if zone.network_type == ZoneType::Basic {
        filter.holds("1 = 0", []);
        return Ok(());
    }
    let Some((tags, untagged)) = tags_of_zone(cx, zone.id)? else { return Ok(()) };
    let mut any: Vec<_> = tags.iter().map(|_| "tags = ?").collect();
    if untagged {
        any.push("tags IS NULL");
    }
    let condition = format!("({})", any.join(" OR "));
    filter.holds(&condition, tags.iter().map(|tag| tag.as_str().into()));
    Ok(())
}

/// The offering must be one that the network could change to; returns whether that is for tiers.
fn for_network(
    cx: &mut Cx<'_>,
    filter: &mut Filter<'_>,
    network: Option<&Id<Network>>,
) -> Result<Option<bool>, Fault> {
    let Some(network) = cx.find_opt(network)? else { return Ok(None) };
    let Some(offering_id) = network.offering_id else {
        return Err(Fault::invalid(
            "Invalid parameter networkid: it is a network of the system, whose offering does not \
             change",
        ));
    };
    let offering: NetworkOffering = cx.must(offering_id)?;
    filter.holds("id <> ?", [offering.id.into()]);
    filter.is("guest_type", Some(offering.guest_type));
    filter.is("traffic_type", Some(offering.traffic_type));
    filter.is("specify_vlan", Some(offering.specify_vlan));
    filter.is("state", Some(OfferingState::Enabled));
    service(filter, "SecurityGroup", offering.has("SecurityGroup"));
    Ok(Some(network.vpc_id.is_some()))
}

api! {
    /// Creates a network offering.
    now object "createNetworkOffering" {
        key: "networkoffering",
        event: "NETWORK.OFFERING.CREATE",
        since: "3.0.0",
        example: "create network offering name=plain guestiptype=Isolated traffictype=Guest \
                  supportedservices=Dhcp,Dns,SourceNat enable=true",
    } => create -> NetworkOfferingView;
    CreateNetworkOffering {
        /// the name of the network offering, which no other has
        name: Text,
        /// what it is; the name where nothing is said
        displaytext: Option<Text>,
        /// the traffic of its networks, which must be `Guest`
        traffictype: TrafficKind,
        /// what kind of guest network
        guestiptype: GuestType,
        /// whether it must be there; only one for isolated networks with `SourceNat` can be
        availability: Option<Availability>,
        /// whether the VLAN is given when a network is made
        specifyvlan: Option<bool>,
        /// whether address ranges are given to its networks; always so for shared ones
        specifyipranges: Option<bool>,
        /// whether one public address may serve several kinds of rules; true unless said
        conservemode: Option<bool>,
        /// whether its networks run without any VM
        ispersistent: Option<bool>,
        /// whether its networks are tiers of VPCs; where not said, the services decide
        forvpc: Option<bool>,
        /// whether outgoing traffic is allowed unless a rule forbids it; true unless said
        egressdefaultpolicy: Option<bool>,
        /// the rate of its networks in Mbit/s, 0 for no limit
        networkrate: Option<i32>,
        /// its tags, which choose the physical network
        tags: Option<Text<4096>>,
        /// the most connections of its load balancer
        maxconnections: Option<u32>,
        /// the protocols of its networks
        internetprotocol: Option<InternetProtocol>,
        /// how traffic leaves its networks
        networkmode: Option<NetworkMode>,
        /// how the world learns routes to networks in the mode ROUTED
        routingmode: Option<RoutingMode>,
        /// whether their AS number is named when they are made
        specifyasnumber: Option<bool>,
        /// its services
        supportedservices: Option<List<String>>,
        /// who provides what: `serviceproviderlist[0].service=Dhcp` and
        /// `serviceproviderlist[0].provider=VirtualRouter`
        serviceproviderlist: Option<Map>,
        /// varieties of services: `servicecapabilitylist[0].service=SourceNat`, then
        /// `.capabilitytype=RedundantRouter` and `.capabilityvalue=true`
        servicecapabilitylist: Option<Map>,
        /// whether it may be used at once; false unless said
        enable: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateNetworkOffering) -> Result<NetworkOfferingView, Fault> {
    let new = NewNetworkOffering {
        name: &args.name,
        display_text: args.displaytext.as_deref(),
        traffic_type: args.traffictype,
        guest_type: args.guestiptype,
        availability: args.availability.unwrap_or(Availability::Optional),
        specify_vlan: args.specifyvlan.unwrap_or(false),
        specify_ip_ranges: args.specifyipranges.unwrap_or(false),
        conserve_mode: args.conservemode.unwrap_or(true),
        persistent: args.ispersistent.unwrap_or(false),
        for_vpc: args.forvpc,
        egress_allow: args.egressdefaultpolicy.unwrap_or(true),
        network_rate: args.networkrate.map(i64::from),
        tags: args.tags.as_deref(),
        max_connections: args.maxconnections.map(i64::from),
        internet_protocol: args.internetprotocol,
        network_mode: args.networkmode,
        routing_mode: args.routingmode,
        specify_as_number: args.specifyasnumber == Some(true),
        services: Asked {
            services: args.supportedservices.as_ref(),
            providers: args.serviceproviderlist.as_ref(),
            capabilities: args.servicecapabilitylist.as_ref(),
        },
        enable: args.enable.unwrap_or(false),
    };
    let offering = create_network_offering(cx, &new)?;
    show(cx, offering)
}

api! {
    /// Changes a network offering.
    now object "updateNetworkOffering" {
        key: "networkoffering",
        event: "NETWORK.OFFERING.EDIT",
        example: "update network offering id=DefaultIsolatedNetworkOffering state=Disabled",
    } => update -> NetworkOfferingView;
    UpdateNetworkOffering {
        /// the id of the network offering
        id: Option<Id<NetworkOffering>>,
        /// its new name, which no other has
        name: Option<Text>,
        /// what it is
        displaytext: Option<Text>,
        /// whether it must be there
        availability: Option<Availability>,
        /// whether it may be used
        state: Option<OfferingState>,
        /// its place in lists: lower ones come first
        sortkey: Option<i32>,
        /// the most connections of its load balancer
        maxconnections: Option<u32>,
        /// its tags, which choose the physical network; empty for none
        tags: Option<String>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateNetworkOffering) -> Result<NetworkOfferingView, Fault> {
    let Some(id) = &args.id else {
        let text =
            "Unable to execute API command updatenetworkoffering due to missing parameter id";
        return Err(Fault::new(Exception::Parameter, text));
    };
    let offering = cx.find(id)?;
    let change = NetworkOfferingChange {
        name: args.name.as_deref(),
        display_text: args.displaytext.as_deref(),
        availability: args.availability,
        state: args.state,
        sort_key: args.sortkey.map(i64::from),
        max_connections: args.maxconnections.map(i64::from),
        tags: args.tags.as_deref(),
    };
    let offering = update_network_offering(cx, offering, &change)?;
    show(cx, offering)
}

api! {
    /// Deletes a network offering that no network uses.
    now success "deleteNetworkOffering" {
        event: "NETWORK.OFFERING.DELETE",
        since: "3.0.0",
        example: "delete network offering id=plain",
    } => delete;
    DeleteNetworkOffering {
        /// the id of the network offering
        id: Id<NetworkOffering>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteNetworkOffering) -> Result<(), Fault> {
    let offering = cx.find(&args.id)?;
    delete_network_offering(cx, offering)
}

/// The services of an offering as they are shown.
pub(super) fn show_services(services: &Services) -> Vec<ServiceView> {
    let show = |service: &crate::model::Service| ServiceView {
        name: service.name.clone(),
        provider: service
            .providers
            .iter()
            .map(|name| ProviderView { name: name.clone() })
            .collect(),
        capability: service
            .capabilities
            .iter()
            .map(|(name, value)| CapabilityView {
                name: name.clone(),
                value: value.clone(),
                canchooseservicecapability: false,
            })
            .collect(),
    };
    services.0.iter().map(show).collect()
}

/// The rate of an offering, or the setting's where it has none. No limit is 0 inside, -1 outside.
fn rate(cx: &mut Cx<'_>, offering: &NetworkOffering) -> Result<i64, Fault> {
    let rate = match offering.network_rate {
        Some(rate) => rate,
        None => cx.setting_int("network.throttling.rate")?,
    };
    Ok(if rate == 0 { -1 } else { rate })
}

fn show(cx: &mut Cx<'_>, offering: NetworkOffering) -> Result<NetworkOfferingView, Fault> {
    let chosen = |service: &str, capability: &str, value: &str| {
        offering.services.capability(service, capability) == Some(value)
    };
    Ok(NetworkOfferingView {
        id: cx.uid::<NetworkOffering>(offering.id),
        created: offering.created,
        traffictype: offering.traffic_type.word(),
        isdefault: offering.is_default,
        specifyvlan: offering.specify_vlan,
        conservemode: offering.conserve_mode,
        specifyipranges: offering.specify_ip_ranges,
        availability: offering.availability.word(),
        ispersistent: offering.persistent,
        networkrate: rate(cx, &offering)?,
        egressdefaultpolicy: offering.egress_allow,
        maxconnections: offering.max_connections,
        state: offering.state.word(),
        guestiptype: offering.guest_type.word(),
        serviceofferingid: cx.tx.uid(EntityKind::ServiceOffering, ROUTER_OFFERING),
        service: show_services(&offering.services),
        forvpc: offering.for_vpc,
        fortungsten: false,
        fornsx: false,
        routingmode: offering.routing_mode.map(RoutingMode::word),
        specifyasnumber: offering.specify_as_number,
        supportsinternallb: chosen("Lb", "LbSchemes", "internal"),
        supportspublicaccess: chosen("Connectivity", "PublicAccess", "true"),
        supportsstrechedl2subnet: chosen("Connectivity", "StretchedL2Subnet", "true"),
        hasannotations: false,
        name: offering.name,
        displaytext: offering.display_text,
        tags: offering.tags,
        internetprotocol: offering.internet_protocol,
        networkmode: offering.network_mode,
    })
}

/// The one service offering that routers are made by; clients need its id on every row.
const ROUTER_OFFERING: i64 = 1;
