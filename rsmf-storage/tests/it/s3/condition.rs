//! How it is found out whether a server keeps to the condition that an object must not be there yet.

use std::net::SocketAddr;

use rsmf_core::{
    Kind, Result,
    integration::{ObjectMeta, PutOptions, Storage, StorageExt, StorePath},
};
use rsmf_simulator::{HttpFault, HttpProxy, Reply};
use rsmf_storage::{conformance, s3::S3Storage};

use super::{BUCKET, bucket, config, server};

struct Asked {
    proxy: HttpProxy,
    store: S3Storage,
    folder: StorePath,
}

impl Asked {
    async fn new() -> Option<Self> {
        let server = server("seaweedfs")?;
        let url: url::Url = server["http"].as_str().unwrap().parse().unwrap();
        let address: SocketAddr = format!("127.0.0.1:{}", url.port().unwrap())
            .parse()
            .unwrap();
        bucket(BUCKET, &config(&server, "http", "admin")).await;
        let proxy = HttpProxy::start(address).await;
        let through = config(&server, "http", "admin").endpoint(proxy.url().parse().unwrap());
        let secrets = &rsmf_core::secret::NoSecrets;
        let store = S3Storage::connect(BUCKET, &through, secrets).await.unwrap();
        let folder = conformance::folder();
        Some(Self {
            proxy,
            store,
            folder,
        })
    }

    /// Creates an object; gives the methods of the requests that this took.
    async fn create(&self, name: &str) -> (Result<ObjectMeta>, Vec<String>) {
        let before = self.proxy.seen().len();
        let path = self.folder.join(name).unwrap();
        let options = PutOptions::default().create();
        let result = self.store.put_bytes(&path, "content".into(), options).await;
        let seen = self.proxy.seen();
        let methods = seen[before..].iter().map(|(method, _)| method.to_string());
        (result, methods.collect())
    }

    async fn clear(self) {
        conformance::clear(&self.store, &self.folder).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_is_asked_once() {
    let Some(asked) = Asked::new().await else {
        return;
    };
    let (first, requests) = asked.create("a").await;
    let there = asked.folder.join("a").unwrap();
    let there = asked.store.head(&there).await.unwrap();
    assert_eq!(first.unwrap().etag, there.etag);
    assert_eq!(requests, ["HEAD", "PUT", "PUT"]);
    let (second, requests) = asked.create("b").await;
    second.unwrap();
    assert_eq!(requests, ["PUT"]);
    let (again, requests) = asked.create("a").await;
    assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(requests, ["PUT"]);
    asked.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_does_not_is_looked_at_each_time() {
    let Some(asked) = Asked::new().await else {
        return;
    };
    // The second one then seems to be taken although the first was there.
    let taken = Reply::status(200).header("etag", "\"opaque\"");
    asked
        .proxy
        .next("PUT", "/a", [HttpFault::Answer(Box::new(taken))]);
    let (first, requests) = asked.create("a").await;
    let there = asked.folder.join("a").unwrap();
    let there = asked.store.head(&there).await.unwrap();
    assert_eq!(first.unwrap().etag, there.etag);
    assert_eq!(requests, ["HEAD", "PUT", "PUT"]);
    let (second, requests) = asked.create("b").await;
    second.unwrap();
    assert_eq!(requests, ["HEAD", "PUT"]);
    let (again, requests) = asked.create("a").await;
    assert_eq!(again.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(requests, ["HEAD"]);
    asked.clear().await;
}
