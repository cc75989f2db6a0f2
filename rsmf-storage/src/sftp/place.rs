//! A server and the names that things have there.

use std::sync::Arc;

use openssh_sftp_client::{UnixTimeStamp, metadata::MetaData};
use rsmf_core::{
    Error, Failure, Result, UtcTime,
    integration::{ObjectMeta, StorePath},
};

use super::{SftpConfig, pool::Pool, session::Lease, trouble};
use crate::names;

/// A server, and where paths start on it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) pool: Arc<Pool>,
    /// The address of the root, without a slash at its end.
    pub(super) address: String,
    pub(super) from_home: bool,
}

impl Place {
    pub(super) fn config(&self) -> &SftpConfig {
        self.pool.config()
    }

    /// The whole address, which errors name.
    pub(super) fn address(&self, path: &StorePath) -> String {
        format!("{}/{path}", self.address)
    }

    pub(super) fn failure(&self, operation: &'static str, path: &StorePath) -> Failure {
        Failure::new(operation, self.address(path))
    }

    /// The name of a path on the server. Those without a slash at the beginning start at the user's home.
    pub(super) fn remote(&self, path: &StorePath) -> String {
        match (self.from_home, path.is_root()) {
            (true, true) => ".".to_owned(),
            (true, false) => path.as_str().to_owned(),
            (false, _) => format!("/{path}", path = path.as_str()),
        }
    }

    /// As [`Pool::run`].
    pub(super) async fn run<T, F>(
        &self,
        operation: &'static str,
        path: &StorePath,
        attempt: impl Fn(Lease) -> F,
    ) -> Result<T>
    where
        F: Future<Output = trouble::Result<T>>,
    {
        self.pool.run(operation, &self.address(path), attempt).await
    }

    /// What is known about an object.
    pub(super) async fn head(&self, path: &StorePath) -> Result<ObjectMeta> {
        names::check(path)?;
        let remote = &self.remote(path);
        let found = self
            .run("look up", path, |on| async move { on.stat(remote).await })
            .await?;
        self.object("look up", path, &found)
    }

    /// What the server says about a file.
    pub(super) fn object(
        &self,
        operation: &'static str,
        path: &StorePath,
        found: &MetaData,
    ) -> Result<ObjectMeta> {
        if found.file_type().is_some_and(|kind| !kind.is_file()) {
            return Err(self
                .failure(operation, path)
                .source("that is a folder, or something else that is no file")
                .not_found());
        }
        self.describe(operation, path, found)
    }

    fn describe(
        &self,
        operation: &'static str,
        path: &StorePath,
        found: &MetaData,
    ) -> Result<ObjectMeta, Error> {
        let size = found.len().ok_or_else(|| {
            self.failure(operation, path)
                .source("the server does not tell the size of files")
                .unsupported()
        })?;
        let mut meta = ObjectMeta::new(path.clone(), size);
        meta.modified = found.modified().and_then(time);
        Ok(meta)
    }
}

/// Seconds since 1970, as the protocol has them.
fn time(stamp: UnixTimeStamp) -> Option<UtcTime> {
    UtcTime::from_micros(i64::from(stamp.into_raw()) * 1_000_000)
}
