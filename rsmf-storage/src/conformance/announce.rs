use std::collections::BTreeMap;

use rsmf_core::{
    Kind, UtcTime,
    integration::{Algorithm, Checksum, PutOptions, Storage, StorageExt, StorePath},
};

use super::{bytes, content, paths, put};
use crate::Summer;

/// More than one part of most stores.
const LARGE: usize = 11 << 20;

/// Another size or another checksum than was announced leaves what was there; the right ones are taken.
pub async fn what_was_announced_has_to_come(store: &dyn Storage, folder: &StorePath) {
    let (new, old) = (folder.join("new").unwrap(), folder.join("old").unwrap());
    put(store, &old, "before").await;
    for size in [0, 10, LARGE] {
        let given = bytes(size, 1);
        for options in wrong(&given) {
            for path in [&new, &old] {
                let put = store.put_bytes(path, given.clone(), options.clone()).await;
                let error = put.expect_err("what was not announced came through");
                assert_eq!(error.kind(), Kind::Integrity, "{error}");
            }
            assert_eq!(paths(store, folder).await, [old.as_str()]);
            assert_eq!(content(store, &old).await, "before");
        }
    }
    for size in [0, 10, LARGE] {
        let given = bytes(size, 2);
        for options in right(&given) {
            let meta = store.put_bytes(&new, given.clone(), options).await.unwrap();
            assert_eq!(meta.size, size as u64);
            assert!(content(store, &new).await == given, "the content differs");
        }
    }
}

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Md5,
    Algorithm::Sha1,
    Algorithm::Sha256,
    Algorithm::Crc32,
    Algorithm::Crc32c,
    Algorithm::Crc64Nvme,
];

fn sums(given: &[u8]) -> impl Iterator<Item = Checksum> {
    // The large one is summed up by few: that takes its time.
    let few = match given.len() {
        LARGE => 2..5,
        _ => 0..6,
    };
    ALGORITHMS[few]
        .iter()
        .map(|algorithm| Summer::of(*algorithm, given))
}

fn right(given: &[u8]) -> Vec<PutOptions> {
    let size = PutOptions::default().size(given.len() as u64);
    let sums = sums(given).map(|sum| size.clone().checksum(sum));
    sums.chain([size.clone()]).collect()
}

fn wrong(given: &[u8]) -> Vec<PutOptions> {
    let more = PutOptions::default().size(given.len() as u64 + 1);
    let less = (given.len() as u64).checked_sub(1);
    let less = less.map(|size| PutOptions::default().size(size));
    let sums = sums(given).map(|mut sum| {
        sum.value[0] ^= 1;
        PutOptions::default().checksum(sum)
    });
    sums.chain([more]).chain(less).collect()
}

/// Media type, metadata and time of change are kept as they were given, or not at all.
pub async fn what_goes_with_the_content_is_not_altered(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    let metadata = BTreeMap::from(
        [
            ("matter", "Acme v. Umbrella"),
            ("custodian-2", "Zoë Größe, 日本 100% \"quoted\" a=b&c;"),
            ("x1", "a"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let time = UtcTime::from_micros(1_400_000_000_123_456).unwrap();
    let options = PutOptions::default()
        .content_type("text/csv; charset=utf-8")
        .metadata(metadata.clone())
        .modified(Some(time));
    store.put_bytes(&path, "a,b".into(), options).await.unwrap();
    let head = store.head(&path).await.unwrap();
    let content_type = head.content_type.as_deref();
    assert!(
        [None, Some("text/csv; charset=utf-8"), Some("application/octet-stream")]
            .contains(&content_type)
            // A server that knows types by names alone says what it thinks.
            || !head.metadata.contains_key("matter"),
        "{content_type:?}"
    );
    assert!(
        head.metadata.is_empty() || head.metadata == metadata,
        "{:?}",
        head.metadata
    );
    // A store that keeps no times says when it was written.
    let modified = head.modified.map(UtcTime::micros).unwrap_or(i64::MAX);
    let distance = modified - time.micros();
    assert!(
        distance > 1_000_000_000_000 || (-1_000_000..1).contains(&distance),
        "{distance}"
    );
    assert_eq!(content(store, &path).await, "a,b");
}

/// A condition is kept, or refused before anything is replaced.
pub async fn only_what_was_seen_is_replaced(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    put(store, &path, "first").await;
    let Some(seen) = store.head(&path).await.unwrap().etag else {
        return;
    };
    let replace = || PutOptions::default().if_match(seen.clone());
    match store.put_bytes(&path, "second".into(), replace()).await {
        Err(error) => {
            assert_eq!(error.kind(), Kind::Unsupported, "{error}");
            return assert_eq!(content(store, &path).await, "first");
        }
        Ok(meta) => assert_ne!(meta.etag, Some(seen.clone())),
    }
    for given in [bytes(10, 1), bytes(LARGE, 1)] {
        let late = store.put_bytes(&path, given, replace()).await.unwrap_err();
        assert_eq!(late.kind(), Kind::Conflict, "{late}");
        assert_eq!(content(store, &path).await, "second");
    }
    let absent = folder.join("absent").unwrap();
    let none = store.put_bytes(&absent, "x".into(), replace()).await;
    assert!(matches!(
        none.unwrap_err().kind(),
        Kind::Conflict | Kind::NotFound
    ));
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}

/// Tags are set, or the upload is refused before anything is there.
pub async fn what_must_be_done_is_done_or_refused(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    let tags = BTreeMap::from([("matter".to_owned(), "acme 1".to_owned())]);
    let options = PutOptions::default().tags(tags);
    match store.put_bytes(&path, "x".into(), options).await {
        Ok(_) => assert_eq!(content(store, &path).await, "x"),
        Err(error) => {
            assert_eq!(error.kind(), Kind::Unsupported, "{error}");
            assert!(paths(store, folder).await.is_empty());
        }
    }
}
