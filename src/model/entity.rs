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
    /// What a system VM is made by.
    ServiceOffering = 22,
    /// A rule of a role: `a` is the role, `b` the rule.
    RoleRule = 23,
    /// A rule of a firewall.
    FirewallRule = 24,
    /// A rule of an ACL list.
    AclItem = 25,
    /// A time in which somebody held an address.
    AddressUsage = 60,
    /// A time in which somebody had something.
    UsageRecord = 61,
    /// What an administrator should know.
    Alert = 62,
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
        Self::AddressUsage,
        Self::UsageRecord,
        Self::Alert,
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
            Self::AddressUsage | Self::UsageRecord => "usage record",
            Self::Alert => "alert",
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
