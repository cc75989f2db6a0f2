//! What this machine is, by the metadata server of its cloud (the page “Get credentials and tokens from
//! the metadata server”), and else who is logged in with `gcloud`.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use gcp_auth::{GCloudAuthorizedUser, TokenProvider};
use rsmf_http::{
    Client, Error as HttpError,
    header::{HeaderName, HeaderValue},
    oauth2::{Issuer, Token},
};
use serde::Deserialize;
use tokio::{runtime::Handle, time::Instant};
use url::Url;

use super::{SCOPE, file::Ambience};

/// How long a connection to the metadata server may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

const FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");
const ACCOUNT: &str = "/computeMetadata/v1/instance/service-accounts/default";

/// Why the machine does not say what it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum AmbientError {
    #[error("the metadata server gives no token")]
    Metadata(#[source] HttpError),
    #[error("at the place of the metadata server is something else")]
    NotMetadata,
    #[error("there are no credentials here: no file, no metadata server, and gcloud has none")]
    Nothing(#[source] gcp_auth::Error),
    #[error("gcloud could not be asked")]
    Gcloud(#[from] tokio::task::JoinError),
}

/// Gives the tokens of this machine.
#[derive(Clone)]
pub(super) struct Ambient {
    client: Client,
    place: Ambience,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl Ambient {
    pub(super) fn new(client: Client, place: Ambience) -> Self {
        Self { client, place }
    }

    /// The service account of this machine.
    pub(super) async fn email(&self) -> Result<String, AmbientError> {
        let answer = self.ask("email").await?;
        let bytes = answer.bytes().await.map_err(AmbientError::Metadata)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    async fn ask(&self, what: &str) -> Result<rsmf_http::Response, AmbientError> {
        let mut url: Url = self.place.metadata.clone();
        url.set_path(&format!("{ACCOUNT}/{what}"));
        let flavor = HeaderValue::from_static("Google");
        let request = self
            .client
            .get(url)
            .operation("gcs.metadata")
            .limit(64 * 1024)
            .whole();
        let answer = request.header(FLAVOR, flavor.clone()).send().await;
        let answer = answer.map_err(AmbientError::Metadata)?;
        // A host that answers to anything is not believed.
        match answer.headers().get(FLAVOR) == Some(&flavor) {
            true => Ok(answer),
            false => Err(AmbientError::NotMetadata),
        }
    }

    async fn token(&self) -> Result<Token, AmbientError> {
        let asked = Instant::now();
        let answer = self.ask("token").await?;
        let answer: Answer = answer.json().await.map_err(AmbientError::Metadata)?;
        let lifetime = Duration::from_secs(answer.expires_in);
        Ok(Token::new(
            answer.access_token.into(),
            asked,
            Some(lifetime),
        ))
    }
}

#[async_trait]
impl Issuer for Ambient {
    type Error = AmbientError;

    async fn issue(&self) -> Result<Token, AmbientError> {
        match self.token().await {
            Err(AmbientError::Metadata(error)) if !self.place.is_certain && is_absent(&error) => {
                gcloud().await
            }
            token => token,
        }
    }
}

/// Whether there is no such server: nobody answers to its name.
fn is_absent(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::Network { .. } | HttpError::TimedOut { .. } | HttpError::CircuitOpen { .. }
    )
}

/// `gcp_auth` waits for the program where it is called.
async fn gcloud() -> Result<Token, AmbientError> {
    let asked = Instant::now();
    let runtime = Handle::current();
    let found = tokio::task::spawn_blocking(move || {
        runtime.block_on(async { GCloudAuthorizedUser::new().await?.token(&[SCOPE]).await })
    });
    let token: Arc<gcp_auth::Token> = found.await?.map_err(AmbientError::Nothing)?;
    let end = token.expires_at().timestamp();
    let left = u64::try_from(end - jiff::Timestamp::now().as_second()).unwrap_or_default();
    let lifetime = Duration::from_secs(left);
    Ok(Token::new(
        token.as_str().to_owned().into(),
        asked,
        Some(lifetime),
    ))
}
