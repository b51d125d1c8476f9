//! Rules: what firewalls and ACL lists let through.

use crate::model::{Time, choice, record};

choice! {
    /// Which way traffic goes, seen from the guests.
    TrafficDirection {
        /// To the guests.
        Ingress = "Ingress",
        /// From the guests.
        Egress = "Egress",
    }
}

choice! {
    /// What an ACL rule does with the traffic that it matches.
    AclAction {
        /// Lets it through.
        Allow = "Allow",
        /// Drops it.
        Deny = "Deny",
    }
}

record! {
    /// A firewall rule: traffic that a public address lets in, or that a network lets out or keeps
    /// in. Its id is never given again, so its row stays when it is gone.
    FirewallRule in "firewall_rule" {
        /// Which way the traffic goes.
        direction: TrafficDirection,
        /// The range of the address; none for traffic from the guests.
        range_id: Option<i64>,
        /// The place of the address in the range.
        place: Option<i64>,
        /// The network that the address belongs to, or whose guests the traffic is from.
        network_id: i64,
        /// The account that owns the rule.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// `tcp`, `udp`, `icmp`, `all` or a number.
        protocol: String,
        /// The first port; none for all.
        first_port: Option<i64>,
        /// The last port.
        last_port: Option<i64>,
        /// The type of ICMP messages; -1 for all.
        icmp_type: Option<i64>,
        /// The code of ICMP messages; -1 for all.
        icmp_code: Option<i64>,
        /// Where the traffic may come from: CIDRs, separated by commas.
        sources: String,
        /// Where the traffic may go: CIDRs, separated by commas.
        destinations: Option<String>,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

record! {
    /// A rule of an ACL list. Those of a list are tried in the order of their numbers.
    AclItem in "acl_item" {
        /// The list.
        acl_id: i64,
        /// Its number in the list, which no other has.
        number: i64,
        /// What is done with the traffic.
        action: AclAction,
        /// Which way the traffic goes.
        direction: TrafficDirection,
        /// `tcp`, `udp`, `icmp`, `all` or a number.
        protocol: String,
        /// The first port; none for all.
        first_port: Option<i64>,
        /// The last port.
        last_port: Option<i64>,
        /// The type of ICMP messages; -1 for all.
        icmp_type: Option<i64>,
        /// The code of ICMP messages; -1 for all.
        icmp_code: Option<i64>,
        /// Where the traffic comes from, or goes to: CIDRs, separated by commas.
        cidrs: String,
        /// Why there is this rule.
        reason: Option<String>,
        /// Whether its owner sees it.
        display: bool,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}
