//! SSH: finding the way to a server, trusting it, and getting in.

mod agent;
mod auth;
mod client;
mod config;
mod expand;
mod glob;
mod keys;
mod known_hosts;
mod pattern;
#[cfg(feature = "testing")]
pub mod probe;
mod route;
mod signer;
mod words;

pub(super) use self::{
    client::Connection,
    route::{Hop, find},
};
