//! Arguments.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};

use super::words::{self, Pair};

/// Stand-ins for services, for tests and for trying things out on one machine.
///
/// The first line of the output is the address. Everything is kept in memory, and ends with the program. No secret
/// here is one: do not let others than yourself reach it.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// End when the standard input does, for whoever starts this and may die
    #[arg(long, global = true)]
    pub(crate) while_input: bool,
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// RelativityOne, or Relativity Server
    Relativity(Relativity),
    /// Google Cloud Storage, with those who give tokens for it
    Gcs(Gcs),
    /// Nextcloud
    Nextcloud(Nextcloud),
    /// Files of a folder
    Files(Files),
    /// Any answers, right and wrong, and a token server
    Faults(Faults),
    /// Stands before a server that speaks HTTP/1.1, and breaks what it is told to
    Proxy(Proxy),
    /// Stands before a server of whatever protocol, and breaks connections
    TcpProxy(TcpProxy),
}

/// Where it listens.
#[derive(Debug, clap::Args)]
pub(crate) struct Listen {
    /// Address and port; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Relativity {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// A folder that stands for a share, such as `\\files\T001\ProcessingSource=/data/in`
    #[arg(long, value_name = "UNC=FOLDER", value_parser = words::pair)]
    pub(crate) share: Vec<Pair>,
    /// A workspace besides 1234567
    #[arg(long, value_name = "ID=NAME", value_parser = words::pair)]
    pub(crate) workspace: Vec<Pair>,
    /// How it behaves, such as `refusal_status=400`; `GET /simulator/knobs` lists them
    #[arg(long, value_name = "NAME=VALUE", value_parser = words::pair)]
    pub(crate) knob: Vec<Pair>,
    /// What the next call of a name does wrongly, such as `set.create=lost` or `*={"status":503}`;
    /// `GET /simulator/calls` lists them
    #[arg(long, value_name = "CALL=FAULT", value_parser = words::pair)]
    pub(crate) fault: Vec<Pair>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Gcs {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// A bucket
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,
    /// Keep the versions of objects
    #[arg(long)]
    pub(crate) versions: bool,
    /// Let nobody in without a token, and let tokens live so long
    #[arg(long, value_name = "SECONDS")]
    pub(crate) tokens: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Nextcloud {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// Where it begins on its host
    #[arg(long, default_value = "/")]
    pub(crate) path: String,
    /// Somebody; the password is told
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Files {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// The folder
    pub(crate) folder: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Faults {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// A path and what it answers
    #[arg(long, value_name = "PATH=TEXT", value_parser = words::pair)]
    pub(crate) text: Vec<Pair>,
    /// A path and the status of its next answer
    #[arg(long, value_name = "PATH=STATUS", value_parser = words::pair)]
    pub(crate) status: Vec<Pair>,
    /// A path that gives out tokens (OAuth 2.0)
    #[arg(long, value_name = "PATH")]
    pub(crate) tokens: Vec<String>,
    /// A path for those with a token only
    #[arg(long, value_name = "PATH")]
    pub(crate) guard: Vec<String>,
    /// How many connections are reset first
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) reset: usize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Proxy {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// The server
    pub(crate) server: SocketAddr,
    /// Let the server do the next request with this method and this part of the path, and lose the answer
    #[arg(long, value_name = "METHOD=PART", value_parser = words::pair)]
    pub(crate) lose: Vec<Pair>,
    /// Answer the next one with status 503 instead
    #[arg(long, value_name = "METHOD=PART", value_parser = words::pair)]
    pub(crate) refuse: Vec<Pair>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TcpProxy {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// The server
    pub(crate) server: SocketAddr,
    /// Reset the next connection after so many bytes toward the client
    #[arg(long, value_name = "BYTES")]
    pub(crate) reset_after: Vec<u64>,
}
