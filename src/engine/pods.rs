//! Pods: management subnets of a zone, apart from each other, from guests and from the public.

use crate::engine::obstacles::Obstacles;
use crate::engine::{Cx, pod_ranges, zones};
use crate::model::{Allocation, EntityKind, Pod, PodAddress, VlanRange, Zone};
use crate::net::{Cidr4, Range4};
use crate::schema::Fault;
use crate::text::quoted;
use std::net::Ipv4Addr;

/// What is said of a pod that is to be made or changed; nothing of what stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct PodSaid {
    /// Its name.
    pub(crate) name: Option<String>,
    /// The gateway of the management subnet.
    pub(crate) gateway: Option<Ipv4Addr>,
    /// Its netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The first address for the system.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last one.
    pub(crate) last: Option<Ipv4Addr>,
    /// Whether it takes new things.
    pub(crate) state: Option<Allocation>,
}

/// Makes a pod (`ConfigurationManagerImpl.createPod`) with its first range of management addresses.
/// Without a last address the range goes up to the last host of the subnet.
pub(crate) fn create_pod(cx: &mut Cx<'_>, zone: &Zone, said: PodSaid) -> Result<Pod, Fault> {
    let gateway = required("gateway", said.gateway)?;
    let netmask = required("netmask", said.netmask)?;
    let first = required("startip", said.first)?;
    let cidr = subnet(gateway, netmask)?;
    let mut pod = Pod {
        id: 0,
        zone_id: zone.id,
        name: required("name", said.name)?,
        gateway,
        netmask,
        first,
        last: said.last.unwrap_or_else(|| cidr.last_host()),
        state: said.state.unwrap_or(Allocation::Enabled),
        pool_id: 0,
        created: cx.now,
        removed: None,
    };
    check(cx, zone, &pod, &[(pod.first, pod.last)])?;
    pod.pool_id = cx.tx.new_pool("pod")?;
    pod.id = cx.tx.insert(&pod)?;
    pod_ranges::store_first(cx, &pod)?;
    concerns(cx, &pod, "creating");
    Ok(pod)
}

/// Changes a pod (`ConfigurationManagerImpl.editPod`). Its ends are those of its only range.
pub(crate) fn update_pod(cx: &mut Cx<'_>, old: &Pod, said: PodSaid) -> Result<Pod, Fault> {
    let pod = Pod {
        name: said.name.unwrap_or_else(|| old.name.clone()),
        gateway: said.gateway.unwrap_or(old.gateway),
        netmask: said.netmask.unwrap_or(old.netmask),
        state: said.state.unwrap_or(old.state),
        ..old.clone()
    };
    let zone: Zone = cx.must(pod.zone_id)?;
    let mut ranges = pod_ranges::of(cx, pod.id)?;
    if said.first.is_some() || said.last.is_some() {
        let count = ranges.len();
        let [only] = &mut ranges[..] else {
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: the pod {} has {count} ranges of management \
                 addresses; updatePodManagementNetworkIpRange changes one of them",
                quoted(&pod.name)
            )));
        };
        only.first = said.first.unwrap_or(only.first);
        only.last = said.last.unwrap_or(only.last);
    }
    let ends: Vec<_> = ranges.iter().map(|range| (range.first, range.last)).collect();
    check(cx, &zone, &pod, &ends)?;
    pod_ranges::refuse_taken_outside(cx, &pod, &ranges)?;
    if (said.first.is_some() || said.last.is_some())
        && let Some(only) = ranges.first()
    {
        cx.tx.save(only)?;
    }
    cx.tx.save(&pod)?;
    concerns(cx, &pod, "updating");
    Ok(pod)
}

/// Removes a pod that no VLAN IP range belongs to, and no address of which is taken.
pub(crate) fn delete_pod(cx: &mut Cx<'_>, mut pod: Pod) -> Result<(), Fault> {
    let mut found = Obstacles::default();
    let here = "pod_id = ? AND zone_id = ? AND removed IS NULL";
    let args = [pod.id.into(), pod.zone_id.into()];
    let ranges = ("VLAN IP range", "VLAN IP ranges");
    found.look::<VlanRange>(cx, ranges, "vlan", here, &args)?;
    let taken = ("address that is taken", "addresses that are taken");
    found.look::<PodAddress>(cx, taken, "traffic", "pod_id = ?", &[pod.id.into()])?;
    found.refuse(&format!("pod {}", quoted(&pod.name)))?;
    pod_ranges::remove_all(cx, pod.id)?;
    pod.removed = Some(cx.now);
    cx.tx.save(&pod)?;
    concerns(cx, &pod, "deleting");
    Ok(())
}

/// The pods of a zone.
pub(crate) fn of_zone(cx: &mut Cx<'_>, zone_id: i64) -> Result<Vec<Pod>, Fault> {
    Ok(cx.tx.select("WHERE zone_id = ? AND removed IS NULL ORDER BY id", &[zone_id.into()])?)
}

/// The management subnet of a pod.
pub(crate) fn cidr_of(pod: &Pod) -> Option<Cidr4> {
    Cidr4::from_gateway_netmask(pod.gateway, pod.netmask).ok()
}

/// Says that the call is about a pod.
pub(crate) fn concerns(cx: &mut Cx<'_>, pod: &Pod, doing: &str) {
    let (owner, what) = (cx.caller_owner(), format!("{doing} pod {}", pod.name));
    cx.concerns(EntityKind::Pod, (0, pod.id), owner, what);
}

fn required<T>(param: &str, value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::invalid(format!("Invalid parameter {param}: it must be given")))
}

fn subnet(gateway: Ipv4Addr, netmask: Ipv4Addr) -> Result<Cidr4, Fault> {
    Cidr4::from_gateway_netmask(gateway, netmask)
        .map_err(|why| Fault::invalid(format!("Invalid parameter netmask: {why}")))
}

/// All that must hold of a pod and its ranges, in the order of
/// `ConfigurationManagerImpl.checkPodAttributes`.
fn check(
    cx: &mut Cx<'_>,
    zone: &Zone,
    pod: &Pod,
    ranges: &[(Ipv4Addr, Ipv4Addr)],
) -> Result<(), Fault> {
    let cidr = subnet(pod.gateway, pod.netmask)?;
    let others = of_zone(cx, zone.id)?;
    let others: Vec<&Pod> = others.iter().filter(|other| other.id != pod.id).collect();
    check_name(cx, zone, pod, &others)?;
    check_subnet(zone, &others, cidr)?;
    for (first, last) in ranges {
        let range = check_range(cidr, *first, *last)?;
        check_public(cx, zone.id, range)?;
        if range.contains(pod.gateway) {
            let gateway = pod.gateway;
            return Err(Fault::invalid(format!(
                "Invalid parameter gateway: `{gateway}` lies in the range `{range}` that the \
                 system may use"
            )));
        }
    }
    Ok(())
}

fn check_name(cx: &Cx<'_>, zone: &Zone, pod: &Pod, others: &[&Pod]) -> Result<(), Fault> {
    let Some(other) = others.iter().find(|other| other.name == pod.name) else { return Ok(()) };
    let (name, zone, id) = (quoted(&pod.name), quoted(&zone.name), cx.uid::<Pod>(other.id));
    Err(Fault::invalid(format!(
        "Invalid parameter name: there is already a pod {name} ({id}) in the zone {zone}"
    )))
}

fn check_subnet(zone: &Zone, others: &[&Pod], cidr: Cidr4) -> Result<(), Fault> {
    let refuse = |other: Cidr4, whose: String| {
        Err(Fault::invalid(format!(
            "Invalid parameter gateway: the subnet `{cidr}` of the gateway and the netmask \
             overlaps `{other}`, {whose}"
        )))
    };
    if let Some(guest) = zone.guest_cidr.filter(|guest| guest.overlaps(cidr)) {
        return refuse(guest, format!("the guest CIDR of the zone {}", quoted(&zone.name)));
    }
    for pod in others {
        if let Some(other) = cidr_of(pod).filter(|other| other.overlaps(cidr)) {
            return refuse(other, format!("the subnet of the pod {}", quoted(&pod.name)));
        }
    }
    Ok(())
}

/// Whether a range of management addresses lies in the subnet of its pod.
pub(crate) fn check_range(cidr: Cidr4, first: Ipv4Addr, last: Ipv4Addr) -> Result<Range4, Fault> {
    for (param, address) in [("startip", first), ("endip", last)] {
        if !cidr.contains(address) {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: `{address}` does not lie in the subnet `{cidr}` of \
                 the gateway and the netmask"
            )));
        }
    }
    Range4::new(first, last)
        .map_err(|why| Fault::invalid(format!("Invalid parameter endip: {why}")))
}

/// Whether public addresses of the zone lie in a range of management addresses.
pub(crate) fn check_public(cx: &mut Cx<'_>, zone_id: i64, range: Range4) -> Result<(), Fault> {
    for public in zones::public_ranges(cx, zone_id)? {
        if let Some(other) = public.range().filter(|other| other.overlaps(range)) {
            let id = cx.uid::<VlanRange>(public.id);
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: the range `{range}` overlaps `{other}`, the public \
                 VLAN IP range {id}"
            )));
        }
    }
    Ok(())
}
