//! The keys to try, in order.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use russh::keys::{
    self, Algorithm, Certificate, PrivateKey, PublicKey, agent::AgentIdentity,
    ssh_key::public::KeyData,
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    agent::{self, Agent},
    route::Hop,
};

/// Something to show to a server, and the key to sign with; where that is missing, the agent signs.
pub(super) struct Candidate {
    pub(super) identity: AgentIdentity,
    pub(super) key: Option<Arc<PrivateKey>>,
    /// What errors call it.
    pub(super) name: String,
}

impl Candidate {
    pub(super) fn is_rsa(&self) -> bool {
        matches!(public(&self.identity).algorithm(), Algorithm::Rsa { .. })
    }
}

/// What is known of the keys of a configuration.
struct Files {
    /// Keys that can sign.
    keys: Vec<(String, Arc<PrivateKey>)>,
    /// Keys of which only the public half can be read, because they are encrypted or elsewhere: an agent may have them.
    public: Vec<PublicKey>,
    certificates: Vec<(String, Certificate)>,
}

/// The candidates, as OpenSSH orders them: what the agent has of the configured keys, its others unless only those are
/// wanted, and the files. Certificates come before their keys. What cannot be used is told in `remarks`.
pub(super) async fn candidates(
    hop: &Hop,
    remarks: &mut Vec<String>,
) -> (Vec<Candidate>, Option<Agent>) {
    let files = files(hop, remarks);
    let (mut agent, mut identities) = (None, Vec::new());
    if let Some(place) = &hop.agent {
        match ask(place).await {
            Ok((connected, found)) => (agent, identities) = (Some(connected), found),
            Err(error) => remarks.push(format!("agent: {error}")),
        }
    }
    let mut candidates: Vec<_> = identities.into_iter().map(from_agent).collect();
    let is_configured = |candidate: &Candidate| files.has(&public(&candidate.identity));
    if hop.identities_only {
        candidates.retain(is_configured);
    }
    candidates.sort_by_key(|candidate| !is_configured(candidate));
    files.vouch_for(&mut candidates);
    for (name, key) in &files.keys {
        let shown = key.public_key().key_data();
        if candidates
            .iter()
            .all(|known| public(&known.identity) != *shown)
        {
            candidates.push(from_file(name, key));
        }
    }
    (files.with_certificates(candidates), agent)
}

async fn ask(place: &Path) -> Result<(Agent, Vec<AgentIdentity>), keys::Error> {
    let mut agent = agent::connect(place).await?;
    let identities = agent.request_identities().await?;
    Ok((agent, identities))
}

fn from_agent(identity: AgentIdentity) -> Candidate {
    let comment = match &identity {
        AgentIdentity::PublicKey { comment, .. } => comment,
        AgentIdentity::Certificate { comment, .. } => comment,
    };
    Candidate {
        name: format!("agent's {comment}"),
        identity,
        key: None,
    }
}

fn from_file(name: &str, key: &Arc<PrivateKey>) -> Candidate {
    let identity = AgentIdentity::PublicKey {
        key: key.public_key().clone(),
        comment: String::new(),
    };
    Candidate {
        name: name.to_owned(),
        identity,
        key: Some(Arc::clone(key)),
    }
}

fn public(identity: &AgentIdentity) -> KeyData {
    match identity {
        AgentIdentity::PublicKey { key, .. } => key.key_data().clone(),
        AgentIdentity::Certificate { certificate, .. } => certificate.public_key().clone(),
    }
}

impl Files {
    fn has(&self, key: &KeyData) -> bool {
        self.keys
            .iter()
            .any(|(_, own)| own.public_key().key_data() == key)
            || self.public.iter().any(|own| own.key_data() == key)
    }

    /// Lets keys of which the file is there be signed with that: an agent may have gone, or ask somebody first.
    fn vouch_for(&self, candidates: &mut [Candidate]) {
        for candidate in candidates {
            let shown = public(&candidate.identity);
            let own = self
                .keys
                .iter()
                .find(|(_, key)| *key.public_key().key_data() == shown);
            candidate.key = own.map(|(_, key)| Arc::clone(key));
        }
    }

    /// Puts certificates for keys before them.
    fn with_certificates(&self, candidates: Vec<Candidate>) -> Vec<Candidate> {
        let mut all = Vec::new();
        for candidate in candidates {
            let key = public(&candidate.identity);
            let own = self
                .certificates
                .iter()
                .filter(|(_, own)| *own.public_key() == key);
            all.extend(own.map(|(name, certificate)| Candidate {
                identity: AgentIdentity::Certificate {
                    certificate: certificate.clone(),
                    comment: String::new(),
                },
                key: candidate.key.clone(),
                name: name.clone(),
            }));
            all.push(candidate);
        }
        all
    }
}

fn files(hop: &Hop, remarks: &mut Vec<String>) -> Files {
    let mut files = Files {
        keys: Vec::new(),
        public: Vec::new(),
        certificates: Vec::new(),
    };
    if let Some(key) = &hop.key {
        let name = "the key of the configuration".to_owned();
        match decode(key.expose_secret(), hop.passphrase.as_ref()) {
            Ok(key) => files.keys.push((name, Arc::new(key))),
            Err(why) => remarks.push(format!("{name}: {why}")),
        }
    }
    for path in &hop.identity_files {
        let name = path.display().to_string();
        files
            .public
            .extend(keys::load_public_key(beside(path, ".pub")).ok());
        match std::fs::read_to_string(path) {
            Ok(text) => match decode(&text, hop.passphrase.as_ref()) {
                Ok(key) => files.keys.push((name, Arc::new(key))),
                Err(why) => remarks.push(format!("{name}: {why}")),
            },
            // Usual files need not be there, nor those whose key an agent has.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if hop.identities_only && !beside(path, ".pub").exists() {
                    remarks.push(format!("{name}: it is not there"));
                }
            }
            Err(error) => remarks.push(format!("{name}: {error}")),
        }
    }
    let beside_keys = hop
        .identity_files
        .iter()
        .map(|path| beside(path, "-cert.pub"));
    for path in beside_keys.chain(hop.certificate_files.iter().cloned()) {
        match keys::load_openssh_certificate(&path) {
            Ok(found) => files.certificates.push((path.display().to_string(), found)),
            Err(_) if !path.exists() => {}
            Err(error) => remarks.push(format!("{}: {error}", path.display())),
        }
    }
    files
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn decode(text: &str, passphrase: Option<&SecretString>) -> Result<PrivateKey, String> {
    let plain = keys::decode_secret_key(text, None);
    let key = match (plain, passphrase) {
        (Err(keys::Error::KeyIsEncrypted), Some(passphrase)) => {
            keys::decode_secret_key(text, Some(passphrase.expose_secret()))
                .map_err(|_| "the passphrase does not open it".to_owned())
        }
        (Err(keys::Error::KeyIsEncrypted), None) => {
            Err("it is encrypted, and there is no passphrase".to_owned())
        }
        (result, _) => result.map_err(|error| error.to_string()),
    }?;
    match key.algorithm() {
        Algorithm::Dsa => Err("servers take no DSA keys any more".to_owned()),
        _ => Ok(key),
    }
}
