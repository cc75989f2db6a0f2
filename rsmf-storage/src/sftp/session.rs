//! One session of SFTP, and its requests.

use std::{
    fmt,
    path::PathBuf,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::TryStreamExt;
use openssh_sftp_client::{
    Error as SftpError, Sftp, SftpOptions,
    file::File,
    fs::{DirEntry, Fs},
    metadata::MetaData,
};
use rsmf_core::{Error, Failure};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    SftpConfig,
    cut::Cut,
    packets::Packets,
    ssh::{Connection, Hop},
    trouble::{Result, Trouble},
};

/// A session of SFTP in a connection of its own.
pub(super) struct Session {
    sftp: Sftp,
    /// Cancelled with the first of: the connection ends, an answer is overdue, nobody needs it any more.
    alive: CancellationToken,
    /// How long the server may say nothing while it is asked for something.
    patience: Duration,
    /// How long a request may take at all.
    deadline: Duration,
    /// When it last answered something.
    heard: Mutex<Instant>,
    load: AtomicUsize,
    _connection: Connection,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("load", &self.load)
            .finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

impl Session {
    /// Logs in and starts SFTP.
    pub(super) async fn open(hops: &[Hop], config: &SftpConfig) -> Result<Self, Error> {
        let alive = CancellationToken::new();
        // Whatever was begun ends where this is given up on the way.
        let guard = alive.clone().drop_guard();
        let connection = Connection::open(hops, config, &alive).await?;
        let patience = config.network.timeout;
        let started = timeout(patience, start(&connection, &alive)).await;
        let address = || hops.last().map(Hop::address).unwrap_or_default();
        let failure = || Failure::new("start SFTP on", address());
        let sftp = match started {
            Ok(started) => started.map_err(|why| {
                failure()
                    .source(why)
                    .advice("check that the server offers SFTP to this user")
                    .unavailable()
            })?,
            Err(_) => {
                return Err(failure()
                    .source(format!("no answer within {patience:?}"))
                    .timed_out());
            }
        };
        guard.disarm();
        Ok(Self {
            sftp,
            alive,
            patience,
            deadline: config.network.deadline,
            heard: Mutex::new(Instant::now()),
            load: AtomicUsize::new(0),
            _connection: connection,
        })
    }

    /// Ends it, and whatever waits for it.
    pub(super) fn end(&self) {
        self.alive.cancel();
    }

    pub(super) fn is_over(&self) -> bool {
        self.alive.is_cancelled()
    }

    /// How many use it.
    pub(super) fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }

    /// Waits for an answer: as long as others come, it may yet come too.
    pub(super) async fn ask<T>(
        &self,
        request: impl Future<Output = std::result::Result<T, SftpError>>,
    ) -> Result<T> {
        self.ask_for(self.patience, request).await
    }

    async fn ask_for<T>(
        &self,
        patience: Duration,
        request: impl Future<Output = std::result::Result<T, SftpError>>,
    ) -> Result<T> {
        let asked = Instant::now();
        let mut request = pin!(request);
        let result = loop {
            let quiet_since = self.heard().max(asked);
            let by = (quiet_since + patience).min(asked + self.deadline);
            match timeout_at(by, &mut request).await {
                Ok(result) => break result.map_err(Trouble::from),
                Err(_) if self.heard() > quiet_since && asked.elapsed() < self.deadline => {}
                Err(_) => break Err(Trouble::TimedOut(asked.elapsed())),
            }
        };
        match &result {
            Err(trouble) if trouble.ends_session() => self.end(),
            _ => *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now(),
        }
        result
    }

    fn heard(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fs(&self) -> Fs {
        self.sftp.fs()
    }

    /// What is at a path, links followed.
    pub(super) async fn stat(&self, path: &str) -> Result<MetaData> {
        self.ask(self.fs().metadata(path)).await
    }

    /// What is at a path itself.
    pub(super) async fn lstat(&self, path: &str) -> Result<MetaData> {
        self.ask(self.fs().symlink_metadata(path)).await
    }

    /// The path without links, from the root of the server.
    pub(super) async fn real_path(&self, path: &str) -> Result<PathBuf> {
        self.ask(self.fs().canonicalize(path)).await
    }

    /// All that is in a folder.
    pub(super) async fn entries(&self, path: &str) -> Result<Vec<DirEntry>> {
        let folder = self.ask(self.fs().open_dir(path)).await?;
        let mut entries = pin!(folder.read_dir());
        let mut all = Vec::new();
        while let Some(entry) = self.ask(entries.try_next()).await? {
            all.push(entry);
        }
        Ok(all)
    }

    pub(super) async fn open_to_read(&self, path: &str) -> Result<File> {
        self.ask(self.sftp.open(path)).await
    }

    /// Opens a file that is there, or makes it. What is in it stays.
    pub(super) async fn open_to_write(&self, path: &str, create: bool) -> Result<File> {
        let mut options = self.sftp.options();
        self.ask(options.read(true).write(true).create(create).open(path))
            .await
    }

    /// Makes a file where there is none.
    pub(super) async fn create_new(&self, path: &str) -> Result<File> {
        let mut options = self.sftp.options();
        self.ask(options.read(true).write(true).create_new(true).open(path))
            .await
    }

    pub(super) async fn create_folder(&self, path: &str) -> Result<()> {
        self.ask(self.fs().create_dir(path)).await
    }

    pub(super) async fn remove_file(&self, path: &str) -> Result<()> {
        self.ask(self.fs().remove_file(path)).await
    }

    pub(super) async fn remove_folder(&self, path: &str) -> Result<()> {
        self.ask(self.fs().remove_dir(path)).await
    }

    /// Renames; over what is there if the server [can](Self::can_replace), else it refuses that.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.ask(self.fs().rename(from, to)).await
    }

    pub(super) fn can_replace(&self) -> bool {
        self.sftp.support_posix_rename()
    }

    pub(super) fn can_link(&self) -> bool {
        self.sftp.support_hardlink()
    }

    pub(super) fn can_copy(&self) -> bool {
        self.sftp.support_copy()
    }

    /// Gives a file one more name, where there is no other of it.
    pub(super) async fn hard_link(&self, from: &str, to: &str) -> Result<()> {
        self.ask(self.fs().hard_link(from, to)).await
    }

    pub(super) async fn set_metadata(&self, path: &str, metadata: MetaData) -> Result<()> {
        self.ask(self.fs().set_metadata(path, metadata)).await
    }

    /// Waits until a file is on disk, where the server can say so. It says nothing until then.
    pub(super) async fn sync(&self, file: &File) -> Result<()> {
        match self.sftp.support_fsync() {
            true => self.ask_for(self.deadline, file.clone().sync_all()).await,
            false => Ok(()),
        }
    }
}

async fn start(
    connection: &Connection,
    alive: &CancellationToken,
) -> std::result::Result<Sftp, String> {
    let said = |error: &dyn fmt::Display| error.to_string();
    let server = connection.last().ok_or("there is no way to it")?;
    let channel = server.channel_open_session().await.map_err(|e| said(&e))?;
    channel
        .request_subsystem(true, "sftp")
        .await
        .map_err(|e| said(&e))?;
    let (read, write) = tokio::io::split(Cut::new(channel.into_stream(), alive));
    let options = SftpOptions::new().flush_interval(Duration::ZERO);
    let sftp = Sftp::new(write, Packets::new(read), options).await;
    sftp.map_err(|e| said(&e))
}

/// The use of a session, which others use less as long as it lasts.
#[derive(Debug)]
pub(super) struct Lease(Arc<Session>);

impl Lease {
    pub(super) fn new(session: Arc<Session>) -> Self {
        session.load.fetch_add(1, Ordering::Relaxed);
        Self(session)
    }

    pub(super) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.0)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.load.fetch_sub(1, Ordering::Relaxed);
    }
}

impl std::ops::Deref for Lease {
    type Target = Arc<Session>;

    fn deref(&self) -> &Arc<Session> {
        &self.0
    }
}
