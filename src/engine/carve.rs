//! Carving: the lowest free block of a wanted size for a VPC or a tier that names none.

use crate::engine::Cx;
use crate::model::Vpc;
use crate::net::{Cidr4, next_free};
use crate::schema::{Exception, Fault};
use crate::store::StoreError;

/// The longest prefix that can be carved: a smaller block holds no gateway and a few guests.
const LONGEST: u8 = 29;
/// The blocks that a message names before it only counts them.
const NAMED: usize = 3;

/// The next block for a VPC: the lowest of the setting `vpc.cidr.pool` that overlaps no living
/// VPC of the zone. `size` is a prefix length; without one, `vpc.cidr.size`.
pub(crate) fn carve_vpc(cx: &mut Cx<'_>, zone_id: i64, size: Option<u8>) -> Result<Cidr4, Fault> {
    let pool = cx.setting("vpc.cidr.pool")?;
    let pool = Cidr4::parse(&pool).map_err(|why| damaged("vpc.cidr.pool", &why))?;
    let size = wanted(cx, pool, size, "vpc.cidr.size")?;
    let mut taken = Vec::new();
    let sql = "SELECT cidr FROM vpc WHERE zone_id = ? AND removed IS NULL";
    collect(cx, sql, zone_id, &mut taken)?;
    next_free(pool, size, &taken).ok_or_else(|| {
        let from = format!("the setting vpc.cidr.pool, {pool}");
        full(pool, size, &from, "VPCs of the zone", taken)
    })
}

/// The next block for a tier: the lowest of its VPC that overlaps no other tier. `size` is a
/// prefix length; without one, `vpc.tier.cidr.size`.
pub(crate) fn carve_tier(cx: &mut Cx<'_>, vpc: &Vpc, size: Option<u8>) -> Result<Cidr4, Fault> {
    let pool = vpc_block(vpc)?;
    let size = wanted(cx, pool, size, "vpc.tier.cidr.size")?;
    let taken = tier_blocks(cx, vpc)?;
    next_free(pool, size, &taken).ok_or_else(|| {
        let from = format!("the VPC's {pool}");
        full(pool, size, &from, "its tiers", taken)
    })
}

/// The block of a VPC, whose CIDR may stand there with host bits.
pub(crate) fn vpc_block(vpc: &Vpc) -> Result<Cidr4, Fault> {
    Cidr4::parse(&vpc.cidr).map_err(|why| damaged("the CIDR of a VPC", &why))
}

/// The whole blocks of the living tiers of a VPC, with what their reservations hide.
pub(crate) fn tier_blocks(cx: &mut Cx<'_>, vpc: &Vpc) -> Result<Vec<Cidr4>, Fault> {
    let mut taken = Vec::new();
    let sql = "SELECT COALESCE(network_cidr, cidr) FROM network \
               WHERE vpc_id = ? AND removed IS NULL AND cidr IS NOT NULL";
    collect(cx, sql, vpc.id, &mut taken)?;
    Ok(taken)
}

fn collect(cx: &mut Cx<'_>, sql: &str, id: i64, into: &mut Vec<Cidr4>) -> Result<(), Fault> {
    cx.tx.each(sql, &[id.into()], |cell| {
        into.push(crate::model::Column::from_cell(cell(0))?);
        Ok(true)
    })?;
    Ok(())
}

fn wanted(cx: &mut Cx<'_>, pool: Cidr4, size: Option<u8>, setting: &str) -> Result<u8, Fault> {
    let by = if size.is_some() { "parameter cidrsize" } else { setting };
    let size = match size {
        Some(size) => i64::from(size),
        None => cx.setting_int(setting)?,
    };
    let fits = u8::try_from(size).ok().filter(|size| (pool.len()..=LONGEST).contains(size));
    fits.ok_or_else(|| {
        let shortest = pool.len();
        Fault::invalid(format!(
            "Invalid {by}: from {pool} blocks of /{shortest} to /{LONGEST} can be carved, not \
             /{size}"
        ))
    })
}

fn full(pool: Cidr4, size: u8, from: &str, whose: &str, mut taken: Vec<Cidr4>) -> Fault {
    taken.retain(|one| one.overlaps(pool));
    taken.sort_unstable();
    let count = taken.len();
    let mut names: Vec<String> = taken.iter().take(NAMED).map(Cidr4::to_string).collect();
    if count > NAMED {
        names.push(format!("and {} more", count - NAMED));
    }
    let names = names.join(", ");
    Fault::new(
        Exception::InsufficientAddressCapacity,
        format!("No /{size} is free in {from}: {count} of {whose} are in it ({names})"),
    )
}

fn damaged(what: &str, why: &impl std::fmt::Display) -> Fault {
    StoreError::Damaged(format!("{what}: {why}")).into()
}
