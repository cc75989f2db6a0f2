//! WebDAV, against Apache, wsgidav and rclone.

use rsmf_core::secret::NoSecrets;
use rsmf_storage::webdav::{DavConfig, DavStorage};
use serde_json::Value;

use rsmf_simulator::real_server as server;

fn config(server: &Value) -> DavConfig {
    let text = |name: &str| server[name].as_str().unwrap();
    DavConfig::default().basic(text("user"), text("password"))
}

fn store(name: &str) -> Option<DavStorage> {
    let server = server(name)?;
    let root = server["url"].as_str().unwrap().parse().unwrap();
    Some(DavStorage::connect(&root, &config(&server), &NoSecrets).unwrap())
}

rsmf_storage::conformance!(
    apache,
    match store("apache") {
        Some(store) => store,
        None => return,
    }
);

rsmf_storage::conformance!(
    wsgidav,
    match store("wsgidav") {
        Some(store) => store,
        None => return,
    },
    without {
        keeps_names: "wsgidav cuts the target of a MOVE at question marks and semicolons: such names are refused",
        lists_three_thousand_objects: "it takes Python most of a minute to make them",
    }
);

rsmf_storage::conformance!(
    rclone,
    match store("rclone") {
        Some(store) => store,
        None => return,
    },
    without {
        a_lock_ends_with_its_holder: "rclone fails where a folder goes that it locks something in",
        what_was_announced_has_to_come: "rclone leaves objects out of a listing while others go",
        lists_three_thousand_objects: "rclone fails where several make a folder at the same time",
        containers_with_objects_stay: "rclone says that it has made a folder that was there before",
    }
);

mod broken;
mod cloud;
mod faults;
mod kept;
mod ocs;
mod own;
