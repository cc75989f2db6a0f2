use rsmf_core::{
    Kind,
    integration::{PutMode, Storage, StorePath},
};

use super::{content, paths, put};

/// Each of many is removed, also from folders, and each has its result.
pub async fn deletes_many_in_their_order(store: &dyn Storage, folder: &StorePath) {
    let path = |name: &str| folder.join(name).unwrap();
    let names = ["a", "b/c", "%41 & <b>", "ü", "z"];
    for name in names {
        put(store, &path(name), "x").await;
    }
    let gone: Vec<_> = ["z", "absent", "b/c", "%41 & <b>", "ü"].map(path).into();
    let results = store.delete_many(&gone).await;
    assert_eq!(results.len(), gone.len());
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(paths(store, folder).await, [path("a").as_str()]);
    assert!(store.delete_many(&[]).await.is_empty());
}

/// A copy has the content and leaves the original; modes are as for writing.
pub async fn copies_are_whole(store: &dyn Storage, folder: &StorePath) {
    let path = |name: &str| folder.join(name).unwrap();
    let (from, to, absent) = (path("from #1 %41"), path("below/to ü"), path("absent"));
    put(store, &from, "content").await;
    store.copy(&from, &to, PutMode::Create).await.unwrap();
    assert_eq!(content(store, &to).await, "content");
    put(store, &from, "newer").await;
    let error = store.copy(&from, &to, PutMode::Create).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    assert_eq!(content(store, &to).await, "content");
    store.copy(&from, &to, PutMode::Overwrite).await.unwrap();
    assert_eq!(content(store, &to).await, "newer");
    let error = store
        .copy(&absent, &to, PutMode::Overwrite)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
    assert_eq!(content(store, &to).await, "newer");
}

/// A renamed object is where it should be and nowhere else; modes are as for writing.
pub async fn a_renamed_object_has_moved(store: &dyn Storage, folder: &StorePath) {
    let path = |name: &str| folder.join(name).unwrap();
    let (from, to, absent) = (path("from #1 %41"), path("below/to ü"), path("absent"));
    put(store, &from, "first").await;
    store.rename(&from, &to, PutMode::Create).await.unwrap();
    assert_eq!(content(store, &to).await, "first");
    assert_eq!(paths(store, folder).await, [to.as_str()]);
    put(store, &from, "second").await;
    let error = store.rename(&from, &to, PutMode::Create).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    assert_eq!(content(store, &from).await, "second");
    assert_eq!(content(store, &to).await, "first");
    store.rename(&from, &to, PutMode::Overwrite).await.unwrap();
    assert_eq!(content(store, &to).await, "second");
    for mode in [PutMode::Create, PutMode::Overwrite] {
        let gone = store.rename(&absent, &to, mode).await.unwrap_err();
        assert_eq!(gone.kind(), Kind::NotFound, "{gone}");
    }
    store.rename(&to, &to, PutMode::Overwrite).await.unwrap();
    assert_eq!(content(store, &to).await, "second");
    assert_eq!(paths(store, folder).await, [to.as_str()]);
}

/// What holds objects is neither created again nor removed.
pub async fn containers_with_objects_stay(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    put(store, &path, "x").await;
    for result in [
        store.create_container().await,
        store.remove_container().await,
    ] {
        let error = result.unwrap_err();
        let refused = matches!(error.kind(), Kind::Conflict | Kind::Unsupported);
        assert!(refused, "{error}");
    }
    assert_eq!(content(store, &path).await, "x");
}
