use std::{sync::Arc, time::Duration};

use reqwest::{Client, ClientBuilder, Response, Version};
use rsmf_simulator::{FaultServer, PLANTED, Reply, slow_motion};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::{Value, json};

/// A client that tries nothing again, and trusts the server.
fn builder(server: &FaultServer, with_certificate: bool) -> ClientBuilder {
    let mut roots = RootCertStore::empty();
    if let Some(all) = server.certificates() {
        let authority = CertificateDer::from_pem_slice(all.authority().as_bytes()).unwrap();
        roots.add(authority).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match server.certificates().filter(|_| with_certificate) {
        Some(all) => {
            let pem = all.client().as_bytes();
            let chain = vec![CertificateDer::from_pem_slice(pem).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Client::builder()
        .tls_backend_preconfigured(config)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(4))
        .retry(reqwest::retry::never())
}

pub(super) fn client(server: &FaultServer) -> Client {
    builder(server, false).build().unwrap()
}

async fn get(server: &FaultServer, path: &str) -> reqwest::Result<Response> {
    client(server).get(server.url(path)).send().await
}

/// The whole body, if it comes whole.
async fn text(server: &FaultServer, path: &str) -> reqwest::Result<String> {
    get(server, path).await?.text().await
}

#[tokio::test]
async fn a_path_has_its_answers_in_order() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    server.next("/a", [Reply::status(503), Reply::html("<p>log in</p>")]);
    assert_eq!(get(&server, "/a").await.unwrap().status(), 503);
    let page = get(&server, "/a?x=1").await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(text(&server, "/a").await.unwrap(), "content");
    assert_eq!(get(&server, "/b").await.unwrap().status(), 404);
    assert_eq!(server.seen_at("/a").len(), 3);
    assert_eq!(server.seen()[1].target, "/a?x=1");
}

#[tokio::test]
async fn a_request_is_remembered_whole() {
    let server = FaultServer::start().await;
    let request = client(&server).post(server.url("/a")).body("all of it");
    request.header("x-number", "7").send().await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(
        (seen.method.as_str(), &seen.body[..]),
        ("POST", &b"all of it"[..])
    );
    assert_eq!((seen.header("x-number"), seen.header("x-none")), ("7", ""));
}

#[tokio::test]
async fn a_connection_is_reset_before_and_after_the_request() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    server.reset_connections(1);
    assert!(get(&server, "/a").await.is_err());
    assert!(server.seen().is_empty());
    server.next("/a", [Reply::reset()]);
    assert!(get(&server, "/a").await.is_err());
    assert_eq!(server.seen().len(), 1);
    assert_eq!(text(&server, "/a").await.unwrap(), "content");
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_server_that_is_down_refuses() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    server.down().await;
    assert!(get(&server, "/a").await.unwrap_err().is_connect());
    server.up().await;
    assert_eq!(text(&server, "/a").await.unwrap(), "content");
}

#[tokio::test]
async fn bodies_end_where_they_should_not() {
    let server = FaultServer::start().await;
    let whole = Reply::text("content");
    server.next("/a", [whole.clone().cut(3), whole.clone().announcing(99)]);
    for length in [None, Some(99)] {
        let mut response = get(&server, "/a").await.unwrap();
        assert_eq!(response.content_length(), length);
        while let Ok(piece) = response.chunk().await {
            assert!(piece.is_some(), "ends as if it were whole");
        }
    }
    server.next("/a", [whole.announcing(4)]);
    assert_eq!(text(&server, "/a").await.unwrap(), "cont");
}

#[tokio::test]
async fn a_redirect_to_itself_never_ends() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::redirect("/a"));
    assert!(get(&server, "/a").await.unwrap_err().is_redirect());
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn pauses_follow_the_clock_of_the_runtime() {
    let server = FaultServer::start().await;
    let second = Duration::from_secs(1);
    let whole = Reply::text("content");
    server.next(
        "/a",
        [
            whole.clone().late(9 * second),
            whole.clone().drip(2, second),
        ],
    );
    server.next("/b", [Reply::silence(), whole.stall(3)]);
    slow_motion(async {
        let start = tokio::time::Instant::now();
        assert_eq!(text(&server, "/a").await.unwrap(), "content");
        assert_eq!(start.elapsed().as_secs(), 9);
        assert_eq!(text(&server, "/a").await.unwrap(), "content");
        assert_eq!(start.elapsed().as_secs(), 13);
        for _ in 0..2 {
            let never = tokio::time::timeout(60 * second, text(&server, "/b"));
            assert!(never.await.is_err());
        }
    })
    .await;
    let spacing = [server.spacing("/a"), server.spacing("/b")].concat();
    let seconds: Vec<_> = spacing.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [9, 60]);
}

#[tokio::test]
async fn tls_is_for_those_who_trust_the_authority() {
    let server = FaultServer::start_tls().await;
    server.serve("/a", Reply::text("content"));
    let answer = get(&server, "/a").await.unwrap();
    assert_eq!(answer.version(), Version::HTTP_2);
    server.next("/a", [Reply::reset()]);
    assert!(get(&server, "/a").await.is_err());
    let stranger = FaultServer::start_tls().await;
    let request = client(&stranger).get(server.url("/a")).send();
    assert!(request.await.unwrap_err().is_connect());
}

#[tokio::test]
async fn mutual_tls_is_for_those_with_a_certificate() {
    let server = FaultServer::start_mutual_tls().await;
    server.serve("/a", Reply::text("content"));
    assert!(get(&server, "/a").await.is_err());
    let known = builder(&server, true).build().unwrap();
    let answer = known.get(server.url("/a")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_guarded_path_wants_a_token_that_is_good() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::json(&json!({})));
    server.guard("/a");
    server.issue_tokens("/token", Duration::from_secs(60));
    let token = |answer: &str| {
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["expires_in"], 60);
        answer["access_token"].as_str().unwrap().to_owned()
    };
    let status = async |token: &str| {
        let request = client(&server).get(server.url("/a")).bearer_auth(token);
        request.send().await.unwrap().status().as_u16()
    };
    let first = token(&text(&server, "/token").await.unwrap());
    assert!(first.starts_with(PLANTED));
    assert_eq!(status(&first).await, 200);
    server.expire_tokens();
    assert_eq!(status(&first).await, 401);
    let second = token(&text(&server, "/token").await.unwrap());
    assert_eq!(status(&second).await, 200);
    assert_eq!(status("made up").await, 401);
}
