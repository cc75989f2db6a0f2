//! Signed statements: JSON Web Tokens (RFC 7519) in their compact form (RFC 7515).
//!
//! The crate `jsonwebtoken` was looked at: it signs with aws-lc, which needs more than a C compiler on
//! some systems, or with `rsa`, which leaks its key by its timing (RUSTSEC-2023-0071). `ring` is here
//! already for TLS, and one signature is all that is needed.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::{self, SystemRandom},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaEncoding, RsaKeyPair,
    },
};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::Url;

use super::TokenError;

/// How long a statement is good: an hour is the most that Google takes.
const LIFETIME: Duration = Duration::from_secs(300);

/// How a statement is signed (RFC 7518, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA of 2048 bits or more with SHA-256.
    Rs256,
    /// The same with the padding PSS.
    Ps256,
    /// The curve P-256 with SHA-256.
    Es256,
}

/// A private key that signs statements. Clones share it.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Pair>,
    algorithm: Algorithm,
    id: Option<String>,
    thumbprint: Option<String>,
}

/// What a statement says.
pub(super) struct Claims<'a> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) audience: &'a Url,
    pub(super) scope: Option<&'a str>,
    /// The time of day.
    pub(super) now: SystemTime,
}

impl Claims<'_> {
    fn json(&self) -> Result<Value, TokenError> {
        let now = self.now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default();
        let mut claims = Map::new();
        let mut say = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        say("iss", self.issuer.into());
        say("sub", self.subject.into());
        say("aud", self.audience.as_str().into());
        say("iat", now.as_secs().into());
        say("exp", now.saturating_add(LIFETIME).as_secs().into());
        if let Some(scope) = self.scope {
            say("scope", scope.into());
        }
        // A name of its own, by which a server takes it only once.
        let name: [u8; 16] = rand::generate(&SystemRandom::new())
            .map_err(|_| TokenError::Random)?
            .expose();
        say("jti", BASE64_URL_SAFE_NO_PAD.encode(name).into());
        Ok(claims.into())
    }
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl SigningKey {
    /// A key in PKCS#8 as PEM, such as the `private_key` of a service account.
    ///
    /// # Errors
    /// [`TokenError::Key`] where it is none of this algorithm.
    ///
    /// ```
    /// use rsmf_http::oauth2::{Algorithm, SigningKey};
    ///
    /// assert!(SigningKey::from_pem(&"no key".into(), Algorithm::Rs256).is_err());
    /// ```
    pub fn from_pem(pem: &SecretString, algorithm: Algorithm) -> Result<Self, TokenError> {
        let wrong = || TokenError::Key(algorithm.kind());
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes());
        let key = key.map_err(|_| wrong())?;
        let pair = pair(key.secret_pkcs8_der(), algorithm).ok_or_else(wrong)?;
        Ok(Self {
            pair: Arc::new(pair),
            algorithm,
            id: None,
            thumbprint: None,
        })
    }

    /// With the name that the server knows the key by (`kid`; RFC 7515, 4.1.4).
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With the SHA-256 of the certificate that the server knows the key by, in Base64 as for addresses
    /// (`x5t#S256`; RFC 7515, 4.1.8), as Microsoft's servers want it.
    #[must_use]
    pub fn thumbprint(mut self, thumbprint: impl Into<String>) -> Self {
        self.thumbprint = Some(thumbprint.into());
        self
    }

    /// Says who asks for a token, where and when (RFC 7523, 3).
    pub(super) fn statement(&self, claims: &Claims<'_>) -> Result<String, TokenError> {
        let text = format!("{}.{}", encode(&self.header()), encode(&claims.json()?));
        let signature = self.sign(text.as_bytes());
        let signature = signature.ok_or(TokenError::Key(self.algorithm.kind()))?;
        Ok(format!(
            "{text}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(signature)
        ))
    }

    fn header(&self) -> Value {
        let mut header = Map::new();
        header.insert("alg".to_owned(), self.algorithm.name().into());
        header.insert("typ".to_owned(), "JWT".into());
        for (name, value) in [("kid", &self.id), ("x5t#S256", &self.thumbprint)] {
            if let Some(value) = value {
                header.insert(name.to_owned(), value.as_str().into());
            }
        }
        header.into()
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &*self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn RsaEncoding = match self.algorithm {
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let signed = pair.sign(padding, &random, text, &mut signature);
                signed.ok().map(|()| signature)
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, text).ok()?;
                Some(signature.as_ref().to_vec())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Ps256 => "RSA of 2048 bits or more",
            Self::Es256 => "of the curve P-256",
        }
    }
}

fn pair(der: &[u8], algorithm: Algorithm) -> Option<Pair> {
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_pkcs8(der).map(Pair::Rsa).ok(),
        Algorithm::Es256 => {
            let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_pkcs8(signing, der, &SystemRandom::new());
            pair.map(Pair::Ec).ok()
        }
    }
}

fn encode(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
        UnparsedPublicKey, VerificationAlgorithm,
    };

    use serde_json::json;

    use super::*;

    /// Made for this test, and used nowhere else.
    const RSA: &str = include_str!("../../../tests/keys/rsa.pem");

    fn ec() -> String {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
        let text = BASE64_STANDARD.encode(key.as_ref());
        format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    }

    fn statement(key: &SigningKey, scope: Option<&str>) -> (Value, Value, String, Vec<u8>) {
        let url = "https://login.example.com/token".parse().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
        let text = key.statement(&Claims {
            issuer: "me",
            subject: "you",
            audience: &url,
            scope,
            now,
        });
        let text = text.unwrap();
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let json = |part| serde_json::from_slice(&decode(part)).unwrap();
        (
            json(header),
            json(claims),
            signed.to_owned(),
            decode(signature),
        )
    }

    #[test]
    fn a_statement_says_who_and_where_and_when() {
        let key = SigningKey::from_pem(&ec().into(), Algorithm::Es256).unwrap();
        let (header, mut claims, signed, signature) =
            statement(&key.clone().id("k-1"), Some("x y"));
        assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": "k-1"}));
        let expected = json!({
            "iss": "me", "sub": "you", "aud": "https://login.example.com/token",
            "iat": 1_000_000, "exp": 1_000_300, "scope": "x y",
        });
        let name = claims.as_object_mut().unwrap().remove("jti").unwrap();
        assert_eq!(name.as_str().unwrap().len(), 22);
        assert_eq!(claims, expected);
        let Pair::Ec(pair) = &*key.pair else {
            panic!("another kind of key");
        };
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key());
        public.verify(signed.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn rsa_signs_too() {
        let checks: [(_, _, &dyn VerificationAlgorithm); 2] = [
            (Algorithm::Rs256, "RS256", &RSA_PKCS1_2048_8192_SHA256),
            (Algorithm::Ps256, "PS256", &RSA_PSS_2048_8192_SHA256),
        ];
        for (algorithm, name, check) in checks {
            let key = SigningKey::from_pem(&RSA.into(), algorithm).unwrap();
            let (header, claims, signed, signature) = statement(&key.clone().thumbprint("t"), None);
            assert_eq!(header, json!({"alg": name, "typ": "JWT", "x5t#S256": "t"}));
            assert!(claims.get("scope").is_none());
            let Pair::Rsa(pair) = &*key.pair else {
                panic!("another kind of key");
            };
            let public = UnparsedPublicKey::new(check, pair.public_key());
            public.verify(signed.as_bytes(), &signature).unwrap();
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        for (key, algorithm) in [
            (RSA.to_owned(), Algorithm::Es256),
            (ec(), Algorithm::Rs256),
            ("s3cret".to_owned(), Algorithm::Rs256),
        ] {
            let error = SigningKey::from_pem(&key.into(), algorithm).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
        let key = SigningKey::from_pem(&ec().into(), Algorithm::Es256).unwrap();
        assert_eq!(
            format!("{key:?}"),
            "SigningKey { algorithm: Es256, id: None, .. }"
        );
    }
}
