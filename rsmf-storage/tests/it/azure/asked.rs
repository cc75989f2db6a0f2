//! What cannot be configured so.

use rsmf_core::{Kind, secret::NoSecrets};
use rsmf_storage::{AzureConfig, AzureCredential, AzureStorage, Settings, StoreConfig, Stores};

#[test]
fn what_cannot_work_is_refused_before_anything_is_sent() {
    let endpoint = |text: &str| AzureConfig::default().endpoint(text.parse().unwrap());
    let key = || AzureCredential::SharedKey("a2V5".into());
    for (account, config) in [
        ("acme", endpoint("http://acme.example")),
        ("acme", endpoint("ftp://acme.example").credential(key())),
        (
            "acme",
            endpoint("https://acme.example/?sig=x").credential(key()),
        ),
        ("ac/me", AzureConfig::default().credential(key())),
        (
            "acme",
            AzureConfig::default().credential(AzureCredential::SharedKey("!".into())),
        ),
        (
            "acme",
            AzureConfig::default().credential(AzureCredential::Sas("x".into())),
        ),
    ] {
        let error = AzureStorage::connect(account, "c", &config, &NoSecrets).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{config:?}");
    }
}

#[test]
fn a_configuration_is_read_for_its_kind_of_store() {
    let location = "az://acme/c/p".parse().unwrap();
    let read = |text: &str| StoreConfig::read(&location, toml::Deserializer::parse(text).unwrap());
    let config = read("credential = 'cli'\n[transfer]\nbandwidth = '1 MB'").unwrap();
    assert_eq!(config.bandwidth().unwrap().as_u64(), 1_000_000);
    assert!(read("credentials = 'cli'").is_err());
    let StoreConfig::Azure(config) = config else {
        panic!("it is Azure's");
    };
    for (credential, name) in [
        (config.credential, "cli"),
        (AzureCredential::Default, "default"),
        (AzureCredential::Anonymous, "anonymous"),
        (
            AzureCredential::ManagedIdentity { client: None },
            "managed-identity",
        ),
        (
            AzureCredential::ConnectionString("".into()),
            "connection-string",
        ),
    ] {
        assert_eq!(format!("{credential:?}"), name);
    }
    let usual = StoreConfig::of(&location, &Settings::default());
    assert!(matches!(usual, StoreConfig::Azure(_)));
}

#[tokio::test]
async fn an_address_leads_to_the_container_and_the_path() {
    let key = AzureCredential::SharedKey("a2V5".into());
    let config = AzureConfig::default().credential(key);
    let stores = Stores::builder()
        .profile(
            "r",
            "az://acme/c/p".parse().unwrap(),
            StoreConfig::Azure(Box::new(config)),
        )
        .build();
    let (store, below) = stores.open("r:q/").await.unwrap();
    assert_eq!(store.info().name, "az://acme/c");
    assert_eq!((below.path.as_str(), below.is_folder), ("p/q", true));
    assert!(format!("{store:?}").contains("az://acme/c"));
}
