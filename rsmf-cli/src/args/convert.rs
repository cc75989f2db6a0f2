//! `rsmf convert`.

use clap::{Args, ValueEnum};

const EXAMPLES: &str = "\
Times are a date (2024-01-31) or a date with a time (2024-01-31T09:00) as the
clocks in --timezone show it, or RFC 3339 (2024-01-31T09:00:00Z).

Notes are of three kinds. Errors and warnings make the exit code 1.
  error    something of the export is not in the result
  warning  it is, but something about it is odd, or a linked file is not there
  notice   all is as expected, but worth knowing

Examples:
  rsmf convert export.zip -o out
      A file per conversation and day (UTC), with reports
  rsmf convert export.zip -o out --timezone America/New_York --slice week
      A file per conversation and week, in the time of New York
  rsmf convert export.zip -o out --from 2024-01-01 --to 2024-03-31
      The first quarter only
  rsmf convert export.zip -o out --custodian ana@example.com
      Only the conversations that Ana is in
  rsmf convert export.zip -o out --conversation general --conversation D02B9
      One channel by its name, and one direct message by its id
  rsmf convert export.zip -o out --dry-run --json
      What would come out, as JSON, without writing anything
  rsmf convert export.zip -o out --to relativity://workspace/1234567 --profile RSMF --wait
      Deliver the files to Relativity, too, as `rsmf relativity upload` does";

/// Turn a chat export into RSMF files and a report
///
/// Reads a Slack export (a zip file or its unpacked folder) and writes RSMF files that Relativity
/// Processing takes, with a report that accounts for every message of the source.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ConvertArgs {
    /// The Slack export: a zip file, or the folder it was unpacked to; here, or in any store
    ///
    /// Addresses are such as s3://bucket/export.zip, az://, gs://, sftp://, dav+https:// and nextcloud+https://,
    /// or the name of a place in rsmf.toml: review:acme/export.zip. A zip is read where it lies, in parts.
    ///
    /// Example: rsmf convert export.zip -o out
    pub(crate) input: String,

    /// The folder to write to, outside of the input, here or in any store; it is made if need be
    ///
    /// It may be left out where --to names a workspace: files and reports are gone then when they are delivered.
    ///
    /// Example: rsmf convert export.zip -o matter-42/rsmf
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) output: String,

    /// The version of RSMF to write; 1.0.0 is for Relativity before Server 2022
    ///
    /// Example: rsmf convert export.zip -o out --rsmf-version 1.0.0
    #[arg(
        long,
        value_name = "VERSION",
        default_value = "2.0.0",
        help_heading = "Result"
    )]
    pub(crate) rsmf_version: RsmfVersion,

    /// How a conversation is cut into files: each holds at most this stretch of time
    ///
    /// Example: rsmf convert export.zip -o out --slice week
    #[arg(
        long,
        value_name = "PERIOD",
        default_value = "day",
        help_heading = "Result"
    )]
    pub(crate) slice: Slice,

    /// Where days begin and what local times mean: a name of the IANA time zone database
    ///
    /// Example: rsmf convert export.zip -o out --timezone America/New_York
    #[arg(
        long,
        value_name = "ZONE",
        default_value = "UTC",
        help_heading = "Result"
    )]
    pub(crate) timezone: String,

    /// Cut a file in two where it would hold more events than this
    ///
    /// Example: rsmf convert export.zip -o out --max-events 2000
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10_000,
        help_heading = "Result"
    )]
    pub(crate) max_events: usize,

    /// Cut a file in two where it would be larger: B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024)
    ///
    /// Example: rsmf convert export.zip -o out --max-size 50MB
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "200MB",
        help_heading = "Result"
    )]
    pub(crate) max_size: String,

    /// How the first message of a thread is shown where only the replies fall into a file
    ///
    /// Example: rsmf convert export.zip -o out --parents full
    #[arg(
        long,
        value_name = "HOW",
        default_value = "placeholder",
        help_heading = "Result"
    )]
    pub(crate) parents: Parents,

    /// What the body text holds, which is what Relativity searches
    ///
    /// Example: rsmf convert export.zip -o out --body-text history
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "current",
        help_heading = "Result"
    )]
    pub(crate) body_text: BodyText,

    /// How names that are not ASCII are written in the headers
    ///
    /// Example: rsmf convert export.zip -o out --header-encoding utf-8
    #[arg(
        long,
        value_name = "HOW",
        default_value = "encoded-words",
        help_heading = "Result"
    )]
    pub(crate) header_encoding: HeaderEncoding,

    /// What stands for a file that the export does not hold
    ///
    /// Example: rsmf convert export.zip -o out --missing-files placeholder
    #[arg(
        long,
        value_name = "HOW",
        default_value = "record",
        help_heading = "Result"
    )]
    pub(crate) missing_files: MissingFiles,

    /// Leave out what was sent before this time [default: the beginning]
    ///
    /// Example: rsmf convert export.zip -o out --from 2024-01-01
    #[arg(long, value_name = "TIME", help_heading = "Filters")]
    pub(crate) from: Option<String>,

    /// Leave out what was sent at this time or later; a date without a time includes that day [default: the end]
    ///
    /// Or, given once more: a workspace of Relativity that the files are delivered to, relativity://workspace/ID.
    ///
    /// Example: rsmf convert export.zip -o out --to 2024-03-31
    #[arg(long, value_name = "TIME|WORKSPACE", help_heading = "Filters")]
    pub(crate) to: Vec<String>,

    /// Only this conversation, by name or id; give it once for each [default: all]
    ///
    /// Example: rsmf convert export.zip -o out --conversation general
    #[arg(long, value_name = "NAME|ID", help_heading = "Filters")]
    pub(crate) conversation: Vec<String>,

    /// Only conversations with this person, by name, e-mail address or id; give it once for each [default: all]
    ///
    /// Example: rsmf convert export.zip -o out --participant ana@example.com
    #[arg(long, value_name = "NAME|EMAIL|ID", help_heading = "Filters")]
    pub(crate) participant: Vec<String>,

    /// Whose data this is: only conversations with this person, who is named in X-RSMF-Custodian [default: nobody's]
    ///
    /// Example: rsmf convert export.zip -o out --custodian ana@example.com
    #[arg(long, value_name = "NAME|EMAIL|ID", help_heading = "Filters")]
    pub(crate) custodian: Option<String>,

    #[command(flatten)]
    pub(crate) fetch: super::FetchArgs,

    #[command(flatten)]
    pub(crate) deliver: super::DeliverArgs,

    /// Do everything but write: see what would come out [default: write]
    ///
    /// Example: rsmf convert export.zip -o out --dry-run
    #[arg(long, help_heading = "Running")]
    pub(crate) dry_run: bool,

    /// Write nothing at all if there is a single warning or error [default: write, and tell]
    ///
    /// Example: rsmf convert export.zip -o out --strict
    #[arg(long, help_heading = "Running")]
    pub(crate) strict: bool,

    /// Go on with a conversion that was stopped or killed, without doing again what is done
    ///
    /// Give the same input and options as then. In a new or empty folder, the conversion simply
    /// begins; where it is done already, nothing happens: jobs may always pass --resume. [default: no]
    ///
    /// Example: rsmf convert export.zip -o out --resume
    #[arg(long, conflicts_with = "dry_run", help_heading = "Running")]
    pub(crate) resume: bool,

    /// Whether to read the whole input once more for its SHA-256, which goes into the reports
    ///
    /// Example: rsmf convert export.zip -o out --input-hash off
    #[arg(
        long,
        value_name = "HASH",
        default_value = "sha256",
        help_heading = "Running"
    )]
    pub(crate) input_hash: InputHash,

    /// Whether the output folder may hold something already
    ///
    /// Example: rsmf convert export.zip -o out --existing overwrite
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "refuse",
        help_heading = "Running"
    )]
    pub(crate) existing: Existing,

    /// How many threads convert, 1 to 256 [default: one per core]
    ///
    /// Example: rsmf convert export.zip -o out --threads 4
    #[arg(long, value_name = "N", value_parser = super::threads(), help_heading = "Running")]
    pub(crate) threads: Option<u16>,

    /// No progress and no summary, only errors [default: both]
    ///
    /// Example: rsmf convert export.zip -o out --quiet
    #[arg(short, long, help_heading = "Running")]
    pub(crate) quiet: bool,

    /// Print the report as one JSON document instead of the summary [default: the summary]
    ///
    /// Example: rsmf convert export.zip -o out --json
    #[arg(long, help_heading = "Running")]
    pub(crate) json: bool,
}

/// What an address of a workspace begins with.
const RELATIVITY: &str = "relativity://";

impl ConvertArgs {
    /// The times among what `--to` says; one at the most makes sense.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &String> {
        self.to.iter().filter(|to| !to.starts_with(RELATIVITY))
    }

    /// The workspaces among what `--to` says; one at the most makes sense.
    pub(crate) fn workspaces(&self) -> impl Iterator<Item = &String> {
        self.to.iter().filter(|to| to.starts_with(RELATIVITY))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RsmfVersion {
    #[value(name = "2.0.0")]
    V2,
    #[value(name = "1.0.0")]
    V1,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Slice {
    #[value(name = "8h")]
    EightHours,
    #[value(name = "12h")]
    TwelveHours,
    Day,
    Week,
    Month,
    Conversation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Parents {
    /// Who sent it and when, without the text
    Placeholder,
    /// With its text
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyText {
    /// What a reader of the chat saw last
    Current,
    /// Deleted and earlier texts too, marked as such
    History,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderEncoding {
    /// As e-mail does it (RFC 2047), which any mail program reads
    EncodedWords,
    /// As plain UTF-8, as Relativity's validator compares them (no warning)
    #[value(name = "utf-8")]
    Utf8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingFiles {
    /// A note on the event, and a line in the report
    Record,
    /// The same, and a small text file as the attachment
    Placeholder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputHash {
    /// Yes, while it is converted
    Sha256,
    /// No: for an input that is large and far away
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Existing {
    /// No: stop before anything is written
    Refuse,
    /// Yes: replace files of the same name, leave the others
    Overwrite,
}
