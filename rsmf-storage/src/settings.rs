//! What all stores that lie elsewhere have in common.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use url::Url;

/// How a store is talked to; part of the configuration of each.
///
/// ```
/// use rsmf_storage::Settings;
///
/// let settings: Settings = toml::from_str(r#"
///     [transfer]
///     part_size = "16 MiB"
///     bandwidth = "50 MB"
///     [network]
///     timeout = "1m"
///     ca_file = "company-ca.pem"
/// "#)?;
/// assert_eq!(settings.transfer.part_size.as_u64(), 16 << 20);
/// assert_eq!(settings.network.max_retries, 3);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Settings {
    /// How objects are moved.
    pub transfer: Transfer,
    /// The way to the server, and patience.
    pub network: Network,
}

/// How objects are moved.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Transfer {
    /// Parts of one object that are on their way at the same time: 4. Memory for an upload is about
    /// this times the size of a part.
    pub concurrency: NonZeroUsize,
    /// The size of a part: 8 MiB. Stores that take only so many parts make them larger where the
    /// object needs it. A file can name 64 KiB to 4000 MiB: the largest part that all of them take.
    #[serde(deserialize_with = "part")]
    pub part_size: ByteSize,
    /// The most bytes per second, in each direction: as many as there are.
    #[serde(deserialize_with = "some")]
    pub bandwidth: Option<ByteSize>,
}

/// A limit of nothing would let nothing through, for ever.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ByteSize>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(ByteSize(0)) => Err(D::Error::custom("it has to be more than nothing")),
        limit => Ok(limit),
    }
}

/// What a part may be like: smaller ones would be mostly headers, larger ones no store of all kinds takes.
const PARTS: std::ops::RangeInclusive<ByteSize> = ByteSize::kib(64)..=ByteSize::mib(4000);

fn part<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ByteSize, D::Error> {
    let size = ByteSize::deserialize(deserializer)?;
    match PARTS.contains(&size) {
        true => Ok(size),
        false => Err(D::Error::custom(
            "it has to be a size from 64 KiB to 4000 MiB",
        )),
    }
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            concurrency: const { NonZeroUsize::new(4).unwrap() },
            part_size: ByteSize::mib(8),
            bandwidth: None,
        }
    }
}

/// The way to a server, and how patient to be with it. Durations are written as `30s` or `1m 30s`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Network {
    /// Attempts after the first one: 3.
    pub max_retries: u32,
    /// The longest first pause between attempts: 1 s. Each is a random part of the longest.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub retry_delay: Duration,
    /// The longest pause: 10 s.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub max_retry_delay: Duration,
    /// After so many failures in a row, a host gets no requests for a while: 5.
    pub circuit_open_after_failures: u32,
    /// For how long: 30 s.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub circuit_reset_timeout: Duration,
    /// How long an attempt waits for the beginning of its answer after its last byte was sent: 30 s.
    #[serde(
        serialize_with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required::serialize",
        deserialize_with = "some_time"
    )]
    pub timeout: Duration,
    /// How long a connection may take: 10 s.
    #[serde(
        serialize_with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required::serialize",
        deserialize_with = "some_time"
    )]
    pub connect_timeout: Duration,
    /// How long the next piece of an answer may take: 30 s.
    #[serde(
        serialize_with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required::serialize",
        deserialize_with = "some_time"
    )]
    pub idle_timeout: Duration,
    /// How long one request may take with all its attempts and pauses: 10 min.
    #[serde(
        serialize_with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required::serialize",
        deserialize_with = "some_time"
    )]
    pub deadline: Duration,
    /// Requests that a host gets at the same time: 64.
    pub connections: NonZeroU32,
    /// The proxy for `http://`; none where not set.
    pub http_proxy: Option<Url>,
    /// The proxy for `https://`; none where not set.
    pub https_proxy: Option<Url>,
    /// The hosts to which no proxy leads: names, with their subdomains, and addresses, with commas between.
    pub no_proxy: Option<String>,
    /// A file with certificates (PEM) of authorities that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
}

/// A stretch of time in which something can happen: without any, every request would fail.
fn some_time<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let time = jiff::fmt::serde::unsigned_duration::friendly::compact::required::deserialize(from)?;
    match time.is_zero() {
        true => Err(D::Error::custom(
            "it has to be more than nothing, such as 30s",
        )),
        false => Ok(time),
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            max_retries: 3,
            retry_delay: Duration::from_secs(1),
            max_retry_delay: Duration::from_secs(10),
            circuit_open_after_failures: 5,
            circuit_reset_timeout: Duration::from_secs(30),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(600),
            connections: const { NonZeroU32::new(64).unwrap() },
            http_proxy: None,
            https_proxy: None,
            no_proxy: None,
            ca_file: None,
        }
    }
}
