//! `rsmf relativity`.

mod connect;
mod import;
mod job;
mod loadfile;
mod look;
mod print;
mod prove;
mod stager;
mod upload;
mod watch;

use std::{path::PathBuf, time::Duration};

use etcetera::BaseStrategy;
use rsmf_core::Failure;
use rsmf_relativity::{Outcome, WaitOptions};

use crate::{
    Console,
    args::{RelativityArgs, RelativityCommand, WaitingArgs},
    cmd::stretch,
    config::Config,
    error::{Error, Result},
    exit,
};
pub(super) use print::report as print_delivery;
pub(super) use upload::{Delivery, check, deliver};

pub(crate) fn run(args: &RelativityArgs, config: &Config, console: &Console) -> Result<u8> {
    match &args.command {
        RelativityCommand::LoginCheck(args) => look::login_check(args, config, console),
        RelativityCommand::Workspaces(args) => look::workspaces(args, config, console),
        RelativityCommand::Profiles(args) => look::profiles(args, config, console),
        RelativityCommand::Upload(args) => upload::run(args, config, console),
        RelativityCommand::Status(args) => job::status(args, config, console),
        RelativityCommand::Wait(args) => job::wait(args, config, console),
        RelativityCommand::Cancel(args) => job::cancel(args, config, console),
        RelativityCommand::Errors(args) => job::errors(args, config, console),
        RelativityCommand::Retry(args) => job::retry(args, config, console),
        RelativityCommand::Validate(args) => prove::validate(args, config, console),
        RelativityCommand::Verify(args) => prove::verify(args, config, console),
        RelativityCommand::Loadfile(args) => loadfile::run(args, config, console),
    }
}

/// The exit code for how a job ended.
pub(super) fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Completed | Outcome::Submitted => exit::OK,
        Outcome::CompletedWithErrors => exit::EXCEPTIONS,
        Outcome::Failed => exit::FAILED,
        Outcome::Cancelled => exit::CANCELLED,
        Outcome::TimedOut => exit::TIMED_OUT,
        _ => exit::INTERNAL,
    }
}

/// How to wait: as the command line says, else as the connection does.
fn waiting(args: &WaitingArgs, usual: &WaitOptions) -> Result<WaitOptions> {
    let mut options = usual.clone();
    if let Some(text) = &args.timeout {
        options.deadline = Some(duration("timeout", text)?);
    }
    if let Some(text) = &args.poll_interval {
        options.interval = duration("poll-interval", text)?;
    }
    Ok(options)
}

fn duration(name: &str, text: &str) -> Result<Duration> {
    stretch(text).ok_or_else(|| {
        Error::option(
            name,
            format!("{text:?} is no time; examples are 30s, 90m and 12h"),
        )
    })
}

/// Where journals are kept, if nothing else is said: in the user's own folder for such things.
fn journals(chosen: Option<&PathBuf>) -> Result<PathBuf> {
    if let Some(folder) = chosen {
        return Ok(folder.clone());
    }
    let base = etcetera::choose_base_strategy().map_err(|error| {
        Error::Output(
            Failure::new("find", "the user's state folder")
                .source(error)
                .advice("choose a folder by --journal")
                .not_found(),
        )
    })?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Ok(state.join("rsmf").join("relativity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_code_of_its_own() {
        let codes = [
            Outcome::Completed,
            Outcome::CompletedWithErrors,
            Outcome::Failed,
            Outcome::Cancelled,
            Outcome::TimedOut,
        ];
        assert_eq!(codes.map(code), [0, 1, 6, 7, 8]);
    }

    #[test]
    fn times_have_units() {
        assert_eq!(
            duration("timeout", "90m").unwrap(),
            Duration::from_secs(5400)
        );
        for wrong in ["", "90", "-1s", "0s", "soon"] {
            assert!(
                duration("timeout", wrong)
                    .unwrap_err()
                    .report()
                    .contains("--timeout")
            );
        }
    }
}
