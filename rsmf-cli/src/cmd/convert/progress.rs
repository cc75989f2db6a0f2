//! Progress lines.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rsmf_convert::{Progress, Update};

use crate::{
    Console,
    output::words::{count, grouped, size},
    progress::Ticker,
};

/// After this long without news, people wonder.
const SILENCE: Duration = Duration::from_secs(2);

/// Says how far the conversion is, at most once a second.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    console: Option<&'a Console>,
    ticker: Ticker,
    begun: AtomicBool,
}

impl<'a> Lines<'a> {
    /// Without a console, nothing is said.
    pub(super) fn new(console: Option<&'a Console>) -> Self {
        Self {
            console,
            ticker: Ticker::new(),
            begun: AtomicBool::new(false),
        }
    }

    /// Says that something is going on where the first file takes long: a large export is read
    /// through for its threads before anything is written, and twice if it is to be strict.
    pub(super) async fn reassure(&self, input: &str) -> Infallible {
        tokio::time::sleep(SILENCE).await;
        if let (Some(console), false) = (self.console, self.begun.load(Ordering::Relaxed)) {
            console.say(format_args!("reading {input} …"));
        }
        std::future::pending().await
    }
}

impl Progress for Lines<'_> {
    fn resumed(&self, update: &Update) {
        self.begun.store(true, Ordering::Relaxed);
        if let Some(console) = self.console {
            console.say(format_args!("done already: {}", line(update)));
        }
    }

    fn update(&self, update: &Update) {
        self.begun.store(true, Ordering::Relaxed);
        if let Some(console) = self.console
            && self.ticker.ticks()
        {
            console.say(line(update));
        }
    }
}

fn line(update: &Update) -> String {
    format!(
        "{} of {}, {}, {} ({})",
        grouped(update.conversations_done),
        count(update.conversations, "conversation"),
        count(update.messages, "message"),
        count(update.files, "file"),
        size(update.bytes),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_conversations_messages_and_files() {
        let mut update = Update::default();
        (update.conversations_done, update.conversations) = (3, 87);
        (update.messages, update.files, update.bytes) = (103_204, 341, 1_200_000_000);
        assert_eq!(
            line(&update),
            "3 of 87 conversations, 103,204 messages, 341 files (1.2 GB)"
        );
    }
}
