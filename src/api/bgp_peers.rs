//! BGP peers: the routers outside to which those of guest networks tell their routes.

use crate::api::names::Names;
use crate::api::network_view::{self, NetworkView};
use crate::api::owned::ForOwner;
use crate::api::paging::Paged;
use crate::api::vpcs::{self, VpcView};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::routing::{self, BgpPeerChange, Dedicated, Holder, NewBgpPeer, Routes};
use crate::model::{BgpPeer, Domain, Network, Project, Time, Uid, Vpc, Zone};
use crate::schema::{Exception, Fault, Id, List, Map, Text, view};
use crate::text::Secret;
use serde_json::Value as Json;
use std::net::{Ipv4Addr, Ipv6Addr};

view! {
    /// A BGP peer.
    BgpPeerView in "BgpPeerResponse" shows ["ipaddress", "ip6address", "asnumber", "account",
        "project", "domain", "zonename", "id"] {
        /// the id of the peer
        id: Uid,
        /// the IPv4 address
        ipaddress: Option<Ipv4Addr>,
        /// the IPv6 address
        ip6address: Option<Ipv6Addr>,
        /// the AS number
        asnumber: i64,
        /// what else its routers are told
        details: Option<Json>,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the account that it is dedicated to
        account: Option<String>,
        /// the id of the project that it is dedicated to, instead of an account
        projectid: Option<Uid>,
        /// the name of that project
        project: Option<String>,
        /// the id of the domain that it, or the account, is dedicated to or in
        domainid: Option<Uid>,
        /// the name of that domain
        domain: Option<String>,
        /// when it was made
        created: Time,
    }
}

impl ForOwner {
    /// To whom something is dedicated: an account, a project, a domain, or nobody.
    pub(crate) fn dedicated(&self, cx: &mut Cx<'_>) -> Result<Dedicated, Fault> {
        if let Some(owner) = self.named(cx)? {
            return Ok(Dedicated::to(owner));
        }
        let domain: Option<Domain> = cx.find_opt(self.domainid.as_ref())?;
        Ok(Dedicated { account_id: None, domain_id: domain.map(|domain| domain.id) })
    }

    /// The same, where somebody must be named.
    pub(crate) fn to_dedicate(&self, cx: &mut Cx<'_>) -> Result<Dedicated, Fault> {
        let to = self.dedicated(cx)?;
        if to.is_some() {
            return Ok(to);
        }
        Err(Fault::invalid("One of the parameters account, domainid and projectid must be given"))
    }
}

api! {
    /// Makes a BGP peer, to which the routers of a zone's networks tell their routes.
    job object "createBgpPeer" { key: "bgppeer", event: "BGP.PEER.CREATE", since: "4.20",
        example: "create bgp peer zoneid=sandbox asnumber=65000 ipaddress=192.0.2.179" }
        => create -> BgpPeerView;
    CreateBgpPeer {
        /// the zone
        zoneid: Id<Zone>,
        /// the AS number
        asnumber: i64,
        /// the IPv4 address
        ipaddress: Option<Ipv4Addr>,
        /// the IPv6 address
        ip6address: Option<Ipv6Addr>,
        /// the password of its sessions, which no router here begins
        password: Option<Secret>,
        /// what else its routers are told
        details: Option<Map>,
        ..owner: ForOwner,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateBgpPeer) -> Result<BgpPeerView, Fault> {
    refuse_password(args.password.as_ref())?;
    let new = NewBgpPeer {
        zone: cx.find(&args.zoneid)?,
        ip: args.ipaddress,
        ip6: args.ip6address,
        as_number: args.asnumber,
        details: entries(args.details.as_ref()),
        dedicated: args.owner.dedicated(cx)?,
    };
    let peer = routing::create_peer(cx, &new)?;
    show(cx, peer)
}

/// No router here begins a session, so nobody would ever use a password; it is not kept.
fn refuse_password(given: Option<&Secret>) -> Result<(), Fault> {
    if given.is_none() {
        return Ok(());
    }
    let text = "Parameter password cannot be given: peers are records here, and no session with \
                them is begun; leave it out";
    Err(Fault::new(Exception::UnsupportedAction, text))
}

fn entries(given: Option<&Map>) -> Vec<(String, String)> {
    given.iter().flat_map(|map| map.0.iter().flatten().cloned()).collect()
}

api! {
    /// Changes a BGP peer.
    job object "updateBgpPeer" { key: "bgppeer", event: "BGP.PEER.UPDATE", since: "4.20",
        example: "update bgp peer id=192.0.2.179 asnumber=65001" } => update -> BgpPeerView;
    UpdateBgpPeer {
        /// the id of the peer
        id: Id<BgpPeer>,
        /// the AS number
        asnumber: Option<i64>,
        /// the IPv4 address
        ipaddress: Option<Ipv4Addr>,
        /// the IPv6 address
        ip6address: Option<Ipv6Addr>,
        /// the password of its sessions, which no router here begins
        password: Option<Secret>,
        /// what else its routers are told; what was said before of other things stays
        details: Option<Map>,
        /// whether all details of before are dropped
        cleanupdetails: Option<bool>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateBgpPeer) -> Result<BgpPeerView, Fault> {
    refuse_password(args.password.as_ref())?;
    let change = BgpPeerChange {
        ip: args.ipaddress,
        ip6: args.ip6address,
        as_number: args.asnumber,
        details: entries(args.details.as_ref()),
        cleans: args.cleanupdetails == Some(true),
    };
    let peer = cx.find(&args.id)?;
    let peer = routing::update_peer(cx, peer, &change)?;
    show(cx, peer)
}

api! {
    /// Takes a BGP peer away that no network was given.
    job success "deleteBgpPeer" { event: "BGP.PEER.DELETE", since: "4.20",
        example: "delete bgp peer id=192.0.2.179" } => delete;
    DeleteBgpPeer {
        /// the id of the peer
        id: Id<BgpPeer>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteBgpPeer) -> Result<(), Fault> {
    let peer = cx.find(&args.id)?;
    routing::delete_peer(cx, peer)
}

api! {
    /// Dedicates a BGP peer to an account, a project or a domain.
    job object "dedicateBgpPeer" { key: "bgppeer", event: "BGP.PEER.DEDICATE", since: "4.20",
        example: "dedicate bgp peer id=192.0.2.179 domainid=ROOT account=admin" }
        => dedicate -> BgpPeerView;
    DedicateBgpPeer {
        /// the id of the peer
        id: Id<BgpPeer>,
        ..owner: ForOwner,
    }
}

fn dedicate(cx: &mut Cx<'_>, args: &DedicateBgpPeer) -> Result<BgpPeerView, Fault> {
    let peer = cx.find(&args.id)?;
    let to = args.owner.to_dedicate(cx)?;
    let peer = routing::dedicate_peer(cx, peer, to)?;
    show(cx, peer)
}

api! {
    /// Gives a dedicated BGP peer back to everybody.
    job object "releaseBgpPeer" { key: "bgppeer", event: "BGP.PEER.RELEASE", since: "4.20",
        example: "release bgp peer id=192.0.2.179" } => release -> BgpPeerView;
    ReleaseBgpPeer {
        /// the id of the peer
        id: Id<BgpPeer>,
    }
}

fn release(cx: &mut Cx<'_>, args: &ReleaseBgpPeer) -> Result<BgpPeerView, Fault> {
    let peer = cx.find(&args.id)?;
    let peer = routing::release_peer(cx, peer)?;
    show(cx, peer)
}

api! {
    /// Lists BGP peers.
    now list "listBgpPeers" { key: "bgppeer", since: "4.20",
        example: "list bgp peers zoneid=sandbox" } => list -> BgpPeerView;
    ListBgpPeers {
        /// the id of the peer
        id: Option<Id<BgpPeer>>,
        /// only peers of this zone
        zoneid: Option<Id<Zone>>,
        /// only peers with this AS number
        asnumber: Option<i64>,
        /// only peers that are dedicated, or that are not
        isdedicated: Option<bool>,
        /// only peers dedicated to this account; needs domainid
        account: Option<Text>,
        /// only peers dedicated to this domain, or to its account
        domainid: Option<Id<Domain>>,
        /// only peers dedicated to this project
        projectid: Option<Id<Project>>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListBgpPeers) -> Result<Rows<BgpPeerView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("as_number", args.asnumber);
    match args.isdedicated {
        Some(true) => filter.holds("(account_id IS NOT NULL OR domain_id IS NOT NULL)", []),
        Some(false) => filter.holds("account_id IS NULL AND domain_id IS NULL", []),
        None => {}
    }
    if args.account.is_some() || args.projectid.is_some() {
        let (account, project) = (args.account.as_deref(), args.projectid.as_ref());
        let owner = cx.owner(account, args.domainid.as_ref(), project)?;
        filter.is("account_id", Some(owner.account_id));
    } else {
        filter.is("domain_id", cx.row_opt(args.domainid.as_ref())?);
    }
    filter.keyword(&["ip6", "details"]);
    let (found, total) = filter.living::<BgpPeer>(cx, "id")?;
    let rows = found.into_iter().map(|peer| show(cx, peer)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// A peer as it is shown.
pub(crate) fn show(cx: &mut Cx<'_>, peer: BgpPeer) -> Result<BgpPeerView, Fault> {
    let mut names = Names::default();
    let owner = peer.account_id.map(|id| names.owner(cx, id)).transpose()?;
    let domain = peer.domain_id.map(|id| names.domain(cx, id)).transpose()?;
    let details: Json = serde_json::from_str(&peer.details).unwrap_or_default();
    let has_details = details.as_object().is_some_and(|all| !all.is_empty());
    Ok(BgpPeerView {
        id: cx.uid::<BgpPeer>(peer.id),
        ipaddress: peer.ip,
        ip6address: peer.ip6,
        asnumber: peer.as_number,
        details: has_details.then_some(details),
        zoneid: cx.uid::<Zone>(peer.zone_id),
        zonename: names.zone(cx, peer.zone_id)?,
        account: owner.as_ref().and_then(|owner| owner.account.clone()),
        projectid: owner.as_ref().and_then(|owner| owner.projectid),
        project: owner.and_then(|owner| owner.project),
        domainid: cx.uid_opt::<Domain>(peer.domain_id),
        domain,
        created: peer.created,
    })
}

api! {
    /// Gives a network other BGP peers; without any it has those of its owner again.
    job object "changeBgpPeersForNetwork" { key: "network", event: "NETWORK.BGP.PEER.UPDATE",
        since: "4.20",
        example: "change bgp peers for network networkid=web bgppeerids=192.0.2.179" }
        => change_network -> NetworkView;
    ChangeBgpPeersForNetwork {
        /// the id of the network
        networkid: Id<Network>,
        /// the ids of the peers
        bgppeerids: Option<List<Id<BgpPeer>>>,
    }
}

fn change_network(cx: &mut Cx<'_>, args: &ChangeBgpPeersForNetwork) -> Result<NetworkView, Fault> {
    let network = cx.find(&args.networkid)?;
    let peers = peers(cx, args.bgppeerids.as_ref())?;
    routing::change_peers(cx, Holder::Network(network.id), &peers)?;
    network_view::show(cx, network)
}

api! {
    /// Gives a VPC other BGP peers; without any it has those of its owner again.
    job object "changeBgpPeersForVpc" { key: "vpc", event: "VPC.BGP.PEER.UPDATE", since: "4.20",
        example: "change bgp peers for vpc vpcid=web bgppeerids=192.0.2.179" }
        => change_vpc -> VpcView;
    ChangeBgpPeersForVpc {
        /// the id of the VPC
        vpcid: Id<Vpc>,
        /// the ids of the peers
        bgppeerids: Option<List<Id<BgpPeer>>>,
    }
}

fn change_vpc(cx: &mut Cx<'_>, args: &ChangeBgpPeersForVpc) -> Result<VpcView, Fault> {
    let vpc = cx.find(&args.vpcid)?;
    let peers = peers(cx, args.bgppeerids.as_ref())?;
    routing::change_peers(cx, Holder::Vpc(vpc.id), &peers)?;
    vpcs::show(cx, vpc)
}

/// What a new network or VPC is told of routes.
pub(crate) fn routes(
    cx: &mut Cx<'_>,
    as_number: Option<i64>,
    ids: Option<&List<Id<BgpPeer>>>,
) -> Result<Routes, Fault> {
    Ok(Routes { as_number, peers: peers(cx, ids)? })
}

/// The peers that ids name.
fn peers(cx: &mut Cx<'_>, ids: Option<&List<Id<BgpPeer>>>) -> Result<Vec<BgpPeer>, Fault> {
    ids.iter().flat_map(|list| list.0.iter()).map(|id| cx.find(id)).collect()
}
