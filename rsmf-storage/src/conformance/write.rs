use bytes::Bytes;
use futures_util::future::join_all;
use rsmf_core::{
    Kind,
    integration::{GetOptions, PutOptions, Storage, StorageExt, StorePath, Upload},
};

use super::{bytes, content, paths, put, read_to_end, same};

/// What was finished can be read, looked up and listed, with the same facts each time.
pub async fn finished_uploads_are_there(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("deep/er/object.bin").unwrap();
    let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
    for piece in ["one ", "", "two ", "three"] {
        upload.write(piece.into()).await.unwrap();
    }
    let meta = upload.finish().await.unwrap();
    assert_eq!((&meta.path, meta.size), (&path, 13));
    assert_eq!(content(store, &path).await, "one two three");
    let head = store.head(&path).await.unwrap();
    assert_eq!((&head.path, head.size), (&path, 13));
    assert!(
        meta.etag.is_none() || head.etag == meta.etag,
        "the etag stays the same"
    );
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}

/// What is dropped or aborted, and what is still under way, cannot be seen.
pub async fn unfinished_uploads_are_not_there(store: &dyn Storage, folder: &StorePath) {
    let (new, old) = (folder.join("new").unwrap(), folder.join("old").unwrap());
    put(store, &old, "before").await;
    for path in [&new, &old] {
        let dropped = begin(store, path).await;
        let aborted = begin(store, path).await;
        let open = begin(store, path).await;
        drop(dropped);
        aborted.abort().await.unwrap();
        assert!(!store.exists(&new).await.unwrap());
        assert_eq!(paths(store, folder).await, [old.as_str()]);
        assert_eq!(content(store, &old).await, "before");
        drop(open);
    }
    assert_eq!(paths(store, folder).await, [old.as_str()]);
    assert_eq!(content(store, &old).await, "before");
}

async fn begin(store: &dyn Storage, path: &StorePath) -> Box<dyn Upload> {
    let mut upload = store.put(path, PutOptions::default()).await.unwrap();
    upload.write(vec![1; 2 << 20].into()).await.unwrap();
    upload
}

/// [`PutMode::Create`](rsmf_core::integration::PutMode::Create) leaves what exists as it is, also if that came while the upload was under way.
pub async fn create_never_replaces(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    let create = || PutOptions::default().create();
    let early = store.put(&path, create()).await.unwrap();
    store
        .put_bytes(&path, "first".into(), create())
        .await
        .unwrap();
    let error = early.finish().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    let error = store
        .put_bytes(&path, "late".into(), create())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{error}");
    assert_eq!(content(store, &path).await, "first");
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}

/// [`PutMode::Overwrite`](rsmf_core::integration::PutMode::Overwrite) replaces the whole object.
pub async fn overwrite_replaces(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    put(store, &path, "a long content").await;
    put(store, &path, "short").await;
    assert_eq!(content(store, &path).await, "short");
    assert_eq!(store.head(&path).await.unwrap().size, 5);
}

/// Of several writers at once, one's content is there, and whole.
pub async fn concurrent_writers_leave_one_whole(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("contested").unwrap();
    let write = async |byte: u8| {
        let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
        for _ in 0..8 {
            upload.write(vec![byte; 100_000].into()).await.unwrap();
        }
        upload.finish().await.unwrap();
    };
    join_all((0..8).map(write)).await;
    let bytes = content(store, &path).await;
    assert_eq!(bytes.len(), 800_000);
    assert!(
        bytes.iter().all(|byte| *byte == bytes[0]),
        "the contents are mixed"
    );
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}

/// Of several creators at once, exactly one succeeds, and its content is there.
pub async fn concurrent_creators_have_one_winner(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("contested").unwrap();
    let create = async |byte: u8| {
        let bytes = Bytes::from(vec![byte; 1000]);
        let options = PutOptions::default().create();
        store.put_bytes(&path, bytes, options).await.map(|_| byte)
    };
    let results = join_all((0..8).map(create)).await;
    let conflict = |error: &rsmf_core::Error| error.kind() == Kind::Conflict;
    assert!(
        results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .all(conflict)
    );
    let winners: Vec<_> = results.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(content(store, &path).await, vec![winners[0]; 1000]);
}

/// Deleting removes an object; that there is none is no error.
pub async fn delete_takes_what_is_absent(store: &dyn Storage, folder: &StorePath) {
    let (path, other) = (folder.join("a/b").unwrap(), folder.join("a/c").unwrap());
    store.delete(&path).await.unwrap();
    put(store, &path, "x").await;
    put(store, &other, "y").await;
    store.delete(&path).await.unwrap();
    store.delete(&path).await.unwrap();
    store.delete(&folder.join("a").unwrap()).await.unwrap();
    assert_eq!(paths(store, folder).await, [other.as_str()]);
}

/// Contents at the edges of parts come back as they were.
pub async fn contents_of_all_sizes_are_whole(store: &dyn Storage, folder: &StorePath) {
    const MIB: usize = 1 << 20;
    let path = folder.join("a").unwrap();
    let edges = [5 * MIB, 8 * MIB, 16 * MIB];
    let edges = edges.iter().flat_map(|edge| [edge - 1, *edge, edge + 1]);
    for size in [1, 2, 65_537].into_iter().chain(edges) {
        let given = bytes(size, size as u8);
        let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
        for piece in given.chunks(MIB - 7) {
            upload.write(given.slice_ref(piece)).await.unwrap();
        }
        assert_eq!(upload.finish().await.unwrap().size, size as u64);
        same(
            &content(store, &path).await,
            &given,
            &format!("{size} bytes"),
        );
    }
}

/// An object may be empty.
pub async fn zero_bytes_are_an_object(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("empty").unwrap();
    let upload = store.put(&path, PutOptions::default()).await.unwrap();
    assert_eq!(upload.finish().await.unwrap().size, 0);
    let object = store.get(&path, GetOptions::default()).await.unwrap();
    assert_eq!((object.meta.size, &object.range), (0, &(0..0)));
    assert!(read_to_end(object.stream).await.is_empty());
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}
