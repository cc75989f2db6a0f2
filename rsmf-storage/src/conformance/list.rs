use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::integration::{Entry, PutOptions, Storage, StorageExt, StorePath};

use super::{paths, put};

async fn put_all(store: &dyn Storage, folder: &StorePath, names: &[&str]) {
    for name in names {
        put(store, &folder.join(name).unwrap(), name.to_string()).await;
    }
}

fn below(folder: &StorePath, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// The order is that of the paths as bytes, whatever is a folder.
pub async fn lists_in_order_of_bytes(store: &dyn Storage, folder: &StorePath) {
    let ordered = [
        "B", "a!", "a-b", "a-b.c/d", "a/-", "a/b/c", "a/b0", "a0", "b", "~", "é", "ﬀ", "😀",
    ];
    let mut reversed = ordered;
    reversed.reverse();
    put_all(store, folder, &reversed).await;
    assert_eq!(paths(store, folder).await, below(folder, &ordered));
}

/// A prefix is a folder, not the start of a name.
pub async fn lists_whole_segments(store: &dyn Storage, folder: &StorePath) {
    put_all(store, folder, &["a/1", "a/b/2", "ab/3", "a-/4", "c"]).await;
    let found = paths(store, &folder.join("a").unwrap()).await;
    assert_eq!(found, below(folder, &["a/1", "a/b/2"]));
    assert_eq!(
        paths(store, &folder.join("a/b").unwrap()).await,
        below(folder, &["a/b/2"])
    );
    assert!(
        paths(store, &folder.join("absent").unwrap())
            .await
            .is_empty()
    );
    let root = paths(store, &StorePath::ROOT).await;
    assert!(root.contains(&format!("{folder}/a/b/2")));
}

/// A prefix that is an object gives that one.
pub async fn lists_what_is_named_alone(store: &dyn Storage, folder: &StorePath) {
    put_all(store, folder, &["a", "ab"]).await;
    let listed: Vec<_> = store
        .list(&folder.join("a").unwrap())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].path.as_str(), format!("{folder}/a"));
    assert_eq!(
        (listed[0].size, listed.first()),
        (1, store.head(&listed[0].path).await.ok().as_ref())
    );
}

/// One level has what lies in the folder, and each folder in it once, where the listing of all comes to it.
pub async fn lists_one_level(store: &dyn Storage, folder: &StorePath) {
    let names = ["a!", "a/1", "a/2", "a/b/3", "a0", "b/c/d/4", "e"];
    put_all(store, folder, &names).await;
    let found = level(store, folder).await;
    let expected = ["a! of 2", "a/", "a0 of 2", "b/", "e of 1"];
    assert_eq!(found, below(folder, &expected));
    let found = level(store, &folder.join("a").unwrap()).await;
    assert_eq!(found, below(folder, &["a/1 of 3", "a/2 of 3", "a/b/"]));
    for nothing in ["e", "absent"] {
        let found = level(store, &folder.join(nothing).unwrap()).await;
        assert!(found.is_empty(), "{nothing}: {found:?}");
    }
    let root = level(store, &StorePath::ROOT).await;
    assert!(root.contains(&format!("{folder}/")));
}

async fn level(store: &dyn Storage, folder: &StorePath) -> Vec<String> {
    let listed: Vec<_> = store.list_folder(folder).try_collect().await.unwrap();
    let shown = |entry: &Entry| match entry {
        Entry::Folder(path) => format!("{path}/"),
        Entry::Object(meta) => format!("{} of {}", meta.path, meta.size),
    };
    listed.iter().map(shown).collect()
}

/// Nothing is lost or repeated where a listing takes many steps.
pub async fn lists_three_thousand_objects(store: &dyn Storage, folder: &StorePath) {
    let name = |number: u32| folder.join(&format!("{}/{number:04}", number % 7)).unwrap();
    stream::iter((0..3_000).map(Ok))
        .try_for_each_concurrent(64, |number| async move {
            let options = PutOptions::default();
            store
                .put_bytes(&name(number), "x".into(), options)
                .await
                .map(|_| ())
        })
        .await
        .unwrap();
    let mut expected: Vec<_> = (0..3_000)
        .map(|number| name(number).as_str().to_owned())
        .collect();
    expected.sort();
    assert!(
        paths(store, folder).await == expected,
        "the listing differs"
    );
    let few: Vec<_> = store.list(folder).take(3).try_collect().await.unwrap();
    assert_eq!(few[2].path.as_str(), expected[2]);
}
