//! What a client tells about itself, and lists that come page by page.

use std::time::Duration;

use futures_util::TryStreamExt;
use rsmf_http::{Body, Category, Client, Fence, Most, Page, next_link, pages};
use rsmf_simulator::{FaultServer, Reply, slow_motion};
use serde_json::json;

use crate::support::allow;

async fn start() -> (FaultServer, Client) {
    let server = FaultServer::start().await;
    let client = Client::builder(Fence::new([allow(&server.url(""))]));
    (server, client.build().unwrap())
}

#[tokio::test(start_paused = true)]
async fn requests_are_counted_by_host_and_operation() {
    let (server, client) = start().await;
    let late = Reply::text("content").late(Duration::from_secs(2));
    server.serve("/a", late);
    server.next("/a", [Reply::status(503)]);
    slow_motion(async {
        let url = || server.url("/a").parse().unwrap();
        let body = Body::from(vec![b'a'; 100_000]);
        let answer = client.get(url()).operation("read").body(body).send().await;
        answer.unwrap().bytes().await.unwrap();
        let gone = server.url("/gone").parse().unwrap();
        client.get(gone).send().await.unwrap_err();
    })
    .await;
    let stats = client.stats();
    assert_eq!((stats.total.requests, stats.total.failures), (2, 1));
    let [other, read] = &stats.parts[..] else {
        panic!("{stats:?}");
    };
    assert_eq!((&*other.operation, other.figures.failures), ("other", 1));
    assert_eq!(
        (&*read.operation, &*read.host),
        ("read", &*server.address().to_string())
    );
    let figures = read.figures;
    assert_eq!(
        (figures.successes, figures.retries, figures.bytes_received),
        (1, 1, 7)
    );
    assert_eq!(figures.bytes_sent, 200_000);
    let seconds = figures.latency.p50.as_secs_f64();
    assert!((1.98..4.0).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_list_is_followed_by_its_links() {
    let (server, client) = start().await;
    server.serve("/c", Reply::json(&json!(["e"])));
    for (path, items, next) in [
        ("/a", json!(["a", "b"]), "/b"),
        ("/b", json!(["c", "d"]), "/c"),
    ] {
        let link = format!("<https://help.example/>; rel=help, <{next}>; rel=\"next\"");
        server.serve(path, Reply::json(&items).header("link", &link));
    }
    let client = &client;
    let names = |first: &str| {
        pages(
            server.url(first).parse().unwrap(),
            Most::default(),
            move |url| async move {
                let answer = client.get(url).send().await?;
                let next = next_link(&answer)?;
                Ok(Page::new(answer.json().await?, next))
            },
        )
    };
    let all: Vec<String> = names("/a").try_collect().await.unwrap();
    assert_eq!(all.concat(), "abcde");
    for elsewhere in [
        "https://evil.example/",
        "//evil.example/",
        "http://[",
        "data:,",
    ] {
        let link = format!("<{elsewhere}>; rel=next");
        server.serve("/c", Reply::json(&json!([])).header("link", &link));
        let error = names("/c").try_collect::<Vec<String>>().await.unwrap_err();
        assert_eq!(error.category(), Category::Protocol, "{elsewhere}");
    }
}
