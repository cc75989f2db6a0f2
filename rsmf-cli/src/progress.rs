//! How far something is: a bar on a terminal, else a line from time to time.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{Console, output::words};

/// The first line comes after this time: short work needs none.
const FIRST: Duration = Duration::from_secs(2);
/// Further lines come no more often than this, so that logs of long runs stay readable.
const PAUSE: Duration = Duration::from_secs(10);
/// How a bar looks. It is cut where the terminal is narrow.
const BAR: &str = "{bar:10} {percent:>3} %  {wide_msg}";

/// Tells how far a command is, to whoever looks at standard error.
pub(crate) struct Meter<'c> {
    how: How<'c>,
    name: &'static str,
    started: Instant,
}

enum How<'c> {
    Bar(ProgressBar),
    Lines(&'c Console, Mutex<Instant>),
    Silent,
}

/// How far it is, in any unit; nothing in all where nobody knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) done: u64,
    pub(crate) all: u64,
}

impl Part {
    /// The time that is left, if it goes on as so far. The beginning says little.
    pub(crate) fn left(self, elapsed: Duration) -> Option<Duration> {
        let share = self.done as f64 / self.all.max(1) as f64;
        let known = (0.01..=1.0).contains(&share) && elapsed >= FIRST;
        known.then(|| elapsed.mul_f64(1.0 / share - 1.0))
    }

    /// The same, but for the last percent: what is read to its end need not be all done.
    pub(crate) fn unfinished(self) -> Self {
        Self {
            done: self.done.min(self.all - self.all.div_ceil(100)),
            all: self.all,
        }
    }

    fn percent(self) -> Option<u64> {
        let done = self.done.min(self.all);
        (self.all > 0).then(|| done.saturating_mul(100) / self.all)
    }
}

impl<'c> Meter<'c> {
    /// For the command `name`; without a console, nothing is told.
    pub(crate) fn new(console: Option<&'c Console>, name: &'static str) -> Self {
        let started = Instant::now();
        let how = match console {
            None => How::Silent,
            Some(console) if console.shows_bars() => How::Bar(bar()),
            // As if the last line had been so long ago that the next is due at FIRST.
            Some(console) => {
                let last = started.checked_sub(PAUSE - FIRST).unwrap_or(started);
                How::Lines(console, Mutex::new(last))
            }
        };
        Self { how, name, started }
    }

    /// Since when this is.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Tells how far it is, if it is time to, in words that are only made then.
    pub(crate) fn tell(&self, part: Part, say: impl FnOnce() -> String) {
        match &self.how {
            How::Bar(bar) => {
                bar.set_length(part.all.max(1));
                bar.set_position(part.done.min(part.all));
                bar.set_message(say());
            }
            How::Lines(console, last) if is_due(last) => {
                let percent = part.percent().map(|percent| format!("{percent} % "));
                let percent = percent.unwrap_or_default();
                let elapsed = words::span(self.elapsed());
                let name = self.name;
                console.say(format_args!("{name}: {percent}after {elapsed}: {}", say()));
            }
            How::Lines(..) | How::Silent => {}
        }
    }

    /// Tells how many files are done.
    pub(crate) fn tell_files(&self, done: u64, all: u64) {
        let part = Part { done, all };
        self.tell(part, || {
            let left = part.left(self.elapsed()).map(words::span);
            let left = left.map(|left| format!(", {left} left"));
            let (done, all) = (words::grouped(done), words::count(all, "file"));
            format!("{done} of {all}{}", left.unwrap_or_default())
        });
    }

    /// Says something, if anything is told at all.
    pub(crate) fn say(&self, line: &str) {
        match &self.how {
            How::Bar(bar) => bar.println(line),
            How::Lines(console, _) => console.say(line),
            How::Silent => {}
        }
    }

    /// Does something that writes to the terminal.
    pub(crate) fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        match &self.how {
            How::Bar(bar) => bar.suspend(act),
            How::Lines(..) | How::Silent => act(),
        }
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        if let How::Bar(bar) = &self.how {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr_with_hz(5));
    // A template that is wrong would leave indicatif's own.
    match ProgressStyle::with_template(BAR) {
        Ok(style) => bar.with_style(style.progress_chars("━╸─")),
        Err(_) => bar,
    }
}

fn is_due(last: &Mutex<Instant>) -> bool {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let due = last.elapsed() >= PAUSE;
    if due {
        *last = Instant::now();
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_known_after_a_while() {
        let part = |done, all| Part { done, all };
        let left = |part: Part, seconds| {
            let left = part.left(Duration::from_secs(seconds));
            left.map(|left| left.as_secs())
        };
        assert_eq!(left(part(25, 100), 10), Some(30));
        assert_eq!(left(part(25, 100), 1), None);
        assert_eq!(left(part(0, 100), 100), None);
        assert_eq!(left(part(0, 0), 100), None);
        assert_eq!(part(1, 3).percent(), Some(33));
        assert_eq!(part(1, 0).percent(), None);
        assert_eq!(part(5_400, 5_400).unfinished().percent(), Some(99));
        assert_eq!(part(1, 1).unfinished().percent(), Some(0));
        assert_eq!(part(0, 0).unfinished(), part(0, 0));
    }

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
    }
}
