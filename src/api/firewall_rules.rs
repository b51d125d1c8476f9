//! Firewall rules: what public addresses let in, and what networks let out.

use crate::api::owned::Owned;
use crate::api::paging::{Filter, Paged};
use crate::api::tags::{self, TagPair};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::addresses::{self, Found};
use crate::engine::rules::{self, NewEgressRule, NewIngressRule, Traffic};
use crate::model::{Address, EntityKind, FirewallRule, Network, TrafficDirection, Uid};
use crate::schema::{Fault, Id, List, Map, Text, group, view};
use std::net::Ipv4Addr;

view! {
    /// A rule of a firewall.
    FirewallRuleView in "FirewallResponse" shows ["protocol", "startport", "endport", "cidrlist",
        "ipaddress", "traffictype", "state", "id"] root ["fordisplay"] {
        /// the id of the rule
        id: Uid,
        /// the protocol: tcp, udp, icmp, all or a number
        protocol: String,
        /// the first port
        startport: Option<i64>,
        /// the last port
        endport: Option<i64>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
        /// where the traffic may come from: CIDRs, separated by commas
        cidrlist: String,
        /// where the traffic may go: CIDRs, separated by commas
        destcidrlist: Option<String>,
        /// the id of the public address
        ipaddressid: Option<Uid>,
        /// the public address
        ipaddress: Option<Ipv4Addr>,
        /// the id of the network
        networkid: Uid,
        /// `Ingress` for traffic to the guests, `Egress` for traffic from them
        traffictype: &'static str,
        /// `Active`
        state: &'static str,
        /// the rule's tags
        tags: Vec<TagPair>,
        /// whether its owner sees the rule
        fordisplay: bool,
    }
}

group! {
    /// The traffic that a rule is about.
    TrafficArgs {
        /// tcp, udp, icmp, all or a number
        protocol: Text,
        /// the first port; all ports, where nothing is said
        startport: Option<i64>,
        /// the last port; the first one, where nothing is said
        endport: Option<i64>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
    }
}

impl TrafficArgs {
    /// The traffic.
    pub(crate) fn traffic(&self) -> Traffic {
        Traffic {
            protocol: self.protocol.to_string(),
            first_port: self.startport,
            last_port: self.endport,
            icmp_type: self.icmptype,
            icmp_code: self.icmpcode,
        }
    }
}

group! {
    /// What lists of firewall rules are narrowed by.
    RuleFilter {
        /// the id of the rule
        id: Option<Id<FirewallRule>>,
        /// the id of the public address
        ipaddressid: Option<Id<Address>>,
        /// the id of the network
        networkid: Option<Id<Network>>,
        /// whether the owner sees the rules
        fordisplay: Option<bool>,
        /// only rules with these tags
        tags: Option<Map>,
    }
}

api! {
    /// Lets traffic in to a public address.
    create object "createFirewallRule" { key: "firewallrule", event: "FIREWALL.OPEN",
        root_params: &["fordisplay"],
        example: "create firewall rule ipaddressid=203.0.113.2 protocol=tcp startport=80" }
        => create -> FirewallRuleView;
    CreateFirewallRule {
        /// the id of the public address
        ipaddressid: Id<Address>,
        /// where the traffic may come from, CIDRs; from anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// accepted for older clients; all rules are users'
        _kind as "type": Option<Text>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        ..traffic: TrafficArgs,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateFirewallRule) -> Result<FirewallRuleView, Fault> {
    let new = NewIngressRule {
        address: Found::by_id(cx, &args.ipaddressid)?,
        traffic: args.traffic.traffic(),
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        display: args.fordisplay.unwrap_or(true),
    };
    let rule = rules::create_ingress(cx, &new)?;
    show(cx, rule)
}

api! {
    /// Makes a rule about traffic from the guests of a network: it lets out what the network's
    /// offering keeps in, or keeps in what the offering lets out.
    create object "createEgressFirewallRule" { key: "firewallrule", event: "FIREWALL.EGRESS.OPEN",
        root_params: &["fordisplay"],
        example: "create egress firewall rule networkid=web protocol=tcp startport=443" }
        => create_egress -> FirewallRuleView;
    CreateEgressFirewallRule {
        /// the id of the network
        networkid: Id<Network>,
        /// where the traffic comes from, CIDRs; from the whole network, where nothing is said
        cidrlist: Option<List<String>>,
        /// where the traffic goes, CIDRs; anywhere, where nothing is said
        destcidrlist: Option<List<String>>,
        /// accepted for older clients; all rules are users'
        _kind as "type": Option<Text>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        ..traffic: TrafficArgs,
    }
}

fn create_egress(
    cx: &mut Cx<'_>,
    args: &CreateEgressFirewallRule,
) -> Result<FirewallRuleView, Fault> {
    let new = NewEgressRule {
        network: cx.find(&args.networkid)?,
        traffic: args.traffic.traffic(),
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        destinations: args.destcidrlist.as_ref().map(|list| list.0.clone()),
        display: args.fordisplay.unwrap_or(true),
    };
    let rule = rules::create_egress(cx, &new)?;
    show(cx, rule)
}

api! {
    /// Shows a firewall rule to its owner, or hides it.
    job object "updateFirewallRule" { key: "firewallrule", event: "FIREWALL.UPDATE",
        since: "4.4", root_params: &["customid", "fordisplay"],
        example: "update firewall rule id=... fordisplay=false" } => update -> FirewallRuleView;
    UpdateFirewallRule {
        /// the id of the rule
        id: Id<FirewallRule>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateFirewallRule) -> Result<FirewallRuleView, Fault> {
    let rule = of(cx, &args.id, TrafficDirection::Ingress)?;
    let rule = rules::show_rule(cx, rule, args.fordisplay)?;
    let (id, wanted) = ((0, rule.id), args.customid.as_deref());
    cx.rename(EntityKind::FirewallRule, id, wanted).map_err(Fault::in_job)?;
    show(cx, rule)
}

api! {
    /// Shows an egress firewall rule to its owner, or hides it.
    job object "updateEgressFirewallRule" { key: "firewallrule", event: "FIREWALL.EGRESS.UPDATE",
        since: "4.4", root_params: &["customid", "fordisplay"],
        example: "update egress firewall rule id=... fordisplay=false" }
        => update_egress -> FirewallRuleView;
    UpdateEgressFirewallRule {
        /// the id of the rule
        id: Id<FirewallRule>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update_egress(
    cx: &mut Cx<'_>,
    args: &UpdateEgressFirewallRule,
) -> Result<FirewallRuleView, Fault> {
    let rule = of(cx, &args.id, TrafficDirection::Egress)?;
    let rule = rules::show_rule(cx, rule, args.fordisplay)?;
    let (id, wanted) = ((0, rule.id), args.customid.as_deref());
    cx.rename(EntityKind::FirewallRule, id, wanted).map_err(Fault::in_job)?;
    show(cx, rule)
}

api! {
    /// Takes a firewall rule away.
    job success "deleteFirewallRule" { event: "FIREWALL.CLOSE",
        example: "delete firewall rule id=..." } => delete;
    DeleteFirewallRule {
        /// the id of the rule
        id: Id<FirewallRule>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteFirewallRule) -> Result<(), Fault> {
    let rule = of(cx, &args.id, TrafficDirection::Ingress)?;
    rules::close(cx, rule)
}

api! {
    /// Takes an egress firewall rule away.
    job success "deleteEgressFirewallRule" { event: "FIREWALL.EGRESS.CLOSE",
        example: "delete egress firewall rule id=..." } => delete_egress;
    DeleteEgressFirewallRule {
        /// the id of the rule
        id: Id<FirewallRule>,
    }
}

fn delete_egress(cx: &mut Cx<'_>, args: &DeleteEgressFirewallRule) -> Result<(), Fault> {
    let rule = of(cx, &args.id, TrafficDirection::Egress)?;
    rules::close(cx, rule)
}

/// The rule that an id names, if its traffic goes this way.
fn of(
    cx: &mut Cx<'_>,
    id: &Id<FirewallRule>,
    direction: TrafficDirection,
) -> Result<FirewallRule, Fault> {
    let rule = cx.find(id)?;
    match rule.direction == direction {
        true => Ok(rule),
        false => Err(cx.unknown(id)),
    }
}

api! {
    /// Lists what public addresses let in.
    now list "listFirewallRules" { key: "firewallrule", root_params: &["fordisplay"],
        example: "list firewall rules ipaddressid=203.0.113.2" } => list -> FirewallRuleView;
    ListFirewallRules {
        ..which: RuleFilter,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListFirewallRules) -> Result<Rows<FirewallRuleView>, Fault> {
    let filter = args.paged.filter();
    listed(cx, filter, &args.which, &args.owned, TrafficDirection::Ingress)
}

api! {
    /// Lists the rules about traffic from the guests of networks.
    now list "listEgressFirewallRules" { key: "firewallrule", root_params: &["fordisplay"],
        example: "list egress firewall rules networkid=web" } => list_egress -> FirewallRuleView;
    ListEgressFirewallRules {
        ..which: RuleFilter,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list_egress(
    cx: &mut Cx<'_>,
    args: &ListEgressFirewallRules,
) -> Result<Rows<FirewallRuleView>, Fault> {
    let filter = args.paged.filter();
    listed(cx, filter, &args.which, &args.owned, TrafficDirection::Egress)
}

fn listed(
    cx: &mut Cx<'_>,
    mut filter: Filter<'_>,
    which: &RuleFilter,
    owned: &Owned,
    direction: TrafficDirection,
) -> Result<Rows<FirewallRuleView>, Fault> {
    filter.is("id", cx.row_opt(which.id.as_ref())?);
    filter.is("network_id", cx.row_opt(which.networkid.as_ref())?);
    filter.is("display", which.fordisplay);
    filter.is("direction", Some(direction));
    filter.keyword(&["protocol", "sources"]);
    if let Some(id) = &which.ipaddressid {
        let Some((range, place)) = Found::place_of(cx, id)? else { return Err(cx.unknown(id)) };
        filter.is("range_id", Some(range));
        filter.is("place", Some(place));
    }
    filter.tagged(EntityKind::FirewallRule, which.tags.as_ref())?;
    let named = which.id.is_some() || which.ipaddressid.is_some() || which.networkid.is_some();
    owned.narrow(cx, &mut filter, "account_id", named)?;
    let (found, total) = filter.living::<FirewallRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, rule: FirewallRule) -> Result<FirewallRuleView, Fault> {
    let address = match rule.range_id.zip(rule.place) {
        Some((range, place)) => Found::at(cx, range, place)?,
        None => None,
    };
    let uid = address.as_ref().map(|found| addresses::uid(cx, &found.place)).transpose()?;
    Ok(FirewallRuleView {
        id: cx.uid::<FirewallRule>(rule.id),
        protocol: rule.protocol,
        startport: rule.first_port,
        endport: rule.last_port,
        icmptype: rule.icmp_type,
        icmpcode: rule.icmp_code,
        cidrlist: rule.sources,
        destcidrlist: rule.destinations,
        ipaddressid: uid,
        ipaddress: address.map(|found| found.place.ip),
        networkid: cx.uid::<Network>(rule.network_id),
        traffictype: rule.direction.word(),
        state: "Active",
        tags: tags::pairs(cx, (EntityKind::FirewallRule, 0, rule.id))?,
        fordisplay: rule.display,
    })
}
