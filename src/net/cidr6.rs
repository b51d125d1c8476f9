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

    /// Tells whether every address of `other` lies in the block.
    pub(crate) fn contains_cidr(&self, other: &Self) -> bool {
        self.len <= other.len && self.contains(other.network())
    }

    /// Tells whether the blocks share an address, that is, whether one contains the other.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.contains_cidr(other) || other.contains_cidr(self)
    }

    /// Returns the number of /64s in the block: 0 for a smaller one, 2^64 - 1 for all there are.
    pub(crate) fn subnets(&self) -> u64 {
        match self.len {
            0 => u64::MAX,
            len if len <= SUBNET => 1 << (SUBNET - len),
            _ => 0,
        }
    }

    /// Returns the /64 at this place in the block, counted from 0, or nothing past the last.
    pub(crate) fn subnet(&self, place: u64) -> Option<Self> {
        let network = self.network + (u128::from(place) << SUBNET);
        (place < self.subnets()).then_some(Self { network, len: SUBNET })
    }

    /// Returns the address after the network's own, where the gateway of guests stands.
    pub(crate) fn first_host(&self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self.network | u128::from(self.len < 128))
    }

    /// Returns the address that an interface gives itself in the block (RFC 4291 appendix A): the
    /// first 64 bits of the block, then those of the MAC address. Nothing for a block smaller than
    /// a /64, or for what is no MAC address such as `02:00:00:00:00:01`.
    pub(crate) fn eui64(&self, mac: &str) -> Option<Ipv6Addr> {
        let mut bytes = [0_u8; 6];
        let mut parts = mac.split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2)?;
            *byte = u8::from_str_radix(part, 16).ok()?;
        }
        let [first, second, third, x, y, z] = bytes;
        let host = u64::from_be_bytes([first ^ 2, second, third, 0xff, 0xfe, x, y, z]);
        let whole = self.len <= SUBNET && parts.next().is_none();
        whole.then(|| Ipv6Addr::from_bits(self.network | u128::from(host)))
    }
}

/// The prefix length of a subnet of guests, whose interfaces find their addresses by themselves
/// (RFC 4862).
const SUBNET: u8 = 64;

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

    #[test]
    fn interface_addresses_are_those_of_the_standard() {
        // The example of RFC 2464 section 4.
        let address = cidr("2001:db8::/64").eui64("34:56:78:9a:bc:de").unwrap();
        assert_eq!(address.to_string(), "2001:db8::3656:78ff:fe9a:bcde");
        assert_eq!(cidr("2001:db8::/65").eui64("34:56:78:9a:bc:de"), None);
        for mac in ["", "34:56:78:9a:bc", "34:56:78:9a:bc:de:f0", "3:456:78:9a:bc:de", "x"] {
            assert_eq!(cidr("2001:db8::/64").eui64(mac), None, "{mac}");
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

        #[test]
        fn blocks_lie_in_each_other_as_ipnet_says(a in any_cidr(), b in any_cidr(), near: bool) {
            // Two blocks taken at random hardly ever meet: one beside the other's address does.
            let b = if near { Cidr6::new(a.network(), b.len()).expect("length") } else { b };
            let net = |c: Cidr6| Ipv6Net::new(c.network(), c.len()).expect("valid");
            prop_assert_eq!(a.contains_cidr(&b), net(a).contains(&net(b)));
            let meet = net(a).contains(&net(b)) || net(b).contains(&net(a));
            prop_assert_eq!((a.overlaps(&b), b.overlaps(&a)), (meet, meet));
        }

        #[test]
        fn subnets_are_those_of_ipnet(addr: u128, len in 52_u8..=64, pick: u64) {
            let prefix = Cidr6::new(addr.into(), len).expect("length");
            let net = Ipv6Net::new(prefix.network(), len).expect("valid");
            let all: Vec<_> = net.subnets(64).expect("length").collect();
            prop_assert_eq!(prefix.subnets(), all.len() as u64);
            let place = pick % prefix.subnets();
            let subnet = prefix.subnet(place).expect("inside");
            prop_assert_eq!(subnet.to_string(), all[usize::try_from(place).unwrap()].to_string());
            prop_assert_eq!(subnet.first_host(), all[usize::try_from(place).unwrap()]
                .hosts().nth(1).expect("a host"));
            prop_assert_eq!(prefix.subnet(prefix.subnets()), None);
        }

        #[test]
        fn places_of_large_prefixes_do_not_overflow(addr: u128, len in 0_u8..=128, pick: u64) {
            let prefix = Cidr6::new(addr.into(), len).expect("length");
            let place = pick.checked_rem(prefix.subnets()).unwrap_or(0);
            let found = prefix.subnet(place);
            prop_assert_eq!(found.is_some(), len <= 64);
            if let Some(found) = found {
                prop_assert!(prefix.contains_cidr(&found));
                let offset = (found.network().to_bits() - prefix.network().to_bits()) >> 64;
                prop_assert_eq!(offset, u128::from(place));
            }
        }

        #[test]
        fn an_interface_address_says_its_mac(addr: u128, len in 0_u8..=64, mac: [u8; 6]) {
            let block = Cidr6::new(addr.into(), len).expect("length");
            let text = mac.map(|byte| format!("{byte:02x}")).join(":");
            let bytes = block.eui64(&text).expect("a MAC address").octets();
            prop_assert!(block.contains(Ipv6Addr::from(bytes)));
            prop_assert_eq!(&bytes[..8], &block.network().octets()[..8]);
            let back = [bytes[8] ^ 2, bytes[9], bytes[10], bytes[13], bytes[14], bytes[15]];
            prop_assert_eq!((back, [bytes[11], bytes[12]]), (mac, [0xff, 0xfe]));
        }
    }
}
