//! Large objects that are copied from a server in parts, several at a time.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use rsmf_core::{
    Kind, Result,
    integration::{PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_simulator::{
    Break,
    Breaking::{self, Close, Reset, Stall},
    FaultProxy, HttpFault, HttpProxy, Reply, Toward,
};
use rsmf_storage::{
    MemoryStorage, conformance,
    s3::S3Storage,
    transfer::{CopyOptions, Place, copy},
};

use super::{BUCKET, bucket, config, server};

const SIZE: usize = 6 << 20;

/// An object on the server, seen by way of `address`, and a store in memory that is to get it.
struct Play {
    straight: S3Storage,
    from: Place,
    to: Place,
    given: Bytes,
}

impl Play {
    async fn of(address: &str) -> Self {
        let server = server("seaweedfs").unwrap();
        let straight = bucket(BUCKET, &config(&server, "http", "admin")).await;
        let mut through = config(&server, "http", "admin").endpoint(address.parse().unwrap());
        through.network.retry_delay = Duration::from_millis(5);
        through.network.max_retry_delay = Duration::from_millis(20);
        through.network.idle_timeout = Duration::from_secs(2);
        through.network.circuit_open_after_failures = 100;
        let store = S3Storage::connect(BUCKET, &through, &NoSecrets).await;
        let path = conformance::folder().join("large").unwrap();
        let given: Bytes = (0..SIZE).map(|at| (at ^ (at >> 9)) as u8).collect();
        let put = straight.put_bytes(&path, given.clone(), PutOptions::default());
        put.await.unwrap();
        let to = StorePath::new("copy").unwrap();
        Self {
            straight,
            from: Place::new(Arc::new(store.unwrap()), path),
            to: Place::new(Arc::new(MemoryStorage::new()), to),
            given,
        }
    }

    async fn copy(&self) -> Result<()> {
        let mut options = CopyOptions::default();
        options.transfer.part_size = bytesize::ByteSize::mib(1);
        options.max_retries = Some(0);
        copy(&self.from, &self.to, &options, &|_| {})
            .await
            .map(|_| ())
    }

    async fn has_arrived(&self) {
        let copy = self.to.storage.get_bytes(&self.to.path, u64::MAX).await;
        assert!(copy.unwrap() == self.given, "something else has arrived");
    }

    async fn clear(self) {
        self.straight.delete(&self.from.path).await.unwrap();
    }
}

fn address() -> Option<std::net::SocketAddr> {
    let server = server("seaweedfs")?;
    let url: url::Url = server["http"].as_str().unwrap().parse().unwrap();
    url.socket_addrs(|| None).unwrap().first().copied()
}

fn breaks(after: u64, how: Breaking) -> Break {
    Break {
        toward: Toward::Client,
        after,
        how,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_break_go_on_where_they_were() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    for how in [Close, Reset, Stall] {
        let play = Play::of(&format!("http://{}", proxy.address())).await;
        proxy.next([300_000, 700_000, 1_500_000, 10].map(|after| breaks(after, how)));
        play.copy().await.unwrap();
        play.has_arrived().await;
        play.clear().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_asked_for_again_where_a_server_is_busy() {
    let Some(server) = address() else { return };
    let proxy = HttpProxy::start(server).await;
    let play = Play::of(&proxy.url()).await;
    let busy = HttpFault::Answer(Box::new(Reply::status(503)));
    proxy.next("GET", "large", vec![busy; 3]);
    play.copy().await.unwrap();
    assert_eq!(proxy.left(), 0);
    play.has_arrived().await;
    play.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replaced_while_its_parts_are_read_never_arrives() {
    let Some(server) = address() else { return };
    let proxy = FaultProxy::start(server).await;
    let play = Play::of(&format!("http://{}", proxy.address())).await;
    let meta = play.from.storage.head(&play.from.path).await.unwrap();
    let other = Bytes::from(vec![7; SIZE]);
    let put = play
        .straight
        .put_bytes(&play.from.path, other, PutOptions::default());
    put.await.unwrap();
    let mut options = CopyOptions::default();
    options.transfer.part_size = bytesize::ByteSize::mib(1);
    let (from, to) = (&play.from, &play.to);
    let copied = rsmf_storage::transfer::copy_known(from, &meta, to, &options, &|_| {}).await;
    assert_eq!(copied.unwrap_err().kind(), Kind::Conflict);
    assert!(!to.storage.exists(&to.path).await.unwrap());
    play.clear().await;
}
