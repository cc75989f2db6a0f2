use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use rsmf_core::secret::Secret;
use serde::Deserialize;

use crate::{Network, Settings, Transfer};

/// How a server with SSH is reached. What is not set is as `~/.ssh/config` has it.
///
/// ```
/// use rsmf_storage::SftpConfig;
///
/// let config: SftpConfig = toml::from_str(r#"
///     identity_files = ["/home/me/.ssh/review"]
///     passphrase = { keyring = "rsmf/review" }
///     jump = "bastion.example"
///     connections = 2
/// "#)?;
/// assert_eq!(config.connections.get(), 2);
/// assert!(!config.accept_new_hosts);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct SftpConfig {
    /// How objects are moved.
    pub transfer: Transfer,
    /// Patience. Proxies and authorities for certificates are not for SSH: see [`jump`](Self::jump) and
    /// [`known_hosts`](Self::known_hosts).
    pub network: Network,
    /// The user's password, also where the server asks for it in a dialogue (`keyboard-interactive`).
    pub password: Option<Secret>,
    /// Files with private keys (OpenSSH's format, PKCS#8, PKCS#1). A certificate is looked for beside each, as `…-cert.pub`.
    /// Where they are named, no other keys are tried, but for those of the same name in the agent.
    pub identity_files: Vec<PathBuf>,
    /// Files with certificates for these keys.
    pub certificate_files: Vec<PathBuf>,
    /// A private key itself, in the same formats.
    pub key: Option<Secret>,
    /// What the private keys are encrypted with.
    pub passphrase: Option<Secret>,
    /// Whether to ask an agent: yes. It is found by `SSH_AUTH_SOCK`, on Windows at the pipe of OpenSSH's agent or as Pageant.
    pub agent: bool,
    /// The files of known hosts; the first is where new ones go.
    pub known_hosts: Vec<PathBuf>,
    /// Whether a host that nobody knows is trusted, and remembered, the first time: no. One whose key has
    /// changed never is.
    pub accept_new_hosts: bool,
    /// The file to read instead of `~/.ssh/config` and `/etc/ssh/ssh_config`; `none` for no file.
    pub ssh_config: Option<PathBuf>,
    /// The hosts over which the way leads, as in `user@host:port,host`; `none` for no host.
    pub jump: Option<String>,
    /// The user's password on those hosts.
    pub jump_password: Option<Secret>,
    /// How often a silent server is asked whether it is still there: every 15 s. After three questions without
    /// an answer, it is not.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub keep_alive: Duration,
    /// The most connections at the same time: 4. There is one until more than one transfer is under way.
    pub connections: NonZeroUsize,
}

impl Default for SftpConfig {
    fn default() -> Self {
        Self {
            transfer: Transfer::default(),
            network: Network::default(),
            password: None,
            identity_files: Vec::new(),
            certificate_files: Vec::new(),
            key: None,
            passphrase: None,
            agent: true,
            known_hosts: Vec::new(),
            accept_new_hosts: false,
            ssh_config: None,
            jump: None,
            jump_password: None,
            keep_alive: Duration::from_secs(15),
            connections: const { NonZeroUsize::new(4).unwrap() },
        }
    }
}

impl SftpConfig {
    /// The usual configuration with these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            transfer: settings.transfer.clone(),
            network: settings.network.clone(),
            ..Self::default()
        }
    }

    /// Sets [`password`](Self::password).
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Adds to [`identity_files`](Self::identity_files).
    #[must_use]
    pub fn identity_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.identity_files.push(file.into());
        self
    }

    /// Sets [`passphrase`](Self::passphrase).
    #[must_use]
    pub fn passphrase(mut self, passphrase: impl Into<Secret>) -> Self {
        self.passphrase = Some(passphrase.into());
        self
    }

    /// Adds to [`known_hosts`](Self::known_hosts).
    #[must_use]
    pub fn known_hosts(mut self, file: impl Into<PathBuf>) -> Self {
        self.known_hosts.push(file.into());
        self
    }

    /// Sets [`ssh_config`](Self::ssh_config).
    #[must_use]
    pub fn ssh_config(mut self, file: impl Into<PathBuf>) -> Self {
        self.ssh_config = Some(file.into());
        self
    }
}
