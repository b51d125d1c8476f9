//! Which rules of one address exclude each other (`FirewallManagerImpl.detectRulesConflict`), and
//! the states that a rule passes through. All that make rules ask here, and nowhere else.

use crate::engine::Cx;
use crate::engine::rules::traffic::meet;
use crate::model::{
    Cell, EntityKind, FirewallRule, LoadBalancerRule, PortForwardingRule, Record, RuleEvent,
    RulePurpose, RuleState, StaticNatRule,
};
use crate::schema::{Exception, Fault};

/// What a rule claims of its address, as far as that can be in the way of others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim {
    /// What the rule is for.
    pub(super) purpose: RulePurpose,
    /// Its row; 0 of one that is not stored yet.
    pub(super) id: i64,
    /// The network that it serves.
    pub(super) network_id: i64,
    /// The protocol; empty for all that there is.
    pub(super) protocol: String,
    /// The ports of the address; none for all.
    pub(super) ports: Option<(i64, i64)>,
    /// Type and code of ICMP messages.
    pub(super) icmp: Option<(i64, i64)>,
    /// Where the traffic may come from, CIDRs; none for anywhere.
    pub(super) sources: Option<String>,
    /// Where the traffic may go; none for anywhere.
    pub(super) destinations: Option<String>,
}

impl From<&FirewallRule> for Claim {
    fn from(rule: &FirewallRule) -> Self {
        Self {
            purpose: RulePurpose::Firewall,
            id: rule.id,
            network_id: rule.network_id,
            protocol: rule.protocol.clone(),
            ports: rule.first_port.zip(rule.last_port),
            icmp: rule.icmp_type.zip(rule.icmp_code),
            sources: Some(rule.sources.clone()),
            destinations: rule.destinations.clone(),
        }
    }
}

impl From<&PortForwardingRule> for Claim {
    fn from(rule: &PortForwardingRule) -> Self {
        Self {
            sources: rule.sources.clone(),
            ..Self::of_ports(
                (RulePurpose::PortForwarding, rule.id, rule.network_id),
                &rule.protocol,
                (rule.first_port, rule.last_port),
            )
        }
    }
}

impl From<&StaticNatRule> for Claim {
    fn from(rule: &StaticNatRule) -> Self {
        Self::of_ports(
            (RulePurpose::StaticNat, rule.id, rule.network_id),
            &rule.protocol,
            (rule.first_port, rule.last_port),
        )
    }
}

impl From<&LoadBalancerRule> for Claim {
    fn from(rule: &LoadBalancerRule) -> Self {
        Self::of_ports(
            (RulePurpose::LoadBalancing, rule.id, rule.network_id),
            transport(&rule.protocol),
            (rule.public_port, rule.public_port),
        )
    }
}

/// The protocol below one that a load balancer knows.
pub(super) fn transport(protocol: &str) -> &'static str {
    if protocol.eq_ignore_ascii_case("udp") { "udp" } else { "tcp" }
}

impl Claim {
    fn of_ports(
        (purpose, id, network_id): (RulePurpose, i64, i64),
        protocol: &str,
        ports: (i64, i64),
    ) -> Self {
        let protocol = protocol.to_owned();
        let (icmp, sources, destinations) = (None, None, None);
        let ports = Some(ports);
        Self { purpose, id, network_id, protocol, ports, icmp, sources, destinations }
    }

    /// What static NAT claims: everything.
    pub(super) fn of_static_nat(network_id: i64) -> Self {
        let all = Self::of_ports((RulePurpose::StaticNat, 0, network_id), "", (1, 65_535));
        Self { ports: None, ..all }
    }

    /// As people write it: `tcp 80-90 from 192.0.2.0/24`.
    fn text(&self) -> String {
        let what = match (self.ports, self.icmp) {
            (Some((first, last)), _) if first == last => format!(" {first}"),
            (Some((first, last)), _) => format!(" {first}-{last}"),
            (None, Some((kind, code))) if kind >= 0 => format!(" {kind}/{code}"),
            _ => String::new(),
        };
        let from = self.sources.as_ref().map(|sources| format!(" from {sources}"));
        [self.protocol.as_str(), &what, &from.unwrap_or_default()].concat()
    }

    /// What a rule of its kind is.
    const fn kind(&self) -> Option<EntityKind> {
        Some(match self.purpose {
            RulePurpose::Firewall => EntityKind::FirewallRule,
            RulePurpose::PortForwarding => EntityKind::PortForwardingRule,
            RulePurpose::LoadBalancing => EntityKind::LoadBalancerRule,
            RulePurpose::StaticNat => EntityKind::StaticNatRule,
            RulePurpose::Vpn => return None,
        })
    }
}

/// Whether two rules of one address exclude each other, and with which exception. It is the same
/// whichever of them is the newer one.
pub(super) fn between(new: &Claim, old: &Claim) -> Option<Exception> {
    use RulePurpose::{Firewall, PortForwarding, StaticNat};
    let conflict = Some(Exception::NetworkRuleConflict);
    let both = (new.purpose, old.purpose);
    if both.0 != Firewall && both.1 != Firewall && (both.0 == StaticNat) != (both.1 == StaticNat) {
        return conflict;
    }
    if new.network_id != old.network_id {
        return conflict;
    }
    match both {
        (Firewall, Firewall) => between_firewalls(new, old),
        (Firewall, _) | (_, Firewall) => None,
        _ if !ports_meet(new, old) || parted_by_protocol(new, old) => None,
        (PortForwarding, PortForwarding)
            if !lists_meet(new.sources.as_deref(), old.sources.as_deref()) =>
        {
            None
        }
        _ => conflict,
    }
}

/// Rules of the firewall exclude each other where all that they say is the same traffic's.
fn between_firewalls(new: &Claim, old: &Claim) -> Option<Exception> {
    if new.protocol != old.protocol
        || !lists_meet(new.sources.as_deref(), old.sources.as_deref())
        || !lists_meet(new.destinations.as_deref(), old.destinations.as_deref())
    {
        return None;
    }
    if new.protocol == "icmp" {
        return (new.icmp == old.icmp).then_some(Exception::InvalidParameterValue);
    }
    ports_meet(new, old).then_some(Exception::NetworkRuleConflict)
}

/// Whether two rules may use one port with different protocols.
fn parted_by_protocol(new: &Claim, old: &Claim) -> bool {
    use RulePurpose::{LoadBalancing, PortForwarding, StaticNat, Vpn};
    new.protocol != old.protocol
        && matches!(
            (new.purpose, old.purpose),
            (PortForwarding | Vpn, PortForwarding)
                | (PortForwarding | LoadBalancing, Vpn)
                | (Vpn, LoadBalancing)
                | (StaticNat, StaticNat)
        )
}

fn ports_meet(a: &Claim, b: &Claim) -> bool {
    match (a.ports, b.ports) {
        (Some(a), Some(b)) => a.0 <= b.1 && b.0 <= a.1,
        _ => true,
    }
}

/// Whether two lists of CIDRs have an address in common; no list means anywhere.
fn lists_meet(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => meet(a, b),
        _ => true,
    }
}

/// Refuses a rule of a public address that another one excludes.
pub(super) fn refuse(
    cx: &mut Cx<'_>,
    (range_id, place): (i64, i64),
    new: &Claim,
) -> Result<(), Fault> {
    let at = [range_id.into(), place.into()];
    let mut others = of::<FirewallRule>(cx, &at)?;
    others.extend(of::<PortForwardingRule>(cx, &at)?);
    others.extend(of::<StaticNatRule>(cx, &at)?);
    others.extend(of::<LoadBalancerRule>(cx, &at)?);
    refuse_among(cx, &others, new)
}

/// What the living rules of a table claim of an address.
fn of<R: Record>(cx: &mut Cx<'_>, at: &[Cell]) -> Result<Vec<Claim>, Fault>
where
    for<'r> Claim: From<&'r R>,
{
    let tail = "WHERE range_id = ? AND place = ? AND removed IS NULL ORDER BY id";
    let rules: Vec<R> = cx.tx.select(tail, at)?;
    Ok(rules.iter().map(Claim::from).collect())
}

/// Refuses a rule that one of these excludes, other than itself.
pub(super) fn refuse_among(cx: &Cx<'_>, others: &[Claim], new: &Claim) -> Result<(), Fault> {
    for old in others {
        if old.purpose == new.purpose && old.id == new.id {
            continue;
        }
        if let Some(exception) = between(new, old) {
            return Err(told(cx, exception, new, old));
        }
    }
    Ok(())
}

fn told(cx: &Cx<'_>, exception: Exception, new: &Claim, old: &Claim) -> Fault {
    let Some(kind) = old.kind() else {
        let text = "The rule conflicts with another one: the address serves a VPN";
        return Fault::new(exception, text);
    };
    let id = cx.tx.uid(kind, old.id);
    let (what, noun) = (old.text(), kind.noun());
    let also = match new.network_id == old.network_id {
        true => "",
        false => ", which serves another network",
    };
    let text = format!("The rule conflicts with another one: {what} is in the {noun} {id}{also}");
    Fault::new(exception, text).about(id, "rule")
}

/// The state of a rule in whose way nothing is. Its provider is a record too, so that what it is
/// told is done at once; load balancers are told with their first guest only.
pub(super) fn state(is_applied: bool) -> RuleState {
    let compared = RuleState::Staged.next(RuleEvent::NoConflict);
    let told = compared.filter(|_| is_applied).and_then(|state| state.next(RuleEvent::Applied));
    told.or(compared).unwrap_or(RuleState::Staged)
}

/// Takes a rule through its last states.
pub(super) fn end(state: RuleState) -> Result<(), Fault> {
    let left = state.next(RuleEvent::DeleteRequested);
    let last = match left {
        Some(RuleState::Revoke) => RuleState::Revoke.next(RuleEvent::Applied),
        other => other,
    };
    match last {
        Some(RuleState::Gone) => Ok(()),
        _ => {
            let text = format!("A rule cannot be deleted in the state {state}");
            Err(Fault::new(Exception::CloudRuntime, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(purpose: RulePurpose, protocol: &str, ports: (i64, i64)) -> Claim {
        Claim::of_ports((purpose, 0, 1), protocol, ports)
    }

    /// The table of all pairs: what happens between two rules for the same ports, with the same
    /// protocol and with different ones.
    #[test]
    fn each_purpose_against_each() {
        use RulePurpose::*;
        let never = [
            (Firewall, PortForwarding),
            (Firewall, LoadBalancing),
            (Firewall, Vpn),
            (Firewall, StaticNat),
        ];
        let parted = [
            (Firewall, Firewall),
            (PortForwarding, PortForwarding),
            (PortForwarding, Vpn),
            (LoadBalancing, Vpn),
            (StaticNat, StaticNat),
        ];
        let has = |list: &[(RulePurpose, RulePurpose)], a: RulePurpose, b: RulePurpose| {
            list.contains(&(a, b)) || list.contains(&(b, a))
        };
        let conflict = Some(Exception::NetworkRuleConflict);
        for &a in RulePurpose::ALL {
            for &b in RulePurpose::ALL {
                let new = claim(a, "tcp", (80, 90));
                let found = |old: Claim| between(&new, &old);
                let is_nat_only = (a == StaticNat) != (b == StaticNat);
                let (free, differs) = (has(&never, a, b), has(&parted, a, b));
                let wanted = if free { None } else { conflict };
                assert_eq!(found(claim(b, "tcp", (90, 99))), wanted, "{a} {b}: same protocol");
                let wanted = if free || differs { None } else { conflict };
                assert_eq!(found(claim(b, "udp", (90, 99))), wanted, "{a} {b}: other protocol");
                let wanted = if is_nat_only && !free { conflict } else { None };
                assert_eq!(found(claim(b, "tcp", (91, 99))), wanted, "{a} {b}: other ports");
                let elsewhere = Claim { network_id: 2, ..claim(b, "tcp", (91, 99)) };
                assert_eq!(found(elsewhere), conflict, "{a} {b}: another network");
            }
        }
    }

    #[test]
    fn it_is_mutual() {
        let sources = [None, Some("192.0.2.0/25".to_owned()), Some("192.0.2.128/25".to_owned())];
        let mut all = Vec::new();
        for &purpose in RulePurpose::ALL {
            for protocol in ["tcp", "udp"] {
                for ports in [(1, 5), (5, 9), (9, 9)] {
                    for sources in sources.clone() {
                        all.push(Claim { sources, ..claim(purpose, protocol, ports) });
                    }
                }
            }
        }
        for a in &all {
            assert!(all.iter().all(|b| between(a, b) == between(b, a)), "{a:?}");
        }
    }

    #[test]
    fn forwarded_ports_are_parted_by_where_traffic_comes_from_and_others_are_not() {
        use RulePurpose::*;
        let from = |purpose, cidr: &str| Claim {
            sources: Some(cidr.to_owned()),
            ..claim(purpose, "tcp", (80, 80))
        };
        let (one, other, both) = ("192.0.2.0/25", "192.0.2.128/25", "192.0.2.0/24");
        let conflict = Some(Exception::NetworkRuleConflict);
        for (a, b, cidr, wanted) in [
            (PortForwarding, PortForwarding, other, None),
            (PortForwarding, PortForwarding, both, conflict),
            (Firewall, Firewall, other, None),
            (Firewall, Firewall, both, conflict),
            (LoadBalancing, LoadBalancing, other, conflict),
            (PortForwarding, LoadBalancing, other, conflict),
        ] {
            assert_eq!(between(&from(a, one), &from(b, cidr)), wanted, "{a} {b} {cidr}");
        }
        let anywhere = claim(PortForwarding, "tcp", (80, 80));
        assert_eq!(between(&anywhere, &from(PortForwarding, one)), conflict);
    }

    #[test]
    fn icmp_messages_are_the_same_by_type_and_code() {
        let icmp = |kind, code| Claim {
            ports: None,
            icmp: Some((kind, code)),
            sources: Some("0.0.0.0/0".to_owned()),
            ..claim(RulePurpose::Firewall, "icmp", (0, 0))
        };
        let same = Some(Exception::InvalidParameterValue);
        assert_eq!(between(&icmp(8, -1), &icmp(8, -1)), same);
        assert_eq!(between(&icmp(8, -1), &icmp(8, 0)), None);
        assert_eq!(between(&icmp(-1, -1), &icmp(8, 0)), None);
        let all = Claim { ports: None, ..claim(RulePurpose::Firewall, "all", (0, 0)) };
        assert_eq!(between(&all, &icmp(8, 0)), None, "other protocols are other rules");
        assert_eq!(between(&all, &all), Some(Exception::NetworkRuleConflict));
    }

    #[test]
    fn a_rule_passes_through_its_states() {
        assert_eq!((state(false), state(true)), (RuleState::Add, RuleState::Active));
        for ends in [RuleState::Staged, RuleState::Add, RuleState::Active, RuleState::Revoke] {
            assert!(end(ends).is_ok(), "{ends}");
        }
        for never in [RuleState::Deleting, RuleState::Gone] {
            assert_eq!(end(never).unwrap_err().code(), 530, "{never}");
        }
    }
}
