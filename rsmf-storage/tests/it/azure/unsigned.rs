//! Tokens that Azurite takes, and what happens when they run out.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use azure_core::{
    credentials::{AccessToken, TokenCredential, TokenRequestOptions},
    time::OffsetDateTime,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rsmf_core::integration::{PutOptions, Storage, StorageExt};
use rsmf_storage::AzureCredential;
use serde_json::json;

use super::{path, server::Server};

/// Gives tokens as Azurite takes them.
#[derive(Debug)]
pub(super) struct Unsigned {
    /// For how long the service takes one.
    lifetime: Duration,
    given: AtomicUsize,
}

impl Default for Unsigned {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(3600),
            given: AtomicUsize::default(),
        }
    }
}

#[async_trait]
impl TokenCredential for Unsigned {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://storage.azure.com/.default"]);
        self.given.fetch_add(1, Ordering::Relaxed);
        let now = OffsetDateTime::now_utc();
        let tenant = "00000000-0000-0000-0000-000000000001";
        let claims = json!({
            "aud": "https://storage.azure.com", "iss": format!("https://sts.windows.net/{tenant}/"),
            "iat": now.unix_timestamp() - 60, "nbf": now.unix_timestamp() - 60,
            "exp": (now + self.lifetime).unix_timestamp(), "oid": tenant, "tid": tenant,
        });
        let part = |json: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let token = format!("{}.{}.c2ln", part(json!({"alg": "none"})), part(claims));
        Ok(AccessToken::new(token, now + self.lifetime))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_runs_out_in_the_middle_of_an_upload_is_replaced() {
    let Some(server) = Server::running() else {
        return;
    };
    let credential = Arc::new(Unsigned {
        lifetime: Duration::from_secs(2),
        given: AtomicUsize::default(),
    });
    let mut config = server
        .quick()
        .endpoint(server.https.clone())
        .credential(AzureCredential::Custom(credential.clone()));
    config.transfer.part_size = bytesize::ByteSize::kib(256);
    let store = server.open(&super::server::name(), &config);
    store.create_container().await.unwrap();
    let part = vec![7_u8; 256 << 10];
    let mut upload = store.put(&path("a"), PutOptions::default()).await.unwrap();
    for pause in [0, 0, 3, 0, 0] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        upload.write(part.clone().into()).await.unwrap();
    }
    let before = credential.given.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(3)).await;
    upload.finish().await.unwrap();
    assert!(before > 1 && credential.given.load(Ordering::Relaxed) > before);
    let read = store.get_bytes(&path("a"), 2 << 20).await.unwrap();
    assert!(read == part.repeat(5));
    store.delete(&path("a")).await.unwrap();
    store.remove_container().await.unwrap();
}
