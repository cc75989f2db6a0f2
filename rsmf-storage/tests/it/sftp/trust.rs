//! Which servers are trusted.

use std::fs;

use rsmf_core::{Kind, integration::Integration};

use super::{server::Sshd, *};

/// Tries a server with these lines about it.
async fn known(sshd: &Sshd, lines: &str) -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    fs::write(&file, lines).unwrap();
    let mut config = sshd.config();
    config.known_hosts = vec![file];
    sshd.at(sshd.port, &config).check().await
}

fn key(sshd: &Sshd, name: &str) -> String {
    fs::read_to_string(sshd.file(&format!("{name}.pub")))
        .unwrap()
        .trim()
        .to_owned()
}

#[tokio::test]
async fn servers_are_trusted_as_ssh_does() {
    let sshd = sshd!();
    let name = format!("[127.0.0.1]:{}", sshd.port);
    let (own, other) = (key(&sshd, "host_ed25519"), key(&sshd, "host_other"));
    let authority = key(&sshd, "host_ca");
    for (lines, trusted) in [
        (format!("{name} {own}"), true),
        // Whatever kind of key is known is asked for.
        (format!("{name} {}", key(&sshd, "host_rsa")), true),
        (format!("{name} {}", key(&sshd, "host_ecdsa")), true),
        (format!("127.0.0.* {own}"), true),
        (format!("@cert-authority [127.0.0.*]:* {authority}"), true),
        (format!("@cert-authority 127.0.0.1 {authority}"), true),
        (format!("@cert-authority {name} {other}"), false),
        (
            format!("@cert-authority {name} {other}\n{name} {own}"),
            true,
        ),
        (format!("{name} {own}\n@revoked * {own}"), false),
        (
            format!("@cert-authority {name} {authority}\n@revoked {name} {authority}"),
            false,
        ),
        (format!("{name} {other}"), false),
        (format!("{name},!127.0.0.1 {own}\n"), true),
        (format!("{name},!{name} {own}\n"), false),
        (String::new(), false),
    ] {
        let result = known(&sshd, &lines).await;
        assert_eq!(result.is_ok(), trusted, "{lines}: {result:?}");
        if let Err(error) = result {
            assert_eq!(error.kind(), Kind::Denied, "{lines}");
        }
    }
}

#[tokio::test]
async fn a_new_server_is_trusted_and_remembered_when_that_is_asked_for() {
    let sshd = sshd!();
    let folder = tempfile::tempdir().unwrap();
    let mut config = sshd.config();
    config.known_hosts = vec![folder.path().join("new/known_hosts")];
    let refused = sshd.at(sshd.port, &config).check().await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
    config.accept_new_hosts = true;
    let store = sshd.at(sshd.port, &config);
    store.check().await.unwrap();
    let learnt = fs::read_to_string(&config.known_hosts[0]).unwrap();
    assert_eq!(
        learnt,
        format!(
            "[127.0.0.1]:{} {}\n",
            sshd.port,
            first_two(&key(&sshd, "host_ed25519"))
        )
    );
    config.accept_new_hosts = false;
    sshd.at(sshd.port, &config).check().await.unwrap();
    // What OpenSSH thinks of that file.
    let mut ssh = std::process::Command::new("ssh");
    ssh.args([
        "-o",
        "BatchMode=yes",
        "-o",
        "StrictHostKeyChecking=yes",
        "-F",
        "none",
        "-o",
    ]);
    ssh.arg(format!(
        "UserKnownHostsFile={}",
        config.known_hosts[0].display()
    ));
    ssh.arg("-i")
        .arg(sshd.file("id_ed25519"))
        .arg("-p")
        .arg(sshd.port.to_string());
    ssh.args(["-s", &format!("{}@127.0.0.1", sshd.user), "sftp"])
        .stdin(std::process::Stdio::null());
    assert!(ssh.output().unwrap().status.success());
    // One that has changed is refused all the same.
    config.accept_new_hosts = true;
    fs::write(
        &config.known_hosts[0],
        learnt.replace(
            &first_two(&key(&sshd, "host_ed25519")),
            &key(&sshd, "host_other"),
        ),
    )
    .unwrap();
    let error = sshd.at(sshd.port, &config).check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

fn first_two(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
