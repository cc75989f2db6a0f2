//! Bodies for servers that want to know the length before.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{Error, Result, integration::StorePath};
use rsmf_http::{Body, Method, Pieces};
use tempfile::{NamedTempFile, TempPath};
use tokio::{fs::File, io::AsyncWriteExt};
use tokio_util::io::ReaderStream;

use super::Session;

/// How much of the file is read at a time.
const PIECE: usize = 256 * 1024;

/// A content that waits in a file of this machine.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    path: TempPath,
}

fn failed(error: io::Error) -> Error {
    Error::from_io("write", "a temporary file for an upload", error)
}

impl Spool {
    pub(super) fn new() -> Result<Self> {
        let (file, path) = NamedTempFile::new().map_err(failed)?.into_parts();
        let file = File::from_std(file);
        Ok(Self { file, path })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(failed)
    }

    /// What was written, as a body that can be sent again. The file goes with this value.
    pub(super) async fn body(&mut self, length: u64) -> Result<Body> {
        self.file.flush().await.map_err(failed)?;
        let path = self.path.to_path_buf();
        let pieces = move || -> Pieces {
            let opened = File::open(path.clone());
            let read = |file| ReaderStream::with_capacity(file, PIECE);
            stream::once(opened).map_ok(read).try_flatten().boxed()
        };
        Ok(Body::again(pieces, Some(length)))
    }
}

impl Session {
    /// Whether the server takes bodies whose length is not told before, and keeps what is in them: some
    /// refuse them, others keep nothing. `draft` is used to find out.
    pub(super) async fn takes_any_length(&self, draft: &StorePath) -> Result<bool> {
        let ask = async || {
            let pieces: Pieces = Box::pin(stream::iter([Ok(Bytes::from_static(b"x"))]));
            let request = self.http.request(Method::PUT, self.url(draft));
            let request = request.operation("PUT").body(Body::once(pieces, None));
            match request.send().await {
                Ok(_) => Ok(self.head("write", draft).await?.size == 1),
                Err(error) if matches!(error.status(), Some(400 | 405 | 411 | 413 | 500 | 501)) => {
                    Ok(false)
                }
                Err(error) => Err(self.failed("write", draft, error)),
            }
        };
        self.chunked.get_or_try_init(ask).await.copied()
    }
}
