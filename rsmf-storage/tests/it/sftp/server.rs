use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use super::*;

/// What tests know of the server.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sshd {
    pub(crate) program: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) user: String,
    pub(crate) passphrase: String,
    pub(crate) port: u16,
    pub(crate) bare_port: u16,
    pub(crate) dialogue_port: u16,
    pub(crate) factors_port: u16,
    /// Only there where whoever started it was root.
    pub(crate) other: Option<Other>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Other {
    pub(crate) name: String,
    pub(crate) password: String,
}

impl Sshd {
    /// The server, where there is one.
    pub(crate) fn find() -> Option<Self> {
        let known = rsmf_simulator::real_server("sshd")?;
        Some(serde_json::from_value(known).unwrap())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What lies in the folder where paths start.
    pub(crate) fn data(&self, path: &StorePath) -> PathBuf {
        self.folder.join("data").join(path.as_str())
    }

    /// A configuration without a key.
    pub(crate) fn without_key(&self) -> SftpConfig {
        let mut config = SftpConfig::default()
            .known_hosts(self.file("known_hosts"))
            .ssh_config("none");
        config.network.retry_delay = Duration::from_millis(20);
        config
    }

    pub(crate) fn config(&self) -> SftpConfig {
        self.without_key().identity_file(self.file("id_ed25519"))
    }

    pub(crate) fn server(&self, port: u16) -> SftpServer {
        let mut server = SftpServer::new("127.0.0.1");
        server.user = Some(self.user.clone());
        server.port = Some(port);
        server.from_home = true;
        server
    }

    pub(crate) fn at(&self, port: u16, config: &SftpConfig) -> SftpStorage {
        SftpStorage::connect(&self.server(port), config, &NoSecrets).unwrap()
    }

    pub(crate) fn store(&self) -> SftpStorage {
        self.at(self.port, &self.config())
    }

    /// A server of this test's own, which it may harm.
    pub(crate) fn own(&self) -> Own {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let text = fs::read_to_string(self.file("sshd_config")).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("Match"));
        let lines: Vec<_> = lines.filter(|line| !line.starts_with("Port ")).collect();
        let config = self.file(&format!("sshd_config_{port}"));
        fs::write(&config, format!("Port {port}\n{}\n", lines.join("\n"))).unwrap();
        let known = self.file(&format!("known_hosts_{port}"));
        let key = fs::read_to_string(self.file("host_ed25519.pub")).unwrap();
        fs::write(&known, format!("[127.0.0.1]:{port} {key}")).unwrap();
        let mut own = Own {
            port,
            known,
            config,
            program: self.program.clone(),
            child: None,
        };
        own.start();
        own
    }
}

/// A server that dies with its test.
pub(crate) struct Own {
    pub(crate) port: u16,
    pub(crate) known: PathBuf,
    config: PathBuf,
    program: PathBuf,
    child: Option<Child>,
}

impl Own {
    pub(crate) fn start(&mut self) {
        let mut command = Command::new(&self.program);
        command.arg("-D").arg("-f").arg(&self.config);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            sleep(Duration::from_millis(20));
        }
    }

    /// Ends it, sessions included.
    pub(crate) fn stop(&mut self) {
        self.signal("KILL");
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn config(&self, sshd: &Sshd) -> SftpConfig {
        let mut config = sshd.config();
        config.known_hosts = vec![self.known.clone()];
        config
    }

    /// Sends a signal to all processes of sessions, and tells how many there were.
    pub(crate) fn signal(&self, signal: &str) -> usize {
        let mut found = self.child.iter().map(Child::id).collect::<Vec<_>>();
        let mut next = 0;
        while let Some(parent) = found.get(next) {
            found.extend(children(*parent));
            next += 1;
        }
        for process in found.iter().skip(1) {
            let sent = Command::new("kill")
                .args([format!("-{signal}"), process.to_string()])
                .stderr(Stdio::null())
                .status();
            sent.unwrap();
        }
        found.len().saturating_sub(1)
    }
}

fn children(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let status = fs::read_to_string(Path::new(&entry.path()).join("stat")).unwrap_or_default();
        // After the name, which is in parentheses: state, parent.
        let rest = status.rsplit_once(") ").map_or("", |(_, rest)| rest);
        if rest.split(' ').nth(1) == Some(&parent.to_string()) {
            found.extend(entry.file_name().to_string_lossy().parse::<u32>());
        }
    }
    found
}

impl Drop for Own {
    fn drop(&mut self) {
        self.stop();
        for file in [&self.known, &self.config] {
            let _ = fs::remove_file(file);
        }
    }
}
