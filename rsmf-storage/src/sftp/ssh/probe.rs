//! For who feeds the readers of files of SSH with whatever there is.

use std::time::SystemTime;

use russh::keys::{PublicKey, PublicKeyOrCertificate};

use super::{
    config::{Asked, Options, read_text},
    known_hosts::{HostName, KnownHost, Verdict},
};

/// What a configuration of SSH says about a host, in words; `None` where it is refused.
pub fn ssh_config(text: &[u8], host: &str) -> Option<String> {
    let asked = Asked {
        host: host.to_owned(),
        user: None,
        port: None,
        local_user: "me".to_owned(),
        home: None,
    };
    let options: Options = read_text(text, &asked).ok()?;
    Some(format!("{options:?}"))
}

/// What files of known hosts say about a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It is the host's.
    Known,
    /// Nothing is known about the host.
    New,
    /// It must not be used.
    Refused,
}

/// Whether a text in the place of such a file lets a host show a key (as in `id_ed25519.pub`); `None` where that is no key.
pub fn known_hosts(text: &str, host: &str, port: u16, key: &str) -> Option<Trust> {
    let key = PublicKey::from_openssh(key).ok()?;
    let known = KnownHost::of_text(text, HostName::new(host, port, None));
    let shown = PublicKeyOrCertificate::PublicKey {
        key,
        hash_alg: None,
    };
    Some(match known.judge(&shown, SystemTime::UNIX_EPOCH) {
        Verdict::Known => Trust::Known,
        Verdict::New => Trust::New,
        Verdict::Changed(_) | Verdict::Revoked(_) => Trust::Refused,
    })
}
