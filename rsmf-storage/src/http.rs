//! The HTTP client of the stores that are asked by HTTP.

#[cfg(any(feature = "gcs", feature = "webdav"))]
use std::time::Duration;

use rsmf_core::{Failure, Result};
use rsmf_http::{AllowedHost, Client, Config, Fence, Proxies};
use url::Url;

use crate::Network;

/// A client that may go to the hosts of these addresses, and to proxies.
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) where the configuration cannot be used.
pub(crate) fn client(network: &Network, servers: &[&Url]) -> Result<Client> {
    let proxies = [&network.http_proxy, &network.https_proxy];
    let hosts = servers.iter().copied().chain(proxies.into_iter().flatten());
    let hosts: Result<Vec<_>> = hosts.map(allowed).collect();
    let client = Client::builder(Fence::new(hosts?)).config(config(network));
    client.build().map_err(|error| {
        Failure::new("set up", "the HTTP client")
            .source(error)
            .advice("check the settings for the network")
            .invalid_input()
    })
}

/// Wherever the user's server is, it is meant: also in a private network.
fn allowed(url: &Url) -> Result<AllowedHost> {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let text = format!("{}://{host}{port}", url.scheme());
    let host: AllowedHost = text.parse().map_err(|error: rsmf_http::Error| {
        Failure::new("use", text)
            .source(error)
            .advice("write it as https://host")
            .invalid_input()
    })?;
    Ok(host.private())
}

fn config(network: &Network) -> Config {
    let mut config = Config::default();
    config.max_retries = network.max_retries;
    config.retry_delay = network.retry_delay;
    config.max_retry_delay = network.max_retry_delay;
    config.circuit_open_after_failures = network.circuit_open_after_failures;
    config.circuit_reset_timeout = network.circuit_reset_timeout;
    config.timeout = network.timeout;
    config.connect_timeout = network.connect_timeout;
    config.idle_timeout = network.idle_timeout;
    config.deadline = Some(network.deadline);
    config.concurrency = Some(network.connections);
    config.ca_file.clone_from(&network.ca_file);
    let secret = |url: &Option<Url>| url.as_ref().map(|url| url.as_str().into());
    let mut proxies = Proxies::default().except(network.no_proxy.clone().unwrap_or_default());
    proxies.http = secret(&network.http_proxy);
    proxies.https = secret(&network.https_proxy);
    config.proxies = proxies;
    config
}

/// How long a request may take that moves so many bytes: the usual time, and ten seconds for each MiB.
#[cfg(any(feature = "gcs", feature = "webdav"))]
pub(crate) fn deadline(network: &Network, bytes: u64) -> Duration {
    let more = Duration::from_secs((bytes >> 20).saturating_mul(10));
    network.deadline.saturating_add(more)
}
