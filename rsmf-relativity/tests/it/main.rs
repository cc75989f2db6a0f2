//! The client of Relativity from outside.
#![allow(clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod calls;
mod faults;
mod routes;
mod shapes;
mod simulated;
mod support;
mod upload;
