//! SeaweedFS, which speaks S3: with and without TLS, with one who may do everything and one who may only
//! read, with keys of its own for encryption.

use std::{path::Path, process::Command};

use anyhow::Result;
use serde_json::json;

use super::{
    Home, Server, Start,
    certificates::Certificates,
    process::{Running, answers},
};
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) const SERVER: Server = Server {
    name: "seaweedfs",
    start,
};

/// Names of users and what they show; tests look for the latter in logs by how it begins.
const ADMIN: [&str; 2] = ["admin-key", "pl4nted-s3cret-admin"];
const READER: [&str; 2] = ["reader-key", "pl4nted-s3cret-reader"];

/// With what it encrypts on its own: 32 bytes.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Ports {
    master: u16,
    volume: u16,
    filer: u16,
    http: u16,
    https: u16,
}

fn start(context: &Context, home: &Home) -> Result<Start> {
    if cfg!(windows) {
        return Ok(Start::Absent("its sockets need Unix".to_owned()));
    }
    python_tools(context, &[Tool::SEAWEEDFS])?;
    let ports = Ports {
        master: home.port()?,
        volume: home.port()?,
        filer: home.port()?,
        http: home.port()?,
        https: home.port()?,
    };
    let certificates = home.certificates(&["*.s3.localhost"])?;
    let users = home.write("s3.json", &users())?;
    let data = home.folder("data")?;
    let command = command(&data, &ports, &users, &certificates);
    let mut running = Running::start(context, home, &command)?;
    running.wait_until(|| answers(ports.http, "/healthz", 200))?;
    let user = |[key, secret]: [&str; 2]| json!({ "access_key": key, "secret_key": secret });
    let known = json!({
        "http": format!("http://127.0.0.1:{}", ports.http),
        "https": format!("https://127.0.0.1:{}", ports.https),
        "ca_file": certificates.authority,
        "admin": user(ADMIN),
        "reader": user(READER),
    });
    Ok(Start::Up(running, known))
}

fn users() -> String {
    let user = |name: &str, [key, secret]: [&str; 2], actions: &[&str]| {
        let credentials = [json!({ "accessKey": key, "secretKey": secret })];
        json!({ "name": name, "credentials": credentials, "actions": actions })
    };
    // Knows each key of KMS that it is asked for.
    let kms = json!({ "type": "local", "enableOnDemandCreate": true });
    json!({
        "identities": [
            user("admin", ADMIN, &["Admin", "Read", "List", "Tagging", "Write"]),
            user("reader", READER, &["Read", "List"]),
        ],
        "kms": { "default_provider": "local", "providers": { "local": kms } },
    })
    .to_string()
}

fn command(data: &Path, ports: &Ports, users: &Path, certificates: &Certificates) -> Command {
    let mut command = Command::new("weed");
    command
        .env("WEED_S3_SSE_KEK", KEY)
        .env("GOMEMLIMIT", "200MiB")
        .args([
            "-logtostderr=true",
            "server",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
        ])
        .arg(option("dir", data.display()))
        .arg(option("master.port", ports.master))
        .args(["-master.volumeSizeLimitMB=64", "-master.telemetry=false"])
        .arg(option("volume.port", ports.volume))
        .arg("-volume.max=100")
        .arg("-filer")
        .arg(option("filer.port", ports.filer))
        .arg(option(
            "filer.localSocket",
            data.join("filer.sock").display(),
        ))
        .arg("-s3")
        .arg(option("s3.port", ports.http))
        .arg(option("s3.port.https", ports.https))
        .arg(option("s3.cert.file", certificates.server.display()))
        .arg(option("s3.key.file", certificates.key.display()))
        .arg(option("s3.config", users.display()))
        // As the real one does it: buckets are created by those who ask for it, and removed empty.
        .args([
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
        ])
        .args([
            "-s3.domainName=s3.localhost",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
        ]);
    command
}

fn option(name: &str, value: impl std::fmt::Display) -> String {
    format!("-{name}={value}")
}
