//! Load balancer rules of public addresses: one port that is shared out among guests.

use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::{Filter, Paged};
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::addresses::{self, Found};
use crate::engine::rules::load_balancer::{self, LoadBalancerChanges, NewLoadBalancer};
use crate::engine::{Cx, Owner};
use crate::model::{
    Address, Domain, EntityKind, LbScheme, LoadBalancerRule, Network, NetworkOffering, Uid, Vm,
    Zone,
};
use crate::schema::{Exception, Fault, Id, List, Map, Text, view};
use std::net::Ipv4Addr;

view! {
    /// A load balancer rule of a public address.
    LoadBalancerRuleView in "LoadBalancerResponse" shows ["name", "publicip", "publicport",
        "privateport", "protocol", "algorithm", "state", "account", "id"] root ["fordisplay"] {
        /// the id of the rule
        id: Uid,
        /// the name of the rule
        name: String,
        /// what the rule is
        description: Option<String>,
        /// which guest is next: `roundrobin`, `leastconn` or `source`
        algorithm: String,
        /// what it understands of the traffic: `tcp`, `udp`, `tcp-proxy` or `ssl`
        protocol: String,
        /// the id of the public address
        publicipid: Option<Uid>,
        /// the public address
        publicip: Option<Ipv4Addr>,
        /// the port of the public address
        publicport: String,
        /// the port of the guests
        privateport: String,
        /// where the traffic may come from: CIDRs, separated by commas
        cidrlist: String,
        /// the id of the guests' network
        networkid: Uid,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// `Add` while it never had a guest, then `Active`
        state: &'static str,
        /// the rule's tags
        tags: Vec<TagPair>,
        /// whether its owner sees the rule
        fordisplay: bool,
        ..owner: OwnerView,
    }
}

api! {
    /// Shares a port of a public address out among virtual machines, which are added later.
    create object "createLoadBalancerRule" { key: "loadbalancer", event: "LB.CREATE",
        root_params: &["fordisplay"],
        example: "create load balancer rule publicipid=203.0.113.3 name=web \
            algorithm=roundrobin publicport=80 privateport=8080" }
        => create -> LoadBalancerRuleView;
    CreateLoadBalancerRule {
        /// the name of the rule
        name: Text,
        /// what the rule is
        description: Option<Text<4096>>,
        /// which guest is next: roundrobin, leastconn or source
        algorithm: Text,
        /// what it understands of the traffic: tcp, udp, tcp-proxy or ssl; tcp, where nothing is
        /// said
        protocol: Option<Text>,
        /// the id of the public address
        publicipid: Option<Id<Address>>,
        /// the port of the public address
        publicport: u32,
        /// the port of the guests
        privateport: u32,
        /// the network of the guests; needed where the address belongs to a VPC
        networkid: Option<Id<Network>>,
        /// the zone, in which the account has one isolated network, instead of networkid
        zoneid: Option<Id<Zone>>,
        /// where the traffic may come from, CIDRs; from anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// whether the firewall lets it in as well; yes, where nothing is said, and never in a VPC
        openfirewall: Option<bool>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// the account that owns the network, where only zoneid is given; needs domainid
        account: Option<Text>,
        /// the domain of that account
        domainid: Option<Id<Domain>>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateLoadBalancerRule) -> Result<LoadBalancerRuleView, Fault> {
    let network = network(cx, args)?;
    let Some(address) = &args.publicipid else { return Err(no_address(cx, network.as_ref())?) };
    let new = NewLoadBalancer {
        name: args.name.to_string(),
        description: args.description.as_deref().map(str::to_owned),
        algorithm: args.algorithm.to_string(),
        protocol: args.protocol.as_deref().map(str::to_owned),
        address: Found::by_id(cx, address)?,
        network,
        public_port: args.publicport.into(),
        private_port: args.privateport.into(),
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        opens: args.openfirewall,
        display: args.fordisplay.unwrap_or(true),
    };
    let rule = load_balancer::create(cx, &new)?;
    show(cx, rule)
}

/// The network that is named, or that a zone stands for.
fn network(cx: &mut Cx<'_>, args: &CreateLoadBalancerRule) -> Result<Option<Network>, Fault> {
    if let Some(id) = &args.networkid {
        return cx.usable_network(id).map(Some);
    }
    let Some(zone) = cx.find_opt(args.zoneid.as_ref())? else { return Ok(None) };
    if args.publicipid.is_some() {
        return Ok(None);
    }
    let owner = cx.owner(args.account.as_deref(), args.domainid.as_ref(), None)?;
    load_balancer::only_network(cx, zone.id, owner).map(Some)
}

/// Why there must be an address: only elastic load balancers come with one of their own.
fn no_address(cx: &mut Cx<'_>, network: Option<&Network>) -> Result<Fault, Fault> {
    let Some(network) = network else {
        let text = "One of the parameters publicipid, networkid and zoneid must be given";
        return Ok(Fault::invalid(text));
    };
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let elastic = offering
        .is_some_and(|offering| offering.services().capability("Lb", "ElasticLb") == Some("true"));
    Ok(match elastic {
        true => Fault::new(
            Exception::UnsupportedAction,
            "Elastic load balancing needs a NetScaler, which there is none; give publicipid",
        ),
        false => Fault::invalid(
            "Parameter publicipid is needed: the network has no elastic load balancing",
        ),
    })
}

api! {
    /// Changes a load balancer rule.
    job object "updateLoadBalancerRule" { key: "loadbalancer", event: "LB.UPDATE",
        root_params: &["fordisplay", "customid"],
        example: "update load balancer rule id=web algorithm=leastconn" }
        => update -> LoadBalancerRuleView;
    UpdateLoadBalancerRule {
        /// the id of the rule
        id: Id<LoadBalancerRule>,
        /// the new name of the rule
        name: Option<Text>,
        /// what the rule is
        description: Option<Text<4096>>,
        /// which guest is next: roundrobin, leastconn or source
        algorithm: Option<Text>,
        /// what it understands of the traffic: tcp, udp, tcp-proxy or ssl
        protocol: Option<Text>,
        /// where the traffic may come from, CIDRs
        cidrlist: Option<List<String>>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for the rule
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateLoadBalancerRule) -> Result<LoadBalancerRuleView, Fault> {
    let rule = public(cx, &args.id)?;
    let changes = LoadBalancerChanges {
        name: args.name.as_deref().map(str::to_owned),
        description: args.description.as_deref().map(str::to_owned),
        algorithm: args.algorithm.as_deref().map(str::to_owned),
        protocol: args.protocol.as_deref().map(str::to_owned),
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        display: args.fordisplay,
    };
    let rule = load_balancer::update(cx, rule, &changes)?;
    cx.rename(EntityKind::LoadBalancerRule, (0, rule.id), args.customid.as_deref())?;
    show(cx, rule)
}

/// The rule of a public address that an id names.
fn public(cx: &mut Cx<'_>, id: &Id<LoadBalancerRule>) -> Result<LoadBalancerRule, Fault> {
    let rule: LoadBalancerRule = cx.find(id)?;
    match rule.scheme {
        LbScheme::Public => Ok(rule),
        LbScheme::Internal => Err(Fault::invalid(
            "Invalid parameter id: it is an internal load balancer; see `help load balancer`",
        )),
    }
}

api! {
    /// Takes a load balancer rule away, with its guests and the firewall rule that was made with
    /// it.
    job success "deleteLoadBalancerRule" { event: "LB.DELETE",
        example: "delete load balancer rule id=web" } => delete;
    DeleteLoadBalancerRule {
        /// the id of the rule
        id: Id<LoadBalancerRule>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteLoadBalancerRule) -> Result<(), Fault> {
    let rule = public(cx, &args.id)?;
    load_balancer::delete(cx, rule)
}

api! {
    /// Lists load balancer rules of public addresses.
    now list "listLoadBalancerRules" { key: "loadbalancerrule", root_params: &["fordisplay"],
        example: "list load balancer rules publicipid=203.0.113.3" }
        => list -> LoadBalancerRuleView;
    ListLoadBalancerRules {
        /// the id of the rule
        id: Option<Id<LoadBalancerRule>>,
        /// the name of the rule
        name: Option<Text>,
        /// the id of the public address
        publicipid: Option<Id<Address>>,
        /// the id of the network
        networkid: Option<Id<Network>>,
        /// a virtual machine among its guests
        virtualmachineid: Option<Id<Vm>>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// whether the owner sees the rules
        fordisplay: Option<bool>,
        /// only rules with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(
    cx: &mut Cx<'_>,
    args: &ListLoadBalancerRules,
) -> Result<Rows<LoadBalancerRuleView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("scheme", Some(LbScheme::Public));
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("network_id", cx.row_opt(args.networkid.as_ref())?);
    filter.is("display", args.fordisplay);
    filter.keyword(&["name", "description"]);
    filter.tagged(EntityKind::LoadBalancerRule, args.tags.as_ref())?;
    if let Some(zone) = cx.find_opt(args.zoneid.as_ref())? {
        filter.holds("network_id IN (SELECT id FROM network WHERE zone_id = ?)", [zone.id.into()]);
    }
    if let Some(id) = &args.publicipid {
        at(cx, &mut filter, id)?;
    }
    if let Some(vm) = cx.row_opt(args.virtualmachineid.as_ref())? {
        let of = "SELECT rule_id FROM load_balancer_member WHERE vm_id = ? AND removed IS NULL";
        filter.holds(&format!("id IN ({of})"), [vm.into()]);
    }
    let named = args.id.is_some()
        || args.publicipid.is_some()
        || args.networkid.is_some()
        || args.virtualmachineid.is_some();
    args.owned.narrow(cx, &mut filter, "account_id", named)?;
    let (found, total) = filter.living::<LoadBalancerRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// Only rules of an address.
fn at(cx: &mut Cx<'_>, filter: &mut Filter<'_>, id: &Id<Address>) -> Result<(), Fault> {
    let Some((range, place)) = Found::place_of(cx, id)? else { return Err(cx.unknown(id)) };
    filter.is("range_id", Some(range));
    filter.is("place", Some(place));
    Ok(())
}

fn show(cx: &mut Cx<'_>, rule: LoadBalancerRule) -> Result<LoadBalancerRuleView, Fault> {
    let address = load_balancer::address_of(cx, &rule)?;
    let uid = address.as_ref().map(|found| addresses::uid(cx, &found.place)).transpose()?;
    let network: Network = cx.must(rule.network_id)?;
    let zone: Zone = cx.must(network.zone_id)?;
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    Ok(LoadBalancerRuleView {
        id: cx.uid::<LoadBalancerRule>(rule.id),
        state: load_balancer::state_of(cx, &rule)?.word(),
        name: rule.name,
        description: rule.description,
        algorithm: rule.algorithm,
        protocol: rule.protocol,
        publicipid: uid,
        publicip: address.map(|found| found.place.ip),
        publicport: rule.public_port.to_string(),
        privateport: rule.private_port.to_string(),
        cidrlist: rule.sources.unwrap_or_default(),
        networkid: cx.uid::<Network>(network.id),
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        tags: tags::pairs(cx, (EntityKind::LoadBalancerRule, 0, rule.id))?,
        fordisplay: rule.display,
        owner: OwnerView::of(cx, owner)?,
    })
}
