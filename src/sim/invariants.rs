//! What holds in every store, whoever wrote it and however it ended.

use crate::model::{CellRef, Column};
use crate::store::{CHUNK, Store, StoreError, Tx};
use std::collections::{BTreeMap, BTreeSet};

/// Checks everything that must hold between rows, bits and counters, and SQLite's own book-keeping.
pub(crate) fn check(store: &Store) {
    store.read(check_tx).expect("a store that can be read");
}

fn check_tx(tx: &mut Tx) -> Result<(), StoreError> {
    for (what, sql) in FORBIDDEN {
        let found: Option<i64> = tx.one(&format!("SELECT COUNT(*) FROM ({sql}) AS found"), &[])?;
        assert_eq!(found, Some(0), "{what}");
    }
    if !tx.is_shared() {
        let sound: Option<String> = tx.one("PRAGMA integrity_check", &[])?;
        assert_eq!(sound.as_deref(), Some("ok"), "SQLite's own check");
        let lost: Option<i64> = tx.one("SELECT COUNT(*) FROM pragma_foreign_key_check", &[])?;
        assert_eq!(lost, Some(0), "a row refers to one that is not there");
    }
    for (kind, rows) in [
        ("address", "SELECT range_id, place FROM address"),
        (
            "vnet",
            "SELECT p.vnet_pool, v.vnet FROM vnet v JOIN physical_network p \
             ON p.id = v.physical_network_id",
        ),
    ] {
        assert_eq!(bits(tx, kind)?, pairs(tx, rows)?, "bits and rows of the pools `{kind}`");
    }
    Ok(())
}

/// Rows that no store may have.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "an address lies outside its range, or the range is gone",
        "SELECT 1 FROM address a LEFT JOIN vlan_range r ON r.id = a.range_id AND r.removed IS NULL \
         WHERE r.id IS NULL OR (r.gateway & r.netmask) + a.place NOT BETWEEN r.first AND r.last",
    ),
    (
        "an address is held twice",
        "SELECT 1 FROM address a JOIN vlan_range r ON r.id = a.range_id \
         WHERE r.type = 'VirtualNetwork' \
         GROUP BY r.zone_id, (r.gateway & r.netmask) + a.place HAVING COUNT(*) > 1",
    ),
    (
        "two public ranges share addresses",
        "SELECT 1 FROM vlan_range a JOIN vlan_range b ON a.id < b.id AND a.zone_id = b.zone_id \
         WHERE a.removed IS NULL AND b.removed IS NULL AND a.type = 'VirtualNetwork' \
         AND b.type = 'VirtualNetwork' AND a.first <= b.last AND b.first <= a.last",
    ),
    (
        "an address belongs to a network or VPC that is gone",
        "SELECT 1 FROM address a LEFT JOIN network n ON n.id = a.network_id \
         LEFT JOIN vpc v ON v.id = a.vpc_id WHERE n.removed IS NOT NULL OR v.removed IS NOT NULL",
    ),
    (
        "a network or VPC has two source NAT addresses",
        "SELECT 1 FROM address WHERE source_nat = 1 GROUP BY network_id, vpc_id \
         HAVING COUNT(*) > 1",
    ),
    (
        "the counter of a range's held addresses is wrong",
        "SELECT 1 FROM vlan_range r WHERE \
         (SELECT COUNT(*) FROM address WHERE range_id = r.id) <> COALESCE((SELECT n FROM counter \
         WHERE owner = 'range' AND owner_id = r.id AND what = 'used'), 0)",
    ),
    (
        "the counter of a range's reserved addresses is wrong",
        "SELECT 1 FROM vlan_range r WHERE \
         (SELECT COUNT(*) FROM address WHERE range_id = r.id AND state = 4) <> COALESCE((SELECT n \
         FROM counter WHERE owner = 'range' AND owner_id = r.id AND what = 'reserved'), 0)",
    ),
    (
        "the counter of an account's addresses is wrong",
        "SELECT 1 FROM account c WHERE \
         (SELECT COUNT(*) FROM address a JOIN vlan_range r ON r.id = a.range_id \
         WHERE a.account_id = c.id AND r.account_id IS NULL \
         AND (a.network_id IS NOT NULL OR a.vpc_id IS NOT NULL OR a.state = 4)) \
         + (SELECT COALESCE(SUM(last - first + 1), 0) FROM vlan_range \
         WHERE account_id = c.id AND removed IS NULL) \
         <> COALESCE((SELECT n FROM counter WHERE owner = 'account' AND owner_id = c.id \
         AND what = 'public_ip'), 0)",
    ),
    (
        "the counter of an account's networks is wrong",
        "SELECT 1 FROM account c WHERE (SELECT COUNT(*) FROM network WHERE account_id = c.id \
         AND traffic_type = 'Guest' AND removed IS NULL) <> COALESCE((SELECT n FROM counter \
         WHERE owner = 'account' AND owner_id = c.id AND what = 'network'), 0)",
    ),
    (
        "the counter of an account's VPCs is wrong",
        "SELECT 1 FROM account c WHERE (SELECT COUNT(*) FROM vpc WHERE account_id = c.id \
         AND removed IS NULL) <> COALESCE((SELECT n FROM counter \
         WHERE owner = 'account' AND owner_id = c.id AND what = 'vpc'), 0)",
    ),
    (
        "a VLAN or VNI belongs to a network that is gone",
        "SELECT 1 FROM vnet v LEFT JOIN network n ON n.id = v.network_id \
         WHERE n.id IS NULL OR n.removed IS NOT NULL",
    ),
    (
        "the counter of a domain is not the sum of those of its accounts",
        "SELECT 1 FROM domain d JOIN counter w ON w.owner = 'account' \
         WHERE (SELECT COALESCE(SUM(c.n), 0) FROM counter c JOIN account a ON a.id = c.owner_id \
         JOIN domain o ON o.id = a.domain_id WHERE c.owner = 'account' AND c.what = w.what \
         AND substr(o.path, 1, length(d.path)) = d.path) \
         <> COALESCE((SELECT n FROM counter WHERE owner = 'domain' AND owner_id = d.id \
         AND what = w.what), 0)",
    ),
    (
        "the counter network of a domain is wrong",
        "SELECT 1 FROM domain d WHERE (SELECT COUNT(*) FROM network n \
         JOIN account a ON a.id = n.account_id JOIN domain o ON o.id = a.domain_id \
         WHERE n.traffic_type = 'Guest' AND n.removed IS NULL AND instr(o.path, d.path) = 1) \
         <> COALESCE((SELECT n FROM counter WHERE owner = 'domain' AND owner_id = d.id \
         AND what = 'network'), 0)",
    ),
    (
        "the counter vpc of a domain is wrong",
        "SELECT 1 FROM domain d WHERE (SELECT COUNT(*) FROM vpc n \
         JOIN account a ON a.id = n.account_id JOIN domain o ON o.id = a.domain_id \
         WHERE n.removed IS NULL AND instr(o.path, d.path) = 1) \
         <> COALESCE((SELECT n FROM counter WHERE owner = 'domain' AND owner_id = d.id \
         AND what = 'vpc'), 0)",
    ),
    (
        "an account that is gone has something",
        "SELECT 1 FROM account c WHERE removed IS NOT NULL AND (\
         id IN (SELECT account_id FROM address) \
         OR id IN (SELECT account_id FROM network WHERE removed IS NULL) \
         OR id IN (SELECT account_id FROM vpc WHERE removed IS NULL) \
         OR id IN (SELECT account_id FROM vlan_range WHERE removed IS NULL) \
         OR id IN (SELECT account_id FROM user WHERE removed IS NULL) \
         OR id IN (SELECT account_id FROM project WHERE removed IS NULL) \
         OR id IN (SELECT account_id FROM project_member))",
    ),
    (
        "a user who is gone has keys or a password",
        "SELECT 1 FROM user WHERE removed IS NOT NULL AND (id IN (SELECT user_id FROM user_key) \
         OR id IN (SELECT user_id FROM user_password))",
    ),
    (
        "a domain that is gone has something",
        "SELECT 1 FROM domain d WHERE removed IS NOT NULL AND (\
         id IN (SELECT domain_id FROM account WHERE removed IS NULL) \
         OR id IN (SELECT domain_id FROM project WHERE removed IS NULL) \
         OR id IN (SELECT domain_id FROM zone WHERE removed IS NULL) \
         OR id IN (SELECT domain_id FROM vlan_range WHERE removed IS NULL) \
         OR id IN (SELECT parent_id FROM domain WHERE removed IS NULL))",
    ),
    (
        "the path of a domain is not that of the one above and its name",
        "SELECT 1 FROM domain d JOIN domain p ON p.id = d.parent_id \
         WHERE d.removed IS NULL AND (d.path <> p.path || d.name || '/' OR d.level <> p.level + 1)",
    ),
    (
        "two users of a domain have one name",
        "SELECT 1 FROM user u JOIN account a ON a.id = u.account_id \
         WHERE u.removed IS NULL AND a.removed IS NULL \
         GROUP BY a.domain_id, LOWER(u.username) HAVING COUNT(*) > 1",
    ),
];

type Numbers = BTreeMap<i64, BTreeSet<u64>>;

/// The numbers that are marked as taken in all pools of a kind.
fn bits(tx: &mut Tx, kind: &str) -> Result<Numbers, StoreError> {
    let sql = "SELECT pool_id, chunk, bits FROM chunk JOIN pool ON pool.id = pool_id \
               WHERE pool.kind = ?";
    let mut found = Numbers::new();
    tx.each(sql, &[kind.into()], |cell| {
        let CellRef::Blob(bytes) = cell(2) else { return Ok(true) };
        let base = i64::from_cell(cell(1))?.unsigned_abs() * CHUNK;
        for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
            let set = (0..8u64).filter(|bit| byte >> bit & 1 == 1);
            let numbers = found.entry(i64::from_cell(cell(0))?).or_default();
            numbers.extend(set.map(|bit| base + at as u64 * 8 + bit));
        }
        Ok(true)
    })?;
    Ok(found)
}

fn pairs(tx: &mut Tx, sql: &str) -> Result<Numbers, StoreError> {
    let mut found = Numbers::new();
    tx.each(sql, &[], |cell| {
        let number = i64::from_cell(cell(1))?.unsigned_abs();
        found.entry(i64::from_cell(cell(0))?).or_default().insert(number);
        Ok(true)
    })?;
    Ok(found)
}
