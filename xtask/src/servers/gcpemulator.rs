//! gcp-storage-emulator, which speaks the JSON API of Google Cloud Storage: resumable uploads, checksums.

use std::process::Command;

use anyhow::Result;
use serde_json::json;

use super::{
    Home, Server, Start,
    process::{Running, answers},
};
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) const SERVER: Server = Server {
    name: "gcpemulator",
    start,
};

fn start(context: &Context, home: &Home) -> Result<Start> {
    python_tools(context, &[Tool::GCP_EMULATOR])?;
    let port = home.port()?;
    let mut command = Command::new("gcp-storage-emulator");
    command
        .args(["start", "--host=127.0.0.1", "--in-memory"])
        .arg(format!("--port={port}"));
    let mut running = Running::start(context, home, &command)?;
    running.wait_until(|| answers(port, "/storage/v1/b", 200))?;
    let url = format!("http://127.0.0.1:{port}");
    Ok(Start::Up(running, json!({ "http": url })))
}
