//! TLS: whom the client trusts, and what it shows.

use std::path::PathBuf;

use rsmf_http::{Category, Client, Config, Error, Fence, SecretString, StatusCode};
use rsmf_simulator::{FaultServer, PLANTED, Reply};
use tempfile::TempDir;

use crate::support::{allow, config};

/// The certificates of a server as files.
struct Files {
    folder: TempDir,
}

impl Files {
    fn of(server: &FaultServer) -> Self {
        let folder = TempDir::new().unwrap();
        let all = server.certificates().unwrap();
        std::fs::write(folder.path().join("ca.pem"), all.authority()).unwrap();
        std::fs::write(folder.path().join("me.pem"), all.client()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.path().join(name))
    }

    /// Trusts the server.
    fn trusting(&self) -> Config {
        let mut config = config();
        config.max_retries = 1;
        config.ca_file = self.path("ca.pem");
        config
    }

    /// Trusts the server, and can show who it is.
    fn known(&self) -> Config {
        let mut config = self.trusting();
        // Both stand in the same file.
        config.client_certificate = self.path("me.pem");
        config.client_key = self.path("me.pem");
        config
    }
}

async fn get(server: &FaultServer, config: Config) -> Result<StatusCode, Error> {
    let client = Client::builder(Fence::new([allow(&server.url(""))])).config(config);
    let url = format!("{}?key={PLANTED}query", server.url("/a"));
    let token = SecretString::from(format!("{PLANTED}token"));
    let client = client.build().unwrap();
    let answer = client
        .get(url.parse().unwrap())
        .bearer(&token)
        .send()
        .await?;
    let status = answer.status();
    answer.bytes().await?;
    Ok(status)
}

#[tokio::test]
async fn a_server_is_trusted_where_its_authority_is() {
    let server = FaultServer::start_tls().await;
    server.serve("/a", Reply::text("content"));
    let stranger = FaultServer::start_tls().await;
    for config in [config(), Files::of(&stranger).trusting()] {
        let error = get(&server, config).await.unwrap_err();
        assert_eq!(error.category(), Category::Network);
        assert!(!format!("{error:?}").contains(PLANTED));
    }
    assert!(server.seen().is_empty());
    let files = Files::of(&server);
    assert_eq!(get(&server, files.trusting()).await.unwrap(), 200);
}

#[tokio::test]
async fn a_client_shows_its_certificate_where_it_is_wanted() {
    let server = FaultServer::start_mutual_tls().await;
    server.serve("/a", Reply::text("content"));
    let files = Files::of(&server);
    let error = get(&server, files.trusting()).await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    assert_eq!(get(&server, files.known()).await.unwrap(), 200);
}

#[tokio::test]
async fn faults_within_tls_are_faults() {
    let server = FaultServer::start_tls().await;
    server.serve("/a", Reply::text("content"));
    let files = Files::of(&server);
    for fault in [Reply::reset(), Reply::status(503), Reply::silence()] {
        server.next("/a", [fault]);
        assert_eq!(get(&server, files.trusting()).await.unwrap(), 200);
    }
    assert_eq!(server.seen().len(), 6);
    for fault in [
        Reply::text("content").cut(3),
        Reply::text("content").announcing(99),
    ] {
        server.next("/a", [fault]);
        let error = get(&server, files.trusting()).await.unwrap_err();
        assert_eq!(error.category(), Category::Network);
    }
}
