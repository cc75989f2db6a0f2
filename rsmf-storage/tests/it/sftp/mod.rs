//! Servers with SSH: a private `sshd` that the variable `RSMF_TEST_SSHD` tells of.

mod faults;
mod files;
mod login;
pub(crate) mod server;
mod trust;

use rsmf_core::{
    Error, Result,
    integration::{ObjectMeta, PutOptions, Storage, StorageExt, StorePath},
    secret::NoSecrets,
};
use rsmf_storage::{SftpConfig, SftpServer, SftpStorage};
use serde::Deserialize;

use self::server::Sshd;

macro_rules! sshd {
    () => {
        match super::server::Sshd::find() {
            Some(sshd) => sshd,
            None => return,
        }
    };
}
use sshd;

rsmf_storage::conformance!(
    conformance,
    match Sshd::find() {
        Some(sshd) => sshd.store(),
        None => return,
    }
);

// Without any extension of the protocol: no rename over what is there, no links, no sync, no copy.
rsmf_storage::conformance!(
    bare,
    match Sshd::find() {
        Some(sshd) => sshd.at(sshd.bare_port, &sshd.config()),
        None => return,
    },
    without {
        lists_three_thousand_objects: "listing takes no extension",
        contents_of_all_sizes_are_whole: "reading and writing takes no extension",
    }
);

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}

/// A folder that no other test has.
fn folder() -> StorePath {
    rsmf_storage::conformance::folder()
}

async fn put(store: &SftpStorage, path: &StorePath, content: &str) -> Result<ObjectMeta> {
    let content = content.to_owned().into();
    store.put_bytes(path, content, PutOptions::default()).await
}

async fn remove(store: &SftpStorage, folder: &StorePath) {
    rsmf_storage::conformance::clear(store as &dyn Storage, folder).await;
}

/// The error and all its causes.
fn all(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text += &format!(": {next}");
        cause = next.source();
    }
    text
}
