//! The log: off by default, on standard error.

use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// The environment variable that sets the log, such as `debug` or `rsmf_chat=trace,warn`.
const VARIABLE: &str = "RSMF_LOG";

/// Installs the log: as `-v` says, else as the environment says, else none. Tells whether there is one.
pub(crate) fn start(verbose: u8) -> bool {
    let Some(targets) = targets(verbose, std::env::var(VARIABLE).ok()) else {
        return false;
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // It fails only where a test has installed a log before, which then stays.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .try_init();
    true
}

/// What to log; `None` for nothing. A variable that makes no sense counts as `debug`: whoever
/// sets it wants to see something.
fn targets(verbose: u8, variable: Option<String>) -> Option<Targets> {
    let level = |level| Some(Targets::new().with_default(level));
    match verbose {
        0 => {
            let text = variable.filter(|text| !text.is_empty())?;
            Targets::from_str(&text).map_or_else(|_| level(LevelFilter::DEBUG), Some)
        }
        1 => level(LevelFilter::INFO),
        2 => level(LevelFilter::DEBUG),
        _ => level(LevelFilter::TRACE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_goes_before_the_variable() {
        let default = |verbose, text: &str| {
            targets(verbose, Some(text.to_owned())).and_then(|targets| targets.default_level())
        };
        assert!(targets(0, None).is_none());
        assert!(targets(0, Some(String::new())).is_none());
        assert_eq!(default(0, "warn"), Some(LevelFilter::WARN));
        assert_eq!(default(0, "a=b=c"), Some(LevelFilter::DEBUG));
        assert_eq!(default(1, "warn"), Some(LevelFilter::INFO));
        assert_eq!(default(2, "warn"), Some(LevelFilter::DEBUG));
        assert_eq!(default(9, ""), Some(LevelFilter::TRACE));
    }
}
