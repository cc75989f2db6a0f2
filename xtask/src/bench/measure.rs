//! What running commands costs.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

/// The cost of one run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// From start to end.
    pub(super) wall: Duration,
    /// On all cores, in the programs and in the system on their behalf.
    pub(super) cpu: Duration,
    /// The most memory at a time that one of the programs had, in bytes.
    pub(super) memory: u64,
}

/// Runs some commands side by side, `runs` times, and returns the cheapest run by CPU time: what is
/// above it is the machine's noise. `prepare` goes before each run, and is not measured.
///
/// `accepted` are the exit codes that count as success.
pub(super) fn cheapest(
    runs: u32,
    accepted: &[i32],
    mut prepare: impl FnMut() -> Vec<Command>,
) -> Result<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..runs {
        let cost = once(prepare(), accepted)?;
        if best.is_none_or(|best| cost.cpu < best.cpu) {
            best = Some(cost);
        }
    }
    best.context("no run was asked for")
}

/// Runs some commands side by side once.
pub(super) fn once(commands: Vec<Command>, accepted: &[i32]) -> Result<Cost> {
    let started = Instant::now();
    let mut running = Vec::new();
    for mut command in commands {
        let name = format!("{command:?}");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("start {name}"))?;
        running.push((name, child));
    }
    let mut cost = Cost::default();
    for (name, child) in running {
        let used = child.wait4()?;
        cost.wall = started.elapsed();
        cost.cpu += used.rusage.utime + used.rusage.stime;
        cost.memory = cost.memory.max(used.rusage.maxrss);
        let code = used.status.code();
        ensure!(
            code.is_some_and(|code| accepted.contains(&code)),
            "{name} ended with {}",
            used.status
        );
    }
    Ok(cost)
}
