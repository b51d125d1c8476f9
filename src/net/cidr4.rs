//! An IPv4 block: a network address and a prefix length (RFC 4632).

use std::borrow::Borrow;
use std::fmt;
use std::net::Ipv4Addr;

use super::NetError;
use super::gap::lowest_gap;

/// The blocks that CloudStack accepts for guest networks without a special setting: RFC 1918
/// section 3 and RFC 6598 section 7 (`NetUtils.validateGuestCidr`).
const PRIVATE: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// A block of IPv4 addresses; its host bits are zero. Ordered by address, then by length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cidr4 {
    network: u32,
    len: u8,
}

impl Cidr4 {
    /// Returns the block of prefix length `len` that holds `addr`, or nothing past 32.
    pub(crate) fn new(addr: Ipv4Addr, len: u8) -> Option<Self> {
        (len <= 32).then(|| Self { network: addr.to_bits() & mask(len), len })
    }

    /// Parses `address/length`, clearing the host bits as CloudStack does.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        Self::parse_exact(text).map(|(_, cidr)| cidr)
    }

    /// Parses `address/length` and returns the address as given beside its block.
    pub(crate) fn parse_exact(text: &str) -> Result<(Ipv4Addr, Self), NetError> {
        parts(text).ok_or_else(|| NetError::Cidr4 { text: text.to_owned() })
    }

    /// Returns the block that a gateway and its netmask describe. 0.0.0.0 is no netmask
    /// (`NetUtils.isValidIp4Netmask`): nobody's subnet is the whole internet.
    pub(crate) fn from_gateway_netmask(
        gateway: Ipv4Addr,
        netmask: Ipv4Addr,
    ) -> Result<Self, NetError> {
        let wrong = NetError::Netmask { netmask };
        let len = netmask_len(netmask).filter(|len| *len > 0).ok_or(wrong)?;
        Self::new(gateway, len).ok_or(NetError::Netmask { netmask })
    }

    /// Returns the lowest address.
    pub(crate) const fn network(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.network)
    }

    /// Returns the highest address.
    pub(crate) fn broadcast(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.network | !mask(self.len))
    }

    /// Returns the netmask, as 255.255.255.0 for length 24.
    pub(crate) fn netmask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(mask(self.len))
    }

    /// Returns the prefix length, 0 to 32.
    pub(crate) const fn len(self) -> u8 {
        self.len
    }

    /// Returns the number of addresses, network and broadcast included: 1 to 2^32.
    pub(crate) const fn size(self) -> u64 {
        1 << (32 - self.len)
    }

    /// Returns the lowest address a host may have: the one after the network address, and the
    /// lowest of all in a /31 (RFC 3021 section 2.1) and a /32.
    pub(crate) fn first_host(self) -> Ipv4Addr {
        let skipped = u32::from(self.len < 31);
        Ipv4Addr::from_bits(self.network | skipped)
    }

    /// Returns the highest address a host may have: the one before the broadcast address, and
    /// the highest of all in a /31 (RFC 3021 section 2.1) and a /32.
    pub(crate) fn last_host(self) -> Ipv4Addr {
        let skipped = u32::from(self.len < 31);
        Ipv4Addr::from_bits(self.broadcast().to_bits() ^ skipped)
    }

    /// Tells whether the address lies in the block.
    pub(crate) fn contains(self, addr: Ipv4Addr) -> bool {
        addr.to_bits() & mask(self.len) == self.network
    }

    /// Tells whether every address of `other` lies in the block.
    pub(crate) fn contains_cidr(self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.len <= other.len && self.contains(other.network())
    }

    /// Tells whether the blocks share an address, that is, whether one contains the other.
    pub(crate) fn overlaps(self, other: impl Borrow<Self>) -> bool {
        let other = other.borrow();
        self.contains_cidr(other) || other.contains_cidr(self)
    }

    /// Tells whether the whole block is private: inside 10/8, 172.16/12, 192.168/16 or
    /// 100.64/10.
    pub(crate) fn is_private(self) -> bool {
        PRIVATE
            .iter()
            .filter_map(|&(network, len)| Self::new(network, len))
            .any(|private| private.contains_cidr(self))
    }
}

impl fmt::Display for Cidr4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.len)
    }
}

impl fmt::Debug for Cidr4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns the prefix length of a netmask, or nothing when its one bits are not contiguous.
fn netmask_len(netmask: Ipv4Addr) -> Option<u8> {
    let bits = netmask.to_bits();
    let len = u8::try_from(bits.leading_ones()).ok()?;
    (bits == mask(len)).then_some(len)
}

/// Returns the lowest block of length `len` inside `pool` that overlaps none of `taken`.
///
/// Nothing is returned when the pool is full, or when `len` is shorter than the pool's or past
/// 32. `taken` may be unsorted and may overlap; 100,000 blocks cost a few milliseconds.
pub(crate) fn next_free(pool: Cidr4, len: u8, taken: &[Cidr4]) -> Option<Cidr4> {
    let size = Cidr4::new(pool.network(), len)?.size();
    let first =
        lowest_gap(span(pool), u128::from(size), taken.iter().copied().map(span).collect())?;
    Cidr4::new(Ipv4Addr::from_bits(u32::try_from(first).ok()?), len)
}

fn span(cidr: Cidr4) -> (u128, u128) {
    (cidr.network.into(), cidr.broadcast().to_bits().into())
}

/// Returns the netmask of a prefix length of at most 32.
fn mask(len: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(len)).unwrap_or(0)
}

fn parts(text: &str) -> Option<(Ipv4Addr, Cidr4)> {
    let (addr, len) = text.trim().split_once('/')?;
    let addr = addr.parse().ok()?;
    Some((addr, Cidr4::new(addr, super::prefix_len(len)?)?))
}

#[cfg(test)]
mod tests {
    use ipnet::Ipv4Net;
    use proptest::prelude::*;

    use super::*;
    use crate::net::Range4;

    /// All addresses of a block, network and broadcast included.
    fn range(cidr: Cidr4) -> Range4 {
        Range4::new(cidr.network(), cidr.broadcast()).unwrap()
    }

    fn cidr(text: &str) -> Cidr4 {
        Cidr4::parse(text).unwrap()
    }

    /// Blocks of anywhere, and as often of one place, so that they meet each other.
    fn any_cidr() -> impl Strategy<Value = Cidr4> {
        let wide = (any::<u32>(), 0_u8..=32)
            .prop_map(|(addr, len)| Cidr4::new(addr.into(), len).expect("length"));
        prop_oneof![wide, small_cidr()]
    }

    /// Blocks of one /24, so that they meet each other.
    fn small_cidr() -> impl Strategy<Value = Cidr4> {
        (0_u32..256, 25_u8..=32)
            .prop_map(|(host, len)| Cidr4::new((0x0a00_0000 + host).into(), len).expect("length"))
    }

    #[test]
    fn parses_and_refuses() {
        assert_eq!(cidr("10.10.111.7/16").to_string(), "10.10.0.0/16");
        let given = Cidr4::parse_exact("10.10.111.7/16").unwrap();
        assert_eq!(given, (Ipv4Addr::new(10, 10, 111, 7), cidr("10.10.0.0/16")));
        let wrong = ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/+8", "/8"];
        for text in wrong.into_iter().chain(["10.0.0.0/008", "010.0.0.0/8", "::/0", "1.2.3.4/-1"]) {
            assert!(Cidr4::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_smallest_blocks_have_hosts() {
        let pair = cidr("10.0.0.4/31");
        assert_eq!(pair.first_host(), Ipv4Addr::new(10, 0, 0, 4));
        assert_eq!(pair.last_host(), Ipv4Addr::new(10, 0, 0, 5));
        let one = cidr("10.0.0.4/32");
        assert_eq!(
            (one.first_host(), one.last_host(), one.size()),
            (one.network(), one.network(), 1)
        );
        assert_eq!(cidr("0.0.0.0/0").size(), 1 << 32);
    }

    #[test]
    fn netmasks_are_contiguous() {
        assert_eq!(netmask_len(Ipv4Addr::new(255, 255, 255, 0)), Some(24));
        assert_eq!(netmask_len(Ipv4Addr::UNSPECIFIED), Some(0));
        assert_eq!(netmask_len(Ipv4Addr::BROADCAST), Some(32));
        assert_eq!(netmask_len(Ipv4Addr::new(255, 0, 255, 0)), None);
        let gateway = Ipv4Addr::new(10, 1, 1, 1);
        let block = Cidr4::from_gateway_netmask(gateway, Ipv4Addr::new(255, 255, 255, 0));
        assert_eq!(block, Ok(cidr("10.1.1.0/24")));
        assert!(Cidr4::from_gateway_netmask(gateway, Ipv4Addr::new(0, 255, 0, 0)).is_err());
        assert!(Cidr4::from_gateway_netmask(gateway, Ipv4Addr::UNSPECIFIED).is_err());
    }

    #[test]
    fn private_space_is_recognised() {
        for text in ["10.0.0.0/8", "172.31.0.0/16", "192.168.1.0/24", "100.64.0.0/10"] {
            assert!(cidr(text).is_private(), "{text}");
        }
        for text in ["8.8.8.0/24", "10.0.0.0/7", "172.32.0.0/16", "100.128.0.0/16", "0.0.0.0/0"] {
            assert!(!cidr(text).is_private(), "{text}");
        }
    }

    #[test]
    fn next_free_knows_its_bounds() {
        let pool = cidr("10.0.0.0/8");
        assert_eq!(next_free(pool, 16, &[]), Some(cidr("10.0.0.0/16")));
        assert_eq!(next_free(pool, 16, &[cidr("10.0.3.0/24")]), Some(cidr("10.1.0.0/16")));
        assert_eq!(next_free(pool, 8, &[]), Some(pool));
        assert_eq!(next_free(pool, 7, &[]), None);
        assert_eq!(next_free(pool, 33, &[]), None);
        assert_eq!(next_free(pool, 24, &[cidr("0.0.0.0/0")]), None);
        let top = cidr("255.255.255.0/24");
        assert_eq!(
            next_free(top, 25, &[cidr("255.255.255.128/25")]),
            Some(cidr("255.255.255.0/25"))
        );
        assert_eq!(next_free(top, 25, &[top]), None);
    }

    #[test]
    fn next_free_takes_a_hundred_thousand() {
        let taken: Vec<Cidr4> = (0..100_000_u32)
            .rev()
            .filter_map(|n| Cidr4::new((0x0a00_0000 + n * 64).into(), 26))
            .collect();
        assert_eq!(next_free(cidr("10.0.0.0/8"), 26, &taken), Some(cidr("10.97.168.0/26")));
    }

    proptest! {
        #[test]
        fn agrees_with_ipnet(a in any_cidr(), b in any_cidr(), addr: u32) {
            let net = |c: Cidr4| Ipv4Net::new(c.network(), c.len()).expect("valid");
            let addr = Ipv4Addr::from_bits(addr);
            prop_assert_eq!(a.to_string(), net(a).to_string());
            prop_assert_eq!(Cidr4::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(a.broadcast(), net(a).broadcast());
            prop_assert_eq!(a.netmask(), net(a).netmask());
            prop_assert_eq!(netmask_len(a.netmask()), Some(a.len()));
            prop_assert_eq!(Some(a.first_host()), net(a).hosts().next());
            prop_assert_eq!(a.contains(addr), net(a).contains(&addr));
            prop_assert_eq!(a.contains_cidr(b), net(a).contains(&net(b)));
            prop_assert_eq!(a.overlaps(b), range(a).overlaps(range(b)));
            prop_assert_eq!(range(a).len(), a.size());
        }

        #[test]
        fn last_host_agrees_with_ipnet(a in small_cidr()) {
            let net = Ipv4Net::new(a.network(), a.len()).expect("valid");
            prop_assert_eq!(Some(a.last_host()), net.hosts().last());
        }

        #[test]
        fn next_free_is_the_first_that_fits(
            taken in prop::collection::vec(small_cidr(), 0..24),
            len in 24_u8..=32,
        ) {
            let pool = cidr("10.0.0.0/24");
            let net = Ipv4Net::new(pool.network(), pool.len()).expect("valid");
            let expected = net
                .subnets(len)
                .expect("length")
                .filter_map(|n| Cidr4::new(n.network(), len))
                .find(|free| taken.iter().all(|t| !t.overlaps(free)));
            prop_assert_eq!(next_free(pool, len, &taken), expected);
        }
    }
}
