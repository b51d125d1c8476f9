//! What can be watched from outside, in the format of `OpenMetrics`. Only this file knows
//! `prometheus_client`.
//!
//! The names in labels are of a fixed number: what clients make up is counted as `unknown`.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::model::Time;
use crate::store::{Connections, Retry};
use crate::transport::front::Front;

/// The value of `Content-Type`.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    command: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfCommand {
    command: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct At {
    listener: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Because {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfZone {
    zone: String,
    resource: &'static str,
}

/// All that is counted while the server runs.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<OfCommand, Histogram, fn() -> Histogram>,
    pub(super) in_flight: Gauge,
    open: Family<At, Gauge>,
    opened: Family<At, Counter>,
    turned_away: Family<Because, Counter>,
}

impl Metrics {
    pub(super) fn new(started: Time) -> Self {
        // From a quarter of a millisecond to four seconds.
        let histogram = || Histogram::new(exponential_buckets(0.000_25, 2.0, 15));
        let mut metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            in_flight: Gauge::default(),
            open: Family::default(),
            opened: Family::default(),
            turned_away: Family::default(),
        };
        metrics.register(started);
        metrics
    }

    fn register(&mut self, started: Time) {
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        let start = Gauge::<f64, AtomicU64>::default();
        // Milliseconds of our time are exact in a float.
        start.set(Duration::from_millis(started.millis().unsigned_abs()).as_secs_f64());
        let all = &mut self.registry;
        all.register("capuchin_build", "The program", version);
        all.register("process_start_time_seconds", "When the server began, since 1970", start);
        let text = "Requests by command and HTTP status";
        all.register("capuchin_requests", text, self.requests.clone());
        let text = "Time from a request's head to its answer";
        all.register("capuchin_request_duration_seconds", text, self.seconds.clone());
        let text = "Calls that are being answered or wait for it";
        all.register("capuchin_requests_in_flight", text, self.in_flight.clone());
        all.register("capuchin_connections_open", "Open connections", self.open.clone());
        all.register("capuchin_connections", "Connections taken", self.opened.clone());
        let text = "Connections that were not taken, and handshakes that failed";
        all.register("capuchin_connections_refused", text, self.turned_away.clone());
    }

    /// Counts an answer.
    pub(super) fn answered(&self, command: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { command, status }).inc();
        self.seconds.get_or_create(&OfCommand { command }).observe(took.as_secs_f64());
    }

    /// Counts a connection, also as open until the value that is returned is dropped.
    pub(super) fn connected(&self, listener: &'static str) -> impl Sized + Send + 'static {
        self.opened.get_or_create(&At { listener }).inc();
        counted(&self.open.get_or_create(&At { listener }))
    }

    /// Counts a connection that was not served.
    pub(super) fn turned_away(&self, reason: &'static str) {
        self.turned_away.get_or_create(&Because { reason }).inc();
    }

    /// Everything, with what the desk knows at this time.
    pub(super) fn write(&self, front: &Front) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &of_front(front))?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

/// Counts one more until the value that is returned is dropped.
pub(super) fn counted(gauge: &Gauge) -> impl Sized + Send + use<> {
    struct Counted(Gauge);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.dec();
        }
    }
    gauge.inc();
    Counted(gauge.clone())
}

fn of_front(front: &Front) -> Registry {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let mut registry = Registry::default();
    of_store(front, &mut registry);
    if let Ok(count) = front.sessions() {
        let sessions: Gauge = Gauge::default();
        sessions.set(number(count));
        registry.register("capuchin_sessions", "Living login sessions", sessions);
    }
    let (total, used) = (Family::<OfZone, Gauge>::default(), Family::<OfZone, Gauge>::default());
    // A store that cannot be read is told of by the requests that fail.
    for fill in front.fills().unwrap_or_default() {
        let labels = OfZone { zone: fill.zone, resource: fill.kind };
        total.get_or_create(&labels).set(number(fill.total));
        used.get_or_create(&labels).set(number(fill.used));
    }
    registry.register("capuchin_capacity", "What a zone can hand out", total);
    registry.register("capuchin_capacity_used", "How much of it is taken", used);
    registry
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfSize {
    size: String,
}

/// What the store counts by itself; nobody asks it for this.
fn of_store(front: &Front, registry: &mut Registry) {
    let (counts, connections) = front.store_counts();
    let ended = Family::<Ended, Counter>::default();
    for (outcome, count) in [("committed", counts.committed), ("rolled back", counts.rolled_back)] {
        ended.get_or_create(&Ended { outcome }).inc_by(count);
    }
    registry.register("capuchin_store_transactions", "Transactions that write", ended);
    let retries = Family::<Because, Counter>::default();
    for (reason, count) in Retry::ALL.into_iter().zip(counts.retried) {
        retries.get_or_create(&Because { reason: reason.name() }).inc_by(count);
    }
    registry.register("capuchin_store_retries", "What was run again, and why", retries);
    let batches = Family::<OfSize, Counter>::default();
    for (power, count) in counts.batches.into_iter().enumerate() {
        let size = format!("up to {}", 1_u64 << power);
        batches.get_or_create(&OfSize { size }).inc_by(count);
    }
    registry.register("capuchin_store_batches", "Calls committed together", batches);
    let mut count = |name, text, count| {
        let counter: Counter = Counter::default();
        counter.inc_by(count);
        registry.register(name, text, counter);
    };
    count("capuchin_store_batched_calls", "Calls in all those batches", counts.use_cases);
    count("capuchin_store_waits", "Times that a connection was waited for", counts.waits);
    count("capuchin_store_waits_in_vain", "Times that none came back in time", counts.crowded);
    let waited = Counter::<f64, AtomicU64>::default();
    waited.inc_by(counts.waited.as_secs_f64());
    registry.register("capuchin_store_wait_seconds", "Time waited for a connection", waited);
    let states = Family::<InState, Gauge>::default();
    let Connections { open, idle, waiting } = connections;
    for (state, count) in [("open", open), ("idle", idle), ("waiting", waiting)] {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        states.get_or_create(&InState { state }).set(count);
    }
    let text = "Connections to the store, and callers who wait for one";
    registry.register("capuchin_store_connections", text, states);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Vault;
    use crate::sim::World;

    #[test]
    fn what_happened_is_told() {
        let metrics = Metrics::new(Time::from_millis(1_500));
        metrics.answered("listZones", 200, Duration::from_millis(3));
        metrics.answered("listZones", 200, Duration::from_secs(9));
        metrics.turned_away("client");
        let (_open, closed) = (metrics.connected("http"), metrics.connected("http"));
        drop(closed);
        let world = World::sandbox();
        let vault = Vault::new([0; 32]);
        let clock = || Time::from_millis(0);
        let front = Front::new(world.engine.clone(), vault, clock, || Some([0; 64]));
        let text = metrics.write(&front).unwrap();
        for line in [
            "capuchin_requests_total{command=\"listZones\",status=\"200\"} 2",
            "capuchin_request_duration_seconds_count{command=\"listZones\"} 2",
            "capuchin_request_duration_seconds_bucket{le=\"0.004\",command=\"listZones\"} 1",
            "capuchin_requests_in_flight 0",
            "capuchin_connections_open{listener=\"http\"} 1",
            "capuchin_connections_total{listener=\"http\"} 2",
            "capuchin_connections_refused_total{reason=\"client\"} 1",
            "capuchin_sessions 0",
            "capuchin_store_connections{state=\"waiting\"} 0",
            "capuchin_store_transactions_total{outcome=\"committed\"} 0",
            "capuchin_store_retries_total{reason=\"lock wait\"} 0",
            "capuchin_store_batches_total{size=\"up to 1024\"} 0",
            "capuchin_store_wait_seconds_total 0.0",
            "capuchin_capacity_used{zone=\"sandbox\",resource=\"VIRTUAL_NETWORK_PUBLIC_IP\"} 0",
            "process_start_time_seconds 1.5",
            "# EOF",
        ] {
            assert!(text.lines().any(|given| given == line), "no {line} in\n{text}");
        }
    }
}
