//! Removing objects.

use std::collections::HashMap;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_smithy_types::base64;
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Failure, Kind, Result,
    integration::{Algorithm, StorePath},
};

use super::{S3Storage, object, refusal, send};
use rsmf_core::integration::Summer;

/// What S3 takes in one request.
const BATCH: usize = 1000;

/// Requests at the same time.
const AT_ONCE: usize = 16;

impl S3Storage {
    pub(super) async fn delete_one(&self, path: &StorePath) -> Result<()> {
        if path.is_root() {
            return Ok(());
        }
        match send!(object!(self, path, self.client().delete_object())) {
            Ok(_) => Ok(()),
            Err(refusal) if refusal.code == "NoSuchKey" => Ok(()),
            Err(refusal) => Err(refusal.error("remove", self.address(path))),
        }
    }

    pub(super) async fn delete_batches(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let batches: Vec<_> = paths
            .chunks(BATCH)
            .map(|batch| self.delete_batch(batch))
            .collect();
        let results = stream::iter(batches).buffered(AT_ONCE);
        results.flat_map(stream::iter).collect().await
    }

    async fn delete_batch(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        match self.try_batch(paths).await {
            Some(failed) => paths
                .iter()
                .map(|path| match failed.get(path.as_str()) {
                    None => Ok(()),
                    Some((code, message)) => Err(self.not_removed(path, code, message)),
                })
                .collect(),
            // Not each server has it, and XML not each character: then one by one.
            None => {
                let calls: Vec<_> = paths.iter().map(|path| self.delete_one(path)).collect();
                stream::iter(calls).buffered(AT_ONCE).collect().await
            }
        }
    }

    /// What could not be removed, with code and message; `None` where nothing can be said.
    async fn try_batch(&self, paths: &[StorePath]) -> Option<HashMap<String, (String, String)>> {
        let is_xml = |path: &StorePath| !path.as_str().chars().any(char::is_control);
        if paths.len() < 2 || !paths.iter().all(is_xml) {
            return None;
        }
        let one = |path: &StorePath| ObjectIdentifier::builder().key(path.as_str()).build().ok();
        let all: Option<Vec<_>> = paths.iter().map(one).collect();
        let delete = Delete::builder()
            .set_objects(all)
            .quiet(true)
            .build()
            .ok()?;
        let request = self
            .client()
            .delete_objects()
            .bucket(&self.inner.bucket)
            .set_request_payer(self.inner.payer())
            .delete(delete);
        let tries = super::retry::Tries::default();
        let request = request
            .customize()
            // What older servers ask for, who know no other sum.
            .mutate_request(|request| {
                let body = request.body().bytes().unwrap_or_default();
                let md5 = base64::encode(Summer::of(Algorithm::Md5, body).value);
                request.headers_mut().insert("content-md5", md5);
            })
            .interceptor(tries);
        let answer = Box::pin(request.send()).await.ok()?;
        let failed = answer.errors().iter().map(|error| {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            (
                text(error.key()),
                (text(error.code()), text(error.message())),
            )
        });
        Some(failed.collect())
    }

    fn not_removed(&self, path: &StorePath, code: &str, message: &str) -> rsmf_core::Error {
        let failure =
            Failure::new("remove", self.address(path)).source(format!("{code}: {message}"));
        match refusal::by_code(code) {
            Some(Kind::Denied) => failure.denied(),
            Some(Kind::Unavailable) => failure.unavailable(),
            Some(Kind::RateLimited) => failure.rate_limited(None),
            _ => failure.other(),
        }
    }
}
