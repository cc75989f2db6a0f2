//! What a server makes of a name.

use async_trait::async_trait;
use rsmf_core::{Result, integration::StorePath};
use rsmf_http::Method;

use super::{find::Depth, href, publish::Moved, session::Session};
use crate::{names, odd::Probe};

#[async_trait]
impl Probe for Session {
    /// Servers take the target of a `MOVE` apart otherwise than an address: so it is a move that tells, in a folder in
    /// which there is nothing to be replaced.
    async fn keeps(&self, folder: &StorePath, name: &str) -> Result<bool> {
        self.make_folder(folder).await?;
        let kept = self.keeps_in(folder, name).await;
        if let Err(error) = self.remove(folder, true).await {
            tracing::warn!(%error, "a folder for a trial was not removed");
        }
        kept
    }
}

impl Session {
    async fn keeps_in(&self, folder: &StorePath, name: &str) -> Result<bool> {
        let draft = format!("{}{}", names::DRAFT_PREFIX, names::DRAFT_SUFFIX);
        let (draft, path) = (folder.join(&draft)?, folder.join(name)?);
        let put = self.http.request(Method::PUT, self.url(&draft));
        let put = put.operation("PUT").body("").safe();
        self.send("write", &draft, put).await?;
        match self.moved(&draft, &path, false, None, 0).await? {
            Moved::Yes => self.lists(folder, &path).await,
            Moved::Refused => Ok(false),
        }
    }

    /// Whether a folder has an object of this name.
    async fn lists(&self, folder: &StorePath, path: &StorePath) -> Result<bool> {
        let url = self.folder_url(folder);
        let mut answer = self
            .find("list", folder, url, Depth::Children, self.usual())
            .await?;
        while let Some(resource) = self.next("list", folder, &mut answer).await? {
            if href::below(&self.root, &resource.href).is_ok_and(|found| found == *path) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
