//! The `.rsmf` file around a manifest: an e-mail message with one attachment, `rsmf.zip`.

mod archive;
mod headers;
mod limits;
mod mime;
mod read;
mod transfer;
mod write;

pub use archive::{ArchiveReader, Member};
pub use headers::{Header, Headers};
pub use limits::ReadLimits;
pub(crate) use limits::refusal;
pub(crate) use mime::{Attachment, Message, MimeError, read_message};
pub use read::{RsmfReader, Summary, read_manifest};
pub(crate) use transfer::Transfer;
pub use write::{ArchiveWriter, Envelope, HeaderEncoding, Mailbox, write_rsmf};

/// The name of the manifest in the zip.
pub(crate) const MANIFEST: &str = "rsmf_manifest.json";
