//! Sessions of users who logged in, in the store: whichever server a request reaches knows them.
//! The store has hashes only, so that nobody who reads it can call as somebody else.

use crate::model::{Column, Time};
use crate::store::{StoreError, Tx};

/// The most sessions at one time; beyond it the one that ends first gives way.
pub(crate) const MOST_SESSIONS: u64 = 10_000;
/// Ended sessions that are removed at one time.
const SWEPT: i64 = 1000;

/// A session as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Session {
    /// The hash of its key.
    pub(crate) key_hash: String,
    /// Whose it is.
    pub(crate) user_id: i64,
    /// When it ends unless it is used.
    pub(crate) ends: Time,
}

/// Keeps a new session under its hash. When there are too many, others go.
pub(crate) fn begin_session(
    tx: &mut Tx,
    hash: &str,
    session: &Session,
    now: Time,
) -> Result<(), StoreError> {
    if count_sessions(tx, None)? >= MOST_SESSIONS {
        end_old_sessions(tx, now)?;
        while count_sessions(tx, None)? >= MOST_SESSIONS {
            let sql = "SELECT hash FROM session ORDER BY ends LIMIT 1";
            let first: String = tx.one(sql, &[])?.unwrap_or_default();
            end_session(tx, &first)?;
        }
    }
    let sql = "INSERT INTO session (hash, key_hash, user_id, ends) VALUES (?, ?, ?, ?)";
    let key_hash = session.key_hash.as_str();
    let row = [hash.into(), key_hash.into(), session.user_id.into(), session.ends.into()];
    tx.run_row(sql, &row).map(drop)
}

/// The session with this hash that has not ended.
pub(crate) fn find_session(
    tx: &mut Tx,
    hash: &str,
    now: Time,
) -> Result<Option<Session>, StoreError> {
    let sql = "SELECT key_hash, user_id, ends FROM session WHERE hash = ? AND ends >= ?";
    let mut found = None;
    tx.each(sql, &[hash.into(), now.into()], |cell| {
        found = Some(Session {
            key_hash: String::from_cell(cell(0))?,
            user_id: i64::from_cell(cell(1))?,
            ends: Time::from_cell(cell(2))?,
        });
        Ok(false)
    })?;
    Ok(found)
}

/// Lets a session live on, unless it has been ended meanwhile.
pub(crate) fn prolong_session(tx: &mut Tx, hash: &str, ends: Time) -> Result<(), StoreError> {
    let sql = "UPDATE session SET ends = ? WHERE hash = ? AND ends < ?";
    tx.run_row(sql, &[ends.into(), hash.into(), ends.into()]).map(drop)
}

/// Ends a session; whether there was one.
pub(crate) fn end_session(tx: &mut Tx, hash: &str) -> Result<bool, StoreError> {
    Ok(tx.run_row("DELETE FROM session WHERE hash = ?", &[hash.into()])? != 0)
}

/// Removes sessions that have ended, so many at one time; how many.
pub(crate) fn end_old_sessions(tx: &mut Tx, now: Time) -> Result<usize, StoreError> {
    let sql = "SELECT hash FROM session WHERE ends < ? ORDER BY ends LIMIT ?";
    let mut old = Vec::new();
    tx.each(sql, &[now.into(), SWEPT.into()], |cell| {
        old.push(String::from_cell(cell(0))?);
        Ok(true)
    })?;
    for hash in &old {
        // By its hash, so that no other row is locked; one that was used meanwhile stays.
        let sql = "DELETE FROM session WHERE hash = ? AND ends < ?";
        tx.run_row(sql, &[hash.as_str().into(), now.into()])?;
    }
    Ok(old.len())
}

/// How many sessions there are, or live at a time.
pub(crate) fn count_sessions(tx: &mut Tx, at: Option<Time>) -> Result<u64, StoreError> {
    let count: Option<i64> = match at {
        None => tx.one("SELECT COUNT(*) FROM session", &[])?,
        Some(now) => tx.one("SELECT COUNT(*) FROM session WHERE ends >= ?", &[now.into()])?,
    };
    Ok(count.map_or(0, i64::unsigned_abs))
}
