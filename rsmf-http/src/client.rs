//! The client.

use std::{borrow::Cow, fmt, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::Url;

use crate::{
    Authenticate, Body, CircuitState, Config, Endpoints, Error, Fence, Lookup, Pauses, Request,
    Response, Result, Stats, SystemLookup,
    call::{Call, Head, host},
    dns::Guarded,
    endpoints::Choice,
    host::Hosts,
    pipeline::{Common, Fallbacks, Pipeline, Shared, Wire},
    stats::Meter,
    tls,
};

/// How long a connection without requests is kept. Many servers end theirs after five seconds: a request that is
/// under way just then is lost, and several of them make a host look as if it were down.
const KEPT: Duration = Duration::from_secs(4);

/// An HTTP client that stays within its [`Fence`], bounds what it waits for and takes in, tries again
/// what may succeed later, and spares hosts that are down. Clones share connections and what is known
/// of hosts.
///
/// It reads no environment variable; [`Proxies`](crate::Proxies) tells how to heed them. It stores no cookies. A
/// tokio runtime must be around.
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
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    shared: Shared,
    auth: Option<Arc<dyn Authenticate>>,
}

impl Client {
    /// Starts to make a client that may go where the fence lets it.
    pub fn builder(fence: Fence) -> ClientBuilder {
        ClientBuilder {
            fence,
            config: Config::default(),
            lookup: Arc::new(SystemLookup),
            fallbacks: Fallbacks::default(),
            headers: HeaderMap::new(),
            refuses_with_500: false,
        }
    }

    /// The same client with credentials for all requests that bring none of their own.
    #[must_use]
    pub fn with_auth(mut self, auth: Arc<dyn Authenticate>) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Starts a request.
    pub fn request(&self, method: Method, url: Url) -> Request {
        let mut head = Head::new(method, url);
        let config = &self.shared.config;
        (head.redirects, head.within) = (config.redirects, config.deadline);
        head.auth = self.auth.clone();
        // To copy a map costs something also where it is empty.
        if !self.shared.headers.is_empty() {
            head.headers.clone_from(&self.shared.headers);
        }
        let call = Call {
            head: Arc::new(head),
            body: Body::default(),
        };
        Request::new(self.pipeline.clone(), call)
    }

    /// Starts a request for what lies at this address.
    pub fn get(&self, url: Url) -> Request {
        self.request(Method::GET, url)
    }

    /// Starts a request to one of several places that serve the same; the path may hold a query.
    ///
    /// # Errors
    /// [`Error::Address`] where the path is none, but leads elsewhere.
    pub fn at(&self, endpoints: &Endpoints, method: Method, path: &str) -> Result<Request> {
        let request = self.request(method, endpoints.first(path)?);
        Ok(request.choice(Choice::new(endpoints.clone(), path.to_owned())))
    }

    /// Where this client may go.
    pub fn fence(&self) -> &Fence {
        &self.shared.fence
    }

    /// What the client was made with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The pauses between the attempts of one thing that somebody repeats by themselves, such as
    /// a download that goes on where it broke.
    pub fn pauses(&self) -> Pauses {
        Pauses::new(&self.shared.config)
    }

    /// Whether requests are let through to the host of an address.
    pub fn circuit(&self, url: &Url) -> CircuitState {
        self.shared.hosts.get(host(url)).state()
    }

    /// What the client and its clones did so far.
    pub fn stats(&self) -> Stats {
        self.shared.meter.stats()
    }

    /// The same as text that Prometheus reads (OpenMetrics 1.0), with the latency in steps.
    #[cfg(feature = "prometheus")]
    #[cfg_attr(docsrs, doc(cfg(feature = "prometheus")))]
    pub fn prometheus(&self) -> String {
        self.shared.meter.prometheus()
    }
}

/// Without what it knows of hosts and counts, which would be pages.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("fence", &self.shared.fence)
            .field("config", &self.shared.config)
            .field("auth", &self.auth)
            .finish_non_exhaustive()
    }
}

/// Makes a [`Client`].
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    fence: Fence,
    config: Config,
    lookup: Arc<dyn Lookup>,
    fallbacks: Fallbacks,
    headers: HeaderMap,
    refuses_with_500: bool,
}

impl ClientBuilder {
    /// Sets how patient and careful it is.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Adds a header to all requests, in the place of others of that name; those of a request itself go first.
    /// If its value is [sensitive](HeaderValue::set_sensitive), it goes along with redirects only within the host.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says that the hosts answer with status 500 also to what they only refuse: it says nothing against their health.
    #[must_use]
    pub fn refuses_with_500(mut self) -> Self {
        self.refuses_with_500 = true;
        self
    }

    /// Sets who finds the addresses of hosts. What it finds is checked.
    #[must_use]
    pub fn lookup(mut self, lookup: Arc<dyn Lookup>) -> Self {
        self.lookup = lookup;
        self
    }

    /// Sets what is answered where an [operation](Request::operation) failed for good: an answer
    /// made from elsewhere ([`Response::made`]), or the error, or another one.
    #[must_use]
    pub fn fallback<F, A>(mut self, operation: impl Into<String>, fallback: F) -> Self
    where
        F: Fn(Error) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response>> + Send + 'static,
    {
        let fallback = Arc::new(
            move |error| -> futures_util::future::BoxFuture<'static, _> {
                Box::pin(fallback(error))
            },
        );
        self.fallbacks.set(operation.into(), fallback);
        self
    }

    /// Makes the client.
    ///
    /// # Errors
    /// [`Error::Setup`] where the system has no certificates to trust, a file of the configuration cannot
    /// be read, or the user agent cannot stand in a header; [`Error::Address`] for a proxy.
    pub fn build(self) -> Result<Client> {
        let config = Arc::new(self.config);
        let fence = Arc::new(config.widen(self.fence));
        let guarded = Arc::new(Guarded {
            fence: Arc::clone(&fence),
            lookup: self.lookup,
        });
        let tls = tls::config(&config)?;
        let meter = Arc::new(Meter::new()?);
        let wire = Wire {
            compressed: connections(&config, tls.clone(), &guarded, true)?,
            plain: connections(&config, tls, &guarded, false)?,
            config: Arc::clone(&config),
        };
        let hosts = Hosts::new(Arc::clone(&config), Arc::clone(&meter));
        let shared = Arc::new(Common {
            hosts: Arc::new(hosts),
            config,
            fence,
            meter,
            fallbacks: self.fallbacks,
            headers: self.headers,
            refuses_with_500: self.refuses_with_500,
        });
        Ok(Client {
            pipeline: Pipeline::new(Arc::clone(&shared), wire),
            shared,
            auth: None,
        })
    }
}

fn connections(
    config: &Config,
    tls: rustls::ClientConfig,
    guarded: &Arc<Guarded>,
    compressed: bool,
) -> Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::clone(guarded))
        // Layers of our own follow redirects and repeat requests.
        .redirect(Policy::none())
        // With retries to come, reqwest copies each request, also where it then never sends it again.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .no_proxy()
        .referer(false)
        .gzip(compressed)
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(KEPT)
        .user_agent(user_agent(config)?);
    for proxy in config.proxies.built()? {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| Error::Setup(error.into()))
}

/// Each request copies this header several times, which costs next to nothing for a text that is part of the program.
fn user_agent(config: &Config) -> Result<HeaderValue> {
    let text = match &config.user_agent {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::copy_from_slice(text.as_bytes()),
    };
    HeaderValue::from_maybe_shared(text).map_err(|error| Error::Setup(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_on_its_way_has_a_place_at_hand() {
        let fence = Fence::new(["a.example".parse().unwrap()]);
        let client = Client::builder(fence).build().unwrap();
        let call = Call::new(Method::GET, "https://a.example/".parse().unwrap());
        let answer = client.pipeline.send(call);
        let size = size_of_val(&*answer);
        // Larger ones glibc does not keep for the thread that comes next.
        assert!(size <= 1032, "{size} bytes");
    }
}
