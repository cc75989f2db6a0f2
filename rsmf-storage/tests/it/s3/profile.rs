//! Profiles that the configuration names.

use std::{env, fs, process::Command};

use rsmf_core::{Kind, integration::Integration, secret::NoSecrets};
use rsmf_simulator::PLANTED;
use rsmf_storage::s3::S3Storage;

use super::{BUCKET, config, server, shared};

/// Says to the test that it runs in a process with an environment of its own.
const INSIDE: &str = "IT_PROFILE_INSIDE";

#[tokio::test(flavor = "multi_thread")]
async fn a_named_profile_counts_before_the_environment() {
    let Some(server) = server("seaweedfs") else {
        return;
    };
    if env::var_os(INSIDE).is_none() {
        shared("http").await.unwrap();
        return run_inside(&server["reader"]);
    }
    let mut config = config(&server, "http", "admin");
    config.profile = Some("review".to_owned());
    (config.access_key_id, config.secret_access_key) = (None, None);
    let store = S3Storage::connect(BUCKET, &config, &NoSecrets).await;
    store.unwrap().check().await.unwrap();
    for wrong in ["revew", "built-on-nothing"] {
        config.profile = Some(wrong.to_owned());
        let store = S3Storage::connect(BUCKET, &config, &NoSecrets).await;
        let error = store.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{error:?}");
        assert!(error.to_string().contains("revew"), "{error}");
    }
    // One without credentials leaves them to the environment, which has wrong ones.
    config.profile = Some("place".to_owned());
    let store = S3Storage::connect(BUCKET, &config, &NoSecrets).await;
    let error = store.unwrap().check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied, "{error:?}");
}

/// Runs the test again, with keys in the environment that nobody knows, and profiles in a file.
fn run_inside(user: &serde_json::Value) {
    let text = |name: &str| user[name].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let profiles = format!(
        "[profile review]\naws_access_key_id = {}\naws_secret_access_key = {}\n\
         [profile place]\nregion = us-east-1\n\
         [profile built-on-nothing]\nrole_arn = arn:aws:iam::111122223333:role/rsmf\nsource_profile = revew\n",
        text("access_key"),
        text("secret_key"),
    );
    fs::write(&file, profiles).unwrap();
    let name = "s3::profile::a_named_profile_counts_before_the_environment";
    let run = Command::new(env::current_exe().unwrap())
        .args(["--exact", name])
        .env(INSIDE, "1")
        .env("AWS_CONFIG_FILE", &file)
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.path().join("none"))
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", format!("{PLANTED}wrong"))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{shown}");
    assert!(shown.contains("1 passed"), "{shown}");
}
