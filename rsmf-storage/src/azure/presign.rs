//! Addresses that work without credentials (“Create a service SAS”, “Create a user delegation SAS”).

use std::time::{Duration, SystemTime};

use azure_core::{credentials::Secret as SdkSecret, hmac::hmac_sha256, time::OffsetDateTime};
use azure_storage_blob::models::{BlobServiceClientGetUserDelegationKeyOptions, KeyInfo};
use base64::{Engine, prelude::BASE64_STANDARD};
use rsmf_core::{
    Failure, Result,
    integration::{Grant, PresignOptions, Presigned, StorePath},
};
use url::form_urlencoded::Serializer;

use super::{
    Inner,
    auth::{Authorization, iso},
    names,
};

/// The version whose rules the signature follows.
const VERSION: &str = "2022-11-02";

/// The clocks of others may be late.
const SLACK: Duration = Duration::from_secs(300);

/// Keys of Entra ID are good for so long at the most.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// What is granted.
struct Terms {
    permission: &'static str,
    /// Whether it is for a blob or for a container.
    kind: &'static str,
    start: String,
    end: String,
    protocol: &'static str,
    /// The name by which the signature knows the object.
    resource: String,
}

/// A key that Entra ID's user got for signing.
struct DelegationKey {
    /// Whose it is, of which tenant, from when, until when, for which service, by which version.
    parts: [String; 6],
    secret: SdkSecret,
}

impl Inner {
    pub(super) async fn presign(
        &self,
        path: &StorePath,
        options: &PresignOptions,
    ) -> Result<Presigned> {
        // A folder's name is no object's, and may be none at all.
        if options.grant != Grant::ReadAndList {
            names::check(path)?;
        }
        if options.password.is_some() {
            return Err(self.refused(path, "an address of Azure has no password"));
        }
        let terms = self.terms(path, options);
        let query = match &self.client.authorization {
            Authorization::Key(key) => {
                let signature = key.sign(&terms.by_account());
                let signature = signature.map_err(|error| self.failed(path, error))?;
                terms.query(&[("sig", &signature)])
            }
            Authorization::Token { .. } => self.delegated(path, &terms, options.valid_for).await?,
            Authorization::Sas(_) | Authorization::Nothing => {
                return Err(self.refused(path, "only an account's key or a token can sign one"));
            }
        };
        let mut url = match path.is_root() {
            true => self.client.container.url().clone(),
            false => self.client.url(path),
        };
        url.set_query(Some(&query));
        let headers = match options.grant {
            Grant::Get | Grant::ReadAndList => Vec::new(),
            Grant::Put => vec![("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())],
        };
        Ok(Presigned {
            url: url.to_string().into(),
            headers,
        })
    }

    fn terms(&self, path: &StorePath, options: &PresignOptions) -> Terms {
        let now = SystemTime::now();
        let end = now.checked_add(options.valid_for).unwrap_or(now);
        let container = self.client.name.rsplit('/').next().unwrap_or_default();
        let account = &self.client.account;
        let whole = format!("/blob/{account}/{container}");
        let (permission, kind, resource) = match options.grant {
            Grant::Get => ("r", "b", format!("{whole}/{}", path.as_str())),
            Grant::Put => ("cw", "b", format!("{whole}/{}", path.as_str())),
            // Only accounts with a hierarchical namespace sign folders; all sign containers.
            Grant::ReadAndList => ("rl", "c", whole),
        };
        Terms {
            permission,
            kind,
            start: iso(now.checked_sub(SLACK).unwrap_or(now)),
            end: iso(end),
            protocol: match self.client.container.url().scheme() {
                "http" => "https,http",
                _ => "https",
            },
            resource,
        }
    }

    /// Signs by a key that Entra ID's user gets for it.
    async fn delegated(&self, path: &StorePath, terms: &Terms, span: Duration) -> Result<String> {
        if span > LONGEST {
            return Err(Failure::new("make an address for", self.target(path))
                .source("without the account's key, one is good for 7 days at the most")
                .invalid_input());
        }
        let key = self.delegation_key(path, span).await?;
        let parts = ["skoid", "sktid", "skt", "ske", "sks", "skv"];
        let values = key.parts.each_ref().map(String::as_str);
        let signature = hmac_sha256(&terms.by_user(values), &key.secret);
        let signature = signature.map_err(|error| self.failed(path, error))?;
        let mut more: Vec<_> = parts.into_iter().zip(values).collect();
        more.push(("sig", &signature));
        Ok(terms.query(&more))
    }

    async fn delegation_key(&self, path: &StorePath, span: Duration) -> Result<DelegationKey> {
        let call = self.client.call("make an address for", path);
        let now = OffsetDateTime::now_utc();
        let info = KeyInfo {
            start: Some(now - SLACK),
            expiry: Some(now + span),
            ..KeyInfo::default()
        };
        let wrong = |error: azure_core::Error| self.failed(path, error);
        let info = info.try_into().map_err(wrong)?;
        let found = call
            .run(async |method_options| {
                let options = BlobServiceClientGetUserDelegationKeyOptions {
                    method_options,
                    ..BlobServiceClientGetUserDelegationKeyOptions::default()
                };
                self.client
                    .service
                    .get_user_delegation_key(info, Some(options))
                    .await
            })
            .await?;
        let found = found.into_model().map_err(wrong)?;
        let seconds = |time: Option<OffsetDateTime>| {
            let seconds = time?.unix_timestamp().try_into().ok()?;
            Some(iso(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)))
        };
        let key = || {
            let parts = [
                found.signed_oid?,
                found.signed_tid?,
                seconds(found.signed_start)?,
                seconds(found.signed_expiry)?,
                found.signed_service?,
                found.signed_version?,
            ];
            let secret = SdkSecret::new(BASE64_STANDARD.encode(found.value?));
            Some(DelegationKey { parts, secret })
        };
        key().ok_or_else(|| call.failure().source("the key is incomplete").integrity())
    }

    fn target(&self, path: &StorePath) -> String {
        format!("{}/{path}", self.client.name)
    }

    fn failed(&self, path: &StorePath, error: azure_core::Error) -> rsmf_core::Error {
        let failure = Failure::new("make an address for", self.target(path));
        super::error::failure(failure, error)
    }

    fn refused(&self, path: &StorePath, why: &'static str) -> rsmf_core::Error {
        let failure = Failure::new("make an address for", self.target(path));
        failure.source(why).unsupported()
    }
}

impl Terms {
    fn by_account(&self) -> String {
        let head = [self.permission, &self.start, &self.end, &self.resource, ""];
        [&head[..], &self.tail()].concat().join("\n")
    }

    fn by_user(&self, key: [&str; 6]) -> String {
        let head = [self.permission, &self.start, &self.end, &self.resource];
        [&head[..], &key, &["", "", ""], &self.tail()]
            .concat()
            .join("\n")
    }

    /// Address, protocol, version, kind; snapshot, scope of encryption and headers are not used.
    fn tail(&self) -> [&str; 11] {
        [
            "",
            self.protocol,
            VERSION,
            self.kind,
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let own = [
            ("sv", VERSION),
            ("st", &self.start),
            ("se", &self.end),
            ("sr", self.kind),
            ("sp", self.permission),
            ("spr", self.protocol),
        ];
        let mut query = Serializer::new(String::new());
        query.extend_pairs(own).extend_pairs(more).finish()
    }
}
