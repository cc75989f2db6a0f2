//! What `rsmf cp` is measured against: the least that a program has to do to copy files to S3 and back by
//! `object_store` or by `opendal`. And the judge, which reads back what any tool has written.

mod folder;
mod judge;
mod opened;
mod stored;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

/// The size of a part of an object, and parts of one object that are on their way at the same time; as
/// `rsmf` has them by default.
const PART: usize = 8 << 20;
const PARTS: usize = 4;

/// Objects that are on their way at the same time; as `rsmf` has it by default.
const OBJECTS: usize = 16;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Copies a file, or all files of a folder
    Up {
        library: Library,
        from: PathBuf,
        to: String,
    },
    /// Copies an object, or, where `from` ends with a slash, all below it
    Down {
        library: Library,
        from: String,
        to: PathBuf,
    },
    /// Fails unless exactly the files of a folder, or this one file, are there, byte by byte
    Judge {
        local: PathBuf,
        there: String,
        /// Only those whose names end so
        #[arg(long, default_value = "")]
        ending: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Library {
    ObjectStore,
    Opendal,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().task {
        Task::Up { library, from, to } => match library {
            Library::ObjectStore => stored::up(&from, &to).await,
            Library::Opendal => opened::up(&from, &to).await,
        },
        Task::Down { library, from, to } => match library {
            Library::ObjectStore => stored::down(&from, &to).await,
            Library::Opendal => opened::down(&from, &to).await,
        },
        Task::Judge {
            local,
            there,
            ending,
        } => judge::judge(&local, &there, &ending).await,
    }
}
