//! The options of downloads.

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Downloads")]
pub(crate) struct FetchArgs {
    /// Download the files that the export only links to, and attach them [default: no]
    ///
    /// Slack's exports hold links to files, not the files. Each download, with its SHA-256, and
    /// each failure, with its reason, is a line of downloads.csv. A dry run counts the links and
    /// downloads nothing.
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files
    #[arg(long)]
    pub(crate) fetch_files: bool,

    /// The environment variable that holds the token of Slack [default: SLACK_TOKEN]
    ///
    /// The token, of a user or an app, needs the scope files:read. Without one, the tokens within
    /// the links of the export are used as long as Slack accepts them.
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --slack-token-env CASE_42
    #[arg(
        long,
        value_name = "VARIABLE",
        requires = "fetch_files",
        conflicts_with = "slack_token_file"
    )]
    pub(crate) slack_token_env: Option<String>,

    /// A file that holds the token of Slack and nothing else [default: none]
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --slack-token-file token.txt
    #[arg(long, value_name = "FILE", requires = "fetch_files")]
    pub(crate) slack_token_file: Option<std::path::PathBuf>,

    /// Where downloads are kept, so that another run needs none [default: OUTPUT.files]
    ///
    /// Outside of the input and of the output. Several runs may share it.
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --files-cache kept
    #[arg(long, value_name = "FOLDER", requires = "fetch_files")]
    pub(crate) files_cache: Option<String>,

    /// Do not download larger files: B, KB, MB, GB (powers of 1000) or KiB, MiB, GiB (of 1024)
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --max-file-size 50MB
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "2GB",
        requires = "fetch_files"
    )]
    pub(crate) max_file_size: String,

    /// How many files are downloaded at the same time, 1 to 64
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --fetch-parallel 8
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64),
        requires = "fetch_files"
    )]
    pub(crate) fetch_parallel: u8,

    /// How long a host may be silent before an attempt counts as failed: 2m, 500ms [default: as [http] of
    /// rsmf.toml has it, or 30s]
    ///
    /// A failed attempt is repeated up to 3 times, after pauses of up to 10 seconds. A host that
    /// does not answer so holds up a file for about two minutes.
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --fetch-timeout 10s
    #[arg(long, value_name = "TIME", requires = "fetch_files")]
    pub(crate) fetch_timeout: Option<String>,

    /// Download from this host too, [http://]HOST[:PORT]; give it once for each [default: Slack's]
    ///
    /// Links, and redirects, to any other host are not followed. The token is shown to this host.
    /// Allowed anyway are files.slack.com, *.slack.com, slack-files.com and *.slack-edge.com, by
    /// https only.
    ///
    /// Example: rsmf convert export.zip -o out --fetch-files --fetch-host '*.slack-gov.com'
    #[arg(long, value_name = "HOST", requires = "fetch_files")]
    pub(crate) fetch_host: Vec<String>,

    /// Let hosts of --fetch-host be in a private network or on this machine [default: no]
    ///
    /// Example: rsmf convert a.zip -o out --fetch-files --fetch-host nas --allow-private-addresses
    #[arg(long, requires = "fetch_host")]
    pub(crate) allow_private_addresses: bool,
}
