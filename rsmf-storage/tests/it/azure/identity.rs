//! Who asks: keys, signatures and tokens.

use std::{path::PathBuf, process::Command, sync::Arc, time::Duration};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use futures_util::TryStreamExt;
use rsmf_core::{
    Kind,
    integration::{
        Integration, PresignOptions, PutMode, PutOptions, Storage, StorageExt, StorePath,
    },
    secret::{NoSecrets, SecretSource},
};
use rsmf_simulator::{FaultServer, PLANTED, Reply};
use rsmf_storage::{AzureConfig, AzureCredential, AzureStorage};
use serde_json::json;
use tempfile::TempDir;

use super::{
    path,
    server::{Server, container},
    unsigned::Unsigned,
};

/// A signature for all of the account's blobs.
fn sas(server: &Server, rights: &str, end: &str) -> String {
    let text = format!(
        "{}\n{rights}\nb\nsco\n\n{end}\n\nhttps,http\n2021-12-02\n\n",
        server.account
    );
    let key = BASE64_STANDARD.decode(&server.key).unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signature = BASE64_STANDARD.encode(ring::hmac::sign(&key, text.as_bytes()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("sv", "2021-12-02"),
        ("ss", "b"),
        ("srt", "sco"),
        ("sp", rights),
        ("se", end),
        ("spr", "https,http"),
        ("sig", &signature),
    ]);
    query.finish()
}

fn by_sas(server: &Server, rights: &str, end: &str) -> AzureConfig {
    let sas = sas(server, rights, end);
    let credential = AzureCredential::Sas(sas.as_str().into());
    server
        .quick()
        .endpoint(server.http.clone())
        .credential(credential)
}

/// What every credential that may do all should be able to do.
async fn works(store: &AzureStorage) {
    store.check().await.unwrap();
    let names: Vec<_> = (0..12).map(|number| path(&format!("a/{number}"))).collect();
    for name in &names {
        store
            .put_bytes(name, "x".into(), PutOptions::default())
            .await
            .unwrap();
    }
    store
        .copy(&names[0], &path("b"), PutMode::Create)
        .await
        .unwrap();
    let all: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert_eq!(all.len(), 13);
    assert!(store.delete_many(&names).await.iter().all(Result::is_ok));
    assert_eq!(store.get_bytes(&path("b"), 9).await.unwrap(), "x");
    let all: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn signatures_do_what_they_allow() {
    const LATER: &str = "2099-01-01T00:00:00Z";
    let all = |server: &Server| by_sas(server, "rwdlacupt", LATER);
    let Some(store) = container(all).await else {
        return;
    };
    works(&store).await;
    let second = PresignOptions::new(Duration::from_secs(1));
    let address = store.presign(&path("b"), second).await;
    assert_eq!(address.unwrap_err().kind(), Kind::Unsupported);
    let reader = container(|server| by_sas(server, "rl", LATER))
        .await
        .unwrap();
    reader.check().await.unwrap();
    let put = reader
        .put_bytes(&path("a"), "x".into(), PutOptions::default())
        .await;
    assert_eq!(put.unwrap_err().kind(), Kind::Denied);
    let late = container(|server| by_sas(server, "rl", "2020-01-01T00:00:00Z"))
        .await
        .unwrap();
    let error = late.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error}");
    assert!(!format!("{error} {error:?}").contains("sig="), "{error:?}");
}

#[tokio::test]
async fn a_wrong_key_is_denied_and_connection_strings_are_understood() {
    let wrong = |server: &Server| {
        let key = AzureCredential::SharedKey("d3Jvbmc=".into());
        server.by_key().credential(key)
    };
    let Some(store) = container(wrong).await else {
        return;
    };
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error}");
    assert!(error.context().request_id().is_some());
    let by_text = |server: &Server| {
        let text = format!(
            "AccountName={};AccountKey={};BlobEndpoint={}",
            server.account, server.key, server.http
        );
        server
            .quick()
            .credential(AzureCredential::ConnectionString(text.as_str().into()))
    };
    works(&container(by_text).await.unwrap()).await;
}

/// Containers of the server with TLS are of their own.
async fn by_token() -> Option<AzureStorage> {
    let server = Server::running()?;
    let config = server
        .quick()
        .endpoint(server.https.clone())
        .credential(AzureCredential::Custom(Arc::new(Unsigned::default())));
    let store = server.open(&super::server::name(), &config);
    store.create_container().await.unwrap();
    Some(store)
}

rsmf_storage::conformance!(
    azurite_by_token,
    {
        let Some(store) = by_token().await else {
            return;
        };
        store
    },
    without {
        lists_three_thousand_objects: "the same server has listed them without TLS",
        contents_of_all_sizes_are_whole: "the same server has kept them without TLS",
    }
);

#[tokio::test]
async fn tokens_do_all_and_sign_addresses() {
    let Some(store) = by_token().await else {
        return;
    };
    works(&store).await;
    let span = Duration::from_secs(60);
    let address = store.presign(&path("b"), PresignOptions::new(span)).await;
    let address = address.unwrap();
    let text = secrecy::ExposeSecret::expose_secret(&address.url).to_owned();
    assert!(text.contains("skoid=") && text.contains("sig="));
    let week = PresignOptions::new(Duration::from_secs(8 * 24 * 3600));
    let error = store.presign(&path("b"), week).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

/// A service that takes tokens, and who gives them out.
struct Played {
    server: FaultServer,
    folder: TempDir,
}

const TOKENS: &str = "/tenant-1/oauth2/v2.0/token";
const BLOB: &str = "/acme/c/a";

impl Played {
    async fn start() -> Self {
        let server = FaultServer::start_tls().await;
        let folder = tempfile::tempdir().unwrap();
        let authority = server.certificates().unwrap().authority();
        std::fs::write(folder.path().join("ca.pem"), authority).unwrap();
        server.issue_tokens(TOKENS, Duration::from_secs(3600));
        server.serve(
            BLOB,
            Reply::text("x")
                .with_status(206)
                .header("content-range", "bytes 0-0/1")
                .header("www-authenticate", "Bearer"),
        );
        server.guard(BLOB);
        Self { server, folder }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn config(&self, credential: AzureCredential) -> AzureConfig {
        let mut config = AzureConfig::default()
            .credential(credential)
            .endpoint(self.server.url("/acme").parse().unwrap())
            .authority(self.server.url("").parse().unwrap());
        config.network.ca_file = Some(self.folder.path().join("ca.pem"));
        config.network.retry_delay = Duration::from_millis(1);
        config
    }

    fn open(&self, credential: AzureCredential) -> AzureStorage {
        AzureStorage::connect("acme", "c", &self.config(credential), &NoSecrets).unwrap()
    }

    /// What the last request for a token said.
    fn asked(&self) -> Vec<(String, String)> {
        let seen = self.server.seen_at(TOKENS);
        let form = url::form_urlencoded::parse(&seen.last().unwrap().body);
        form.into_owned().collect()
    }
}

fn secret() -> AzureCredential {
    AzureCredential::ClientSecret {
        tenant: "tenant-1".to_owned(),
        client: "client-1".to_owned(),
        secret: format!("{PLANTED}client").as_str().into(),
    }
}

async fn read(store: &AzureStorage) -> rsmf_core::Result<bytes::Bytes> {
    store.get_bytes(&path("a"), 9).await
}

#[tokio::test]
async fn a_client_shows_its_secret_and_renews_tokens_that_are_refused() {
    let played = Played::start().await;
    let store = played.open(secret());
    assert_eq!(read(&store).await.unwrap(), "x");
    assert_eq!(read(&store).await.unwrap(), "x");
    assert_eq!(played.server.seen_at(TOKENS).len(), 1);
    let asked = played.asked();
    let has = |name: &str, value: &str| asked.contains(&(name.to_owned(), value.to_owned()));
    assert!(has("grant_type", "client_credentials") && has("client_id", "client-1"));
    assert!(has("client_secret", &format!("{PLANTED}client")));
    assert!(has("scope", "https://storage.azure.com/.default"));
}

#[tokio::test]
async fn a_refused_client_is_told_why_and_its_secret_is_not() {
    let played = Played::start().await;
    let refusal = json!({
        "error": "invalid_client", "error_codes": [7000215],
        "error_description": "AADSTS7000215: Invalid client secret provided.",
    });
    played
        .server
        .serve(TOKENS, Reply::json(&refusal).with_status(401));
    let error = read(&played.open(secret())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error:?}");
    let mut told = error.to_string();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(&error);
    while let Some(error) = cause {
        told.push_str(&error.to_string());
        cause = error.source();
    }
    assert!(told.contains("AADSTS7000215"), "{told}");
    assert!(!format!("{told} {error:?}").contains(PLANTED));
    // Whoever cannot be reached has denied nothing.
    played.server.serve(TOKENS, Reply::reset());
    let error = read(&played.open(secret())).await.unwrap_err();
    assert!(error.is_temporary(), "{error:?}");
}

#[tokio::test]
async fn a_certificate_signs_for_its_client() {
    let played = Played::start().await;
    let Some(pem) = rsa() else {
        return;
    };
    let certificate = played.file("client.pem", &pem);
    let store = played.open(AzureCredential::ClientCertificate {
        tenant: "tenant-1".to_owned(),
        client: "client-1".to_owned(),
        certificate: rsmf_core::secret::Secret::File(certificate),
    });
    assert_eq!(read(&store).await.unwrap(), "x");
    let asked = played.asked();
    let (_, assertion) = asked
        .iter()
        .find(|(name, _)| name == "client_assertion")
        .unwrap();
    let parts: Vec<_> = assertion.split('.').collect();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("client-1"), &json!("client-1"))
    );
    assert_eq!(claims["aud"], json!(played.server.url(TOKENS)));
    let wrong = AzureCredential::ClientCertificate {
        tenant: "tenant-1".to_owned(),
        client: "client-1".to_owned(),
        certificate: format!("{PLANTED}no pem").as_str().into(),
    };
    let config = played.config(wrong);
    let error = AzureStorage::connect("acme", "c", &config, &NoSecrets).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert!(!format!("{error:?}").contains(PLANTED));
}

/// A certificate and its RSA key, which `openssl` makes where it is installed.
fn rsa() -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = (folder.path().join("key"), folder.path().join("cert"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=client",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        eprintln!("skipped: openssl is not installed");
        return None;
    }
    let read = |file| std::fs::read_to_string(file).unwrap();
    Some(read(certificate) + &read(key))
}

/// Variables that the program around allows.
struct Variables(Vec<(&'static str, String)>);

impl SecretSource for Variables {
    fn env(&self, name: &str) -> Option<String> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    }
}

#[tokio::test]
async fn the_environment_names_a_client_or_a_workload() {
    let played = Played::start().await;
    let token = played.file("token", &format!("{PLANTED}vouched"));
    let common = [
        ("AZURE_TENANT_ID", "tenant-1"),
        ("AZURE_CLIENT_ID", "client-1"),
    ];
    for (name, value, shown) in [
        (
            "AZURE_CLIENT_SECRET",
            format!("{PLANTED}env"),
            "client_secret",
        ),
        (
            "AZURE_FEDERATED_TOKEN_FILE",
            token.display().to_string(),
            "client_assertion",
        ),
    ] {
        let mut variables: Vec<_> = common
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        variables.push((name, value));
        let mut config = played.config(AzureCredential::Default);
        variables.push((
            "AZURE_AUTHORITY_HOST",
            config.authority.take().unwrap().to_string(),
        ));
        let store = AzureStorage::connect("acme", "c", &config, &Variables(variables)).unwrap();
        assert_eq!(read(&store).await.unwrap(), "x");
        let asked = played.asked();
        let (_, text) = asked.iter().find(|(name, _)| name == shown).unwrap();
        assert!(text.starts_with(PLANTED), "{name}");
    }
}

/// Where machines ask for tokens.
const METADATA: &str = "/metadata/identity/oauth2/token";

/// Where the process that asks a managed identity finds the service.
const PLAYED: &str = "RSMF_TEST_AZURE_PLAYED";

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_identity_is_found() {
    let played = Played::start().await;
    let identity = FaultServer::start().await;
    let token = json!({
        "access_token": format!("{PLANTED}1"), "expires_on": "4102444800",
        "resource": "https://storage.azure.com", "token_type": "Bearer",
    });
    identity.serve("/msi", Reply::json(&token));
    played.server.serve(
        BLOB,
        Reply::text("x")
            .with_status(206)
            .header("content-range", "bytes 0-0/1"),
    );
    // A token that was given out, so that the service takes it.
    read(&played.open(secret())).await.unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args([
            "--exact",
            "azure::identity::asks_the_managed_identity",
            "--nocapture",
        ])
        .env("IDENTITY_ENDPOINT", identity.url("/msi"))
        .env("IDENTITY_HEADER", format!("{PLANTED}header"))
        .env(PLAYED, played.server.url("/acme"))
        .env("RSMF_TEST_AZURE_CA", played.folder.path().join("ca.pem"));
    let status = tokio::task::spawn_blocking(move || child.status().unwrap()).await;
    assert!(status.unwrap().success());
    let seen = identity.seen_at("/msi");
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].header("x-identity-header"),
        format!("{PLANTED}header")
    );
    assert!(
        seen[0]
            .target
            .query()
            .unwrap()
            .contains("client_id=client-2")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_of_a_virtual_machine_is_used() {
    let played = Played::start().await;
    let machine = FaultServer::start().await;
    played.server.serve(
        BLOB,
        Reply::text("x")
            .with_status(206)
            .header("content-range", "bytes 0-0/1"),
    );
    read(&played.open(secret())).await.unwrap();
    let token = json!({
        "access_token": format!("{PLANTED}1"), "expires_on": "4102444800",
        "resource": "https://storage.azure.com", "token_type": "Bearer",
    });
    machine.serve(METADATA, Reply::json(&token));
    let credential = AzureCredential::ManagedIdentity {
        client: Some("client-2".to_owned()),
    };
    let config = played.config(credential);
    let named = config.clone().metadata(machine.url("/").parse().unwrap());
    let there = vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", machine.url("/"))];
    for (config, variables) in [(named, vec![]), (config, there)] {
        let store = AzureStorage::connect("acme", "c", &config, &Variables(variables)).unwrap();
        assert_eq!(read(&store).await.unwrap(), "x");
    }
    let seen = machine.seen_at(METADATA);
    assert_eq!(seen.len(), 2);
    for request in seen {
        assert_eq!(request.header("metadata"), "true");
        let query = request.target.query().unwrap();
        assert!(query.contains("client_id=client-2"), "{query}");
        assert!(
            query.contains("resource=https%3A%2F%2Fstorage.azure.com"),
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_that_identity_is_told() {
    let played = Played::start().await;
    let machine = FaultServer::start().await;
    let refusal = json!({ "error": "invalid_request", "error_description": "Identity not found" });
    machine.serve(METADATA, Reply::json(&refusal).with_status(400));
    let config = played
        .config(AzureCredential::ManagedIdentity { client: None })
        .metadata(machine.url("/").parse().unwrap());
    let store = AzureStorage::connect("acme", "c", &config, &Variables(vec![])).unwrap();
    let error = read(&store).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error}");
    assert!(
        format!("{error:?}").contains("not been assigned"),
        "{error:?}"
    );
    assert_eq!(machine.seen_at(METADATA).len(), 1);
    let wrong = vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", "nowhere".to_owned())];
    let config = played.config(AzureCredential::ManagedIdentity { client: None });
    let error = AzureStorage::connect("acme", "c", &config, &Variables(wrong)).unwrap_err();
    assert!(error.to_string().contains("AZURE_POD_IDENTITY"), "{error}");
}

/// The process that [`a_managed_identity_is_found`] starts; does nothing otherwise.
#[tokio::test]
async fn asks_the_managed_identity() {
    let Ok(endpoint) = std::env::var(PLAYED) else {
        return;
    };
    let mut config = AzureConfig::default()
        .endpoint(endpoint.parse().unwrap())
        .credential(AzureCredential::ManagedIdentity {
            client: Some("client-2".to_owned()),
        });
    config.network.ca_file = std::env::var_os("RSMF_TEST_AZURE_CA").map(Into::into);
    let identity = std::env::var("IDENTITY_ENDPOINT").unwrap();
    let variables = Variables(vec![("IDENTITY_ENDPOINT", identity)]);
    let store = AzureStorage::connect("acme", "c", &config, &variables).unwrap();
    assert_eq!(read(&store).await.unwrap(), "x");
}
