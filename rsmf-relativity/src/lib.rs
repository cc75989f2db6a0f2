#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

pub mod client;
mod error;

pub use client::{Relativity, RelativityConfig, Workspace};
pub use error::{Error, Operation, Refusal, Result};
