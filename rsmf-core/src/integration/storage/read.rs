//! Reading objects.

use std::{fmt, ops::Range};

use bytes::Bytes;

use super::ObjectMeta;
use crate::{Failure, Result, integration::BoxStream};

/// The content of an object, piece by piece.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// How to read an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOptions {
    /// The bytes to read, end exclusive; everything where `None`. A range that ends past the
    /// object ends with it; one that starts past it is [`InvalidInput`](crate::Error::InvalidInput).
    pub range: Option<Range<u64>>,
    /// Read only if the object still has this [`ObjectMeta::etag`]; else
    /// [`Conflict`](crate::Error::Conflict).
    pub if_match: Option<String>,
    /// Which [version](ObjectMeta::version) to read, in stores that keep them: the newest one where `None`.
    pub version: Option<String>,
}

impl GetOptions {
    /// Reads only these bytes.
    #[must_use]
    pub fn range(mut self, range: Range<u64>) -> Self {
        self.range = Some(range);
        self
    }

    /// Reads only the version with this etag; `None` reads any.
    #[must_use]
    pub fn if_match(mut self, etag: Option<String>) -> Self {
        self.if_match = etag;
        self
    }

    /// Reads this [version](ObjectMeta::version).
    #[must_use]
    pub fn version(mut self, version: Option<String>) -> Self {
        self.version = version;
        self
    }

    /// What these options mean for an object as it is now: the bytes to read. For stores that
    /// look first and read then.
    ///
    /// # Errors
    /// [`NotFound`](crate::Error::NotFound) where another version is asked for than `meta` is of;
    /// [`Conflict`](crate::Error::Conflict) where the etag is another one;
    /// [`InvalidInput`](crate::Error::InvalidInput) where the range starts past its end.
    pub fn resolve(&self, meta: &ObjectMeta) -> Result<Range<u64>> {
        let failure = || Failure::new("read", meta.path.to_string());
        if self.version.is_some() && self.version != meta.version {
            return Err(failure().source("there is no such version").not_found());
        }
        if self.if_match.is_some() && self.if_match != meta.etag {
            return Err(failure()
                .source("it has changed since it was looked at")
                .conflict());
        }
        let range = self.range.clone().unwrap_or(0..meta.size);
        let range = range.start..range.end.min(meta.size);
        if range.start > range.end {
            return Err(failure()
                .source(format!("the range does not lie in its {} bytes", meta.size))
                .invalid_input());
        }
        Ok(range)
    }
}

/// An object that is being read.
pub struct Object {
    /// What it is; `size` is that of the whole object.
    pub meta: ObjectMeta,
    /// The bytes that `stream` gives, as a range of the object.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: ByteStream,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("meta", &self.meta)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}
