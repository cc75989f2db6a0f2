#![doc = include_str!("../README.md")]
// What a test needs may fail as a test does.
#![allow(clippy::expect_used)]

mod answer;
mod clock;
mod fault_server;
mod file_host;
mod gcs;
mod nextcloud;
mod proxy;
mod relativity;
mod servers;
mod watch;

pub use answer::{Body, Fault};
pub use clock::slow_motion;
pub use fault_server::{Arrival, Certificates, FaultServer, Reply};
pub use file_host::{Content, FileHost, Seen};
pub use gcs::{GcsFault, GcsServer};
pub use nextcloud::Nextcloud;
pub use proxy::{Break, Breaking, FaultProxy, HttpFault, HttpProxy, Toward};
pub use relativity::{
    JobErrorEnd, Nothing, Relativity, RelativityFault, RelativityKnobs, Seen as SeenCall, Spelling,
    TransferWords, UNCONFIRMED,
};
pub use servers::real_server;
pub use watch::watch;

/// What every secret of a test begins with: [`watch`] looks for it in all logs.
pub const PLANTED: &str = "pl4nted-s3cret-";
