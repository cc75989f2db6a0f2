//! Nextcloud's own API.

use std::time::Duration;

use rsmf_core::{
    Kind,
    integration::{Grant, PresignOptions, PutOptions, StorageExt},
    secret::NoSecrets,
};
use rsmf_simulator::Nextcloud;
use rsmf_storage::webdav::nextcloud::{
    NewShare, NewUser, Ocs, Permissions, ShareChange, ShareWith, UserChange,
};
use secrecy::ExposeSecret;

use super::cloud::{config, open, path, server};

fn ocs(server: &Nextcloud) -> Ocs {
    Ocs::connect(&server.url().parse().unwrap(), &config(), &NoSecrets).unwrap()
}

#[tokio::test]
async fn a_server_tells_what_it_can_do() {
    let server = server().await;
    let ocs = ocs(&server);
    let can = ocs.capabilities().await.unwrap();
    assert_eq!(
        (can.version.major, can.version.string.as_str()),
        (31, "31.0.4")
    );
    assert!(can.capabilities.contains_key("dav"));
    assert_eq!(ocs.user_id().await.unwrap(), "ada");
}

#[tokio::test]
async fn things_are_shared_changed_and_no_longer_shared() {
    let server = server().await;
    server.user("bob", "bob", "pl4nted-s3cret-bob");
    let store = open(&server, "").await.unwrap().storage;
    let options = PutOptions::default();
    store
        .put_bytes(&path("a/b c"), "x".into(), options)
        .await
        .unwrap();
    let ocs = ocs(&server);
    let link = NewShare::link("a/b c")
        .password("pl4nted-s3cret-link")
        .expires("2999-01-31".parse().unwrap())
        .note("for you")
        .label("review");
    let link = ocs.share(&link).await.unwrap();
    assert_eq!((link.share_type, link.permissions), (3, Permissions::READ));
    assert_eq!(link.expiration.as_deref(), Some("2999-01-31 00:00:00"));
    assert_eq!(link.label.as_deref(), Some("review"));
    assert!(!format!("{link:?}").contains("pl4nted"), "{link:?}");
    let with = NewShare::new("/a", ShareWith::User("bob".to_owned()));
    let both = Permissions::READ.and(Permissions::SHARE);
    let with = ocs.share(&with.permissions(both)).await.unwrap();
    assert_eq!(with.permissions, Permissions(17));
    let mut change = ShareChange::default();
    change.permissions = Some(Permissions::ALL);
    change.note = Some("more".to_owned());
    ocs.change_share(&with.id, &change).await.unwrap();
    let found = ocs.shares("a").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].permissions, Permissions::ALL);
    assert_eq!(found[0].note.as_deref(), Some("more"));
    ocs.revoke_share(&with.id).await.unwrap();
    assert!(ocs.shares("a").await.unwrap().is_empty());
    let gone = ocs.revoke_share(&with.id).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);
}

#[tokio::test]
async fn what_the_server_does_not_share_is_told() {
    let server = server().await;
    let ocs = ocs(&server);
    let absent = ocs.share(&NewShare::link("absent")).await.unwrap_err();
    assert_eq!(absent.kind(), Kind::NotFound);
    let store = open(&server, "").await.unwrap().storage;
    store
        .put_bytes(&path("a"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    let short = ocs
        .share(&NewShare::link("a").password("short"))
        .await
        .unwrap_err();
    assert_eq!(short.kind(), Kind::Denied);
    let said = std::error::Error::source(&short).unwrap().to_string();
    assert!(said.contains("at least 10 characters"), "{said}");
    let group = NewShare::new("a", ShareWith::Group("nobody".to_owned()));
    assert_eq!(ocs.share(&group).await.unwrap_err().kind(), Kind::NotFound);
}

#[tokio::test]
async fn objects_are_handed_out_by_links() {
    let server = server().await;
    let store = open(&server, "").await.unwrap().storage;
    store
        .put_bytes(&path("a"), "x".into(), PutOptions::default())
        .await
        .unwrap();
    let mut options = PresignOptions::new(Duration::from_secs(3600));
    let open = store.presign(&path("a"), options.clone()).await.unwrap();
    assert!(open.url.expose_secret().ends_with("/download"));
    assert!(open.headers.is_empty());
    options.password = Some("pl4nted-s3cret-link".into());
    let guarded = store.presign(&path("a"), options.clone()).await.unwrap();
    assert!(
        guarded
            .url
            .expose_secret()
            .contains("/public.php/dav/files/")
    );
    assert_eq!(guarded.headers[0].0, "authorization");
    options.grant = Grant::Put;
    let error = store.presign(&path("a"), options).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    let forever = PresignOptions::new(Duration::MAX);
    let error = store.presign(&path("a"), forever).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[tokio::test]
async fn users_and_groups_come_and_go() {
    let server = server().await;
    let ocs = ocs(&server);
    assert_eq!(ocs.users("").await.unwrap_err().kind(), Kind::Denied);
    server.administrator("ada");
    ocs.create_group("reviewers").await.unwrap();
    assert_eq!(
        ocs.create_group("reviewers").await.unwrap_err().kind(),
        Kind::Conflict
    );
    let bob = NewUser::new("bob")
        .password("pl4nted-s3cret-bob")
        .email("bob@example.com")
        .display_name("Bob")
        .group("reviewers")
        .quota("5 GB");
    ocs.create_user(&bob).await.unwrap();
    assert_eq!(
        ocs.create_user(&bob).await.unwrap_err().kind(),
        Kind::Conflict
    );
    let weak = NewUser::new("eve").password("password");
    assert_eq!(
        ocs.create_user(&weak).await.unwrap_err().kind(),
        Kind::InvalidInput
    );
    assert_eq!(ocs.users("").await.unwrap(), ["ada", "bob"]);
    assert_eq!(ocs.members("reviewers").await.unwrap(), ["bob"]);
    for change in [
        UserChange::Quota("none".to_owned()),
        UserChange::Email("b@example.com".to_owned()),
        UserChange::DisplayName("Robert".to_owned()),
        UserChange::Password("pl4nted-s3cret-new".into()),
    ] {
        ocs.change_user("bob", &change).await.unwrap();
    }
    ocs.enable_user("bob", false).await.unwrap();
    ocs.set_membership("bob", "reviewers", false).await.unwrap();
    let bob = ocs.user("bob").await.unwrap();
    assert_eq!((bob.enabled, bob.groups.len()), (false, 0));
    assert_eq!(bob.displayname.as_deref(), Some("Robert"));
    assert_eq!(bob.email.as_deref(), Some("b@example.com"));
    ocs.enable_user("bob", true).await.unwrap();
    let none = ocs.set_membership("bob", "absent", true).await.unwrap_err();
    assert!(
        matches!(none.kind(), Kind::Conflict | Kind::InvalidInput),
        "{none}"
    );
    ocs.delete_user("bob").await.unwrap();
    assert_eq!(ocs.user("bob").await.unwrap_err().kind(), Kind::NotFound);
    ocs.delete_group("reviewers").await.unwrap();
    assert!(ocs.groups().await.unwrap().is_empty());
}
