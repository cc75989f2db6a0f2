//! That servers misbehave as they are told.
#![allow(clippy::unwrap_used)]

mod fault_server;
mod proxy;
mod watch;
