//! Converts every fixture and counts by other means what came out.

mod bench;
mod choices;
mod content;
mod every;
mod golden;
mod oracle;
mod output;
mod scale;
