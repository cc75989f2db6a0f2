//! `cargo xtask test`: a list of steps, run one after the other, all of them even if one fails.

mod dependencies;
mod fuzz;
mod labels;
mod layering;
mod publish;
mod readme;
mod rust;
mod semver;
mod suite;
mod tidy;
mod windows;
mod workflows;
mod workspace;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{context::Context, output::Counts};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only what needs no installation: format, lints, tests
    #[arg(long, conflicts_with = "only")]
    quick: bool,
    /// Only these steps
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    only: Vec<String>,
    /// Name the steps and stop
    #[arg(long)]
    list: bool,
}

/// Something that a test run does.
struct Step {
    name: &'static str,
    what: &'static str,
    /// Whether it is fast and needs nothing installed.
    quick: bool,
    run: fn(&Context) -> Result<Outcome>,
}

/// How a step that did not fail ended.
enum Outcome {
    Passed,
    /// It cannot run here, for this reason.
    Skipped(String),
}

const STEPS: &[Step] = &[
    step("tidy", "file lengths, leftovers, manifests", tidy::run),
    step("layering", "what may depend on what", layering::run),
    step("fmt", "the format", rust::fmt).quick(),
    step(
        "workflows",
        "the workflows and the CI script",
        workflows::run,
    ),
    step(
        "fixtures",
        "fixtures are what their generator writes",
        workspace::fixtures,
    ),
    step(
        "clippy",
        "lints, with default and with all features",
        rust::clippy,
    )
    .quick(),
    step("features", "lints, with each feature alone", rust::features),
    step(
        "docs",
        "the documentation builds without a warning, and labels features",
        labels::docs,
    ),
    step(
        "deny",
        "licences, bans, sources, advisories",
        dependencies::deny,
    ),
    step(
        "msrv",
        "the oldest Rust that is promised",
        dependencies::msrv,
    ),
    step("windows", "everything compiles for Windows", windows::run),
    step("readme", "the commands that the README shows", readme::run),
    step(
        "doctest",
        "the examples in the documentation",
        suite::doctest,
    )
    .quick(),
    step(
        "test",
        "all tests, and how much they cover",
        suite::coverage,
    ),
    step(
        "publish",
        "the packages can be published, and are small",
        publish::publish,
    ),
    step(
        "downstream",
        "a crate elsewhere builds and runs with rsmf-core alone",
        publish::downstream,
    ),
    step(
        "semver",
        "the libraries keep what the last release promised",
        semver::run,
    ),
    step("fuzz", "a short look of each fuzz target", fuzz::run),
    step("nextest", "all tests, without coverage", suite::nextest).quick(),
];

const fn step(
    name: &'static str,
    what: &'static str,
    run: fn(&Context) -> Result<Outcome>,
) -> Step {
    Step {
        name,
        what,
        quick: false,
        run,
    }
}

impl Step {
    const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }
}

/// Runs the chosen steps and tells how each of them went.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    if args.list {
        for step in STEPS {
            println!("{:10} {}", step.name, step.what);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let steps = choose(args)?;
    let context = Context::new()?;
    context.quick.set(args.quick);
    let started = Instant::now();
    let results: Vec<_> = steps
        .into_iter()
        .map(|step| run_step(&context, step))
        .collect();
    Ok(summary(&context, &results, started.elapsed()))
}

fn choose(args: &Args) -> Result<Vec<&'static Step>> {
    for name in &args.only {
        if STEPS.iter().all(|step| step.name != name) {
            bail!("no step is called {name}: see cargo xtask test --list");
        }
    }
    let wanted = |step: &&Step| {
        if args.quick {
            step.quick
        } else if args.only.is_empty() {
            // The same tests as in the step `test`.
            step.name != "nextest"
        } else {
            args.only.iter().any(|name| name == step.name)
        }
    };
    Ok(STEPS.iter().filter(wanted).collect())
}

struct Done {
    step: &'static Step,
    time: Duration,
    result: Result<Outcome>,
}

fn run_step(context: &Context, step: &'static Step) -> Done {
    println!("\n==> {}: {}", step.name, step.what);
    let started = Instant::now();
    let result = (step.run)(context);
    let time = started.elapsed();
    match &result {
        Ok(Outcome::Passed) => println!("<== {} passed in {:.1} s", step.name, time.as_secs_f32()),
        Ok(Outcome::Skipped(why)) => println!("<== {} SKIPPED: {why}", step.name),
        Err(error) => eprintln!(
            "<== {} FAILED: {error:#}\n    again: {}",
            step.name,
            again(step)
        ),
    }
    Done { step, time, result }
}

fn again(step: &Step) -> String {
    format!("cargo xtask test --only {}", step.name)
}

fn summary(context: &Context, results: &[Done], total: Duration) -> ExitCode {
    println!("\n{:10} {:8} {:>8}", "step", "result", "seconds");
    for Done { step, time, result } in results {
        let (word, more) = match result {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Skipped(why)) => ("SKIPPED", why.clone()),
            Err(_) => ("FAILED", format!("again: {}", again(step))),
        };
        println!(
            "{:10} {word:8} {:8.1}  {more}",
            step.name,
            time.as_secs_f32()
        );
    }
    println!("{:10} {:8} {:8.1}", "all", "", total.as_secs_f32());
    for note in context.notes.borrow().iter() {
        println!("{note}");
    }
    let Counts { passed, failed } = context.counts.get();
    if passed + failed > 0 {
        println!("{passed} passed, {failed} failed");
    }
    let failed = results.iter().any(|done| done.result.is_err());
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
