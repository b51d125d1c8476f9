//! An IPv6 block: a network address and a prefix length (RFC 4291 section 2.3).

use std::fmt;
use std::net::Ipv6Addr;

use super::NetError;

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

    /// Tells whether the address lies in the block.
    pub(crate) fn contains(&self, addr: Ipv6Addr) -> bool {
        addr.to_bits() & mask(self.len) == self.network
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

    proptest! {
        #[test]
        fn agrees_with_ipnet(a in any_cidr(), addr: u128) {
            let net = |c: Cidr6| Ipv6Net::new(c.network(), c.len()).expect("valid");
            let addr = Ipv6Addr::from_bits(addr);
            prop_assert_eq!(a.to_string(), net(a).to_string());
            prop_assert_eq!(Cidr6::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(a.broadcast(), net(a).broadcast());
            prop_assert_eq!(a.contains(addr), net(a).contains(&addr));
        }
    }
}
