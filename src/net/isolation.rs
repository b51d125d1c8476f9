//! How a physical network keeps its guests apart, and the ids each method has.

use std::fmt;

use super::id_set::id_range;
use super::{IdSet, NetError};
use crate::text::or_list;

/// An isolation method of a physical network (`PhysicalNetwork.IsolationMethod`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum IsolationMethod {
    /// IEEE 802.1Q tags; the default.
    Vlan,
    /// Keys of GRE tunnels between virtual switches.
    Gre,
    /// VXLAN network identifiers (RFC 7348).
    Vxlan,
    /// STT tunnels of a network virtualisation controller.
    Stt,
    /// Separation by IP address, as in Basic zones.
    L3,
    /// Brocade VCS port profiles.
    Vcs,
    /// `VMware` NSX segments.
    Nsx,
    /// Netris networks.
    Netris,
}

/// Every method with its name and the scheme of its broadcast URI
/// (`Networks.BroadcastDomainType`).
const METHODS: &[(IsolationMethod, &str, &str)] = &[
    (IsolationMethod::Vlan, "VLAN", "vlan"),
    (IsolationMethod::Gre, "GRE", "vs"),
    (IsolationMethod::Vxlan, "VXLAN", "vxlan"),
    (IsolationMethod::Stt, "STT", "lswitch"),
    (IsolationMethod::L3, "L3", "vlan"),
    (IsolationMethod::Vcs, "VCS", "vcs"),
    (IsolationMethod::Nsx, "NSX", "nsx"),
    (IsolationMethod::Netris, "NETRIS", "netris"),
];

impl IsolationMethod {
    /// Parses the name of a method in any case.
    pub(crate) fn parse(text: &str) -> Result<Self, NetError> {
        let named = METHODS.iter().find(|(_, name, _)| name.eq_ignore_ascii_case(text.trim()));
        named.map(|&(method, ..)| method).ok_or_else(|| {
            let names: Vec<&str> = METHODS.iter().map(|&(_, name, _)| name).collect();
            NetError::Isolation { text: text.to_owned(), allowed: or_list(&names) }
        })
    }

    /// Returns the lowest and the highest id of the method, both included
    /// (`NetworkServiceImpl.validateVlanRange`).
    pub(crate) const fn bounds(self) -> (u64, u64) {
        match self {
            Self::Gre => (0, 4_294_967_295),
            Self::Vxlan | Self::Netris => (0, 16_777_214),
            Self::Vlan | Self::Stt | Self::L3 | Self::Vcs | Self::Nsx => (0, 4095),
        }
    }

    /// Parses the id ranges of a physical network: comma separated `first-last`.
    ///
    /// A number without a dash, a range that runs downwards and an id out of [`Self::bounds`]
    /// are refused. A blank text is the empty pool.
    pub(crate) fn parse_vnets(self, text: &str) -> Result<IdSet, NetError> {
        let mut vnets = IdSet::new();
        if text.trim().is_empty() {
            return Ok(vnets);
        }
        let (min, max) = self.bounds();
        for token in text.split(',') {
            let wrong = || NetError::Ids { text: text.to_owned() };
            let (first, last) = token.split_once('-').ok_or_else(wrong)?;
            let range = id_range(text, first, last)?;
            if *range.start() < min || *range.end() > max {
                return Err(NetError::Bounds { text: token.trim().to_owned(), min, max });
            }
            vnets.insert(range);
        }
        Ok(vnets)
    }

    /// Returns the scheme of the method's broadcast URIs, as `vs` for GRE.
    pub(crate) fn scheme(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        // A test proves that every method has its row, so the first is never a substitute.
        METHODS.iter().find(|(method, ..)| *method == self).unwrap_or(&METHODS[0])
    }
}

impl fmt::Display for IsolationMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_in_any_case() {
        for (at, &(method, name, scheme)) in METHODS.iter().enumerate() {
            assert_eq!(method as usize, at, "rows in the order of the enum");
            assert_eq!(IsolationMethod::parse(&name.to_lowercase()), Ok(method));
            assert_eq!((method.to_string().as_str(), method.scheme()), (name, scheme));
        }
        let wrong = IsolationMethod::parse("x").unwrap_err().to_string();
        assert!(wrong.contains("`VLAN`, `GRE`"), "{wrong}");
    }

    #[test]
    fn pools_follow_the_format() {
        let pool = |text| IsolationMethod::Vlan.parse_vnets(text).map(|ids| ids.to_string());
        assert_eq!(pool("300-400, 100-200").as_deref(), Ok("100-200,300-400"));
        assert_eq!(pool("0-4095").as_deref(), Ok("0-4095"));
        assert_eq!(pool("5-5").as_deref(), Ok("5-5"));
        assert_eq!(pool("").as_deref(), Ok(""));
        for text in ["100", "100-200,300", "200-100", "0-4096", "a-b", "1-2-3", "1-2,"] {
            assert!(pool(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_follow_the_method() {
        assert!(IsolationMethod::Vxlan.parse_vnets("0-16777214").is_ok());
        assert!(IsolationMethod::Vxlan.parse_vnets("0-16777215").is_err());
        assert!(IsolationMethod::Gre.parse_vnets("0-4294967295").is_ok());
        assert!(IsolationMethod::Gre.parse_vnets("0-4294967296").is_err());
    }
}
