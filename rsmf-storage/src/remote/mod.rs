//! What stores that lie elsewhere share.

#[cfg(feature = "s3")]
mod breaker;

#[cfg(feature = "s3")]
pub(crate) use self::breaker::{Breakers, Verdict};
