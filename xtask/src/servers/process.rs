//! Programs that run beside the tests.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use xshell::TempDir;

use super::Home;
use crate::context::Context;

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much of what a server said is shown where it does not answer.
const LAST_LINES: usize = 20;

/// Programs that run; they are killed when this is dropped: what they hold is thrown away.
pub(crate) struct Running {
    children: Vec<(Child, PathBuf)>,
    folders: Vec<TempDir>,
}

impl Drop for Running {
    fn drop(&mut self) {
        for (child, _) in &mut self.children {
            // One that has ended already is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Running {
    /// Starts a program in a home; what it says goes to a file there.
    pub(crate) fn start(context: &Context, home: &Home, command: &Command) -> Result<Self> {
        let mut running = Self {
            children: Vec::new(),
            folders: Vec::new(),
        };
        running.add(context, home, command)?;
        Ok(running)
    }

    /// Keeps a folder as long as they run.
    pub(crate) fn keep(&mut self, folder: TempDir) {
        self.folders.push(folder);
    }

    /// Starts one more.
    pub(crate) fn add(&mut self, context: &Context, home: &Home, command: &Command) -> Result<()> {
        let log = home.path().join(format!("{}.log", self.children.len()));
        let file = File::create(&log)?;
        let child = mortal(context, command)
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .spawn()
            .with_context(|| format!("start {}", command.get_program().display()))?;
        self.children.push((child, log));
        Ok(())
    }

    /// Waits until this is so.
    pub(crate) fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<()> {
        let begun = Instant::now();
        while !ready() {
            for (child, log) in &mut self.children {
                if let Some(status) = child.try_wait()? {
                    bail!("it ended with {status}: {}", last_lines(log)?);
                }
                if begun.elapsed() > PATIENCE {
                    bail!("it does not answer: {}", last_lines(log)?);
                }
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// The command, so that it ends with this program, however that ends. Where there is no such thing,
/// Ctrl-C reaches both.
fn mortal(context: &Context, command: &Command) -> Command {
    let mut started = match context.has_program("setpriv") {
        true => {
            let mut outer = Command::new("setpriv");
            outer.args(["--pdeathsig", "KILL", "--"]);
            outer.arg(command.get_program());
            outer
        }
        false => Command::new(command.get_program()),
    };
    started.args(command.get_args());
    started.env("PATH", context.shell.var_os("PATH").unwrap_or_default());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => started.env(name, value),
            None => started.env_remove(name),
        };
    }
    started
}

fn last_lines(log: &PathBuf) -> Result<String> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    Ok(lines.get(from..).unwrap_or_default().join("\n"))
}

/// Whether anything listens to this port.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether the server on this port answers `GET path` without TLS with this status.
pub(crate) fn answers(port: u16, path: &str, status: u16) -> bool {
    let ask = || -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n"
        )?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    ask().is_ok_and(|line| line.split(' ').nth(1) == Some(&status.to_string()))
}
