//! `rsmf relativity status`, `wait`, `cancel`, `errors` and `retry`.

use std::io::Write;

use rsmf_relativity::{
    JobView, Outcome, Pick, Workspace, cancel_job,
    client::{ArtifactId, FileId},
    collect_errors, find_set, retry_errors, retry_files, view_job, wait_for_job,
};
use serde_json::json;

use super::{code, connect::Connected, print, upload::until_stopped, waiting, watch::Teller};
use crate::{
    Console,
    args::{CancelArgs, ConnectionArgs, ErrorsArgs, JobArgs, RetryArgs, StatusArgs, WaitArgs},
    cmd::stores::drive,
    config::Config,
    error::Result,
    exit,
};

/// The job that is meant.
struct Meant {
    connected: Connected,
    workspace: Workspace,
    set: ArtifactId,
}

impl Meant {
    fn new(job: &JobArgs, connection: &ConnectionArgs, config: &Config) -> Result<Self> {
        let connected = Connected::new(connection, config)?;
        let workspace = connected.workspace(job.workspace);
        let pick = Pick::from(job.set.as_str());
        let set = drive(async { Ok(find_set(&workspace, &pick).await?) })?;
        Ok(Self {
            connected,
            workspace,
            set,
        })
    }
}

pub(super) fn status(args: &StatusArgs, config: &Config, console: &Console) -> Result<u8> {
    let meant = Meant::new(&args.job, &args.connection, config)?;
    let view = drive(async { Ok(view_job(&meant.workspace, meant.set).await?) })?;
    let code = view.outcome.map_or(exit::OK, code);
    if args.connection.json {
        console.write_json(&json!({
            "set": meant.set,
            "outcome": view.outcome,
            "discover": view.discover.to_string(),
            "publish": view.publish.to_string(),
            "isRunning": view.is_running,
            "errors": view.errors,
        }))?;
        return Ok(code);
    }
    console.write(|out| tell(out, meant.set, &view))?;
    Ok(code)
}

fn tell(out: &mut dyn Write, set: ArtifactId, view: &JobView) -> std::io::Result<()> {
    let how = match (view.outcome, view.is_running) {
        (Some(outcome), _) => outcome.as_str(),
        (None, true) => "running",
        (None, false) => "not running",
    };
    writeln!(out, "processing set {set}: {how}")?;
    writeln!(out, "discover: {}", view.discover)?;
    writeln!(out, "publish: {}", view.publish)?;
    print::errors(out, &view.errors, usize::MAX)?;
    match view.errors.has_document_level {
        true => writeln!(
            out,
            "documents have errors: `rsmf relativity errors` lists them"
        ),
        false => Ok(()),
    }
}

pub(super) fn wait(args: &WaitArgs, config: &Config, console: &Console) -> Result<u8> {
    let meant = Meant::new(&args.job, &args.connection, config)?;
    let options = waiting(&args.waiting, &meant.connected.connection.wait)?;
    let teller = Teller::new(console, args.connection.quiet || args.connection.json, 0);
    let (workspace, set) = (&meant.workspace, meant.set);
    let work = async {
        let end = wait_for_job(workspace, set, &options, &teller).await?;
        let errors = match end.outcome.is_final() {
            true => collect_errors(workspace, set).await?,
            false => rsmf_relativity::JobErrors::default(),
        };
        Ok((end, errors))
    };
    let stopped = super::upload::Stopped {
        workspace,
        connected: &meant.connected,
        cancels: args.waiting.cancel_on_interrupt,
        console,
    };
    let (end, errors) = until_stopped(work, stopped.end(Some(set)))?;
    let outcome = match end.outcome {
        Outcome::Completed if !errors.is_empty() => Outcome::CompletedWithErrors,
        outcome => outcome,
    };
    if args.connection.json {
        console.write_json(
            &json!({ "set": set, "outcome": outcome, "phase": end.phase, "errors": errors }),
        )?;
    } else {
        console.write(|out| {
            writeln!(out, "processing set {set}: {}", outcome.as_str())?;
            print::errors(out, &errors, usize::MAX)
        })?;
    }
    Ok(code(outcome))
}

pub(super) fn cancel(args: &CancelArgs, config: &Config, console: &Console) -> Result<u8> {
    let meant = Meant::new(&args.job, &args.connection, config)?;
    drive(async { Ok(cancel_job(&meant.workspace, meant.set).await?) })?;
    done(console, &args.connection, meant.set, "was asked to stop")
}

pub(super) fn retry(args: &RetryArgs, config: &Config, console: &Console) -> Result<u8> {
    let meant = Meant::new(&args.job, &args.connection, config)?;
    let files: Vec<_> = args.file.iter().map(|id| FileId(*id)).collect();
    drive(async {
        let asked = match files.is_empty() {
            true => retry_errors(&meant.workspace, meant.set).await,
            false => retry_files(&meant.workspace, meant.set, &files).await,
        };
        asked.map_err(Into::into)
    })?;
    done(
        console,
        &args.connection,
        meant.set,
        "tries its errors again",
    )
}

fn done(console: &Console, args: &ConnectionArgs, set: ArtifactId, what: &str) -> Result<u8> {
    match args.json {
        true => console.write_json(&json!({ "set": set, "submitted": true }))?,
        false => console.write(|out| writeln!(out, "processing set {set} {what}"))?,
    }
    Ok(exit::OK)
}

pub(super) fn errors(args: &ErrorsArgs, config: &Config, console: &Console) -> Result<u8> {
    let meant = Meant::new(&args.job, &args.connection, config)?;
    let errors = drive(async { Ok(collect_errors(&meant.workspace, meant.set).await?) })?;
    match args.connection.json {
        true => console.write_json(&errors)?,
        false if errors.is_empty() => console.write(|out| writeln!(out, "no errors"))?,
        false => console.write(|out| print::errors(out, &errors, usize::MAX))?,
    }
    Ok(match errors.is_empty() {
        true => exit::OK,
        false => exit::EXCEPTIONS,
    })
}
