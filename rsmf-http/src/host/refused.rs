//! A host that asked everybody to wait for longer than anybody does.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::Refusal;

/// What a host said when it wanted no requests for a long time. Others hear the same without asking it again, as long
/// as it is believed.
#[derive(Debug, Default)]
pub(super) struct Refused(Option<Said>);

#[derive(Debug)]
struct Said {
    refusal: Box<Refusal>,
    /// When the pause ends that it asked for.
    end: Option<Instant>,
    /// Until when it is believed.
    until: Option<Instant>,
}

impl Refused {
    /// The host wants a pause, and is believed for some time.
    pub(super) fn set(&mut self, refusal: &Refusal, pause: Duration, believed: Duration) {
        let now = Instant::now();
        self.0 = Some(Said {
            refusal: Box::new(refusal.clone()),
            end: now.checked_add(pause),
            until: now.checked_add(believed),
        });
    }

    /// What it said, and what is left of the pause.
    pub(super) fn get(&self) -> Option<(Box<Refusal>, Option<Duration>)> {
        // The clock is asked only where there is something.
        let said = self.0.as_ref()?;
        let now = Instant::now();
        let left = said.end.map(|end| end.duration_since(now));
        (said.until? > now).then(|| (said.refusal.clone(), left))
    }
}
