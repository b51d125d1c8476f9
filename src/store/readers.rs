//! The connections of readers: a few, which wait for one another rather than being opened anew.
//! More than there are processors make nothing faster, and each has a cache of its own.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::store::{StoreError, Tx};

/// Connections that are kept, and lent at one time, unless somebody would wait too long.
const KEPT: usize = 8;
/// How long a reader waits for a connection before it opens one of its own.
const PATIENCE: Duration = Duration::from_millis(50);

/// The connections.
#[derive(Default)]
pub(super) struct Readers {
    shelf: Mutex<Shelf>,
    returned: Condvar,
}

#[derive(Default)]
struct Shelf {
    idle: Vec<Tx>,
    lent: usize,
}

/// A connection that is lent. It is kept for others unless it was spoilt.
pub(super) struct Lent<'r> {
    readers: &'r Readers,
    tx: Option<Tx>,
}

impl Readers {
    /// Lends a connection, opening one if there are few.
    pub(super) fn lend(
        &self,
        open: impl FnOnce() -> Result<Tx, StoreError>,
    ) -> Result<Lent<'_>, StoreError> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let all_out = |shelf: &mut Shelf| shelf.idle.is_empty() && shelf.lent >= KEPT;
        let waited = self.returned.wait_timeout_while(shelf, PATIENCE, all_out);
        let (mut shelf, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let tx = shelf.idle.pop();
        shelf.lent += 1;
        drop(shelf);
        let mut lent = Lent { readers: self, tx };
        if lent.tx.is_none() {
            lent.tx = Some(open()?);
        }
        Ok(lent)
    }
}

impl Lent<'_> {
    /// The connection.
    pub(super) fn tx(&mut self) -> Result<&mut Tx, StoreError> {
        self.tx.as_mut().ok_or_else(|| StoreError::Other("the connection was spoilt".into()))
    }

    /// Takes the connection away from the others: it failed, or is needed for good.
    pub(super) fn keep(mut self) -> Option<Tx> {
        self.tx.take()
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut shelf = self.readers.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.lent -= 1;
        // A use case that panicked left its transaction open.
        if let Some(tx) = self.tx.take().filter(|_| !std::thread::panicking())
            && shelf.idle.len() < KEPT
        {
            shelf.idle.push(tx);
        }
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
        for _ in 0..3 {
            drop(readers.lend(|| open(&opened)).unwrap());
        }
        assert_eq!(opened.get(), 1);
        let out: Vec<_> = (0..=KEPT).map(|_| readers.lend(|| open(&opened)).unwrap()).collect();
        assert_eq!(opened.get(), KEPT + 1);
        drop(out);
        assert_eq!(readers.shelf.lock().unwrap().idle.len(), KEPT);
        assert!(readers.lend(|| open(&opened)).unwrap().keep().is_some());
        let shelf = readers.shelf.lock().unwrap();
        assert_eq!((shelf.idle.len(), shelf.lent), (KEPT - 1, 0));
    }

    #[test]
    fn one_that_cannot_be_opened_is_not_counted_as_lent() {
        let readers = Readers::default();
        let failed = readers.lend(|| Err(StoreError::Other("no".into())));
        assert!(failed.is_err());
        assert_eq!(readers.shelf.lock().unwrap().lent, 0);
    }
}
