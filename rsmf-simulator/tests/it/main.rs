//! That servers behave as the real ones, and misbehave as they are told.
#![allow(clippy::panic, clippy::unwrap_used)]

mod cli;
mod fault_server;
mod proxy;
mod relativity;
mod watch;
