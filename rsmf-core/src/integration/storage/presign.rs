//! Handing out single objects.

use std::time::Duration;

use secrecy::SecretString;

/// What the holder of an address may do with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Grant {
    /// Read the object.
    #[default]
    Get,
    /// Write it.
    Put,
    /// Read and list everything in the folder that the path names, or more: Azure signs for a whole container, and
    /// other stores sign for single objects only.
    ReadAndList,
}

/// For what and how long an address is to be good; see [`presign`](super::Storage::presign).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PresignOptions {
    /// What its holder may do.
    pub grant: Grant,
    /// For how long, from now.
    pub valid_for: Duration,
    /// What its holder has to know besides, for stores that ask for one: a public link of Nextcloud.
    pub password: Option<SecretString>,
}

impl PresignOptions {
    /// To read, for this long.
    pub fn new(valid_for: Duration) -> Self {
        Self {
            grant: Grant::Get,
            valid_for,
            password: None,
        }
    }
}

/// An address that anybody can use without credentials: a secret until it has run out.
#[derive(Debug, Clone)]
pub struct Presigned {
    /// The address, `https://…`.
    pub url: SecretString,
    /// What the request must have, header by header.
    pub headers: Vec<(String, String)>,
}
