//! `rsmf validate`.

mod check;
mod print;
mod uri;

use futures_util::{Stream, StreamExt};
use rsmf_core::validate::Outcome;

use crate::{
    Console,
    args::ValidateArgs,
    cmd::targets,
    error::{Error, Result},
    exit,
    progress::Meter,
    signal,
};
use check::Checked;
use print::Printer;

pub(crate) fn run(args: &ValidateArgs, console: &Console) -> Result<u8> {
    let (files, unusable) = targets::find("validate", &args.paths);
    let workers = super::workers(args.threads)?;
    let mut session = Session {
        console,
        printer: print::printer(args.format, console)?,
        meter: Meter::new((!args.quiet).then_some(console), "validate"),
        total: files.len() as u64,
        done: 0,
        failed: false,
        unreadable: Vec::new(),
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

/// One run over all files.
struct Session<'a> {
    console: &'a Console,
    printer: Box<dyn Printer + 'a>,
    meter: Meter<'a>,
    total: u64,
    done: u64,
    failed: bool,
    unreadable: Vec<String>,
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
            Ok(checked) => {
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
        self.meter.aside(|| self.console.say(&report));
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
