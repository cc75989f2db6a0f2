//! The HTTP client of the SDK, with the limits that all stores have: requests at the same time,
//! patience, and hosts that are spared.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use rsmf_core::{Error, Failure, Result};
use tokio::sync::Semaphore;
use url::Url;

use super::body::{Flow, Progress};
use crate::{
    Network,
    remote::{Breakers, Verdict},
};

const KEY_SUM: &str = "x-amz-server-side-encryption-customer-key-md5";

/// A client for all requests of one store, those for credentials included.
pub(super) fn client(network: &Network) -> Result<SharedHttpClient> {
    let plain = proxy(network.http_proxy.as_ref(), network, ProxyConfig::http)?;
    let secure = proxy(network.https_proxy.as_ref(), network, ProxyConfig::https)?;
    let tls = trust(network)?;
    let limits = Arc::new(Limits::new(network));
    let known = Mutex::new(HashMap::new());
    Ok(http_client_fn(move |settings, components| {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let wire = known.entry(key).or_insert_with(|| {
            let connector = |proxy: &ProxyConfig| connector(settings, &tls, proxy.clone());
            let _ = components;
            SharedHttpConnector::new(Wire {
                plain: connector(&plain),
                secure: connector(&secure),
                limits: Arc::clone(&limits),
            })
        });
        wire.clone()
    }))
}

fn connector(
    settings: &HttpConnectorSettings,
    tls: &TlsContext,
    proxy: ProxyConfig,
) -> SharedHttpConnector {
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls.clone())
        .connector_settings(settings.clone())
        .proxy_config(proxy)
        .build();
    SharedHttpConnector::new(connector)
}

/// The system's authorities, and those of the file.
fn trust(network: &Network) -> Result<TlsContext> {
    let mut store = TrustStore::default();
    if let Some(file) = &network.ca_file {
        let wrong = || Failure::new("use", format!("certificates in {}", file.display()));
        let pem = std::fs::read(file).map_err(|error| wrong().source(error).invalid_input())?;
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(wrong().source("it holds no PEM").invalid_input());
        }
        store.add_pem_certificate(pem);
    }
    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| Failure::new("set up", "TLS").source(error).other())
}

fn proxy<E: std::fmt::Display>(
    url: Option<&Url>,
    network: &Network,
    make: impl Fn(String) -> Result<ProxyConfig, E>,
) -> Result<ProxyConfig> {
    let Some(url) = url else {
        return Ok(ProxyConfig::disabled());
    };
    let (user, password) = (
        plain(url.username()),
        plain(url.password().unwrap_or_default()),
    );
    let mut bare = url.clone();
    // Fails only for addresses without a host, which the next step refuses.
    let _ = bare.set_username("").and(bare.set_password(None));
    let wrong = |_| wrong_proxy(&bare);
    let mut proxy = make(bare.as_str().to_owned()).map_err(wrong)?;
    if !user.is_empty() {
        proxy = proxy.with_basic_auth(user, password);
    }
    Ok(proxy.no_proxy(network.no_proxy.as_deref().unwrap_or_default()))
}

fn plain(encoded: &str) -> String {
    percent_encoding::percent_decode_str(encoded)
        .decode_utf8_lossy()
        .into_owned()
}

fn wrong_proxy(bare: &Url) -> Error {
    Failure::new("use", format!("the proxy {bare}"))
        .advice("write it as http://proxy.example:8080")
        .invalid_input()
}

/// What all connections of a store have in common.
#[derive(Debug)]
struct Limits {
    requests: Semaphore,
    breakers: Breakers,
    timeout: Duration,
    idle: Duration,
    deadline: Duration,
}

impl Limits {
    fn new(network: &Network) -> Self {
        Self {
            requests: Semaphore::new(network.connections.get() as usize),
            breakers: Breakers::new(network),
            timeout: network.timeout,
            idle: network.idle_timeout,
            deadline: network.deadline,
        }
    }

    /// How long nothing may move. What the server does on its own before it answers, such as copying,
    /// takes as long as it takes.
    fn patience(&self, request: &HttpRequest) -> Duration {
        let copies = request.headers().get("x-amz-copy-source").is_some();
        let joins = request.method() == "POST" && request.uri().contains("uploadId=");
        match copies || joins {
            true => self.deadline,
            false => self.timeout,
        }
    }
}

#[derive(Debug)]
struct Wire {
    plain: SharedHttpConnector,
    secure: SharedHttpConnector,
    limits: Arc<Limits>,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (host, is_plain) = match request.uri().parse::<Url>() {
            Ok(url) => (url.authority().to_owned(), url.scheme() == "http"),
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connector = match is_plain {
            true => self.plain.clone(),
            false => self.secure.clone(),
        };
        let limits = Arc::clone(&self.limits);
        HttpConnectorFuture::new(async move { limits.send(&host, connector, request).await })
    }
}

impl Limits {
    async fn send(
        &self,
        host: &str,
        connector: SharedHttpConnector,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let _permit = self.requests.acquire().await;
        if let Err(left) = self.breakers.ask(host) {
            let text = format!(
                "{host} has failed repeatedly and is spared for {} s",
                left.as_secs()
            );
            return Err(ConnectorError::other(text.into(), None));
        }
        let result = self.watched(connector, request).await;
        self.breakers.told(host, verdict(&result));
        result.map(|response| self.received(response))
    }

    /// Sends a request, and gives up when nothing has moved for too long.
    async fn watched(
        &self,
        connector: SharedHttpConnector,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let patience = self.patience(&request);
        let progress = Arc::new(Progress::default());
        let body = std::mem::replace(request.body_mut(), SdkBody::taken());
        let body = Flow::up(body, Arc::clone(&progress));
        *request.body_mut() = SdkBody::from_body_1_x(body);
        tokio::select! {
            result = connector.call(request) => result,
            () = progress.stalled(patience) => {
                let text = format!("nothing has moved for {} s", patience.as_secs());
                Err(ConnectorError::timeout(text.into()))
            }
        }
    }

    fn received(&self, mut response: HttpResponse) -> HttpResponse {
        // Some servers send it twice, over which the SDK stumbles; nobody asks for it.
        response.headers_mut().remove(KEY_SUM);
        response.map(|body| SdkBody::from_body_1_x(Flow::down(body, self.idle)))
    }
}

fn verdict(result: &Result<HttpResponse, ConnectorError>) -> Verdict {
    match result {
        Ok(response) if matches!(response.status().as_u16(), 500 | 502..=504) => Verdict::Failed,
        Err(error) if !error.is_user() => Verdict::Failed,
        _ => Verdict::Answered,
    }
}
