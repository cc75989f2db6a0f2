//! How an instance of Relativity is reached.

use std::time::Duration;

use rsmf_core::secret::Secret;
use rsmf_http::Config as HttpConfig;
use serde::Deserialize;
use url::Url;

/// How an instance of Relativity is reached. Only the address and credentials are needed; what else there is has
/// the default that stands at it.
///
/// ```
/// use rsmf_relativity::RelativityConfig;
///
/// let config: RelativityConfig = toml::from_str(r#"
///     host = "https://acme.relativity.one"
///     auth.oauth2 = { client_id = "rsmf", client_secret = { env = "RELATIVITY_SECRET" } }
///     transfer.auth.oauth2 = { client_id = "rsmf-transfer", client_secret = { file = "transfer.key" } }
///
///     [options]
///     processing = "v1"
///
///     [http]
///     timeout = "2m"
/// "#)?;
/// assert_eq!(config.options.page_size, 500);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RelativityConfig {
    /// Scheme and host, and nothing else: `https://acme.relativity.one`.
    pub host: Url,
    /// Who asks.
    pub auth: Auth,
    /// The Transfer Service, where it needs something of its own.
    #[serde(default)]
    pub transfer: TransferConfig,
    /// What differs between instances, or is not known for sure.
    #[serde(default)]
    pub options: Options,
    /// Patience, proxies, certificates. Status 500 does not make a host look as if it were down: ordinary refusals
    /// come with it.
    #[serde(default)]
    pub http: HttpConfig,
}

/// Who asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Auth {
    /// An OAuth2 client of the kind “client credentials”, as RelativityOne wants it. What is done, is done as its
    /// context user.
    OAuth2 {
        /// The client's id.
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
    },
    /// A user with a password, as Relativity Server knows them.
    Basic {
        /// The user's name, as a rule an e-mail address.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// How the Transfer Service is reached.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TransferConfig {
    /// Who asks, where it is somebody else than for the rest: the service refuses system administrators, while other
    /// services may want one.
    pub auth: Option<Auth>,
    /// Where the service is: `/transfer-service/api` on the host.
    pub url: Option<Url>,
    /// What jobs are called by the service (`transferType`): nothing, since no values are published.
    pub kind: Option<String>,
    /// By which words in its status a job is known to have ended.
    pub words: TransferWords,
}

/// Parts of words, in any case, by which the status of a transfer job is understood. The words themselves are not
/// published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TransferWords {
    /// Everything that could be copied is: `complet`, `succe`.
    pub completed: Vec<String>,
    /// It ended without: `fail`, `fatal`.
    pub failed: Vec<String>,
    /// Somebody stopped it: `cancel`.
    pub cancelled: Vec<String>,
}

impl Default for TransferWords {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Self {
            completed: words(&["complet", "succe"]),
            failed: words(&["fail", "fatal"]),
            cancelled: words(&["cancel"]),
        }
    }
}

/// What differs between instances of Relativity, or is not known for sure.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Options {
    /// What the program calls itself, so that limits count it by itself (`X-Kepler-Referrer`): `rsmf`. An empty
    /// one is not sent.
    pub referrer: String,
    /// What stands in the header `X-CSRF-Header`, without which nothing is answered: `-`.
    pub csrf: String,
    /// Where the services are on the host: `/Relativity.REST/api`.
    pub rest_path: String,
    /// Where tokens are given on the host: `/Relativity/Identity/connect/token`.
    pub token_path: String,
    /// What tokens are asked to allow: `SystemUserInfo`.
    pub scope: String,
    /// How long a token lives where the service does not say: 1 h.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub token_lifetime: Duration,
    /// Which routes of Processing are asked: `auto`.
    pub processing: Generation,
    /// Which routes of the Object Manager are asked: `auto`; `v0` are those without a version.
    pub objects: Generation,
    /// Which routes of the short-message viewer are asked: `auto`. `v1` are those of RelativityOne's descriptions
    /// (`short-messages`), `v0` those of the pages for Server (`short-message`).
    pub short_messages: Generation,
    /// What stands before the newer routes of the short-message viewer: nothing, as the descriptions have it.
    pub short_messages_path: String,
    /// What stands before the routes of Legal Hold: nothing.
    pub legal_hold_path: String,
    /// The number of the first result of a query: 1, as the pages have it; samples send 0.
    pub first_result: u64,
    /// How many results are asked for at once: 500.
    pub page_size: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            referrer: "rsmf".to_owned(),
            csrf: "-".to_owned(),
            rest_path: "/Relativity.REST/api".to_owned(),
            token_path: "/Relativity/Identity/connect/token".to_owned(),
            scope: "SystemUserInfo".to_owned(),
            token_lifetime: Duration::from_secs(3600),
            processing: Generation::Auto,
            objects: Generation::Auto,
            short_messages: Generation::Auto,
            short_messages_path: String::new(),
            legal_hold_path: String::new(),
            first_result: 1,
            page_size: 500,
        }
    }
}

/// Which routes of a service are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Generation {
    /// The newer ones, and the older ones where the service says that it has no newer ones.
    #[default]
    Auto,
    /// The newer ones.
    V1,
    /// The older ones.
    V0,
}

impl RelativityConfig {
    /// An instance at this address, asked by these credentials.
    pub fn new(host: Url, auth: Auth) -> Self {
        Self {
            host,
            auth,
            transfer: TransferConfig::default(),
            options: Options::default(),
            http: HttpConfig::default(),
        }
    }
}

impl Auth {
    /// An OAuth2 client.
    pub fn oauth2(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self::OAuth2 {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
        }
    }

    /// A user with a password.
    pub fn basic(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::Basic {
            user: user.into(),
            password: password.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_refused() {
        for text in [
            "host = 'https://a.example'",
            "host = 'https://a.example'\nauth.basic = { user = 'a', password = 'x' }",
            "host = 'https://a.example'\nauth.basic = { user = 'a', password = { env = 'P' }, x = 1 }",
            "host = 'https://a.example'\nauth.basic = { user = 'a', password = { env = 'P' } }\n[options]\nx = 1",
        ] {
            assert!(toml::from_str::<RelativityConfig>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_of_a_secret_is_shown() {
        let host = "https://a.example".parse().unwrap();
        let config = RelativityConfig::new(host, Auth::basic("ada", "pl4nted-s3cret-1"));
        assert!(!format!("{config:?}").contains("pl4nted"));
    }
}
