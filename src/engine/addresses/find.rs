//! Finding an address by its id or by itself.

use crate::engine::{Cx, Guard, Guarded};
use crate::model::{Address, EntityKind, Uid, VlanRange, address_columns};
use crate::schema::{Fault, Id};
use crate::store::StoreError;
use std::net::Ipv4Addr;

/// A place of a range, held or free.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    /// The range, which lives.
    pub(crate) range: VlanRange,
    /// The place in it; see [`VlanRange::place_of`].
    pub(crate) place: i64,
    /// The address there.
    pub(crate) ip: Ipv4Addr,
}

/// An address with its row, if somebody holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) place: Place,
    /// Its row; none while it is free.
    pub(crate) row: Option<Address>,
}

/// The row of a place; none while it is free.
pub(crate) fn row(
    cx: &mut Cx<'_>,
    range_id: i64,
    place: i64,
) -> Result<Option<Address>, StoreError> {
    let sql =
        concat!("SELECT ", address_columns!(), " FROM address WHERE range_id = ? AND place = ?");
    let mut found = None;
    cx.tx.each_locked(sql, &[range_id.into(), place.into()], |cell| {
        found = Some(Address::from_row(cell)?);
        Ok(false)
    })?;
    Ok(found)
}

impl Place {
    /// The place `place` of a range, if it has one.
    pub(crate) fn of(range: VlanRange, place: i64) -> Option<Self> {
        let ip = range.ip_at(place)?;
        Some(Self { range, place, ip })
    }
}

impl Guarded for Found {
    /// A held address is its holder's, a free one is for whom its range is.
    fn guard(&self) -> Guard {
        match &self.row {
            Some(address) => Guard::Account(address.account_id),
            None => self.place.range.guard(),
        }
    }
}

impl Found {
    /// The address that `id` names: of a living range, held or free, if the caller may use it.
    pub(crate) fn by_id(cx: &mut Cx<'_>, id: &Id<Address>) -> Result<Self, Fault> {
        let found = match Self::place_of(cx, id)? {
            Some((range_id, place)) => Self::at(cx, range_id, place)?,
            None => None,
        };
        let found = found.ok_or_else(|| cx.unknown(id))?;
        cx.check_access(&found)?;
        Ok(found)
    }

    /// Range and place that an id stands for, whether or not that range lives.
    pub(crate) fn place_of(cx: &mut Cx<'_>, id: &Id<Address>) -> Result<Option<(i64, i64)>, Fault> {
        let Some(uid) = Uid::parse(&id.text) else { return Ok(None) };
        if let Some((range, place)) = cx.tx.key().decode(EntityKind::Address, uid) {
            return Ok(i64::try_from(range).ok().zip(i64::try_from(place).ok()));
        }
        cx.tx.know_aliases()?;
        Ok(cx.tx.aliased(EntityKind::Address, uid))
    }

    /// The address at a place of a range, if the range lives and has that place.
    pub(crate) fn at(cx: &mut Cx<'_>, range_id: i64, place: i64) -> Result<Option<Self>, Fault> {
        let range: Option<VlanRange> = cx.tx.living(range_id)?;
        let Some(place) = range.and_then(|range| Place::of(range, place)) else {
            return Ok(None);
        };
        let row = row(cx, range_id, place.place)?;
        Ok(Some(Self { place, row }))
    }

    /// All places of living ranges that are this address, of one zone where one is given.
    pub(crate) fn by_ip(
        cx: &mut Cx<'_>,
        ip: Ipv4Addr,
        zone_id: Option<i64>,
    ) -> Result<Vec<Self>, Fault> {
        let args = [zone_id.into(), zone_id.into(), ip.into(), ip.into()];
        let ranges: Vec<VlanRange> = cx.tx.select(
            "WHERE removed IS NULL AND (? IS NULL OR zone_id = ?) AND first <= ? AND last >= ? \
             ORDER BY id",
            &args,
        )?;
        let mut found = Vec::new();
        for range in ranges {
            if let Some(place) = range.place_of(ip) {
                let row = row(cx, range.id, place)?;
                found.push(Self { place: Place { range, place, ip }, row });
            }
        }
        Ok(found)
    }
}
