//! Firewall rules of whole networks: of IPv6 (`Ipv6ServiceImpl`), and of networks in the mode
//! ROUTED (`RoutedIpv4ManagerImpl`). Guests there have addresses of their own, so a rule is about
//! none of the router's.

use crate::engine::ip6::has_ip6;
use crate::engine::routing::is_routed;
use crate::engine::rules::conflict::{Claim, between};
use crate::engine::rules::traffic::{ANYWHERE, Traffic};
use crate::engine::{Cx, Owner};
use crate::model::{
    EntityKind, Network, NetworkOffering, NetworkRule, NetworkRulePurpose, RulePurpose,
    TrafficDirection,
};
use crate::net::Block;
use crate::schema::Fault;
use crate::text::quoted;

/// All addresses of IPv6.
const ANYWHERE6: &str = "::/0";

/// A rule that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct NewNetworkRule {
    /// What it is for.
    pub(crate) purpose: NetworkRulePurpose,
    /// The network.
    pub(crate) network: Network,
    /// Which way the traffic goes.
    pub(crate) direction: TrafficDirection,
    /// The traffic.
    pub(crate) traffic: Traffic,
    /// Where it comes from; from anywhere, where nothing is said.
    pub(crate) sources: Option<Vec<String>>,
    /// Where it goes; anywhere, where nothing is said.
    pub(crate) destinations: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: bool,
}

/// What of a rule is to change; what is none stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkRuleChange {
    /// The protocol.
    pub(crate) protocol: Option<String>,
    /// Which way the traffic goes.
    pub(crate) direction: Option<TrafficDirection>,
    /// The first and the last port.
    pub(crate) ports: (Option<i64>, Option<i64>),
    /// The type and the code of ICMP messages.
    pub(crate) icmp: (Option<i64>, Option<i64>),
    /// Where it comes from.
    pub(crate) sources: Option<Vec<String>>,
    /// Whether its owner sees it.
    pub(crate) display: Option<bool>,
}

/// Makes a rule.
pub(crate) fn create_network_rule(
    cx: &mut Cx<'_>,
    new: &NewNetworkRule,
) -> Result<NetworkRule, Fault> {
    let (purpose, network) = (new.purpose, &new.network);
    let sources = blocks("cidrlist", new.sources.as_deref(), purpose)?;
    let destinations = blocks("destcidrlist", new.destinations.as_deref(), purpose)?;
    check_network(cx, network, purpose)?;
    let traffic = new.traffic.clone().checked()?;
    let mut rule = NetworkRule {
        id: 0,
        purpose,
        direction: new.direction,
        network_id: network.id,
        account_id: network.account_id,
        domain_id: network.domain_id,
        protocol: traffic.protocol,
        first_port: traffic.first_port,
        last_port: traffic.last_port,
        icmp_type: traffic.icmp_type,
        icmp_code: traffic.icmp_code,
        sources,
        destinations,
        display: new.display,
        created: cx.now,
        removed: None,
    };
    refuse_conflict(cx, &rule)?;
    rule.id = cx.tx.insert(&rule)?;
    concerns(cx, &rule, "opening");
    Ok(rule)
}

/// Changes a rule.
pub(crate) fn update_network_rule(
    cx: &mut Cx<'_>,
    rule: NetworkRule,
    change: &NetworkRuleChange,
) -> Result<NetworkRule, Fault> {
    concerns(cx, &rule, "changing");
    changed(cx, rule, change).map_err(Fault::in_job)
}

fn changed(
    cx: &mut Cx<'_>,
    rule: NetworkRule,
    change: &NetworkRuleChange,
) -> Result<NetworkRule, Fault> {
    let old = traffic(&rule);
    // Of another protocol nothing is left but what is said of it now.
    let same = change.protocol.as_ref().is_none_or(|new| new.eq_ignore_ascii_case(&old.protocol));
    let kept = |new: Option<i64>, old: Option<i64>| new.or(old.filter(|_| same));
    let first_port = kept(change.ports.0, old.first_port);
    let last_port = match change.ports {
        (Some(_), last) => last,
        (None, last) => kept(last, old.last_port),
    };
    let traffic = Traffic {
        protocol: change.protocol.clone().unwrap_or(old.protocol),
        first_port,
        last_port,
        icmp_type: kept(change.icmp.0, old.icmp_type),
        icmp_code: kept(change.icmp.1, old.icmp_code),
    };
    let traffic = traffic.checked()?;
    let sources = match &change.sources {
        Some(given) => blocks("cidrlist", Some(given), rule.purpose)?,
        None => rule.sources.clone(),
    };
    let rule = NetworkRule {
        direction: change.direction.unwrap_or(rule.direction),
        protocol: traffic.protocol,
        first_port: traffic.first_port,
        last_port: traffic.last_port,
        icmp_type: traffic.icmp_type,
        icmp_code: traffic.icmp_code,
        sources,
        display: change.display.unwrap_or(rule.display),
        ..rule
    };
    refuse_conflict(cx, &rule)?;
    cx.tx.save(&rule)?;
    Ok(rule)
}

/// Takes a rule away.
pub(crate) fn close_network_rule(cx: &mut Cx<'_>, rule: NetworkRule) -> Result<(), Fault> {
    concerns(cx, &rule, "closing");
    cx.forget_tags((EntityKind::NetworkRule, 0, rule.id))?;
    cx.tx.save(&NetworkRule { removed: Some(cx.now), ..rule })?;
    Ok(())
}

/// Takes all rules of a network away that are for something that the network has no more.
pub(crate) fn close_all(
    cx: &mut Cx<'_>,
    network_id: i64,
    purpose: NetworkRulePurpose,
) -> Result<(), Fault> {
    let args = [network_id.into(), purpose.into()];
    let gone = "SELECT id FROM network_rule WHERE network_id = ? AND purpose = ? \
                AND removed IS NULL";
    cx.forget_tags_of_all(EntityKind::NetworkRule, gone, &args)?;
    let sql = "UPDATE network_rule SET removed = ? \
               WHERE network_id = ? AND purpose = ? AND removed IS NULL";
    cx.tx.run(sql, &[cx.now.into(), network_id.into(), purpose.into()])?;
    Ok(())
}

/// Whether a network has such rules at all; tiers have ACL lists instead.
fn check_network(
    cx: &mut Cx<'_>,
    network: &Network,
    purpose: NetworkRulePurpose,
) -> Result<(), Fault> {
    let name = quoted(&network.name);
    if network.vpc_id.is_some() {
        return Err(Fault::invalid(format!(
            "Invalid parameter networkid: {name} is a tier of a VPC, where network ACLs take the \
             place of firewall rules; see `help create network acl`"
        )));
    }
    let offering: Option<NetworkOffering> =
        network.offering_id.map(|id| cx.must(id)).transpose()?;
    let fits = offering.is_some_and(|offering| match purpose {
        NetworkRulePurpose::Ip6 => has_ip6(&offering),
        NetworkRulePurpose::Routing => is_routed(&offering),
    });
    let lacks = match purpose {
        _ if fits => return Ok(()),
        NetworkRulePurpose::Ip6 => "has no IPv6; its offering needs internetprotocol DualStack",
        NetworkRulePurpose::Routing => "is not routed; its offering needs networkmode ROUTED",
    };
    Err(Fault::invalid(format!("Invalid parameter networkid: the network {name} {lacks}")))
}

/// CIDRs of the version that the rule is for; without any, all addresses. They are kept as they
/// were written, each once.
fn blocks(
    param: &str,
    given: Option<&[String]>,
    purpose: NetworkRulePurpose,
) -> Result<String, Fault> {
    let (version, all) = match purpose {
        NetworkRulePurpose::Ip6 => ("IPv6", ANYWHERE6),
        NetworkRulePurpose::Routing => ("IPv4", ANYWHERE),
    };
    let mut kept: Vec<String> = Vec::new();
    for text in given.unwrap_or_default() {
        let block = text.parse().ok().filter(|block| {
            text.contains('/')
                && matches!(block, Block::V6(_)) == (purpose == NetworkRulePurpose::Ip6)
        });
        let Some(block) = block.map(|block: Block| block.to_string()) else {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: {} is no {version} CIDR such as {all}",
                quoted(text)
            )));
        };
        if !kept.contains(&block) {
            kept.push(block);
        }
    }
    Ok(if kept.is_empty() { all.to_owned() } else { kept.join(",") })
}

/// Refuses a rule about traffic of which another one says something already: 537.
fn refuse_conflict(cx: &mut Cx<'_>, rule: &NetworkRule) -> Result<(), Fault> {
    let others: Vec<NetworkRule> = cx.tx.select(
        "WHERE network_id = ? AND purpose = ? AND direction = ? AND id <> ? AND removed IS NULL \
         ORDER BY id",
        &[rule.network_id.into(), rule.purpose.into(), rule.direction.into(), rule.id.into()],
    )?;
    let new = Claim::from(rule);
    let found = others.iter().find_map(|other| Some((other, between(&new, &other.into())?)));
    let Some((other, exception)) = found else { return Ok(()) };
    let (said, id) = (traffic(other).text(), id_of(cx, other));
    let text = format!(
        "The rule conflicts with another one: {said} from {} to {} is in {id}",
        other.sources, other.destinations
    );
    Err(Fault::new(exception, text).about(id, "rule"))
}

/// Rules of networks are compared as those of addresses are.
impl From<&NetworkRule> for Claim {
    fn from(rule: &NetworkRule) -> Self {
        Self {
            purpose: RulePurpose::Firewall,
            id: rule.id,
            network_id: rule.network_id,
            protocol: rule.protocol.clone(),
            ports: rule.first_port.zip(rule.last_port),
            icmp: rule.icmp_type.zip(rule.icmp_code),
            sources: Some(rule.sources.clone()),
            destinations: Some(rule.destinations.clone()),
        }
    }
}

/// The id of a rule, which is of another kind for each purpose.
fn id_of(cx: &Cx<'_>, rule: &NetworkRule) -> crate::model::Uid {
    cx.tx.uid(kind_of(rule), rule.id)
}

/// The kind of a rule's id.
pub(crate) const fn kind_of(rule: &NetworkRule) -> EntityKind {
    match rule.purpose {
        NetworkRulePurpose::Ip6 => EntityKind::NetworkRule,
        NetworkRulePurpose::Routing => EntityKind::RoutingRule,
    }
}

fn traffic(rule: &NetworkRule) -> Traffic {
    Traffic {
        protocol: rule.protocol.clone(),
        first_port: rule.first_port,
        last_port: rule.last_port,
        icmp_type: rule.icmp_type,
        icmp_code: rule.icmp_code,
    }
}

fn concerns(cx: &mut Cx<'_>, rule: &NetworkRule, doing: &str) {
    let owner = Owner { account_id: rule.account_id, domain_id: rule.domain_id };
    let what = format!(
        "{doing} {} of {}",
        traffic(rule).text(),
        match rule.purpose {
            NetworkRulePurpose::Ip6 => "IPv6",
            NetworkRulePurpose::Routing => "a routed network",
        }
    );
    cx.concerns(kind_of(rule), (0, rule.id), owner, what);
}
