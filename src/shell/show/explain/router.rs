//! `explain router`: which addresses a router has, in which networks, why it has none, and what to
//! do about it.

use super::{Told, capacity, named, owner};
use crate::shell::resolve::{Unresolved, is_id};
use crate::shell::show::ask::{Ask, Fields, first, flag, text};
use crate::shell::show::scene::Scene;
use crate::shell::wrong::Wrong;
use crate::text::quoted;

/// Asks, and tells. The router may be named by what it routes.
pub(in crate::shell::show) fn explain(ask: &Ask<'_>, name: &str) -> Result<Scene, Unresolved> {
    let given = if is_id(name) { ("id", name) } else { ("keyword", name) };
    let is_it = |row: &Fields| text(row, "id") == name || text(row, "name") == name;
    let rows = ask.must("listRouters", &[("listall", "true"), given])?;
    if let Some(row) = rows.into_iter().find(is_it) {
        return of_router(ask, &row);
    }
    for (list, param) in [("listNetworks", "networkid"), ("listVPCs", "vpcid")] {
        let found = ask.rows(list, &[("listall", "true"), given])?;
        let Some(of) = found.into_iter().find(is_it) else { continue };
        let routers = [("listall", "true"), (param, text(&of, "id"))];
        let routers = ask.must("listRouters", &routers)?;
        return match &routers[..] {
            [] => without(ask, &of, param == "vpcid"),
            [row] => of_router(ask, row),
            // Of two, the one that does the work.
            [row, ..] => {
                let primary = |row: &&Fields| text(row, "redundantstate") == "PRIMARY";
                let chosen = routers.iter().find(primary);
                of_router(ask, chosen.unwrap_or(row))
            }
        };
    }
    let text = format!(
        "there is no router {}, and no network or VPC of that name; `list routers` shows them",
        quoted(name)
    );
    Err(Unresolved::Wrong(Wrong::new(text)))
}

/// The interfaces of a router.
fn nics(row: &Fields) -> Vec<Fields> {
    let nics = row.get("nic").and_then(|nics| nics.as_array());
    nics.into_iter().flatten().filter_map(|nic| nic.as_object().cloned()).collect()
}

fn of_router(ask: &Ask<'_>, row: &Fields) -> Result<Scene, Unresolved> {
    let mut told = Told::default();
    told.fact("state", text(row, "state"));
    told.fact("id", text(row, "id"));
    told.fact("zone", text(row, "zonename"));
    told.fact("pod", text(row, "podname"));
    told.fact("owner", owner(row));
    told.fact("since", text(row, "created"));
    told.fact("VPC", named(text(row, "vpcname"), text(row, "vpcid")));
    if flag(row, "isredundantrouter") {
        told.fact("of two", text(row, "redundantstate"));
    }
    told.fact("public address", address(row, "publicip", "publicmacaddress"));
    told.fact("link-local address", address(row, "linklocalip", "linklocalmacaddress"));
    let guests: Vec<_> =
        nics(row).into_iter().filter(|nic| text(nic, "traffictype") == "Guest").collect();
    for nic in &guests {
        let network = named(text(nic, "networkname"), text(nic, "networkid"));
        told.fact("guest address", format!("{} in {network}", text(nic, "ipaddress")));
    }
    let is_up = text(row, "state") == "Running";
    let id = text(row, "id");
    if !is_up {
        told.so(format!(
            "It is {}, and what comes in or goes out of its networks is not routed: `start router \
             id={id}` starts it.",
            text(row, "state")
        ));
    }
    if text(row, "linklocalip").is_empty() {
        told.so(match is_up {
            true => {
                "It runs and shows no link-local address: only root admins see it; for them, \
                     `capuchin store check` tells what is wrong, on the machine of the store."
            }
            false => "It has no link-local address: it has one only while it runs.",
        });
    }
    if text(row, "publicip").is_empty() {
        no_public(ask, row, &mut told)?;
    }
    if guests.is_empty() {
        told.so(match text(row, "vpcid") {
            "" => {
                "It has no guest address: its network is not implemented, which its first guest \
                   that starts, or `start router`, does."
            }
            _ => {
                "It has no guest address: the VPC has no tier yet; `create network vpcid=...` \
                  makes one."
            }
        });
    }
    Ok(told.scene(format!("Router {}", text(row, "name"))))
}

/// An address with the MAC address of its interface.
fn address(row: &Fields, ip: &str, mac: &str) -> String {
    match (text(row, ip), text(row, mac)) {
        ("", _) => String::new(),
        (ip, "") => ip.to_owned(),
        (ip, mac) => format!("{ip} ({mac})"),
    }
}

/// Why a router has no public address: it has that which is the source NAT of what it routes.
fn no_public(ask: &Ask<'_>, row: &Fields, told: &mut Told) -> Result<(), Unresolved> {
    let how = match text(row, "vpcid") {
        "" => format!(
            "the network has none; `associate ip address networkid={}` gives it its first address, \
             which becomes that, where its offering has the service SourceNat",
            text(row, "guestnetworkid")
        ),
        vpc => format!(
            "the VPC has none; `associate ip address vpcid={vpc}` gives it its first address, \
             which becomes that, where its offering has the service SourceNat"
        ),
    };
    told.so(format!("It has no public address: its own is the source NAT address, and {how}."));
    capacity(ask, text(row, "zoneid"), told)
}

/// A network or VPC without a router.
fn without(ask: &Ask<'_>, of: &Fields, is_vpc: bool) -> Result<Scene, Unresolved> {
    let mut told = Told::default();
    let (id, name) = (text(of, "id"), text(of, "name"));
    let what = if is_vpc { "VPC" } else { "network" };
    told.fact("router", "none");
    told.fact(what, named(name, id));
    told.fact("state", text(of, "state"));
    told.fact("type", text(of, "type"));
    told.fact("zone", text(of, "zonename"));
    told.fact("owner", owner(of));
    told.fact("offering", first(of, &["networkofferingname", "vpcofferingname"]));
    match (is_vpc, text(of, "type"), text(of, "state")) {
        (true, ..) => told.so(format!(
            "It was made with start=false, or its router was destroyed: `restart vpc id={id}` \
             makes one."
        )),
        (false, "Shared" | "L2", _) => {
            told.so("Only isolated networks and VPCs have routers here.");
        }
        (false, _, "Allocated") => told.so(
            "It is Allocated, and has no router yet: its first guest that starts makes one, with \
             a link-local address, and gives the network its source NAT address.",
        ),
        (false, _, "Setup") => told.so("It is Setup: it is never implemented, and needs none."),
        _ => told.so(format!(
            "It is up without a router: that was destroyed, or the offering names another \
             provider. `restart network id={id}` makes one."
        )),
    }
    providers(ask, text(of, "physicalnetworkid"), &mut told)?;
    pods(ask, text(of, "zoneid"), &mut told)?;
    capacity(ask, text(of, "zoneid"), &mut told)?;
    Ok(told.scene(format!("Router of {what} {name}")))
}

/// Whether who makes routers is enabled.
fn providers(ask: &Ask<'_>, physical: &str, told: &mut Told) -> Result<(), Unresolved> {
    if physical.is_empty() || !ask.takes("listNetworkServiceProviders", "name") {
        return Ok(());
    }
    let given = [("physicalnetworkid", physical), ("name", "VirtualRouter")];
    let rows = ask.rows("listNetworkServiceProviders", &given)?;
    if let Some(row) = rows.iter().find(|row| text(row, "state") != "Enabled") {
        told.so(format!(
            "The provider VirtualRouter of its physical network is {}: `update network service \
             provider id={} state=Enabled`.",
            text(row, "state"),
            text(row, "id")
        ));
    }
    Ok(())
}

/// Whether there is a pod that has link-local addresses to give.
fn pods(ask: &Ask<'_>, zone: &str, told: &mut Told) -> Result<(), Unresolved> {
    if zone.is_empty() || !ask.takes("listPods", "zoneid") {
        return Ok(());
    }
    let rows = ask.rows("listPods", &[("zoneid", zone)])?;
    if rows.iter().all(|row| text(row, "allocationstate") == "Disabled") {
        told.so(
            "The zone has no pod that is enabled, so no router gets a link-local address (error \
             533): `create pod` makes one, `update pod allocationstate=Enabled` enables one.",
        );
    }
    Ok(())
}
