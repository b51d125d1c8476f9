//! Many callers at once, and what each of them saw.

use crate::bench::Failed;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What callers saw.
pub(super) struct Seen {
    /// Calls a second, all callers together.
    pub(super) rate: f64,
    /// Seconds of each call, ascending.
    pub(super) taken: Vec<f64>,
}

impl Seen {
    /// The seconds that `share` (0 to 1) of the calls did not exceed.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let last = self.taken.len().saturating_sub(1);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a list of measurements"
        )]
        let at = (last as f64 * share) as usize;
        self.taken.get(at).copied().unwrap_or(0.0)
    }

    /// Of one list of durations, ascending or not.
    pub(super) fn of(mut taken: Vec<f64>) -> Self {
        taken.sort_by(f64::total_cmp);
        let sum: f64 = taken.iter().sum();
        #[allow(clippy::cast_precision_loss, reason = "a count of measurements")]
        let rate = if sum > 0.0 { taken.len() as f64 / sum } else { 0.0 };
        Self { rate, taken }
    }

    /// This and another, which took as long.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.rate = f64::midpoint(self.rate, other.rate);
        self.taken.extend(other.taken);
        self.taken.sort_by(f64::total_cmp);
        self
    }

    /// The figures as one piece of a line.
    pub(super) fn show(&self) -> String {
        let ms = |share| self.quantile(share) * 1e3;
        format!(
            "{:>9.0}/s  median {:>7.3} ms  p99 {:>7.3} ms  max {:>7.1} ms",
            self.rate,
            ms(0.5),
            ms(0.99),
            ms(1.0)
        )
    }
}

/// Lets `count` callers call for so long, each the function that `make` gives it.
pub(super) fn run<F>(
    count: usize,
    lasting: Duration,
    make: impl Fn(usize) -> Result<F, Failed>,
) -> Result<Seen, Failed>
where
    F: FnMut() -> Result<(), Failed> + Send,
{
    let callers = (0..count).map(make).collect::<Result<Vec<_>, _>>()?;
    let (start, over) = (Barrier::new(count + 1), AtomicBool::new(false));
    let (taken, seconds) = std::thread::scope(|scope| {
        let handles: Vec<_> = callers
            .into_iter()
            .map(|call| scope.spawn(|| one_caller(call, &start, &over)))
            .collect();
        start.wait();
        let began = Instant::now();
        while began.elapsed() < lasting {
            std::thread::park_timeout(lasting.saturating_sub(began.elapsed()));
        }
        over.store(true, Ordering::Relaxed);
        let seconds = began.elapsed().as_secs_f64();
        let taken: Result<Vec<Vec<f64>>, Failed> = handles
            .into_iter()
            .map(|handle| handle.join().map_err(|_| Failed::from("a caller panicked"))?)
            .collect();
        (taken, seconds)
    });
    let mut taken = taken?.concat();
    taken.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss, reason = "a count of measurements")]
    let rate = taken.len() as f64 / seconds;
    Ok(Seen { rate, taken })
}

fn one_caller(
    mut call: impl FnMut() -> Result<(), Failed>,
    start: &Barrier,
    over: &AtomicBool,
) -> Result<Vec<f64>, Failed> {
    let mut taken = Vec::with_capacity(1 << 16);
    start.wait();
    while !over.load(Ordering::Relaxed) {
        let at = Instant::now();
        call()?;
        taken.push(at.elapsed().as_secs_f64());
    }
    Ok(taken)
}
