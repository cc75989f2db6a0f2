//! What an interrupted upload leaves, so that another run can go on with it: an object beside the one to be
//! written, which says where the service has the rest and what that sums up to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rsmf_core::{
    Error, Kind, Result,
    integration::{PutOptions, StorageExt, StorePath},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    GcsStorage,
    session::{Session, Stand},
    small::Target,
    sum::Crc,
};
use crate::names;

/// How long it is at least from one note to the next: the service takes one object once a second only.
const SPACING: Duration = Duration::from_secs(2);

/// The most bytes of a note.
const LARGEST: u64 = 16 * 1024;

/// What stands in the object.
#[derive(Serialize, Deserialize)]
struct Note {
    session: String,
    /// How many bytes were sent for sure.
    at: u64,
    /// What these sum up to.
    crc32c: u32,
}

/// The place where it is noted how far an upload is.
#[derive(Debug, Clone)]
pub(super) struct Keep {
    store: GcsStorage,
    path: StorePath,
    begun: Instant,
    /// When the last note was written, in milliseconds from then, and one more; 0 for never.
    noted: Arc<AtomicU64>,
    is_wanted: bool,
}

impl Keep {
    pub(super) fn new(store: &GcsStorage, path: &StorePath, content: &str) -> Result<Self> {
        let draft = names::kept_draft(path.file_name(), content);
        let path = match path.as_str().rsplit_once('/') {
            Some((folder, _)) => StorePath::new(folder)?.join(&draft)?,
            None => StorePath::new(draft)?,
        };
        Ok(Self {
            store: store.within(),
            path,
            begun: Instant::now(),
            noted: Arc::default(),
            is_wanted: true,
        })
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Nobody will go on with it.
    pub(super) fn thrown_away(mut self) -> Self {
        self.is_wanted = false;
        self
    }

    /// What can be gone on with.
    pub(super) async fn found(&self, target: &Target) -> Result<Option<Session>> {
        let Some(note) = self.store.note(&self.path).await? else {
            return Ok(None);
        };
        let Some(uri) = self.store.session(&note) else {
            return Ok(None);
        };
        let mut session = Session {
            target: target.clone(),
            uri,
            at: note.at,
            given: note.at,
            sum: Crc::after(note.crc32c),
        };
        match session.stand().await {
            Ok(Stand::At(at)) if at >= note.at => {
                session.at = at;
                Ok(Some(session))
            }
            Err(error) if error.is_temporary() => Err(target.failed(error)),
            // It was ended, or has run out.
            _ => Ok(None),
        }
    }

    /// Notes how far it is, if that was not done just now. Without a note, the next run begins anew.
    pub(super) async fn note(&self, session: &Session) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.noted.load(Ordering::Relaxed);
        if last > 0 && u128::from(now - last.min(now)) < SPACING.as_millis() {
            return;
        }
        self.noted.store(now.saturating_add(1), Ordering::Relaxed);
        let note = Note {
            session: session.uri.to_string(),
            at: session.given,
            crc32c: session.sum.value(),
        };
        let text = serde_json::json!(note).to_string();
        let target = Target::new(&self.store, &self.path, &PutOptions::default());
        if let Err(error) = target.send_whole(text.into()).await {
            tracing::warn!(%error, "this upload cannot be gone on with if it is interrupted");
        }
    }

    /// Removes the note.
    pub(super) async fn forget(&self) {
        if let Err(error) = self.store.delete_one(&self.path, None).await {
            tracing::warn!(%error, "what is left of an upload was not removed");
        }
    }
}

impl GcsStorage {
    async fn note(&self, path: &StorePath) -> Result<Option<Note>> {
        match self.get_bytes(path, LARGEST).await {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(Error::NotFound(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the session is. Somebody else may have written the note, so it is nothing but a session.
    fn session(&self, note: &Note) -> Option<Url> {
        let uri: Url = note.session.parse().ok()?;
        let here = uri.origin() == self.inner.endpoint.origin();
        (here && uri.path().starts_with("/upload/")).then_some(uri)
    }

    /// Ends what interrupted uploads have left in a folder.
    pub(super) async fn sweep(&self, folder: &StorePath) -> Result<()> {
        for path in self.drafts(folder).await? {
            let note = self.note(&path).await?;
            if let Some(uri) = note.and_then(|note| self.session(&note)) {
                let ended = self.cancel(uri).await;
                ended.map_err(|error| self.failed("clean up", &path, error))?;
            }
            match self.delete_one(&path, None).await {
                Err(error) if error.kind() != Kind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
