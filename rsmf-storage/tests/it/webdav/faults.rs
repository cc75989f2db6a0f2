//! Servers that answer wrongly, or in pieces.

use std::time::Duration;

use futures_util::StreamExt;
use rsmf_core::{
    Kind,
    integration::{GetOptions, Integration, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::{FaultServer, Reply};
use rsmf_storage::{
    Network,
    webdav::{DavConfig, DavStorage},
};

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

fn store(host: &FaultServer) -> DavStorage {
    let mut network = Network::default();
    network.max_retries = 2;
    network.circuit_open_after_failures = 0;
    network.retry_delay = Duration::from_millis(1);
    network.idle_timeout = Duration::from_millis(300);
    let config = DavConfig::default()
        .basic("ada", "pl4nted-s3cret-ada")
        .network(network);
    let root = host.url("/dav").parse().unwrap();
    DavStorage::connect(&root, &config, &NoSecrets).unwrap()
}

fn multistatus(resources: &[(&str, &str)]) -> Reply {
    let resources = resources.iter().map(|(href, props)| {
        format!(
            "<d:response><d:href>{href}</d:href><d:propstat><d:prop>{props}</d:prop>\
             <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        )
    });
    let resources: String = resources.collect();
    let text = format!(r#"<d:multistatus xmlns:d="DAV:">{resources}</d:multistatus>"#);
    Reply::text(text).with_status(207)
}

const FILE: &str = "<d:resourcetype/><d:getcontentlength>10</d:getcontentlength>";
const FOLDER: &str = "<d:resourcetype><d:collection/></d:resourcetype>";

#[tokio::test]
async fn each_refusal_is_told_clearly() {
    let host = FaultServer::start().await;
    let store = store(&host);
    let said = |message: &str| {
        format!(
            r#"<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
            <s:exception>Sabre\DAV\Exception</s:exception><s:message>{message}</s:message></d:error>"#
        )
    };
    for (status, kind, attempts, told) in [
        (401, Kind::Denied, 1, "app password"),
        (403, Kind::Denied, 1, "right"),
        (404, Kind::NotFound, 1, ""),
        (405, Kind::Unsupported, 1, "WebDAV folder"),
        (423, Kind::Conflict, 1, "locked"),
        (429, Kind::RateLimited, 3, ""),
        (500, Kind::Unavailable, 3, ""),
        (503, Kind::Unavailable, 3, "maintained"),
        (507, Kind::Other, 1, "quota"),
    ] {
        let place = format!("/dav/{status}");
        let body = said("System in maintenance mode.");
        host.serve(&place, Reply::status(status).body(body));
        let error = store.head(&path(&status.to_string())).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.to_string().contains(&place), "{error}");
        assert_eq!(host.seen_at(&place).len(), attempts, "{status}");
        if status != 404 {
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.contains("maintenance mode"), "{source}");
        }
    }
}

#[tokio::test]
async fn what_is_no_webdav_is_no_store() {
    let host = FaultServer::start().await;
    let store = store(&host);
    host.serve("/dav/", Reply::html("<html>Sign in</html>"));
    let error = store.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported, "{error}");
    let html = Reply::html("<html>Sign in</html>").with_status(207);
    host.serve("/dav/a", html);
    let error = store.head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Other, "{error}");
    assert!(error.to_string().contains("WebDAV folder"), "{error}");
    host.serve("/dav/b", multistatus(&[("/dav/b", FILE)]).cut(60));
    let error = store.head(&path("b")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    host.serve("/dav/c", multistatus(&[("/dav/c", FILE)]).stall(60));
    let error = store.head(&path("c")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut, "{error}");
    host.serve("/dav/d", multistatus(&[("/dav/d", "<d:resourcetype/>")]));
    let error = store.head(&path("d")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Other, "{error}");
}

#[tokio::test]
async fn a_name_that_is_none_is_told_among_the_others() {
    let host = FaultServer::start().await;
    let store = store(&host);
    let listed = multistatus(&[
        ("/dav/", FOLDER),
        ("/dav/z", FILE),
        ("/dav/%ff", FILE),
        ("/dav/a", FILE),
        ("/dav/.rsmf-1.partial", FILE),
    ]);
    host.serve("/dav/", listed);
    let items: Vec<_> = store.list(&StorePath::ROOT).collect().await;
    assert_eq!(items.len(), 3);
    assert_eq!(items[0].as_ref().unwrap_err().kind(), Kind::InvalidInput);
    assert_eq!(items[1].as_ref().unwrap().path, path("a"));
    assert_eq!(items[2].as_ref().unwrap().path, path("z"));
    host.serve("/dav/f/", multistatus(&[("/dav/g/a", FILE)]));
    let items: Vec<_> = store.list_folder(&path("f")).collect().await;
    assert_eq!(items[0].as_ref().unwrap_err().kind(), Kind::Other);
}

const LENGTHS: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

fn part(text: &'static str, etag: &str) -> Reply {
    Reply::text(text)
        .header("content-length", LENGTHS[text.len()])
        .header("etag", etag)
        .header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke() {
    let host = FaultServer::start().await;
    let store = store(&host);
    let rest = |from: usize| {
        part(&"0123456789"[from..], "W/\"1\"")
            .with_status(206)
            .header("content-range", ["bytes 4-9/10", "bytes 7-9/10"][from / 7])
    };
    host.next(
        "/dav/a",
        [part("0123456789", "\"1\"").cut(4), rest(4).cut(3), rest(7)],
    );
    let bytes = store.get_bytes(&path("a"), 10).await.unwrap();
    assert_eq!(bytes, "0123456789");
    let seen = host.seen_at("/dav/a");
    assert_eq!(seen.len(), 3);

    // A server that has no ranges sends all of it again.
    host.next(
        "/dav/b",
        [
            part("0123456789", "\"1\"").cut(4),
            part("0123456789", "\"1\""),
        ],
    );
    let bytes = store.get_bytes(&path("b"), 10).await.unwrap();
    assert_eq!(bytes, "0123456789");

    host.next(
        "/dav/c",
        [
            part("0123456789", "\"1\"").cut(4),
            part("0123456789", "\"2\""),
        ],
    );
    let error = store.get_bytes(&path("c"), 10).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");

    host.serve("/dav/d", part("0123456789", "\"1\"").cut(0));
    let error = store.get_bytes(&path("d"), 10).await.unwrap_err();
    assert!(error.is_temporary(), "{error}");
}

#[tokio::test]
async fn ranges_of_a_server_without_ranges_are_cut_out() {
    let host = FaultServer::start().await;
    let store = store(&host);
    host.serve("/dav/a", part("0123456789", "\"1\""));
    let options = GetOptions::default().range(3..6);
    let mut object = store.get(&path("a"), options).await.unwrap();
    assert_eq!((object.range, object.meta.size), (3..6, 10));
    let mut bytes = Vec::new();
    while let Some(piece) = object.stream.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(bytes, b"345");
}

#[tokio::test]
async fn an_authority_is_trusted_where_it_is_named() {
    let host = FaultServer::start_tls().await;
    host.serve("/dav/a", multistatus(&[("/dav/a", FILE)]));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, host.certificates().unwrap().authority()).unwrap();
    let mut network = Network::default();
    network.max_retries = 0;
    let root = host.url("/dav").parse().unwrap();
    let open = |network: &Network| {
        let config = DavConfig::default()
            .basic("ada", "pl4nted-s3cret-ada")
            .network(network.clone());
        DavStorage::connect(&root, &config, &NoSecrets).unwrap()
    };
    let error = open(&network).head(&path("a")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    assert!(host.seen().is_empty());
    network.ca_file = Some(file);
    assert_eq!(open(&network).head(&path("a")).await.unwrap().size, 10);
}
