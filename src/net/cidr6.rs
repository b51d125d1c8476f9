//! An IPv6 block: a network address and a prefix length (RFC 4291 section 2.3).

use std::borrow::Borrow;
use std::fmt;
use std::net::Ipv6Addr;

use super::gap::lowest_gap;
use super::{NetError, Range6};

/// A block of IPv6 addresses; its host bits are zero. Ordered by address, then by length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cidr6 {
    network: u128,
    len: u8,
}

impl Cidr6 {
    /// Returns the block of prefix length `len` that holds `addr`, or nothing past 128.
    pub(crate) fn new(addr: Ipv6Addr, len: u8) -> Option<Self> {
        (len <= 128).then(|| Self { network: addr.to_bits() & mask(len), len })
    }

    /// Parses `address/length`, clearing the host bits.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        Self::parse_exact(text).map(|(_, cidr)| cidr)
    }

    /// Parses `address/length` and returns the address as given beside its block.
    pub(crate) fn parse_exact(text: &str) -> Result<(Ipv6Addr, Self), NetError> {
        parts(text).ok_or_else(|| NetError::Cidr6 { text: text.to_owned() })
    }

    /// Returns the lowest address.
    pub(crate) const fn network(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.network)
    }

    /// Returns the highest address; IPv6 has no broadcast, the name matches [`super::Cidr4`].
    pub(crate) fn broadcast(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.network | !mask(self.len))
    }

    /// Returns the prefix length, 0 to 128.
    pub(crate) const fn len(&self) -> u8 {
        self.len
    }

    /// Returns the number of addresses; the whole space, 2^128, counts as 2^128 - 1.
    pub(crate) fn size(&self) -> u128 {
        self.range().len()
    }

    /// Returns the lowest address a host may have. The first is the anycast address of the
    /// routers (RFC 4291 section 2.6.1), except in a /127 (RFC 6164 section 6) and a /128.
    pub(crate) fn first_host(&self) -> Ipv6Addr {
        let skipped = u128::from(self.len < 127);
        Ipv6Addr::from_bits(self.network | skipped)
    }

    /// Returns the highest address a host may have, which is the last of the block.
    pub(crate) fn last_host(&self) -> Ipv6Addr {
        self.broadcast()
    }

    /// Tells whether the address lies in the block.
    pub(crate) fn contains(&self, addr: Ipv6Addr) -> bool {
        addr.to_bits() & mask(self.len) == self.network
    }

    /// Tells whether every address of `other` lies in the block.
    pub(crate) fn contains_cidr(&self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.len <= other.len && self.contains(other.network())
    }

    /// Tells whether the blocks share an address, that is, whether one contains the other.
    pub(crate) fn overlaps(&self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.contains_cidr(other) || other.contains_cidr(self)
    }

    /// Returns all addresses of the block as a range.
    pub(crate) fn range(&self) -> Range6 {
        Range6::spanning(self.network(), self.broadcast())
    }

    /// Tells whether the whole block is private: inside `fc00::/7` (RFC 4193 section 3.1).
    pub(crate) fn is_private(&self) -> bool {
        self.len >= 7 && self.network >> 121 == 0xfc >> 1
    }
}

impl fmt::Display for Cidr6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.len)
    }
}

impl fmt::Debug for Cidr6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns the lowest block of length `len` inside `pool` that overlaps none of `taken`.
///
/// Nothing is returned when the pool is full, or when `len` is shorter than the pool's, 0 or
/// past 128. `taken` may be unsorted and may overlap.
pub(crate) fn next_free6(pool: Cidr6, len: u8, taken: &[Cidr6]) -> Option<Cidr6> {
    let size = 1_u128.checked_shl(128_u32.checked_sub(len.into())?)?;
    let first = lowest_gap(span(&pool), size, taken.iter().map(span).collect())?;
    Cidr6::new(Ipv6Addr::from_bits(first), len)
}

fn span(cidr: &Cidr6) -> (u128, u128) {
    (cidr.network, cidr.broadcast().to_bits())
}

/// Returns the netmask of a prefix length of at most 128.
fn mask(len: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(len)).unwrap_or(0)
}

fn parts(text: &str) -> Option<(Ipv6Addr, Cidr6)> {
    let (addr, len) = text.trim().split_once('/')?;
    let addr = addr.parse().ok()?;
    Some((addr, Cidr6::new(addr, super::prefix_len(len)?)?))
}

#[cfg(test)]
mod tests {
    use ipnet::Ipv6Net;
    use proptest::prelude::*;

    use super::*;

    fn cidr(text: &str) -> Cidr6 {
        Cidr6::parse(text).unwrap()
    }

    fn any_cidr() -> impl Strategy<Value = Cidr6> {
        (any::<u128>(), 0_u8..=128)
            .prop_map(|(addr, len)| Cidr6::new(addr.into(), len).expect("length"))
    }

    #[test]
    fn parses_and_refuses() {
        assert_eq!(cidr("2001:DB8::7/64").to_string(), "2001:db8::/64");
        let given = Cidr6::parse_exact("2001:db8::7/64").unwrap();
        assert_eq!(given, ("2001:db8::7".parse().unwrap(), cidr("2001:db8::/64")));
        for text in ["", "::", "::/129", "::/", "::/+8", "10.0.0.0/8", "::/064", "::1%eth0/64"] {
            assert!(Cidr6::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_largest_and_smallest_blocks_work() {
        let all = cidr("::/0");
        assert_eq!((all.size(), all.len()), (u128::MAX, 0));
        assert_eq!(cidr("2001:db8::/127").first_host(), cidr("2001:db8::/128").network());
        assert_eq!(cidr("2001:db8::/64").first_host().to_string(), "2001:db8::1");
        assert_eq!(cidr("2001:db8::/64").size(), 1 << 64);
    }

    #[test]
    fn unique_local_space_is_private() {
        assert!(cidr("fd12:3456::/32").is_private());
        assert!(cidr("fc00::/7").is_private());
        assert!(!cidr("fc00::/6").is_private());
        assert!(!cidr("2001:db8::/32").is_private());
    }

    #[test]
    fn next_free_carves_networks() {
        let pool = cidr("2001:db8::/48");
        assert_eq!(next_free6(pool, 64, &[]), Some(cidr("2001:db8::/64")));
        let taken = [cidr("2001:db8:0:1::/64"), cidr("2001:db8::/64")];
        assert_eq!(next_free6(pool, 64, &taken), Some(cidr("2001:db8:0:2::/64")));
        assert_eq!(next_free6(pool, 47, &[]), None);
        assert_eq!(next_free6(pool, 129, &[]), None);
        assert_eq!(next_free6(cidr("::/0"), 0, &[]), None);
        assert_eq!(next_free6(pool, 64, &[cidr("::/0")]), None);
    }

    proptest! {
        #[test]
        fn agrees_with_ipnet(a in any_cidr(), b in any_cidr(), addr: u128) {
            let net = |c: Cidr6| Ipv6Net::new(c.network(), c.len()).expect("valid");
            let addr = Ipv6Addr::from_bits(addr);
            prop_assert_eq!(a.to_string(), net(a).to_string());
            prop_assert_eq!(Cidr6::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(a.broadcast(), net(a).broadcast());
            prop_assert_eq!(a.contains(addr), net(a).contains(&addr));
            prop_assert_eq!(a.contains_cidr(b), net(a).contains(&net(b)));
            prop_assert_eq!(a.overlaps(b), a.range().overlaps(b.range()));
        }

        #[test]
        fn next_free_is_the_first_that_fits(
            taken in prop::collection::vec((0_u16..256, 57_u8..=64), 0..24),
            len in 56_u8..=64,
        ) {
            let at = |n: u16| Ipv6Addr::new(0x2001, 0xdb8, 0, n, 0, 0, 0, 0);
            let taken: Vec<Cidr6> =
                taken.into_iter().filter_map(|(n, len)| Cidr6::new(at(n), len)).collect();
            let expected = (0..256)
                .filter_map(|n| Cidr6::new(at(n), len).filter(|c| c.network() == at(n)))
                .find(|free| taken.iter().all(|t| !t.overlaps(free)));
            prop_assert_eq!(next_free6(cidr("2001:db8::/56"), len, &taken), expected);
        }
    }
}
