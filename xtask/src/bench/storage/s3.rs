//! Tools that speak S3.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Bench,
    race::{RSMF, Racer, Table},
};

const BUCKET: &str = "bench";

/// What all download.
const SOURCE: &str = "source";

/// A bucket on a server that holds nothing else.
pub(super) struct Bucket<'a> {
    pub(super) bench: &'a Bench,
    endpoint: String,
    access_key: String,
    secret_key: String,
    config: PathBuf,
}

/// What a tool is told to do.
struct Task<'a> {
    tool: &'static str,
    /// Whether it is a folder with many files rather than one file.
    is_many: bool,
    /// To the server, or from there.
    is_up: bool,
    local: &'a Path,
    /// Below the bucket.
    there: &'a str,
}

pub(super) fn round(store: &Bucket<'_>, round: usize, table: &mut Table) -> Result<()> {
    let rows = [
        ("one large object to S3", "one large object from S3", false),
        (
            "many small objects to S3",
            "many small objects from S3",
            true,
        ),
    ];
    for (up, down, is_many) in rows {
        table.race(up, round, store.uploads(is_many)?)?;
        table.race(down, round, store.downloads(is_many)?)?;
    }
    Ok(())
}

impl<'a> Bucket<'a> {
    pub(super) fn create(bench: &'a Bench, server: &Value) -> Result<Self> {
        let text = |value: &Value| {
            let text = value
                .as_str()
                .context("the server does not say where it is")?;
            anyhow::Ok(text.to_owned())
        };
        let endpoint = text(&server["http"])?;
        let config = bench.material.folder("s3.toml");
        fs::write(
            &config,
            format!(
                "[stores.bench]\nurl = \"s3://{BUCKET}\"\nendpoint = \"{endpoint}\"\nregion = \"us-east-1\"\n"
            ),
        )?;
        let bucket = Self {
            bench,
            endpoint,
            access_key: text(&server["admin"]["access_key"])?,
            secret_key: text(&server["admin"]["secret_key"])?,
            config,
        };
        let mut create = bucket.rsmf(&["mkbucket", "bench:"]);
        let created = create.stdout(Stdio::null()).status()?;
        ensure!(created.success(), "the bucket cannot be created");
        Ok(bucket)
    }

    /// `rsmf` as it comes, but for the address of the server.
    pub(super) fn rsmf(&self, arguments: &[&str]) -> Command {
        let mut command = self.known(&self.bench.rsmf);
        command.arg("--config").arg(&self.config);
        command.args(arguments);
        command
    }

    /// A command that knows who it is.
    fn known(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_ACCESS_KEY_ID", &self.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret_key)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_BUCKET", BUCKET)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_CA_BUNDLE");
        command
    }

    fn local(&self, is_many: bool) -> PathBuf {
        match is_many {
            true => self.bench.material.small(),
            false => self.bench.material.large(),
        }
    }

    fn uploads(&self, is_many: bool) -> Result<Vec<Racer<'_>>> {
        let local = self.local(is_many);
        let racer = |tool: &'static str| {
            let there = format!("{tool}/{is_many}");
            let task = Task {
                tool,
                is_many,
                is_up: true,
                local: &local,
                there: &there,
            };
            let command = self.command(&task)?;
            let local = local.clone();
            Ok(Racer::new(tool, command, move || {
                self.holds(&local, &there, "")
            }))
        };
        self.tools().map(racer).collect()
    }

    fn downloads(&self, is_many: bool) -> Result<Vec<Racer<'_>>> {
        let original = self.local(is_many);
        let there = format!("{SOURCE}/{is_many}");
        let mut source = self.known(&self.bench.rivals);
        source
            .args(["up", "object-store"])
            .arg(&original)
            .arg(&there);
        ensure!(source.status()?.success(), "there is nothing to download");
        let racer = |tool: &'static str| {
            let folder = self.bench.material.empty(&format!("down-{tool}"))?;
            let local = match is_many {
                true => folder.clone(),
                false => folder.join("large.bin"),
            };
            let command = self.command(&Task {
                tool,
                is_many,
                is_up: false,
                local: &local,
                there: &there,
            })?;
            Ok(Racer::copying(tool, command, &original, local, folder))
        };
        self.tools().map(racer).collect()
    }

    /// Fails unless a folder of the bucket, or an object, holds what is here.
    pub(super) fn holds(&self, local: &Path, there: &str, ending: &str) -> Result<()> {
        let mut judge = self.known(&self.bench.rivals);
        judge
            .arg("judge")
            .arg(local)
            .args([there, "--ending", ending]);
        ensure!(judge.status()?.success(), "the bucket holds something else");
        Ok(())
    }

    fn tools(&self) -> impl Iterator<Item = &'static str> {
        let tools = [RSMF, "rclone", "s5cmd", "aws", "object_store", "opendal"];
        tools.into_iter().filter(|tool| self.bench.takes(tool))
    }

    fn command(&self, task: &Task<'_>) -> Result<Command> {
        let local = task.local.to_str().context("a folder is not Unicode")?;
        match task.tool {
            RSMF => Ok(self.rsmf_copy(task, local)),
            "rclone" => Ok(self.rclone(task, local)),
            "s5cmd" => Ok(self.s5cmd(task, local)),
            "aws" => Ok(self.aws(task, local)),
            library => Ok(self.library(task, local, library)),
        }
    }

    fn rsmf_copy(&self, task: &Task<'_>, local: &str) -> Command {
        let slash = if task.is_many { "/" } else { "" };
        let there = format!("bench:{}{slash}", task.there);
        let local = format!("{local}{slash}");
        let mut command = self.rsmf(&["cp", "--quiet"]);
        command.args(task.is_many.then_some("--recursive"));
        command.args(task.ordered(local, there));
        command
    }

    /// With as many objects at a time as `rsmf` has, which is more than by default.
    fn rclone(&self, task: &Task<'_>, local: &str) -> Command {
        let mut command = self.known(&self.bench.tools.join("rclone"));
        command
            .env("RCLONE_CONFIG_BENCH_TYPE", "s3")
            .env("RCLONE_CONFIG_BENCH_PROVIDER", "SeaweedFS")
            .env("RCLONE_CONFIG_BENCH_ENV_AUTH", "true")
            .env("RCLONE_CONFIG_BENCH_ENDPOINT", &self.endpoint)
            .env("RCLONE_CONFIG_BENCH_NO_CHECK_BUCKET", "true")
            .args(["--config", "", "--quiet", "--transfers", "16"])
            .arg(if task.is_many { "copy" } else { "copyto" });
        let there = format!("bench:{BUCKET}/{}", task.there);
        command.args(task.ordered(local.to_owned(), there));
        command
    }

    fn s5cmd(&self, task: &Task<'_>, local: &str) -> Command {
        let mut command = self.known(&self.bench.tools.join("s5cmd"));
        command.args(["--endpoint-url", &self.endpoint, "--log", "error", "cp"]);
        let there = format!("s3://{BUCKET}/{}", task.there);
        command.args(match (task.is_many, task.is_up) {
            (true, true) => [format!("{local}/"), format!("{there}/")],
            (true, false) => [format!("{there}/*"), format!("{local}/")],
            (false, _) => task.ordered(local.to_owned(), there),
        });
        command
    }

    fn aws(&self, task: &Task<'_>, local: &str) -> Command {
        let mut command = self.known(&self.bench.tools.join("aws"));
        command.args(["s3", "cp", "--only-show-errors"]);
        command.args(task.is_many.then_some("--recursive"));
        let there = format!("s3://{BUCKET}/{}", task.there);
        command.args(task.ordered(local.to_owned(), there));
        command
    }

    fn library(&self, task: &Task<'_>, local: &str, library: &str) -> Command {
        let mut command = self.known(&self.bench.rivals);
        command.arg(if task.is_up { "up" } else { "down" });
        command.arg(library.replace('_', "-"));
        let slash = if task.is_many && !task.is_up { "/" } else { "" };
        command.args(task.ordered(local.to_owned(), format!("{}{slash}", task.there)));
        command
    }
}

impl Task<'_> {
    /// Source and target.
    fn ordered(&self, local: String, there: String) -> [String; 2] {
        match self.is_up {
            true => [local, there],
            false => [there, local],
        }
    }
}
