#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

pub mod container;
mod error;
pub mod integration;
pub mod model;
pub mod secret;
mod time;
pub mod validate;
#[cfg(feature = "workers")]
#[cfg_attr(docsrs, doc(cfg(feature = "workers")))]
pub mod workers;

pub use error::{Context, Error, Failure, Kind, Result, Source};
pub use time::UtcTime;
