//! `explain address`: who holds it, since when, what for, why it is not free, and what to do.

use super::{Told, capacity, limits, named, one, owner};
use crate::model::Time;
use crate::net::parse4;
use crate::shell::resolve::Unresolved;
use crate::shell::show::ask::{Ask, Fields, flag, text};
use crate::shell::show::capacity::minute;
use crate::shell::show::history;
use crate::shell::show::scene::Scene;

/// Lists of rules of an address, the parameter that names it, and what the rules are called.
const RULES: &[(&str, &str, &str)] = &[
    ("listFirewallRules", "ipaddressid", "firewall"),
    ("listPortForwardingRules", "ipaddressid", "port forwarding"),
    ("listLoadBalancerRules", "publicipid", "load balancer"),
];

/// Asks, and tells.
pub(in crate::shell::show) fn explain(ask: &Ask<'_>, name: &str) -> Result<Scene, Unresolved> {
    let facts = history::ask(ask, name)?;
    let title = format!("Address {}", facts.ip);
    let mut told = Told::default();
    let Some(row) = &facts.now else {
        unknown(ask, &facts.ip, &mut told)?;
        return Ok(told.scene(title));
    };
    told.fact("state", text(row, "state"));
    told.fact("id", text(row, "id"));
    told.fact("zone", text(row, "zonename"));
    let since = facts.since().or_else(|| Time::parse(text(row, "allocated")));
    let is_free = text(row, "state").eq_ignore_ascii_case("free");
    if !is_free {
        told.fact("held by", owner(row));
        told.fact("since", since.map(minute).unwrap_or_default());
    }
    told.fact(
        "network",
        named(text(row, "associatednetworkname"), text(row, "associatednetworkid")),
    );
    told.fact("VPC", named(text(row, "vpcname"), text(row, "vpcid")));
    told.fact("virtual machine", named(text(row, "virtualmachinename"), text(row, "vmipaddress")));
    let range = one(ask, "listVlanIpRanges", &[("id", text(row, "vlanid"))])?;
    if let Some(range) = &range {
        let ends = [text(range, "startip"), text(range, "endip")].join(" to ");
        told.fact("range", format!("{ends}, {}", text(range, "vlan")));
        told.fact("dedicated to", owner_of_range(range));
    }
    let rules = rules(ask, text(row, "id"))?;
    told.fact("rules", rules.clone());
    because(row, range.as_ref(), &rules, &facts.ip, &mut told);
    quarantine(ask, &facts.ip, &mut told)?;
    if is_free {
        capacity(ask, text(row, "zoneid"), &mut told)?;
    } else {
        limits(ask, row, &mut told)?;
    }
    if let Some(refused) = facts.refused() {
        told.so(format!("Last refused: {refused}."));
    }
    Ok(told.scene(title))
}

/// Ranges of the system have no owner of their own.
fn owner_of_range(range: &Fields) -> String {
    if flag(range, "forsystemvms") {
        return "system VMs".to_owned();
    }
    let is_dedicated = ["account", "project"].iter().any(|field| !text(range, field).is_empty());
    match (is_dedicated, text(range, "domain")) {
        (true, _) => owner(range),
        (false, "" | "ROOT") => String::new(),
        (false, _) => owner(range),
    }
}

/// Why it is as it is, and what to do about it.
fn because(row: &Fields, range: Option<&Fields>, rules: &str, ip: &str, told: &mut Told) {
    let id = text(row, "id");
    let dedicated = range.map(owner_of_range).unwrap_or_default();
    match text(row, "state").to_lowercase().as_str() {
        "free" if !dedicated.is_empty() => told.so(format!(
            "It is free, for {dedicated} only: its range is dedicated; `release public ip range` \
             gives it to everybody."
        )),
        "free" => told.so(format!(
            "It is free: `associate ip address ipaddress={ip}` with a networkid or vpcid takes it, \
             `reserve ip address id={id}` keeps it."
        )),
        "reserved" => told.so(format!(
            "It is reserved, and nobody but its account gets it: `associate ip address \
             ipaddress={ip}` puts it to use, `release ip address id={id}` gives it back."
        )),
        "allocating" | "releasing" => told.so(
            "No call leaves it in that state for long: `capuchin store check` tells whether it \
             stays so, on the machine of the store.",
        ),
        _ => held(row, rules, told),
    }
}

/// What an address that is in use is for.
fn held(row: &Fields, rules: &str, told: &mut Told) {
    let id = text(row, "id");
    let whose = match text(row, "vpcname") {
        "" => format!("the network {}", text(row, "associatednetworkname")),
        vpc => format!("the VPC {vpc}"),
    };
    if flag(row, "issystem") {
        return told.so("The system took it for itself, and gives it back itself.");
    }
    if flag(row, "issourcenat") {
        return told.so(format!(
            "It is the source NAT of {whose}: what its guests send carries it. It goes with \
             {whose}, and not before."
        ));
    }
    if text(row, "associatednetworkid").is_empty() && text(row, "vpcid").is_empty() {
        return told.so(format!(
            "It is held and used for nothing: `disassociate ip address id={id}` gives it back."
        ));
    }
    let what = match (flag(row, "isstaticnat"), rules.is_empty()) {
        (true, _) => "It is translated to one guest, port for port",
        (false, false) => "It has rules",
        (false, true) => "It is associated and has no rules, so nothing may come in by it",
    };
    told.so(format!(
        "{what}: `disassociate ip address id={id}` gives it back, and its rules go with it."
    ));
}

fn rules(ask: &Ask<'_>, id: &str) -> Result<String, Unresolved> {
    let mut words = Vec::new();
    for (api, param, name) in RULES {
        // A server without such rules has none of them.
        if id.is_empty() || !ask.takes(api, param) {
            continue;
        }
        let total = ask.page(api, &[(param, id)], 1, 1)?.map_or(0, |listed| listed.total);
        if total > 0 {
            words.push(format!("{total} {name}"));
        }
    }
    Ok(words.join(", "))
}

/// Whether it is kept from others because it was given up a short time ago.
fn quarantine(ask: &Ask<'_>, ip: &str, told: &mut Told) -> Result<(), Unresolved> {
    if !ask.takes("listQuarantinedIps", "showremoved") {
        return Ok(());
    }
    let rows = ask.rows("listQuarantinedIps", &[])?;
    if let Some(row) = rows.iter().find(|row| text(row, "ipaddress") == ip) {
        told.so(format!(
            "It is in quarantine until {}, and only {} gets it before: `remove quarantined ip \
             id={}` ends that.",
            text(row, "enddate"),
            text(row, "previousownername"),
            text(row, "id")
        ));
    }
    Ok(())
}

/// An address that no range has.
fn unknown(ask: &Ask<'_>, ip: &str, told: &mut Told) -> Result<(), Unresolved> {
    told.fact("state", "in no range");
    let mut near = Vec::new();
    for range in ask.rows("listVlanIpRanges", &[])? {
        let bits = |text: &str| parse4(text).map(std::net::Ipv4Addr::to_bits).ok();
        let known = (bits(text(&range, "gateway")), bits(text(&range, "netmask")), bits(ip));
        let (Some(gateway), Some(mask), Some(address)) = known else { continue };
        if gateway & mask != address & mask {
            continue;
        }
        if gateway == address {
            told.so(format!("It is the gateway of the range {}.", text(&range, "id")));
        }
        near.push(format!(
            "{} to {} ({})",
            text(&range, "startip"),
            text(&range, "endip"),
            text(&range, "id")
        ));
    }
    told.so(match near.is_empty() {
        true => format!(
            "No range has {ip}, nor any address of its subnet, as far as you may see: `create vlan \
             ip range` makes one."
        ),
        false => format!(
            "No range has {ip}; these have its subnet: {}. `update vlan ip range` makes one of \
             them longer.",
            near.join(", ")
        ),
    });
    Ok(())
}
