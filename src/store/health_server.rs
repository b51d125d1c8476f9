//! A look at a store on a database server, and at how the server is set up; it changes nothing.

use std::collections::BTreeMap;

use crate::model::{CellRef, Column, Time};
use crate::store::mariadb::MariaDb;
use crate::store::migrate::{known, number};
use crate::store::{Db, Server, StoreError, migrate};

/// How a server and the store on it are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServerHealth {
    /// What the server says of itself: variables and states by their names in small letters.
    pub(crate) facts: BTreeMap<String, String>,
    /// The schema version of the store, 0 for an empty database; or why it is none of ours.
    pub(crate) schema: Result<i64, StoreError>,
    /// The newest schema version that this program knows.
    pub(crate) known: i64,
    /// Tables of the store that another engine than `InnoDB` keeps.
    pub(crate) strange_tables: i64,
    /// How far the server's clock is ahead of ours, in milliseconds.
    pub(crate) ahead: i64,
}

/// The variables and states that are looked at.
const FACTS: &str = "'version', 'innodb_default_row_format', 'tx_isolation', \
    'transaction_isolation', 'innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', \
    'max_connections', 'read_only', 'wsrep_on', 'wsrep_ready', 'wsrep_cluster_status', \
    'wsrep_cluster_size', 'wsrep_local_state_comment'";

/// Looks at a server. `clock` tells our time.
pub(crate) fn examine_server(
    server: &Server,
    clock: fn() -> Time,
) -> Result<ServerHealth, StoreError> {
    let mut db = MariaDb::open(server)?;
    let mut facts = BTreeMap::new();
    for table in ["global_variables", "global_status"] {
        let sql = format!(
            "SELECT LOWER(variable_name), variable_value FROM information_schema.{table} \
             WHERE variable_name IN ({FACTS})"
        );
        db.each(&sql, &[], &mut |cell| {
            facts.insert(String::from_cell(cell(0))?, text(cell(1)));
            Ok(true)
        })?;
    }
    let tables = "SELECT COUNT(*) FROM information_schema.tables \
                  WHERE table_schema = DATABASE() AND engine <> 'InnoDB'";
    let strange_tables = number(&mut db, tables)?;
    let schema = migrate::version(&mut db);
    let before = clock().millis();
    let theirs = number(&mut db, "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)")?;
    // It was asked somewhere between the two.
    let ours = before.midpoint(clock().millis());
    Ok(ServerHealth { facts, schema, known: known(), strange_tables, ahead: theirs - ours })
}

fn text(cell: CellRef<'_>) -> String {
    match cell {
        CellRef::Text(text) => text.to_owned(),
        CellRef::Int(n) => n.to_string(),
        CellRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        CellRef::Null => String::new(),
    }
}
