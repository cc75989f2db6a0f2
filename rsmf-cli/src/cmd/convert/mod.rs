//! `rsmf convert`.

mod deliver;
mod early;
mod fetch;
pub(crate) mod folder;
mod name;
mod options;
mod progress;
mod summary;

use std::{
    ffi::OsString,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::FutureExt;
use rsmf_chat::slack::{SlackOptions, SlackSource};
use rsmf_convert::{Converter, Options, Report};
use rsmf_core::{integration::ChatSource, workers::Workers};
use tokio::sync::oneshot;

use crate::{
    Console,
    alike::suggest,
    args::ConvertArgs,
    config::Config,
    error::{Error, Result},
    exit, signal,
};
use progress::Gauge;

/// How long a stopped conversion may take to clean up after itself.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) fn run(
    args: &ConvertArgs,
    config: &Config,
    words: &[OsString],
    console: &Console,
) -> Result<u8> {
    options::no_streams(args)?;
    if let Some(to) = options::only("to", args.workspaces())? {
        return deliver::run(args, &to, config, words, console);
    }
    if args.output.is_empty() {
        let problem = "--output is needed: the folder to write to";
        return Err(Error::Usage(problem.to_owned()));
    }
    let report = converted(args, config, words, console)?;
    if args.json {
        console.write_json(&report)?;
    } else if !args.quiet {
        console.write_styled(|out| {
            summary::print(out, &report, &args.output)?;
            summary::print_next(out, &report, &args.output)
        })?;
    }
    Ok(code(&report))
}

fn code(report: &Report) -> u8 {
    let is_empty = report.totals.source_messages == 0;
    match (is_empty, report.reconciliation.unread_parts) {
        // Nothing of it could be read.
        (true, 1..) => exit::INPUT,
        (true, 0) => exit::EXCEPTIONS,
        _ if report.has_exceptions() => exit::EXCEPTIONS,
        _ => exit::OK,
    }
}

fn converted(
    args: &ConvertArgs,
    config: &Config,
    words: &[OsString],
    console: &Console,
) -> Result<Report> {
    let mut options = options::from(args)?;
    options.input_name = name::of(config, &args.input);
    folder::keep_apart(config, &args.input, &args.output)?;
    let runtime = super::runtime()?;
    let handle = runtime.handle().clone();
    // Its work comes in small pieces, so the thread that hands them out works too.
    let workers = Workers::with_caller(super::threads(args.threads), move |work| {
        let _context = handle.enter();
        work();
    });
    let workers = workers.map_err(Error::Internal)?;
    let converted = async {
        match until_stopped(args, config, options, workers.clone(), console).await {
            Err(error) if !args.dry_run => {
                Err(early::end(error, config, &args.output, words).await)
            }
            result => result,
        }
    };
    let result = runtime.block_on(workers.lend_a_hand(converted));
    runtime.shutdown_timeout(GRACE);
    result
}

/// Converts. The first signal ends that in good order, a second one at once.
async fn until_stopped(
    args: &ConvertArgs,
    config: &Config,
    options: Options,
    workers: Workers,
    console: &Console,
) -> Result<Report> {
    let progress = Gauge::new(console, args.quiet || args.json);
    let (stop, stopped) = oneshot::channel();
    let asked = OnceLock::new();
    let signals = async {
        let code = signal::stop_requested().await;
        // Nothing has been set before, and nobody is left to tell where all is done.
        let _ = (asked.set(code), stop.send(()));
        if !args.quiet {
            progress.aside(|| {
                console.say("stopping: files in hand are finished first; once more stops at once");
            });
        }
        signal::stop_requested().await
    };
    let result = tokio::select! {
        report = convert(args, config, options, workers, &progress, stopped) => report,
        code = signals => Err(Error::Stopped(code)),
        never = progress.watch() => match never {},
    };
    // It may have ended before anybody looked.
    progress.warn();
    result.map_err(|error| match (error, asked.get()) {
        (Error::Convert(cause @ rsmf_convert::Error::Interrupted { .. }), Some(code)) => {
            Error::Interrupted { code: *code, cause }
        }
        (error, _) => error,
    })
}

async fn convert(
    args: &ConvertArgs,
    config: &Config,
    options: Options,
    workers: Workers,
    progress: &Gauge<'_>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Report> {
    let fetcher = fetch::fetcher(args, config, &workers).await?;
    if let Some(fetcher) = &fetcher {
        progress.fetching(fetcher);
    }
    let interrupted = rsmf_convert::Error::Interrupted {
        conversations: 0,
        of: 0,
        files: 0,
    };
    let source = tokio::select! {
        source = source(args, config, &workers) => {
            source.map_err(|error| suggest(error, args.input.as_ref()))?
        }
        _ = &mut stopped => return Err(Error::Convert(interrupted)),
    };
    // To be strict, it is read to its end before anything is written.
    progress
        .measure(&source, if args.strict { 2 } else { 1 })
        .await;
    let output = config
        .stores
        .open_output(&args.output)
        .await
        .map_err(Error::Output)?;
    let mut converter = Converter::new(source, output.storage, workers, options)?;
    if let Some(fetcher) = fetcher {
        converter = converter.fetching(fetcher);
    }
    let stop = stopped.map(|_| ());
    Ok(Box::pin(converter.run_until(progress, stop)).await?)
}

async fn source(
    args: &ConvertArgs,
    config: &Config,
    workers: &Workers,
) -> Result<Arc<dyn ChatSource>> {
    let input = config
        .stores
        .open_input(&args.input)
        .await
        .map_err(Error::Input)?;
    let options = SlackOptions::new(workers.clone());
    let source = SlackSource::open(input.storage, input.path, options).await?;
    Ok(Arc::new(source))
}
