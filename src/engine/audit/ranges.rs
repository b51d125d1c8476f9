//! Public ranges of a zone share no address, and no address is held twice.

use super::{Findings, ip};
use crate::model::{Column, EntityKind};
use crate::store::{StoreError, Tx};

/// A public range.
#[derive(Clone, Copy)]
struct Span {
    zone: i64,
    id: i64,
    /// The address of offset 0.
    base: i64,
    first: i64,
    last: i64,
}

/// Checks both. Addresses of ranges that lie apart cannot meet: only where two ranges share
/// addresses are their holders looked at.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    for (lower, upper) in shared(&spans(tx)?) {
        let last = lower.last.min(upper.last);
        findings.note("ranges-apart", |names| {
            let id = |span: Span| names.id(EntityKind::VlanRange, span.id);
            format!(
                "the ranges {} and {} share the addresses {} to {}: shrink or delete one of them",
                id(lower),
                id(upper),
                ip(upper.first),
                ip(last)
            )
        });
        twice(tx, findings, (lower, upper), last)?;
    }
    Ok(())
}

/// The ranges by zone and first address.
fn spans(tx: &mut Tx) -> Result<Vec<Span>, StoreError> {
    let sql = "SELECT zone_id, id, (gateway & netmask), first, last FROM vlan_range \
               WHERE removed IS NULL AND type = 'VirtualNetwork' AND first IS NOT NULL \
               ORDER BY zone_id, first, id";
    let mut spans = Vec::new();
    tx.each(sql, &[], |cell| {
        let number = |at| i64::from_cell(cell(at));
        let (zone, id, base) = (number(0)?, number(1)?, number(2)?);
        spans.push(Span { zone, id, base, first: number(3)?, last: number(4)? });
        Ok(true)
    })?;
    Ok(spans)
}

/// Each range that begins before one that began earlier has ended, with that one which goes on
/// longest.
fn shared(spans: &[Span]) -> Vec<(Span, Span)> {
    let mut longest: Option<Span> = None;
    let mut shared = Vec::new();
    for span in spans {
        let before = longest.filter(|before| before.zone == span.zone);
        shared.extend(before.filter(|before| span.first <= before.last).map(|low| (low, *span)));
        longest = Some(match before {
            Some(before) if before.last >= span.last => before,
            _ => *span,
        });
    }
    shared
}

/// The addresses that both ranges have a row for.
fn twice(
    tx: &mut Tx,
    findings: &mut Findings,
    (lower, upper): (Span, Span),
    last: i64,
) -> Result<(), StoreError> {
    let sql = "SELECT b.place, a.account_id, b.account_id FROM address b \
               JOIN address a ON a.range_id = ? AND a.place = b.place + ? \
               WHERE b.range_id = ? AND b.place BETWEEN ? AND ?";
    let (from, to) = (upper.first - upper.base, last - upper.base);
    let args = [lower.id, upper.base - lower.base, upper.id, from, to].map(Into::into);
    tx.each(sql, &args, |cell| {
        let number = |at| i64::from_cell(cell(at));
        let (place, one, other) = (number(0)?, number(1)?, number(2)?);
        findings.note("one-holder", |names| {
            let account = |id| names.id(EntityKind::Account, id);
            format!(
                "the address {} is held twice, by the account {} and by the account {}: release \
                 one of them",
                ip(upper.base + place),
                account(one),
                account(other)
            )
        });
        Ok(true)
    })
}
