//! OpenSSH's server, private, with a port for each way to log in.

use std::{
    fmt::Write as _,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xshell::cmd;

use super::{Home, Server, Start, process::Running};
use crate::{
    context::Context,
    install::debian::{install, is_debian},
};

pub(super) const SERVER: Server = Server {
    name: "sshd",
    start,
};

/// It only runs when it is called by its whole path.
const PROGRAM: &str = "/usr/sbin/sshd";

/// What the server wants to be there, and everybody can look into.
const RUN: &str = "/run/sshd";

/// Who logs in by a password; only a real user of the system can.
const OTHER: &str = "rsmf-sftptest";

/// What a key is encrypted with; tests look for how it begins in logs.
const PASSPHRASE: &str = "pl4nted pass phrase";

fn start(context: &Context, home: &Home) -> Result<Start> {
    if !Path::new(PROGRAM).exists() {
        if !is_debian() {
            return Ok(Start::Absent(
                "OpenSSH's server is not installed".to_owned(),
            ));
        }
        install(context, &["openssh-server", "openssh-client"])?;
    }
    let shell = &context.shell;
    let user = cmd!(shell, "id -un").quiet().read()?;
    let is_root = user == "root";
    if is_root {
        fs::create_dir_all(RUN)?;
    }
    keys(context, home, &user)?;
    let other = if is_root { Some(other(context)?) } else { None };
    let ports = [home.port()?, home.port()?, home.port()?, home.port()?];
    known_hosts(home, &ports)?;
    let data = home.folder("data")?;
    cmd!(shell, "chmod 777 {data}").quiet().run()?;
    let keys = readable_keys(home, is_root)?;
    let file = home.write("sshd_config", &config(home.path(), &keys, &ports, is_root)?)?;
    let mut command = Command::new(PROGRAM);
    command.args(["-D", "-e", "-f"]).arg(&file);
    let mut running = Running::start(context, home, &command)?;
    let [usual, bare, dialogue, factors] = ports;
    running.wait_until(|| std::net::TcpStream::connect(("127.0.0.1", usual)).is_ok())?;
    let known = json!({
        "program": PROGRAM,
        "folder": home.path(),
        "user": user,
        "passphrase": PASSPHRASE,
        "port": usual,
        "bare_port": bare,
        "dialogue_port": dialogue,
        "factors_port": factors,
        "other": other,
    });
    Ok(Start::Up(running, known))
}

/// Keys of the server and of users, authorities for both, and certificates of those.
fn keys(context: &Context, home: &Home, user: &str) -> Result<()> {
    let shell = &context.shell;
    let _here = shell.push_dir(home.path());
    let make = |kind: &str, passphrase: &str, file: &str| {
        cmd!(
            shell,
            "ssh-keygen -q -t {kind} -N {passphrase} -C {file} -f {file}"
        )
        .quiet()
        .run()
    };
    for kind in ["ed25519", "ecdsa", "rsa"] {
        make(kind, "", &format!("host_{kind}"))?;
        make(kind, "", &format!("id_{kind}"))?;
    }
    make("ed25519", PASSPHRASE, "id_encrypted")?;
    for file in ["user_ca", "host_ca", "id_stranger", "host_other"] {
        make("ed25519", "", file)?;
    }
    for kind in ["ed25519", "rsa"] {
        let file = format!("id_certified_{kind}");
        make(kind, "", &file)?;
        cmd!(
            shell,
            "ssh-keygen -q -s user_ca -I test -n {user} -V +1d {file}.pub"
        )
        .quiet()
        .run()?;
    }
    let names = "127.0.0.1,localhost";
    cmd!(
        shell,
        "ssh-keygen -q -s host_ca -I host -h -n {names} -V +1d host_ed25519.pub"
    )
    .quiet()
    .run()?;
    let mut authorized = String::new();
    for file in ["id_ed25519", "id_ecdsa", "id_rsa", "id_encrypted"] {
        authorized += &fs::read_to_string(home.path().join(format!("{file}.pub")))?;
    }
    home.write("authorized_keys", &authorized)?;
    Ok(())
}

/// The keys that get in where a password is asked for as well. It is another user who then reads them, who may
/// not look into root's folders.
fn readable_keys(home: &Home, is_root: bool) -> Result<PathBuf> {
    let own = home.path().join("authorized_keys");
    if !is_root {
        return Ok(own);
    }
    let shared = Path::new(RUN).join("rsmf-test.authorized_keys");
    fs::copy(&own, &shared)?;
    Ok(shared)
}

/// A user of the system with a new password and nothing else: whoever has it gets SFTP.
fn other(context: &Context) -> Result<Value> {
    let shell = &context.shell;
    if cmd!(shell, "id {OTHER}")
        .quiet()
        .ignore_stdout()
        .ignore_stderr()
        .run()
        .is_err()
    {
        let nowhere = "/nonexistent";
        cmd!(
            shell,
            "useradd --system --home-dir {nowhere} --shell /usr/sbin/nologin {OTHER}"
        )
        .quiet()
        .run()?;
    }
    let mut random = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let mut password = "pl4nted-".to_owned();
    for byte in random {
        write!(password, "{byte:02x}")?;
    }
    let line = format!("{OTHER}:{password}");
    cmd!(shell, "chpasswd")
        .stdin(line)
        .quiet()
        .run()
        .context("give a test's user a password")?;
    Ok(json!({ "name": OTHER, "password": password }))
}

fn known_hosts(home: &Home, ports: &[u16]) -> Result<()> {
    let mut lines = String::new();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let key = fs::read_to_string(home.path().join(format!("host_{kind}.pub")))?;
        for port in ports {
            writeln!(lines, "[127.0.0.1]:{port} {}", key.trim())?;
        }
    }
    home.write("known_hosts", &lines)?;
    Ok(())
}

/// The first port has all that is usual; the second lacks all extensions of SFTP; the third asks for a password in a
/// dialogue; the fourth for a key and a password.
fn config(folder: &Path, keys: &Path, ports: &[u16; 4], is_root: bool) -> Result<String> {
    let here = folder
        .to_str()
        .context("the cache has a name that is not UTF-8")?;
    ensure!(
        !here.contains([' ', '"']),
        "sshd takes no blanks in names of files: {here}"
    );
    let pam = if is_root { "yes" } else { "no" };
    let [usual, bare, dialogue, factors] = ports;
    let lacking =
        "posix-rename,hardlink,fsync,copy-data,limits,statvfs,fstatvfs,lsetstat,expand-path";
    Ok(format!(
        "Port {usual}
Port {bare}
Port {dialogue}
Port {factors}
ListenAddress 127.0.0.1
HostKey {here}/host_ed25519
HostKey {here}/host_ecdsa
HostKey {here}/host_rsa
HostCertificate {here}/host_ed25519-cert.pub
PidFile none
AuthorizedKeysFile {here}/authorized_keys
StrictModes no
TrustedUserCAKeys {here}/user_ca.pub
UsePAM {pam}
PasswordAuthentication yes
KbdInteractiveAuthentication yes
PermitRootLogin prohibit-password
AllowTcpForwarding local
MaxSessions 1
MaxStartups 200
LogLevel VERBOSE
Subsystem sftp internal-sftp -d {here}/data
Match LocalPort {bare}
    ForceCommand internal-sftp -d {here}/data -P {lacking}
Match LocalPort {dialogue}
    AuthenticationMethods keyboard-interactive
Match LocalPort {factors}
    AuthorizedKeysFile {keys}
    AuthenticationMethods publickey,password
",
        keys = keys.display()
    ))
}
