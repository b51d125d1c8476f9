//! What a picture consists of, before anybody knows whether it goes to a terminal or a file.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Scene {
    pub(super) title: String,
    pub(super) parts: Vec<Part>,
    /// What one has to know about it: what was sampled, what was left out.
    pub(super) notes: Vec<String>,
}

/// A part of a picture; parts stand below each other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Heading(String),
    Bars(Vec<Bar>),
    Cells(Cells),
    Legend(Vec<Entry>),
    Tree(Vec<Branch>),
    Strip(Strip),
    Table(Table),
}

impl Part {
    /// The bars of a part that has some.
    pub(super) fn bars(&self) -> Option<&[Bar]> {
        match self {
            Self::Bars(bars) => Some(bars),
            _ => None,
        }
    }
}

/// How much of something is taken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) used: u64,
    pub(super) total: u64,
    /// The part, of a thousand, from which on somebody should know.
    pub(super) alert: u64,
    /// The part, of a thousand, from which on somebody should act.
    pub(super) critical: u64,
    /// How much was taken at the end of each of the last days, if that is known.
    pub(super) past: Vec<u64>,
    /// What is to be expected; may be empty.
    pub(super) about: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grade {
    Good,
    Alert,
    Critical,
}

impl Bar {
    /// The part that is taken, of a thousand; rounded.
    pub(super) fn permille(&self) -> u64 {
        let (used, total) = (u128::from(self.used), u128::from(self.total));
        let part = (used * 1000 + total / 2).checked_div(total).unwrap_or(0);
        u64::try_from(part).unwrap_or(u64::MAX)
    }

    pub(super) fn grade(&self) -> Grade {
        match self.permille() {
            part if part >= self.critical => Grade::Critical,
            part if part >= self.alert => Grade::Alert,
            _ => Grade::Good,
        }
    }

    /// `3 of 253`.
    pub(super) fn numbers(&self) -> String {
        format!("{} of {}", grouped(self.used), grouped(self.total))
    }

    /// `1.2 %`.
    pub(super) fn percent(&self) -> String {
        let part = self.permille();
        format!("{}.{} %", part / 10, part % 10)
    }
}

/// A number with a comma before each three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the cells of a map count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Addresses, as numbers.
    V4,
    /// Subnets of 64 bits, by the first half of their addresses.
    V6,
}

impl Scale {
    /// The name of a place.
    pub(super) fn label(self, place: u64) -> String {
        match self {
            Self::V4 => Ipv4Addr::from_bits(u32::try_from(place).unwrap_or(u32::MAX)).to_string(),
            Self::V6 => Ipv6Addr::from_bits(u128::from(place) << 64).to_string(),
        }
    }

    /// The block of `size` places, a power of two, that begins at `place`.
    pub(super) fn block(self, place: u64, size: u64) -> String {
        let whole = match self {
            Self::V4 => 32,
            Self::V6 => 64,
        };
        format!("{}/{}", self.label(place), whole - size.trailing_zeros().min(whole))
    }
}

/// Addresses or blocks of them, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    pub(super) scale: Scale,
    /// The place of the first cell.
    pub(super) base: u64,
    /// Places that a cell stands for.
    pub(super) step: u64,
    pub(super) layout: Layout,
    pub(super) cells: Vec<Cell>,
}

/// How cells are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// In rows, as text is written.
    Rows,
    /// Along Hilbert's curve of this order.
    Hilbert(u32),
}

/// An address or a block.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) tone: Tone,
    /// What is said to those who point at it; may be empty.
    pub(super) tip: String,
}

/// What a cell is coloured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// Not among those that are handed out.
    Outside,
    Free,
    Allocated,
    SourceNat,
    StaticNat,
    Reserved,
    System,
    Gateway,
    /// The address of the network itself, or its broadcast address.
    Edge,
    /// So many eighths are taken.
    Level(u8),
    /// The part of the tier of this number.
    Block(u8),
    /// Several tiers have parts of it.
    Mixed,
}

/// A line of a legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// A thing with the things in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Branch {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) within: Vec<Self>,
}

impl Branch {
    pub(super) fn new(name: impl Into<String>, about: impl Into<String>) -> Self {
        Self { name: name.into(), about: about.into(), within: Vec::new() }
    }
}

/// A time axis with spans on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Strip {
    /// What stands at the beginning and at the end of the axis.
    pub(super) ends: (String, String),
    pub(super) spans: Vec<Span>,
}

/// A span of the axis, in parts of a thousand of its length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// Columns of text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn bars_know_how_bad_it_is() {
        let bar = |used, total| Bar {
            label: String::new(),
            used,
            total,
            alert: 750,
            critical: 850,
            past: Vec::new(),
            about: String::new(),
        };
        assert_eq!(bar(3, 253).percent(), "1.2 %");
        assert_eq!(bar(0, 0).percent(), "0.0 %");
        assert_eq!(bar(749, 1000).grade(), Grade::Good);
        assert_eq!(bar(750, 1000).grade(), Grade::Alert);
        assert_eq!(bar(u64::MAX, u64::MAX).grade(), Grade::Critical);
    }

    #[test]
    fn places_have_names() {
        assert_eq!(Scale::V4.block(0x0a00_0100, 256), "10.0.1.0/24");
        assert_eq!(Scale::V4.block(0, 1 << 32), "0.0.0.0/0");
        assert_eq!(Scale::V6.block(0x2001_0db8_0000_0100, 1), "2001:db8:0:100::/64");
        assert_eq!(Scale::V6.block(0x2001_0db8_0000_0000, 1 << 16), "2001:db8::/48");
    }
}
