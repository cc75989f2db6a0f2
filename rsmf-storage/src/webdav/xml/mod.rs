//! The XML of WebDAV: what is sent, and what comes back.

mod measured;
mod multistatus;
mod write;

pub use self::multistatus::{Multistatus, Property, Resource, XmlError};
pub(super) use self::write::{Name, lock_info, prop_find, prop_patch, search};

/// The namespace of WebDAV (RFC 4918).
pub(super) const DAV: &str = "DAV:";
/// That of ownCloud, which Nextcloud uses too.
pub(super) const OC: &str = "http://owncloud.org/ns";
/// That of Nextcloud.
pub(super) const NC: &str = "http://nextcloud.org/ns";
/// That of what this library keeps beside objects.
pub(super) const OURS: &str = "urn:rsmf";
