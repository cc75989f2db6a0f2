//! What S3 has beyond what all stores have.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::{BucketVersioningStatus, VersioningConfiguration},
};
use bytes::Bytes;
use bytesize::ByteSize;
use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Kind,
    integration::{
        GetOptions, Grant, Integration, PresignOptions, PutMode, PutOptions, Storage, StorageExt,
        StorePath,
    },
    secret::NoSecrets,
};
use rsmf_simulator::PLANTED;
use rsmf_storage::{
    Stores, conformance,
    s3::{Encryption, S3Storage},
};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{BUCKET, bucket, config, server, shared};

const LARGE: usize = 12 << 20;

fn content(size: usize) -> Bytes {
    (0..size).map(|at| (at % 249) as u8).collect()
}

/// The SDK's own client, for what the store does not do.
pub(super) fn client(server: &Value) -> Client {
    let user = &server["admin"];
    let text = |name: &str| user[name].as_str().unwrap().to_owned();
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http)
        .region(Region::new("us-east-1"))
        .endpoint_url(server["http"].as_str().unwrap())
        .force_path_style(true)
        .credentials_provider(Credentials::new(
            text("access_key"),
            text("secret_key"),
            None,
            None,
            "test",
        ));
    Client::from_conf(config.build())
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_encrypted_as_is_asked() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    for encryption in [
        Encryption::S3,
        Encryption::Kms {
            key: Some("evidence".to_owned()),
            bucket_key: true,
        },
        Encryption::Customer { key: key.into() },
    ] {
        let mut config = config(&server, "https", "admin").encryption(encryption.clone());
        config.copy_in_parts_above = Some(ByteSize::mib(6));
        let store = bucket(BUCKET, &config).await;
        let folder = conformance::folder();
        for size in [10, LARGE] {
            let (path, copy) = (folder.join("a").unwrap(), folder.join("b").unwrap());
            let given = content(size);
            store
                .put_bytes(&path, given.clone(), PutOptions::default())
                .await
                .unwrap();
            assert!(
                store.get_bytes(&path, u64::MAX).await.unwrap() == given,
                "{encryption:?}"
            );
            let part = store
                .get(&path, GetOptions::default().range(3..7))
                .await
                .unwrap();
            let part: Vec<_> = part.stream.try_collect().await.unwrap();
            assert_eq!(part.concat(), given[3..7]);
            store.copy(&path, &copy, PutMode::Overwrite).await.unwrap();
            assert!(
                store.get_bytes(&copy, u64::MAX).await.unwrap() == given,
                "{encryption:?}"
            );
            if matches!(encryption, Encryption::Customer { .. }) {
                let without = shared("https").await.unwrap();
                let error = without.get_bytes(&path, u64::MAX).await.unwrap_err();
                assert!(
                    matches!(error.kind(), Kind::InvalidInput | Kind::Denied),
                    "{error:?}"
                );
            }
        }
        conformance::clear(&store, &folder).await;
    }
}

#[tokio::test]
async fn a_key_for_encryption_has_the_right_length() {
    let key = Encryption::Customer {
        key: "c2hvcnQ=".into(),
    };
    let config = rsmf_storage::s3::S3Config::default().encryption(key);
    let error = S3Storage::connect(BUCKET, &config, &NoSecrets)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert!(!format!("{error:?}").contains("c2hvcnQ"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_copies_keep_what_goes_with_them() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let mut config = config(&server, "http", "admin");
    config.copy_in_parts_above = Some(ByteSize::mib(6));
    let store = bucket(BUCKET, &config).await;
    let folder = conformance::folder();
    let (from, to) = (folder.join("from ü").unwrap(), folder.join("to").unwrap());
    let metadata = BTreeMap::from([("matter".to_owned(), "Größe".to_owned())]);
    let options = PutOptions::default()
        .content_type("text/csv")
        .metadata(metadata.clone())
        .tags(BTreeMap::from([("a b".to_owned(), "c=d&e".to_owned())]))
        .storage_class("STANDARD_IA");
    let given = content(LARGE);
    store
        .put_bytes(&from, given.clone(), options)
        .await
        .unwrap();
    store.copy(&from, &to, PutMode::Create).await.unwrap();
    assert!(store.get_bytes(&to, u64::MAX).await.unwrap() == given);
    let meta = store.head(&to).await.unwrap();
    assert_eq!(meta.metadata, metadata);
    assert_eq!(meta.content_type.as_deref(), Some("text/csv"));
    assert_eq!(meta.storage_class.as_deref(), Some("STANDARD_IA"));
    let tags = client(&server)
        .get_object_tagging()
        .bucket(BUCKET)
        .key(to.as_str());
    let tags = tags.send().await.unwrap();
    let tags: Vec<_> = tags
        .tag_set()
        .iter()
        .map(|tag| (tag.key(), tag.value()))
        .collect();
    assert_eq!(tags, [("a b", "c=d&e")]);
    let error = store.copy(&from, &to, PutMode::Create).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    conformance::clear(&store, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_listed_and_read() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let store = bucket("rsmf-tests-versions", &config(&server, "http", "admin")).await;
    let on = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let request = client(&server)
        .put_bucket_versioning()
        .bucket("rsmf-tests-versions");
    request.versioning_configuration(on).send().await.unwrap();
    let folder = conformance::folder();
    let (path, longer) = (folder.join("a").unwrap(), folder.join("ab").unwrap());
    let first = store
        .put_bytes(&path, "one".into(), PutOptions::default())
        .await
        .unwrap();
    store
        .put_bytes(&path, "two".into(), PutOptions::default())
        .await
        .unwrap();
    store
        .put_bytes(&longer, "other".into(), PutOptions::default())
        .await
        .unwrap();
    let found: Vec<_> = store.versions(&path).try_collect().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].version, first.version);
    let old = GetOptions::default().version(first.version.clone());
    let old = store.get(&path, old).await.unwrap();
    let old: Vec<_> = old.stream.try_collect().await.unwrap();
    assert_eq!(old.concat(), b"one");
    store.delete(&path).await.unwrap();
    assert!(!store.exists(&path).await.unwrap());
    let absent = GetOptions::default().version(Some("no-such-version".to_owned()));
    let error = store.get(&path, absent).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    assert_eq!(store.versions(&path).count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_work_without_credentials() {
    let Some(store) = shared("http").await else {
        return;
    };
    let folder = conformance::folder();
    let path = folder.join("a file+ü%").unwrap();
    let mut write = PresignOptions::new(Duration::from_secs(60));
    write.grant = Grant::Put;
    let write = store.presign(&path, write).await.unwrap();
    assert_eq!(
        ask(
            "PUT",
            write.url.expose_secret(),
            &write.headers,
            "handed in"
        )
        .0,
        200
    );
    let read = PresignOptions::new(Duration::from_secs(60));
    let read = store.presign(&path, read).await.unwrap();
    let (status, body) = ask("GET", read.url.expose_secret(), &read.headers, "");
    assert_eq!((status, body.as_str()), (200, "handed in"));
    let long = PresignOptions::new(Duration::from_secs(8 * 24 * 3600));
    let error = store.presign(&path, long).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    let mut secured = PresignOptions::new(Duration::from_secs(60));
    secured.password = Some("x".into());
    let error = store.presign(&path, secured).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    conformance::clear(&store, &folder).await;
}

/// Status and body of a request without any library that could add something.
fn ask(method: &str, url: &str, headers: &[(String, String)], body: &str) -> (u16, String) {
    let url: url::Url = url.parse().unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&host).unwrap();
    let more: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    write!(
        stream,
        "{method} {}?{} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n{more}\r\n{body}",
        url.path(),
        url.query().unwrap(),
        body.len(),
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_is_told_so() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let owner = shared("http").await.unwrap();
    let may_read = config(&server, "http", "reader");
    let reader = S3Storage::connect(BUCKET, &may_read, &NoSecrets)
        .await
        .unwrap();
    reader.check().await.unwrap();
    let folder = conformance::folder();
    let path = folder.join("a").unwrap();
    for size in [10, LARGE] {
        let put = reader
            .put_bytes(&path, content(size), PutOptions::default())
            .await;
        let error = put.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error:?}");
        assert!(error.to_string().contains("lack a right"), "{error}");
        assert!(error.context().request_id().is_some());
    }
    assert!(!owner.exists(&path).await.unwrap());
    owner
        .put_bytes(&path, "x".into(), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(reader.get_bytes(&path, 10).await.unwrap(), "x");
    assert_eq!(reader.delete(&path).await.unwrap_err().kind(), Kind::Denied);
    let both = [path.clone(), folder.join("b").unwrap()];
    for result in reader.delete_many(&both).await {
        assert_eq!(result.unwrap_err().kind(), Kind::Denied);
    }
    conformance::clear(&owner, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_without_them() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let wrong = format!("{PLANTED}wrong");
    for (key, secret) in [("admin-key", wrong.as_str()), ("nobody", wrong.as_str())] {
        let config = config(&server, "http", "admin").keys(key.into(), secret.into());
        let store = S3Storage::connect(BUCKET, &config, &NoSecrets)
            .await
            .unwrap();
        let error = store.check().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{error:?}");
        assert!(error.to_string().contains("check the key"), "{error}");
        assert!(
            !format!("{error:?} {store:?} {config:?}").contains(PLANTED),
            "{error:?}"
        );
    }
    let mut half = config(&server, "http", "admin");
    half.secret_access_key = None;
    let error = S3Storage::connect(BUCKET, &half, &NoSecrets)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_are_created_and_removed() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let name = conformance::folder()
        .as_str()
        .replace("conformance", "rsmf");
    let config = config(&server, "http", "admin");
    let store = S3Storage::connect(&name, &config, &NoSecrets)
        .await
        .unwrap();
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    assert!(error.to_string().contains("or create it"), "{error}");
    store.create_container().await.unwrap();
    assert_eq!(
        store.create_container().await.unwrap_err().kind(),
        Kind::Conflict
    );
    let path = StorePath::new("a").unwrap();
    store
        .put_bytes(&path, "x".into(), PutOptions::default())
        .await
        .unwrap();
    let error = store.remove_container().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    store.delete(&path).await.unwrap();
    store.remove_container().await.unwrap();
    let error = store.remove_container().await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_abandoned_is_removed() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let store = shared("http").await.unwrap();
    let folder = conformance::folder();
    for name in ["a", "b/c"] {
        let begin = client(&server).create_multipart_upload().bucket(BUCKET);
        begin.key(format!("{folder}/{name}")).send().await.unwrap();
    }
    let week = Duration::from_secs(7 * 24 * 3600);
    assert_eq!(store.remove_abandoned(&folder, week).await.unwrap(), 0);
    assert_eq!(
        store
            .remove_abandoned(&folder, Duration::ZERO)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        store
            .remove_abandoned(&folder, Duration::ZERO)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_uploads_leave_nothing() {
    let Some(store) = shared("http").await else {
        return;
    };
    let folder = conformance::folder();
    let path = folder.join("a").unwrap();
    let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
    upload.write(content(LARGE * 2)).await.unwrap();
    drop(upload);
    // What cleans up does so behind our back.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        store
            .remove_abandoned(&folder, Duration::ZERO)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_lead_to_buckets() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let store = shared("http").await.unwrap();
    let folder = conformance::folder();
    store
        .put_bytes(
            &folder.join("a").unwrap(),
            "x".into(),
            PutOptions::default(),
        )
        .await
        .unwrap();
    let config = Box::new(config(&server, "http", "admin"));
    let location = format!("s3://{BUCKET}/{folder}/").parse().unwrap();
    let stores = Stores::builder()
        .profile("review", location, rsmf_storage::StoreConfig::S3(config))
        .build();
    let input = stores.open_input("review:a").await.unwrap();
    assert!(!input.is_folder);
    assert_eq!(input.storage.get_bytes(&input.path, 10).await.unwrap(), "x");
    let error = stores.open_input("review:absent").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    conformance::clear(&store, &folder).await;
}
