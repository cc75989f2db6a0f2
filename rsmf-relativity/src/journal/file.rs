//! The journal on disk: a line of JSON per step, each there for good before the next step begins.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rsmf_core::{Error, Failure, Result};

use super::{Entry, JournalKey, Progress};

/// The journal of one upload. It lies in a folder of its own, never beside the input.
///
/// Only one process has it open at a time. A line that was being written when the machine or the
/// process died is dropped: what it would have said is looked up instead.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
    file: Arc<Mutex<File>>,
}

impl Journal {
    /// Opens the journal of this upload in `folder`, which is made where it is missing, and reads it.
    ///
    /// # Errors
    /// [`Conflict`](Error::Conflict) where another run has it open; [`Integrity`](Error::Integrity) where it
    /// holds something else than steps of this upload; whatever the file system meets.
    pub async fn open(folder: &Path, key: &JournalKey) -> Result<(Self, Progress)> {
        let path = folder.join(format!("{}.jsonl", key.id()));
        let key = key.clone();
        blocking(move || open(path, &key)).await
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a step; it is on the disk when this returns.
    ///
    /// # Errors
    /// Whatever the file system meets.
    pub async fn record(&self, entry: &Entry) -> Result<()> {
        self.write(std::slice::from_ref(entry), true).await
    }

    /// Writes several steps, which need not survive a loss of power: those that can be found out again.
    ///
    /// # Errors
    /// Whatever the file system meets.
    pub async fn jot(&self, entries: &[Entry]) -> Result<()> {
        self.write(entries, false).await
    }

    async fn write(&self, entries: &[Entry], durably: bool) -> Result<()> {
        let mut lines = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut lines, entry).map_err(|error| {
                Failure::new("write", self.path.display().to_string())
                    .source(error)
                    .other()
            })?;
            lines.push(b'\n');
        }
        let (file, path) = (Arc::clone(&self.file), self.path.clone());
        blocking(move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            let written = file.write_all(&lines).and_then(|()| match durably {
                true => file.sync_data(),
                false => Ok(()),
            });
            written.map_err(|error| failed("write", &path, error))
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::new("write", "a journal").source(error).other())?
}

fn failed(operation: &'static str, path: &Path, error: std::io::Error) -> Error {
    Error::from_io(operation, path.display().to_string(), error)
}

fn open(path: PathBuf, key: &JournalKey) -> Result<(Journal, Progress)> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed("create", folder, error))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut file = options
        .open(&path)
        .map_err(|error| failed("open", &path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::new("open", path.display().to_string())
                .source("another run of the same upload has it")
                .advice("let that run end first")
                .conflict());
        }
        Err(TryLockError::Error(error)) => return Err(failed("lock", &path, error)),
    }
    let progress = read(&mut file, &path, key)?;
    sync_folder(&path)?;
    let file = Arc::new(Mutex::new(file));
    Ok((Journal { path, file }, progress))
}

/// Reads all whole lines and cuts off the rest.
fn read(file: &mut File, path: &Path, key: &JournalKey) -> Result<Progress> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)
        .map_err(|error| failed("read", path, error))?;
    let whole = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    bytes.truncate(whole);
    let cut = file
        .set_len(whole as u64)
        .and_then(|()| file.seek(SeekFrom::End(0)));
    cut.map_err(|error| failed("write", path, error))?;
    let mut progress = Progress::default();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() && index > 0 || bytes.is_empty() {
            continue;
        }
        let entry: Entry = serde_json::from_slice(line)
            .map_err(|error| strange(path, format!("line {}: {error}", index + 1)))?;
        match &entry {
            Entry::Begun { key: of, .. } if of != key => {
                return Err(strange(path, "it is of another upload".to_owned()));
            }
            Entry::Begun { .. } => {}
            _ if progress.names.is_none() => {
                return Err(strange(path, "its beginning is missing".to_owned()));
            }
            _ => {}
        }
        progress.apply(entry);
    }
    Ok(progress)
}

fn strange(path: &Path, why: String) -> Error {
    Failure::new("read", path.display().to_string())
        .source(why)
        .advice("look what there is in Relativity before you remove the journal: without it, everything is made anew")
        .integrity()
}

/// Makes sure that the name of a new file outlives a loss of power.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| failed("write to", folder, error))
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::journal::{Outcome, Thing};

    fn key() -> JournalKey {
        JournalKey::new("acme.example", 7, None, [("a.rsmf", 3)])
    }

    fn begun() -> Entry {
        Entry::Begun {
            key: key(),
            set: "s".to_owned(),
            folder: "f".to_owned(),
            prefix: "p".to_owned(),
            choices: Default::default(),
        }
    }

    fn steps() -> Vec<Entry> {
        vec![
            begun(),
            Entry::File {
                name: "a.rsmf".to_owned(),
                size: 3,
                sha256: "00".to_owned(),
            },
            Entry::Creating { thing: Thing::Set },
            Entry::Created {
                thing: Thing::Set,
                id: 12,
            },
            Entry::Ended {
                outcome: Outcome::Completed,
            },
        ]
    }

    #[tokio::test]
    async fn what_was_written_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, progress) = Journal::open(folder.path(), &key()).await.unwrap();
        assert_eq!(progress, Progress::default());
        journal.record(&begun()).await.unwrap();
        journal.jot(&steps()[1..]).await.unwrap();
        let second = Journal::open(folder.path(), &key()).await.unwrap_err();
        assert_eq!(second.kind(), rsmf_core::Kind::Conflict);
        drop(journal);
        let (_, progress) = Journal::open(folder.path(), &key()).await.unwrap();
        assert_eq!(progress.created.get(&Thing::Set), Some(&12));
        assert_eq!(progress.files["a.rsmf"], (3, "00".to_owned()));
        assert_eq!(progress.outcome, Some(Outcome::Completed));
    }

    #[tokio::test]
    async fn strange_contents_are_refused() {
        let other = JournalKey::new("other.example", 7, None, [("a.rsmf", 3)]);
        for text in [
            "{\"step\":\"creating\",\"thing\":\"set\"}\n".to_owned(),
            "no json\n".to_owned(),
            "\n".to_owned(),
            serde_json::to_string(&begun())
                .unwrap()
                .replace("acme", "other")
                + "\n",
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(format!("{}.jsonl", key().id())), &text).unwrap();
            let error = Journal::open(folder.path(), &key()).await.unwrap_err();
            assert_eq!(error.kind(), rsmf_core::Kind::Integrity, "{text}");
        }
        assert_ne!(other.id(), key().id());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_journal_that_ends_anywhere_is_a_beginning(cut in 0..400usize) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(format!("{}.jsonl", key().id()));
            let lines: Vec<_> = steps().iter().map(|step| serde_json::to_string(step).unwrap() + "\n").collect();
            let text = lines.concat();
            let cut = cut.min(text.len());
            std::fs::write(&path, &text[..cut]).unwrap();
            let (journal, progress) = super::open(path.clone(), &key()).unwrap();
            drop(journal);
            let mut expected = Progress::default();
            let whole = text[..cut].matches('\n').count();
            steps().into_iter().take(whole).for_each(|step| expected.apply(step));
            prop_assert_eq!(progress, expected);
            prop_assert_eq!(std::fs::read_to_string(&path).unwrap(), lines[..whole].concat());
        }
    }
}
