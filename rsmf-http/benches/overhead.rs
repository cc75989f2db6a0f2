//! What a request through the client costs more than one by plain reqwest.
//!
//! Both ask the same server for the same few bytes, over connections that are kept, and are set to do the same, but for
//! two settings by which ours spares work (see `plain`).
//! The server runs in a process of its own. They take turns in short rounds, so that whatever else
//! the machine does meets both alike; the medians of the rounds are compared.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::exit,
    clippy::expect_used,
    missing_docs
)]

use std::{
    env,
    future::Future,
    io::{self, BufRead, BufReader, Read},
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;
use futures_util::{StreamExt, stream};
use rsmf_http::{AllowedHost, Client, Config, Fence, Url};

/// Requests of each kind.
const REQUESTS: usize = 20_000;

/// Requests of a round.
const ROUND: usize = 200;

/// How the program is called to be the server.
const SERVER: &str = "--as-server";

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match env::args().any(|argument| argument == SERVER) {
        true => runtime.block_on(serve()),
        false => runtime.block_on(compare()),
    }
}

/// Says where it listens, and ends with its parent, which holds its input open.
async fn serve() {
    thread::spawn(|| {
        let _ = io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let page = axum::routing::get(|| async { "{\"ok\":true}" });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/a", page);
    axum::serve(listener, router).await.unwrap();
}

/// The server, and where it listens.
fn server() -> (Child, String) {
    let mut server = Command::new(env::current_exe().unwrap())
        .arg(SERVER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let output = server.stdout.as_mut().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    (server, line.trim().to_owned())
}

async fn compare() {
    // Plain reqwest looks for cryptography that somebody installed, also where it needs none.
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("the first one");
    let (mut server, host) = server();
    let url: Url = format!("http://{host}/a").parse().unwrap();
    let rule: AllowedHost = format!("http://{host}").parse().unwrap();
    let client = Client::builder(Fence::new([rule.private()])).build();
    let client = client.unwrap();
    let (plain, timed) = (plain(None), plain(Some(Config::default().idle_timeout)));
    for parallel in [1, 8] {
        println!("{parallel} at a time, {REQUESTS} requests of each kind, per request:");
        let mut rounds = [const { Vec::new() }; 3];
        // One round for warming up, which does not count.
        for round in 0..=REQUESTS / ROUND {
            for turn in 0..3 {
                // Each is first as often as the others: who comes last meets the end of the time that the
                // system gives at once.
                let kind = (round + turn) % 3;
                let taken = match kind {
                    0 => measure(parallel, || by_reqwest(&plain, &url)).await,
                    1 => measure(parallel, || by_reqwest(&timed, &url)).await,
                    _ => measure(parallel, || by_ours(&client, &url)).await,
                };
                if round > 0 {
                    rounds[kind].push(taken);
                }
            }
        }
        report("time", &rounds, |taken| taken.wall);
        report("CPU time of the client", &rounds, |taken| taken.cpu);
    }
    drop(server.stdin.take());
    server.wait().unwrap();
}

/// Plain reqwest, set to do what ours does, and with a timeout for reading or with none at all.
///
/// Ours differs in two settings that change nothing of what is done, but spare work: it also sets
/// `max_retries_per_request(0)`, without which `never()` still copies each request, and gives the user agent as a header
/// that is part of the program, which is copied at less cost. Nor does this one have its own TLS and its own resolver, which
/// a kept connection to an address without TLS has no use for.
fn plain(timeout: Option<Duration>) -> reqwest::Client {
    let config = Config::default();
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .gzip(true)
        .connect_timeout(config.connect_timeout)
        .user_agent(config.user_agent.into_owned());
    if let Some(timeout) = timeout {
        builder = builder.read_timeout(timeout);
    }
    builder.build().unwrap()
}

async fn by_reqwest(client: &reqwest::Client, url: &Url) {
    let answer = client.get(url.clone()).send().await.unwrap();
    answer.bytes().await.unwrap();
}

async fn by_ours(client: &Client, url: &Url) {
    let answer = client.get(url.clone()).send().await.unwrap();
    answer.bytes().await.unwrap();
}

/// What one round took.
struct Taken {
    wall: Duration,
    cpu: Duration,
}

async fn measure<F: Future<Output = ()>>(parallel: usize, one: impl Fn() -> F) -> Taken {
    let (start, cpu) = (Instant::now(), ProcessTime::now());
    let all = stream::iter(0..ROUND).map(|_| one());
    all.buffer_unordered(parallel).collect::<()>().await;
    Taken {
        wall: start.elapsed(),
        cpu: cpu.elapsed(),
    }
}

fn report(what: &str, rounds: &[Vec<Taken>; 3], span: impl Fn(&Taken) -> Duration) {
    let [plain, timed, client] = rounds.each_ref().map(|rounds| median(rounds, &span));
    let more = |than: f64| (client / than - 1.0) * 100.0;
    println!("  {what}: rsmf-http {client:.2} µs");
    println!("    reqwest: {plain:.2} µs, {:+.1} %", more(plain));
    println!(
        "    reqwest with a timeout for reading: {timed:.2} µs, {:+.1} %",
        more(timed)
    );
}

/// Microseconds per request in the median round.
fn median(rounds: &[Taken], span: impl Fn(&Taken) -> Duration) -> f64 {
    let mut spans: Vec<_> = rounds.iter().map(span).collect();
    spans.sort();
    spans[spans.len() / 2].as_secs_f64() * 1e6 / ROUND as f64
}
