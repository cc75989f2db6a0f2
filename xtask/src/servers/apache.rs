//! Apache with mod_dav: the strictest of the WebDAV servers.

use std::{path::Path, process::Command};

use anyhow::Result;
use serde_json::json;
use xshell::cmd;

use super::{
    Home, Server, Start,
    process::{Running, answers},
};
use crate::{context::Context, install::debian};

pub(super) const SERVER: Server = Server {
    name: "apache",
    start,
};

/// Who may do everything; tests look for the password in logs by how it begins.
pub(super) const USER: &str = "alice";
pub(super) const PASSWORD: &str = "pl4nted-s3cret-dav";

const PROGRAM: &str = "/usr/sbin/apache2";

const MODULES: [&str; 12] = [
    "mpm_event",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_user",
    "auth_basic",
    "alias",
    "mime",
    "setenvif",
    "dav",
    "dav_fs",
    "dav_lock",
];

fn start(context: &Context, home: &Home) -> Result<Start> {
    let is_there = || Path::new(PROGRAM).is_file() && context.has_program("htpasswd");
    if !is_there() {
        if !debian::is_debian() {
            return Ok(Start::Absent("it comes from Debian's packages".to_owned()));
        }
        debian::install(context, &["apache2", "apache2-utils"])?;
    }
    // As root, it works as somebody else, who cannot look into root's folders.
    let folder = context.shell.create_temp_dir()?;
    let port = home.port()?;
    let shell = &context.shell;
    let (base, users) = (folder.path(), folder.path().join("users"));
    let data = base.join("data");
    shell.create_dir(&data)?;
    shell.write_file(base.join("httpd.conf"), configuration(base, port))?;
    cmd!(shell, "htpasswd -bcB {users} {USER} {PASSWORD}")
        .quiet()
        .ignore_stderr()
        .run()?;
    let is_root = cmd!(shell, "id -u").quiet().read()? == "0";
    if is_root {
        cmd!(shell, "chown -R www-data {base}").quiet().run()?;
    }
    let mut command = Command::new(PROGRAM);
    // In one process, which is ended at once.
    command.arg("-X").arg("-f").arg(base.join("httpd.conf"));
    let mut running = Running::start(context, home, &command)?;
    running.keep(folder);
    once_it_answers(running, port)
}

/// Any server of WebDAV on this port, as tests have to know it.
pub(super) fn once_it_answers(mut running: Running, port: u16) -> Result<Start> {
    running.wait_until(|| answers(port, "/dav/", 401))?;
    let known = json!({
        "url": format!("http://127.0.0.1:{port}/dav/"),
        "user": USER,
        "password": PASSWORD,
    });
    Ok(Start::Up(running, known))
}

fn configuration(base: &Path, port: u16) -> String {
    let modules = MODULES
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let modules = modules.concat();
    let base = base.display();
    format!(
        "ServerRoot \"{base}\"\n\
         ServerName 127.0.0.1\n\
         Listen 127.0.0.1:{port}\n\
         PidFile {base}/httpd.pid\n\
         ErrorLog {base}/error.log\n\
         Mutex file:{base} default\n\
         {modules}\
         User www-data\n\
         Group www-data\n\
         TypesConfig /etc/mime.types\n\
         DavLockDB {base}/locks\n\
         DocumentRoot {base}/data\n\
         FileETag MTime Size\n\
         ThreadsPerChild 128\n\
         ThreadLimit 128\n\
         MaxRequestWorkers 128\n\
         MaxKeepAliveRequests 0\n\
         LimitRequestBody 0\n\
         Alias /dav {base}/data\n\
         <Location /dav>\n\
         Dav On\n\
         DavDepthInfinity On\n\
         DavMinTimeout 5\n\
         AuthType Basic\n\
         AuthName dav\n\
         AuthBasicProvider file\n\
         AuthUserFile {base}/users\n\
         Require valid-user\n\
         </Location>\n"
    )
}
