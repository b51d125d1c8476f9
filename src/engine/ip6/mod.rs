//! IPv6 of guest networks (`Ipv6ServiceImpl`): the prefixes of zones, the /64s that networks have
//! of them, and the public addresses of routers. Addresses of guests need no rows: they follow from
//! the /64 and the MAC address, of which a network has none twice.

mod prefixes;
mod routers;
mod subnets;

pub(crate) use prefixes::{count_subnets, create_prefix, delete_prefix, prefixes_of, used};
pub(crate) use routers::{
    check_upgrade, forget_router, give_router, refuse_used, router_at, router_of,
};
pub(crate) use subnets::{check_room, give_subnet, take_subnet_back};

use crate::model::{InternetProtocol, NetworkOffering, VpcOffering};

/// Whether networks made by an offering have IPv6.
pub(crate) fn has_ip6(offering: &NetworkOffering) -> bool {
    offering.internet_protocol != InternetProtocol::IPv4.word()
}

/// Whether VPCs made by an offering have IPv6.
pub(crate) fn vpc_has_ip6(offering: &VpcOffering) -> bool {
    offering.internet_protocol != InternetProtocol::IPv4.word()
}
