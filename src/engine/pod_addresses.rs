//! Addresses of pods: who has which, and which is next.
//!
//! What is said in `guests` holds here too: each address that somebody has is one row, and the
//! pool of the pod has a bit for it, whose number is the address itself. Management, storage and
//! link-local addresses are those of one pool, as no two of them are the same.

use crate::engine::{Cx, pod_ranges, storage_ranges};
use crate::model::{Account, Allocation, Pod, PodAddress, PodHolder, SystemVm, TrafficKind, Zone};
use crate::net::{Cidr4, Range4};
use crate::schema::{Exception, Fault};
use crate::store::{Counter, StoreError};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The setting that has the link-local addresses of each pod.
const CONTROL: &str = "control.cidr";
/// The setting that has their gateway.
const GATEWAY: &str = "control.gateway";
/// Whether system VMs get no management addresses but those that are kept for them.
const STRICT: &str = "system.vm.management.ip.reservation.mode.strictness";

/// Runs of numbers of a pool.
type Spans = Vec<(u64, u64)>;

/// The counter of the management addresses of a pod that are taken.
pub(crate) const fn used(pod_id: i64) -> Counter {
    Counter { owner: "pod", id: pod_id, what: "used" }
}

/// What is to have an address: its kind and its row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct For {
    /// What it is.
    pub(crate) kind: PodHolder,
    /// Its row.
    pub(crate) id: i64,
}

/// The numbers of a range.
fn span(range: Range4) -> (u64, u64) {
    (u64::from(range.first().to_bits()), u64::from(range.last().to_bits()))
}

/// Takes the lowest free address within these spans; `None` where there is none.
fn take(
    cx: &mut Cx<'_>,
    pod: &Pod,
    traffic: TrafficKind,
    mut spans: Spans,
    holder: For,
) -> Result<Option<PodAddress>, Fault> {
    spans.sort_unstable();
    while let Some(number) = cx.tx.take_lowest(pod.pool_id, &spans)? {
        let ip = u32::try_from(number).map(Ipv4Addr::from_bits).map_err(|_| {
            StoreError::Damaged(format!("the pool of the pod {} has a number too high", pod.id))
        })?;
        let mut address = PodAddress {
            id: 0,
            pod_id: pod.id,
            ip,
            traffic,
            kind: holder.kind,
            holder_id: holder.id,
            taken: cx.now,
        };
        match cx.tx.insert(&address) {
            Ok(id) => {
                address.id = id;
                tally(cx, &address, 1)?;
                return Ok(Some(address));
            }
            // The bit was wrong and is right now: the row was there, so the next one it is.
            Err(StoreError::Unique(_)) => {}
            Err(why) => return Err(why.into()),
        }
    }
    Ok(None)
}

fn tally(cx: &mut Cx<'_>, address: &PodAddress, change: i64) -> Result<(), Fault> {
    if address.traffic == TrafficKind::Management {
        cx.tx.tally(used(address.pod_id), change)?;
    }
    Ok(())
}

/// Gives an address back.
pub(crate) fn release(cx: &mut Cx<'_>, address: &PodAddress) -> Result<(), Fault> {
    let pod: Pod = cx.must(address.pod_id)?;
    cx.tx.run("DELETE FROM pod_address WHERE id = ?", &[address.id.into()])?;
    cx.tx.mark(pod.pool_id, u64::from(address.ip.to_bits()), false)?;
    tally(cx, address, -1)
}

/// The addresses that something has, in the order in which it got them.
pub(crate) fn of(cx: &mut Cx<'_>, holder: For) -> Result<Vec<PodAddress>, Fault> {
    let tail = "WHERE kind = ? AND holder_id = ? ORDER BY id";
    Ok(cx.tx.select(tail, &[holder.kind.into(), holder.id.into()])?)
}

/// Gives all addresses back that something has.
pub(crate) fn release_all(cx: &mut Cx<'_>, holder: For) -> Result<(), Fault> {
    for address in of(cx, holder)? {
        release(cx, &address)?;
    }
    Ok(())
}

/// The pods of a zone in which something may run, the oldest first.
fn open_pods(cx: &mut Cx<'_>, zone_id: i64) -> Result<Vec<Pod>, Fault> {
    let tail = "WHERE zone_id = ? AND state = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[zone_id.into(), Allocation::Enabled.into()])?)
}

/// The link-local addresses of a pod, by the settings: from the second host on, without their
/// gateway.
fn control_spans(cx: &mut Cx<'_>) -> Result<Spans, Fault> {
    let damaged = |name: &str, why: &dyn std::fmt::Display| {
        StoreError::Damaged(format!("the setting {name}: {why}"))
    };
    let cidr = cx.setting(CONTROL)?;
    let cidr = Cidr4::parse(&cidr).map_err(|why| damaged(CONTROL, &why))?;
    let gateway = cx.setting(GATEWAY)?;
    let gateway: Ipv4Addr = gateway.trim().parse().map_err(|why| damaged(GATEWAY, &why))?;
    let number = |ip: Ipv4Addr| u64::from(ip.to_bits());
    let (low, high) = (number(cidr.first_host()) + 1, number(cidr.last_host()));
    let gateway = number(gateway);
    let both = match (low..=high).contains(&gateway) {
        true => [(low, gateway - 1), (gateway + 1, high)],
        false => [(low, high), (1, 0)],
    };
    Ok(both.into_iter().filter(|(low, high)| low <= high).collect())
}

/// Takes a link-local address for a system VM or a router, in the first pod that has one.
pub(crate) fn take_control(
    cx: &mut Cx<'_>,
    zone_id: i64,
    holder: For,
) -> Result<PodAddress, Fault> {
    let spans = control_spans(cx)?;
    for pod in open_pods(cx, zone_id)? {
        let found = take(cx, &pod, TrafficKind::Control, spans.clone(), holder)?;
        if let Some(address) = found {
            return Ok(address);
        }
    }
    let block = cx.setting(CONTROL)?;
    Err(none_left(cx, zone_id, &format!("link-local address of {block}"))?)
}

/// Takes a management address in a pod for a system VM: one that is kept for those, else any,
/// unless the setting says that no others are given.
pub(crate) fn take_management(
    cx: &mut Cx<'_>,
    pod: &Pod,
    holder: For,
) -> Result<PodAddress, Fault> {
    for kept in [true, false] {
        if !kept && cx.setting_flag(STRICT)? {
            break;
        }
        let spans = management_spans(cx, pod.id, kept)?;
        if let Some(address) = take(cx, pod, TrafficKind::Management, spans, holder)? {
            return Ok(address);
        }
    }
    Err(none_left_in(cx, pod, "management address"))
}

fn management_spans(cx: &mut Cx<'_>, pod_id: i64, kept: bool) -> Result<Spans, Fault> {
    let ranges = pod_ranges::of(cx, pod_id)?.into_iter();
    let ranges = ranges.filter(|range| range.for_system_vms == kept);
    Ok(ranges.filter_map(|range| range.range()).map(span).collect())
}

/// Takes a storage address in a pod for a system VM, from its ranges in their order. Where the
/// zone has no such range, management addresses serve.
pub(crate) fn take_storage(cx: &mut Cx<'_>, pod: &Pod, holder: For) -> Result<PodAddress, Fault> {
    if !storage_ranges::has_any(cx, pod.zone_id)? {
        return take_management(cx, pod, holder);
    }
    for range in storage_ranges::of_pod(cx, pod.id)? {
        let Some(range) = range.range() else { continue };
        let found = take(cx, pod, TrafficKind::Storage, vec![span(range)], holder)?;
        if let Some(address) = found {
            return Ok(address);
        }
    }
    Err(none_left_in(cx, pod, "storage address"))
}

fn none_left_in(cx: &Cx<'_>, pod: &Pod, what: &str) -> Fault {
    let text = format!(
        "Insufficient address capacity: no {what} of the pod {} is free",
        quoted(&pod.name)
    );
    let id = cx.uid::<Pod>(pod.id);
    Fault::new(Exception::InsufficientAddressCapacity, text).about(id, "podId")
}

fn none_left(cx: &mut Cx<'_>, zone_id: i64, what: &str) -> Result<Fault, Fault> {
    let zone: Zone = cx.must(zone_id)?;
    let pods = open_pods(cx, zone_id)?;
    let why = match &pods[..] {
        [] => "it has no pod that is enabled".to_owned(),
        [pod] => format!("none is free in its pod {}", quoted(&pod.name)),
        pods => format!("none is free in its {} enabled pods", pods.len()),
    };
    let name = quoted(&zone.name);
    let text = format!("Insufficient address capacity: no {what} for the zone {name}: {why}");
    let id = cx.uid::<Zone>(zone_id);
    Ok(Fault::new(Exception::InsufficientAddressCapacity, text).about(id, "zoneId"))
}

/// Takes a management address for the caller (`acquirePodIpAddress`): of the pod, else of the
/// first of the zone that has one. What is kept for system VMs is given to nobody else.
pub(crate) fn acquire(
    cx: &mut Cx<'_>,
    zone: &Zone,
    pod: Option<Pod>,
) -> Result<(Pod, PodAddress), Fault> {
    let refuse = |text: String| Err(Fault::new(Exception::ResourceAllocation, text));
    if let Some(pod) = pod.as_ref().filter(|pod| pod.zone_id != zone.id) {
        let (pod, zone) = (quoted(&pod.name), quoted(&zone.name));
        return refuse(format!("The pod {pod} is not in the zone {zone}"));
    }
    let pods = match pod {
        Some(pod) => vec![pod],
        None => open_pods(cx, zone.id)?,
    };
    let holder = For { kind: PodHolder::Account, id: cx.caller.account_id };
    for pod in pods {
        let spans = management_spans(cx, pod.id, false)?;
        if let Some(address) = take(cx, &pod, TrafficKind::Management, spans, holder)? {
            crate::engine::pods::concerns(cx, &pod, "taking a management address of");
            return Ok((pod, address));
        }
    }
    refuse(format!("No management address is free in the zone {}", quoted(&zone.name)))
}

/// Gives an address back that was taken by [`acquire`].
pub(crate) fn give_back(cx: &mut Cx<'_>, id: i64) -> Result<(), Fault> {
    let refuse = |text: String| Err(Fault::new(Exception::CloudRuntime, text));
    let Some(address) = cx.tx.first::<PodAddress>("WHERE id = ?", &[id.into()])? else {
        return refuse(format!("No address of a pod is taken under the number {id}"));
    };
    if address.kind == PodHolder::SystemVm {
        let vm: SystemVm = cx.must(address.holder_id)?;
        let (ip, name) = (address.ip, vm.name());
        return refuse(format!(
            "The address {ip} is that of {name}, and is released by stopping it"
        ));
    }
    let pod: Pod = cx.must(address.pod_id)?;
    crate::engine::pods::concerns(cx, &pod, "giving back a management address of");
    release(cx, &address)
}

/// Gives back what an account has that is being deleted.
pub(crate) fn release_all_of_account(cx: &mut Cx<'_>, account: &Account) -> Result<(), Fault> {
    release_all(cx, For { kind: PodHolder::Account, id: account.id })
}
