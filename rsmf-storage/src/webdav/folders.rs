//! Making folders.

use rsmf_core::{Error, Kind, Result, integration::StorePath};
use tokio::time::sleep;

use super::session::Session;

/// What became of it.
enum Made {
    Now,
    Before,
    /// The folder around it is missing.
    NoParent,
}

/// The folder in which something lies.
pub(super) fn parent(path: &StorePath) -> Result<StorePath> {
    let parent = path.as_str().rsplit_once('/').map(|(parent, _)| parent);
    StorePath::new(parent.unwrap_or_default())
}

/// What lies beside it under another name.
pub(super) fn beside(path: &StorePath, name: &str) -> Result<StorePath> {
    parent(path)?.join(name)
}

impl Session {
    /// Makes a folder (RFC 4918, 9.3) and those around it; gives the outermost one that was not there before.
    pub(super) async fn make_folder(&self, path: &StorePath) -> Result<Option<StorePath>> {
        let mut folder = path.clone();
        let mut below = Vec::new();
        let mut outermost = None;
        loop {
            match self.make_one(&folder).await? {
                Made::Now => break outermost = Some(folder),
                Made::Before => break,
                Made::NoParent if folder.is_root() => return Err(self.no_place(&folder)),
                Made::NoParent => {
                    let around = parent(&folder)?;
                    below.push(std::mem::replace(&mut folder, around));
                }
            }
        }
        for folder in below.into_iter().rev() {
            match self.make_one(&folder).await? {
                Made::NoParent => return Err(self.no_place(&folder)),
                Made::Now => outermost = outermost.or(Some(folder)),
                Made::Before => {}
            }
        }
        Ok(outermost)
    }

    fn no_place(&self, folder: &StorePath) -> Error {
        self.failure("make the folder", folder)
            .source("what should hold it is no folder")
            .conflict()
    }

    async fn make_one(&self, folder: &StorePath) -> Result<Made> {
        let request = self.request("MKCOL", self.folder_url(folder)).repeatable();
        match request.send().await {
            Ok(_) => Ok(Made::Now),
            Err(error) => match error.status() {
                Some(405) => Ok(Made::Before),
                Some(404 | 409) => Ok(Made::NoParent),
                // Where the server's folders begin further down; or somebody else has made it just now.
                Some(403 | 423 | 500) if self.is_there(folder).await => Ok(Made::Before),
                _ => Err(self.failed("make the folder", folder, error)),
            },
        }
    }

    async fn is_there(&self, folder: &StorePath) -> bool {
        matches!(self.look("look at", folder).await, Ok(Some(_)))
    }

    /// Makes a folder that must not be there.
    pub(super) async fn make_new_folder(&self, folder: &StorePath) -> Result<()> {
        match self.make_one(folder).await? {
            Made::Now => Ok(()),
            Made::Before => Err(self
                .failure("create", folder)
                .source("it is there already")
                .conflict()),
            Made::NoParent => self.make_folder(folder).await.map(|_| ()),
        }
    }

    /// Removes a folder if nothing is in it.
    pub(super) async fn remove_empty_folder(&self, folder: &StorePath) -> Result<()> {
        if !self.is_empty_folder(folder).await? {
            return Err(self
                .failure("remove", folder)
                .source("something is in it")
                .conflict());
        }
        self.remove(folder, true).await
    }

    /// Removes a draft. Some servers (rclone) keep it locked for a moment after its upload was broken off.
    pub(super) async fn remove_draft(&self, draft: &StorePath) -> Result<()> {
        let mut pauses = self.short_pauses();
        loop {
            match (self.remove(draft, false).await, pauses.next()) {
                (Err(error), Some(pause)) if error.kind() == Kind::Conflict => sleep(pause).await,
                (removed, _) => return removed,
            }
        }
    }

    /// Deletes what lies there, whatever it is.
    pub(super) async fn remove(&self, path: &StorePath, is_folder: bool) -> Result<()> {
        let url = match is_folder {
            true => self.folder_url(path),
            false => self.url(path),
        };
        let request = self.request("DELETE", url);
        let response = match self.send("delete", path, request).await {
            Ok(response) => response,
            Err(error) if error.kind() == Kind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match response.status().as_u16() {
            // What could not be deleted is told one by one.
            207 => Err(self
                .failure("delete", path)
                .source("the server says that some of it stays")
                .conflict()),
            _ => Ok(()),
        }
    }
}
