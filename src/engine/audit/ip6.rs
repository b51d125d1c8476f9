//! IPv6, routed IPv4 and AS numbers: nobody holds what goes on with what is gone, blocks of a zone
//! lie apart, and what a network has is what was cut for it.

use super::Findings;
use super::repair::Mend;
use super::rows::Rule;
use crate::model::{Column, EntityKind};
use crate::net::{Cidr4, Cidr6};
use crate::store::{StoreError, Tx};

/// Rows that are not allowed.
pub(super) const IP6: &[Rule] = &[
    (
        "network-of-ip6-subnet",
        "subnet {} of the IPv6 prefix {} is that of the network {network}, which is gone: it \
         should be free",
        "SELECT s.place, p.prefix, s.network_id FROM ip6_subnet s \
         JOIN ip6_prefix p ON p.id = s.prefix_id LEFT JOIN network n ON n.id = s.network_id \
         WHERE n.id IS NULL OR n.removed IS NOT NULL",
    ),
    (
        "prefix-of-ip6-subnet",
        "the IPv6 prefix {} is gone, and the network {network} still has a subnet of it",
        "SELECT p.prefix, s.network_id FROM ip6_subnet s JOIN ip6_prefix p ON p.id = s.prefix_id \
         WHERE p.removed IS NOT NULL",
    ),
    (
        "router-with-ip6",
        "the public IPv6 address {} is that of the router of the network {network} or the VPC \
         {vpc}, which is gone: it should be free",
        "SELECT r.ip, r.network_id, r.vpc_id FROM ip6_router r \
         LEFT JOIN network n ON n.id = r.network_id LEFT JOIN vpc v ON v.id = r.vpc_id \
         WHERE (n.id IS NULL OR n.removed IS NOT NULL) AND (v.id IS NULL OR v.removed IS NOT NULL)",
    ),
    (
        "network-of-network-rule",
        "a firewall rule for {} is of the network {network}, which is gone: it should have been \
         removed with it",
        "SELECT f.protocol, f.network_id FROM network_rule f LEFT JOIN network n \
         ON n.id = f.network_id AND n.removed IS NULL WHERE f.removed IS NULL AND n.id IS NULL",
    ),
    (
        "holder-of-as-number",
        "the AS number {} is that of the network {network} or the VPC {vpc}, which is gone: it \
         should be free",
        "SELECT a.number, a.network_id, a.vpc_id FROM as_number a \
         LEFT JOIN network n ON n.id = a.network_id LEFT JOIN vpc v ON v.id = a.vpc_id \
         WHERE (n.id IS NULL OR n.removed IS NOT NULL) AND (v.id IS NULL OR v.removed IS NOT NULL)",
    ),
    (
        "range-of-as-number",
        "the AS number {} is held, and is none of those of its range, {} to {}, or that is gone",
        "SELECT a.number, r.first, r.last FROM as_number a JOIN asn_range r ON r.id = a.range_id \
         WHERE r.removed IS NOT NULL OR a.number < r.first OR a.number > r.last \
         OR a.zone_id <> r.zone_id",
    ),
    (
        "holder-of-bgp-peer",
        "a BGP peer with the AS number {} is that of a {}, number {}, which is gone",
        "SELECT p.as_number, u.holder, u.holder_id FROM bgp_peer_use u \
         JOIN bgp_peer p ON p.id = u.peer_id \
         LEFT JOIN network n ON u.holder = 'network' AND n.id = u.holder_id AND n.removed IS NULL \
         LEFT JOIN vpc v ON u.holder = 'vpc' AND v.id = u.holder_id AND v.removed IS NULL \
         WHERE (n.id IS NULL AND v.id IS NULL) OR p.removed IS NOT NULL",
    ),
    (
        "holder-of-ip4-subnet",
        "the IPv4 subnet {} is that of the network {network} or the VPC {vpc}, which is gone: it \
         should be gone too",
        "SELECT s.subnet, s.network_id, s.vpc_id FROM ip4_network_subnet s \
         LEFT JOIN network n ON n.id = s.network_id AND n.removed IS NULL \
         LEFT JOIN vpc v ON v.id = s.vpc_id AND v.removed IS NULL WHERE s.removed IS NULL \
         AND (s.network_id IS NOT NULL OR s.vpc_id IS NOT NULL) AND n.id IS NULL AND v.id IS NULL",
    ),
];

/// What is put right of them.
pub(super) const IP6_MENDS: &[Mend] = &[
    Mend {
        rule: "network-of-ip6-subnet",
        says: "freed subnet {} of the IPv6 prefix {}: its network {network} is gone",
        rows: "SELECT s.place, p.prefix, s.network_id FROM ip6_subnet s \
               JOIN ip6_prefix p ON p.id = s.prefix_id WHERE NOT EXISTS (SELECT 1 FROM network n \
               WHERE n.id = s.network_id AND n.removed IS NULL)",
        change: "DELETE FROM ip6_subnet WHERE NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = ip6_subnet.network_id AND n.removed IS NULL)",
    },
    Mend {
        rule: "router-with-ip6",
        says: "freed the public IPv6 address {}: its network {network} or VPC {vpc} is gone",
        rows: "SELECT r.ip, r.network_id, r.vpc_id FROM ip6_router r WHERE NOT EXISTS (SELECT 1 \
               FROM network n WHERE n.id = r.network_id AND n.removed IS NULL) AND NOT EXISTS \
               (SELECT 1 FROM vpc v WHERE v.id = r.vpc_id AND v.removed IS NULL)",
        change: "DELETE FROM ip6_router WHERE NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = ip6_router.network_id AND n.removed IS NULL) AND NOT EXISTS \
                 (SELECT 1 FROM vpc v WHERE v.id = ip6_router.vpc_id AND v.removed IS NULL)",
    },
    Mend {
        rule: "network-of-network-rule",
        says: "removed a firewall rule for {}: its network {network} is gone",
        rows: "SELECT f.protocol, f.network_id FROM network_rule f WHERE f.removed IS NULL \
               AND NOT EXISTS (SELECT 1 FROM network n WHERE n.id = f.network_id \
               AND n.removed IS NULL)",
        change: "UPDATE network_rule SET removed = ? WHERE removed IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM network n WHERE n.id = network_rule.network_id \
                 AND n.removed IS NULL)",
    },
    Mend {
        rule: "holder-of-as-number",
        says: "freed the AS number {}: its network {network} or VPC {vpc} is gone",
        rows: "SELECT a.number, a.network_id, a.vpc_id FROM as_number a WHERE NOT EXISTS \
               (SELECT 1 FROM network n WHERE n.id = a.network_id AND n.removed IS NULL) \
               AND NOT EXISTS (SELECT 1 FROM vpc v WHERE v.id = a.vpc_id AND v.removed IS NULL)",
        change: "DELETE FROM as_number WHERE NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = as_number.network_id AND n.removed IS NULL) AND NOT EXISTS \
                 (SELECT 1 FROM vpc v WHERE v.id = as_number.vpc_id AND v.removed IS NULL)",
    },
    Mend {
        rule: "holder-of-bgp-peer",
        says: "took the BGP peer with the AS number {} from a {} that is gone, number {}",
        rows: "SELECT p.as_number, u.holder, u.holder_id FROM bgp_peer_use u \
               JOIN bgp_peer p ON p.id = u.peer_id WHERE p.removed IS NOT NULL \
               OR (u.holder = 'network' AND NOT EXISTS (SELECT 1 FROM network n \
               WHERE n.id = u.holder_id AND n.removed IS NULL)) OR (u.holder = 'vpc' \
               AND NOT EXISTS (SELECT 1 FROM vpc v WHERE v.id = u.holder_id \
               AND v.removed IS NULL))",
        change: "DELETE FROM bgp_peer_use WHERE EXISTS (SELECT 1 FROM bgp_peer p \
                 WHERE p.id = bgp_peer_use.peer_id AND p.removed IS NOT NULL) \
                 OR (holder = 'network' AND NOT EXISTS (SELECT 1 FROM network n \
                 WHERE n.id = bgp_peer_use.holder_id AND n.removed IS NULL)) \
                 OR (holder = 'vpc' AND NOT EXISTS (SELECT 1 FROM vpc v \
                 WHERE v.id = bgp_peer_use.holder_id AND v.removed IS NULL))",
    },
    Mend {
        rule: "holder-of-ip4-subnet",
        says: "removed the IPv4 subnet {}: its network {network} or VPC {vpc} is gone",
        rows: "SELECT s.subnet, s.network_id, s.vpc_id FROM ip4_network_subnet s \
               WHERE s.removed IS NULL AND (s.network_id IS NOT NULL OR s.vpc_id IS NOT NULL) \
               AND NOT EXISTS (SELECT 1 FROM network n WHERE n.id = s.network_id \
               AND n.removed IS NULL) AND NOT EXISTS (SELECT 1 FROM vpc v \
               WHERE v.id = s.vpc_id AND v.removed IS NULL)",
        change: "UPDATE ip4_network_subnet SET removed = ? WHERE removed IS NULL \
                 AND (network_id IS NOT NULL OR vpc_id IS NOT NULL) AND NOT EXISTS (SELECT 1 \
                 FROM network n WHERE n.id = ip4_network_subnet.network_id \
                 AND n.removed IS NULL) AND NOT EXISTS (SELECT 1 FROM vpc v \
                 WHERE v.id = ip4_network_subnet.vpc_id AND v.removed IS NULL)",
    },
];

/// What an administrator does about the others.
pub(super) const IP6_ADVICE: &[(&str, &str)] = &[
    ("blocks-apart", "delete one of the two; networks that have a part of it go first"),
    (
        "ip6-of-network",
        "`update network networkofferingid=...` to an offering without IPv6 and back gives it a \
         subnet anew",
    ),
    ("prefix-of-ip6-subnet", "`create guest network ipv6 prefix`, or delete the network"),
    ("range-of-as-number", "`release as number` frees it"),
];

/// Checks what no statement can: blocks that overlap, and networks whose /64 is none of theirs.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT zone_id, prefix FROM ip6_prefix WHERE removed IS NULL ORDER BY zone_id, id";
    let prefixes: Vec<(i64, Cidr6)> = blocks(tx, sql)?;
    apart(findings, &prefixes, Cidr6::overlaps, "IPv6 prefixes");
    let sql = "SELECT zone_id, subnet FROM ip4_zone_subnet WHERE removed IS NULL \
               ORDER BY zone_id, id";
    let subnets: Vec<(i64, Cidr4)> = blocks(tx, sql)?;
    let overlap = |one: &Cidr4, other: &Cidr4| one.overlaps(other);
    apart(findings, &subnets, overlap, "IPv4 subnets");
    let sql = "SELECT zone_id, subnet FROM ip4_network_subnet WHERE removed IS NULL \
               ORDER BY zone_id, id";
    let mut subnets: Vec<(i64, Cidr4)> = blocks(tx, sql)?;
    // Of many blocks in order each need only be compared with the one before.
    subnets.sort_unstable();
    for pair in subnets.windows(2) {
        apart(findings, pair, overlap, "IPv4 subnets of networks");
    }
    of_networks(tx, findings)
}

fn blocks<B: Column>(tx: &mut Tx, sql: &str) -> Result<Vec<(i64, B)>, StoreError> {
    let mut found = Vec::new();
    tx.each(sql, &[], |cell| {
        found.push((i64::from_cell(cell(0))?, B::from_cell(cell(1))?));
        Ok(true)
    })?;
    Ok(found)
}

fn apart<B: std::fmt::Display>(
    findings: &mut Findings,
    blocks: &[(i64, B)],
    overlap: impl Fn(&B, &B) -> bool,
    what: &str,
) {
    for (at, (zone, one)) in blocks.iter().enumerate() {
        for (_, other) in blocks.iter().skip(at + 1).filter(|(there, _)| there == zone) {
            if overlap(one, other) {
                findings.note("blocks-apart", |names| {
                    let zone = names.id(EntityKind::Zone, *zone);
                    format!("the {what} {one} and {other} of the zone {zone} share addresses")
                });
            }
        }
    }
}

/// An isolated network has the /64 that was cut for it, and none without that.
fn of_networks(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT n.id, n.ip6_cidr, p.prefix, s.place FROM network n \
               LEFT JOIN ip6_subnet s ON s.network_id = n.id \
               LEFT JOIN ip6_prefix p ON p.id = s.prefix_id WHERE n.removed IS NULL \
               AND n.guest_type = 'Isolated' AND (n.ip6_cidr IS NOT NULL OR s.place IS NOT NULL)";
    tx.each(sql, &[], |cell| {
        let (id, has) = (i64::from_cell(cell(0))?, Option::<String>::from_cell(cell(1))?);
        let prefix = Option::<Cidr6>::from_cell(cell(2))?;
        let place = Option::<i64>::from_cell(cell(3))?.map(i64::unsigned_abs);
        let cut = prefix.zip(place).and_then(|(prefix, place)| prefix.subnet(place));
        let cut = cut.map(|subnet| subnet.to_string());
        if has != cut {
            findings.note("ip6-of-network", |names| {
                let network = names.id(EntityKind::Network, id);
                let said = |one: Option<String>| one.unwrap_or_else(|| "none".into());
                let (has, cut) = (said(has), said(cut));
                format!("the network {network} has the IPv6 subnet {has}, and {cut} was cut for it")
            });
        }
        Ok(true)
    })
}
