//! What the network and the service do wrong.

use std::time::Duration;

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind,
    integration::{GetOptions, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::{FaultServer, PLANTED, Reply};
use rsmf_storage::{AzureConfig, AzureCredential, AzureStorage};

use super::path;

const BLOB: &str = "/acme/c/a";
const LIST: &str = "/acme/c";

/// The MD5 of `x`, in Base64.
const MD5: &str = "ndTkYSaMgDT1yFZOFVxnpg==";

struct Played {
    server: FaultServer,
    store: AzureStorage,
}

async fn play(change: impl FnOnce(&mut AzureConfig)) -> Played {
    let server = FaultServer::start().await;
    let sas = format!("sv=1&sig={PLANTED}sas");
    let mut config = AzureConfig::default()
        .credential(AzureCredential::Sas(sas.as_str().into()))
        .endpoint(server.url("/acme").parse().unwrap());
    config.network.retry_delay = Duration::from_millis(1);
    config.hierarchical = Some(false);
    change(&mut config);
    let store = AzureStorage::connect("acme", "c", &config, &NoSecrets).unwrap();
    Played { server, store }
}

fn content() -> Reply {
    Reply::text("0123456789")
        .with_status(206)
        .header("content-range", "bytes 0-9/10")
        .header("etag", "\"0x1\"")
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::status(status).header("x-ms-error-code", code)
}

#[tokio::test]
async fn what_breaks_on_its_way_is_fetched_again() {
    let played = play(|_| ()).await;
    played.server.serve(BLOB, content());
    played.server.next(
        BLOB,
        [
            content().announcing(10).cut(4),
            Reply::reset(),
            refusal(500, "InternalError"),
        ],
    );
    let bytes = played.store.get_bytes(&path("a"), 99).await.unwrap();
    assert_eq!(bytes, "0123456789");
    assert_eq!(played.server.seen_at(BLOB).len(), 4);
}

#[tokio::test]
async fn bursts_of_refusals_end_in_an_error_that_tells_all() {
    let played = play(|config| config.network.max_retries = 2).await;
    let busy = refusal(503, "ServerBusy").header("x-ms-request-id", "r-9");
    played.server.serve(BLOB, busy);
    let error = played.store.get_bytes(&path("a"), 99).await.unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.context().attempts(), Some(3));
    assert_eq!(error.context().request_id(), Some("r-9"));
    assert!(error.to_string().contains("az://acme/c/a"), "{error}");
    assert!(!format!("{error:?}").contains(PLANTED), "{error:?}");
}

#[tokio::test]
async fn a_host_that_is_down_gets_no_more_requests_for_a_while() {
    let played = play(|config| config.network.max_retries = 0).await;
    played.server.serve(BLOB, refusal(500, "InternalError"));
    for _ in 0..5 {
        let error = played.store.head(&path("a")).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
    }
    let error = played.store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert_eq!(played.server.seen_at(BLOB).len(), 5);
}

#[tokio::test]
async fn a_pause_that_was_asked_for_is_kept() {
    let played = play(|_| ()).await;
    played.server.serve(BLOB, content());
    played
        .server
        .next(BLOB, [Reply::status(429).header("retry-after", "1")]);
    played.store.get_bytes(&path("a"), 99).await.unwrap();
    assert!(played.server.spacing(BLOB)[0] >= Duration::from_millis(990));
}

#[tokio::test]
async fn nothing_hangs() {
    let quick = |config: &mut AzureConfig| {
        config.network.timeout = Duration::from_millis(50);
        config.network.idle_timeout = Duration::from_millis(50);
        config.network.max_retries = 1;
    };
    let played = play(quick).await;
    for hanging in [Reply::silence(), content().stall(4)] {
        played.server.serve(BLOB, hanging);
        let error = played.store.get_bytes(&path("a"), 99).await.unwrap_err();
        assert_eq!(error.kind(), Kind::TimedOut, "{error:?}");
    }
    let played = play(|config| config.network.deadline = Duration::from_millis(100)).await;
    played.server.serve(BLOB, Reply::silence());
    let error = played.store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut);
}

#[tokio::test]
async fn other_bytes_than_were_stored_are_noticed() {
    let played = play(|_| ()).await;
    played
        .server
        .serve(BLOB, content().header("x-ms-blob-content-md5", MD5));
    let object = played
        .store
        .get(&path("a"), GetOptions::default())
        .await
        .unwrap();
    let error = object.stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity, "{error}");
    let short = content().header("content-range", "bytes 0-19/20");
    played.server.serve(BLOB, short);
    let object = played
        .store
        .get(&path("a"), GetOptions::default())
        .await
        .unwrap();
    let error = object.stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Integrity, "{error}");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_no_conflict() {
    let there = |md5: &str| {
        let there = Reply::text("x").header("etag", "\"0x2\"");
        there.header("content-md5", md5)
    };
    let create = || PutOptions::default().create();
    for (md5, ours) in [(MD5, true), ("AAAAAAAAAAAAAAAAAAAAAA==", false)] {
        let played = play(|_| ()).await;
        played
            .server
            .next(BLOB, [Reply::reset(), refusal(409, "BlobAlreadyExists")]);
        played.server.serve(BLOB, there(md5));
        let put = played
            .store
            .put_bytes(&path("a"), "x".into(), create())
            .await;
        match put {
            Ok(meta) => assert!(ours && meta.etag.as_deref() == Some("0x2")),
            Err(error) => assert!(!ours && error.kind() == Kind::Conflict, "{error:?}"),
        }
    }
    // The first answer is what it says.
    let played = play(|_| ()).await;
    played.server.serve(BLOB, there(MD5));
    played
        .server
        .next(BLOB, [refusal(409, "BlobAlreadyExists")]);
    let put = played
        .store
        .put_bytes(&path("a"), "x".into(), create())
        .await;
    assert_eq!(put.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn names_that_are_no_paths_are_told_without_ending_the_list() {
    let played = play(|_| ()).await;
    let blob = |name: &str, size: u32, more: &str| {
        format!(
            "<Blob><Name>{name}</Name><Properties><Content-Length>{size}</Content-Length>{more}\
             </Properties></Blob>"
        )
    };
    let page = [
        blob("a", 1, ""),
        blob("a/", 0, ""),
        blob("a//b", 1, ""),
        blob("b", 1, "<CopyStatus>pending</CopyStatus>"),
        blob("c", 0, "<ResourceType>directory</ResourceType>"),
        blob("d/.rsmf.lock", 1, ""),
        blob("e", 5, ""),
    ]
    .concat();
    let page =
        format!("<EnumerationResults><Blobs>{page}</Blobs><NextMarker/></EnumerationResults>");
    played.server.serve(LIST, Reply::text(page));
    let root = StorePath::ROOT;
    let items: Vec<_> = futures_util::StreamExt::collect(played.store.list(&root)).await;
    let told: Vec<_> = items
        .iter()
        .map(|item| match item {
            Ok(meta) => meta.path.as_str().to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        })
        .collect();
    assert_eq!(told, ["a", "InvalidInput", "e"]);
    played
        .server
        .serve(LIST, Reply::text("<EnumerationResults><Blobs></Wrong>"));
    let broken = played.store.list(&root).try_collect::<Vec<_>>().await;
    assert_eq!(broken.unwrap_err().kind(), Kind::Integrity);
}

#[tokio::test]
async fn accounts_with_folders_are_listed_in_the_order_of_bytes() {
    let played = play(|config| config.hierarchical = Some(true)).await;
    let page = |items: &str| {
        Reply::text(format!(
            "<EnumerationResults><Blobs>{items}</Blobs></EnumerationResults>"
        ))
    };
    let blob = |name: &str| {
        format!(
            "<Blob><Name>{name}</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>"
        )
    };
    let root = format!(
        "<BlobPrefix><Name>a/</Name></BlobPrefix>{}{}",
        blob("a-b"),
        blob("a0")
    );
    played.server.next(LIST, [page(&root), page(&blob("a/x"))]);
    let listed: Vec<_> = played
        .store
        .list(&StorePath::ROOT)
        .try_collect()
        .await
        .unwrap();
    let names: Vec<_> = listed.iter().map(|meta| meta.path.as_str()).collect();
    assert_eq!(names, ["a-b", "a/x", "a0"]);
    let flat = play(|_| ()).await;
    let next = "<NextMarker>n</NextMarker>";
    let first = format!(
        "<EnumerationResults><Blobs>{}</Blobs>{next}</EnumerationResults>",
        blob("a/x")
    );
    flat.server
        .next(LIST, [Reply::text(first), page(&blob("a-b"))]);
    let error = flat
        .store
        .list(&StorePath::ROOT)
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("hierarchical = true"), "{error}");
}

#[tokio::test]
async fn a_copy_that_fails_leaves_nothing_that_is_seen() {
    let played = play(|_| ()).await;
    let from = "/acme/c/from";
    played.server.serve(from, Reply::text("x"));
    let status = |text: &str| {
        Reply::text("")
            .header("x-ms-copy-status", text)
            .header("etag", "\"0x9\"")
    };
    played.server.next(
        BLOB,
        [
            status("pending").with_status(202),
            status("pending"),
            status("failed"),
            Reply::status(202),
        ],
    );
    let copy = played
        .store
        .copy(&path("from"), &path("a"), Default::default())
        .await;
    assert_eq!(copy.unwrap_err().kind(), Kind::Unavailable);
    let seen = played.server.seen_at(BLOB);
    assert!(seen[0].header("x-ms-copy-source").contains("sig="));
    assert_eq!(seen[3].method.as_str(), "DELETE");
    assert_eq!(seen[3].header("if-match"), "\"0x9\"");
    played.server.serve(BLOB, status("pending"));
    let error = played.store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_may_not_be_copied_by_the_service_is_carried() {
    let played = play(|_| ()).await;
    let from = "/acme/c/from";
    played.server.next(from, [Reply::text("0123456789")]);
    played.server.serve(from, content());
    played.server.next(
        BLOB,
        [
            refusal(403, "CannotVerifyCopySource"),
            Reply::status(201).header("etag", "\"0x1\""),
        ],
    );
    played
        .store
        .copy(&path("from"), &path("a"), Default::default())
        .await
        .unwrap();
    let seen = played.server.seen_at(BLOB);
    assert_eq!(seen[1].body, "0123456789");
}
