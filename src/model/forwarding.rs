//! Rules that lead from a public address to guests: port forwarding, static NAT, load balancing.

use crate::model::{Entity, EntityKind, Time, choice, record};
use std::net::Ipv4Addr;

record! {
    /// Ports of a public address that go to one guest.
    PortForwardingRule in "port_forwarding_rule" {
        /// The range of the public address.
        range_id: i64,
        /// Its place in the range.
        place: i64,
        /// The network of the guest.
        network_id: i64,
        /// The account that owns the rule.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// `tcp` or `udp`.
        protocol: String,
        /// The first port of the public address.
        first_port: i64,
        /// The last one.
        last_port: i64,
        /// The first port of the guest.
        private_first: i64,
        /// The last one.
        private_last: i64,
        /// The guest.
        vm_id: i64,
        /// Which of its addresses.
        vm_ip: Ipv4Addr,
        /// Where the traffic may come from: CIDRs, separated by commas; none for anywhere.
        sources: Option<String>,
        /// The firewall rule that was made with it, and goes with it.
        firewall_id: Option<i64>,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// What an address with static NAT lets through to its guest.
    StaticNatRule in "static_nat_rule" {
        /// The range of the public address.
        range_id: i64,
        /// Its place in the range.
        place: i64,
        /// The network of the guest.
        network_id: i64,
        /// The account that owns the rule.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// `tcp` or `udp`.
        protocol: String,
        /// The first port.
        first_port: i64,
        /// The last one.
        last_port: i64,
        /// The guest.
        vm_id: i64,
        /// The firewall rule that was made with it, and goes with it.
        firewall_id: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// From where a load balancer is reached (`LoadBalancerContainer.Scheme`).
    LbScheme {
        /// From everywhere, at a public address.
        Public = "Public",
        /// From the guests, at an address of their network.
        Internal = "Internal",
    }
}

record! {
    /// A port of an address that is shared out among guests.
    LoadBalancerRule in "load_balancer_rule" {
        /// Its name.
        name: String,
        /// What it is.
        description: Option<String>,
        /// From where it is reached.
        scheme: LbScheme,
        /// Which guest is next: `roundrobin`, `leastconn` or `source`.
        algorithm: String,
        /// The range of the public address.
        range_id: Option<i64>,
        /// Its place in the range.
        place: Option<i64>,
        /// The network of the address of an internal one.
        source_network_id: Option<i64>,
        /// That address.
        source_ip: Option<Ipv4Addr>,
        /// The network of the guests.
        network_id: i64,
        /// The account that owns the rule.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// `tcp`, `udp`, `tcp-proxy` or `ssl`.
        protocol: String,
        /// The port of the address.
        public_port: i64,
        /// The port of the guests.
        private_port: i64,
        /// Where the traffic may come from: CIDRs, separated by commas; none for anywhere.
        sources: Option<String>,
        /// The firewall rule that was made with it, and goes with it.
        firewall_id: Option<i64>,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A guest among whom a port is shared out.
    LoadBalancerMember in "load_balancer_member" {
        /// The rule.
        rule_id: i64,
        /// The guest.
        vm_id: i64,
        /// Which of its addresses.
        vm_ip: Ipv4Addr,
        /// When it came.
        created: Time,
        /// When it left.
        removed: Option<Time>,
    }
}

/// An internal load balancer as it is named by its id: the rule of one.
#[derive(Clone, Debug)]
pub(crate) struct InternalLoadBalancer;

impl Entity for InternalLoadBalancer {
    const KIND: EntityKind = EntityKind::LoadBalancerRule;
}
