//! Locks, by a file that its holder renews.
//!
//! SFTP can create a file where there is none, and rename over one; it cannot replace a file only if it is still
//! the same. So this is the agreement among those who want to write to a folder:
//!
//! - The file `.rsmf.lock` holds a text that is its holder's alone. It is created where there is none, or else
//!   taken over, by renaming a file with another text over it, if nothing about it changes for [`WATCHED`].
//! - The holder reads it every [`RENEWAL`] and writes it anew. Only what it has read in the last [`VALID`] makes it
//!   believe that the lock is its own; once that was too long ago, the lock is lost for good.
//! - Whoever takes over waits for [`SETTLED`], which is longer, and looks whether its own text is still there. Then
//!   the former holder knows better, and so does anybody who took over at the same time.
//!
//! So two never hold it at once, however slow a request was, as far as clocks run alike for half a minute. What time it is does
//! not matter: ages are told by the server, and changes by whoever watches.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use openssh_sftp_client::{UnixTimeStamp, file::File, metadata::MetaData};
use rsmf_core::{Error, Kind, Result, integration::StorePath};
use tokio::time::{Instant, sleep, timeout};

use super::{
    draft, folders,
    place::Place,
    publish::remove,
    read,
    session::{Lease, Session},
    trouble, upload,
};
use crate::{
    names,
    renewed::{Held, Renewed},
};

/// How often a holder renews its lock.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long a holder believes in what it has read.
const VALID: Duration = Duration::from_secs(20);

/// How long whoever takes over waits until it believes that it holds the lock.
const SETTLED: Duration = Duration::from_secs(22);

/// How long a lock has to stay as it is until nobody is taken to hold it.
const WATCHED: Duration = Duration::from_secs(22);

/// For how long an upload that ended early can be gone on with after its folder was locked anew.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// How often it is tried while others come and go.
const ATTEMPTS: usize = 5;

/// The longest text that is one of a lock.
const LONGEST: u64 = 64;

/// A lock that is held.
#[derive(Debug)]
pub(super) struct SftpLock {
    place: Arc<Place>,
    folder: StorePath,
    file: String,
    text: String,
    /// When it was last seen that it is held; `None` once it is lost.
    seen: Mutex<Option<Instant>>,
    /// Folders that were made for it, the innermost first.
    made: Vec<String>,
}

/// What is at the place of a lock: its text, and when it was written.
type Found = Option<(Bytes, Option<UnixTimeStamp>)>;

/// Takes the lock of a folder.
pub(super) async fn take(place: &Arc<Place>, folder: &StorePath) -> Result<Renewed<SftpLock>> {
    names::check(folder)?;
    let mut held = SftpLock {
        place: Arc::clone(place),
        folder: folder.clone(),
        file: place.remote(&folder.join(names::LOCK)?),
        text: format!("{:016x}{:016x}\n", fastrand::u64(..), fastrand::u64(..)),
        seen: Mutex::new(None),
        made: Vec::new(),
    };
    let taken = match held.acquire().await {
        Ok(()) => held.sweep().await,
        Err(error) => Err(error),
    };
    if let Err(error) = taken {
        held.end().await?;
        return Err(error);
    }
    Ok(Renewed::new(held))
}

impl SftpLock {
    async fn run<T, F>(&self, attempt: impl Fn(Lease) -> F) -> Result<T>
    where
        F: Future<Output = trouble::Result<T>>,
    {
        self.place.run("lock", &self.folder, attempt).await
    }

    async fn make_folder(&self) -> Result<Vec<String>> {
        let folder = &folders::parent(&self.file).unwrap_or(".");
        self.run(|on| async move { folders::create(&on, folder).await })
            .await
    }

    async fn acquire(&mut self) -> Result<()> {
        for _ in 0..ATTEMPTS {
            match self.acquire_once().await {
                // Its last holder has removed it just now, perhaps with its folders.
                Err(error) if error.kind() == Kind::NotFound => {}
                result => return result,
            }
        }
        Err(taken(self))
    }

    async fn acquire_once(&mut self) -> Result<()> {
        let made = self.make_folder().await?;
        if !made.is_empty() {
            self.made = made;
        }
        if self.create().await? {
            return Ok(());
        }
        let candidate = &draft::beside(&self.file);
        let result = self.take_over(candidate).await;
        self.run(|on| async move { remove(&on, candidate).await })
            .await?;
        result
    }

    /// Creates the file where there is none.
    async fn create(&self) -> Result<bool> {
        let asked = Instant::now();
        let created = self.run(|on| async move {
            match on.create_new(&self.file).await {
                Ok(file) => self.write(&on, &file).await.map(|()| true),
                Err(trouble) if !trouble.is_vague() => Err(trouble),
                // Perhaps created by an attempt of which no answer came.
                Err(_) => match read_at(&on, &self.file).await? {
                    Some((text, _)) => Ok(text == self.text),
                    None => Err(gone(self).into()),
                },
            }
        });
        let created = created.await?;
        if created {
            self.set_seen(Some(asked));
        }
        Ok(created)
    }

    async fn write(&self, on: &Arc<Session>, file: &File) -> trouble::Result<()> {
        upload::write(
            Arc::clone(on),
            file.clone(),
            0,
            Bytes::from(self.text.clone()),
        )
        .await
    }

    /// Replaces a lock of which nobody takes care any more.
    async fn take_over(&self, candidate: &str) -> Result<()> {
        let now = self.run(|on| async move {
            let file = on.open_to_write(candidate, true).await?;
            self.write(&on, &file).await?;
            Ok(on.ask(file.clone().metadata()).await?.modified())
        });
        let now = now.await?;
        let Some((before, written)) = self.found().await? else {
            return Err(gone(self));
        };
        if is_fresh(written, now) {
            return Err(taken(self));
        }
        sleep(WATCHED).await;
        if self.found().await? != Some((before, written)) {
            return Err(taken(self));
        }
        self.put_in_place(candidate).await?;
        sleep(SETTLED).await;
        let asked = Instant::now();
        match self.found().await? {
            Some((text, _)) if text == self.text => {
                self.set_seen(Some(asked));
                Ok(())
            }
            _ => Err(taken(self)),
        }
    }

    async fn put_in_place(&self, candidate: &str) -> Result<()> {
        self.run(|on| async move {
            // Written anew, so that it does not look old.
            let file = on.open_to_write(candidate, false).await?;
            self.write(&on, &file).await?;
            drop(file);
            if !on.can_replace() {
                on.remove_file(&self.file).await?;
            }
            on.rename(candidate, &self.file).await
        })
        .await
    }

    async fn found(&self) -> Result<Found> {
        self.run(|on| async move { read_at(&on, &self.file).await })
            .await
    }

    /// Removes what uploads have left that ended early.
    async fn sweep(&self) -> Result<()> {
        let folder = &self.place.remote(&self.folder);
        let now = &self.found().await?.and_then(|(_, written)| written);
        self.run(|on| async move {
            for entry in on.entries(folder).await? {
                let name = entry.filename().to_string_lossy();
                let is_needed = names::is_kept_draft(&name) && !is_old(&entry.metadata(), *now);
                if names::is_draft(&name) && !is_needed {
                    remove(&on, &format!("{folder}/{name}")).await?;
                }
            }
            Ok(())
        })
        .await
    }

    /// Looks whether it is still held, and shows others that it is.
    async fn renew(&self) -> trouble::Result<bool> {
        let asked = Instant::now();
        let on = self.place.pool.lease().await?.session();
        let file = match on.open_to_write(&self.file, false).await {
            Err(trouble) if trouble.is_absent() => return Ok(false),
            file => file?,
        };
        if text_of(&on, &file).await?.0 != self.text {
            return Ok(false);
        }
        self.write(&on, &file).await?;
        self.set_seen(Some(asked));
        Ok(true)
    }

    fn set_seen(&self, seen: Option<Instant>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }

    fn is_held(&self) -> bool {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_some_and(|seen| seen.elapsed() < VALID)
    }
}

async fn read_at(on: &Arc<Session>, file: &str) -> trouble::Result<Found> {
    match on.open_to_read(file).await {
        Ok(file) => text_of(on, &file).await.map(Some),
        Err(trouble) if trouble.is_absent() => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

async fn text_of(
    on: &Arc<Session>,
    file: &File,
) -> trouble::Result<(Bytes, Option<UnixTimeStamp>)> {
    let found = on.ask(file.clone().metadata()).await?;
    let length = found.len().unwrap_or_default().min(LONGEST);
    let text = read::read(Arc::clone(on), file.clone(), 0, length).await?;
    Ok((text, found.modified()))
}

fn taken(held: &SftpLock) -> Error {
    held.place
        .failure("lock", &held.folder)
        .source("somebody else is writing to it")
        .advice("if that has died, try again in a minute")
        .conflict()
}

fn gone(held: &SftpLock) -> Error {
    held.place
        .failure("lock", &held.folder)
        .source("its last holder has just gone")
        .not_found()
}

/// Whether it was written a short time ago, by the server's own clock.
fn is_fresh(written: Option<UnixTimeStamp>, now: Option<UnixTimeStamp>) -> bool {
    age(written, now).is_some_and(|age| age < WATCHED)
}

fn is_old(found: &MetaData, now: Option<UnixTimeStamp>) -> bool {
    age(found.modified(), now).is_some_and(|age| age > KEPT)
}

fn age(written: Option<UnixTimeStamp>, now: Option<UnixTimeStamp>) -> Option<Duration> {
    now?.as_duration().checked_sub(written?.as_duration())
}

#[async_trait]
impl Held for SftpLock {
    async fn keep(&self) {
        loop {
            sleep(RENEWAL).await;
            if !self.is_held() {
                return;
            }
            match timeout(VALID, self.renew()).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => self.set_seen(None),
                Ok(Err(trouble)) => tracing::warn!(?trouble, "a lock could not be renewed"),
                Err(_) => tracing::warn!("a lock could not be renewed in time"),
            }
        }
    }

    async fn check(&self) -> Result<()> {
        match self.is_held() {
            true => Ok(()),
            false => Err(self
                .place
                .failure("keep the lock of", &self.folder)
                .source("it could not be renewed in time, or was taken away")
                .conflict()),
        }
    }

    /// Gives back what is held, and the folders that were made for it, where they are empty.
    async fn end(&self) -> Result<()> {
        if self.is_held() {
            self.set_seen(None);
            self.run(|on| async move {
                match read_at(&on, &self.file).await? {
                    Some((text, _)) if text == self.text => remove(&on, &self.file).await,
                    _ => Ok(()),
                }
            })
            .await?;
        }
        self.run(|on| async move {
            for folder in &self.made {
                match on.remove_folder(folder).await {
                    Err(trouble) if trouble.ends_session() => return Err(trouble),
                    Err(_) => break,
                    Ok(()) => {}
                }
            }
            Ok(())
        })
        .await
    }
}
