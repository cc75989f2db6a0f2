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
fn other_schemes_are_told_without_their_secrets() {
    let error = "s3://key:secret@bucket/a".parse::<Location>().unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), Kind::Unsupported);
    assert!(text.contains("s3://") && text.contains("file://"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(kind_of(""), Kind::InvalidInput);
}

proptest! {
    #[test]
    fn any_text_is_an_address_or_an_error(text in any::<String>()) {
        let _ = text.parse::<Location>();
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
    let opened = open_output(new.to_str().unwrap()).unwrap();
    assert!(opened.is_folder && !new.exists());
    let path = opened.path.join("a").unwrap();
    opened
        .storage
        .put_bytes(&path, "x".into(), PutOptions::default())
        .await
        .unwrap();
    let file = new.join("a");
    assert_eq!(fs::read(&file).unwrap(), b"x");
    let error = open_output(file.to_str().unwrap()).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}
