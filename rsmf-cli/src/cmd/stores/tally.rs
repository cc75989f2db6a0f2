//! What is told while objects are moved, and at the end.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use rsmf_storage::transfer::{Action, Event, Summary};
use serde_json::json;

use super::json_line;
use crate::{
    Console,
    args::ShowArgs,
    error::{Error, Result},
    exit,
    output::words::{count, harmless, size},
    progress::{Meter, Part},
};

/// Takes in what happens, and tells it.
pub(super) struct Tally<'c> {
    console: &'c Console,
    meter: Meter<'c>,
    show: ShowArgs,
    /// Whether plans are results: in a dry run.
    is_dry: bool,
    /// What has become of what was copied; nothing where nothing ever is.
    copied: Option<&'static str>,
    bytes: AtomicU64,
    objects: AtomicU64,
    expected: AtomicU64,
    lost: AtomicBool,
    output: Mutex<Option<Error>>,
}

impl<'c> Tally<'c> {
    pub(super) fn new(
        console: &'c Console,
        verb: &'static str,
        show: &ShowArgs,
        is_dry: bool,
    ) -> Self {
        let silent = show.quiet || show.json;
        Self {
            console,
            meter: Meter::new((!silent).then_some(console), verb),
            show: show.clone(),
            is_dry,
            copied: match verb {
                "mv" => Some("moved"),
                "rm" => None,
                _ => Some("copied"),
            },
            bytes: AtomicU64::default(),
            objects: AtomicU64::default(),
            expected: AtomicU64::default(),
            lost: AtomicBool::default(),
            output: Mutex::default(),
        }
    }

    /// So many bytes will come.
    pub(super) fn expect(&self, bytes: u64) {
        self.expected.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn event(&self, event: &Event<'_>) {
        match event {
            Event::Bytes(bytes) => {
                self.bytes.fetch_add(*bytes, Ordering::Relaxed);
                self.tell();
            }
            Event::Planned(action, path, bytes) if self.is_dry => {
                self.show(*action, path, Some(*bytes));
            }
            Event::Done(action, path) => {
                self.objects.fetch_add(1, Ordering::Relaxed);
                if !self.is_dry && self.show.json {
                    self.show(*action, path, None);
                }
                self.tell();
            }
            Event::Failed(path, error) => self.fail(*path, error),
            _ => {}
        }
    }

    /// A result: what is done, or would be.
    fn show(&self, action: Action, path: &str, bytes: Option<u64>) {
        let verb = match action {
            Action::Copy => "copy",
            Action::Delete => "remove",
        };
        let written = match self.show.json {
            true => {
                let line =
                    json!({ "action": verb, "path": path, "bytes": bytes, "dryRun": self.is_dry });
                json_line(self.console, &line)
            }
            false => self.meter.aside(|| {
                let bytes = bytes.map(size).unwrap_or_default();
                let path = harmless(path);
                self.console
                    .write(|out| writeln!(out, "{verb} {path} ({bytes})"))
            }),
        };
        if let Err(error) = written {
            *self.output.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }

    pub(super) fn fail(&self, path: Option<&str>, error: &rsmf_core::Error) {
        self.lost.store(true, Ordering::Relaxed);
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        let path = path.unwrap_or("not all could be listed");
        if self.show.json {
            // That it cannot be written is told by the summary as well.
            let _ = json_line(self.console, &json!({ "path": path, "error": text }));
        }
        // One line, whatever stands in a name.
        let line = format!("failed: {}: {}", harmless(path), harmless(&text));
        self.meter.say(&line);
        if self.show.quiet || self.show.json {
            self.console.say(line);
        }
    }

    fn tell(&self) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let part = Part {
            done: get(&self.bytes),
            all: get(&self.expected),
        };
        self.meter.tell(part, || {
            let seconds = self.meter.elapsed().as_secs_f64().max(0.001);
            let rate = size((part.done as f64 / seconds) as u64);
            let objects = count(get(&self.objects), "object");
            format!("{objects}, {}, {rate}/s", size(part.done))
        });
    }

    /// Tells what was done in all, and gives the exit code.
    pub(super) fn end(self, summary: &Summary) -> Result<u8> {
        let failed = self.lost.load(Ordering::Relaxed) || summary.failed > 0;
        if let Some(error) = self
            .output
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            return Err(error);
        }
        drop(self.meter);
        if self.show.json {
            let line = json!({ "summary": {
                "copied": summary.copied, "bytes": summary.bytes, "same": summary.same,
                "removed": summary.deleted, "failed": summary.failed, "dryRun": self.is_dry,
            }});
            json_line(self.console, &line)?;
        } else if !self.show.quiet {
            let line = words(summary, self.copied, self.is_dry);
            self.console.write(|out| writeln!(out, "{line}"))?;
        }
        Ok(match failed {
            true => exit::EXCEPTIONS,
            false => exit::OK,
        })
    }
}

fn words(summary: &Summary, copied: Option<&str>, is_dry: bool) -> String {
    let mut parts = Vec::new();
    if let Some(copied) = copied.filter(|_| summary.copied > 0 || summary.deleted == 0) {
        let objects = count(summary.copied, "object");
        parts.push(format!("{objects} {copied} ({})", size(summary.bytes)));
    }
    for (number, what) in [
        (summary.deleted, "removed"),
        (summary.same, "left as they are"),
        (summary.failed, "failed"),
    ] {
        let is_told = number > 0 || (copied.is_none() && what == "removed");
        if is_told {
            parts.push(format!("{} {what}", count(number, "object")));
        }
    }
    match is_dry {
        true => format!("nothing was done; it would be: {}", parts.join(", ")),
        false => parts.join(", "),
    }
}
