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
            Self::Nic => "NIC",
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
