//! How a container is talked to.

use std::{fmt, path::PathBuf, sync::Arc};

use azure_core::credentials::TokenCredential;
use rsmf_core::secret::Secret;
use serde::Deserialize;
use url::Url;

use crate::{Network, Settings, Transfer};

/// How a container of Azure Blob Storage is talked to.
///
/// ```
/// use rsmf_storage::{AzureConfig, AzureCredential};
///
/// let config: AzureConfig = toml::from_str(r#"
///     endpoint = "https://acme.blob.core.usgovcloudapi.net"
///     authority = "https://login.microsoftonline.us"
///     [credential.client-secret]
///     tenant = "acme.example"
///     client = "6b9e4d1c-0000-0000-0000-000000000000"
///     secret = { env = "ACME_SECRET" }
///     [network]
///     timeout = "1m"
/// "#)?;
/// assert!(matches!(config.credential, AzureCredential::ClientSecret { .. }));
///
/// let config: AzureConfig = toml::from_str(r#"credential = { sas = { file = "sas.txt" } }"#)?;
/// assert!(matches!(config.credential, AzureCredential::Sas(_)));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AzureConfig {
    /// Who asks.
    pub credential: AzureCredential,
    /// Where the account is: `https://ACCOUNT.blob.core.windows.net`. Clouds of countries, private
    /// endpoints and emulators are elsewhere; an emulator has the account in its path.
    pub endpoint: Option<Url>,
    /// Who gives tokens: `https://login.microsoftonline.com`, or what `AZURE_AUTHORITY_HOST` says.
    pub authority: Option<Url>,
    /// Who gives virtual machines their tokens: `http://169.254.169.254`, or what
    /// `AZURE_POD_IDENTITY_AUTHORITY_HOST` says.
    pub metadata: Option<Url>,
    /// Whether the account has real folders (“hierarchical namespace”, Data Lake Storage), which changes the
    /// order in which it lists. Where not set, the account is asked.
    pub hierarchical: Option<bool>,
    /// How objects are moved.
    pub transfer: Transfer,
    /// The way to the server, and patience.
    pub network: Network,
}

impl AzureConfig {
    /// The usual configuration, with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            transfer: settings.transfer.clone(),
            network: settings.network.clone(),
            ..Self::default()
        }
    }

    /// Sets who asks.
    #[must_use]
    pub fn credential(mut self, credential: AzureCredential) -> Self {
        self.credential = credential;
        self
    }

    /// Sets where the account is.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Url) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Sets who gives tokens.
    #[must_use]
    pub fn authority(mut self, authority: Url) -> Self {
        self.authority = Some(authority);
        self
    }

    /// Sets who gives virtual machines their tokens.
    #[must_use]
    pub fn metadata(mut self, metadata: Url) -> Self {
        self.metadata = Some(metadata);
        self
    }
}

/// Who asks, and how they show it. All but the keys of accounts and signatures need `https`.
///
/// Names of variables are looked up where the program's
/// [`SecretSource`](rsmf_core::secret::SecretSource) allows it; only the SDK's managed identity reads
/// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` by itself, and the CLI is a program of its own.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum AzureCredential {
    /// The first that there is: a client by `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and
    /// `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH`; a workload by
    /// `AZURE_FEDERATED_TOKEN_FILE`; a managed identity; whoever has logged in by `az login`.
    #[default]
    Default,
    /// A client of Entra ID with a secret.
    ClientSecret {
        /// The tenant: its ID or domain.
        tenant: String,
        /// The client's ID.
        client: String,
        /// The secret.
        secret: Secret,
    },
    /// A client of Entra ID with a certificate.
    ClientCertificate {
        /// The tenant: its ID or domain.
        tenant: String,
        /// The client's ID.
        client: String,
        /// PEM with the certificate and its RSA key.
        certificate: Secret,
    },
    /// A client of Entra ID for which another service vouches, such as Kubernetes.
    WorkloadIdentity {
        /// The tenant: its ID or domain.
        tenant: String,
        /// The client's ID.
        client: String,
        /// The file in which the other service keeps its token.
        token_file: PathBuf,
    },
    /// The identity of the virtual machine, container or app that this runs in.
    ManagedIdentity {
        /// The client's ID, where there are several.
        client: Option<String>,
    },
    /// Whoever has logged in by `az login`.
    Cli,
    /// The key of the account, which may do everything.
    SharedKey(Secret),
    /// A shared access signature: what stands after the `?` of an address.
    Sas(Secret),
    /// A connection string, with a key or a signature. Its endpoint counts, unless one is configured.
    ConnectionString(Secret),
    /// Nobody: for containers that are open to all.
    Anonymous,
    /// What a program brings.
    #[serde(skip)]
    Custom(Arc<dyn TokenCredential>),
}

impl fmt::Debug for AzureCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl AzureCredential {
    /// Its name, as a configuration has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ClientSecret { .. } => "client-secret",
            Self::ClientCertificate { .. } => "client-certificate",
            Self::WorkloadIdentity { .. } => "workload-identity",
            Self::ManagedIdentity { .. } => "managed-identity",
            Self::Cli => "cli",
            Self::SharedKey(_) => "shared-key",
            Self::Sas(_) => "sas",
            Self::ConnectionString(_) => "connection-string",
            Self::Anonymous => "anonymous",
            Self::Custom(_) => "custom",
        }
    }
}
