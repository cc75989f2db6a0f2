//! What a client did so far, in figures.

mod layer;
#[cfg(feature = "prometheus")]
mod prometheus;
mod series;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use hdrhistogram::Histogram;

pub(crate) use self::series::Series;
use crate::{CircuitState, Error, Result};

/// The longest time that is told apart from longer ones.
const LONGEST: Duration = Duration::from_secs(3600);

/// Digits of a time that are kept.
const DIGITS: u8 = 2;

/// So many hosts and operations are counted by themselves; the rest stands together.
const MANY: usize = 1000;

/// What hosts and operations beyond these, and operations without a name, are called.
const OTHER: &str = "other";

/// What a client did so far.
///
/// The same figures go to whatever the program has installed for the crate `metrics` before its first
/// request, as `rsmf_http_requests_total`, `rsmf_http_retries_total`, `rsmf_http_sent_bytes_total`,
/// `rsmf_http_received_bytes_total`, `rsmf_http_request_duration_seconds` and
/// `rsmf_http_circuit_state` (0 closed, 1 half open, 2 open).
///
/// ```
/// # use rsmf_http::{Client, Fence};
/// # let client = Client::builder(Fence::default()).build()?;
/// let stats = client.stats();
/// println!("{} requests, {:?} at the median", stats.total.requests, stats.total.latency.p50);
/// for part in &stats.parts {
///     println!("{} {}: {} failures", part.host, part.operation, part.figures.failures);
/// }
/// # Ok::<(), rsmf_http::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// All together.
    pub total: Figures,
    /// How often a circuit opened.
    pub circuits_opened: u64,
    /// Each host and operation, in the order of their names. After 1,000 of them, further ones stand
    /// together as `other`.
    pub parts: Vec<Part>,
}

/// What a client did with one host for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The host that was asked first, before redirects and failover; with its port, if it is not the
    /// usual one.
    pub host: String,
    /// The [operation](crate::Request::operation); `other` for requests that name none.
    pub operation: String,
    /// The figures.
    pub figures: Figures,
}

/// Figures of requests that ended. A request counts once, with all its attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Requests that ended, well or not.
    pub requests: u64,
    /// Those that ended with an answer.
    pub successes: u64,
    /// Those that ended with an error.
    pub failures: u64,
    /// Attempts after the first one.
    pub retries: u64,
    /// Bytes of bodies that were sent, with each attempt.
    pub bytes_sent: u64,
    /// Bytes of bodies that came in, without compression.
    pub bytes_received: u64,
    /// How long they took.
    pub latency: Latency,
}

/// How long requests took from their beginning until the answer began, or until they failed, with
/// all pauses. Two digits of each are right; all are 0 where there was no request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latency {
    /// The average.
    pub mean: Duration,
    /// Half of them took no longer.
    pub p50: Duration,
    /// Nine of ten took no longer.
    pub p90: Duration,
    /// 99 of a hundred took no longer.
    pub p99: Duration,
    /// The longest; what takes longer than an hour counts as an hour.
    pub max: Duration,
}

impl Latency {
    fn of(times: &Histogram<u64>) -> Self {
        if times.is_empty() {
            return Self::default();
        }
        let at = |quantile| Duration::from_micros(times.value_at_quantile(quantile));
        Self {
            mean: Duration::from_secs_f64(times.mean() / 1e6),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: Duration::from_micros(times.max()),
        }
    }
}

/// All series.
#[derive(Debug, Default)]
struct All {
    /// By host and operation, one map within the other: so they are found without making a key.
    by_host: BTreeMap<String, BTreeMap<String, Arc<Series>>>,
    number: usize,
}

impl All {
    fn get(&self, host: &str, operation: &str) -> Option<Arc<Series>> {
        self.by_host.get(host)?.get(operation).cloned()
    }

    fn add(&mut self, host: &str, operation: &str, empty: &Histogram<u64>) -> Arc<Series> {
        let series = Arc::new(Series::new(host, operation, empty));
        let of_host = self.by_host.entry(host.to_owned()).or_default();
        of_host.insert(operation.to_owned(), Arc::clone(&series));
        self.number += 1;
        series
    }
}

/// Counts what happens.
#[derive(Debug)]
pub(crate) struct Meter {
    series: Mutex<All>,
    /// Of hosts whose circuit was open at least once.
    circuits: Mutex<BTreeMap<String, CircuitState>>,
    circuits_opened: AtomicU64,
    /// What the times of each series are kept in.
    empty: Histogram<u64>,
}

impl Meter {
    pub(crate) fn new() -> Result<Self> {
        let longest = LONGEST.as_micros() as u64;
        let empty = Histogram::new_with_bounds(1, longest, DIGITS);
        Ok(Self {
            series: Mutex::default(),
            circuits: Mutex::default(),
            circuits_opened: AtomicU64::default(),
            empty: empty.map_err(|error| Error::Setup(error.into()))?,
        })
    }

    /// Where requests of this operation to a host are counted.
    pub(crate) fn series(&self, host: &str, operation: Option<&str>) -> Arc<Series> {
        let operation = operation.unwrap_or(OTHER);
        let mut all = lock(&self.series);
        match all.get(host, operation) {
            Some(series) => series,
            None if all.number < MANY => all.add(host, operation, &self.empty),
            None => match all.get(OTHER, OTHER) {
                Some(series) => series,
                None => all.add(OTHER, OTHER, &self.empty),
            },
        }
    }

    /// The circuit of a host changed.
    pub(crate) fn circuit(&self, host: &str, state: CircuitState) {
        if state == CircuitState::Open {
            self.circuits_opened.fetch_add(1, Relaxed);
        }
        series::show_circuit(host, state);
        let mut circuits = lock(&self.circuits);
        if circuits.len() >= MANY {
            circuits.retain(|_, state| *state != CircuitState::Closed);
        }
        circuits.insert(host.to_owned(), state);
    }

    /// The figures so far.
    pub(crate) fn stats(&self) -> Stats {
        let mut stats = Stats {
            circuits_opened: self.circuits_opened.load(Relaxed),
            ..Stats::default()
        };
        let mut times = self.empty.clone();
        for series in self.all() {
            let figures = series.figures();
            stats.total.add(&figures);
            series.add_times(&mut times);
            stats.parts.push(Part {
                host: series.host.clone(),
                operation: series.operation.clone(),
                figures,
            });
        }
        stats.total.latency = Latency::of(&times);
        stats
    }

    /// All series, by host and operation.
    fn all(&self) -> Vec<Arc<Series>> {
        let all = lock(&self.series);
        let series = all.by_host.values().flat_map(BTreeMap::values);
        series.cloned().collect()
    }
}

impl Figures {
    /// All but the times.
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.successes += other.successes;
        self.failures += other.failures;
        self.retries += other.retries;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    fn meter() -> Meter {
        let meter = Meter::new().unwrap();
        let slow = meter.series("b.example", Some("list"));
        for milliseconds in 1..=100 {
            slow.ended(None, Duration::from_millis(milliseconds));
        }
        let failing = meter.series("a.example:8443", None);
        failing.ended(Some(Category::Timeout), Duration::from_secs(30));
        failing.retried();
        failing.sent(5);
        failing.received(7);
        meter
    }

    #[test]
    fn figures_are_told_apart_and_together() {
        let stats = meter().stats();
        let total = stats.total;
        assert_eq!(
            (total.requests, total.successes, total.failures),
            (101, 100, 1)
        );
        assert_eq!(
            (total.retries, total.bytes_sent, total.bytes_received),
            (1, 5, 7)
        );
        let [first, second] = &stats.parts[..] else {
            panic!("two parts");
        };
        assert_eq!(
            (&*first.host, &*first.operation),
            ("a.example:8443", "other")
        );
        assert_eq!(first.figures.failures, 1);
        let latency = second.figures.latency;
        let near = |time: Duration, milliseconds: f64| {
            let off = time.as_secs_f64() * 1000.0 / milliseconds;
            assert!((0.99..1.01).contains(&off), "{time:?} {milliseconds}");
        };
        near(latency.mean, 50.5);
        near(latency.p50, 50.0);
        near(latency.p90, 90.0);
        near(latency.p99, 99.0);
        near(latency.max, 100.0);
        near(total.latency.max, 30_000.0);
    }

    #[test]
    fn nothing_is_zero() {
        assert_eq!(Meter::new().unwrap().stats(), Stats::default());
    }

    #[test]
    fn what_is_too_long_counts_as_an_hour() {
        let meter = Meter::new().unwrap();
        let series = meter.series("a", Some("b"));
        series.ended(None, LONGEST * 1000);
        let longest = meter.stats().total.latency.max;
        assert!((3600..3700).contains(&longest.as_secs()), "{longest:?}");
    }

    #[test]
    fn hosts_without_number_do_not_fill_the_memory() {
        let meter = Meter::new().unwrap();
        for number in 0..MANY + 50 {
            let series = meter.series(&number.to_string(), Some("list"));
            series.ended(None, Duration::ZERO);
            meter.circuit(&number.to_string(), CircuitState::Open);
            meter.circuit(&number.to_string(), CircuitState::Closed);
        }
        let stats = meter.stats();
        assert_eq!(stats.parts.len(), MANY + 1);
        assert_eq!(stats.total.requests as usize, MANY + 50);
        assert_eq!(stats.circuits_opened as usize, MANY + 50);
        assert!(lock(&meter.circuits).len() <= MANY);
    }
}
