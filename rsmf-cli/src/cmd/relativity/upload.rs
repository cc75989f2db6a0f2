//! `rsmf relativity upload`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rsmf_core::{
    integration::{Storage, StorePath},
    workers::Workers,
};
use rsmf_relativity::{
    CustodianKind, Dataset, Pick, SourceFile, Upload, UploadOptions, UploadReport, Workspace,
    cancel_job, check_upload,
    client::{ArtifactId, Uuid},
    upload_rsmf,
};
use rsmf_storage::Location;

use super::{code, connect::Connected, journals, print, stager, waiting, watch::Teller};
use crate::{
    Console,
    args::{self, ConnectionArgs, SetArgs, StagingArgs, UploadArgs, WaitingArgs},
    cmd::{convert::folder::keep_apart, staging::Staging, stores::drive, unfinished},
    config::Config,
    error::{Error, Result},
    signal,
};

pub(super) fn run(args: &UploadArgs, config: &Config, console: &Console) -> Result<u8> {
    let delivery = Delivery {
        input: &args.input,
        unfinished: args.unfinished,
        workspace: args.workspace,
        set: &args.set,
        wait: args.wait,
        waiting: &args.waiting,
        staging: &args.staging,
        journal: args.journal.as_ref(),
        threads: args.threads,
        connection: &args.connection,
    };
    let report = deliver(&delivery, config, console)?;
    if args.connection.json {
        console.write_json(&report)?;
    } else {
        console.write(|out| print::report(out, &report))?;
    }
    Ok(code(report.outcome))
}

/// What is delivered where, in the words of the command line.
pub(crate) struct Delivery<'a> {
    pub(crate) input: &'a str,
    /// Whether the input may be a conversion that was not finished.
    pub(crate) unfinished: bool,
    pub(crate) workspace: i64,
    pub(crate) set: &'a SetArgs,
    pub(crate) wait: bool,
    pub(crate) waiting: &'a WaitingArgs,
    pub(crate) staging: &'a StagingArgs,
    pub(crate) journal: Option<&'a PathBuf>,
    pub(crate) threads: Option<u16>,
    pub(crate) connection: &'a ConnectionArgs,
}

/// Looks for what a delivery needs, before there is anything to deliver.
pub(crate) fn check(delivery: &Delivery<'_>, config: &Config) -> Result<()> {
    let connected = Connected::new(delivery.connection, config)?;
    let wait = waiting(delivery.waiting, &connected.connection.wait)?;
    let options = options(delivery.set, &connected)?;
    journals(delivery.journal)?;
    let workers = Workers::in_place();
    drive(async {
        let parts = stager::Parts {
            config,
            connected: &connected,
            workers: &workers,
            wait: &wait,
            source: Path::new(""),
        };
        let stager = stager::make(delivery.staging, &parts).await?;
        let workspace = connected.workspace(delivery.workspace);
        Ok(check_upload(&workspace, stager.as_ref(), &options).await?)
    })
}

/// Delivers, and waits where that is asked for.
pub(crate) fn deliver(
    delivery: &Delivery<'_>,
    config: &Config,
    console: &Console,
) -> Result<UploadReport> {
    let connected = Connected::new(delivery.connection, config)?;
    let wait = waiting(delivery.waiting, &connected.connection.wait)?;
    let mut options = options(delivery.set, &connected)?;
    options.wait = delivery.wait.then(|| wait.clone());
    let journals = journals(delivery.journal)?;
    keep_journals_apart(config, delivery.input, &journals)?;
    if !delivery.unfinished {
        drive(unfinished::refuse(config, "upload", delivery.input))?;
    }
    // A program reads files of this machine only.
    let mut fetched = Staging::default();
    let local = match stager::is_command(delivery.staging, &connected) {
        true => Some(fetched.input(config, delivery.input.as_ref())?),
        false => None,
    };
    let input = local
        .as_ref()
        .map_or(delivery.input.to_owned(), |path| path.display().to_string());
    let workers = crate::cmd::workers(delivery.threads)?;
    let workspace = connected.workspace(delivery.workspace);
    let (source, files) = drive(find(config, &input))?;
    let quiet = delivery.connection.quiet || delivery.connection.json;
    let teller = Teller::new(console, quiet, files.iter().map(|file| file.size).sum());
    let work = async {
        let folder = folder_of(config, &input);
        let parts = stager::Parts {
            config,
            connected: &connected,
            workers: &workers,
            wait: &wait,
            source: &folder,
        };
        let stager = stager::make(delivery.staging, &parts).await?;
        let upload = Upload {
            workspace: workspace.clone(),
            source,
            files,
            stager: stager.as_ref(),
            options: &options,
            journals: &journals,
            workers: &workers,
            watch: &teller,
        };
        Ok(Box::pin(upload_rsmf(&upload)).await?)
    };
    let stopped = Stopped {
        workspace: &workspace,
        connected: &connected,
        cancels: delivery.waiting.cancel_on_interrupt,
        console,
    };
    let report = until_stopped(work, async {
        match teller.transfer() {
            Some(transfer) => stopped.transfer(transfer).await,
            None => stopped.end(teller.set()).await,
        }
    })?;
    if !report.outcome.is_final() {
        stopped.tell_how_to_go_on(report.set);
    }
    Ok(report)
}

/// Refuses journals within the input.
pub(super) fn keep_journals_apart(config: &Config, input: &str, journals: &Path) -> Result<()> {
    let Some(folder) = journals.to_str() else {
        return Ok(());
    };
    keep_apart(config, input, folder).map_err(|_| {
        Error::option(
            "journal",
            "it must lie outside of the input, which nothing is written to".to_owned(),
        )
    })
}

/// The files to upload.
pub(super) async fn find(
    config: &Config,
    input: &str,
) -> Result<(Arc<dyn Storage>, Arc<[SourceFile]>)> {
    let opened = config
        .stores
        .open_input(input)
        .await
        .map_err(Error::Input)?;
    let (storage, path): (Arc<dyn Storage>, StorePath) = (opened.storage, opened.path);
    let found = Dataset::find(storage.as_ref(), &path, opened.is_folder).await;
    let files = found.map_err(|error| Error::Input(error.into()))?;
    Ok((storage, files))
}

/// The folder on this machine that files lie in.
fn folder_of(config: &Config, input: &str) -> PathBuf {
    match config.stores.locate(input) {
        Ok((Location::Local(path), _)) if path.is_file() => {
            path.parent().map(Into::into).unwrap_or_default()
        }
        Ok((Location::Local(path), _)) => path,
        _ => PathBuf::new(),
    }
}

/// What the command line says, else rsmf.toml.
fn options(args: &SetArgs, connected: &Connected) -> Result<UploadOptions> {
    let usual = &connected.connection.upload;
    let needed = |name: &str, value: &Option<String>, usual: &Option<String>| {
        let value = value.as_ref().or(usual.as_ref());
        value.map(|text| Pick::from(text.as_str())).ok_or_else(|| {
            Error::Usage(format!(
                "--{name} is needed, or `{name}` in [relativity.NAME.upload] of rsmf.toml"
            ))
        })
    };
    let profile = needed("profile", &args.profile, &usual.profile)?;
    let custodian = needed("custodian", &args.custodian, &usual.custodian)?;
    let mut options = UploadOptions::new(profile, custodian);
    options.custodian_kind = match args.custodian_type {
        args::CustodianKind::Auto => CustodianKind::Auto,
        args::CustodianKind::Person => CustodianKind::Person,
        args::CustodianKind::Other => CustodianKind::Other,
    };
    options.name.clone_from(&args.name);
    options.prefix.clone_from(&args.prefix);
    if let Some(zone) = args.time_zone.as_ref().or(usual.time_zone.as_ref()) {
        options.time_zone = zone.as_str().into();
    }
    let folder = args.folder.as_ref().or(usual.folder.as_ref());
    options.folder = folder.map(|folder| folder.as_str().into());
    if let Some(languages) = &usual.ocr_languages {
        options.ocr_languages.clone_from(languages);
    }
    options.notify = match args.notify.is_empty() {
        true => usual.notify.clone(),
        false => args.notify.clone(),
    };
    options.validate = !args.no_validate;
    options.validate_remotely = args.validate_remotely;
    let verify = &connected.connection.verify;
    options.verify = (!args.no_verify).then(|| verify.clone());
    let tag = |text: &String| {
        let pair = text
            .split_once('=')
            .filter(|(field, _)| !field.trim().is_empty());
        let pair = pair.map(|(field, value)| (field.trim().to_owned(), value.to_owned()));
        pair.ok_or_else(|| Error::option("tag", format!("{text:?} has to be FIELD=VALUE")))
    };
    options.tags = args.tag.iter().map(tag).collect::<Result<_>>()?;
    Ok(options)
}

/// What happens where somebody stops the program.
pub(super) struct Stopped<'s> {
    pub(super) workspace: &'s Workspace,
    pub(super) connected: &'s Connected,
    /// Whether the job is cancelled, too.
    pub(super) cancels: bool,
    pub(super) console: &'s Console,
}

/// Does the work until it is done or somebody stops it; then comes what is to be done in the end. A second signal ends
/// the program at once.
pub(super) fn until_stopped<T>(
    work: impl Future<Output = Result<T>>,
    stopped: impl Future<Output = ()>,
) -> Result<T> {
    let runtime = crate::cmd::runtime()?;
    let result = runtime.block_on(async {
        let code = tokio::select! {
            result = Box::pin(work) => return result,
            code = signal::stop_requested() => code,
        };
        tokio::select! {
            () = stopped => {}
            _ = signal::stop_requested() => {}
        }
        Err(Error::Stopped(code))
    });
    runtime.shutdown_background();
    result
}

impl Stopped<'_> {
    /// The same for a transfer that brings the files, before there is a job.
    pub(super) async fn transfer(&self, transfer: Uuid) {
        if !self.cancels {
            self.console.say(format_args!(
                "the transfer {transfer} goes on in Relativity; the same command once more goes on from here"
            ));
            return;
        }
        let relativity = &self.connected.relativity;
        match relativity.cancel_transfer(transfer).await {
            Ok(()) => self.console.say(format_args!(
                "the transfer {transfer} was asked to stop; to upload the files after all, choose another --name"
            )),
            Err(error) => self.console.say_report(&Error::from(error).report()),
        }
    }

    /// Cancels the job in Relativity, if that is wanted, or tells how to pick it up again.
    pub(super) async fn end(&self, set: Option<ArtifactId>) {
        let Some(set) = set else {
            self.console.say(
                "stopped before there was a job; the same command once more goes on from here",
            );
            return;
        };
        if self.cancels {
            match cancel_job(self.workspace, set).await {
                Ok(()) => self
                    .console
                    .say(format_args!("the processing set {set} was asked to stop")),
                Err(error) => self.console.say_report(&Error::from(error).report()),
            }
            return;
        }
        self.console.say(format_args!(
            "the job goes on in Relativity; to pick it up again: the same command once more, or {}",
            self.wait_command(set)
        ));
    }

    /// What is left to do where nobody waited for the end: Relativity publishes nothing unasked.
    fn tell_how_to_go_on(&self, set: ArtifactId) {
        self.console.say(format_args!(
            "the job goes on in Relativity, but is published only by this command, unless the profile does it: {}",
            self.wait_command(set)
        ));
        self.console
            .say("(or by the same command with --wait, which also checks what has arrived)");
    }

    fn wait_command(&self, set: ArtifactId) -> String {
        let (workspace, words) = (self.workspace.id(), &self.connected.words);
        format!("rsmf relativity wait --workspace {workspace} --set {set}{words}")
    }
}

/// Files as CPU threads check them.
pub(super) fn workers(threads: Option<u16>) -> Result<Workers> {
    crate::cmd::workers(threads)
}
