//! Rows that no store may have, and how they are told.

use super::appliances::APPLIANCES;
use super::balancers::BALANCERS;
use super::gateways::GATEWAYS;
use super::guests::GUESTS;
use super::ip6::IP6;
use super::{Findings, ip};
use crate::model::{CellRef, EntityKind};
use crate::store::{StoreError, Tx};

/// Rows that are not allowed: the name of the rule, what is said of each of them, and how they are
/// found. The words in braces stand for the columns, in their order.
pub(super) type Rule = (&'static str, &'static str, &'static str);

/// All rules.
const ALL: &[&[Rule]] = &[ADDRESSES, OWNERS, NAMES, GUESTS, GATEWAYS, BALANCERS, APPLIANCES, IP6];

/// Checks all rules.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    for (rule, says, sql) in ALL.iter().copied().flatten() {
        tx.each(sql, &[], |cell| {
            findings.note(rule, |names| told(names, says, cell));
            Ok(true)
        })?;
    }
    Ok(())
}

const ADDRESSES: &[Rule] = &[
    (
        "address-in-range",
        "the address {ip} lies outside its range {range}, which goes from {ip} to {ip}: release \
         it, or give the range its old ends",
        "SELECT (r.gateway & r.netmask) + a.place, r.id, r.first, r.last FROM address a \
         JOIN vlan_range r ON r.id = a.range_id AND r.removed IS NULL \
         WHERE r.first IS NULL OR (r.gateway & r.netmask) + a.place NOT BETWEEN r.first AND r.last",
    ),
    (
        "range-of-addresses",
        "the range {range} is gone, and {} of its addresses are still held, the first at offset \
         {}: they should have been released before",
        "SELECT a.range_id, COUNT(*), MIN(a.place) FROM address a \
         LEFT JOIN vlan_range r ON r.id = a.range_id AND r.removed IS NULL \
         WHERE r.id IS NULL GROUP BY a.range_id",
    ),
    (
        "network-of-address",
        "the address {ip} of the range {range} belongs to the network {network}, which is gone: \
         it should have been released with it",
        "SELECT (r.gateway & r.netmask) + a.place, a.range_id, a.network_id FROM address a \
         JOIN vlan_range r ON r.id = a.range_id LEFT JOIN network n ON n.id = a.network_id \
         WHERE a.network_id IS NOT NULL AND (n.id IS NULL OR n.removed IS NOT NULL)",
    ),
    (
        "vpc-of-address",
        "the address {ip} of the range {range} belongs to the VPC {vpc}, which is gone: it should \
         have been released with it",
        "SELECT (r.gateway & r.netmask) + a.place, a.range_id, a.vpc_id FROM address a \
         JOIN vlan_range r ON r.id = a.range_id LEFT JOIN vpc v ON v.id = a.vpc_id \
         WHERE a.vpc_id IS NOT NULL AND (v.id IS NULL OR v.removed IS NOT NULL)",
    ),
    (
        "one-source-nat",
        "the network {network}, VPC {vpc}, has {} source NAT addresses, from {ip} to {ip}: one \
         only may be, release the others",
        "SELECT a.network_id, a.vpc_id, COUNT(*), MIN((r.gateway & r.netmask) + a.place), \
         MAX((r.gateway & r.netmask) + a.place) FROM address a \
         JOIN vlan_range r ON r.id = a.range_id WHERE a.source_nat = 1 \
         GROUP BY a.network_id, a.vpc_id HAVING COUNT(*) > 1",
    ),
    (
        "portable-address",
        "a portable address at offset {} of the portable range {portable} is taken, and nobody \
         holds it in any zone: it should be free",
        "SELECT p.place, p.range_id FROM portable_address p \
         LEFT JOIN vlan_range r ON r.id = p.vlan_range_id AND r.removed IS NULL AND r.portable = 1 \
         LEFT JOIN address a ON a.range_id = r.id WHERE a.place IS NULL",
    ),
    (
        "portable-range",
        "the range {range} stands for the portable address {ip}, which is taken from no portable \
         range: release it",
        "SELECT r.id, r.first FROM vlan_range r \
         LEFT JOIN portable_address p ON p.vlan_range_id = r.id \
         WHERE r.removed IS NULL AND r.portable = 1 AND p.place IS NULL",
    ),
    (
        "free-in-quarantine",
        "the address {ip} of the range {range} is held, and in quarantine since before: end the \
         quarantine",
        "SELECT (r.gateway & r.netmask) + a.place, a.range_id FROM address a \
         JOIN quarantine q ON q.range_id = a.range_id AND q.place = a.place AND q.removed IS NULL \
         JOIN vlan_range r ON r.id = a.range_id",
    ),
    (
        "range-of-quarantine",
        "the range {range} is gone, and {} of its addresses are in quarantine, the first at \
         offset {}: they should not be",
        "SELECT q.range_id, COUNT(*), MIN(q.place) FROM quarantine q \
         LEFT JOIN vlan_range r ON r.id = q.range_id AND r.removed IS NULL \
         WHERE q.removed IS NULL AND r.id IS NULL GROUP BY q.range_id",
    ),
    (
        "network-of-vnet",
        "the VLAN or VNI {} of the physical network {physical} is taken by the network {network}, \
         which is gone: it should be free",
        "SELECT v.vnet, v.physical_network_id, v.network_id FROM vnet v \
         LEFT JOIN network n ON n.id = v.network_id WHERE n.id IS NULL OR n.removed IS NOT NULL",
    ),
    (
        "address-of-rule",
        "the firewall rule {rule} of the network {network} is for an address that nobody holds: \
         it should have been removed with it",
        "SELECT f.id, f.network_id FROM firewall_rule f LEFT JOIN address a \
         ON a.range_id = f.range_id AND a.place = f.place \
         WHERE f.removed IS NULL AND f.range_id IS NOT NULL AND a.range_id IS NULL",
    ),
    (
        "network-of-rule",
        "the firewall rule {rule} is of the network {network}, which is gone: it should have been \
         removed with it",
        "SELECT f.id, f.network_id FROM firewall_rule f LEFT JOIN network n \
         ON n.id = f.network_id AND n.removed IS NULL WHERE f.removed IS NULL AND n.id IS NULL",
    ),
    (
        "state-of-address",
        "the address {ip} of the range {range} is in the state {}, which no call leaves it in: \
         release it",
        "SELECT (r.gateway & r.netmask) + a.place, a.range_id, \
         CASE a.state WHEN 1 THEN 'Allocating' ELSE 'Releasing' END FROM address a \
         JOIN vlan_range r ON r.id = a.range_id WHERE a.state IN (1, 3)",
    ),
];

const OWNERS: &[Rule] = &[
    (
        "account-of-addresses",
        "the account {account} is gone, and still holds {} addresses: release them",
        "SELECT h.account_id, h.held FROM (SELECT account_id, COUNT(*) AS held FROM address \
         GROUP BY account_id) h LEFT JOIN account c ON c.id = h.account_id \
         WHERE c.id IS NULL OR c.removed IS NOT NULL",
    ),
    (
        "account-of-network",
        "the account {} ({account}) is gone, and still owns the network {} ({network}): delete it",
        "SELECT c.name, c.id, n.name, n.id FROM network n JOIN account c ON c.id = n.account_id \
         WHERE n.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "account-of-vpc",
        "the account {} ({account}) is gone, and still owns the VPC {} ({vpc}): delete it",
        "SELECT c.name, c.id, v.name, v.id FROM vpc v JOIN account c ON c.id = v.account_id \
         WHERE v.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "account-of-range",
        "the account {} ({account}) is gone, and the range {range} is still dedicated to it: \
         release the range",
        "SELECT c.name, c.id, r.id FROM vlan_range r JOIN account c ON c.id = r.account_id \
         WHERE r.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "account-of-vlans",
        "the account {} ({account}) is gone, and the guest VLANs or VNIs {} to {} are still \
         dedicated to it: release them",
        "SELECT c.name, c.id, g.first, g.last FROM guest_vlan_range g \
         JOIN account c ON c.id = g.account_id \
         WHERE g.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "network-of-access",
        "somebody may use the network {network}, which is gone, or is not for a domain: nobody \
         should",
        "SELECT x.network_id FROM (SELECT network_id FROM network_permission \
         UNION SELECT network_id FROM network_domain_access) x \
         LEFT JOIN network n ON n.id = x.network_id WHERE n.id IS NULL OR n.removed IS NOT NULL",
    ),
    (
        "account-of-user",
        "the account {} ({account}) is gone, and its user {} ({user}) is not: delete the user",
        "SELECT c.name, c.id, u.username, u.id FROM user u JOIN account c ON c.id = u.account_id \
         WHERE u.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "account-of-project",
        "the account {} ({account}) is gone, and its project {} ({project}) is not: delete the \
         project",
        "SELECT c.name, c.id, p.name, p.id FROM project p JOIN account c ON c.id = p.account_id \
         WHERE p.removed IS NULL AND c.removed IS NOT NULL",
    ),
    (
        "account-of-member",
        "the account {} ({account}) is gone, and still a member of the project {project}: take it \
         out of there",
        "SELECT c.name, c.id, m.project_id FROM project_member m \
         JOIN account c ON c.id = m.account_id WHERE c.removed IS NOT NULL",
    ),
    (
        "secrets-of-user",
        "the user {} ({user}) is gone, and still has keys or a password",
        "SELECT u.username, u.id FROM user u WHERE u.removed IS NOT NULL \
         AND (u.id IN (SELECT user_id FROM user_key) \
         OR u.id IN (SELECT user_id FROM user_password))",
    ),
    (
        "domain-of-account",
        "the domain {} is gone, and still has the account {} ({account})",
        "SELECT d.path, c.name, c.id FROM account c JOIN domain d ON d.id = c.domain_id \
         WHERE c.removed IS NULL AND d.removed IS NOT NULL",
    ),
    (
        "domain-of-project",
        "the domain {} is gone, and still has the project {} ({project})",
        "SELECT d.path, p.name, p.id FROM project p JOIN domain d ON d.id = p.domain_id \
         WHERE p.removed IS NULL AND d.removed IS NOT NULL",
    ),
    (
        "domain-of-zone",
        "the domain {} is gone, and the zone {} ({zone}) is still its own",
        "SELECT d.path, z.name, z.id FROM zone z JOIN domain d ON d.id = z.domain_id \
         WHERE z.removed IS NULL AND d.removed IS NOT NULL",
    ),
    (
        "domain-of-range",
        "the domain {} is gone, and the range {range} is still dedicated to it",
        "SELECT d.path, r.id FROM vlan_range r JOIN domain d ON d.id = r.domain_id \
         WHERE r.removed IS NULL AND d.removed IS NOT NULL",
    ),
    (
        "domain-of-domain",
        "the domain {} is gone, and the domain {} ({domain}) below it is not",
        "SELECT p.path, d.path, d.id FROM domain d JOIN domain p ON p.id = d.parent_id \
         WHERE d.removed IS NULL AND p.removed IS NOT NULL",
    ),
];

const NAMES: &[Rule] = &[
    (
        "path-of-domain",
        "the domain {domain} has the path {} at level {}: it should be {} at level {}",
        "SELECT d.id, d.path, d.level, p.path || d.name || '/', p.level + 1 FROM domain d \
         JOIN domain p ON p.id = d.parent_id WHERE d.removed IS NULL \
         AND (d.path <> p.path || d.name || '/' OR d.level <> p.level + 1)",
    ),
    (
        "name-of-user",
        "{} users of the domain {domain} are called {}: one only may be, rename the others",
        "SELECT COUNT(*), a.domain_id, LOWER(u.username) FROM user u \
         JOIN account a ON a.id = u.account_id WHERE u.removed IS NULL AND a.removed IS NULL \
         GROUP BY a.domain_id, LOWER(u.username) HAVING COUNT(*) > 1",
    ),
];

/// What a word in braces stands for, other than the value as it is.
const KINDS: &[(&str, EntityKind)] = &[
    ("account", EntityKind::Account),
    ("acl", EntityKind::Acl),
    ("balancer", EntityKind::LoadBalancerRule),
    ("domain", EntityKind::Domain),
    ("gateway", EntityKind::PrivateGateway),
    ("network", EntityKind::Network),
    ("nic", EntityKind::Nic),
    ("physical", EntityKind::PhysicalNetwork),
    ("pod", EntityKind::Pod),
    ("portable", EntityKind::PortableRange),
    ("project", EntityKind::Project),
    ("range", EntityKind::VlanRange),
    ("router", EntityKind::Router),
    ("route", EntityKind::StaticRoute),
    ("rule", EntityKind::FirewallRule),
    ("user", EntityKind::User),
    ("vm", EntityKind::Vm),
    ("vpc", EntityKind::Vpc),
    ("zone", EntityKind::Zone),
];

/// The sentence about a row.
pub(super) fn told<'r>(
    names: &Findings,
    says: &str,
    cell: &dyn Fn(usize) -> CellRef<'r>,
) -> String {
    let mut parts = says.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        let (word, rest) = part.split_once('}').unwrap_or(("", part));
        let kind = KINDS.iter().find(|(known, _)| *known == word);
        text += &match (cell(at), kind) {
            (CellRef::Int(number), Some((_, kind))) => names.id(*kind, number),
            (CellRef::Int(number), None) if word == "ip" => ip(number),
            (CellRef::Int(number), None) => number.to_string(),
            (CellRef::Text(text), _) => text.to_owned(),
            (CellRef::Null | CellRef::Blob(_), _) => "-".to_owned(),
        };
        text += rest;
    }
    text
}
