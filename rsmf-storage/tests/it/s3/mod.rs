//! S3, against SeaweedFS.

mod condition;
mod faults;
mod features;
mod large;
mod names;
mod profile;

use rsmf_core::{
    Kind,
    integration::{Integration, Storage},
    secret::NoSecrets,
};
use rsmf_storage::{
    conformance,
    s3::{S3Config, S3Storage},
};
use serde_json::Value;

use rsmf_simulator::real_server as server;

/// The bucket that tests share. Each has a folder of its own in it.
const BUCKET: &str = "rsmf-tests";

/// One of the server's users.
fn config(server: &Value, scheme: &str, user: &str) -> S3Config {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let user = &server[user];
    let mut config = S3Config::default()
        .endpoint(server[scheme].as_str().unwrap().parse().unwrap())
        .region("us-east-1")
        .keys(
            text(&user["access_key"]).as_str().into(),
            text(&user["secret_key"]).as_str().into(),
        );
    if scheme == "https" {
        config.network.ca_file = Some(text(&server["ca_file"]).into());
    }
    config
}

async fn bucket(name: &str, config: &S3Config) -> S3Storage {
    let store = S3Storage::connect(name, config, &NoSecrets).await.unwrap();
    if let Err(error) = store.create_container().await {
        assert_eq!(error.kind(), Kind::Conflict, "{error:?}");
    }
    store
}

/// The shared bucket for one who may do everything.
async fn shared(scheme: &str) -> Option<S3Storage> {
    let config = config(&server("seaweedfs")?, scheme, "admin");
    Some(bucket(BUCKET, &config).await)
}

rsmf_storage::conformance!(
    plain,
    match shared("http").await {
        Some(store) => store,
        None => return,
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_with_an_authority_of_its_own() {
    let Some(store) = shared("https").await else {
        return;
    };
    let folder = conformance::folder();
    store.check().await.unwrap();
    conformance::ranges_of_large_objects_are_exact(&store, &folder).await;
    conformance::ranges_are_exact(&store, &folder).await;
    conformance::clear(&store, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_nobody_knows_is_not_trusted() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let mut config = config(&server, "https", "admin");
    config.network.ca_file = None;
    config.network.max_retries = 0;
    let store = S3Storage::connect(BUCKET, &config, &NoSecrets)
        .await
        .unwrap();
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
}
