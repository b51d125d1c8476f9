//! Group commit: callers queue, one of them leads, runs what is there in one transaction, syncs
//! once, and only then everybody is answered.
//!
//! There is no thread of its own: a single caller runs its own work without handing it over. The
//! queue is first in, first out, and the lead passes to the first who waits, so nobody starves.

use crate::store::turn::Turn;
use crate::store::{StoreError, Tx, dialect};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

/// Use cases in one transaction at most; bounds how long the first of them waits.
const BATCH: usize = 1024;

/// What became of a use case that was run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ran {
    /// It succeeded: what it wrote stays.
    Kept,
    /// It was refused: what it wrote must go.
    Refused,
}

/// A use case in the queue. It may be run several times; the last run counts.
pub(crate) trait Task: Send + Sync {
    /// Runs it.
    fn run(&self, tx: &mut Tx) -> Ran;
    /// Tells it that the store failed, whatever its last run said.
    fn fail(&self, why: StoreError);
    /// Where its caller waits.
    fn signal(&self) -> &Signal;
}

/// Where a caller waits for its turn to lead or for its answer.
pub(crate) struct Signal {
    state: AtomicU8,
    thread: Thread,
    /// The batch that was run, and the caller's place in it: there it finds whom to wake.
    batch: Mutex<Option<(Batch, usize)>>,
}

/// Use cases that were run in one transaction.
type Batch = Arc<[Arc<dyn Task>]>;

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
    fn lead(&self) {
        self.state.store(LEAD, Ordering::Release);
        self.thread.unpark();
    }

    /// Says that the caller's use case is done, without waking it yet.
    fn done(&self, batch: &Batch, place: usize) {
        *lock(&self.batch) = Some((Arc::clone(batch), place));
        self.state.store(DONE, Ordering::Release);
    }

    /// Waits; returns whether the caller is to lead.
    fn wait(&self) -> bool {
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
fn wake_two(batch: &Batch, place: usize) {
    for below in batch.iter().skip(2 * place + 1).take(2) {
        below.signal().thread.unpark();
    }
}

/// The queue and the one connection that writes.
pub(crate) struct Committer {
    queue: Mutex<Queue>,
    writer: Mutex<Writer>,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Arc<dyn Task>>,
    led: bool,
}

/// The connection that writes.
pub(crate) struct Writer {
    pub(super) tx: Tx,
    pub(super) turn: Option<Turn>,
    pub(super) seen: i64,
}

impl Committer {
    /// A committer over one connection.
    pub(crate) fn new(writer: Writer) -> Self {
        Self { queue: Mutex::default(), writer: Mutex::new(writer) }
    }

    /// Runs a use case together with others; returns when its answer is final and durable.
    pub(crate) fn submit(&self, task: &Arc<dyn Task>) {
        let lead = {
            let mut queue = lock(&self.queue);
            queue.tasks.push_back(Arc::clone(task));
            !std::mem::replace(&mut queue.led, true)
        };
        if lead || task.signal().wait() {
            self.lead();
        }
    }

    /// Runs what is queued, one's own task first, passes the lead on, and then tells the others:
    /// the next batch is run while they wake.
    fn lead(&self) {
        let batch: Batch = {
            let mut queue = lock(&self.queue);
            let count = queue.tasks.len().min(BATCH);
            queue.tasks.drain(..count).collect()
        };
        lock(&self.writer).run(&batch);
        for (place, task) in batch.iter().enumerate().skip(1) {
            task.signal().done(&batch, place);
        }
        {
            let mut queue = lock(&self.queue);
            match queue.tasks.front() {
                Some(next) => next.signal().lead(),
                None => queue.led = false,
            }
        }
        wake_two(&batch, 0);
    }
}

/// Locks, also after a panic elsewhere: a batch that panicked was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    /// Runs a batch; every task knows its outcome afterwards.
    fn run(&mut self, batch: &[Arc<dyn Task>]) {
        let turn = self.turn.take();
        let outcome = match turn.as_ref().map(Turn::take).transpose() {
            Ok(_turned) => self.commit(batch),
            Err(why) => Err(why),
        };
        self.turn = turn;
        if let Err(why) = outcome {
            for task in batch {
                task.fail(why.clone());
            }
        }
    }

    fn commit(&mut self, batch: &[Arc<dyn Task>]) -> Result<(), StoreError> {
        self.begin()?;
        let done = match self.run_plain(batch) {
            true => Ok(()),
            false => self.again(batch),
        };
        let done = done.and_then(|()| self.tx.flush()).and_then(|()| self.tx.control("COMMIT"));
        if done.is_err() {
            self.roll_back();
        }
        done
    }

    /// Begins, and forgets what memory knows when another process has written since.
    fn begin(&mut self) -> Result<(), StoreError> {
        self.tx.control(dialect::BEGIN_WRITE)?;
        match self.tx.foreign_version() {
            Ok(version) if version == self.seen => Ok(()),
            Ok(version) => {
                self.seen = version;
                self.tx.forget();
                Ok(())
            }
            Err(why) => {
                self.roll_back();
                Err(why)
            }
        }
    }

    fn roll_back(&mut self) {
        self.tx.forget();
        // After some failures SQLite has rolled back already and says so.
        let _ = self.tx.control("ROLLBACK");
    }

    /// Runs the batch without savepoints. Refusals that come before the first write, nearly all
    /// of them, cost nothing. Returns `false` when one came after a write.
    fn run_plain(&mut self, batch: &[Arc<dyn Task>]) -> bool {
        batch.iter().all(|task| {
            self.tx.take_wrote();
            // A refusal may be the database's: then the transaction may be gone, and what comes
            // after would stand outside of it.
            run_safely(task.as_ref(), &mut self.tx) == Ran::Kept
                || (!self.tx.take_wrote() && self.tx.in_transaction())
        })
    }

    /// Rolls back and runs the batch again with a savepoint around each use case.
    fn again(&mut self, batch: &[Arc<dyn Task>]) -> Result<(), StoreError> {
        self.roll_back();
        self.begin()?;
        for task in batch {
            self.tx.control("SAVEPOINT one")?;
            if run_safely(task.as_ref(), &mut self.tx) == Ran::Kept {
                self.tx.flush()?;
            } else {
                self.tx.forget();
                self.tx.control("ROLLBACK TO one")?;
            }
            self.tx.control("RELEASE one")?;
        }
        Ok(())
    }
}

/// Runs a task; one that panics is refused, and its caller told so.
fn run_safely(task: &dyn Task, tx: &mut Tx) -> Ran {
    catch_unwind(AssertUnwindSafe(|| task.run(tx))).unwrap_or_else(|_| {
        task.fail(StoreError::Other("the use case panicked; this is a bug".into()));
        Ran::Refused
    })
}
