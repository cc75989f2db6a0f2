//! Each fault of a network and a service, once. Every request carries secrets in its header, query, body and
//! token; the servers look for them in all logs, and these tests in all errors.

use std::{
    error::Error as StdError,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rsmf_http::{
    Category, Client, Config, Error, Fence, Fixed, Method, Result, SecretString,
    header::{HeaderName, HeaderValue},
};
use rsmf_simulator::{FaultServer, PLANTED, Reply, slow_motion};

use crate::support::allow;

const SECOND: Duration = Duration::from_secs(1);

/// What each of the two requests came to.
struct Played {
    server: FaultServer,
    get: Result<String>,
    post: Result<String>,
}

impl Played {
    /// Plays a fault to a request that may be repeated, and to one that may not.
    async fn new(play: impl Fn(&FaultServer)) -> Self {
        let server = FaultServer::start().await;
        let rule = allow(&server.url(""));
        let client = Client::builder(Fence::new([rule])).config(Config::default());
        let client = client.build().unwrap();
        for path in ["/get", "/post"] {
            server.serve(path, Reply::text("content"));
        }
        let (get, post) = slow_motion(async {
            play(&server);
            let get = ask(&client, &server, Method::GET).await;
            play(&server);
            let post = ask(&client, &server, Method::POST).await;
            (get, post)
        })
        .await;
        for error in [get.as_ref().err(), post.as_ref().err()] {
            error.into_iter().for_each(holds_no_secret);
        }
        Self { server, get, post }
    }

    /// How many requests came in to get, and to post.
    fn seen(&self) -> (usize, usize) {
        let count = |path| self.server.seen_at(path).len();
        (count("/get"), count("/post"))
    }

    fn failures(&self) -> (Option<Category>, Option<Category>) {
        let failure = |result: &Result<_>| result.as_ref().err().map(Error::category);
        (failure(&self.get), failure(&self.post))
    }

    /// Seconds between the requests to get.
    fn spacing(&self) -> Vec<f64> {
        let spacing = self.server.spacing("/get");
        spacing.iter().map(Duration::as_secs_f64).collect()
    }
}

fn planted(what: &str) -> String {
    format!("{PLANTED}{what}")
}

async fn ask(client: &Client, server: &FaultServer, method: Method) -> Result<String> {
    let path = match method {
        Method::GET => "/get",
        _ => "/post",
    };
    let url = format!("{}?key={}", server.url(path), planted("query"));
    let mut key = HeaderValue::from_str(&planted("header")).unwrap();
    key.set_sensitive(true);
    let answer = client
        .request(method, url.parse().unwrap())
        .operation("play")
        .header(HeaderName::from_static("x-key"), key)
        .bearer(&SecretString::from(planted("token")))
        .body(planted("body"))
        .send()
        .await?;
    let bytes = answer.bytes().await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn holds_no_secret(error: &Error) {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        shown.push_str(&format!("{inner} {inner:?}"));
        cause = inner.source();
    }
    assert!(!shown.contains(PLANTED), "{shown}");
}

/// Both paths answer so once.
fn next(reply: Reply) -> impl Fn(&FaultServer) {
    move |server| {
        server.next("/get", [reply.clone()]);
        server.next("/post", [reply.clone()]);
    }
}

#[tokio::test(start_paused = true)]
async fn refused() {
    let server = FaultServer::start().await;
    server.down().await;
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let client = client.unwrap();
    slow_motion(async {
        let error = ask(&client, &server, Method::GET).await.unwrap_err();
        assert_eq!((error.category(), error.attempts()), (Category::Network, 4));
        holds_no_secret(&error);
        let error = ask(&client, &server, Method::POST).await.unwrap_err();
        assert_eq!((error.category(), error.attempts()), (Category::Network, 1));
        holds_no_secret(&error);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn reset_before_the_request() {
    let played = Played::new(|server| server.reset_connections(1)).await;
    assert_eq!(played.get.as_deref().unwrap(), "content");
    // The second connection serves the other request too.
    assert_eq!(played.seen(), (1, 1));
    assert_eq!(played.server.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn reset_before_what_may_be_sent_only_once() {
    let server = FaultServer::start().await;
    server.serve("/post", Reply::text("content"));
    server.reset_connections(1);
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let post = ask(client.as_ref().unwrap(), &server, Method::POST);
    let error = slow_motion(post).await.unwrap_err();
    assert_eq!((error.category(), error.attempts()), (Category::Network, 1));
    holds_no_secret(&error);
    assert_eq!((server.connections(), server.seen().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_pause_beyond_the_deadline() {
    let server = FaultServer::start().await;
    server.serve("/get", Reply::status(429).header("retry-after", "60"));
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let client = client.unwrap();
    slow_motion(async {
        let start = tokio::time::Instant::now();
        for _ in 0..2 {
            let get = client.get(server.url("/get").parse().unwrap());
            let error = get.deadline(10 * SECOND).send().await.unwrap_err();
            assert_eq!(error.category(), Category::Deadline);
        }
        assert!(start.elapsed() < SECOND);
    })
    .await;
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn reset_after_the_request() {
    let played = Played::new(next(Reply::reset())).await;
    assert_eq!(played.seen(), (2, 1));
    assert_eq!(played.failures(), (None, Some(Category::Network)));
    let [pause] = played.spacing()[..] else {
        panic!("one pause");
    };
    assert!((0.0..1.5).contains(&pause), "{pause}");
}

#[tokio::test(start_paused = true)]
async fn cut_in_the_body() {
    let played = Played::new(next(Reply::text("content").cut(3))).await;
    assert_eq!(played.seen(), (1, 1));
    let broken = Some(Category::Network);
    assert_eq!(played.failures(), (broken, broken));
}

#[tokio::test(start_paused = true)]
async fn stalled_in_the_body() {
    let played = Played::new(next(Reply::text("content").stall(3))).await;
    assert_eq!(played.seen(), (1, 1));
    let late = Some(Category::Timeout);
    assert_eq!(played.failures(), (late, late));
}

#[tokio::test(start_paused = true)]
async fn no_answer_at_all() {
    let played = Played::new(next(Reply::silence())).await;
    assert_eq!(played.seen(), (2, 1));
    assert_eq!(played.failures(), (None, Some(Category::Timeout)));
    let [pause] = played.spacing()[..] else {
        panic!("one pause");
    };
    assert!((30.0..32.0).contains(&pause), "{pause}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_drip() {
    let played = Played::new(next(Reply::text("content").drip(1, 20 * SECOND))).await;
    assert_eq!(played.seen(), (1, 1));
    assert_eq!(played.failures(), (None, None));
}

#[tokio::test(start_paused = true)]
async fn asked_to_wait_for_seconds() {
    let played = Played::new(next(Reply::status(429).header("retry-after", "7"))).await;
    assert_eq!(played.seen(), (2, 1));
    assert_eq!(played.failures(), (None, Some(Category::RateLimit)));
    let [pause] = played.spacing()[..] else {
        panic!("one pause");
    };
    assert!((7.0..8.0).contains(&pause), "{pause}");
}

#[tokio::test(start_paused = true)]
async fn asked_to_wait_until_a_date() {
    // By the clock on the wall, which hardly goes on in this test.
    let date = httpdate::fmt_http_date(SystemTime::now() + 60 * SECOND);
    let played = Played::new(next(Reply::status(429).header("retry-after", &date))).await;
    assert_eq!(played.seen(), (2, 1));
    let [pause] = played.spacing()[..] else {
        panic!("one pause");
    };
    assert!((50.0..61.0).contains(&pause), "{pause}");
}

#[tokio::test(start_paused = true)]
async fn bursts_of_failures() {
    for status in [500, 502, 503, 504, 408] {
        let played = Played::new(|server| {
            server.next("/get", vec![Reply::status(status); 3]);
            server.next("/post", [Reply::status(status)]);
        })
        .await;
        assert_eq!(played.seen(), (4, 1), "{status}");
        assert_eq!(played.get.as_deref().unwrap(), "content");
        assert!(played.post.is_err());
        for (pause, longest) in played.spacing().into_iter().zip([1.0, 2.0, 4.0]) {
            assert!(pause < longest + 0.5, "{pause} {longest}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_instead_of_json() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::html(format!("<p>{}</p>", planted("page"))));
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let client = client.unwrap();
    slow_motion(async {
        let answer = client.get(server.url("/a").parse().unwrap()).send().await;
        let error = answer.unwrap().json::<Vec<String>>().await.unwrap_err();
        assert_eq!(error.category(), Category::Protocol);
        assert!(error.to_string().contains("text/html"), "{error}");
        holds_no_secret(&error);
    })
    .await;
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_length() {
    let played = Played::new(next(Reply::text("content").announcing(99))).await;
    assert_eq!(played.seen(), (1, 1));
    let broken = Some(Category::Network);
    assert_eq!(played.failures(), (broken, broken));
}

#[tokio::test(start_paused = true)]
async fn endless_redirects() {
    let target = format!("/get?next={}", planted("location"));
    let played = Played::new(|server| server.serve("/get", Reply::redirect(&target))).await;
    assert_eq!(played.failures(), (Some(Category::Protocol), None));
    assert_eq!(played.seen(), (6, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_repeats_the_secrets() {
    let all = ["header", "query", "body", "token"].map(planted).join(" ");
    let played = Played::new(next(Reply::status(403).body(all))).await;
    assert_eq!(played.seen(), (1, 1));
    let error = played.get.unwrap_err();
    assert_eq!(error.category(), Category::Permission);
    let told = rsmf_core::Error::from(error);
    assert!(!format!("{told} {told:?}").contains(PLANTED));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_cut_within_a_secret() {
    for seen in [4, 8, 14] {
        let body = format!("{}{}", " ".repeat(4096 - seen), planted("token"));
        let played = Played::new(next(Reply::status(403).body(body))).await;
        let error = played.get.unwrap_err();
        let kept = error.refusal().unwrap().body.trim_start();
        assert_eq!(kept, "[…]", "{seen} bytes of it came");
    }
}

#[tokio::test]
async fn credentials_of_each_kind_arrive_and_are_not_told() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::status(401));
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let client = client.unwrap();
    let name = HeaderName::from_static("x-api-key");
    for auth in [
        Fixed::bearer(planted("bearer")),
        Fixed::basic("ada", planted("password")),
        Fixed::header(name, planted("key")),
    ] {
        let request = client.get(server.url("/a").parse().unwrap());
        let error = request.auth(Arc::new(auth)).send().await.unwrap_err();
        assert_eq!(error.category(), Category::Authentication);
        holds_no_secret(&error);
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(
        seen[0].header("authorization"),
        format!("Bearer {}", planted("bearer"))
    );
    assert!(seen[1].header("authorization").starts_with("Basic "));
    assert_eq!(seen[2].header("x-api-key"), planted("key"));
}

#[tokio::test(start_paused = true)]
async fn bodies_that_keep_breaking() {
    let server = FaultServer::start().await;
    let client = Client::builder(Fence::new([allow(&server.url(""))])).build();
    let client = client.unwrap();
    let get = || async { ask(&client, &server, Method::GET).await };
    let failure = || async { get().await.unwrap_err().category() };
    slow_motion(async {
        server.serve("/get", Reply::text("content"));
        get().await.unwrap();
        server.serve("/get", Reply::text("content").cut(3));
        for _ in 0..5 {
            assert_eq!(failure().await, Category::Network);
        }
        assert_eq!(failure().await, Category::CircuitOpen);
        tokio::time::sleep(30 * SECOND).await;
        // The answer begins well and opens the circuit again with its end.
        assert_eq!(failure().await, Category::Network);
        assert_eq!(failure().await, Category::CircuitOpen);
        tokio::time::sleep(30 * SECOND).await;
        server.serve("/get", Reply::text("content"));
        get().await.unwrap();
        server.next("/get", [Reply::text("content").stall(3)]);
        assert_eq!(failure().await, Category::Timeout);
        get().await.unwrap();
    })
    .await;
    assert_eq!(server.seen().len(), 1 + 5 + 1 + 3);
}
