//! BGP peers: the routers outside to which those of guest networks tell their routes.

use crate::engine::routing::{Dedicated, Holder, check_enabled};
use crate::engine::{Cx, Owner};
use crate::model::{
    BgpPeer, Cell, EntityKind, Network, NetworkOffering, RoutingMode, Vpc, VpcOffering, Zone,
};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use serde_json::{Map, Value as Json};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A peer that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewBgpPeer {
    /// The zone.
    pub(crate) zone: Zone,
    /// Its IPv4 address.
    pub(crate) ip: Option<Ipv4Addr>,
    /// Its IPv6 address.
    pub(crate) ip6: Option<Ipv6Addr>,
    /// Its AS number.
    pub(crate) as_number: i64,
    /// What else its routers are told.
    pub(crate) details: Vec<(String, String)>,
    /// For whom it is.
    pub(crate) dedicated: Dedicated,
}

/// What of a peer is to change; what is none stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct BgpPeerChange {
    /// Its IPv4 address.
    pub(crate) ip: Option<Ipv4Addr>,
    /// Its IPv6 address.
    pub(crate) ip6: Option<Ipv6Addr>,
    /// Its AS number.
    pub(crate) as_number: Option<i64>,
    /// What else its routers are told.
    pub(crate) details: Vec<(String, String)>,
    /// Whether what they were told before is dropped.
    pub(crate) cleans: bool,
}

impl BgpPeer {
    /// For whom it is.
    pub(crate) const fn dedicated(&self) -> Dedicated {
        Dedicated { account_id: self.account_id, domain_id: self.domain_id }
    }

    /// Its addresses, for messages.
    fn shown(&self) -> String {
        let ip = self.ip.map(|ip| ip.to_string());
        let ip6 = self.ip6.map(|ip| ip.to_string());
        let all: Vec<String> = ip.into_iter().chain(ip6).collect();
        format!("{} (AS {})", all.join(", "), self.as_number)
    }
}

/// Makes a peer.
pub(crate) fn create_peer(cx: &mut Cx<'_>, new: &NewBgpPeer) -> Result<BgpPeer, Fault> {
    made(cx, new).map_err(Fault::in_job)
}

fn made(cx: &mut Cx<'_>, new: &NewBgpPeer) -> Result<BgpPeer, Fault> {
    check_enabled(cx, &new.zone)?;
    let mut peer = BgpPeer {
        id: 0,
        zone_id: new.zone.id,
        ip: new.ip,
        ip6: new.ip6,
        as_number: new.as_number,
        details: details("{}", &new.details),
        account_id: new.dedicated.account_id,
        domain_id: new.dedicated.domain_id,
        created: cx.now,
        removed: None,
    };
    check(cx, &peer)?;
    peer.id = cx.tx.insert(&peer)?;
    concerns(cx, &peer, "creating");
    Ok(peer)
}

/// Changes a peer.
pub(crate) fn update_peer(
    cx: &mut Cx<'_>,
    peer: BgpPeer,
    change: &BgpPeerChange,
) -> Result<BgpPeer, Fault> {
    concerns(cx, &peer, "updating");
    let old = if change.cleans { "{}" } else { peer.details.as_str() };
    let peer = BgpPeer {
        ip: change.ip.or(peer.ip),
        ip6: change.ip6.or(peer.ip6),
        as_number: change.as_number.unwrap_or(peer.as_number),
        details: details(old, &change.details),
        ..peer
    };
    check(cx, &peer).map_err(Fault::in_job)?;
    cx.tx.save(&peer)?;
    Ok(peer)
}

/// What is kept of details, as a JSON object.
fn details(old: &str, more: &[(String, String)]) -> String {
    let mut all: Map<String, Json> = serde_json::from_str(old).unwrap_or_default();
    all.extend(more.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
    Json::Object(all).to_string()
}

fn check(cx: &mut Cx<'_>, peer: &BgpPeer) -> Result<(), Fault> {
    if peer.ip.is_none() && peer.ip6.is_none() {
        return Err(Fault::invalid("One of the parameters ipaddress and ip6address is needed"));
    }
    if !(1..=i64::from(u32::MAX)).contains(&peer.as_number) {
        return Err(Fault::invalid(format!(
            "Invalid parameter asnumber: {} is not from 1 to {}",
            peer.as_number,
            u32::MAX
        )));
    }
    let tail = "WHERE zone_id = ? AND as_number = ? AND id <> ? AND (ip = ? OR ip6 = ?) \
                AND removed IS NULL";
    let (ip, ip6): (Cell, Cell) = (peer.ip.into(), peer.ip6.into());
    let args = [peer.zone_id.into(), peer.as_number.into(), peer.id.into(), ip, ip6];
    let Some(other) = cx.tx.first::<BgpPeer>(tail, &args)? else { return Ok(()) };
    let id = cx.uid::<BgpPeer>(other.id);
    let same = if other.ip.is_some() && other.ip == peer.ip { "ipaddress" } else { "ip6address" };
    let text = format!("Invalid parameter {same}: the zone has the peer {} ({id})", other.shown());
    Err(Fault::invalid(text).about(id, "bgpPeerId"))
}

/// Takes a peer away that no router speaks with.
pub(crate) fn delete_peer(cx: &mut Cx<'_>, peer: BgpPeer) -> Result<(), Fault> {
    concerns(cx, &peer, "deleting");
    if let Some(holder) = holders_of(cx, peer.id)?.first() {
        let text = format!(
            "Invalid parameter id: the router of {} speaks with the peer {}",
            named(cx, *holder)?,
            peer.shown()
        );
        return Err(Fault::invalid(text).in_job());
    }
    cx.tx.save(&BgpPeer { removed: Some(cx.now), ..peer })?;
    Ok(())
}

/// Dedicates a peer to an account or a domain. Nobody else's router may speak with it.
pub(crate) fn dedicate_peer(
    cx: &mut Cx<'_>,
    peer: BgpPeer,
    to: Dedicated,
) -> Result<BgpPeer, Fault> {
    concerns(cx, &peer, "dedicating");
    for holder in holders_of(cx, peer.id)? {
        let (owner, _) = holder.owner(cx)?;
        if !to.is_for(cx, owner)? {
            let text = format!(
                "Invalid parameter id: the router of {}, which belongs to another account, speaks \
                 with the peer {}",
                named(cx, holder)?,
                peer.shown()
            );
            return Err(Fault::invalid(text).in_job());
        }
    }
    let peer = BgpPeer { account_id: to.account_id, domain_id: to.domain_id, ..peer };
    cx.tx.save(&peer)?;
    Ok(peer)
}

/// Gives a peer back to everybody.
pub(crate) fn release_peer(cx: &mut Cx<'_>, peer: BgpPeer) -> Result<BgpPeer, Fault> {
    concerns(cx, &peer, "releasing");
    let peer = BgpPeer { account_id: None, domain_id: None, ..peer };
    cx.tx.save(&peer)?;
    Ok(peer)
}

fn concerns(cx: &mut Cx<'_>, peer: &BgpPeer, doing: &str) {
    let what = format!("{doing} BGP peer {}", peer.shown());
    cx.concerns(EntityKind::BgpPeer, (0, peer.id), cx.caller_owner(), what);
}

/// The networks and VPCs that were given a peer.
fn holders_of(cx: &mut Cx<'_>, peer_id: i64) -> Result<Vec<Holder>, Fault> {
    let mut found = Vec::new();
    let sql = "SELECT holder = 'vpc', holder_id FROM bgp_peer_use WHERE peer_id = ? \
               ORDER BY holder, holder_id";
    cx.tx.each(sql, &[peer_id.into()], |cell| {
        use crate::model::Column;
        let (is_vpc, id) = (bool::from_cell(cell(0))?, i64::from_cell(cell(1))?);
        found.push(if is_vpc { Holder::Vpc(id) } else { Holder::Network(id) });
        Ok(true)
    })?;
    Ok(found)
}

fn named(cx: &mut Cx<'_>, holder: Holder) -> Result<String, Fault> {
    Ok(match holder {
        Holder::Network(id) => {
            let network: Network = cx.must(id)?;
            format!("the network {}", quoted(&network.name))
        }
        Holder::Vpc(id) => {
            let vpc: Vpc = cx.must(id)?;
            format!("the VPC {}", quoted(&vpc.name))
        }
    })
}

/// Refuses peers that the router of an owner may not speak with.
pub(super) fn check_peers(
    cx: &mut Cx<'_>,
    peers: &[BgpPeer],
    zone_id: i64,
    owner: Owner,
) -> Result<(), Fault> {
    for peer in peers {
        if peer.zone_id != zone_id {
            return Err(Fault::invalid(format!(
                "Invalid parameter bgppeerids: the peer {} is in another zone",
                peer.shown()
            )));
        }
        if !peer.dedicated().is_for(cx, owner)? {
            let text = "Invalid parameter bgppeerids: a peer is dedicated to somebody else";
            return Err(Fault::new(Exception::PermissionDenied, text));
        }
    }
    Ok(())
}

/// Says which peers the router of a network or VPC speaks with.
pub(super) fn use_peers(cx: &mut Cx<'_>, holder: Holder, peers: &[BgpPeer]) -> Result<(), Fault> {
    let (word, id) = holder.word();
    let sql = "DELETE FROM bgp_peer_use WHERE holder = ? AND holder_id = ?";
    cx.tx.run(sql, &[word.into(), id.into()])?;
    let mut seen = Vec::new();
    for peer in peers {
        if !seen.contains(&peer.id) {
            let sql = "INSERT INTO bgp_peer_use (peer_id, holder, holder_id) VALUES (?, ?, ?)";
            cx.tx.run(sql, &[peer.id.into(), word.into(), id.into()])?;
            seen.push(peer.id);
        }
    }
    Ok(())
}

/// Gives a network or VPC other peers; without any it has those of its owner again.
pub(crate) fn change_peers(
    cx: &mut Cx<'_>,
    holder: Holder,
    peers: &[BgpPeer],
) -> Result<(), Fault> {
    let (owner, zone_id) = holder.owner(cx)?;
    let (kind, mode) = match holder {
        Holder::Network(id) => {
            let network: Network = cx.must(id)?;
            let offering: Option<NetworkOffering> =
                network.offering_id.map(|id| cx.must(id)).transpose()?;
            let own = offering.filter(|_| network.vpc_id.is_none());
            (EntityKind::Network, own.and_then(|offering| offering.routing_mode))
        }
        Holder::Vpc(id) => {
            let vpc: Vpc = cx.must(id)?;
            let offering: VpcOffering = cx.must(vpc.offering_id)?;
            (EntityKind::Vpc, offering.routing_mode)
        }
    };
    let (_, id) = holder.word();
    let named = named(cx, holder)?;
    cx.concerns(kind, (0, id), owner, format!("changing the BGP peers of {named}"));
    if mode != Some(RoutingMode::Dynamic) {
        let param = if kind == EntityKind::Vpc { "vpcid" } else { "networkid" };
        let text = format!(
            "Invalid parameter {param}: {named} tells no routes by BGP; its offering needs \
             routingmode Dynamic"
        );
        return Err(Fault::invalid(text).in_job());
    }
    check_peers(cx, peers, zone_id, owner).map_err(Fault::in_job)?;
    use_peers(cx, holder, peers)
}

/// The peers that the router of a network or VPC speaks with: those that it was given; else those
/// that are its owner's own; else, where `use.system.bgp.peers` says so, those of everybody.
pub(crate) fn peers_of(cx: &mut Cx<'_>, holder: Holder) -> Result<Vec<BgpPeer>, Fault> {
    let (word, id) = holder.word();
    let tail = "WHERE id IN (SELECT peer_id FROM bgp_peer_use WHERE holder = ? \
                AND holder_id = ?) AND removed IS NULL ORDER BY id";
    let given: Vec<BgpPeer> = cx.tx.select(tail, &[word.into(), id.into()])?;
    if !given.is_empty() {
        return Ok(given);
    }
    let (owner, zone_id) = holder.owner(cx)?;
    let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY id";
    let all: Vec<BgpPeer> = cx.tx.select(tail, &[zone_id.into()])?;
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for peer in all {
        match peer.dedicated().is_some() {
            true if peer.dedicated().is_for(cx, owner)? => own.push(peer),
            true => {}
            false => others.push(peer),
        }
    }
    let shares = cx.setting_at("use.system.bgp.peers", "account", owner.account_id)?;
    Ok(match own.is_empty() && shares.eq_ignore_ascii_case("true") {
        true => others,
        false => own,
    })
}
