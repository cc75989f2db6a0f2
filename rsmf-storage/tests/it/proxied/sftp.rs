//! OpenSSH's server.

use super::*;
use crate::sftp::server::Sshd;

/// The server, the way around the proxy, and who opens the way through it.
fn ways() -> Option<(SocketAddr, Store, impl Fn(u16) -> Store)> {
    let sshd = Sshd::find()?;
    let address = format!("127.0.0.1:{}", sshd.port).parse().unwrap();
    let straight = Arc::new(sshd.store());
    let known = tempfile::NamedTempFile::new().unwrap();
    let open = move |port| {
        let key = std::fs::read_to_string(sshd.file("host_ed25519.pub")).unwrap();
        std::fs::write(known.path(), format!("[127.0.0.1]:{port} {key}")).unwrap();
        let mut config = sshd.config();
        config.known_hosts = vec![known.path().to_owned()];
        config.network = network();
        config.transfer = transfer();
        Arc::new(sshd.at(port, &config)) as Store
    };
    Some((address, straight, open))
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_break() {
    let Some((server, straight, open)) = ways() else {
        return;
    };
    connections_may_break(server, straight, open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_break() {
    let Some((server, straight, open)) = ways() else {
        return;
    };
    a_way_that_always_breaks_is_told(server, straight, open).await;
}
