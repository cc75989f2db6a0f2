use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rsmf_http::{AllowedHost, Client, ClientBuilder, Config, Error, Fence, Lookup};
use rsmf_simulator::FileHost;

/// Finds the addresses that a test wants, one after the other; the last one again and again.
#[derive(Debug)]
pub(crate) struct Names {
    addresses: Vec<IpAddr>,
    asked: AtomicUsize,
}

impl Names {
    pub(crate) fn new(addresses: &[&str]) -> Arc<Self> {
        Arc::new(Self {
            addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
            asked: AtomicUsize::new(0),
        })
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait::async_trait]
impl Lookup for Names {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let last = self.addresses.len() - 1;
        Ok(vec![self.addresses[asked.min(last)]])
    }
}

/// What does not wait long.
pub(crate) fn config() -> Config {
    let mut config = Config::default();
    config.retry_delay = Duration::from_millis(1);
    config.max_retry_delay = Duration::from_millis(2);
    config.timeout = Duration::from_millis(500);
    config.idle_timeout = Duration::from_millis(200);
    config
}

/// A client that does not wait long.
pub(crate) fn builder(rules: &[AllowedHost]) -> ClientBuilder {
    Client::builder(Fence::new(rules.iter().cloned())).config(config())
}

pub(crate) fn allow(rule: &str) -> AllowedHost {
    rule.parse::<AllowedHost>().unwrap().private()
}

pub(crate) fn client(host: &FileHost) -> Client {
    builder(&[allow(&host.url(""))]).build().unwrap()
}

pub(crate) async fn body(client: &Client, url: &str) -> Result<Vec<u8>, Error> {
    let mut response = client
        .get(url.parse().unwrap())
        .limit(1_000_000)
        .send()
        .await?;
    let mut all = Vec::new();
    while let Some(piece) = response.piece().await? {
        all.extend_from_slice(&piece);
    }
    Ok(all)
}
