//! How far a conversion is.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt;
use rsmf_convert::{Progress, Update};
use rsmf_core::integration::{ChatSource, FetchProgress, FileFetcher};

use crate::{
    Console,
    output::words::{count, grouped, size, span},
    progress::{Meter, Part},
};

/// How often it is looked how far the source has been read.
const LOOK: Duration = Duration::from_millis(200);

/// Tells how far a conversion is: what it has done, and how much of the source it has read.
pub(super) struct Gauge<'c> {
    console: &'c Console,
    meter: Meter<'c>,
    latest: Mutex<Update>,
    source: OnceLock<Watched>,
    fetcher: OnceLock<Arc<dyn FileFetcher>>,
    /// Whether it was told that downloads are tried again.
    warned: AtomicBool,
    /// Files and bytes of an earlier run that were compared.
    compared: [AtomicU64; 2],
    /// What an earlier run had done.
    resumed: OnceLock<Update>,
}

/// A source, and how many bytes are to be read of it.
struct Watched {
    source: Arc<dyn ChatSource>,
    /// Of each conversation.
    sizes: Vec<u64>,
    /// How often each is read.
    times: u64,
}

impl Watched {
    /// The bytes of the first conversations.
    fn bytes(&self, conversations: u64) -> u64 {
        let number = usize::try_from(conversations).unwrap_or(usize::MAX);
        self.sizes.iter().take(number).sum::<u64>() * self.times
    }
}

impl<'c> Gauge<'c> {
    /// One that is silent tells nothing but warnings.
    pub(super) fn new(console: &'c Console, silent: bool) -> Self {
        Self {
            console,
            meter: Meter::new((!silent).then_some(console), "convert"),
            latest: Mutex::default(),
            source: OnceLock::new(),
            fetcher: OnceLock::new(),
            warned: AtomicBool::new(false),
            compared: Default::default(),
            resumed: OnceLock::new(),
        }
    }

    /// Takes how much of the source is read as the measure, `times` over.
    pub(super) async fn measure(&self, source: &Arc<dyn ChatSource>, times: u64) {
        let sizes = source.conversations();
        let sizes = sizes.map_ok(|conversation| source.size(&conversation).unwrap_or_default());
        // What is wrong with the source is told where it is converted.
        let watched = Watched {
            source: source.clone(),
            sizes: sizes.try_collect().await.unwrap_or_default(),
            times,
        };
        let _ = self.source.set(watched);
    }

    /// Tells of downloads too.
    pub(super) fn fetching(&self, fetcher: &Arc<dyn FileFetcher>) {
        let _ = self.fetcher.set(Arc::clone(fetcher));
    }

    /// Tells, again and again.
    pub(super) async fn watch(&self) -> Infallible {
        loop {
            tokio::time::sleep(LOOK).await;
            let [whole, now] = self.parts();
            let downloads = self.warn();
            let [files, compared] =
                (self.compared.each_ref()).map(|one| one.load(Ordering::Relaxed));
            if files > 0 && self.resumed.get().is_none() {
                self.meter.tell(Part::default(), || {
                    let files = count(files, "file");
                    format!(
                        "comparing with the earlier run: {files}, {}",
                        size(compared)
                    )
                });
                continue;
            }
            self.meter.tell(whole.unfinished(), || {
                let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
                let before = self.resumed.get().map_or(0, |update| update.messages);
                let elapsed = self.meter.elapsed();
                let rate = (latest.messages - before.min(latest.messages)) as f64
                    / elapsed.as_secs_f64().max(0.1);
                // How long downloads take cannot be told by what was read.
                let waits = downloads.as_ref().is_some_and(|all| all.under_way > 0);
                let left = now.left(elapsed).filter(|_| !waits && now.done < now.all);
                words(
                    latest.messages,
                    whole,
                    rate as u64,
                    left,
                    downloads.as_ref(),
                )
            });
        }
    }

    /// Tells once that a host keeps the conversion waiting, or kept; gives what is known of downloads.
    pub(super) fn warn(&self) -> Option<FetchProgress> {
        let downloads = self.fetcher.get().map(|fetcher| fetcher.progress());
        let trouble = downloads
            .as_ref()
            .and_then(|downloads| downloads.trouble.as_deref());
        if let Some(trouble) = trouble
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            self.meter.say(&format!(
                "warning: a download is tried again: {trouble} (--fetch-timeout bounds each attempt)"
            ));
        }
        downloads
    }

    /// Does something that writes to the terminal.
    pub(super) fn aside(&self, act: impl FnOnce()) {
        self.meter.aside(act);
    }

    /// How much of the source is done, and how much of what this run has to do.
    fn parts(&self) -> [Part; 2] {
        let Some(watched) = self.source.get() else {
            return [Part::default(); 2];
        };
        let all = watched.bytes(u64::MAX);
        let before = self.resumed.get();
        let before = before.map_or(0, |update| watched.bytes(update.conversations_done));
        let read = watched.source.bytes_read().min(all - before);
        [
            Part {
                done: before + read,
                all,
            },
            Part {
                done: read,
                all: all - before,
            },
        ]
    }
}

impl Progress for Gauge<'_> {
    fn resumed(&self, update: &Update) {
        self.update(update);
        let messages = count(update.messages, "message");
        let files = count(update.files, "file");
        self.meter
            .say(&format!("done already: {messages}, {files}"));
        // Told once in a run.
        let _ = self.resumed.set(update.clone());
    }

    fn compared(&self, bytes: u64) {
        for (one, more) in self.compared.iter().zip([1, bytes]) {
            one.fetch_add(more, Ordering::Relaxed);
        }
    }

    fn unknown(&self, files: &[String], number: u64) {
        let more = number - files.len() as u64;
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let files = files.join(", ");
        self.aside(|| {
            self.console.say(format_args!(
                "warning: not of this conversion, but in its folder: {files}{more}"
            ));
        });
    }

    fn damaged(&self, files: &[String]) {
        let files = files.join(", ");
        self.aside(|| {
            self.console.say(format_args!(
                "warning: not as the earlier run wrote it: {files}; everything from there on is done again"
            ));
        });
    }

    fn update(&self, update: &Update) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.clone_from(update);
    }
}

/// Messages, bytes, rate, time left, downloads. Without these, all of it fits on a line of 80
/// beside a bar.
fn words(
    messages: u64,
    part: Part,
    rate: u64,
    left: Option<Duration>,
    downloads: Option<&FetchProgress>,
) -> String {
    let mut words = vec![count(messages, "message")];
    if part.all > 0 {
        words.push(bytes(part));
    }
    words.push(format!("{}/s", grouped(rate)));
    words.extend(left.map(|left| format!("{} left", span(left))));
    words.extend(downloads.map(downloaded));
    words.join(", ")
}

/// `downloaded 3 files (1.2 MB), 2 under way, 1 retry`.
fn downloaded(all: &FetchProgress) -> String {
    let mut words = format!(
        "downloaded {} ({})",
        count(all.files, "file"),
        size(all.bytes)
    );
    if all.under_way > 0 {
        words.push_str(&format!(", {} under way", grouped(all.under_way)));
    }
    match all.retries {
        0 => {}
        1 => words.push_str(", 1 retry"),
        many => words.push_str(&format!(", {} retries", grouped(many))),
    }
    words
}

/// `250.0 of 870.0 MB`: the unit stands twice only where there are two.
fn bytes(part: Part) -> String {
    let (done, all) = (size(part.done), size(part.all));
    match (done.split_once(' '), all.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} of {all}"),
        _ => format!("{done} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_messages_bytes_rate_and_time_left() {
        let part = Part {
            done: 250_000_000,
            all: 1_000_000_000,
        };
        let left = Some(Duration::from_secs(30));
        assert_eq!(
            words(103_204, part, 10_320, left, None),
            "103,204 messages, 250.0 MB of 1.0 GB, 10,320/s, 30 s left"
        );
        let part = Part {
            done: 1_000_000,
            all: 20_000_000,
        };
        assert_eq!(bytes(part), "1.0 of 20.0 MB");
        let unknown = words(103_204, Part::default(), 10_320, None, None);
        assert_eq!(unknown, "103,204 messages, 10,320/s");
        let mut downloads = FetchProgress::default();
        (downloads.files, downloads.bytes) = (3, 1_200_000);
        (downloads.under_way, downloads.retries) = (2, 1);
        assert_eq!(
            words(2, Part::default(), 0, None, Some(&downloads)),
            "2 messages, 0/s, downloaded 3 files (1.2 MB), 2 under way, 1 retry"
        );
    }
}
