//! Real servers for tests: installed, started on free ports of this machine, and ended with whoever
//! started them.
//!
//! Tests learn of a server by an environment variable, `RSMF_TEST_` and its name, which holds JSON. Where it
//! is set already, that server is used and none is started. It is empty where the server cannot run here.

mod apache;
mod azurite;
mod certificates;
mod fakegcs;
mod gcpemulator;
mod home;
mod process;
mod rclone;
mod seaweedfs;
mod sshd;
mod wsgidav;

use std::{
    fs::{self, File},
    path::Path,
    process::ExitCode,
    thread,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

pub(crate) use self::home::Home;
use self::process::Running;
use crate::context::Context;

/// A server that tests talk to.
struct Server {
    /// In lower case, as a command line has it: `seaweedfs`.
    name: &'static str,
    /// Installs it where it is not there, starts it in a folder of its own, and waits until it answers.
    start: fn(&Context, &Home) -> Result<Start>,
}

/// How that went.
enum Start {
    /// It runs, and tests have to know this.
    Up(Running, Value),
    /// It cannot run here, for this reason.
    Absent(String),
}

const SERVERS: &[Server] = &[
    apache::SERVER,
    azurite::SERVER,
    fakegcs::SERVER,
    gcpemulator::SERVER,
    rclone::SERVER,
    seaweedfs::SERVER,
    sshd::SERVER,
    wsgidav::SERVER,
];

/// Servers that run; they end when this is dropped.
pub(crate) struct Servers {
    _running: Vec<Running>,
    /// Held as long as they run: their folders are emptied at a start.
    _lock: File,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these servers
    #[arg(value_name = "SERVER")]
    only: Vec<String>,
}

/// Starts servers and prints what a shell needs to run tests against them, until it is ended.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    for name in &args.only {
        if SERVERS.iter().all(|server| server.name != name) {
            let known: Vec<_> = SERVERS.iter().map(|server| server.name).collect();
            bail!("no server is called {name}, only {}", known.join(", "));
        }
    }
    let context = Context::new()?;
    let chosen = SERVERS
        .iter()
        .filter(|server| args.only.is_empty() || args.only.iter().any(|name| name == server.name));
    let chosen: Vec<_> = chosen.collect();
    let _servers = start(&context, &chosen)?;
    for server in chosen {
        let name = variable(server);
        println!("export {name}='{}'", context.shell.var(&name)?);
    }
    println!("# ready; end them by Ctrl-C");
    loop {
        thread::park();
    }
}

/// A server that runs by itself; it ends when this is dropped.
pub(crate) struct Alone {
    /// Where it is, and who may use it.
    pub(crate) known: Value,
    _running: Running,
}

/// Starts a server that holds nothing, in a folder below this one; nothing where it cannot run here, which is noted.
pub(crate) fn start_alone(context: &Context, name: &str, folder: &Path) -> Result<Option<Alone>> {
    let server = SERVERS.iter().find(|server| server.name == name);
    let server = server.with_context(|| format!("no server is called {name}"))?;
    let home = Home::new(folder.join(name))?;
    match (server.start)(context, &home).with_context(|| server.name)? {
        Start::Up(running, known) => Ok(Some(Alone {
            known,
            _running: running,
        })),
        Start::Absent(why) => {
            println!("without {name}: {why}");
            Ok(None)
        }
    }
}

/// Starts all servers, and tells the commands that the context runs where they are.
pub(crate) fn start_all(context: &Context) -> Result<Servers> {
    start(context, &SERVERS.iter().collect::<Vec<_>>())
}

fn start(context: &Context, servers: &[&Server]) -> Result<Servers> {
    let folder = context.cache.target().join("servers");
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    if lock.try_lock().is_err() {
        bail!("servers run already in {}: end those", folder.display());
    }
    let mut running = Vec::new();
    for server in servers {
        let name = variable(server);
        if context.shell.var_os(&name).is_some() {
            println!("{} is the one of {name}", server.name);
            continue;
        }
        let home = Home::new(folder.join(server.name))?;
        let start = (server.start)(context, &home).with_context(|| server.name)?;
        let value = match start {
            Start::Up(server, value) => {
                running.push(server);
                value.to_string()
            }
            Start::Absent(why) => {
                context.note(format!("tests with {} SKIPPED: {why}", server.name));
                String::new()
            }
        };
        context.shell.set_var(name, value);
    }
    Ok(Servers {
        _running: running,
        _lock: lock,
    })
}

fn variable(server: &Server) -> String {
    format!("RSMF_TEST_{}", server.name.to_uppercase())
}
