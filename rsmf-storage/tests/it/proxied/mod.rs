//! Stores at the end of a way that breaks: each transfer ends right, or fails with a clear error, and nothing wrong ever
//! has the final name.

mod azure;
mod gcs;
mod sftp;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::TryStreamExt;
use rsmf_core::{
    Error, Kind,
    integration::{GetOptions, PutOptions, Storage, StorageExt, StorePath},
};
use rsmf_simulator::{
    Break,
    Breaking::{Close, Reset, Stall},
    FaultProxy, HttpFault, HttpProxy, PLANTED, Reply, Toward,
};
use rsmf_storage::{Network, Transfer, conformance};
use tokio::time::timeout;

/// More than two parts.
const LARGE: usize = 12 << 20;

/// Longer than anything here may take.
const HANGS: Duration = Duration::from_secs(60);

type Store = Arc<dyn Storage>;

/// Little patience.
fn network() -> Network {
    let mut network = Network::default();
    network.retry_delay = Duration::from_millis(5);
    network.max_retry_delay = Duration::from_millis(20);
    network.timeout = Duration::from_secs(2);
    network.idle_timeout = Duration::from_secs(2);
    network.circuit_open_after_failures = 100;
    network
}

fn transfer() -> Transfer {
    let mut transfer = Transfer::default();
    transfer.part_size = bytesize::ByteSize::mib(5);
    transfer
}

fn content(size: usize) -> Bytes {
    (0..size).map(|at| (at % 251) as u8).collect()
}

/// What is there under a name, or nothing.
async fn there(store: &Store, path: &StorePath) -> Option<Bytes> {
    match store.get_bytes(path, u64::MAX).await {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
            None
        }
    }
}

fn is_clear(error: &Error) {
    assert!(error.is_temporary(), "{error:?}");
    let told = format!("{error} {error:?}");
    assert!(!told.contains(PLANTED), "{told}");
}

/// Each way in which a connection breaks. `open` opens the store anew: a connection from before would be used instead.
async fn connections_may_break(server: SocketAddr, straight: Store, open: impl Fn(u16) -> Store) {
    let proxy = FaultProxy::start(server).await;
    let port = proxy.address().port();
    let folder = conformance::folder();
    for (number, (size, toward, after, how)) in [
        (1000, Toward::Server, 0, Close),
        (1000, Toward::Server, 600, Reset),
        (1000, Toward::Client, 0, Close),
        (1000, Toward::Client, 20, Reset),
        (1000, Toward::Server, 900, Stall),
        (1000, Toward::Client, 0, Stall),
        (LARGE, Toward::Server, 100_000, Reset),
        (LARGE, Toward::Server, 4 << 20, Close),
        (LARGE, Toward::Server, 7 << 20, Stall),
        (LARGE, Toward::Client, 100, Reset),
    ]
    .into_iter()
    .enumerate()
    {
        let fault = Break { toward, after, how };
        let path = folder.join(&format!("up-{number}")).unwrap();
        let given = content(size);
        proxy.next([fault]);
        let store = open(port);
        let put = store.put_bytes(&path, given.clone(), PutOptions::default());
        let put = timeout(HANGS, put).await.unwrap();
        let meta = put.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert_eq!(meta.size, size as u64);
        assert!(there(&straight, &path).await.unwrap() == given, "{fault:?}");
    }
    let path = folder.join("down").unwrap();
    let given = content(3 << 20);
    let put = straight.put_bytes(&path, given.clone(), PutOptions::default());
    put.await.unwrap();
    for how in [Close, Reset, Stall] {
        let (toward, after) = (Toward::Client, 1 << 20);
        proxy.next([Break { toward, after, how }]);
        let store = open(port);
        let mut read = Vec::new();
        let reading = async {
            let object = store.get(&path, GetOptions::default()).await?;
            let mut stream = object.stream;
            while let Some(piece) = stream.try_next().await? {
                read.extend_from_slice(&piece);
            }
            Ok(())
        };
        match timeout(HANGS, reading).await.unwrap() {
            Ok(()) => assert!(given == read, "{how:?}"),
            Err(error) => {
                is_clear(&error);
                assert!(given.starts_with(&read), "{how:?}");
            }
        }
    }
    // Slow is not silent: six seconds in all, which is more than the patience with who says nothing.
    proxy.drip(32 << 10, Duration::from_millis(60));
    let read = timeout(HANGS, open(port).get_bytes(&path, u64::MAX)).await;
    assert!(read.unwrap().unwrap() == given);
    conformance::clear(&*straight, &folder).await;
}

/// A server whose every connection breaks: an error, and nothing is there.
async fn a_way_that_always_breaks_is_told(
    server: SocketAddr,
    straight: Store,
    open: impl Fn(u16) -> Store,
) {
    let proxy = FaultProxy::start(server).await;
    let path = conformance::folder().join("never").unwrap();
    let (toward, after, how) = (Toward::Server, 2000, Reset);
    proxy.next(std::iter::repeat_n(Break { toward, after, how }, 200));
    let store = open(proxy.address().port());
    let put = store.put_bytes(&path, content(1 << 20), PutOptions::default());
    let error = timeout(HANGS, put).await.unwrap().unwrap_err();
    is_clear(&error);
    assert!(error.to_string().contains(path.as_str()), "{error}");
    assert_eq!(there(&straight, &path).await, None);
}

/// What a busy or broken service answers. `part` is in the address of an object's content.
async fn answers_may_be_wrong(server: SocketAddr, straight: Store, open: impl Fn(u16) -> Store) {
    let proxy = HttpProxy::start(server).await;
    let port: u16 = proxy.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let folder = conformance::folder();
    let refused = |status| HttpFault::Answer(Box::new(Reply::status(status)));
    let busy = || [refused(503), refused(429), refused(500)];
    for (number, (size, method, faults)) in [
        (1000, "PUT", busy().to_vec()),
        (1000, "POST", busy().to_vec()),
        (1000, "PUT", vec![HttpFault::LoseAnswer]),
        (1000, "POST", vec![HttpFault::LoseAnswer]),
        (1000, "PUT", vec![HttpFault::DamageRequest]),
        (1000, "POST", vec![HttpFault::DamageRequest]),
        (LARGE, "PUT", busy().to_vec()),
        (LARGE, "PUT", vec![HttpFault::LoseAnswer; 2]),
        (LARGE, "PUT", vec![HttpFault::DamageRequest]),
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.join(&format!("up-{number}")).unwrap();
        let given = content(size);
        let told = format!("{number}: {method} {faults:?}");
        proxy.next(method, path.file_name(), faults.clone());
        let options = PutOptions::default().create();
        let store = open(port);
        let put = store.put_bytes(&path, given.clone(), options);
        let put = timeout(HANGS, put).await.unwrap();
        let found = there(&straight, &path).await;
        match put {
            Ok(_) => assert!(found.unwrap() == given, "{told}"),
            Err(error) => {
                let is_damaged = matches!(faults[0], HttpFault::DamageRequest);
                assert!(is_damaged, "{told}: {error:?}");
                assert_eq!(found, None, "{told}");
            }
        }
        proxy.forget();
    }
    conformance::clear(&*straight, &folder).await;
}
