//! The IPv4 subnets of zones, from which routed networks and VPCs get theirs.

use crate::engine::Cx;
use crate::engine::routing::{Dedicated, Holder, check_enabled};
use crate::model::{EntityKind, NetworkSubnet, Zone, ZoneSubnet};
use crate::net::Cidr4;
use crate::schema::Fault;
use crate::text::quoted;

impl ZoneSubnet {
    /// For whom it is.
    pub(crate) const fn dedicated(&self) -> Dedicated {
        Dedicated { account_id: self.account_id, domain_id: self.domain_id }
    }
}

/// Gives a zone a subnet for routed networks.
pub(crate) fn create_zone_subnet(
    cx: &mut Cx<'_>,
    zone: &Zone,
    subnet: Cidr4,
    to: Dedicated,
) -> Result<ZoneSubnet, Fault> {
    check_enabled(cx, zone).map_err(Fault::in_job)?;
    let mut made = ZoneSubnet {
        id: 0,
        zone_id: zone.id,
        subnet,
        account_id: to.account_id,
        domain_id: to.domain_id,
        created: cx.now,
        removed: None,
    };
    refuse_overlap(cx, &made).map_err(Fault::in_job)?;
    made.id = cx.tx.insert(&made)?;
    concerns(cx, &made, "creating");
    Ok(made)
}

/// Makes a subnet of a zone larger or smaller; what networks have of it stays inside.
pub(crate) fn update_zone_subnet(
    cx: &mut Cx<'_>,
    old: ZoneSubnet,
    subnet: Cidr4,
) -> Result<ZoneSubnet, Fault> {
    concerns(cx, &old, "updating");
    let new = ZoneSubnet { subnet, ..old };
    refuse_overlap(cx, &new).map_err(Fault::in_job)?;
    let outside = |child: &NetworkSubnet| !subnet.contains_cidr(child.subnet);
    if let Some(child) = children_of(cx, new.id)?.into_iter().find(outside) {
        let id = cx.uid::<NetworkSubnet>(child.id);
        return Err(Fault::invalid(format!(
            "Invalid parameter subnet: {subnet} leaves out {}, a subnet for networks ({id})",
            child.subnet
        ))
        .about(id, "subnetId")
        .in_job());
    }
    refuse_strays(cx, &new).map_err(Fault::in_job)?;
    cx.tx.save(&new)?;
    Ok(new)
}

fn refuse_overlap(cx: &mut Cx<'_>, new: &ZoneSubnet) -> Result<(), Fault> {
    let others = of_zone(cx, new.zone_id)?;
    let meets = |other: &ZoneSubnet| other.id != new.id && other.subnet.overlaps(new.subnet);
    if let Some(other) = others.into_iter().find(meets) {
        let (id, zone) = (cx.uid::<ZoneSubnet>(other.id), cx.must::<Zone>(new.zone_id)?.name);
        return Err(Fault::invalid(format!(
            "Invalid parameter subnet: {} overlaps {}, a subnet of the zone {} ({id})",
            new.subnet,
            other.subnet,
            quoted(&zone)
        ))
        .about(id, "subnetId"));
    }
    if new.id == 0 { refuse_strays(cx, new) } else { Ok(()) }
}

/// A network of the zone may have a subnet that was named and lies in none of the zone's: nobody
/// else must get it.
fn refuse_strays(cx: &mut Cx<'_>, new: &ZoneSubnet) -> Result<(), Fault> {
    let tail = "WHERE zone_id = ? AND (parent_id IS NULL OR parent_id <> ?) AND removed IS NULL \
                ORDER BY id";
    let strays: Vec<NetworkSubnet> = cx.tx.select(tail, &[new.zone_id.into(), new.id.into()])?;
    match strays.into_iter().find(|stray| stray.subnet.overlaps(new.subnet)) {
        Some(stray) => Err(Fault::invalid(format!(
            "Invalid parameter subnet: {} overlaps {}, which a network of the zone has",
            new.subnet, stray.subnet
        ))),
        None => Ok(()),
    }
}

/// Takes a subnet from its zone, when no network has a part of it.
pub(crate) fn delete_zone_subnet(cx: &mut Cx<'_>, subnet: ZoneSubnet) -> Result<(), Fault> {
    concerns(cx, &subnet, "deleting");
    let children = children_of(cx, subnet.id)?;
    if let Some(child) = children.iter().find(|child| child.holder().is_some()) {
        return Err(Fault::invalid(format!(
            "Invalid parameter id: {}, a part of {}, is that of a network or VPC",
            child.subnet, subnet.subnet
        ))
        .in_job());
    }
    for child in children {
        cx.tx.save(&NetworkSubnet { removed: Some(cx.now), ..child })?;
    }
    cx.tx.save(&ZoneSubnet { removed: Some(cx.now), ..subnet })?;
    Ok(())
}

/// Dedicates a subnet of a zone to an account or a domain, when nobody else has a part of it.
pub(crate) fn dedicate_zone_subnet(
    cx: &mut Cx<'_>,
    subnet: ZoneSubnet,
    to: Dedicated,
) -> Result<ZoneSubnet, Fault> {
    concerns(cx, &subnet, "dedicating");
    for child in children_of(cx, subnet.id)? {
        let Some(holder) = child.holder() else { continue };
        let (owner, _) = holder.owner(cx)?;
        if !to.is_for(cx, owner)? {
            return Err(Fault::invalid(format!(
                "Invalid parameter id: {}, a part of {}, is that of another account",
                child.subnet, subnet.subnet
            ))
            .in_job());
        }
    }
    let subnet = ZoneSubnet { account_id: to.account_id, domain_id: to.domain_id, ..subnet };
    cx.tx.save(&subnet)?;
    Ok(subnet)
}

/// Gives a subnet of a zone back to everybody.
pub(crate) fn release_zone_subnet(
    cx: &mut Cx<'_>,
    subnet: ZoneSubnet,
) -> Result<ZoneSubnet, Fault> {
    concerns(cx, &subnet, "releasing");
    let subnet = ZoneSubnet { account_id: None, domain_id: None, ..subnet };
    cx.tx.save(&subnet)?;
    Ok(subnet)
}

/// The subnets of a zone, the oldest first.
pub(super) fn of_zone(cx: &mut Cx<'_>, zone_id: i64) -> Result<Vec<ZoneSubnet>, Fault> {
    let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[zone_id.into()])?)
}

/// The subnets for networks that lie in one of a zone.
pub(super) fn children_of(cx: &mut Cx<'_>, id: i64) -> Result<Vec<NetworkSubnet>, Fault> {
    let tail = "WHERE parent_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[id.into()])?)
}

impl NetworkSubnet {
    /// What has it.
    pub(crate) fn holder(&self) -> Option<Holder> {
        self.network_id.map(Holder::Network).or(self.vpc_id.map(Holder::Vpc))
    }
}

fn concerns(cx: &mut Cx<'_>, subnet: &ZoneSubnet, doing: &str) {
    let what = format!("{doing} IPv4 subnet {} of a zone", subnet.subnet);
    cx.concerns(EntityKind::ZoneSubnet, (0, subnet.id), cx.caller_owner(), what);
}
