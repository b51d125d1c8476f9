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

choice! {
    /// What a rule of a public address is for (`FirewallRule.Purpose`).
    RulePurpose {
        /// It lets traffic in.
        Firewall = "Firewall",
        /// It leads ports to one guest.
        PortForwarding = "PortForwarding",
        /// It shares a port out among guests.
        LoadBalancing = "LoadBalancing",
        /// It serves a VPN.
        Vpn = "Vpn",
        /// It lets traffic through an address that is one guest's.
        StaticNat = "StaticNat",
    }
}

choice! {
    /// How far a rule of an address has come (`FirewallRule.State`).
    RuleState {
        /// It is stored, and was not compared with the others yet.
        Staged = "Staged",
        /// Nothing is in its way; its provider does not know of it yet.
        Add = "Add",
        /// Its provider knows of it.
        Active = "Active",
        /// It is being taken from its provider.
        Revoke = "Revoke",
        /// It is about to be deleted.
        Deleting = "Deleting",
        /// It is gone; CloudStack has no word for that, as there is no row any more.
        Gone = "Gone",
    }
}

choice! {
    /// What happens to a rule.
    RuleEvent {
        /// It was compared with the others, and none is in its way.
        NoConflict = "NoConflict",
        /// Its provider did what it says.
        Applied = "Applied",
        /// Its provider could not.
        ApplyFailed = "ApplyFailed",
        /// Somebody deletes it.
        DeleteRequested = "DeleteRequested",
    }
}

impl RuleState {
    /// The state after `event`; `None` where there is no such transition.
    pub(crate) const fn next(self, event: RuleEvent) -> Option<Self> {
        use RuleEvent::*;
        use RuleState::*;
        match (self, event) {
            (Staged, NoConflict) => Some(Add),
            (Add | Active, Applied) => Some(Active),
            (Add, ApplyFailed) => Some(Add),
            (Active, ApplyFailed) => Some(Active),
            (Add | Active | Revoke, DeleteRequested) | (Revoke, ApplyFailed) => Some(Revoke),
            (Staged, DeleteRequested) | (Revoke, Applied) => Some(Gone),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Over all states and events.
    #[test]
    fn a_rule_moves_only_as_cloudstack_moves_it() {
        use RuleEvent::*;
        use RuleState::*;
        let known = [
            (Staged, NoConflict, Add),
            (Staged, DeleteRequested, Gone),
            (Add, Applied, Active),
            (Add, ApplyFailed, Add),
            (Add, DeleteRequested, Revoke),
            (Active, Applied, Active),
            (Active, ApplyFailed, Active),
            (Active, DeleteRequested, Revoke),
            (Revoke, Applied, Gone),
            (Revoke, ApplyFailed, Revoke),
            (Revoke, DeleteRequested, Revoke),
        ];
        for state in RuleState::ALL {
            for event in RuleEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }
}
