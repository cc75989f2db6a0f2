//! Giving a finished file its name.

use openssh_sftp_client::{
    UnixTimeStamp,
    metadata::{MetaData, MetaDataBuilder},
};
use rsmf_core::{Failure, integration::PutMode};

use super::{
    session::Session,
    trouble::{Result, Trouble},
};

/// How often an object is swapped that others replace at the same time.
const MOST_SWAPS: usize = 100;

/// A finished file under a hidden name, and the name that it will have.
#[derive(Debug)]
pub(super) struct Publication<'a> {
    pub(super) draft: &'a str,
    pub(super) target: &'a str,
    pub(super) mode: PutMode,
    /// What the server has said about the finished file.
    pub(super) finished: &'a MetaData,
}

impl Publication<'_> {
    /// Does it. Where an earlier attempt may have done so unnoticed, a refusal is looked into.
    pub(super) async fn publish(&self, on: &Session, is_first: bool) -> Result<()> {
        let done = match self.mode {
            PutMode::Overwrite => self.replace(on).await,
            PutMode::Create => self.create(on, is_first).await,
        };
        match done {
            Err(trouble) if !is_first && trouble.is_absent() && self.is_done(on).await? => Ok(()),
            done => done,
        }
    }

    /// Whether the target is what was finished, now that the hidden name is gone.
    async fn is_done(&self, on: &Session) -> Result<bool> {
        match on.stat(self.target).await {
            Ok(found) => {
                Ok(found.len() == self.finished.len()
                    && found.modified() == self.finished.modified())
            }
            Err(trouble) if trouble.is_absent() => Ok(false),
            Err(trouble) => Err(trouble),
        }
    }

    async fn replace(&self, on: &Session) -> Result<()> {
        match on.rename(self.draft, self.target).await {
            Err(trouble) if trouble.is_vague() => {
                self.check_folder(on).await?;
                if on.can_replace() {
                    return Err(trouble);
                }
                self.swap(on).await
            }
            renamed => renamed,
        }
    }

    /// Servers that do not rename over what is there: the former object goes out of the way first. Others may do the
    /// same at the same time.
    async fn swap(&self, on: &Session) -> Result<()> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let aside = super::draft::beside(self.target);
            match on.rename(self.target, &aside).await {
                Err(trouble) if !trouble.is_absent() => return Err(trouble),
                _ => {}
            }
            let trouble = match on.rename(self.draft, self.target).await {
                Ok(()) => return remove(on, &aside).await,
                Err(trouble) => trouble,
            };
            match on.rename(&aside, self.target).await {
                // Somebody else's is there already, which is newer.
                Err(trouble) if trouble.is_vague() => remove(on, &aside).await?,
                Err(trouble) if !trouble.is_absent() => return Err(trouble),
                _ => {}
            }
            if !trouble.is_vague() || attempts == MOST_SWAPS {
                return Err(trouble);
            }
        }
    }

    async fn check_folder(&self, on: &Session) -> Result<()> {
        let found = on.lstat(self.target).await;
        match found.is_ok_and(|found| found.file_type().is_some_and(|kind| kind.is_dir())) {
            false => Ok(()),
            true => Err(Failure::new("write", self.target.to_owned())
                .source("there is a folder of this name")
                .invalid_input()
                .into()),
        }
    }

    /// A link to the same file is made where there is none of that name, or not at all. So is the renaming of the
    /// protocol itself, but servers that can replace offer only that.
    async fn create(&self, on: &Session, is_first: bool) -> Result<()> {
        if !on.can_link() && on.can_replace() {
            return Err(Trouble::Lacking(
                "a way to create a file only where there is none",
            ));
        }
        let created = match on.can_link() {
            true => on.hard_link(self.draft, self.target).await,
            false => on.rename(self.draft, self.target).await,
        };
        if let Err(trouble) = created {
            if trouble.ends_session() || trouble.is_absent() || on.lstat(self.target).await.is_err()
            {
                return Err(trouble);
            }
            if is_first || !self.is_same_file(on).await? {
                return Err(exists(self.target));
            }
        }
        match on.can_link() {
            true => on.remove_file(self.draft).await,
            false => Ok(()),
        }
    }

    /// Whether the target is the draft by another name: what is changed about the one then is so about the
    /// other. That is the time of the last access, which says nothing in a file that nobody has read.
    async fn is_same_file(&self, on: &Session) -> Result<bool> {
        let mark = UnixTimeStamp::from_raw(fastrand::u32(1..=i32::MAX as u32));
        let (Some(mark), Some(modified)) = (mark, self.finished.modified()) else {
            return Ok(false);
        };
        let marked = MetaDataBuilder::new().time(mark, modified).create();
        on.set_metadata(self.draft, marked).await?;
        Ok(on.lstat(self.target).await?.accessed() == Some(mark))
    }
}

/// Removes a file, which may have gone.
pub(super) async fn remove(on: &Session, file: &str) -> Result<()> {
    match on.remove_file(file).await {
        Err(trouble) if trouble.is_absent() => Ok(()),
        removed => removed,
    }
}

pub(super) fn exists(target: &str) -> Trouble {
    Failure::new("write", target.to_owned())
        .source("it exists already")
        .conflict()
        .into()
}
