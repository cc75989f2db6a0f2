//! Where a server lives.

use std::{
    cell::Cell,
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result};

use super::certificates::Certificates;

/// Ports that are given out. Those above 32767 are taken by connections of anybody, and SeaweedFS also
/// takes the port ten thousand above each of its own.
const PORTS: std::ops::Range<u16> = 11000..19000;
const SECOND: u16 = 10000;

/// An empty folder, and ports that are free.
pub(crate) struct Home {
    folder: PathBuf,
    next: Cell<u16>,
}

impl Home {
    pub(super) fn new(folder: PathBuf) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        // Runs at the same time, of other clones, begin elsewhere.
        let spread = process::id() % u32::from(PORTS.end - PORTS.start);
        Ok(Self {
            folder,
            next: Cell::new(PORTS.start + u16::try_from(spread)?),
        })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes a file there.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    }

    /// Creates a folder there.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// A port of this machine that nobody listens to, another one each time.
    pub(crate) fn port(&self) -> Result<u16> {
        let is_free = |port: &u16| {
            [*port, *port + SECOND]
                .into_iter()
                .all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
        };
        let from = self.next.get();
        let port = (from..PORTS.end)
            .chain(PORTS.start..from)
            .find(is_free)
            .context("no port is free")?;
        self.next.set(port + 1);
        Ok(port)
    }

    /// An authority that nobody knows, and a server's certificate of it for `127.0.0.1` and these names.
    pub(crate) fn certificates(&self, names: &[&str]) -> Result<Certificates> {
        Certificates::new(self, names)
    }
}
