#![doc = include_str!("../README.md")]
// What a test needs may fail as a test does.
#![allow(clippy::expect_used)]

mod answer;
mod clock;
mod fault_server;
mod file_host;

pub use answer::{Body, Fault};
pub use clock::slow_motion;
pub use fault_server::{Arrival, Certificates, FaultServer, Reply};
pub use file_host::{Content, FileHost, Seen};

/// What every secret of a test begins with: it must not be found in any log, error or output.
pub const PLANTED: &str = "pl4nted-s3cret-";
