//! The kinds of things that have an id of their own.

/// A kind of thing with a uuid. The number is part of every uuid ever shown, so it never changes
/// and is never used again for another kind.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[repr(u8)]
pub(crate) enum EntityKind {
    /// An account, which owns things.
    Account = 1,
    /// A public IP address: `a` is the range, `b` the offset in it.
    Address = 2,
    /// A network ACL list.
    Acl = 3,
    /// A domain of accounts.
    Domain = 4,
    /// An entry of the event log.
    Event = 5,
    /// An asynchronous job.
    Job = 6,
    /// A network.
    Network = 7,
    /// A network offering.
    NetworkOffering = 8,
    /// A physical network.
    PhysicalNetwork = 9,
    /// A pod.
    Pod = 10,
    /// A portable IP range.
    PortableRange = 11,
    /// A role.
    Role = 12,
    /// A traffic type of a physical network.
    TrafficType = 13,
    /// A user.
    User = 14,
    /// A VLAN IP range.
    VlanRange = 15,
    /// A VPC.
    Vpc = 16,
    /// A VPC offering.
    VpcOffering = 17,
    /// A zone.
    Zone = 18,
    /// A provider of network services on a physical network.
    Provider = 19,
    /// A project.
    Project = 20,
    /// A region; the API shows its row number instead.
    Region = 21,
    /// How big virtual machines are.
    ServiceOffering = 22,
    /// A rule of a role: `a` is the role, `b` the rule.
    RoleRule = 23,
    /// A rule of a firewall.
    FirewallRule = 24,
    /// A rule of an ACL list.
    AclItem = 25,
    /// A template, which VMs begin with.
    Template = 40,
    /// A virtual machine of a user.
    Vm = 41,
    /// An interface of a virtual machine.
    Nic = 42,
    /// A further address of an interface.
    SecondaryIp = 43,
    /// A port forwarding rule.
    PortForwardingRule = 44,
    /// A rule of an address with static NAT.
    StaticNatRule = 45,
    /// A load balancer rule.
    LoadBalancerRule = 46,
    /// A guest of a load balancer rule.
    LoadBalancerMember = 47,
    /// A type of operating system.
    OsType = 48,
    /// How big disks are.
    DiskOffering = 49,
    /// An address in quarantine.
    Quarantine = 60,
    /// VLANs or VNIs that are dedicated to an account.
    GuestVlanRange = 61,
    /// A time in which somebody held an address.
    AddressUsage = 62,
    /// A time in which somebody had something.
    UsageRecord = 63,
    /// What an administrator should know.
    Alert = 64,
    /// An IPv6 prefix of a zone.
    Ip6Prefix = 100,
    /// A firewall rule of IPv6.
    NetworkRule = 101,
    /// A firewall rule of a network in the mode ROUTED.
    RoutingRule = 102,
    /// AS numbers of a zone.
    AsnRange = 103,
    /// An AS number: `a` is the range, `b` the number.
    AsNumber = 104,
    /// A BGP peer.
    BgpPeer = 105,
    /// An IPv4 subnet of a zone.
    ZoneSubnet = 106,
    /// An IPv4 subnet of a routed network or VPC.
    NetworkSubnet = 107,
    /// What makes the appliances of a provider.
    Element = 80,
    /// A range of management addresses of a pod.
    PodRange = 81,
    /// A range of storage addresses of a pod.
    StorageRange = 82,
    /// An address of a pod that somebody has.
    PodAddress = 83,
    /// A virtual router.
    Router = 84,
    /// A virtual machine of the system's own.
    SystemVm = 85,
    /// An interface of a router or a system VM: `a` is its row, `b` which one.
    RouterNic = 86,
    /// A private gateway of a VPC.
    PrivateGateway = 90,
    /// A static route of a VPC.
    StaticRoute = 91,
    /// A tag of a thing.
    Tag = 92,
}

impl EntityKind {
    /// All kinds.
    pub(crate) const ALL: &[Self] = &[
        Self::Account,
        Self::Address,
        Self::Acl,
        Self::Domain,
        Self::Event,
        Self::Job,
        Self::Network,
        Self::NetworkOffering,
        Self::PhysicalNetwork,
        Self::Pod,
        Self::PortableRange,
        Self::Role,
        Self::TrafficType,
        Self::User,
        Self::VlanRange,
        Self::Vpc,
        Self::VpcOffering,
        Self::Zone,
        Self::Provider,
        Self::Project,
        Self::Region,
        Self::ServiceOffering,
        Self::RoleRule,
        Self::FirewallRule,
        Self::AclItem,
        Self::Template,
        Self::Vm,
        Self::Nic,
        Self::SecondaryIp,
        Self::PortForwardingRule,
        Self::StaticNatRule,
        Self::LoadBalancerRule,
        Self::LoadBalancerMember,
        Self::OsType,
        Self::DiskOffering,
        Self::Quarantine,
        Self::GuestVlanRange,
        Self::AddressUsage,
        Self::UsageRecord,
        Self::Alert,
        Self::Ip6Prefix,
        Self::NetworkRule,
        Self::RoutingRule,
        Self::AsnRange,
        Self::AsNumber,
        Self::BgpPeer,
        Self::ZoneSubnet,
        Self::NetworkSubnet,
        Self::Element,
        Self::PodRange,
        Self::StorageRange,
        Self::PodAddress,
        Self::Router,
        Self::SystemVm,
        Self::RouterNic,
        Self::PrivateGateway,
        Self::StaticRoute,
        Self::Tag,
    ];

    /// What a person calls it.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "public IP address",
            Self::Acl => "network ACL list",
            Self::Domain => "domain",
            Self::Event => "event",
            Self::Job => "async job",
            Self::Network => "network",
            Self::NetworkOffering => "network offering",
            Self::PhysicalNetwork => "physical network",
            Self::Pod => "pod",
            Self::PortableRange => "portable IP range",
            Self::Role => "role",
            Self::TrafficType => "traffic type",
            Self::User => "user",
            Self::VlanRange => "VLAN IP range",
            Self::Vpc => "VPC",
            Self::VpcOffering => "VPC offering",
            Self::Zone => "zone",
            Self::Provider => "network service provider",
            Self::Project => "project",
            Self::Region => "region",
            Self::ServiceOffering => "service offering",
            Self::RoleRule => "role permission",
            Self::FirewallRule => "firewall rule",
            Self::AclItem => "network ACL rule",
            Self::Template => "template",
            Self::Vm => "virtual machine",
            Self::Nic | Self::RouterNic => "NIC",
            Self::SecondaryIp => "secondary IP address",
            Self::PortForwardingRule => "port forwarding rule",
            Self::StaticNatRule => "IP forwarding rule",
            Self::LoadBalancerRule => "load balancer rule",
            Self::LoadBalancerMember => "member of a load balancer rule",
            Self::OsType => "OS type",
            Self::DiskOffering => "disk offering",
            Self::Quarantine => "quarantined IP address",
            Self::GuestVlanRange => "dedicated guest VLAN range",
            Self::AddressUsage | Self::UsageRecord => "usage record",
            Self::Alert => "alert",
            Self::Ip6Prefix => "guest IPv6 prefix",
            Self::NetworkRule => "IPv6 firewall rule",
            Self::RoutingRule => "routing firewall rule",
            Self::AsnRange => "AS number range",
            Self::AsNumber => "AS number",
            Self::BgpPeer => "BGP peer",
            Self::ZoneSubnet => "IPv4 subnet of a zone",
            Self::NetworkSubnet => "IPv4 subnet of a network",
            Self::Element => "element of a network service provider",
            Self::PodRange => "management IP range",
            Self::StorageRange => "storage network IP range",
            Self::PodAddress => "pod IP address",
            Self::Router => "virtual router",
            Self::SystemVm => "system VM",
            Self::PrivateGateway => "private gateway",
            Self::StaticRoute => "static route",
            Self::Tag => "tag",
        }
    }
}

/// A type whose values have ids.
pub(crate) trait Entity {
    /// The kind, which is part of the uuid.
    const KIND: EntityKind;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_stands_for_two_kinds() {
        let mut numbers: Vec<u8> = EntityKind::ALL.iter().map(|kind| *kind as u8).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), EntityKind::ALL.len());
    }
}
