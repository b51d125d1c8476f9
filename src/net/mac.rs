//! MAC addresses and the IPv6 addresses that hosts derive from them.

use std::fmt;
use std::net::Ipv6Addr;

use super::{Cidr6, NetError};

/// A 48-bit MAC address; the first octet on the wire is the highest of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mac(u64);

impl Mac {
    /// Returns the address of these 48 bits, or nothing when a higher bit is set.
    pub(crate) fn new(bits: u64) -> Option<Self> {
        (bits < 1 << 48).then_some(Self(bits))
    }

    /// Parses six octets of two hexadecimal digits, joined by colons or by dashes.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        octets(text).ok_or_else(|| NetError::Mac { text: text.to_owned() })
    }

    /// Returns the address as a number below 2^48.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [_, _, first, rest @ ..] = self.0.to_be_bytes();
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|octet| write!(f, ":{octet:02x}"))
    }
}

/// Returns the address that a host of this MAC address gives itself in the first /64 of
/// `prefix`: the modified EUI-64 of RFC 4291 appendix A. Nothing for a prefix longer than 64.
pub(crate) fn eui64(prefix: Cidr6, mac: Mac) -> Option<Ipv6Addr> {
    if prefix.len() > 64 {
        return None;
    }
    let (vendor, device) = (mac.0 >> 24, mac.0 & 0xff_ffff);
    // The universal/local bit is inverted, and ff:fe parts vendor from device.
    let interface = (vendor << 40 | 0xff_fe00_0000 | device) ^ 1 << 57;
    Some(Ipv6Addr::from_bits(prefix.network().to_bits() | u128::from(interface)))
}

fn octets(text: &str) -> Option<Mac> {
    let text = text.trim();
    let joint = if text.contains('-') { '-' } else { ':' };
    let mut bits = 0;
    let mut count = 0;
    for octet in text.split(joint) {
        if octet.len() != 2 || !octet.bytes().all(|b| b.is_ascii_hexdigit()) || count == 6 {
            return None;
        }
        bits = bits << 8 | u64::from_str_radix(octet, 16).ok()?;
        count += 1;
    }
    if count == 6 { Mac::new(bits) } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parses_and_refuses() {
        let mac = Mac::parse("02:01:00:0A:00:ff").unwrap();
        assert_eq!((mac.to_string().as_str(), mac.bits()), ("02:01:00:0a:00:ff", 0x0201_000a_00ff));
        assert_eq!(Mac::parse("02-01-00-0a-00-ff"), Ok(mac));
        for text in
            ["", "02", "2:1:0:a:0:ff", "02:01:00:0a:00", "02:01:00:0a:00:fg", "+2:01:00:0a:00:ff"]
        {
            assert!(Mac::parse(text).is_err(), "{text}");
        }
        assert!(Mac::parse("02:01:00:0a:00:ff:00").is_err());
        assert!(Mac::parse("02:01-00:0a:00:ff").is_err());
        assert_eq!(Mac::new(1 << 48), None);
    }

    #[test]
    fn eui64_inverts_one_bit_and_inserts_two_octets() {
        let mac = Mac::parse("34:56:78:9a:bc:de").unwrap();
        let prefix = Cidr6::parse("2001:db8:1::/64").unwrap();
        let addr = eui64(prefix, mac).unwrap();
        assert_eq!(addr.to_string(), "2001:db8:1:0:3656:78ff:fe9a:bcde");
        assert_eq!(eui64(Cidr6::parse("2001:db8::/65").unwrap(), mac), None);
    }

    proptest! {
        #[test]
        fn text_and_bits_agree(bits in 0_u64..1 << 48, prefix: u128) {
            let mac = Mac::new(bits).expect("48 bits");
            prop_assert_eq!(Mac::parse(&mac.to_string()), Ok(mac));
            let prefix = Cidr6::new(prefix.into(), 64).expect("length");
            let octets = eui64(prefix, mac).expect("a /64").octets();
            let wire = bits.to_be_bytes();
            prop_assert!(prefix.contains(octets.into()));
            prop_assert_eq!(octets[8], wire[2] ^ 2);
            prop_assert_eq!(&octets[9..11], &wire[3..5]);
            prop_assert_eq!(&octets[11..13], &[0xff, 0xfe]);
            prop_assert_eq!(&octets[13..], &wire[5..]);
        }
    }
}
