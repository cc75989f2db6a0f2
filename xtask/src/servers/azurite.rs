//! Azurite, which speaks Azure Blob Storage: with and without TLS, the former for tokens too. Both hold
//! what they hold in memory, each its own.

use std::process::Command;

use anyhow::Result;
use serde_json::json;

use super::{
    Home, Server, Start,
    process::{Running, answers, listens},
};
use crate::{
    context::Context,
    install::{Package, node_package},
};

pub(super) const SERVER: Server = Server {
    name: "azurite",
    start,
};

/// Whom it knows; tests look for the key in logs by how it begins.
const ACCOUNT: &str = "acme";
/// `pl4nted-s3cret-of-azurite` in Base64.
const KEY: &str = "cGw0bnRlZC1zM2NyZXQtb2YtYXp1cml0ZQ==";

/// Each takes half of the memory otherwise.
const MEMORY_MB: &str = "1024";

fn start(context: &Context, home: &Home) -> Result<Start> {
    let package = node_package(context, &Package::AZURITE)?;
    let (http, https) = (home.port()?, home.port()?);
    let certificates = home.certificates(&[])?;
    let program = package.join("node_modules/azurite/dist/src/blob/main.js");
    let command = |port: u16| {
        let mut command = Command::new("node");
        command
            .arg(&program)
            .args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()])
            .args(["--inMemoryPersistence", "--extentMemoryLimit", MEMORY_MB])
            .args(["--disableTelemetry", "--silent", "--skipApiVersionCheck"])
            .env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:{KEY}"));
        command
    };
    let mut secure = command(https);
    secure.args(["--oauth", "basic"]);
    secure.arg("--cert").arg(&certificates.server);
    secure.arg("--key").arg(&certificates.key);
    let mut running = Running::start(context, home, &command(http))?;
    running.add(context, home, &secure)?;
    // Without a signature, it refuses whatever it is asked.
    running.wait_until(|| answers(http, "/", 400) && listens(https))?;
    let known = json!({
        "http": format!("http://127.0.0.1:{http}/{ACCOUNT}"),
        "https": format!("https://127.0.0.1:{https}/{ACCOUNT}"),
        "ca_file": certificates.authority,
        "account": ACCOUNT,
        "key": KEY,
    });
    Ok(Start::Up(running, known))
}
