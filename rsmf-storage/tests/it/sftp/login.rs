//! Ways to log in.

use std::{
    env, fs,
    process::{Child, Command, Stdio},
};

use rsmf_core::{Kind, integration::Integration, secret::SecretSource};

use super::{server::Sshd, *};

async fn check(sshd: &Sshd, port: u16, config: &SftpConfig) -> Result<()> {
    sshd.at(port, config).check().await
}

#[tokio::test]
async fn keys_of_all_kinds_get_in() {
    let sshd = sshd!();
    for key in ["id_ed25519", "id_ecdsa", "id_rsa"] {
        let config = sshd.without_key().identity_file(sshd.file(key));
        check(&sshd, sshd.port, &config).await.unwrap();
        let mut config = sshd.without_key();
        config.key = Some(fs::read_to_string(sshd.file(key)).unwrap().as_str().into());
        check(&sshd, sshd.port, &config).await.unwrap();
    }
    let encrypted = sshd.without_key().identity_file(sshd.file("id_encrypted"));
    let config = encrypted.clone().passphrase(sshd.passphrase.as_str());
    check(&sshd, sshd.port, &config).await.unwrap();
    for (config, why) in [
        (encrypted.clone(), "there is no passphrase"),
        (encrypted.passphrase("pl4nted-other"), "does not open it"),
        (
            sshd.without_key().identity_file(sshd.file("id_stranger")),
            "id_stranger: refused",
        ),
        (sshd.without_key(), "nothing to log in with"),
    ] {
        let error = check(&sshd, sshd.port, &config).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{}", all(&error));
        assert!(all(&error).contains(why), "{}", all(&error));
        assert!(!all(&error).contains("pl4nted"), "{}", all(&error));
    }
}

#[tokio::test]
async fn certificates_get_in() {
    let sshd = sshd!();
    for kind in ["ed25519", "rsa"] {
        let key = format!("id_certified_{kind}");
        let config = sshd.without_key().identity_file(sshd.file(&key));
        check(&sshd, sshd.port, &config).await.unwrap();
        // From elsewhere than beside the key.
        let folder = tempfile::tempdir().unwrap();
        fs::copy(sshd.file(&key), folder.path().join("key")).unwrap();
        let mut config = sshd.without_key().identity_file(folder.path().join("key"));
        check(&sshd, sshd.port, &config).await.unwrap_err();
        config
            .certificate_files
            .push(sshd.file(&format!("{key}-cert.pub")));
        check(&sshd, sshd.port, &config).await.unwrap();
    }
}

#[tokio::test]
async fn passwords_get_in() {
    let sshd = sshd!();
    let Some(other) = sshd.other.clone() else {
        eprintln!("skipped: only root can make a user with a password");
        return;
    };
    let mut own = sshd.clone();
    own.user = other.name;
    let config = own.without_key().password(other.password.as_str());
    for port in [own.port, own.dialogue_port] {
        check(&own, port, &config).await.unwrap();
    }
    let wrong = own.without_key().password("pl4nted-wrong");
    for (port, what) in [
        (own.port, "password"),
        (own.dialogue_port, "keyboard-interactive"),
    ] {
        let error = check(&own, port, &wrong).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{}", all(&error));
        assert!(all(&error).contains(what), "{}", all(&error));
        assert!(!all(&error).contains("pl4nted"), "{}", all(&error));
    }
    // A key and a password.
    let both = config.identity_file(own.file("id_ed25519"));
    check(&own, own.factors_port, &both).await.unwrap();
    let only = own.without_key().identity_file(own.file("id_ed25519"));
    let error = check(&own, own.factors_port, &only).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

/// An agent of this test's own.
struct Agent {
    socket: tempfile::TempDir,
    child: Child,
}

impl Agent {
    fn start(sshd: &Sshd, keys: &[&str]) -> Self {
        let socket = tempfile::tempdir().unwrap();
        let place = socket.path().join("agent");
        let child = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&place)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !place.exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        for key in keys {
            let mut add = Command::new("ssh-add");
            add.env("SSH_AUTH_SOCK", &place)
                .arg("-q")
                .arg(sshd.file(key));
            assert!(add.status().unwrap().success());
        }
        Self { socket, child }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl SecretSource for Agent {
    fn env(&self, name: &str) -> Option<String> {
        let socket = self.socket.path().join("agent");
        (name == "SSH_AUTH_SOCK").then(|| socket.display().to_string())
    }
}

#[tokio::test]
async fn agents_get_in() {
    let sshd = sshd!();
    let check = async |agent: &Agent, config: &SftpConfig| {
        let store = SftpStorage::connect(&sshd.server(sshd.port), config, agent).unwrap();
        store.check().await
    };
    for key in ["id_ed25519", "id_rsa", "id_certified_rsa"] {
        let agent = Agent::start(&sshd, &["id_stranger", key]);
        check(&agent, &sshd.without_key()).await.unwrap();
        let mut without = sshd.without_key();
        without.agent = false;
        check(&agent, &without).await.unwrap_err();
        // With keys of its own, a profile does not use whatever else the agent has.
        let stranger = sshd.without_key().identity_file(sshd.file("id_stranger"));
        check(&agent, &stranger).await.unwrap_err();
    }
    // Only the public half is there: the agent signs.
    let agent = Agent::start(&sshd, &["id_stranger", "id_ed25519"]);
    let folder = tempfile::tempdir().unwrap();
    fs::copy(sshd.file("id_ed25519.pub"), folder.path().join("key.pub")).unwrap();
    let config = sshd.without_key().identity_file(folder.path().join("key"));
    check(&agent, &config).await.unwrap();
}

/// A home with a configuration for SSH.
struct Home(tempfile::TempDir);

impl SecretSource for Home {
    fn env(&self, name: &str) -> Option<String> {
        let home = self.0.path().display().to_string();
        (name == "HOME" || name == "USERPROFILE").then_some(home)
    }
}

#[tokio::test]
async fn the_configuration_of_ssh_leads_over_jump_hosts() {
    let sshd = sshd!();
    let home = Home(tempfile::tempdir().unwrap());
    let ssh = home.0.path().join(".ssh");
    fs::create_dir(&ssh).unwrap();
    fs::copy(sshd.file("id_ed25519"), ssh.join("key %h")).unwrap();
    let text = format!(
        "Host review\n  ProxyJump first,second\nHost first second review\n  HostName 127.0.0.1\n  User {}\n  Port {}\n  IdentityFile \"~/.ssh/key %%h\"\n  UserKnownHostsFile {}\n",
        sshd.user,
        sshd.port,
        sshd.file("known_hosts").display(),
    );
    fs::write(ssh.join("config"), &text).unwrap();
    let mut server = SftpServer::new("review");
    server.from_home = true;
    let config = SftpConfig::default();
    let store = SftpStorage::connect(&server, &config, &home).unwrap();
    store.check().await.unwrap();
    let folder = folder();
    put(&store, &folder.join("a").unwrap(), "x").await.unwrap();
    assert!(sshd.data(&folder).join("a").exists());
    remove(&store, &folder).await;

    fs::write(
        ssh.join("config"),
        format!("{text}Match exec true\nUser x\n"),
    )
    .unwrap();
    let error = SftpStorage::connect(&server, &config, &home).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    for (line, kind) in [
        ("ProxyCommand nc %h %p", Kind::Unsupported),
        ("ProxyJump review", Kind::InvalidInput),
    ] {
        fs::write(ssh.join("config"), format!("Host *\nUser me\n{line}\n")).unwrap();
        let error = SftpStorage::connect(&server, &config, &home).unwrap_err();
        assert_eq!(error.kind(), kind, "{line}: {error}");
    }
    assert!(
        env::var_os("HOME").is_none_or(|real| real != home.0.path()),
        "nothing else was asked"
    );
}

#[tokio::test]
async fn a_jump_host_that_refuses_is_named() {
    let sshd = sshd!();
    let mut config = sshd.config();
    config.jump = Some(format!("{}@127.0.0.1:1", sshd.user));
    config.network.max_retries = 1;
    let error = check(&sshd, sshd.port, &config).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(all(&error).contains("127.0.0.1:1:"), "{}", all(&error));
}
