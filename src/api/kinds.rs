//! Which list API lists which kind of thing, and which words of the model stand as parameters; so
//! every such parameter knows its candidates.

use crate::model::*;
use crate::schema::{Listed, choices};

macro_rules! listed {
    ($( $entity:ty: $api:literal, )+) => { $( impl Listed for $entity {
        const LISTED_BY: &'static str = $api;
    } )+ };
}

listed! {
    Account: "listAccounts",
    Acl: "listNetworkACLLists",
    AclItem: "listNetworkACLs",
    Address: "listPublicIpAddresses",
    Alert: "listAlerts",
    AsnRange: "listASNRanges",
    BgpPeer: "listBgpPeers",
    DiskOffering: "listDiskOfferings",
    Domain: "listDomains",
    Element: "listVirtualRouterElements",
    Event: "listEvents",
    FirewallRule: "listFirewallRules",
    GuestVlanRange: "listDedicatedGuestVlanRanges",
    InternalLoadBalancer: "listLoadBalancers",
    Ip6Prefix: "listGuestNetworkIpv6Prefixes",
    Job: "listAsyncJobs",
    LbElement: "listInternalLoadBalancerElements",
    LoadBalancerRule: "listLoadBalancerRules",
    Network: "listNetworks",
    NetworkOffering: "listNetworkOfferings",
    NetworkRule: "listIpv6FirewallRules",
    NetworkSubnet: "listIpv4SubnetsForGuestNetwork",
    Nic: "listNics",
    OsType: "listOsTypes",
    PhysicalNetwork: "listPhysicalNetworks",
    Pod: "listPods",
    PortForwardingRule: "listPortForwardingRules",
    PortableRange: "listPortableIpRanges",
    PrivateGateway: "listPrivateGateways",
    Project: "listProjects",
    Provider: "listNetworkServiceProviders",
    Role: "listRoles",
    RoleRule: "listRolePermissions",
    Router: "listRouters",
    RoutingRule: "listRoutingFirewallRules",
    SecondaryIp: "listNics",
    ServiceOffering: "listServiceOfferings",
    StaticNatRule: "listIpForwardingRules",
    SystemVm: "listSystemVms",
    StaticRoute: "listStaticRoutes",
    Template: "listTemplates",
    TrafficType: "listTrafficTypes",
    StorageRange: "listStorageNetworkIpRange",
    User: "listUsers",
    VlanRange: "listVlanIpRanges",
    Quarantine: "listQuarantinedIps",
    Vm: "listVirtualMachines",
    Vpc: "listVPCs",
    VpcOffering: "listVPCOfferings",
    Zone: "listZones",
    ZoneSubnet: "listIpv4SubnetsForZone",
}

choices! {
    AclType, AddressState, Availability, GuestType, InternetProtocol, NetworkMode, OfferingState,
    Permission, PrivateGatewayState, ProjectRole, ProjectState, RoleKind, RoutingMode,
    StaticRouteState, TagKind, TemplateFilter, TrafficKind, VmState, ZoneVmKind,
}
