//! `show topology`: zones with their networks, VPCs with their tiers, and what is in them.

use std::collections::BTreeSet;

use super::ask::{Ask, Fields, first, flag, number, text};
use super::held::usage;
use super::scene::{Branch, Part, Scene, grouped};
use super::target::{Kind, find};
use crate::shell::resolve::Unresolved;

/// Things of a kind in one place that are shown at most.
const SHOWN: usize = 24;
/// Addresses in one place that are shown at most.
const ADDRESSES: usize = 8;
/// Ranges whose addresses are counted.
const COUNTED: usize = 64;
/// Physical networks whose traffic types are asked for.
const PHYSICAL: usize = 32;

/// What the picture is drawn from; what nobody may know is empty.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) zones: Vec<Fields>,
    pub(super) physical: Vec<Fields>,
    pub(super) traffic: Vec<Fields>,
    pub(super) pods: Vec<Fields>,
    pub(super) ranges: Vec<Fields>,
    /// How many addresses of the ranges are held, by id.
    pub(super) held: Vec<(String, u64)>,
    pub(super) networks: Vec<Fields>,
    pub(super) vpcs: Vec<Fields>,
    pub(super) addresses: Vec<Fields>,
    pub(super) routers: Vec<Fields>,
    /// Private gateways and VPN gateways of VPCs.
    pub(super) gateways: Vec<Fields>,
    pub(super) forwarding: Vec<Fields>,
    pub(super) balancing: Vec<Fields>,
    pub(super) firewall: Vec<Fields>,
    /// The VPC that alone is shown.
    pub(super) only: Option<Fields>,
}

/// Asks for what the picture is drawn from.
pub(super) fn ask(
    ask: &Ask<'_>,
    vpc: Option<&str>,
    zone: Option<&str>,
) -> Result<Facts, Unresolved> {
    let mut facts = Facts::default();
    let mut given: Vec<(&str, &str)> = zone.map(|zone| ("zoneid", zone)).into_iter().collect();
    let of_zone = given.clone();
    let id;
    if let Some(name) = vpc {
        let (_, found) = find(ask, name, &[(Kind::Vpc, "listVPCs", "VPC")], zone)?;
        id = text(&found, "id").to_owned();
        given = vec![("vpcid", &id)];
        facts.only = Some(found);
    } else {
        let zones = zone.map(|zone| ("id", zone)).into_iter().collect::<Vec<_>>();
        facts.zones = ask.must("listZones", &zones)?;
        facts.vpcs = ask.rows("listVPCs", &of_zone)?;
        places(ask, &of_zone, &mut facts)?;
    }
    facts.networks = ask.rows("listNetworks", &given)?;
    facts.addresses = addresses(ask, &given)?;
    facts.routers = ask.rows("listRouters", &given)?;
    facts.gateways = ask.rows("listPrivateGateways", &given)?;
    facts.gateways.extend(ask.rows("listVpnGateways", &given)?);
    if !facts.addresses.is_empty() {
        facts.forwarding = ask.rows("listPortForwardingRules", &[])?;
        facts.balancing = ask.rows("listLoadBalancerRules", &of_zone)?;
        facts.firewall = ask.rows("listFirewallRules", &[])?;
    }
    Ok(facts)
}

/// The addresses; of very many those that a network or VPC is reached by in any case.
fn addresses(ask: &Ask<'_>, given: &[(&str, &str)]) -> Result<Vec<Fields>, Unresolved> {
    let api = "listPublicIpAddresses";
    let mut all = Vec::new();
    for nat in ["issourcenat", "isstaticnat"] {
        let known: Vec<_> = given.iter().copied().chain([(nat, "true")]).collect();
        all.extend(ask.pages(api, &known, 1)?.unwrap_or_default().rows);
    }
    let mut seen: BTreeSet<String> = all.iter().map(|row| text(row, "id").to_owned()).collect();
    let rest = ask.rows(api, given)?;
    all.extend(rest.into_iter().filter(|row| seen.insert(text(row, "id").to_owned())));
    Ok(all)
}

/// What zones have besides networks.
fn places(ask: &Ask<'_>, of_zone: &[(&str, &str)], facts: &mut Facts) -> Result<(), Unresolved> {
    facts.physical = ask.rows("listPhysicalNetworks", of_zone)?;
    for physical in facts.physical.iter().take(PHYSICAL) {
        let given = [("physicalnetworkid", text(physical, "id"))];
        facts.traffic.extend(ask.rows("listTrafficTypes", &given)?);
    }
    facts.pods = ask.rows("listPods", of_zone)?;
    facts.ranges = ask.rows("listVlanIpRanges", of_zone)?;
    for range in facts.ranges.iter().take(COUNTED) {
        let public = if flag(range, "forvirtualnetwork") { "true" } else { "false" };
        let id = text(range, "id");
        let given = [("vlanid", id), ("forvirtualnetwork", public)];
        if let Some(listed) = ask.page("listPublicIpAddresses", &given, 1, 1)? {
            facts.held.push((id.to_owned(), listed.total));
        }
    }
    Ok(())
}

/// The picture.
pub(super) fn draw(facts: &Facts) -> Scene {
    let title = match &facts.only {
        Some(vpc) => format!("Topology of VPC {}", first(vpc, &["name", "id"])),
        None => "Topology".to_owned(),
    };
    let roots: Vec<Branch> = match &facts.only {
        Some(only) => vec![vpc(facts, only)],
        None => facts.zones.iter().map(|one| zone(facts, one)).collect(),
    };
    let mut scene = Scene { title, ..Scene::default() };
    if roots.is_empty() {
        scene.notes.push("There are no zones; `create zone` makes one.".into());
    } else {
        scene.parts.push(Part::Tree(roots));
    }
    scene
}

fn zone(facts: &Facts, zone: &Fields) -> Branch {
    let id = text(zone, "id");
    let about = joined(&[text(zone, "networktype"), text(zone, "allocationstate")]);
    let mut branch = Branch::new(format!("zone {}", first(zone, &["name", "id"])), about);
    let in_zone = |row: &&Fields| text(row, "zoneid") == id;
    let physical = facts.physical.iter().filter(in_zone);
    branch.within.extend(limited(physical.map(|one| physical_network(facts, one))));
    branch.within.extend(limited(facts.pods.iter().filter(in_zone).map(pod)));
    let outside = facts
        .networks
        .iter()
        .filter(in_zone)
        .filter(|row| text(row, "vpcid").is_empty() && !flag(row, "issystem"));
    branch.within.extend(limited(outside.map(|one| network(facts, one))));
    let vpcs = facts.vpcs.iter().filter(in_zone);
    branch.within.extend(limited(vpcs.map(|one| vpc(facts, one))));
    branch
}

fn physical_network(facts: &Facts, physical: &Fields) -> Branch {
    let id = text(physical, "id");
    let vlans = match text(physical, "vlan") {
        "" => String::new(),
        vlans => format!("VLANs {vlans}"),
    };
    let about = joined(&[text(physical, "isolationmethods"), &vlans, text(physical, "state")]);
    let mut branch = Branch::new(format!("physical network {}", text(physical, "name")), about);
    let of_this = |row: &&Fields| text(row, "physicalnetworkid") == id;
    let traffic: Vec<_> = facts.traffic.iter().filter(of_this).map(traffic_type).collect();
    if !traffic.is_empty() {
        branch.within.push(Branch::new("traffic", traffic.join(", ")));
    }
    let ranges = facts.ranges.iter().filter(of_this);
    branch.within.extend(limited(ranges.map(|one| range(facts, one))));
    branch
}

fn traffic_type(row: &Fields) -> String {
    let label = first(
        row,
        &["kvmnetworklabel", "xennetworklabel", "vmwarenetworklabel", "hypervnetworklabel"],
    );
    let name = first(row, &["traffictype", "name"]);
    if label.is_empty() { name.to_owned() } else { format!("{name} ({label})") }
}

fn range(facts: &Facts, range: &Fields) -> Branch {
    let (from, to) = match text(range, "startip") {
        "" => (text(range, "startipv6"), text(range, "endipv6")),
        from => (from, text(range, "endip")),
    };
    let kind = if flag(range, "forvirtualnetwork") { "public" } else { "shared" };
    let held = facts.held.iter().find(|(id, _)| id == text(range, "id"));
    let held = held.map_or(String::new(), |(_, held)| format!("{} held", grouped(*held)));
    let account = match first(range, &["account", "domain"]) {
        "" => String::new(),
        owner => format!("for {owner}"),
    };
    let system = if flag(range, "forsystemvms") { "for system VMs" } else { "" };
    let about = joined(&[kind, text(range, "vlan"), &held, &account, system]);
    Branch::new(format!("range {from} - {to}"), about)
}

fn pod(pod: &Fields) -> Branch {
    let ranges = super::ask::rows_in(pod, "ipranges");
    let ranges: Vec<_> =
        ranges.map(|one| format!("{} - {}", text(one, "startip"), text(one, "endip"))).collect();
    let about = joined(&[&ranges.join(", "), text(pod, "allocationstate")]);
    Branch::new(format!("pod {}", text(pod, "name")), about)
}

fn network(facts: &Facts, network: &Fields) -> Branch {
    let id = text(network, "id");
    let noun = if text(network, "vpcid").is_empty() { "network" } else { "tier" };
    let cidr = joined(&[first(network, &["networkcidr", "cidr"]), text(network, "ip6cidr")]);
    let gateway = match text(network, "gateway") {
        "" => String::new(),
        ip => format!("gateway {ip}"),
    };
    let kind = if noun == "tier" { "" } else { text(network, "type") };
    let link = text(network, "broadcasturi");
    let acl = match text(network, "aclname") {
        "" => String::new(),
        name => format!("ACL {name}"),
    };
    let about = joined(&[&cidr, &gateway, kind, link, &acl, text(network, "state")]);
    let mut branch = Branch::new(format!("{noun} {}", first(network, &["name", "id"])), about);
    let routers = facts
        .routers
        .iter()
        .filter(|row| text(row, "vpcid").is_empty() && text(row, "guestnetworkid") == id);
    branch.within.extend(limited(routers.map(router)));
    let own = facts.addresses.iter().filter(|row| text(row, "associatednetworkid") == id);
    branch.within.extend(first_of(own.map(|one| address(facts, one)), ADDRESSES));
    branch
}

fn router(router: &Fields) -> Branch {
    let role = first(router, &["role", "redundantstate"]);
    let about = joined(&[role, text(router, "publicip"), text(router, "state")]);
    Branch::new(format!("router {}", text(router, "name")), about)
}

fn address(facts: &Facts, address: &Fields) -> Branch {
    let id = text(address, "id");
    let known = ["source NAT", "static NAT", "system"];
    let usage = usage(address);
    let uses: Vec<_> = known.into_iter().filter(|word| usage.contains(word)).collect();
    let machine = match first(address, &["virtualmachinedisplayname", "virtualmachinename"]) {
        "" => String::new(),
        name => format!("VM {name}"),
    };
    let about = joined(&[&uses.join(", "), &machine, text(address, "state")]);
    let mut branch = Branch::new(text(address, "ipaddress"), about);
    let of_this = |row: &&Fields| text(row, "ipaddressid") == id || text(row, "publicipid") == id;
    let rules = facts.forwarding.iter().filter(of_this).map(forwarding_rule);
    let rules = rules.chain(facts.balancing.iter().filter(of_this).map(balancing_rule));
    let rules = rules.chain(facts.firewall.iter().filter(of_this).map(firewall_rule));
    branch.within = limited(rules);
    branch
}

fn forwarding_rule(rule: &Fields) -> Branch {
    let public = ports(rule, "publicport", "publicendport");
    let private = ports(rule, "privateport", "privateendport");
    let to = joined_by(&[text(rule, "vmguestip"), &private], ":");
    let name = format!("forward {} {public} to {to}", text(rule, "protocol"));
    Branch::new(name, joined(&[text(rule, "virtualmachinename"), text(rule, "state")]))
}

fn balancing_rule(rule: &Fields) -> Branch {
    let (public, private) = (word(rule, "publicport"), word(rule, "privateport"));
    let name = format!("balance {} {public} to {private}", text(rule, "name"));
    Branch::new(name, joined(&[text(rule, "algorithm"), text(rule, "state")]))
}

fn firewall_rule(rule: &Fields) -> Branch {
    let ports = ports(rule, "startport", "endport");
    let from = match text(rule, "cidrlist") {
        "" => String::new(),
        cidrs => format!("from {cidrs}"),
    };
    let name = joined_by(&["allow", text(rule, "protocol"), &ports, &from], " ");
    Branch::new(name, text(rule, "state"))
}

fn ports(rule: &Fields, from: &str, to: &str) -> String {
    let (from, to) = (word(rule, from), word(rule, to));
    if to.is_empty() || from == to { from } else { format!("{from}-{to}") }
}

/// A value that some servers write as a number and others as text.
fn word(rule: &Fields, field: &str) -> String {
    match rule.get(field) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(serde_json::Value::Number(_)) => number(rule, field).to_string(),
        _ => String::new(),
    }
}

fn vpc(facts: &Facts, vpc: &Fields) -> Branch {
    let id = text(vpc, "id");
    let about = joined(&[text(vpc, "cidr"), text(vpc, "vpcofferingname"), text(vpc, "state")]);
    let mut branch = Branch::new(format!("VPC {}", first(vpc, &["name", "id"])), about);
    let of_this = |row: &&Fields| text(row, "vpcid") == id;
    branch.within.extend(limited(facts.routers.iter().filter(of_this).map(router)));
    branch.within.extend(limited(facts.gateways.iter().filter(of_this).map(gateway)));
    let own = facts.addresses.iter().filter(of_this).filter(|row| {
        let network = text(row, "associatednetworkid");
        !facts.networks.iter().any(|tier| !network.is_empty() && text(tier, "id") == network)
    });
    branch.within.extend(first_of(own.map(|one| address(facts, one)), ADDRESSES));
    let tiers = facts.networks.iter().filter(of_this);
    branch.within.extend(limited(tiers.map(|one| network(facts, one))));
    branch
}

fn gateway(gateway: &Fields) -> Branch {
    match text(gateway, "publicip") {
        "" => {
            let about = joined(&[text(gateway, "vlan"), text(gateway, "state")]);
            let to = text(gateway, "gateway");
            Branch::new(format!("gateway {} to {to}", text(gateway, "ipaddress")), about)
        }
        ip => Branch::new(format!("VPN gateway {ip}"), ""),
    }
}

/// The first of many; the last one says how many more there are.
fn limited(branches: impl Iterator<Item = Branch>) -> Vec<Branch> {
    first_of(branches, SHOWN)
}

fn first_of(branches: impl Iterator<Item = Branch>, most: usize) -> Vec<Branch> {
    let mut all: Vec<_> = branches.collect();
    if all.len() > most {
        let more = grouped((all.len() - most) as u64);
        all.truncate(most);
        all.push(Branch::new(format!("and {more} more"), ""));
    }
    all
}

fn joined(words: &[&str]) -> String {
    joined_by(words, ", ")
}

fn joined_by(words: &[&str], between: &str) -> String {
    let words: Vec<_> = words.iter().copied().filter(|word| !word.is_empty()).collect();
    words.join(between)
}
