use std::time::Duration;

use super::fault_server::client;
use rsmf_simulator::{
    Break, Breaking, FaultProxy, FaultServer, HttpFault, HttpProxy, Reply, Toward,
};

async fn server() -> FaultServer {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("0123456789"));
    server
}

/// The text, or `None` where the connection breaks.
async fn get(server: &FaultServer, url: &str) -> Option<String> {
    let answer = client(server).get(url).send().await.ok()?;
    answer.text().await.ok()
}

#[tokio::test]
async fn connections_pass_as_they_are_and_break_as_told() {
    let server = server().await;
    let proxy = FaultProxy::start(server.address()).await;
    let url = format!("http://{}/a", proxy.address());
    assert_eq!(get(&server, &url).await.unwrap(), "0123456789");
    assert!(proxy.sent() > 20 && proxy.received() > 20);
    let breaks =
        |toward, after| [Breaking::Close, Breaking::Reset].map(|how| Break { toward, after, how });
    proxy.next(breaks(Toward::Server, 5));
    for _ in 0..2 {
        assert_eq!(get(&server, &url).await, None);
    }
    assert_eq!(server.seen().len(), 1, "the request was cut");
    proxy.next(breaks(Toward::Client, 0));
    for _ in 0..2 {
        assert_eq!(get(&server, &url).await, None);
    }
    assert_eq!(server.seen().len(), 3, "the answer was lost");
    assert_eq!(proxy.connections(), 5);
}

#[tokio::test]
async fn connections_stall_and_drip() {
    let server = server().await;
    let proxy = FaultProxy::start(server.address()).await;
    let url = format!("http://{}/a", proxy.address());
    let (toward, how) = (Toward::Client, Breaking::Stall);
    proxy.next([Break {
        toward,
        after: 3,
        how,
    }]);
    let patience = Duration::from_millis(300);
    assert!(
        tokio::time::timeout(patience, get(&server, &url))
            .await
            .is_err()
    );
    proxy.drip(10, Duration::from_millis(20));
    assert!(
        tokio::time::timeout(patience, get(&server, &url))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn requests_pass_but_for_those_that_are_treated_otherwise() {
    let server = server().await;
    let proxy = HttpProxy::start(server.address()).await;
    let url = format!("{}/a", proxy.url());
    assert_eq!(get(&server, &url).await.unwrap(), "0123456789");
    proxy.next(
        "GET",
        "/a",
        [
            HttpFault::Answer(Box::new(Reply::text("canned"))),
            HttpFault::LoseAnswer,
            HttpFault::DamageAnswer,
        ],
    );
    proxy.next("POST", "?x", [HttpFault::DamageRequest]);
    assert_eq!(get(&server, &url).await.unwrap(), "canned");
    assert_eq!(server.seen().len(), 1);
    assert_eq!(get(&server, &url).await, None);
    assert_eq!(server.seen().len(), 2);
    assert_eq!(get(&server, &url).await.unwrap(), "0123446789");
    client(&server)
        .post(format!("{url}?x"))
        .body("abc")
        .send()
        .await
        .unwrap();
    assert_eq!(server.seen().last().unwrap().body, "acc");
    assert_eq!((proxy.left(), proxy.seen().len()), (0, 5));
}
