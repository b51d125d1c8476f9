//! The IPv6 prefixes of zones.

use crate::engine::Cx;
use crate::engine::ranges::named;
use crate::model::{EntityKind, Ip6Prefix, Network, VlanRange, Zone};
use crate::net::Cidr6;
use crate::schema::{Exception, Fault};
use crate::text::{Count, quoted};

/// The shortest and the longest prefix. The longest is one subnet; of a shorter one than the
/// shortest nobody was ever given any, and what it has is more than clients can count.
const LENGTHS: std::ops::RangeInclusive<u8> = 16..=64;
/// Networks named in a message at most.
const NAMED: usize = 3;

/// Gives a zone a prefix.
pub(crate) fn create_prefix(
    cx: &mut Cx<'_>,
    zone: &Zone,
    prefix: Cidr6,
) -> Result<Ip6Prefix, Fault> {
    if !LENGTHS.contains(&prefix.len()) {
        let (short, long) = (LENGTHS.start(), LENGTHS.end());
        return Err(Fault::invalid(format!(
            "Invalid parameter prefix: the length of {prefix} is not from {short} to {long}"
        ))
        .in_job());
    }
    let known = prefixes_of(cx, zone.id)?;
    if let Some(other) = known.into_iter().find(|other| other.prefix.overlaps(&prefix)) {
        let (id, zone) = (cx.uid::<Ip6Prefix>(other.id), quoted(&zone.name));
        return Err(Fault::invalid(format!(
            "Invalid parameter prefix: {prefix} overlaps {}, a prefix of the zone {zone} ({id})",
            other.prefix
        ))
        .about(id, "prefix")
        .in_job());
    }
    refuse_ranges(cx, zone, prefix).map_err(Fault::in_job)?;
    let id = cx.tx.new_pool("ip6")?;
    let made = Ip6Prefix { id, zone_id: zone.id, prefix, created: cx.now, removed: None };
    cx.tx.insert(&made)?;
    concerns(cx, &made, "creating");
    Ok(made)
}

/// Guests must not have the addresses of public and shared ranges.
fn refuse_ranges(cx: &mut Cx<'_>, zone: &Zone, prefix: Cidr6) -> Result<(), Fault> {
    let tail = "WHERE zone_id = ? AND ip6_cidr IS NOT NULL AND removed IS NULL ORDER BY id";
    let ranges: Vec<VlanRange> = cx.tx.select(tail, &[zone.id.into()])?;
    for range in ranges {
        let Some(Ok(cidr)) = range.ip6_cidr.as_deref().map(Cidr6::parse) else { continue };
        if cidr.overlaps(&prefix) {
            let (id, range) = (cx.uid::<VlanRange>(range.id), named(cx, &range)?);
            let text = format!("Invalid parameter prefix: {prefix} overlaps {cidr} of {range}");
            return Err(Fault::invalid(text).about(id, "VLAN IP range"));
        }
    }
    Ok(())
}

/// Takes a prefix from its zone, when no network has a part of it.
pub(crate) fn delete_prefix(cx: &mut Cx<'_>, prefix: Ip6Prefix) -> Result<(), Fault> {
    concerns(cx, &prefix, "deleting");
    let many = used(cx, prefix.id)?;
    if many > 0 {
        let users: Vec<Network> = cx.tx.select(
            "WHERE id IN (SELECT network_id FROM ip6_subnet WHERE prefix_id = ?) \
             ORDER BY id LIMIT 3",
            &[prefix.id.into()],
        )?;
        let names: Vec<_> = users.iter().take(NAMED).map(|one| quoted(&one.name)).collect();
        let text = format!(
            "The prefix {} cannot be deleted: {} of it, among them {}",
            prefix.prefix,
            Count::new(many, "network has a subnet", "networks have subnets"),
            names.join(", ")
        );
        return Err(Fault::new(Exception::CloudRuntime, text).in_job());
    }
    cx.tx.save(&Ip6Prefix { removed: Some(cx.now), ..prefix })?;
    Ok(())
}

/// The prefixes of a zone, the oldest first.
pub(crate) fn prefixes_of(cx: &mut Cx<'_>, zone_id: i64) -> Result<Vec<Ip6Prefix>, Fault> {
    let tail = "WHERE zone_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[zone_id.into()])?)
}

/// How many networks have a subnet of a prefix.
pub(crate) fn used(cx: &mut Cx<'_>, prefix_id: i64) -> Result<u64, Fault> {
    let sql = "SELECT COUNT(*) FROM ip6_subnet WHERE prefix_id = ?";
    let many: Option<i64> = cx.tx.one(sql, &[prefix_id.into()])?;
    Ok(many.map_or(0, i64::unsigned_abs))
}

/// How many subnets the prefixes of a zone have, and how many of them networks have.
pub(crate) fn count_subnets(cx: &mut Cx<'_>, zone_id: i64) -> Result<(u64, u64), Fault> {
    let (mut total, mut taken) = (0_u64, 0_u64);
    for prefix in prefixes_of(cx, zone_id)? {
        total = total.saturating_add(prefix.prefix.subnets());
        taken += used(cx, prefix.id)?;
    }
    Ok((total, taken))
}

fn concerns(cx: &mut Cx<'_>, prefix: &Ip6Prefix, doing: &str) {
    let what = format!("{doing} guest IPv6 prefix {}", prefix.prefix);
    cx.concerns(EntityKind::Ip6Prefix, (0, prefix.id), cx.caller_owner(), what);
}
