//! `rsmf convert --to`: converting, and delivering what comes out.

use std::ffi::OsString;

use serde_json::json;

use super::{code, converted, summary};
use crate::{
    Console,
    args::{ConnectionArgs, ConvertArgs, SetArgs, StagingArgs, WaitingArgs},
    cmd::relativity::{self, Delivery, deliver, print_delivery},
    config::Config,
    error::{Error, Result},
    exit,
};

/// What a place to deliver to begins with.
const SCHEME: &str = "relativity://workspace/";

pub(super) fn run(
    args: &ConvertArgs,
    to: &str,
    config: &Config,
    words: &[OsString],
    console: &Console,
) -> Result<u8> {
    let workspace = workspace(to)?;
    if args.dry_run {
        let problem = "a dry run has nothing to deliver".to_owned();
        return Err(Error::option("to", problem));
    }
    let mut args = args.clone();
    // The same input gives the same files: another run goes on with the delivery all the same.
    let temporary = match args.output.is_empty() {
        true => Some(temporary()?),
        false => None,
    };
    if let Some(folder) = &temporary {
        args.output = folder.path().join("rsmf").display().to_string();
    }
    let report = converted(&args, config, words, console)?;
    let is_quiet = args.quiet || args.json;
    if !is_quiet {
        console.write_styled(|out| summary::print(out, &report, &args.output))?;
    }
    let set = SetArgs {
        profile: args.deliver.profile.clone(),
        custodian: args
            .deliver
            .review_custodian
            .clone()
            .or_else(|| args.custodian.clone()),
        ..SetArgs::default()
    };
    let connection = ConnectionArgs {
        connection: args.deliver.connection.clone(),
        quiet: is_quiet,
        ..ConnectionArgs::default()
    };
    let delivery = Delivery {
        input: &args.output,
        workspace,
        set: &set,
        wait: args.deliver.wait,
        waiting: &WaitingArgs::default(),
        staging: &StagingArgs::default(),
        journal: None,
        threads: args.threads,
        connection: &connection,
    };
    let delivered = deliver(&delivery, config, console)?;
    if args.json {
        console.write_json(&json!({ "conversion": report, "delivery": delivered }))?;
    } else if !args.quiet {
        console.write(|out| print_delivery(out, &delivered))?;
    }
    Ok(match relativity::code(delivered.outcome) {
        exit::OK => code(&report),
        worse => worse,
    })
}

fn workspace(to: &str) -> Result<i64> {
    let id = to
        .strip_prefix(SCHEME)
        .and_then(|id| id.trim_end_matches('/').parse().ok());
    id.ok_or_else(|| Error::option("to", format!("{to:?} is no place such as {SCHEME}1234567")))
}

fn temporary() -> Result<tempfile::TempDir> {
    tempfile::tempdir().map_err(|error| {
        let name = "a temporary folder".to_owned();
        Error::Output(rsmf_core::Error::from_io("create", name, error))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_workspace() {
        assert_eq!(
            workspace("relativity://workspace/1234567").unwrap(),
            1_234_567
        );
        for wrong in [
            "1234567",
            "relativity://1234567",
            "relativity://workspace/x",
            "s3://workspace/1",
        ] {
            assert!(
                workspace(wrong).unwrap_err().report().contains("--to"),
                "{wrong}"
            );
        }
    }
}
