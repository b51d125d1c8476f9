//! Who comes from where: clients by their address, also behind proxies. Pure.

use std::net::IpAddr;

use crate::net::Block;

/// Which addresses may do what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// Whence the API may be called; from everywhere if there is none.
    pub(crate) allow: Vec<Block>,
    /// Proxies, which are believed when they say for whom they ask.
    pub(crate) proxies: Vec<Block>,
    /// Who may read the metrics.
    pub(crate) metrics: Vec<Block>,
}

impl Access {
    /// The address of the client: the nearest one that is no proxy of ours. `hops` are the values
    /// of `X-Forwarded-For`, to which each proxy appends whom it serves.
    pub(crate) fn client<'a>(
        &self,
        peer: IpAddr,
        hops: impl DoubleEndedIterator<Item = &'a str>,
    ) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut hops = hops.flat_map(|value| value.split(',')).rev();
        while self.is_proxy(client) {
            // What a proxy of ours did not write as an address is nobody's; then it asks itself.
            let Some(hop) = hops.next().and_then(address) else { break };
            client = hop;
        }
        client
    }

    /// Whether this is a proxy of ours.
    pub(crate) fn is_proxy(&self, addr: IpAddr) -> bool {
        is_in(&self.proxies, addr)
    }

    /// Whether the API may be called from there.
    pub(crate) fn admits(&self, client: IpAddr) -> bool {
        self.allow.is_empty() || is_in(&self.allow, client)
    }

    /// Whether the metrics are for whoever is there.
    pub(crate) fn shows_metrics(&self, client: IpAddr) -> bool {
        is_in(&self.metrics, client)
    }
}

/// Whether one of the blocks has the address.
pub(crate) fn is_in(blocks: &[Block], addr: IpAddr) -> bool {
    blocks.iter().any(|block| block.contains(addr))
}

/// An address as proxies write it: some add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse().map(|socket: std::net::SocketAddr| socket.ip());
    let found: IpAddr = bare.parse().or_else(|_| with_port()).ok()?;
    Some(found.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(texts: &[&str]) -> Vec<Block> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn client(peer: &str, hops: &[&str]) -> String {
        let proxies = blocks(&["10.0.0.0/8", "::1"]);
        let access = Access { proxies, ..Access::default() };
        access.client(peer.parse().unwrap(), hops.iter().copied()).to_string()
    }

    #[test]
    fn only_proxies_of_ours_are_believed() {
        assert_eq!(client("192.0.2.1", &["10.0.0.1", "198.51.100.1"]), "192.0.2.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_puts_in_front_is_not_believed() {
        assert_eq!(client("10.0.0.1", &["127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["127.0.0.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["127.0.0.1, 198.51.100.1, 10.0.0.9"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["10.0.0.2, 10.0.0.3"]), "10.0.0.2");
    }

    #[test]
    fn hops_are_read_as_they_are_written() {
        for hop in ["198.51.100.1:4711", " 198.51.100.1 ", "::ffff:198.51.100.1"] {
            assert_eq!(client("::ffff:10.0.0.1", &[hop]), "198.51.100.1", "{hop}");
        }
        for hop in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:443"] {
            assert_eq!(client("::1", &[hop]), "2001:db8::1", "{hop}");
        }
        for hop in ["", "unknown", "198.51.100.1, ", "a:b"] {
            assert_eq!(client("10.0.0.1", &[hop]), "10.0.0.1", "{hop}");
        }
    }

    #[test]
    fn without_a_list_everybody_is_admitted_but_nobody_reads_metrics() {
        let access = Access::default();
        let there = "192.0.2.1".parse().unwrap();
        assert!(access.admits(there) && !access.shows_metrics(there));
        let metrics = blocks(&["192.0.2.0/24"]);
        let access = Access { allow: blocks(&["198.51.100.0/24", "::/0"]), metrics, ..access };
        assert!(!access.admits(there) && access.shows_metrics(there));
        assert!(access.admits("2001:db8::1".parse().unwrap()));
    }
}
