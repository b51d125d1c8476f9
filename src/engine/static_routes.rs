//! Static routes of VPCs (`VpcManagerImpl.createStaticRoute`): where traffic to a CIDR elsewhere
//! goes, to a private gateway or to an address.

use crate::engine::addresses::of_owner;
use crate::engine::carve::vpc_block;
use crate::engine::{Cx, Owner};
use crate::model::{
    EntityKind, PrivateGateway, PrivateGatewayState, StaticRoute, StaticRouteEvent,
    StaticRouteState, Vpc, VpcState,
};
use crate::net::Cidr4;
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// What hosts of one link call each other by; nothing is routed there.
const LINK_LOCAL: &str = "169.254.0.0/16";

/// What a new static route is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewStaticRoute {
    /// The private gateway that the traffic goes to.
    pub(crate) gateway: Option<PrivateGateway>,
    /// The address that it goes to, instead of a private gateway.
    pub(crate) next_hop: Option<Ipv4Addr>,
    /// The VPC, which goes with an address.
    pub(crate) vpc: Option<Vpc>,
    /// The CIDR as it was given.
    pub(crate) cidr: String,
}

/// Makes a static route.
pub(crate) fn create(cx: &mut Cx<'_>, new: &NewStaticRoute) -> Result<StaticRoute, Fault> {
    check_way(new)?;
    let vpc = vpc_of(cx, new)?;
    let (address, cidr) = Cidr4::parse_exact(&new.cidr)
        .map_err(|why| Fault::invalid(format!("Invalid parameter cidr: {why}")))?;
    check_cidr(cx, &vpc, cidr)?;
    if let Some(hop) = new.next_hop {
        check_hop(cx, &vpc, hop)?;
    }
    let mut route = StaticRoute {
        id: 0,
        vpc_id: vpc.id,
        gateway_id: new.gateway.as_ref().map(|gateway| gateway.id),
        next_hop: new.next_hop,
        cidr: format!("{address}/{}", cidr.len()),
        account_id: vpc.account_id,
        domain_id: vpc.domain_id,
        state: StaticRouteState::Staged,
        created: cx.now,
        removed: None,
    };
    refuse_conflict(cx, &vpc, cidr)?;
    advance(&mut route, StaticRouteEvent::Checked)?;
    advance(&mut route, StaticRouteEvent::Applied)?;
    route.id = cx.tx.insert(&route)?;
    concerns(cx, &route, "creating");
    Ok(route)
}

/// The traffic goes to a private gateway that is up, or to an address of a VPC that is named.
fn check_way(new: &NewStaticRoute) -> Result<(), Fault> {
    match (&new.gateway, new.next_hop) {
        (None, None) => {
            Err(Fault::invalid("One of the parameters gatewayid and nexthop must be given"))
        }
        (Some(_), Some(_)) => {
            Err(Fault::invalid("Parameters gatewayid and nexthop exclude each other"))
        }
        (None, Some(_)) if new.vpc.is_none() => {
            Err(Fault::invalid("Parameter vpcid is needed together with nexthop"))
        }
        (Some(gateway), None) if gateway.state != PrivateGatewayState::Ready => {
            Err(Fault::invalid(format!(
                "Invalid parameter gatewayid: the private gateway {} is {}, not Ready",
                gateway.ip, gateway.state
            )))
        }
        (Some(gateway), None) if new.vpc.as_ref().is_some_and(|vpc| vpc.id != gateway.vpc_id) => {
            Err(Fault::invalid(format!(
                "Invalid parameter vpcid: the private gateway {} is another VPC's",
                gateway.ip
            )))
        }
        _ => Ok(()),
    }
}

fn vpc_of(cx: &mut Cx<'_>, new: &NewStaticRoute) -> Result<Vpc, Fault> {
    let vpc: Vpc = match (&new.gateway, &new.vpc) {
        (Some(gateway), _) => cx.must(gateway.vpc_id)?,
        (None, Some(vpc)) => vpc.clone(),
        (None, None) => return Err(Fault::invalid("Parameter vpcid is needed")),
    };
    if vpc.state == VpcState::Enabled && vpc.removed.is_none() {
        return Ok(vpc);
    }
    let name = quoted(&vpc.name);
    Err(Fault::invalid(format!("Invalid parameter vpcid: the VPC {name} is being deleted")))
}

/// No route leads to what is inside the VPC or on its links, or to what the zone denies.
fn check_cidr(cx: &mut Cx<'_>, vpc: &Vpc, cidr: Cidr4) -> Result<(), Fault> {
    let refuse = |what: String| {
        Err(Fault::invalid(format!("Invalid parameter cidr: {cidr} overlaps {what}")))
    };
    let own = vpc_block(vpc)?;
    if cidr.overlaps(own) {
        return refuse(format!("{own}, the CIDR of the VPC {} itself", quoted(&vpc.name)));
    }
    let link_local = block("the link-local block", LINK_LOCAL)?;
    if cidr.overlaps(link_local) {
        return refuse(format!("{link_local}, which is never routed"));
    }
    let denied = cx.setting_at("denied.routes", "zone", vpc.zone_id)?;
    for one in denied.split(',').map(str::trim).filter(|one| !one.is_empty()) {
        // Blocks of IPv6 say nothing about IPv4.
        if Cidr4::parse(one).is_ok_and(|one| one.overlaps(cidr)) {
            return refuse(format!("{one}, which the setting denied.routes of the zone forbids"));
        }
    }
    Ok(())
}

fn block(what: &str, text: &str) -> Result<Cidr4, Fault> {
    let damaged = |why| StoreError::Damaged(format!("{what}: {why}"));
    Ok(Cidr4::parse(text).map_err(damaged)?)
}

/// The next hop is a neighbour of the VPC's router: in the VPC, behind one of its private
/// gateways, or in the subnet of one of its public addresses.
fn check_hop(cx: &mut Cx<'_>, vpc: &Vpc, hop: Ipv4Addr) -> Result<(), Fault> {
    if vpc_block(vpc)?.contains(hop) {
        return Ok(());
    }
    for gateway in gateways(cx, vpc.id)? {
        if gateway.block()?.contains(hop) {
            return Ok(());
        }
    }
    for found in of_owner(cx, "vpc_id", vpc.id)? {
        let range = &found.place.range;
        let subnet = range.gateway.zip(range.netmask);
        let subnet = subnet.map(|(gateway, mask)| Cidr4::from_gateway_netmask(gateway, mask));
        if subnet.is_some_and(|subnet| subnet.is_ok_and(|subnet| subnet.contains(hop))) {
            return Ok(());
        }
    }
    Err(Fault::invalid(format!(
        "Invalid parameter nexthop: {hop} is neither in {}, the CIDR of the VPC, nor in the block \
         of one of its private gateways or public addresses",
        vpc.cidr
    )))
}

fn gateways(cx: &mut Cx<'_>, vpc_id: i64) -> Result<Vec<PrivateGateway>, Fault> {
    let tail = "WHERE vpc_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[vpc_id.into()])?)
}

fn routes(cx: &mut Cx<'_>, vpc_id: i64) -> Result<Vec<StaticRoute>, Fault> {
    let tail = "WHERE vpc_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[vpc_id.into()])?)
}

/// Two routes of a VPC do not lead to the same address.
fn refuse_conflict(cx: &mut Cx<'_>, vpc: &Vpc, cidr: Cidr4) -> Result<(), Fault> {
    for other in routes(cx, vpc.id)? {
        if other.state == StaticRouteState::Revoke {
            continue;
        }
        if block("the CIDR of a static route", &other.cidr)?.overlaps(cidr) {
            let id = cx.uid::<StaticRoute>(other.id);
            let text = format!(
                "The static route to {cidr} conflicts with the one to {} ({id}) of the same VPC",
                other.cidr
            );
            return Err(Fault::new(Exception::NetworkRuleConflict, text).about(id, "staticRouteId"));
        }
    }
    Ok(())
}

/// Takes a route one step through its states.
fn advance(route: &mut StaticRoute, event: StaticRouteEvent) -> Result<(), Fault> {
    let (cidr, state) = (&route.cidr, route.state);
    route.state = state.next(event).ok_or_else(|| {
        let text = format!("The static route to {cidr} is {state}, which does not go with {event}");
        Fault::new(Exception::CloudRuntime, text)
    })?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, route: &StaticRoute, doing: &str) {
    let what = format!("{doing} the static route to {}", route.cidr);
    cx.concerns(EntityKind::StaticRoute, (0, route.id), Owner::from(route), what);
}

/// The routes that lead to a private gateway, or to an address in its block and in no other one
/// that the VPC's router can reach.
pub(crate) fn through(
    cx: &mut Cx<'_>,
    gateway: &PrivateGateway,
) -> Result<Vec<StaticRoute>, Fault> {
    let own = gateway.block()?;
    let mut others = vec![vpc_block(&cx.must(gateway.vpc_id)?)?];
    for other in gateways(cx, gateway.vpc_id)? {
        if other.id != gateway.id {
            others.push(other.block()?);
        }
    }
    let mut all = routes(cx, gateway.vpc_id)?;
    all.retain(|route| {
        let only_here =
            |hop: Ipv4Addr| own.contains(hop) && others.iter().all(|other| !other.contains(hop));
        route.gateway_id == Some(gateway.id) || route.next_hop.is_some_and(only_here)
    });
    Ok(all)
}

/// Takes a static route away.
pub(crate) fn delete(cx: &mut Cx<'_>, route: StaticRoute) -> Result<(), Fault> {
    concerns(cx, &route, "deleting");
    remove(cx, route).map_err(Fault::in_job)
}

/// The deed, for those that go with something else.
pub(crate) fn remove(cx: &mut Cx<'_>, mut route: StaticRoute) -> Result<(), Fault> {
    advance(&mut route, StaticRouteEvent::Revoke)?;
    if route.state == StaticRouteState::Revoke {
        advance(&mut route, StaticRouteEvent::Applied)?;
    }
    route.removed = Some(cx.now);
    cx.tx.save(&route)?;
    cx.forget_tags((EntityKind::StaticRoute, 0, route.id))
}

/// Takes all static routes away for which a condition holds.
pub(crate) fn forget(cx: &mut Cx<'_>, which: &str, id: i64) -> Result<(), Fault> {
    let tail = format!("WHERE {which} AND removed IS NULL ORDER BY id");
    for route in cx.tx.select::<StaticRoute>(&tail, &[id.into()])? {
        remove(cx, route)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
