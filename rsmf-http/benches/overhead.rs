//! What a request through the client costs more than one by plain reqwest.
//!
//! Both ask the same host on this machine for the same few bytes, one request after the other, over a
//! connection that is kept. They take turns in short rounds, so that whatever else the machine does
//! meets both alike; the medians of the rounds are compared.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs
)]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use rsmf_http::{AllowedHost, Client, Fence, Url};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}";

/// Requests of each kind.
const REQUESTS: usize = 20_000;

/// Requests of a round.
const ROUND: usize = 200;

fn main() {
    // Plain reqwest looks for cryptography that somebody installed, also where it needs none.
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("the first one");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(compare());
}

async fn compare() {
    let host = host();
    let url: Url = format!("http://{host}/a").parse().unwrap();
    let rule: AllowedHost = format!("http://{host}").parse().unwrap();
    let client = Client::builder(Fence::new([rule.private()]))
        .build()
        .unwrap();
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut by_plain, mut by_client) = (Vec::new(), Vec::new());
    // One round for warming up, which does not count.
    for round in 0..=REQUESTS / ROUND {
        let (plain, client) = (by_reqwest(&plain, &url).await, by_ours(&client, &url).await);
        if round > 0 {
            by_plain.push(plain);
            by_client.push(client);
        }
    }
    let (plain, client) = (median(by_plain), median(by_client));
    let more = (client / plain - 1.0) * 100.0;
    println!("plain reqwest: {plain:.1} µs per request");
    println!("rsmf-http:     {client:.1} µs per request");
    println!("more:          {more:.1} %, in {REQUESTS} requests of each kind");
}

/// A host that does as little as one can. Those of the simulator log, which costs more than what is
/// measured here.
fn host() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer(stream.unwrap()));
        }
    });
    address
}

/// Requests are small enough to come in one piece.
fn answer(mut stream: TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut request = [0; 4096];
    while stream.read(&mut request).is_ok_and(|length| length > 0) {
        stream.write_all(ANSWER).unwrap();
    }
}

async fn by_reqwest(client: &reqwest::Client, url: &Url) -> Duration {
    let start = Instant::now();
    for _ in 0..ROUND {
        let answer = client.get(url.clone()).send().await.unwrap();
        answer.bytes().await.unwrap();
    }
    start.elapsed()
}

async fn by_ours(client: &Client, url: &Url) -> Duration {
    let start = Instant::now();
    for _ in 0..ROUND {
        let answer = client.get(url.clone()).send().await.unwrap();
        answer.bytes().await.unwrap();
    }
    start.elapsed()
}

/// Microseconds per request in the median round.
fn median(mut rounds: Vec<Duration>) -> f64 {
    rounds.sort();
    rounds[rounds.len() / 2].as_secs_f64() * 1e6 / ROUND as f64
}
