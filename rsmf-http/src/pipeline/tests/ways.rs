//! Where requests go: redirects, endpoints, fallbacks.

use futures_util::future::join_all;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use super::{super::Answer, *};
use crate::{Authenticate, Category, Cause, Endpoint, Endpoints, Outgoing, endpoints::Choice};

fn with_secret() -> Call {
    let mut call = get();
    let mut value = HeaderValue::from_static("Key 1");
    value.set_sensitive(true);
    call.headers.insert("x-api-key", value.clone());
    call.headers.insert(AUTHORIZATION, value);
    for (name, value) in [("x-plain", "2"), ("private-token", "3")] {
        call.headers.insert(name, HeaderValue::from_static(value));
    }
    call
}

#[tokio::test(start_paused = true)]
async fn credentials_stay_with_their_host() {
    let script = Script::new([Redirect(302, "/y"), Redirect(301, "https://b.example/z")]);
    let mut call = with_secret();
    call.redirects = Redirects::Anywhere;
    Rig::new(&script, Config::default())
        .send(call)
        .await
        .unwrap();
    let seen = script.seen();
    let held: Vec<_> = seen.iter().map(|seen| seen.headers.len()).collect();
    assert_eq!(held, [4, 4, 1]);
    assert_eq!(seen[2].url, "https://b.example/z");
}

/// Asks the host for a token before each request to it.
#[derive(Debug)]
struct Asking(Rig);

#[async_trait::async_trait]
impl Authenticate for Asking {
    async fn apply(&self, _: &mut Outgoing<'_>) -> Result<(), Cause> {
        self.0.send(get()).await?;
        Ok(())
    }

    async fn refused(&self, _: &HeaderMap) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_a_redirect_gives_up_its_place_first() {
    let script = Script::new([Fine, Redirect(302, "/y")]);
    let config = Config {
        concurrency: 1.try_into().ok(),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    let mut call = get();
    call.auth = Some(Arc::new(Asking(rig.clone())));
    let sent = tokio::time::timeout(Duration::from_secs(60), rig.send(call));
    sent.await.expect("it waits for itself").unwrap();
    assert_eq!(script.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn redirects_go_no_further_than_allowed() {
    for (redirects, target, asked) in [
        (Redirects::Never, "/y", 1),
        (Redirects::SameHost, "https://b.example/", 1),
        (Redirects::SameHost, "https://a.example:444/", 1),
        (Redirects::Anywhere, "https://c.example/", 1),
        (Redirects::Anywhere, "http://a.example/", 1),
        (Redirects::Anywhere, "https://169.254.169.254/", 1),
        (Redirects::SameHost, "/x", 6),
    ] {
        let script = Script::new([Redirect(302, target); 9]);
        let mut call = get();
        call.redirects = redirects;
        let error = Rig::new(&script, Config::default())
            .send(call)
            .await
            .unwrap_err();
        assert!(!error.is_temporary(), "{error}");
        assert_eq!(script.count(), asked, "{target}");
    }
}

#[tokio::test(start_paused = true)]
async fn not_every_status_of_this_kind_is_a_redirect() {
    let script = Script::new([Redirect(304, "/y")]);
    let answer = Rig::new(&script, Config::default())
        .send(get())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
}

fn regions() -> Endpoints {
    let endpoint = |base: &str| Endpoint::new(base.parse().unwrap());
    let first = endpoint("https://a.example/eu/");
    Endpoints::new([first, endpoint("https://b.example/us/").rank(1)]).unwrap()
}

fn chosen(endpoints: &Endpoints) -> Call {
    let mut call = Call::new(Method::GET, endpoints.first("x").unwrap());
    call.choice = Some(Choice::new(endpoints.clone(), "x".to_owned()));
    call
}

#[tokio::test(start_paused = true)]
async fn another_region_is_asked_at_once_and_the_first_again_later() {
    let script = Script::new([Broken]);
    let (rig, regions) = (Rig::new(&script, Config::default()), regions());
    let answer = rig.send(chosen(&regions)).await.unwrap();
    assert_eq!(answer.url().as_str(), "https://b.example/us/x");
    assert_eq!(script.start.elapsed(), Duration::ZERO);
    let answer = rig.send(chosen(&regions)).await.unwrap();
    assert_eq!(answer.url().as_str(), "https://a.example/eu/x");
    // While the first asks for a pause, nobody waits for it, however long it is.
    script.next([Limited(3600)]);
    let mut hasty = chosen(&regions);
    hasty.within = Some(Duration::from_secs(1));
    let answer = rig.send(hasty).await.unwrap();
    assert_eq!(answer.url().host_str(), Some("b.example"));
    tokio::time::advance(Duration::from_secs(300)).await;
    script.next([Limited(60)]);
    for _ in 0..3 {
        let answer = rig.send(chosen(&regions)).await.unwrap();
        assert_eq!(answer.url().host_str(), Some("b.example"));
    }
    assert_eq!(script.start.elapsed().as_secs(), 300);
    tokio::time::advance(Duration::from_secs(61)).await;
    let answer = rig.send(chosen(&regions)).await.unwrap();
    assert_eq!(answer.url().host_str(), Some("a.example"));
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_elsewhere_takes_no_retries_from_the_place_that_is_down() {
    let script = Script::new([Slow; 300]);
    let config = Config {
        circuit_open_after_failures: 0,
        retry_budget: Some(0.0),
        ..Config::default()
    };
    let (rig, regions) = (Rig::new(&script, config), regions());
    let answers = join_all((0..300).map(|_| rig.send(chosen(&regions)))).await;
    for answer in answers {
        assert_eq!(answer.unwrap().url().host_str(), Some("b.example"));
    }
    // Where both are down, each request is tried once at each; what comes after that is paid.
    script.next([Broken; 3000]);
    let before = script.count();
    join_all((0..300).map(|_| rig.send(chosen(&regions)))).await;
    let mut sent = [0, 0];
    for seen in script.seen().split_off(before) {
        sent[usize::from(seen.url.starts_with("https://b."))] += 1;
    }
    let [first, second] = sent;
    assert!((390..=500).contains(&first) && second == 300, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_for_a_place_that_is_down_by_now_goes_elsewhere() {
    let script = Script::new([Slow]);
    let config = Config {
        concurrency: 1.try_into().ok(),
        circuit_open_after_failures: 1,
        ..Config::default()
    };
    let (rig, regions) = (Rig::new(&script, config), regions());
    let one = rig.send(chosen(&regions));
    let (one, other) = tokio::join!(async { one.await.unwrap().url().clone() }, async {
        rig.send(chosen(&regions)).await.unwrap().url().clone()
    });
    assert_eq!(
        (one.host_str(), other.host_str()),
        (Some("b.example"), Some("b.example"))
    );
    assert_eq!(script.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_sent_again_was_tried_nowhere() {
    let script = Script::new([Broken]);
    let (rig, regions) = (Rig::new(&script, Config::default()), regions());
    let call = chosen(&regions);
    let hosts = [call.clone(), call].map(async |call| {
        let answer = rig.send(call).await.unwrap();
        answer.url().host_str().unwrap().to_owned()
    });
    let [one, other] = hosts;
    assert_eq!((&*one.await, &*other.await), ("b.example", "a.example"));
}

#[tokio::test(start_paused = true)]
async fn a_fallback_answers_for_its_operation_only() {
    let mut fallbacks = Fallbacks::default();
    let answer = |error: Error| -> Answer {
        Box::pin(async move {
            let url = error.url().and_then(|url| url.parse().ok()).unwrap();
            Ok(Response::made(url, StatusCode::OK, HeaderMap::new(), "[1]"))
        })
    };
    fallbacks.set("list".to_owned(), Arc::new(answer));
    let script = Script::new([Status(404), Status(404), Status(404)]);
    let rig = Rig::with(&script, Config::default(), fallbacks);
    let mut list = get();
    list.operation = Some("list".into());
    let answer = rig.send(list).await.unwrap();
    assert_eq!(answer.json::<Vec<u8>>().await.unwrap(), [1]);
    let mut other = get();
    other.operation = Some("other".into());
    for call in [other, get()] {
        let error = rig.send(call).await.unwrap_err();
        assert_eq!(error.category(), Category::NotFound);
    }
}

#[tokio::test]
async fn what_is_no_json_is_told_without_its_content() {
    let url: crate::Url = "https://a.example/".parse().unwrap();
    for (body, told) in [
        ("<html>secret", "no JSON"),
        (r#"["secret"]"#, "another shape"),
    ] {
        let answer = Response::made(url.clone(), StatusCode::OK, HeaderMap::new(), body);
        let error = answer.json::<Vec<u8>>().await.unwrap_err();
        assert_eq!(error.category(), Category::Protocol);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(told) && !shown.contains("secret"), "{shown}");
    }
}
