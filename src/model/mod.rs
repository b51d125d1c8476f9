//! Entities, their states and their ids: pure, no I/O, no API names.

mod addresses;
mod appliances;
mod cell;
mod described;
mod entity;
mod forwarding;
mod gateways;
mod ip6;
mod log;
mod machines;
mod networks;
mod owners;
mod places;
mod quarantine;
mod record;
mod routing;
mod rules;
mod service;
mod service_table;
pub(crate) mod setting;
mod setting_group;
pub(crate) mod setting_table;
#[cfg(test)]
mod setting_tests;
mod tags;
mod time;
mod uid;
mod usage;

pub(crate) use addresses::{
    Address, AddressEvent, AddressState, PortableRange, VlanRange, VlanType, address_columns,
};
pub(crate) use appliances::{
    Element, ElementKind, LbElement, PodAddress, PodHolder, PodRange, Provider, ProviderEvent,
    ProviderState, Router, RouterNic, StorageRange, SystemVm, SystemVmKind, ZoneVmKind,
    control_mac,
};
pub(crate) use cell::{Cell, CellRef, Column, Corrupt};
pub(crate) use described::DESCRIBED;
pub(crate) use entity::{Entity, EntityKind};
pub(crate) use forwarding::{
    InternalLoadBalancer, LbScheme, LoadBalancerMember, LoadBalancerRule, PortForwardingRule,
    StaticNatRule,
};
pub(crate) use gateways::{
    PrivateGateway, PrivateGatewayEvent, PrivateGatewayState, StaticRoute, StaticRouteEvent,
    StaticRouteState,
};
pub(crate) use ip6::{Ip6Prefix, NetworkRule, NetworkRulePurpose, RoutingRule};
pub(crate) use log::{Event, Job};
pub(crate) use machines::{
    DiskOffering, GuestAddress, GuestKind, Nic, OsType, SecondaryIp, ServiceOffering,
    ServiceOfferingState, Template, TemplateFilter, Vm, VmEvent, VmState,
};
pub(crate) use networks::{
    Acl, AclType, Availability, GuestType, InternetProtocol, Network, NetworkEvent, NetworkMode,
    NetworkOffering, NetworkState, OfferingState, Vpc, VpcOffering, VpcState,
};
pub(crate) use owners::{
    Account, Domain, Permission, Project, ProjectRole, ProjectState, Region, Role, RoleKind,
    RoleRule, User,
};
pub(crate) use places::{
    Allocation, PhysicalNetwork, Pod, TrafficKind, TrafficType, Zone, ZoneType,
};
pub(crate) use quarantine::{GuestVlanRange, Quarantine};
pub(crate) use record::{Record, Worded, choice, record};
pub(crate) use routing::{AsnRange, BgpPeer, NetworkSubnet, RoutingMode, ZoneSubnet};
pub(crate) use rules::{
    AclAction, AclItem, FirewallRule, RuleEvent, RulePurpose, RuleState, TrafficDirection,
};
pub(crate) use service::{Service, Services};
pub(crate) use service_table::{
    InVpc, KnownProvider, KnownService, LIMITS, PROVIDERS, SERVICES, known_provider, known_service,
};
pub(crate) use tags::{Tag, TagKind};
pub(crate) use time::Time;
pub(crate) use uid::{Uid, UidKey};
pub(crate) use usage::{AddressUsage, Alert, UsageRecord};
