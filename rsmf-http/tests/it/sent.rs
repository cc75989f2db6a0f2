//! What is made for each attempt: signatures, bodies, and answers that are taken in whole.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use rsmf_http::{
    Authenticate, Body, Category, Cause, Client, Fence, Method, Outgoing, Redirects, Request, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use rsmf_simulator::{FaultServer, PLANTED, Reply, slow_motion};

use crate::support::allow;

const HOUR: Duration = Duration::from_secs(3600);

async fn servers() -> (FaultServer, FaultServer, Client) {
    let (one, other) = (FaultServer::start().await, FaultServer::start().await);
    for server in [&one, &other] {
        server.serve("/a", Reply::text("content"));
    }
    let rules = [&one, &other].map(|server| allow(&server.url("")));
    let name = HeaderName::from_static("x-client");
    let mut key = HeaderValue::from_str(&format!("{PLANTED}key")).unwrap();
    key.set_sensitive(true);
    let client = Client::builder(Fence::new(rules))
        .header(name, HeaderValue::from_static("me"))
        .header(HeaderName::from_static("x-key"), key);
    (one, other, client.build().unwrap())
}

fn request(client: &Client, method: Method, server: &FaultServer, path: &str) -> Request {
    let url: Url = server.url(path).parse().unwrap();
    client.request(method, url).redirects(Redirects::Anywhere)
}

/// Shows what a signature would cover, and how many there were.
#[derive(Debug, Default)]
struct Signed(AtomicU32);

#[async_trait]
impl Authenticate for Signed {
    async fn apply(&self, request: &mut Outgoing<'_>) -> Result<(), Cause> {
        assert!(!format!("{request:?}").contains(PLANTED));
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        let (method, path) = (request.method, request.url.path());
        let body = request.body.as_ref().map(bytes::Bytes::len);
        let client = request.headers.contains_key("x-client");
        let text = format!("{number} {method} {path} {body:?} {client}");
        let mut signature = HeaderValue::from_str(&text)?;
        signature.set_sensitive(true);
        request.headers.insert("x-signature", signature);
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_by_itself() {
    let (server, other, client) = servers().await;
    server.next("/a", [Reply::status(503), Reply::redirect("/b")]);
    server.serve("/b", Reply::redirect(&other.url("/a")));
    let client = client.with_auth(Arc::new(Signed::default()));
    let put = request(&client, Method::PUT, &server, "/a?key=secret").body("body");
    slow_motion(put.send()).await.unwrap();
    let seen = server.seen();
    let signatures: Vec<_> = seen.iter().map(|seen| seen.header("x-signature")).collect();
    // The second attempt is led to another address, which wants a signature of its own.
    let wanted = [
        "0 PUT /a Some(4) true",
        "1 PUT /a Some(4) true",
        "2 PUT /b Some(4) true",
    ];
    assert_eq!(signatures, wanted);
    let elsewhere = &other.seen()[0];
    assert_eq!(elsewhere.header("x-signature"), "");
}

#[tokio::test]
async fn headers_of_the_client_go_along_with_each_request() {
    let (server, other, client) = servers().await;
    let name = HeaderName::from_static("x-client");
    let own = HeaderValue::from_static("you");
    for request in [
        request(&client, Method::GET, &server, "/a"),
        request(&client, Method::GET, &server, "/a").header(name, own),
    ] {
        request.send().await.unwrap();
    }
    server.serve("/b", Reply::redirect(&other.url("/a")));
    let led = request(&client, Method::GET, &server, "/b");
    led.send().await.unwrap();
    let headers = |server: &FaultServer| {
        let seen = server.seen().into_iter();
        let both = |seen: rsmf_simulator::Arrival| {
            (
                seen.header("x-client").to_owned(),
                seen.header("x-key").to_owned(),
            )
        };
        seen.map(both).collect::<Vec<_>>()
    };
    let key = format!("{PLANTED}key");
    let wanted = ["me", "you", "me"].map(|client| (client.to_owned(), key.clone()));
    assert_eq!(headers(&server), wanted);
    // What is secret stays with its host.
    assert_eq!(headers(&other), [("me".to_owned(), String::new())]);
}

#[tokio::test(start_paused = true)]
async fn a_body_may_be_made_for_each_attempt() {
    let (server, _, client) = servers().await;
    server.next("/a", [Reply::status(503)]);
    let made = AtomicU32::new(0);
    let body = Body::made(move || match made.fetch_add(1, Ordering::SeqCst) {
        2 => Err("nothing is left".into()),
        number => Ok(number.to_string().into()),
    });
    assert_eq!(format!("{body:?}"), "Body(made)");
    let put = request(&client, Method::PUT, &server, "/a").body(body);
    slow_motion(put.clone().send()).await.unwrap();
    let bodies: Vec<_> = server.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["0", "1"]);
    let error = slow_motion(put.send()).await.unwrap_err();
    assert_eq!(
        (error.category(), error.attempts()),
        (Category::InvalidInput, 1)
    );
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_wanted_whole_is_asked_for_again_where_it_breaks() {
    for (broken, taken) in [
        (Reply::text("content").cut(3), 10),
        (Reply::text("content").stall(3), 10),
        (Reply::text("content").announcing(99), 14),
    ] {
        let (server, _, client) = servers().await;
        slow_motion(async {
            server.next("/a", [broken.clone()]);
            let get = request(&client, Method::GET, &server, "/a").whole();
            let answer = get.send().await.unwrap();
            assert_eq!(
                answer.header(&rsmf_http::header::CONTENT_TYPE),
                Some("text/plain")
            );
            assert_eq!(answer.length(), Some(7));
            assert_eq!(answer.bytes().await.unwrap(), "content");
            assert_eq!(client.stats().total.bytes_received, taken);
            server.next("/a", [broken]);
            let post = request(&client, Method::POST, &server, "/a").whole();
            assert!(post.send().await.is_err());
            let get = request(&client, Method::GET, &server, "/a")
                .whole()
                .limit(6);
            let error = get.send().await.unwrap_err();
            assert_eq!(error.category(), Category::Protocol);
        })
        .await;
        assert_eq!(server.seen().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_to_wait_for_is_one_of_the_servers_clock() {
    let (server, _, client) = servers().await;
    for clock in [SystemTime::now() + 5 * HOUR, SystemTime::now() - 5 * HOUR] {
        let before = server.seen().len();
        let date = |time| httpdate::fmt_http_date(time);
        let later = date(clock + Duration::from_secs(20));
        let busy = Reply::status(429).header("retry-after", &later);
        server.next("/a", [busy.header("date", &date(clock))]);
        let get = request(&client, Method::GET, &server, "/a");
        slow_motion(get.send()).await.unwrap();
        let pause = server.spacing("/a")[before].as_secs();
        assert!((19..22).contains(&pause), "{pause}");
    }
}
