//! What Azure has and other stores lack.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use bytesize::ByteSize;
use futures_util::TryStreamExt;
use rsmf_core::{
    Kind,
    integration::{
        Algorithm, Checksum, GetOptions, Grant, Integration, PresignOptions, PutMode, PutOptions,
        Storage, StorageExt, StorePath, Summer, Upload,
    },
};
use rsmf_http::{AllowedHost, Client, Fence, Method, Url, header};
use rsmf_storage::{AzureConfig, AzureStorage};
use secrecy::ExposeSecret;

use super::{
    path,
    server::{Server, container, name},
};

const PART: usize = 64 * 1024;

fn parts(server: &Server) -> AzureConfig {
    let mut config = server.by_key();
    config.transfer.part_size = ByteSize(PART as u64);
    config
}

fn content(size: usize) -> Bytes {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn contents_around_a_part_are_whole_and_have_their_md5() {
    let Some(store) = container(parts).await else {
        return;
    };
    for size in [0, 1, PART - 1, PART, PART + 1, 5 * PART, 5 * PART + 7] {
        let given = content(size);
        let meta = store
            .put_bytes(&path("a"), given.clone(), PutOptions::default())
            .await
            .unwrap();
        let sum = Summer::of(Algorithm::Md5, &given);
        assert_eq!(meta.checksums, [sum], "{size}");
        let head = store.head(&path("a")).await.unwrap();
        assert_eq!((&head.etag, &head.checksums), (&meta.etag, &meta.checksums));
        let read = store.get_bytes(&path("a"), u64::MAX).await.unwrap();
        assert!(read == given, "{size}");
    }
}

#[tokio::test]
async fn tiers_tags_and_metadata_are_kept() {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    let options = || {
        PutOptions::default()
            .storage_class("Cool")
            .content_type("text/csv")
            .tags(BTreeMap::from([("matter".to_owned(), "a b".to_owned())]))
            .metadata(BTreeMap::from([("sha-256".to_owned(), "é".to_owned())]))
    };
    let put = store.put_bytes(&path("a"), "x".into(), options()).await;
    let head = store.head(&path("a")).await.unwrap();
    assert_eq!(put.unwrap().metadata, head.metadata);
    assert_eq!(head.storage_class.as_deref(), Some("Cool"));
    assert_eq!(head.content_type.as_deref(), Some("text/csv"));
    assert_eq!(head.metadata["sha-256"], "é");
    let listed: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert_eq!(listed, [head]);
    let unknown = PutOptions::default().storage_class("Lukewarm");
    let error = store.put_bytes(&path("b"), "x".into(), unknown).await;
    assert_eq!(error.unwrap_err().kind(), Kind::InvalidInput);
    let bad = PutOptions::default().metadata(BTreeMap::from([("1".to_owned(), String::new())]));
    let error = store.put(&path("b"), bad).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn what_is_archived_says_what_to_do() {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    let archive = PutOptions::default().storage_class("Archive");
    store
        .put_bytes(&path("a"), "x".into(), archive)
        .await
        .unwrap();
    assert_eq!(store.head(&path("a")).await.unwrap().size, 1);
    let read = store.get(&path("a"), GetOptions::default()).await;
    let error = read.unwrap_err();
    assert!(error.to_string().contains("it is archived"), "{error}");
    assert!(!error.is_temporary());
}

#[tokio::test]
async fn interrupted_uploads_are_compared_block_by_block() {
    let Some(server) = Server::running() else {
        return;
    };
    let store = container(parts).await.unwrap();
    let given = content(4 * PART + 9);
    let sum = Summer::of(Algorithm::Sha256, &given);
    let options = |sum: Option<&Checksum>| {
        let options = PutOptions::default().resume("the same");
        match sum {
            Some(sum) => options.checksum(sum.clone()),
            None => options,
        }
    };
    let interrupt = async || {
        let mut upload = store.put(&path("a"), options(None)).await.unwrap();
        upload.write(given.slice(..3 * PART + 1)).await.unwrap();
        // Until all blocks are there.
        while store
            .put(&path("a"), options(None))
            .await
            .unwrap()
            .resumed()
            < 3 * PART as u64
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    interrupt().await;
    let mut upload = store.put(&path("a"), options(None)).await.unwrap();
    assert_eq!(upload.resumed(), 3 * PART as u64);
    upload.write(given.slice(3 * PART..)).await.unwrap();
    let meta = upload.finish().await.unwrap();
    assert!(meta.checksums.is_empty(), "nobody has seen it all");
    assert!(store.get_bytes(&path("a"), u64::MAX).await.unwrap() == given);

    store.delete(&path("a")).await.unwrap();
    interrupt().await;
    let mut upload = store.put(&path("a"), options(Some(&sum))).await.unwrap();
    assert_eq!(upload.resumed(), 0, "it has to be summed up");
    upload.write(given.clone()).await.unwrap();
    assert_eq!(upload.finish().await.unwrap().checksums.len(), 1);
    assert!(store.get_bytes(&path("a"), u64::MAX).await.unwrap() == given);
    // Blocks of another size are of no use.
    store.delete(&path("a")).await.unwrap();
    interrupt().await;
    let whole = server.open(container_of(&store), &server.by_key());
    let upload = whole.put(&path("a"), options(None)).await.unwrap();
    assert_eq!(upload.resumed(), 0);
    Upload::abort(upload).await.unwrap();
}

fn container_of(store: &AzureStorage) -> &str {
    store.info().name.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn of_two_uploads_in_blocks_one_is_whole_and_the_other_says_so() {
    let Some(store) = container(parts).await else {
        return;
    };
    let mut first = store.put(&path("a"), PutOptions::default()).await.unwrap();
    let mut second = store.put(&path("a"), PutOptions::default()).await.unwrap();
    first.write(content(3 * PART)).await.unwrap();
    second.write(content(4 * PART)).await.unwrap();
    second.finish().await.unwrap();
    if let Err(error) = first.finish().await {
        assert_eq!(error.kind(), Kind::Conflict, "{error}");
        let read = store.get_bytes(&path("a"), u64::MAX).await.unwrap();
        assert!(read == content(4 * PART));
    }
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    let names: Vec<_> = (0..300)
        .map(|number| path(&format!("{} #%é/{number}", number % 3)))
        .collect();
    for name in names.iter().step_by(2) {
        store
            .put_bytes(name, "x".into(), PutOptions::default())
            .await
            .unwrap();
    }
    let results = store.delete_many(&names).await;
    assert_eq!(results.len(), names.len());
    assert!(results.iter().all(Result::is_ok));
    let left: Vec<_> = store.list(&StorePath::ROOT).try_collect().await.unwrap();
    assert!(left.is_empty());
    let unknown = name();
    let server = Server::running().unwrap();
    let nowhere = server.open(&unknown, &server.by_key());
    let results = nowhere.delete_many(&names[..9]).await;
    assert!(results.iter().all(|result| {
        result
            .as_ref()
            .is_err_and(|error| error.kind() == Kind::NotFound)
    }));
}

#[tokio::test]
async fn a_container_is_signed_for_reading_and_listing() {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    let object = path("run 1/a.rsmf");
    let content = PutOptions::default();
    store.put_bytes(&object, "x".into(), content).await.unwrap();
    let mut grant = PresignOptions::new(Duration::from_secs(60));
    grant.grant = Grant::ReadAndList;
    let folder = store.presign(&path("run 1"), grant.clone()).await.unwrap();
    let folder: Url = folder.url.expose_secret().parse().unwrap();
    let whole = store.presign(&StorePath::ROOT, grant).await.unwrap();
    let whole: Url = whole.url.expose_secret().parse().unwrap();
    assert_eq!(folder.query(), whole.query());
    let client = client(&Server::running().unwrap());
    let mut read = folder;
    read.path_segments_mut().unwrap().push("a.rsmf");
    let read = client.get(read).send().await.unwrap();
    assert_eq!(read.bytes().await.unwrap(), "x");
    let mut list = whole.clone();
    list.query_pairs_mut()
        .append_pair("restype", "container")
        .append_pair("comp", "list");
    let list = client.get(list).send().await.unwrap();
    let list = list.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&list).contains("<Name>run 1/a.rsmf</Name>"));
    let mut write = whole;
    write.path_segments_mut().unwrap().push("b");
    let write = client.request(Method::PUT, write).body("y");
    let refused = write.header(
        header::HeaderName::from_static("x-ms-blob-type"),
        "BlockBlob".parse().unwrap(),
    );
    assert_eq!(refused.send().await.unwrap_err().status(), Some(403));
}

#[tokio::test]
async fn addresses_are_good_for_one_object_and_some_time() {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    let server = Server::running().unwrap();
    let client = client(&server);
    let object = path("a b/ü#%.txt");
    let mut put = PresignOptions::new(Duration::from_secs(60));
    put.grant = Grant::Put;
    let address = store.presign(&object, put).await.unwrap();
    let url = address.url.expose_secret().parse().unwrap();
    let mut request = client.request(Method::PUT, url).body("handed over");
    for (name, value) in address.headers {
        let name: header::HeaderName = name.parse().unwrap();
        request = request.header(name, value.parse().unwrap());
    }
    request.send().await.unwrap();
    let get = |seconds| store.presign(&object, PresignOptions::new(Duration::from_secs(seconds)));
    let url = get(60).await.unwrap().url;
    let read = client.get(url.expose_secret().parse().unwrap());
    assert_eq!(
        read.send().await.unwrap().bytes().await.unwrap(),
        "handed over"
    );
    let url = get(0).await.unwrap().url;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = client
        .get(url.expose_secret().parse().unwrap())
        .send()
        .await;
    assert_eq!(late.unwrap_err().status(), Some(403));
    let mut with_password = PresignOptions::new(Duration::from_secs(60));
    with_password.password = Some("x".into());
    let error = store.presign(&object, with_password).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
}

fn client(server: &Server) -> Client {
    let host = format!("http://127.0.0.1:{}", server.http.port().unwrap());
    let host: AllowedHost = host.parse().unwrap();
    Client::builder(Fence::new([host.private()]))
        .build()
        .unwrap()
}

#[tokio::test]
async fn containers_come_and_go_empty() {
    let Some(server) = Server::running() else {
        return;
    };
    let store = server.open(&name(), &server.by_key());
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(
        error.to_string().contains("create the container"),
        "{error}"
    );
    assert_eq!(
        store.remove_container().await.unwrap_err().kind(),
        Kind::NotFound
    );
    store.create_container().await.unwrap();
    store.check().await.unwrap();
    assert_eq!(
        store.create_container().await.unwrap_err().kind(),
        Kind::Conflict
    );
    store
        .put_bytes(&path("a"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    assert_eq!(
        store.remove_container().await.unwrap_err().kind(),
        Kind::Conflict
    );
    store.delete(&path("a")).await.unwrap();
    store.remove_container().await.unwrap();
}

#[tokio::test]
async fn copies_keep_what_goes_with_the_content() {
    let Some(store) = container(parts).await else {
        return;
    };
    let options = PutOptions::default()
        .content_type("text/csv")
        .metadata(BTreeMap::from([("a".to_owned(), "b".to_owned())]));
    let given = content(3 * PART);
    store
        .put_bytes(&path("a"), given.clone(), options)
        .await
        .unwrap();
    store
        .copy(&path("a"), &path("b"), PutMode::Create)
        .await
        .unwrap();
    let (a, b) = (
        store.head(&path("a")).await.unwrap(),
        store.head(&path("b")).await.unwrap(),
    );
    assert_eq!(
        (a.content_type, a.metadata, a.checksums),
        (b.content_type, b.metadata, b.checksums)
    );
    assert!(store.get_bytes(&path("b"), u64::MAX).await.unwrap() == given);
    let reserved = store
        .copy(&path("a"), &path(".rsmf.lock"), PutMode::Create)
        .await;
    assert_eq!(reserved.unwrap_err().kind(), Kind::InvalidInput);
}
