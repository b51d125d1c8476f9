//! How many requests an account may make in a time: CloudStack's `api.throttling`. Pure but for
//! what it remembers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Time;

/// The most accounts that are counted at one time, as in CloudStack.
const MOST: usize = 50_000;

/// How long it may be, in milliseconds, until a new limit counts.
const KNOWN_FOR: i64 = 2000;

/// The limit that the settings say, as they were a moment ago: any server may change them.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<Option<(Time, Option<Arc<Throttle>>)>>);

impl Limits {
    /// The limit, if there is one. `read` reads the settings: seconds and requests.
    pub(crate) fn get<E>(
        &self,
        now: Time,
        read: impl FnOnce() -> Result<Option<(i64, u32)>, E>,
    ) -> Result<Option<Arc<Throttle>>, E> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let old = match &*known {
            Some((read, limit)) if (0..KNOWN_FOR).contains(&(now.millis() - read.millis())) => {
                return Ok(limit.clone());
            }
            Some((_, limit)) => limit.clone(),
            None => None,
        };
        let limit = read()?.map(|(seconds, most)| {
            let same = old.filter(|old| (old.seconds, old.most) == (seconds.max(1), most));
            same.unwrap_or_else(|| Arc::new(Throttle::new(seconds, most)))
        });
        *known = Some((now, limit.clone()));
        Ok(limit)
    }

    /// The limit as it was last known.
    pub(crate) fn known(&self) -> Option<Arc<Throttle>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().and_then(|(_, limit)| limit.clone())
    }
}

/// Requests of accounts, counted in windows of a fixed length: the first request opens one.
#[derive(Debug)]
pub(crate) struct Throttle {
    /// Length of a window, in seconds.
    seconds: i64,
    /// Requests in a window.
    most: u32,
    windows: Mutex<HashMap<i64, Window>>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Time,
    ends: Time,
    count: u32,
}

impl Window {
    /// Whether the window is over; one that begins in the future is of a clock that was set back.
    fn is_over(&self, now: Time) -> bool {
        self.ends <= now || now < self.began
    }
}

impl Throttle {
    /// At most `most` requests in `seconds`.
    pub(crate) fn new(seconds: i64, most: u32) -> Self {
        Self { seconds: seconds.max(1), most, windows: Mutex::default() }
    }

    /// Counts a request of an account; if it is one too many, the milliseconds until there may be
    /// more.
    pub(crate) fn count(&self, account_id: i64, now: Time) -> Result<(), i64> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if !windows.contains_key(&account_id) && windows.len() >= MOST {
            make_room(&mut windows, now);
        }
        let fresh = Window { began: now, ends: now.plus_seconds(self.seconds), count: 0 };
        let window = windows.entry(account_id).or_insert(fresh);
        if window.is_over(now) {
            *window = fresh;
        }
        if window.count >= self.most {
            return Err(window.ends.millis() - now.millis());
        }
        window.count += 1;
        Ok(())
    }

    /// Seconds after which there may be more in any case.
    pub(crate) fn seconds(&self) -> i64 {
        self.seconds
    }
}

/// Forgets windows that are over, or else the one that ends first.
fn make_room(windows: &mut HashMap<i64, Window>, now: Time) {
    windows.retain(|_, window| !window.is_over(now));
    if windows.len() >= MOST
        && let Some(id) = windows.iter().min_by_key(|(_, window)| window.ends).map(|(&id, _)| id)
    {
        windows.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn a_window_has_so_many_requests_and_then_another_opens() {
        let throttle = Throttle::new(1, 3);
        for millis in [500, 600, 700] {
            assert_eq!(throttle.count(7, at(millis)), Ok(()));
        }
        assert_eq!(throttle.count(7, at(800)), Err(700));
        assert_eq!(throttle.count(7, at(1499)), Err(1));
        for millis in [1500, 1500, 1500] {
            assert_eq!(throttle.count(7, at(millis)), Ok(()));
        }
        assert_eq!(throttle.count(7, at(1500)), Err(1000));
    }

    #[test]
    fn accounts_are_counted_apart() {
        let throttle = Throttle::new(60, 1);
        assert_eq!(throttle.count(1, at(0)), Ok(()));
        assert_eq!(throttle.count(2, at(0)), Ok(()));
        assert_eq!(throttle.count(1, at(0)), Err(60_000));
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out() {
        let throttle = Throttle::new(1, 1);
        assert_eq!(throttle.count(1, at(1_000_000)), Ok(()));
        assert_eq!(throttle.count(1, at(0)), Ok(()));
        assert_eq!(throttle.count(1, at(1)), Err(999));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let throttle = Throttle::new(3600, 1);
        for id in 0..=i64::try_from(MOST).unwrap() {
            assert_eq!(throttle.count(id, at(id)), Ok(()));
        }
        assert_eq!(throttle.windows.lock().unwrap().len(), MOST);
        // The oldest gave way, the others are still counted.
        assert!(throttle.count(1, at(60_000)).is_err());
        assert_eq!(throttle.count(0, at(60_000)), Ok(()));
        // All are over: one request finds room for all that come.
        assert_eq!(throttle.count(-1, at(7_200_000)), Ok(()));
        assert_eq!(throttle.windows.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_throttle_of_none_refuses_all_and_one_of_no_time_is_of_a_second() {
        let throttle = Throttle::new(0, 0);
        assert_eq!((throttle.seconds(), throttle.count(1, at(0))), (1, Err(1000)));
    }

    #[test]
    fn a_new_limit_counts_soon_and_the_old_one_goes_on_counting() {
        let (limits, at) = (Limits::default(), Time::from_millis);
        let get = |now, said| limits.get(at(now), || Ok::<_, ()>(said)).unwrap();
        assert!(limits.known().is_none());
        let first = get(0, Some((5, 2))).unwrap();
        assert!(Arc::ptr_eq(&first, &get(KNOWN_FOR - 1, None).unwrap()), "it is not read again");
        assert!(Arc::ptr_eq(&first, &get(KNOWN_FOR, Some((5, 2))).unwrap()), "it is the same");
        assert_eq!(get(2 * KNOWN_FOR, Some((5, 3))).map(|limit| limit.most), Some(3));
        assert!(get(3 * KNOWN_FOR, None).is_none() && limits.known().is_none());
        assert!(get(0, Some((1, 1))).is_some(), "a clock that was set back");
        assert_eq!(limits.get(at(9 * KNOWN_FOR), || Err("no")).err(), Some("no"));
    }
}
