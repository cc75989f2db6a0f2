//! `rsmf convert`.

pub(super) mod folder;
mod options;
mod progress;
mod summary;

use std::{sync::Arc, time::Duration};

use rsmf_chat::slack::{SlackOptions, SlackSource};
use rsmf_convert::{Converter, Options, Progress, Report};
use rsmf_core::{integration::ChatSource, workers::Workers};

use crate::{
    Console,
    args::ConvertArgs,
    error::{Error, Result},
    exit, signal,
};
use progress::Lines;

/// How long a stopped conversion may take to clean up after itself.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &ConvertArgs, console: &Console) -> Result<u8> {
    let options = options::from(args)?;
    folder::keep_apart(&args.input, &args.output)?;
    let workers = super::workers(args.threads)?;
    let progress = Lines::new((!args.quiet).then_some(console));
    let runtime = super::runtime()?;
    let result = runtime.block_on(async {
        tokio::select! {
            report = convert(args, options, workers, &progress) => report,
            code = signal::stop_requested() => Err(Error::Stopped(code)),
            never = progress.reassure(&args.input) => match never {},
        }
    });
    runtime.shutdown_timeout(GRACE);
    let report = result.map_err(|error| match args.dry_run {
        true => error,
        false => folder::left_behind(error, &args.output),
    })?;
    if args.json {
        console.write_json(&report)?;
    } else if !args.quiet {
        console.write(|out| summary::print(out, &report, &args.output))?;
    }
    Ok(match report.has_exceptions() {
        true => exit::EXCEPTIONS,
        false => exit::OK,
    })
}

async fn convert(
    args: &ConvertArgs,
    options: Options,
    workers: Workers,
    progress: &dyn Progress,
) -> Result<Report> {
    let source = source(args, &workers).await?;
    let output = rsmf_storage::open_output(&args.output).map_err(Error::Output)?;
    let converter = Converter::new(source, output.storage, workers, options)?;
    Ok(Box::pin(converter.run(progress)).await?)
}

async fn source(args: &ConvertArgs, workers: &Workers) -> Result<Arc<dyn ChatSource>> {
    let input = rsmf_storage::open_input(&args.input)
        .await
        .map_err(Error::Input)?;
    let options = SlackOptions::new(workers.clone());
    let source = SlackSource::open(input.storage, input.path, options).await?;
    Ok(Arc::new(source))
}
