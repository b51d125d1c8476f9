//! Routes to guest networks: AS numbers and BGP peers, and the IPv4 subnets of networks in the mode
//! ROUTED.

use crate::model::{Time, choice, record};
use crate::net::Cidr4;
use std::net::{Ipv4Addr, Ipv6Addr};

choice! {
    /// How the world learns routes to a routed network (`NetworkOffering.RoutingMode`).
    RoutingMode {
        /// An operator enters them.
        Static = "Static",
        /// Its router tells them by BGP.
        Dynamic = "Dynamic",
    }
}

record! {
    /// AS numbers of a zone.
    AsnRange in "asn_range" {
        /// The zone.
        zone_id: i64,
        /// The first AS number.
        first: i64,
        /// The last AS number.
        last: i64,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A router outside, to which the routers of guest networks tell their routes.
    BgpPeer in "bgp_peer" {
        /// The zone.
        zone_id: i64,
        /// Its IPv4 address.
        ip: Option<Ipv4Addr>,
        /// Its IPv6 address.
        ip6: Option<Ipv6Addr>,
        /// Its AS number.
        as_number: i64,
        /// What else its routers are told, as a JSON object.
        details: String,
        /// The account that it is dedicated to.
        account_id: Option<i64>,
        /// The domain that it is dedicated to.
        domain_id: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// An IPv4 subnet of a zone, from which its routed networks get theirs.
    ZoneSubnet in "ip4_zone_subnet" {
        /// The zone.
        zone_id: i64,
        /// The subnet.
        subnet: Cidr4,
        /// The account that it is dedicated to.
        account_id: Option<i64>,
        /// The domain that it is dedicated to.
        domain_id: Option<i64>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// An IPv4 subnet for a routed network or VPC.
    NetworkSubnet in "ip4_network_subnet" {
        /// The zone.
        zone_id: i64,
        /// The subnet of the zone that it lies in; none for one that somebody named elsewhere.
        parent_id: Option<i64>,
        /// The subnet.
        subnet: Cidr4,
        /// The network that has it.
        network_id: Option<i64>,
        /// The VPC that has it.
        vpc_id: Option<i64>,
        /// Since when it is had.
        allocated: Option<Time>,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}
