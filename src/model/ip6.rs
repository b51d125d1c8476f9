//! IPv6 of guest networks: the prefixes of zones, and the firewall rules of whole networks.

use crate::model::{Entity, EntityKind, Time, TrafficDirection, choice, record};
use crate::net::Cidr6;

record! {
    /// An IPv6 prefix of a zone, from which its guest networks get their /64s.
    Ip6Prefix in "ip6_prefix" {
        /// The zone.
        zone_id: i64,
        /// The prefix, of 64 bits at most.
        prefix: Cidr6,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// What a firewall rule of a whole network is for (`FirewallRule.Purpose`).
    NetworkRulePurpose {
        /// IPv6.
        Ip6 = "Ipv6Firewall",
        /// IPv4 of a network in the mode ROUTED.
        Routing = "Firewall",
    }
}

record! {
    /// A firewall rule of a whole network: of IPv6, or of a network in the mode ROUTED.
    NetworkRule in "network_rule" {
        /// What it is for: `Ipv6Firewall`, or `Firewall` of a network in the mode ROUTED.
        purpose: NetworkRulePurpose,
        /// Which way the traffic goes.
        direction: TrafficDirection,
        /// The network.
        network_id: i64,
        /// The account that owns the rule.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// `tcp`, `udp`, `icmp`, `all` or a number.
        protocol: String,
        /// The first port; none for all.
        first_port: Option<i64>,
        /// The last port.
        last_port: Option<i64>,
        /// The type of ICMP messages; -1 for all.
        icmp_type: Option<i64>,
        /// The code of ICMP messages; -1 for all.
        icmp_code: Option<i64>,
        /// Where the traffic may come from: CIDRs, separated by commas.
        sources: String,
        /// Where the traffic may go: CIDRs, separated by commas.
        destinations: String,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

/// A [`NetworkRule`] of a network in the mode ROUTED, whose ids are of a kind of their own.
#[derive(Clone, Debug)]
pub(crate) struct RoutingRule;

impl Entity for RoutingRule {
    const KIND: EntityKind = EntityKind::RoutingRule;
}
