//! Files that were downloaded, in any store.
//!
//! A file lies in parts of 8 MiB, so that a download that was stopped goes on after its last whole
//! part: stores cannot append. `record.json` comes last and says that all parts are there, with
//! their SHA-256; until then `partial.json` says which version the parts are of.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{ByteStream, GetOptions, Lock, PutOptions, Storage, StorageExt, StorePath},
    workers::Workers,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// The size of all parts but the last.
pub(super) const PART: u64 = 8 << 20;

/// How large `record.json` and `partial.json` can be.
const LARGEST_NOTE: u64 = 64 << 10;

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Where it came from, without secrets.
    pub(super) url: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) media_type: Option<String>,
    /// What the names of its parts begin with.
    pub(super) version: String,
    pub(super) parts: u64,
}

/// A file of which some parts may be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Partial {
    pub(super) url: String,
    /// The version, as its host names it.
    pub(super) etag: String,
    pub(super) media_type: Option<String>,
}

/// The files in a store.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) workers: Workers,
}

/// One file in the store, whether or not it is there.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    cache: Cache,
    folder: StorePath,
}

impl Cache {
    /// The place of the file with this id at this address, which must hold no secret.
    pub(super) fn slot(&self, id: &str, url: &str) -> Result<Slot> {
        let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let id: String = id.chars().take(32).map(keep).collect();
        let digest = hex::encode(Sha256::digest(format!("{id}\n{url}")));
        let folder = StorePath::new(format!("{id}-{}", digest.get(..32).unwrap_or(&digest)))?;
        let cache = self.clone();
        Ok(Slot { cache, folder })
    }
}

impl Slot {
    /// What is there, if it is there to its end.
    pub(super) async fn record(&self) -> Result<Option<Record>> {
        self.note("record.json").await
    }

    /// What an earlier run left, and how many whole parts of it.
    pub(super) async fn partial(&self) -> Result<Option<(Partial, u64)>> {
        let Some(partial) = self.note::<Partial>("partial.json").await? else {
            return Ok(None);
        };
        let version = version(Some(&partial.etag));
        let mut parts = 0;
        while self.has_whole(&version, parts).await? {
            parts += 1;
        }
        Ok(Some((partial, parts)))
    }

    async fn has_whole(&self, version: &str, part: u64) -> Result<bool> {
        match self.storage().head(&self.part(version, part)?).await {
            Ok(meta) => Ok(meta.size == PART),
            Err(Error::NotFound(..)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes the place for a download, which removes what a killed one has left unfinished there.
    /// `None` where another process is busy with the same file, which does no harm: both write
    /// the same.
    pub(super) async fn lock(&self) -> Result<Option<Box<dyn Lock>>> {
        match self.storage().lock(&self.folder).await {
            Ok(lock) => Ok(Some(lock)),
            Err(Error::Conflict(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn begin(&self, partial: &Partial) -> Result<()> {
        self.write("partial.json", partial).await
    }

    /// Says that all parts are there.
    pub(super) async fn finish(&self, record: &Record) -> Result<()> {
        self.write("record.json", record).await?;
        self.storage()
            .delete(&self.folder.join("partial.json")?)
            .await
    }

    /// Removes all there is.
    async fn forget(&self) -> Result<()> {
        let listed = self.storage().list(&self.folder);
        let all: Vec<_> = listed.map_ok(|meta| meta.path).try_collect().await?;
        for path in all {
            self.storage().delete(&path).await?;
        }
        Ok(())
    }

    pub(super) fn part(&self, version: &str, part: u64) -> Result<StorePath> {
        self.folder.join(&format!("{version}-{part:05}"))
    }

    /// A hash of nothing yet.
    pub(super) fn hash(&self) -> Hash {
        Hash::new(self.cache.workers.clone())
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        self.cache.storage.as_ref()
    }

    /// The bytes of the first parts.
    pub(super) fn read(&self, version: &str, parts: u64) -> ByteStream {
        let (slot, version) = (self.clone(), version.to_owned());
        let opened = stream::iter((0..parts).map(Ok::<_, Error>)).and_then(move |part| {
            let (slot, version) = (slot.clone(), version.clone());
            async move {
                let path = slot.part(&version, part)?;
                let object = slot.storage().get(&path, GetOptions::default()).await?;
                Ok(object.stream)
            }
        });
        Box::pin(opened.try_flatten())
    }

    /// The bytes of a file that is there. Where they are not what the record says, they are
    /// removed, and the stream ends with an error.
    pub(super) fn open(&self, record: &Record) -> ByteStream {
        let reading = Reading {
            stream: self.read(&record.version, record.parts),
            hash: self.hash(),
            record: record.clone(),
            slot: self.clone(),
        };
        Box::pin(stream::try_unfold(reading, Reading::next))
    }

    async fn note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.folder.join(name)?;
        match self.storage().get_bytes(&path, LARGEST_NOTE).await {
            // What cannot be read any more is as good as gone.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(Error::NotFound(..) | Error::InvalidInput(..)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write(&self, name: &str, note: &impl Serialize) -> Result<()> {
        let path = self.folder.join(name)?;
        let json = serde_json::to_vec(note).map_err(|error| {
            Failure::new("write", path.to_string())
                .source(error)
                .other()
        })?;
        let options = PutOptions::default().content_type("application/json");
        self.storage()
            .put_bytes(&path, json.into(), options)
            .await?;
        Ok(())
    }
}

/// What the names of the parts of a version begin with, so that those of two never mix.
pub(super) fn version(etag: Option<&str>) -> String {
    let digest = hex::encode(Sha256::digest(etag.unwrap_or_default()));
    digest.get(..16).unwrap_or(&digest).to_owned()
}

struct Reading {
    stream: ByteStream,
    hash: Hash,
    record: Record,
    slot: Slot,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        let damage = match self.stream.try_next().await {
            Ok(Some(piece)) => {
                self.hash.update(piece.clone()).await?;
                return Ok(Some((piece, self)));
            }
            Ok(None) => {
                let (size, sha256) = self.hash.finish();
                if size == self.record.size && sha256 == self.record.sha256 {
                    return Ok(None);
                }
                "its bytes are not those that were downloaded".to_owned()
            }
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Integrity) => {
                error.to_string()
            }
            Err(error) => return Err(error),
        };
        self.slot.forget().await?;
        Err(
            Failure::new("read", format!("{} from the cache", self.record.url))
                .source(damage)
                .integrity(),
        )
    }
}

/// A SHA-256 that is computed on the CPU threads.
pub(super) struct Hash {
    workers: Workers,
    inner: Sha256,
    size: u64,
}

impl Hash {
    fn new(workers: Workers) -> Self {
        Self {
            workers,
            inner: Sha256::new(),
            size: 0,
        }
    }

    pub(super) async fn update(&mut self, piece: Bytes) -> Result<()> {
        self.size += piece.len() as u64;
        let mut inner = std::mem::take(&mut self.inner);
        let job = move || {
            inner.update(&piece);
            inner
        };
        self.inner = self.workers.run(job).await?;
        Ok(())
    }

    /// The size and the hash in hexadecimal.
    pub(super) fn finish(self) -> (u64, String) {
        (self.size, hex::encode(self.inner.finalize()))
    }
}
