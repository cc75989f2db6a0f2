//! What goes over the wire: bodies, compression, TLS, proxies, connections.

use std::{io::Write, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rsmf_http::{
    Body, Category, Client, Config, Endpoint, Endpoints, Error, Fence, Method, Pieces, Proxies,
    Url,
    header::{ACCEPT_ENCODING, HeaderValue, RANGE},
};
use rsmf_simulator::{FaultServer, Reply, slow_motion};
use tempfile::NamedTempFile;

use crate::support::allow;

/// `content`, by gzip.
const COMPRESSED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\xce\xcf\x2b\x49\xcd\x2b\x01\x00\xa9\x30\xc5\xfe\x07\x00\x00\x00";

fn client(server: &FaultServer, config: Config) -> Client {
    let fence = Fence::new([allow(&server.url(""))]);
    Client::builder(fence).config(config).build().unwrap()
}

fn url(server: &FaultServer) -> Url {
    server.url("/a").parse().unwrap()
}

async fn server(reply: Reply) -> FaultServer {
    let server = FaultServer::start().await;
    server.serve("/a", reply);
    server
}

/// Four pieces, each after this pause.
fn pieces(pause: Duration) -> Pieces {
    let pieces = stream::iter([1_u8, 2, 3, 4]).then(move |piece| async move {
        tokio::time::sleep(pause).await;
        Ok(Bytes::from(vec![piece; 1000]))
    });
    Box::pin(pieces)
}

#[tokio::test(start_paused = true)]
async fn bodies_arrive_and_are_repeated_if_they_can_be_made_again() {
    let server = server(Reply::text("done")).await;
    let client = client(&server, Config::default());
    let large = vec![7_u8; 300_000];
    let again = Body::again(|| pieces(Duration::ZERO), Some(4000));
    for (body, length, sent) in [
        (Body::from(large), 300_000, 2),
        (again, 4000, 2),
        (Body::again(|| pieces(Duration::ZERO), None), 4000, 2),
        (Body::once(pieces(Duration::ZERO), Some(4000)), 4000, 1),
    ] {
        let before = server.seen().len();
        server.next("/a", [Reply::status(503)]);
        let put = client.request(Method::PUT, url(&server)).body(body);
        let result = slow_motion(put.send()).await;
        assert_eq!(result.is_ok(), sent > 1);
        let seen = server.seen().split_off(before);
        assert_eq!(seen.len(), sent);
        assert!(seen.iter().all(|seen| seen.body.len() == length));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_of_a_request_is_no_slow_answer() {
    let server = server(Reply::text("done")).await;
    let client = client(&server, Config::default());
    let slow = |pause| {
        let body = Body::once(pieces(Duration::from_secs(pause)), None);
        let put = client.request(Method::PUT, url(&server)).body(body);
        slow_motion(put.send())
    };
    assert!(slow(20).await.is_ok());
    assert_eq!(slow(40).await.unwrap_err().category(), Category::Timeout);
}

#[tokio::test]
async fn compression_is_undone_but_for_what_is_taken_as_stored() {
    let reply = Reply::text(COMPRESSED).header("content-encoding", "gzip");
    let server = server(reply).await;
    let client = client(&server, Config::default());
    let get = || client.get(url(&server));
    let range = HeaderValue::from_static("bytes=0-");
    for (request, wanted) in [
        (get(), b"content".as_slice()),
        (get().as_stored(), COMPRESSED),
        (get().header(RANGE, range), COMPRESSED),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.bytes().await.unwrap(), wanted);
    }
    let asked = server.seen();
    let asked: Vec<_> = asked
        .iter()
        .map(|seen| seen.header(ACCEPT_ENCODING.as_str()))
        .collect();
    assert_eq!(asked, ["gzip", "", ""]);
    // The limit is for what comes out of the compression.
    let error = get().limit(6).send().await.unwrap().bytes().await;
    assert_eq!(error.unwrap_err().category(), Category::Protocol);
    assert_eq!(server.connections(), 2);
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test]
async fn authorities_and_certificates_of_files_are_used() {
    let server = FaultServer::start_mutual_tls().await;
    server.serve("/a", Reply::text("content"));
    let certificates = server.certificates().unwrap();
    let (authority, own) = (file(certificates.authority()), file(certificates.client()));
    let mut config = Config::default();
    config.max_retries = 0;
    let stranger = client(&server, config.clone());
    let error = stranger.get(url(&server)).send().await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    config.ca_file = Some(authority.path().into());
    let nobody = client(&server, config.clone());
    let error = nobody.get(url(&server)).send().await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    config.client_certificate = Some(own.path().into());
    config.client_key = Some(own.path().into());
    let client = client(&server, config);
    let before = server.connections();
    for _ in 0..3 {
        let answer = client.get(url(&server)).send().await.unwrap();
        assert_eq!(answer.bytes().await.unwrap(), "content");
    }
    assert_eq!(server.connections(), before + 1);
}

#[tokio::test]
async fn a_proxy_in_a_private_network_may_have_a_name() {
    let proxy = server(Reply::text("by proxy")).await;
    let mut config = Config::default();
    // As some write it, and in a network that the fence says nothing of.
    let address = format!("me:hunter2@localhost:{}", proxy.address().port());
    config.proxies = Proxies::all(address).except("near.invalid");
    let fence = Fence::new(["http://far.invalid".parse().unwrap()]);
    let client = Client::builder(fence).config(config).build().unwrap();
    let get = |url: &str| client.get(url.parse().unwrap()).send();
    let answer = get("http://far.invalid/a").await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "by proxy");
    let itself = proxy.url("/a").replace("127.0.0.1", "localhost");
    let error = get(&itself).await.unwrap_err();
    assert_eq!(error.category(), Category::Permission);
    let shown = format!("{client:?}");
    assert!(!shown.contains("hunter2") && shown.len() < 2000, "{shown}");
}

#[tokio::test]
async fn a_proxy_is_asked_but_for_what_is_excepted() {
    let proxy = server(Reply::text("by proxy")).await;
    let mut config = Config::default();
    config.max_retries = 0;
    let address = proxy.url("").replace("http://", "http://me:hunter2@");
    config.proxies = Proxies::all(address).except("near.invalid");
    let fence = Fence::new([allow("http://far.invalid"), allow("http://near.invalid")]);
    let client = Client::builder(fence).config(config).build().unwrap();
    assert!(!format!("{client:?}").contains("hunter2"));
    let get = |url: &str| client.get(url.parse().unwrap()).send();
    let answer = get("http://far.invalid/a").await.unwrap();
    assert_eq!(answer.bytes().await.unwrap(), "by proxy");
    let error = get("http://near.invalid/a").await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    let seen = proxy.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].target.to_string(), "http://far.invalid/a");
    assert!(!seen[0].header("proxy-authorization").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_place_whose_health_fails_gets_no_requests() {
    let (first, second) = (
        server(Reply::text("1")).await,
        server(Reply::text("2")).await,
    );
    let rules = [&first, &second].map(|server| allow(&server.url("")));
    let client = Client::builder(Fence::new(rules)).build().unwrap();
    let places = [&first, &second].map(|server| server.url("/").parse().unwrap());
    let [one, two] = places.map(Endpoint::new);
    let endpoints = Endpoints::new([one, two.rank(1)]).unwrap();
    for server in [&first, &second] {
        server.serve("/health", Reply::text("well"));
    }
    first.next("/health", [Reply::status(503)]);
    let watch = endpoints.watch(&client, "health", Duration::from_secs(10));
    let ask = async {
        let mut given = Vec::new();
        for second in [5, 10] {
            tokio::time::sleep(Duration::from_secs(second)).await;
            let answer = client
                .at(&endpoints, Method::GET, "a")
                .unwrap()
                .send()
                .await;
            given.push(answer.unwrap().bytes().await.unwrap());
        }
        given
    };
    let given = slow_motion(async {
        tokio::select! {
            given = ask => given,
            () = watch => unreachable!("it goes on for ever"),
        }
    });
    assert_eq!(given.await, ["2", "1"]);
    assert_eq!(client.stats().total.retries, 0);
}

/// So many zeros, by gzip: a thousandth of that.
fn bomb(length: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..length / 65_536 {
        packed.write_all(&[0; 65_536]).unwrap();
    }
    packed.finish().unwrap()
}

#[tokio::test]
async fn a_bomb_is_not_unpacked() {
    let packed = bomb(100 << 20);
    assert!(packed.len() < 150_000);
    let server = server(Reply::text(packed).header("content-encoding", "gzip")).await;
    let get = |client: &Client| client.get(url(&server)).send();
    let by_default = client(&server, Config::default());
    let error = get(&by_default).await.unwrap().bytes().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit, .. } if limit == 64 << 20));
    let mut config = Config::default();
    config.max_response_size = Some(1_000_000);
    let client = client(&server, config);
    let mut answer = get(&client).await.unwrap();
    let mut taken = 0;
    let error = loop {
        match answer.piece().await {
            Ok(piece) => taken += piece.unwrap().len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(
        error,
        Error::TooLarge {
            limit: 1_000_000,
            ..
        }
    ));
    assert!(taken <= 1_000_000, "{taken}");
    // One that comes with an error is cut as well.
    server.serve(
        "/a",
        Reply::text(bomb(10 << 20))
            .with_status(400)
            .header("content-encoding", "gzip"),
    );
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.refusal().unwrap().body.len(), 4096);
}
