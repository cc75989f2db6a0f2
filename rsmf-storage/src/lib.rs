#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

#[cfg(feature = "azure")]
#[cfg_attr(docsrs, doc(cfg(feature = "azure")))]
pub mod azure;
mod config;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod conformance;
#[cfg(feature = "gcs")]
#[cfg_attr(docsrs, doc(cfg(feature = "gcs")))]
pub mod gcs;
#[cfg(any(feature = "azure", feature = "gcs", feature = "webdav"))]
mod http;
#[cfg(feature = "remote")]
mod lease;
#[cfg(feature = "local")]
mod local;
mod location;
mod names;
#[cfg(any(feature = "s3", feature = "webdav"))]
mod odd;
#[cfg(feature = "remote")]
mod remote;
#[cfg(feature = "remote")]
mod renewed;
#[cfg(feature = "s3")]
#[cfg_attr(docsrs, doc(cfg(feature = "s3")))]
pub mod s3;
mod segment;
mod settings;
#[cfg(feature = "sftp")]
mod sftp;
mod stores;
#[cfg(feature = "throttle")]
mod throttled;
#[cfg(feature = "transfer")]
#[cfg_attr(docsrs, doc(cfg(feature = "transfer")))]
pub mod transfer;
#[cfg(feature = "webdav")]
#[cfg_attr(docsrs, doc(cfg(feature = "webdav")))]
pub mod webdav;
mod within;

#[cfg(feature = "azure")]
pub use azure::{AzureConfig, AzureCredential, AzureStorage};
pub use config::StoreConfig;
#[cfg(feature = "remote")]
#[cfg_attr(docsrs, doc(cfg(feature = "remote")))]
pub use lease::lease;
#[cfg(feature = "local")]
#[cfg_attr(docsrs, doc(cfg(feature = "local")))]
pub use local::LocalStorage;
pub use location::{Below, Location, SftpServer};
pub use rsmf_core::integration::{Summer, testing::MemoryStorage};
pub use settings::{Network, Settings, Transfer};
#[cfg(all(feature = "sftp", feature = "testing"))]
#[doc(hidden)]
pub use sftp::probe as ssh_probe;
#[cfg(feature = "sftp")]
#[cfg_attr(docsrs, doc(cfg(feature = "sftp")))]
pub use sftp::{SftpConfig, SftpStorage};
pub use stores::{Opened, Profile, Stores, StoresBuilder, open_input, open_output};
#[cfg(feature = "throttle")]
#[cfg_attr(docsrs, doc(cfg(feature = "throttle")))]
pub use throttled::Throttled;
pub use within::Within;
