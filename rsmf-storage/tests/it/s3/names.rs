//! Names of objects: each is kept as it is, or refused.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{
    Kind,
    integration::{
        Entry, Grant, PresignOptions, PutMode, PutOptions, Storage, StorageExt, StorePath,
    },
};
use rsmf_storage::conformance;

use super::{BUCKET, features::client, server, shared};

/// SeaweedFS takes a backslash for a slash, and finds the object by both names.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_get_another_name_is_refused() {
    let Some(store) = shared("http").await else {
        return;
    };
    let folder = conformance::folder();
    let (kept, turned) = (folder.join("a/b").unwrap(), folder.join("a\\b").unwrap());
    let options = PutOptions::default;
    store.put_bytes(&kept, "x".into(), options()).await.unwrap();
    let mut write = PresignOptions::new(Duration::from_secs(60));
    write.grant = Grant::Put;
    for error in [
        store.put(&turned, options()).await.err().unwrap(),
        store
            .copy(&kept, &turned, PutMode::Overwrite)
            .await
            .unwrap_err(),
        store.presign(&turned, write).await.err().unwrap(),
    ] {
        assert_eq!(error.kind(), Kind::InvalidInput, "{error:?}");
        assert!(format!("{error:?}").contains("as other ones"), "{error:?}");
    }
    assert_eq!(store.get_bytes(&kept, 10).await.unwrap(), "x");
    let keys = client(&server("seaweedfs").unwrap())
        .list_objects_v2()
        .bucket(BUCKET)
        .prefix(format!("{folder}/"));
    let keys = keys.send().await.unwrap();
    let keys: Vec<_> = keys.contents().iter().map(|key| key.key()).collect();
    assert_eq!(keys, [Some(kept.as_str())], "nothing of the trial stays");
    conformance::clear(&store, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_no_paths_do_not_hide_the_others() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    let store = shared("http").await.unwrap();
    let folder = conformance::folder();
    for key in ["a", "folder/", "z"] {
        let body = if key.ends_with('/') { "" } else { "x" };
        let put = client(&server)
            .put_object()
            .bucket(BUCKET)
            .key(format!("{folder}/{key}"));
        put.body(Bytes::from_static(body.as_bytes()).into())
            .send()
            .await
            .unwrap();
    }
    let found: Vec<_> = store.list(&folder).try_collect().await.unwrap();
    let names: Vec<_> = found.iter().map(|meta| meta.path.file_name()).collect();
    assert_eq!(names, ["a", "z"]);
    let level: Vec<Entry> = store.list_folder(&folder).try_collect().await.unwrap();
    assert_eq!(level.len(), 3, "{level:?}");
    client(&server)
        .delete_object()
        .bucket(BUCKET)
        .key(format!("{folder}/folder/"))
        .send()
        .await
        .unwrap();
    conformance::clear(&store, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_that_fit_come_back() {
    let Some(store) = shared("http").await else {
        return;
    };
    let folder = conformance::folder();
    let mut expected = Vec::new();
    for name in [
        "trailing.dot.",
        "...",
        " space ",
        "tab\there",
        "line\nbreak",
        "bell\u{7}",
        "a\u{301}",
    ] {
        let path = folder.join(name).unwrap();
        store
            .put_bytes(&path, "x".into(), PutOptions::default())
            .await
            .unwrap();
        expected.push(path);
    }
    expected.sort();
    let found: Vec<_> = store
        .list(&folder)
        .map_ok(|meta| meta.path)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found, expected);
    assert!(store.delete_many(&expected).await.iter().all(Result::is_ok));
    let long = StorePath::new("n".repeat(1025)).unwrap();
    let error = store.put(&long, PutOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
    let ours = folder.join(".rsmf-1.partial").unwrap();
    let error = store.put(&ours, PutOptions::default()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}
