//! Answers that are late, broken, or none.

use std::time::{Duration, Instant};

use rsmf_http::{Category, Error, Phase, Redirects, SecretString};
use rsmf_simulator::{Content, Fault, FileHost};

use crate::support::{allow, body, builder, client};

fn host() -> FileHost {
    let host = FileHost::start();
    host.serve("/a", Content::new("content", "text/plain"));
    host
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let host = host();
    let faults = [Fault::Status(503), Fault::Reset, Fault::Status(408)];
    host.fault("/a", faults);
    let found = body(&client(&host), &host.url("/a")).await.unwrap();
    assert_eq!(found, b"content");
    assert_eq!(host.seen().len(), 4);
}

#[tokio::test]
async fn attempts_come_to_an_end_and_are_told() {
    let host = host();
    host.fault("/a", vec![Fault::Status(502); 9]);
    let error = body(&client(&host), &host.url("/a?t=xoxe-1"))
        .await
        .unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(502), 4));
    assert!(error.to_string().contains("(4 attempts)"), "{error}");
    assert!(!error.to_string().contains("xoxe"), "{error}");
    assert_eq!(host.seen().len(), 4);
}

#[tokio::test]
async fn what_stays_is_not_tried_again() {
    for status in [400, 401, 403, 404, 501] {
        let host = host();
        host.fault("/a", [Fault::Status(status)]);
        let error = body(&client(&host), &host.url("/a")).await.unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
        assert_eq!(host.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_host_that_asks_for_a_pause_gets_it() {
    let host = host();
    host.fault("/a", [Fault::SlowDown(429, "1".to_owned())]);
    let start = Instant::now();
    let client = client(&host);
    let url = host.url("/a");
    // The pause is for everybody, not only for the request that was told.
    let told = body(&client, &url);
    let other = async {
        while host.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        body(&client, &url).await
    };
    let (told, other) = tokio::join!(told, other);
    assert_eq!(told.unwrap(), other.unwrap());
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(host.seen().len(), 3);
}

#[tokio::test]
async fn one_who_asks_for_too_long_a_pause_gets_no_other_attempt() {
    let host = host();
    let late = "Thu, 31 Dec 2099 23:59:59 GMT".to_owned();
    host.fault("/a", [Fault::SlowDown(429, late)]);
    let error = body(&client(&host), &host.url("/a")).await.unwrap_err();
    assert_eq!(error.category(), Category::RateLimit);
    assert!(error.retry_after().is_some());
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_body_that_ends_early_is_no_body() {
    let host = host();
    host.fault("/a", [Fault::Cut(3)]);
    let error = body(&client(&host), &host.url("/a")).await.unwrap_err();
    assert!(matches!(error, Error::Network { .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let host = host();
    host.fault("/a", [Fault::Stall(3)]);
    let error = body(&client(&host), &host.url("/a")).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::TimedOut {
                phase: Phase::Idle,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn no_more_is_taken_in_than_was_allowed() {
    let host = host();
    let client = client(&host);
    for fault in [Fault::Unsized, Fault::WholeFile] {
        host.fault("/a", [fault]);
        let request = client.get(host.url("/a").parse().unwrap()).limit(6);
        let error = match request.send().await {
            Ok(mut response) => response.piece().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(
            matches!(error, Error::TooLarge { limit: 6, .. }),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_redirect_takes_no_token_to_another_host() {
    let (first, second) = (FileHost::start(), FileHost::start());
    first.serve("/a", Content::new("", "text/plain"));
    first.serve("/b", Content::new("", "text/plain"));
    second.serve("/c", Content::new("there", "text/plain"));
    first.fault("/a", [Fault::Redirect("/b".to_owned())]);
    first.fault("/b", [Fault::Redirect(second.url("/c"))]);
    let client = builder(&[allow(&first.url("")), allow(&second.url(""))])
        .build()
        .unwrap();
    let token = SecretString::from("xoxb-secret");
    let request = client.get(first.url("/a").parse().unwrap()).bearer(&token);
    let request = request.redirects(Redirects::Anywhere);
    assert!(!format!("{request:?}").contains("xoxb"));
    let response = request.send().await.unwrap();
    assert_eq!(response.url().as_str(), second.url("/c"));
    let tokens: Vec<_> = first
        .seen()
        .into_iter()
        .map(|seen| seen.authorization)
        .collect();
    assert_eq!(tokens, vec![Some("Bearer xoxb-secret".to_owned()); 2]);
    assert_eq!(second.seen()[0].authorization, None);
}

#[tokio::test]
async fn redirects_do_not_go_on_for_ever() {
    let host = host();
    host.fault("/a", vec![Fault::Redirect("/a".to_owned()); 20]);
    let error = body(&client(&host), &host.url("/a")).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }));
    assert_eq!(host.seen().len(), 6);
}
