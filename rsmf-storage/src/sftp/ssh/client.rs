//! Connections, host by host.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use rsmf_core::{Error, Failure, Result};
use russh::{
    cipher,
    client::{self, Handle},
    keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    auth,
    known_hosts::{KnownHost, Verdict},
    route::Hop,
};
use crate::{SftpConfig, sftp::cut::Cut};

/// How much a server may send before it must be told that it was taken: enough for distant servers to go on.
const WINDOW: u32 = 16 << 20;

/// The largest that SSH packs up.
const LARGEST_PACKET: u32 = 65535;

/// Ciphers as russh has them, but those that processors have instructions for come first.
const CIPHERS: [cipher::Name; 6] = [
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

/// Kinds of host keys, as OpenSSH prefers them; not with SHA-1.
fn kinds() -> Vec<Algorithm> {
    let ecdsa = |curve| Algorithm::Ecdsa { curve };
    let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
    vec![
        Algorithm::Ed25519,
        ecdsa(EcdsaCurve::NistP256),
        ecdsa(EcdsaCurve::NistP384),
        ecdsa(EcdsaCurve::NistP521),
        rsa(HashAlg::Sha512),
        rsa(HashAlg::Sha256),
    ]
}

/// Connections to each host of a way, of which the last one is to the server itself. They end with `alive`, and it with them.
pub(crate) struct Connection {
    hosts: Vec<Handle<Client>>,
}

impl Connection {
    /// Logs in to one host after the other.
    pub(crate) async fn open(
        hops: &[Hop],
        config: &SftpConfig,
        alive: &CancellationToken,
    ) -> Result<Self> {
        let mut hosts: Vec<Handle<Client>> = Vec::new();
        for hop in hops {
            let network = &config.network;
            let patience = network.connect_timeout;
            let connecting = connect(hosts.last(), hop, config, alive);
            let mut handle = timeout(patience, connecting)
                .await
                .map_err(|_| late(hop, patience))??;
            timeout(network.timeout, auth::log_in(&mut handle, hop))
                .await
                .map_err(|_| late(hop, network.timeout))??;
            hosts.push(handle);
        }
        Ok(Self { hosts })
    }

    /// The connection to the server itself.
    pub(crate) fn last(&self) -> Option<&Handle<Client>> {
        self.hosts.last()
    }
}

fn late(hop: &Hop, patience: Duration) -> Error {
    Failure::new("connect to", hop.address())
        .source(format!("it has not answered within {patience:?}"))
        .timed_out()
}

async fn connect(
    over: Option<&Handle<Client>>,
    hop: &Hop,
    config: &SftpConfig,
    alive: &CancellationToken,
) -> Result<Handle<Client>> {
    let host = KnownHost::read(&hop.known_hosts, hop.name.clone())?;
    let setup = Arc::new(setup(&host, config));
    let refusal = Refusal::default();
    let client = Client {
        hop: hop.clone(),
        host,
        accepted: None,
        refusal: refusal.clone(),
        _alive: alive.clone().drop_guard(),
    };
    let connected = match over {
        None => {
            let stream = tcp(hop).await?;
            client::connect_stream(setup, Cut::new(stream, alive), client).await
        }
        Some(over) => {
            let channel =
                over.channel_open_direct_tcpip(&hop.host, u32::from(hop.port), "127.0.0.1", 0);
            let stream = channel
                .await
                .map_err(|error| unreachable(hop, error))?
                .into_stream();
            client::connect_stream(setup, Cut::new(stream, alive), client).await
        }
    };
    connected.map_err(|error| match refusal.take() {
        Some(refusal) => refusal,
        None => unreachable(hop, error),
    })
}

async fn tcp(hop: &Hop) -> Result<TcpStream> {
    let failed = |error| {
        Failure::new("connect to", hop.address())
            .source(error)
            .unavailable()
    };
    let stream = TcpStream::connect((hop.host.as_str(), hop.port)).await;
    let stream = stream.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    Ok(stream)
}

fn unreachable(hop: &Hop, error: russh::Error) -> Error {
    Failure::new("connect to", hop.address())
        .source(error)
        .unavailable()
}

fn setup(host: &KnownHost, config: &SftpConfig) -> client::Config {
    let mut setup = client::Config {
        window_size: WINDOW,
        maximum_packet_size: LARGEST_PACKET,
        keepalive_interval: Some(config.keep_alive),
        keepalive_max: 3,
        nodelay: true,
        ..client::Config::default()
    };
    setup.preferred.cipher = CIPHERS.as_slice().into();
    let kinds = kinds();
    setup.preferred.key = host.order(&kinds).into();
    if host.has_authorities() {
        setup.preferred.host_key_certificates = kinds.into();
    }
    setup
}

/// Why a host was not trusted: russh has no words for it.
#[derive(Debug, Clone, Default)]
struct Refusal(Arc<Mutex<Option<Error>>>);

impl Refusal {
    fn set(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What a connection asks us. It goes when the connection does, and the token with it.
pub(crate) struct Client {
    hop: Hop,
    host: KnownHost,
    /// The key that was accepted: when keys are exchanged anew, it has to be this one.
    accepted: Option<PublicKey>,
    refusal: Refusal,
    _alive: DropGuard,
}

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, russh::Error> {
        let key = shown.public_key();
        if let Some(accepted) = &self.accepted {
            return Ok(accepted.key_data() == key.key_data());
        }
        match self.judge(shown, &key) {
            Ok(()) => {
                self.accepted = Some(key);
                Ok(true)
            }
            Err(error) => {
                self.refusal.set(error);
                Ok(false)
            }
        }
    }
}

impl Client {
    fn judge(&self, shown: &PublicKeyOrCertificate, key: &PublicKey) -> Result<()> {
        let print = key.fingerprint(HashAlg::Sha256);
        let refuse = |why: String| Failure::new("trust", self.hop.address()).source(why);
        match self.host.judge(shown, SystemTime::now()) {
            Verdict::Known => Ok(()),
            Verdict::Revoked(place) => {
                Err(refuse(format!("its key {print} is revoked by {place}")).denied())
            }
            Verdict::Changed(place) => Err(refuse(format!(
                "its key {print} is not the one that is known by {place}: somebody may stand between, or the key has changed"
            ))
            .advice("ask whoever runs the server; if the key has changed, remove that line")
            .denied()),
            Verdict::New if self.hop.accepts_new => self.learn(key),
            Verdict::New => Err(refuse(format!("nobody knows its key {print}"))
                .advice("compare the key, and add it to the known hosts, such as by `ssh-keyscan`; or set `accept_new_hosts`")
                .denied()),
        }
    }

    fn learn(&self, key: &PublicKey) -> Result<()> {
        let Some(file) = self.hop.known_hosts.first() else {
            return Err(Failure::new("remember the key of", self.hop.address())
                .source("no file of known hosts is named, and no home is known")
                .invalid_input());
        };
        let learnt = self.host.learn(file, key, self.hop.hashes_names);
        learnt.map_err(|error| {
            Error::from_io(
                "remember a host's key in",
                file.display().to_string(),
                error,
            )
        })
    }
}
