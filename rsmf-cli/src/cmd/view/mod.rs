//! `rsmf view`.

mod folder;
mod outgoing;
mod page;
mod place;

use std::{fs::File, io::BufReader, path::Path};

use rsmf_convert::parse_size;
use rsmf_core::{Failure, Kind};
use rsmf_view::{Options, Source};

use crate::{
    Console,
    alike::suggest,
    args::ViewArgs,
    cmd::{shape::unreadable, staging::Staging, stores::drive, unfinished},
    config::Config,
    error::{Error, Result},
};
use outgoing::Outgoing;

pub(crate) fn run(mut args: ViewArgs, config: &Config, console: &Console) -> Result<u8> {
    let options = options(&args)?;
    let outgoing = match &args.output {
        Some(output) => Outgoing::of(config, output, args.existing)?,
        None => None,
    };
    if let Some(input) = args.input.to_str() {
        drive(async {
            unfinished::warn(config, input, console).await;
            Ok(())
        })?;
    }
    let mut staging = Staging::default();
    args.input = staging.input(config, &args.input)?;
    let quiet = args.quiet;
    let named = match &outgoing {
        Some(outgoing) => {
            // It would tell where the pages are for now.
            args.quiet = true;
            args.output.replace(outgoing.path(args.input.is_dir())?)
        }
        None => None,
    };
    let code = if args.input.is_dir() {
        folder::run(&args, options, console)
    } else {
        page::run(&args, &options, console).map_err(|error| suggest(error, &args.input))
    }?;
    if let (Some(outgoing), Some(named)) = (outgoing, named) {
        outgoing.send()?;
        if !quiet {
            console.say(format_args!("{}: sent", named.display()));
        }
    }
    Ok(code)
}

fn options(args: &ViewArgs) -> Result<Options> {
    // It knows what may have been meant.
    rsmf_convert::Options::default().set_time_zone(&args.timezone)?;
    let mut options = Options::default();
    options.set_time_zone(&args.timezone).map_err(|_| {
        let zone = &args.timezone;
        let problem = format!("{zone:?} is no IANA time zone; an example is America/New_York");
        Error::option("timezone", problem)
    })?;
    options.inline_limit = limit(&args.inline_limit)?;
    options.inline_total = options.inline_total.max(options.inline_limit);
    Ok(options)
}

/// A size, or 0 for nothing at all.
fn limit(text: &str) -> Result<u64> {
    if text == "0" {
        return Ok(0);
    }
    parse_size(text).map_err(|error| match error {
        rsmf_convert::Error::Option { problem, .. } => Error::option("inline-limit", problem),
        other => other.into(),
    })
}

/// Opens an RSMF file that is called `name` on its page.
fn open(path: &Path, name: &str) -> rsmf_core::Result<Source> {
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    Source::open(name, BufReader::new(file)).map_err(|error| blame(path, error))
}

/// The library knows no file names.
fn blame(path: &Path, error: rsmf_core::Error) -> rsmf_core::Error {
    let failure = Failure::new("show", path.display().to_string());
    match error.kind() {
        Kind::Denied | Kind::Other => failure.source(error).other(),
        _ => failure
            .advice("`rsmf validate` tells what is wrong with it")
            .source(error)
            .invalid_input(),
    }
}
