//! What a new range must not collide with. CloudStack has no rule "network ID overlap"; these are
//! the rules that people meet under that name. Each fault names both sides.

use crate::engine::ranges::create::Span;
use crate::engine::ranges::named;
use crate::engine::{Cx, ip6};
use crate::model::{
    Ip6Prefix, PhysicalNetwork, Pod, PodRange, PortableRange, VlanRange, VlanType, Zone,
};
use crate::net::{Cidr4, Cidr6, IdSet, Range4, VlanTag};
use crate::schema::Fault;
use std::net::Ipv6Addr;

/// The management addresses of a pod are not for anybody else
/// (`checkOverlapPrivateIpRange`).
pub(super) fn refuse_pods(cx: &mut Cx<'_>, zone_id: i64, range: Range4) -> Result<(), Fault> {
    let args = [range.last().into(), range.first().into(), zone_id.into()];
    let met = "WHERE first <= ? AND last >= ? AND removed IS NULL \
               AND pod_id IN (SELECT id FROM pod WHERE zone_id = ? AND removed IS NULL)";
    let Some(met) = cx.tx.first::<PodRange>(met, &args)? else { return Ok(()) };
    let pod: Pod = cx.must(met.pod_id)?;
    let (id, zone) = (cx.uid::<Pod>(pod.id), cx.must::<Zone>(zone_id)?.name);
    Err(Fault::invalid(format!(
        "Invalid parameter startip: {range} overlaps {}-{}, the management addresses of the pod {} \
         ({id}) of the zone {zone}",
        met.first, met.last, pod.name
    ))
    .about(id, "pod"))
}

/// The subnet must not be that of the guests when the VLAN is one that guests may get.
pub(super) fn refuse_guest_cidr(
    zone: &Zone,
    physical: &PhysicalNetwork,
    tag: &VlanTag,
    span: &Span,
) -> Result<(), Fault> {
    let Some(guests) = zone.guest_cidr.filter(|guests| guests.overlaps(span.cidr)) else {
        return Ok(());
    };
    if !is_guest_vlan(physical, tag)? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter gateway: {} overlaps {guests}, the guest CIDR of the zone {}, and \
         guests of the physical network {} may get {tag}",
        span.cidr, zone.name, physical.name
    )))
}

/// The VLAN must not be one that guests may get.
pub(super) fn refuse_guest_vlan(physical: &PhysicalNetwork, tag: &VlanTag) -> Result<(), Fault> {
    if !is_guest_vlan(physical, tag)? {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "Invalid parameter vlan: {tag} is among {}, which the physical network {} keeps for guest \
         networks",
        physical.vnets, physical.name
    )))
}

fn is_guest_vlan(physical: &PhysicalNetwork, tag: &VlanTag) -> Result<bool, Fault> {
    let Some(id) = tag.id() else { return Ok(false) };
    let vnets = IdSet::parse(&physical.vnets).map_err(|why| {
        Fault::internal("The VLANs of the physical network cannot be read", why.to_string())
    })?;
    Ok(vnets.contains(id))
}

/// Portable addresses are nobody's range (`checkConflictsWithPortableIpRange`).
pub(super) fn refuse_portable(cx: &mut Cx<'_>, tag: &VlanTag, range: Range4) -> Result<(), Fault> {
    let portable: Vec<PortableRange> = cx.tx.select("WHERE removed IS NULL ORDER BY id", &[])?;
    for other in portable {
        let (first, last) = (other.first, other.last);
        if first <= range.last() && range.first() <= last {
            let id = cx.uid::<PortableRange>(other.id);
            return Err(Fault::invalid(format!(
                "Invalid parameter startip: {range} overlaps the portable addresses {first}-{last} \
                 ({id})"
            ))
            .about(id, "portable IP range"));
        }
        let same = VlanTag::parse(&other.vlan).is_ok_and(|vlan| vlan.same_isolation(tag));
        if same && !tag.is_untagged() {
            let id = cx.uid::<PortableRange>(other.id);
            return Err(Fault::invalid(format!(
                "Invalid parameter vlan: {tag} is that of the portable addresses {first}-{last} \
                 ({id})"
            ))
            .about(id, "portable IP range"));
        }
    }
    Ok(())
}

/// The ranges of the zone (`checkZoneVlanIpOverlap`): subnets that overlap must be the same
/// subnet in the same VLAN with other addresses, or belong to guests in different VLANs.
pub(super) fn refuse_ranges(
    cx: &mut Cx<'_>,
    zone_id: i64,
    tag: &VlanTag,
    span: &Span,
    is_public: bool,
) -> Result<(), Fault> {
    let ranges: Vec<VlanRange> = cx.tx.select(
        "WHERE zone_id = ? AND removed IS NULL AND first IS NOT NULL AND portable = 0 ORDER BY id",
        &[zone_id.into()],
    )?;
    ranges.iter().try_for_each(|other| refuse_range(cx, other, tag, span, is_public))
}

/// The same for a range that is being changed: all others.
pub(super) fn refuse_other_ranges(
    cx: &mut Cx<'_>,
    range: &VlanRange,
    tag: &VlanTag,
    span: &Span,
) -> Result<(), Fault> {
    let others: Vec<VlanRange> = cx.tx.select(
        "WHERE zone_id = ? AND id <> ? AND removed IS NULL AND first IS NOT NULL AND portable = 0 \
         ORDER BY id",
        &[range.zone_id.into(), range.id.into()],
    )?;
    let is_public = range.kind == VlanType::VirtualNetwork;
    others.iter().try_for_each(|other| refuse_range(cx, other, tag, span, is_public))
}

fn refuse_range(
    cx: &mut Cx<'_>,
    other: &VlanRange,
    tag: &VlanTag,
    span: &Span,
    is_public: bool,
) -> Result<(), Fault> {
    let (Some(gateway), Some(netmask), Some(range)) = (other.gateway, other.netmask, other.range())
    else {
        return Ok(());
    };
    let same_subnet =
        Cidr4::from_gateway_netmask(gateway, netmask).is_ok_and(|cidr| cidr.overlaps(span.cidr));
    if !same_subnet {
        return Ok(());
    }
    let same_vlan =
        tag.is_untagged() || VlanTag::parse(&other.vlan).is_ok_and(|vlan| vlan.same_isolation(tag));
    let public = is_public || other.kind == VlanType::VirtualNetwork;
    let id = cx.uid::<VlanRange>(other.id);
    let other = named(cx, other)?;
    // CloudStack lets ranges of a /31 overlap, and then hands their addresses out twice. We do not.
    let text = match (same_vlan, gateway == span.gateway && netmask == span.netmask) {
        (false, _) if !public => return Ok(()),
        (false, _) => format!(
            "Invalid parameter vlan: the subnet {} of {tag} overlaps that of {other}, and public \
             addresses belong to one VLAN only",
            span.cidr
        ),
        (true, false) => format!(
            "Invalid parameter gateway: {other} is in the same subnet and has gateway {gateway} \
             and netmask {netmask}"
        ),
        (true, true) if range.overlaps(span.range) => {
            format!("Invalid parameter startip: {} overlaps {other}", span.range)
        }
        (true, true) => return Ok(()),
    };
    Err(Fault::invalid(text).about(id, "VLAN IP range"))
}

/// IPv6: what has ranges is compared by ranges, what has none by CIDR. `own` is the range that
/// is being changed, or 0.
pub(super) fn refuse_ranges6(
    cx: &mut Cx<'_>,
    (zone_id, own): (i64, i64),
    cidr: Cidr6,
    range: Option<(Ipv6Addr, Ipv6Addr)>,
) -> Result<(), Fault> {
    let others: Vec<VlanRange> = cx.tx.select(
        "WHERE zone_id = ? AND id <> ? AND removed IS NULL AND ip6_cidr IS NOT NULL ORDER BY id",
        &[zone_id.into(), own.into()],
    )?;
    let prefixes = ip6::prefixes_of(cx, zone_id)?;
    if let Some(prefix) = prefixes.into_iter().find(|one| one.prefix.overlaps(&cidr)) {
        let id = cx.uid::<Ip6Prefix>(prefix.id);
        return Err(Fault::invalid(format!(
            "Invalid parameter ip6cidr: {cidr} overlaps {}, a prefix for guest networks of the \
             zone ({id})",
            prefix.prefix
        ))
        .about(id, "prefix"));
    }
    let ends = |cidr: Cidr6| (cidr.network(), cidr.broadcast());
    let (first, last) = range.unwrap_or_else(|| ends(cidr));
    for other in others {
        let Some(Ok(known)) = other.ip6_cidr.as_deref().map(Cidr6::parse) else { continue };
        let read = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
        let (from, to) = match (read(&other.ip6_first), read(&other.ip6_last)) {
            (Some(from), Some(to)) => (from, to),
            _ => ends(known),
        };
        if first <= to && from <= last {
            let id = cx.uid::<VlanRange>(other.id);
            let other = named(cx, &other)?;
            return Err(Fault::invalid(format!(
                "Invalid parameter ip6cidr: {first}-{last} overlaps {from}-{to} of {other}"
            ))
            .about(id, "VLAN IP range"));
        }
    }
    Ok(())
}
