//! The client against a host that misbehaves.
#![allow(clippy::panic, clippy::unwrap_used)]

mod configured;
mod faults;
mod fenced;
mod figures;
mod observed;
mod played;
mod secure;
mod sent;
mod services;
mod single;
mod support;
#[cfg(feature = "oauth2")]
mod tokens;
mod wire;
