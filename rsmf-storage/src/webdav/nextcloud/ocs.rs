//! Nextcloud's own API (OCS): what a server can do.

use rsmf_core::{Result, secret::SecretSource};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::envelope::Caller;
use crate::webdav::{DavConfig, connect, href};

/// Asks a Nextcloud server by its own API: shares, users and groups.
///
/// ```no_run
/// use rsmf_core::secret::{NoSecrets, Secret};
/// use rsmf_storage::webdav::{DavConfig, nextcloud::{NewShare, Ocs}};
///
/// # async fn example() -> rsmf_core::Result<()> {
/// let server = "https://cloud.example.com/".parse().expect("an address");
/// let config = DavConfig::default().basic("ada", Secret::File("app-password.txt".into()));
/// let ocs = Ocs::connect(&server, &config, &NoSecrets)?;
/// let link = ocs.share(&NewShare::link("acme/review.zip").expires("2030-01-31".parse().unwrap())).await?;
/// # let _ = link;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Ocs {
    pub(super) caller: Caller,
}

/// What a server can do.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Capabilities {
    /// Its version.
    pub version: Version,
    /// What each of its apps can do, as the server tells it.
    pub capabilities: Map<String, Value>,
}

/// A version of Nextcloud.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub micro: u32,
    /// The whole of it, as it is shown.
    pub string: String,
}

impl Ocs {
    /// Asks the server that begins at this address. Nothing is sent yet.
    ///
    /// # Errors
    /// [`InvalidInput`](rsmf_core::Error::InvalidInput) for a configuration that cannot be used; what
    /// the source of secrets meets.
    pub fn connect(server: &Url, config: &DavConfig, secrets: &dyn SecretSource) -> Result<Self> {
        let server = href::folder(server.clone());
        let http = connect::client(&server, config, secrets)?;
        Ok(Self {
            caller: Caller::new(http, server),
        })
    }

    /// What the server can do.
    ///
    /// # Errors
    /// What the server says, or whatever is met on the way there.
    pub async fn capabilities(&self) -> Result<Capabilities> {
        self.caller.get("ask", "cloud/capabilities", &[]).await
    }

    /// By what name the server keeps the files of who asks.
    ///
    /// # Errors
    /// [`Denied`](rsmf_core::Error::Denied) where it does not let them in.
    pub async fn user_id(&self) -> Result<String> {
        super::user_id(&self.caller).await
    }
}
