//! The tag that isolates a network on the wire, as CloudStack writes it.

use std::fmt;

use super::NetError;

/// The highest VLAN id that CloudStack stores; IEEE 802.1Q reserves it, CloudStack does not.
const MAX_VLAN: u16 = 4095;

/// The highest VXLAN network identifier, 2^24 - 2, as Linux refuses 2^24 - 1
/// (`NetworkServiceImpl.MAX_VXLAN_VNI`).
const MAX_VNI: u32 = 16_777_214;

/// An isolation id with its scheme.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum VlanTag {
    /// No tag: the native network of the port.
    Untagged,
    /// An IEEE 802.1Q id, 0 to 4095.
    Vlan(u16),
    /// A VXLAN network identifier (RFC 7348), 0 to 16777214.
    Vxlan(u32),
    /// Any other broadcast URI, as `pvlan://100-i200`: scheme in lower case, then the rest.
    Uri(String, String),
}

impl VlanTag {
    /// Parses an id, `untagged`, or either behind a scheme such as `vlan://`.
    ///
    /// A bare number is a VLAN id, as in `ConfigurationManagerImpl.createVlanAndPublicIpRange`.
    /// The words and the scheme may be in any case.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        let trimmed = text.trim();
        let (scheme, id) = trimmed.split_once("://").unwrap_or(("vlan", trimmed));
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "vlan" if id.eq_ignore_ascii_case("untagged") => Ok(Self::Untagged),
            "vlan" => bounded(text, id, MAX_VLAN.into()).map(Self::Vlan),
            "vxlan" => bounded(text, id, MAX_VNI.into()).map(Self::Vxlan),
            _ if is_word(&scheme) && is_word(id) => Ok(Self::Uri(scheme, id.to_owned())),
            _ => Err(NetError::Vlan { text: text.to_owned() }),
        }
    }

    /// Tells whether both tags isolate the same traffic, as `NetUtils.isSameIsolationId` does.
    ///
    /// Untagged equals untagged whatever the scheme; the scheme `vlan` may be left out; ids
    /// compare without regard to case.
    pub(crate) fn same_isolation(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uri(scheme, id), Self::Uri(other_scheme, other_id)) => {
                self.is_untagged() && other.is_untagged()
                    || scheme == other_scheme && id.eq_ignore_ascii_case(other_id)
            }
            _ => self == other || self.is_untagged() && other.is_untagged(),
        }
    }

    /// Tells whether the tag says untagged, under any scheme.
    pub(crate) fn is_untagged(&self) -> bool {
        match self {
            Self::Untagged => true,
            Self::Vlan(_) | Self::Vxlan(_) => false,
            Self::Uri(_, id) => id.to_ascii_lowercase().contains("untagged"),
        }
    }

    /// Returns the number of the tag; untagged and other URIs have none.
    pub(crate) fn id(&self) -> Option<u64> {
        match self {
            Self::Vlan(id) => Some((*id).into()),
            Self::Vxlan(id) => Some((*id).into()),
            Self::Untagged | Self::Uri(..) => None,
        }
    }
}

/// Writes the broadcast URI that CloudStack shows, as `vlan://100`.
impl fmt::Display for VlanTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untagged => f.write_str("vlan://untagged"),
            Self::Vlan(id) => write!(f, "vlan://{id}"),
            Self::Vxlan(id) => write!(f, "vxlan://{id}"),
            Self::Uri(scheme, id) => write!(f, "{scheme}://{id}"),
        }
    }
}

/// Parses an id of at most `max`; `text` is what the message quotes.
fn bounded<T: TryFrom<u64>>(text: &str, id: &str, max: u64) -> Result<T, NetError> {
    let wrong = || NetError::Vlan { text: text.to_owned() };
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let bounds = || NetError::Bounds { text: id.to_owned(), min: 0, max };
    let id: u64 = id.parse().map_err(|_| bounds())?;
    if id > max {
        return Err(bounds());
    }
    T::try_from(id).map_err(|_| wrong())
}

/// Tells whether the text is made of the characters that schemes and ids consist of.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_parse_to_their_uri() {
        let cases = [
            ("100", "vlan://100"),
            ("vlan://100", "vlan://100"),
            ("VLAN://0100", "vlan://100"),
            ("untagged", "vlan://untagged"),
            ("vlan://Untagged", "vlan://untagged"),
            ("vxlan://5000", "vxlan://5000"),
            ("pvlan://100-i200", "pvlan://100-i200"),
            (" 4095 ", "vlan://4095"),
        ];
        for (text, uri) in cases {
            assert_eq!(VlanTag::parse(text).map(|tag| tag.to_string()).as_deref(), Ok(uri));
        }
        let wrong =
            ["", "vlan://", "4096", "-1", "+1", "abc", "vxlan://16777215", "://1", "a://b c"];
        for text in wrong {
            assert!(VlanTag::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn isolation_ignores_the_way_of_writing() {
        let same = |a: &str, b: &str| {
            VlanTag::parse(a).unwrap().same_isolation(&VlanTag::parse(b).unwrap())
        };
        assert!(same("100", "vlan://100"));
        assert!(same("untagged", "vlan://untagged"));
        assert!(same("untagged", "vs://untagged"));
        assert!(same("lswitch://ab-CD", "lswitch://AB-cd"));
        assert!(!same("100", "vxlan://100"));
        assert!(!same("100", "101"));
        assert!(!same("100", "untagged"));
        assert!(!same("vs://1", "storage://1"));
    }

    proptest! {
        #[test]
        fn a_uri_reads_back(text in "[a-z]{1,6}://[A-Za-z0-9.-]{1,9}|[0-9]{1,5}") {
            if let Ok(tag) = VlanTag::parse(&text) {
                prop_assert_eq!(VlanTag::parse(&tag.to_string()), Ok(tag));
            }
        }
    }
}
