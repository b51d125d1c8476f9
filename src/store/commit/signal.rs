//! How callers wait and are woken.

use super::{Task, lock};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::Thread;

/// Where a caller waits for its turn to lead or for its answer.
pub(crate) struct Signal {
    state: AtomicU8,
    thread: Thread,
    /// The batch that was run, and the caller's place in it: there it finds whom to wake.
    batch: Mutex<Option<(Batch, usize)>>,
}

/// Use cases that were run in one transaction.
pub(super) type Batch = Arc<[Arc<dyn Task>]>;

const WAITING: u8 = 0;
const LEAD: u8 = 1;
const DONE: u8 = 2;

impl Signal {
    /// A signal to the calling thread.
    pub(crate) fn here() -> Self {
        Self {
            state: AtomicU8::new(WAITING),
            thread: std::thread::current(),
            batch: Mutex::new(None),
        }
    }

    /// Makes the waiting caller the leader.
    pub(super) fn lead(&self) {
        self.state.store(LEAD, Ordering::Release);
        self.thread.unpark();
    }

    /// Says that the caller's use case is done, without waking it yet.
    pub(super) fn done(&self, batch: &Batch, place: usize) {
        *lock(&self.batch) = Some((Arc::clone(batch), place));
        self.state.store(DONE, Ordering::Release);
    }

    /// Waits; returns whether the caller is to lead.
    pub(super) fn wait(&self) -> bool {
        loop {
            match self.state.load(Ordering::Acquire) {
                WAITING => std::thread::park(),
                LEAD => return true,
                _ => {
                    if let Some((batch, place)) = lock(&self.batch).take() {
                        wake_two(&batch, place);
                    }
                    return false;
                }
            }
        }
    }
}

/// Wakes the two callers below `place` in the batch, taken as a binary tree: each who wakes wakes
/// two others, so that waking hundreds does not keep one of them from going on.
pub(super) fn wake_two(batch: &Batch, place: usize) {
    for below in batch.iter().skip(2 * place + 1).take(2) {
        below.signal().thread.unpark();
    }
}
