//! The client.

use std::{sync::Arc, time::Duration};

use reqwest::redirect::Policy;
use url::Url;

use crate::{
    Error, Fence, Lookup, Request, Result, Retry, SystemLookup, dns::Guarded, holds::Holds, tls,
};

/// How long is waited for what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For a connection: 10 seconds.
    pub connect: Duration,
    /// For the beginning of an answer, the connection included: 30 seconds.
    pub first_byte: Duration,
    /// For the next piece of an answer: 30 seconds.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            idle: Duration::from_secs(30),
        }
    }
}

/// An HTTP client that stays within its [`Fence`], bounds what it waits for and takes in, and
/// tries again what may succeed later. Clones share connections.
///
/// It reads no environment variable and so uses no proxy: behind one, the address that is
/// connected to could not be checked. It stores no cookies. A tokio runtime must be around.
///
/// ```no_run
/// use rsmf_http::{Client, Fence};
///
/// # async fn example() -> Result<(), rsmf_http::Error> {
/// let client = Client::builder(Fence::new(["files.slack.com".parse()?])).build()?;
/// let url = "https://files.slack.com/files-pri/T1-F1/a.png".parse().unwrap();
/// let mut response = client.get(url).bearer(&"xoxb-1".into()).limit(1_000_000).send().await?;
/// while let Some(piece) = response.piece().await? {
///     println!("{} bytes", piece.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) fence: Arc<Fence>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Retry,
    pub(crate) holds: Arc<Holds>,
}

impl Client {
    /// Starts to make a client that may go where the fence lets it.
    pub fn builder(fence: Fence) -> ClientBuilder {
        ClientBuilder {
            fence,
            timeouts: Timeouts::default(),
            retry: Retry::default(),
            lookup: Arc::new(SystemLookup),
            user_agent: concat!("rsmf/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// Starts a request for what lies at this address.
    pub fn get(&self, url: Url) -> Request<'_> {
        Request::new(self, url)
    }

    /// When this client tries again.
    pub fn retry(&self) -> &Retry {
        &self.retry
    }
}

/// Makes a [`Client`].
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    fence: Fence,
    timeouts: Timeouts,
    retry: Retry,
    lookup: Arc<dyn Lookup>,
    user_agent: String,
}

impl ClientBuilder {
    /// Sets how long is waited.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets when is tried again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets who finds the addresses of hosts. What it finds is checked.
    #[must_use]
    pub fn lookup(mut self, lookup: Arc<dyn Lookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// Sets what the client calls itself.
    #[must_use]
    pub fn user_agent(mut self, name: impl Into<String>) -> Self {
        self.user_agent = name.into();
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// [`Error::Setup`] where the system has no certificates to trust, or the user agent cannot
    /// stand in a header.
    pub fn build(self) -> Result<Client> {
        let fence = Arc::new(self.fence);
        let guarded = Guarded {
            fence: Arc::clone(&fence),
            lookup: self.lookup,
        };
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config()?)
            .dns_resolver(Arc::new(guarded))
            // Redirects are followed by `Request`, which checks each.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(self.timeouts.connect)
            .user_agent(self.user_agent)
            .build()
            .map_err(|error| Error::Setup(error.into()))?;
        Ok(Client {
            http,
            fence,
            timeouts: self.timeouts,
            retry: self.retry,
            holds: Arc::new(Holds::default()),
        })
    }
}
