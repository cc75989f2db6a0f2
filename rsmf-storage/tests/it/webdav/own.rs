//! What WebDAV's own servers do and refuse.

use std::{collections::BTreeMap, num::NonZeroUsize};

use bytesize::ByteSize;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Kind,
    integration::{Integration, PutMode, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_storage::{
    Network, StoreConfig, Stores, Transfer, conformance,
    webdav::{DavConfig, DavStorage},
};

use super::{config, store};
use rsmf_simulator::real_server as server;

const SERVERS: [&str; 3] = ["apache", "wsgidav", "rclone"];

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

/// A store on a server with a configuration of its own.
fn with(name: &str, change: impl Fn(DavConfig) -> DavConfig) -> Option<DavStorage> {
    let server = server(name)?;
    let root = server["url"].as_str().unwrap().parse().unwrap();
    Some(DavStorage::connect(&root, &change(config(&server)), &NoSecrets).unwrap())
}

#[tokio::test]
async fn whole_trees_are_listed_in_order() {
    for name in SERVERS {
        let Some(store) = with(name, |config| config.infinite_depth(true)) else {
            continue;
        };
        let folder = conformance::folder();
        let names = ["a!", "a/-", "a/b/c", "a/b/d/e", "a0", "b"];
        for name in names {
            let path = folder.join(name).unwrap();
            let options = PutOptions::default();
            store.put_bytes(&path, "x".into(), options).await.unwrap();
        }
        let listed: Vec<_> = store.list(&folder).try_collect().await.unwrap();
        let paths: Vec<_> = listed
            .iter()
            .map(|meta| meta.path.as_str().strip_prefix(&format!("{folder}/")))
            .collect();
        assert_eq!(paths, names.map(Some), "{name}");
        let one: Vec<_> = store
            .list(&folder.join("b").unwrap())
            .try_collect()
            .await
            .unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(
            store
                .list(&path("absent"))
                .try_collect::<Vec<_>>()
                .await
                .unwrap(),
            []
        );
        conformance::clear(&store, &folder).await;
    }
}

#[tokio::test]
async fn metadata_comes_back_where_there_is_a_place_for_it() {
    for (name, kept) in [("apache", true), ("wsgidav", true), ("rclone", false)] {
        let Some(store) = store(name) else { continue };
        let folder = conformance::folder();
        let path = folder.join("a").unwrap();
        let metadata = [("matter".to_owned(), "Acme <&> \"Größe\"".to_owned())];
        let metadata = BTreeMap::from(metadata);
        let options = PutOptions::default().metadata(metadata.clone());
        let meta = store.put_bytes(&path, "x".into(), options).await.unwrap();
        assert_eq!(meta.metadata == metadata, kept, "{name}");
        conformance::clear(&store, &folder).await;
    }
}

/// wsgidav cuts the target of a `MOVE` at a semicolon and a question mark: there lies another object.
#[tokio::test]
async fn nothing_takes_the_place_of_another_name() {
    let Some(store) = store("wsgidav") else {
        return;
    };
    let folder = conformance::folder();
    let (other, source) = (folder.join("x").unwrap(), folder.join("y").unwrap());
    let options = PutOptions::default;
    for path in [&other, &source] {
        store.put_bytes(path, "x".into(), options()).await.unwrap();
    }
    for name in ["x;b", "x?b", "x;b/c"] {
        let path = folder.join(name).unwrap();
        for error in [
            store.put(&path, options()).await.err().unwrap(),
            store
                .copy(&source, &path, PutMode::Overwrite)
                .await
                .unwrap_err(),
            store
                .rename(&source, &path, PutMode::Overwrite)
                .await
                .unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::InvalidInput, "{error:?}");
            assert!(format!("{error:?}").contains("as other ones"), "{error:?}");
        }
    }
    assert_eq!(store.get_bytes(&other, 10).await.unwrap(), "x");
    let listed: Vec<_> = store.list(&folder).try_collect().await.unwrap();
    assert_eq!(listed.len(), 2);
    conformance::clear(&store, &folder).await;
}

/// Several changes of its locks at the same time damage Apache's list of them, after which it gives none any more.
#[tokio::test(flavor = "multi_thread")]
async fn many_conditional_writes_leave_a_server_whole() {
    let Some(store) = store("apache") else {
        return;
    };
    let folder = conformance::folder();
    let write = async |number: usize| {
        let path = folder.join(&number.to_string()).unwrap();
        let options = PutOptions::default().create();
        store.put_bytes(&path, "x".into(), options).await
    };
    let written = stream::iter(0..400).map(write).buffer_unordered(32);
    written.try_collect::<Vec<_>>().await.unwrap();
    store.lock(&folder).await.unwrap().release().await.unwrap();
    conformance::clear(&store, &folder).await;
}

#[tokio::test]
async fn wrong_credentials_are_denied_at_once() {
    for name in SERVERS {
        let wrong = |config: DavConfig| config.basic("alice", "pl4nted-s3cret-wrong");
        let Some(store) = with(name, wrong) else {
            continue;
        };
        for error in [
            store.check().await.unwrap_err(),
            store.head(&path("a")).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Denied, "{error}");
            assert!(error.to_string().contains("app password"), "{error}");
            assert!(!format!("{error:?}").contains("pl4nted"), "{error:?}");
            assert_eq!(error.context().attempts(), Some(1));
        }
    }
}

#[tokio::test]
async fn an_address_leads_to_a_folder_of_a_server() {
    for name in SERVERS {
        let Some(server) = server(name) else { continue };
        let url = server["url"].as_str().unwrap();
        let folder = conformance::folder();
        let address = format!("dav+{url}{folder}/deep%20er");
        let config = StoreConfig::Dav(Box::new(config(&server)));
        let stores = Stores::builder()
            .profile("it", address.parse().unwrap(), config)
            .build();
        let output = stores.open_output("it:").await.unwrap();
        output.storage.check().await.unwrap();
        let file = path("a b/%41.txt");
        let options = PutOptions::default();
        output
            .storage
            .put_bytes(&file, "x".into(), options)
            .await
            .unwrap();
        let input = stores.open_input("it:a%20b").await;
        assert!(input.is_err(), "what follows a profile is a path");
        let input = stores.open_input("it:a b/%41.txt").await.unwrap();
        assert!(!input.is_folder);
        let error = stores.open_input("it:absent").await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
        conformance::clear(&store(name).unwrap(), &folder).await;
    }
}

#[tokio::test]
async fn a_folder_can_be_the_container() {
    for name in ["apache", "wsgidav"] {
        let Some(server) = server(name) else { continue };
        let root = format!(
            "{}{}/inner",
            server["url"].as_str().unwrap(),
            conformance::folder()
        );
        let config = config(&server);
        let store = DavStorage::connect(&root.parse().unwrap(), &config, &NoSecrets).unwrap();
        assert_eq!(store.check().await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(
            store.remove_container().await.unwrap_err().kind(),
            Kind::NotFound
        );
        let outer = root.strip_suffix("/inner").unwrap().parse().unwrap();
        let outer = DavStorage::connect(&outer, &config, &NoSecrets).unwrap();
        outer.create_container().await.unwrap();
        store.create_container().await.unwrap();
        store.check().await.unwrap();
        assert_eq!(
            store.create_container().await.unwrap_err().kind(),
            Kind::Conflict
        );
        assert_eq!(
            outer.remove_container().await.unwrap_err().kind(),
            Kind::Conflict
        );
        store.remove_container().await.unwrap();
        outer.remove_container().await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused() {
    let root = "http://127.0.0.1:9/dav/".parse().unwrap();
    let connect = |config: &DavConfig| DavStorage::connect(&root, config, &NoSecrets);
    let mut no_password = DavConfig::default();
    no_password.user = Some("ada".to_owned());
    let colon = DavConfig::default().basic("a:b", "pl4nted-s3cret-c");
    let mut network = Network::default();
    network.ca_file = Some("/nowhere/ca.pem".into());
    let no_file = DavConfig::default().network(network);
    for wrong in [no_password, colon, no_file] {
        assert_eq!(connect(&wrong).unwrap_err().kind(), Kind::InvalidInput);
    }
    let store = connect(&DavConfig::default().bearer("pl4nted-s3cret-d")).unwrap();
    assert!(!format!("{store:?}").contains("pl4nted-s3cret-d"));
    assert_eq!(store.info().name, "dav+http://127.0.0.1:9/dav");
    let tagged = PutOptions::default().tags(BTreeMap::from([("a".into(), "b".into())]));
    for refused in [tagged, PutOptions::default().storage_class("COLD")] {
        let error = store.put(&path("a"), refused).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
    }
    let long = store
        .put(&path(&"n".repeat(256)), PutOptions::default())
        .await;
    assert_eq!(long.unwrap_err().kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn small_parts_and_known_sizes_go_through() {
    for name in SERVERS {
        let small = |config: DavConfig| {
            let mut transfer = Transfer::default();
            transfer.part_size = ByteSize::kib(64);
            transfer.concurrency = NonZeroUsize::MIN;
            config.transfer(transfer)
        };
        let Some(store) = with(name, small) else {
            continue;
        };
        let folder = conformance::folder();
        let path = folder.join("a").unwrap();
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|at| (at >> 3) as u8).collect();
        for options in [PutOptions::default(), PutOptions::default().size(1_000_000)] {
            let meta = store
                .put_bytes(&path, bytes.clone().into(), options)
                .await
                .unwrap();
            assert_eq!(meta.size, 1_000_000);
            let found = store.get_bytes(&path, 1_000_000).await.unwrap();
            assert!(found == bytes, "{name}");
        }
        conformance::clear(&store, &folder).await;
    }
}
