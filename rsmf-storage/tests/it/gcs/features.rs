use std::{collections::BTreeMap, time::Duration};

use futures_util::{StreamExt, TryStreamExt};
use rsmf_core::{
    Kind, UtcTime,
    integration::{
        Entry, GetOptions, Grant, Integration, PresignOptions, PutMode, PutOptions, Storage,
        StorageExt, StorePath,
    },
};
use rsmf_simulator::GcsServer;
use secrecy::ExposeSecret;

use super::{BUCKET, Played, bytes, path, put, store};

#[tokio::test]
async fn all_that_is_said_about_an_object_is_kept() {
    let played = Played::with(|config| {
        config.storage_class = Some("NEARLINE".to_owned());
        config.kms_key = Some("projects/p/locations/l/keyRings/r/cryptoKeys/k".to_owned());
        config.transfer.part_size = bytesize::ByteSize::kib(256);
    })
    .await;
    for (size, requests) in [(9, 1), (600_000, 4)] {
        let metadata = BTreeMap::from([("matter".to_owned(), "Größe".to_owned())]);
        let time = UtcTime::from_micros(1_400_000_000_000_000).unwrap();
        let options = PutOptions::default()
            .content_type("text/csv")
            .metadata(metadata.clone())
            .modified(Some(time))
            .size(size);
        let before = played.server.seen().len();
        let content = bytes(size as usize);
        let put = played
            .put_bytes(&path("a"), content.into(), options)
            .await
            .unwrap();
        assert_eq!(played.server.seen().len() - before, requests);
        let head = played.head(&path("a")).await.unwrap();
        assert_eq!(head, put);
        assert_eq!(head.content_type.as_deref(), Some("text/csv"));
        assert_eq!(head.storage_class.as_deref(), Some("NEARLINE"));
        assert_eq!((head.metadata, head.modified), (metadata, Some(time)));
        assert_eq!(head.checksums.len(), 1);
        let (_, fields) = played.server.generations(BUCKET, "a");
        let key = fields.unwrap()["kmsKeyName"].as_str().unwrap().to_owned();
        assert!(key.starts_with("projects/p/"), "{key}");
        let read = played.get(&path("a"), GetOptions::default()).await.unwrap();
        assert_eq!(
            (read.meta.etag, read.meta.modified),
            (head.etag, Some(time))
        );
    }
    let options = PutOptions::default().storage_class("GLACIER");
    let error = played
        .put_bytes(&path("b"), "x".into(), options)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert_eq!(error.context().request_id(), Some("AHmUCY0simulated"));
}

#[tokio::test]
async fn former_versions_are_listed_and_read() {
    let played = Played::new().await;
    played.server.keep_versions(BUCKET);
    for content in ["one", "two!", "three"] {
        put(&played, "a", content).await;
    }
    put(&played, "ab", "other").await;
    let versions: Vec<_> = played.versions(&path("a")).try_collect().await.unwrap();
    assert_eq!(
        versions.iter().map(|meta| meta.size).collect::<Vec<_>>(),
        [5, 4, 3]
    );
    let first = GetOptions::default().version(versions[2].version.clone());
    let read = played.get(&path("a"), first.clone()).await.unwrap();
    let content: Vec<_> = read.stream.try_collect().await.unwrap();
    assert_eq!(content.concat(), b"one");
    let none = played.get(&path("a"), first.range(3..3)).await.unwrap();
    assert_eq!(none.meta.size, 3);
    for absent in ["1", "no number"] {
        let options = GetOptions::default().version(Some(absent.to_owned()));
        let error = played.get(&path("a"), options).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
    }
    let error = played
        .versions(&path("b"))
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn names_that_are_no_paths_are_told_and_do_not_end_a_listing() {
    let played = Played::new().await;
    for (name, content) in [
        ("a//b", "x"),
        ("dir/", ""),
        ("full/", "x"),
        ("./c", "x"),
        ("z", "x"),
    ] {
        played.server.plant(BUCKET, name, content.as_bytes());
    }
    let listed: Vec<_> = played.list(&StorePath::ROOT).collect().await;
    let (good, bad): (Vec<_>, Vec<_>) = listed.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    assert_eq!(bad.len(), 3);
    for error in bad {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(error.to_string().contains("gs://matters/"), "{error}");
    }
    let level: Vec<_> = played.list_folder(&StorePath::ROOT).collect().await;
    let folders = level
        .iter()
        .flatten()
        .filter(|entry| matches!(entry, Entry::Folder(_)));
    assert_eq!(folders.count(), 3);
    for refused in ["a\nb", ".well-known/acme-challenge/x", &"ü".repeat(513)] {
        let error = played
            .put(&path(refused), PutOptions::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{refused}");
    }
}

#[tokio::test]
async fn large_copies_take_several_requests() {
    let played = Played::new().await;
    played.server.rewrite_at_once(300);
    let content = bytes(1000);
    played
        .put_bytes(&path("a"), content.clone().into(), PutOptions::default())
        .await
        .unwrap();
    played
        .copy(&path("a"), &path("b"), PutMode::Create)
        .await
        .unwrap();
    let rewrites = played
        .server
        .seen()
        .iter()
        .filter(|kind| *kind == "rewrite")
        .count();
    assert_eq!(rewrites, 4);
    assert_eq!(played.server.content(BUCKET, "b").unwrap(), content);
}

#[tokio::test]
async fn many_are_removed_by_few_requests() {
    let played = Played::new().await;
    let paths: Vec<_> = (0..250)
        .map(|number| path(&format!("f/{number:03} ü%")))
        .collect();
    for path in &paths {
        played.server.plant(BUCKET, path.as_str(), b"x");
    }
    played
        .server
        .fault("batched", [rsmf_simulator::GcsFault::Status(503)]);
    let results = played.delete_many(&paths).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let seen = played.server.seen();
    assert_eq!(seen.iter().filter(|kind| *kind == "batch").count(), 3);
    assert_eq!(seen.iter().filter(|kind| *kind == "delete").count(), 1);
    assert!(played.list(&path("f")).next().await.is_none());
}

#[tokio::test]
async fn buckets_come_and_go() {
    let server = GcsServer::start().await;
    let store = store(&server, |config| {
        config.location = Some("EUROPE-WEST3".to_owned())
    });
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(
        error.context().advice().unwrap().contains("mkbucket"),
        "{error}"
    );
    store.create_container().await.unwrap();
    store.check().await.unwrap();
    assert_eq!(
        store.create_container().await.unwrap_err().kind(),
        Kind::Conflict
    );
    server.bucket("another");
    let names: Vec<_> = store.buckets().try_collect().await.unwrap();
    assert_eq!(names, ["another", BUCKET]);
    put(&store, "a", "x").await;
    assert_eq!(
        store.remove_container().await.unwrap_err().kind(),
        Kind::Conflict
    );
    store.delete(&path("a")).await.unwrap();
    store.remove_container().await.unwrap();
    assert_eq!(
        store.remove_container().await.unwrap_err().kind(),
        Kind::NotFound
    );
}

#[tokio::test]
async fn without_a_project_there_are_no_buckets_to_make() {
    let played = Played::with(|config| config.project = None).await;
    for error in [
        played.create_container().await.unwrap_err(),
        played.buckets().next().await.unwrap().unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(error.context().advice().unwrap().contains("project"));
    }
}

#[tokio::test]
async fn a_check_tells_which_rights_are_missing() {
    let played = Played::new().await;
    played.check().await.unwrap();
    played
        .server
        .permissions(BUCKET, &["storage.objects.list", "storage.objects.get"]);
    played.check().await.unwrap();
    played.server.permissions(BUCKET, &["storage.objects.list"]);
    let error = played.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("storage.objects.get"), "{why}");
}

#[tokio::test]
async fn somebody_else_pays_where_that_is_asked_for() {
    let played = Played::new().await;
    played.server.requester_pays(BUCKET);
    let error = played.head(&path("a")).await.unwrap_err();
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("requester pays"), "{why}");
    let payer = store(&played.server, |config| {
        config.user_project = Some("acme".to_owned())
    });
    put(&payer, "a", "x").await;
    put(&payer, "b", "x").await;
    payer
        .copy(&path("a"), &path("c"), PutMode::Create)
        .await
        .unwrap();
    let all = ["a", "b", "c"].map(path);
    assert!(payer.delete_many(&all).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn addresses_to_hand_out_are_signed() {
    let played = Played::new().await;
    let signing = store(&played.server, |config| {
        config.anonymous = false;
        config.credentials = Some(played.server.service_account().as_str().into());
    });
    let name = path("a ü%/b+c #?&=.txt");
    let minute = Duration::from_secs(60);
    let mut options = PresignOptions::new(minute);
    options.grant = Grant::Put;
    let write = signing.presign(&name, options).await.unwrap();
    let client = reqwest_like(&played.server);
    let url =
        |signed: &rsmf_core::integration::Presigned| signed.url.expose_secret().parse().unwrap();
    let request = client
        .request(rsmf_http::Method::PUT, url(&write))
        .body("signed");
    request.send().await.unwrap();
    assert_eq!(
        played.server.content(BUCKET, name.as_str()).unwrap(),
        b"signed"
    );
    let read = signing
        .presign(&name, PresignOptions::new(minute))
        .await
        .unwrap();
    let answer = client.get(url(&read)).send().await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "signed");
    assert!(!format!("{read:?}").contains("X-Goog-Signature"));
    let other = url(&read)
        .as_str()
        .replace("X-Goog-Expires=60", "X-Goog-Expires=61");
    let error = client.get(other.parse().unwrap()).send().await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    played.server.skew(120);
    assert_eq!(
        client.get(url(&read)).send().await.unwrap_err().status(),
        Some(403)
    );
    for wrong in [Duration::from_secs(8 * 24 * 3600), Duration::ZERO] {
        let error = signing
            .presign(&name, PresignOptions::new(wrong))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
    }
    let error = played
        .presign(&name, PresignOptions::new(minute))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
}

fn reqwest_like(server: &GcsServer) -> rsmf_http::Client {
    let host: rsmf_http::AllowedHost = server.url("").parse().unwrap();
    rsmf_http::Client::builder(rsmf_http::Fence::new([host.private()]))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_lock_ends_what_dead_uploads_have_left() {
    let played = Played::with(|config| {
        config.transfer.part_size = bytesize::ByteSize::kib(256);
    })
    .await;
    let options = PutOptions::default().resume("content");
    let mut upload = played.put(&path("f/a"), options).await.unwrap();
    for _ in 0..3 {
        upload.write(bytes(256 * 1024).into()).await.unwrap();
    }
    drop(upload);
    assert_eq!(played.server.open_sessions(), 1);
    // Somebody else wrote a note that leads elsewhere.
    put(&played, "precious", "x").await;
    let note = format!(
        r#"{{"session":"{}","at":0,"crc32c":0}}"#,
        played.server.url("/storage/v1/b/matters/o/precious")
    );
    let planted = "f/.rsmf-0000-0000.partial";
    played.server.plant(BUCKET, planted, note.as_bytes());
    let lock = played.lock(&path("f")).await.unwrap();
    assert_eq!(played.server.open_sessions(), 0);
    assert_eq!(played.server.content(BUCKET, planted), None);
    assert!(played.server.content(BUCKET, "precious").is_some());
    lock.release().await.unwrap();
}
