//! The digest of the input.

use std::{pin::pin, sync::OnceLock};

use futures_util::future::{Either, select};
use rsmf_core::Kind;

use super::{Converter, stop::Stop};
use crate::{Error, InputDigest, Result};

impl Converter {
    /// The SHA-256 of the input. That a part of it cannot be read does not stop the conversion,
    /// which tells the same among the exceptions; that it has changed does.
    pub(super) async fn digest(&self) -> Result<Option<InputDigest>> {
        if !self.options.input_digest {
            return Ok(None);
        }
        let digest = match self.source.digest().await {
            Ok(digest) => InputDigest::new(digest),
            // What the input is like is told; what else stands in the way may be gone next time.
            Err(error) => match error.kind() {
                Kind::Denied
                | Kind::Integrity
                | Kind::InvalidInput
                | Kind::NotFound
                | Kind::Unsupported => InputDigest::failed(error.to_string()),
                _ => return Err(Error::Source(error)),
            },
        };
        Ok(Some(digest))
    }

    /// The same, if an earlier run has not found it, until the conversion is to stop.
    pub(super) async fn digest_until(
        &self,
        known: &OnceLock<InputDigest>,
        stop: &Stop<'_>,
    ) -> Result<Option<InputDigest>> {
        if let Some(digest) = known.get() {
            return Ok(Some(digest.clone()));
        }
        // Where it is stopped, the pass is what ends the conversion: it has files in hand.
        let Either::Left((digest, _)) = select(pin!(self.digest()), stop.clone()).await else {
            return Ok(None);
        };
        if let Some(digest) = digest.as_ref().ok().and_then(Option::as_ref) {
            // Nothing has been set before.
            let _ = known.set(digest.clone());
        }
        digest
    }
}
