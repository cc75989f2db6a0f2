#![doc = include_str!("../README.md")]
// What a test needs may fail as a test does.
#![allow(clippy::expect_used)]

mod answer;
mod file_host;

pub use answer::{Body, Fault};
pub use file_host::{Content, FileHost, Seen};
