//! Tokens by OAuth 2.0.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use rsmf_http::{
    Category, Cause, Client, Config, Error, Fence, Method, SecretString,
    oauth2::{Algorithm, Grant, Keeper, OAuth2, Placement, SigningKey, TokenError},
};
use rsmf_simulator::{Arrival, FaultServer, PLANTED, Reply, slow_motion};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::support::allow;

/// Made for tests, and used nowhere else.
const RSA: &str = include_str!("../keys/rsa.pem");

const HOUR: Duration = Duration::from_secs(3600);

/// A server with a file that wants a token, and where to get one.
async fn server() -> FaultServer {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    server.guard("/a");
    server.issue_tokens("/token", HOUR);
    server
}

fn client(server: &FaultServer, grant: Grant) -> Client {
    let mut config = Config::default();
    // So many failures at the same time are part of the play.
    config.circuit_open_after_failures = 0;
    let client = Client::builder(Fence::new([allow(&server.url(""))])).config(config);
    let client = client.build().unwrap();
    let token_url = server.url("/token").parse().unwrap();
    client
        .clone()
        .with_auth(Arc::new(OAuth2::new(client, token_url, grant)))
}

fn credentials() -> Grant {
    Grant::client_credentials("my-app", format!("{PLANTED}secret"))
}

async fn get(client: &Client, server: &FaultServer) -> Result<(), Error> {
    let request = client.get(server.url("/a").parse().unwrap());
    request.send().await?.bytes().await.map(|_| ())
}

/// The fields of a request for a token.
fn form(arrival: &Arrival) -> Vec<(String, String)> {
    let all = url::form_urlencoded::parse(&arrival.body);
    all.into_owned().collect()
}

fn token_error(error: &Error) -> &TokenError {
    assert!(!format!("{error:?}").contains(PLANTED), "{error:?}");
    let Error::Authentication { source, .. } = error else {
        panic!("{error:?}");
    };
    OAuth2::reason(source.as_ref()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn two_hundred_tasks_with_one_expired_token_make_one_request_for_another() {
    let server = server().await;
    let client = client(&server, credentials());
    slow_motion(async {
        get(&client, &server).await.unwrap();
        server.expire_tokens();
        let all = (0..200).map(|_| get(&client, &server));
        assert!(join_all(all).await.iter().all(Result::is_ok));
    })
    .await;
    assert_eq!(server.seen_at("/token").len(), 2);
    assert_eq!(server.seen_at("/a").len(), 401);
}

#[tokio::test(start_paused = true)]
async fn two_hundred_tasks_share_the_failure_of_the_token_endpoint() {
    let server = server().await;
    server.serve("/token", Reply::status(503));
    let client = client(&server, credentials());
    let all = slow_motion(join_all((0..200).map(|_| get(&client, &server)))).await;
    for result in all {
        let error = result.unwrap_err();
        let reason = token_error(&error);
        assert!(matches!(reason, TokenError::Unreachable(_)), "{reason:?}");
        // Not the credentials are wrong.
        assert_eq!(error.category(), Category::Server);
        assert!(error.is_temporary());
    }
    // One request with its repetitions.
    assert_eq!(server.seen_at("/token").len(), 4);
    assert!(server.seen_at("/a").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_token_is_used_until_shortly_before_its_end() {
    let server = server().await;
    let client = client(&server, credentials());
    slow_motion(async {
        for _ in 0..3 {
            get(&client, &server).await.unwrap();
        }
    })
    .await;
    assert_eq!(server.seen_at("/token").len(), 1);
    tokio::time::advance(HOUR - Duration::from_secs(59)).await;
    slow_motion(get(&client, &server)).await.unwrap();
    assert_eq!(server.seen_at("/token").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_an_end_is_renewed_after_its_usual_life() {
    let server = server().await;
    let token = json!({ "access_token": format!("{PLANTED}token") });
    server.serve("/token", Reply::json(&token));
    server.serve("/b", Reply::text("content"));
    let client = client(&server, credentials().lifetime(HOUR));
    for (passed, asked) in [(0, 1), (3539, 1), (2, 2)] {
        tokio::time::advance(Duration::from_secs(passed)).await;
        let request = client.get(server.url("/b").parse().unwrap());
        slow_motion(request.send()).await.unwrap();
        assert_eq!(server.seen_at("/token").len(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_again_is_an_error() {
    let server = server().await;
    server.serve("/a", Reply::status(401));
    let client = client(&server, credentials());
    slow_motion(async {
        let error = get(&client, &server).await.unwrap_err();
        assert_eq!(
            (error.status(), error.category()),
            (Some(401), Category::Authentication)
        );
        assert!(!format!("{error:?}").contains(PLANTED));
    })
    .await;
    assert_eq!(server.seen_at("/a").len(), 2);
    assert_eq!(server.seen_at("/token").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_repeated_is_not_sent_again_with_another_token() {
    let server = server().await;
    let client = client(&server, credentials());
    slow_motion(async {
        get(&client, &server).await.unwrap();
        server.expire_tokens();
        let post = client.request(Method::POST, server.url("/a").parse().unwrap());
        assert_eq!(post.clone().send().await.unwrap_err().status(), Some(401));
        assert_eq!(server.seen_at("/a").len(), 2);
        server.expire_tokens();
        post.clone().once_done().send().await.unwrap();
        server.expire_tokens();
        post.repeatable().send().await.unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_refused_is_not_shown_by_the_next_request() {
    let server = server().await;
    let client = client(&server, credentials());
    let post = || client.request(Method::POST, server.url("/a").parse().unwrap());
    slow_motion(async {
        post().send().await.unwrap();
        server.expire_tokens();
        assert_eq!(post().send().await.unwrap_err().status(), Some(401));
        post().send().await.unwrap();
    })
    .await;
    assert_eq!(server.seen_at("/a").len(), 3);
    assert_eq!(server.seen_at("/token").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn why_no_token_is_given_is_told_by_its_code_alone() {
    let server = server().await;
    let refusal = json!({
        "error": "invalid_client",
        "error_description": format!("no such client, or not {PLANTED}secret"),
    });
    server.serve("/token", Reply::json(&refusal).with_status(401));
    let client = client(&server, credentials());
    let error = slow_motion(get(&client, &server)).await.unwrap_err();
    assert_eq!(error.category(), Category::Authentication);
    let told = token_error(&error).to_string();
    assert!(told.ends_with("status 401 (invalid_client)"), "{told}");
    for answer in [
        Reply::html("<p>log in</p>"),
        Reply::json(&json!({"token_type": "mac"})),
    ] {
        server.serve("/token", answer);
        let error = slow_motion(get(&client, &server)).await.unwrap_err();
        assert!(matches!(token_error(&error), TokenError::NoToken { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_refresh_token_takes_the_place_of_the_old_one() {
    let server = server().await;
    let grant = Grant::refresh_token(format!("{PLANTED}r1"));
    let grant = grant.client("my-app", "").placement(Placement::Body);
    let client = client(&server, grant);
    let answer = json!({
        "access_token": format!("{PLANTED}1"),
        "expires_in": "3600",
        "refresh_token": format!("{PLANTED}r2"),
    });
    server.next("/token", [Reply::json(&answer)]);
    slow_motion(get(&client, &server)).await.unwrap();
    let shown: Vec<_> = server.seen_at("/token").iter().map(form).collect();
    let field = |number: u32| ("refresh_token".to_owned(), format!("{PLANTED}r{number}"));
    assert!(shown[0].contains(&field(1)));
    // The token of the answer is none that the server knows.
    assert!(shown[1].contains(&field(2)));
    assert!(shown[0].contains(&("client_id".to_owned(), "my-app".to_owned())));
}

#[derive(Debug, Default)]
struct Vault {
    kept: Mutex<Vec<String>>,
    locked: bool,
}

#[async_trait]
impl Keeper for Vault {
    async fn keep(&self, token: &SecretString) -> Result<(), Cause> {
        if self.locked {
            return Err("it is locked".into());
        }
        let token = token.expose_secret().to_owned();
        self.kept.lock().unwrap().push(token);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_refresh_token_is_kept_where_its_owner_wants() {
    for locked in [false, true] {
        let server = server().await;
        let vault = Arc::new(Vault {
            locked,
            ..Vault::default()
        });
        let grant = Grant::refresh_token(format!("{PLANTED}r1")).keeper(vault.clone());
        assert!(!format!("{grant:?}").contains(PLANTED));
        let client = client(&server, grant);
        let answer = json!({
            "access_token": format!("{PLANTED}0"),
            "refresh_token": format!("{PLANTED}r2"),
        });
        server.next("/token", [Reply::json(&answer)]);
        // The token of the first answer is refused. The second brings no new refresh token.
        slow_motion(get(&client, &server)).await.unwrap();
        assert_eq!(server.seen_at("/token").len(), 2);
        let kept = vault.kept.lock().unwrap().clone();
        assert_eq!(kept.is_empty(), locked);
        assert!(kept.iter().all(|token| *token == format!("{PLANTED}r2")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_cannot_be_reached_is_no_refusal() {
    let server = server().await;
    let gone = FaultServer::start().await;
    gone.down().await;
    let rules = [&server, &gone].map(|server| allow(&server.url("")));
    let client = Client::builder(Fence::new(rules)).build().unwrap();
    let token_url = gone.url("/token").parse().unwrap();
    let auth = OAuth2::new(client.clone(), token_url, credentials());
    let client = client.with_auth(Arc::new(auth));
    let error = slow_motion(get(&client, &server)).await.unwrap_err();
    assert_eq!(error.category(), Category::Network);
    // One that asks for a pause says nothing of the credentials either.
    gone.up().await;
    gone.serve("/token", Reply::status(429).header("retry-after", "1000"));
    tokio::time::advance(HOUR).await;
    let error = slow_motion(get(&client, &server)).await.unwrap_err();
    assert_eq!(error.category(), Category::RateLimit);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1000)));
    let core = rsmf_core::Error::from(error);
    assert_eq!(core.kind(), rsmf_core::Kind::RateLimited);
    assert!(server.seen().is_empty());
}

/// The claims of a statement in a request for a token.
fn claims(arrival: &Arrival, field: &str) -> Value {
    let form = form(arrival);
    let (_, statement) = form.iter().find(|(name, _)| name == field).unwrap();
    let claims = statement.split('.').nth(1).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_may_sign_instead_of_showing_a_secret() {
    let server = server().await;
    let key = SigningKey::from_pem(&RSA.into(), Algorithm::Ps256).unwrap();
    let client = client(&server, Grant::client_statement("my-app", key).scope("x"));
    slow_motion(get(&client, &server)).await.unwrap();
    server.expire_tokens();
    slow_motion(get(&client, &server)).await.unwrap();
    let seen = server.seen_at("/token");
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wanted = [
        field("grant_type", "client_credentials"),
        field("scope", "x"),
        field("client_id", "my-app"),
        field(
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
    ];
    assert_eq!(form(&seen[0])[..4], wanted);
    let [one, other] = [0, 1].map(|index| claims(&seen[index], "client_assertion"));
    assert_eq!(
        (&one["iss"], &one["sub"]),
        (&"my-app".into(), &"my-app".into())
    );
    assert_eq!(one["aud"].as_str().unwrap(), server.url("/token"));
    assert_eq!(one["jti"].as_str().unwrap().len(), 22);
    assert_ne!(one["jti"], other["jti"]);
}

#[tokio::test(start_paused = true)]
async fn a_statement_is_signed_anew_for_each_attempt() {
    let key = || SigningKey::from_pem(&RSA.into(), Algorithm::Rs256).unwrap();
    for (grant, field) in [
        (Grant::client_statement("my-app", key()), "client_assertion"),
        (Grant::jwt_bearer(key(), "me", "you"), "assertion"),
    ] {
        let server = server().await;
        server.next("/token", [Reply::status(503), Reply::text("{\"acc").cut(3)]);
        let client = client(&server, grant);
        slow_motion(get(&client, &server)).await.unwrap();
        let seen = server.seen_at("/token");
        let names = seen
            .iter()
            .map(|seen| claims(seen, field)["jti"].to_string());
        let names: std::collections::HashSet<_> = names.collect();
        assert_eq!((seen.len(), names.len()), (3, 3));
    }
}

/// When a statement was made, by its own words.
fn issued_at(arrival: &Arrival) -> u64 {
    let claims = claims(arrival, "assertion");
    assert_eq!(
        claims["aud"].as_str().unwrap(),
        format!("http://{}/token", arrival.header("host"))
    );
    claims["iat"].as_u64().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_statement_is_made_by_the_clock_of_the_server_where_ours_is_off() {
    let server = server().await;
    let key = SigningKey::from_pem(&RSA.into(), Algorithm::Rs256).unwrap();
    let client = client(&server, Grant::jwt_bearer(key, "me", "me").scope("read"));
    let there = SystemTime::now() + 5 * HOUR;
    let refusal = Reply::json(&json!({"error": "invalid_grant"})).with_status(400);
    let refusal = refusal.header("date", &httpdate::fmt_http_date(there));
    server.next("/token", [refusal]);
    slow_motion(get(&client, &server)).await.unwrap();
    let times: Vec<_> = server.seen_at("/token").iter().map(issued_at).collect();
    let [first, second] = times[..] else {
        panic!("{times:?}");
    };
    assert!((17_990..=18_000).contains(&(second - first)), "{times:?}");
    // From now on, the first attempt is right.
    server.expire_tokens();
    slow_motion(get(&client, &server)).await.unwrap();
    let seen = server.seen_at("/token");
    assert_eq!(seen.len(), 3);
    assert!(issued_at(&seen[2]) >= second);
}

#[tokio::test(start_paused = true)]
async fn a_statement_that_is_refused_for_another_reason_is_made_once() {
    let server = server().await;
    let key = SigningKey::from_pem(&RSA.into(), Algorithm::Rs256).unwrap();
    let client = client(&server, Grant::jwt_bearer(key, "me", "me"));
    server.serve(
        "/token",
        Reply::json(&json!({"error": "invalid_grant"})).with_status(400),
    );
    let error = slow_motion(get(&client, &server)).await.unwrap_err();
    assert!(token_error(&error).to_string().ends_with("(invalid_grant)"));
    assert_eq!(server.seen_at("/token").len(), 1);
}
