//! Ranges of management addresses of pods (`ConfigurationManagerImpl.createPodIpRange` and those
//! beside it): in the subnet of the pod, apart from each other and from everything else.

use crate::engine::{Cx, pods, storage_ranges};
use crate::model::{Pod, PodAddress, PodRange, TrafficKind};
use crate::net::{Range4, VlanTag};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The VLAN of ranges that name none.
const UNTAGGED: &str = "vlan://untagged";

impl PodRange {
    /// Its addresses.
    pub(crate) fn range(&self) -> Option<Range4> {
        Range4::new(self.first, self.last).ok()
    }
}

/// The ranges of a pod, the oldest first.
pub(crate) fn of(cx: &mut Cx<'_>, pod_id: i64) -> Result<Vec<PodRange>, Fault> {
    Ok(cx.tx.select("WHERE pod_id = ? AND removed IS NULL ORDER BY id", &[pod_id.into()])?)
}

/// Stores the range that a pod is made with.
pub(crate) fn store_first(cx: &mut Cx<'_>, pod: &Pod) -> Result<(), Fault> {
    cx.tx.insert(&PodRange {
        id: 0,
        pod_id: pod.id,
        first: pod.first,
        last: pod.last,
        for_system_vms: false,
        vlan: UNTAGGED.into(),
        created: cx.now,
        removed: None,
    })?;
    Ok(())
}

/// Removes the ranges of a pod that is being deleted.
pub(crate) fn remove_all(cx: &mut Cx<'_>, pod_id: i64) -> Result<(), Fault> {
    for table in ["pod_range", "storage_range"] {
        let sql = format!("UPDATE {table} SET removed = ? WHERE pod_id = ? AND removed IS NULL");
        cx.tx.run(&sql, &[cx.now.into(), pod_id.into()])?;
    }
    Ok(())
}

/// The lowest management address of a pod that is taken and lies in none of these ranges.
fn first_taken_outside(
    cx: &mut Cx<'_>,
    pod_id: i64,
    ranges: &[PodRange],
) -> Result<Option<PodAddress>, Fault> {
    let mut sql = "WHERE pod_id = ? AND traffic = ?".to_owned();
    let mut args = vec![pod_id.into(), TrafficKind::Management.into()];
    for range in ranges {
        sql += " AND (ip < ? OR ip > ?)";
        args.extend([range.first.into(), range.last.into()]);
    }
    Ok(cx.tx.first(&(sql + " ORDER BY ip"), &args)?)
}

/// Refuses ranges that leave out a management address that somebody has.
pub(crate) fn refuse_taken_outside(
    cx: &mut Cx<'_>,
    pod: &Pod,
    ranges: &[PodRange],
) -> Result<(), Fault> {
    match first_taken_outside(cx, pod.id, ranges)? {
        None => Ok(()),
        Some(taken) => Err(Fault::invalid(format!(
            "Invalid parameter startip: the address {} of the pod {} is taken and would lie in no \
             range",
            taken.ip,
            quoted(&pod.name)
        ))),
    }
}

/// A range that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct NewPodRange {
    /// The gateway of the pod.
    pub(crate) gateway: Ipv4Addr,
    /// Its netmask.
    pub(crate) netmask: Ipv4Addr,
    /// The first address.
    pub(crate) first: Ipv4Addr,
    /// The last one; default: the first one.
    pub(crate) last: Option<Ipv4Addr>,
    /// Whether it is kept for system VMs.
    pub(crate) for_system_vms: bool,
    /// Its VLAN; default: untagged.
    pub(crate) vlan: Option<String>,
}

/// Gives a pod another range: in a job.
pub(crate) fn create(cx: &mut Cx<'_>, pod: &Pod, new: &NewPodRange) -> Result<(), Fault> {
    pods::concerns(cx, pod, "adding a management IP range to");
    created(cx, pod, new).map_err(Fault::in_job)
}

fn created(cx: &mut Cx<'_>, pod: &Pod, new: &NewPodRange) -> Result<(), Fault> {
    let vlan = tag_of(new.vlan.as_deref())?;
    let name = quoted(&pod.name);
    for (param, given, own) in
        [("gateway", new.gateway, pod.gateway), ("netmask", new.netmask, pod.netmask)]
    {
        if given != own {
            return Err(Fault::invalid(format!(
                "Invalid parameter {param}: `{given}` is not `{own}`, the {param} of the pod \
                 {name}, which has one only"
            )));
        }
    }
    let range = PodRange {
        id: 0,
        pod_id: pod.id,
        first: new.first,
        last: new.last.unwrap_or(new.first),
        for_system_vms: new.for_system_vms,
        vlan: vlan.to_string(),
        created: cx.now,
        removed: None,
    };
    check(cx, pod, &range)?;
    cx.tx.insert(&range)?;
    Ok(())
}

fn tag_of(text: Option<&str>) -> Result<VlanTag, Fault> {
    let text = text.filter(|text| !text.trim().is_empty()).unwrap_or(UNTAGGED);
    VlanTag::parse(text).map_err(|why| Fault::invalid(format!("Invalid parameter vlan: {why}")))
}

/// What must hold of a new range, and of one that changes.
fn check(cx: &mut Cx<'_>, pod: &Pod, range: &PodRange) -> Result<(), Fault> {
    let name = quoted(&pod.name);
    let Some(cidr) = pods::cidr_of(pod) else {
        return Err(Fault::internal("The pod cannot be used", "its netmask is none"));
    };
    let ends = pods::check_range(cidr, range.first, range.last)?;
    pods::check_public(cx, pod.zone_id, ends)?;
    if ends.contains(pod.gateway) {
        return Err(Fault::invalid(format!(
            "Invalid parameter startip: the range `{ends}` has `{}`, the gateway of the pod {name}",
            pod.gateway
        )));
    }
    for other in of(cx, pod.id)? {
        if let Some(met) = other.range().filter(|met| other.id != range.id && met.overlaps(ends)) {
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: the range `{ends}` overlaps `{met}`, another range of \
                 the pod {name}"
            )));
        }
    }
    storage_ranges::refuse_overlap(cx, pod, ends, 0)
}

/// The range of a pod with these ends.
fn find(
    cx: &mut Cx<'_>,
    pod: &Pod,
    (first, last): (Ipv4Addr, Ipv4Addr),
    vlan: Option<&str>,
) -> Result<PodRange, Fault> {
    let tag = vlan.map(|text| tag_of(Some(text))).transpose()?;
    let all = of(cx, pod.id)?;
    let is_it = |range: &&PodRange| {
        let same = tag
            .as_ref()
            .is_none_or(|tag| VlanTag::parse(&range.vlan).is_ok_and(|own| own.same_isolation(tag)));
        range.first == first && range.last == last && same
    };
    if let Some(found) = all.iter().find(is_it) {
        return Ok(found.clone());
    }
    let own: Vec<String> = all
        .iter()
        .map(|range| format!("{}-{} in {}", range.first, range.last, range.vlan))
        .collect();
    let own = if own.is_empty() { "none".to_owned() } else { own.join(", ") };
    let within = vlan.map(|vlan| format!(" in {}", quoted(vlan))).unwrap_or_default();
    Err(Fault::invalid(format!(
        "Invalid parameter startip: {first}-{last}{within} is no range of the pod {}, which has \
         {own}",
        quoted(&pod.name)
    )))
}

/// Removes a range of which no address is taken: in a job.
pub(crate) fn remove(
    cx: &mut Cx<'_>,
    pod: &Pod,
    ends: (Ipv4Addr, Ipv4Addr),
    vlan: &str,
) -> Result<(), Fault> {
    pods::concerns(cx, pod, "deleting a management IP range of");
    removed(cx, pod, ends, vlan).map_err(Fault::in_job)
}

fn removed(
    cx: &mut Cx<'_>,
    pod: &Pod,
    ends: (Ipv4Addr, Ipv4Addr),
    vlan: &str,
) -> Result<(), Fault> {
    let mut range = find(cx, pod, ends, Some(vlan))?;
    let mut others = of(cx, pod.id)?;
    others.retain(|other| other.id != range.id);
    if let Some(taken) = first_taken_outside(cx, pod.id, &others)? {
        let text = format!(
            "The range {}-{} of the pod {} cannot be deleted: its address {} is taken",
            range.first,
            range.last,
            quoted(&pod.name),
            taken.ip
        );
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    range.removed = Some(cx.now);
    cx.tx.save(&range)?;
    Ok(())
}

/// Gives a range other ends: in a job.
pub(crate) fn update(
    cx: &mut Cx<'_>,
    pod: &Pod,
    ends: (Ipv4Addr, Ipv4Addr),
    (first, last): (Option<Ipv4Addr>, Option<Ipv4Addr>),
) -> Result<(), Fault> {
    pods::concerns(cx, pod, "updating a management IP range of");
    if first.is_none() && last.is_none() {
        let text = "One of the parameters newstartip and newendip must be given";
        return Err(Fault::invalid(text).in_job());
    }
    let mut range = find(cx, pod, ends, None).map_err(Fault::in_job)?;
    range.first = first.unwrap_or(range.first);
    range.last = last.unwrap_or(range.last);
    check(cx, pod, &range).map_err(Fault::in_job)?;
    let mut all = of(cx, pod.id)?;
    all.retain(|other| other.id != range.id);
    all.push(range.clone());
    refuse_taken_outside(cx, pod, &all).map_err(Fault::in_job)?;
    cx.tx.save(&range)?;
    Ok(())
}
