//! The key of the service account that is known.

use std::sync::OnceLock;

use ring::{
    rand::SystemRandom,
    signature::{
        KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
    },
};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject};

/// A key for tests, which opens nothing.
const PEM: &str = include_str!("../../keys/rsa.pem");

/// The account that has it.
pub(super) const EMAIL: &str = "exports@acme.iam.gserviceaccount.com";

fn pair() -> &'static RsaKeyPair {
    static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
    PAIR.get_or_init(|| {
        let key = PrivatePkcs8KeyDer::from_pem_slice(PEM.as_bytes()).expect("a key in PEM");
        RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).expect("a key of RSA")
    })
}

/// A file with credentials.
pub(super) fn service_account(token_uri: &str) -> String {
    serde_json::json!({
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "k-1",
        "private_key": PEM,
        "client_email": EMAIL,
        "token_uri": token_uri,
    })
    .to_string()
}

pub(super) fn sign(text: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair().public().modulus_len()];
    pair()
        .sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            text,
            &mut signature,
        )
        .expect("a signature");
    signature
}

pub(super) fn is_signed(text: &[u8], signature: &[u8]) -> bool {
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair().public_key());
    key.verify(text, signature).is_ok()
}
