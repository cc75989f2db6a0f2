//! Signing by the key of an account: requests (“Authorize with Shared Key”) and addresses (“Create a
//! service SAS”).

use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use azure_core::{
    credentials::Secret as SdkSecret,
    hmac::hmac_sha256,
    http::{
        Context, Request,
        headers::AUTHORIZATION,
        policies::{Policy, PolicyResult},
    },
    time::{OffsetDateTime, to_rfc7231},
};
use rsmf_core::{Failure, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::azure::retry::on;

/// The headers that are signed as they stand, but for the length.
const STANDARD: [&str; 11] = [
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
];

/// An account and its key.
#[derive(Clone)]
pub(in crate::azure) struct SharedKey {
    account: String,
    key: SdkSecret,
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKey")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl SharedKey {
    /// # Errors
    /// `InvalidInput` where the key is no Base64.
    pub(in crate::azure) fn new(account: &str, key: &SecretString) -> Result<Self> {
        let key = SdkSecret::new(key.expose_secret().trim().to_owned());
        hmac_sha256("", &key).map_err(|_| {
            Failure::new("use", format!("the key of the account {account}"))
                .source("it is not Base64")
                .advice("copy it from the account's “Access keys”")
                .invalid_input()
        })?;
        Ok(Self {
            account: account.to_owned(),
            key,
        })
    }

    /// What the key makes of a text: Base64.
    pub(in crate::azure) fn sign(&self, text: &str) -> azure_core::Result<String> {
        hmac_sha256(text, &self.key)
    }

    /// Dates and signs a request.
    pub(in crate::azure) fn authorize(&self, request: &mut Request) -> azure_core::Result<()> {
        request.insert_header("x-ms-date", to_rfc7231(&OffsetDateTime::now_utc()));
        let signature = self.sign(&self.text(request))?;
        request.insert_header(
            AUTHORIZATION,
            format!("SharedKey {}:{signature}", self.account),
        );
        Ok(())
    }

    fn text(&self, request: &Request) -> String {
        let headers: BTreeMap<String, &str> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim()))
            .collect();
        let length = request.body().len().filter(|length| *length > 0);
        let length = length.map(|length| length.to_string()).unwrap_or_default();
        let mut text = request.method().as_ref().to_owned();
        for name in STANDARD {
            text.push('\n');
            text.push_str(match name {
                "content-length" => &length,
                name => headers.get(name).copied().unwrap_or_default(),
            });
        }
        text.push('\n');
        let mut own: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name.starts_with("x-ms-"))
            .collect();
        own.sort_by_key(|(name, _)| order(name));
        for (name, value) in own {
            text.push_str(&format!("{name}:{value}\n"));
        }
        text.push_str(&self.resource(request));
        text
    }

    fn resource(&self, request: &Request) -> String {
        let url = request.url();
        let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in url.query_pairs() {
            let values = query.entry(name.to_ascii_lowercase()).or_default();
            values.push(value.into_owned());
        }
        let mut text = format!("/{}{}", self.account, url.path());
        for (name, mut values) in query {
            values.sort();
            text.push_str(&format!("\n{name}:{}", values.join(",")));
        }
        text
    }
}

/// The service sorts names as a dictionary does: `_` comes before digits.
fn order(name: &str) -> String {
    name.replace('_', "\u{1}")
}

#[allow(elided_lifetimes_in_paths, reason = "the SDK's trait has it so")]
#[async_trait]
impl Policy for SharedKey {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        self.authorize(request)?;
        on(context, request, next).await
    }
}

/// Adds a shared access signature to each request.
pub(in crate::azure) struct Sas(SecretString);

impl fmt::Debug for Sas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sas")
    }
}

impl Sas {
    /// # Errors
    /// `InvalidInput` where it is none.
    pub(in crate::azure) fn new(sas: &SecretString) -> Result<Self> {
        let text = sas.expose_secret().trim().trim_start_matches('?');
        let signed = url::form_urlencoded::parse(text.as_bytes()).any(|(name, _)| name == "sig");
        match signed && !text.contains(['#', ' ', '/']) {
            true => Ok(Self(text.to_owned().into())),
            false => Err(Failure::new("use", "the shared access signature")
                .source("it has no signature (`sig=`), or is a whole address")
                .advice("give what stands after the `?` of the address")
                .invalid_input()),
        }
    }

    /// Adds it to an address.
    pub(in crate::azure) fn sign(&self, url: &mut url::Url) {
        let sas = self.0.expose_secret();
        let query = match url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{sas}"),
            _ => sas.to_owned(),
        };
        url.set_query(Some(&query));
    }
}

#[allow(elided_lifetimes_in_paths, reason = "the SDK's trait has it so")]
#[async_trait]
impl Policy for Sas {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        self.sign(request.url_mut());
        on(context, request, next).await
    }
}

/// A time as signatures have it: seconds, UTC.
pub(in crate::azure) fn iso(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap_or(Duration::ZERO).as_secs();
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

#[cfg(test)]
mod tests {
    use azure_core::http::Method;

    use super::*;

    fn key() -> SharedKey {
        SharedKey::new("acme", &"cGw0bnRlZA==".into()).unwrap()
    }

    #[test]
    fn requests_are_signed_as_the_documentation_says() {
        let url = "https://acme.blob.core.windows.net/c/a%2Fb?restype=container&comp=list&include=b&Include=a";
        let mut request = Request::new(url.parse().unwrap(), Method::Put);
        request.insert_header("x-ms-date", "now");
        request.insert_header("x-ms-meta-a1", " 1 ");
        request.insert_header("x-ms-meta-a_1", "2");
        request.insert_header("content-type", "text/plain");
        request.set_body("abc");
        assert_eq!(
            key().text(&request),
            "PUT\n\n\n3\n\ntext/plain\n\n\n\n\n\n\nx-ms-date:now\nx-ms-meta-a_1:2\nx-ms-meta-a1:1\n\
             /acme/c/a%2Fb\ncomp:list\ninclude:a,b\nrestype:container"
        );
    }

    #[test]
    fn what_is_no_key_is_refused_and_none_is_shown() {
        assert!(SharedKey::new("acme", &"pl4nted-s3cret-!".into()).is_err());
        assert!(!format!("{:?}", key()).contains("cGw0"));
        for wrong in ["", "sv=1", "https://a/b?sig=x"] {
            assert!(Sas::new(&wrong.into()).is_err(), "{wrong}");
        }
        let sas = Sas::new(&"?sv=1&sig=a%2Bb".into()).unwrap();
        let mut url = "https://a/b?comp=list".parse().unwrap();
        sas.sign(&mut url);
        assert_eq!(url.as_str(), "https://a/b?comp=list&sv=1&sig=a%2Bb");
        assert_eq!(format!("{sas:?}"), "Sas");
    }

    #[test]
    fn times_have_no_fractions() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_999);
        assert_eq!(iso(time), "2023-11-14T22:13:20Z");
    }
}
