//! Copies within the account, which the service makes by itself.

use std::time::Duration;

use azure_core::http::{Etag, Url, headers::HeaderName};
use azure_storage_blob::models::{
    BlobClientDeleteOptions, BlobClientGetPropertiesOptions, BlobClientStartCopyFromUrlOptions,
};
use futures_util::TryStreamExt;
use rsmf_core::{
    Kind, Result,
    integration::{GetOptions, PutMode, PutOptions, Storage, StorePath, Upload},
};
use tokio::time::sleep;

use super::{AzureStorage, Inner, auth::Authorization, names};

/// How long is waited between two looks at a copy: the first time, and at most.
const FIRST_LOOK: Duration = Duration::from_millis(200);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

const STATUS: HeaderName = HeaderName::from_static("x-ms-copy-status");
const SOURCE: HeaderName = HeaderName::from_static("x-ms-copy-source");
const ETAG: HeaderName = HeaderName::from_static("etag");

/// How a copy stands.
struct Copy {
    /// `success`, `pending`, `aborted` or `failed`.
    status: String,
    source: Option<String>,
    etag: Option<String>,
}

impl AzureStorage {
    pub(super) async fn copied(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
    ) -> Result<()> {
        names::check(to)?;
        let size = self.inner.head(from).await?.size;
        match self.inner.copy(from, to, mode).await {
            // Some credentials may read and write, but not copy.
            Err(error) if matches!(error.kind(), Kind::Denied | Kind::Unsupported) => {
                self.carry(from, to, mode, size).await
            }
            result => result,
        }
    }

    /// Copies by way of this machine.
    async fn carry(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
        size: u64,
    ) -> Result<()> {
        let object = self.get(from, GetOptions::default()).await?;
        let mut options = PutOptions::default()
            .size(size)
            .metadata(object.meta.metadata);
        options.mode = mode;
        options.content_type = object.meta.content_type.map(Into::into);
        let mut upload = self.put(to, options).await?;
        let mut stream = object.stream;
        while let Some(piece) = stream.try_next().await? {
            upload.write(piece).await?;
        }
        Upload::finish(upload).await.map(|_| ())
    }
}

impl Inner {
    /// Has the service copy, and waits until it has done so.
    async fn copy(&self, from: &StorePath, to: &StorePath, mode: PutMode) -> Result<()> {
        let call = self.client.call("copy to", to);
        let blob = self.client.blob(to);
        let source = self.client.url(from);
        let signed = self.signed(source.clone());
        let started = call
            .run(async |method_options| {
                let options = BlobClientStartCopyFromUrlOptions {
                    method_options,
                    if_none_match: (mode == PutMode::Create).then(|| Etag::from("*")),
                    ..BlobClientStartCopyFromUrlOptions::default()
                };
                blob.start_copy_from_url(signed.into(), Some(options)).await
            })
            .await;
        match started {
            Ok(started) => {
                let status = started.headers().get_optional_string(&STATUS);
                match status.as_deref() {
                    Some("success") => Ok(()),
                    _ => self.wait(to).await,
                }
            }
            // The answer to an earlier attempt may have been lost.
            Err(error) if error.kind() == Kind::Conflict && call.was_repeated() => {
                let is_ours = |copy: Copy| copy.source.is_some_and(|text| is_same(&text, &source));
                match self.look(to).await.is_ok_and(is_ours) {
                    true => self.wait(to).await,
                    false => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// The service asks for the source as anybody does: a signature has to stand in its address.
    fn signed(&self, mut source: Url) -> Url {
        if let Authorization::Sas(sas) = &self.client.authorization {
            sas.sign(&mut source);
        }
        source
    }

    async fn wait(&self, to: &StorePath) -> Result<()> {
        let mut pause = FIRST_LOOK;
        loop {
            let copy = self.look(to).await?;
            match copy.status.as_str() {
                "success" => return Ok(()),
                "pending" => {
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_LOOK);
                }
                status => {
                    let why = format!("the service ended the copy: {status}");
                    self.remove_rest(to, copy.etag).await;
                    let failure = self.client.call("copy to", to).failure();
                    return Err(failure.source(why).unavailable());
                }
            }
        }
    }

    /// A copy that failed leaves an object without content; nobody sees it, but it need not stay.
    async fn remove_rest(&self, to: &StorePath, etag: Option<String>) {
        let call = self.client.call("copy to", to);
        let removed = call
            .run(async |method_options| {
                let options = BlobClientDeleteOptions {
                    method_options,
                    if_match: etag.map(Etag::from),
                    ..BlobClientDeleteOptions::default()
                };
                self.client.blob(to).delete(Some(options)).await
            })
            .await;
        if let Err(error) = removed {
            tracing::warn!(%error, "what a failed copy left could not be removed");
        }
    }

    async fn look(&self, to: &StorePath) -> Result<Copy> {
        let call = self.client.call("copy to", to);
        let blob = self.client.blob(to);
        let found = call
            .run(async |method_options| {
                let options = BlobClientGetPropertiesOptions {
                    method_options,
                    ..BlobClientGetPropertiesOptions::default()
                };
                blob.get_properties(Some(options)).await
            })
            .await?;
        let get = |name: &HeaderName| found.headers().get_optional_string(name);
        Ok(Copy {
            status: get(&STATUS).unwrap_or_default(),
            source: get(&SOURCE),
            etag: get(&ETAG),
        })
    }
}

/// Whether two addresses lead to the same, with or without a signature.
fn is_same(text: &str, source: &Url) -> bool {
    text.parse::<Url>().is_ok_and(|mut url| {
        url.set_query(None);
        url == *source
    })
}
