//! How much of what zones hand out is taken.

use crate::api::paging::{Paged, cut};
use crate::api::{Rows, api};
use crate::engine::{Capacity, CapacityKind, Cx};
use crate::model::{Pod, Uid, Zone, choice};
use crate::schema::{Fault, Id, choices, view};
use std::cmp::Reverse;

view! {
    /// A capacity, as `listCapacity` shows it.
    CapacityView in "CapacityResponse" shows ["name", "zonename", "podname", "capacitytotal",
        "capacityused", "percentused"] {
        /// the number of the kind: 4 public IPs, 5 pods' management IPs, 7 VLANs,
        /// 8 IPs of shared networks, 10 IPv6 subnets
        kind as "type": u16,
        /// the name of the kind
        name: &'static str,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the id of the pod
        podid: Option<Uid>,
        /// the name of the pod
        podname: Option<String>,
        /// how many there are
        capacitytotal: u64,
        /// how many of them are taken
        capacityused: u64,
        /// how many of them are handed out
        capacityallocated: u64,
        /// the part that is taken, in percent
        percentused: String,
    }
}

choice! {
    /// The order of a list of capacities.
    SortBy {
        /// What is used most comes first.
        Usage = "usage",
    }
}
choices! { SortBy }

api! {
    /// Lists how many addresses and VLANs zones have, and how many of them are taken.
    now list "listCapacity" { key: "capacity", example: "list capacity sortby=usage" }
    => list -> CapacityView;
    ListCapacity {
        /// the number of the kind: 4 public IPs, 5 pods' management IPs, 7 VLANs,
        /// 8 IPs of shared networks, 10 IPv6 subnets
        kind as "type": Option<u16>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of the pod
        podid: Option<Id<Pod>>,
        /// the order, in which what is used most comes first
        sortby: Option<SortBy>,
        /// true for numbers counted now; they always are
        _fetchlatest as "fetchlatest": Option<bool>,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListCapacity) -> Result<Rows<CapacityView>, Fault> {
    let page = args.paged.page()?;
    let zone = cx.find_opt(args.zoneid.as_ref())?;
    let pod = cx.find_opt(args.podid.as_ref())?.map(|pod| pod.id);
    let zones = match zone {
        Some(zone) => vec![zone],
        None => cx.tx.select("WHERE removed IS NULL ORDER BY id", &[])?,
    };
    let mut found: Vec<(Zone, Capacity)> = Vec::new();
    for zone in zones {
        for kind in CapacityKind::ALL.into_iter().filter(|kind| is_wanted(args, *kind)) {
            let all = cx.capacity(&zone, kind)?.into_iter();
            let of_pod = |one: &Capacity| pod.is_none() || one.pod.as_ref().map(|p| p.id) == pod;
            found.extend(all.filter(of_pod).map(|one| (zone.clone(), one)));
        }
    }
    if args.sortby == Some(SortBy::Usage) {
        found.sort_by_key(|(_, one)| Reverse(hundredths(one)));
    }
    let total = found.len() as u64;
    let rows = cut(found, page).into_iter().map(|(zone, one)| show(cx, zone, one)).collect();
    Ok(Rows { rows, total })
}

/// All capacities of a zone, or of one of its pods.
pub(crate) fn capacities(
    cx: &mut Cx<'_>,
    zone: &Zone,
    pod: Option<i64>,
) -> Result<Vec<CapacityView>, Fault> {
    let mut views = Vec::new();
    for kind in CapacityKind::ALL {
        for one in cx.capacity(zone, kind)? {
            if pod.is_none() || one.pod.as_ref().map(|pod| pod.id) == pod {
                views.push(show(cx, zone.clone(), one));
            }
        }
    }
    Ok(views)
}

fn is_wanted(args: &ListCapacity, kind: CapacityKind) -> bool {
    args.kind.is_none_or(|number| number == kind.number())
}

/// The part that is taken, in hundredths of a percent.
fn hundredths(one: &Capacity) -> u64 {
    let (used, total) = (u128::from(one.used), u128::from(one.total));
    let part = (used * 10_000 + total / 2).checked_div(total).unwrap_or(0);
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Hundredths with as many digits behind the point as are needed: `0`, `12.5`, `99.61`.
fn percent(hundredths: u64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn show(cx: &Cx<'_>, zone: Zone, one: Capacity) -> CapacityView {
    CapacityView {
        kind: one.kind.number(),
        name: one.kind.name(),
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        podid: one.pod.as_ref().map(|pod| cx.uid::<Pod>(pod.id)),
        percentused: percent(hundredths(&one)),
        podname: one.pod.map(|pod| pod.name),
        capacitytotal: one.total,
        capacityused: one.used,
        capacityallocated: one.used,
    }
}

#[cfg(test)]
mod tests;
