//! Tells people how far an upload is.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use rsmf_relativity::{
    UploadEvent, UploadWatch,
    client::{ArtifactId, Uuid},
};

use crate::{
    Console,
    output::words,
    progress::{Meter, Part},
};

/// Tells people how far an upload is, and remembers what could be cancelled.
pub(super) struct Teller<'c> {
    meter: Meter<'c>,
    bytes: u64,
    staged: AtomicU64,
    set: AtomicI64,
    transfer: Mutex<Option<Uuid>>,
    import: Mutex<Option<Uuid>>,
    last: Mutex<String>,
}

impl<'c> Teller<'c> {
    pub(super) fn new(console: &'c Console, quiet: bool, bytes: u64) -> Self {
        Self {
            meter: Meter::new((!quiet).then_some(console), "relativity"),
            bytes,
            staged: AtomicU64::new(0),
            set: AtomicI64::new(0),
            transfer: Mutex::default(),
            import: Mutex::default(),
            last: Mutex::default(),
        }
    }

    /// The processing set, once it is known.
    pub(super) fn set(&self) -> Option<ArtifactId> {
        Some(ArtifactId(self.set.load(Ordering::Relaxed))).filter(|set| set.0 > 0)
    }

    /// The transfer, while files are on their way by one.
    pub(super) fn transfer(&self) -> Option<Uuid> {
        *locked(&self.transfer)
    }

    /// The import job, once it is known.
    pub(super) fn import(&self) -> Option<Uuid> {
        *locked(&self.import)
    }

    /// Says it, if it is not what was said last.
    fn say(&self, line: String) {
        let mut last = locked(&self.last);
        if *last != line {
            self.meter.say(&line);
            *last = line;
        }
    }
}

/// Nothing panics while it holds a lock, so that a poisoned one guards sound data.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UploadWatch for Teller<'_> {
    fn event(&self, event: UploadEvent) {
        match event {
            UploadEvent::Step(step) => {
                *locked(&self.transfer) = None;
                self.say(format!("relativity: {step}"));
            }
            UploadEvent::Transfer(job) => {
                *locked(&self.transfer) = Some(job);
                self.say(format!("relativity: the transfer is {job}"));
            }
            UploadEvent::Resumed => {
                self.say("relativity: going on with what an earlier run has begun".to_owned())
            }
            UploadEvent::Validated { done, all } => self.meter.tell_files(done, all),
            UploadEvent::Staged(bytes) => {
                let done = self.staged.fetch_add(bytes, Ordering::Relaxed) + bytes;
                let part = Part {
                    done,
                    all: self.bytes,
                };
                self.meter.tell(part, || {
                    format!(
                        "{} of {} staged",
                        words::size(done),
                        words::size(self.bytes)
                    )
                });
            }
            UploadEvent::Set(set) => {
                self.set.store(set.0, Ordering::Relaxed);
                self.say(format!("relativity: the processing set is {set}"));
            }
            UploadEvent::Job {
                phase,
                state,
                is_running,
            } => {
                let running = if is_running { ", running" } else { "" };
                self.say(format!("relativity: {phase}: {state}{running}"));
            }
            UploadEvent::Import(job) => {
                *locked(&self.import) = Some(job);
                self.say(format!("relativity: the import job is {job}"));
            }
            UploadEvent::Imported {
                done,
                errors,
                all,
                state,
            } => self.say(format!(
                "relativity: import: {}: {done} of {} are in, {errors} are errors",
                words::foreign(&state),
                words::count(all, "line")
            )),
            UploadEvent::Note(note) => self.say(format!("note: {note}")),
            _ => {}
        }
    }
}
