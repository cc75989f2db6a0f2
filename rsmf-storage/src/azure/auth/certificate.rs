//! Showing a certificate to Entra ID: a token that its key signs (“Microsoft identity platform application
//! authentication certificate credentials”).

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use azure_core::{Error as SdkError, error::ErrorKind, http::ClientMethodOptions};
use azure_identity::ClientAssertion;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use rsmf_core::{
    Failure, Result,
    integration::{Algorithm, Summer},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};

/// How long such a token is good for; each is used once.
const VALID: Duration = Duration::from_secs(600);

/// A certificate and its key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// SHA-256 of the certificate, in Base64 for addresses.
    thumbprint: String,
    client: String,
    audience: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads PEM with a certificate and its RSA key.
    ///
    /// # Errors
    /// `InvalidInput` where it is none.
    pub(super) fn new(pem: &SecretString, client: &str, audience: String) -> Result<Self> {
        let wrong = |why: String| {
            Failure::new("use", "the client's certificate")
                .source(why)
                .advice("give PEM with the certificate and its RSA key, without a password")
                .invalid_input()
        };
        let pem = pem.expose_secret().as_bytes();
        let certificate = CertificateDer::from_pem_slice(pem)
            .map_err(|error| wrong(format!("it holds no certificate: {error}")))?;
        let key = PrivateKeyDer::from_pem_slice(pem)
            .map_err(|error| wrong(format!("it holds no key: {error}")))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(wrong("its key is not RSA".to_owned())),
        };
        Ok(Self {
            key: key.map_err(|error| wrong(format!("its key cannot be used: {error}")))?,
            thumbprint: BASE64_URL_SAFE_NO_PAD
                .encode(Summer::of(Algorithm::Sha256, &certificate).value),
            client: client.to_owned(),
            audience,
        })
    }

    fn token(&self) -> Result<String, ring::error::Unspecified> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_secs();
        let header = serde_json::json!({
            "alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint,
        });
        let claims = serde_json::json!({
            "aud": self.audience, "iss": self.client, "sub": self.client,
            "jti": format!("{:032x}", fastrand::u128(..)),
            "nbf": now, "exp": now + VALID.as_secs(),
        });
        let part = |json: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)?;
        Ok(format!(
            "{text}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(signature)
        ))
    }
}

#[async_trait]
impl ClientAssertion for Certificate {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.token()
            .map_err(|_| SdkError::with_message(ErrorKind::Credential, "the key cannot sign"))
    }
}
