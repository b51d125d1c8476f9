//! Load balancers of public addresses: one port that is shared out among guests
//! (`LoadBalancingRulesManagerImpl`).

use crate::engine::addresses::{Found, save};
use crate::engine::rules::conflict::{self, Claim, transport};
use crate::engine::rules::firewall::NewIngressRule;
use crate::engine::rules::members::forget_members;
use crate::engine::rules::targets::{
    close_firewall, held_as, open_firewall, opens, refuse_other_services, unbind,
};
use crate::engine::rules::traffic::{ANYWHERE, Traffic, cidrs};
use crate::engine::{Cx, Owner};
use crate::model::{
    Address, EntityKind, LbScheme, LoadBalancerRule, Network, NetworkOffering, RulePurpose,
    RuleState,
};
use crate::schema::{Exception, Fault};
use crate::text::{or_list, quoted};
use std::net::Ipv4Addr;

/// Which guest is next.
const ALGORITHMS: &[&str] = &["roundrobin", "leastconn", "source"];
/// What a load balancer understands of the traffic.
const PROTOCOLS: &[&str] = &["tcp", "udp", "tcp-proxy", "ssl"];
/// The port of DNS, which a router answers itself at its own address.
const DNS: i64 = 53;

/// A rule that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewLoadBalancer {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) description: Option<String>,
    /// Which guest is next.
    pub(crate) algorithm: String,
    /// What it understands of the traffic; `tcp`, where nothing is said.
    pub(crate) protocol: Option<String>,
    /// The public address.
    pub(crate) address: Found,
    /// The network of the guests, where it was named.
    pub(crate) network: Option<Network>,
    /// The port of the address.
    pub(crate) public_port: i64,
    /// The port of the guests.
    pub(crate) private_port: i64,
    /// Where the traffic may come from; from anywhere, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether the firewall lets it in as well.
    pub(crate) opens: Option<bool>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// Makes a rule (`createLoadBalancerRule`). Without guests it waits for the first one.
pub(crate) fn create(cx: &mut Cx<'_>, new: &NewLoadBalancer) -> Result<LoadBalancerRule, Fault> {
    let found = &new.address;
    let mut address = held_as(found, "publicipid")?;
    refuse_unused(found, &address)?;
    let opens = opens(&address, new.opens)?;
    refuse_static_nat(found, &address)?;
    let network = network_of(cx, found, &address, new.network.clone())?;
    check_port("privateport", new.private_port)?;
    let algorithm = check_algorithm(&new.algorithm)?;
    check_scheme(cx, &network, LbScheme::Public, "publicipid")?;
    check_port("publicport", new.public_port)?;
    refuse_other_services(cx, found, &network, RulePurpose::LoadBalancing)?;
    refuse_dns(cx, new, &address, &network)?;
    let protocol = check_protocol(new.protocol.as_deref().unwrap_or("tcp"))?;
    let sources = kept(new.sources.as_deref())?;
    let mut rule = LoadBalancerRule {
        range_id: Some(address.range_id),
        place: Some(address.place),
        account_id: address.account_id,
        domain_id: address.domain_id,
        protocol,
        sources,
        ..blank(cx, (&new.name, new.description.as_ref()), algorithm, &network)
    };
    (rule.public_port, rule.private_port) = (new.public_port, new.private_port);
    rule.display = new.display;
    conflict::refuse(cx, (address.range_id, address.place), &Claim::from(&rule))?;
    if address.network_id.is_none() {
        address.network_id = Some(network.id);
        save(cx, &address)?;
    }
    if opens {
        rule.firewall_id = open_firewall(cx, &network, &opened(new, address))?;
    }
    rule.id = cx.tx.insert(&rule)?;
    concerns(cx, &rule, "creating");
    Ok(rule)
}

/// A rule of a network and its owner, without an address.
pub(super) fn blank(
    cx: &Cx<'_>,
    (name, description): (&str, Option<&String>),
    algorithm: String,
    network: &Network,
) -> LoadBalancerRule {
    LoadBalancerRule {
        id: 0,
        name: name.to_owned(),
        description: description.cloned(),
        scheme: LbScheme::Public,
        algorithm,
        range_id: None,
        place: None,
        source_network_id: None,
        source_ip: None,
        network_id: network.id,
        account_id: network.account_id,
        domain_id: network.domain_id,
        protocol: "tcp".to_owned(),
        public_port: 0,
        private_port: 0,
        sources: None,
        firewall_id: None,
        display: true,
        created: cx.now,
        removed: None,
    }
}

/// What the firewall is to let in for a rule.
fn opened(new: &NewLoadBalancer, address: Address) -> NewIngressRule {
    let protocol = transport(new.protocol.as_deref().unwrap_or("tcp")).to_owned();
    let port = Some(new.public_port);
    let traffic = Traffic { protocol, first_port: port, last_port: port, ..Traffic::default() };
    let address = Found { row: Some(address), ..new.address.clone() };
    NewIngressRule { address, traffic, sources: new.sources.clone(), display: new.display }
}

/// CIDRs as they are kept; none for anywhere.
fn kept(sources: Option<&[String]>) -> Result<Option<String>, Fault> {
    match sources {
        None | Some([]) => Ok(None),
        given => cidrs("cidrlist", given, ANYWHERE, false).map(Some),
    }
}

fn refuse_unused(found: &Found, address: &Address) -> Result<(), Fault> {
    if address.network_id.is_some() || address.vpc_id.is_some() {
        return Ok(());
    }
    let ip = found.place.ip;
    let text = format!("Invalid parameter publicipid: {ip} is not associated with a network");
    Err(Fault::invalid(text))
}

fn refuse_static_nat(found: &Found, address: &Address) -> Result<(), Fault> {
    if !address.static_nat {
        return Ok(());
    }
    let text = format!("{} has static NAT, which load balancing excludes", found.place.ip);
    Err(Fault::new(Exception::NetworkRuleConflict, text))
}

/// The network of the guests: that of the address, else the tier that is named.
fn network_of(
    cx: &mut Cx<'_>,
    found: &Found,
    address: &Address,
    named: Option<Network>,
) -> Result<Network, Fault> {
    let ip = found.place.ip;
    let refuse = |why: String| Err(Fault::invalid(format!("Invalid parameter networkid: {why}")));
    match (address.network_id, named) {
        (Some(id), Some(network)) if network.id != id => {
            let own: Network = cx.must(id)?;
            refuse(format!("{ip} serves the network {}", quoted(&own.name)))
        }
        (Some(id), _) => cx.must(id),
        (None, Some(network)) if network.vpc_id == address.vpc_id => Ok(network),
        (None, Some(network)) => {
            let name = quoted(&network.name);
            refuse(format!("{ip} belongs neither to the network {name} nor to its VPC"))
        }
        (None, None) => Err(Fault::invalid(format!(
            "Parameter networkid is needed: {ip} is not associated with a network"
        ))),
    }
}

/// Load balancers have one port, not several.
pub(super) fn check_port(param: &str, port: i64) -> Result<(), Fault> {
    if (1..=65_535).contains(&port) {
        return Ok(());
    }
    Err(Fault::invalid(format!("Invalid parameter {param}: {port} is not a port from 1 to 65535")))
}

/// One of the ways to choose the next guest, in small letters.
pub(super) fn check_algorithm(text: &str) -> Result<String, Fault> {
    known("algorithm", text, ALGORITHMS)
}

fn check_protocol(text: &str) -> Result<String, Fault> {
    known("protocol", text, PROTOCOLS)
}

fn known(param: &str, text: &str, words: &[&str]) -> Result<String, Fault> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    found.map(|word| (*word).to_owned()).ok_or_else(|| {
        let (text, words) = (quoted(text), or_list(words));
        Fault::invalid(format!("Invalid parameter {param}: {text} is none of {words}"))
    })
}

/// Whether a network has load balancing of a kind by its offering.
pub(super) fn check_scheme(
    cx: &mut Cx<'_>,
    network: &Network,
    scheme: LbScheme,
    param: &str,
) -> Result<(), Fault> {
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let name = quoted(&network.name);
    let refuse = |why: &str| {
        Err(Fault::invalid(format!(
            "Invalid parameter {param}: the offering of the network {name} {why}"
        )))
    };
    let Some(services) = offering.map(|offering| offering.services().clone()) else {
        return refuse("has no service Lb");
    };
    if !services.has("Lb") {
        return refuse("has no service Lb");
    }
    // Where an offering does not say so, its load balancers are public ones.
    let schemes = services.capability("Lb", "LbSchemes").unwrap_or("public");
    if schemes.split(',').any(|one| one.trim().eq_ignore_ascii_case(scheme.word())) {
        return Ok(());
    }
    refuse(&format!("has {schemes} load balancing only"))
}

/// A router answers DNS at its own address.
fn refuse_dns(
    cx: &mut Cx<'_>,
    new: &NewLoadBalancer,
    address: &Address,
    network: &Network,
) -> Result<(), Fault> {
    if new.public_port != DNS || !address.source_nat {
        return Ok(());
    }
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if offering.is_none_or(|offering| !offering.has("Dns")) {
        return Ok(());
    }
    let (ip, name) = (new.address.place.ip, quoted(&network.name));
    Err(Fault::invalid(format!(
        "Invalid parameter publicport: at {ip}, its source NAT, the router of the network {name} \
         answers DNS on port {DNS} itself"
    )))
}

/// Says that the call does something with a rule.
pub(super) fn concerns(cx: &mut Cx<'_>, rule: &LoadBalancerRule, doing: &str) {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let what = format!("{doing} the load balancer {} of port {}", rule.name, rule.public_port);
    cx.concerns(EntityKind::LoadBalancerRule, (0, rule.id), owner, what);
}

/// What of a rule is to change.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoadBalancerChanges {
    /// Its name.
    pub(crate) name: Option<String>,
    /// What it is.
    pub(crate) description: Option<String>,
    /// Which guest is next.
    pub(crate) algorithm: Option<String>,
    /// What it understands of the traffic.
    pub(crate) protocol: Option<String>,
    /// Where the traffic may come from.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
}

/// Changes a rule (`updateLoadBalancerRule`).
pub(crate) fn update(
    cx: &mut Cx<'_>,
    rule: LoadBalancerRule,
    to: &LoadBalancerChanges,
) -> Result<LoadBalancerRule, Fault> {
    concerns(cx, &rule, "changing");
    change(cx, rule, to).map_err(Fault::in_job)
}

fn change(
    cx: &mut Cx<'_>,
    mut rule: LoadBalancerRule,
    to: &LoadBalancerChanges,
) -> Result<LoadBalancerRule, Fault> {
    if let Some(algorithm) = &to.algorithm {
        rule.algorithm = check_algorithm(algorithm)?;
    }
    if let Some(protocol) = &to.protocol {
        rule.protocol = check_protocol(protocol)?;
    }
    if to.sources.is_some() {
        rule.sources = kept(to.sources.as_deref())?;
    }
    rule.name = to.name.clone().unwrap_or(rule.name);
    rule.description = to.description.clone().or(rule.description);
    rule.display = to.display.unwrap_or(rule.display);
    cx.tx.save(&rule)?;
    Ok(rule)
}

/// Takes a rule away with its guests and the firewall rule that was made with it. An address of a
/// VPC without rules belongs to none of its tiers.
pub(crate) fn delete(cx: &mut Cx<'_>, mut rule: LoadBalancerRule) -> Result<(), Fault> {
    concerns(cx, &rule, "deleting");
    conflict::end(state_of(cx, &rule)?)?;
    forget_members(cx, rule.id)?;
    rule.removed = Some(cx.now);
    cx.tx.save(&rule)?;
    cx.forget_tags((EntityKind::LoadBalancerRule, 0, rule.id))?;
    close_firewall(cx, rule.firewall_id)?;
    if let (Some(range), Some(place)) = (rule.range_id, rule.place) {
        unbind(cx, range, place)?;
    }
    concerns(cx, &rule, "deleting");
    Ok(())
}

/// How far a rule has come: its provider hears of it with the first guest.
pub(crate) fn state_of(cx: &mut Cx<'_>, rule: &LoadBalancerRule) -> Result<RuleState, Fault> {
    let sql = "SELECT 1 FROM load_balancer_member WHERE rule_id = ? LIMIT 1";
    Ok(conflict::state(cx.tx.one::<i64>(sql, &[rule.id.into()])?.is_some()))
}

/// The address at which a rule is reached.
pub(crate) fn address_of(cx: &mut Cx<'_>, rule: &LoadBalancerRule) -> Result<Option<Found>, Fault> {
    match (rule.range_id, rule.place) {
        (Some(range), Some(place)) => Found::at(cx, range, place),
        _ => Ok(None),
    }
}

/// The only isolated network that an owner has in a zone, for who names the zone and no network.
pub(crate) fn only_network(cx: &mut Cx<'_>, zone_id: i64, owner: Owner) -> Result<Network, Fault> {
    let mut found: Vec<Network> = cx.tx.select(
        "WHERE account_id = ? AND zone_id = ? AND guest_type = 'Isolated' AND removed IS NULL \
         ORDER BY id LIMIT 2",
        &[owner.account_id.into(), zone_id.into()],
    )?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(Fault::invalid(
            "Invalid parameter zoneid: the account has no isolated network in the zone",
        )),
        (Some(_), false) => Err(Fault::invalid(
            "Parameter networkid is needed: the account has several isolated networks in the zone",
        )),
    }
}

/// An address that is a source of rules somewhere, in words.
pub(super) fn place(ip: Option<Ipv4Addr>) -> String {
    ip.map_or_else(|| "an address".to_owned(), |ip| ip.to_string())
}
