//! Whether what memory knows is still so: the version of a database is asked once for all who want
//! to know it at the same time.

use crate::store::StoreError;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A moment by whose state somebody may read what seldom changes: that of a request that came in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment(pub(super) Option<i64>);

/// Who asks, and what was answered last.
#[derive(Default)]
pub(super) struct Versions {
    rounds: Mutex<Rounds>,
    /// Those who wait for a round with an even number, and those for one with an odd number: who
    /// waits for the next one is not woken by the end of this.
    waiting: [Condvar; 2],
}

#[derive(Default)]
struct Rounds {
    /// Rounds that began.
    begun: u64,
    /// The round that ended last.
    ended: u64,
    /// What it answered; none if it failed.
    version: Option<i64>,
}

impl Versions {
    /// The version at some moment after this was called; none where it cannot be found out. `ask`
    /// asks the database. Only one asks at a time; who comes meanwhile waits for the next round,
    /// since that one may have been answered already.
    pub(super) fn now(&self, ask: impl FnOnce() -> Result<i64, StoreError>) -> Option<i64> {
        let mut rounds = self.lock();
        let wanted = rounds.begun + 1;
        while rounds.begun != rounds.ended && rounds.ended < wanted {
            let waiting = self.waiting(wanted);
            rounds = waiting.wait(rounds).unwrap_or_else(PoisonError::into_inner);
        }
        if rounds.ended >= wanted {
            return rounds.version;
        }
        rounds.begun += 1;
        let round = Round { versions: self, number: rounds.begun };
        drop(rounds);
        let version = ask().ok();
        self.lock().version = version;
        drop(round);
        version
    }

    fn lock(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self, round: u64) -> &Condvar {
        let [even, odd] = &self.waiting;
        if round.is_multiple_of(2) { even } else { odd }
    }
}

/// A round, which ends whatever becomes of it.
struct Round<'v> {
    versions: &'v Versions,
    number: u64,
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        let mut rounds = self.versions.lock();
        rounds.ended = self.number;
        if std::thread::panicking() {
            rounds.version = None;
        }
        drop(rounds);
        self.versions.waiting(self.number).notify_all();
        // One of those who came meanwhile asks for all of them.
        self.versions.waiting(self.number + 1).notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::sync::mpsc::channel;

    #[test]
    fn nobody_is_told_what_was_asked_before_they_came_and_many_are_told_at_once() {
        let (versions, asked) = (Versions::default(), AtomicI64::new(0));
        let (versions, asked) = (&versions, &asked);
        let ask = || Ok(asked.fetch_add(1, Ordering::SeqCst) + 1);
        assert_eq!(versions.now(ask), Some(1));
        let (go, wait) = channel::<()>();
        let (began, first) = channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                versions.now(|| {
                    began.send(()).unwrap();
                    wait.recv().unwrap();
                    ask()
                })
            });
            first.recv().unwrap();
            let late: Vec<_> = (0..8).map(|_| scope.spawn(|| versions.now(ask))).collect();
            while versions.rounds.lock().unwrap().begun != 2 {
                std::thread::yield_now();
            }
            go.send(()).unwrap();
            for one in late {
                assert!(one.join().unwrap() >= Some(3), "an answer from before was handed on");
            }
        });
        assert!(asked.load(Ordering::SeqCst) <= 10);
        assert_eq!(versions.now(|| Err(StoreError::Busy)), None);
        assert!(versions.now(ask).is_some());
    }
}
