//! The services that networks may have and who may provide them, as CloudStack 4.22 knows them
//! (`Network.Service`, `Network.Provider` and the capabilities of the network elements).

/// A service, and what may be chosen about it when an offering is made.
#[derive(Debug)]
pub(crate) struct KnownService {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its capabilities with their values, the usual one first.
    pub(crate) capabilities: &'static [(&'static str, &'static [&'static str])],
}

/// Whether a provider serves the tiers of VPCs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum InVpc {
    /// It does not.
    Never,
    /// It serves them and other networks.
    Also,
    /// It serves nothing else.
    Only,
}

/// A provider of services.
#[derive(Debug)]
pub(crate) struct KnownProvider {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it serves the tiers of VPCs.
    pub(crate) vpc: InVpc,
    /// What it can provide.
    pub(crate) services: &'static [&'static str],
}

const NO_YES: &[&str] = &["false", "true"];

/// All services, in the order in which they are shown.
pub(crate) const SERVICES: &[KnownService] = &[
    KnownService { name: "Dhcp", capabilities: &[] },
    KnownService { name: "Dns", capabilities: &[] },
    KnownService { name: "UserData", capabilities: &[] },
    KnownService { name: "Firewall", capabilities: &[] },
    KnownService { name: "NetworkACL", capabilities: &[] },
    KnownService { name: "Gateway", capabilities: &[("RedundantRouter", NO_YES)] },
    KnownService {
        name: "SourceNat",
        capabilities: &[
            ("RedundantRouter", NO_YES),
            ("SupportedSourceNatTypes", &["peraccount", "perzone"]),
        ],
    },
    KnownService {
        name: "StaticNat",
        capabilities: &[("AssociatePublicIP", NO_YES), ("ElasticIp", NO_YES)],
    },
    KnownService { name: "PortForwarding", capabilities: &[] },
    KnownService {
        name: "Lb",
        capabilities: &[
            ("ElasticLb", NO_YES),
            ("InlineMode", NO_YES),
            ("LbSchemes", &["public", "internal"]),
            ("SupportedLBIsolation", &["dedicated", "shared"]),
            ("VmAutoScaling", NO_YES),
        ],
    },
    KnownService { name: "Vpn", capabilities: &[] },
    KnownService { name: "SecurityGroup", capabilities: &[] },
    KnownService {
        name: "Connectivity",
        capabilities: &[
            ("DistributedRouter", NO_YES),
            ("NoVlan", NO_YES),
            ("PublicAccess", NO_YES),
            ("RegionLevelVpc", NO_YES),
            ("StretchedL2Subnet", NO_YES),
        ],
    },
];

/// What a virtual router does, for any network.
const ROUTER: &[&str] = &[
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
const VPC_ROUTER: &[&str] = &[
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
/// What a firewall appliance does.
const APPLIANCE: &[&str] = &["Firewall", "Gateway", "SourceNat", "StaticNat", "PortForwarding"];
/// What controllers of software-defined networks do; which of it depends on the installation.
const CONTROLLER: &[&str] = &[
    "Dhcp",
    "Dns",
    "UserData",
    "Firewall",
    "NetworkACL",
    "Gateway",
    "SourceNat",
    "StaticNat",
    "PortForwarding",
    "Lb",
    "Vpn",
    "SecurityGroup",
    "Connectivity",
];

/// All providers.
pub(crate) const PROVIDERS: &[KnownProvider] = &[
    KnownProvider { name: "VirtualRouter", vpc: InVpc::Never, services: ROUTER },
    KnownProvider { name: "VpcVirtualRouter", vpc: InVpc::Only, services: VPC_ROUTER },
    KnownProvider { name: "InternalLbVm", vpc: InVpc::Only, services: &["Lb"] },
    KnownProvider {
        name: "SecurityGroupProvider",
        vpc: InVpc::Never,
        services: &["SecurityGroup"],
    },
    KnownProvider { name: "ConfigDrive", vpc: InVpc::Also, services: &["Dhcp", "Dns", "UserData"] },
    KnownProvider { name: "Netscaler", vpc: InVpc::Also, services: &["Lb", "StaticNat"] },
    KnownProvider { name: "F5BigIp", vpc: InVpc::Never, services: &["Lb"] },
    KnownProvider { name: "JuniperSRX", vpc: InVpc::Never, services: APPLIANCE },
    KnownProvider { name: "PaloAlto", vpc: InVpc::Never, services: APPLIANCE },
    KnownProvider { name: "CiscoVnmc", vpc: InVpc::Never, services: APPLIANCE },
    KnownProvider { name: "NiciraNvp", vpc: InVpc::Also, services: CONTROLLER },
    KnownProvider { name: "Ovs", vpc: InVpc::Also, services: CONTROLLER },
    KnownProvider { name: "Opendaylight", vpc: InVpc::Never, services: &["Connectivity"] },
    KnownProvider { name: "BrocadeVcs", vpc: InVpc::Never, services: &["Connectivity"] },
    KnownProvider { name: "BigSwitchBcf", vpc: InVpc::Also, services: CONTROLLER },
    KnownProvider { name: "GloboDns", vpc: InVpc::Never, services: &["Dns"] },
    KnownProvider { name: "JuniperContrailRouter", vpc: InVpc::Never, services: CONTROLLER },
    KnownProvider { name: "JuniperContrailVpcRouter", vpc: InVpc::Only, services: CONTROLLER },
    KnownProvider { name: "Tungsten", vpc: InVpc::Never, services: CONTROLLER },
    KnownProvider { name: "Nsx", vpc: InVpc::Also, services: CONTROLLER },
    KnownProvider { name: "Netris", vpc: InVpc::Also, services: CONTROLLER },
];

/// Values that a provider can give a capability of a service, where not all of them.
pub(crate) const LIMITS: &[(&str, &str, &[&str])] = &[
    ("VirtualRouter", "SupportedLBIsolation", &["dedicated"]),
    ("VirtualRouter", "LbSchemes", &["public"]),
    ("VirtualRouter", "InlineMode", &["false"]),
    ("VirtualRouter", "SupportedSourceNatTypes", &["peraccount"]),
    ("VpcVirtualRouter", "SupportedLBIsolation", &["dedicated"]),
    ("VpcVirtualRouter", "LbSchemes", &["public"]),
    ("VpcVirtualRouter", "InlineMode", &["false"]),
    ("VpcVirtualRouter", "SupportedSourceNatTypes", &["peraccount"]),
    ("InternalLbVm", "SupportedLBIsolation", &["dedicated"]),
    ("InternalLbVm", "LbSchemes", &["internal"]),
    ("InternalLbVm", "InlineMode", &["false"]),
];

/// The service of this name, whatever the letter case.
pub(crate) fn known_service(name: &str) -> Option<&'static KnownService> {
    SERVICES.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// The provider of this name, whatever the letter case.
pub(crate) fn known_provider(name: &str) -> Option<&'static KnownProvider> {
    PROVIDERS.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_provide_services_that_there_are() {
        for provider in PROVIDERS {
            for name in provider.services {
                assert!(SERVICES.iter().any(|known| known.name == *name), "{}", provider.name);
            }
        }
    }

    #[test]
    fn every_service_has_a_provider() {
        for service in SERVICES {
            let provided = PROVIDERS.iter().any(|one| one.services.contains(&service.name));
            assert!(provided, "{}", service.name);
        }
    }

    #[test]
    fn limits_name_providers_and_values_that_there_are() {
        for (provider, capability, values) in LIMITS {
            assert!(known_provider(provider).is_some(), "{provider}");
            let all = SERVICES.iter().flat_map(|service| service.capabilities);
            let (_, known) = all.clone().find(|(name, _)| name == capability).unwrap();
            assert!(values.iter().all(|value| known.contains(value)), "{capability}");
        }
    }
}
