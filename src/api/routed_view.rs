//! What networks and VPCs show of routes.

use crate::api::bgp_peers::{self, BgpPeerView};
use crate::engine::Cx;
use crate::engine::routing::{self, AsnWhich, Holder};
use crate::model::{Network, NetworkOffering, RoutingMode, Uid};
use crate::schema::{Fault, view};

view! {
    /// What is known of the routes to a network or VPC, which is part of its own view.
    RoutedView in "NetworkResponse" shows ["asnumber"] {
        /// `Static` or `Dynamic` in the mode ROUTED: how the world learns IPv4 routes to it
        ip4routing: Option<&'static str>,
        /// the AS number of the router
        asnumber: Option<i64>,
        /// the id of the AS number
        asnumberid: Option<Uid>,
        /// the BGP peers to which the router tells its routes
        bgppeers: Option<Vec<BgpPeerView>>,
    }
}

impl RoutedView {
    /// Of a network.
    pub(crate) fn of_network(
        cx: &mut Cx<'_>,
        network: &Network,
        offering: Option<&NetworkOffering>,
    ) -> Result<Self, Fault> {
        let mode = offering.and_then(|offering| offering.routing_mode);
        Self::of(cx, Holder::of(network), offering.is_some_and(routing::is_routed), mode)
    }

    /// Of a network or VPC made by an offering that is routed or not, and so.
    pub(crate) fn of(
        cx: &mut Cx<'_>,
        holder: Holder,
        is_routed: bool,
        mode: Option<RoutingMode>,
    ) -> Result<Self, Fault> {
        let word = mode.unwrap_or(RoutingMode::Static).word();
        let mut view = Self {
            ip4routing: is_routed.then_some(word),
            asnumber: None,
            asnumberid: None,
            bgppeers: None,
        };
        if mode != Some(RoutingMode::Dynamic) {
            return Ok(view);
        }
        let (column, id) = holder.column();
        let mut which = AsnWhich::default();
        which.is(column, Some(id));
        if let Some(row) = routing::held_asns(cx, &which, 0, 1)?.0.pop() {
            view.asnumber = Some(row.number);
            view.asnumberid = Some(routing::uid_of_asn(cx, row.range_id, row.number));
        }
        let peers = routing::peers_of(cx, holder)?;
        let peers = peers.into_iter().map(|peer| bgp_peers::show(cx, peer));
        let peers: Vec<_> = peers.collect::<Result<_, _>>()?;
        view.bgppeers = (!peers.is_empty()).then_some(peers);
        Ok(view)
    }
}
