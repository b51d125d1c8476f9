//! Ranges of storage addresses of pods (`StorageNetworkManagerImpl`). What overlaps is a wrong
//! parameter; everything else that is refused is a failure of the job, as in CloudStack.

use crate::engine::{Cx, pod_ranges, pods};
use crate::model::{EntityKind, Pod, PodAddress, StorageRange, TrafficKind};
use crate::net::{Cidr4, Range4};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The highest VLAN (IEEE 802.1Q).
const LAST_VLAN: i64 = 4094;

impl StorageRange {
    /// Its addresses.
    pub(crate) fn range(&self) -> Option<Range4> {
        Range4::new(self.first, self.last).ok()
    }
}

/// The ranges of a pod, the oldest first.
pub(crate) fn of_pod(cx: &mut Cx<'_>, pod_id: i64) -> Result<Vec<StorageRange>, Fault> {
    Ok(cx.tx.select("WHERE pod_id = ? AND removed IS NULL ORDER BY id", &[pod_id.into()])?)
}

/// Whether a zone has any range.
pub(crate) fn has_any(cx: &mut Cx<'_>, zone_id: i64) -> Result<bool, Fault> {
    let here = "WHERE zone_id = ? AND removed IS NULL";
    Ok(cx.tx.count::<StorageRange>(here, &[zone_id.into()])? > 0)
}

/// A range that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct NewStorageRange {
    /// The gateway.
    pub(crate) gateway: Ipv4Addr,
    /// The netmask.
    pub(crate) netmask: Ipv4Addr,
    /// The first address.
    pub(crate) first: Ipv4Addr,
    /// The last one; default: the first one.
    pub(crate) last: Option<Ipv4Addr>,
    /// The VLAN; default: untagged.
    pub(crate) vlan: Option<i64>,
}

/// Gives a pod a range: in a job.
pub(crate) fn create(
    cx: &mut Cx<'_>,
    pod: &Pod,
    new: &NewStorageRange,
) -> Result<StorageRange, Fault> {
    let range = StorageRange {
        id: 0,
        zone_id: pod.zone_id,
        pod_id: pod.id,
        gateway: new.gateway,
        netmask: new.netmask,
        first: new.first,
        last: new.last.unwrap_or(new.first),
        vlan: new.vlan,
        created: cx.now,
        removed: None,
    };
    pods::concerns(cx, pod, "creating a storage IP range of");
    check(cx, pod, &range).map_err(Fault::in_job)?;
    let range = StorageRange { id: cx.tx.insert(&range)?, ..range };
    concerns(cx, pod, &range, "creating");
    Ok(range)
}

fn concerns(cx: &mut Cx<'_>, pod: &Pod, range: &StorageRange, doing: &str) {
    let (first, last) = (range.first, range.last);
    let what = format!("{doing} storage IP range {first}-{last} of pod {}", pod.name);
    cx.concerns(EntityKind::StorageRange, (0, range.id), cx.caller_owner(), what);
}

fn failed(text: String) -> Fault {
    Fault::new(Exception::CloudRuntime, text)
}

/// What must hold of a range, new or changed.
fn check(cx: &mut Cx<'_>, pod: &Pod, range: &StorageRange) -> Result<(), Fault> {
    let (first, last) = (range.first, range.last);
    let ends = Range4::new(first, last)
        .map_err(|why| failed(format!("Invalid parameter endip: {why}")))?;
    for other in pod_ranges::of(cx, pod.id)? {
        if let Some(met) = other.range().filter(|met| met.overlaps(ends)) {
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: the range `{ends}` overlaps `{met}`, management \
                 addresses of the pod {}",
                quoted(&pod.name)
            )));
        }
    }
    refuse_overlap(cx, pod, ends, range.id)?;
    let cidr = Cidr4::from_gateway_netmask(range.gateway, range.netmask)
        .map_err(|why| failed(format!("Invalid parameter netmask: {why}")))?;
    if let Some(outside) = [first, last].into_iter().find(|ip| !cidr.contains(*ip)) {
        return Err(failed(format!(
            "Invalid parameter startip: `{outside}` does not lie in the subnet `{cidr}` of the \
             gateway and the netmask"
        )));
    }
    if ends.contains(range.gateway) {
        return Err(failed(format!(
            "Invalid parameter gateway: `{}` lies in the range `{ends}`",
            range.gateway
        )));
    }
    match range.vlan {
        Some(vlan) if !(0..=LAST_VLAN).contains(&vlan) => {
            Err(failed(format!("Invalid parameter vlan: {vlan} is not from 0 to {LAST_VLAN}")))
        }
        _ => Ok(()),
    }
}

/// Refuses addresses that lie in a storage range of the pod other than `own`.
pub(crate) fn refuse_overlap(
    cx: &mut Cx<'_>,
    pod: &Pod,
    ends: Range4,
    own: i64,
) -> Result<(), Fault> {
    for other in of_pod(cx, pod.id)? {
        if let Some(met) = other.range().filter(|met| other.id != own && met.overlaps(ends)) {
            let (name, id) = (quoted(&pod.name), cx.uid::<StorageRange>(other.id));
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: the range `{ends}` overlaps `{met}`, storage addresses \
                 of the pod {name} ({id})"
            )));
        }
    }
    Ok(())
}

/// Refuses to change or delete a range of which an address is taken.
fn refuse_used(cx: &mut Cx<'_>, range: &StorageRange) -> Result<(), Fault> {
    let tail = "WHERE pod_id = ? AND traffic = ? AND ip BETWEEN ? AND ? ORDER BY ip";
    let traffic = TrafficKind::Storage.into();
    let args = [range.pod_id.into(), traffic, range.first.into(), range.last.into()];
    match cx.tx.first::<PodAddress>(tail, &args)? {
        None => Ok(()),
        Some(taken) => Err(failed(format!(
            "The storage IP range {}-{} is in use: its address {} is taken; stop the system VM \
             that has it",
            range.first, range.last, taken.ip
        ))),
    }
}

/// What is to be changed of a range.
#[derive(Clone, Debug, Default)]
pub(crate) struct StorageRangeChange {
    /// The netmask.
    pub(crate) netmask: Option<Ipv4Addr>,
    /// The first address.
    pub(crate) first: Option<Ipv4Addr>,
    /// The last one.
    pub(crate) last: Option<Ipv4Addr>,
    /// The VLAN.
    pub(crate) vlan: Option<i64>,
}

/// Changes a range of which no address is taken: in a job.
pub(crate) fn update(
    cx: &mut Cx<'_>,
    mut range: StorageRange,
    change: &StorageRangeChange,
) -> Result<StorageRange, Fault> {
    let pod: Pod = cx.must(range.pod_id)?;
    concerns(cx, &pod, &range, "updating");
    refuse_used(cx, &range).map_err(Fault::in_job)?;
    range.netmask = change.netmask.unwrap_or(range.netmask);
    range.first = change.first.unwrap_or(range.first);
    range.last = change.last.unwrap_or(range.last);
    range.vlan = change.vlan.or(range.vlan);
    check(cx, &pod, &range).map_err(Fault::in_job)?;
    cx.tx.save(&range)?;
    Ok(range)
}

/// Removes a range of which no address is taken: in a job.
pub(crate) fn remove(cx: &mut Cx<'_>, mut range: StorageRange) -> Result<(), Fault> {
    let pod: Pod = cx.must(range.pod_id)?;
    concerns(cx, &pod, &range, "deleting");
    refuse_used(cx, &range).map_err(Fault::in_job)?;
    range.removed = Some(cx.now);
    cx.tx.save(&range)?;
    Ok(())
}
