//! What is kept, and what goes on from it.

use rsmf_core::{
    Kind,
    integration::{FileFetcher, PutOptions},
};
use rsmf_simulator::{Content, Fault};

use super::*;

#[tokio::test]
async fn a_broken_download_goes_on_where_it_was() {
    let bytes = noise(1 << 20);
    let stage = Stage::new(bytes.clone());
    stage.host.fault(PATH, [Fault::Cut(600_000)]);
    let file = here(stage.fetch(bytes.len()).await);
    assert_eq!(read(file).await.unwrap(), bytes);
    let ranges = stage.ranges();
    assert_eq!(ranges.len(), 2);
    let range = ranges[1].as_deref().unwrap();
    assert!(
        range.starts_with("bytes=") && range != "bytes=0-",
        "{range}"
    );
}

#[tokio::test]
async fn a_run_that_was_stopped_goes_on_after_its_last_part() {
    let bytes = noise(2 * PART + 1000);
    let stage = Stage::new(bytes.clone());
    let file = stage.file(bytes.len());
    let stage = finish_first_part(stage, &file).await;
    let file = here(stage.fetch(bytes.len()).await);
    assert_eq!(read(file).await.unwrap(), bytes);
    assert_eq!(stage.ranges(), [Some(format!("bytes={PART}-"))]);
    assert!(
        dump(&stage.cache)
            .await
            .iter()
            .all(|(path, _)| !path.contains("partial"))
    );
}

/// Downloads until the first part is there, and stops.
async fn finish_first_part(stage: Stage, file: &SourceFile) -> Stage {
    stage.host.fault(PATH, [Fault::Stall(PART + 500_000)]);
    let downloads = stage.with_token();
    let part_is_there = async {
        while !dump(&stage.cache)
            .await
            .iter()
            .any(|(_, bytes)| bytes.len() == PART)
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = downloads.fetch(file) => panic!("the host stalls"),
        () = part_is_there => {}
    }
    drop(downloads);
    stage.host.take_seen();
    stage
}

#[tokio::test]
async fn another_version_is_downloaded_from_its_beginning() {
    let old = noise(PART + 2_000_000);
    let stage = Stage::new(old.clone());
    let file = stage.file(old.len());
    let stage = finish_first_part(stage, &file).await;
    let new: Vec<u8> = old.iter().map(|byte| !byte).collect();
    let content = Content::new(new.clone(), "image/png")
        .token(TOKEN)
        .etag(Some("\"2\""));
    stage.host.serve(PATH, content);
    let file = here(stage.fetch(new.len()).await);
    assert_eq!(read(file).await.unwrap(), new);
}

#[tokio::test]
async fn a_host_that_ignores_ranges_sends_all_again() {
    let bytes = noise(600_000);
    let stage = Stage::new(bytes.clone());
    stage
        .host
        .fault(PATH, [Fault::Cut(400_000), Fault::WholeFile]);
    let file = here(stage.fetch(bytes.len()).await);
    assert_eq!(read(file).await.unwrap(), bytes);
    // One that names no version is not asked for a range at all.
    let stage = Stage::new(bytes.clone());
    let content = Content::new(bytes.clone(), "image/png").etag(None);
    stage.host.serve(PATH, content);
    stage.host.fault(PATH, [Fault::Cut(400_000)]);
    let file = here(stage.fetch(bytes.len()).await);
    assert_eq!(read(file).await.unwrap(), bytes);
    assert_eq!(stage.ranges(), [None, None]);
}

#[tokio::test]
async fn what_was_kept_and_is_damaged_is_fetched_again() {
    for name in ["-00000", "record.json"] {
        let stage = Stage::new("pixels");
        here(stage.fetch(6).await);
        let all = dump(&stage.cache).await;
        let (path, _) = all.iter().find(|(path, _)| path.ends_with(name)).unwrap();
        let path = StorePath::new(path.as_str()).unwrap();
        let options = PutOptions::default();
        stage
            .cache
            .put_bytes(&path, "pixelz".into(), options)
            .await
            .unwrap();
        let damaged = here(stage.fetch(6).await);
        if name == "record.json" {
            assert_eq!(read(damaged).await.unwrap(), b"pixels");
        } else {
            assert_eq!(read(damaged).await.unwrap_err().kind(), Kind::Integrity);
            assert_eq!(read(here(stage.fetch(6).await)).await.unwrap(), b"pixels");
        }
        assert_eq!(stage.host.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_part_that_is_gone_is_damage_too() {
    let stage = Stage::new("pixels");
    here(stage.fetch(6).await);
    let all = dump(&stage.cache).await;
    let (path, _) = all
        .iter()
        .find(|(path, _)| path.ends_with("-00000"))
        .unwrap();
    stage
        .cache
        .delete(&StorePath::new(path.as_str()).unwrap())
        .await
        .unwrap();
    let gone = here(stage.fetch(6).await);
    assert_eq!(read(gone).await.unwrap_err().kind(), Kind::Integrity);
    assert_eq!(read(here(stage.fetch(6).await)).await.unwrap(), b"pixels");
}

#[tokio::test]
async fn no_more_than_allowed_are_on_their_way() {
    let stage = Stage::new("");
    let mut options = with_token();
    options.parallel = 2;
    let downloads = stage.downloads(options);
    assert_eq!(downloads.parallel(), 2);
    let mut files = Vec::new();
    for number in 0..6 {
        let path = format!("/{number}.png");
        stage.host.serve(&path, Content::new("pixels", "image/png"));
        stage.host.fault(&path, [Fault::Stall(1)]);
        files.push(linked(&stage.host.url(&path), 6));
    }
    let all = futures::future::join_all(files.iter().map(|file| downloads.fetch(file)));
    let watch = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        stage.host.seen().len()
    };
    let (fetched, early) = tokio::join!(all, watch);
    assert_eq!(early, 2);
    for file in fetched {
        assert_eq!(here(file.unwrap()).size, 6);
    }
}
