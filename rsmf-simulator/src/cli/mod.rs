//! What can be said on the command line, and what is done then.

mod args;
mod start;
mod words;

use std::io::{self, Write};

use anyhow::Context;
use tokio::io::AsyncReadExt;

pub(crate) use self::args::Args;

/// Runs a stand-in until it is interrupted.
pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("no runtime")?;
    let done = runtime.block_on(serve(args));
    // Somebody may still wait for input, which nobody needs any more.
    runtime.shutdown_background();
    done
}

async fn serve(args: Args) -> anyhow::Result<()> {
    let running = start::start(args.what).await?;
    say(&running.lines).context("the address cannot be told")?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done.context("signals cannot be waited for"),
        () = input_ends(), if args.while_input => Ok(()),
    }
}

/// Waits for the end of the standard input.
async fn input_ends() {
    let mut rest = Vec::new();
    // An input that breaks off has ended too.
    let _ = tokio::io::stdin().read_to_end(&mut rest).await;
}

fn say(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

pub(crate) fn say_error(error: &anyhow::Error) {
    // Nobody is left to be told where this fails.
    let _ = writeln!(io::stderr(), "rsmf-simulator: {error:#}");
}
