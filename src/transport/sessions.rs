//! Sessions of users who logged in: in memory only, so that a restart ends them all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Time;

/// How long a session lives without a request, in seconds.
pub(crate) const TIMEOUT: i64 = 1800;
/// The most sessions at one time; beyond it the one that ends first gives way.
const MOST: usize = 10_000;

/// A session as its user has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticket {
    /// The value of the cookie `JSESSIONID`.
    pub(crate) id: String,
    /// The session key, which goes into a cookie and into every request.
    pub(crate) key: String,
}

#[derive(Clone, Debug)]
struct Session {
    key: String,
    user_id: i64,
    ends: Time,
}

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Begins a session.
    pub(crate) fn begin(&self, ticket: &Ticket, user_id: i64, now: Time) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.ends >= now);
        if all.len() >= MOST
            && let Some(first) = all.iter().min_by_key(|(_, session)| session.ends)
        {
            let first = first.0.clone();
            all.remove(&first);
        }
        let session = Session { key: ticket.key.clone(), user_id, ends: now.plus_seconds(TIMEOUT) };
        all.insert(ticket.id.clone(), session);
    }

    /// The session key and the user of a living session, which lives on from now.
    pub(crate) fn find(&self, id: &str, now: Time) -> Option<(String, i64)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get_mut(id).filter(|session| session.ends >= now)?;
        session.ends = now.plus_seconds(TIMEOUT);
        Some((session.key.clone(), session.user_id))
    }

    /// How many live.
    pub(crate) fn count(&self, now: Time) -> usize {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|session| session.ends >= now).count()
    }

    /// Ends a session; whether there was one.
    pub(crate) fn end(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id).is_some()
    }
}

/// The value of a cookie in the header `Cookie`.
pub(crate) fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(given, _)| *given == name).map(|(_, value)| value.trim_matches('"')).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lives_as_long_as_it_is_used() {
        let sessions = Sessions::default();
        let ticket = Ticket { id: "a".into(), key: "k".into() };
        let at = |seconds| Time::from_millis(0).plus_seconds(seconds);
        sessions.begin(&ticket, 2, at(0));
        assert_eq!((sessions.count(at(0)), sessions.count(at(TIMEOUT + 1))), (1, 0));
        assert_eq!(sessions.find("a", at(TIMEOUT)), Some(("k".into(), 2)));
        assert_eq!(sessions.find("a", at(2 * TIMEOUT)), Some(("k".into(), 2)));
        assert_eq!(sessions.find("a", at(3 * TIMEOUT + 1)), None);
        assert_eq!(sessions.find("b", at(0)), None);
        assert!(sessions.end("a") && !sessions.end("a"));
    }

    #[test]
    fn there_is_an_end_to_sessions() {
        let sessions = Sessions::default();
        for number in 0..=MOST {
            let ticket = Ticket { id: number.to_string(), key: String::new() };
            sessions.begin(&ticket, 2, Time::from_millis(i64::try_from(number).unwrap()));
        }
        assert!(sessions.find("0", Time::from_millis(0)).is_none());
        assert!(sessions.find("1", Time::from_millis(0)).is_some());
    }

    #[test]
    fn cookies_are_told_apart() {
        let header = "xJSESSIONID=1; JSESSIONID=2;sessionkey=\"a=b\"; c";
        assert_eq!(cookie(header, "JSESSIONID"), Some("2"));
        assert_eq!(cookie(header, "sessionkey"), Some("a=b"));
        assert_eq!(cookie(header, "c"), None);
    }
}
