//! Sessions of users who logged in. They are in the store, so that each server that shares it knows
//! them, and a restart ends none. Only what the client has opens them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::engine::{
    self, Caller, begin_session, caller_of, count_sessions, end_old_sessions, end_session,
    find_session, prolong_session,
};
use crate::model::Time;
use crate::schema::Fault;
use crate::store::{Sharing, Store, StoreError, Tx};
use crate::transport::front::Front;
use crate::transport::sign::digest;

/// How long a session lives without a request, in seconds.
pub(crate) const TIMEOUT: i64 = 1800;
/// It lives so much longer, in seconds, and is then written anew once in this time only.
const SLACK: i64 = 60;

/// The lease of whoever removes sessions that have ended.
const SWEEPING: &str = "sessions";
/// How long that lease lasts, in seconds.
const SWEEPING_FOR: i64 = 150;
/// Sessions are removed so many batches at one time.
const BATCHES: usize = 20;

/// A session as its user has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticket {
    /// The value of the cookie `JSESSIONID`.
    pub(crate) id: String,
    /// The session key, which goes into a cookie and into every request.
    pub(crate) key: String,
}

/// Writes to a row that nothing else is read from, beside whatever others write.
fn write<T: Send + 'static>(
    store: &Store,
    change: impl FnMut(&mut Tx) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    store.write_as(Sharing::Beside, change)
}

/// Begins a session.
pub(crate) fn begin(
    store: &Store,
    ticket: &Ticket,
    user_id: i64,
    now: Time,
) -> Result<(), StoreError> {
    let (hash, key_hash) = (digest(&ticket.id), digest(&ticket.key));
    let session = engine::Session { key_hash, user_id, ends: end(now) };
    write(store, move |tx| begin_session(tx, &hash, &session, now))
}

/// Who calls in a session.
#[derive(Debug)]
pub(crate) enum Asker {
    /// There is no such session.
    Nobody,
    /// The request is not one of the session, or its user may not call any more.
    Stranger,
    /// The session's user.
    User(Caller),
}

/// Who calls in a living session, which lives on from now. `keys` are what shows that the request
/// is of the session.
pub(crate) fn find(
    store: &Store,
    id: &str,
    keys: [Option<&str>; 2],
    now: Time,
) -> Result<Asker, StoreError> {
    let hash = digest(id);
    let keys = keys.map(|key| key.map(digest));
    let found = store.read(|tx| {
        let Some(session) = find_session(tx, &hash, now)? else { return Ok(None) };
        let is_key =
            |key: &Option<String>| key.as_ref().is_some_and(|key| same(key, &session.key_hash));
        let caller = match keys.iter().all(is_key) {
            true => caller_of(tx, session.user_id)?,
            false => None,
        };
        Ok::<_, StoreError>(Some((caller, session.ends)))
    })?;
    let (caller, ends) = match found {
        None => return Ok(Asker::Nobody),
        Some((None, _)) => return Ok(Asker::Stranger),
        Some((Some(caller), ends)) => (caller, ends),
    };
    if ends < now.plus_seconds(TIMEOUT) {
        let prolonged = write(store, move |tx| prolong_session(tx, &hash, end(now)));
        if let Err(why) = prolonged {
            // The call may be one that only reads, and is answered as long as the session lives.
            tracing::warn!("a session is not prolonged: {why}");
        }
    }
    Ok(Asker::User(caller))
}

/// Ends a session; whether there was one.
pub(crate) fn end_of(store: &Store, id: &str) -> Result<bool, StoreError> {
    let hash = digest(id);
    write(store, move |tx| end_session(tx, &hash))
}

const fn end(now: Time) -> Time {
    now.plus_seconds(TIMEOUT + SLACK)
}

impl Front {
    /// A name that no other server has.
    pub(crate) fn name(&self) -> Option<String> {
        let bytes = (self.random)()?;
        bytes.get(..9).map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Living sessions.
    pub(crate) fn sessions(&self) -> Result<u64, StoreError> {
        let now = (self.clock)();
        self.engine.store().read(|tx| count_sessions(tx, Some(now)))
    }

    /// Does what one server is to do for all who share the store, now and then: removes sessions
    /// that have ended. `holder` names this server.
    pub(crate) fn keep_house(&self, holder: &str) -> Result<usize, StoreError> {
        let (store, now, mut all) = (self.engine.store(), (self.clock)(), 0);
        // Mostly there is nothing to do, and then nothing is written.
        let living = |tx: &mut Tx| count_sessions(tx, Some(now));
        if store.read(living)? == store.read(|tx| count_sessions(tx, None))? {
            return Ok(0);
        }
        for _ in 0..BATCHES {
            let holder = holder.to_owned();
            let removed = write(store, move |tx| {
                if !tx.lease(SWEEPING, &holder, now, SWEEPING_FOR)? {
                    return Ok(0);
                }
                end_old_sessions(tx, now)
            })?;
            all += removed;
            if removed == 0 {
                break;
            }
        }
        Ok(all)
    }

    /// Makes a pass of the collector, if one is due and no other server makes it; how much was
    /// given back.
    pub(crate) fn collect(&self, holder: &str) -> Result<usize, Fault> {
        let pass = engine::collect_if_due(self.engine.store(), holder, (self.clock)())?;
        let pass = pass.unwrap_or_default();
        for alert in pass.iter().filter(|one| one.what == "alert") {
            tracing::warn!("{}", alert.says);
        }
        let freed = pass.iter().filter(|one| one.freed);
        Ok(freed.inspect(|one| tracing::info!(what = one.what, "collected: {}", one.says)).count())
    }

    /// Gives back what this server does for all, so that another one need not wait for it.
    pub(crate) fn leave_house(&self, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        write(self.engine.store(), move |tx| tx.end_lease(SWEEPING, &holder))
    }
}

/// Compares in a time that does not tell where the first difference is.
fn same(a: &str, b: &str) -> bool {
    let pairs = a.bytes().zip(b.bytes());
    pairs.fold(a.len() ^ b.len(), |all, (a, b)| all | usize::from(a ^ b)) == 0
}

/// The value of a cookie in the header `Cookie`.
pub(crate) fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(given, _)| *given == name).map(|(_, value)| value.trim_matches('"')).next()
}

#[cfg(test)]
mod tests;
