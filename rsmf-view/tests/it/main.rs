//! Pages as bytes. What a browser makes of them is tested with the command.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folder;
mod page;
mod sample;
