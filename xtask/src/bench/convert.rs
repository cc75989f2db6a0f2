//! `cargo xtask bench convert`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::Result;

use super::{
    measure::Cost,
    programs::{Programs, Share, written},
};
use crate::context::Context;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many messages the export has
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    messages: u64,
    /// How often each program runs; the run with the least CPU time counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// An export to convert instead of a generated one
    #[arg(long, value_name = "ZIP", conflicts_with = "messages")]
    export: Option<PathBuf>,
    /// Convert exports of other sizes and shapes too, to show that memory does not grow with them
    #[arg(long)]
    shapes: bool,
}

/// Exports whose memory is compared: what they are, and how they are made.
const SHAPES: [(&str, &str); 8] = [
    ("100,000 messages", "--messages 100000"),
    ("1,000,000 messages", "--messages 1000000"),
    ("4,000,000 messages", "--messages 4000000"),
    (
        "1 conversation of 1,000,000",
        "--messages 1000000 --single-conversation",
    ),
    (
        "4 of 150,000, 5,000 a day",
        "--messages 600000 --conversations 4 --days 30",
    ),
    (
        "2 of 1,000,000, 33,000 a day",
        "--messages 2000000 --conversations 2 --days 30",
    ),
    (
        "20,000 conversations of 50",
        "--messages 1000000 --conversations 20000 --days 5",
    ),
    (
        "40,000 conversations of 50",
        "--messages 2000000 --conversations 40000 --days 5",
    ),
];

pub(super) fn run(args: &Args) -> Result<()> {
    let context = Context::new()?;
    let scratch = context.shell.create_temp_dir()?;
    let programs = Programs::build(&context, scratch.path(), args.runs)?;
    compare(&programs, args)?;
    if args.shapes {
        shapes(&programs)?;
    }
    Ok(())
}

/// The floor, and everything that is done with an export, on one thread and on two.
fn compare(programs: &Programs<'_>, args: &Args) -> Result<()> {
    let export = match &args.export {
        Some(export) => env::current_dir()?.join(export),
        None => programs.export(&format!("--messages {}", args.messages))?,
    };
    let (_, out) = programs.convert(&export, Share::Threads(1))?;
    let bytes = written(&out)?;
    let floor = programs.floor(&export, bytes, 1)?;
    let floors = programs.floor(&export, bytes, 2)?;
    print_title(&export, bytes, args.runs)?;
    print_row("floor", floor, floor, [None, None]);
    let gain = 2.0 * ratio(floor, floors);
    print_row("floor, twice at once", floors, floor, [Some(gain), None]);
    let convert = |share| Ok(programs.convert(&export, share)?.0);
    print_rows("convert", convert, floor)?;
    print_rows("validate", |share| programs.validate(&out, share), floor)?;
    print_rows("view", |share| programs.view(&out, share), floor)
}

fn shapes(programs: &Programs<'_>) -> Result<()> {
    println!(
        "\n{:30} {:>8} {:>8} {:>10}",
        "convert, all threads", "wall s", "CPU s", "peak MiB"
    );
    for (name, arguments) in SHAPES {
        programs.clear()?;
        let export = programs.export(arguments)?;
        let (cost, _) = programs.convert(&export, Share::Default)?;
        println!(
            "{name:30} {:8.2} {:8.2} {:10.1}",
            cost.wall.as_secs_f64(),
            cost.cpu.as_secs_f64(),
            mebibytes(cost)
        );
    }
    Ok(())
}

fn print_title(export: &Path, bytes: u64, runs: u32) -> Result<()> {
    println!(
        "\n{} bytes of export, converted to {bytes} bytes of RSMF; the cheapest of {runs} runs\n",
        fs::metadata(export)?.len(),
    );
    println!(
        "{:28} {:>8} {:>8} {:>8} {:>10} {:>11} {:>10}",
        "", "wall s", "CPU s", "x floor", "peak MiB", "x 1 thread", "x 1 core"
    );
    Ok(())
}

/// A command on one thread and on two, free and bound to as many cores; the last columns tell how
/// many times as fast two are as one.
///
/// Files are written on threads of their own. Only bound to one core, one thread is all there is.
fn print_rows(name: &str, run: impl Fn(Share) -> Result<Cost>, floor: Cost) -> Result<()> {
    let thread = run(Share::Threads(1))?;
    print_row(&format!("{name} --threads 1"), thread, floor, [None, None]);
    let bound = match has_cores() {
        true => Some((run(Share::Cores(1))?, run(Share::Cores(2))?)),
        false => None,
    };
    let core = bound.map(|(core, _)| core);
    let gains = |cost| {
        [
            Some(ratio(thread, cost)),
            core.map(|core| ratio(core, cost)),
        ]
    };
    if let Some(core) = core {
        print_row(
            &format!("{name} --threads 1, 1 core"),
            core,
            floor,
            [None, None],
        );
    }
    let threads = run(Share::Threads(2))?;
    print_row(
        &format!("{name} --threads 2"),
        threads,
        floor,
        gains(threads),
    );
    if let Some((_, cores)) = bound {
        print_row(
            &format!("{name} --threads 2, 2 cores"),
            cores,
            floor,
            gains(cores),
        );
    }
    Ok(())
}

/// Whether commands can be bound to one core and to two.
fn has_cores() -> bool {
    let two = thread::available_parallelism().is_ok_and(|cores| cores.get() >= 2);
    cfg!(target_os = "linux") && two
}

fn print_row(name: &str, cost: Cost, floor: Cost, gains: [Option<f64>; 2]) {
    let [thread, core] =
        gains.map(|gain| gain.map(|gain| format!("{gain:.2}")).unwrap_or_default());
    println!(
        "{name:28} {:8.2} {:8.2} {:8.2} {:10.1} {thread:>11} {core:>10}",
        cost.wall.as_secs_f64(),
        cost.cpu.as_secs_f64(),
        cost.cpu.as_secs_f64() / floor.cpu.as_secs_f64(),
        mebibytes(cost),
    );
}

/// How many times as long the first took as the second.
fn ratio(first: Cost, second: Cost) -> f64 {
    first.wall.as_secs_f64() / second.wall.as_secs_f64()
}

fn mebibytes(cost: Cost) -> f64 {
    cost.memory as f64 / f64::from(1 << 20)
}
