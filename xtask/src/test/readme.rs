//! What the README shows, as its reader types it, but with folders outside of the clone.

use std::{
    env::consts::EXE_EXTENSION,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use xshell::cmd;

use super::Outcome;
use crate::{context::Context, output::rsmf_files};

/// How the main command starts and ends.
const COMMAND: (&str, &str) = ("cargo run --release -p rsmf-cli -- convert ", " -o out");

/// What stands above the way into the stand-in for Relativity.
const RELATIVITY: &str = "## Into Relativity, on this machine";

/// Where the README has the stand-in listen.
const ADDRESS: &str = "127.0.0.1:8085";

pub(super) fn run(context: &Context) -> Result<Outcome> {
    let shell = &context.shell;
    let text = shell.read_file("README.md")?;
    let scratch = shell.create_temp_dir()?;
    let out = scratch.path().join("out");
    convert(context, &text, &out)?;
    if cfg!(unix) {
        deliver(context, &text, scratch.path())?;
    }
    Ok(Outcome::Passed)
}

/// Runs the main command, and validates the result.
fn convert(context: &Context, text: &str, out: &Path) -> Result<()> {
    let shell = &context.shell;
    let line = text
        .lines()
        .find(|line| line.starts_with(COMMAND.0) && line.ends_with(COMMAND.1))
        .context("README.md shows no command to convert")?;
    let words = line.trim_end_matches("out").split_whitespace().skip(1);
    let command = cmd!(shell, "cargo").args(words).arg(out);
    println!("$ {command}");
    let status = Command::from(command).stdin(Stdio::null()).status()?;
    // 1 says that the report names messages that could not be converted, as in real exports.
    ensure!(
        matches!(status.code(), Some(0 | 1)),
        "the command ended with {status}"
    );
    ensure!(
        !rsmf_files(out)?.is_empty(),
        "the command wrote no .rsmf file"
    );
    cmd!(shell, "cargo run --release -p rsmf-cli -- validate {out}").run()?;
    Ok(())
}

/// Starts the stand-in for Relativity, and delivers to it what was converted, by what the README has for both.
fn deliver(context: &Context, text: &str, scratch: &Path) -> Result<()> {
    let shell = &context.shell;
    let (_, section) = text
        .split_once(RELATIVITY)
        .context("README.md shows no way into Relativity")?;
    let mut blocks = section.split("```sh\n").skip(1).map(|block| {
        let end = block.find("```").unwrap_or(block.len());
        block.get(..end).unwrap_or_default()
    });
    let (server, client) = blocks.next().zip(blocks.next()).context("two commands")?;
    cmd!(shell, "cargo build --release -p rsmf-simulator -p rsmf-cli").run()?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let script = |block: &str| {
        ["rsmf-simulator", "rsmf-cli"]
            .into_iter()
            .fold(block.to_owned(), |block, package| {
                let program = package.trim_end_matches("-cli");
                let built = context.cache.target().join("release").join(program);
                let built = built.with_extension(EXE_EXTENSION).display().to_string();
                let typed = format!("cargo run --release -p {package} --");
                block.replace(&typed, &format!("exec '{built}'"))
            })
            .replace(ADDRESS, &format!("127.0.0.1:{port}"))
    };
    let _server = Server::start(&script(server), scratch, port)?;
    let status = sh(&script(client), scratch)
        .env("XDG_STATE_HOME", scratch)
        .status()?;
    ensure!(status.success(), "the upload ended with {status}");
    Ok(())
}

fn sh(script: &str, folder: &Path) -> Command {
    println!("$ {}", script.trim_end());
    let mut command = Command::new("sh");
    command.args(["-e", "-c", script]).current_dir(folder);
    command.stdin(Stdio::null());
    command
}

/// The stand-in, which is ended with this.
struct Server(Child);

impl Server {
    fn start(script: &str, folder: &Path, port: u16) -> Result<Self> {
        let child = sh(script, folder).stdout(Stdio::null()).spawn()?;
        let mut server = Self(child);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = server.0.try_wait()?;
            ensure!(ended.is_none(), "the stand-in has ended: {ended:?}");
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
