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
    DiskOffering: "listDiskOfferings",
    Domain: "listDomains",
    Event: "listEvents",
    FirewallRule: "listFirewallRules",
    GuestVlanRange: "listDedicatedGuestVlanRanges",
    InternalLoadBalancer: "listLoadBalancers",
    Job: "listAsyncJobs",
    LoadBalancerRule: "listLoadBalancerRules",
    Network: "listNetworks",
    NetworkOffering: "listNetworkOfferings",
    Nic: "listNics",
    OsType: "listOsTypes",
    PhysicalNetwork: "listPhysicalNetworks",
    Pod: "listPods",
    PortForwardingRule: "listPortForwardingRules",
    PortableRange: "listPortableIpRanges",
    PrivateGateway: "listPrivateGateways",
    Project: "listProjects",
    Role: "listRoles",
    RoleRule: "listRolePermissions",
    SecondaryIp: "listNics",
    ServiceOffering: "listServiceOfferings",
    StaticNatRule: "listIpForwardingRules",
    StaticRoute: "listStaticRoutes",
    Template: "listTemplates",
    TrafficType: "listTrafficTypes",
    User: "listUsers",
    VlanRange: "listVlanIpRanges",
    Quarantine: "listQuarantinedIps",
    Vm: "listVirtualMachines",
    Vpc: "listVPCs",
    VpcOffering: "listVPCOfferings",
    Zone: "listZones",
}

choices! {
    AclType, AddressState, Availability, GuestType, InternetProtocol, NetworkMode, OfferingState,
    Permission, PrivateGatewayState, ProjectRole, ProjectState, RoleKind, StaticRouteState,
    TagKind, TemplateFilter, TrafficKind, VmState,
}
