//! A run of IPv6 addresses, both ends included.

use std::borrow::Borrow;
use std::fmt;
use std::net::Ipv6Addr;

use super::NetError;

/// The addresses from `first` to `last`, both included; never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Range6 {
    first: Ipv6Addr,
    last: Ipv6Addr,
}

impl Range6 {
    /// Returns the range from `first` to `last`; refuses one that runs downwards.
    pub(crate) fn new(first: Ipv6Addr, last: Ipv6Addr) -> Result<Self, NetError> {
        if first > last {
            return Err(NetError::Order { first: first.to_string(), last: last.to_string() });
        }
        Ok(Self { first, last })
    }

    /// Returns the range between two addresses that the caller knows to be in order.
    pub(super) const fn spanning(first: Ipv6Addr, last: Ipv6Addr) -> Self {
        Self { first, last }
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
    pub(crate) const fn first(&self) -> Ipv6Addr {
        self.first
    }

    /// Returns the highest address.
    pub(crate) const fn last(&self) -> Ipv6Addr {
        self.last
    }

    /// Returns the number of addresses; the whole space, 2^128, counts as 2^128 - 1.
    pub(crate) fn len(&self) -> u128 {
        (self.last.to_bits() - self.first.to_bits()).saturating_add(1)
    }

    /// Tells whether the address lies in the range.
    pub(crate) fn contains(&self, addr: Ipv6Addr) -> bool {
        self.first <= addr && addr <= self.last
    }

    /// Tells whether every address of `other` lies in the range.
    pub(crate) fn contains_range(&self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.first <= other.first && other.last <= self.last
    }

    /// Tells whether the ranges share an address.
    pub(crate) fn overlaps(&self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.first <= other.last && other.first <= self.last
    }

    /// Returns the address `offset` places above the first, or nothing past the last.
    ///
    /// Of a range longer than 2^64 only the first 2^64 addresses can be named so.
    pub(crate) fn nth(&self, offset: u64) -> Option<Ipv6Addr> {
        let addr = Ipv6Addr::from_bits(self.first.to_bits().checked_add(offset.into())?);
        (addr <= self.last).then_some(addr)
    }

    /// Returns how many places above the first the address lies, or nothing when it lies
    /// outside or 2^64 places or more above.
    pub(crate) fn offset_of(&self, addr: Ipv6Addr) -> Option<u64> {
        let offset = addr.to_bits().checked_sub(self.first.to_bits())?;
        if self.contains(addr) { offset.try_into().ok() } else { None }
    }
}

impl fmt::Display for Range6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range() -> impl Strategy<Value = Range6> {
        (any::<u128>(), any::<u128>()).prop_map(|(a, b)| {
            let (low, high) = (a.min(b), a.max(b));
            Range6::new(low.into(), high.into()).expect("ordered")
        })
    }

    #[test]
    fn parses_and_refuses() {
        let range = Range6::parse("2001:db8::1 - 2001:db8::9").unwrap();
        assert_eq!((range.to_string().as_str(), range.len()), ("2001:db8::1-2001:db8::9", 9));
        for text in ["", "::1", "::9-::1", "::1-", "a-b", "10.0.0.1-10.0.0.2"] {
            assert!(Range6::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_whole_space_is_a_range() {
        let all = Range6::parse("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").unwrap();
        assert_eq!(all.len(), u128::MAX);
        assert_eq!(all.nth(u64::MAX), Some(Ipv6Addr::from_bits(u128::from(u64::MAX))));
        assert_eq!(all.offset_of(Ipv6Addr::from_bits(1 << 64)), None);
        let top = Range6::new(Ipv6Addr::from_bits(u128::MAX), Ipv6Addr::from_bits(u128::MAX));
        assert_eq!(top.unwrap().nth(1), None);
    }

    proptest! {
        #[test]
        fn offsets_and_addresses_agree(range in range(), pick: u64, addr: u128) {
            if let Some(found) = range.nth(pick) {
                prop_assert_eq!(range.offset_of(found), Some(pick));
            } else {
                prop_assert!(range.len() <= u128::from(pick));
            }
            let addr = Ipv6Addr::from_bits(addr);
            prop_assert!(range.contains(addr) || range.offset_of(addr).is_none());
            prop_assert_eq!(Range6::parse(&range.to_string()), Ok(range));
        }

        #[test]
        fn overlap_is_having_an_end_inside(a in range(), b in range()) {
            let ends = a.contains(b.first()) || a.contains(b.last()) || b.contains(a.first());
            prop_assert_eq!(a.overlaps(b), ends);
            prop_assert_eq!(a.contains_range(b), a.contains(b.first()) && a.contains(b.last()));
        }
    }
}
