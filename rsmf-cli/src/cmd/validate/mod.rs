//! `rsmf validate`.

mod check;
mod print;
mod uri;

use std::path::PathBuf;

use futures_util::{Stream, StreamExt};
use rsmf_core::validate::Outcome;

use crate::{
    Console,
    args::ValidateArgs,
    cmd::{staging::Staging, stores::drive, targets, unfinished},
    config::Config,
    error::{Error, Result},
    exit,
    progress::Meter,
    signal,
};
use check::Checked;
use print::Printer;

pub(crate) fn run(args: &ValidateArgs, config: &Config, console: &Console) -> Result<u8> {
    drive(async {
        for path in args.paths.iter().filter_map(|path| path.to_str()) {
            unfinished::warn(config, path, console).await;
        }
        Ok(())
    })?;
    let mut staging = Staging::default();
    let (paths, mut unusable) = stage(&mut staging, &args.paths, config);
    let (files, missing) = targets::find("validate", &paths);
    unusable.extend(missing);
    let workers = super::workers(args.threads)?;
    let mut session = Session {
        console,
        printer: print::printer(args.format, console)?,
        meter: Meter::new((!args.quiet).then_some(console), "validate"),
        total: files.len() as u64,
        done: 0,
        failed: false,
        unreadable: Vec::new(),
        staging,
    };
    for error in unusable {
        session.give_up(error);
    }
    super::runtime()?.block_on(async {
        let checked = check::all(files, args.profile.into(), &workers);
        tokio::select! {
            result = session.take_all(checked) => result,
            code = signal::stop_requested() => Err(Error::Stopped(code)),
        }
    })?;
    session.finish()
}

/// Where the files are now; those that cannot be fetched are told.
fn stage(staging: &mut Staging, paths: &[PathBuf], config: &Config) -> (Vec<PathBuf>, Vec<Error>) {
    let mut staged = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        match staging.input(config, path) {
            Ok(path) => staged.push(path),
            Err(error) => errors.push(error),
        }
    }
    (staged, errors)
}

/// One run over all files.
struct Session<'a> {
    console: &'a Console,
    printer: Box<dyn Printer + 'a>,
    meter: Meter<'a>,
    total: u64,
    done: u64,
    failed: bool,
    unreadable: Vec<String>,
    staging: Staging,
}

impl Session<'_> {
    async fn take_all(
        &mut self,
        results: impl Stream<Item = rsmf_core::Result<Checked>>,
    ) -> Result<()> {
        let mut results = std::pin::pin!(results);
        while let Some(result) = results.next().await {
            self.take(result)?;
            if self.console.reader_is_gone() {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, result: rsmf_core::Result<Checked>) -> Result<()> {
        self.done += 1;
        self.meter.tell_files(self.done, self.total);
        match result {
            Ok(mut checked) => {
                checked.path = self.staging.origin(&checked.path);
                self.failed |= checked.report.outcome() == Outcome::Failed;
                self.meter.aside(|| self.printer.file(&checked))
            }
            Err(error) => {
                self.give_up(Error::Input(error));
                Ok(())
            }
        }
    }

    /// The other files are checked all the same.
    fn give_up(&mut self, error: Error) {
        let report = error.report();
        self.meter.aside(|| self.console.say_report(&report));
        self.unreadable.push(report);
    }

    fn finish(mut self) -> Result<u8> {
        self.meter.aside(|| self.printer.end(&self.unreadable))?;
        Ok(match (self.unreadable.is_empty(), self.failed) {
            (false, _) => exit::INPUT,
            (true, true) => exit::EXCEPTIONS,
            (true, false) => exit::OK,
        })
    }
}
