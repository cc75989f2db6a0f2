//! Google Cloud Storage, as `rsmf-simulator` plays it.

use rsmf_core::secret::NoSecrets;
use rsmf_simulator::GcsServer;
use rsmf_storage::gcs::{GcsConfig, GcsStorage};

use super::*;

fn open(port: u16) -> Store {
    let endpoint = format!("http://127.0.0.1:{port}").parse().unwrap();
    let mut config = GcsConfig::default()
        .endpoint(endpoint)
        .anonymous()
        .project("acme");
    config.network = network();
    config.transfer = transfer();
    Arc::new(GcsStorage::connect("matters", &config, &NoSecrets).unwrap())
}

async fn server() -> (GcsServer, Store) {
    let server = GcsServer::start().await;
    server.bucket("matters");
    let straight = open(server.address().port());
    (server, straight)
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_break() {
    let (server, straight) = server().await;
    connections_may_break(server.address(), straight, open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_break() {
    let (server, straight) = server().await;
    a_way_that_always_breaks_is_told(server.address(), straight, open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_wrong() {
    let (server, straight) = server().await;
    answers_may_be_wrong(server.address(), straight, open).await;
}
