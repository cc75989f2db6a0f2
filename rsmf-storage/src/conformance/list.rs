use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::integration::{PutOptions, Storage, StorageExt, StorePath};

use super::{content, paths, put};

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

/// Names come back as they were given.
pub async fn keeps_names(store: &dyn Storage, folder: &StorePath) {
    let names = [
        "with space",
        "#hash & co+%41=?",
        "naïve-Größe",
        "日本語/ファイル.txt",
        "🙂👩‍👩‍👧.png",
        "اسم",
        ".hidden",
        "a..b",
        "[x]{y}(z)'~$!@^`,;",
        "-starts-with-a-hyphen",
    ];
    // Windows has no name with a question mark.
    let names = names.map(|name| {
        if cfg!(windows) {
            name.replace('?', "_")
        } else {
            name.to_owned()
        }
    });
    for name in &names {
        put(store, &folder.join(name).unwrap(), name.clone()).await;
    }
    for name in &names {
        assert_eq!(
            content(store, &folder.join(name).unwrap()).await,
            name.as_bytes()
        );
    }
    let mut expected: Vec<_> = names
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect();
    expected.sort();
    assert_eq!(paths(store, folder).await, expected);
}

/// Nothing is lost or repeated where a listing takes many steps.
pub async fn lists_ten_thousand_objects(store: &dyn Storage, folder: &StorePath) {
    let name = |number: u32| folder.join(&format!("{}/{number:05}", number % 7)).unwrap();
    stream::iter((0..10_000).map(Ok))
        .try_for_each_concurrent(64, |number| async move {
            let options = PutOptions::default();
            store
                .put_bytes(&name(number), "x".into(), options)
                .await
                .map(|_| ())
        })
        .await
        .unwrap();
    let mut expected: Vec<_> = (0..10_000)
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
