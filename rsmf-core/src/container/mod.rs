//! The `.rsmf` file around a manifest: an e-mail message with one attachment, `rsmf.zip`.

mod write;

pub use write::{ArchiveWriter, Envelope, HeaderEncoding, Mailbox, write_rsmf};
