//! Secure connections: TLS 1.2 or 1.3, nothing older.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, ConfigBuilder, WantsVerifier,
    client::WantsClientCert,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use crate::{Config, Error, Result, error::Cause};

/// TLS as the system trusts it, also with certificates that a company has added, and those of the
/// configuration.
pub(crate) fn config(config: &Config) -> Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Setup(error.into()))?;
    let builder = trust(builder, config)?;
    let mut tls = match (&config.client_certificate, &config.client_key) {
        (Some(certificate), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, error))?;
            let shown = builder.with_client_auth_cert(certificates(certificate)?, key);
            shown.map_err(|error| Error::Setup(error.into()))?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => {
            let problem = "a client certificate and its key go together; give both files";
            return Err(Error::Setup(problem.into()));
        }
    };
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

fn trust(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    config: &Config,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>> {
    let provider = Arc::clone(builder.crypto_provider());
    let verifier = match &config.ca_file {
        Some(file) => Verifier::new_with_extra_roots(certificates(file)?, provider),
        None => Verifier::new(provider),
    };
    let verifier = verifier.map_err(|error| Error::Setup(error.into()))?;
    // The verifier of the platform: “dangerous” is that rustls cannot know that.
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier)))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = || {
        let found: Vec<_> = CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?;
        match found.is_empty() {
            true => Err(rustls::pki_types::pem::Error::NoItemsFound),
            false => Ok(found),
        }
    };
    read().map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: impl std::fmt::Display) -> Error {
    let problem = format!("{} holds no such PEM: {error}", file.display());
    Error::Setup(Cause::from(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_none_are_named() {
        let wrong = Config {
            ca_file: Some("/nowhere/ca.pem".into()),
            ..Config::default()
        };
        let half = Config {
            client_key: Some("/nowhere/me.key".into()),
            ..Config::default()
        };
        for (wrong, told) in [(wrong, "ca.pem"), (half, "go together")] {
            let Err(Error::Setup(cause)) = config(&wrong) else {
                panic!("that is no configuration");
            };
            assert!(cause.to_string().contains(told), "{cause}");
        }
    }
}
