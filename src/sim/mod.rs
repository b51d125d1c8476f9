//! Worlds for tests: an engine on a store in memory, with a clock that ticks once a call and keys
//! that are always the same.

mod addresses;
mod bad_input;
mod bgp;
mod cast;
mod cluster;
mod copies;
pub(crate) mod databases;
mod dump;
mod guesses;
mod guest_vlans;
mod holders;
mod invariants;
mod ip6;
mod ip6_rules;
mod kill;
mod outages;
mod portable;
mod processes;
mod random;
mod ranges;
mod reopen;
mod repeats;
pub(crate) mod rng;
mod routed_walk;
mod routing;
mod scratch;
mod shared;
mod subtleties;
mod tenant_walk;
mod tenants;
mod threads;
mod transports;
mod turmoil;

pub(crate) use tenants::Tenants;

use crate::api::{Engine, Reply};
use crate::engine::{Caller, Content, Secrets, Vault, seed};
use crate::model::Time;
use crate::schema::{Fault, Words};
use crate::store::{Store, Tx};
pub(crate) use databases::{Database, MariaServer};
pub(crate) use invariants::check;
use serde_json::Value as Json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// When every world begins: 2026-01-02T03:00:00Z.
pub(crate) const EPOCH: Time = Time::from_millis(1_767_322_800_000);
/// The key of every world's ids.
pub(crate) const KEY: [u8; 16] = *b"key of the tests";

/// An engine with a store of its own.
pub(crate) struct World {
    /// The engine.
    pub(crate) engine: Engine,
}

impl World {
    /// A world with the zone `sandbox`.
    pub(crate) fn sandbox() -> Self {
        Self::new(Content::Sandbox)
    }

    /// A world as `content` says.
    pub(crate) fn new(content: Content) -> Self {
        let fill = &mut |tx: &mut Tx| seed(tx, EPOCH, content);
        let store = match Database::wanted() {
            Some(database) => database.store(KEY, fill),
            None => {
                static NAMES: AtomicU64 = AtomicU64::new(0);
                let name = format!("world-{}", NAMES.fetch_add(1, Ordering::Relaxed));
                Store::memory(&name, KEY, fill)
            }
        };
        Self::with(store.unwrap())
    }

    /// A world on a store.
    pub(crate) fn with(store: Store) -> Self {
        let engine = Engine::new(Arc::new(store), clock());
        Self { engine: engine.with_secrets(Known::default()) }
    }

    /// Calls as the admin; the whole reply.
    pub(crate) fn reply(&self, command: &str, words: &[(&str, &str)]) -> Result<Reply, Fault> {
        let words: Words = words.iter().copied().collect();
        self.engine.call(&Caller::ADMIN, command, &words)
    }

    /// Calls as the admin. Of an asynchronous call the job's result; its failure is an `Err`.
    pub(crate) fn call(&self, command: &str, words: &[(&str, &str)]) -> Result<Json, Fault> {
        let reply = self.reply(command, words)?;
        match reply.job.and_then(|job| job.failed) {
            Some(fault) => Err(fault),
            None => Ok(reply.body),
        }
    }

    /// Calls what must succeed.
    pub(crate) fn ok(&self, command: &str, words: &[(&str, &str)]) -> Json {
        self.call(command, words).unwrap_or_else(|fault| panic!("{command} {words:?}: {fault}"))
    }

    /// Calls what must be refused; the error code and the text.
    pub(crate) fn refused(&self, command: &str, words: &[(&str, &str)]) -> (u16, String) {
        match self.call(command, words) {
            Ok(body) => panic!("{command} {words:?} was not refused: {body}"),
            Err(fault) => (fault.code(), fault.text),
        }
    }

    /// Calls what must be refused and must change nothing but, where it has a job, the job and
    /// its events; the error code and the text.
    pub(crate) fn unmoved(&self, command: &str, words: &[(&str, &str)]) -> (u16, String) {
        let before = self.dump();
        assert!(!before.is_empty(), "the dump sees nothing");
        let refused = self.refused(command, words);
        let after = self.dump();
        let changed = dump::difference(&before, &after);
        assert!(after == before, "{command} {words:?} was refused, yet changed\n{changed}");
        refused
    }

    /// Changes the store behind the engine's back.
    pub(crate) fn tell(&self, sql: &'static str) {
        self.engine.store().write(move |tx| Ok::<_, Fault>(tx.run(sql, &[])?)).unwrap();
    }

    /// All rows of all tables but those of jobs and events.
    pub(crate) fn dump(&self) -> String {
        dump::dump(self.engine.store())
    }

    /// The id of the first row that a list answers with, for the parameters of other calls.
    pub(crate) fn id(&self, list: &str, words: &[(&str, &str)]) -> String {
        let body = self.ok(list, words);
        let rows = body.as_object().and_then(|body| body.values().find_map(Json::as_array));
        let id = rows.and_then(|rows| rows.first()).and_then(|row| row["id"].as_str());
        id.unwrap_or_else(|| panic!("{list} {words:?} has no row: {body}")).to_owned()
    }
}

/// Secrets that are the same in every run.
#[derive(Default)]
pub(crate) struct Known(AtomicU64);

impl Secrets for Known {
    fn random(&self) -> Option<[u8; 64]> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let salt = (0..64u8).zip(number.into_iter().cycle());
        let bytes: Vec<u8> = salt.map(|(at, byte)| byte.wrapping_add(at)).collect();
        bytes.try_into().ok()
    }
    fn vault(&self) -> Result<Vault, String> {
        Ok(Vault::new([7; 32]))
    }
}

/// A clock that moves on by a second each time it is read.
pub(crate) fn clock() -> impl Fn() -> Time + Send + Sync + 'static {
    let seconds = AtomicI64::new(0);
    move || EPOCH.plus_seconds(seconds.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_has_its_zone() {
        let world = World::sandbox();
        let body = world.ok("listZones", &[]);
        assert_eq!(body["count"], 1);
        assert_eq!(body["zone"][0]["name"], "sandbox");
        assert_eq!(world.ok("listZones", &[("keyword", "%")]), serde_json::json!({}));
        let (code, text) = world.refused("listZones", &[("id", "x")]);
        assert_eq!(code, 431);
        assert!(text.contains("Invalid parameter id value=x due to incorrect long value format"));
    }
}
