//! Who vouches for a server.

use std::path::PathBuf;

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};

use super::Home;

/// Files with PEM.
pub(crate) struct Certificates {
    /// The certificate of the authority, which clients have to trust.
    pub(crate) authority: PathBuf,
    /// The server's certificate.
    pub(crate) server: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

impl Certificates {
    pub(super) fn new(home: &Home, names: &[&str]) -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "authority of tests");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let all = ["127.0.0.1", "localhost"].iter().chain(names);
        let mut params =
            CertificateParams::new(all.map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "server of tests");
        params.use_authority_key_identifier_extension = true;
        params
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate()?;
        let server = params.signed_by(&key, &authority)?;
        Ok(Self {
            authority: home.write("ca.pem", &authority.pem())?,
            server: home.write("server.pem", &server.pem())?,
            key: home.write("server.key", &key.serialize_pem())?,
        })
    }
}
