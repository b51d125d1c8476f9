//! A block of addresses of either version, as lists of who may come from where have them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::{Cidr4, Cidr6, NetError};

/// A block of IPv4 or IPv6 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    V4(Cidr4),
    V6(Cidr6),
}

impl Block {
    /// Tells whether the address lies in the block; an IPv4 address may be written as IPv6.
    pub(crate) fn contains(self, addr: IpAddr) -> bool {
        match (self, addr.to_canonical()) {
            (Self::V4(block), IpAddr::V4(addr)) => block.contains(addr),
            (Self::V6(block), IpAddr::V6(addr)) => block.contains(addr),
            _ => false,
        }
    }

    /// Tells whether the blocks share an address; blocks of different versions never do.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4(one), Self::V4(other)) => one.overlaps(other),
            (Self::V6(one), Self::V6(other)) => one.overlaps(&other),
            _ => false,
        }
    }
}

impl FromStr for Block {
    type Err = NetError;

    /// Parses `address/length`, or one address.
    fn from_str(text: &str) -> Result<Self, NetError> {
        let text = text.trim();
        match text.parse() {
            Ok(IpAddr::V4(_)) => Cidr4::parse(&format!("{text}/32")).map(Self::V4),
            Ok(IpAddr::V6(_)) => Cidr6::parse(&format!("{text}/128")).map(Self::V6),
            Err(_) if text.contains(':') => Cidr6::parse(text).map(Self::V6),
            Err(_) => Cidr4::parse(text).map(Self::V4),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(block) => block.fmt(f),
            Self::V6(block) => block.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_is_a_cidr_or_one_address() {
        for (text, shown) in [
            ("192.0.2.7/24", "192.0.2.0/24"),
            (" 192.0.2.7", "192.0.2.7/32"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("::1", "::1/128"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(block(text).to_string(), shown);
        }
        for text in ["", "a", "192.0.2.0/33", "192.0.2", "::/129", "192.0.2.1,::1", "/8"] {
            assert!(text.parse::<Block>().is_err(), "{text}");
        }
    }

    #[test]
    fn versions_are_kept_apart_but_for_mapped_addresses() {
        let inside = |text: &str, addr: &str| block(text).contains(addr.parse().unwrap());
        assert!(inside("192.0.2.0/24", "192.0.2.255") && !inside("192.0.2.0/24", "192.0.3.0"));
        assert!(inside("192.0.2.0/24", "::ffff:192.0.2.1"));
        assert!(inside("2001:db8::/32", "2001:db8::1") && !inside("::/0", "192.0.2.1"));
        assert!(!inside("0.0.0.0/0", "2001:db8::1"));
    }
}
