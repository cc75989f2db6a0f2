//! What can be configured.

use rsmf_core::secret::Secret;
use serde::Deserialize;

use crate::{Network, Settings, Transfer};

/// How to talk to a WebDAV or a Nextcloud server.
///
/// ```
/// use rsmf_storage::webdav::DavConfig;
///
/// let config: DavConfig = toml::from_str(r#"
///     user = "ada"
///     password = { env = "REVIEW_APP_PASSWORD" }
///     server_path = "/nextcloud"
/// "#)?;
/// assert_eq!(config.user.as_deref(), Some("ada"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DavConfig {
    /// Who logs in, where the address does not say so.
    pub user: Option<String>,
    /// The user's password; for Nextcloud, best one that was made for this program (an “app password”),
    /// which is needed where a second factor is. Where neither this nor a token is given, it is the environment variable
    /// `RSMF_DAV_PASSWORD`, if the [`SecretSource`](rsmf_core::secret::SecretSource) has it.
    pub password: Option<Secret>,
    /// A bearer token (RFC 6750), in the place of user and password.
    pub token: Option<Secret>,
    /// Where the server begins, if that is not the root of its host: `/nextcloud`. For Nextcloud, it is
    /// found by asking for `status.php` up the path of the address; everything else on the host stays untouched.
    pub server_path: Option<String>,
    /// By what name Nextcloud keeps the user's files; it differs from the name at log-in where that is an e-mail address or
    /// comes from a directory. The server is asked where it is not given.
    pub user_id: Option<String>,
    /// Ask for whole trees in one request (`Depth: infinity`), where the server answers those. It is
    /// quicker where there are many small folders; trees with more than 10,000 entries are asked for folder by folder all the same.
    pub infinite_depth: bool,
    /// How objects are moved.
    pub transfer: Transfer,
    /// The way to the server, and patience.
    pub network: Network,
}

impl DavConfig {
    /// The usual configuration with these settings.
    pub fn with(settings: &Settings) -> Self {
        Self {
            transfer: settings.transfer.clone(),
            network: settings.network.clone(),
            ..Self::default()
        }
    }

    /// Sets who logs in, and by what password.
    #[must_use]
    pub fn basic(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.user = Some(user.into());
        self.password = Some(password.into());
        self
    }

    /// Sets the token to show.
    #[must_use]
    pub fn bearer(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets where the server begins.
    #[must_use]
    pub fn server_path(mut self, path: impl Into<String>) -> Self {
        self.server_path = Some(path.into());
        self
    }

    /// Sets by what name Nextcloud keeps the user's files.
    #[must_use]
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = Some(id.into());
        self
    }

    /// Sets whether to ask for whole trees in one request.
    #[must_use]
    pub fn infinite_depth(mut self, wanted: bool) -> Self {
        self.infinite_depth = wanted;
        self
    }

    /// Sets how objects are moved.
    #[must_use]
    pub fn transfer(mut self, transfer: Transfer) -> Self {
        self.transfer = transfer;
        self
    }

    /// Sets the way to the server.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }
}
