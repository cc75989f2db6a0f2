//! The pages that `rsmf` writes, in a real browser without a window.
//!
//! [`Browser::start`] gives `None`, and says so, where no Chromium is installed. `cargo xtask test`
//! installs one and names it in `CHROME`; with that set, a missing browser is a failure.

mod chat;
mod chromium;
mod devtools;
mod harness;
mod hostile;
mod large;
mod page;
mod report;
mod sample;
mod view;

pub(crate) use chromium::Browser;
