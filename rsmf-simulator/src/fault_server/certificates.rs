//! Who vouches for a server, and for its clients.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio_rustls::TlsAcceptor;

/// An authority that nobody knows, and what it vouches for. New ones are made for each server.
pub struct Certificates {
    authority: CertificateDer<'static>,
    authority_pem: String,
    server: (CertificateDer<'static>, KeyPair),
    client: String,
}

impl Certificates {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        named(&mut params, "authority of a test");
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let names = ["127.0.0.1", "localhost"];
        let server = vouched(&authority, &names, ExtendedKeyUsagePurpose::ServerAuth);
        let client = vouched(&authority, &[], ExtendedKeyUsagePurpose::ClientAuth);
        Self {
            authority: authority.der().clone(),
            authority_pem: authority.pem(),
            server: (server.0.der().clone(), server.1),
            client: format!("{}{}", client.0.pem(), client.1.serialize_pem()),
        }
    }

    /// The certificate of the authority, as PEM. Clients have to trust it.
    pub fn authority(&self) -> &str {
        &self.authority_pem
    }

    /// A client's certificate and private key, as PEM.
    pub fn client(&self) -> &str {
        &self.client
    }

    pub(super) fn acceptor(&self, demanding: bool) -> TlsAcceptor {
        let (certificate, key) = &self.server;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of TLS");
        let builder = match demanding {
            true => builder.with_client_cert_verifier(self.verifier()),
            false => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a certificate with its key");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    fn verifier(&self) -> Arc<dyn ClientCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).expect("a root");
        let provider = Arc::new(ring::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .expect("a verifier")
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn named(params: &mut CertificateParams, name: &str) {
    params.distinguished_name.push(DnType::CommonName, name);
}

fn vouched(
    authority: &CertifiedIssuer<'_, KeyPair>,
    names: &[&str],
    usage: ExtendedKeyUsagePurpose,
) -> (rcgen::Certificate, KeyPair) {
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names of hosts");
    named(&mut params, "party of a test");
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages.push(usage);
    let key = key();
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    (certificate, key)
}
