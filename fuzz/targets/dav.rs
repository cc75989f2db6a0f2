//! What a WebDAV server answers to a question about a folder.
//!
//! However it comes in pieces, the same resources come of it, and no more than there are elements for; what is wrong with it
//! is an error.

#![no_main]

use futures::executor::block_on;
use libfuzzer_sys::fuzz_target;
use rsmf_storage::webdav::{Multistatus, Resource};
use tokio::io::{AsyncBufRead, BufReader};

fuzz_target!(|data: &[u8]| {
    let whole = block_on(read(data));
    let pieces = block_on(read(BufReader::with_capacity(7, data)));
    assert_eq!(whole, pieces);
    let (resources, _) = whole;
    let elements = data.windows(8).filter(|bytes| *bytes == b"response");
    assert!(resources.len() <= elements.count());
});

/// The resources, and whether they are all.
async fn read(input: impl AsyncBufRead + Unpin) -> (Vec<Resource>, bool) {
    let mut answer = Multistatus::new(input);
    let mut resources = Vec::new();
    loop {
        match answer.next().await {
            Ok(Some(resource)) => resources.push(resource),
            Ok(None) => return (resources, true),
            Err(_) => return (resources, false),
        }
    }
}
