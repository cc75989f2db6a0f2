//! Tools that do the same, one after the other.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    super::measure::{Cost, once},
    material::same,
};

/// The one that all others are compared with.
pub(super) const RSMF: &str = "rsmf";

/// A tool, what it is told to do, and how it is seen that it has done that.
pub(super) struct Racer<'a> {
    pub(super) tool: &'static str,
    pub(super) command: Command,
    /// Exit codes of success.
    pub(super) accepted: &'static [i32],
    pub(super) check: Box<dyn FnOnce() -> Result<()> + 'a>,
}

impl<'a> Racer<'a> {
    /// A tool that succeeds with exit code 0.
    pub(super) fn new(
        tool: &'static str,
        command: Command,
        check: impl FnOnce() -> Result<()> + 'a,
    ) -> Self {
        Self {
            tool,
            command,
            accepted: &[0],
            check: Box::new(check),
        }
    }

    /// The same where a copy must have come to a folder of this machine, which is removed then.
    pub(super) fn copying(
        tool: &'static str,
        command: Command,
        original: &Path,
        copy: PathBuf,
        folder: PathBuf,
    ) -> Self {
        let original = original.to_owned();
        Self::new(tool, command, move || {
            same(&original, &copy)?;
            Ok(fs::remove_dir_all(folder)?)
        })
    }
}

/// What everything has cost so far.
#[derive(Default)]
pub(super) struct Table(Vec<Row>);

struct Row {
    name: &'static str,
    tools: Vec<(&'static str, Cost)>,
}

impl Table {
    /// Runs tools one after the other, beginning with another one in each round: who is first finds a server that
    /// has just begun.
    pub(super) fn race(
        &mut self,
        row: &'static str,
        round: usize,
        mut racers: Vec<Racer<'_>>,
    ) -> Result<()> {
        let Some(row) = self.row(row, &racers) else {
            return Ok(());
        };
        let first = round % racers.len().max(1);
        racers.rotate_left(first);
        for racer in racers {
            let failed = || format!("{} by {}", row.name, racer.tool);
            println!("{}", failed());
            let cost = once(vec![racer.command], racer.accepted).with_context(failed)?;
            (racer.check)().with_context(failed)?;
            row.add(racer.tool, cost);
        }
        Ok(())
    }

    fn row(&mut self, name: &'static str, racers: &[Racer<'_>]) -> Option<&mut Row> {
        let found = self.0.iter().position(|row| row.name == name);
        let at = found.unwrap_or(self.0.len());
        if found.is_none() {
            let tools = racers.iter().map(|racer| (racer.tool, Cost::default()));
            let tools = tools.collect();
            self.0.push(Row { name, tools });
        }
        self.0.get_mut(at)
    }
}

impl Row {
    /// Of several runs, the shortest time, the least work and the most memory count.
    fn add(&mut self, tool: &str, cost: Cost) {
        let known = self.tools.iter_mut().find(|(name, _)| *name == tool);
        if let Some((_, best)) = known {
            *best = match best.wall.is_zero() {
                true => cost,
                false => Cost {
                    wall: best.wall.min(cost.wall),
                    cpu: best.cpu.min(cost.cpu),
                    memory: best.memory.max(cost.memory),
                },
            };
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|row| write!(f, "\n{row}"))
    }
}

/// In the last three columns, what `rsmf` needs of what the tool does.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:32} {:>8} {:>8} {:>10} {:>8} {:>8} {:>8}",
            self.name, "wall s", "CPU s", "peak MiB", "x wall", "x CPU", "x peak"
        )?;
        let ours = self.tools.iter().find(|(name, _)| *name == RSMF);
        for (tool, cost) in &self.tools {
            let wall = cost.wall.as_secs_f64();
            let cpu = cost.cpu.as_secs_f64();
            let memory = cost.memory as f64 / f64::from(1 << 20);
            write!(f, "  {tool:30} {wall:8.2} {cpu:8.2} {memory:10.1}")?;
            if let Some((_, ours)) = ours.filter(|_| *tool != RSMF) {
                let wall = ours.wall.as_secs_f64() / wall;
                let cpu = ours.cpu.as_secs_f64() / cpu;
                let memory = ours.memory as f64 / cost.memory as f64;
                write!(f, " {wall:8.2} {cpu:8.2} {memory:8.2}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
