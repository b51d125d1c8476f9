//! `show map`: what each address of a range or network is used for, or each block of a VPC or of
//! an IPv6 prefix.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use super::ask::{Fields, first, text};
use super::held::{Held, Mark};
use super::hilbert;
use super::scene::{Cell, Cells, Entry, Layout, Part, Scale, Scene, Tone, grouped};
use crate::net::{Cidr4, Cidr6};
use crate::text::{Count, shorten};

/// Addresses that are shown one by one at most.
const SINGLE: u64 = 2048;
/// The order of the curve for what has more.
const ORDER: u32 = 5;
/// The order where little is known.
const COARSE: u32 = 3;
/// Blocks of a VPC at most, and at least.
const BLOCKS: (u64, u64) = (64, 1024);

/// Letters of a name at most, where more is said behind it.
const NAME: usize = 48;

/// What the map of addresses is drawn from.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) title: String,
    /// The subnet that they lie in.
    pub(super) subnet: Option<Cidr4>,
    pub(super) gateway: Option<Ipv4Addr>,
    /// Those that can be handed out.
    pub(super) usable: Vec<RangeInclusive<u64>>,
    pub(super) held: Held,
    pub(super) notes: Vec<String>,
}

/// The map of the addresses of a range or a network.
pub(super) fn addresses(field: &Field) -> Scene {
    let Some(whole) = extent(field) else {
        let notes = vec!["It has no IPv4 addresses to show.".to_owned()];
        return Scene { title: field.title.clone(), parts: Vec::new(), notes };
    };
    let (count, usable) = (whole.end() - whole.start() + 1, usable(field));
    let single = count <= SINGLE && matches!(field.held, Held::Exact(_));
    let (cells, fullest) =
        if single { (one_by_one(field, &whole), None) } else { in_blocks(field, &whole) };
    let taken = field.held.total();
    let mut parts = vec![Part::Heading(format!(
        "{} of {} taken, {} free",
        grouped(taken),
        grouped(usable),
        grouped(usable.saturating_sub(taken))
    ))];
    let legend = legend(&cells, fullest);
    let mut notes = field.notes.clone();
    if !single {
        notes.push(curve_note(&cells));
    }
    notes.extend(field.held.note());
    parts.push(Part::Cells(cells));
    parts.push(Part::Legend(legend));
    Scene { title: field.title.clone(), parts, notes }
}

fn usable(field: &Field) -> u64 {
    field.usable.iter().map(|all| all.end() - all.start() + 1).sum()
}

/// What is shown: the whole subnet, if it is small, else the rows or the block around what can be
/// handed out.
fn extent(field: &Field) -> Option<RangeInclusive<u64>> {
    if let Some(subnet) = field.subnet.filter(|subnet| subnet.size() <= SINGLE) {
        return Some(places(subnet));
    }
    let from = field.usable.iter().map(|all| *all.start()).min();
    let to = field.usable.iter().map(|all| *all.end()).max();
    let Some((from, to)) = from.zip(to) else { return field.subnet.map(places) };
    let (row_from, row_to) = (from / 64 * 64, to / 64 * 64 + 63);
    if row_to - row_from < SINGLE {
        return Some(row_from..=row_to);
    }
    let mut size = 64_u64;
    while from / size != to / size {
        size *= 2;
    }
    let base = from / size * size;
    Some(base..=base + size - 1)
}

fn places(cidr: Cidr4) -> RangeInclusive<u64> {
    u64::from(cidr.network().to_bits())..=u64::from(cidr.broadcast().to_bits())
}

fn one_by_one(field: &Field, whole: &RangeInclusive<u64>) -> Cells {
    let none = BTreeMap::new();
    let marks = match &field.held {
        Held::Exact(marks) => marks,
        Held::Ranks(..) | Held::Texts(..) | Held::Sample(..) => &none,
    };
    let cells = whole.clone().map(|place| {
        let (tone, tip) = mark(field, marks, place);
        Cell { tone, tip }
    });
    Cells {
        scale: Scale::V4,
        base: *whole.start(),
        step: 1,
        layout: Layout::Rows,
        cells: cells.collect(),
    }
}

fn mark(field: &Field, marks: &BTreeMap<u64, Mark>, place: u64) -> Mark {
    if let Some(mark) = marks.get(&place) {
        return mark.clone();
    }
    if field.gateway.is_some_and(|ip| u64::from(ip.to_bits()) == place) {
        return (Tone::Gateway, "gateway".into());
    }
    let ends = field.subnet.filter(|subnet| subnet.len() < 31).map(places);
    if let Some(ends) = ends {
        if *ends.start() == place {
            return (Tone::Edge, "network".into());
        }
        if *ends.end() == place {
            return (Tone::Edge, "broadcast".into());
        }
    }
    if field.usable.iter().any(|all| all.contains(&place)) {
        return (Tone::Free, "free".into());
    }
    (Tone::Outside, String::new())
}

fn in_blocks(field: &Field, whole: &RangeInclusive<u64>) -> (Cells, Option<(u64, u64)>) {
    let count = whole.end() - whole.start() + 1;
    // A sample of a few pages says little about small blocks.
    let order = if matches!(field.held, Held::Sample(..)) { COARSE } else { ORDER };
    let step = (count / hilbert::cells(order)).max(1);
    let cells = (0..hilbert::cells(order)).map(|at| {
        let from = whole.start() + at * step;
        let to = from + step - 1;
        let inside = |all: &RangeInclusive<u64>| {
            let (low, high) = (from.max(*all.start()), to.min(*all.end()));
            (high + 1).saturating_sub(low)
        };
        let size: u64 = field.usable.iter().map(inside).sum();
        (field.held.count(from, to).min(size), size)
    });
    let (cells, fullest) = shaded(&cells.collect::<Vec<_>>());
    let cells = Cells {
        scale: Scale::V4,
        base: *whole.start(),
        step,
        layout: Layout::Hilbert(order),
        cells,
    };
    (cells, fullest)
}

/// Blocks of which so many of so many are taken. Where all are nearly empty the shades are parts
/// of the fullest one, which is then given too.
fn shaded(blocks: &[(u64, u64)]) -> (Vec<Cell>, Option<(u64, u64)>) {
    let share =
        |(taken, size): &(u64, u64)| u128::from(*taken) * (1 << 32) / u128::from((*size).max(1));
    let fullest = blocks.iter().copied().max_by_key(share).unwrap_or_default();
    let sparse = fullest.0 > 0 && fullest.0.saturating_mul(8) <= fullest.1;
    let cell = |(taken, size): &(u64, u64)| {
        let mut cell = density(*taken, *size);
        if sparse && *taken > 0 {
            let most = share(&fullest).max(1);
            // The colour of what is full is not for these.
            let sevenths = (share(&(*taken, *size)) * 7).div_ceil(most).clamp(1, 7);
            cell.tone = Tone::Level(u8::try_from(sevenths).unwrap_or(7));
        }
        cell
    };
    (blocks.iter().map(cell).collect(), sparse.then_some(fullest))
}

/// A block of which so many of so many are taken.
fn density(taken: u64, size: u64) -> Cell {
    if size == 0 {
        return Cell { tone: Tone::Outside, tip: String::new() };
    }
    // Full is only what is full, and none only what has none.
    let eighths = (taken * 8).div_ceil(size);
    let eighths = if taken == size { 8 } else { eighths.min(7) };
    let tip = format!("{} of {} taken", grouped(taken), grouped(size));
    Cell { tone: Tone::Level(u8::try_from(eighths).unwrap_or(8)), tip }
}

fn curve_note(cells: &Cells) -> String {
    let quarter = cells.cells.len() as u64 / 4 * cells.step;
    let at = |number: u64| cells.scale.label(cells.base + number * quarter);
    let block = match (cells.scale, cells.step) {
        (Scale::V4, 1) => "one address".to_owned(),
        (Scale::V4, step) => format!("{} addresses", grouped(step)),
        (Scale::V6, 1) => "one /64".to_owned(),
        (Scale::V6, step) => format!("{} /64s", grouped(step)),
    };
    format!(
        "A cell is {block}. The quarters, along a Hilbert curve: top left from {}, bottom left \
         from {}, bottom right from {}, top right from {}.",
        at(0),
        at(1),
        at(2),
        at(3)
    )
}

/// What the colours that occur mean.
fn legend(cells: &Cells, fullest: Option<(u64, u64)>) -> Vec<Entry> {
    let mut counts: BTreeMap<Tone, u64> = BTreeMap::new();
    for cell in &cells.cells {
        *counts.entry(cell.tone).or_default() += 1;
    }
    if counts.keys().any(|tone| matches!(tone, Tone::Level(_))) {
        let levels = match fullest {
            None => vec![
                (0, "none taken".to_owned()),
                (2, "to 25 %".into()),
                (4, "to 50 %".into()),
                (7, "more".into()),
                (8, "full".into()),
            ],
            Some((taken, size)) => {
                let part = |level: u64| small_part(taken * level, size.saturating_mul(7));
                vec![
                    (0, "none taken".to_owned()),
                    (2, format!("to {}", part(2))),
                    (4, format!("to {}", part(4))),
                    (7, format!("to {}, the most", part(7))),
                ]
            }
        };
        let entry = |(level, text)| Entry { tone: Tone::Level(level), text };
        return levels.into_iter().map(entry).collect();
    }
    let known = [
        (Tone::Free, "free"),
        (Tone::Allocated, "allocated"),
        (Tone::SourceNat, "source NAT"),
        (Tone::StaticNat, "static NAT"),
        (Tone::Reserved, "reserved"),
        (Tone::System, "system"),
        (Tone::Gateway, "gateway"),
        (Tone::Edge, "network, broadcast"),
    ];
    let there = known.into_iter().filter_map(|(tone, name)| {
        let count = counts.get(&tone)?;
        Some(Entry { tone, text: format!("{name} ({})", grouped(*count)) })
    });
    there.collect()
}

/// A small part in percent, with three digits behind the point.
fn small_part(taken: u64, size: u64) -> String {
    let part = u128::from(taken) * 100_000 / u128::from(size.max(1));
    format!("{}.{:03} %", part / 1000, part % 1000)
}

/// The map of a VPC: its CIDR, and the tiers in it.
pub(super) fn vpc(vpc: &Fields, tiers: &[Fields]) -> Scene {
    let name = shorten(first(vpc, &["name", "id"]), NAME);
    let cidr = text(vpc, "cidr");
    let title = format!("VPC {name} {cidr}");
    let Ok(whole) = Cidr4::parse(cidr) else {
        let notes = vec!["It has no IPv4 CIDR to show.".to_owned()];
        return Scene { title, parts: Vec::new(), notes };
    };
    let mut tiers: Vec<(Cidr4, &Fields)> = tiers
        .iter()
        .filter_map(|tier| Some((Cidr4::parse(text(tier, "cidr")).ok()?, tier)))
        .collect();
    tiers.sort_by_key(|(cidr, _)| *cidr);
    let smallest = tiers.iter().map(|(cidr, _)| cidr.size()).min().unwrap_or(whole.size());
    let (least, most) = BLOCKS;
    let step = smallest.min(whole.size() / least).max(whole.size() / most).max(1);
    let base = u64::from(whole.network().to_bits());
    let cells = (0..whole.size() / step).map(|at| block(&tiers, base + at * step, step));
    let cells =
        Cells { scale: Scale::V4, base, step, layout: Layout::Rows, cells: cells.collect() };
    let taken: u64 = tiers.iter().map(|(cidr, _)| cidr.size()).sum();
    let summary = format!(
        "{}; {} of {} addresses in tiers",
        Count::new(tiers.len() as u64, "tier", "tiers"),
        grouped(taken),
        grouped(whole.size())
    );
    let notes = vec![format!(
        "A cell is {}.",
        cells
            .scale
            .block(base, step)
            .split('/')
            .next_back()
            .map_or_else(String::new, |len| format!("a /{len}"))
    )];
    let legend = tier_legend(&tiers, &cells);
    let parts = vec![Part::Heading(summary), Part::Cells(cells), Part::Legend(legend)];
    Scene { title, parts, notes }
}

fn block(tiers: &[(Cidr4, &Fields)], from: u64, step: u64) -> Cell {
    let to = from + step - 1;
    let mut inside = (0_u8..=u8::MAX).zip(tiers).filter(|(_, (cidr, _))| {
        let all = places(*cidr);
        *all.start() <= to && *all.end() >= from
    });
    let Some((number, (cidr, tier))) = inside.next() else {
        return Cell { tone: Tone::Free, tip: String::new() };
    };
    let tip = format!("tier {} {cidr}", first(tier, &["name", "id"]));
    match inside.next() {
        None => Cell { tone: Tone::Block(number), tip },
        Some(_) => Cell { tone: Tone::Mixed, tip: "several tiers".into() },
    }
}

fn tier_legend(tiers: &[(Cidr4, &Fields)], cells: &Cells) -> Vec<Entry> {
    let used: BTreeSet<_> = cells.cells.iter().map(|cell| cell.tone).collect();
    let mut entries: Vec<_> = (0_u8..=u8::MAX)
        .zip(tiers)
        .map(|(number, (cidr, tier))| {
            let name = shorten(first(tier, &["name", "id"]), NAME);
            let gateway = text(tier, "gateway");
            let text = format!("{name} {cidr}, gateway {gateway}, {}", text(tier, "state"));
            Entry { tone: Tone::Block(number), text }
        })
        .collect();
    if used.contains(&Tone::Mixed) {
        entries.push(Entry { tone: Tone::Mixed, text: "several tiers".into() });
    }
    entries.push(Entry { tone: Tone::Free, text: "in no tier".into() });
    entries
}

/// The map of an IPv6 prefix: its subnets of 64 bits, and those that networks have.
pub(super) fn prefix(cidr: Cidr6, title: String, networks: &[Fields]) -> Scene {
    if cidr.len() > 64 {
        let notes = vec!["It is smaller than a subnet of 64 bits.".to_owned()];
        return Scene { title, parts: Vec::new(), notes };
    }
    let base = upper(cidr.network());
    let last = upper(cidr.broadcast());
    let of_network = |network: &Fields| {
        let own = Cidr6::parse(text(network, "ip6cidr")).ok()?;
        let place = upper(own.network());
        let name = first(network, &["name", "id"]).to_owned();
        (base..=last).contains(&place).then_some((place, (Tone::Allocated, name)))
    };
    let marks: BTreeMap<u64, Mark> = networks.iter().filter_map(of_network).collect();
    let bits = u32::from(64 - cidr.len());
    let order = ORDER.min(bits.div_ceil(2));
    let step = 1_u64.checked_shl(bits.saturating_sub(2 * order)).unwrap_or(1);
    let blocks = (0..hilbert::cells(order)).map(|at| {
        let from = base.saturating_add(at.saturating_mul(step));
        let to = from.saturating_add(step - 1);
        if at.checked_mul(step).is_none_or(|offset| offset > last - base) {
            return ((0, 0), String::new());
        }
        let inside = marks.range(from..=to);
        let names: Vec<_> = inside.clone().take(4).map(|(_, (_, name))| name.as_str()).collect();
        ((inside.count() as u64, step), names.join(", "))
    });
    let (blocks, names): (Vec<_>, Vec<_>) = blocks.unzip();
    let (mut cells, fullest) = shaded(&blocks);
    if step == 1 {
        for cell in &mut cells {
            cell.tone = match cell.tone {
                Tone::Level(0) => Tone::Free,
                Tone::Level(_) => Tone::Allocated,
                tone => tone,
            };
        }
    }
    for (cell, names) in cells.iter_mut().zip(names).filter(|(_, names)| !names.is_empty()) {
        cell.tip = format!("{}: {names}", cell.tip);
    }
    let layout = Layout::Hilbert(order);
    let cells = Cells { scale: Scale::V6, base, step, layout, cells };
    let all = if bits < 64 { grouped(1 << bits) } else { "2^64".into() };
    let heading = format!("{} of {all} subnets taken", grouped(marks.len() as u64));
    let notes = vec![curve_note(&cells)];
    let legend = legend(&cells, fullest);
    Scene {
        title,
        parts: vec![Part::Heading(heading), Part::Cells(cells), Part::Legend(legend)],
        notes,
    }
}

/// The half of an address that tells subnets apart.
fn upper(ip: Ipv6Addr) -> u64 {
    u64::try_from(ip.to_bits() >> 64).unwrap_or(u64::MAX)
}
