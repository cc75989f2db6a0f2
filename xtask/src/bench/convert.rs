//! `cargo xtask bench convert`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, ensure};
use xshell::cmd;

use super::measure::{Cost, cheapest};
use crate::context::Context;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many messages the export has
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    messages: u64,
    /// How often each program runs; the run with the least CPU time counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// An export to convert instead of a generated one
    #[arg(long, value_name = "ZIP", conflicts_with = "messages")]
    export: Option<PathBuf>,
}

/// What is run, and on what.
struct Setting {
    rsmf: PathBuf,
    xtask: PathBuf,
    export: PathBuf,
    out: PathBuf,
    runs: u32,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let context = Context::new()?;
    let scratch = context.shell.create_temp_dir()?;
    let setting = prepare(&context, args, scratch.path())?;
    let one = setting.convert(1)?;
    let bytes = written(&setting.out)?;
    let two = setting.convert(2)?;
    let floor = setting.floor(bytes)?;
    println!(
        "\n{} of {} bytes, converted to {bytes} bytes of RSMF; the cheapest of {} runs\n",
        setting.export.display(),
        fs::metadata(&setting.export)?.len(),
        setting.runs,
    );
    println!(
        "{:24} {:>8} {:>8} {:>8} {:>10}",
        "", "wall s", "CPU s", "x floor", "peak MiB"
    );
    for (name, cost) in [
        ("floor", floor),
        ("rsmf --threads 1", one),
        ("rsmf --threads 2", two),
    ] {
        print_row(name, cost, floor);
    }
    Ok(())
}

fn print_row(name: &str, cost: Cost, floor: Cost) {
    println!(
        "{name:24} {:8.3} {:8.3} {:8.2} {:10.1}",
        cost.wall.as_secs_f64(),
        cost.cpu.as_secs_f64(),
        cost.cpu.as_secs_f64() / floor.cpu.as_secs_f64(),
        cost.memory as f64 / f64::from(1 << 20),
    );
}

/// Builds both programs as they are released, and makes the export.
fn prepare(context: &Context, args: &Args, scratch: &Path) -> Result<Setting> {
    let shell = &context.shell;
    cmd!(
        shell,
        "cargo build --locked --release --package rsmf-cli --package xtask"
    )
    .run()?;
    let built = context.cache.target().join("release");
    let program = |name: &str| built.join(name).with_extension(env::consts::EXE_EXTENSION);
    let (rsmf, xtask) = (program("rsmf"), program("xtask"));
    let export = match &args.export {
        Some(export) => env::current_dir()?.join(export),
        None => {
            let export = scratch.join("export.zip");
            let messages = args.messages.to_string();
            cmd!(
                shell,
                "{xtask} gen-slack --messages {messages} --output {export}"
            )
            .run()?;
            export
        }
    };
    Ok(Setting {
        rsmf,
        xtask,
        export,
        out: scratch.join("out"),
        runs: args.runs,
    })
}

impl Setting {
    fn convert(&self, threads: u32) -> Result<Cost> {
        cheapest(self.runs, &[0, 1], || {
            if self.out.exists() {
                fs::remove_dir_all(&self.out)?;
            }
            let mut command = Command::new(&self.rsmf);
            command
                .args(["convert", "--quiet", "--threads", &threads.to_string()])
                .arg("--output")
                .args([&self.out, &self.export])
                .stdout(Stdio::null());
            Ok(command)
        })
    }

    fn floor(&self, bytes: u64) -> Result<Cost> {
        cheapest(self.runs, &[0], || {
            let mut command = Command::new(&self.xtask);
            command
                .args(["bench", "floor"])
                .arg(&self.export)
                .arg(bytes.to_string());
            Ok(command)
        })
    }
}

/// How many bytes the RSMF files in a folder have.
fn written(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for file in crate::output::rsmf_files(folder)? {
        bytes += fs::metadata(file)?.len();
    }
    ensure!(bytes > 0, "the conversion wrote nothing");
    Ok(bytes)
}
