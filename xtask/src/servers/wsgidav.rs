//! wsgidav: a second opinion on WebDAV.

use std::process::Command;

use anyhow::Result;
use serde_json::json;

use super::{
    Home, Server, Start,
    apache::{PASSWORD, USER, once_it_answers},
    process::Running,
};
use crate::{
    context::Context,
    install::{Tool, python_tools},
};

pub(super) const SERVER: Server = Server {
    name: "wsgidav",
    start,
};

fn start(context: &Context, home: &Home) -> Result<Start> {
    python_tools(context, &[Tool::CHEROOT, Tool::WSGIDAV])?;
    let port = home.port()?;
    let data = home.folder("data")?;
    // YAML takes JSON.
    let settings = json!({
        "host": "127.0.0.1",
        "port": port,
        "server": "cheroot",
        "provider_mapping": { "/dav": data },
        "simple_dc": { "user_mapping": { "*": { USER: { "password": PASSWORD } } } },
        "http_authenticator": {
            "accept_basic": true, "accept_digest": false, "default_to_digest": false,
        },
        "lock_storage": true,
        "property_manager": true,
    });
    let settings = home.write("wsgidav.yaml", &settings.to_string())?;
    let mut command = Command::new("wsgidav");
    command.arg("--config").arg(settings);
    once_it_answers(Running::start(context, home, &command)?, port)
}
