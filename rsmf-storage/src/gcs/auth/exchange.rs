//! Identities that somebody else vouches for (workload identity federation): their token is exchanged for
//! one of Google (RFC 8693; the page “Workload Identity Federation”).

use std::{io, time::Duration};

use async_trait::async_trait;
use rsmf_core::Result;
use rsmf_http::{
    Client, Error as HttpError, Fixed, Method, SecretString,
    header::{HeaderName, HeaderValue},
    oauth2::{Issuer, Token},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    SCOPE,
    file::{ExternalAccount, Format, Source},
    wrong,
};

/// The most bytes of a token of somebody else.
const LARGEST: u64 = 256 * 1024;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeError {
    #[error("cannot read the token of the identity from {1}")]
    File(#[source] io::Error, String),
    #[error("cannot ask for the token of the identity")]
    Url(#[source] HttpError),
    #[error("what should hold the token of the identity does not")]
    NoToken,
    #[error("the token of the identity cannot be exchanged")]
    Exchange(#[source] HttpError),
}

/// Exchanges tokens.
pub(super) struct Exchange {
    client: Client,
    /// Goes to where the tokens of somebody else are.
    source: Client,
    account: ExternalAccount,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: Option<u64>,
}

impl Exchange {
    pub(super) fn new(client: Client, source: Client, account: ExternalAccount) -> Result<Self> {
        let mut headers = Vec::new();
        for (name, value) in &account.credential_source.headers {
            let wrong = |error| wrong("the headers in the credentials", error);
            let name: HeaderName = name.parse().map_err(|_| wrong("a name is none"))?;
            let value = HeaderValue::from_str(value);
            let mut value = value.map_err(|_| wrong("a value is none"))?;
            value.set_sensitive(true);
            headers.push((name, value));
        }
        Ok(Self {
            client,
            source,
            account,
            headers,
        })
    }

    /// The token of somebody else, as it is now.
    async fn subject(&self) -> Result<SecretString, ExchangeError> {
        let Source {
            file, url, format, ..
        } = &self.account.credential_source;
        let text = match (file, url) {
            (Some(file), _) => {
                let path = file.clone();
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
                read.map_err(|error| ExchangeError::File(error, file.display().to_string()))?
            }
            (None, Some(url)) => {
                let request = self.source.get(url.clone()).limit(LARGEST);
                let headers = self.headers.iter().cloned();
                let request = headers.fold(request, |request, (name, value)| {
                    request.header(name, value)
                });
                let answer = request.send().await.map_err(ExchangeError::Url)?;
                answer.bytes().await.map_err(ExchangeError::Url)?.to_vec()
            }
            (None, None) => return Err(ExchangeError::NoToken),
        };
        token(&text, format).ok_or(ExchangeError::NoToken)
    }
}

fn token(text: &[u8], format: &Format) -> Option<SecretString> {
    let token = match format {
        Format::Text => String::from_utf8(text.to_vec()).ok()?.trim().to_owned(),
        Format::Json {
            subject_token_field_name: field,
        } => {
            let all: serde_json::Value = serde_json::from_slice(text).ok()?;
            all.get(field)?.as_str()?.to_owned()
        }
    };
    (!token.is_empty()).then(|| token.into())
}

#[async_trait]
impl Issuer for Exchange {
    type Error = ExchangeError;

    async fn issue(&self) -> Result<Token, ExchangeError> {
        let subject = self.subject().await?;
        let account = &self.account;
        let project = account.workforce_pool_user_project.as_ref();
        let options =
            project.map(|project| serde_json::json!({ "userProject": project }).to_string());
        let mut form = vec![
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            (
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("audience", &account.audience),
            ("scope", SCOPE),
            ("subject_token_type", &account.subject_token_type),
            ("subject_token", subject.expose_secret()),
        ];
        form.extend(options.as_deref().map(|options| ("options", options)));
        let asked = Instant::now();
        let request = self
            .client
            .request(Method::POST, account.token_url.clone())
            .operation("gcs.exchange")
            .form(form)
            .limit(LARGEST)
            .whole()
            .repeatable();
        let request = match (&account.client_id, &account.client_secret) {
            (Some(id), Some(secret)) => {
                request.auth(std::sync::Arc::new(Fixed::basic(id, secret.clone())))
            }
            _ => request,
        };
        let answer = request.send().await.map_err(ExchangeError::Exchange)?;
        let answer: Answer = answer.json().await.map_err(ExchangeError::Exchange)?;
        let lifetime = answer.expires_in.map(Duration::from_secs);
        Ok(Token::new(answer.access_token.into(), asked, lifetime))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_a_text_or_a_field() {
        let found = |text: &[u8], format: &Format| {
            token(text, format).map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(found(b"t-1\n", &Format::Text).as_deref(), Some("t-1"));
        assert_eq!(found(b" \n", &Format::Text), None);
        let json = Format::Json {
            subject_token_field_name: "id".to_owned(),
        };
        assert_eq!(found(br#"{"id":"t-2"}"#, &json).as_deref(), Some("t-2"));
        assert_eq!(found(br#"{"id":2}"#, &json), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_token_or_none(text: Vec<u8>) {
            let _ = token(&text, &Format::Text);
        }
    }
}
