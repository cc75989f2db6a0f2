//! Nextcloud, as `rsmf-simulator` plays it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use rsmf_core::{
    Kind, Result, UtcTime,
    integration::{
        BoxStream, Entry, GetOptions, Integration, IntegrationInfo, Lock, Object, ObjectMeta,
        PutMode, PutOptions, Storage, StorageExt, StorePath, Upload,
    },
};
use rsmf_simulator::Nextcloud;
use rsmf_storage::{Network, Opened, StoreConfig, Stores, webdav::DavConfig};

const PASSWORD: &str = "pl4nted-s3cret-ada";

pub(super) fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

pub(super) async fn server() -> Nextcloud {
    let server = Nextcloud::start("/nextcloud").await;
    server.user("ada@example.com", "ada", PASSWORD);
    server
}

pub(super) fn config() -> DavConfig {
    let mut network = Network::default();
    network.retry_delay = Duration::from_millis(5);
    DavConfig::default()
        .basic("ada@example.com", PASSWORD)
        .network(network)
}

pub(super) async fn open(server: &Nextcloud, below: &str) -> Result<Opened> {
    let address = format!("nextcloud+{}{below}", server.url());
    let config = StoreConfig::Dav(Box::new(config()));
    let stores = Stores::builder().profile("it", address.parse()?, config);
    stores.build().open_output("it:").await
}

/// A store with its server.
#[derive(Debug)]
struct Cloud {
    _server: Nextcloud,
    store: Arc<dyn Storage>,
}

async fn cloud() -> Cloud {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    Cloud {
        _server: server,
        store,
    }
}

rsmf_storage::conformance!(nextcloud, cloud().await);

#[async_trait]
impl Integration for Cloud {
    fn info(&self) -> &IntegrationInfo {
        self.store.info()
    }

    async fn check(&self) -> Result<()> {
        self.store.check().await
    }
}

#[async_trait]
impl Storage for Cloud {
    fn list<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    fn list_folder<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        self.store.list_folder(folder)
    }

    async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        self.store.head(path).await
    }

    async fn get(&self, path: &StorePath, options: GetOptions) -> Result<Object> {
        self.store.get(path, options).await
    }

    async fn put(&self, path: &StorePath, options: PutOptions) -> Result<Box<dyn Upload>> {
        self.store.put(path, options).await
    }

    async fn delete(&self, path: &StorePath) -> Result<()> {
        self.store.delete(path).await
    }

    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.store.copy(from, to, mode).await
    }

    async fn rename(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        self.store.rename(from, to, mode).await
    }

    async fn create_container(&self) -> Result<()> {
        self.store.create_container().await
    }

    async fn remove_container(&self) -> Result<()> {
        self.store.remove_container().await
    }

    async fn lock(&self, folder: &StorePath) -> Result<Box<dyn Lock>> {
        self.store.lock(folder).await
    }
}

#[tokio::test]
async fn the_server_is_found_up_the_path_and_the_user_asked_for() {
    let server = server().await;
    for below in ["acme/x", "remote.php/dav/files/ada/acme/x"] {
        let opened = open(&server, below).await.unwrap();
        opened.storage.check().await.unwrap();
        let name = &opened.storage.info().name;
        assert!(name.ends_with("/nextcloud/acme/x"), "{name}");
    }
    server.take_seen();
    let direct = StoreConfig::Dav(Box::new(config().server_path("nextcloud").user_id("ada")));
    let address = format!("nextcloud+{}acme", server.url());
    let stores = Stores::builder().profile("it", address.parse().unwrap(), direct);
    stores.build().open_output("it:").await.unwrap();
    assert_eq!(server.take_seen(), Vec::<String>::new());
    let elsewhere = server.url().replace("/nextcloud/", "/other");
    let config = StoreConfig::Dav(Box::new(config()));
    let address = format!("nextcloud+{elsewhere}").parse().unwrap();
    let stores = Stores::builder().profile("it", address, config);
    let error = stores.build().open_output("it:").await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.to_string().contains("server_path"), "{error}");
}

#[tokio::test]
async fn times_checksums_and_metadata_go_along() {
    let cloud = cloud().await;
    let time = UtcTime::from_micros(1_400_000_000_000_000);
    let metadata = BTreeMap::from([("matter".to_owned(), "Acme & <x>".to_owned())]);
    for size in [10, 12 << 20] {
        let options = PutOptions::default()
            .modified(time)
            .metadata(metadata.clone());
        let bytes = vec![7; size];
        let meta = cloud
            .put_bytes(&path("a"), bytes.into(), options)
            .await
            .unwrap();
        assert_eq!(meta.modified, time);
        assert_eq!(meta.metadata, metadata);
        assert_eq!(meta.checksums.len(), 1);
        assert_eq!(meta.checksums[0].algorithm.name(), "sha256");
    }
}

#[tokio::test]
async fn large_objects_come_in_parts_and_resume() {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    let bytes: Vec<u8> = (0..30_000_000_u32).map(|at| (at >> 4) as u8).collect();
    let options = || PutOptions::default().size(30_000_000).resume("one");
    let mut upload = store.put(&path("deep/a"), options()).await.unwrap();
    for piece in bytes[..25_500_000].chunks(500_000) {
        upload.write(piece.to_vec().into()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(upload);
    let mut upload = store.put(&path("deep/a"), options()).await.unwrap();
    let resumed = upload.resumed() as usize;
    assert!(resumed >= 8 << 20, "{resumed}");
    upload
        .write(bytes[resumed..].to_vec().into())
        .await
        .unwrap();
    server.take_seen();
    server.lose_next_move();
    assert_eq!(upload.finish().await.unwrap().size, 30_000_000);
    let moves = server
        .take_seen()
        .iter()
        .filter(|seen| seen.starts_with("MOVE"))
        .count();
    assert_eq!(moves, 1);
    assert!(store.get_bytes(&path("deep/a"), 1 << 30).await.unwrap() == bytes);
}

#[tokio::test]
async fn a_lost_answer_to_a_move_is_found_out() {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    let options = PutOptions::default();
    store
        .put_bytes(&path("a"), "x".into(), options)
        .await
        .unwrap();
    server.lose_next_move();
    store
        .rename(&path("a"), &path("b/c"), PutMode::Create)
        .await
        .unwrap();
    assert_eq!(store.get_bytes(&path("b/c"), 10).await.unwrap(), "x");
}

#[tokio::test]
async fn what_the_server_gets_wrong_does_not_stay() {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    server.damage_next();
    let put = store
        .put_bytes(&path("a"), "content".into(), PutOptions::default())
        .await;
    assert_eq!(put.unwrap_err().kind(), Kind::Integrity);
    assert!(!store.exists(&path("a")).await.unwrap());
}

#[tokio::test]
async fn states_of_the_server_are_told_clearly() {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    server.quota(100);
    let put = store
        .put_bytes(&path("a"), vec![0; 200].into(), PutOptions::default())
        .await;
    let error = put.unwrap_err();
    assert_eq!(error.kind(), Kind::Other);
    assert!(error.to_string().contains("quota"), "{error}");
    server.maintenance(true);
    let error = open(&server, "").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable, "{error}");
    server.maintenance(false);
    server.user("ada@example.com", "ada", "pl4nted-s3cret-new");
    server.take_seen();
    assert_eq!(store.check().await.unwrap_err().kind(), Kind::Denied);
    assert_eq!(server.take_seen().len(), 1, "guesses make it slow");
}
