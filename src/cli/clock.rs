//! The clock and the source of randomness, the only ones of the program.
//!
//! Debug builds take the time from `CAPUCHIN_CLOCK` (RFC 3339) and the key of a new store from
//! `CAPUCHIN_SEED`, so that tests repeat.

use std::ffi::OsString;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::model::Time;

/// The time it is.
pub(crate) fn now() -> Time {
    for_tests("CAPUCHIN_CLOCK").and_then(|text| Time::parse(&text)).unwrap_or_else(system_time)
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
fn system_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The time since this was first asked, which only grows.
pub(crate) fn ticks() -> Duration {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    FIRST.get_or_init(Instant::now).elapsed()
}

/// Sixteen random bytes.
pub(crate) fn fresh_key() -> Result<[u8; 16], getrandom::Error> {
    let mut key = [0; 16];
    match for_tests("CAPUCHIN_SEED").and_then(|text| text.parse::<u64>().ok()) {
        Some(seed) => key[..8].copy_from_slice(&seed.to_le_bytes()),
        None => getrandom::fill(&mut key)?,
    }
    Ok(key)
}

/// Random bytes for what must not be guessed: never from a seed.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

fn for_tests(name: &str) -> Option<String> {
    if cfg!(debug_assertions) { std::env::var_os(name).and_then(text) } else { None }
}

fn text(value: OsString) -> Option<String> {
    value.into_string().ok()
}
