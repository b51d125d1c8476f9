//! The IPv4 subnets of routed networks and VPCs: named, or of a size and then the lowest free one
//! of the oldest subnet of the zone that is for their owner.

use crate::engine::routing::zone_subnets::{children_of, of_zone};
use crate::engine::routing::{Holder, check_enabled};
use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, NetworkSubnet, Zone, ZoneSubnet};
use crate::net::{Cidr4, next_free};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// Whether subnets are cut where none of the size is there already.
const CUTS: &str = "routed.ipv4.network.cidr.auto.allocation.enabled";

/// A subnet that is to be made for networks.
#[derive(Clone, Debug)]
pub(crate) struct NewNetworkSubnet {
    /// The subnet of a zone that it is to lie in.
    pub(crate) parent: ZoneSubnet,
    /// Itself.
    pub(crate) subnet: Option<Cidr4>,
    /// Its prefix length, where it is not named.
    pub(crate) size: Option<u8>,
}

/// Makes a subnet that the next network of its size gets.
pub(crate) fn create_network_subnet(
    cx: &mut Cx<'_>,
    new: &NewNetworkSubnet,
) -> Result<NetworkSubnet, Fault> {
    made(cx, new).map_err(Fault::in_job)
}

fn made(cx: &mut Cx<'_>, new: &NewNetworkSubnet) -> Result<NetworkSubnet, Fault> {
    let parent = &new.parent;
    let known = children_of(cx, parent.id)?;
    let subnet = match (new.subnet, new.size) {
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fault::invalid("One of the parameters subnet and cidrsize must be given"));
        }
        (Some(subnet), None) => {
            if !parent.subnet.contains_cidr(subnet) {
                return Err(Fault::invalid(format!(
                    "Invalid parameter subnet: {subnet} does not lie in {}",
                    parent.subnet
                )));
            }
            if let Some(other) = known.iter().find(|other| other.subnet.overlaps(subnet)) {
                let id = cx.uid::<NetworkSubnet>(other.id);
                let other = other.subnet;
                let text = format!("Invalid parameter subnet: {subnet} overlaps {other} ({id})");
                return Err(Fault::invalid(text).about(id, "subnetId"));
            }
            subnet
        }
        (None, Some(size)) => {
            let least = parent.subnet.len();
            if !(least..=32).contains(&size) {
                return Err(Fault::invalid(format!(
                    "Invalid parameter cidrsize: {size} is not from {least} to 32, as {} has it",
                    parent.subnet
                )));
            }
            let taken: Vec<_> = known.iter().map(|one| one.subnet).collect();
            next_free(parent.subnet, size, &taken).ok_or_else(|| {
                let text = format!("No /{size} is free in {}", parent.subnet);
                Fault::new(Exception::CloudRuntime, text)
            })?
        }
    };
    let mut row = blank(cx, parent.zone_id, Some(parent.id), subnet);
    row.id = cx.tx.insert(&row)?;
    concerns(cx, &row, "creating");
    Ok(row)
}

fn blank(cx: &Cx<'_>, zone_id: i64, parent_id: Option<i64>, subnet: Cidr4) -> NetworkSubnet {
    NetworkSubnet {
        id: 0,
        zone_id,
        parent_id,
        subnet,
        network_id: None,
        vpc_id: None,
        allocated: None,
        created: cx.now,
        removed: None,
    }
}

/// Takes a subnet away that no network has.
pub(crate) fn delete_network_subnet(cx: &mut Cx<'_>, subnet: NetworkSubnet) -> Result<(), Fault> {
    concerns(cx, &subnet, "deleting");
    if subnet.holder().is_some() {
        let text = format!(
            "Invalid parameter id: {} is that of a network or VPC, and goes with it",
            subnet.subnet
        );
        return Err(Fault::invalid(text).in_job());
    }
    cx.tx.save(&NetworkSubnet { removed: Some(cx.now), ..subnet })?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, subnet: &NetworkSubnet, doing: &str) {
    let what = format!("{doing} IPv4 subnet {} of a network", subnet.subnet);
    cx.concerns(EntityKind::NetworkSubnet, (0, subnet.id), cx.caller_owner(), what);
}

/// What a routed network or VPC is to have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routed {
    /// Its block.
    pub(crate) cidr: Cidr4,
    /// The subnet for networks that is this block already.
    known: Option<i64>,
    /// The subnet of a zone that it lies in.
    parent: Option<i64>,
}

/// The block of a routed network outside of VPCs.
pub(crate) fn subnet_for_network(
    cx: &mut Cx<'_>,
    (zone, owner): (&Zone, Owner),
    given: Option<Cidr4>,
    size: Option<u8>,
) -> Result<Routed, Fault> {
    check_enabled(cx, zone)?;
    match (given, size) {
        (Some(_), Some(_)) => {
            Err(Fault::invalid("Invalid parameter cidrsize: it is given with gateway and netmask"))
        }
        (None, None) => Err(Fault::invalid(
            "Parameter cidrsize is needed for a routed network, or gateway and netmask",
        )),
        (Some(_), None) if !cx.caller.is_root() => Err(Fault::invalid(
            "Invalid parameter gateway: only root admins name the subnet of a routed network; \
             give cidrsize",
        )),
        (Some(cidr), None) => named(cx, zone, owner, cidr, "gateway"),
        (None, Some(size)) => {
            const BOUNDS: [&str; 2] =
                ["routed.network.ipv4.min.cidr.size", "routed.network.ipv4.max.cidr.size"];
            check_size(cx, owner, size, BOUNDS)?;
            of_size(cx, zone, owner, size)
        }
    }
}

/// The block of a routed VPC.
pub(crate) fn subnet_for_vpc(
    cx: &mut Cx<'_>,
    (zone, owner): (&Zone, Owner),
    given: Option<Cidr4>,
    size: Option<u8>,
) -> Result<Routed, Fault> {
    check_enabled(cx, zone)?;
    match (given, size) {
        (Some(_), Some(_)) => {
            Err(Fault::invalid("Parameters cidr and cidrsize exclude each other"))
        }
        (None, None) => Err(Fault::invalid("Parameter cidr or cidrsize is needed")),
        (Some(cidr), None) => named(cx, zone, owner, cidr, "cidr"),
        (None, Some(size)) => {
            const BOUNDS: [&str; 2] =
                ["routed.ipv4.vpc.min.cidr.size", "routed.ipv4.vpc.max.cidr.size"];
            check_size(cx, owner, size, BOUNDS)?;
            of_size(cx, zone, owner, size)
        }
    }
}

fn check_size(
    cx: &mut Cx<'_>,
    owner: Owner,
    size: u8,
    [least, most]: [&str; 2],
) -> Result<(), Fault> {
    let mut bound = |name: &str, default: i64| {
        let value = cx.setting_at(name, "account", owner.account_id)?;
        Ok::<_, Fault>(value.trim().parse().unwrap_or(default))
    };
    let (low, high) = (bound(least, 0)?, bound(most, 32)?);
    if (low..=high).contains(&i64::from(size)) {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter cidrsize: {size} is not from {low} to {high}, as the settings {least} \
         and {most} say"
    )))
}

/// A block of a size.
fn of_size(cx: &mut Cx<'_>, zone: &Zone, owner: Owner, size: u8) -> Result<Routed, Fault> {
    let cuts = cx.setting_at(CUTS, "account", owner.account_id)?.eq_ignore_ascii_case("true");
    let mut seen = Vec::new();
    for parent in of_zone(cx, zone.id)? {
        if !parent.dedicated().is_for(cx, owner)? {
            continue;
        }
        let known = children_of(cx, parent.id)?;
        let fits = |one: &&NetworkSubnet| one.holder().is_none() && one.subnet.len() == size;
        if let Some(free) = known.iter().find(fits) {
            return Ok(Routed { cidr: free.subnet, known: Some(free.id), parent: free.parent_id });
        }
        let taken: Vec<_> = known.iter().map(|one| one.subnet).collect();
        if let Some(cidr) = next_free(parent.subnet, size, &taken).filter(|_| cuts) {
            return Ok(Routed { cidr, known: None, parent: Some(parent.id) });
        }
        seen.push(parent.subnet.to_string());
    }
    if !cuts {
        return Err(Fault::invalid(format!(
            "Invalid parameter cidrsize: no free subnet of /{size} was made, and the setting \
             {CUTS} is false"
        )));
    }
    let from = match seen.is_empty() {
        true => "it has none for the owner; an admin adds one with createIpv4SubnetForZone".into(),
        false => format!("looked in {}", seen.join(", ")),
    };
    let (id, name) = (cx.uid::<Zone>(zone.id), quoted(&zone.name));
    let text = format!("No IPv4 subnet of /{size} is free in the zone {name}: {from}");
    Err(Fault::new(Exception::CloudRuntime, text).about(id, "zoneId"))
}

/// A block that was named: one that was made for networks, a part of a subnet of the zone that is
/// for the owner, or one that lies apart from all of them.
fn named(
    cx: &mut Cx<'_>,
    zone: &Zone,
    owner: Owner,
    cidr: Cidr4,
    param: &str,
) -> Result<Routed, Fault> {
    let refuse =
        |why: String| Err(Fault::invalid(format!("Invalid parameter {param}: {cidr} {why}")));
    let parents = of_zone(cx, zone.id)?;
    let parent = parents.iter().find(|parent| parent.subnet.overlaps(cidr));
    if let Some(parent) = parent {
        if !parent.dedicated().is_for(cx, owner)? {
            return refuse("is a part of a subnet that is dedicated to somebody else".into());
        }
        if !parent.subnet.contains_cidr(cidr) {
            return refuse(format!("contains {}, a subnet of the zone", parent.subnet));
        }
    }
    let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY id";
    let all: Vec<NetworkSubnet> = cx.tx.select(tail, &[zone.id.into()])?;
    let parent = parent.map(|parent| parent.id);
    match all.iter().find(|one| one.subnet.overlaps(cidr)) {
        None => Ok(Routed { cidr, known: None, parent }),
        Some(same) if same.subnet == cidr && same.holder().is_none() => {
            Ok(Routed { cidr, known: Some(same.id), parent })
        }
        Some(other) => {
            let id = cx.uid::<NetworkSubnet>(other.id);
            let is_held = other.holder().is_some();
            let of = if is_held { "of a network or VPC" } else { "for networks" };
            refuse(format!("overlaps {}, a subnet {of} ({id})", other.subnet))
        }
    }
}

/// Gives a network or VPC that was just stored its block.
pub(crate) fn take_subnet(
    cx: &mut Cx<'_>,
    holder: Holder,
    zone_id: i64,
    routed: &Routed,
) -> Result<(), Fault> {
    let mut row: NetworkSubnet = match routed.known {
        Some(id) => cx.must(id)?,
        None => blank(cx, zone_id, routed.parent, routed.cidr),
    };
    row.allocated = Some(cx.now);
    match holder {
        Holder::Network(id) => row.network_id = Some(id),
        Holder::Vpc(id) => row.vpc_id = Some(id),
    }
    if row.id == 0 {
        cx.tx.insert(&row)?;
    } else {
        cx.tx.save(&row)?;
    }
    Ok(())
}

/// Takes the block from a network or VPC that goes: it is no more.
pub(super) fn drop_subnet(cx: &mut Cx<'_>, holder: Holder) -> Result<(), Fault> {
    let (column, id) = holder.column();
    let sql =
        format!("UPDATE ip4_network_subnet SET removed = ? WHERE {column} = ? AND removed IS NULL");
    cx.tx.run(&sql, &[cx.now.into(), id.into()])?;
    Ok(())
}
