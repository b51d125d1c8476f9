//! Counters say what the rows say. All rows are counted once, and summed up along the tree of
//! domains; no counter costs a search of its own.

use super::Findings;
use crate::model::{Column, EntityKind};
use crate::store::{StoreError, Tx};
use std::collections::{BTreeMap, HashMap};

/// Of what kind of owner, which one, and what is counted.
type Key = (String, i64, String);
type Counts = BTreeMap<Key, i64>;

/// Statements that count rows: what they count, and the account's row and the number by which its
/// counter should grow. A range that is dedicated to an account counts as a whole, and its
/// addresses do not count one by one.
const OF_ACCOUNTS: &[(&str, &str)] = &[
    (
        "public_ip",
        "SELECT a.account_id, COUNT(*) FROM address a JOIN vlan_range r ON r.id = a.range_id \
         WHERE r.account_id IS NULL AND r.portable = 0 \
         AND (a.network_id IS NOT NULL OR a.vpc_id IS NOT NULL OR a.state = 4) \
         GROUP BY a.account_id",
    ),
    (
        "public_ip",
        "SELECT account_id, SUM(last - first + 1) FROM vlan_range \
         WHERE account_id IS NOT NULL AND removed IS NULL AND first IS NOT NULL \
         GROUP BY account_id",
    ),
    (
        "network",
        "SELECT account_id, COUNT(*) FROM network WHERE traffic_type = 'Guest' \
         AND removed IS NULL GROUP BY account_id",
    ),
    ("vpc", "SELECT account_id, COUNT(*) FROM vpc WHERE removed IS NULL GROUP BY account_id"),
    (
        "user_vm",
        "SELECT account_id, COUNT(*) FROM vm WHERE removed IS NULL \
         AND state NOT IN ('Destroyed', 'Expunging', 'Error') GROUP BY account_id",
    ),
    (
        "project",
        "SELECT m.account_id, COUNT(*) FROM project_member m JOIN project p ON p.id = m.project_id \
         WHERE p.removed IS NULL AND m.role = 'Admin' GROUP BY m.account_id",
    ),
];

/// A counter that is wrong: what it says, and how many there are.
type Wrong = (Key, i64, i64);

/// Checks the counters of ranges, accounts and domains.
pub(super) fn check(tx: &mut Tx, findings: &mut Findings) -> Result<(), StoreError> {
    for (key, says, is) in wrong(tx)? {
        let owner = name(tx, &key)?;
        findings.note("counters", |names| told(names, &key, owner.as_deref(), (says, is)));
    }
    Ok(())
}

/// Gives those that are wrong the value that follows from the rows.
pub(super) fn mend(tx: &mut Tx, done: &mut Findings) -> Result<(), StoreError> {
    for (key, says, is) in wrong(tx)? {
        let owner = name(tx, &key)?;
        done.note("counters", |names| {
            let text = told(names, &key, owner.as_deref(), (says, is));
            let text = text.split_once(": ").map_or(text.as_str(), |(before, _)| before);
            text.replace("and its counter says", "and its counter says so, not")
        });
        let (owner, id, what) = &key;
        let args = [owner.as_str().into(), (*id).into(), what.as_str().into()];
        tx.run("DELETE FROM counter WHERE owner = ? AND owner_id = ? AND what = ?", &args)?;
        let [owner, id, what] = args;
        let sql = "INSERT INTO counter (owner, owner_id, what, n) VALUES (?, ?, ?, ?)";
        tx.run(sql, &[owner, id, what, is.into()])?;
    }
    Ok(())
}

fn wrong(tx: &mut Tx) -> Result<Vec<Wrong>, StoreError> {
    let mut rows = Counts::new();
    of_ranges(tx, &mut rows)?;
    of_pods(tx, &mut rows)?;
    of_accounts(tx, &mut rows)?;
    of_domains(tx, &mut rows)?;
    let counters = counters(tx)?;
    let value = |of: &Counts, key: &Key| of.get(key).copied().unwrap_or(0);
    let mut keys: Vec<_> = counters.keys().chain(rows.keys()).collect();
    keys.sort();
    keys.dedup();
    let all = keys.into_iter().map(|key| (key.clone(), value(&counters, key), value(&rows, key)));
    Ok(all.filter(|(_, says, is)| says != is).collect())
}

fn of_ranges(tx: &mut Tx, rows: &mut Counts) -> Result<(), StoreError> {
    let sql = "SELECT range_id, COUNT(*), SUM(CASE WHEN state = 4 THEN 1 ELSE 0 END) \
               FROM address GROUP BY range_id";
    tx.each(sql, &[], |cell| {
        let range = i64::from_cell(cell(0))?;
        for (at, what) in [(1, "used"), (2, "reserved")] {
            rows.insert(("range".into(), range, what.into()), i64::from_cell(cell(at))?);
        }
        Ok(true)
    })?;
    let sql = "SELECT range_id, COUNT(*) FROM quarantine WHERE removed IS NULL GROUP BY range_id";
    tx.each(sql, &[], |cell| {
        let range = i64::from_cell(cell(0))?;
        rows.insert(("range".into(), range, "quarantined".into()), i64::from_cell(cell(1))?);
        Ok(true)
    })
}

fn of_pods(tx: &mut Tx, rows: &mut Counts) -> Result<(), StoreError> {
    let sql = "SELECT pod_id, COUNT(*) FROM pod_address WHERE traffic = 'Management' \
               GROUP BY pod_id";
    tx.each(sql, &[], |cell| {
        let pod = i64::from_cell(cell(0))?;
        rows.insert(("pod".into(), pod, "used".into()), i64::from_cell(cell(1))?);
        Ok(true)
    })
}

fn of_accounts(tx: &mut Tx, rows: &mut Counts) -> Result<(), StoreError> {
    for (what, sql) in OF_ACCOUNTS {
        tx.each(sql, &[], |cell| {
            let key = ("account".into(), i64::from_cell(cell(0))?, (*what).into());
            *rows.entry(key).or_default() += i64::from_cell(cell(1))?;
            Ok(true)
        })?;
    }
    Ok(())
}

/// Adds what each account has to its domain and to all above it.
fn of_domains(tx: &mut Tx, rows: &mut Counts) -> Result<(), StoreError> {
    let homes = pairs(tx, "SELECT id, domain_id FROM account")?;
    let above = pairs(tx, "SELECT id, parent_id FROM domain WHERE parent_id IS NOT NULL")?;
    let of_accounts: Vec<_> = rows
        .iter()
        .filter(|((owner, ..), _)| owner == "account")
        .map(|(k, n)| (k.clone(), *n))
        .collect();
    for ((_, account, what), n) in of_accounts {
        let mut next = homes.get(&account).copied();
        // A tree that is a ring ends too.
        for _ in 0..=above.len() {
            let Some(domain) = next else { break };
            *rows.entry(("domain".into(), domain, what.clone())).or_default() += n;
            next = above.get(&domain).copied();
        }
    }
    Ok(())
}

fn pairs(tx: &mut Tx, sql: &str) -> Result<HashMap<i64, i64>, StoreError> {
    let mut found = HashMap::new();
    tx.each(sql, &[], |cell| {
        found.insert(i64::from_cell(cell(0))?, i64::from_cell(cell(1))?);
        Ok(true)
    })?;
    Ok(found)
}

fn counters(tx: &mut Tx) -> Result<Counts, StoreError> {
    let sql = "SELECT owner, owner_id, what, n FROM counter \
               WHERE owner = 'range' AND what IN ('used', 'reserved', 'quarantined') \
               OR owner = 'pod' AND what = 'used' OR owner IN ('account', 'domain') \
               AND what IN ('public_ip', 'network', 'vpc', 'project', 'user_vm')";
    let mut found = Counts::new();
    tx.each(sql, &[], |cell| {
        let key =
            (String::from_cell(cell(0))?, i64::from_cell(cell(1))?, String::from_cell(cell(2))?);
        found.insert(key, i64::from_cell(cell(3))?);
        Ok(true)
    })?;
    Ok(found)
}

/// What people call the owner of a counter.
fn name(tx: &mut Tx, (owner, id, _): &Key) -> Result<Option<String>, StoreError> {
    let sql = match owner.as_str() {
        "account" => "SELECT name FROM account WHERE id = ?",
        "pod" => "SELECT name FROM pod WHERE id = ?",
        "domain" => "SELECT path FROM domain WHERE id = ?",
        _ => return Ok(None),
    };
    tx.one(sql, &[(*id).into()])
}

fn told(
    names: &Findings,
    (owner, id, what): &Key,
    name: Option<&str>,
    (says, is): (i64, i64),
) -> String {
    let kind = match owner.as_str() {
        "account" => EntityKind::Account,
        "domain" => EntityKind::Domain,
        "pod" => EntityKind::Pod,
        _ => EntityKind::VlanRange,
    };
    let id = names.id(kind, *id);
    let who =
        name.map_or_else(|| format!("the {owner} {id}"), |n| format!("the {owner} {n} ({id})"));
    let what = match what.as_str() {
        "used" => "held addresses",
        "reserved" => "reserved addresses",
        "quarantined" => "addresses in quarantine",
        "public_ip" => "public addresses",
        "network" => "networks",
        "vpc" => "VPCs",
        "user_vm" => "virtual machines",
        _ => "projects",
    };
    let mend = match kind {
        EntityKind::VlanRange | EntityKind::Pod => String::new(),
        EntityKind::Account => ": `update resource count` puts it right".to_owned(),
        _ => format!(": `update resource count domainid={id}` puts it right"),
    };
    format!("{who} has {is} {what}, and its counter says {says}{mend}")
}
