//! What others see of a client: spans, and figures for whoever collects them.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use rsmf_http::{Client, Config, Fence};
use rsmf_simulator::{FaultServer, PLANTED, Reply};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::allow;

/// Keeps all figures, by name and labels.
#[derive(Default)]
struct Kept(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Kept {
    fn get(&self, key: &Key) -> Arc<AtomicU64> {
        let labels = key.labels().filter(|label| label.key() != "host");
        let labels: Vec<_> = labels.map(|label| label.value()).collect();
        let name = format!("{} {}", key.name(), labels.join(" "));
        let mut all = self.0.lock().unwrap();
        Arc::clone(all.entry(name.trim().to_owned()).or_default())
    }

    fn figures(&self) -> BTreeMap<String, u64> {
        let all = self.0.lock().unwrap();
        let figures = all.iter();
        figures
            .map(|(name, figure)| (name.clone(), figure.load(Relaxed)))
            .collect()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.get(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.get(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Times(self.get(key))))
    }
}

/// Counts how many times are recorded.
struct Times(Arc<AtomicU64>);

impl metrics::HistogramFn for Times {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// Asks once with success, and then twice without.
async fn play() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    server.next("/a", [Reply::status(503)]);
    let mut config = Config::default();
    (config.max_retries, config.circuit_open_after_failures) = (1, 2);
    config.retry_delay = std::time::Duration::from_millis(1);
    let client = Client::builder(Fence::new([allow(&server.url(""))])).config(config);
    let client = client.build().unwrap();
    let url = || {
        format!("{}?key={PLANTED}query", server.url("/a"))
            .parse()
            .unwrap()
    };
    let read = client
        .get(url())
        .operation("read")
        .body("what")
        .send()
        .await;
    read.unwrap().bytes().await.unwrap();
    server.down().await;
    client
        .get(url())
        .operation("read")
        .send()
        .await
        .unwrap_err();
}

#[tokio::test]
async fn figures_go_to_whoever_collects_them() {
    let kept = Kept::default();
    let guard = metrics::set_default_local_recorder(&kept);
    play().await;
    drop(guard);
    let expected = [
        ("rsmf_http_circuit_state", f64::to_bits(2.0)),
        ("rsmf_http_received_bytes_total read", 7),
        ("rsmf_http_request_duration_seconds read", 2),
        ("rsmf_http_requests_total read network", 1),
        ("rsmf_http_requests_total read success", 1),
        ("rsmf_http_retries_total read", 2),
        // With each attempt that got so far.
        ("rsmf_http_sent_bytes_total read", 8),
    ];
    let expected = expected.map(|(name, figure)| (name.to_owned(), figure));
    assert_eq!(kept.figures(), BTreeMap::from(expected));
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_has_a_span() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    play().await;
    drop(guard);
    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let closed = |line: &&str| line.contains("rsmf_http") && line.contains(": close ");
    let spans: Vec<_> = log.lines().filter(closed).collect();
    let [well, badly] = spans[..] else {
        panic!("{log}");
    };
    for field in [
        "http{method=GET url=http://127.0.0.1:",
        "operation=\"read\"",
        "status=200",
        "attempts=2",
    ] {
        assert!(well.contains(field), "{field}: {well}");
    }
    for field in ["attempts=2", "failure=\"network\""] {
        assert!(badly.contains(field), "{field}: {badly}");
    }
    assert!(!log.contains(PLANTED));
}
