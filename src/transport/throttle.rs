//! How many requests an account may make in a time: CloudStack's `api.throttling`. Pure but for
//! what it remembers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Time;

/// The most accounts that are counted at one time, as in CloudStack.
const MOST: usize = 50_000;

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
}
