//! Files with credentials, of each kind that Google's tools write (the page “How Application Default
//! Credentials works”; for identities of others, AIP-4117).

use std::{collections::BTreeMap, path::PathBuf};

use rsmf_core::{Failure, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use url::Url;

/// Credentials, or where they are.
pub(super) enum Credentials {
    ServiceAccount(ServiceAccount),
    AuthorizedUser(AuthorizedUser),
    ExternalAccount(Box<ExternalAccount>),
    Impersonated(Impersonated),
    /// What this machine is, by its metadata server, or else who is logged in with `gcloud`.
    Ambient(Ambience),
}

/// Where it is asked what this machine is.
#[derive(Clone)]
pub(super) struct Ambience {
    pub(super) metadata: Url,
    /// Whether there is nothing else to ask.
    pub(super) is_certain: bool,
}

/// The key of a service account.
#[derive(Deserialize)]
pub(super) struct ServiceAccount {
    pub(super) client_email: String,
    pub(super) private_key: SecretString,
    pub(super) private_key_id: Option<String>,
    #[serde(deserialize_with = "address")]
    pub(super) token_uri: Url,
    project_id: Option<String>,
}

/// What `gcloud auth application-default login` leaves.
#[derive(Deserialize)]
pub(super) struct AuthorizedUser {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) refresh_token: SecretString,
    #[serde(deserialize_with = "address")]
    pub(super) token_uri: Url,
    quota_project_id: Option<String>,
}

/// An identity that somebody else vouches for.
#[derive(Deserialize)]
pub(super) struct ExternalAccount {
    pub(super) audience: String,
    pub(super) subject_token_type: String,
    #[serde(deserialize_with = "address")]
    pub(super) token_url: Url,
    pub(super) credential_source: Source,
    #[serde(default, deserialize_with = "some_address")]
    pub(super) service_account_impersonation_url: Option<Url>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
    pub(super) workforce_pool_user_project: Option<String>,
    quota_project_id: Option<String>,
}

/// Where it says so.
#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) file: Option<PathBuf>,
    #[serde(default, deserialize_with = "some_address")]
    pub(super) url: Option<Url>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) format: Format,
}

impl Source {
    /// A service of this machine or its network, to which no proxy leads.
    pub(super) fn near(&self) -> Option<&Url> {
        self.url.as_ref().filter(|url| url.scheme() == "http")
    }
}

/// How it says so.
#[derive(Deserialize, Default)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Format {
    #[default]
    Text,
    Json {
        subject_token_field_name: String,
    },
}

/// What `gcloud auth application-default login --impersonate-service-account` leaves.
pub(super) struct Impersonated {
    pub(super) service_account_impersonation_url: Url,
    pub(super) delegates: Vec<String>,
    pub(super) source_credentials: Box<Credentials>,
}

/// Where Google gives tokens, for files that do not say so.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let url = text.map(|text| text.parse()).transpose();
    url.map_err(serde::de::Error::custom)
}

impl Credentials {
    /// Reads a file's content; nothing of it is shown in errors.
    pub(super) fn parse(text: &SecretString) -> Result<Self> {
        let text = text.expose_secret();
        match read::<Kind>(text)?.kind.as_str() {
            "service_account" => read_with_uri(text).map(Self::ServiceAccount),
            "authorized_user" => read_with_uri(text).map(Self::AuthorizedUser),
            "external_account" => read::<ExternalAccount>(text)?
                .checked()
                .map(|account| Self::ExternalAccount(account.into())),
            "impersonated_service_account" => Self::impersonated(text),
            _ => Err(refused("credentials of this kind are not known")),
        }
    }

    fn impersonated(text: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Raw {
            #[serde(deserialize_with = "address")]
            service_account_impersonation_url: Url,
            #[serde(default)]
            delegates: Vec<String>,
            source_credentials: serde_json::Value,
        }
        let raw: Raw = read(text)?;
        let source = Self::parse(&raw.source_credentials.to_string().into())?;
        if matches!(source, Self::Impersonated(_)) {
            return Err(refused(
                "they lead from one account to the next; name `delegates` instead",
            ));
        }
        Ok(Self::Impersonated(Impersonated {
            service_account_impersonation_url: raw.service_account_impersonation_url,
            delegates: raw.delegates,
            source_credentials: Box::new(source),
        }))
    }

    /// The project that they belong to.
    pub(super) fn project(&self) -> Option<String> {
        match self {
            Self::ServiceAccount(account) => account.project_id.clone(),
            Self::AuthorizedUser(user) => user.quota_project_id.clone(),
            Self::ExternalAccount(account) => account.quota_project_id.clone(),
            Self::Impersonated(account) => account.source_credentials.project(),
            Self::Ambient(_) => None,
        }
    }

    /// Whom to ask without a proxy.
    pub(super) fn near(&self) -> Option<&Url> {
        match self {
            Self::ExternalAccount(account) => account.credential_source.near(),
            Self::Impersonated(account) => account.source_credentials.near(),
            _ => None,
        }
    }

    /// Whom it takes to ask for a token.
    pub(super) fn hosts(&self) -> Vec<&Url> {
        match self {
            Self::ServiceAccount(account) => vec![&account.token_uri],
            Self::AuthorizedUser(user) => vec![&user.token_uri],
            Self::ExternalAccount(account) => {
                let mut hosts = vec![&account.token_url];
                hosts.extend(&account.service_account_impersonation_url);
                hosts.extend(&account.credential_source.url);
                hosts
            }
            Self::Impersonated(account) => {
                let mut hosts = account.source_credentials.hosts();
                hosts.push(&account.service_account_impersonation_url);
                hosts
            }
            Self::Ambient(_) => Vec::new(),
        }
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

impl ExternalAccount {
    fn checked(self) -> Result<Self> {
        match (&self.credential_source.file, &self.credential_source.url) {
            (Some(_), None) | (None, Some(_)) => Ok(self),
            _ => Err(refused(
                "of identities of others, those are known that lie in a file or at an address; AWS, programs \
                 and certificates are not",
            )),
        }
    }
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    serde_json::from_str(text).map_err(not_so)
}

/// What may leave out where tokens are given.
fn read_with_uri<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    let mut all: serde_json::Map<String, serde_json::Value> = read(text)?;
    all.entry("token_uri").or_insert_with(|| TOKEN_URI.into());
    serde_json::from_value(all.into()).map_err(not_so)
}

/// Where it is wrong; the message could repeat a part of a secret.
fn not_so(error: serde_json::Error) -> rsmf_core::Error {
    refused(match error.line() {
        0 => "something in them is missing, or of another type than it should be".to_owned(),
        line => format!(
            "they are not what they should be, at line {line}, column {}",
            error.column()
        ),
    })
}

fn refused(why: impl Into<String>) -> rsmf_core::Error {
    Failure::new("use", "the credentials for Google Cloud")
        .source(why.into())
        .advice(
            "give a JSON file of the type service_account, authorized_user, external_account or \
             impersonated_service_account",
        )
        .invalid_input()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Credentials> {
        Credentials::parse(&text.to_owned().into())
    }

    #[test]
    fn each_kind_is_read() {
        let user = r#"{"type":"authorized_user","client_id":"i","client_secret":"s","refresh_token":"r",
            "quota_project_id":"p"}"#;
        let found = parse(user).unwrap();
        assert_eq!(found.project().as_deref(), Some("p"));
        assert_eq!(
            found.hosts()[0].as_str(),
            "https://oauth2.googleapis.com/token"
        );
        let through = format!(
            r#"{{"type":"impersonated_service_account","service_account_impersonation_url":
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b:generateAccessToken",
            "delegates":[],"source_credentials":{user}}}"#
        );
        let found = parse(&through).unwrap();
        assert_eq!(found.hosts().len(), 2);
        let external = |source: &str| {
            parse(&format!(
                r#"{{"type":"external_account","audience":"//iam","subject_token_type":"jwt",
                "token_url":"https://sts.googleapis.com/v1/token","credential_source":{source}}}"#
            ))
        };
        for good in [
            r#"{"file":"/token"}"#,
            r#"{"url":"http://169.254.169.254/token","format":{"type":"json","subject_token_field_name":"t"}}"#,
        ] {
            assert!(external(good).is_ok(), "{good}");
        }
        for bad in [r#"{"environment_id":"aws1"}"#, r#"{"executable":{}}"#, "3"] {
            assert!(external(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_a_secret() {
        for text in [
            r#"{"type":"authorized_user","client_secret":"hush"}"#,
            r#"{"type":"hush"}"#,
            r#"{"type":"service_account","private_key":{"hush":1}}"#,
            "hush",
        ] {
            let Err(error) = parse(text) else {
                panic!("{text} is taken");
            };
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hush"), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_credentials_or_an_error(text: String) {
            let _ = parse(&text);
        }
    }
}
