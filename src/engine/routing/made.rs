//! New networks and VPCs, and those that go: what they have of subnets, AS numbers and peers.

use crate::engine::Cx;
use crate::engine::Owner;
use crate::engine::networks::{NewNetwork, Subnet};
use crate::engine::routing::subnets::{self, Routed};
use crate::engine::routing::{Holder, Routes, asns, is_routed, peers, vpc_is_routed};
use crate::engine::vpcs::NewVpc;
use crate::model::{RoutingMode, Zone};
use crate::net::Cidr4;
use crate::schema::Fault;

/// The subnet of a routed network that is no tier; none of all others. What is said of routes must
/// go with the offering.
pub(crate) fn subnet_of_network(
    cx: &mut Cx<'_>,
    new: &NewNetwork,
    given: Option<Subnet>,
) -> Result<Option<Routed>, Fault> {
    let offering = &new.offering;
    let own = new.vpc.is_none();
    let mode = (offering.routing_mode.filter(|_| own), offering.specify_as_number && own);
    let whose = (&new.zone, new.owner);
    check_routes(cx, &new.routes, mode, whose)?;
    if !own || !is_routed(offering) {
        return Ok(None);
    }
    let given = given.map(|subnet| subnet.cidr);
    subnets::subnet_for_network(cx, whose, given, new.cidr_size).map(Some)
}

/// The block of a routed VPC; none of all others. What is said of routes must go with the offering.
pub(crate) fn block_of_vpc(cx: &mut Cx<'_>, new: &NewVpc) -> Result<Option<Routed>, Fault> {
    let (offering, whose) = (&new.offering, (&new.zone, new.owner));
    let mode = (offering.routing_mode, offering.specify_as_number);
    check_routes(cx, &new.routes, mode, whose)?;
    if !vpc_is_routed(offering) {
        return Ok(None);
    }
    let given = new.cidr.as_deref().map(Cidr4::parse).transpose();
    let given = given.map_err(|why| Fault::invalid(format!("Invalid parameter cidr: {why}")))?;
    subnets::subnet_for_vpc(cx, whose, given, new.cidr_size).map(Some)
}

/// Refuses what is said of routes and does not go with the offering.
fn check_routes(
    cx: &mut Cx<'_>,
    routes: &Routes,
    (mode, specifies): (Option<RoutingMode>, bool),
    (zone, owner): (&Zone, Owner),
) -> Result<(), Fault> {
    if routes.as_number.is_some() && !specifies {
        return Err(Fault::invalid(
            "Invalid parameter asnumber: it is for offerings with specifyasnumber only",
        ));
    }
    if routes.as_number.is_none() && specifies {
        return Err(Fault::invalid("Parameter asnumber is needed: the offering asks for it"));
    }
    if !routes.peers.is_empty() && mode != Some(RoutingMode::Dynamic) {
        return Err(Fault::invalid(
            "Invalid parameter bgppeerids: it is for offerings with routingmode Dynamic only",
        ));
    }
    peers::check_peers(cx, &routes.peers, zone.id, owner)
}

/// Gives a new network or VPC its AS number and its peers, if its offering is Dynamic.
pub(crate) fn give_routes(
    cx: &mut Cx<'_>,
    holder: Holder,
    mode: Option<RoutingMode>,
    routes: &Routes,
) -> Result<(), Fault> {
    if mode == Some(RoutingMode::Dynamic) {
        asns::take_asn(cx, holder, routes.as_number)?;
        peers::use_peers(cx, holder, &routes.peers)?;
    }
    Ok(())
}

/// Takes AS number, peers and subnet from a network or VPC that goes.
pub(crate) fn forget_routes(cx: &mut Cx<'_>, holder: Holder) -> Result<(), Fault> {
    asns::give_asn_back(cx, holder)?;
    peers::use_peers(cx, holder, &[])?;
    subnets::drop_subnet(cx, holder)
}
