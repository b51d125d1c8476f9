//! What can be wrong with an address, block, range, tag or id list.

use std::fmt;
use std::net::Ipv4Addr;

use crate::text::quoted;

/// Why a text or a pair of values does not describe something of this room.
///
/// The `text` of a variant is the whole offending text as given; [`fmt::Display`] shortens it,
/// makes it printable and says what is allowed instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NetError {
    /// Not an IPv4 address in dotted decimal.
    Address4 { text: String },
    /// Not an IPv6 address (RFC 4291 section 2.2).
    Address6 { text: String },
    /// Not an IPv4 block `address/length`, length 0 to 32.
    Cidr4 { text: String },
    /// Not an IPv6 block `address/length`, length 0 to 128.
    Cidr6 { text: String },
    /// A netmask whose one bits are not contiguous from the left.
    Netmask { netmask: Ipv4Addr },
    /// Not a range `first-last`.
    Range { text: String },
    /// A range whose first value lies above its last.
    Order { first: String, last: String },
    /// Not a VLAN tag or broadcast URI.
    Vlan { text: String },
    /// Not an isolation method; `allowed` names those that are.
    Isolation { text: String, allowed: String },
    /// Not a list `first-last,first-last` of ids.
    Ids { text: String },
    /// An id outside the inclusive bounds.
    Bounds { text: String, min: u64, max: u64 },
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, wrong) = match self {
            Self::Netmask { netmask } => {
                return write!(
                    f,
                    "{netmask} is not a netmask: its one bits must be contiguous, as in \
                     255.255.255.0"
                );
            }
            Self::Order { first, last } => {
                return write!(
                    f,
                    "{} lies above {}: a range runs from low to high",
                    quoted(first),
                    quoted(last)
                );
            }
            Self::Bounds { text, min, max } => {
                return write!(f, "{} is out of bounds: {min} to {max} is allowed", quoted(text));
            }
            Self::Isolation { text, allowed } => {
                return write!(f, "{} is not an isolation method: use {allowed}", quoted(text));
            }
            Self::Address4 { text } => (text, "an IPv4 address like 10.1.1.1"),
            Self::Address6 { text } => (text, "an IPv6 address like 2001:db8::1"),
            Self::Cidr4 { text } => (text, "an IPv4 CIDR like 10.1.1.0/24, length 0 to 32"),
            Self::Cidr6 { text } => (text, "an IPv6 CIDR like 2001:db8::/64, length 0 to 128"),
            Self::Range { text } => (text, "a range like 10.1.1.10-10.1.1.20"),
            Self::Vlan { text } => {
                (text, "a VLAN tag like 100, vlan://100, vxlan://5000 or untagged")
            }
            Self::Ids { text } => (text, "a list of id ranges like 100-200,300-400"),
        };
        write!(f, "{} is not {wrong}", quoted(text))
    }
}

impl std::error::Error for NetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_quote_and_advise() {
        let wrong = NetError::Cidr4 { text: "10.0.0.0/33".to_owned() };
        assert_eq!(
            wrong.to_string(),
            "`10.0.0.0/33` is not an IPv4 CIDR like 10.1.1.0/24, length 0 to 32"
        );
        let wrong = NetError::Bounds { text: "4096".to_owned(), min: 0, max: 4095 };
        assert_eq!(wrong.to_string(), "`4096` is out of bounds: 0 to 4095 is allowed");
        let wrong = NetError::Range { text: "x\u{1b}".repeat(900) };
        assert!(wrong.to_string().len() < 400);
        assert!(!wrong.to_string().contains('\u{1b}'));
    }
}
