//! Waiting, keeping and forgetting, with a transport that takes its time.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::json;

use super::*;
use crate::schema::Catalogue;
use crate::shell::samples::{SANDBOX, Sample, catalogue};
use crate::transport::{Answer, Apart};

/// Answers after so many milliseconds, and counts.
struct Slow {
    catalogue: Catalogue,
    takes: AtomicU64,
    asked: Arc<AtomicUsize>,
    fails: bool,
}

impl Slow {
    fn new(takes: u64) -> Self {
        Self { catalogue: catalogue(), takes: takes.into(), asked: Arc::default(), fails: false }
    }
}

impl Transport for Slow {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, _: &Spec, _: &Words) -> Result<Answer, Failure> {
        panic!("a call that blocks")
    }

    fn apart(&self, _: &Spec, _: &Words) -> Option<Apart> {
        let (takes, fails) = (self.takes.load(Ordering::Relaxed), self.fails);
        let asked = Arc::clone(&self.asked);
        Some(Box::new(move || {
            asked.fetch_add(1, Ordering::Relaxed);
            let (_sender, never) = std::sync::mpsc::channel::<()>();
            let _ = never.recv_timeout(Duration::from_millis(takes));
            match fails {
                true => Err(Failure::Unavailable { why: "no way\nat all".into() }),
                false => Ok(json!({"count": 1, "zone": [{"id": SANDBOX, "name": "sandbox"}]})),
            }
        }))
    }

    fn wait(&self, _: &str) -> Result<Answer, Failure> {
        panic!("no job")
    }
}

/// A clock that stands: nothing gets old.
fn still() -> Duration {
    Duration::ZERO
}

fn zones() -> Question {
    Question { api: "listZones", given: Vec::new() }
}

fn is_rows(reply: &Reply) -> bool {
    matches!(reply, Reply::Rows(rows, true) if rows.len() == 1)
}

#[test]
fn a_slow_server_is_not_waited_for_and_its_answer_is_kept() {
    let slow = Slow::new(400);
    let lookups = Lookups::new(&slow, still);
    assert_eq!(lookups.within(Duration::from_millis(50)).ask(&zones()), Reply::Late);
    assert!(!is_rows(&lookups.within(Duration::ZERO).ask(&zones())));
    // The second press meets the answer to the first.
    assert!(is_rows(&lookups.within(Duration::from_secs(20)).ask(&zones())));
    assert!(is_rows(&lookups.within(Duration::ZERO).ask(&zones())));
    assert_eq!(slow.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn who_types_on_does_not_wait() {
    let slow = Slow::new(400);
    let lookups = Lookups::new(&slow, still).unless(|| true);
    assert_eq!(lookups.within(Duration::from_mins(1)).ask(&zones()), Reply::Late);
}

#[test]
fn an_answer_gets_old() {
    static NOW: AtomicU64 = AtomicU64::new(0);
    let quick = Slow::new(0);
    let lookups = Lookups::new(&quick, || Duration::from_secs(NOW.load(Ordering::Relaxed)));
    for (now, asked) in [(0, 1), (9, 1), (11, 2), (12, 2)] {
        NOW.store(now, Ordering::Relaxed);
        assert!(is_rows(&lookups.within(Duration::from_secs(20)).ask(&zones())));
        assert_eq!(quick.asked.load(Ordering::Relaxed), asked, "{now}");
    }
}

#[test]
fn what_was_changed_is_asked_anew() {
    let quick = Slow::new(0);
    let lookups = Lookups::new(&quick, still);
    for times in [1, 2] {
        assert!(is_rows(&lookups.within(Duration::from_secs(20)).ask(&zones())));
        assert_eq!(quick.asked.load(Ordering::Relaxed), times);
        lookups.forget();
    }
}

#[test]
fn a_failure_is_said_in_a_line_and_not_repeated_at_once() {
    let failing = Slow { fails: true, ..Slow::new(0) };
    let lookups = Lookups::new(&failing, still);
    for _ in 0..3 {
        let reply = lookups.within(Duration::from_secs(20)).ask(&zones());
        assert_eq!(reply, Reply::Nothing(Some("no candidates: no way".into())));
    }
    assert_eq!(failing.asked.load(Ordering::Relaxed), 1);
}

#[test]
fn who_has_no_threads_is_asked_at_once() {
    let sample = Sample::new();
    let lookups = Lookups::new(&sample, still);
    assert!(is_rows(&lookups.within(Duration::ZERO).ask(&zones())));
    let unknown = Question { api: "listNope", given: Vec::new() };
    assert_eq!(lookups.within(Duration::ZERO).ask(&unknown), Reply::Nothing(None));
}
