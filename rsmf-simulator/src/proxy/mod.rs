//! What stands between a client and a real server, and breaks what it passes on.

mod http;
mod tcp;

pub use self::{
    http::{HttpFault, HttpProxy},
    tcp::{Break, Breaking, FaultProxy, Toward},
};
