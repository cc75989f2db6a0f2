//! How each kind of store is told where and how to go.

use std::sync::Arc;

use bytesize::ByteSize;
use rsmf_core::{Error, Failure, Result, integration::Storage, secret::SecretSource};
use serde::{Deserialize, Deserializer};

use crate::{Below, Location, Settings, Transfer};

/// The configuration of one store; which kind it is of follows from the scheme of its address.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoreConfig {
    /// A local folder has nothing to configure.
    Local,
    /// A container of Azure Blob Storage.
    #[cfg(feature = "azure")]
    Azure(Box<crate::AzureConfig>),
    /// Google Cloud Storage.
    #[cfg(feature = "gcs")]
    #[cfg_attr(docsrs, doc(cfg(feature = "gcs")))]
    Gcs(Box<crate::gcs::GcsConfig>),
    /// A WebDAV or a Nextcloud server.
    #[cfg(feature = "webdav")]
    #[cfg_attr(docsrs, doc(cfg(feature = "webdav")))]
    Dav(Box<crate::webdav::DavConfig>),
    /// S3, or a server that speaks its protocol.
    #[cfg(feature = "s3")]
    S3(Box<crate::s3::S3Config>),
    /// A server with SSH.
    #[cfg(feature = "sftp")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sftp")))]
    Sftp(Box<crate::SftpConfig>),
    /// A store for which this build has no support.
    NotBuiltIn,
}

impl StoreConfig {
    /// The usual configuration for what lies there.
    pub fn of(location: &Location, settings: &Settings) -> Self {
        let _ = settings;
        match location {
            Location::Local(_) => Self::Local,
            #[cfg(feature = "azure")]
            Location::Azure { .. } => Self::Azure(Box::new(crate::AzureConfig::new(settings))),
            #[cfg(feature = "gcs")]
            Location::Gcs { .. } => Self::Gcs(Box::new(crate::gcs::GcsConfig::with(settings))),
            #[cfg(feature = "webdav")]
            Location::Dav { .. } => Self::Dav(Box::new(crate::webdav::DavConfig::with(settings))),
            #[cfg(feature = "s3")]
            Location::S3 { .. } => Self::S3(Box::new(crate::s3::S3Config::with(settings))),
            #[cfg(feature = "sftp")]
            Location::Sftp { .. } => Self::Sftp(Box::new(crate::SftpConfig::new(settings))),
            #[allow(unreachable_patterns, reason = "a build with all stores has them all")]
            _ => Self::NotBuiltIn,
        }
    }

    /// How objects are moved; nothing for a local folder.
    pub fn transfer(&self) -> Option<&Transfer> {
        match self {
            #[cfg(feature = "s3")]
            Self::S3(config) => Some(&config.transfer),
            Self::Local | Self::NotBuiltIn => None,
            #[cfg(feature = "azure")]
            Self::Azure(config) => Some(&config.transfer),
            #[cfg(feature = "gcs")]
            Self::Gcs(config) => Some(&config.transfer),
            #[cfg(feature = "webdav")]
            Self::Dav(config) => Some(&config.transfer),
            #[cfg(feature = "sftp")]
            Self::Sftp(config) => Some(&config.transfer),
        }
    }

    /// The most bytes per second in each direction; [`Stores`](crate::Stores) keep to it.
    pub fn bandwidth(&self) -> Option<ByteSize> {
        self.transfer()?.bandwidth
    }

    /// Reads the configuration of what lies at `location` from a part of a file.
    ///
    /// # Errors
    /// The format's: a name that is not known, a value of the wrong type.
    pub fn read<'de, D: Deserializer<'de>>(location: &Location, from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        match location {
            Location::Local(_) => Nothing::deserialize(from).map(|Nothing {}| Self::Local),
            #[cfg(feature = "azure")]
            Location::Azure { .. } => Deserialize::deserialize(from).map(Self::Azure),
            #[cfg(feature = "gcs")]
            Location::Gcs { .. } => Deserialize::deserialize(from).map(Self::Gcs),
            #[cfg(feature = "webdav")]
            Location::Dav { .. } => Deserialize::deserialize(from).map(Self::Dav),
            #[cfg(feature = "s3")]
            Location::S3 { .. } => Deserialize::deserialize(from).map(Self::S3),
            #[cfg(feature = "sftp")]
            Location::Sftp { .. } => Deserialize::deserialize(from).map(Self::Sftp),
            #[allow(unreachable_patterns, reason = "a build with all stores has them all")]
            _ => serde::de::IgnoredAny::deserialize(from).map(|_| Self::NotBuiltIn),
        }
    }
}

/// Makes the store of an address: the whole bucket, container or server, and the path in it.
pub(crate) async fn connect(
    location: &Location,
    config: &StoreConfig,
    secrets: &Arc<dyn SecretSource>,
) -> Result<(Arc<dyn Storage>, Below)> {
    let _ = secrets;
    match (location, config) {
        #[cfg(feature = "local")]
        (Location::Local(path), _) => Ok((
            Arc::new(crate::LocalStorage::new(path.clone())),
            Below::default(),
        )),
        #[cfg(not(feature = "local"))]
        (Location::Local(_), _) => Err(not_built_in("local paths", "local")),
        #[cfg(feature = "azure")]
        (
            Location::Azure {
                account,
                container,
                path,
            },
            StoreConfig::Azure(config),
        ) => {
            let store = crate::AzureStorage::connect(account, container, config, &**secrets)?;
            Ok((Arc::new(store), path.clone()))
        }
        #[cfg(feature = "webdav")]
        (
            Location::Dav {
                url,
                user,
                nextcloud,
            },
            StoreConfig::Dav(config),
        ) => {
            let opened = crate::webdav::connect::open(
                url,
                user.as_deref(),
                *nextcloud,
                config,
                secrets.as_ref(),
            );
            let (store, below) = opened.await?;
            Ok((Arc::new(store), below))
        }
        #[cfg(feature = "s3")]
        (Location::S3 { bucket, path }, StoreConfig::S3(config)) => {
            let store = crate::s3::S3Storage::connect(bucket, config, secrets.as_ref()).await?;
            Ok((Arc::new(store), path.clone()))
        }
        #[cfg(feature = "gcs")]
        (Location::Gcs { bucket, path }, StoreConfig::Gcs(config)) => {
            let store = crate::gcs::GcsStorage::connect(bucket, config, secrets.as_ref())?;
            Ok((Arc::new(store), path.clone()))
        }
        #[cfg(feature = "sftp")]
        (Location::Sftp { server, path }, StoreConfig::Sftp(config)) => {
            let store = crate::SftpStorage::connect(server, config, secrets.as_ref())?;
            Ok((Arc::new(store), path.clone()))
        }
        _ => Err(mismatch(location)),
    }
}

/// The error for a store that was left out of this build.
pub(crate) fn not_built_in(what: &str, feature: &str) -> Error {
    Failure::new("open", what.to_owned())
        .source(format!(
            "this build has no support for them: it lacks the feature {feature}"
        ))
        .unsupported()
}

fn mismatch(location: &Location) -> Error {
    not_built_in(
        &format!("{}:// addresses", location.scheme()),
        match location.scheme() {
            "az" => "azure",
            "gs" => "gcs",
            "dav" | "nextcloud" => "webdav",
            other => other,
        },
    )
}
