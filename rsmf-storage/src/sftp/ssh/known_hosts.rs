//! Which keys a host may have: known_hosts files, as sshd(8) describes them and OpenSSH's `ssh` judges by them.

use std::{
    fs, io,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use rsmf_core::{Error, Result};
use russh::keys::{
    Algorithm, Certificate, HashAlg, PublicKey, PublicKeyOrCertificate,
    ssh_key::{
        certificate::CertType,
        known_hosts::{Entry, HostPatterns, Marker},
        public::KeyData,
    },
};

use super::pattern;

/// The port that names of hosts do not mention.
const USUAL_PORT: u16 = 22;

/// By what a host is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostName {
    host: String,
    /// `None` where an alias is used, which stands for itself.
    port: Option<u16>,
}

/// What the files say about a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the host's.
    Known,
    /// The host has no key yet.
    New,
    /// The host has other keys; the line that says so.
    Changed(String),
    /// The key must not be used any more; the line that says so.
    Revoked(String),
}

/// What is known about one host.
#[derive(Debug)]
pub(super) struct KnownHost {
    name: HostName,
    /// Lines for the host's name as it is written with its port.
    lines: Vec<Line>,
    /// Lines for the name alone, where the host has another port. They can prove a key, nothing else.
    without_port: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    place: String,
    marker: Option<Marker>,
    key: KeyData,
}

impl HostName {
    pub(super) fn new(host: &str, port: u16, alias: Option<&str>) -> Self {
        match alias {
            Some(alias) => Self {
                host: alias.to_lowercase(),
                port: None,
            },
            None => Self {
                host: host.to_lowercase(),
                port: Some(port),
            },
        }
    }

    /// As it stands in a file.
    fn text(&self) -> String {
        match self.port {
            Some(port) if port != USUAL_PORT => format!("[{}]:{port}", self.host),
            _ => self.host.clone(),
        }
    }
}

impl KnownHost {
    /// Reads what the files say about a host. Files that are not there say nothing.
    pub(super) fn read(files: &[PathBuf], name: HostName) -> Result<Self> {
        let mut host = Self::new(name);
        for file in files {
            match fs::read(file) {
                Ok(bytes) => host.add(file, &String::from_utf8_lossy(&bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let file = file.display().to_string();
                    return Err(Error::from_io("read the known hosts in", file, error));
                }
            }
        }
        Ok(host)
    }

    fn new(name: HostName) -> Self {
        Self {
            lines: Vec::new(),
            without_port: Vec::new(),
            name,
        }
    }

    /// What one text says, whatever it is; for tests.
    #[cfg(feature = "testing")]
    pub(super) fn of_text(text: &str, name: HostName) -> Self {
        let mut host = Self::new(name);
        host.add(Path::new("known_hosts"), text);
        host
    }

    fn add(&mut self, file: &Path, text: &str) {
        let name = self.name.text();
        for (number, line) in text.lines().enumerate() {
            // Blanks of any kind and number part the fields.
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // As ssh(1) does: a line that cannot be read is none. Keys of kinds that are not known here cannot
            // be used either.
            let Ok(entry) = line.parse::<Entry>() else {
                tracing::debug!(file = %file.display(), line = number + 1, "not a line of known hosts");
                continue;
            };
            let line = Line {
                place: format!("{}, line {}", file.display(), number + 1),
                marker: entry.marker().copied(),
                key: entry.public_key().key_data().clone(),
            };
            if is_for(entry.host_patterns(), &name) {
                self.lines.push(line);
            } else if name != self.name.host && is_for(entry.host_patterns(), &self.name.host) {
                self.without_port.push(line);
            }
        }
    }

    /// The kinds of keys to ask the server for, those that can be proved first.
    pub(super) fn order(&self, kinds: &[Algorithm]) -> Vec<Algorithm> {
        let is_known = |kind: &Algorithm| {
            let same = |line: &&Line| line.marker.is_none() && is_of(&line.key, kind);
            self.lines
                .iter()
                .chain(&self.without_port)
                .any(|line| same(&line))
        };
        let (mut known, unknown): (Vec<_>, Vec<_>) = kinds.iter().cloned().partition(is_known);
        known.extend(unknown);
        known
    }

    /// Whether some authority can vouch for the host.
    pub(super) fn has_authorities(&self) -> bool {
        let mut lines = self.lines.iter().chain(&self.without_port);
        lines.any(|line| line.marker == Some(Marker::CertAuthority))
    }

    /// Judges what the server has shown: a certificate where an authority vouches for it, else its plain key.
    pub(super) fn judge(&self, shown: &PublicKeyOrCertificate, now: SystemTime) -> Verdict {
        let certificate = shown.certificate();
        let key = shown.public_key();
        let verdict = self.judge_by(&self.lines, &key, certificate, now);
        match verdict {
            Verdict::New => match self.judge_by(&self.without_port, &key, certificate, now) {
                Verdict::Changed(_) => Verdict::New,
                verdict => verdict,
            },
            verdict => verdict,
        }
    }

    fn judge_by(
        &self,
        lines: &[Line],
        key: &PublicKey,
        certificate: Option<&Certificate>,
        now: SystemTime,
    ) -> Verdict {
        let is_revoked = |line: &&Line| {
            line.marker == Some(Marker::Revoked)
                && (line.key == *key.key_data()
                    || certificate.is_some_and(|shown| line.key == *shown.signature_key()))
        };
        if let Some(line) = lines.iter().find(is_revoked) {
            return Verdict::Revoked(line.place.clone());
        }
        let vouches = |line: &Line| {
            line.marker == Some(Marker::CertAuthority)
                && certificate.is_some_and(|shown| self.is_good(shown, &line.key, now))
        };
        let plain = |line: &&Line| line.marker.is_none();
        if lines.iter().any(vouches)
            || lines
                .iter()
                .filter(plain)
                .any(|line| line.key == *key.key_data())
        {
            return Verdict::Known;
        }
        let other = lines.iter().find(plain);
        other.map_or(Verdict::New, |line| Verdict::Changed(line.place.clone()))
    }

    /// Whether this is a certificate for the host by this authority, at this time. See PROTOCOL.certkeys of OpenSSH.
    fn is_good(&self, shown: &Certificate, authority: &KeyData, now: SystemTime) -> bool {
        let now = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let names = shown.valid_principals();
        shown.cert_type() == CertType::Host
            && shown.critical_options().is_empty()
            && !matches!(shown.signature().algorithm(), Algorithm::Rsa { hash: None })
            && (names.is_empty() || names.contains(&self.name.host))
            && shown
                .validate_at(now.as_secs(), &[authority.fingerprint(HashAlg::Sha256)])
                .is_ok()
    }

    /// Adds a key that was seen for the first time to the end of a file, which is made where it is missing.
    pub(super) fn learn(&self, file: &Path, key: &PublicKey, hashed: bool) -> io::Result<()> {
        let name = match hashed {
            true => hash(&self.name.text())?,
            false => self.name.text(),
        };
        let key = PublicKey::new(key.key_data().clone(), "");
        let key = key.to_openssh().map_err(io::Error::other)?;
        if let Some(folder) = file.parent() {
            create_private(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(file)?;
        let mut line = format!("{name} {key}\n");
        if !ends_with_line(&mut file)? {
            line.insert(0, '\n');
        }
        // In one go, so that another program that does the same cannot come between.
        file.write_all(line.as_bytes())
    }
}

fn ends_with_line(file: &mut fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn is_for(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::Patterns(list) => pattern::any_matches(list.iter().map(String::as_str), name),
        HostPatterns::HashedName { salt, hash } => {
            let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt);
            hmac::verify(&key, name.as_bytes(), hash).is_ok()
        }
    }
}

/// The name, hashed so that the file does not tell which hosts its owner visits.
fn hash(name: &str) -> io::Result<String> {
    let mut salt = [0; 20];
    let random = SystemRandom::new().fill(&mut salt);
    random.map_err(|_| io::Error::other("the system has no random numbers"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
    let hash = hmac::sign(&key, name.as_bytes());
    let patterns = HostPatterns::HashedName {
        salt: salt.to_vec(),
        hash: hash.as_ref().try_into().map_err(io::Error::other)?,
    };
    Ok(patterns.to_string())
}

/// Whether a server that has this key may show it where this kind is asked for.
fn is_of(key: &KeyData, kind: &Algorithm) -> bool {
    match (key.algorithm(), kind) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (kind, asked) => kind == *asked,
    }
}

#[cfg(test)]
mod tests;
