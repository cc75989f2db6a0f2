//! Azure Blob Storage: against Azurite, and against answers that no real server gives.

mod asked;
mod faults;
mod identity;
mod own;
pub(crate) mod server;
mod unsigned;

use rsmf_core::integration::StorePath;

use server::container;

rsmf_storage::conformance!(azurite, {
    let Some(store) = container(|server| server.by_key()).await else {
        return;
    };
    store
});

fn path(text: &str) -> StorePath {
    StorePath::new(text).unwrap()
}
