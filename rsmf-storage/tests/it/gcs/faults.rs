use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind,
    integration::{GetOptions, PutMode, PutOptions, Storage, StorageExt, Upload},
};
use rsmf_simulator::GcsFault::{self, Cut, Flip, Lost, Reset, Silence, SlowDown, Status, WrongSum};

use super::{BUCKET, Played, bytes, path, put};

const KIB: usize = 1024;
/// Five chunks and a bit.
const LARGE: usize = 5 * 256 * KIB + 17;

async fn chunked() -> Played {
    Played::with(|config| {
        config.transfer.part_size = bytesize::ByteSize::kib(256);
        config.network.timeout = Duration::from_millis(400);
        config.network.idle_timeout = Duration::from_millis(400);
    })
    .await
}

/// What is written through these faults is there, once.
async fn written(size: usize, kind: &str, faults: &[GcsFault], options: PutOptions) {
    let played = chunked().await;
    played.server.fault(kind, faults.iter().copied());
    let content = bytes(size);
    let put = played
        .put_bytes(&path("a"), content.clone().into(), options)
        .await;
    let put = put
        .map(|meta| meta.size)
        .map_err(|error| format!("{error:?}"));
    assert_eq!(put, Ok(size as u64), "{kind} {faults:?}");
    assert!(
        played.server.content(BUCKET, "a").unwrap() == content,
        "{kind} {faults:?}"
    );
    assert_eq!(
        played.server.generations(BUCKET, "a").0,
        1,
        "{kind} {faults:?}"
    );
    assert_eq!(played.server.open_sessions(), 0, "{kind} {faults:?}");
}

#[tokio::test]
async fn uploads_end_right_through_faults() {
    let some = PutOptions::default;
    for options in [some(), some().create()] {
        written(9, "multipart", &[Lost], options.clone()).await;
        written(9, "multipart", &[Status(503), Reset, Lost], options.clone()).await;
        written(9, "multipart", &[Silence, SlowDown(0)], options.clone()).await;
        written(LARGE, "begin", &[Status(503), Reset], options.clone()).await;
        written(LARGE, "chunk", &[Lost; 6], options.clone()).await;
        written(
            LARGE,
            "chunk",
            &[Status(503), Reset, Silence],
            options.clone(),
        )
        .await;
    }
    let large = PutOptions::default().size(LARGE as u64);
    written(LARGE, "status", &[Status(500), Lost], large.clone()).await;
    written(LARGE, "chunk", &[Cut(100 * KIB), Cut(0), Lost], large).await;
}

#[tokio::test]
async fn a_chunk_goes_on_at_the_offset_that_was_kept() {
    let played = Played::with(|config| {
        config.transfer.part_size = bytesize::ByteSize::mib(1);
    })
    .await;
    played
        .server
        .fault("chunk", [Cut(600 * KIB), Cut(300 * KIB), Cut(700 * KIB)]);
    let content = bytes(2 * KIB * KIB + 5);
    let options = PutOptions::default();
    let put = played
        .put_bytes(&path("a"), content.clone().into(), options)
        .await;
    assert_eq!(put.unwrap().size, content.len() as u64);
    assert!(played.server.content(BUCKET, "a").unwrap() == content);
}

#[tokio::test]
async fn what_does_not_get_through_is_not_there() {
    for (kind, fault, size) in [
        ("multipart", Status(503), 9),
        ("multipart", Reset, 9),
        ("chunk", Reset, LARGE),
        ("chunk", Status(500), LARGE),
        ("begin", Status(503), LARGE),
        ("chunk", Status(403), LARGE),
    ] {
        let played = chunked().await;
        put(&played, "a", "before").await;
        played.server.fault(kind, [fault; 100]);
        let begun = Instant::now();
        let options = PutOptions::default();
        let error = played
            .put_bytes(&path("a"), bytes(size).into(), options)
            .await
            .unwrap_err();
        let expected = if fault == Status(403) {
            Kind::Denied
        } else {
            Kind::Unavailable
        };
        assert_eq!(error.kind(), expected, "{kind} {fault:?}: {error:?}");
        assert!(error.to_string().contains("gs://matters/a"), "{error}");
        let tried = error.context().attempts().unwrap();
        assert_eq!(tried > 1, expected == Kind::Unavailable, "{error}");
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_eq!(played.server.content(BUCKET, "a").unwrap(), b"before");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(rsmf_simulator::PLANTED), "{shown}");
    }
}

#[tokio::test]
async fn sessions_that_are_gone_end_in_an_error() {
    let played = chunked().await;
    let mut upload = played.put(&path("a"), PutOptions::default()).await.unwrap();
    upload.write(bytes(300 * KIB).into()).await.unwrap();
    while played.server.open_sessions() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    upload.write(bytes(300 * KIB).into()).await.unwrap();
    played.server.forget_sessions();
    assert!(upload.finish().await.is_err());
    assert_eq!(played.server.content(BUCKET, "a"), None);
}

#[tokio::test]
async fn what_somebody_else_wrote_first_is_a_conflict_and_no_success() {
    let played = chunked().await;
    for size in [9, LARGE] {
        let mut upload = played
            .put(&path("a"), PutOptions::default().create())
            .await
            .unwrap();
        upload.write(bytes(size).into()).await.unwrap();
        put(&played, "a", "first").await;
        played.server.fault("multipart", [Status(503)]);
        let error = upload.finish().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Conflict, "{error:?}");
        assert_eq!(played.server.content(BUCKET, "a").unwrap(), b"first");
        played.delete(&path("a")).await.unwrap();
        played.server.fault("multipart", []);
    }
}

#[tokio::test]
async fn what_arrives_wrong_does_not_stay() {
    for (kind, size) in [("multipart", 9), ("chunk", LARGE)] {
        let played = chunked().await;
        let faults = match kind {
            "chunk" => vec![
                Status(503),
                Status(503),
                Flip,
                Flip,
                Flip,
                Flip,
                Flip,
                Flip,
                Flip,
            ],
            _ => vec![Flip],
        };
        played.server.fault(kind, faults);
        let options = PutOptions::default();
        let error = played
            .put_bytes(&path("a"), bytes(size).into(), options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{kind}: {error:?}");
        assert_eq!(played.server.content(BUCKET, "a"), None, "{kind}");
    }
}

#[tokio::test]
async fn downloads_end_right_through_faults() {
    let played = chunked().await;
    let content = bytes(1_000_000);
    let options = PutOptions::default();
    played
        .put_bytes(&path("a"), content.clone().into(), options)
        .await
        .unwrap();
    for faults in [
        vec![Status(503), Reset, SlowDown(0)],
        vec![Cut(10), Cut(500_000), Status(500), Cut(400_000)],
        vec![Cut(999_999), Reset],
        vec![Silence],
    ] {
        played.server.fault("media", faults.clone());
        let read = played.get_bytes(&path("a"), u64::MAX).await;
        assert!(read.unwrap() == content, "{faults:?}");
        played.server.fault("media", faults.clone());
        let part = GetOptions::default().range(100..900_000);
        let read = played.get(&path("a"), part).await.unwrap();
        let pieces: Vec<_> = read.stream.try_collect().await.unwrap();
        assert!(pieces.concat() == content[100..900_000], "{faults:?}");
    }
}

#[tokio::test]
async fn what_is_read_wrong_is_noticed() {
    let played = chunked().await;
    put(&played, "a", "content").await;
    for fault in [Flip, WrongSum] {
        played.server.fault("media", [fault]);
        let error = played.get_bytes(&path("a"), 100).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Integrity, "{fault:?}: {error}");
    }
    played.server.fault("media", [Cut(1); 100]);
    let error = played.get_bytes(&path("a"), 100).await;
    assert!(error.is_ok() || error.is_err_and(|error| error.is_temporary()));
}

#[tokio::test]
async fn an_object_that_changes_while_it_is_read_is_a_conflict() {
    let played = chunked().await;
    let options = PutOptions::default();
    played
        .put_bytes(&path("a"), bytes(1_000_000).into(), options)
        .await
        .unwrap();
    played.server.fault("media", [Cut(1000)]);
    let read = played.get(&path("a"), GetOptions::default()).await.unwrap();
    put(&played, "a", "another").await;
    let pieces: Result<Vec<_>, _> = read.stream.try_collect().await;
    assert_eq!(pieces.unwrap_err().kind(), Kind::Conflict);
}

#[tokio::test]
async fn copies_and_removals_end_right_through_faults() {
    let played = chunked().await;
    put(&played, "a", "content").await;
    played.server.fault("rewrite", [Lost, Status(503)]);
    played
        .copy(&path("a"), &path("b"), PutMode::Create)
        .await
        .unwrap();
    assert_eq!(played.server.generations(BUCKET, "b").0, 1);
    played.server.fault("delete", [Lost, Reset]);
    played.delete(&path("b")).await.unwrap();
    assert_eq!(played.server.content(BUCKET, "b"), None);
    played.server.fault("rewrite", [Lost]);
    played.server.fault("delete", [Lost]);
    played
        .rename(&path("a"), &path("c"), PutMode::Create)
        .await
        .unwrap();
    assert_eq!(played.server.content(BUCKET, "c").unwrap(), b"content");
    assert_eq!(played.server.content(BUCKET, "a"), None);
}

#[tokio::test]
async fn lost_uploads_clean_up_behind_themselves() {
    let played = chunked().await;
    for abort in [false, true] {
        let mut upload = played.put(&path("a"), PutOptions::default()).await.unwrap();
        upload.write(bytes(LARGE).into()).await.unwrap();
        match abort {
            true => upload.abort().await.unwrap(),
            false => drop(upload),
        }
        let begun = Instant::now();
        while played.server.open_sessions() > 0 && begun.elapsed() < Duration::from_secs(5) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(played.server.open_sessions(), 0, "{abort}");
    }
}

/// Writes all but the end with a text for resumption, and drops it.
async fn interrupted(played: &Played, content: &[u8]) {
    let options = PutOptions::default().resume("content");
    let mut upload = played.put(&path("f/a"), options).await.unwrap();
    upload
        .write(content[..4 * 256 * KIB].to_vec().into())
        .await
        .unwrap();
    upload
        .write(content[4 * 256 * KIB..LARGE - 20].to_vec().into())
        .await
        .unwrap();
    drop(upload);
}

async fn resume(played: &Played, content: &[u8]) -> (u64, Box<dyn Upload>) {
    let options = PutOptions::default()
        .resume("content")
        .size(content.len() as u64);
    let mut upload = played.put(&path("f/a"), options).await.unwrap();
    let resumed = upload.resumed();
    let rest = content[resumed as usize..].to_vec();
    upload.write(rest.into()).await.unwrap();
    (resumed, upload)
}

#[tokio::test]
async fn an_upload_is_gone_on_with_where_the_service_is() {
    let played = chunked().await;
    let content = bytes(LARGE);
    interrupted(&played, &content).await;
    let (resumed, upload) = resume(&played, &content).await;
    assert!(resumed >= 256 * KIB as u64, "{resumed}");
    upload.finish().await.unwrap();
    assert!(played.server.content(BUCKET, "f/a").unwrap() == content);
    assert_eq!(played.server.open_sessions(), 0);

    interrupted(&played, &content).await;
    played.server.forget_sessions();
    let (resumed, upload) = resume(&played, &content).await;
    assert_eq!(resumed, 0);
    upload.finish().await.unwrap();

    interrupted(&played, &content).await;
    let mut other = content.clone();
    other[LARGE - 1] ^= 1;
    other.push(0);
    let (_, upload) = resume(&played, &other).await;
    upload.finish().await.unwrap();
    assert!(played.server.content(BUCKET, "f/a").unwrap() == other);
}
