//! Physical networks: what VLANs and VNIs a zone has, and over which wires.

use crate::engine::obstacles::Obstacles;
use crate::engine::{Cx, first_taken, guest_vlans, providers, vnets_of};
use crate::model::{
    Allocation, EntityKind, Network, PhysicalNetwork, PrivateGateway, VlanRange, Zone, ZoneType,
};
use crate::net::{IdSet, IsolationMethod};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;
use crate::text::quoted;

/// What is said of a physical network that is to be made.
pub(crate) struct NewPhysicalNetwork {
    /// Its name.
    pub(crate) name: String,
    /// Isolation methods, one at most.
    pub(crate) isolation: Vec<String>,
    /// Tags, one at most.
    pub(crate) tags: Vec<String>,
    /// VLANs or VNIs.
    pub(crate) vlan: Option<String>,
    /// `ZONE` or `POD`.
    pub(crate) broadcast_domain: Option<String>,
    /// The speed.
    pub(crate) speed: Option<String>,
    /// The domain that it belongs to.
    pub(crate) domain_id: Option<i64>,
}

/// What is to be changed of a physical network.
#[derive(Clone, Debug, Default)]
pub(crate) struct PhysicalNetworkChange {
    /// VLANs or VNIs, all of them; blank for none.
    pub(crate) vlan: Option<String>,
    /// Tags, one at most.
    pub(crate) tags: Option<Vec<String>>,
    /// Whether networks may be made on it.
    pub(crate) state: Option<Allocation>,
    /// The speed.
    pub(crate) speed: Option<String>,
}

/// Makes a physical network, disabled as CloudStack makes it
/// (`NetworkServiceImpl.createPhysicalNetwork`).
pub(crate) fn create_physical_network(
    cx: &mut Cx<'_>,
    zone: &Zone,
    new: NewPhysicalNetwork,
) -> Result<PhysicalNetwork, Fault> {
    check_zone(cx, zone)?;
    check_tags(&new.tags)?;
    let method = method_of(&new.isolation)?;
    if new.vlan.is_some() {
        check_zone_has_vnets(zone)?;
    }
    let broadcast_domain = broadcast_domain(zone, new.broadcast_domain.as_deref())?;
    let mut physical = PhysicalNetwork {
        id: 0,
        zone_id: zone.id,
        name: new.name,
        state: Allocation::Disabled,
        isolation: method.map(|method| method.to_string()).unwrap_or_default(),
        vnets: String::new(),
        vnet_pool: 0,
        broadcast_domain: broadcast_domain.to_owned(),
        speed: new.speed,
        tags: new.tags.join(","),
        domain_id: new.domain_id,
        created: cx.now,
        removed: None,
    };
    let vnets = read_vnets(cx, &physical, new.vlan.as_deref().unwrap_or_default())?;
    physical.vnets = vnets.to_string();
    physical.vnet_pool = cx.tx.new_pool("vnet")?;
    physical.id = cx.tx.insert(&physical)?;
    providers::add_usual(cx, &physical)?;
    concerns(cx, &physical, "creating");
    Ok(physical)
}

/// Changes a physical network (`NetworkServiceImpl.updatePhysicalNetwork`): it happens in a job.
pub(crate) fn update_physical_network(
    cx: &mut Cx<'_>,
    physical: PhysicalNetwork,
    change: PhysicalNetworkChange,
) -> Result<PhysicalNetwork, Fault> {
    concerns(cx, &physical, "updating");
    updated(cx, physical, change).map_err(Fault::in_job)
}

fn updated(
    cx: &mut Cx<'_>,
    mut physical: PhysicalNetwork,
    change: PhysicalNetworkChange,
) -> Result<PhysicalNetwork, Fault> {
    if change.vlan.is_some() {
        check_zone_has_vnets(&cx.must(physical.zone_id)?)?;
    }
    if let Some(tags) = change.tags {
        check_tags(&tags)?;
        physical.tags = tags.join(",");
    }
    physical.state = change.state.unwrap_or(physical.state);
    physical.speed = change.speed.or(physical.speed);
    if let Some(vlan) = change.vlan {
        let vnets = read_vnets(cx, &physical, &vlan)?;
        let gone = vnets_of(&physical)?.difference(&vnets);
        if let Some(taken) = first_taken(cx, &physical, &gone)? {
            let user = user_of(cx, &physical, taken)?;
            return Err(Fault::invalid(format!(
                "Invalid parameter vlan: `{taken}` cannot be removed from the physical network {} \
                 because it is in use{user}",
                quoted(&physical.name)
            )));
        }
        guest_vlans::refuse_dedicated(cx, &physical, &gone)?;
        physical.vnets = vnets.to_string();
    }
    cx.tx.save(&physical)?;
    Ok(physical)
}

/// Removes a physical network with its traffic types. CloudStack removes VLAN IP ranges silently
/// together with it when none of their addresses is held; here they are in the way.
pub(crate) fn delete_physical_network(
    cx: &mut Cx<'_>,
    mut physical: PhysicalNetwork,
) -> Result<(), Fault> {
    concerns(cx, &physical, "deleting");
    let here = "physical_network_id = ? AND removed IS NULL";
    let guest = "physical_network_id = ? AND removed IS NULL AND traffic_type = 'Guest' \
                 AND zone_id = ?";
    let (id, zone) = (physical.id.into(), physical.zone_id.into());
    let mut found = Obstacles::default();
    let networks = ("guest network", "guest networks");
    found.look::<Network>(cx, networks, "name", guest, &[id, zone])?;
    let ranges = ("VLAN IP range", "VLAN IP ranges");
    found.look::<VlanRange>(cx, ranges, "vlan", here, &[physical.id.into()])?;
    let gateways = ("private gateway", "private gateways");
    found.look::<PrivateGateway>(cx, gateways, "vlan", here, &[physical.id.into()])?;
    let what = format!("physical network {}", quoted(&physical.name));
    found.refuse(&what).map_err(Fault::in_job)?;
    if let Some(taken) = first_taken(cx, &physical, &vnets_of(&physical)?)? {
        let text = format!(
            "The {what} cannot be deleted because `{taken}` of its VLANs or VNIs is in use{}",
            user_of(cx, &physical, taken)?
        );
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    let args = [cx.now.into(), physical.id.into()];
    let sql = "UPDATE traffic_type SET removed = ? WHERE physical_network_id = ? \
               AND removed IS NULL";
    cx.tx.run(sql, &args)?;
    let sql = "UPDATE network SET physical_network_id = NULL WHERE zone_id = ? \
               AND physical_network_id = ? AND removed IS NULL";
    cx.tx.run(sql, &[physical.zone_id.into(), physical.id.into()])?;
    guest_vlans::release_all(cx, "physical_network_id", physical.id)?;
    providers::remove_all(cx, physical.id)?;
    physical.removed = Some(cx.now);
    cx.tx.save(&physical)?;
    Ok(())
}

fn concerns(cx: &mut Cx<'_>, physical: &PhysicalNetwork, doing: &str) {
    let (owner, what) = (cx.caller_owner(), format!("{doing} physical network {}", physical.name));
    cx.concerns(EntityKind::PhysicalNetwork, (0, physical.id), owner, what);
}

fn check_zone(cx: &mut Cx<'_>, zone: &Zone) -> Result<(), Fault> {
    let (name, id) = (quoted(&zone.name), cx.uid::<Zone>(zone.id));
    if zone.state == Allocation::Enabled {
        let text = format!(
            "Cannot create a physical network since the zone {name} ({id}) is enabled; disable it \
             first with updateZone allocationstate=Disabled"
        );
        return Err(Fault::new(Exception::PermissionDenied, text));
    }
    let here = "WHERE zone_id = ? AND removed IS NULL";
    if zone.network_type == ZoneType::Basic
        && cx.tx.count::<PhysicalNetwork>(here, &[zone.id.into()])? > 0
    {
        let text = format!(
            "Cannot add a physical network to the zone {name} ({id}): it is of the network type \
             Basic and has one already"
        );
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    Ok(())
}

fn check_tags(tags: &[String]) -> Result<(), Fault> {
    if tags.len() > 1 {
        return Err(Fault::invalid(
            "Invalid parameter tags: a physical network has one tag at most",
        ));
    }
    Ok(())
}

fn method_of(methods: &[String]) -> Result<Option<IsolationMethod>, Fault> {
    match methods {
        [] => Ok(None),
        [one] => IsolationMethod::parse(one)
            .map(Some)
            .map_err(|why| Fault::invalid(format!("Invalid parameter isolationmethods: {why}"))),
        _ => Err(Fault::invalid(
            "Invalid parameter isolationmethods: a physical network has one isolation method at \
             most",
        )),
    }
}

fn check_zone_has_vnets(zone: &Zone) -> Result<(), Fault> {
    let (name, kind) = (quoted(&zone.name), zone.network_type);
    if kind == ZoneType::Advanced && !zone.security_groups {
        return Ok(());
    }
    let groups = if zone.security_groups { " with security groups" } else { "" };
    Err(Fault::invalid(format!(
        "Invalid parameter vlan: the physical network of the zone {name} cannot have VLANs because \
         the zone is {kind}{groups}"
    )))
}

fn broadcast_domain(zone: &Zone, given: Option<&str>) -> Result<&'static str, Fault> {
    let must = match zone.network_type {
        ZoneType::Basic => "POD",
        ZoneType::Advanced => "ZONE",
    };
    match given {
        Some(given) if !given.eq_ignore_ascii_case(must) => Err(Fault::invalid(format!(
            "Invalid parameter broadcastdomainrange: {} is not `{must}`, which is the only one in \
             a zone of the network type {}",
            quoted(given),
            zone.network_type
        ))),
        _ => Ok(must),
    }
}

/// Reads VLANs or VNIs as the isolation method of `physical` has them. The ends of VXLAN and
/// Netris ranges must be on no other physical network of the zone; what lies between them is not
/// looked at, as in CloudStack (`NetworkServiceImpl.validateVlanRange`).
fn read_vnets(cx: &mut Cx<'_>, physical: &PhysicalNetwork, text: &str) -> Result<IdSet, Fault> {
    let method = match physical.isolation.as_str() {
        "" => IsolationMethod::Vlan,
        name => IsolationMethod::parse(name).map_err(|why| StoreError::Damaged(why.to_string()))?,
    };
    let vnets = method
        .parse_vnets(text)
        .map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))?;
    if !matches!(method, IsolationMethod::Vxlan | IsolationMethod::Netris) {
        return Ok(vnets);
    }
    let args = [physical.zone_id.into(), physical.id.into()];
    let others = "WHERE zone_id = ? AND id <> ? AND removed IS NULL ORDER BY id";
    for other in cx.tx.select::<PhysicalNetwork>(others, &args)? {
        let theirs = vnets_of(&other)?;
        let mut ends = vnets.ranges().flat_map(|range| [*range.start(), *range.end()]);
        if let Some(vnet) = ends.find(|vnet| theirs.contains(*vnet)) {
            let (name, id) = (quoted(&other.name), cx.uid::<PhysicalNetwork>(other.id));
            return Err(Fault::invalid(format!(
                "Invalid parameter vlan: `{vnet}` belongs to the physical network {name} ({id}) \
                 of the same zone, which has `{theirs}`"
            )));
        }
    }
    Ok(vnets)
}

/// ` by the network ...`, for what has a VLAN or VNI.
fn user_of(cx: &mut Cx<'_>, physical: &PhysicalNetwork, vnet: u64) -> Result<String, Fault> {
    let sql = "SELECT network_id FROM vnet WHERE physical_network_id = ? AND vnet = ?";
    let args = [physical.id.into(), vnet.cast_signed().into()];
    let network = cx.tx.one::<i64>(sql, &args)?.map(|id| cx.uid::<Network>(id));
    Ok(network.map(|id| format!(" by the network {id}")).unwrap_or_default())
}
