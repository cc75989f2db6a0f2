//! Secure connections.

use std::sync::Arc;

use rustls::{ClientConfig, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::{Error, Result};

/// TLS as the system trusts it: its certificates, also those that a company has added.
pub(crate) fn config() -> Result<ClientConfig> {
    let failed = |error: rustls::Error| Error::Setup(error.into());
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_platform_verifier()
        .map_err(failed)?
        .with_no_client_auth();
    Ok(config)
}
