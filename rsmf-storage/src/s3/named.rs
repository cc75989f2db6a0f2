//! What a server that is not Amazon's makes of a name.

use async_trait::async_trait;
use aws_sdk_s3::types::EncodingType;
use bytes::Bytes;
use rsmf_core::{
    Result,
    integration::{PutOptions, StorePath},
};

use super::{
    S3Storage,
    list::{below, decoded},
    proof::Piece,
    send,
};
use crate::odd::Probe;

#[async_trait]
impl Probe for S3Storage {
    /// The server finds the object by the name that was given, whatever it has made of that: only a listing tells.
    async fn keeps(&self, folder: &StorePath, name: &str) -> Result<bool> {
        let path = folder.join(name)?;
        let inside = Self {
            inside: true,
            ..self.clone()
        };
        let nothing = Piece::new(Bytes::new());
        let options = PutOptions::default();
        let put = inside.put_once(&path, &options, &nothing, None).await;
        put.map_err(|refusal| refusal.error("write", self.address(&path)))?;
        let listed = self.keys_below(folder).await;
        let is_kept = matches!(&listed, Ok(Some(keys)) if *keys == [path.as_str()]);
        self.remove_trial(path, listed.as_ref().ok()).await;
        listed.map(|_| is_kept)
    }
}

impl S3Storage {
    /// Removes an object under each name that it may have. Who may not remove anything may write all the same.
    async fn remove_trial(&self, path: StorePath, listed: Option<&Option<Vec<String>>>) {
        let listed = listed.into_iter().flatten().flatten();
        let listed = listed.filter_map(|key| StorePath::new(key.as_str()).ok());
        let names: std::collections::BTreeSet<_> = listed.chain([path]).collect();
        for name in names {
            if let Err(error) = self.delete_one(&name).await {
                tracing::warn!(%error, "an empty object for a trial was not removed");
            }
        }
    }

    /// All keys below a folder that holds few; `None` where one is no Unicode.
    async fn keys_below(&self, folder: &StorePath) -> Result<Option<Vec<String>>> {
        let request = self
            .client()
            .list_objects_v2()
            .bucket(&self.inner.bucket)
            .set_request_payer(self.inner.payer())
            .encoding_type(EncodingType::Url)
            .prefix(below(folder));
        let answer =
            send!(request).map_err(|refusal| refusal.error("list", self.address(folder)))?;
        let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let keys = answer.contents().iter();
        Ok(keys
            .map(|object| decoded(object.key(), is_encoded))
            .collect())
    }
}
