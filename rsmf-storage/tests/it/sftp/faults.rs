//! Sessions that die, and servers that say nothing.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, future::join_all};
use rsmf_core::{
    Kind,
    integration::{GetOptions, Integration},
};
use tokio::time::{Instant, sleep, timeout};

use super::{
    server::{Own, Sshd},
    *,
};

const MIB: usize = 1 << 20;

/// Longer than anything here may take.
const HANGS: Duration = Duration::from_secs(60);

fn bytes(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at >> 10) as u8 ^ (at >> 18) as u8)
        .collect()
}

fn own(sshd: &Sshd) -> (Own, SftpStorage) {
    let own = sshd.own();
    let mut config = own.config(sshd);
    config.network.timeout = Duration::from_secs(3);
    let store = sshd.at(own.port, &config);
    (own, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_outlive_their_sessions() {
    let sshd = sshd!();
    let (own, store) = own(&sshd);
    let (folder, given) = (folder(), bytes(48 * MIB));
    let at = folder.join("a").unwrap();
    let transfer = async {
        let options = PutOptions::default().size(given.len() as u64);
        let mut upload = store.put(&at, options).await.unwrap();
        for (number, piece) in given.chunks(MIB).enumerate() {
            upload.write(piece.to_vec().into()).await.unwrap();
            if number % 12 == 5 {
                assert!(own.signal("KILL") > 0);
            }
        }
        upload.finish().await.unwrap();
        let mut read = Vec::new();
        let mut stream = store.get(&at, GetOptions::default()).await.unwrap().stream;
        let mut killed = 0;
        while let Some(piece) = stream.try_next().await.unwrap() {
            read.extend_from_slice(&piece);
            if read.len() / (12 * MIB) > killed {
                killed += 1;
                own.signal("KILL");
            }
        }
        assert!(read == given, "what comes back is something else");
        let left: Vec<_> = std::fs::read_dir(sshd.data(&folder)).unwrap().collect();
        assert_eq!(left.len(), 1);
        remove(&store, &folder).await;
    };
    timeout(HANGS, transfer).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_hangs_on_a_silent_server() {
    let sshd = sshd!();
    let (own, store) = own(&sshd);
    let (folder, given) = (folder(), bytes(24 * MIB));
    let at = folder.join("a").unwrap();
    let transfer = async {
        let mut upload = store.put(&at, PutOptions::default()).await.unwrap();
        for (number, piece) in given.chunks(MIB).enumerate() {
            if number == 10 {
                assert!(own.signal("STOP") > 0);
            }
            upload.write(piece.to_vec().into()).await.unwrap();
        }
        upload.finish().await.unwrap();
        assert!(store.get_bytes(&at, u64::MAX).await.unwrap() == given);
        remove(&store, &folder).await;
    };
    timeout(HANGS, transfer).await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_and_found_again() {
    let sshd = sshd!();
    let mut own = sshd.own();
    let mut config = own.config(&sshd);
    config.network.circuit_open_after_failures = 3;
    config.network.circuit_reset_timeout = Duration::from_secs(2);
    config.network.max_retries = 1;
    let store = sshd.at(own.port, &config);
    store.check().await.unwrap();
    let (folder, begun) = (folder(), Instant::now());
    let at = folder.join("a").unwrap();
    put(&store, &at, "x").await.unwrap();
    let mut open = store.put(&at, PutOptions::default()).await.unwrap();
    open.write("y".into()).await.unwrap();
    own.stop();
    let error = open.finish().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    assert!(error.context().attempts() > Some(1), "{error}");
    for _ in 0..3 {
        let error = store.head(&at).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    }
    let error = store.head(&at).await.unwrap_err();
    assert!(all(&error).contains("left alone"), "{}", all(&error));
    assert!(begun.elapsed() < HANGS);
    own.start();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(store.get_bytes(&at, 10).await.unwrap(), "x");
    remove(&store, &folder).await;
    std::fs::remove_dir_all(sshd.data(&folder)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_transfers_take_more_connections_and_not_too_many() {
    let sshd = sshd!();
    let own = sshd.own();
    let mut config = own.config(&sshd);
    config.connections = 3.try_into().unwrap();
    let store = sshd.at(own.port, &config);
    let folder = folder();
    let one = folder.join("one").unwrap();
    put(&store, &one, "x").await.unwrap();
    // A connection takes two processes of the server, or three.
    let alone = own.signal("0");
    let names: Vec<_> = (0..40)
        .map(|number| folder.join(&number.to_string()).unwrap())
        .collect();
    for _ in 0..3 {
        join_all(
            names
                .iter()
                .map(|name| async { put(&store, name, "x").await.unwrap() }),
        )
        .await;
    }
    let many = own.signal("0");
    assert!(many > alone && many <= 3 * alone, "{alone} {many}");
    assert_eq!(store.list(&folder).count().await, 41);
    remove(&store, &folder).await;
}
