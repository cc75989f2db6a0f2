//! `rsmf convert --to`: converting, and delivering what comes out.

use std::ffi::OsString;

use rsmf_convert::Report;
use rsmf_relativity::{Outcome, UploadReport};
use serde_json::json;

use super::{code, converted, early, summary};
use crate::{
    Console,
    args::{ConnectionArgs, ConvertArgs, SetArgs, StagingArgs, WaitingArgs},
    cmd::{
        relativity::{self, Delivery, deliver, print_delivery},
        staging::temporary,
    },
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
    let (set, connection) = (set(&args), connection(&args));
    let delivery = Delivery {
        input: &args.output,
        // It is finished when it is delivered.
        unfinished: true,
        workspace,
        set: &set,
        wait: args.deliver.wait,
        waiting: &WaitingArgs::default(),
        staging: &StagingArgs::default(),
        journal: None,
        threads: args.threads,
        connection: &connection,
    };
    relativity::check(&delivery, config)?;
    let report = convert(&args, temporary.is_some(), config, words, console)?;
    let delivered = deliver(&delivery, config, console);
    let way = way_on(&delivered, &delivery);
    if let (Some(_), Some(folder)) = (&way, temporary) {
        // Only its name is wanted: it stays.
        let _ = folder.keep();
    }
    let delivered = delivered.map_err(|cause| Error::Unfinished {
        cause: Box::new(cause),
        hint: way.clone().unwrap_or_default(),
    })?;
    if args.json {
        console.write_json(&json!({ "conversion": report, "delivery": delivered }))?;
    } else if !args.quiet {
        console.write(|out| print_delivery(out, &delivered))?;
    }
    if let Some(way) = way {
        console.say(way);
    }
    Ok(match relativity::code(delivered.outcome) {
        exit::OK => code(&report),
        worse => worse,
    })
}

/// Converts, and tells what came out. Files that go with their folder cannot be gone on with.
fn convert(
    args: &ConvertArgs,
    is_temporary: bool,
    config: &Config,
    words: &[OsString],
    console: &Console,
) -> Result<Report> {
    let report = converted(args, config, words, console).map_err(|error| match error {
        Error::Unfinished { cause, .. } if is_temporary => *cause,
        error => error,
    })?;
    if !args.quiet && !args.json {
        let folder = match is_temporary {
            true => "a temporary folder",
            false => &args.output,
        };
        console.write_styled(|out| summary::print(out, &report, folder))?;
    }
    Ok(report)
}

fn set(args: &ConvertArgs) -> SetArgs {
    let custodian = args.deliver.review_custodian.as_ref();
    SetArgs {
        profile: args.deliver.profile.clone(),
        custodian: custodian.or(args.custodian.as_ref()).cloned(),
        ..SetArgs::default()
    }
}

fn connection(args: &ConvertArgs) -> ConnectionArgs {
    ConnectionArgs {
        connection: args.deliver.connection.clone(),
        quiet: args.quiet || args.json,
        ..ConnectionArgs::default()
    }
}

/// How to go on with what was converted, where it was not delivered.
fn way_on(delivered: &Result<UploadReport>, delivery: &Delivery<'_>) -> Option<String> {
    let name = match delivered.as_ref().map(|report| report.outcome) {
        Ok(Outcome::Completed | Outcome::CompletedWithErrors | Outcome::Submitted) => return None,
        Ok(Outcome::Failed | Outcome::Cancelled) => " --name NAME",
        _ => "",
    };
    let command = again(delivery);
    Some(match command.contains(char::is_control) {
        // It is not shown as it would have to be typed.
        true => "the converted files are kept; `rsmf relativity upload` goes on".to_owned(),
        false => format!("the converted files are kept; to go on: {command}{name}"),
    })
}

/// The command that delivers what was converted.
fn again(delivery: &Delivery<'_>) -> String {
    let options = [
        ("profile", &delivery.set.profile),
        ("custodian", &delivery.set.custodian),
        ("connection", &delivery.connection.connection),
    ];
    let given = options.iter().filter_map(|(name, value)| {
        let value = early::quoted(value.as_ref()?);
        Some(format!(" --{name} {value}"))
    });
    let (input, workspace) = (early::quoted(delivery.input), delivery.workspace);
    let given: String = given.collect();
    let wait = if delivery.wait { " --wait" } else { "" };
    format!("rsmf relativity upload {input} --workspace {workspace}{given}{wait}")
}

fn workspace(to: &str) -> Result<i64> {
    let id = to
        .strip_prefix(SCHEME)
        .and_then(|id| id.trim_end_matches('/').parse().ok());
    id.ok_or_else(|| Error::option("to", format!("{to:?} is no place such as {SCHEME}1234567")))
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
