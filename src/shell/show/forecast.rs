//! When a pool will be exhausted, from what was taken and given back day by day.
//!
//! The rate is the median of the slopes between all pairs of days (the estimator of Theil and
//! Sen): one busy day, or one big clean-up, does not make a trend.

use super::scene::grouped;
use crate::model::Time;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// Days that a trend needs.
const FEWEST: i64 = 3;
/// A forecast beyond so many days is none.
const FAR: f64 = 3650.0;

/// The number of the day that a time is in.
pub(super) fn day(time: Time) -> i64 {
    time.millis().div_euclid(DAY)
}

/// The date of a day.
pub(super) fn date(day: i64) -> String {
    let text = Time::from_millis(day.saturating_mul(DAY)).to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Forecast {
    /// There are too few days to say anything.
    TooEarly,
    /// It stays as it is.
    NoTrend,
    /// It shrinks.
    Shrinks {
        /// So many a day.
        rate: f64,
    },
    /// It grows.
    Grows {
        /// So many a day.
        rate: f64,
        /// Until nothing is left, unless that is far away.
        days: Option<i64>,
    },
}

/// Looks at the days `from` to `today`; a change is a day and how many were taken (less than none
/// if they were given back), and `free` how many are left.
pub(super) fn forecast(changes: &[(i64, i32)], from: i64, today: i64, free: u64) -> Forecast {
    let days = today - from + 1;
    if days < FEWEST {
        return Forecast::TooEarly;
    }
    if changes.is_empty() {
        return Forecast::NoTrend;
    }
    let mut sum = 0_i32;
    let sums: Vec<(i32, i32)> = (0_i32..)
        .zip(from..=today)
        .map(|(at, day)| {
            let of_day = changes.iter().filter(|(of, _)| *of == day);
            sum = of_day.fold(sum, |sum, (_, change)| sum.saturating_add(*change));
            (at, sum)
        })
        .collect();
    let rate = median_slope(&sums);
    // A pool of which less than one in two months is taken has no trend.
    if rate.abs() < 1.0 / 60.0 {
        Forecast::NoTrend
    } else if rate < 0.0 {
        Forecast::Shrinks { rate: -rate }
    } else {
        let left = f64::from(u32::try_from(free).unwrap_or(u32::MAX)) / rate;
        Forecast::Grows { rate, days: (left <= FAR).then(|| whole(left)) }
    }
}

/// How much was used at the end of each of the days, given how much is now.
pub(super) fn used_by_day(changes: &[(i64, i32)], from: i64, today: i64, used: u64) -> Vec<u64> {
    let mut left = used;
    let mut past: Vec<u64> = (from..=today)
        .rev()
        .map(|day| {
            let then = left;
            let of_day = changes.iter().filter(|(of, _)| *of == day);
            let change = of_day.fold(0_i64, |sum, (_, change)| sum + i64::from(*change));
            left = left.saturating_add_signed(-change);
            then
        })
        .collect();
    past.reverse();
    past
}

fn median_slope(sums: &[(i32, i32)]) -> f64 {
    let mut slopes = Vec::with_capacity(sums.len() * sums.len() / 2);
    for (at, (x, y)) in sums.iter().enumerate() {
        for (then_x, then_y) in sums.iter().skip(at + 1) {
            slopes.push(f64::from(then_y.saturating_sub(*y)) / f64::from(then_x - x));
        }
    }
    slopes.sort_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    let at = |at: usize| slopes.get(at).copied().unwrap_or(0.0);
    if slopes.len().is_multiple_of(2) && middle > 0 {
        f64::midpoint(at(middle - 1), at(middle))
    } else {
        at(middle)
    }
}

/// A number of days, of which there are at most [`FAR`].
#[allow(clippy::cast_possible_truncation, reason = "at most 3650")]
fn whole(days: f64) -> i64 {
    days.clamp(0.0, FAR).floor() as i64
}

/// What is said about it; `days` were looked at.
pub(super) fn said(forecast: Forecast, from: i64, today: i64) -> String {
    let looked = today - from + 1;
    let noun = if looked == 1 { "day" } else { "days" };
    match forecast {
        Forecast::TooEarly => format!("no trend yet: events of {looked} {noun}"),
        Forecast::NoTrend => format!("no trend in {looked} {noun}"),
        Forecast::Shrinks { rate } => format!("-{rate:.1} a day over {looked} {noun}"),
        Forecast::Grows { rate, days: None } => {
            format!("+{rate:.1} a day over {looked} {noun}; full in more than ten years")
        }
        Forecast::Grows { rate, days: Some(0) } => {
            format!("+{rate:.1} a day over {looked} {noun}; full today")
        }
        Forecast::Grows { rate, days: Some(left) } => {
            let (left_text, date) = (grouped(left.unsigned_abs()), date(today + left));
            let left_noun = if left == 1 { "day" } else { "days" };
            format!(
                "+{rate:.1} a day over {looked} {noun}; full in {left_text} {left_noun}, {date}"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_steady_rate_is_found() {
        let changes: Vec<_> = (100..130).map(|day| (day, 2)).collect();
        let found = forecast(&changes, 100, 129, 20);
        assert_eq!(found, Forecast::Grows { rate: 2.0, days: Some(10) });
        assert_eq!(said(found, 100, 129), "+2.0 a day over 30 days; full in 10 days, 1970-05-20");
        let back: Vec<_> = (100..130).map(|day| (day, -1)).collect();
        assert_eq!(forecast(&back, 100, 129, 20), Forecast::Shrinks { rate: 1.0 });
        assert_eq!(forecast(&changes, 100, 129, 0), Forecast::Grows { rate: 2.0, days: Some(0) });
        assert_eq!(
            forecast(&changes, 100, 129, 1 << 40),
            Forecast::Grows { rate: 2.0, days: None }
        );
    }

    #[test]
    fn one_busy_day_is_no_trend() {
        assert_eq!(forecast(&[(128, 500)], 100, 129, 20), Forecast::NoTrend);
        assert_eq!(forecast(&[(110, 5), (111, -5)], 100, 129, 20), Forecast::NoTrend);
        assert_eq!(forecast(&[], 100, 129, 20), Forecast::NoTrend);
        assert_eq!(forecast(&[(129, 5)], 129, 129, 20), Forecast::TooEarly);
    }

    #[test]
    fn the_past_is_what_is_now_without_what_came_since() {
        let changes = [(101, 5), (103, -2), (103, 1)];
        assert_eq!(used_by_day(&changes, 100, 104, 9), [5, 10, 10, 9, 9]);
        // Events that do not add up leave nothing less than none.
        assert_eq!(used_by_day(&[(101, 50)], 100, 101, 9), [0, 9]);
    }

    #[test]
    fn days_begin_at_midnight() {
        let time = Time::parse("2026-11-23T23:59:59Z").unwrap();
        assert_eq!(date(day(time)), "2026-11-23");
        assert_eq!(date(day(time.plus_seconds(1))), "2026-11-24");
        assert_eq!(day(Time::from_millis(-1)), -1);
    }

    proptest! {
        #[test]
        fn any_history_is_survived(
            changes in prop::collection::vec((0_i64..40, any::<i32>()), 0..50),
            free: u64,
        ) {
            let found = forecast(&changes, 0, 39, free);
            prop_assert!(!said(found, 0, 39).is_empty());
        }
    }
}
