//! Google Cloud Storage: against emulators, and against a stand-in where those are wrong.

mod access;
mod emulators;
mod faults;
mod features;

use std::time::Duration;

use rsmf_core::{
    integration::{PutOptions, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::GcsServer;
use rsmf_storage::gcs::{GcsConfig, GcsStorage};

const BUCKET: &str = "matters";

rsmf_storage::conformance!(played, Played::new().await.outlived());

/// A store with the server that it lives on.
#[derive(Debug)]
struct Played {
    server: GcsServer,
    store: GcsStorage,
}

impl Played {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut GcsConfig)) -> Self {
        let server = GcsServer::start().await;
        server.bucket(BUCKET);
        let store = store(&server, change);
        Self { server, store }
    }

    /// The store, whose server ends with the runtime.
    fn outlived(self) -> GcsStorage {
        std::mem::forget(self.server);
        self.store
    }
}

impl std::ops::Deref for Played {
    type Target = GcsStorage;

    fn deref(&self) -> &GcsStorage {
        &self.store
    }
}

/// Impatient, so that tests are short.
fn config(server: &GcsServer) -> GcsConfig {
    let mut config = GcsConfig::default().endpoint(server.url("").parse().unwrap());
    config.anonymous = true;
    config.project = Some("acme".to_owned());
    config.network.retry_delay = Duration::from_millis(5);
    config.network.max_retry_delay = Duration::from_millis(20);
    config.network.circuit_open_after_failures = 50;
    config
}

fn store(server: &GcsServer, change: impl FnOnce(&mut GcsConfig)) -> GcsStorage {
    let mut config = config(server);
    change(&mut config);
    GcsStorage::connect(BUCKET, &config, &NoSecrets).unwrap()
}

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

async fn put(store: &GcsStorage, name: &str, content: &str) -> rsmf_core::integration::ObjectMeta {
    let content = content.to_owned().into();
    store
        .put_bytes(&path(name), content, PutOptions::default())
        .await
        .unwrap()
}

/// So many bytes that differ.
fn bytes(size: usize) -> Vec<u8> {
    (0..size)
        .map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8)
        .collect()
}
