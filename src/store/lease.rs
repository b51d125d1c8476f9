//! Work that one server must do for all: whoever has the lease does it, until the lease ends. A
//! server that dies leaves nothing behind but the rest of its time.

use crate::model::{Column, Time};
use crate::store::{StoreError, Tx};

impl Tx {
    /// Takes the lease `name` for `holder`, or renews it, from now for so many seconds, unless
    /// somebody else has it; whether `holder` has it once this transaction is committed. The
    /// clocks of the servers decide when a lease has ended, so it is to be long beside their
    /// difference.
    pub(crate) fn lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Time,
        seconds: i64,
    ) -> Result<bool, StoreError> {
        let mut found = None;
        let sql = "SELECT holder, ends FROM lease WHERE name = ?";
        self.each_locked(sql, &[name.into()], |cell| {
            found = Some((String::from_cell(cell(0))?, Time::from_cell(cell(1))?));
            Ok(false)
        })?;
        let ends = now.plus_seconds(seconds);
        match found {
            None => {
                let sql = "INSERT INTO lease (holder, ends, name) VALUES (?, ?, ?)";
                self.run_row(sql, &[holder.into(), ends.into(), name.into()])?;
            }
            Some((other, until)) if other != holder && until > now => return Ok(false),
            Some(_) => {
                let sql = "UPDATE lease SET holder = ?, ends = ? WHERE name = ?";
                self.run_row(sql, &[holder.into(), ends.into(), name.into()])?;
            }
        }
        Ok(true)
    }

    /// Gives a lease back, if `holder` has it.
    pub(crate) fn end_lease(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM lease WHERE name = ? AND holder = ?";
        self.run_row(sql, &[name.into(), holder.into()]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::Time;
    use crate::sim::World;
    use crate::store::{Sharing, Store, StoreError};
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    fn take(store: &Store, holder: &str, at: i64) -> bool {
        let (holder, now) = (holder.to_owned(), Time::from_millis(at));
        let taken = store.write_as(Sharing::Beside, move |tx| tx.lease("work", &holder, now, 1));
        taken.unwrap_or_else(|why: StoreError| panic!("{why}"))
    }

    #[test]
    fn a_lease_is_one_holders_until_it_ends() {
        let world = World::sandbox();
        let store = world.engine.store();
        assert!(take(store, "a", 0));
        assert!(!take(store, "b", 999));
        assert!(take(store, "a", 999), "it is renewed");
        assert!(!take(store, "b", 1998) && take(store, "b", 1999) && !take(store, "a", 1999));
        let end = |holder: &'static str| {
            store.write_as(Sharing::Beside, move |tx| tx.end_lease("work", holder))
        };
        assert_eq!(end("a"), Ok(()));
        assert!(!take(store, "a", 2000));
        assert_eq!(end("b"), Ok(()));
        assert!(take(store, "a", 2000));
    }

    #[test]
    fn of_many_who_want_it_exactly_one_has_it() {
        let world = World::sandbox();
        let store = world.engine.store();
        // A holder works for less time than the lease lasts, by a clock that all share.
        let (clock, inside, taken) = (AtomicI64::new(0), AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for holder in 0..8 {
                let (clock, inside, taken) = (&clock, &inside, &taken);
                scope.spawn(move || {
                    let name = holder.to_string();
                    for _ in 0..25 {
                        let now = clock.load(Ordering::SeqCst);
                        if !take(store, &name, now) || clock.load(Ordering::SeqCst) >= now + 1000 {
                            clock.fetch_add(7, Ordering::SeqCst);
                            continue;
                        }
                        taken.fetch_add(1, Ordering::SeqCst);
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two at work");
                        inside.fetch_sub(1, Ordering::SeqCst);
                        clock.fetch_add(100, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(taken.into_inner() > 0);
    }
}
