//! Uploads that were begun and not finished: nobody sees them, and whoever owns the bucket pays for them.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::types::{EncodingType, MultipartUpload};
use rsmf_core::{Failure, Kind, Result, integration::StorePath};
use tokio::runtime::Handle;

use super::{S3Storage, list, object, send};

/// After this time, nobody goes on with an upload: what S3's own rules for buckets take as a rule.
const ABANDONED: Duration = Duration::from_secs(7 * 24 * 3600);

/// An upload that is thrown away with this, unless it is finished or to be resumed.
pub(super) struct Unfinished {
    store: S3Storage,
    path: StorePath,
    id: Option<String>,
    is_kept: bool,
}

impl Unfinished {
    pub(super) fn new(store: &S3Storage, path: &StorePath, id: String, is_kept: bool) -> Self {
        Self {
            store: store.clone(),
            path: path.clone(),
            id: Some(id),
            is_kept,
        }
    }

    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or_default()
    }

    /// It is an object now.
    pub(super) fn is_finished(&mut self) {
        self.id = None;
    }

    pub(super) async fn throw_away(mut self) -> Result<()> {
        match self.id.take() {
            Some(id) => self.store.abort_parts(&self.path, &id).await,
            None => Ok(()),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(id) = self.id.take().filter(|_| !self.is_kept) else {
            return;
        };
        let (store, path) = (self.store.clone(), self.path.clone());
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = store.abort_parts(&path, &id).await {
                    tracing::warn!(%error, "an unfinished upload was left behind");
                }
            });
        }
    }
}

impl S3Storage {
    /// Removes what uploads have left that were begun in `folder` longer ago than this and never finished,
    /// also by other programs; tells how many there were.
    ///
    /// # Errors
    /// Denied, unavailable, not offered by the server …
    pub async fn remove_abandoned(&self, folder: &StorePath, age: Duration) -> Result<usize> {
        let mut removed = 0;
        for (path, upload) in self.unfinished(folder).await? {
            let Some(id) = upload.upload_id().filter(|_| is_older(&upload, age)) else {
                continue;
            };
            self.abort_parts(&path, id).await?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Removes what nobody goes on with; that this fails is no reason not to write.
    pub(super) async fn tidy(&self, folder: &StorePath) {
        if let Err(error) = self.remove_abandoned(folder, ABANDONED).await {
            tracing::debug!(%error, "abandoned uploads were not looked for");
        }
    }

    async fn unfinished(&self, folder: &StorePath) -> Result<Vec<(StorePath, MultipartUpload)>> {
        let mut found = Vec::new();
        let mut next: Option<(String, String)> = None;
        loop {
            let (key, id) = next.clone().unzip();
            let request = self
                .client()
                .list_multipart_uploads()
                .bucket(&self.inner.bucket)
                .set_request_payer(self.inner.payer())
                .encoding_type(EncodingType::Url)
                .prefix(list::below(folder))
                .set_key_marker(key)
                .set_upload_id_marker(id);
            let answer = send!(request)
                .map_err(|refusal| refusal.error("list the uploads to", self.address(folder)))?;
            let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
            for upload in answer.uploads() {
                let name = list::decoded(upload.key(), is_encoded);
                // Uploads to names that are no paths here are not ours to judge.
                if let Some(Ok(path)) = name.map(StorePath::new) {
                    found.push((path, upload.clone()));
                }
            }
            let key = list::decoded(answer.next_key_marker(), is_encoded).unwrap_or_default();
            let id = answer
                .next_upload_id_marker()
                .unwrap_or_default()
                .to_owned();
            let after = Some((key, id));
            if answer.is_truncated() != Some(true) {
                return Ok(found);
            }
            if after == next {
                return Err(Failure::new("list the uploads to", self.address(folder))
                    .source("the server does not say how the listing goes on")
                    .integrity());
            }
            next = after;
        }
    }

    async fn abort_parts(&self, path: &StorePath, id: &str) -> Result<()> {
        let request = object!(self, path, self.client().abort_multipart_upload()).upload_id(id);
        match send!(request) {
            Ok(_) => Ok(()),
            // It was finished, or thrown away by somebody else.
            Err(refusal) if refusal.kind == Kind::NotFound => Ok(()),
            Err(refusal) => Err(refusal.error("throw away the upload to", self.address(path))),
        }
    }
}

fn is_older(upload: &MultipartUpload, age: Duration) -> bool {
    let begun = upload
        .initiated()
        .and_then(|time| SystemTime::try_from(*time).ok());
    let since = begun.and_then(|begun| SystemTime::now().duration_since(begun).ok());
    since.is_some_and(|since| since >= age)
}
