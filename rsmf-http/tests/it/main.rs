//! The client against a host that misbehaves.
#![allow(clippy::unwrap_used)]

mod faults;
mod fenced;
mod support;
