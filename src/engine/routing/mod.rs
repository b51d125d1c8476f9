//! Routes to guest networks: AS numbers, BGP peers, and the IPv4 subnets of networks in the mode
//! ROUTED (`RoutedIpv4ManagerImpl`, `BGPServiceImpl`).

mod asns;
mod made;
mod owners;
mod peers;
mod subnets;
mod zone_subnets;

pub(crate) use asns::{
    AsnRow, AsnWhich, count_used, create_asn_range, delete_asn_range, free_asns, held_asns,
    release_asn, uid_of_asn,
};
pub(crate) use made::{block_of_vpc, forget_routes, give_routes, subnet_of_network};
pub(crate) use owners::{Dedicated, release_dedicated};
pub(crate) use peers::{
    BgpPeerChange, NewBgpPeer, change_peers, create_peer, dedicate_peer, delete_peer, peers_of,
    release_peer, update_peer,
};
pub(crate) use subnets::{
    NewNetworkSubnet, Routed, create_network_subnet, delete_network_subnet, take_subnet,
};
pub(crate) use zone_subnets::{
    create_zone_subnet, dedicate_zone_subnet, delete_zone_subnet, release_zone_subnet,
    update_zone_subnet,
};

use crate::engine::{Cx, Owner};
use crate::model::{BgpPeer, Network, NetworkMode, NetworkOffering, Vpc, VpcOffering, Zone};
use crate::schema::Fault;
use crate::text::quoted;

/// What a network or VPC is to be told of routes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    /// Its AS number, where its offering wants one to be named.
    pub(crate) as_number: Option<i64>,
    /// The BGP peers of its router; those of its owner, where none are named.
    pub(crate) peers: Vec<BgpPeer>,
}

/// What has a router: a network, or a VPC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Holder {
    /// An isolated network.
    Network(i64),
    /// A VPC.
    Vpc(i64),
}

impl Holder {
    /// What it is, and its row.
    pub(crate) const fn word(self) -> (&'static str, i64) {
        match self {
            Self::Network(id) => ("network", id),
            Self::Vpc(id) => ("vpc", id),
        }
    }

    /// The column of its row.
    pub(crate) const fn column(self) -> (&'static str, i64) {
        match self {
            Self::Network(id) => ("network_id", id),
            Self::Vpc(id) => ("vpc_id", id),
        }
    }

    /// What the network's router is that of: of a tier its VPC.
    pub(crate) const fn of(network: &Network) -> Self {
        match network.vpc_id {
            Some(vpc) => Self::Vpc(vpc),
            None => Self::Network(network.id),
        }
    }

    /// Its owner and its zone.
    fn owner(self, cx: &mut Cx<'_>) -> Result<(Owner, i64), Fault> {
        Ok(match self {
            Self::Network(id) => {
                let network: Network = cx.must(id)?;
                (Owner::from(&network), network.zone_id)
            }
            Self::Vpc(id) => {
                let vpc: Vpc = cx.must(id)?;
                (Owner::from(&vpc), vpc.zone_id)
            }
        })
    }
}

/// Whether networks made by an offering are routed.
pub(crate) fn is_routed(offering: &NetworkOffering) -> bool {
    offering.network_mode.as_deref() == Some(NetworkMode::Routed.word())
}

/// Whether VPCs made by an offering are routed.
pub(crate) fn vpc_is_routed(offering: &VpcOffering) -> bool {
    offering.network_mode.as_deref() == Some(NetworkMode::Routed.word())
}

/// Refuses what is routed in a zone where that is switched off.
pub(crate) fn check_enabled(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    const SWITCH: &str = "routed.network.vpc.enabled";
    if cx.setting_at(SWITCH, "zone", zone.id)?.eq_ignore_ascii_case("true") {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter zoneid: routed networks and VPCs are switched off in the zone {}; see \
         the setting {SWITCH}",
        quoted(&zone.name)
    )))
}
