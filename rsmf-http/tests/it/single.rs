//! Single answers, and what a client makes of each.

use std::collections::BTreeMap;

use mockito::{Matcher, Server, ServerGuard};
use rsmf_http::{
    Body, Category, CircuitState, Client, Error, Fence, Method, Request, Response, StatusCode, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use rsmf_simulator::PLANTED;
use serde_json::json;

use crate::support::{allow, config};

async fn start() -> (ServerGuard, Client) {
    let server = Server::new_async().await;
    let client = Client::builder(Fence::new([allow(&server.url())]));
    (server, client.config(config()).build().unwrap())
}

fn request(client: &Client, server: &ServerGuard, method: Method) -> Request {
    let url = format!("{}/a?key={PLANTED}query", server.url());
    client.request(method, url.parse().unwrap())
}

#[tokio::test]
async fn each_status_has_its_category_and_number_of_attempts() {
    let (mut server, client) = start().await;
    for (status, category, attempts) in [
        (400, Category::InvalidInput, 1),
        (401, Category::Authentication, 1),
        (403, Category::Permission, 1),
        (404, Category::NotFound, 1),
        (409, Category::Conflict, 1),
        (410, Category::NotFound, 1),
        (412, Category::Conflict, 1),
        (416, Category::InvalidInput, 1),
        (422, Category::InvalidInput, 1),
        (408, Category::Timeout, 4),
        (429, Category::RateLimit, 4),
        (501, Category::Server, 1),
    ] {
        let mock = server
            .mock("GET", Matcher::Any)
            .with_status(status)
            .with_header("x-request-id", "r-7")
            .with_body(format!("no, {PLANTED}query"))
            .expect(attempts)
            .create_async()
            .await;
        let sent = request(&client, &server, Method::GET).send().await;
        let error = sent.unwrap_err();
        mock.assert_async().await;
        assert_eq!(error.category(), category, "{status}");
        assert_eq!(error.attempts() as usize, attempts, "{status}");
        assert_eq!(error.method(), Some(&Method::GET));
        assert_eq!(error.url(), Some(&*format!("{}/a", server.url())));
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.request_id.as_deref(), Some("r-7"));
        assert_eq!(refusal.body, "no, […]");
        assert!(!format!("{error} {error:?}").contains(PLANTED));
        server.reset();
    }
}

#[tokio::test]
async fn a_success_without_a_body_is_one() {
    let (mut server, client) = start().await;
    for status in [200, 201, 204, 207, 304] {
        server
            .mock("PUT", Matcher::Any)
            .with_status(status)
            .with_header("etag", "\"1\"")
            .create_async()
            .await;
        let put = request(&client, &server, Method::PUT).body("x");
        let answer = put.send().await.unwrap();
        assert_eq!(answer.status().as_u16() as usize, status);
        assert_eq!(answer.header(&rsmf_http::header::ETAG), Some("\"1\""));
        assert!(answer.bytes().await.unwrap().is_empty());
        server.reset();
    }
}

#[tokio::test]
async fn an_answer_to_head_has_the_length_of_what_it_leaves_out() {
    let (mut server, client) = start().await;
    server
        .mock("HEAD", Matcher::Any)
        .with_header("content-length", "5000000")
        .create_async()
        .await;
    let head = request(&client, &server, Method::HEAD).limit(10);
    let answer = head.send().await.unwrap();
    assert_eq!(
        answer.headers().get("content-length"),
        Some(&HeaderValue::from_static("5000000"))
    );
    assert!(answer.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_sent_arrives_in_its_form() {
    let (mut server, client) = start().await;
    let json_sent = server
        .mock("POST", Matcher::Any)
        .match_header("content-type", "application/json")
        .match_body(Matcher::Json(json!({"name": "a"})))
        .create_async()
        .await;
    let form_sent = server
        .mock("POST", Matcher::Any)
        .match_header("content-type", "application/x-www-form-urlencoded")
        .match_body("a+b=c%26d&e=")
        .create_async()
        .await;
    let post = || request(&client, &server, Method::POST);
    let json = post().json(&json!({"name": "a"})).unwrap();
    json.send().await.unwrap();
    let form = post().form([("a b", "c&d"), ("e", "")]);
    form.send().await.unwrap();
    json_sent.assert_async().await;
    form_sent.assert_async().await;
    let wrong = BTreeMap::from([(vec![1], "a key that is no text")]);
    let error = post().json(&wrong).unwrap_err();
    assert!(matches!(error, Error::Body { .. }));
    assert_eq!(error.category(), Category::InvalidInput);
    let core = rsmf_core::Error::from(error);
    assert_eq!(core.kind(), rsmf_core::Kind::InvalidInput);
}

#[tokio::test]
async fn an_idempotency_key_marks_repetitions_as_such() {
    let (mut server, client) = start().await;
    let mock = server
        .mock("POST", Matcher::Any)
        .match_header("idempotency-key", "k-1")
        .with_status(503)
        .expect(4)
        .create_async()
        .await;
    let key = HeaderValue::from_static("k-1");
    let post = request(&client, &server, Method::POST).idempotency_key(key);
    let heard = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let hear = std::sync::Arc::clone(&heard);
    let post = post.on_retry(move |error| {
        let before = hear.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        assert_eq!(error.attempts(), before + 1);
    });
    let error = post.send().await.unwrap_err();
    assert_eq!(error.attempts(), 4);
    assert_eq!(heard.load(std::sync::atomic::Ordering::SeqCst), 3);
    mock.assert_async().await;
}

#[tokio::test]
async fn an_answer_that_was_made_reads_like_any_other() {
    let url: Url = "https://a.example/x?t=1".parse().unwrap();
    let made = || {
        let headers = HeaderMap::new();
        Response::made(url.clone(), StatusCode::OK, headers, "[1]")
    };
    assert_eq!(made().json::<Vec<u8>>().await.unwrap(), [1]);
    assert_eq!(made().length(), Some(3));
    assert!(!format!("{:?}", made()).contains("t=1"));
    let body = Body::from("");
    assert_eq!(format!("{body:?}"), "Body(empty)");
}

#[tokio::test]
async fn a_client_tells_of_itself_and_answers_by_its_fallback() {
    let mut server = Server::new_async().await;
    server
        .mock("GET", Matcher::Any)
        .with_status(503)
        .create_async()
        .await;
    let mut config = config();
    (config.max_retries, config.circuit_open_after_failures) = (0, 2);
    let client = Client::builder(Fence::new([allow(&server.url())]))
        .config(config)
        .fallback("list", |error: Error| async move {
            let url = error.url().and_then(|url| url.parse().ok());
            let headers = HeaderMap::new();
            Ok(Response::made(url.unwrap(), StatusCode::OK, headers, "[]"))
        })
        .build()
        .unwrap();
    let url: Url = server.url().parse().unwrap();
    assert_eq!(client.circuit(&url), CircuitState::Closed);
    assert_eq!(client.fence().hosts().len(), 1);
    assert_eq!(client.config().max_retries, 0);
    for _ in 0..2 {
        let list = request(&client, &server, Method::GET).operation("list");
        assert_eq!(list.send().await.unwrap().bytes().await.unwrap(), "[]");
    }
    assert_eq!(client.circuit(&url), CircuitState::Open);
    let other = request(&client, &server, Method::GET);
    let error = other.send().await.unwrap_err();
    assert_eq!(error.category(), Category::CircuitOpen);
    // Whoever repeats something by themselves waits as long as the circuit is open, as often as they may.
    assert_eq!(client.pauses().after(&error), None);
    assert_eq!(client.stats().circuits_opened, 1);
    #[cfg(feature = "prometheus")]
    assert!(client.prometheus().contains("rsmf_http_circuit_state"));
    let wrong = request(&client, &server, Method::GET);
    let wrong = wrong.header(
        HeaderName::from_static("x-a"),
        HeaderValue::from_static("b"),
    );
    assert!(!format!("{wrong:?} {client:?}").contains(PLANTED));
}

#[tokio::test]
async fn a_host_that_refuses_with_status_500_is_well() {
    let mut server = Server::new_async().await;
    let refusal = server.mock("GET", Matcher::Any).with_status(500);
    let refusal = refusal.expect(3).create_async().await;
    let mut config = config();
    (config.max_retries, config.circuit_open_after_failures) = (0, 2);
    let client = Client::builder(Fence::new([allow(&server.url())])).config(config);
    let client = client.refuses_with_500().build().unwrap();
    for _ in 0..3 {
        let error = request(&client, &server, Method::GET).send().await;
        assert_eq!(error.unwrap_err().status(), Some(500));
    }
    refusal.assert_async().await;
}

#[tokio::test]
async fn any_status_is_an_answer_where_asked_for_and_still_tells_how_the_host_is() {
    let (mut server, client) = start().await;
    let mock = server
        .mock("GET", Matcher::Any)
        .with_status(503)
        .with_header("x-reason", "busy")
        .with_body("later")
        .expect(5)
        .create_async()
        .await;
    for _ in 0..5 {
        let request = request(&client, &server, Method::GET).any_status().once();
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["x-reason"], "busy");
        assert_eq!(answer.bytes().await.unwrap(), "later");
    }
    mock.assert_async().await;
    let request = request(&client, &server, Method::GET).any_status().once();
    let error = request.send().await.unwrap_err();
    assert!(matches!(error, Error::CircuitOpen { .. }), "{error}");
}
