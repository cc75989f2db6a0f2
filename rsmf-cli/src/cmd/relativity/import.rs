//! `rsmf relativity loadfile --import`.

use rsmf_relativity::{
    ImportOptions, ImportReport, ImportUpload, Pick, Stager,
    client::{Uuid, import::ImportAction},
    import_load_file,
};

use super::{
    code,
    connect::Connected,
    journals, loadfile, print,
    stager::{self, Parts},
    upload::{self, Stopped, until_stopped},
    waiting,
    watch::Teller,
};
use crate::{
    Console,
    args::LoadFileArgs,
    config::Config,
    error::{Error, Result},
};

pub(super) fn run(
    args: &LoadFileArgs,
    workspace: i64,
    config: &Config,
    console: &Console,
) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    if stager::is_command(&args.staging, &connected) {
        return Err(Error::Usage(
            "a program brings the files of a folder only, and no load file that is made on the way: choose --share, \
             --container or --staged, or write the load file by --output"
                .to_owned(),
        ));
    }
    let wait = waiting(&args.waiting, &connected.connection.wait)?;
    let options = options(args, &connected, args.import.wait.then(|| wait.clone()));
    let journals = journals(args.import.journal.as_ref())?;
    upload::keep_journals_apart(config, &args.input, &journals)?;
    let workers = crate::cmd::workers(args.import.threads)?;
    let workspace = connected.workspace(workspace);
    let teller = Teller::new(console, args.connection.quiet || args.connection.json, 0);
    let work = async {
        let (source, files) = upload::find(config, &args.input).await?;
        let parts = Parts {
            config,
            connected: &connected,
            workers: &workers,
            wait: &wait,
            source: std::path::Path::new(""),
        };
        let stager: Box<dyn Stager> = stager::make(&args.staging, &parts).await?;
        let import = ImportUpload {
            workspace: workspace.clone(),
            source,
            files,
            stager: stager.as_ref(),
            options: &options,
            journals: &journals,
            workers: &workers,
            watch: &teller,
        };
        Ok(Box::pin(import_load_file(&import)).await?)
    };
    let stopped = Stopped {
        workspace: &workspace,
        connected: &connected,
        cancels: args.waiting.cancel_on_interrupt,
        console,
    };
    let report = until_stopped(work, async {
        match teller.transfer() {
            Some(transfer) => stopped.transfer(transfer).await,
            None => stop_import(&stopped, teller.import()).await,
        }
    })?;
    tell(&report, args.connection.json, console)?;
    Ok(code(report.outcome))
}

fn options(
    args: &LoadFileArgs,
    connected: &Connected,
    wait: Option<rsmf_relativity::WaitOptions>,
) -> ImportOptions {
    let import = &args.import;
    let mut options = ImportOptions::default();
    options.name.clone_from(&import.name);
    options.identifier.clone_from(&import.identifier);
    options.prefix.clone_from(&args.prefix);
    let folder = import.folder.as_ref();
    let folder = folder.or(connected.connection.upload.folder.as_ref());
    options.folder = folder.map(|folder| Pick::from(folder.as_str()));
    options.format = loadfile::format(args);
    options.wait = wait;
    options
}

/// What happens where somebody stops the program: the import goes on, unless it is to be cancelled, too.
async fn stop_import(stopped: &Stopped<'_>, job: Option<Uuid>) {
    let console = stopped.console;
    let Some(job) = job.filter(|_| stopped.cancels) else {
        console.say("stopped; the same command once more goes on from here");
        return;
    };
    let cancelled = stopped.workspace.import_action(job, ImportAction::Cancel);
    match cancelled.await {
        Ok(()) => console.say(format_args!("the import job {job} was asked to stop")),
        Err(error) => console.say_report(&Error::from(error).report()),
    }
}

fn tell(report: &ImportReport, json: bool, console: &Console) -> Result<()> {
    match json {
        true => console.write_json(report),
        false => console.write(|out| print::import(out, report)),
    }
}
