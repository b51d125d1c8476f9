//! Asks for what the map of a thing is drawn from.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use super::ask::{Ask, Fields, first, flag, rows_in, text};
use super::held::{Held, Mark, held, usage};
use super::map::{self, Field};
use super::scene::{Scene, Tone};
use super::target::{Kind, MAPPED, find};
use crate::net::{Cidr4, Cidr6};
use crate::shell::resolve::Unresolved;

/// Addresses that a note names at most.
const NAMED: usize = 8;

/// The map of what is called `name`.
pub(super) fn map(ask: &Ask<'_>, name: &str, zone: Option<&str>) -> Result<Scene, Unresolved> {
    let (kind, fields) = find(ask, name, MAPPED, zone)?;
    match kind {
        Kind::Range => range(ask, &fields),
        Kind::Network => network(ask, &fields),
        Kind::Vpc => {
            let tiers = ask.rows("listNetworks", &[("vpcid", text(&fields, "id"))])?;
            Ok(map::vpc(&fields, &tiers))
        }
        Kind::Prefix => prefix(ask, text(&fields, "prefix"), "IPv6 prefix", &[]),
    }
}

fn range(ask: &Ask<'_>, range: &Fields) -> Result<Scene, Unresolved> {
    let (from, to) = (text(range, "startip"), text(range, "endip"));
    let vlan = text(range, "vlan");
    if from.is_empty() {
        let zone = [("zoneid", text(range, "zoneid"))];
        return prefix(ask, text(range, "ip6cidr"), &format!("Range of {vlan}"), &zone);
    }
    let public = if flag(range, "forvirtualnetwork") { "true" } else { "false" };
    let given = [("vlanid", text(range, "id")), ("forvirtualnetwork", public)];
    let known = held(ask, &given)?;
    let kind = if public == "true" { "public" } else { "shared" };
    Ok(map::addresses(&Field {
        title: format!("Range {from} - {to}, {vlan}, {kind}"),
        subnet: subnet(range),
        gateway: text(range, "gateway").parse().ok(),
        usable: usable(range).into_iter().collect(),
        notes: unknown(known.as_ref()),
        held: known.unwrap_or(Held::Exact(BTreeMap::new())),
    }))
}

fn unknown(held: Option<&Held>) -> Vec<String> {
    let nothing = "Which addresses are held is not known; all are shown as free.";
    held.is_none().then(|| nothing.to_owned()).into_iter().collect()
}

/// The block that a range or a network lies in.
fn subnet(fields: &Fields) -> Option<Cidr4> {
    let gateway: Option<Ipv4Addr> = text(fields, "gateway").parse().ok();
    let netmask: Option<Ipv4Addr> = text(fields, "netmask").parse().ok();
    let own =
        gateway.zip(netmask).and_then(|(ip, mask)| Cidr4::from_gateway_netmask(ip, mask).ok());
    own.or_else(|| Cidr4::parse(first(fields, &["networkcidr", "cidr"])).ok())
}

fn usable(range: &Fields) -> Option<RangeInclusive<u64>> {
    let ends = number(text(range, "startip")).zip(number(text(range, "endip")));
    ends.filter(|(from, to)| from <= to).map(|(from, to)| from..=to)
}

fn number(ip: &str) -> Option<u64> {
    ip.trim().parse::<Ipv4Addr>().ok().map(|ip| u64::from(ip.to_bits()))
}

fn network(ask: &Ask<'_>, network: &Fields) -> Result<Scene, Unresolved> {
    let (id, name) = (text(network, "id"), first(network, &["name", "id"]));
    let cidr = first(network, &["networkcidr", "cidr"]);
    let title = format!("{} network {name} {cidr}", text(network, "type")).trim().to_owned();
    // A shared network has ranges of its own, an isolated one uses all of its CIDR.
    let ranges = ask.rows("listVlanIpRanges", &[("networkid", id)])?;
    let ranges: Vec<_> = ranges.iter().filter(|range| text(range, "networkid") == id).collect();
    if ranges.is_empty() {
        return isolated(ask, network, title);
    }
    let known = held(ask, &[("networkid", id), ("forvirtualnetwork", "false")])?;
    Ok(map::addresses(&Field {
        title,
        subnet: subnet(network).or_else(|| ranges.iter().find_map(|range| subnet(range))),
        gateway: text(network, "gateway").parse().ok(),
        usable: ranges.iter().filter_map(|range| usable(range)).collect(),
        notes: unknown(known.as_ref()),
        held: known.unwrap_or(Held::Exact(BTreeMap::new())),
    }))
}

fn isolated(ask: &Ask<'_>, network: &Fields, title: String) -> Result<Scene, Unresolved> {
    let id = text(network, "id");
    let of_network = [("networkid", id)];
    let whole = subnet(network);
    let guest = Cidr4::parse(text(network, "cidr")).ok().or(whole);
    let gateway = number(text(network, "gateway"));
    // VMs get addresses of the guest CIDR; the rest of the network is kept for other machines.
    let usable = guest.and_then(|guest| {
        let (from, to) = (guest.first_host().to_bits(), guest.last_host().to_bits());
        (from <= to).then(|| u64::from(from)..=u64::from(to))
    });
    let mut marks: BTreeMap<u64, Mark> = BTreeMap::new();
    for router in ask.rows("listRouters", &of_network)? {
        if let Some(place) = number(text(&router, "guestipaddress")) {
            marks.insert(place, (Tone::System, format!("router {}", text(&router, "name"))));
        }
    }
    for vm in ask.rows("listVirtualMachines", &of_network)? {
        let name = first(&vm, &["displayname", "name", "id"]);
        for nic in rows_in(&vm, "nic").filter(|nic| text(nic, "networkid") == id) {
            let secondary = rows_in(nic, "secondaryip");
            let all = [nic].into_iter().chain(secondary).map(|one| text(one, "ipaddress"));
            let places = all.filter_map(number);
            marks.extend(places.map(|place| (place, (Tone::Allocated, format!("VM {name}")))));
        }
    }
    if let Some(place) = gateway {
        // The router is the gateway, and the gateway is what people look for.
        marks.remove(&place);
    }
    let usable = usable.into_iter().flat_map(|all| without(&all, gateway)).collect();
    let notes = public_notes(ask, network)?;
    let gateway = text(network, "gateway").parse().ok();
    let held = Held::Exact(marks);
    Ok(map::addresses(&Field { title, subnet: whole, gateway, usable, held, notes }))
}

/// The places without the gateway's.
fn without(all: &RangeInclusive<u64>, gateway: Option<u64>) -> Vec<RangeInclusive<u64>> {
    match gateway.filter(|gateway| all.contains(gateway)) {
        None => vec![all.clone()],
        Some(place) => {
            let parts = [*all.start()..=place.saturating_sub(1), place + 1..=*all.end()];
            parts.into_iter().filter(|part| !part.is_empty()).collect()
        }
    }
}

/// The public addresses that the network is reached by.
fn public_notes(ask: &Ask<'_>, network: &Fields) -> Result<Vec<String>, Unresolved> {
    let given = [("associatednetworkid", text(network, "id"))];
    let rows = ask.rows("listPublicIpAddresses", &given)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let shown = rows.iter().take(NAMED).map(|row| {
        let usage = usage(row);
        let nat = if usage.contains("source NAT") { " (source NAT)" } else { "" };
        format!("{}{nat}", text(row, "ipaddress"))
    });
    let shown: Vec<_> = shown.collect();
    let more = rows.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Ok(vec![format!("Public addresses: {}{more}.", shown.join(", "))])
}

fn prefix(
    ask: &Ask<'_>,
    cidr: &str,
    what: &str,
    zone: &[(&str, &str)],
) -> Result<Scene, Unresolved> {
    let title = format!("{what} {cidr}");
    let Ok(cidr) = Cidr6::parse(cidr) else {
        let notes = vec!["It has no addresses to show.".to_owned()];
        return Ok(Scene { title, parts: Vec::new(), notes });
    };
    let networks = ask.rows("listNetworks", zone)?;
    Ok(map::prefix(cidr, title, &networks))
}
