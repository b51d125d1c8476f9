//! The servers as a client sees them: doors to knock at, one after another.

use crate::api::Engine;
use crate::engine::Caller;
use crate::schema::{Fault, Words};
use serde_json::Value as Json;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

/// What a server said to a call.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// The result.
    Done(Json),
    /// It was refused, with this code and text.
    Refused(u16, String),
    /// Nobody was there: the call was not sent.
    Away(String),
    /// There was no answer, or one that says that nobody knows.
    Unknown(String),
}

/// Several servers of one store.
pub(super) trait Doors: Sync {
    /// How many there are.
    fn count(&self) -> usize;
    /// Calls one as the admin; also returns when it answered.
    fn call(&self, server: usize, command: &str, words: &[(&str, &str)]) -> (Said, Instant);
    /// Waits until one has ended all calls, also those whose callers no longer wait.
    fn quiet(&self, server: usize);
}

/// What a refusal's text has in it where nobody knows.
const UNKNOWN: &str = "look whether it was made";

/// What was said, where a refusal may mean that nobody knows.
pub(super) fn refused(code: u16, text: String) -> Said {
    if text.contains(UNKNOWN) { Said::Unknown(text) } else { Said::Refused(code, text) }
}

/// Servers that are engines in this process, each with connections of its own.
pub(super) struct Engines {
    engines: Vec<RwLock<Engine>>,
    open: Box<dyn Fn() -> Engine + Sync>,
}

impl Engines {
    /// So many, each opened by `open`.
    pub(super) fn new(count: usize, open: impl Fn() -> Engine + Sync + 'static) -> Self {
        let engines = (0..count).map(|_| RwLock::new(open())).collect();
        Self { engines, open: Box::new(open) }
    }

    /// Puts a new engine in the place of one, which goes with all that it had not committed.
    pub(super) fn replace(&self, server: usize) {
        let fresh = (self.open)();
        *self.engines[server].write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

impl Doors for Engines {
    fn count(&self) -> usize {
        self.engines.len()
    }

    fn call(&self, server: usize, command: &str, words: &[(&str, &str)]) -> (Said, Instant) {
        let words: Words = words.iter().copied().collect();
        let engine = self.engines[server].read().unwrap_or_else(PoisonError::into_inner);
        let of = |fault: Fault| refused(fault.code(), fault.text);
        let said = match engine.call(&Caller::ADMIN, command, &words) {
            Err(fault) => of(fault),
            Ok(reply) => match reply.job.and_then(|job| job.failed) {
                Some(fault) => of(fault),
                None => Said::Done(reply.body),
            },
        };
        (said, Instant::now())
    }

    fn quiet(&self, server: usize) {
        drop(self.engines[server].write().unwrap_or_else(PoisonError::into_inner));
    }
}
