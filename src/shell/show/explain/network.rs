//! `explain network`: its state and what comes next, its addresses, what stands in the way of more,
//! and whether the physical network carries its packets.

use super::{Told, capacity, limits, named, one, owner};
use crate::shell::resolve::{Unresolved, is_id};
use crate::shell::show::ask::{Ask, Fields, first, flag, number, text};
use crate::shell::show::scene::Scene;
use crate::shell::wrong::Wrong;
use crate::text::quoted;

/// Bytes that an encapsulation adds to a packet: with IPv4 and with IPv6 outside.
struct Overhead {
    method: &'static str,
    v4: u64,
    v6: u64,
    /// Of what they are.
    parts: &'static str,
}

/// RFC 7348 section 5, and RFC 2784 with the key of RFC 2890.
const OVERHEADS: &[Overhead] = &[
    Overhead {
        method: "VXLAN",
        v4: 50,
        v6: 70,
        parts: "an inner Ethernet header of 14, VXLAN 8, UDP 8 and IP 20 or 40",
    },
    Overhead {
        method: "GRE",
        v4: 28,
        v6: 48,
        parts: "GRE 4, its key 4 and IP 20 or 40; 4 less without a key",
    },
];

/// The MTU of a physical network of which nobody says another.
const USUAL_MTU: u64 = 1500;

/// How the physical network carries packets, as far as a person says.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell::show) struct Under {
    /// Its MTU.
    pub(in crate::shell::show) mtu: u64,
    /// Whether IPv6 is outside.
    pub(in crate::shell::show) is_v6: bool,
}

impl Under {
    /// Reads what was said.
    pub(in crate::shell::show) fn read(
        mtu: Option<&str>,
        over: Option<&str>,
    ) -> Result<Self, Unresolved> {
        let wrong = |text: String| Unresolved::Wrong(Wrong::new(text));
        let mtu = match mtu {
            None => USUAL_MTU,
            Some(text) => {
                text.parse().ok().filter(|mtu| (68..=65_535).contains(mtu)).ok_or_else(|| {
                    wrong(format!("mtu={}: give bytes, from 68 to 65535", quoted(text)))
                })?
            }
        };
        let is_v6 = match over.unwrap_or("ipv4") {
            "ipv4" => false,
            "ipv6" => true,
            other => return Err(wrong(format!("over={}: it is ipv4 or ipv6", quoted(other)))),
        };
        Ok(Self { mtu, is_v6 })
    }
}

/// Asks, and tells.
pub(in crate::shell::show) fn explain(
    ask: &Ask<'_>,
    name: &str,
    under: Under,
) -> Result<Scene, Unresolved> {
    let row = find(ask, name)?;
    let mut told = Told::default();
    told.fact("state", text(&row, "state"));
    told.fact("id", text(&row, "id"));
    told.fact("zone", text(&row, "zonename"));
    told.fact("type", text(&row, "type"));
    told.fact("owner", owner(&row));
    told.fact("since", text(&row, "created"));
    told.fact("offering", text(&row, "networkofferingname"));
    told.fact("VPC", named(text(&row, "vpcname"), text(&row, "vpcid")));
    told.fact("CIDR", text(&row, "cidr"));
    told.fact("gateway", text(&row, "gateway"));
    told.fact("VLAN or VNI", first(&row, &["broadcasturi", "vlan"]));
    state(&row, &mut told);
    let addresses = [("associatednetworkid", text(&row, "id"))];
    let held = ask.pages("listPublicIpAddresses", &addresses, 1)?.unwrap_or_default();
    told.fact("public addresses", held.total.to_string());
    let source = held.rows.iter().find(|row| flag(row, "issourcenat"));
    told.fact("source NAT", source.map(|row| text(row, "ipaddress")).unwrap_or_default());
    if guests(ask, text(&row, "id"), &mut told)? == Some(0) {
        collector(&row, &mut told);
    }
    let isolation = isolation(ask, text(&row, "physicalnetworkid"))?;
    told.fact("isolation", isolation.clone());
    limits(ask, &row, &mut told)?;
    capacity(ask, text(&row, "zoneid"), &mut told)?;
    mtu(&row, &isolation, under, &mut told);
    Ok(told.scene(format!("Network {}", text(&row, "name"))))
}

/// The network of this name or id.
fn find(ask: &Ask<'_>, name: &str) -> Result<Fields, Unresolved> {
    let given = if is_id(name) { ("id", name) } else { ("keyword", name) };
    let rows = ask.must("listNetworks", &[given])?;
    let is_it = |row: &&Fields| text(row, "id") == name || text(row, "name") == name;
    let mut found: Vec<_> = rows.iter().filter(is_it).cloned().collect();
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().take(5).map(|row| text(row, "id")).collect();
        let text = format!("several networks are called {}: {}", quoted(name), ids.join(", "));
        return Err(Unresolved::Wrong(Wrong::new(text)));
    }
    found.pop().ok_or_else(|| {
        let text = format!("there is no network {}; `list networks` shows them", quoted(name));
        Unresolved::Wrong(Wrong::new(text))
    })
}

/// What the state means, and what comes next.
fn state(row: &Fields, told: &mut Told) {
    let text = match text(row, "state") {
        "Allocated" => {
            "It is Allocated: it has no VLAN or VNI and no router yet; its first guest that starts \
             brings it up. Its public addresses are its own all the while."
        }
        "Setup" => "It is Setup: it was made with all that it needs and is never shut down.",
        "Implementing" | "Shutdown" => {
            "No call leaves it in that state for long: `capuchin store check` looks whether it \
             stays so, on the machine of the store."
        }
        _ => return,
    };
    told.so(text);
    if flag(row, "restartrequired") {
        told.so("It needs `restart network` before changes take effect.");
    }
}

/// How many guests it has, where the server tells.
fn guests(ask: &Ask<'_>, id: &str, told: &mut Told) -> Result<Option<u64>, Unresolved> {
    if !ask.takes("listVirtualMachines", "networkid") {
        return Ok(Some(0));
    }
    let listed = ask.page("listVirtualMachines", &[("networkid", id)], 1, 1)?;
    let count = listed.map(|listed| listed.total);
    told.fact("guests", count.map(|count| count.to_string()).unwrap_or_default());
    Ok(count)
}

/// What the collector will do.
fn collector(row: &Fields, told: &mut Told) {
    if text(row, "state") == "Implemented" && text(row, "type") == "Isolated" {
        told.so(
            "No guest uses it: unless its offering is persistent, it is shut down when it was idle \
             for network.gc.wait seconds, and keeps its public addresses; `capuchin gc run \
             --dry-run` says when.",
        );
    }
}

/// How the physical network tells its networks apart.
fn isolation(ask: &Ask<'_>, id: &str) -> Result<String, Unresolved> {
    let physical = one(ask, "listPhysicalNetworks", &[("id", id)])?;
    Ok(physical.map_or_else(String::new, |row| text(&row, "isolationmethods").to_uppercase()))
}

/// Whether packets of the guests fit into those of the physical network.
fn mtu(row: &Fields, isolation: &str, under: Under, told: &mut Told) {
    let mtu = Some(number(row, "privatemtu")).filter(|mtu| *mtu > 0).unwrap_or(USUAL_MTU);
    told.fact("MTU of its guests", mtu.to_string());
    let method = isolation.split(',').next().unwrap_or_default().trim();
    let Some(overhead) = OVERHEADS.iter().find(|one| one.method == method) else { return };
    let bytes = if under.is_v6 { overhead.v6 } else { overhead.v4 };
    let outside = if under.is_v6 { "IPv6" } else { "IPv4" };
    let (needed, fits) = (mtu + bytes, under.mtu.saturating_sub(bytes));
    told.fact(
        "MTU that it needs below",
        format!("{needed}: {bytes} more for {method} over {outside} ({})", overhead.parts),
    );
    if under.mtu < needed {
        told.so(format!(
            "Warning: a physical MTU of {} does not carry it: packets of {mtu} bytes are cut or \
             lost. Raise the physical MTU to {needed} at least, or set the guests' to {fits}: \
             `update network id={} privatemtu={fits}`. `mtu=` says what the physical MTU is, \
             `over=ipv6` that IPv6 is outside.",
            under.mtu,
            text(row, "id")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is said about the MTU.
    fn said(private: u64, isolation: &str, mtu: u64, is_v6: bool) -> (String, bool) {
        let row = json!({ "id": "n", "privatemtu": private });
        let mut told = Told::default();
        mtu_of(&row, isolation, Under { mtu, is_v6 }, &mut told);
        let fact = told.facts.into_iter().find(|(what, _)| *what == "MTU that it needs below");
        let fact = fact.map_or_else(String::new, |(_, is)| is);
        let needed = fact.split(':').next().unwrap_or_default().to_owned();
        (needed, told.so.iter().any(|text| text.starts_with("Warning")))
    }

    fn mtu_of(row: &serde_json::Value, isolation: &str, under: Under, told: &mut Told) {
        mtu(row.as_object().unwrap(), isolation, under, told);
    }

    #[test]
    fn the_physical_network_must_carry_what_goes_around_a_packet() {
        assert_eq!(said(1500, "VXLAN", 1500, false), ("1550".into(), true));
        assert_eq!(said(1450, "VXLAN", 1500, false), ("1500".into(), false));
        assert_eq!(said(1450, "VXLAN", 1500, true), ("1520".into(), true));
        assert_eq!(said(8930, "VXLAN", 9000, true), ("9000".into(), false));
        assert_eq!(said(8931, "VXLAN", 9000, true), ("9001".into(), true));
        assert_eq!(said(1472, "GRE", 1500, false), ("1500".into(), false));
        assert_eq!(said(1473, "GRE", 1500, false), ("1501".into(), true));
        assert_eq!(said(0, "GRE", 1500, false), ("1528".into(), true));
        assert_eq!(said(1500, "VLAN", 1500, false), (String::new(), false));
    }

    #[test]
    fn what_is_said_of_the_physical_network_is_checked() {
        let read = |mtu, over| Under::read(mtu, over).ok().map(|one| (one.mtu, one.is_v6));
        assert_eq!(read(None, None), Some((1500, false)));
        assert_eq!(read(Some("9000"), Some("ipv6")), Some((9000, true)));
        for (mtu, over) in [("67", "ipv4"), ("65536", "ipv4"), ("x", "ipv4"), ("1500", "ip")] {
            assert_eq!(read(Some(mtu), Some(over)), None, "{mtu} {over}");
        }
    }
}
