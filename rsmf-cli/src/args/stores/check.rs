//! `rsmf check`, `rsmf mkbucket`, `rsmf rmbucket`, `rsmf presign`.

use clap::Args;

const CHECK: &str = "\
Examples:
  rsmf check s3://matters
      Whether the bucket is there and lets us in, and what to mend
  rsmf check review: nas:
      Two places of rsmf.toml";

/// Check whether a store is there and lets us in
#[derive(Debug, Args)]
#[command(after_help = CHECK)]
pub(crate) struct CheckArgs {
    /// The stores: paths, or addresses
    ///
    /// Example: rsmf check s3://matters
    #[arg(required = true)]
    pub(crate) addresses: Vec<String>,

    /// Print JSON, an object per line [default: text]
    ///
    /// Example: rsmf check s3://matters --json
    #[arg(long)]
    pub(crate) json: bool,
}

/// The argument of `rsmf mkbucket` and `rsmf rmbucket`.
#[derive(Debug, Args)]
pub(crate) struct BucketArgs {
    /// The bucket, the container or the folder
    ///
    /// Example: rsmf mkbucket s3://matters
    pub(crate) address: String,
}

const PRESIGN: &str = "\
Examples:
  rsmf presign s3://matters/acme/report.html
      An address that works for an hour, for everybody who has it
  rsmf presign s3://matters/acme/in.zip --put --for 1d
      One to upload to

The address is all that goes to standard output. Treat it like a password until it
has run out. Headers that a request must have are told on standard error.";

/// Make an address for one object that works without credentials
#[derive(Debug, Args)]
#[command(after_help = PRESIGN)]
pub(crate) struct PresignArgs {
    /// The object
    ///
    /// Example: rsmf presign s3://matters/acme/report.html
    pub(crate) address: String,

    /// For how long: 15m, 1h, 7d
    ///
    /// Example: rsmf presign s3://matters/a.html --for 15m
    #[arg(long = "for", value_name = "TIME", default_value = "1h")]
    pub(crate) valid_for: String,

    /// To write the object [default: to read it]
    ///
    /// Example: rsmf presign s3://matters/in.zip --put
    #[arg(long)]
    pub(crate) put: bool,

    /// The environment variable with a password that whoever has the address must know as well, for
    /// public links of Nextcloud [default: none]
    ///
    /// Example: rsmf presign review:a.html --password-env LINK_PASSWORD
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) password_env: Option<String>,
}
