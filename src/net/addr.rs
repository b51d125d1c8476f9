//! Single addresses out of text.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::NetError;

/// Parses an IPv4 address in dotted decimal; blanks around it do not count.
///
/// Leading zeros are refused, as some systems read them as octal (RFC 6943 section 3.1.1).
pub(crate) fn parse4(text: &str) -> Result<Ipv4Addr, NetError> {
    text.trim().parse().map_err(|_| NetError::Address4 { text: text.to_owned() })
}

/// Parses an IPv6 address (RFC 4291 section 2.2); blanks around it do not count, a zone index
/// is refused.
pub(crate) fn parse6(text: &str) -> Result<Ipv6Addr, NetError> {
    text.trim().parse().map_err(|_| NetError::Address6 { text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_and_refuses() {
        assert_eq!(parse4(" 10.1.1.1 "), Ok(Ipv4Addr::new(10, 1, 1, 1)));
        assert_eq!(parse6("::1"), Ok(Ipv6Addr::LOCALHOST));
        for text in ["", "10.1.1", "10.1.1.256", "010.1.1.1", "::1", "10.1.1.1/8"] {
            assert!(parse4(text).is_err(), "{text}");
        }
        for text in ["", "10.1.1.1", "fe80::1%eth0", ":::", "::/0"] {
            assert!(parse6(text).is_err(), "{text}");
        }
    }
}
