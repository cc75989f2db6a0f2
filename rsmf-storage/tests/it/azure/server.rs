//! The server that tests talk to, and who asks it.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use rsmf_core::{integration::Storage, secret::NoSecrets};
use rsmf_storage::{AzureConfig, AzureCredential, AzureStorage};
use serde::Deserialize;
use url::Url;

/// Azurite, as `cargo xtask servers azurite` tells of it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Server {
    pub(crate) http: Url,
    pub(crate) https: Url,
    pub(crate) ca_file: PathBuf,
    pub(crate) account: String,
    pub(crate) key: String,
}

impl Server {
    /// The server, where there is one.
    pub(crate) fn running() -> Option<Self> {
        let known = rsmf_simulator::real_server("azurite")?;
        Some(serde_json::from_value(known).unwrap())
    }

    /// By the key of the account.
    pub(crate) fn by_key(&self) -> AzureConfig {
        let key = AzureCredential::SharedKey(self.key.as_str().into());
        self.quick().endpoint(self.http.clone()).credential(key)
    }

    /// With short pauses.
    pub(crate) fn quick(&self) -> AzureConfig {
        let mut config = AzureConfig::default();
        config.network.retry_delay = std::time::Duration::from_millis(10);
        config.network.ca_file = Some(self.ca_file.clone());
        config
    }

    pub(crate) fn open(&self, container: &str, config: &AzureConfig) -> AzureStorage {
        AzureStorage::connect(&self.account, container, config, &NoSecrets).unwrap()
    }
}

/// The name of a container that no other test has.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("test-{:x}-{:x}-{next}", std::process::id(), now.as_nanos())
}

/// An empty container.
pub(crate) async fn container(config: impl FnOnce(&Server) -> AzureConfig) -> Option<AzureStorage> {
    let server = Server::running()?;
    let name = name();
    let creator = server.open(&name, &server.by_key());
    creator.create_container().await.unwrap();
    Some(server.open(&name, &config(&server)))
}
