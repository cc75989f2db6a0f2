use rsmf_core::{
    Kind,
    integration::{PutOptions, Storage, StorageExt, StorePath},
};

use super::{content, paths, put};

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
        "100%",
        "%2F",
        "%25",
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

/// Names that some store cannot hold, each in a folder of its own.
fn odd_names() -> Vec<String> {
    let mut names: Vec<_> = [
        "trailing.dot.",
        "...",
        " leading space",
        "trailing space ",
        "folder. /file",
        "back\\slash",
        "..\\up",
        "tab\there",
        "line\nbreak",
        "return\rhere",
        "bell\u{7}",
        "delete\u{7f}",
        "next line\u{85}",
        "right-to-left \u{202e}gpj.exe",
        "zero width \u{200b}space",
        "byte order mark \u{feff}",
        "no character \u{ffff}",
        "colon: and \"quotes\" <in> |pipes| *",
        "con.txt",
        "composed \u{e9}",
        "decomposed e\u{301}",
        "Capital",
        "capital",
    ]
    .map(ToOwned::to_owned)
    .into();
    names.push("n".repeat(255));
    names.push("n".repeat(900));
    names.push("ü".repeat(450));
    names.push(["d".repeat(99), String::new()].join("/").repeat(8) + &"f".repeat(100));
    names
}

/// What a store cannot hold, it refuses before the upload, and never keeps under another name.
pub async fn keeps_or_refuses_odd_names(store: &dyn Storage, folder: &StorePath) {
    let mut expected = Vec::new();
    for name in odd_names() {
        let path = folder.join(&name).unwrap();
        match store.put(&path, PutOptions::default()).await {
            Ok(mut upload) => {
                upload.write(name.clone().into()).await.unwrap();
                let meta = upload.finish().await;
                let meta = meta.unwrap_or_else(|error| panic!("{name:?} is refused late: {error}"));
                assert_eq!(meta.path, path);
                expected.push(path.as_str().to_owned());
            }
            Err(error) => {
                assert_eq!(error.kind(), Kind::InvalidInput, "{name:?}: {error}");
                assert!(!store.exists(&path).await.unwrap_or_default(), "{name:?}");
            }
        }
    }
    expected.sort();
    assert_eq!(paths(store, folder).await, expected);
    for path in expected {
        let name = path.strip_prefix(&format!("{folder}/")).unwrap().to_owned();
        let path = StorePath::new(path).unwrap();
        assert_eq!(store.head(&path).await.unwrap().path, path);
        assert_eq!(content(store, &path).await, name.as_bytes(), "{name:?}");
    }
}
