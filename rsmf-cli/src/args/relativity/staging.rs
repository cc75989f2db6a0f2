//! How files get into the staging area.

use clap::Args;

/// How files get into the staging area; without any of these, as rsmf.toml says.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Staging")]
pub(crate) struct StagingArgs {
    /// A share that is reached from here: its UNC path, `=`, and a folder or an address in any store [default: none]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --share '\\files\T001=/mnt/t001'
    #[arg(long, value_name = "UNC=ADDRESS", value_parser = crate::args::filled, conflicts_with_all = ["staged", "container", "command"])]
    pub(crate) share: Option<String>,

    /// A folder of the staging area, by its UNC path, which holds the same files already [default: none]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --staged '\\files\T001\ProcessingSource\run'
    #[arg(long, value_name = "UNC", value_parser = crate::args::filled, conflicts_with_all = ["container", "command"])]
    pub(crate) staged: Option<String>,

    /// A container of your own in Azure, which the Transfer Service fetches files from [default: none]
    ///
    /// It signs by itself that one may read and list it, unless --container-sas-env names a signature (SAS).
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --container az://acme/staging
    #[arg(long, value_name = "ADDRESS", value_parser = crate::args::filled, conflicts_with = "command")]
    pub(crate) container: Option<String>,

    /// The environment variable with the container's address and signature (Read and List) [default: none]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --container az://a/b --container-sas-env SAS
    #[arg(long, value_name = "NAME", requires = "container")]
    pub(crate) container_sas_env: Option<String>,

    /// A program that brings the files, given once for each of its words; docs/relativity.md has its contract [default: none]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --command dotnet --command stage.dll
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    pub(crate) command: Vec<String>,

    /// Where folders are made, as a UNC path [default: where the workspace lets files be processed from]
    ///
    /// Example: rsmf relativity upload out --workspace 1 --profile p --custodian c --location '\\files\T001\ProcessingSource'
    #[arg(long, value_name = "UNC", value_parser = crate::args::filled)]
    pub(crate) location: Option<String>,
}
