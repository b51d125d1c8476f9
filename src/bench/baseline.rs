//! A row-per-address store with CloudStack's statements: a row for every address of a range, the
//! first free one found by a query and locked, then updated; the resource count and the usage
//! event in the same transaction. On the same database as ours, which flatters it: CloudStack
//! needs two transactions, a lock row and a network round trip for each statement.

use crate::bench::Failed;
use crate::model::Cell;
use crate::store::{Db, Sqlite};
use std::path::Path;

const TABLES: &str = "
    CREATE TABLE vlan (id INTEGER PRIMARY KEY, vlan_type TEXT NOT NULL, removed INTEGER);
    CREATE TABLE user_ip_address (
        id INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, account_id INTEGER, domain_id INTEGER,
        public_ip_address TEXT NOT NULL, data_center_id INTEGER NOT NULL,
        source_nat INTEGER NOT NULL,
        allocated TEXT, vlan_db_id INTEGER NOT NULL, one_to_one_nat INTEGER NOT NULL, vm_id INTEGER,
        state TEXT NOT NULL, mac_address INTEGER NOT NULL, source_network_id INTEGER NOT NULL,
        network_id INTEGER, physical_network_id INTEGER NOT NULL, is_system INTEGER NOT NULL,
        vpc_id INTEGER, dnat_vmip TEXT, is_portable INTEGER NOT NULL, display INTEGER NOT NULL,
        forsystemvms INTEGER NOT NULL, removed TEXT, created TEXT,
        UNIQUE (public_ip_address, source_network_id, removed)
    );
    CREATE INDEX i_account ON user_ip_address (account_id);
    CREATE INDEX i_vlan ON user_ip_address (vlan_db_id);
    CREATE INDEX i_network ON user_ip_address (network_id);
    CREATE INDEX i_allocated ON user_ip_address (allocated);
    CREATE INDEX i_source_nat ON user_ip_address (source_nat);
    CREATE INDEX i_state ON user_ip_address (state);
    CREATE TABLE resource_count (account_id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    CREATE TABLE usage_event (id INTEGER PRIMARY KEY, type TEXT NOT NULL, account_id INTEGER,
        created TEXT NOT NULL, zone_id INTEGER, resource_id INTEGER, resource_name TEXT);
    INSERT INTO vlan VALUES (1, 'VirtualNetwork', NULL);
    INSERT INTO resource_count VALUES (2, 0);
";

/// Makes the store with `size` addresses, of which `share` (0 to 1) are held; returns how many
/// seconds making the range took.
pub(super) fn make(path: &Path, size: u32, held: u32) -> Result<f64, Failed> {
    let mut db = Sqlite::open(path, true).map_err(|why| why.to_string())?;
    let fail = |why: crate::store::StoreError| Failed::from(why.to_string());
    db.script("PRAGMA journal_mode = WAL").map_err(fail)?;
    db.script(TABLES).map_err(fail)?;
    let began = std::time::Instant::now();
    db.script("BEGIN").map_err(fail)?;
    for at in 0..size {
        let ip = std::net::Ipv4Addr::from_bits((10 << 24) + at).to_string();
        // As random as CloudStack's, so that the index costs what it costs there.
        let uuid = format!("{:032x}", u128::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060));
        let taken = at < held;
        let (state, allocated) =
            if taken { ("Allocated", Cell::from("2026-01-02")) } else { ("Free", Cell::Null) };
        let account = if taken { Cell::Int(2) } else { Cell::Null };
        db.run(
            "INSERT INTO user_ip_address VALUES (NULL, ?, ?, 1, ?, 1, 0, ?, 1, 0, NULL, ?, ?, 200, \
             NULL, 200, 0, NULL, NULL, 0, 1, 0, NULL, '2026-01-01')",
            &[uuid.into(), account, ip.into(), allocated, state.into(), i64::from(at).into()],
        )
        .map_err(fail)?;
    }
    db.script("COMMIT").map_err(fail)?;
    Ok(began.elapsed().as_secs_f64())
}

/// A caller with a connection of its own, as in CloudStack's pool.
pub(super) fn caller(
    path: &Path,
) -> Result<impl FnMut() -> Result<(), Failed> + Send + use<>, Failed> {
    let mut db = Sqlite::open(path, false).map_err(|why| why.to_string())?;
    Ok(move || allocate(&mut db).map_err(|why| Failed::from(why.to_string())))
}

fn allocate(db: &mut Sqlite) -> Result<(), crate::store::StoreError> {
    db.script("BEGIN IMMEDIATE")?;
    let mut id = Cell::Null;
    db.each(
        "SELECT user_ip_address.* FROM user_ip_address INNER JOIN vlan ON vlan.id = vlan_db_id \
         WHERE data_center_id = ? AND allocated IS NULL AND vlan_db_id IN (?) AND forsystemvms = ? \
         AND user_ip_address.removed IS NULL AND vlan.vlan_type = ? \
         ORDER BY forsystemvms, vlan_db_id LIMIT 0, 1",
        &[1i64.into(), 1i64.into(), 0i64.into(), "VirtualNetwork".into()],
        &mut |cell| {
            if let crate::model::CellRef::Int(n) = cell(0) {
                id = n.into();
            }
            Ok(false)
        },
    )?;
    db.each("SELECT * FROM user_ip_address WHERE id = ?", &[id.clone()], &mut |_| Ok(false))?;
    db.run(
        "UPDATE user_ip_address SET state = 'Allocated', allocated = '2026-01-02', account_id = 2, \
         domain_id = 1, network_id = 300 WHERE id = ?",
        &[id.clone()],
    )?;
    db.run("UPDATE resource_count SET n = n + 1 WHERE account_id = 2", &[])?;
    db.run(
        "INSERT INTO usage_event VALUES (NULL, 'NET.IPASSIGN', 2, '2026-01-02', 1, ?, '')",
        &[id],
    )?;
    db.script("COMMIT")
}
