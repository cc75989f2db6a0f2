//! Names and paths as parts of addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is encoded: everything but the characters that stand for themselves anywhere (RFC 3986, 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same for paths, whose slashes stay.
#[cfg(any(feature = "gcs", feature = "s3", feature = "webdav"))]
const BETWEEN: &AsciiSet = &RESERVED.remove(b'/');

/// A name as one part of a path, or as the user of an address.
pub(crate) fn encoded(name: &str) -> String {
    utf8_percent_encode(name, RESERVED).to_string()
}

/// A path, or a name with the slashes in it, as a part of an address.
#[cfg(any(feature = "gcs", feature = "s3", feature = "webdav"))]
pub(crate) fn encoded_path(path: &str) -> String {
    utf8_percent_encode(path, BETWEEN).to_string()
}
