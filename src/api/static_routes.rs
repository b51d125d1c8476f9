//! Static routes of VPCs.

use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::Paged;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::static_routes::{self, NewStaticRoute};
use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, PrivateGateway, StaticRoute, StaticRouteState, Uid, Vpc};
use crate::schema::{Fault, Id, Map, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A static route of a VPC.
    StaticRouteView in "StaticRouteResponse" shows ["cidr", "nexthop", "vpcgatewayip", "state",
        "account", "id"] {
        /// the id of the static route
        id: Uid,
        /// the CIDR that it leads to
        cidr: String,
        /// the address that the traffic goes to
        nexthop: Option<Ipv4Addr>,
        /// the id of the private gateway that the traffic goes to
        vpcgatewayid: Option<Uid>,
        /// the address of that private gateway
        vpcgatewayip: Option<Ipv4Addr>,
        /// the id of the VPC
        vpcid: Uid,
        /// `Active`
        state: &'static str,
        /// the route's tags
        tags: Vec<TagPair>,
        ..owner: OwnerView,
    }
}

fn show(cx: &mut Cx<'_>, route: StaticRoute) -> Result<StaticRouteView, Fault> {
    let gateway: Option<PrivateGateway> = route.gateway_id.map(|id| cx.must(id)).transpose()?;
    Ok(StaticRouteView {
        id: cx.uid::<StaticRoute>(route.id),
        nexthop: route.next_hop,
        vpcgatewayid: cx.uid_opt::<PrivateGateway>(route.gateway_id),
        vpcgatewayip: gateway.map(|gateway| gateway.ip),
        vpcid: cx.uid::<Vpc>(route.vpc_id),
        state: route.state.word(),
        tags: tags::pairs(cx, (EntityKind::StaticRoute, 0, route.id))?,
        owner: OwnerView::of(cx, Owner::from(&route))?,
        cidr: route.cidr,
    })
}

api! {
    /// Leads the traffic of a VPC to a CIDR elsewhere to a private gateway, or to an address.
    create object "createStaticRoute" { key: "staticroute", event: "STATIC.ROUTE.CREATE",
        example: "create static route cidr=172.20.0.0/16 vpcid=web nexthop=10.0.1.9" }
        => create -> StaticRouteView;
    CreateStaticRoute {
        /// the CIDR that it leads to
        cidr: Text,
        /// the id of the private gateway that the traffic goes to
        gatewayid: Option<Id<PrivateGateway>>,
        /// the address that the traffic goes to, instead of gatewayid: in the VPC, or in the block
        /// of one of its private gateways or public addresses
        nexthop: Option<Ipv4Addr>,
        /// the id of the VPC, needed together with nexthop
        vpcid: Option<Id<Vpc>>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateStaticRoute) -> Result<StaticRouteView, Fault> {
    let new = NewStaticRoute {
        gateway: cx.find_opt(args.gatewayid.as_ref())?,
        next_hop: args.nexthop,
        vpc: cx.find_opt(args.vpcid.as_ref())?,
        cidr: args.cidr.to_string(),
    };
    let route = static_routes::create(cx, &new)?;
    show(cx, route)
}

api! {
    /// Takes a static route away.
    job success "deleteStaticRoute" { event: "STATIC.ROUTE.DELETE",
        example: "delete static route id=..." } => delete;
    DeleteStaticRoute {
        /// the id of the static route
        id: Id<StaticRoute>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteStaticRoute) -> Result<(), Fault> {
    let route = cx.find(&args.id)?;
    static_routes::delete(cx, route)
}

api! {
    /// Lists static routes of VPCs.
    now list "listStaticRoutes" { key: "staticroute", example: "list static routes vpcid=web" }
        => list -> StaticRouteView;
    ListStaticRoutes {
        /// the id of the static route
        id: Option<Id<StaticRoute>>,
        /// the id of the VPC
        vpcid: Option<Id<Vpc>>,
        /// the id of the private gateway
        gatewayid: Option<Id<PrivateGateway>>,
        /// only those in this state
        state: Option<StaticRouteState>,
        /// only static routes with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListStaticRoutes) -> Result<Rows<StaticRouteView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("vpc_id", cx.row_opt(args.vpcid.as_ref())?);
    filter.is("gateway_id", cx.row_opt(args.gatewayid.as_ref())?);
    filter.is("state", args.state);
    filter.keyword(&["cidr"]);
    filter.tagged(EntityKind::StaticRoute, args.tags.as_ref())?;
    args.owned.narrow(cx, &mut filter, "account_id", args.id.is_some())?;
    let (found, total) = filter.living::<StaticRoute>(cx, "id")?;
    let rows = found.into_iter().map(|route| show(cx, route)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}
