use std::{collections::HashMap, time::Duration};

use rsmf_core::{
    Error, Kind, Result,
    integration::{PresignOptions, PutOptions, Storage, StorageExt},
    secret::{NoSecrets, Secret, SecretSource},
};
use rsmf_simulator::{GcsFault, GcsServer, PLANTED};
use rsmf_storage::{
    StoreConfig, Stores,
    gcs::{GcsConfig, GcsStorage},
};
use serde_json::json;

use super::{BUCKET, bytes, config, path, put};

const HOUR: Duration = Duration::from_secs(3600);
const EMAIL: &str = "exports@acme.iam.gserviceaccount.com";

/// A server that lets nobody in without a token.
async fn guarded() -> GcsServer {
    let server = GcsServer::start().await;
    server.bucket(BUCKET);
    server.demand_tokens(HOUR);
    server
}

fn open(server: &GcsServer, credentials: &str) -> Result<GcsStorage> {
    let mut config = config(server);
    config.anonymous = false;
    config.credentials = Some(credentials.into());
    config.iam_endpoint = Some(server.url("").parse().unwrap());
    GcsStorage::connect(BUCKET, &config, &NoSecrets)
}

fn user(server: &GcsServer) -> serde_json::Value {
    json!({ "type": "authorized_user", "client_id": "cli", "token_uri": server.url("/token"),
        "client_secret": format!("{PLANTED}client"), "refresh_token": format!("{PLANTED}refresh") })
}

fn external(server: &GcsServer, source: &serde_json::Value) -> serde_json::Value {
    json!({ "type": "external_account", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "token_url": server.url("/sts"), "credential_source": source })
}

fn through(server: &GcsServer) -> String {
    server.url(&format!(
        "/v1/projects/-/serviceAccounts/{EMAIL}:generateAccessToken"
    ))
}

/// Who is let in can also sign, or not.
async fn is_let_in(store: &GcsStorage, signs: bool) {
    put(store, "a", "x").await;
    assert_eq!(store.get_bytes(&path("a"), 10).await.unwrap(), "x");
    let signed = store.presign(&path("a"), PresignOptions::new(HOUR)).await;
    assert_eq!(signed.is_ok(), signs, "{signed:?}");
}

#[tokio::test]
async fn each_kind_of_credentials_opens_the_bucket() {
    let server = guarded().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{PLANTED}subject\n")).unwrap();
    is_let_in(&open(&server, &server.service_account()).unwrap(), true).await;
    is_let_in(&open(&server, &user(&server).to_string()).unwrap(), false).await;
    let mut others = external(&server, &json!({ "file": file }));
    is_let_in(&open(&server, &others.to_string()).unwrap(), false).await;
    others["service_account_impersonation_url"] = through(&server).into();
    is_let_in(&open(&server, &others.to_string()).unwrap(), true).await;
    let impersonated = json!({ "type": "impersonated_service_account", "delegates": ["b@acme"],
        "service_account_impersonation_url": through(&server), "source_credentials": user(&server) });
    is_let_in(&open(&server, &impersonated.to_string()).unwrap(), true).await;
    let seen = server.seen();
    for kind in ["token", "exchange", "impersonate", "sign"] {
        assert!(seen.iter().any(|seen| seen == kind), "{kind}");
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_is_fetched_from_an_address() {
    let server = guarded().await;
    let others = rsmf_simulator::FaultServer::start().await;
    let answer = json!({ "id": format!("{PLANTED}subject") });
    others.serve("/token", rsmf_simulator::Reply::json(&answer));
    let source = json!({ "url": others.url("/token"), "headers": { "x-identity": "me" },
        "format": { "type": "json", "subject_token_field_name": "id" } });
    is_let_in(
        &open(&server, &external(&server, &source).to_string()).unwrap(),
        false,
    )
    .await;
    others.serve("/token", rsmf_simulator::Reply::json(&json!({})));
    server.expire_tokens();
    let store = open(&server, &external(&server, &source).to_string()).unwrap();
    let error = store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error:?}");
}

#[tokio::test]
async fn one_may_act_as_another_account() {
    let server = guarded().await;
    let mut config = config(&server).impersonate(EMAIL);
    config.anonymous = false;
    config.credentials = Some(Secret::from(user(&server).to_string().as_str()));
    config.iam_endpoint = Some(server.url("").parse().unwrap());
    is_let_in(
        &GcsStorage::connect(BUCKET, &config, &NoSecrets).unwrap(),
        true,
    )
    .await;
}

/// An environment.
struct Env(HashMap<&'static str, String>);

impl SecretSource for Env {
    fn env(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

fn found(server: &GcsServer, env: &[(&'static str, String)]) -> Result<GcsStorage> {
    let mut config = config(server);
    config.anonymous = false;
    config.iam_endpoint = Some(server.url("").parse().unwrap());
    GcsStorage::connect(BUCKET, &config, &Env(env.iter().cloned().collect()))
}

#[tokio::test]
async fn credentials_are_found_where_they_usually_are() {
    let server = guarded().await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display().to_string();
    let host = server.address().to_string();
    is_let_in(
        &found(&server, &[("GCE_METADATA_HOST", host)]).unwrap(),
        true,
    )
    .await;
    let key = folder.path().join("key.json");
    std::fs::write(&key, server.service_account()).unwrap();
    let key = key.display().to_string();
    is_let_in(
        &found(&server, &[("GOOGLE_APPLICATION_CREDENTIALS", key)]).unwrap(),
        true,
    )
    .await;
    let usual = folder.path().join("application_default_credentials.json");
    std::fs::write(&usual, user(&server).to_string()).unwrap();
    let env = [("CLOUDSDK_CONFIG", place.clone())];
    is_let_in(&found(&server, &env).unwrap(), false).await;
    let missing = [("GOOGLE_APPLICATION_CREDENTIALS", format!("{place}/none"))];
    assert_eq!(found(&server, &missing).unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn an_emulator_is_used_without_credentials() {
    let server = GcsServer::start().await;
    server.bucket(BUCKET);
    let env = Env(HashMap::from([(
        "STORAGE_EMULATOR_HOST",
        server.address().to_string(),
    )]));
    let store = GcsStorage::connect(BUCKET, &GcsConfig::default(), &env).unwrap();
    put(&store, "a", "x").await;
    let stores = Stores::builder().secrets(std::sync::Arc::new(env)).build();
    let opened = stores.open_input("gs://matters/a").await.unwrap();
    assert!(!opened.is_folder);
    let opened = stores.open_output("gs://matters/out/").await.unwrap();
    assert_eq!(opened.storage.info().name, "gs://matters/out");
}

#[tokio::test]
async fn a_profile_says_how_the_bucket_is_reached() {
    let location = "gs://matters/acme/".parse().unwrap();
    let read = |text: &str| {
        StoreConfig::read(&location, toml::de::Deserializer::parse(text).unwrap()).map_err(|_| ())
    };
    let StoreConfig::Gcs(config) = read("anonymous = true\nproject = 'p'").unwrap() else {
        panic!("another kind of store");
    };
    assert_eq!(
        (config.anonymous, config.project.as_deref()),
        (true, Some("p"))
    );
    assert!(read("anonimous = true").is_err());
}

#[tokio::test]
async fn tokens_are_renewed_in_the_middle_of_an_upload() {
    let server = guarded().await;
    let mut config = config(&server);
    config.anonymous = false;
    config.credentials = Some(server.service_account().as_str().into());
    config.transfer.part_size = bytesize::ByteSize::kib(256);
    let store = GcsStorage::connect(BUCKET, &config, &NoSecrets).unwrap();
    let content = bytes(900_000);
    let mut upload = store.put(&path("a"), PutOptions::default()).await.unwrap();
    upload
        .write(content[..600_000].to_vec().into())
        .await
        .unwrap();
    server.expire_tokens();
    server.fault("chunk", [GcsFault::Status(401)]);
    upload
        .write(content[600_000..].to_vec().into())
        .await
        .unwrap();
    upload.finish().await.unwrap();
    assert!(server.content(BUCKET, "a").unwrap() == content);
    server.expire_tokens();
    put(&store, "b", "small").await;
    server.expire_tokens();
    assert_eq!(store.get_bytes(&path("b"), 10).await.unwrap(), "small");
}

#[tokio::test]
async fn a_clock_that_is_off_is_put_right() {
    let server = guarded().await;
    server.skew(7200);
    is_let_in(&open(&server, &server.service_account()).unwrap(), true).await;
}

#[tokio::test]
async fn who_is_not_let_in_is_told_what_to_do() {
    let server = guarded().await;
    let anonymous = GcsStorage::connect(BUCKET, &config(&server), &NoSecrets).unwrap();
    let wrong = user(&server).to_string().replace("client\"", "other\"");
    let refused = open(
        &server,
        &wrong.replace(&format!("{PLANTED}refresh"), "hush-hush"),
    )
    .unwrap();
    for store in [anonymous, refused] {
        let error: Error = store.head(&path("a")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error:?}");
        assert!(error.context().advice().is_some());
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains(PLANTED) && !shown.contains("hush-hush"),
            "{shown}"
        );
    }
    server.fault("token", [GcsFault::Status(503); 20]);
    let store = open(&server, &server.service_account()).unwrap();
    let error = store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
}
