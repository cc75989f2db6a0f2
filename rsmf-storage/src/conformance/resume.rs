use rsmf_core::integration::{PutOptions, Storage, StorePath, Upload};

use super::{bytes, content, paths, same};

/// Some parts of most stores.
const SIZE: usize = 20 << 20;
const PIECE: usize = 1 << 20;

/// What an upload has left is gone on with by one of the same content, and by no other; where the store
/// keeps nothing, each begins anew.
pub async fn interrupted_uploads_are_gone_on_with(store: &dyn Storage, folder: &StorePath) {
    let path = folder.join("a").unwrap();
    let (given, other) = (bytes(SIZE, 1), bytes(SIZE, 2));
    let begin = async |content: &str| {
        let options = PutOptions::default().resume(content).size(SIZE as u64);
        store.put(&path, options).await.unwrap()
    };
    let mut upload = begin("one").await;
    assert_eq!(upload.resumed(), 0);
    write(&mut upload, &given[..SIZE - 3 * PIECE]).await;
    drop(upload);
    assert!(paths(store, folder).await.is_empty());

    let mut upload = begin("one").await;
    let resumed = upload.resumed() as usize;
    assert!(resumed <= SIZE - 3 * PIECE, "{resumed}");
    write(&mut upload, &given[resumed..]).await;
    assert_eq!(upload.finish().await.unwrap().size, SIZE as u64);
    same(&content(store, &path).await, &given, "after the resumption");

    let mut upload = begin("one").await;
    assert_eq!(upload.resumed(), 0, "it was finished");
    write(&mut upload, &given[..SIZE / 2]).await;
    drop(upload);
    let mut upload = begin("two").await;
    assert_eq!(upload.resumed(), 0, "it is another content");
    write(&mut upload, &other).await;
    upload.finish().await.unwrap();
    same(&content(store, &path).await, &other, "the other content");

    let mut upload = begin("three").await;
    write(&mut upload, &given[..SIZE / 2]).await;
    upload.abort().await.unwrap();
    let upload = begin("three").await;
    assert_eq!(upload.resumed(), 0, "it was thrown away");
    upload.abort().await.unwrap();
    // What `one` has left must not stay behind.
    begin("one").await.abort().await.unwrap();
    assert_eq!(paths(store, folder).await, [path.as_str()]);
}

async fn write(upload: &mut Box<dyn Upload>, bytes: &[u8]) {
    for piece in bytes.chunks(PIECE) {
        upload.write(piece.to_vec().into()).await.unwrap();
    }
}
