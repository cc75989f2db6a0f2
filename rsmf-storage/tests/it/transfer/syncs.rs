use std::sync::Mutex;

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind, UtcTime,
    integration::{Algorithm, PutOptions, StorageExt, Summer},
};
use rsmf_storage::{
    LocalStorage,
    transfer::{Action, Compare, Event, Filter, Place, Summary, SyncOptions, sync},
};

use super::{memory, put, shaky::Shaky, small_parts, store};
use crate::local::path;

async fn fill(place: &Place, objects: &[(&str, &str)]) {
    for (name, content) in objects {
        put(&place.join(name).unwrap(), content.to_string()).await;
    }
}

async fn put_at(place: &Place, name: &str, content: &str, seconds: i64) {
    let time = UtcTime::from_micros(seconds * 1_000_000);
    let options = PutOptions::default().modified(time);
    let place = place.join(name).unwrap();
    let put = place
        .storage
        .put_bytes(&place.path, content.to_owned().into(), options);
    put.await.unwrap();
}

/// Names and contents below a place.
async fn found(place: &Place) -> Vec<(String, String)> {
    let listed: Vec<_> = place.storage.list(&place.path).try_collect().await.unwrap();
    let mut found = Vec::new();
    for meta in listed {
        let bytes = place.storage.get_bytes(&meta.path, 1 << 20).await.unwrap();
        let name = meta.path.as_str().trim_start_matches(place.path.as_str());
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        found.push((name.trim_start_matches('/').to_owned(), text));
    }
    found
}

fn owned(objects: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, content): &(&str, &str)| (name.to_string(), content.to_string());
    objects.iter().map(owned).collect()
}

async fn run(from: &Place, to: &Place, options: &SyncOptions) -> (Summary, Vec<String>) {
    let told = Mutex::new(Vec::new());
    let events = |event: Event<'_>| {
        let text = match event {
            Event::Done(Action::Copy, path) => format!("+{path}"),
            Event::Done(Action::Delete, path) => format!("-{path}"),
            Event::Same(path) => format!("={path}"),
            Event::Failed(path, error) => format!("!{} {:?}", path.unwrap_or("?"), error.kind()),
            Event::Planned(action, path, size) => format!("{action:?} {path} {size}"),
            _ => return,
        };
        told.lock().unwrap().push(text);
    };
    let summary = sync(from, to, options, &events).await.unwrap();
    let mut told = told.into_inner().unwrap();
    told.sort();
    (summary, told)
}

fn deleting() -> SyncOptions {
    let mut options = SyncOptions::default();
    options.delete = true;
    options
}

#[tokio::test]
async fn a_folder_becomes_like_another() {
    let objects = [
        ("a", "1"),
        ("a!", "2"),
        ("a/b", "3"),
        ("z/y/x", ""),
        ("ü", "4"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        memory("source"),
        store(LocalStorage::new(folder.path()), "target"),
    );
    // A file and a folder of one name cannot be in a folder.
    fill(&from, &objects[1..]).await;
    fill(&to, &[("old", "x"), ("z/y/old", "x"), ("zz", "x")]).await;
    put(&Place::new(to.storage.clone(), path("target2")), "beside").await;
    let (summary, _) = run(&from, &to, &SyncOptions::default()).await;
    assert_eq!((summary.copied, summary.bytes, summary.deleted), (4, 3, 0));
    assert_eq!(found(&to).await.len(), 7);
    let (summary, told) = run(&from, &to, &deleting()).await;
    assert_eq!((summary.deleted, summary.failed), (3, 0), "{told:?}");
    assert_eq!(found(&to).await, owned(&objects[1..]));
    assert!(folder.path().join("target2").exists());
}

#[tokio::test]
async fn what_is_there_and_as_new_stays() {
    let (from, to) = (memory("a"), memory("b"));
    for (name, size, from_time, to_time) in [
        ("same", "1", 100, 100),
        ("newer there", "1", 100, 200),
        ("about as new", "1", 101, 100),
        ("newer here", "1", 200, 100),
        ("longer here", "12", 100, 100),
    ] {
        put_at(&from, name, size, from_time).await;
        put_at(&to, name, "x", to_time).await;
    }
    fill(&from, &[("no time", "1")]).await;
    fill(&to, &[("no time", "x")]).await;
    let (summary, told) = run(&from, &to, &SyncOptions::default()).await;
    let copied: Vec<_> = told.iter().filter(|text| text.starts_with('+')).collect();
    assert_eq!(copied, ["+longer here", "+newer here", "+no time"]);
    assert_eq!((summary.copied, summary.same), (3, 3));
}

#[tokio::test]
async fn contents_are_compared_by_what_is_known_or_read() {
    let (from, to) = (memory("a"), memory("b"));
    let with_sum = async |place: &Place, name: &str, content: &str, algorithm| {
        let place = place.join(name).unwrap();
        let options = PutOptions::default().checksum(Summer::of(algorithm, content.as_bytes()));
        let put = place
            .storage
            .put_bytes(&place.path, content.to_owned().into(), options);
        put.await.unwrap();
    };
    fill(
        &from,
        &[("read", "1"), ("read other", "1"), ("one sum", "1")],
    )
    .await;
    fill(&to, &[("read", "1"), ("read other", "2")]).await;
    with_sum(&to, "one sum", "1", Algorithm::Md5).await;
    with_sum(&from, "sums", "1", Algorithm::Crc32c).await;
    with_sum(&to, "sums", "1", Algorithm::Crc32c).await;
    with_sum(&from, "other sums", "1", Algorithm::Crc32c).await;
    with_sum(&to, "other sums", "2", Algorithm::Crc32c).await;
    with_sum(&from, "unlike sums", "1", Algorithm::Sha1).await;
    with_sum(&to, "unlike sums", "1", Algorithm::Crc32).await;
    let mut options = SyncOptions::default();
    options.compare = Compare::Content;
    let (_, told) = run(&from, &to, &options).await;
    let expected = [
        "+other sums",
        "+read other",
        "=one sum",
        "=read",
        "=sums",
        "=unlike sums",
        "Copy other sums 1",
        "Copy read other 1",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_is_filtered_out_is_neither_copied_nor_removed() {
    let (from, to) = (memory("a"), memory("b"));
    fill(&from, &[("a.zip", "1"), ("b/c.zip", "1"), ("d.csv", "1")]).await;
    fill(&to, &[("e.zip", "1"), ("b/f.zip", "1"), ("g.csv", "1")]).await;
    let mut options = deleting();
    let filter = Filter::builder().include("*.zip").unwrap();
    options.filter = filter.exclude("b/").unwrap().build().unwrap();
    let (_, told) = run(&from, &to, &options).await;
    assert_eq!(told, ["+a.zip", "-e.zip", "Copy a.zip 1", "Delete e.zip 1"]);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let (from, to) = (memory("a"), memory("b"));
    fill(&from, &[("new", "1")]).await;
    fill(&to, &[("old", "1")]).await;
    let mut options = deleting();
    options.dry_run = true;
    let (summary, told) = run(&from, &to, &options).await;
    assert_eq!((summary.copied, summary.deleted), (1, 1));
    assert!(told.contains(&"Copy new 1".to_owned()));
    assert_eq!(found(&to).await, owned(&[("old", "1")]));
}

#[tokio::test]
async fn where_something_went_wrong_the_rest_goes_on_and_nothing_is_removed() {
    let shaky = Shaky {
        unlistable: Some(path("a/2")),
        ..Shaky::default()
    };
    let (from, to) = (store(shaky, "a"), memory("b"));
    fill(&from, &[("1", "x"), ("2", "x"), ("3", "x")]).await;
    fill(&to, &[("2", "old"), ("4", "old")]).await;
    let (summary, told) = run(&from, &to, &deleting()).await;
    assert_eq!((summary.copied, summary.failed, summary.deleted), (2, 1, 0));
    assert!(told.contains(&"!? Denied".to_owned()), "{told:?}");
    assert_eq!(found(&to).await.len(), 4);
}

#[tokio::test]
async fn an_object_that_cannot_be_copied_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (memory("a"), store(LocalStorage::new(folder.path()), ""));
    let long = "n".repeat(300);
    fill(&from, &[("a", "1"), (long.as_str(), "2"), ("z", "3")]).await;
    let (summary, told) = run(&from, &to, &deleting()).await;
    assert_eq!((summary.copied, summary.failed), (2, 1));
    assert!(told.contains(&format!("!{long} InvalidInput")), "{told:?}");
}

#[tokio::test]
async fn originals_are_removed_when_they_have_arrived() {
    let (from, to) = (memory("a"), memory("b"));
    fill(&from, &[("1", "x"), ("2", "y"), ("3", "z")]).await;
    fill(&to, &[("2", "there")]).await;
    let mut options = SyncOptions::default();
    options.remove_source = true;
    options.copy.put = PutOptions::default().create();
    options.compare = Compare::Never;
    let (summary, _) = run(&from, &to, &options).await;
    assert_eq!((summary.copied, summary.same), (2, 1));
    assert_eq!(found(&from).await, owned(&[("2", "y")]));
    assert_eq!(
        found(&to).await,
        owned(&[("1", "x"), ("2", "there"), ("3", "z")])
    );
}

#[tokio::test]
async fn folders_in_each_other_are_refused() {
    let from = memory("a");
    fill(&from, &[("1", "x")]).await;
    for other in ["a/b", "a", ""] {
        let to = Place::new(from.storage.clone(), path(other));
        let error = sync(&from, &to, &SyncOptions::default(), &|_| {}).await;
        assert_eq!(error.unwrap_err().kind(), Kind::InvalidInput, "{other}");
    }
    let beside = Place::new(from.storage.clone(), path("ab"));
    let (summary, _) = run(&from, &beside, &SyncOptions::default()).await;
    assert_eq!(summary.copied, 1);
}

#[tokio::test]
async fn many_and_large_objects_arrive() {
    let (from, to) = (memory("a"), memory("b"));
    let contents: Vec<_> = (0..400).map(|number| "x".repeat(number * 700)).collect();
    for (number, content) in contents.iter().enumerate() {
        let name = format!("{}/{number:03}", number % 7);
        put(&from.join(&name).unwrap(), content.clone()).await;
    }
    let mut options = deleting();
    options.copy = small_parts();
    options.compare = Compare::Content;
    let (summary, _) = run(&from, &to, &options).await;
    assert_eq!(summary.copied, 400);
    assert!(found(&from).await == found(&to).await);
    let (summary, _) = run(&from, &to, &options).await;
    assert_eq!((summary.copied, summary.same), (0, 400));
}
