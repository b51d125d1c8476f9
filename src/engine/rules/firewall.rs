//! Firewall rules of public addresses and of networks (`FirewallManagerImpl`).

use crate::engine::addresses::Found;
use crate::engine::rules::conflict::{self, Claim};
use crate::engine::rules::internal_lb;
use crate::engine::rules::traffic::{ANYWHERE, Traffic, cidrs};
use crate::engine::{Cx, Owner};
use crate::model::{
    Address, Cell, Column, EntityKind, FirewallRule, GuestType, Network, NetworkOffering,
    TrafficDirection, TrafficKind,
};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::store::{StoreError, Tx};
use crate::text::quoted;

/// A rule that lets traffic in to a public address.
#[derive(Clone, Debug)]
pub(crate) struct NewIngressRule {
    /// The address.
    pub(crate) address: Found,
    /// The traffic.
    pub(crate) traffic: Traffic,
    /// Where it may come from; from anywhere, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// A rule about traffic from the guests of a network: it lets out what the network's offering
/// keeps in, or keeps in what the offering lets out.
#[derive(Clone, Debug)]
pub(crate) struct NewEgressRule {
    /// The network.
    pub(crate) network: Network,
    /// The traffic.
    pub(crate) traffic: Traffic,
    /// Where it comes from; from the whole network, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Where it goes; anywhere, where nothing is said.
    pub(crate) destinations: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// Lets traffic in to a public address (`createIngressFirewallRule`).
pub(crate) fn create_ingress(cx: &mut Cx<'_>, new: &NewIngressRule) -> Result<FirewallRule, Fault> {
    let place = &new.address.place;
    let network_id = new.address.row.as_ref().and_then(|address| address.network_id);
    let (Some(address), Some(network_id)) = (&new.address.row, network_id) else {
        return Err(Fault::invalid(format!(
            "Invalid parameter ipaddressid: {} is not associated with a network",
            place.ip
        )));
    };
    let network: Network = cx.must(network_id)?;
    check_service(cx, &network, "ipaddressid")?;
    let rule = FirewallRule {
        range_id: Some(address.range_id),
        place: Some(address.place),
        account_id: address.account_id,
        domain_id: address.domain_id,
        sources: cidrs("cidrlist", new.sources.as_deref(), ANYWHERE, false)?,
        destinations: None,
        display: new.display,
        ..blank(cx, &network, TrafficDirection::Ingress, new.traffic.clone())?
    };
    store(cx, rule)
}

/// Makes a rule about traffic from the guests of a network (`createEgressFirewallRule`).
pub(crate) fn create_egress(cx: &mut Cx<'_>, new: &NewEgressRule) -> Result<FirewallRule, Fault> {
    let network = &new.network;
    check_service(cx, network, "networkid")?;
    let own = network.cidr.map_or_else(|| ANYWHERE.to_owned(), |cidr| cidr.to_string());
    let sources = cidrs("cidrlist", new.sources.as_deref(), &own, false)?;
    check_within(network, &sources)?;
    let destinations = cidrs("destcidrlist", new.destinations.as_deref(), ANYWHERE, false)?;
    let rule = FirewallRule {
        sources,
        destinations: Some(destinations),
        display: new.display,
        ..blank(cx, network, TrafficDirection::Egress, new.traffic.clone())?
    };
    store(cx, rule)
}

/// A rule without addresses.
fn blank(
    cx: &Cx<'_>,
    network: &Network,
    direction: TrafficDirection,
    traffic: Traffic,
) -> Result<FirewallRule, Fault> {
    let traffic = traffic.checked()?;
    Ok(FirewallRule {
        id: 0,
        direction,
        range_id: None,
        place: None,
        network_id: network.id,
        account_id: network.account_id,
        domain_id: network.domain_id,
        protocol: traffic.protocol,
        first_port: traffic.first_port,
        last_port: traffic.last_port,
        icmp_type: traffic.icmp_type,
        icmp_code: traffic.icmp_code,
        sources: String::new(),
        destinations: None,
        display: true,
        created: cx.now,
        removed: None,
    })
}

/// A network has firewall rules if its offering has a firewall; tiers have ACL lists instead.
fn check_service(cx: &mut Cx<'_>, network: &Network, param: &str) -> Result<(), Fault> {
    let name = quoted(&network.name);
    if network.vpc_id.is_some() {
        return Err(Fault::invalid(format!(
            "Invalid parameter {param}: {name} is a tier of a VPC, where network ACLs take the \
             place of firewall rules; see `help create network acl`"
        )));
    }
    let guest = network.traffic_type == TrafficKind::Guest;
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    if guest
        && network.guest_type == Some(GuestType::Isolated)
        && offering.is_some_and(|offering| offering.has("Firewall"))
    {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter {param}: the offering of the network {name} has no service Firewall"
    )))
}

fn check_within(network: &Network, sources: &str) -> Result<(), Fault> {
    let Some(own) = network.cidr else { return Ok(()) };
    let mut all = sources.split(',').filter_map(|text| Cidr4::parse(text).ok());
    match all.find(|cidr| !own.contains_cidr(*cidr) && cidr.to_string() != ANYWHERE) {
        Some(cidr) => Err(Fault::invalid(format!(
            "Invalid parameter cidrlist: {cidr} does not lie in the network's own CIDR {own}"
        ))),
        None => Ok(()),
    }
}

/// Stores a rule unless another one is about the same traffic.
fn store(cx: &mut Cx<'_>, rule: FirewallRule) -> Result<FirewallRule, Fault> {
    let new = Claim::from(&rule);
    match (rule.range_id, rule.place) {
        (Some(range), Some(place)) => conflict::refuse(cx, (range, place), &new)?,
        _ => {
            let others = of_egress(cx, rule.network_id)?;
            conflict::refuse_among(cx, &others, &new)?;
        }
    }
    let id = cx.tx.insert(&rule)?;
    let rule = FirewallRule { id, ..rule };
    concerns(cx, &rule, "opening");
    Ok(rule)
}

/// What the rules about traffic from the guests of a network claim.
fn of_egress(cx: &mut Cx<'_>, network_id: i64) -> Result<Vec<Claim>, Fault> {
    let rules: Vec<FirewallRule> = cx.tx.select(
        "WHERE network_id = ? AND direction = 'Egress' AND removed IS NULL ORDER BY id",
        &[network_id.into()],
    )?;
    Ok(rules.iter().map(Claim::from).collect())
}

fn traffic(rule: &FirewallRule) -> Traffic {
    Traffic {
        protocol: rule.protocol.clone(),
        first_port: rule.first_port,
        last_port: rule.last_port,
        icmp_type: rule.icmp_type,
        icmp_code: rule.icmp_code,
    }
}

/// Shows or hides a rule from its owner.
pub(crate) fn show_rule(
    cx: &mut Cx<'_>,
    mut rule: FirewallRule,
    display: Option<bool>,
) -> Result<FirewallRule, Fault> {
    concerns(cx, &rule, "changing");
    rule.display = display.unwrap_or(rule.display);
    cx.tx.save(&rule)?;
    Ok(rule)
}

/// Takes a rule away (`revokeIngressFirewallRule`).
pub(crate) fn close(cx: &mut Cx<'_>, mut rule: FirewallRule) -> Result<(), Fault> {
    concerns(cx, &rule, "closing");
    conflict::end(conflict::state(true))?;
    rule.removed = Some(cx.now);
    cx.tx.save(&rule)?;
    cx.forget_tags((EntityKind::FirewallRule, 0, rule.id))
}

fn concerns(cx: &mut Cx<'_>, rule: &FirewallRule, doing: &str) {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let what = format!("{doing} {}", traffic(rule).text());
    cx.concerns(EntityKind::FirewallRule, (0, rule.id), owner, what);
}

/// The tables of rules that are about one public address.
const OF_ADDRESSES: [&str; 4] =
    ["firewall_rule", "port_forwarding_rule", "static_nat_rule", "load_balancer_rule"];

/// What stands in them.
const KINDS: [EntityKind; 4] = [
    EntityKind::FirewallRule,
    EntityKind::PortForwardingRule,
    EntityKind::StaticNatRule,
    EntityKind::LoadBalancerRule,
];

/// Whether any rule uses an address. Most networks have none at all, which is remembered.
pub(crate) fn has_rules(cx: &mut Cx<'_>, address: &Address) -> Result<bool, Fault> {
    if let Some(network) = address.network_id {
        let has_any = cx.tx.memo(("has rules", "network", network), |tx| {
            Ok::<_, StoreError>(!tables(tx, "network_id = ?", &[network.into()])?.is_empty())
        })?;
        if !*has_any {
            return Ok(false);
        }
    }
    Ok(!tables_of(cx, address)?.is_empty())
}

/// The tables in which an address has rules.
fn tables_of(cx: &mut Cx<'_>, address: &Address) -> Result<Vec<&'static str>, StoreError> {
    let args = [address.range_id.into(), address.place.into()];
    tables(cx.tx, "range_id = ? AND place = ?", &args)
}

/// The tables in which there are living rules for which a condition holds.
fn tables(tx: &mut Tx, which: &str, args: &[Cell]) -> Result<Vec<&'static str>, StoreError> {
    let look = |(at, table)| format!("SELECT {at} FROM {table} WHERE {which} AND removed IS NULL");
    let looks: Vec<_> = OF_ADDRESSES.iter().enumerate().map(look).collect();
    let mut found = [false; OF_ADDRESSES.len()];
    let all: Vec<Cell> = OF_ADDRESSES.iter().flat_map(|_| args.iter().cloned()).collect();
    tx.each(&looks.join(" UNION "), &all, |cell| {
        let at = usize::try_from(i64::from_cell(cell(0))?).unwrap_or(usize::MAX);
        if let Some(found) = found.get_mut(at) {
            *found = true;
        }
        Ok(true)
    })?;
    let has = OF_ADDRESSES.into_iter().zip(found).filter(|(_, found)| *found);
    Ok(has.map(|(table, _)| table).collect())
}

/// Takes away all rules of an address that is being released.
pub(crate) fn revoke_of(cx: &mut Cx<'_>, address: &Address) -> Result<(), Fault> {
    if !has_rules(cx, address)? {
        return Ok(());
    }
    let args = [address.range_id.into(), address.place.into()];
    for table in tables_of(cx, address)? {
        revoke(cx, table, "range_id = ? AND place = ?", &args)?;
    }
    Ok(())
}

/// Takes away all rules of a network that is being deleted.
pub(crate) fn revoke_of_network(cx: &mut Cx<'_>, network_id: i64) -> Result<(), Fault> {
    internal_lb::forget_network(cx, network_id)?;
    for table in OF_ADDRESSES {
        revoke(cx, table, "network_id = ?", &[network_id.into()])?;
    }
    revoke(cx, "network_rule", "network_id = ?", &[network_id.into()])
}

/// Takes rules away, and with those of load balancers their guests.
fn revoke(cx: &mut Cx<'_>, table: &str, which: &str, args: &[Cell]) -> Result<(), Fault> {
    let mut all = vec![cx.now.into()];
    all.extend_from_slice(args);
    if table == "load_balancer_rule" {
        let members = format!(
            "UPDATE load_balancer_member SET removed = ? WHERE removed IS NULL AND rule_id IN \
             (SELECT id FROM load_balancer_rule WHERE {which} AND removed IS NULL)"
        );
        cx.tx.run(&members, &all)?;
    }
    let mut kinds =
        OF_ADDRESSES.iter().zip(KINDS).chain([(&"network_rule", EntityKind::NetworkRule)]);
    if let Some((_, kind)) = kinds.find(|(known, _)| **known == table) {
        let gone = format!("SELECT id FROM {table} WHERE {which} AND removed IS NULL");
        cx.forget_tags_of_all(kind, &gone, args)?;
    }
    let rules = format!("UPDATE {table} SET removed = ? WHERE {which} AND removed IS NULL");
    cx.tx.run(&rules, &all)?;
    Ok(())
}
