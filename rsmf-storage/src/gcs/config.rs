//! How a bucket is reached.

use rsmf_core::secret::Secret;
use serde::Deserialize;
use url::Url;

use crate::{Network, Settings, Transfer};

/// How Google Cloud Storage is talked to. Everything has a default, with which buckets are opened by the
/// credentials that Google's own tools would use.
///
/// ```
/// use rsmf_storage::gcs::GcsConfig;
///
/// let config: GcsConfig = toml::from_str(r#"
///     credentials = { file = "key.json" }
///     impersonate = "exports@acme.iam.gserviceaccount.com"
///     storage_class = "NEARLINE"
///     user_project = "acme-billing"
///     [transfer]
///     part_size = "16 MiB"
/// "#)?;
/// assert_eq!(config.storage_class.as_deref(), Some("NEARLINE"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct GcsConfig {
    /// Where the service is: `https://storage.googleapis.com`. Where not set, `STORAGE_EMULATOR_HOST` names
    /// an emulator, to which no credentials are shown.
    pub endpoint: Option<Url>,
    /// Show no credentials at all: for buckets that are open to everybody, and for emulators.
    pub anonymous: bool,
    /// The content of a file with credentials (JSON), of any kind that `GOOGLE_APPLICATION_CREDENTIALS` may
    /// name. Where not set, they are looked for; see the [module](super).
    pub credentials: Option<Secret>,
    /// Act as this service account, which has to let the credentials do so.
    pub impersonate: Option<String>,
    /// The service accounts through which that right is passed on, the first one next to the credentials.
    pub delegates: Vec<String>,
    /// Host and port of the metadata server that gives tokens: `metadata.google.internal`, or what
    /// `GCE_METADATA_HOST` says.
    pub metadata_host: Option<String>,
    /// Where service accounts give tokens and signatures: `https://iamcredentials.googleapis.com`.
    pub iam_endpoint: Option<Url>,
    /// The project to which buckets belong that are created or listed. Where not set, that of the
    /// credentials, or of `GOOGLE_CLOUD_PROJECT`.
    pub project: Option<String>,
    /// Where buckets are created, such as `EUROPE-WEST3`: `US` where not set, as the service has it.
    pub location: Option<String>,
    /// The project that pays for requests and transfer, for buckets whose owner does not.
    pub user_project: Option<String>,
    /// How new objects and buckets are kept, such as `NEARLINE`, where whoever writes them says nothing else;
    /// where not set, as the bucket has it.
    pub storage_class: Option<String>,
    /// The key by which new objects are encrypted:
    /// `projects/…/locations/…/keyRings/…/cryptoKeys/…`. Where not set, as the bucket has it.
    pub kms_key: Option<String>,
    /// How objects are moved. One object goes up part by part, because the service takes them so; parts are
    /// multiples of 256 KiB.
    pub transfer: Transfer,
    /// The way to the service, and patience.
    pub network: Network,
}

impl GcsConfig {
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

    /// Shows no credentials.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Sets the [`credentials`](Self::credentials).
    #[must_use]
    pub fn credentials(mut self, credentials: Secret) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Acts as this service account.
    #[must_use]
    pub fn impersonate(mut self, email: impl Into<String>) -> Self {
        self.impersonate = Some(email.into());
        self
    }

    /// Sets the [`project`](Self::project).
    #[must_use]
    pub fn project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }
}
