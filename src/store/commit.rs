//! Group commit: callers queue, one of them leads, runs what is there in one transaction, syncs
//! once, and only then everybody is answered.
//!
//! There is no thread of its own: a single caller runs its own work without handing it over. The
//! queue is first in, first out, and the lead passes to the first who waits, so nobody starves.
//!
//! On a database server there are two connections that write: while the batch of one is on its
//! way to the disk, the next one is run on the other.

mod signal;

pub(crate) use signal::Signal;
use signal::{Batch, wake_two};

use crate::store::turn::Turn;
use crate::store::{Db, Meter, Retry, Sharing, Stale, StoreError, Tx};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

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
    /// How it stands to what other servers do at the same time.
    fn sharing(&self) -> Sharing;
}

/// The queue and the connections that write.
pub(crate) struct Committer {
    queue: Mutex<Queue>,
    writer: Mutex<Writer>,
    /// Makes the second writer, where there may be one; it is made when it is first needed.
    make: Option<MakeWriter>,
    second: OnceLock<Mutex<Writer>>,
    /// See [`Writer::work`].
    work: Arc<Mutex<()>>,
    /// Whether the second writer began later than the first.
    second_is_later: AtomicBool,
}

/// Makes a writer from the first one's lock of what is run.
pub(crate) type MakeWriter =
    Box<dyn Fn(Arc<Mutex<()>>) -> Result<Writer, StoreError> + Send + Sync>;

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
    /// Makes a connection in place of one that broke.
    pub(super) connect: Connect,
    /// Held while use cases run: the two writers only commit at the same time.
    pub(super) work: Arc<Mutex<()>>,
    pub(super) meter: Arc<Meter>,
    /// The newest version that a writer of this process has seen.
    pub(super) newest: Arc<AtomicI64>,
}

/// Makes a connection.
pub(crate) type Connect = Arc<dyn Fn() -> Result<Box<dyn Db>, StoreError> + Send + Sync>;

impl Committer {
    /// A committer over one connection, and a second one where `make` is given.
    pub(crate) fn new(writer: Writer, make: Option<MakeWriter>) -> Self {
        Self {
            queue: Mutex::default(),
            work: Arc::clone(&writer.work),
            writer: Mutex::new(writer),
            make,
            second: OnceLock::new(),
            second_is_later: AtomicBool::new(false),
        }
    }

    /// How many connections write.
    pub(crate) fn writers(&self) -> usize {
        1 + usize::from(self.second.get().is_some())
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
        let mut writer = self.free_writer();
        let batch: Batch = {
            let mut queue = lock(&self.queue);
            let count = queue.tasks.len().min(BATCH);
            queue.tasks.drain(..count).collect()
        };
        let mut passed = false;
        writer.run(&batch, &mut || {
            if self.make.is_some() && !std::mem::replace(&mut passed, true) {
                self.pass_on();
            }
        });
        drop(writer);
        for (place, task) in batch.iter().enumerate().skip(1) {
            task.signal().done(&batch, place);
        }
        if !passed {
            self.pass_on();
        }
        wake_two(&batch, 0);
    }

    /// Makes the first who waits the leader.
    fn pass_on(&self) {
        let mut queue = lock(&self.queue);
        match queue.tasks.front() {
            Some(next) => next.signal().lead(),
            None => queue.led = false,
        }
    }

    /// The first writer, or the second while the first commits, or whichever is free sooner.
    fn free_writer(&self) -> MutexGuard<'_, Writer> {
        if let Some(first) = try_lock(&self.writer) {
            self.second_is_later.store(false, Ordering::Relaxed);
            return first;
        }
        let Some(second) = self.second() else { return lock(&self.writer) };
        let is_first = self.second_is_later.load(Ordering::Relaxed) && try_lock(second).is_none();
        self.second_is_later.store(!is_first, Ordering::Relaxed);
        lock(if is_first { &self.writer } else { second })
    }

    /// The second writer; without one the first is enough.
    fn second(&self) -> Option<&Mutex<Writer>> {
        if let Some(second) = self.second.get() {
            return Some(second);
        }
        let second = self.make.as_ref()?(Arc::clone(&self.work)).ok()?;
        Some(self.second.get_or_init(|| Mutex::new(second)))
    }
}

/// Locks what nobody holds.
fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// Locks, also after a panic elsewhere: a batch that panicked was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a batch was not committed.
enum Stop {
    /// A use case was refused on what memory knows, which may not be so.
    Refused,
    /// A use case must be run alone.
    Alone,
    /// A row was refused that several use cases inserted together: nobody knows whose it was.
    Together,
    /// The store failed.
    Failed(StoreError),
}

/// How a batch is run.
struct Way {
    /// Nobody else may write at the same time.
    is_alone: bool,
    /// Rows are inserted one by one, so that each use case learns of its own refusal.
    is_careful: bool,
    /// What memory knows may be taken for true, and compared when it is committed.
    guesses: bool,
    /// How often it failed.
    tries: u32,
}

impl From<StoreError> for Stop {
    fn from(why: StoreError) -> Self {
        Self::Failed(why)
    }
}

/// Times that a batch is run at most because others wrote the same rows or the connection broke.
const TRIES: u32 = 10;
/// The same where each time has taken as long as is waited for a row.
const LONG_TRIES: u32 = 3;
/// The pause before the second time, in milliseconds; it doubles each time.
const PAUSE: u64 = 1;
/// The longest pause, in milliseconds.
const LONGEST: u64 = 100;

impl Writer {
    /// Runs a batch; every task knows its outcome afterwards.
    /// `ready` is called when the next batch may be run, which may be several times.
    fn run(&mut self, batch: &[Arc<dyn Task>], ready: &mut dyn FnMut()) {
        let turn = self.turn.take();
        let outcome = match turn.as_ref().map(Turn::take).transpose() {
            Ok(_turned) => self.commit(batch, ready),
            Err(why) => Err(why),
        };
        self.turn = turn;
        if let Err(why) = outcome {
            for task in batch {
                task.fail(why.clone());
            }
        }
    }

    /// Runs a batch until it is committed, or fails for good: beside those of other servers if
    /// all its use cases may be, and alone when one turns out not to.
    fn commit(
        &mut self,
        batch: &[Arc<dyn Task>],
        ready: &mut dyn FnMut(),
    ) -> Result<(), StoreError> {
        let is_alone = batch.iter().any(|task| task.sharing() == Sharing::Alone);
        let mut way = Way { is_alone, is_careful: false, guesses: !is_alone, tries: 0 };
        loop {
            let outcome = self.run_and_commit(batch, &way, ready);
            let Err(stop) = outcome else {
                self.meter.committed(batch.len());
                return Ok(());
            };
            if let Some(reason) = self.again(stop, &mut way)? {
                self.meter.retried(reason);
            }
        }
    }

    fn run_and_commit(
        &mut self,
        batch: &[Arc<dyn Task>],
        way: &Way,
        ready: &mut dyn FnMut(),
    ) -> Result<(), Stop> {
        if way.guesses && self.begin_guess() {
            self.guess(batch)?;
        } else {
            let work = Arc::clone(&self.work);
            let _working = lock(&work);
            self.attempt(batch, way)?;
        }
        ready();
        let committed = self.tx.commit();
        committed.map_err(|why| match why {
            StoreError::Unique(_) if !way.is_careful && self.tx.is_shared() => Stop::Together,
            other => Stop::Failed(other),
        })
    }

    /// Takes back what a batch did, and says how it is run again, and why; fails if it is not.
    fn again(&mut self, stop: Stop, way: &mut Way) -> Result<Option<Retry>, StoreError> {
        way.guesses = false;
        match stop {
            Stop::Refused => {
                self.meter.rolled_back();
                self.tx.forget_guesses();
                // A connection that breaks here is found broken when the batch begins again.
                let _ = self.tx.control("ROLLBACK");
                return Ok(None);
            }
            Stop::Failed(StoreError::Stale(Stale::Numbers)) => self.tx.move_away(),
            _ => {}
        }
        self.roll_back();
        Ok(match stop {
            Stop::Refused => None,
            Stop::Alone => {
                way.is_alone = true;
                Some(Retry::Alone)
            }
            Stop::Together => {
                way.is_careful = true;
                Some(Retry::Duplicate)
            }
            Stop::Failed(why) => {
                way.tries += 1;
                if way.tries >= most_tries(&why) || !self.mends(&why, way.tries) {
                    return Err(why);
                }
                Retry::of(&why)
            }
        })
    }

    /// Begins on what memory knows, if that is as new as anything that this process knows of.
    fn begin_guess(&mut self) -> bool {
        let is_new = self.newest.load(Ordering::Relaxed) == self.seen;
        self.seen != UNSEEN && is_new && self.tx.begin_guess(self.seen)
    }

    /// Runs a batch on what memory knows, without a look at the database. What is refused may be
    /// refused wrongly, and is run again on what is there.
    fn guess(&mut self, batch: &[Arc<dyn Task>]) -> Result<(), Stop> {
        for task in batch {
            let ran = run_safely(task.as_ref(), &mut self.tx);
            self.go_on()?;
            if ran == Ran::Refused {
                return Err(Stop::Refused);
            }
        }
        Ok(())
    }

    /// Whether what failed may succeed when it is run again: after a pause, or on a new
    /// connection.
    fn mends(&mut self, why: &StoreError, tries: u32) -> bool {
        match why {
            // Memory is forgotten by now: the next time is no guess.
            StoreError::Stale(_) if tries == 1 => true,
            StoreError::Stale(_) | StoreError::Contended(_) => {
                pause(tries, self.seen);
                true
            }
            StoreError::Gone(_) => {
                if tries > 1 {
                    pause(tries, self.seen);
                }
                (self.connect)().map(|db| self.tx.reconnect(db)).is_ok() || tries < 3
            }
            _ => false,
        }
    }

    /// Runs a batch up to its commit.
    fn attempt(&mut self, batch: &[Arc<dyn Task>], way: &Way) -> Result<(), Stop> {
        self.begin(way, way.is_careful)?;
        if self.run_plain(batch)? {
            return Ok(());
        }
        self.roll_back();
        self.begin(way, true)?;
        self.run_each(batch)
    }

    /// Begins, and forgets what memory knows when another process has written since.
    fn begin(&mut self, way: &Way, is_careful: bool) -> Result<(), StoreError> {
        let sharing = if way.is_alone { Sharing::Alone } else { Sharing::Beside };
        let version = self.tx.begin(sharing, is_careful)?;
        if version != self.seen {
            self.tx.forget_rows();
        }
        let own = self.tx.is_shared() && way.is_alone;
        self.seen = version + i64::from(own);
        self.newest.fetch_max(self.seen, Ordering::Relaxed);
        Ok(())
    }

    fn roll_back(&mut self) {
        self.meter.rolled_back();
        self.tx.forget();
        self.seen = UNSEEN;
        // After some failures the database has rolled back already and says so.
        let _ = self.tx.control("ROLLBACK");
    }

    /// Runs the batch without savepoints. Refusals that come before the first write, nearly all
    /// of them, cost nothing. Returns `false` when one came after a write.
    fn run_plain(&mut self, batch: &[Arc<dyn Task>]) -> Result<bool, Stop> {
        for task in batch {
            self.tx.take_wrote();
            let ran = run_safely(task.as_ref(), &mut self.tx);
            self.go_on()?;
            // A refusal may be the database's: then the transaction may be gone, and what comes
            // after would stand outside of it.
            if ran == Ran::Refused && (self.tx.take_wrote() || !self.tx.in_transaction()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the batch may go on after a use case, whatever that made of what it was told.
    fn go_on(&mut self) -> Result<(), Stop> {
        if self.tx.wants_alone() {
            return Err(Stop::Alone);
        }
        self.tx.trouble().map_or(Ok(()), |why| Err(Stop::Failed(why)))
    }

    /// Runs the batch with a savepoint around each use case.
    fn run_each(&mut self, batch: &[Arc<dyn Task>]) -> Result<(), Stop> {
        for task in batch {
            self.tx.control("SAVEPOINT one")?;
            let ran = run_safely(task.as_ref(), &mut self.tx);
            self.go_on()?;
            if ran == Ran::Kept {
                self.tx.flush()?;
            } else {
                self.tx.forget();
                self.tx.control("ROLLBACK TO one")?;
            }
            self.tx.control("RELEASE SAVEPOINT one")?;
        }
        Ok(())
    }
}

/// The version that nothing has: what memory knows is not compared with any.
pub(crate) const UNSEEN: i64 = i64::MIN;

/// How often a batch is run at most that fails like this.
fn most_tries(why: &StoreError) -> u32 {
    if Retry::of(why) == Some(Retry::LockWait) { LONG_TRIES } else { TRIES }
}

/// Waits longer each time, and not as long as another server does that met with the same.
fn pause(tries: u32, own: i64) {
    let full = (PAUSE << tries.min(10)).min(LONGEST);
    let part = own.unsigned_abs().wrapping_mul(u64::from(tries) | 1) % full.max(1);
    std::thread::park_timeout(std::time::Duration::from_millis(full / 2 + part / 2));
}

/// Runs a task; one that panics is refused, and its caller told so.
fn run_safely(task: &dyn Task, tx: &mut Tx) -> Ran {
    catch_unwind(AssertUnwindSafe(|| task.run(tx))).unwrap_or_else(|_| {
        task.fail(StoreError::Other("the use case panicked; this is a bug".into()));
        Ran::Refused
    })
}
