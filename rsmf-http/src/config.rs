//! Everything about a client that can be configured by a file.

use std::{borrow::Cow, num::NonZeroU32, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{AllowedHost, Fence, Proxies, Redirects};

/// How patient and how careful a client is. Durations are written as `30s`, `1m 30s` or `500ms`;
/// names that are not known are errors.
///
/// ```
/// use rsmf_http::Config;
///
/// let config: Config = toml::from_str(
///     r#"
///     max_retries = 5
///     timeout = "1m 30s"
///     requests_per_second = 10.0
///     ca_file = "company.pem"
///
///     [proxies]
///     https = "http://proxy.example:8080"
///     no_proxy = "localhost,10.0.0.0/8"
///     "#,
/// )?;
/// assert_eq!(config.timeout.as_secs(), 90);
/// assert_eq!(config.circuit_open_after_failures, 5);
/// assert!(toml::from_str::<Config>("retires = 5").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// Attempts after the first one: 3.
    pub max_retries: u32,
    /// The longest first pause between attempts: 1 s. Each pause is a random part of the longest
    /// one (“full jitter”), so that many clients do not come back at the same moment.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub retry_delay: Duration,
    /// The longest pause: 10 s.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub max_retry_delay: Duration,
    /// By how much the longest pause grows each time: 2.0.
    #[serde(deserialize_with = "factor")]
    pub exponential_base: f32,
    /// The longest pause that a server may ask for: 5 min. Where one asks for more, the request fails, and for this long
    /// others to the same host fail in the same way, without being sent.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub max_retry_after: Duration,
    /// Retries that a host gets besides ten a second, as a share of the requests to it that went well
    /// within ten seconds: 0.2. `None` (in a file, `"unlimited"`): as many as are wanted.
    #[serde(deserialize_with = "share")]
    pub retry_budget: Option<f32>,
    /// After so many failures in a row (no answer, one that breaks, or status 500, 502, 503, 504), a host gets no
    /// requests for a while: 5. 0: that never happens. Of attempts that were under way at the same time, one counts.
    pub circuit_open_after_failures: u32,
    /// For how long; after that, one request finds out whether the host is well again: 30 s.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub circuit_reset_timeout: Duration,
    /// How long an attempt waits for the beginning of the answer, the connection included, since
    /// the last piece of the request's own body was sent: 30 s.
    #[serde(deserialize_with = "some_time")]
    pub timeout: Duration,
    /// How long a connection may take: 10 s.
    #[serde(deserialize_with = "some_time")]
    pub connect_timeout: Duration,
    /// How long the next piece of an answer may take: 30 s.
    #[serde(deserialize_with = "some_time")]
    pub idle_timeout: Duration,
    /// How long a request may take from its sending to the end of its answer, with all its attempts
    /// and pauses: as long as it does.
    #[serde(deserialize_with = "any_time")]
    pub deadline: Option<Duration>,
    /// Requests that a host gets per second, in the long run: as many as there are.
    #[serde(deserialize_with = "rate")]
    pub requests_per_second: Option<f64>,
    /// Requests that it may get at once after a rest, if there is such a rate: 1.
    pub burst: NonZeroU32,
    /// Requests that a host gets at the same time, up to the end of their answers: as many as there are.
    pub concurrency: Option<NonZeroU32>,
    /// The most bytes of an answer, without compression: no limit for one that is taken piece by piece.
    pub max_response_size: Option<u64>,
    /// Hosts that the client may talk to, besides those of its [fence](crate::Fence), written as for
    /// [`AllowedHost`]: none.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The same, also where they lie at addresses that are not public: none.
    pub private_hosts: Vec<AllowedHost>,
    /// Which redirects are followed: those that stay with the host (`never`, `same-host`, `anywhere`).
    pub redirects: Redirects,
    /// The way to the hosts: directly.
    pub proxies: Proxies,
    /// A file with certificates (PEM) of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// A file with the certificate (PEM) that the client shows, and those between it and its authority.
    pub client_certificate: Option<PathBuf>,
    /// A file with the private key (PEM) of that certificate.
    pub client_key: Option<PathBuf>,
    /// What the client calls itself: `rsmf/` and its version.
    pub user_agent: Cow<'static, str>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_retries: 3,
            retry_delay: Duration::from_secs(1),
            max_retry_delay: Duration::from_secs(10),
            exponential_base: 2.0,
            max_retry_after: Duration::from_secs(300),
            retry_budget: Some(0.2),
            circuit_open_after_failures: 5,
            circuit_reset_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            deadline: None,
            requests_per_second: None,
            burst: NonZeroU32::MIN,
            concurrency: None,
            max_response_size: None,
            allowed_hosts: Vec::new(),
            private_hosts: Vec::new(),
            redirects: Redirects::default(),
            proxies: Proxies::default(),
            ca_file: None,
            client_certificate: None,
            client_key: None,
            user_agent: concat!("rsmf/", env!("CARGO_PKG_VERSION")).into(),
        }
    }
}

impl Config {
    /// The fence with the hosts and proxies that this names.
    pub(crate) fn widen(&self, fence: Fence) -> Fence {
        let private = self.private_hosts.iter().cloned().map(AllowedHost::private);
        let more = self.allowed_hosts.iter().cloned().chain(private);
        more.fold(fence, Fence::and).by(self.proxies.hosts())
    }
}

/// A stretch of time in which something can happen: without any, every request would fail.
fn some_time<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let time = jiff::fmt::serde::unsigned_duration::friendly::compact::required::deserialize(from)?;
    more_than_nothing(time)
}

fn any_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let time = jiff::fmt::serde::unsigned_duration::friendly::compact::optional::deserialize(from)?;
    time.map(more_than_nothing).transpose()
}

fn more_than_nothing<E: serde::de::Error>(time: Duration) -> Result<Duration, E> {
    match time.is_zero() {
        true => Err(E::custom("it has to be more than nothing, such as 30s")),
        false => Ok(time),
    }
}

fn factor<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    let factor = f32::deserialize(from)?;
    let is_one = factor.is_finite() && factor >= 1.0;
    is_one
        .then_some(factor)
        .ok_or_else(|| D::Error::custom("it has to be a number of at least 1"))
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Share(f32),
        Word(String),
    }
    match Raw::deserialize(from) {
        Ok(Raw::Share(share)) if share.is_finite() && share >= 0.0 => Ok(Some(share)),
        Ok(Raw::Word(word)) if word == "unlimited" => Ok(None),
        _ => {
            let problem = "it has to be a number of at least 0, or the word unlimited in quotes";
            Err(D::Error::custom(problem))
        }
    }
}

fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    let rate: Option<f64> = Option::deserialize(from)?;
    match rate {
        Some(rate) if !rate.is_finite() || rate <= 0.0 => {
            Err(D::Error::custom("it has to be a number above 0"))
        }
        rate => Ok(rate),
    }
}
