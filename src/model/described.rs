//! What the tables of entities say, for people who look into a store.

use crate::model::{
    Account, Acl, AclItem, AddressUsage, Alert, AsnRange, BgpPeer, DiskOffering, Domain, Element,
    Event, FirewallRule, GuestVlanRange, Ip6Prefix, Job, LoadBalancerMember, LoadBalancerRule,
    Network, NetworkOffering, NetworkRule, NetworkSubnet, Nic, PhysicalNetwork, Pod, PodAddress,
    PodRange, PortForwardingRule, PortableRange, PrivateGateway, Project, Provider, Quarantine,
    Record, Region, Role, RoleRule, RouterNic, SecondaryIp, ServiceOffering, StaticNatRule,
    StaticRoute, StorageRange, SystemVm, Tag, Template, TrafficType, User, VlanRange, Vm, Vpc,
    VpcOffering, Zone, ZoneSubnet,
};

/// A table, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Described {
    /// Its name.
    pub(crate) table: &'static str,
    /// What a row is.
    pub(crate) about: &'static str,
    /// Its columns but `id`, and what each says.
    pub(crate) columns: &'static [(&'static str, &'static str)],
}

const fn of<R: Record>() -> Described {
    Described { table: R::TABLE, about: R::ABOUT, columns: R::COLUMNS }
}

/// The tables of entities.
pub(crate) const DESCRIBED: &[Described] = &[
    of::<Account>(),
    of::<Acl>(),
    of::<AclItem>(),
    of::<AddressUsage>(),
    of::<Alert>(),
    of::<DiskOffering>(),
    of::<Domain>(),
    of::<Event>(),
    of::<FirewallRule>(),
    of::<Job>(),
    of::<Network>(),
    of::<NetworkOffering>(),
    of::<PhysicalNetwork>(),
    of::<Pod>(),
    of::<PortableRange>(),
    of::<Project>(),
    of::<Region>(),
    of::<Role>(),
    of::<RoleRule>(),
    of::<TrafficType>(),
    of::<User>(),
    of::<VlanRange>(),
    of::<Vpc>(),
    of::<VpcOffering>(),
    of::<Zone>(),
    of::<GuestVlanRange>(),
    of::<LoadBalancerMember>(),
    of::<LoadBalancerRule>(),
    of::<Nic>(),
    of::<PortForwardingRule>(),
    of::<PrivateGateway>(),
    of::<Quarantine>(),
    of::<SecondaryIp>(),
    of::<ServiceOffering>(),
    of::<StaticNatRule>(),
    of::<StaticRoute>(),
    of::<Tag>(),
    of::<Template>(),
    of::<Vm>(),
    of::<Ip6Prefix>(),
    of::<NetworkRule>(),
    of::<AsnRange>(),
    of::<BgpPeer>(),
    of::<ZoneSubnet>(),
    of::<NetworkSubnet>(),
    of::<Provider>(),
    of::<Element>(),
    of::<PodRange>(),
    of::<StorageRange>(),
    of::<PodAddress>(),
    of::<SystemVm>(),
    of::<RouterNic>(),
];
