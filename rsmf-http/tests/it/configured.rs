//! The configuration as people write it.

use std::time::Duration;

use rsmf_http::{Client, Config, Error, Fence, Redirects, Url};
use rsmf_simulator::{FaultServer, Reply, slow_motion};

/// Each name, with a value other than its default.
const ALL: &str = r#"
max_retries = 5
retry_delay = "500ms"
max_retry_delay = "20s"
exponential_base = 3.0
max_retry_after = "1h"
retry_budget = 0.1
circuit_open_after_failures = 10
circuit_reset_timeout = "1m"
timeout = "1m 30s"
connect_timeout = "5s"
idle_timeout = "45s"
deadline = "10 minutes"
requests_per_second = 0.5
burst = 2
concurrency = 4
max_response_size = 1000000
allowed_hosts = ["*.slack.com", "http://mirror.example:8080"]
private_hosts = ["10.0.0.7"]
redirects = "anywhere"
ca_file = "company.pem"
client_certificate = "me.pem"
client_key = "me.key"
user_agent = "me/1"

[proxies]
http = "http://proxy.example:8080"
https = "http://proxy.example:8080"
no_proxy = "localhost,10.0.0.0/8"
"#;

#[test]
fn a_file_may_say_everything() {
    let config: Config = toml::from_str(ALL).unwrap();
    assert_eq!(config.max_retries, 5);
    assert_eq!(config.retry_delay, Duration::from_millis(500));
    assert_eq!(config.timeout, Duration::from_secs(90));
    assert_eq!(config.deadline, Some(Duration::from_secs(600)));
    assert_eq!(config.redirects, Redirects::Anywhere);
    assert_eq!(config.concurrency.map(u32::from), Some(4));
    assert_eq!(config.proxies.no_proxy, "localhost,10.0.0.0/8");
    let hosts = config.allowed_hosts.iter().map(ToString::to_string);
    assert!(hosts.eq(["*.slack.com", "http://mirror.example:8080"]));
    // Whatever can be set stands in the text above: Debug names each field once.
    let (all, default) = (format!("{config:#?}"), format!("{:#?}", Config::default()));
    let fields = |shown: &str| {
        let fields = shown
            .lines()
            .filter(|line| line.starts_with("    ") && !line.starts_with("     "));
        let fields = fields.filter_map(|line| Some(line.trim().split_once(": ")?.0.to_owned()));
        fields.collect::<Vec<_>>()
    };
    assert_eq!(fields(&all), fields(&default));
    for field in fields(&default) {
        assert!(ALL.contains(&field), "{field}");
    }
}

#[test]
fn a_file_that_says_nothing_leaves_the_defaults() {
    let config: Config = toml::from_str("").unwrap();
    assert_eq!(config, Config::default());
    let seconds = [
        (config.retry_delay, 1),
        (config.max_retry_delay, 10),
        (config.circuit_reset_timeout, 30),
        (config.timeout, 30),
    ];
    for (span, wanted) in seconds {
        assert_eq!(span, Duration::from_secs(wanted));
    }
    assert_eq!(
        (config.max_retries, config.circuit_open_after_failures),
        (3, 5)
    );
    assert_eq!(config.exponential_base, 2.0);
}

#[test]
fn retries_may_be_unlimited() {
    let config: Config = toml::from_str("retry_budget = \"unlimited\"").unwrap();
    assert_eq!(config.retry_budget, None);
}

#[test]
fn what_is_wrong_is_named() {
    for (text, told) in [
        ("max_retires = 5", "max_retires"),
        ("timeout = \"soon\"", "timeout"),
        ("timeout = 30", "timeout"),
        ("timeout = \"-5s\"", "timeout"),
        ("burst = 0", "burst"),
        ("concurrency = 0", "concurrency"),
        ("requests_per_second = nan", "requests_per_second"),
        ("requests_per_second = 0.0", "requests_per_second"),
        ("requests_per_second = inf", "requests_per_second"),
        ("exponential_base = nan", "exponential_base"),
        ("exponential_base = 0.5", "exponential_base"),
        ("retry_budget = nan", "retry_budget"),
        ("retry_budget = -0.1", "retry_budget"),
        ("retry_budget = \"much\"", "retry_budget"),
        ("redirects = \"yes\"", "redirects"),
        ("allowed_hosts = [\"a/b\"]", "allowed_hosts"),
        ("[proxies]\nftp = \"\"", "ftp"),
    ] {
        let error = toml::from_str::<Config>(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test]
async fn hosts_of_a_file_are_let_through_to() {
    let server = FaultServer::start().await;
    server.serve("/a", Reply::text("content"));
    let url: Url = server.url("/a").parse().unwrap();
    for (key, reached) in [("allowed_hosts", false), ("private_hosts", true)] {
        let text = format!("{key} = [\"{}\"]", server.url(""));
        let config = toml::from_str(&text).unwrap();
        let client = Client::builder(Fence::default()).config(config);
        let answer = client.build().unwrap().get(url.clone()).send().await;
        match answer {
            Ok(_) => assert!(reached),
            Err(error) => assert!(!reached && matches!(error, Error::PrivateAddress { .. })),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_figure_makes_a_client() {
    for figure in [
        "max_retries = 4294967295",
        "retry_delay = \"0s\"",
        "retry_delay = \"9000000h\"\nmax_retry_delay = \"1s\"",
        "exponential_base = 3e38",
        "max_retry_after = \"0s\"",
        "retry_budget = 0.0",
        "retry_budget = 3e38",
        "circuit_reset_timeout = \"9000000h\"",
        "timeout = \"9000000h\"",
        "idle_timeout = \"9000000h\"",
        "deadline = \"9000000h\"",
        "burst = 4294967295\nrequests_per_second = 1e300",
        "concurrency = 4294967295",
    ] {
        let server = FaultServer::start().await;
        server.serve("/a", Reply::text("content"));
        server.next("/a", vec![Reply::status(503); 2]);
        let text = format!("{figure}\nprivate_hosts = [\"{}\"]", server.url(""));
        let client = Client::builder(Fence::default()).config(toml::from_str(&text).unwrap());
        let get = client
            .build()
            .unwrap()
            .get(server.url("/a").parse().unwrap());
        let answer = slow_motion(get.send()).await;
        let content = slow_motion(answer.unwrap().bytes()).await;
        assert_eq!(content.unwrap(), "content", "{figure}");
    }
}
