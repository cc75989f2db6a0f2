//! Where credentials are looked for, as Google's own libraries do (AIP-4110).

use std::path::PathBuf;

use rsmf_core::{
    Failure, Kind, Result,
    secret::{Secret, SecretSource},
};
use url::Url;

use super::file::{Ambience, Credentials};
use crate::gcs::GcsConfig;

const METADATA: &str = "metadata.google.internal";

/// The emulator that the environment names, unless the configuration says where to go.
pub(super) fn emulator(config: &GcsConfig, secrets: &dyn SecretSource) -> Result<Option<Url>> {
    if config.endpoint.is_some() {
        return Ok(None);
    }
    let Some(host) = secrets
        .env("STORAGE_EMULATOR_HOST")
        .filter(|host| !host.is_empty())
    else {
        return Ok(None);
    };
    let address = match host.contains("://") {
        true => host,
        false => format!("http://{host}"),
    };
    parsed(&address, "STORAGE_EMULATOR_HOST").map(Some)
}

/// The metadata server.
pub(super) fn metadata(config: &GcsConfig, secrets: &dyn SecretSource) -> Result<Url> {
    let host = named_metadata(config, secrets);
    let host = host.as_deref().unwrap_or(METADATA);
    parsed(&format!("http://{host}"), "the host of the metadata server")
}

fn named_metadata(config: &GcsConfig, secrets: &dyn SecretSource) -> Option<String> {
    let host = config.metadata_host.clone();
    host.or_else(|| {
        secrets
            .env("GCE_METADATA_HOST")
            .filter(|host| !host.is_empty())
    })
}

fn parsed(address: &str, what: &str) -> Result<Url> {
    address.parse().map_err(|error| {
        Failure::new("use", what.to_owned())
            .source(error)
            .advice("write it as host:port")
            .invalid_input()
    })
}

/// The credentials that are configured, or else the first that are found: the file that the environment
/// names, the one that `gcloud` writes, and what this machine is.
pub(super) fn credentials(config: &GcsConfig, secrets: &dyn SecretSource) -> Result<Credentials> {
    if let Some(secret) = &config.credentials {
        return Credentials::parse(&secret.resolve(secrets)?);
    }
    let named = secrets.env("GOOGLE_APPLICATION_CREDENTIALS");
    if let Some(path) = named.filter(|path| !path.is_empty()) {
        return Credentials::parse(&Secret::File(path.into()).resolve(secrets)?);
    }
    if let Some(path) = well_known(secrets) {
        match Secret::File(path).resolve(secrets) {
            Ok(text) => return Credentials::parse(&text),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Credentials::Ambient(Ambience {
        metadata: metadata(config, secrets)?,
        is_certain: named_metadata(config, secrets).is_some(),
    }))
}

/// Where `gcloud auth application-default login` writes.
fn well_known(secrets: &dyn SecretSource) -> Option<PathBuf> {
    let folder = |name: &str| secrets.env(name).map(PathBuf::from);
    let gcloud = folder("CLOUDSDK_CONFIG").or_else(|| match cfg!(windows) {
        true => folder("APPDATA").map(|folder| folder.join("gcloud")),
        false => folder("HOME").map(|folder| folder.join(".config/gcloud")),
    });
    gcloud.map(|folder| folder.join("application_default_credentials.json"))
}
