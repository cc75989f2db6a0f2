//! `cargo xtask fuzz`: looks for inputs that break what must always hold.
//!
//! The targets in `fuzz/` are programs with libFuzzer in them. The compiler passes that it needs
//! are in every Rust, so no nightly is asked for; only the sanitizers are, and they watch over
//! `unsafe` code, of which there is none here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail, ensure};
use xshell::cmd;

use crate::{context::Context, install::debian};

/// What makes the compiler count what was reached, and tell what values were compared with.
const INSTRUMENT: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// An input may take this long and this much; more is a finding.
const LIMITS: [&str; 3] = ["-timeout=25", "-rss_limit_mb=2048", "-print_final_stats=1"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these targets; without any, all of them, one after the other
    targets: Vec<String>,
    /// How long each target looks, such as 90s, 30m or 1h
    #[arg(long, default_value = "5m", value_parser = seconds)]
    time: u64,
}

/// Looks for as long as was asked for. What was found on the way is kept in the cache, so that
/// the next run goes on from there.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let context = Context::new()?;
    let fuzzer = match Fuzzer::build(&context)? {
        Ok(fuzzer) => fuzzer,
        Err(why) => bail!(why),
    };
    let kept = context.cache.tool("fuzz");
    fuzzer.write_seeds(&kept)?;
    for target in fuzzer.choose(&args.targets)? {
        fuzzer.look(&target, args.time, &kept.join(&target))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A number of seconds, minutes or hours.
fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no time such as 90s, 30m or 1h");
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        _ => return Err(wrong()),
    };
    let number = text.trim_end_matches(char::is_alphabetic);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).ok_or_else(wrong)
}

/// The targets, built.
pub(crate) struct Fuzzer<'c> {
    context: &'c Context,
    folder: PathBuf,
    programs: PathBuf,
}

impl<'c> Fuzzer<'c> {
    /// Builds the targets; tells why where that cannot be done here.
    pub(crate) fn build(context: &'c Context) -> Result<Result<Self, &'static str>> {
        if cfg!(windows) {
            return Ok(Err("libFuzzer is built for Linux and macOS only"));
        }
        if !context.has_program("c++") {
            if !debian::is_debian() {
                return Ok(Err("libFuzzer needs a compiler for C++, called c++"));
            }
            debian::install(context, &["g++"])?;
        }
        let folder = context.root.join("fuzz");
        // The targets run with the very versions that are shipped; cargo adds what only they need.
        fs::copy(context.root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let shell = &context.shell;
        let host = context.rustc("host")?;
        let fuzzer = Self {
            context,
            programs: context.cache.target().join(&host).join("release"),
            folder,
        };
        let manifest = fuzzer.folder.join("Cargo.toml");
        let targets = fuzzer.targets()?;
        let targets = targets.iter().flat_map(|name| ["--bin", name]);
        cmd!(
            shell,
            "cargo build --release --manifest-path {manifest} --target {host} {targets...}"
        )
        .env("RUSTFLAGS", INSTRUMENT)
        .run()?;
        Ok(Ok(fuzzer))
    }

    /// The targets of these names, or all.
    pub(crate) fn choose(&self, names: &[String]) -> Result<Vec<String>> {
        let all = self.targets()?;
        for name in names {
            ensure!(
                all.contains(name),
                "no target is called {name}: there are {}",
                all.join(", ")
            );
        }
        let is_wanted = |target: &String| names.is_empty() || names.contains(target);
        Ok(all.into_iter().filter(is_wanted).collect())
    }

    fn targets(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.folder.join("targets"))? {
            let path = entry?.path();
            let name = path.file_stem().context("a target without a name")?;
            names.push(name.to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// Runs a target on all inputs that are known, and then on others for some seconds. Those
    /// that reach something new are kept in `kept`.
    pub(crate) fn look(&self, target: &str, seconds: u64, kept: &Path) -> Result<()> {
        let found = self.folder.join("artifacts").join(target);
        fs::create_dir_all(&found)?;
        fs::create_dir_all(kept)?;
        let known = [self.folder.join("corpus"), self.folder.join("regressions")];
        let known = known.map(|folder| folder.join(target));
        let known = known.iter().filter(|folder| folder.is_dir());
        let dictionary = self.folder.join("dict").join(format!("{target}.dict"));
        let dictionary = dictionary
            .is_file()
            .then(|| format!("-dict={}", dictionary.display()));
        let prefix = format!("{}/", found.display());
        let program = self.programs.join(target);
        let log = found.join("log");
        println!(
            "$ {} for {seconds} s, see {}",
            program.display(),
            log.display()
        );
        let end = std::process::Command::new(&program)
            .args(LIMITS)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={prefix}"))
            .args(dictionary)
            .arg(kept)
            .args(known)
            .stderr(fs::File::create(&log)?)
            .status()?;
        let log = fs::read_to_string(&log)?;
        ensure!(end.success(), "{target}: {}", told(&log));
        println!("{target}: {}", figures(&log));
        Ok(())
    }

    /// Makes first inputs of the fixtures.
    fn write_seeds(&self, out: &Path) -> Result<()> {
        let manifest = self.folder.join("Cargo.toml");
        let fixtures = self.context.root.join("fixtures");
        cmd!(
            self.context.shell,
            "cargo run --manifest-path {manifest} --no-default-features --bin seeds -- {fixtures} {out}"
        )
        .run()?;
        Ok(())
    }
}

/// What went wrong, and on which input.
fn told(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let panic = panic.map_or(&[][..], |at| &lines[at..lines.len().min(at + 4)]);
    let ends = ["SUMMARY:", "Test unit written to "];
    let ends = lines
        .iter()
        .filter(|line| ends.iter().any(|end| line.contains(end)));
    let told: Vec<_> = panic.iter().chain(ends).copied().collect();
    match told.is_empty() {
        true => lines.last().copied().unwrap_or("no output").to_owned(),
        false => told.join("\n"),
    }
}

/// How much was tried and reached, from what libFuzzer prints last.
fn figures(log: &str) -> String {
    let reached = log.lines().rfind(|line| line.contains("cov: "));
    let runs = log
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let words = reached.unwrap_or_default().split_whitespace();
    let reached: Vec<_> = words.skip_while(|word| *word != "cov:").take(4).collect();
    format!(
        "{} runs, {}",
        runs.unwrap_or("no").trim(),
        reached.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::{figures, seconds, told};

    #[test]
    fn times_are_read() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("30m"), Ok(1800));
        assert_eq!(seconds("1h"), Ok(3600));
        for wrong in ["", "h", "1", "1d", "-1h", "99999999999999999h"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_finding_is_told_with_its_input() {
        let log = "#1 INITED cov: 5 ft: 9 corp: 1/1b\n\
            thread '<unnamed>' panicked at targets/zip.rs:5:1:\nno!\nstack backtrace:\n  0: a\n\
            SUMMARY: libFuzzer: deadly signal\n\
            artifact_prefix='x/'; Test unit written to x/crash-1\n";
        let told = told(log);
        for part in ["zip.rs:5", "no!", "deadly signal", "x/crash-1"] {
            assert!(told.contains(part), "{told}");
        }
        let log = "#9 DONE   cov: 5 ft: 9 corp: 1/1b\nstat::number_of_executed_units: 9\n";
        assert_eq!(figures(log), "9 runs, cov: 5 ft: 9");
    }
}
