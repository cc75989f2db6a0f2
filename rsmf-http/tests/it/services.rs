//! What integrations need: an object store, WebDAV, a review platform.

use std::{num::NonZeroU64, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use rsmf_http::{
    Authenticate, Body, Category, Cause, Client, Fence, Method, Outgoing, Span, StatusCode, Url,
    header::{
        AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE,
    },
};
use rsmf_simulator::{FaultServer, PLANTED, Reply};
use serde_json::{Value, json};

use crate::support::{allow, config};

async fn start() -> (FaultServer, Client) {
    let server = FaultServer::start().await;
    let client = Client::builder(Fence::new([allow(&server.url(""))]));
    (server, client.config(config()).build().unwrap())
}

fn url(server: &FaultServer, path: &str) -> Url {
    server.url(path).parse().unwrap()
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap()
}

/// Tokens that somebody else makes, such as a library of a cloud.
#[derive(Debug)]
struct Elsewhere;

#[async_trait]
impl Authenticate for Elsewhere {
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
        let mut token = HeaderValue::try_from(format!("Bearer {PLANTED}cloud"))?;
        token.set_sensitive(true);
        request.headers.insert(AUTHORIZATION, token);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}

/// A part of an upload, in pieces that can be made again.
fn chunk(length: usize) -> Body {
    let pieces = move || {
        let pieces = (0..length / 1000).map(|_| Ok(Bytes::from_static(&[7; 1000])));
        Box::pin(stream::iter(pieces)) as rsmf_http::Pieces
    };
    Body::again(pieces, Some(length as u64))
}

#[tokio::test]
async fn an_upload_goes_on_where_the_store_says() {
    let (server, client) = start().await;
    let client = client.with_auth(Arc::new(Elsewhere));
    let session = server.url("/session?upload_id=u-1");
    server.serve("/o", Reply::text("").header("location", &session));
    let goes_on = |range: &str| Reply::status(308).body("").header("range", range);
    server.next(
        "/session",
        [
            goes_on("bytes=0-3999"),
            Reply::status(503),
            goes_on("bytes=0-5999"),
        ],
    );
    server.serve("/session", Reply::json(&json!({"size": "8000"})));
    let begin = client.request(Method::POST, url(&server, "/o"));
    let begin = begin.json(&json!({"name": "a"})).unwrap();
    let begun = begin.send().await.unwrap();
    let session: Url = begun.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut sent = 0;
    let done: Value = loop {
        let end = 8000.min(sent + 4000);
        let put = client.request(Method::PUT, session.clone());
        let put = put.body(chunk(end - sent)).header(
            CONTENT_RANGE,
            value(&format!("bytes {sent}-{}/8000", end - 1)),
        );
        let answer = put.send().await.unwrap();
        if answer.status() != StatusCode::PERMANENT_REDIRECT {
            break answer.json().await.unwrap();
        }
        let range = answer.header(&RANGE).unwrap();
        let last = range.strip_prefix("bytes=0-").unwrap();
        sent = last.parse::<usize>().unwrap() + 1;
    };
    assert_eq!(done["size"], "8000");
    let seen = server.seen_at("/session");
    let lengths: Vec<_> = seen.iter().map(|seen| seen.body.len()).collect();
    assert_eq!(lengths, [4000, 4000, 4000, 2000]);
    assert_eq!(seen[3].header("content-range"), "bytes 6000-7999/8000");
    assert_eq!(seen[3].header("content-length"), "2000");
    let token = format!("Bearer {PLANTED}cloud");
    assert!(
        seen.iter()
            .all(|seen| seen.header("authorization") == token)
    );
}

#[tokio::test]
async fn a_part_of_an_object_is_a_stream() {
    let (server, client) = start().await;
    let part = Reply::text(vec![1; 100_000])
        .with_status(206)
        .header("content-range", "bytes 1000-100999/500000");
    server.serve("/o", part);
    let length = NonZeroU64::new(100_000);
    let get = client.get(url(&server, "/o")).range(1000, length);
    let answer = get.send().await.unwrap();
    let Some(Span {
        first, last, whole, ..
    }) = answer.part()
    else {
        panic!("it is a part");
    };
    assert_eq!((first, last, whole), (1000, 100_999, Some(500_000)));
    let pieces: Vec<Bytes> = answer.into_stream().try_collect().await.unwrap();
    assert!(pieces.len() > 1);
    assert_eq!(pieces.concat().len(), 100_000);
    let seen = server.seen();
    assert_eq!(seen[0].header("range"), "bytes=1000-100999");
    assert_eq!(seen[0].header("accept-encoding"), "");
    // Another one breaks, and ends with that.
    server.serve("/o", Reply::text(vec![1; 100_000]).cut(70_000));
    let answer = client.get(url(&server, "/o")).range(5, None).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.part(), None);
    let mut pieces = Box::pin(answer.into_stream());
    let end = loop {
        match pieces.try_next().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert_eq!(end.unwrap_err().category(), Category::Network);
    assert!(pieces.try_next().await.unwrap().is_none());
    assert_eq!(server.seen()[1].header("range"), "bytes=5-");
}

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

#[tokio::test]
async fn methods_of_webdav_are_as_good_as_any() {
    let (server, client) = start().await;
    let found = "<d:multistatus xmlns:d=\"DAV:\"/>";
    let found = Reply::text(found).with_status(207);
    server.serve("/d/", found.header("content-type", "application/xml"));
    let depth = HeaderName::from_static("depth");
    for name in ["PROPFIND", "SEARCH", "REPORT"] {
        // A folder may be named without its slash, and a server may have a bad moment.
        server.serve("/d", Reply::status(301).header("location", "/d/"));
        server.next("/d/", [Reply::status(500)]);
        let ask = client
            .request(method(name), url(&server, "/d"))
            .safe()
            .header(depth.clone(), value("1"))
            .header(CONTENT_TYPE, value("application/xml"))
            .body("<d:propfind xmlns:d=\"DAV:\"/>");
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::MULTI_STATUS);
        assert!(answer.bytes().await.unwrap().starts_with(b"<d:multistatus"));
        let last = server.seen().pop().unwrap();
        assert_eq!((last.method.as_str(), last.path()), (name, "/d/"));
        assert_eq!(last.header("depth"), "1");
        assert!(last.body.starts_with(b"<d:propfind"));
    }
}

#[tokio::test]
async fn what_changes_something_is_repeated_only_where_its_caller_says_so() {
    let (server, client) = start().await;
    let to = HeaderName::from_static("destination");
    for (name, repeatable, sent) in [
        ("MKCOL", true, 2),
        ("MOVE", true, 2),
        ("MOVE", false, 1),
        ("LOCK", false, 1),
    ] {
        let before = server.seen().len();
        server.serve("/d", Reply::status(201));
        server.next("/d", [Reply::status(503)]);
        let change = client
            .request(method(name), url(&server, "/d"))
            .header(to.clone(), value("/e"));
        let change = if repeatable {
            change.repeatable()
        } else {
            change
        };
        assert_eq!(change.send().await.is_ok(), repeatable, "{name}");
        assert_eq!(server.seen().len() - before, sent, "{name}");
    }
    // A file of unknown length, which comes once.
    let pieces = stream::iter([Ok(Bytes::from_static(b"con")), Ok("tent".into())]);
    let put = client.request(Method::PUT, url(&server, "/d"));
    let put = put.body(Body::once(Box::pin(pieces), None));
    put.send().await.unwrap();
    let last = server.seen().pop().unwrap();
    assert_eq!(last.body, "content");
    assert_eq!(last.header("content-length"), "");
    // It is locked by somebody else, or was changed.
    for (status, category) in [(423, Category::InvalidInput), (412, Category::Conflict)] {
        server.next("/d", [Reply::status(status)]);
        let put = client.request(Method::PUT, url(&server, "/d")).body("x");
        let error = put.send().await.unwrap_err();
        assert_eq!((error.status(), error.category()), (Some(status), category));
    }
}

#[cfg(feature = "oauth2")]
#[tokio::test]
async fn a_review_platform_is_asked_in_json_with_a_token() {
    use rsmf_http::oauth2::{Grant, OAuth2, Placement};

    let (server, client) = start().await;
    server.issue_tokens(
        "/Identity/connect/token",
        std::time::Duration::from_secs(3600),
    );
    server.guard("/Relativity.REST/api/query");
    server.serve(
        "/Relativity.REST/api/query",
        Reply::json(&json!({"TotalCount": 2})),
    );
    let grant = Grant::client_credentials("app", format!("{PLANTED}secret"));
    let grant = grant.scope("SystemUserInfo").placement(Placement::Body);
    let token_url = url(&server, "/Identity/connect/token");
    let client = client
        .clone()
        .with_auth(Arc::new(OAuth2::new(client, token_url, grant)));
    let query = async || -> rsmf_http::Result<Value> {
        client
            .request(Method::POST, url(&server, "/Relativity.REST/api/query"))
            .header(HeaderName::from_static("x-csrf-header"), value("-"))
            .json(&json!({"request": {"objectType": {"artifactTypeID": 10}}}))?
            .safe()
            .send()
            .await?
            .json()
            .await
    };
    for _ in 0..2 {
        server.expire_tokens();
        assert_eq!(query().await.unwrap()["TotalCount"], 2);
    }
    assert_eq!(server.seen_at("/Identity/connect/token").len(), 2);
}
