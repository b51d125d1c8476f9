//! Which addresses of a range are held, from as few pages of the list as will do.
//!
//! A few thousand are listed one by one. Of more, some pages spread evenly over the list are
//! read: where the list is in the order of the addresses, an address and its place in the list
//! tell how many are held below it; where it is not, the pages are a sample of all.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::ask::{Ask, Fields, ROWS, flag, text};
use super::scene::{Tone, grouped};
use crate::shell::resolve::Unresolved;

/// Pages of a list that is read to its end.
const PAGES: u64 = 8;
/// Pages that are read of a longer list, and the rows on each.
const PROBES: u64 = 64;
const SAMPLE: u64 = 20;

/// What is known of an address.
pub(super) type Mark = (Tone, String);

/// The held addresses.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Held {
    /// All of them.
    Exact(BTreeMap<u64, Mark>),
    /// Some, with the number of those below them, and how many there are.
    Ranks(Vec<(u64, u64)>, u64),
    /// The same in the order of the addresses as text.
    Texts(Vec<(u64, u64)>, u64),
    /// Some, and how many there are.
    Sample(Vec<u64>, u64),
}

impl Held {
    /// How many of the addresses `from` to `to` are held, as far as is known.
    pub(super) fn count(&self, from: u64, to: u64) -> u64 {
        match self {
            Self::Exact(marks) => marks.range(from..=to).count() as u64,
            Self::Ranks(ranks, total) => between(ranks, *total, from, to),
            Self::Texts(ranks, total) => {
                // As text, the addresses with the same first parts stand together.
                let size = to.saturating_sub(from) + 1;
                let part = [1 << 24, 1 << 16, 1 << 8].into_iter().find(|part| *part <= size);
                let part: u64 = part.unwrap_or(1);
                let order = text_order();
                let parts = (0..size.div_ceil(part)).map(|at| {
                    let first = as_text(&order, from + at * part) / part * part;
                    between(ranks, *total, first, first + part - 1)
                });
                parts.sum()
            }
            Self::Sample(sample, total) => {
                let inside = sample.iter().filter(|ip| (from..=to).contains(*ip)).count() as u64;
                (inside * total).checked_div(sample.len() as u64).unwrap_or(0)
            }
        }
    }

    /// How many are held in all.
    pub(super) fn total(&self) -> u64 {
        match self {
            Self::Exact(marks) => marks.len() as u64,
            Self::Ranks(_, total) | Self::Texts(_, total) | Self::Sample(_, total) => *total,
        }
    }

    /// What is to be said about how it is known.
    pub(super) fn note(&self) -> Option<String> {
        match self {
            Self::Exact(_) => None,
            Self::Ranks(ranks, total) | Self::Texts(ranks, total) => Some(format!(
                "Sampled: where {} of the {} held addresses lie was asked for, and what is \
                 between them is shared out.",
                grouped(ranks.len() as u64),
                grouped(*total)
            )),
            Self::Sample(sample, total) => Some(format!(
                "Sampled: {} of the {} held addresses were asked for, and stand for the rest; the \
                 server lists them in no order.",
                grouped(sample.len() as u64),
                grouped(*total)
            )),
        }
    }
}

/// The place of each part of an address among all parts, ordered as text: 10 comes before 2.
fn text_order() -> Vec<u64> {
    let mut parts: Vec<u8> = (0..=u8::MAX).collect();
    parts.sort_by_cached_key(u8::to_string);
    let mut order = vec![0; parts.len()];
    for (rank, part) in (0..).zip(parts) {
        if let Some(slot) = order.get_mut(usize::from(part)) {
            *slot = rank;
        }
    }
    order
}

/// The place of an address among all addresses, ordered as text.
fn as_text(order: &[u64], place: u64) -> u64 {
    let parts = u32::try_from(place).unwrap_or(u32::MAX).to_be_bytes();
    let rank = |part: u8| order.get(usize::from(part)).copied().unwrap_or(0);
    parts.into_iter().fold(0, |text, part| (text << 8) + rank(part))
}

/// How many are held from the place `from` to the place `to`.
fn between(ranks: &[(u64, u64)], total: u64, from: u64, to: u64) -> u64 {
    let end = below(ranks, total, to.saturating_add(1));
    end.saturating_sub(below(ranks, total, from))
}

/// How many are held below `place`: counted at the next known ones, shared out between them.
fn below(ranks: &[(u64, u64)], total: u64, place: u64) -> u64 {
    let at = ranks.partition_point(|(ip, _)| *ip < place);
    let before = at.checked_sub(1).and_then(|at| ranks.get(at)).copied();
    let after = ranks.get(at).copied();
    match (before, after) {
        // The first one and the last one of the list are known: there is nothing beyond them.
        (None, _) => 0,
        (Some(_), None) => total,
        (Some((low, low_rank)), Some((high, high_rank))) => {
            let (span, way) = (high - low, place - low);
            // The lower one itself is below.
            let between = (high_rank - low_rank).saturating_sub(1);
            let share = u128::from(between) * u128::from(way.saturating_sub(1));
            let share = share.checked_div(u128::from(span.saturating_sub(1))).unwrap_or(0);
            low_rank + 1 + u64::try_from(share).unwrap_or(0)
        }
    }
}

/// Asks for the held addresses that `given` chooses; none if nobody may know.
pub(super) fn held(ask: &Ask<'_>, given: &[(&str, &str)]) -> Result<Option<Held>, Unresolved> {
    let api = "listPublicIpAddresses";
    let first = ask.page(api, given, 1, ROWS)?;
    let Some(first) = first else { return Ok(None) };
    if first.total > PAGES * ROWS as u64 {
        return probed(ask, given, first.total).map(Some);
    }
    let mut rows = first.rows;
    if rows.len() as u64 != first.total {
        let most = usize::try_from(PAGES).unwrap_or(1);
        rows = ask.pages(api, given, most)?.unwrap_or_default().rows;
    }
    // Reserved ones are held, but some servers count them among the free ones.
    let with_reserved: Vec<_> =
        given.iter().copied().chain([("state", "Reserved"), ("allocatedonly", "false")]).collect();
    let reserved = ask.pages(api, &with_reserved, 1)?.unwrap_or_default().rows;
    let taken = rows.iter().chain(&reserved).filter(|row| text(row, "state") != "Free");
    Ok(Some(Held::Exact(taken.filter_map(|row| Some((place(row)?, mark(row)))).collect())))
}

fn probed(ask: &Ask<'_>, given: &[(&str, &str)], total: u64) -> Result<Held, Unresolved> {
    let mut rows: Vec<(u64, u64)> = Vec::new();
    let pages = total.div_ceil(SAMPLE);
    let probes = PROBES.min(pages).max(2);
    for probe in 0..probes {
        let page = probe * (pages - 1) / (probes - 1);
        let at = usize::try_from(page + 1).unwrap_or(usize::MAX);
        let size = usize::try_from(SAMPLE).unwrap_or(1);
        let listed = ask.page("listPublicIpAddresses", given, at, size)?.unwrap_or_default();
        let ranks = (page * SAMPLE..).zip(&listed.rows);
        rows.extend(ranks.filter_map(|(rank, row)| Some((place(row)?, rank))));
    }
    Ok(ordered(rows, total))
}

/// What the places in the list say, if they say anything.
fn ordered(mut rows: Vec<(u64, u64)>, total: u64) -> Held {
    rows.dedup();
    let order = text_order();
    let texts = rows.iter().map(|(ip, rank)| (as_text(&order, *ip), *rank)).collect();
    if let Some(ranks) = rising(rows.clone(), total) {
        return Held::Ranks(ranks, total);
    }
    if let Some(ranks) = rising(texts, total) {
        return Held::Texts(ranks, total);
    }
    Held::Sample(rows.into_iter().map(|(ip, _)| ip).collect(), total)
}

/// The places in rising order with the number of those below, if the list has them in an order.
fn rising(mut rows: Vec<(u64, u64)>, total: u64) -> Option<Vec<(u64, u64)>> {
    if rows.is_sorted_by(|a, b| a.0 > b.0) {
        rows = rows.into_iter().map(|(ip, rank)| (ip, (total - 1).saturating_sub(rank))).collect();
        rows.reverse();
    }
    rows.is_sorted_by(|a, b| a.0 < b.0).then_some(rows)
}

/// The address of a row, as a number.
fn place(row: &Fields) -> Option<u64> {
    let ip: Ipv4Addr = text(row, "ipaddress").parse().ok()?;
    Some(u64::from(ip.to_bits()))
}

/// What an address is used for.
pub(super) fn mark(row: &Fields) -> Mark {
    let tone = if text(row, "state").eq_ignore_ascii_case("reserved") {
        Tone::Reserved
    } else if flag(row, "issourcenat") {
        Tone::SourceNat
    } else if flag(row, "isstaticnat") {
        Tone::StaticNat
    } else if flag(row, "issystem") || flag(row, "forsystemvms") {
        Tone::System
    } else {
        Tone::Allocated
    };
    (tone, usage(row))
}

/// In words: its state, what it is for, and whose it is.
pub(super) fn usage(row: &Fields) -> String {
    let mut words = vec![text(row, "state").to_owned()];
    for (field, word) in [
        ("issourcenat", "source NAT"),
        ("isstaticnat", "static NAT"),
        ("issystem", "system"),
        ("hasrules", "with rules"),
    ] {
        if flag(row, field) {
            words.push(word.to_owned());
        }
    }
    for (field, noun) in [
        ("vpcname", "VPC"),
        ("associatednetworkname", "network"),
        ("virtualmachinename", "VM"),
        ("account", "account"),
    ] {
        let name = text(row, field);
        if !name.is_empty() {
            words.push(format!("{noun} {name}"));
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn between_known_ones_the_rest_is_shared_out() {
        // Of 0 to 999 the even ones are held; each fiftieth of them is known.
        let all: Vec<u64> = (0..500).map(|n| n * 2).collect();
        let known = (0..500).step_by(50).chain([499]).map(|at| (all[at], at as u64));
        let held = ordered(known.collect(), 500);
        assert!(matches!(held, Held::Ranks(..)));
        assert_eq!(held.count(0, 999), 500);
        assert!(held.count(200, 299).abs_diff(50) <= 1);
        assert_eq!(held.count(2000, 3000), 0);
    }

    #[test]
    fn a_list_in_falling_order_says_as_much() {
        let rising = ordered(vec![(10, 0), (20, 3), (30, 9)], 10);
        assert_eq!(ordered(vec![(30, 0), (20, 6), (10, 9)], 10), rising);
        assert!(matches!(ordered(vec![(20, 0), (10, 3), (30, 9)], 10), Held::Sample(..)));
        assert_eq!(Held::Sample(vec![20, 10, 30, 40], 100).count(0, 20), 50);
        assert_eq!(Held::Sample(Vec::new(), 0).count(0, 20), 0);
    }

    #[test]
    fn a_list_in_the_order_of_texts_says_as_much() {
        let ip = |text: &str| u64::from(text.parse::<Ipv4Addr>().unwrap().to_bits());
        let mut texts: Vec<String> = (0..4)
            .flat_map(|a| (0..=255).map(move |b| (a, b)))
            .map(|(a, b)| format!("10.0.{a}.{b}"))
            .collect();
        texts.sort();
        let rows: Vec<_> = (0..).zip(&texts).step_by(31).map(|(n, text)| (ip(text), n)).collect();
        let mut rows: Vec<_> = rows;
        rows.push((ip(&texts[1023]), 1023));
        let held = ordered(rows, 1024);
        assert!(matches!(held, Held::Texts(..)), "{held:?}");
        for block in 0..4 {
            let from = ip("10.0.0.0") + block * 256;
            // What is between two known ones may be shared out over both its ends.
            let (whole, part) = (held.count(from, from + 255), held.count(from, from + 63));
            assert!(whole.abs_diff(256) <= 62 && part.abs_diff(64) <= 62, "{whole} {part}");
        }
        assert_eq!(held.count(ip("10.0.0.0"), ip("10.0.255.255")), 1024);
    }

    proptest! {
        #[test]
        fn counts_of_blocks_add_up(
            mut ips in prop::collection::btree_set(0_u64..10_000, 3..400),
            each in 1_usize..40,
        ) {
            ips.insert(0);
            let all: Vec<_> = ips.iter().copied().collect();
            let last = all.len() - 1;
            let known: Vec<_> = (0..last).step_by(each).chain([last])
                .map(|at| (all[at], at as u64)).collect();
            let held = ordered(known, all.len() as u64);
            let sum: u64 = (0..100).map(|block| held.count(block * 100, block * 100 + 99)).sum();
            prop_assert_eq!(sum, all.len() as u64);
            let exact = |from, to| ips.range(from..=to).count() as u64;
            for block in 0..100 {
                let (from, to) = (block * 100, block * 100 + 99);
                prop_assert!(held.count(from, to).abs_diff(exact(from, to)) <= 2 * each as u64);
            }
        }
    }
}
