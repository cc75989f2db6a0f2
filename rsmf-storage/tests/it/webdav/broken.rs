//! A broken way to a real server: what was begun ends right or not at all.

use std::{net::SocketAddr, time::Duration};

use futures_util::TryStreamExt;
use rsmf_core::{
    integration::{PutMode, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::{Break, Breaking, FaultProxy, HttpFault, HttpProxy, Reply, Toward};
use rsmf_storage::{Network, conformance, webdav::DavStorage};

use super::{config, store};
use rsmf_simulator::real_server as server;

const SERVERS: [&str; 2] = ["apache", "wsgidav"];

/// Where a server listens, without any fault.
fn address(name: &str) -> Option<SocketAddr> {
    let server = server(name)?;
    let url: url::Url = server["url"].as_str().unwrap().parse().unwrap();
    let port = url.port().unwrap();
    Some(([127, 0, 0, 1], port).into())
}

/// A store behind a proxy.
fn behind(name: &str, proxy: &str) -> DavStorage {
    let mut network = Network::default();
    network.retry_delay = Duration::from_millis(5);
    network.timeout = Duration::from_secs(2);
    network.circuit_open_after_failures = 0;
    let config = config(&server(name).unwrap()).network(network);
    let root = format!("{proxy}/dav/").parse().unwrap();
    DavStorage::connect(&root, &config, &NoSecrets).unwrap()
}

/// A proxy before a server, a store behind it, and a folder there.
async fn proxied(name: &str) -> Option<(HttpProxy, DavStorage, StorePath)> {
    let proxy = HttpProxy::start(address(name)?).await;
    let store = behind(name, &proxy.url());
    Some((proxy, store, conformance::folder()))
}

async fn listed(store: &DavStorage, folder: &StorePath) -> Vec<String> {
    let listed = store
        .list(folder)
        .map_ok(|meta| meta.path.as_str().to_owned());
    listed.try_collect().await.unwrap()
}

#[tokio::test]
async fn bursts_of_refusals_are_waited_out() {
    for name in SERVERS {
        let Some((proxy, store, folder)) = proxied(name).await else {
            continue;
        };
        let path = folder.join("a").unwrap();
        for method in ["PUT", "PROPFIND", "MOVE", "GET"] {
            let burst = [429, 503].map(|status| HttpFault::Answer(Box::new(Reply::status(status))));
            proxy.next(method, "", burst);
        }
        let options = PutOptions::default();
        store
            .put_bytes(&path, "content".into(), options)
            .await
            .unwrap();
        assert_eq!(store.get_bytes(&path, 10).await.unwrap(), "content");
        assert_eq!(listed(&store, &folder).await, [path.as_str()]);
        assert_eq!(proxy.left(), 0);
        conformance::clear(&store, &folder).await;
    }
}

#[tokio::test]
async fn lost_answers_are_found_out() {
    for name in SERVERS {
        let Some((proxy, store, folder)) = proxied(name).await else {
            continue;
        };
        let path = |name: &str| folder.join(name).unwrap();
        for method in ["PUT", "MOVE", "PROPFIND", "DELETE", "UNLOCK"] {
            proxy.next(method, "", [HttpFault::LoseAnswer]);
        }
        let options = PutOptions::default().create();
        store
            .put_bytes(&path("a"), "content".into(), options)
            .await
            .unwrap();
        proxy.next("MOVE", "", [HttpFault::LoseAnswer]);
        store
            .rename(&path("a"), &path("b/c"), PutMode::Create)
            .await
            .unwrap();
        proxy.next("COPY", "", [HttpFault::LoseAnswer]);
        store
            .copy(&path("b/c"), &path("d"), PutMode::Create)
            .await
            .unwrap();
        assert_eq!(store.get_bytes(&path("d"), 10).await.unwrap(), "content");
        assert_eq!(
            listed(&store, &folder).await,
            [path("b/c").as_str(), path("d").as_str()]
        );
        conformance::clear(&store, &folder).await;
    }
}

#[tokio::test]
async fn a_broken_upload_leaves_what_was_there() {
    for name in SERVERS {
        let Some(server) = address(name) else {
            continue;
        };
        let direct = store(name).unwrap();
        let folder = conformance::folder();
        let path = folder.join("a").unwrap();
        let options = PutOptions::default();
        direct
            .put_bytes(&path, "before".into(), options)
            .await
            .unwrap();
        // wsgidav waits long for the rest of a body, and has few threads to do that.
        let ways: &[_] = match name {
            "apache" => &[Breaking::Reset, Breaking::Close, Breaking::Stall],
            _ => &[Breaking::Reset],
        };
        for &how in ways {
            let proxy = FaultProxy::start(server).await;
            let store = behind(name, &format!("http://{}", proxy.address()));
            let breaks = Break {
                toward: Toward::Server,
                after: 12 << 20,
                how,
            };
            // Whatever connection it is sent on.
            proxy.next([breaks; 8]);
            let bytes = vec![7; 20 << 20];
            let put = store.put_bytes(&path, bytes.into(), PutOptions::default());
            assert!(put.await.unwrap_err().is_temporary(), "{name} {how:?}");
            assert_eq!(direct.get_bytes(&path, 10).await.unwrap(), "before");
            assert_eq!(listed(&direct, &folder).await, [path.as_str()]);
        }
        conformance::clear(&direct, &folder).await;
    }
}

/// What the server says who wants to know the length before. More than a part waits in a file then, from which it is sent again.
#[tokio::test]
async fn contents_wait_where_a_server_wants_their_length() {
    for name in SERVERS {
        let Some((proxy, store, folder)) = proxied(name).await else {
            continue;
        };
        let path = folder.join("a").unwrap();
        let refused = |status| HttpFault::Answer(Box::new(Reply::status(status)));
        proxy.next(
            "PUT",
            "",
            [refused(411), refused(503), HttpFault::LoseAnswer],
        );
        let piece: Vec<u8> = (0..100_000_u32).map(|at| (at >> 4) as u8).collect();
        let mut upload = store.put(&path, PutOptions::default()).await.unwrap();
        for _ in 0..120 {
            upload.write(piece.clone().into()).await.unwrap();
        }
        let meta = upload.finish().await.unwrap();
        assert_eq!(meta.size, 12_000_000);
        assert_eq!(proxy.left(), 0);
        let read = store.get_bytes(&path, 16 << 20).await.unwrap();
        assert!(read == piece.repeat(120));
        assert_eq!(listed(&store, &folder).await, [path.as_str()]);
        conformance::clear(&store, &folder).await;
    }
}
