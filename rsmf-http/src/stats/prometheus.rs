//! Figures as text that Prometheus reads.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text::encode},
    metrics::MetricType,
    registry::{Registry, Unit},
};

use super::{
    Figures, Meter, lock,
    series::{Series, number},
};
use crate::CircuitState;

/// Where the steps of the times end, in seconds.
const STEPS: [f64; 13] = [
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    f64::INFINITY,
];

impl Meter {
    /// The figures so far as OpenMetrics 1.0.
    pub(crate) fn prometheus(&self) -> String {
        let mut registry = Registry::with_prefix("rsmf_http");
        registry.register_collector(Box::new(Collected {
            series: self.all(),
            circuits: lock(&self.circuits).clone(),
        }));
        let mut text = String::new();
        // Only writing can fail, and never does to a text in memory.
        let _ = encode(&mut text, &registry);
        text
    }
}

/// What there was at one moment.
#[derive(Debug)]
struct Collected {
    series: Vec<Arc<Series>>,
    circuits: BTreeMap<String, CircuitState>,
}

impl Collector for Collected {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.requests(&mut encoder)?;
        self.counter(
            &mut encoder,
            "retries",
            None,
            "Attempts after the first one",
            |all| all.retries,
        )?;
        let bytes = Some(&Unit::Bytes);
        let (sent, received) = (
            "Bytes of bodies that were sent",
            "Bytes of bodies that came in",
        );
        self.counter(&mut encoder, "sent", bytes, sent, |all| all.bytes_sent)?;
        self.counter(&mut encoder, "received", bytes, received, |all| {
            all.bytes_received
        })?;
        self.times(&mut encoder)?;
        self.circuits(&mut encoder)
    }
}

impl Collected {
    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests that ended";
        let mut family = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for series in &self.series {
            let figures = series.figures();
            for (outcome, number) in [
                ("success", figures.successes),
                ("failure", figures.failures),
            ] {
                let [host, operation] = labels(series);
                let labels = [host, operation, ("outcome", outcome)];
                count(family.encode_family(&labels)?, number)?;
            }
        }
        Ok(())
    }

    fn counter(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        name: &str,
        unit: Option<&Unit>,
        help: &str,
        number: impl Fn(&Figures) -> u64,
    ) -> fmt::Result {
        let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Counter)?;
        for series in &self.series {
            count(
                family.encode_family(&labels(series))?,
                number(&series.figures()),
            )?;
        }
        Ok(())
    }

    fn times(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let (name, help) = (
            "request_duration",
            "From the beginning to the answer or the failure",
        );
        let unit = Some(&Unit::Seconds);
        let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Histogram)?;
        for series in &self.series {
            let (sum, count, steps) = series.steps(&STEPS);
            let labels = labels(series);
            let mut histogram = family.encode_family(&labels)?;
            histogram.encode_histogram::<NoLabelSet>(sum, count, &steps, None)?;
        }
        Ok(())
    }

    fn circuits(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Circuits that were open once: 0 closed, 1 half open, 2 open";
        let mut family =
            encoder.encode_descriptor("circuit_state", help, None, MetricType::Gauge)?;
        for (host, state) in &self.circuits {
            let labels = [("host", host.as_str())];
            let mut gauge = family.encode_family(&labels)?;
            gauge.encode_gauge(&u32::from(number(*state)))?;
        }
        Ok(())
    }
}

fn labels(series: &Series) -> [(&str, &str); 2] {
    [("host", &series.host), ("operation", &series.operation)]
}

fn count(mut counter: MetricEncoder<'_>, number: u64) -> fmt::Result {
    counter.encode_counter::<NoLabelSet, _, u64>(&number, None)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::Category;

    #[test]
    fn figures_are_text() {
        let meter = Meter::new().unwrap();
        let series = meter.series("a.example", Some("say \"list\""));
        for milliseconds in [3, 30, 40_000] {
            series.ended(None, Duration::from_millis(milliseconds));
        }
        series.ended(Some(Category::Timeout), Duration::from_secs(30));
        series.retried();
        series.sent(55);
        series.received(77);
        meter.circuit("a.example", CircuitState::Open);
        let text = meter.prometheus();
        for line in [
            r#"rsmf_http_requests_total{host="a.example",operation="say \"list\"",outcome="success"} 3"#,
            r#"rsmf_http_requests_total{host="a.example",operation="say \"list\"",outcome="failure"} 1"#,
            r#"rsmf_http_retries_total{host="a.example",operation="say \"list\""} 1"#,
            r#"rsmf_http_sent_bytes_total{host="a.example",operation="say \"list\""} 55"#,
            r#"rsmf_http_received_bytes_total{host="a.example",operation="say \"list\""} 77"#,
            r#"rsmf_http_request_duration_seconds_count{host="a.example",operation="say \"list\""} 4"#,
            r#"rsmf_http_request_duration_seconds_bucket{le="0.005",host="a.example",operation="say \"list\""} 1"#,
            r#"rsmf_http_request_duration_seconds_bucket{le="0.05",host="a.example",operation="say \"list\""} 2"#,
            r#"rsmf_http_request_duration_seconds_bucket{le="+Inf",host="a.example",operation="say \"list\""} 4"#,
            r#"rsmf_http_circuit_state{host="a.example"} 2"#,
            "# TYPE rsmf_http_request_duration_seconds histogram",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
