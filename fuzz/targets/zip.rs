//! The entries of a zip file, by its directory and by the search for entries.
//!
//! Whatever the bytes are: names stay inside of the archive and come once, in order; no entry,
//! and not all of them together, gives more than the limits allow; and an entry that ends well
//! gives just the bytes that it claims.

#![no_main]

use std::sync::Arc;

use futures::{StreamExt as _, executor::block_on};
use libfuzzer_sys::fuzz_target;
use rsmf_chat::{Limits, archive::Archive};
use rsmf_core::integration::StorePath;
use rsmf_fuzz::{WORKERS, stored};

fuzz_target!(|data: &[u8]| {
    check(data);
    // Without the end of its directory, the file is searched from its start.
    let end = b"PK\x05\x06";
    let mut searched = data.to_vec();
    while let Some(at) = searched.windows(4).position(|bytes| bytes == end) {
        searched[at] = b'_';
    }
    check(&searched);
});

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_entries = 20;
    limits.max_entry_bytes = 3 << 20;
    limits.max_total_bytes = 4 << 20;
    limits.max_directory_bytes = 4 << 10;
    limits
}

fn check(zip: &[u8]) {
    let limits = limits();
    let storage = stored([("export.zip", zip)]);
    let path = StorePath::new("export.zip").expect("a path");
    let open = Archive::open(Arc::clone(&storage), &path, &WORKERS, &limits);
    let Ok(archive) = block_on(open) else { return };
    assert!(archive.len() <= limits.max_entries);
    let mut last = String::new();
    let mut total = 0;
    for entry in archive.entries() {
        assert!(*entry.path > *last, "{last:?} before {:?}", entry.path);
        let is_inside = |part: &str| !matches!(part, "" | "." | "..");
        assert!(entry.path.split('/').all(is_inside), "{:?}", entry.path);
        assert_eq!(archive.find(entry.path), Some(entry.index));
        entry.path.clone_into(&mut last);
        total += entry.size;
        assert!(entry.size <= limits.max_entry_bytes);
        // What is small is allowed to be dense.
        assert!(entry.size <= 1 << 20 || entry.size <= zip.len() as u64 * limits.max_ratio);
        read(&archive, entry.index, entry.size);
    }
    assert!(total <= limits.max_total_bytes);
}

fn read(archive: &Archive, index: usize, size: u64) {
    let mut stream = archive.read(index);
    let mut given = 0;
    while let Some(piece) = block_on(stream.next()) {
        match piece {
            Ok(piece) => given += piece.len() as u64,
            Err(_) => return assert!(given <= size, "{given} of {size}"),
        }
    }
    assert_eq!(given, size);
}
