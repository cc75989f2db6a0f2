//! Following a job to its end, calmly.

mod decide;
mod poll;
mod state;

pub(crate) use self::poll::{Look, Pace, Waited, follow};
pub use self::{
    decide::{Signals, Verdict, decide},
    poll::WaitOptions,
    state::{Phase, PhaseState},
};
