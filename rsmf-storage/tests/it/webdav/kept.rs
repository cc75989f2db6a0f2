//! What Nextcloud keeps and finds.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use rsmf_core::{
    Kind, UtcTime,
    integration::{Entry, GetOptions, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::Nextcloud;
use rsmf_storage::webdav::{DavStorage, nextcloud::Search};

use super::cloud::{config, path, server};

async fn store(server: &Nextcloud) -> DavStorage {
    let url = server.url().parse().unwrap();
    DavStorage::connect_nextcloud(&url, &config(), &NoSecrets)
        .await
        .unwrap()
}

async fn put(store: &DavStorage, name: &str, content: &'static str, options: PutOptions) {
    store
        .put_bytes(&path(name), content.into(), options)
        .await
        .unwrap();
}

fn at(seconds: i64) -> PutOptions {
    PutOptions::default().modified(UtcTime::from_micros(seconds * 1_000_000))
}

#[tokio::test]
async fn former_versions_are_read_and_brought_back() {
    let server = server().await;
    let store = store(&server).await;
    put(&store, "a", "first", at(1_000_000)).await;
    put(&store, "a", "second", at(2_000_000)).await;
    put(&store, "a", "third!!", at(3_000_000)).await;
    let versions: Vec<_> = store.versions(&path("a")).try_collect().await.unwrap();
    let sizes: Vec<_> = versions.iter().map(|meta| meta.size).collect();
    assert_eq!(sizes, [7, 6, 5]);
    let oldest = versions[2].version.clone();
    let options = GetOptions::default().version(oldest.clone());
    let object = store.get(&path("a"), options).await.unwrap();
    let pieces: Vec<_> = object.stream.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"first");
    let cloud = store.nextcloud().unwrap();
    cloud
        .restore_version(&path("a"), &oldest.unwrap())
        .await
        .unwrap();
    assert_eq!(store.get_bytes(&path("a"), 10).await.unwrap(), "first");
    let error = cloud.restore_version(&path("a"), "7").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let absent: Result<Vec<_>, _> = store.versions(&path("b")).try_collect().await;
    assert_eq!(absent.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn the_bin_gives_back_what_was_deleted() {
    let server = server().await;
    let store = store(&server).await;
    let cloud = store.nextcloud().unwrap();
    assert!(cloud.bin().await.unwrap().is_empty());
    for name in ["x/a", "b"] {
        put(&store, name, "content", PutOptions::default()).await;
        store.delete(&path(name)).await.unwrap();
    }
    let bin = cloud.bin().await.unwrap();
    assert_eq!(bin.len(), 2);
    let thing = bin.iter().find(|thing| thing.path == path("x/a")).unwrap();
    assert!(thing.deleted.is_some() && !thing.is_folder);
    cloud.restore(thing).await.unwrap();
    assert_eq!(store.get_bytes(&path("x/a"), 10).await.unwrap(), "content");
    assert_eq!(
        cloud.restore(thing).await.unwrap_err().kind(),
        Kind::NotFound
    );
    let rest = cloud.bin().await.unwrap();
    cloud.empty_bin(rest.first()).await.unwrap();
    assert!(cloud.bin().await.unwrap().is_empty());
    cloud.empty_bin(None).await.unwrap();
}

#[tokio::test]
async fn tags_are_made_given_and_taken() {
    let server = server().await;
    let store = store(&server).await;
    let tags = [("review", ""), ("matter", "acme")];
    let tags = tags.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let options = PutOptions::default().tags(BTreeMap::from(tags));
    put(&store, "a", "x", options).await;
    let cloud = store.nextcloud().unwrap();
    assert_eq!(
        cloud.tags(&path("a")).await.unwrap(),
        ["matter:acme", "review"]
    );
    cloud.tag(&path("a"), "review").await.unwrap();
    cloud.untag(&path("a"), "review").await.unwrap();
    assert_eq!(cloud.tags(&path("a")).await.unwrap(), ["matter:acme"]);
    for name in ["review", "absent"] {
        let error = cloud.untag(&path("a"), name).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }
}

#[tokio::test]
async fn files_are_found_page_by_page() {
    let server = server().await;
    let store = store(&server).await;
    for number in 0..105 {
        put(
            &store,
            &format!("deep/er/note-{number}"),
            "x",
            PutOptions::default(),
        )
        .await;
    }
    put(&store, "deep/other", "x", PutOptions::default()).await;
    let cloud = store.nextcloud().unwrap();
    let wanted = Search::name("%note%");
    let found: Vec<_> = cloud
        .search(&path("deep"), &wanted)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found.len(), 105);
    assert!(matches!(&found[0], Entry::Object(meta) if meta.size == 1));
    let folders: Vec<_> = cloud
        .search(&StorePath::ROOT, &Search::name("er"))
        .try_collect()
        .await
        .unwrap();
    assert!(folders.contains(&Entry::Folder(path("deep/er"))));
}
