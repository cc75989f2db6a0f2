//! `cargo xtask bench convert`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use super::{
    measure::Cost,
    programs::{Programs, written},
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
const SHAPES: [(&str, &str); 5] = [
    ("100,000 messages", "--messages 100000"),
    ("1,000,000 messages", "--messages 1000000"),
    ("4,000,000 messages", "--messages 4000000"),
    (
        "1 conversation of 1,000,000",
        "--messages 1000000 --single-conversation",
    ),
    (
        "20,000 conversations of 50",
        "--messages 1000000 --conversations 20000 --days 5",
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
    let (convert, out) = programs.convert(&export, Some(1))?;
    let bytes = written(&out)?;
    let floor = programs.floor(&export, bytes, 1)?;
    let floors = programs.floor(&export, bytes, 2)?;
    let (convert_two, _) = programs.convert(&export, Some(2))?;
    print_title(&export, bytes, args.runs)?;
    print_row("floor", floor, floor, 1.0);
    print_row(
        "floor, twice at once",
        floors,
        floor,
        2.0 * ratio(floor, floors),
    );
    print_pair("convert", convert, convert_two, floor);
    let validate = |threads| programs.validate(&out, Some(threads));
    print_pair("validate", validate(1)?, validate(2)?, floor);
    let view = |threads| programs.view(&out, Some(threads));
    print_pair("view", view(1)?, view(2)?, floor);
    Ok(())
}

fn shapes(programs: &Programs<'_>) -> Result<()> {
    println!(
        "\n{:30} {:>8} {:>8} {:>10}",
        "convert, all threads", "wall s", "CPU s", "peak MiB"
    );
    for (name, arguments) in SHAPES {
        let export = programs.export(arguments)?;
        let (cost, _) = programs.convert(&export, None)?;
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
        "{:24} {:>8} {:>8} {:>8} {:>9} {:>10}",
        "", "wall s", "CPU s", "x floor", "speed-up", "peak MiB"
    );
    Ok(())
}

/// A command on one thread and on two.
fn print_pair(name: &str, one: Cost, two: Cost, floor: Cost) {
    print_row(&format!("{name} --threads 1"), one, floor, 1.0);
    print_row(&format!("{name} --threads 2"), two, floor, ratio(one, two));
}

fn print_row(name: &str, cost: Cost, floor: Cost, speed_up: f64) {
    println!(
        "{name:24} {:8.2} {:8.2} {:8.2} {speed_up:9.2} {:10.1}",
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
