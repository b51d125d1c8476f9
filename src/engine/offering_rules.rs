//! What the services, the providers and the shape of a network offering must fit together like
//! (`ConfigurationManagerImpl.createNetworkOffering` in CloudStack).

use crate::engine::Cx;
use crate::engine::network_offerings::NewNetworkOffering;
use crate::engine::services::{Wanted, refuse_choice};
use crate::model::{
    GuestType, InVpc, InternetProtocol, NetworkMode, OfferingState, PROVIDERS, RoutingMode,
    Services,
};
use crate::schema::Fault;
use crate::text::and_list;

/// Refuses protocols that its networks cannot have.
pub(crate) fn check_protocol(cx: &mut Cx<'_>, new: &NewNetworkOffering<'_>) -> Result<(), Fault> {
    let Some(protocol) = new.internet_protocol else { return Ok(()) };
    if new.guest_type != GuestType::Isolated {
        return Err(Fault::invalid(format!(
            "Invalid parameter internetprotocol: it is for guestiptype `Isolated` only, not for \
             `{}`",
            new.guest_type
        )));
    }
    check_ipv6(cx, protocol)
}

/// Refuses the state that offerings only had in old versions.
pub(crate) fn check_state(state: Option<OfferingState>) -> Result<(), Fault> {
    match state {
        Some(OfferingState::Inactive) => Err(Fault::invalid(
            "Invalid parameter state: an offering is made `Enabled` or `Disabled`, not `Inactive`",
        )),
        _ => Ok(()),
    }
}

/// Refuses IPv6 unless it is switched on.
pub(crate) fn check_ipv6(cx: &mut Cx<'_>, protocol: InternetProtocol) -> Result<(), Fault> {
    const SWITCH: &str = "ipv6.offering.enabled";
    if protocol == InternetProtocol::IPv4 || cx.setting_flag(SWITCH)? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter internetprotocol: `{protocol}` needs the setting {SWITCH} to be true"
    )))
}

/// Refuses a mode that its networks cannot have.
pub(crate) fn check_mode(cx: &mut Cx<'_>, new: &NewNetworkOffering<'_>) -> Result<(), Fault> {
    if new.network_mode.is_some() && new.guest_type != GuestType::Isolated {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkmode: it is for guestiptype `Isolated` only, not for `{}`",
            new.guest_type
        )));
    }
    check_routed(cx, new.network_mode)
}

/// Refuses routed networks where they are switched off.
pub(crate) fn check_routed(cx: &mut Cx<'_>, mode: Option<NetworkMode>) -> Result<(), Fault> {
    const SWITCH: &str = "routed.network.vpc.enabled";
    if mode != Some(NetworkMode::Routed) || cx.setting_flag(SWITCH)? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter networkmode: `ROUTED` needs the setting {SWITCH} to be true"
    )))
}

/// Refuses ways of routing that go with no mode of the offering.
pub(crate) fn check_routing(
    mode: Option<NetworkMode>,
    routing: Option<RoutingMode>,
    specify_as_number: bool,
) -> Result<(), Fault> {
    if routing.is_some() && mode != Some(NetworkMode::Routed) {
        return Err(Fault::invalid(
            "Invalid parameter routingmode: it is for networkmode `ROUTED` only",
        ));
    }
    if specify_as_number && routing != Some(RoutingMode::Dynamic) {
        return Err(Fault::invalid(
            "Invalid parameter specifyasnumber: it is for routingmode `Dynamic` only",
        ));
    }
    Ok(())
}

/// Checks the services and who provides them; returns whether the offering is for tiers.
pub(crate) fn check_services(
    new: &NewNetworkOffering<'_>,
    wanted: &mut Wanted,
) -> Result<bool, Fault> {
    if wanted.has("Gateway") && new.network_mode != Some(NetworkMode::Routed) {
        return Err(Fault::invalid(
            "Invalid parameter supportedservices: `Gateway` comes with `SourceNat`; it is asked \
             for only with networkmode `ROUTED`",
        ));
    }
    if wanted.has("SecurityGroup") && new.guest_type != GuestType::Shared {
        return Err(Fault::invalid(format!(
            "Invalid parameter supportedservices: `SecurityGroup` is for guestiptype `Shared` \
             only, not for `{}`",
            new.guest_type
        )));
    }
    let for_vpc = new.for_vpc.unwrap_or_else(|| is_for_vpc(wanted));
    check_one_provider(wanted)?;
    check_user_data(wanted, new.guest_type)?;
    wanted.check_providers()?;
    refuse_nat_of_router(wanted, new.network_mode, "VirtualRouter")?;
    wanted.check_choices()?;
    check_choices(new, wanted)?;
    let nat = |service: &str| wanted.has(service) && !provided_by_other(wanted, service);
    if !for_vpc && new.guest_type != GuestType::L2 && (nat("StaticNat") || nat("PortForwarding")) {
        wanted.add("Firewall");
    }
    Ok(for_vpc)
}

/// Whether a provider other than the router was named for a service.
fn provided_by_other(wanted: &Wanted, service: &str) -> bool {
    wanted
        .providers
        .iter()
        .any(|(s, provider)| s.name == service && provider.name != "VirtualRouter")
}

/// Finds out whether an offering is for tiers: the first service that is only for one of both
/// decides, else the providers.
fn is_for_vpc(wanted: &Wanted) -> bool {
    let decisive = wanted.services.iter().find_map(|service| match service.name {
        "SecurityGroup" | "Firewall" => Some(false),
        "NetworkACL" => Some(true),
        _ => None,
    });
    decisive.unwrap_or_else(|| wanted.providers.iter().any(|(_, one)| one.vpc == InVpc::Only))
}

fn check_one_provider(wanted: &Wanted) -> Result<(), Fault> {
    for service in wanted.services.iter().filter(|service| service.name != "Lb") {
        let named = wanted.providers.iter().filter(|(one, _)| one.name == service.name);
        if named.count() > 1 {
            return Err(Fault::invalid(format!(
                "Invalid parameter serviceproviderlist: only `Lb` may have several providers, not \
                 `{}`",
                service.name
            )));
        }
    }
    Ok(())
}

/// A guest asks its DHCP server for user data, so one router must be both.
fn check_user_data(wanted: &Wanted, guest_type: GuestType) -> Result<(), Fault> {
    let by_router = wanted
        .providers
        .iter()
        .any(|(service, one)| service.name == "UserData" && one.name == "VirtualRouter");
    if !by_router || wanted.has("Dhcp") && guest_type != GuestType::L2 {
        return Ok(());
    }
    Err(Fault::invalid(
        "Invalid parameter serviceproviderlist: `VirtualRouter` can provide `UserData` only where \
         it provides `Dhcp` too",
    ))
}

/// A routed network has no translation of addresses on its router.
pub(crate) fn refuse_nat_of_router(
    wanted: &Wanted,
    mode: Option<NetworkMode>,
    router: &str,
) -> Result<(), Fault> {
    const NAT: &[&str] = &["SourceNat", "StaticNat", "Lb", "PortForwarding", "Vpn"];
    let found = wanted
        .providers
        .iter()
        .find(|(service, provider)| NAT.contains(&service.name) && provider.name == router);
    match found {
        Some((service, _)) if mode == Some(NetworkMode::Routed) => Err(Fault::invalid(format!(
            "Invalid parameter serviceproviderlist: with networkmode `ROUTED` `{router}` does not \
             provide `{}`",
            service.name
        ))),
        _ => Ok(()),
    }
}

fn check_choices(new: &NewNetworkOffering<'_>, wanted: &Wanted) -> Result<(), Fault> {
    for choice in &wanted.choices {
        let refuse = |why: &str| Err(refuse_choice(choice, why));
        match (choice.capability, choice.value) {
            ("DistributedRouter" | "RegionLevelVpc" | "NoVlan", _) => {
                refuse("is not for network offerings")?;
            }
            ("PublicAccess", "true") if new.guest_type != GuestType::Shared => {
                refuse("is for guestiptype `Shared` only")?;
            }
            ("AssociatePublicIP", "true") if wanted.chosen("ElasticIp") != Some("true") => {
                refuse("needs `ElasticIp` = `true`")?;
            }
            _ if choice.service.name == "Lb" && wanted.chosen("SupportedLBIsolation").is_none() => {
                refuse("is given without `SupportedLBIsolation`, which must come with it")?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Who provides a service where nobody was named.
pub(crate) fn usual_provider(
    service: &str,
    guest_type: GuestType,
    for_vpc: bool,
) -> Vec<&'static str> {
    let router = if for_vpc { "VpcVirtualRouter" } else { "VirtualRouter" };
    let usual: &[&str] = match guest_type {
        GuestType::L2 => &["ConfigDrive"],
        _ => &[router, "SecurityGroupProvider"],
    };
    let find = |name: &str| PROVIDERS.iter().find(|known| known.name == name);
    let mut able = usual.iter().filter_map(|name| find(name));
    able.find(|known| known.services.contains(&service))
        .map(|known| known.name)
        .into_iter()
        .collect()
}

/// Checks what depends on the kind of guest network.
pub(crate) fn check_shape(new: &NewNetworkOffering<'_>, services: &Services) -> Result<(), Fault> {
    if new.specify_ip_ranges && new.guest_type == GuestType::Isolated && services.has("SourceNat") {
        return Err(Fault::invalid(
            "Invalid parameter specifyipranges: it can only be true for guestiptype `Shared`, and \
             for `Isolated` without the service `SourceNat`",
        ));
    }
    if !new.specify_ip_ranges && new.guest_type == GuestType::Shared {
        return Err(Fault::invalid(
            "Invalid parameter specifyipranges: it must be true for guestiptype `Shared`",
        ));
    }
    if new.persistent && new.guest_type == GuestType::Shared {
        return Err(Fault::invalid(
            "Invalid parameter ispersistent: it must be false for guestiptype `Shared`",
        ));
    }
    Ok(())
}

/// What holds for the offerings of tiers (`VpcManagerImpl.validateNtwkOffForVpc`).
pub(crate) fn check_tier(guest_type: GuestType, services: &Services) -> Result<(), Fault> {
    let all = || services.0.iter().flat_map(|service| service.providers.iter());
    let serves =
        |name: &str| PROVIDERS.iter().any(|known| known.name == name && known.vpc != InVpc::Never);
    if let Some(provider) = all().find(|name| !serves(name)) {
        let able = PROVIDERS.iter().filter(|known| known.vpc != InVpc::Never);
        let able: Vec<_> = able.map(|known| known.name).collect();
        return Err(Fault::invalid(format!(
            "Invalid parameter serviceproviderlist: `{provider}` does not serve the tiers of \
             VPCs, only {} do",
            and_list(&able)
        )));
    }
    if let Some(service) = services.0.iter().find(|service| service.providers.is_empty()) {
        return Err(Fault::invalid(format!(
            "Invalid parameter supportedservices: `{}` is not for the tiers of VPCs",
            service.name
        )));
    }
    let external = all().any(|name| name == "Nsx" || name == "Netris");
    let routes = services.has("SourceNat") || services.has("Gateway");
    if !external && (guest_type != GuestType::Isolated || !routes) {
        return Err(Fault::invalid(
            "Invalid parameter forvpc: tiers of VPCs need guestiptype `Isolated` and the service \
             `SourceNat`",
        ));
    }
    if all().any(|name| name == "Netscaler")
        && services.capability("Lb", "SupportedLBIsolation") != Some("dedicated")
    {
        return Err(Fault::invalid(
            "Invalid parameter servicecapabilitylist: `Netscaler` serves tiers of VPCs only with \
             `SupportedLBIsolation` = `dedicated`",
        ));
    }
    Ok(())
}
