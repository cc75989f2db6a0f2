//! What goes wrong on the way to a server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{
    Error, Kind, Result,
    integration::{GetOptions, ObjectMeta, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::{
    Break,
    Breaking::{self, Close, Reset, Stall},
    FaultProxy, HttpFault, HttpProxy, Reply, Toward,
};
use rsmf_storage::{
    conformance,
    s3::{S3Config, S3Storage},
};

use super::{BUCKET, bucket, config, server};

/// More than two parts.
const LARGE: usize = 12 << 20;

/// Two stores that are the same bucket: one on the straight way, one through `address`.
struct Play {
    store: S3Storage,
    straight: S3Storage,
    path: StorePath,
}

impl Play {
    async fn of(address: String, change: impl FnOnce(&mut S3Config)) -> Self {
        let server = server("seaweedfs").unwrap();
        let straight = bucket(BUCKET, &config(&server, "http", "admin")).await;
        let mut through = config(&server, "http", "admin").endpoint(address.parse().unwrap());
        through.network.retry_delay = Duration::from_millis(5);
        through.network.max_retry_delay = Duration::from_millis(20);
        through.network.timeout = Duration::from_secs(2);
        through.network.idle_timeout = Duration::from_secs(2);
        through.network.circuit_open_after_failures = 100;
        through.transfer.part_size = bytesize::ByteSize::mib(5);
        change(&mut through);
        let store = S3Storage::connect(BUCKET, &through, &NoSecrets)
            .await
            .unwrap();
        let path = conformance::folder().join("object").unwrap();
        Self {
            store,
            straight,
            path,
        }
    }

    async fn put(&self, bytes: &Bytes, options: PutOptions) -> Result<ObjectMeta> {
        self.store
            .put_bytes(&self.path, bytes.clone(), options)
            .await
    }

    async fn is_there(&self, bytes: &Bytes) {
        let there = self.straight.get_bytes(&self.path, u64::MAX).await.unwrap();
        assert!(there == *bytes, "another content is there");
    }

    async fn nothing_is_there(&self) {
        assert!(!self.straight.exists(&self.path).await.unwrap());
    }

    async fn clear(self) {
        // What was lost on the way may have left uploads behind.
        let folder = StorePath::new(self.path.as_str().rsplit_once('/').unwrap().0).unwrap();
        self.straight
            .remove_abandoned(&folder, Duration::ZERO)
            .await
            .unwrap();
        self.straight.delete(&self.path).await.unwrap();
    }
}

fn address() -> Option<SocketAddr> {
    let server = server("seaweedfs")?;
    let url: url::Url = server["http"].as_str().unwrap().parse().unwrap();
    Some(
        format!("127.0.0.1:{}", url.port().unwrap())
            .parse()
            .unwrap(),
    )
}

fn content(size: usize) -> Bytes {
    (0..size).map(|at| (at % 251) as u8).collect()
}

fn says_no_secret(error: &Error) {
    assert!(
        !format!("{error} {error:?}").contains(rsmf_simulator::PLANTED),
        "{error:?}"
    );
}

fn refused(status: u16, code: &str) -> HttpFault {
    let body =
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
    let reply = Reply::status(status)
        .header("x-amz-request-id", "REQUEST-7")
        .body(body);
    HttpFault::Answer(Box::new(reply))
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_survive_connections_that_break() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    let play = Play::of(format!("http://{}", proxy.address()), |_| {}).await;
    for (size, toward, after, how) in [
        (1000, Toward::Server, 0, Close),
        (1000, Toward::Server, 600, Reset),
        (1000, Toward::Client, 0, Close),
        (1000, Toward::Client, 20, Reset),
        (1000, Toward::Server, 900, Stall),
        (LARGE, Toward::Server, 100_000, Reset),
        (LARGE, Toward::Server, 4 << 20, Close),
        (LARGE, Toward::Client, 0, Reset),
    ] {
        let given = content(size);
        let fault = Break { toward, after, how };
        // A connection that is open from before would be used instead.
        let play = Play {
            store: fresh(&proxy).await,
            straight: play.straight.clone(),
            path: play.path.clone(),
        };
        proxy.next([fault]);
        let meta = play.put(&given, PutOptions::default()).await;
        let meta = meta.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(meta.size, size as u64);
        play.is_there(&given).await;
    }
    play.clear().await;
}

async fn fresh(proxy: &FaultProxy) -> S3Storage {
    Play::of(format!("http://{}", proxy.address()), |_| {})
        .await
        .store
}

fn breaks(after: u64, how: Breaking) -> Break {
    Break {
        toward: Toward::Client,
        after,
        how,
    }
}

/// What comes, and the error that ends it, if there is one.
async fn all(store: &S3Storage, path: &StorePath, options: GetOptions) -> (Vec<u8>, Option<Error>) {
    let mut stream = store.get(path, options).await.unwrap().stream;
    let mut read = Vec::new();
    loop {
        match stream.try_next().await {
            Ok(Some(piece)) => read.extend_from_slice(&piece),
            Ok(None) => return (read, None),
            Err(error) => return (read, Some(error)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_go_on_where_they_broke() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    let given = content(3 << 20);
    let play = Play::of(format!("http://{}", proxy.address()), |_| {}).await;
    play.put(&given, PutOptions::default()).await.unwrap();
    for how in [Close, Reset, Stall] {
        let store = fresh(&proxy).await;
        proxy.next([breaks(1 << 20, how), breaks(1 << 19, how), breaks(0, how)]);
        let (read, error) = all(&store, &play.path, GetOptions::default()).await;
        assert!(error.is_none(), "{how:?}: {error:?}");
        assert!(read == given, "{how:?}");
        let store = fresh(&proxy).await;
        proxy.next([breaks(1 << 20, how)]);
        let part = 1000..(2 << 20);
        let options = GetOptions::default().range(part.clone());
        let (read, error) = all(&store, &play.path, options).await;
        assert!(error.is_none(), "{how:?}: {error:?}");
        assert!(
            read == given[part.start as usize..part.end as usize],
            "{how:?}"
        );
    }
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_that_break_for_good_give_no_wrong_byte() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    let url = format!("http://{}", proxy.address());
    let given = content(3 << 20);
    let play = Play::of(url.clone(), |_| {}).await;
    play.put(&given, PutOptions::default()).await.unwrap();
    for (how, kind) in [
        (Close, Kind::Unavailable),
        (Reset, Kind::Unavailable),
        (Stall, Kind::TimedOut),
    ] {
        let once = |config: &mut S3Config| config.network.max_retries = 0;
        let store = Play::of(url.clone(), once).await.store;
        proxy.next([breaks(1 << 20, how)]);
        let (read, error) = all(&store, &play.path, GetOptions::default()).await;
        let error = error.expect("it ends as if it were whole");
        assert!(given.starts_with(&read), "{how:?}");
        assert_eq!(error.kind(), kind, "{error:?}");
        says_no_secret(&error);
    }
    // What was replaced in the meantime is not gone on with.
    let store = fresh(&proxy).await;
    proxy.next([breaks(1 << 20, Reset)]);
    let mut stream = store
        .get(&play.path, GetOptions::default())
        .await
        .unwrap()
        .stream;
    let other = Bytes::from(vec![7; given.len()]);
    play.straight
        .put_bytes(&play.path, other, PutOptions::default())
        .await
        .unwrap();
    let error = loop {
        match stream.try_next().await {
            Ok(piece) => assert!(piece.is_some(), "two contents were put together"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), Kind::Conflict, "{error:?}");
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_hangs_and_slow_is_not_stalled() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    let play = Play::of(format!("http://{}", proxy.address()), |config| {
        config.network.max_retries = 0;
    })
    .await;
    let stalled = |toward| Break {
        toward,
        after: 0,
        how: Breaking::Stall,
    };
    let begun = Instant::now();
    proxy.next([stalled(Toward::Server)]);
    let error = play
        .put(&content(10), PutOptions::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut, "{error:?}");
    // What has got there although no answer came is found.
    proxy.next([stalled(Toward::Client)]);
    play.put(&content(10), PutOptions::default()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Six seconds in all, which is more than the patience with one that does not move.
    let given = content(3 << 20);
    play.straight
        .put_bytes(&play.path, given.clone(), PutOptions::default())
        .await
        .unwrap();
    proxy.drip(32 << 10, Duration::from_millis(60));
    assert!(play.store.get_bytes(&play.path, u64::MAX).await.unwrap() == given);
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_busy_are_asked_again() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    let small = content(10);
    let burst = [
        refused(503, "SlowDown"),
        refused(429, "TooManyRequests"),
        refused(500, "InternalError"),
    ];
    proxy.next("PUT", "object", burst.clone());
    play.put(&small, PutOptions::default()).await.unwrap();
    proxy.next("POST", "uploads", burst.clone());
    proxy.next("PUT", "partNumber=2", burst.clone());
    proxy.next("POST", "uploadId=", burst);
    let large = content(LARGE);
    play.put(&large, PutOptions::default()).await.unwrap();
    play.is_there(&large).await;
    assert_eq!(proxy.left(), 0);
    play.straight.delete(&play.path).await.unwrap();
    for part in ["object", "partNumber=2"] {
        proxy.next(
            "PUT",
            part,
            std::iter::repeat_n(refused(503, "SlowDown"), 4),
        );
        let given = if part == "object" { &small } else { &large };
        let error = play.put(given, PutOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::RateLimited, "{error:?}");
        assert_eq!(error.context().attempts(), Some(4));
        assert_eq!(error.context().request_id(), Some("REQUEST-7"));
        assert!(error.to_string().contains("s3://rsmf-tests/"), "{error}");
        play.nothing_is_there().await;
    }
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pauses_that_are_asked_for_are_made() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |config| {
        config.network.max_retry_delay = Duration::from_secs(5);
    })
    .await;
    let reply = Reply::status(503).header("retry-after", "1");
    proxy.next("PUT", "object", [HttpFault::Answer(Box::new(reply))]);
    let begun = Instant::now();
    play.put(&content(1), PutOptions::default()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_neither_an_error_nor_a_conflict() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    for lost in [1, 4] {
        for size in [10, LARGE] {
            let given = content(size);
            let (method, part) = match size {
                LARGE => ("POST", "uploadId="),
                _ => ("PUT", "object"),
            };
            let lose = || std::iter::repeat_n(HttpFault::LoseAnswer, lost);
            proxy.next(method, part, lose());
            let meta = play
                .put(&given, PutOptions::default().create())
                .await
                .unwrap();
            play.is_there(&given).await;
            let seen = play.straight.head(&play.path).await.unwrap();
            assert_eq!(meta.etag, seen.etag);
            // Over what is there, with a condition.
            let given = content(size + 1);
            proxy.next(method, part, lose());
            let replace = PutOptions::default().if_match(seen.etag.unwrap());
            play.put(&given, replace).await.unwrap();
            play.is_there(&given).await;
            play.straight.delete(&play.path).await.unwrap();
        }
    }
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_is_a_conflict_also_after_a_lost_answer() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    let (theirs, ours) = (content(10), content(11));
    play.straight
        .put_bytes(&play.path, theirs.clone(), PutOptions::default())
        .await
        .unwrap();
    proxy.next("PUT", "object", [HttpFault::LoseAnswer]);
    let error = play
        .put(&ours, PutOptions::default().create())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error:?}");
    play.is_there(&theirs).await;
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_change_on_their_way_are_noticed() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    let damage = |times| std::iter::repeat_n(HttpFault::DamageRequest, times);
    for (size, part) in [(1000, "object"), (LARGE, "partNumber=2")] {
        let given = content(size);
        proxy.next("PUT", part, damage(1));
        play.put(&given, PutOptions::default()).await.unwrap();
        play.is_there(&given).await;
        proxy.next("GET", "object", [HttpFault::DamageAnswer]);
        let error = play
            .store
            .get_bytes(&play.path, u64::MAX)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{error:?}");
        play.straight.delete(&play.path).await.unwrap();
        proxy.next("PUT", part, damage(4));
        let error = play.put(&given, PutOptions::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{error:?}");
        play.nothing_is_there().await;
    }
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_and_old_tokens_are_named() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    for (status, code, told) in [
        (403, "RequestTimeTooSkewed", "clock"),
        (403, "AccessDenied", "rights"),
        (301, "PermanentRedirect", "region"),
        (400, "ExpiredToken", "log in again"),
    ] {
        // The last one in the middle of an upload.
        let (part, size) = match status {
            400 => ("partNumber=2", LARGE),
            _ => ("object", 10),
        };
        proxy.next("PUT", part, std::iter::repeat_n(refused(status, code), 4));
        let put = play.put(&content(size), PutOptions::default()).await;
        let error = put.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        says_no_secret(&error);
        play.nothing_is_there().await;
        proxy.forget();
    }
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_down_is_spared() {
    if address().is_none() {
        return;
    }
    // Nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    let play = Play::of(format!("http://{nobody}"), |config| {
        config.network.circuit_open_after_failures = 3;
    })
    .await;
    let errors = [
        play.store.head(&play.path).await.unwrap_err(),
        play.store.head(&play.path).await.unwrap_err(),
    ];
    for error in &errors {
        assert_eq!(error.kind(), Kind::Unavailable, "{error:?}");
    }
    let text = format!("{:?}", errors[1]);
    assert!(text.contains("is spared"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_upload_sends_what_is_missing() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    let given = content(LARGE);
    let options = || {
        PutOptions::default()
            .resume("this content")
            .content_type("text/plain")
    };
    // Late, so that the other parts are through.
    let late = Reply::status(503).late(Duration::from_secs(1));
    let late = HttpFault::Answer(Box::new(late));
    proxy.next("PUT", "partNumber=3", std::iter::repeat_n(late, 4));
    play.put(&given, options()).await.unwrap_err();
    play.nothing_is_there().await;
    let before = parts_sent(&proxy);
    play.put(&given, options()).await.unwrap();
    assert_eq!(parts_sent(&proxy) - before, 1);
    play.is_there(&given).await;
    let meta = play.straight.head(&play.path).await.unwrap();
    assert_eq!(meta.content_type.as_deref(), Some("text/plain"));
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_resumed_is_compared_by_content() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(proxy.url(), |_| {}).await;
    let options = || PutOptions::default().resume("whatever they say");
    proxy.next(
        "PUT",
        "partNumber=3",
        std::iter::repeat_n(refused(503, "SlowDown"), 4),
    );
    play.put(&content(LARGE), options()).await.unwrap_err();
    let other: Bytes = vec![7; LARGE].into();
    play.put(&other, options()).await.unwrap();
    play.is_there(&other).await;
    play.clear().await;
}

fn parts_sent(proxy: &HttpProxy) -> usize {
    let seen = proxy.seen();
    seen.iter()
        .filter(|(method, target)| method == "PUT" && target.contains("partNumber="))
        .count()
}
