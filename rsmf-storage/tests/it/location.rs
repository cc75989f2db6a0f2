use std::fs;

use proptest::prelude::*;
use rsmf_core::{
    Kind,
    integration::{PutOptions, StorageExt, StorePath},
};
use rsmf_storage::{Location, open_input, open_output};

fn kind_of(address: &str) -> Kind {
    address.parse::<Location>().unwrap_err().kind()
}

#[test]
fn knows_paths() {
    for path in [
        "a.zip",
        "./a b.zip",
        "/data/ä",
        "C:\\data\\a.zip",
        "\\\\server\\share",
        "a:/b",
        "c://x",
        "~/x",
        "1a://x",
    ] {
        assert_eq!(
            path.parse::<Location>().unwrap(),
            Location::Local(path.into()),
            "{path}"
        );
    }
}

#[cfg(unix)]
#[test]
fn knows_file_addresses() {
    for (address, path) in [
        ("file:///data/a.zip", "/data/a.zip"),
        ("FILE://localhost/data/a%20b%C3%A4.zip", "/data/a bä.zip"),
        ("file:///", "/"),
        ("file:///100%", "/100%"),
    ] {
        assert_eq!(
            address.parse::<Location>().unwrap(),
            Location::Local(path.into()),
            "{address}"
        );
    }
    for wrong in ["file://", "file://server/share", "file:///%ff"] {
        assert_eq!(kind_of(wrong), Kind::InvalidInput, "{wrong}");
    }
}

#[cfg(windows)]
#[test]
fn knows_file_addresses() {
    for (address, path) in [
        ("file:///C:/data/a%20b.zip", "C:/data/a b.zip"),
        ("file://server/share/a.zip", "//server/share/a.zip"),
    ] {
        assert_eq!(
            address.parse::<Location>().unwrap(),
            Location::Local(path.into()),
            "{address}"
        );
    }
    assert_eq!(kind_of("file://"), Kind::InvalidInput);
}

#[test]
fn addresses_of_stores_come_back_as_they_were() {
    for address in [
        "s3://matters/acme/export.zip",
        "s3://matters/",
        "s3://matters/a%20b/#1/?x/",
        "az://review/matters/acme/out/",
        "gs://bucket/ä ö/ü",
        "sftp://me@host:2222/data/a.zip",
        "sftp://[::1]:22/~/exports/",
        "sftp://host/",
        "dav+https://me%40acme@host:8443/remote/a%20b/",
        "nextcloud+http://127.0.0.1:8080/cloud/acme/a.zip",
    ] {
        let location: Location = address.parse().unwrap();
        assert_eq!(location.to_string(), address);
        let again: Location = location.to_string().parse().unwrap();
        assert_eq!(again, location);
    }
    let written = |address: &str| address.parse::<Location>().unwrap().to_string();
    assert_eq!(written("S3://b"), "s3://b/");
    assert_eq!(written("sftp://host"), "sftp://host/~/");
}

#[test]
fn places_below_an_address_are_addresses() {
    let join = |address: &str, rest: &str| {
        let location: Location = address.parse().unwrap();
        location.join(rest).map(|location| location.to_string())
    };
    assert_eq!(join("s3://b/acme", "out/").unwrap(), "s3://b/acme/out/");
    assert_eq!(join("sftp://h/~/", "a").unwrap(), "sftp://h/~/a");
    assert_eq!(
        join("dav+https://h/x/", "a b#1").unwrap(),
        "dav+https://h/x/a%20b%231"
    );
    assert_eq!(join("gs://b", "").unwrap(), "gs://b/");
    assert!(join("az://a/c/x", "../y").is_err());
    assert!(join("dav+https://h/x", "../y").is_err());
}

#[test]
fn addresses_without_a_name_or_with_a_secret_are_refused() {
    for address in [
        "s3://",
        "s3:///a",
        "s3://key:secret@bucket/a",
        "s3://b/a//b",
        "s3://b/../a",
        "az://account",
        "az://account/",
        "gs://b?secret/a",
        "sftp://",
        "sftp://me:secret@host/a",
        "sftp://@host/a",
        "sftp://host:0/a",
        "sftp://host:secret/a",
        "dav+https://me:secret@host/a",
        "dav+https://host/a?token=secret",
        "nextcloud+https:///",
    ] {
        let error = address.parse::<Location>().unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{address}");
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text += &error.to_string();
            cause = error.source();
        }
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn other_schemes_are_told_without_their_secrets() {
    let error = "ftp://key:secret@host/a".parse::<Location>().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(text.contains("ftp://") && text.contains("s3"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(kind_of(""), Kind::InvalidInput);
}

proptest! {
    #[test]
    fn any_text_is_an_address_or_an_error(text in any::<String>()) {
        let _ = text.parse::<Location>();
    }

    #[test]
    fn an_address_means_what_it_shows(scheme in "s3|az|gs|sftp|dav\\+https|nextcloud\\+http", rest in "[a-z0-9/:@%~. \\[\\]-]{0,20}") {
        if let Ok(location) = format!("{scheme}://{rest}").parse::<Location>() {
            let shown = location.to_string();
            prop_assert_eq!(shown.parse::<Location>().unwrap(), location);
        }
    }
}

#[tokio::test]
async fn a_file_is_opened_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export ä.zip");
    fs::write(&file, "PK").unwrap();
    let opened = open_input(file.to_str().unwrap()).await.unwrap();
    assert!(!opened.is_folder);
    assert_eq!(opened.path.as_str(), "export ä.zip");
    assert_eq!(
        opened.storage.get_bytes(&opened.path, 10).await.unwrap(),
        "PK"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_opened_where_it_leads() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("far")).unwrap();
    fs::write(folder.path().join("far/away.zip"), "PK").unwrap();
    let link = folder.path().join("link.zip");
    std::os::unix::fs::symlink("far/away.zip", &link).unwrap();
    let opened = open_input(link.to_str().unwrap()).await.unwrap();
    assert_eq!(opened.path.as_str(), "away.zip");
    assert_eq!(
        opened.storage.get_bytes(&opened.path, 10).await.unwrap(),
        "PK"
    );
    let device = open_input("/dev/null").await.unwrap_err();
    assert_eq!(device.kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn a_folder_is_opened_as_the_root() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    let opened = open_input(folder.path().to_str().unwrap()).await.unwrap();
    assert!(opened.is_folder);
    assert_eq!(opened.path, StorePath::ROOT);
    assert!(
        opened
            .storage
            .exists(&StorePath::new("a").unwrap())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn an_input_has_to_exist() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let error = open_input(absent.to_str().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(!absent.exists());
}

#[tokio::test]
async fn an_output_is_a_folder_that_need_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new/out");
    let opened = open_output(new.to_str().unwrap()).await.unwrap();
    assert!(opened.is_folder && !new.exists());
    let path = opened.path.join("a").unwrap();
    opened
        .storage
        .put_bytes(&path, "x".into(), PutOptions::default())
        .await
        .unwrap();
    let file = new.join("a");
    assert_eq!(fs::read(&file).unwrap(), b"x");
    let error = open_output(file.to_str().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[test]
fn an_address_that_was_signed_is_refused_and_not_shown() {
    for signed in [
        "az://acme/box/a.zip?sv=2026-01-01&sp=r&sig=pl4nted",
        "s3://box/a.zip?X-Amz-Date=1&X-Amz-Signature=pl4nted",
        "gs://box/a.zip?x-goog-signature=pl4nted",
    ] {
        let error = signed.parse::<Location>().unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput);
        assert!(!format!("{error} {error:?}").contains("pl4nted"), "{error}");
    }
    // A question mark may stand in a name.
    assert!("s3://box/who signed?.pdf".parse::<Location>().is_ok());
}

/// Each setting of a place stands in the documentation, in backquotes.
#[test]
#[cfg(all(
    feature = "azure",
    feature = "gcs",
    feature = "s3",
    feature = "sftp",
    feature = "webdav"
))]
fn each_setting_is_documented() {
    let stores = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/stores.md");
    let stores = std::fs::read_to_string(stores).unwrap();
    for (address, heading) in [
        ("s3://bucket", "## S3"),
        ("az://account/container", "## Azure"),
        ("gs://bucket", "## Google Cloud Storage"),
        ("sftp://host", "## SFTP"),
        ("dav+https://host", "## WebDAV"),
    ] {
        let (_, chapter) = stores.split_once(heading).unwrap();
        let chapter = chapter.split("\n## ").next().unwrap();
        let unknown = toml::Deserializer::parse("no_such_setting = 1").unwrap();
        let location = address.parse().unwrap();
        let known = rsmf_storage::StoreConfig::read(&location, unknown).unwrap_err();
        let known = known.to_string();
        let (_, known) = known.split_once("expected one of").unwrap();
        let names: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        assert!(names.len() > 5, "{address}: {names:?}");
        for name in names {
            assert!(chapter.contains(&format!("`{name}`")), "{address}: {name}");
        }
    }
}
