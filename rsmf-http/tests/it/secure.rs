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
        assert!(matches!(error, Error::Untrusted { .. }), "{error:?}");
        assert_eq!(error.category(), Category::Network);
        assert_eq!((error.attempts(), error.is_temporary()), (1, false));
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

#[tokio::test]
async fn several_requests_at_once_share_one_connection_of_http_2() {
    let server = FaultServer::start_tls().await;
    let late = Reply::text("content").late(std::time::Duration::from_millis(50));
    server.serve("/a", late);
    let files = Files::of(&server);
    let client = Client::builder(Fence::new([allow(&server.url(""))]));
    let client = client.config(files.trusting()).build().unwrap();
    let get = || async {
        let url = server.url("/a").parse().unwrap();
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.bytes().await.unwrap(), "content");
    };
    get().await;
    futures_util::future::join_all((0..20).map(|_| get())).await;
    assert_eq!((server.seen().len(), server.connections()), (21, 1));
}

#[tokio::test]
async fn nothing_older_than_tls_1_2_is_offered() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let hello = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = vec![0; 4096];
        let length = std::io::Read::read(&mut stream, &mut hello).unwrap();
        hello.truncate(length);
        hello
    });
    let mut config = config();
    config.max_retries = 0;
    let client = Client::builder(Fence::new([allow(&url)])).config(config);
    let client = client.build().unwrap();
    let error = client.get(url.parse().unwrap()).send().await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    // The extension `supported_versions` (RFC 8446, 4.2.1): two versions, 1.3 and 1.2.
    let versions = [0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03];
    let hello = hello.join().unwrap();
    assert!(hello.windows(9).any(|window| window == versions));
}
