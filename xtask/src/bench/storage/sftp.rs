//! Tools that speak SFTP, against OpenSSH's server. What that holds are files of this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Bench,
    race::{RSMF, Racer, Table},
};

/// Where the server is, and what it holds.
struct Server<'a> {
    bench: &'a Bench,
    port: String,
    user: String,
    key: String,
    known_hosts: String,
    data: PathBuf,
}

pub(super) fn round(bench: &Bench, known: &Value, round: usize, table: &mut Table) -> Result<()> {
    let server = Server::new(bench, known)?;
    let rows = [
        ("one large file to SFTP", false, true),
        ("one large file from SFTP", false, false),
        ("many small files to SFTP", true, true),
        ("many small files from SFTP", true, false),
    ];
    for (row, is_many, is_up) in rows {
        table.race(row, round, server.racers(is_many, is_up)?)?;
    }
    Ok(())
}

impl<'a> Server<'a> {
    fn new(bench: &'a Bench, known: &Value) -> Result<Self> {
        let text = |name: &str| {
            known[name]
                .as_str()
                .context("the server does not say who it is")
        };
        let folder = Path::new(text("folder")?);
        let file = |name: &str| folder.join(name).display().to_string();
        Ok(Self {
            bench,
            port: known["port"].to_string(),
            user: text("user")?.to_owned(),
            key: file("id_ed25519"),
            known_hosts: file("known_hosts"),
            data: folder.join("data"),
        })
    }

    fn racers(&self, is_many: bool, is_up: bool) -> Result<Vec<Racer<'_>>> {
        let original = match is_many {
            true => self.bench.material.small(),
            false => self.bench.material.large(),
        };
        let tools = [RSMF, "sftp", "rclone"];
        let tools = tools.into_iter().filter(|tool| self.bench.takes(tool));
        let racer = |tool: &'static str| {
            let folder = match is_up {
                true => self.data.join(tool),
                false => self.bench.material.folder(&format!("down-{tool}")),
            };
            fs::create_dir_all(&folder)?;
            let target = match is_many {
                true => folder.join("small"),
                false => folder.join("large.bin"),
            };
            let command = self.command(tool, [&original, &target], is_many, is_up)?;
            Ok(Racer::copying(tool, command, &original, target, folder))
        };
        tools.map(racer).collect()
    }

    fn command(
        &self,
        tool: &str,
        places: [&Path; 2],
        is_many: bool,
        is_up: bool,
    ) -> Result<Command> {
        let text = |path: &Path| {
            path.to_str()
                .context("a folder is not Unicode")
                .map(str::to_owned)
        };
        let [from, to] = places;
        let (from, to) = (text(from)?, text(to)?);
        match tool {
            RSMF => self.rsmf(from, to, is_many, is_up),
            "sftp" => self.sftp(&from, &to, is_many, is_up),
            _ => Ok(self.rclone(from, to, is_many, is_up)),
        }
    }

    fn rsmf(&self, from: String, to: String, is_many: bool, is_up: bool) -> Result<Command> {
        let config = self.bench.material.folder("sftp.toml");
        let text = format!(
            "[stores.bench]\nurl = \"sftp://{}@127.0.0.1:{}/\"\nidentity_files = [{:?}]\nknown_hosts = [{:?}]\n",
            self.user, self.port, self.key, self.known_hosts
        );
        fs::write(&config, text)?;
        let slash = if is_many { "/" } else { "" };
        let (from, to) = match is_up {
            true => (from, format!("bench:{to}")),
            false => (format!("bench:{from}"), to),
        };
        let mut command = Command::new(&self.bench.rsmf);
        command.arg("--config").arg(config).args(["cp", "--quiet"]);
        command.args(is_many.then_some("--recursive"));
        command.args([format!("{from}{slash}"), format!("{to}{slash}")]);
        Ok(command)
    }

    fn sftp(&self, from: &str, to: &str, is_many: bool, is_up: bool) -> Result<Command> {
        let verb = if is_up { "put" } else { "get" };
        let recursive = if is_many { "-r " } else { "" };
        let batch = self.bench.material.folder(&format!("sftp-{verb}"));
        fs::write(&batch, format!("{verb} {recursive}\"{from}\" \"{to}\"\n"))?;
        ensure!(
            !self.known_hosts.contains(' '),
            "ssh takes no blanks in names of files"
        );
        let known_hosts = format!("UserKnownHostsFile={}", self.known_hosts);
        let mut command = Command::new("sftp");
        command.arg("-q").arg("-b").arg(batch);
        command.args([
            "-F",
            "none",
            "-P",
            &self.port,
            "-i",
            &self.key,
            "-o",
            &known_hosts,
        ]);
        command.arg(format!("{}@127.0.0.1", self.user));
        Ok(command)
    }

    /// With as many files at a time as `rsmf` has, which is more than by default.
    fn rclone(&self, from: String, to: String, is_many: bool, is_up: bool) -> Command {
        let mut command = Command::new(self.bench.tools.join("rclone"));
        command
            .env("RCLONE_CONFIG_BENCH_TYPE", "sftp")
            .env("RCLONE_CONFIG_BENCH_HOST", "127.0.0.1")
            .env("RCLONE_CONFIG_BENCH_PORT", &self.port)
            .env("RCLONE_CONFIG_BENCH_USER", &self.user)
            .env("RCLONE_CONFIG_BENCH_KEY_FILE", &self.key)
            .env("RCLONE_CONFIG_BENCH_KNOWN_HOSTS_FILE", &self.known_hosts)
            .env("RCLONE_CONFIG_BENCH_SHELL_TYPE", "none")
            // The server has a certificate too, which rclone would want to know about.
            .env("RCLONE_CONFIG_BENCH_HOST_KEY_ALGORITHMS", "ssh-ed25519")
            .args(["--config", "", "--quiet", "--transfers", "16"])
            .arg(if is_many { "copy" } else { "copyto" });
        command.args(match is_up {
            true => [from, format!("bench:{to}")],
            false => [format!("bench:{from}"), to],
        });
        command
    }
}
