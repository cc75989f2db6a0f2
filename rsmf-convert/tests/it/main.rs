//! Conversions from memory to memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod attachments;
mod basics;
mod damaged;
mod downloads;
mod faulty;
mod filters;
mod harness;
mod page;
mod parents;
mod resume;
mod scarce;
mod slicing;
