//! The network and VPC offerings that CloudStack comes with (`createDefaultNetworkOfferings` and
//! `persistDefaultL2NetworkOfferings` in 4.22; those of external controllers are left out).

use crate::model::{
    Availability, GuestType, NetworkOffering, OfferingState, Services, Time, TrafficKind,
    VpcOffering,
};
use crate::store::{StoreError, Tx};

const ROUTER: &str = "VirtualRouter";
const VPC_ROUTER: &str = "VpcVirtualRouter";
const INTERNAL_LB: &str = "InternalLbVm";

const BASICS: &[&str] = &["Dhcp", "Dns", "UserData"];
const ISOLATED: &[&str] = &[
    "Dhcp",
    "Dns",
    "UserData",
    "Firewall",
    "Gateway",
    "SourceNat",
    "StaticNat",
    "PortForwarding",
    "Lb",
    "Vpn",
];
const TIER: &[&str] = &[
    "Dhcp",
    "Dns",
    "UserData",
    "NetworkACL",
    "Gateway",
    "SourceNat",
    "StaticNat",
    "PortForwarding",
    "Lb",
    "Vpn",
];
const TIER_NO_LB: &[&str] = &[
    "Dhcp",
    "Dns",
    "UserData",
    "NetworkACL",
    "Gateway",
    "SourceNat",
    "StaticNat",
    "PortForwarding",
    "Vpn",
];
const TIER_INTERNAL: &[&str] = &["Dhcp", "Dns", "UserData", "NetworkACL", "Gateway", "SourceNat"];

/// Providers, each with the services that it provides.
type Provided = &'static [(&'static str, &'static [&'static str])];
/// Services whose capabilities are not the usual ones: service, capability, value.
type Unusual = &'static [(&'static str, &'static str, &'static str)];

/// What tells one network offering from the others.
struct Made {
    name: &'static str,
    text: &'static str,
    guest_type: GuestType,
    availability: Availability,
    specify_vlan: bool,
    specify_ip_ranges: bool,
    conserve_mode: bool,
    for_vpc: bool,
    services: Provided,
    unusual: Unusual,
}

const SHARED: Made = Made {
    name: "DefaultSharedNetworkOffering",
    text: "Offering for Shared networks",
    guest_type: GuestType::Shared,
    availability: Availability::Optional,
    specify_vlan: true,
    specify_ip_ranges: true,
    conserve_mode: true,
    for_vpc: false,
    services: &[(ROUTER, BASICS)],
    unusual: &[],
};
const VPC_TIER: Made = Made {
    name: "DefaultIsolatedNetworkOfferingForVpcNetworks",
    text: "Offering for Isolated Vpc networks with Source Nat service enabled",
    guest_type: GuestType::Isolated,
    specify_vlan: false,
    specify_ip_ranges: false,
    conserve_mode: false,
    for_vpc: true,
    services: &[(VPC_ROUTER, TIER)],
    unusual: &[("Lb", "VmAutoScaling", "true")],
    ..SHARED
};
const L2: Made = Made {
    name: "DefaultL2NetworkOffering",
    text: "Offering for L2 networks",
    guest_type: GuestType::L2,
    specify_vlan: false,
    specify_ip_ranges: false,
    services: &[],
    ..SHARED
};

/// The network offerings, in the order in which CloudStack makes them.
const NETWORK_OFFERINGS: &[Made] = &[
    Made {
        name: "DefaultSharedNetworkOfferingWithSGService",
        text: "Offering for Shared Security group enabled networks",
        services: &[(ROUTER, BASICS), ("SecurityGroupProvider", &["SecurityGroup"])],
        ..SHARED
    },
    SHARED,
    Made {
        name: "DefaultIsolatedNetworkOfferingWithSourceNatService",
        text: "Offering for Isolated networks with Source Nat service enabled",
        guest_type: GuestType::Isolated,
        availability: Availability::Required,
        specify_vlan: false,
        specify_ip_ranges: false,
        services: &[(ROUTER, ISOLATED)],
        unusual: &[("Lb", "VmAutoScaling", "true")],
        ..SHARED
    },
    Made {
        name: "DefaultIsolatedNetworkOffering",
        text: "Offering for Isolated networks with no Source Nat service",
        guest_type: GuestType::Isolated,
        ..SHARED
    },
    Made {
        name: "DefaultSharedNetscalerEIPandELBNetworkOffering",
        text: "Offering for Shared networks with Elastic IP and Elastic LB capabilities",
        services: &[
            (ROUTER, BASICS),
            ("SecurityGroupProvider", &["SecurityGroup"]),
            ("Netscaler", &["StaticNat", "Lb"]),
        ],
        unusual: &[
            ("StaticNat", "ElasticIp", "true"),
            ("StaticNat", "AssociatePublicIP", "true"),
            ("Lb", "ElasticLb", "true"),
            ("Lb", "SupportedLBIsolation", "shared"),
            ("Lb", "VmAutoScaling", "true"),
        ],
        ..SHARED
    },
    VPC_TIER,
    Made {
        name: "DefaultIsolatedNetworkOfferingForVpcNetworksNoLB",
        text: "Offering for Isolated Vpc networks with Source Nat service enabled and LB service \
               Disabled",
        services: &[(VPC_ROUTER, TIER_NO_LB)],
        unusual: &[],
        ..VPC_TIER
    },
    Made {
        name: "DefaultIsolatedNetworkOfferingForVpcNetworksWithInternalLB",
        text: "Offering for Isolated Vpc networks with Internal LB support",
        services: &[(VPC_ROUTER, TIER_INTERNAL), (INTERNAL_LB, &["Lb"])],
        unusual: &[("Lb", "LbSchemes", "internal")],
        ..VPC_TIER
    },
    L2,
    Made {
        name: "DefaultL2NetworkOfferingVlan",
        text: "Offering for L2 networks VLAN",
        specify_vlan: true,
        ..L2
    },
    Made {
        name: "DefaultL2NetworkOfferingConfigDrive",
        text: "Offering for L2 networks with config drive user data",
        services: &[("ConfigDrive", &["UserData"])],
        ..L2
    },
    Made {
        name: "DefaultL2NetworkOfferingConfigDriveVlan",
        text: "Offering for L2 networks with config drive user data VLAN",
        specify_vlan: true,
        services: &[("ConfigDrive", &["UserData"])],
        ..L2
    },
    Made {
        name: "QuickCloudNoServices",
        text: "Offering for QuickCloud with no services",
        services: &[],
        ..SHARED
    },
];

/// The VPC offerings: name, which is the text as well, services, and whether there are two
/// routers. The two blanks in one of the names are CloudStack's; clients look for them.
const VPC_OFFERINGS: &[(&str, Provided, bool)] = &[
    ("Default VPC offering", &[(VPC_ROUTER, TIER), (INTERNAL_LB, &["Lb"])], false),
    (
        "Default VPC  offering with Netscaler",
        &[(VPC_ROUTER, TIER_NO_LB), ("Netscaler", &["Lb"]), (INTERNAL_LB, &["Lb"])],
        false,
    ),
    ("Redundant VPC offering", &[(VPC_ROUTER, TIER), (INTERNAL_LB, &["Lb"])], true),
];

/// Stores them.
pub(super) fn offerings(tx: &mut Tx, now: Time) -> Result<(), StoreError> {
    for made in NETWORK_OFFERINGS {
        tx.insert(&network_offering(made, now))?;
    }
    for (name, services, redundant) in VPC_OFFERINGS {
        tx.insert(&vpc_offering(name, services, *redundant, now))?;
    }
    Ok(())
}

fn network_offering(made: &Made, now: Time) -> NetworkOffering {
    let mut services = Services::of(made.services);
    for (service, capability, value) in made.unusual {
        services.set(service, capability, value);
    }
    NetworkOffering {
        id: 0,
        name: made.name.into(),
        display_text: made.text.into(),
        traffic_type: TrafficKind::Guest,
        guest_type: made.guest_type,
        is_default: true,
        availability: made.availability,
        state: OfferingState::Enabled,
        specify_vlan: made.specify_vlan,
        specify_ip_ranges: made.specify_ip_ranges,
        conserve_mode: made.conserve_mode,
        persistent: false,
        for_vpc: made.for_vpc,
        egress_allow: false,
        network_rate: None,
        tags: None,
        max_connections: None,
        network_mode: services.has("SourceNat").then(|| "NATTED".into()),
        routing_mode: None,
        specify_as_number: false,
        services,
        internet_protocol: "IPv4".into(),
        sort_key: 0,
        created: now,
        removed: None,
    }
}

fn vpc_offering(name: &str, provided: Provided, redundant: bool, now: Time) -> VpcOffering {
    let mut services = Services::of(provided);
    if redundant {
        services.set("SourceNat", "RedundantRouter", "true");
    }
    VpcOffering {
        id: 0,
        name: name.into(),
        display_text: name.into(),
        is_default: true,
        state: OfferingState::Enabled,
        redundant,
        distributed: false,
        region_level: false,
        services,
        internet_protocol: "IPv4".into(),
        network_mode: Some("NATTED".into()),
        routing_mode: None,
        specify_as_number: false,
        sort_key: 0,
        created: now,
        removed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::known_provider;

    #[test]
    fn providers_of_the_defaults_can_provide_what_they_are_to() {
        let networks = NETWORK_OFFERINGS.iter().map(|made| made.services);
        for provided in networks.chain(VPC_OFFERINGS.iter().map(|(_, services, _)| *services)) {
            for (provider, services) in provided {
                let known = known_provider(provider).unwrap();
                assert!(services.iter().all(|name| known.services.contains(name)), "{provider}");
            }
        }
    }

    #[test]
    fn only_one_offering_is_required() {
        let required: Vec<_> = NETWORK_OFFERINGS
            .iter()
            .filter(|made| made.availability == Availability::Required)
            .collect();
        assert_eq!(required.len(), 1);
        assert!(network_offering(required[0], Time::from_millis(0)).has("SourceNat"));
    }

    #[test]
    fn ranges_are_given_to_shared_networks_and_to_isolated_ones_without_source_nat() {
        for made in NETWORK_OFFERINGS {
            let offering = network_offering(made, Time::from_millis(0));
            let given = match offering.guest_type {
                GuestType::Shared => true,
                GuestType::Isolated => !offering.has("SourceNat"),
                GuestType::L2 => false,
            };
            assert_eq!(offering.specify_ip_ranges, given, "{}", made.name);
        }
    }
}
