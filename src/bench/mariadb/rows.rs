//! A row for every address on `MariaDB`, with CloudStack's statements: two transactions for each
//! address, the first of which locks the first free row, the second of which marks it, counts it
//! and writes the usage event. A lower bound: CloudStack also inserts and deletes a row that locks
//! the account, writes its jobs and events, and asks for much more.

use crate::bench::Failed;
use crate::bench::mariadb::server::{Maria, failed};
use crate::model::{Cell, CellRef};
use crate::store::{Db, MariaDb, StoreError};
use std::net::Ipv4Addr;
use std::time::Instant;

const TABLES: &[&str] = &[
    "CREATE TABLE vlan (id BIGINT UNSIGNED PRIMARY KEY, vlan_type VARCHAR(32) NOT NULL, \
     removed DATETIME) ENGINE = InnoDB",
    "CREATE TABLE user_ip_address (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(40) UNIQUE,
        account_id BIGINT UNSIGNED, domain_id BIGINT UNSIGNED,
        public_ip_address CHAR(40) NOT NULL, data_center_id BIGINT UNSIGNED NOT NULL,
        source_nat INT UNSIGNED NOT NULL DEFAULT 0, allocated DATETIME,
        vlan_db_id BIGINT UNSIGNED NOT NULL, one_to_one_nat INT UNSIGNED NOT NULL DEFAULT 0,
        vm_id BIGINT UNSIGNED, state CHAR(32) NOT NULL DEFAULT 'Free',
        mac_address BIGINT UNSIGNED NOT NULL, source_network_id BIGINT UNSIGNED NOT NULL,
        network_id BIGINT UNSIGNED, physical_network_id BIGINT UNSIGNED NOT NULL,
        is_system INT UNSIGNED NOT NULL DEFAULT 0, vpc_id BIGINT UNSIGNED, dnat_vmip VARCHAR(40),
        is_portable INT UNSIGNED NOT NULL DEFAULT 0, display INT UNSIGNED NOT NULL DEFAULT 1,
        removed DATETIME, created DATETIME, forsystemvms TINYINT NOT NULL DEFAULT 0,
        UNIQUE (public_ip_address, source_network_id, removed),
        KEY (account_id), KEY (vlan_db_id), KEY (data_center_id), KEY (source_network_id),
        KEY (network_id), KEY (physical_network_id), KEY (vm_id), KEY (vpc_id), KEY (allocated),
        KEY (source_nat), KEY (state)) ENGINE = InnoDB",
    "CREATE TABLE resource_count (id BIGINT UNSIGNED PRIMARY KEY, account_id BIGINT UNSIGNED, \
     type VARCHAR(255), count BIGINT NOT NULL, UNIQUE (account_id, type)) ENGINE = InnoDB",
    "CREATE TABLE usage_event (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, \
     type VARCHAR(32) NOT NULL, account_id BIGINT UNSIGNED NOT NULL, created DATETIME NOT NULL, \
     zone_id BIGINT UNSIGNED NOT NULL, resource_id BIGINT UNSIGNED, resource_name VARCHAR(255), \
     KEY (created)) ENGINE = InnoDB",
    "INSERT INTO vlan VALUES (1, 'VirtualNetwork', NULL)",
    "INSERT INTO resource_count VALUES (1, 2, 'public_ip', 0)",
];

const INSERT: &str = "INSERT INTO user_ip_address (uuid, account_id, public_ip_address, \
    data_center_id, allocated, vlan_db_id, state, mac_address, source_network_id, \
    physical_network_id, created) VALUES (?, ?, ?, 1, ?, 1, ?, ?, 200, 200, '2026-01-01')";

/// What CloudStack asks for the first free address.
const FREE: &str = "SELECT user_ip_address.* FROM user_ip_address \
    INNER JOIN vlan ON user_ip_address.vlan_db_id = vlan.id \
    WHERE user_ip_address.data_center_id = ? AND user_ip_address.allocated IS NULL \
    AND user_ip_address.vlan_db_id IN (?) AND user_ip_address.forsystemvms = ? \
    AND user_ip_address.removed IS NULL AND vlan.vlan_type = ? \
    ORDER BY user_ip_address.forsystemvms, user_ip_address.vlan_db_id LIMIT 0, 1";

fn wanted() -> [Cell; 4] {
    [1i64.into(), 1i64.into(), 0i64.into(), "VirtualNetwork".into()]
}

/// Fills a database with `size` addresses, of which the first `held` are held.
pub(super) fn make(maria: &Maria, name: &str, size: u32, held: u32) -> Result<(), Failed> {
    let mut db = maria.connect(name)?;
    for table in TABLES {
        db.script(table).map_err(failed)?;
    }
    db.script("START TRANSACTION").map_err(failed)?;
    let rows: Vec<_> = (0..size).map(|at| row(at, at < held)).collect();
    db.many(INSERT, &rows).map_err(failed)?;
    db.script("COMMIT").map_err(failed)?;
    db.each("ANALYZE TABLE user_ip_address, vlan", &[], &mut |_| Ok(true)).map_err(failed)
}

fn row(at: u32, held: bool) -> Vec<Cell> {
    let ip = Ipv4Addr::from_bits((10 << 24) + at).to_string();
    // As random as CloudStack's, so that the index costs what it costs there.
    let uuid = format!("{:032x}", u128::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060));
    let (state, account, allocated) = match held {
        true => ("Allocated", Cell::Int(2), Cell::from("2026-01-02")),
        false => ("Free", Cell::Null, Cell::Null),
    };
    vec![uuid.into(), account, ip.into(), allocated, state.into(), i64::from(at).into()]
}

/// Seconds that making one address of a range takes: a row inserted, then changed, each with a
/// journey of its own, all in one transaction.
pub(super) fn range(maria: &Maria, name: &str, first: u32, count: u32) -> Result<f64, Failed> {
    let mut db = maria.connect(name)?;
    let began = Instant::now();
    db.script("START TRANSACTION").map_err(failed)?;
    for at in first..first + count {
        let id = db.insert(INSERT, &row(at, false)).map_err(failed)?;
        let sql = "UPDATE user_ip_address SET mac_address = ? WHERE id = ?";
        db.run(sql, &[i64::from(at).into(), id.into()]).map_err(failed)?;
    }
    db.script("COMMIT").map_err(failed)?;
    Ok(began.elapsed().as_secs_f64() / f64::from(count))
}

/// How `MariaDB` finds the first free address: the type and the key of its plan.
pub(super) fn plan(maria: &Maria, name: &str, is_best: bool) -> Result<String, Failed> {
    let mut db = connect(maria, name, is_best)?;
    let mut found = String::new();
    db.each(&["EXPLAIN ", FREE].concat(), &wanted(), &mut |cell| {
        if let (CellRef::Text("user_ip_address"), CellRef::Text(kind), CellRef::Text(key)) =
            (cell(2), cell(3), cell(5))
        {
            found = format!("{kind} {key}");
        }
        Ok(true)
    })
    .map_err(failed)?;
    Ok(found)
}

fn connect(maria: &Maria, name: &str, is_best: bool) -> Result<MariaDb, Failed> {
    let mut db = maria.connect(name)?;
    db.script("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").map_err(failed)?;
    if is_best {
        db.script("SET SESSION optimizer_switch = 'index_merge=off'").map_err(failed)?;
    }
    Ok(db)
}

/// A caller with a connection of its own, as in CloudStack's pool; one that meets a deadlock tries
/// again.
pub(super) fn caller(
    maria: &Maria,
    name: &str,
    is_best: bool,
) -> Result<impl FnMut() -> Result<(), Failed> + Send + use<>, Failed> {
    let mut db = connect(maria, name, is_best)?;
    Ok(move || {
        loop {
            match allocate(&mut db) {
                Err(StoreError::Contended(_)) => db.script("ROLLBACK").map_err(failed)?,
                other => return other.map_err(failed),
            }
        }
    })
}

fn allocate(db: &mut MariaDb) -> Result<(), StoreError> {
    db.script("START TRANSACTION")?;
    let mut id = Cell::Null;
    db.each(&[FREE, " FOR UPDATE"].concat(), &wanted(), &mut |cell| {
        if let CellRef::Int(n) = cell(0) {
            id = n.into();
        }
        Ok(false)
    })?;
    let one = std::slice::from_ref(&id);
    let lock = "SELECT * FROM user_ip_address WHERE id = ? FOR UPDATE";
    db.each(lock, one, &mut |_| Ok(false))?;
    db.run(
        "UPDATE user_ip_address SET state = 'Allocating', allocated = '2026-01-02', \
         account_id = 2, domain_id = 1 WHERE id = ?",
        one,
    )?;
    db.script("COMMIT; START TRANSACTION")?;
    let mark = "UPDATE user_ip_address SET state = 'Allocated', network_id = 300 WHERE id = ?";
    db.run(mark, one)?;
    let count = "UPDATE resource_count SET count = count + 1 WHERE account_id = 2 AND type = ?";
    db.run(count, &["public_ip".into()])?;
    db.run(
        "INSERT INTO usage_event (type, account_id, created, zone_id, resource_id) \
         VALUES ('NET.IPASSIGN', 2, '2026-01-02', 1, ?)",
        one,
    )?;
    db.script("COMMIT")
}
