//! Signing with a key from a file or an agent.

use std::sync::Arc;

use russh::{
    Signer,
    client::{AuthResult, Handle},
    keys::{
        HashAlg, PrivateKey,
        agent::AgentIdentity,
        signature::Signer as _,
        ssh_encoding::Encode,
        ssh_key::{self, Signature, private::KeypairData},
    },
};

use super::{agent::Agent, client::Client};

/// Signs what a server wants to see signed. russh's own way with a certificate and a key from a file signs for RSA with
/// SHA-1 only, which servers refuse.
pub(super) struct KeySigner {
    agent: Option<Agent>,
    /// The key; where there is none, the agent has it.
    pub(super) key: Option<Arc<PrivateKey>>,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    #[error("the session has ended")]
    Ended(#[from] russh::SendError),
    #[error("the agent does not sign: {0}")]
    Agent(#[from] russh::AgentAuthError),
    #[error("the key does not sign: {0}")]
    Key(#[from] ssh_key::Error),
    #[error("the agent has gone")]
    NoAgent,
}

impl KeySigner {
    pub(super) fn new(agent: Option<Agent>) -> Self {
        Self { agent, key: None }
    }

    /// Tries to get in as `user` by this key or certificate.
    pub(super) async fn authenticate(
        &mut self,
        handle: &mut Handle<Client>,
        user: &str,
        identity: AgentIdentity,
        hash: Option<HashAlg>,
    ) -> Result<AuthResult, SignError> {
        match identity {
            AgentIdentity::PublicKey { key, .. } => {
                handle
                    .authenticate_publickey_with(user, key, hash, self)
                    .await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                handle
                    .authenticate_certificate_with(user, certificate, hash, self)
                    .await
            }
        }
    }
}

impl Signer for KeySigner {
    type Error = SignError;

    /// Gives what was to be signed, and the signature after it (RFC 4252, 7).
    async fn auth_sign(
        &mut self,
        identity: &AgentIdentity,
        hash: Option<HashAlg>,
        to_sign: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        match (&self.key, &mut self.agent) {
            (Some(key), _) => sign(key, hash, to_sign).map_err(Into::into),
            (None, Some(agent)) => Ok(agent.auth_sign(identity, hash, to_sign).await?),
            (None, None) => Err(SignError::NoAgent),
        }
    }
}

fn sign(key: &PrivateKey, hash: Option<HashAlg>, mut data: Vec<u8>) -> ssh_key::Result<Vec<u8>> {
    let signature: Signature = match key.key_data() {
        KeypairData::Rsa(pair) => (pair, hash).try_sign(&data)?,
        _ => key.try_sign(&data)?,
    };
    signature.encode_vec()?.encode(&mut data)?;
    Ok(data)
}
