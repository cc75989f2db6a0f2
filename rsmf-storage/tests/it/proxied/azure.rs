//! Azurite.

use rsmf_core::integration::Storage as _;

use super::*;
use crate::azure::server::{Server, name};

/// The server, the way around the proxy, and who opens the way through it.
async fn ways() -> Option<(SocketAddr, Store, impl Fn(u16) -> Store)> {
    let server = Server::running()?;
    let name = name();
    let straight = server.open(&name, &server.by_key());
    straight.create_container().await.unwrap();
    let address = format!("127.0.0.1:{}", server.http.port().unwrap());
    let open = move |port| {
        let mut config = server.by_key();
        let mut endpoint = server.http.clone();
        endpoint.set_port(Some(port)).unwrap();
        config.endpoint = Some(endpoint);
        config.network = network();
        config.transfer = transfer();
        config.hierarchical = Some(false);
        Arc::new(server.open(&name, &config)) as Store
    };
    Some((address.parse().unwrap(), Arc::new(straight), open))
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_break() {
    let Some((server, straight, open)) = ways().await else {
        return;
    };
    connections_may_break(server, straight, open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_break() {
    let Some((server, straight, open)) = ways().await else {
        return;
    };
    a_way_that_always_breaks_is_told(server, straight, open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_wrong() {
    let Some((server, straight, open)) = ways().await else {
        return;
    };
    answers_may_be_wrong(server, straight, open).await;
}
