//! The connections of readers: a few, which wait for one another rather than being opened anew.
//! More than there are processors make nothing faster, and each has a cache of its own.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::{Meter, Server, StoreError, Tx};

/// Connections of a store on a server that write.
const WRITERS: usize = 2;

/// How many connections there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Connections that are kept while nobody needs them.
    kept: usize,
    /// Connections that are lent at one time.
    lent: usize,
    /// How long a reader waits for a connection.
    patience: Duration,
    /// The connections to the database altogether, where there may be no more. Where there may,
    /// a reader who has waited opens one more.
    most: Option<usize>,
}

/// A file may be opened again and again.
impl Default for Bounds {
    fn default() -> Self {
        Self { kept: 8, lent: 8, patience: Duration::from_millis(50), most: None }
    }
}

impl Bounds {
    /// Those of a store on a server. Two of its connections are for whoever writes.
    pub(super) fn of(server: &Server) -> Self {
        let lent = server.most.saturating_sub(WRITERS).max(1);
        let (kept, patience) = (server.idle.min(lent), server.patience);
        Self { kept, lent, patience, most: Some(server.most) }
    }

    /// What is said to a reader who has waited for nothing.
    fn crowded(&self, most: usize) -> StoreError {
        let (lent, seconds) = (self.lent, self.patience.as_secs_f64());
        StoreError::Crowded(format!(
            "all {lent} for readers are in use and none came back within {seconds} s; try again, \
             or raise max-active of the store, which is {most} here"
        ))
    }
}

/// The connections.
#[derive(Default)]
pub(super) struct Readers {
    shelf: Mutex<Shelf>,
    returned: Condvar,
    bounds: Bounds,
    meter: Arc<Meter>,
}

#[derive(Default)]
struct Shelf {
    idle: Vec<Tx>,
    lent: usize,
    waiting: usize,
}

/// The connections at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Connections {
    /// All that are open, or are being opened.
    pub(crate) open: usize,
    /// Those that nobody uses.
    pub(crate) idle: usize,
    /// Those who wait for one.
    pub(crate) waiting: usize,
}

/// A connection that is lent. It is kept for others unless it was spoilt.
pub(super) struct Lent<'r> {
    readers: &'r Readers,
    tx: Option<Tx>,
}

impl Readers {
    /// Lends at most as many as `bounds` say.
    pub(super) fn new(bounds: Bounds, meter: Arc<Meter>) -> Self {
        Self { bounds, meter, ..Self::default() }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a connection, opening one if there are few.
    pub(super) fn lend(
        &self,
        open: impl FnOnce() -> Result<Tx, StoreError>,
    ) -> Result<Lent<'_>, StoreError> {
        let mut shelf = self.shelf();
        if self.all_out(&shelf) {
            shelf = self.wait(shelf)?;
        }
        let tx = shelf.idle.pop();
        shelf.lent += 1;
        drop(shelf);
        let mut lent = Lent { readers: self, tx };
        if lent.tx.is_none() {
            lent.tx = Some(open()?);
        }
        Ok(lent)
    }

    fn all_out(&self, shelf: &Shelf) -> bool {
        shelf.idle.is_empty() && shelf.lent >= self.bounds.lent
    }

    /// Waits until somebody returns a connection. Nobody does so in vain where one more may be
    /// opened.
    fn wait<'r>(
        &self,
        mut shelf: MutexGuard<'r, Shelf>,
    ) -> Result<MutexGuard<'r, Shelf>, StoreError> {
        let since = self.meter.now();
        shelf.waiting += 1;
        let all_out = |shelf: &mut Shelf| self.all_out(shelf);
        let waited = self.returned.wait_timeout_while(shelf, self.bounds.patience, all_out);
        let (mut shelf, _) = waited.unwrap_or_else(PoisonError::into_inner);
        shelf.waiting -= 1;
        let most = self.bounds.most.filter(|_| self.all_out(&shelf));
        self.meter.waited(since, most.is_some());
        most.map_or(Ok(shelf), |most| Err(self.bounds.crowded(most)))
    }

    /// Takes a connection away for good, if one is idle.
    pub(super) fn take_idle(&self) -> Option<Tx> {
        self.shelf().idle.pop()
    }

    /// Closes all that are idle: one of them turned out to be broken.
    pub(super) fn close_idle(&self) {
        let idle = std::mem::take(&mut self.shelf().idle);
        drop(idle);
    }

    /// The connections now.
    pub(super) fn connections(&self) -> Connections {
        let shelf = self.shelf();
        let idle = shelf.idle.len();
        Connections { open: idle + shelf.lent, idle, waiting: shelf.waiting }
    }
}

impl Lent<'_> {
    /// The connection.
    pub(super) fn tx(&mut self) -> Result<&mut Tx, StoreError> {
        self.tx.as_mut().ok_or_else(|| StoreError::Other("the connection was spoilt".into()))
    }

    /// Closes the connection, which broke, and lends another in its place.
    pub(super) fn replace(
        &mut self,
        open: impl FnOnce() -> Result<Tx, StoreError>,
    ) -> Result<(), StoreError> {
        self.tx = None;
        self.tx = Some(open()?);
        Ok(())
    }

    /// Takes the connection away from the others: it failed.
    pub(super) fn spoil(mut self) {
        self.tx = None;
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // A use case that panicked left its transaction open.
        let mut tx = self.tx.take().filter(|_| !std::thread::panicking());
        let mut shelf = self.readers.shelf();
        shelf.lent -= 1;
        if shelf.idle.len() < self.readers.bounds.kept {
            shelf.idle.extend(tx.take());
        }
        drop(shelf);
        self.readers.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UidKey;
    use crate::store::sqlite::Sqlite;
    use std::cell::Cell;

    fn open(opened: &Cell<usize>) -> Result<Tx, StoreError> {
        opened.set(opened.get() + 1);
        let db = Sqlite::memory(&format!("readers-{}", opened.get()))?;
        Ok(Tx::new(Box::new(db), UidKey::new([0; 16])))
    }

    #[test]
    fn connections_are_kept_up_to_a_few_and_opened_beyond_when_nobody_returns_one() {
        let (readers, opened) = (Readers::default(), Cell::new(0));
        let kept = Bounds::default().kept;
        for _ in 0..3 {
            drop(readers.lend(|| open(&opened)).unwrap());
        }
        assert_eq!(opened.get(), 1);
        let out: Vec<_> = (0..=kept).map(|_| readers.lend(|| open(&opened)).unwrap()).collect();
        assert_eq!(opened.get(), kept + 1);
        assert_eq!(readers.meter.counts().waits, 1);
        drop(out);
        assert_eq!(readers.connections().idle, kept);
        readers.lend(|| open(&opened)).unwrap().spoil();
        assert_eq!((readers.connections().open, readers.connections().idle), (kept - 1, kept - 1));
        assert!(readers.take_idle().is_some());
        readers.close_idle();
        assert_eq!(readers.connections(), Connections::default());
    }

    #[test]
    fn where_there_may_be_no_more_who_waited_is_told_what_to_do() {
        let patience = Duration::from_millis(20);
        let bounds = Bounds { kept: 1, lent: 2, patience, most: Some(3) };
        let (readers, opened) = (Readers::new(bounds, Arc::default()), Cell::new(0));
        let out: Vec<_> = (0..2).map(|_| readers.lend(|| open(&opened)).unwrap()).collect();
        let Some(why) = readers.lend(|| open(&opened)).err() else { panic!("a third one") };
        let said = why.to_string();
        assert!(said.contains("all 2 for readers") && said.contains("max-active"), "{said}");
        assert!(said.contains("within 0.02 s") && said.contains("which is 3 here"), "{said}");
        assert_eq!((readers.meter.counts().waits, readers.meter.counts().crowded), (1, 1));
        drop(out);
        assert_eq!(readers.connections(), Connections { open: 1, idle: 1, waiting: 0 });
        assert!(readers.lend(|| open(&opened)).is_ok());
        assert_eq!(opened.get(), 2);
    }

    #[test]
    fn who_waits_gets_what_is_returned() {
        let patience = Duration::from_secs(30);
        let bounds = Bounds { kept: 1, lent: 1, patience, most: Some(2) };
        let readers = Readers::new(bounds, Arc::default());
        let first = readers.lend(|| open(&Cell::new(0))).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| readers.lend(|| open(&Cell::new(1))).map(drop));
            while readers.connections().waiting == 0 {
                std::thread::yield_now();
            }
            drop(first);
            assert!(second.join().unwrap().is_ok());
        });
        assert_eq!(readers.connections(), Connections { open: 1, idle: 1, waiting: 0 });
    }

    #[test]
    fn one_that_cannot_be_opened_is_not_counted_as_lent() {
        let readers = Readers::default();
        let failed = readers.lend(|| Err(StoreError::Other("no".into())));
        assert!(failed.is_err());
        assert_eq!(readers.connections(), Connections::default());
        let mut lent = readers.lend(|| open(&Cell::new(0))).unwrap();
        assert!(lent.replace(|| Err(StoreError::Busy)).is_err() && lent.tx().is_err());
        assert!(lent.replace(|| open(&Cell::new(1))).is_ok() && lent.tx().is_ok());
    }
}
