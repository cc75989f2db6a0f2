//! The emulators that are there. Neither is faithful: what each is known to get wrong is left out here, by
//! name and with the reason, and is tested against the stand-in.

use std::time::Duration;

use rsmf_core::{Kind, integration::Storage, secret::NoSecrets};
use rsmf_storage::gcs::{GcsConfig, GcsStorage};

use rsmf_simulator::real_server as server;

/// The bucket on a server, where that runs.
async fn opened(name: &str) -> Option<GcsStorage> {
    let known = server(name)?;
    let endpoint = known["http"].as_str().unwrap().parse().unwrap();
    let mut config = GcsConfig::default()
        .endpoint(endpoint)
        .anonymous()
        .project("acme");
    config.network.retry_delay = Duration::from_millis(20);
    let store = GcsStorage::connect("matters", &config, &NoSecrets).unwrap();
    if let Err(error) = store.create_container().await {
        assert_eq!(error.kind(), Kind::Conflict, "{error}");
    }
    Some(store)
}

/// The bucket, or the end of the test.
macro_rules! bucket {
    ($name:literal) => {
        match opened($name).await {
            Some(store) => store,
            None => return,
        }
    };
}

rsmf_storage::conformance!(
    fake_gcs_server,
    bucket!("fakegcs"),
    without {
        a_changed_object_is_a_conflict: "it ignores ifGenerationMatch of downloads",
        a_renamed_object_has_moved: "it ignores ifGenerationMatch of rewrites",
        copies_are_whole: "it ignores ifGenerationMatch of rewrites",
        interrupted_uploads_are_gone_on_with: "it ends uploads when it is asked how far they are",
        only_what_was_seen_is_replaced: "it ignores ifGenerationMatch of resumable uploads",
    }
);

rsmf_storage::conformance!(
    gcp_storage_emulator,
    bucket!("gcpemulator"),
    without {
        a_changed_object_is_a_conflict: "it knows no preconditions",
        a_lock_has_one_holder: "it knows no preconditions",
        a_renamed_object_has_moved: "it knows no preconditions",
        concurrent_creators_have_one_winner: "it knows no preconditions",
        copies_are_whole: "it knows no preconditions",
        create_never_replaces: "it knows no preconditions",
        keeps_or_refuses_odd_names: "it ends the connection at names such as ..\\up",
        lists_three_thousand_objects: "it takes minutes for so many, and has no pages",
        only_what_was_seen_is_replaced: "it knows no preconditions",
        ranges_are_exact: "it answers ranges past the end with status 206",
        ranges_of_large_objects_are_exact: "it answers ranges past the end with status 206",
        what_goes_with_the_content_is_not_altered: "it ends the connection where metadata is not Latin",
        zero_bytes_are_an_object: "it ends the connection when an object has no bytes",
    }
);
