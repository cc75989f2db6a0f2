//! What counts as the file, and what stops everything.

use std::time::Instant;

use rsmf_core::{
    Kind,
    integration::{Fetch, FetchReason, FileContent, FileFetcher, Integration, SourceFile},
};
use rsmf_http::AllowedHost;
use rsmf_simulator::{Content, Fault, FileHost};

use super::*;

#[tokio::test]
async fn a_file_is_downloaded_once() {
    let stage = Stage::new("pixels");
    let first = here(stage.fetch(6).await);
    let sha256 = "6ec9c2b0eb14010746c8bce8939303b382344b296206612eb8a907a37b2b2f37";
    assert_eq!((first.size, first.sha256.as_str()), (6, sha256));
    assert_eq!(first.media_type.as_deref(), Some("image/png"));
    assert_eq!(read(first).await.unwrap(), b"pixels");
    let seen = stage.host.take_seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].authorization.as_deref(),
        Some("Bearer xoxp-planted-token")
    );
    // Another process, later.
    assert_eq!(read(here(stage.fetch(6).await)).await.unwrap(), b"pixels");
    assert!(stage.host.seen().is_empty());
    stage.with_token().check().await.unwrap();
}

#[tokio::test]
async fn many_who_want_the_same_file_at_once_get_one_download() {
    let stage = Stage::new("pixels");
    let (downloads, file) = (stage.with_token(), stage.file(6));
    let all = (0..8).map(|_| downloads.fetch(&file));
    for fetched in futures::future::try_join_all(all).await.unwrap() {
        assert_eq!(read(here(fetched)).await.unwrap(), b"pixels");
    }
    assert_eq!(stage.host.seen().len(), 1);
}

#[tokio::test]
async fn the_token_within_a_link_is_used_where_there_is_no_other() {
    let stage = Stage::new("pixels");
    stage.host.serve(PATH, Content::new("pixels", "image/png"));
    let file = linked(&stage.host.url(&format!("{PATH}?t=xoxe-1")), 6);
    here(stage.with_token().fetch(&file).await.unwrap());
    assert_eq!(stage.host.take_seen()[0].target, PATH);
    let fresh = Arc::new(MemoryStorage::new());
    let stage = Stage {
        cache: fresh,
        ..stage
    };
    let without = stage.downloads(DownloadOptions::default());
    here(without.fetch(&file).await.unwrap());
    let seen = stage.host.take_seen();
    assert_eq!(seen[0].target, format!("{PATH}?t=xoxe-1"));
    assert_eq!(seen[0].authorization, None);
    for (path, bytes) in dump(&stage.cache).await {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            !path.contains("xox") && !text.contains("xox"),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let slow = Fault::SlowDown(429, "0".to_owned());
    for fault in [
        Fault::Status(503),
        slow,
        Fault::Reset,
        Fault::Cut(3),
        Fault::Stall(3),
    ] {
        let stage = Stage::new("pixels");
        stage.host.fault(PATH, [fault.clone()]);
        assert_eq!(
            read(here(stage.fetch(6).await)).await.unwrap(),
            b"pixels",
            "{fault:?}"
        );
        assert_eq!(stage.host.seen().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn what_does_not_pass_is_told() {
    for (fault, expected) in [
        (Fault::Status(403), FetchReason::Denied),
        (Fault::Status(404), FetchReason::NotFound),
        (Fault::Status(410), FetchReason::NotFound),
        (Fault::Status(500), FetchReason::HostError),
        (Fault::Reset, FetchReason::Network),
        (Fault::Cut(0), FetchReason::Network),
        (
            Fault::SlowDown(429, "0".to_owned()),
            FetchReason::RateLimited,
        ),
        (
            Fault::SlowDown(429, "86400".to_owned()),
            FetchReason::RateLimited,
        ),
        (
            Fault::Redirect("http://10.1.2.3/".to_owned()),
            FetchReason::HostNotAllowed,
        ),
        (
            Fault::Redirect("file:///etc/passwd".to_owned()),
            FetchReason::BadLink,
        ),
        (Fault::Type("application/pdf"), FetchReason::TypeDiffers),
    ] {
        let stage = Stage::new("pixels");
        stage.host.fault(PATH, vec![fault.clone(); 5]);
        assert_eq!(stage.fails(6).await, expected, "{fault:?}");
        assert!(dump(&stage.cache).await.is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn sizes_are_compared() {
    for stated in [5, 7] {
        let stage = Stage::new("pixels");
        assert_eq!(stage.fails(stated).await, FetchReason::SizeDiffers);
        stage.host.fault(PATH, [Fault::Unsized]);
        assert_eq!(stage.fails(stated).await, FetchReason::SizeDiffers);
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_taken_in() {
    let stage = Stage::new(noise(100_000));
    let mut options = with_token();
    options.max_size = 1_000;
    let downloads = stage.downloads(options);
    let stated = downloads.fetch(&stage.file(100_000)).await.unwrap();
    assert_eq!(reason(stated), FetchReason::TooLarge);
    assert!(stage.host.seen().is_empty());
    // Where the export says nothing, the answer does, or it is cut off.
    let mut unknown = stage.file(0);
    unknown.size = None;
    let announced = downloads.fetch(&unknown).await.unwrap();
    assert_eq!(reason(announced), FetchReason::TooLarge);
    stage.host.fault(PATH, [Fault::Unsized]);
    let streamed = downloads.fetch(&unknown).await.unwrap();
    assert_eq!(reason(streamed), FetchReason::TooLarge);
}

#[tokio::test]
async fn a_page_to_sign_in_is_no_file() {
    let page = "<!DOCTYPE html><title>Sign in to Slack</title>".to_owned();
    let size = page.len();
    for media_type in [
        "text/html; charset=utf-8",
        "image/png",
        "application/octet-stream",
    ] {
        let stage = Stage::new("pixels");
        stage
            .host
            .fault(PATH, [Fault::Page(media_type, page.clone())]);
        // Also where it happens to have the right size.
        assert_eq!(
            stage.fails(size).await,
            FetchReason::SignInPage,
            "{media_type}"
        );
    }
    let stage = Stage::new("pixels");
    stage.host.serve("/", Content::new("welcome", "image/png"));
    stage
        .host
        .fault(PATH, [Fault::Redirect(format!("/?redir={PATH}"))]);
    assert_eq!(stage.fails(7).await, FetchReason::SignInPage);
    // A text may be a page only if it has the right size.
    for (stated, fine) in [(size, true), (size + 1, false)] {
        let stage = Stage::new("pixels");
        stage
            .host
            .fault(PATH, [Fault::Page("text/html", page.clone())]);
        let mut file = stage.file(stated);
        file.media_type = Some("text/plain".to_owned());
        match stage.with_token().fetch(&file).await.unwrap() {
            Fetch::Here(_) => assert!(fine),
            Fetch::Failed(failure) => assert!(!fine, "{failure:?}"),
        }
    }
}

#[tokio::test]
async fn a_token_that_is_refused_stops_everything() {
    let stage = Stage::new("pixels");
    let mut options = DownloadOptions::default();
    options.token = Some("xoxp-other".into());
    let error = stage
        .downloads(options)
        .fetch(&stage.file(6))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(!format!("{error:?}").contains("xoxp"), "{error:?}");
    assert_eq!(stage.host.seen().len(), 1);
    // Without a token, it is only the link that is refused.
    let without = stage.downloads(DownloadOptions::default());
    let refused = without.fetch(&stage.file(6)).await.unwrap();
    assert_eq!(reason(refused), FetchReason::Denied);
}

#[tokio::test]
async fn a_token_that_opens_nothing_is_given_up() {
    let stage = Stage::new("pixels");
    let downloads = stage.with_token();
    stage.host.fault(PATH, vec![Fault::Status(403); 30]);
    for _ in 0..19 {
        let refused = downloads.fetch(&stage.file(6)).await.unwrap();
        assert_eq!(reason(refused), FetchReason::Denied);
    }
    let error = downloads.fetch(&stage.file(6)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn only_what_is_allowed_is_asked() {
    let host = FileHost::start();
    host.serve(PATH, Content::new("pixels", "image/png"));
    let cache = Arc::new(MemoryStorage::new());
    let of_slack = downloads(cache.clone(), SlackDownloads::fence([]), with_token());
    let open: AllowedHost = host.url("").parse().unwrap();
    let public_only = downloads(cache, SlackDownloads::fence([open]), with_token());
    let url = host.url(PATH);
    for (downloads, url, expected) in [
        (&of_slack, url.as_str(), FetchReason::HostNotAllowed),
        (
            &of_slack,
            "http://files.slack.com/a",
            FetchReason::HostNotAllowed,
        ),
        (
            &of_slack,
            "https://evil.example/a",
            FetchReason::HostNotAllowed,
        ),
        (&of_slack, "nothing", FetchReason::BadLink),
        (&of_slack, "ftp://files.slack.com/a", FetchReason::BadLink),
        (&public_only, url.as_str(), FetchReason::PrivateAddress),
    ] {
        let fetched = downloads.fetch(&linked(url, 6)).await.unwrap();
        assert_eq!(reason(fetched), expected, "{url}");
    }
    let nowhere = SourceFile::new("F1", "a", FileContent::Absent("gone".to_owned()));
    let fetched = of_slack.fetch(&nowhere).await.unwrap();
    assert_eq!(reason(fetched), FetchReason::BadLink);
    assert!(host.seen().is_empty());
}

#[tokio::test]
async fn a_host_that_stays_down_is_waited_for_once() {
    let stage = Stage::new("content");
    let reset = Duration::from_millis(400);
    let mut config = config();
    config.circuit_reset_timeout = reset;
    let downloads = stage.configured(config);
    let fetch = async |number: u32| {
        let start = Instant::now();
        let url = format!("{}{number}", stage.host.url("/down/"));
        stage.host.serve(
            &format!("/down/{number}"),
            Content::new("content", "image/png"),
        );
        stage
            .host
            .fault(&format!("/down/{number}"), vec![Fault::Reset; 20]);
        let fetched = downloads.fetch(&linked(&url, 7)).await.unwrap();
        (reason(fetched), start.elapsed())
    };
    // Four attempts and four; then the circuit is open, and opens again each time.
    fetch(0).await;
    let (_, first) = fetch(1).await;
    assert!(first >= reset * 2, "{first:?}");
    let (mut all, start) = (0, Instant::now());
    while start.elapsed() < reset * 2 {
        let (reason, took) = fetch(2 + all).await;
        assert!(matches!(
            reason,
            FetchReason::HostError | FetchReason::Network
        ));
        assert!(took < reset, "{took:?}");
        all += 1;
    }
    assert!(all > 9, "{all}");
    // It is found out that the host is well again.
    tokio::time::sleep(reset).await;
    assert_eq!(
        read(here(downloads.fetch(&stage.file(7)).await.unwrap()))
            .await
            .unwrap(),
        b"content"
    );
}
