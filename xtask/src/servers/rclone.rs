//! `rclone serve webdav`: a sloppy WebDAV server, which has to be lived with.

use std::process::Command;

use anyhow::Result;

use super::{
    Home, Server, Start,
    apache::{PASSWORD, USER, once_it_answers},
    process::Running,
};
use crate::{context::Context, install::debian};

pub(super) const SERVER: Server = Server {
    name: "rclone",
    start,
};

fn start(context: &Context, home: &Home) -> Result<Start> {
    if !context.has_program("rclone") {
        if !debian::is_debian() {
            return Ok(Start::Absent("it comes from Debian's packages".to_owned()));
        }
        debian::install(context, &["rclone"])?;
    }
    let port = home.port()?;
    let data = home.folder("data")?;
    let mut command = Command::new("rclone");
    command
        .args(["serve", "webdav", "--baseurl", "/dav", "--user", USER])
        .arg(format!("--addr=127.0.0.1:{port}"))
        .arg(format!("--config={}", home.path().join("none").display()))
        .env("RCLONE_PASS", PASSWORD)
        .arg(data);
    once_it_answers(Running::start(context, home, &command)?, port)
}
