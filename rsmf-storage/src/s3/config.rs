//! How a bucket is reached.

use bytesize::ByteSize;
use rsmf_core::secret::Secret;
use serde::Deserialize;
use url::Url;

use crate::{Network, Settings, Transfer};

/// How S3, or a server that speaks its protocol, is talked to. Everything has a default, with which buckets
/// of Amazon are found by the credentials that the AWS command line would use.
///
/// ```
/// use rsmf_storage::s3::S3Config;
///
/// let config: S3Config = toml::from_str(r#"
///     endpoint = "https://minio.example:9000"
///     access_key_id = { env = "MINIO_KEY" }
///     secret_access_key = { keyring = "minio/me" }
///     encryption = { kms = { key = "alias/evidence" } }
///     [network]
///     ca_file = "company-ca.pem"
/// "#)?;
/// assert!(config.uses_path_style());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct S3Config {
    /// The region, such as `eu-central-1`. Where not set, what environment and profile say, else `us-east-1`.
    pub region: Option<String>,
    /// The address of a server that is not Amazon's; may begin with `http://`. Where not set, what environment
    /// (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`) and profile say.
    pub endpoint: Option<Url>,
    /// Whether the bucket stands in the path of an address rather than in the name of its host. Where not
    /// set, it does for servers that are not Amazon's.
    pub path_style: Option<bool>,
    /// Ask through Amazon's addresses of IPv6 and IPv4.
    pub dual_stack: bool,
    /// Ask only endpoints with validated cryptography (FIPS 140).
    pub fips: bool,
    /// The profile in `~/.aws/config` and `~/.aws/credentials` that gives credentials and region. Its credentials
    /// count before those of the environment.
    pub profile: Option<String>,
    /// The key to show, with [`secret_access_key`](Self::secret_access_key). Where not set, the SDK's chain
    /// looks for credentials: environment, profile (also with SSO, a process or roles), web identity,
    /// container, instance.
    pub access_key_id: Option<Secret>,
    /// The secret of that key.
    pub secret_access_key: Option<Secret>,
    /// What goes with keys that are good for some time only.
    pub session_token: Option<Secret>,
    /// Show no credentials at all: for buckets that are open to everybody.
    pub anonymous: bool,
    /// Take on this role with the credentials found, and act as it.
    pub assume_role: Option<AssumeRole>,
    /// How new objects are encrypted; where not set, as the bucket's own settings say.
    pub encryption: Option<Encryption>,
    /// How new objects are kept, such as `STANDARD_IA`, where whoever writes them says nothing else.
    pub storage_class: Option<String>,
    /// Agree to pay for requests and transfer, for buckets whose owner does not.
    pub requester_pays: bool,
    /// Objects larger than this are copied within the store in parts; at most 5 GiB, which is the default
    /// and what S3 copies in one request.
    pub copy_in_parts_above: Option<ByteSize>,
    /// How objects are moved. Parts have at least 5 MiB, as S3 demands.
    pub transfer: Transfer,
    /// The way to the server, and patience.
    pub network: Network,
}

/// A role to take on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AssumeRole {
    /// Its name, `arn:aws:iam::…:role/…`.
    pub arn: String,
    /// What the role's owner has agreed on with whoever takes it on.
    #[serde(default)]
    pub external_id: Option<String>,
    /// By what name the session stands in the logs of the role's owner: `rsmf` where not set.
    #[serde(default)]
    pub session_name: Option<String>,
}

/// How objects are encrypted by the server.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Encryption {
    /// With keys of the service (SSE-S3).
    S3,
    /// With a key of the key management service (SSE-KMS).
    Kms {
        /// The key: id, alias or ARN; the account's own for S3 where not set.
        #[serde(default)]
        key: Option<String>,
        /// Ask that service less often, by a key for the whole bucket.
        #[serde(default)]
        bucket_key: bool,
    },
    /// With a key that goes along with each request and is kept nowhere (SSE-C): 32 bytes as base64. Who
    /// loses it loses the objects. Needs `https`.
    Customer {
        /// The key.
        key: Secret,
    },
}

impl S3Config {
    /// The usual configuration with these settings.
    pub fn with(settings: &Settings) -> Self {
        Self {
            transfer: settings.transfer.clone(),
            network: settings.network.clone(),
            ..Self::default()
        }
    }

    /// Sets the [`endpoint`](Self::endpoint).
    #[must_use]
    pub fn endpoint(mut self, endpoint: Url) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Sets the [`region`](Self::region).
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets what to show.
    #[must_use]
    pub fn keys(mut self, access_key_id: Secret, secret_access_key: Secret) -> Self {
        self.access_key_id = Some(access_key_id);
        self.secret_access_key = Some(secret_access_key);
        self
    }

    /// Sets the role to take on.
    #[must_use]
    pub fn assume_role(mut self, role: AssumeRole) -> Self {
        self.assume_role = Some(role);
        self
    }

    /// Sets the [`encryption`](Self::encryption).
    #[must_use]
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// Whether the bucket stands in the path of addresses, as far as that can be told from here: an endpoint that the
    /// environment names counts as well.
    pub fn uses_path_style(&self) -> bool {
        self.path_style.unwrap_or(self.endpoint.is_some())
    }
}

impl AssumeRole {
    /// The role of this name.
    pub fn new(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            external_id: None,
            session_name: None,
        }
    }
}
