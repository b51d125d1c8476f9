//! Traffic types: what travels over which physical network, and what its bridges are called.

use crate::engine::obstacles::Obstacles;
use crate::engine::{Cx, zones};
use crate::model::{EntityKind, Network, PhysicalNetwork, TrafficKind, TrafficType, VlanRange};
use crate::schema::{Exception, Fault};
use crate::text::quoted;

/// Adds a kind of traffic to a physical network
/// (`NetworkServiceImpl.addTrafficTypeToPhysicalNetwork`).
pub(crate) fn add_traffic_type(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    mut new: TrafficType,
) -> Result<TrafficType, Fault> {
    if new.kind == TrafficKind::Control {
        return Err(Fault::invalid(
            "Invalid parameter traffictype: `Control` cannot be added because link-local traffic \
             needs no physical network; use `Public`, `Management`, `Storage` or `Guest`",
        ));
    }
    check_once(cx, physical, new.kind)?;
    new.physical_network_id = physical.id;
    new.id = cx.tx.insert(&new)?;
    carry(cx, physical, new.kind, Some(physical.id))?;
    concerns(cx, &new, physical, "adding");
    Ok(new)
}

/// Stores the new labels of a traffic type.
pub(crate) fn update_traffic_type(cx: &mut Cx<'_>, traffic: &TrafficType) -> Result<(), Fault> {
    let physical = cx.must(traffic.physical_network_id)?;
    cx.tx.save(traffic)?;
    concerns(cx, traffic, &physical, "updating");
    Ok(())
}

/// Removes a traffic type that no network and no public range of its physical network needs.
pub(crate) fn delete_traffic_type(cx: &mut Cx<'_>, mut traffic: TrafficType) -> Result<(), Fault> {
    let physical: PhysicalNetwork = cx.must(traffic.physical_network_id)?;
    concerns(cx, &traffic, &physical, "deleting");
    let args = [physical.id.into(), physical.zone_id.into()];
    let mut found = Obstacles::default();
    match traffic.kind {
        TrafficKind::Guest => found.look::<Network>(
            cx,
            ("guest network", "guest networks"),
            "name",
            "physical_network_id = ? AND zone_id = ? AND removed IS NULL \
             AND traffic_type = 'Guest'",
            &args,
        )?,
        TrafficKind::Public => found.look::<VlanRange>(
            cx,
            ("public VLAN IP range", "public VLAN IP ranges"),
            "vlan",
            "physical_network_id = ? AND zone_id = ? AND removed IS NULL \
             AND type = 'VirtualNetwork'",
            &args,
        )?,
        TrafficKind::Management | TrafficKind::Storage | TrafficKind::Control => {}
    }
    let name = quoted(&physical.name);
    let what = format!("traffic type {} of the physical network {name}", traffic.kind);
    found.refuse(&what).map_err(Fault::in_job)?;
    traffic.removed = Some(cx.now);
    cx.tx.save(&traffic)?;
    carry(cx, &physical, traffic.kind, None)
}

fn concerns(cx: &mut Cx<'_>, traffic: &TrafficType, physical: &PhysicalNetwork, doing: &str) {
    let what =
        format!("{doing} traffic type {} of physical network {}", traffic.kind, physical.name);
    cx.concerns(EntityKind::TrafficType, (0, traffic.id), cx.caller_owner(), what);
}

/// A physical network has a kind of traffic once, and a zone all but guest traffic on one physical
/// network only.
fn check_once(cx: &mut Cx<'_>, physical: &PhysicalNetwork, kind: TrafficKind) -> Result<(), Fault> {
    let refuse = |text| Err(Fault::new(Exception::CloudRuntime, text));
    let has = "WHERE physical_network_id = ? AND type = ? AND removed IS NULL";
    if cx.tx.count::<TrafficType>(has, &[physical.id.into(), kind.into()])? > 0 {
        let name = quoted(&physical.name);
        return refuse(format!("The physical network {name} has the traffic type {kind} already"));
    }
    if kind == TrafficKind::Guest {
        return Ok(());
    }
    match zones::physical_of(cx, physical.zone_id, kind)? {
        None => Ok(()),
        Some(other) => {
            let (name, other) = (quoted(&physical.name), quoted(&other.name));
            refuse(format!(
                "The traffic type {kind} cannot be added to the physical network {name} because \
                 the physical network {other} of the same zone has it already"
            ))
        }
    }
}

/// Says which physical network is under the zone's own network for this traffic.
fn carry(
    cx: &mut Cx<'_>,
    physical: &PhysicalNetwork,
    kind: TrafficKind,
    under: Option<i64>,
) -> Result<(), Fault> {
    let sql = "UPDATE network SET physical_network_id = ? WHERE zone_id = ? AND traffic_type = ? \
               AND system = 1 AND traffic_type <> 'Guest' AND removed IS NULL";
    cx.tx.run(sql, &[under.into(), physical.zone_id.into(), kind.into()])?;
    Ok(())
}
