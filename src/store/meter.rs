//! What the store counts while it works, for those who watch it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::store::StoreError;

/// Why a transaction, or a read, was run again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Retry {
    /// Two waited for each other.
    Deadlock,
    /// Another one held a row for too long.
    LockWait,
    /// Another node of a cluster had committed the same rows.
    Certification,
    /// A row was there already that memory knew nothing of.
    Duplicate,
    /// What memory knew was not so any more.
    Stale,
    /// The connection broke.
    Connection,
    /// It had to be run while nobody else writes.
    Alone,
}

impl Retry {
    /// All reasons.
    pub(crate) const ALL: [Self; 7] = [
        Self::Deadlock,
        Self::LockWait,
        Self::Certification,
        Self::Duplicate,
        Self::Stale,
        Self::Connection,
        Self::Alone,
    ];

    /// The reason as a label.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Deadlock => "deadlock",
            Self::LockWait => "lock wait",
            Self::Certification => "certification",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Connection => "connection",
            Self::Alone => "alone",
        }
    }

    /// The reason behind an error that may go when it is tried again.
    pub(super) fn of(why: &StoreError) -> Option<Self> {
        match why {
            // The driver puts the number of the error behind its text.
            StoreError::Contended(text) if text.ends_with("(1205)") => Some(Self::LockWait),
            StoreError::Contended(text) if text.to_ascii_lowercase().contains("wsrep") => {
                Some(Self::Certification)
            }
            StoreError::Contended(_) => Some(Self::Deadlock),
            StoreError::Stale(_) => Some(Self::Stale),
            StoreError::Gone(_) => Some(Self::Connection),
            _ => None,
        }
    }
}

/// Bounds of the sizes of batches that are told apart: 1, 2, 4 and so on.
pub(crate) const SIZES: usize = 11;

/// The counts.
#[derive(Default)]
pub(crate) struct Meter {
    committed: AtomicU64,
    rolled_back: AtomicU64,
    retried: [AtomicU64; Retry::ALL.len()],
    /// Batches of at most 1, 2, 4 and so on use cases; the last has all that are larger.
    batches: [AtomicU64; SIZES],
    use_cases: AtomicU64,
    waits: AtomicU64,
    waited: AtomicU64,
    crowded: AtomicU64,
    ticks: OnceLock<fn() -> Duration>,
}

/// The counts at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Transactions that were committed.
    pub(crate) committed: u64,
    /// Transactions that were rolled back, also those that were run again.
    pub(crate) rolled_back: u64,
    /// How often something was run again, in the order of [`Retry::ALL`].
    pub(crate) retried: [u64; Retry::ALL.len()],
    /// Committed batches of at most 1, 2, 4 and so on use cases.
    pub(crate) batches: [u64; SIZES],
    /// Use cases in all of them.
    pub(crate) use_cases: u64,
    /// How often somebody waited for a connection.
    pub(crate) waits: u64,
    /// How long altogether.
    pub(crate) waited: Duration,
    /// How often in vain.
    pub(crate) crowded: u64,
}

fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

impl Meter {
    /// Gives it a clock, by which it measures how long connections are waited for.
    pub(crate) fn measure(&self, ticks: fn() -> Duration) {
        // The first clock is as good as another.
        let _ = self.ticks.set(ticks);
    }

    /// Counts a batch that was committed.
    pub(super) fn committed(&self, use_cases: usize) {
        let use_cases = u64::try_from(use_cases).unwrap_or(u64::MAX);
        let bits = use_cases.saturating_sub(1).checked_ilog2().map_or(0, |log| log + 1);
        let at = usize::try_from(bits).unwrap_or(SIZES).min(SIZES - 1);
        add(&self.committed, 1);
        add(&self.use_cases, use_cases);
        if let Some(batches) = self.batches.get(at) {
            add(batches, 1);
        }
    }

    /// Counts a transaction that was rolled back.
    pub(super) fn rolled_back(&self) {
        add(&self.rolled_back, 1);
    }

    /// Counts what is run again.
    pub(super) fn retried(&self, why: Retry) {
        let at = Retry::ALL.iter().position(|each| *each == why);
        if let Some(count) = at.and_then(|at| self.retried.get(at)) {
            add(count, 1);
        }
    }

    /// The time, where there is a clock.
    pub(super) fn now(&self) -> Option<Duration> {
        self.ticks.get().map(|ticks| ticks())
    }

    /// Counts somebody who began to wait then.
    pub(super) fn waited(&self, since: Option<Duration>, in_vain: bool) {
        let took = self.now().unwrap_or_default().saturating_sub(since.unwrap_or_default());
        add(&self.waits, 1);
        add(&self.waited, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        add(&self.crowded, u64::from(in_vain));
    }

    /// The counts now.
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            committed: read(&self.committed),
            rolled_back: read(&self.rolled_back),
            retried: std::array::from_fn(|at| self.retried.get(at).map_or(0, read)),
            batches: std::array::from_fn(|at| self.batches.get(at).map_or(0, read)),
            use_cases: read(&self.use_cases),
            waits: read(&self.waits),
            waited: Duration::from_micros(read(&self.waited)),
            crowded: read(&self.crowded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_told_apart_by_their_size() {
        let meter = Meter::default();
        for size in [1, 1, 2, 3, 4, 5, 1024, 5000] {
            meter.committed(size);
        }
        let counts = meter.counts();
        assert_eq!(counts.batches, [2, 1, 2, 1, 0, 0, 0, 0, 0, 0, 2]);
        assert_eq!((counts.committed, counts.use_cases), (8, 6040));
    }

    #[test]
    fn each_reason_is_counted_by_itself() {
        let meter = Meter::default();
        let contended = |text: &str| Retry::of(&StoreError::Contended(text.into()));
        assert_eq!(contended("Lock wait timeout exceeded (1205)"), Some(Retry::LockWait));
        assert_eq!(contended("WSREP detected a conflict (1213)"), Some(Retry::Certification));
        assert_eq!(contended("Deadlock found (1213)"), Some(Retry::Deadlock));
        assert_eq!(Retry::of(&StoreError::Gone(String::new())), Some(Retry::Connection));
        assert_eq!(Retry::of(&StoreError::Full), None);
        meter.retried(Retry::Duplicate);
        assert_eq!(meter.counts().retried, [0, 0, 0, 1, 0, 0, 0]);
    }
}
