//! Tags: words that people put on things.

use crate::model::{EntityKind, choice, record};

choice! {
    /// The kinds of things that may have tags (`ResourceTag.ResourceObjectType`).
    TagKind {
        /// A virtual machine.
        UserVm = "UserVm",
        /// A network.
        Network = "Network",
        /// A VPC.
        Vpc = "Vpc",
        /// A public address.
        PublicIpAddress = "PublicIpAddress",
        /// An interface of a virtual machine.
        Nic = "Nic",
        /// A rule of a firewall, or of an address with static NAT.
        FirewallRule = "FirewallRule",
        /// A port forwarding rule.
        PortForwardingRule = "PortForwardingRule",
        /// A load balancer rule.
        LoadBalancer = "LoadBalancer",
        /// A rule of an ACL list.
        NetworkAcl = "NetworkACL",
        /// An ACL list.
        NetworkAclList = "NetworkACLList",
        /// A private gateway.
        PrivateGateway = "PrivateGateway",
        /// A static route.
        StaticRoute = "StaticRoute",
        /// A project.
        Project = "Project",
        /// An account.
        Account = "Account",
        /// A user.
        User = "User",
    }
}

impl TagKind {
    /// What such a thing is to us.
    pub(crate) const fn entity(self) -> EntityKind {
        match self {
            Self::UserVm => EntityKind::Vm,
            Self::Network => EntityKind::Network,
            Self::Vpc => EntityKind::Vpc,
            Self::PublicIpAddress => EntityKind::Address,
            Self::Nic => EntityKind::Nic,
            Self::FirewallRule => EntityKind::FirewallRule,
            Self::PortForwardingRule => EntityKind::PortForwardingRule,
            Self::LoadBalancer => EntityKind::LoadBalancerRule,
            Self::NetworkAcl => EntityKind::AclItem,
            Self::NetworkAclList => EntityKind::Acl,
            Self::PrivateGateway => EntityKind::PrivateGateway,
            Self::StaticRoute => EntityKind::StaticRoute,
            Self::Project => EntityKind::Project,
            Self::Account => EntityKind::Account,
            Self::User => EntityKind::User,
        }
    }

    /// What CloudStack calls a thing of this number of [`EntityKind`] that has tags.
    pub(crate) fn of_number(number: i64) -> Option<Self> {
        let others = [EntityKind::StaticNatRule, EntityKind::NetworkRule];
        if others.iter().any(|kind| number == i64::from(*kind as u8)) {
            return Some(Self::FirewallRule);
        }
        Self::ALL.iter().copied().find(|kind| i64::from(kind.entity() as u8) == number)
    }
}

record! {
    /// A word that somebody has put on a thing.
    Tag in "tag" {
        /// The kind of thing, a number that is part of its id.
        kind: i64,
        /// The range of an address; 0 for other things.
        a: i64,
        /// The place of the address in its range, or the row of the thing.
        b: i64,
        /// The key, unlike all others of the thing whatever the letter case.
        name: String,
        /// The value.
        value: String,
        /// The key in small letters.
        folded_name: String,
        /// The value in small letters.
        folded_value: String,
        /// For whom the tag is, where that was said.
        customer: Option<String>,
        /// The account that owns the thing.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
    }
}
