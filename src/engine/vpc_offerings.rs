//! VPC offerings: made, changed and removed (`VpcManagerImpl` in CloudStack).

use crate::engine::Cx;
use crate::engine::offering_rules::{
    check_ipv6, check_routed, check_routing, check_state, refuse_nat_of_router,
};
use crate::engine::services::{Asked, Wanted, refuse_choice};
use crate::model::{
    EntityKind, InternetProtocol, NetworkMode, OfferingState, RoutingMode, Services, Vpc,
    VpcOffering,
};
use crate::schema::Fault;
use crate::text::{Count, quoted};

const ROUTER: &str = "VpcVirtualRouter";

/// What a VPC offering is to be.
#[derive(Debug)]
pub(crate) struct NewVpcOffering<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What it is; its name where nothing is said.
    pub(crate) display_text: Option<&'a str>,
    /// Its protocols.
    pub(crate) internet_protocol: Option<InternetProtocol>,
    /// How traffic leaves its VPCs.
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

/// What is to be changed of a VPC offering; what is none stays.
#[derive(Debug, Default)]
pub(crate) struct VpcOfferingChange<'a> {
    /// The new name.
    pub(crate) name: Option<&'a str>,
    /// What it is.
    pub(crate) display_text: Option<&'a str>,
    /// Whether it may be used.
    pub(crate) state: Option<OfferingState>,
    /// Its place in lists.
    pub(crate) sort_key: Option<i64>,
}

/// Makes a VPC offering.
pub(crate) fn create_vpc_offering(
    cx: &mut Cx<'_>,
    new: &NewVpcOffering<'_>,
) -> Result<VpcOffering, Fault> {
    check_routed(cx, new.network_mode)?;
    check_routing(new.network_mode, new.routing_mode, new.specify_as_number)?;
    let protocol = new.internet_protocol.unwrap_or(InternetProtocol::IPv4);
    check_ipv6(cx, protocol)?;
    let mut wanted = new.services.read()?;
    let services = settle(new, &mut wanted)?;
    check_name(cx, new.name, 0)?;
    let chosen = |capability: &str| wanted.chosen(capability) == Some("true");
    let mode = new.network_mode.unwrap_or(NetworkMode::Natted);
    let mut offering = VpcOffering {
        id: 0,
        name: new.name.to_owned(),
        display_text: new.display_text.unwrap_or(new.name).to_owned(),
        is_default: false,
        state: if new.enable { OfferingState::Enabled } else { OfferingState::Disabled },
        redundant: chosen("RedundantRouter"),
        distributed: chosen("DistributedRouter"),
        region_level: chosen("RegionLevelVpc"),
        services,
        internet_protocol: protocol.word().to_owned(),
        network_mode: Some(mode.word().to_owned()),
        routing_mode: new.routing_mode,
        specify_as_number: new.specify_as_number,
        sort_key: 0,
        created: cx.now,
        removed: None,
    };
    offering.id = cx.tx.insert(&offering)?;
    concerns(cx, &offering, "creating");
    Ok(offering)
}

/// Changes a VPC offering.
pub(crate) fn update_vpc_offering(
    cx: &mut Cx<'_>,
    mut offering: VpcOffering,
    change: &VpcOfferingChange<'_>,
) -> Result<VpcOffering, Fault> {
    concerns(cx, &offering, "updating");
    check_state(change.state)?;
    if let Some(name) = change.name {
        check_name(cx, name, offering.id)?;
        name.clone_into(&mut offering.name);
    }
    if let Some(text) = change.display_text {
        text.clone_into(&mut offering.display_text);
    }
    offering.state = change.state.unwrap_or(offering.state);
    offering.sort_key = change.sort_key.unwrap_or(offering.sort_key);
    cx.tx.save(&offering)?;
    Ok(offering)
}

/// Removes a VPC offering: none of the defaults, and none by which a VPC is made.
pub(crate) fn delete_vpc_offering(cx: &mut Cx<'_>, mut offering: VpcOffering) -> Result<(), Fault> {
    concerns(cx, &offering, "deleting");
    if offering.is_default {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: the default VPC offering {} can't be deleted; to make it \
             unavailable, disable it",
            quoted(&offering.name)
        )));
    }
    let args = [offering.id.into()];
    let used = cx.tx.count::<Vpc>("WHERE offering_id = ? AND removed IS NULL", &args)?;
    if used > 0 {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: can't delete VPC offering {} as it is used by {}; to make it \
             unavailable, disable it",
            quoted(&offering.name),
            Count::new(used, "VPC", "VPCs")
        )));
    }
    offering.removed = Some(cx.now);
    cx.tx.save(&offering)?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, offering: &VpcOffering, doing: &str) {
    let what = format!("{doing} VPC offering {}", offering.name);
    cx.concerns(EntityKind::VpcOffering, (0, offering.id), cx.caller_owner(), what);
}

/// Checks the services and who provides them. What every VPC needs is added.
fn settle(new: &NewVpcOffering<'_>, wanted: &mut Wanted) -> Result<Services, Fault> {
    let routed = new.network_mode == Some(NetworkMode::Routed);
    if wanted.services.is_empty() {
        return Err(Fault::invalid(
            "Invalid parameter supportedservices: a VPC offering needs at least one service",
        ));
    }
    for name in ["SecurityGroup", "Firewall"] {
        if wanted.has(name) {
            return Err(Fault::invalid(format!(
                "Invalid parameter supportedservices: `{name}` is not for VPCs, which have \
                 `NetworkACL`"
            )));
        }
    }
    if !routed {
        wanted.add("SourceNat");
    }
    wanted.add("NetworkACL");
    wanted.check_providers()?;
    refuse_nat_of_router(wanted, new.network_mode, ROUTER)?;
    let gateway = gateway(wanted, routed);
    wanted.add("Gateway");
    wanted.check_choices()?;
    check_choices(wanted, if routed { "Gateway" } else { "SourceNat" })?;
    wanted.settle(|service| match service {
        "Gateway" => gateway.clone(),
        "Connectivity" => vec!["NiciraNvp", "JuniperContrailVpcRouter"],
        _ => vec![ROUTER],
    })
}

/// Who provides the gateway of the tiers: those who translate addresses, else the router.
fn gateway(wanted: &Wanted, routed: bool) -> Vec<&'static str> {
    let named = wanted.providers.iter().filter(|(service, _)| service.name == "SourceNat");
    let named: Vec<_> = named.map(|(_, provider)| provider.name).collect();
    if routed || named.is_empty() { vec![ROUTER] } else { named }
}

/// Of the capabilities only those of the VPC itself may be chosen, each with its own service.
fn check_choices(wanted: &Wanted, router: &str) -> Result<(), Fault> {
    for choice in &wanted.choices {
        let own = match choice.capability {
            "RedundantRouter" => router,
            "DistributedRouter" | "RegionLevelVpc" => "Connectivity",
            _ => return Err(refuse_choice(choice, "is not for VPC offerings")),
        };
        if choice.service.name != own {
            return Err(refuse_choice(choice, &format!("is for the service `{own}`")));
        }
    }
    Ok(())
}

fn check_name(cx: &mut Cx<'_>, name: &str, id: i64) -> Result<(), Fault> {
    let args = [name.into(), id.into()];
    let tail = "WHERE name = ? AND id <> ? AND removed IS NULL";
    match cx.tx.first::<VpcOffering>(tail, &args)? {
        None => Ok(()),
        Some(other) => {
            let uid = cx.uid::<VpcOffering>(other.id);
            Err(Fault::invalid(format!(
                "Invalid parameter name: there is a VPC offering {} already ({uid})",
                quoted(name)
            ))
            .about(uid, "vpcoffering"))
        }
    }
}
