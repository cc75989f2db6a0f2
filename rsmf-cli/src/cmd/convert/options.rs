//! From the command line to the options of the converter.

use rsmf_convert::{
    BodyText, Existing, MissingFiles, Options, Parents, SliceBy, parse_size, parse_time,
};
use rsmf_core::{UtcTime, container::HeaderEncoding, model::Version};

use crate::{
    args::{self, ConvertArgs},
    error::{Error, Result},
};

pub(super) fn from(args: &ConvertArgs) -> Result<Options> {
    let mut options = Options::default();
    options.version = args.rsmf_version.into();
    options.slice = args.slice.into();
    options.set_time_zone(&args.timezone)?;
    options.max_events = args.max_events;
    options.max_size = parse_size(&args.max_size).map_err(|error| usage("max-size", error))?;
    options.parents = args.parents.into();
    options.body_text = args.body_text.into();
    options.header_encoding = args.header_encoding.into();
    options.missing_files = args.missing_files.into();
    let time = |name, text: &Option<String>, end| -> Result<Option<UtcTime>> {
        let parse = |text: &String| parse_time(text, &options.time_zone, end);
        let time = text.as_ref().map(parse).transpose();
        time.map_err(|error| usage(name, error))
    };
    let (from, to) = (
        time("from", &args.from, false)?,
        time("to", &only("to", args.ends())?, true)?,
    );
    options.filters.from = from;
    options.filters.to = to;
    options.filters.conversations.clone_from(&args.conversation);
    options.filters.participants.clone_from(&args.participant);
    options.custodian.clone_from(&args.custodian);
    options.dry_run = args.dry_run;
    options.strict = args.strict;
    options.existing = args.existing.into();
    options.resume = args.resume;
    options.input_digest = args.input_hash == args::InputHash::Sha256;
    Ok(options)
}

/// Refuses what stands for standard input and output elsewhere.
pub(super) fn no_streams(args: &ConvertArgs) -> Result<()> {
    let refuse = |problem: &str| Err(Error::Usage(problem.to_owned()));
    match (args.input.as_str(), args.output.as_str()) {
        ("-", _) => refuse(
            "an export cannot be read from standard input, since it is not read in one go: write it to a file, and \
             give its name (a file called `-` is ./-)",
        ),
        (_, "-") => refuse(
            "--output: a conversion writes many files, which cannot go to standard output: name a folder (one called \
             `-` is ./-); --json prints the report",
        ),
        _ => Ok(()),
    }
}

/// What may be said once.
pub(super) fn only<'a>(
    name: &str,
    mut said: impl Iterator<Item = &'a String>,
) -> Result<Option<String>> {
    match (said.next(), said.next()) {
        (Some(one), Some(other)) => Err(Error::option(
            name,
            format!("{one} and {other} cannot both be meant"),
        )),
        (one, _) => Ok(one.cloned()),
    }
}

/// The library's parsers do not know which option they read.
fn usage(name: &str, error: rsmf_convert::Error) -> Error {
    match error {
        rsmf_convert::Error::Option { problem, .. } => Error::option(name, problem),
        other => other.into(),
    }
}

/// The same choice in the words of the command line and of the library.
macro_rules! mirror {
    ($($from:ident => $to:ident { $($left:ident => $right:ident),+ $(,)? })+) => {$(
        impl From<args::$from> for $to {
            fn from(choice: args::$from) -> Self {
                match choice {
                    $(args::$from::$left => Self::$right,)+
                }
            }
        }
    )+};
}

mirror! {
    RsmfVersion => Version { V1 => V1, V2 => V2 }
    Slice => SliceBy {
        EightHours => EightHours, TwelveHours => TwelveHours, Day => Day,
        Week => Week, Month => Month, Conversation => Conversation,
    }
    Parents => Parents { Placeholder => Placeholder, Full => Full }
    BodyText => BodyText { Current => Current, History => History }
    HeaderEncoding => HeaderEncoding { EncodedWords => EncodedWords, Utf8 => Utf8 }
    MissingFiles => MissingFiles { Record => Record, Placeholder => Placeholder }
    Existing => Existing { Refuse => Refuse, Overwrite => Overwrite }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn options(line: &str) -> Result<Options> {
        let words = ["rsmf", "convert", "in.zip", "-o", "out"];
        let cli = Cli::try_parse_from(words.into_iter().chain(line.split_whitespace())).unwrap();
        match cli.command {
            Command::Convert(args) => from(&args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let expected = Options::default();
        assert_eq!(
            format!("{:?}", options("").unwrap()),
            format!("{expected:?}")
        );
    }

    #[test]
    fn local_times_mean_the_chosen_zone() {
        let line = "--timezone Europe/Berlin --from 2024-01-05 --to 2024-01-05";
        let filters = options(line).unwrap().filters;
        let texts = [filters.from, filters.to].map(|time| time.unwrap().to_rsmf());
        assert_eq!(
            texts,
            ["2024-01-04T23:00:00.000Z", "2024-01-05T23:00:00.000Z"]
        );
    }

    #[test]
    fn every_choice_reaches_the_converter() {
        let line = "--rsmf-version 1.0.0 --slice 12h --max-events 5 --max-size 1MiB --parents full \
                    --body-text history --header-encoding utf-8 --missing-files placeholder \
                    --conversation a --conversation b --participant c --custodian d --dry-run \
                    --strict --input-hash off --existing overwrite";
        let options = options(line).unwrap();
        assert_eq!(
            (options.version, options.slice),
            (Version::V1, SliceBy::TwelveHours)
        );
        assert_eq!((options.max_events, options.max_size), (5, 1 << 20));
        assert_eq!(
            (options.parents, options.body_text),
            (Parents::Full, BodyText::History)
        );
        assert_eq!(options.header_encoding, HeaderEncoding::Utf8);
        assert_eq!(options.missing_files, MissingFiles::Placeholder);
        assert_eq!(options.filters.conversations, ["a", "b"]);
        assert_eq!(options.filters.participants, ["c"]);
        assert_eq!(options.custodian.as_deref(), Some("d"));
        assert!(options.dry_run && options.strict && !options.input_digest);
        assert_eq!(options.existing, Existing::Overwrite);
    }

    #[test]
    fn what_makes_no_sense_is_named_as_it_was_typed() {
        for (line, name) in [
            ("--max-size heavy", "--max-size"),
            ("--from yesterday", "--from"),
            ("--to 2024-13-01", "--to"),
            ("--timezone Mars/Olympus", "--timezone"),
        ] {
            let error = options(line).unwrap_err();
            assert_eq!(error.exit_code(), crate::exit::USAGE);
            assert!(error.report().contains(name), "{}", error.report());
        }
    }
}
