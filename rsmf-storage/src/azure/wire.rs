//! How the SDK's requests get to the service: by the HTTP client of `rsmf-http`, which sends each once.

use async_trait::async_trait;
use azure_core::{
    Error as SdkError,
    error::ErrorKind,
    http::{
        AsyncRawResponse, Body as SdkBody, HttpClient, Request,
        headers::{HeaderName, HeaderValue, Headers},
    },
};
use futures_util::{StreamExt, stream};
use rsmf_core::{Failure, Result};
use rsmf_http::{Client, Method, Response, header};
use url::Url;

use crate::{Network, http::client};

/// Where virtual machines of Azure ask for tokens.
const METADATA: &str = "http://169.254.169.254";

/// Sends the SDK's requests.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    metadata: Metadata,
}

/// Where the SDK asks for the tokens of a virtual machine, and where those are.
#[derive(Debug)]
struct Metadata {
    usual: Url,
    place: Url,
}

impl Metadata {
    fn new(place: Option<&Url>) -> Result<Self> {
        let usual = Url::parse(METADATA).map_err(|error| {
            let failure = Failure::new("use", METADATA);
            failure.source(error).other()
        })?;
        let place = place.unwrap_or(&usual).clone();
        Ok(Self { usual, place })
    }

    /// Where a request goes: the SDK knows the one address only.
    fn locate(&self, url: &Url) -> Url {
        let mut found = url.clone();
        if url.origin() == self.usual.origin() {
            found.clone_from(&self.place);
            found.set_path(url.path());
            found.set_query(url.query());
        }
        found
    }
}

impl Wire {
    /// One that goes to these places, and to where virtual machines get tokens, and nowhere else.
    pub(super) fn new(network: &Network, places: &[&Url], metadata: Option<&Url>) -> Result<Self> {
        let metadata = Metadata::new(metadata)?;
        let places: Vec<_> = places.iter().copied().chain([&metadata.place]).collect();
        let client = client(network, &places)?;
        Ok(Self { client, metadata })
    }

    async fn send(&self, request: &Request) -> azure_core::Result<Response> {
        let method = Method::from_bytes(request.method().as_ref().as_bytes()).map_err(unusable)?;
        let SdkBody::Bytes(bytes) = request.body() else {
            return Err(unusable("its body is no piece of memory"));
        };
        let mut out = self
            .client
            .request(method, self.metadata.locate(request.url()));
        // The SDK repeats requests, reads refusals and takes content as it is stored.
        out = out.once().any_status().as_stored().body(bytes.clone());
        for (name, value) in request.headers().iter() {
            let name = header::HeaderName::try_from(name.as_str()).map_err(unusable)?;
            // A body tells its own.
            if name != header::CONTENT_LENGTH || bytes.is_empty() {
                let value = header::HeaderValue::try_from(value.as_str()).map_err(unusable)?;
                out = out.header(name, value);
            }
        }
        out.send().await.map_err(failed)
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let response = self.send(request).await?;
        let status = response.status().as_u16().into();
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(
                    HeaderName::from(name.as_str().to_owned()),
                    HeaderValue::from(value.to_owned()),
                );
            }
        }
        let body = stream::try_unfold(response, async |mut response| {
            let piece = response.piece().await.map_err(failed)?;
            Ok(piece.map(|piece| (piece, response)))
        });
        Ok(AsyncRawResponse::new(status, headers, body.boxed()))
    }
}

/// What cannot be sent at all.
fn unusable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SdkError {
    SdkError::with_error(ErrorKind::Other, why, "the request cannot be sent")
}

/// The SDK tries again what failed by the network, and nothing else.
fn failed(error: rsmf_http::Error) -> SdkError {
    let kind = match &error {
        rsmf_http::Error::Network { .. } | rsmf_http::Error::TimedOut { .. } => ErrorKind::Io,
        _ => ErrorKind::Other,
    };
    SdkError::new(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_metadata_service_is_looked_for_elsewhere() {
        let url = |text: &str| Url::parse(text).unwrap();
        let token = url("http://169.254.169.254/metadata/identity/oauth2/token?resource=r");
        assert_eq!(Metadata::new(None).unwrap().locate(&token), token);
        let elsewhere = Metadata::new(Some(&url("http://127.0.0.1:40342/"))).unwrap();
        let there = "http://127.0.0.1:40342/metadata/identity/oauth2/token?resource=r";
        assert_eq!(elsewhere.locate(&token), url(there));
        let blob = url("https://acme.blob.core.windows.net/c/a?comp=tags");
        assert_eq!(elsewhere.locate(&blob), blob);
    }
}
