//! What running a command costs.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// The cost of one run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// From start to end.
    pub(super) wall: Duration,
    /// On all cores, in the program and in the system on its behalf.
    pub(super) cpu: Duration,
    /// The most memory at a time, in bytes.
    pub(super) memory: u64,
}

/// Runs a command `runs` times and returns the cheapest run by CPU time: what is above it is the
/// machine's noise. `prepare` goes before each run, and is not measured.
///
/// `accepted` are the exit codes that count as success.
pub(super) fn cheapest(
    runs: u32,
    accepted: &[i32],
    mut prepare: impl FnMut() -> Result<Command>,
) -> Result<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..runs {
        let cost = once(prepare()?, accepted)?;
        if best.is_none_or(|best| cost.cpu < best.cpu) {
            best = Some(cost);
        }
    }
    best.context("no run was asked for")
}

fn once(mut command: Command, accepted: &[i32]) -> Result<Cost> {
    let name = format!("{command:?}");
    let started = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .spawn()
        .with_context(|| format!("start {name}"))?;
    let used = child.wait4()?;
    let wall = started.elapsed();
    let accepted = used
        .status
        .code()
        .is_some_and(|code| accepted.contains(&code));
    ensure!(accepted, "{name} ended with {}", used.status);
    Ok(Cost {
        wall,
        cpu: used.rusage.utime + used.rusage.stime,
        memory: used.rusage.maxrss,
    })
}
