//! The gate through which whoever writes to a shared database goes: either many, each by a row of
//! its own, or one alone, which takes all rows. Row locks do that on one server, and in a cluster
//! the check of what was written when it is committed. The version, which all rows have, says how
//! often somebody was alone.

use crate::store::Sharing;

/// Rows of the gate: so many connections may write side by side without waiting for one another.
pub(super) const SLOTS: i64 = 64;
/// Begins a transaction that sees one state.
pub(super) const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                        START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
/// The version of the gate: all its rows have the same.
pub(super) const VERSION: &str = "SELECT version FROM gate WHERE slot = 0";
/// From now on each statement is kept by itself.
pub(super) const ITSELF: &str = "SET autocommit = 1";

/// Goes through; answers the version, and what was made of `passed`, by which the transaction
/// recognises that it goes on.
pub(super) fn enter(slot: i64, sharing: Sharing) -> String {
    match sharing {
        Sharing::Beside => format!(
            "INSERT INTO gate (slot, version, passed) VALUES ({slot}, 0, 0) \
             ON DUPLICATE KEY UPDATE passed = passed + CONNECTION_ID() RETURNING version, passed"
        ),
        Sharing::Alone => format!(
            "UPDATE gate SET version = version + 1, passed = passed + CONNECTION_ID(); \
             SELECT version - 1, passed FROM gate WHERE slot = {slot}"
        ),
    }
}

/// Goes through if a column of the row is what it is taken for; `NULL` is refused.
pub(super) fn pass(slot: i64, column: &str, value: i64) -> String {
    format!("UPDATE gate SET passed = IF({column} = {value}, passed + 1, NULL) WHERE slot = {slot}")
}
