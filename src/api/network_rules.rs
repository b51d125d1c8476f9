//! Firewall rules of whole networks: of IPv6, and of networks in the mode ROUTED.

use crate::api::firewall_rules::{FirewallRuleView, TrafficArgs};
use crate::api::owned::Owned;
use crate::api::paging::{Filter, Paged};
use crate::api::tags;
use crate::api::{EVERYBODY, Rows, api};
use crate::engine::Cx;
use crate::engine::rules::{self, NetworkRuleChange, NewNetworkRule};
use crate::model::{
    Entity, EntityKind, Network, NetworkRule, NetworkRulePurpose, RoutingRule, TrafficDirection,
};
use crate::schema::{Fault, Id, List, Map, Text, group};

group! {
    /// What a new rule of a network is about.
    NewRuleArgs {
        /// the id of the network
        networkid: Id<Network>,
        /// `Ingress` for traffic to the guests, as where nothing is said, `Egress` for traffic
        /// from them
        traffictype: Option<TrafficDirection>,
        /// where the traffic may come from, CIDRs; from anywhere, where nothing is said
        cidrlist: Option<List<String>>,
        /// where the traffic may go, CIDRs; anywhere, where nothing is said
        destcidrlist: Option<List<String>>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
    }
}

impl NewRuleArgs {
    fn create(
        &self,
        cx: &mut Cx<'_>,
        purpose: NetworkRulePurpose,
        traffic: &TrafficArgs,
    ) -> Result<FirewallRuleView, Fault> {
        let new = NewNetworkRule {
            purpose,
            network: cx.find(&self.networkid)?,
            direction: self.traffictype.unwrap_or(TrafficDirection::Ingress),
            traffic: traffic.traffic(),
            sources: self.cidrlist.as_ref().map(|list| list.0.clone()),
            destinations: self.destcidrlist.as_ref().map(|list| list.0.clone()),
            display: self.fordisplay.unwrap_or(true),
        };
        let rule = rules::create_network_rule(cx, &new)?;
        show(cx, rule)
    }
}

group! {
    /// What lists of rules of networks are narrowed by.
    NetworkRuleFilter {
        /// only rules of this network
        networkid: Option<Id<Network>>,
        /// only traffic this way
        traffictype: Option<TrafficDirection>,
        /// whether the owner sees the rules
        fordisplay: Option<bool>,
        /// only rules with these tags
        tags: Option<Map>,
    }
}

api! {
    /// Lets IPv6 traffic into a network, or out of it.
    create object "createIpv6FirewallRule" { roles: EVERYBODY, key: "firewallrule",
        event: "IPV6.FIREWALL.RULE.CREATE", root_params: &["fordisplay"],
        example: "create ipv6 firewall rule networkid=web protocol=tcp startport=443" }
        => create6 -> FirewallRuleView;
    CreateIpv6FirewallRule {
        ..new: NewRuleArgs,
        ..traffic: TrafficArgs,
    }
}

fn create6(cx: &mut Cx<'_>, args: &CreateIpv6FirewallRule) -> Result<FirewallRuleView, Fault> {
    args.new.create(cx, NetworkRulePurpose::Ip6, &args.traffic)
}

api! {
    /// Changes an IPv6 firewall rule.
    job object "updateIpv6FirewallRule" { roles: EVERYBODY, key: "firewallrule",
        event: "IPV6.FIREWALL.RULE.UPDATE", root_params: &["customid", "fordisplay"],
        example: "update ipv6 firewall rule id=... startport=443 endport=444" }
        => update6 -> FirewallRuleView;
    UpdateIpv6FirewallRule {
        /// the id of the rule
        id: Id<NetworkRule>,
        /// tcp, udp, icmp, all or a number
        protocol: Option<Text>,
        /// `Ingress` for traffic to the guests, `Egress` for traffic from them
        traffictype: Option<TrafficDirection>,
        /// the first port
        startport: Option<i64>,
        /// the last port
        endport: Option<i64>,
        /// the type of ICMP messages; -1 for all
        icmptype: Option<i64>,
        /// the code of ICMP messages; -1 for all
        icmpcode: Option<i64>,
        /// where the traffic may come from, CIDRs
        cidrlist: Option<List<String>>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update6(cx: &mut Cx<'_>, args: &UpdateIpv6FirewallRule) -> Result<FirewallRuleView, Fault> {
    let change = NetworkRuleChange {
        protocol: args.protocol.as_ref().map(|text| text.0.clone()),
        direction: args.traffictype,
        ports: (args.startport, args.endport),
        icmp: (args.icmptype, args.icmpcode),
        sources: args.cidrlist.as_ref().map(|list| list.0.clone()),
        display: args.fordisplay,
    };
    let rule = of(cx, &args.id, NetworkRulePurpose::Ip6)?;
    let rule = rules::update_network_rule(cx, rule, &change)?;
    rename(cx, rule, args.customid.as_deref())
}

/// Gives a rule the id that was chosen for it, and shows it.
fn rename(
    cx: &mut Cx<'_>,
    rule: NetworkRule,
    wanted: Option<&str>,
) -> Result<FirewallRuleView, Fault> {
    cx.rename(rules::kind_of(&rule), (0, rule.id), wanted).map_err(Fault::in_job)?;
    show(cx, rule)
}

api! {
    /// Takes an IPv6 firewall rule away.
    job success "deleteIpv6FirewallRule" { roles: EVERYBODY, event: "IPV6.FIREWALL.RULE.DELETE",
        example: "delete ipv6 firewall rule id=..." } => delete6;
    DeleteIpv6FirewallRule {
        /// the id of the rule
        id: Id<NetworkRule>,
    }
}

fn delete6(cx: &mut Cx<'_>, args: &DeleteIpv6FirewallRule) -> Result<(), Fault> {
    let rule = of(cx, &args.id, NetworkRulePurpose::Ip6)?;
    rules::close_network_rule(cx, rule)
}

api! {
    /// Lists the IPv6 firewall rules of networks.
    now list "listIpv6FirewallRules" { roles: EVERYBODY, key: "firewallrule",
        root_params: &["fordisplay"],
        example: "list ipv6 firewall rules networkid=web" } => list6 -> FirewallRuleView;
    ListIpv6FirewallRules {
        /// the id of the rule
        id: Option<Id<NetworkRule>>,
        ..which: NetworkRuleFilter,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list6(cx: &mut Cx<'_>, args: &ListIpv6FirewallRules) -> Result<Rows<FirewallRuleView>, Fault> {
    let id = cx.row_opt(args.id.as_ref())?;
    listed(cx, args.paged.filter(), (NetworkRulePurpose::Ip6, id), &args.which, &args.owned)
}

api! {
    /// Lets traffic into a network in the mode ROUTED, or out of it.
    create object "createRoutingFirewallRule" { roles: EVERYBODY, key: "firewallrule",
        event: "ROUTING.IPV4.FIREWALL.RULE.CREATE", since: "4.20", root_params: &["fordisplay"],
        example: "create routing firewall rule networkid=web protocol=tcp startport=443" }
        => create_routing -> FirewallRuleView;
    CreateRoutingFirewallRule {
        ..new: NewRuleArgs,
        ..traffic: TrafficArgs,
    }
}

fn create_routing(
    cx: &mut Cx<'_>,
    args: &CreateRoutingFirewallRule,
) -> Result<FirewallRuleView, Fault> {
    args.new.create(cx, NetworkRulePurpose::Routing, &args.traffic)
}

api! {
    /// Shows a routing firewall rule to its owner, or hides it.
    job object "updateRoutingFirewallRule" { roles: EVERYBODY, key: "firewallrule",
        event: "ROUTING.IPV4.FIREWALL.RULE.UPDATE", since: "4.20",
        root_params: &["customid", "fordisplay"],
        example: "update routing firewall rule id=... fordisplay=false" }
        => update_routing -> FirewallRuleView;
    UpdateRoutingFirewallRule {
        /// the id of the rule
        id: Id<RoutingRule>,
        /// whether the owner sees the rule
        fordisplay: Option<bool>,
        /// another id for it, a UUID
        customid: Option<Text>,
    }
}

fn update_routing(
    cx: &mut Cx<'_>,
    args: &UpdateRoutingFirewallRule,
) -> Result<FirewallRuleView, Fault> {
    let change = NetworkRuleChange { display: args.fordisplay, ..NetworkRuleChange::default() };
    let rule = of(cx, &args.id, NetworkRulePurpose::Routing)?;
    let rule = rules::update_network_rule(cx, rule, &change)?;
    rename(cx, rule, args.customid.as_deref())
}

api! {
    /// Takes a routing firewall rule away.
    job success "deleteRoutingFirewallRule" { roles: EVERYBODY,
        event: "ROUTING.IPV4.FIREWALL.RULE.DELETE",
        since: "4.20", example: "delete routing firewall rule id=..." } => delete_routing;
    DeleteRoutingFirewallRule {
        /// the id of the rule
        id: Id<RoutingRule>,
    }
}

fn delete_routing(cx: &mut Cx<'_>, args: &DeleteRoutingFirewallRule) -> Result<(), Fault> {
    let rule = of(cx, &args.id, NetworkRulePurpose::Routing)?;
    rules::close_network_rule(cx, rule)
}

api! {
    /// Lists the firewall rules of networks in the mode ROUTED.
    now list "listRoutingFirewallRules" { roles: EVERYBODY, key: "firewallrule", since: "4.20",
        root_params: &["fordisplay"],
        example: "list routing firewall rules networkid=web" } => list_routing -> FirewallRuleView;
    ListRoutingFirewallRules {
        /// the id of the rule
        id: Option<Id<RoutingRule>>,
        ..which: NetworkRuleFilter,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list_routing(
    cx: &mut Cx<'_>,
    args: &ListRoutingFirewallRules,
) -> Result<Rows<FirewallRuleView>, Fault> {
    let id = cx.row_opt(args.id.as_ref())?;
    listed(cx, args.paged.filter(), (NetworkRulePurpose::Routing, id), &args.which, &args.owned)
}

/// The rule that an id names, if it is for this.
fn of<E: Entity>(
    cx: &mut Cx<'_>,
    id: &Id<E>,
    purpose: NetworkRulePurpose,
) -> Result<NetworkRule, Fault> {
    let row = cx.row(id)?;
    let found: Option<NetworkRule> = cx.tx.living(row)?;
    let rule = found.filter(|rule| rule.purpose == purpose).ok_or_else(|| cx.unknown(id))?;
    cx.check_access(&rule)?;
    Ok(rule)
}

fn listed(
    cx: &mut Cx<'_>,
    mut filter: Filter<'_>,
    (purpose, id): (NetworkRulePurpose, Option<i64>),
    which: &NetworkRuleFilter,
    owned: &Owned,
) -> Result<Rows<FirewallRuleView>, Fault> {
    filter.is("purpose", Some(purpose));
    filter.is("id", id);
    filter.is("network_id", cx.row_opt(which.networkid.as_ref())?);
    filter.is("direction", which.traffictype);
    filter.is("display", which.fordisplay);
    filter.keyword(&["protocol", "sources"]);
    filter.tagged(EntityKind::NetworkRule, which.tags.as_ref())?;
    owned.narrow(cx, &mut filter, "account_id", id.is_some() || which.networkid.is_some())?;
    let (found, total) = filter.living::<NetworkRule>(cx, "id")?;
    let rows = found.into_iter().map(|rule| show(cx, rule)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

fn show(cx: &mut Cx<'_>, rule: NetworkRule) -> Result<FirewallRuleView, Fault> {
    Ok(FirewallRuleView {
        id: cx.tx.uid(rules::kind_of(&rule), rule.id),
        protocol: rule.protocol,
        startport: rule.first_port,
        endport: rule.last_port,
        icmptype: rule.icmp_type,
        icmpcode: rule.icmp_code,
        cidrlist: rule.sources,
        destcidrlist: Some(rule.destinations),
        ipaddressid: None,
        ipaddress: None,
        networkid: cx.uid::<Network>(rule.network_id),
        traffictype: rule.direction.word(),
        state: "Active",
        tags: tags::pairs(cx, (EntityKind::NetworkRule, 0, rule.id))?,
        fordisplay: rule.display,
    })
}
