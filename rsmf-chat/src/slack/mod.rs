//! Slack exports.

// Nothing calls it yet.
#[allow(dead_code)]
mod map;
#[allow(dead_code)]
mod records;
