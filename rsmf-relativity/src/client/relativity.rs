//! The client, and what it is made of.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rsmf_core::secret::SecretSource;
use rsmf_http::{
    AllowedHost, Authenticate, Client, Fence, Fixed,
    header::{ACCEPT, HeaderName, HeaderValue},
    oauth2::{Grant, OAuth2, Placement},
};
use url::Url;

use super::{ArtifactId, Auth, Generation, Options, RelativityConfig, TransferConfig};
use crate::{Error, Refusal, Result};

/// An instance of RelativityOne or Relativity Server. Clones share connections and tokens.
///
/// ```no_run
/// use rsmf_core::secret::NoSecrets;
/// use rsmf_relativity::{Relativity, RelativityConfig, client::{ArtifactId, Auth}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let host = "https://acme.relativity.one".parse()?;
/// let config = RelativityConfig::new(host, Auth::oauth2("rsmf", "its secret"));
/// let relativity = Relativity::connect(config, &NoSecrets)?;
/// println!("version {}", relativity.version().await?);
/// let workspace = relativity.workspace(ArtifactId(1234567));
/// for path in workspace.source_locations().await? {
///     println!("{path}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Relativity {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// The root of the services.
    pub(super) rest: Url,
    /// The root of the Transfer Service.
    pub(super) transfer: Url,
    pub(super) client: Client,
    pub(super) transfer_client: Client,
    pub(super) transfer_auth: Arc<dyn Authenticate>,
    pub(super) host: Url,
    pub(super) options: Options,
    pub(super) transfer_config: TransferConfig,
    /// Whether it turned out that there are only the older routes.
    old_processing: AtomicBool,
    old_short_messages: AtomicBool,
    old_objects: AtomicBool,
}

impl Relativity {
    /// Makes a client. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Config`] where the configuration cannot be used, or holds no secret that can be had.
    pub fn connect(config: RelativityConfig, secrets: &dyn SecretSource) -> Result<Self> {
        let host = checked(&config.host)?;
        let token_url = at(&host, &config.options.token_path);
        let transfer = match &config.transfer.url {
            Some(url) => url.clone(),
            None => at(&host, "/transfer-service/api"),
        };
        let client = client(&config, &[&host, &transfer])?;
        let plain = client.clone();
        let authenticate = |auth: &Auth| -> Result<Arc<dyn Authenticate>> {
            credentials(auth, secrets, &plain, &token_url, &config.options)
        };
        let usual = authenticate(&config.auth)?;
        let special = config
            .transfer
            .auth
            .as_ref()
            .map(authenticate)
            .transpose()?;
        let transfer_auth = special.unwrap_or_else(|| Arc::clone(&usual));
        let inner = Inner {
            rest: at(&host, &config.options.rest_path),
            transfer,
            transfer_client: plain.with_auth(Arc::clone(&transfer_auth)),
            transfer_auth,
            client: client.with_auth(usual),
            host,
            options: config.options,
            transfer_config: config.transfer,
            old_processing: AtomicBool::default(),
            old_short_messages: AtomicBool::default(),
            old_objects: AtomicBool::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// A workspace of the instance. Nothing is asked yet.
    pub fn workspace(&self, id: ArtifactId) -> Workspace {
        Workspace {
            relativity: self.clone(),
            id,
        }
    }

    /// The address of the instance.
    pub fn host(&self) -> &Url {
        &self.inner.host
    }

    /// What differs between instances.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// The HTTP client, for its statistics.
    pub fn http(&self) -> &Client {
        &self.inner.client
    }
}

/// Services that have older routes besides their newer ones.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dated {
    Processing,
    ShortMessages,
    Objects,
}

impl Relativity {
    /// Asks the newer routes, or the older ones where there are no newer ones, which is remembered.
    ///
    /// Servers say in several ways that there is no such route, and most of them may also mean that there is no such
    /// thing. Then the older routes are asked too; neither has done anything.
    pub(super) async fn either<T>(
        &self,
        service: Dated,
        newer: impl Future<Output = Result<T>>,
        older: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let (asked, is_old) = match service {
            Dated::Processing => (self.inner.options.processing, &self.inner.old_processing),
            Dated::ShortMessages => (
                self.inner.options.short_messages,
                &self.inner.old_short_messages,
            ),
            Dated::Objects => (self.inner.options.objects, &self.inner.old_objects),
        };
        match asked {
            Generation::V1 => return newer.await,
            Generation::V0 => return older.await,
            Generation::Auto if is_old.load(Ordering::Relaxed) => return older.await,
            Generation::Auto => {}
        }
        let absent = match newer.await {
            Err(error) if may_be_absent(&error) => error,
            answer => return answer,
        };
        match older.await {
            Err(error) if may_be_absent(&error) => Err(absent),
            Err(error) if !is_absent(&absent) => {
                tracing::debug!(%error, "neither do the older routes help");
                Err(absent)
            }
            answer => {
                tracing::info!(?service, "there are only the older routes");
                is_old.store(true, Ordering::Relaxed);
                answer
            }
        }
    }
}

/// Whether there may be no such route.
fn may_be_absent(error: &Error) -> bool {
    matches!(error.status(), Some(404 | 405 | 501))
}

/// Whether there is no such service, which is not to say that there is no such thing.
pub(super) fn is_absent(error: &Error) -> bool {
    let by_service = |refusal: &Refusal| refusal.is("ServiceNotFound");
    matches!(error.status(), Some(404 | 501)) && error.refusal().is_none_or(by_service)
}

impl fmt::Debug for Relativity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relativity")
            .field("host", &self.inner.host.as_str())
            .finish_non_exhaustive()
    }
}

/// A workspace of an instance.
#[derive(Debug, Clone)]
pub struct Workspace {
    pub(super) relativity: Relativity,
    pub(super) id: ArtifactId,
}

impl Workspace {
    /// Its number.
    pub fn id(&self) -> ArtifactId {
        self.id
    }

    /// The instance.
    pub fn relativity(&self) -> &Relativity {
        &self.relativity
    }
}

/// The address of the instance, where it is nothing but that.
fn checked(host: &Url) -> Result<Url> {
    let wrong = |problem: &str| Error::Config {
        problem: format!("the host has to be written as https://acme.relativity.one: {problem}"),
        source: None,
    };
    if !matches!(host.scheme(), "https" | "http") || host.host_str().is_none() {
        return Err(wrong("it is no address of the web"));
    }
    if !host.username().is_empty() || host.password().is_some() {
        return Err(wrong("credentials have a place of their own"));
    }
    if host.path() != "/" || host.query().is_some() || host.fragment().is_some() {
        return Err(wrong("there must be nothing behind it"));
    }
    Ok(host.clone())
}

fn at(host: &Url, path: &str) -> Url {
    let mut url = host.clone();
    url.set_path(path);
    url
}

fn client(config: &RelativityConfig, servers: &[&Url]) -> Result<Client> {
    let hosts: Result<Vec<_>> = servers.iter().map(|url| allowed(url)).collect();
    let options = &config.options;
    let mut builder = Client::builder(Fence::new(hosts?))
        .config(config.http.clone())
        .refuses_with_500()
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(name("x-kepler-version"), HeaderValue::from_static("2.0"))
        .header(name("x-csrf-header"), value("csrf", &options.csrf)?);
    if !options.referrer.is_empty() {
        let referrer = value("referrer", &options.referrer)?;
        builder = builder.header(name("x-kepler-referrer"), referrer);
    }
    builder.build().map_err(|error| Error::Config {
        problem: "no HTTP client can be made of it".to_owned(),
        source: Some(error.into()),
    })
}

fn name(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

fn value(option: &str, text: &str) -> Result<HeaderValue> {
    let usable = HeaderValue::from_str(text)
        .ok()
        .filter(|_| !text.is_empty());
    usable.ok_or_else(|| Error::Config {
        problem: format!("{option} cannot stand in a header"),
        source: None,
    })
}

/// Wherever the instance is, it is meant: also in a private network.
fn allowed(url: &Url) -> Result<AllowedHost> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}"));
    let text = format!("{}://{host}{}", url.scheme(), port.unwrap_or_default());
    let allowed: Result<AllowedHost, _> = text.parse();
    let allowed = allowed.map_err(|error| Error::Config {
        problem: format!("{text} is no host"),
        source: Some(error.into()),
    })?;
    Ok(allowed.private())
}

fn credentials(
    auth: &Auth,
    secrets: &dyn SecretSource,
    client: &Client,
    token_url: &Url,
    options: &Options,
) -> Result<Arc<dyn Authenticate>> {
    let secret = match auth {
        Auth::OAuth2 { client_secret, .. } => client_secret,
        Auth::Basic { password, .. } => password,
    };
    let secret = secret.resolve(secrets).map_err(|error| Error::Config {
        problem: "the credentials cannot be had".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(match auth {
        Auth::Basic { user, .. } if user.contains(':') => {
            return Err(Error::Config {
                problem: "there must be no colon in the name of a user (RFC 7617)".to_owned(),
                source: None,
            });
        }
        Auth::Basic { user, .. } => Arc::new(Fixed::basic(user, secret)),
        Auth::OAuth2 { client_id, .. } => {
            let grant = Grant::client_credentials(client_id, secret)
                .placement(Placement::Body)
                .scope(&options.scope)
                .lifetime(options.token_lifetime);
            Arc::new(OAuth2::new(client.clone(), token_url.clone(), grant))
        }
    })
}
