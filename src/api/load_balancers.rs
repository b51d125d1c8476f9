//! Internal load balancers: reached from inside, at an address of a tier.

use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::Paged;
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::rules::internal_lb::{self, NewInternalLb};
use crate::engine::rules::load_balancer::state_of;
use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, InternalLoadBalancer, LbScheme, LoadBalancerRule, Network, Uid};
use crate::schema::{Fault, Id, Map, Text, view};
use std::net::Ipv4Addr;

view! {
    /// The ports of an internal load balancer.
    LoadBalancerPortsView in "ApplicationLoadBalancerRuleResponse"
        shows ["sourceport", "instanceport", "state"] {
        /// the port of the load balancer's own address
        sourceport: i64,
        /// the port of the guests
        instanceport: i64,
        /// `Add` while it never had a guest, then `Active`
        state: &'static str,
    }
}

view! {
    /// An internal load balancer.
    LoadBalancerView in "ApplicationLoadBalancerResponse" shows ["name", "sourceipaddress",
        "algorithm", "loadbalancerrule", "account", "id"] root ["fordisplay"] {
        /// the id of the load balancer
        id: Uid,
        /// the name of the load balancer
        name: String,
        /// what the load balancer is
        description: Option<String>,
        /// which guest is next: `roundrobin`, `leastconn` or `source`
        algorithm: String,
        /// the id of the guests' network
        networkid: Uid,
        /// the address at which it is reached
        sourceipaddress: Option<Ipv4Addr>,
        /// the id of that address's network
        sourceipaddressnetworkid: Option<Uid>,
        /// its ports
        loadbalancerrule: Vec<LoadBalancerPortsView>,
        /// the load balancer's tags
        tags: Vec<TagPair>,
        /// whether its owner sees it
        fordisplay: bool,
        ..owner: OwnerView,
    }
}

api! {
    /// Makes a load balancer inside a tier of a VPC, at an address of the tier.
    create object "createLoadBalancer" { key: "loadbalancer", event: "LB.CREATE",
        root_params: &["fordisplay"],
        example: "create load balancer name=db scheme=Internal algorithm=source networkid=db \
            sourceipaddressnetworkid=db sourceport=3306 instanceport=3306" }
        => create -> LoadBalancerView;
    CreateLoadBalancer {
        /// the name of the load balancer
        name: Text,
        /// what the load balancer is
        description: Option<Text<4096>>,
        /// from where it is reached: Internal
        scheme: Text,
        /// which guest is next: roundrobin, leastconn or source
        algorithm: Text,
        /// the id of the guests' network
        networkid: Id<Network>,
        /// the id of the network of its own address: the same one, or a tier of the same VPC
        sourceipaddressnetworkid: Id<Network>,
        /// its own address, which others may have too; the lowest free one, where nothing is said
        sourceipaddress: Option<Ipv4Addr>,
        /// the port of its own address
        sourceport: u32,
        /// the port of the guests
        instanceport: u32,
        /// whether the owner sees it
        fordisplay: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateLoadBalancer) -> Result<LoadBalancerView, Fault> {
    let new = NewInternalLb {
        name: args.name.to_string(),
        description: args.description.as_deref().map(str::to_owned),
        algorithm: args.algorithm.to_string(),
        scheme: args.scheme.to_string(),
        network: cx.find(&args.networkid)?,
        source_network: cx.find(&args.sourceipaddressnetworkid)?,
        source_ip: args.sourceipaddress,
        source_port: args.sourceport.into(),
        instance_port: args.instanceport.into(),
        display: args.fordisplay.unwrap_or(true),
    };
    let rule = internal_lb::create(cx, &new)?;
    show(cx, rule)
}

/// The internal load balancer that an id names.
fn internal(cx: &mut Cx<'_>, id: &Id<InternalLoadBalancer>) -> Result<LoadBalancerRule, Fault> {
    let rule: LoadBalancerRule = cx.find(&Id::new(id.text.clone(), "id"))?;
    match rule.scheme {
        LbScheme::Internal => Ok(rule),
        LbScheme::Public => Err(Fault::invalid(
            "Invalid parameter id: it is a load balancer rule of a public address; see \
             `help load balancer rule`",
        )),
    }
}

api! {
    /// Shows an internal load balancer to its owner, or hides it.
    job object "updateLoadBalancer" { key: "loadbalancer", event: "LB.UPDATE",
        root_params: &["fordisplay", "customid"],
        example: "update load balancer id=db fordisplay=false" } => update -> LoadBalancerView;
    UpdateLoadBalancer {
        /// the id of the load balancer
        id: Id<InternalLoadBalancer>,
        /// whether the owner sees it
        fordisplay: Option<bool>,
        /// another id for the load balancer
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateLoadBalancer) -> Result<LoadBalancerView, Fault> {
    let rule = internal(cx, &args.id)?;
    let rule = internal_lb::show(cx, rule, args.fordisplay)?;
    cx.rename(EntityKind::LoadBalancerRule, (0, rule.id), args.customid.as_deref())?;
    show(cx, rule)
}

api! {
    /// Takes an internal load balancer away. Its address is free when no other one has it.
    job success "deleteLoadBalancer" { event: "LB.DELETE",
        example: "delete load balancer id=db" } => delete;
    DeleteLoadBalancer {
        /// the id of the load balancer
        id: Id<InternalLoadBalancer>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteLoadBalancer) -> Result<(), Fault> {
    let rule = internal(cx, &args.id)?;
    internal_lb::delete(cx, rule)
}

api! {
    /// Lists internal load balancers.
    now list "listLoadBalancers" { key: "loadbalancer", root_params: &["fordisplay"],
        example: "list load balancers networkid=db" } => list -> LoadBalancerView;
    ListLoadBalancers {
        /// the id of the load balancer
        id: Option<Id<InternalLoadBalancer>>,
        /// the name of the load balancer
        name: Option<Text>,
        /// from where it is reached: Internal
        scheme: Option<Text>,
        /// the id of the guests' network
        networkid: Option<Id<Network>>,
        /// the address at which it is reached
        sourceipaddress: Option<Ipv4Addr>,
        /// the id of that address's network
        sourceipaddressnetworkid: Option<Id<Network>>,
        /// whether the owner sees it
        fordisplay: Option<bool>,
        /// only load balancers with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListLoadBalancers) -> Result<Rows<LoadBalancerView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("scheme", Some(LbScheme::Internal));
    filter.is("scheme", args.scheme.as_deref().map(str::to_owned));
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.is("source_ip", args.sourceipaddress);
    filter.is("source_network_id", cx.row_opt(args.sourceipaddressnetworkid.as_ref())?);
    filter.is("display", args.fordisplay);
    filter.keyword(&["name", "description"]);
    filter.tagged(EntityKind::LoadBalancerRule, args.tags.as_ref())?;
    let named =
        args.id.is_some() || args.networkid.is_some() || args.sourceipaddressnetworkid.is_some();
    args.owned.narrow(cx, &mut filter, "account_id", named)?;
    let (found, total) = filter.living::<LoadBalancerRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, rule: LoadBalancerRule) -> Result<LoadBalancerView, Fault> {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let ports = LoadBalancerPortsView {
        sourceport: rule.public_port,
        instanceport: rule.private_port,
        state: state_of(cx, &rule)?.word(),
    };
    Ok(LoadBalancerView {
        id: cx.uid::<LoadBalancerRule>(rule.id),
        name: rule.name,
        description: rule.description,
        algorithm: rule.algorithm,
        networkid: cx.uid::<Network>(rule.network_id),
        sourceipaddress: rule.source_ip,
        sourceipaddressnetworkid: cx.uid_opt::<Network>(rule.source_network_id),
        loadbalancerrule: vec![ports],
        tags: tags::pairs(cx, (EntityKind::LoadBalancerRule, 0, rule.id))?,
        fordisplay: rule.display,
        owner: OwnerView::of(cx, owner)?,
    })
}
