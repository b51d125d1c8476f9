//! A run of IPv4 addresses, both ends included.

use std::borrow::Borrow;
use std::fmt;
use std::net::Ipv4Addr;

use super::NetError;

/// The addresses from `first` to `last`, both included; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Range4 {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

impl Range4 {
    /// Returns the range from `first` to `last`; refuses one that runs downwards.
    pub(crate) fn new(first: Ipv4Addr, last: Ipv4Addr) -> Result<Self, NetError> {
        if first > last {
            return Err(NetError::Order { first: first.to_string(), last: last.to_string() });
        }
        Ok(Self { first, last })
    }

    /// Parses `first-last`; blanks around either address do not count.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        let wrong = || NetError::Range { text: text.to_owned() };
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let first = first.trim().parse().map_err(|_| wrong())?;
        let last = last.trim().parse().map_err(|_| wrong())?;
        Self::new(first, last)
    }

    /// Returns the lowest address.
    pub(crate) const fn first(self) -> Ipv4Addr {
        self.first
    }

    /// Returns the highest address.
    pub(crate) const fn last(self) -> Ipv4Addr {
        self.last
    }

    /// Returns the number of addresses, 1 to 2^32.
    pub(crate) fn len(self) -> u64 {
        u64::from(self.last.to_bits() - self.first.to_bits()) + 1
    }

    /// Tells whether the address lies in the range.
    pub(crate) fn contains(self, addr: Ipv4Addr) -> bool {
        self.first <= addr && addr <= self.last
    }

    /// Tells whether the ranges share an address.
    pub(crate) fn overlaps(self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.first <= other.last && other.first <= self.last
    }

    /// Returns the address `offset` places above the first, or nothing past the last.
    pub(crate) fn nth(self, offset: u64) -> Option<Ipv4Addr> {
        let offset = u32::try_from(offset).ok()?;
        let addr = Ipv4Addr::from_bits(self.first.to_bits().checked_add(offset)?);
        (addr <= self.last).then_some(addr)
    }
}

impl fmt::Display for Range4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range() -> impl Strategy<Value = Range4> {
        (any::<u32>(), any::<u32>()).prop_map(|(a, b)| {
            let (low, high) = (a.min(b), a.max(b));
            Range4::new(low.into(), high.into()).expect("ordered")
        })
    }

    #[test]
    fn parses_and_refuses() {
        let range = Range4::parse("10.0.0.1 - 10.0.0.9").unwrap();
        assert_eq!((range.to_string().as_str(), range.len()), ("10.0.0.1-10.0.0.9", 9));
        for text in ["", "10.0.0.1", "10.0.0.9-10.0.0.1", "10.0.0.1-", "a-b", "1-2-3"] {
            assert!(Range4::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_whole_space_is_a_range() {
        let all = Range4::parse("0.0.0.0-255.255.255.255").unwrap();
        assert_eq!(all.len(), 1 << 32);
        assert_eq!(all.nth(u64::from(u32::MAX)), Some(Ipv4Addr::BROADCAST));
        assert_eq!(all.nth(1 << 32), None);
    }

    proptest! {
        #[test]
        fn offsets_and_addresses_agree(range in range(), pick in any::<u64>()) {
            let offset = pick % range.len();
            let found = range.nth(offset).expect("inside");
            prop_assert_eq!(u64::from(found.to_bits() - range.first().to_bits()), offset);
            prop_assert!(range.contains(found));
            prop_assert_eq!(range.nth(range.len()), None);
            prop_assert_eq!(Range4::parse(&range.to_string()), Ok(range));
        }

        #[test]
        fn overlap_is_having_an_end_inside(a in range(), b in range()) {
            let ends = a.contains(b.first()) || a.contains(b.last()) || b.contains(a.first());
            prop_assert_eq!(a.overlaps(b), ends);
        }
    }
}
