//! Copies within the bucket (the page “Objects: rewrite”).

use rsmf_core::{
    Failure, Result,
    integration::{PutMode, StorePath},
};
use rsmf_http::{Error as HttpError, Method};
use serde::Deserialize;
use url::Url;

use super::{GcsStorage, small::is_conflict, wire::Resource};
use crate::segment::encoded;

/// How far a copy is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    done: bool,
    rewrite_token: Option<String>,
}

impl GcsStorage {
    /// Copies an object, or this generation of it only.
    pub(super) async fn rewrite(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
        generation: Option<&str>,
    ) -> Result<()> {
        self.has_name("copy", from)?;
        self.check_name(to)?;
        let mut token = None;
        loop {
            let url = self.rewrite_address(from, to, mode, generation, token.as_deref());
            // The same steps lead to the same copy, and one that was made already is looked at.
            let request = self.ask(Method::POST, url, "gcs.rewrite").repeatable();
            let progress: Progress = match self.json(request).await {
                Ok(progress) => progress,
                Err(error) if self.was_copied(&error, from, to).await => return Ok(()),
                Err(error) if is_conflict(&error) => return Err(self.failed("copy to", to, error)),
                Err(error) => return Err(self.failed("copy", from, error)),
            };
            token = match (progress.done, progress.rewrite_token) {
                (true, _) => return Ok(()),
                (false, Some(token)) => Some(token),
                (false, None) => {
                    return Err(Failure::new("copy", self.name_of(from))
                        .source("the service does not say how to go on")
                        .other());
                }
            };
        }
    }

    fn rewrite_address(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
        generation: Option<&str>,
        token: Option<&str>,
    ) -> Url {
        let config = &self.inner.config;
        let optional = [
            (
                "ifGenerationMatch",
                (mode == PutMode::Create).then_some("0"),
            ),
            ("ifSourceGenerationMatch", generation),
            ("destinationKmsKeyName", config.kms_key.as_deref()),
            ("rewriteToken", token),
        ];
        let query = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let query: Vec<_> = query.collect();
        let bucket = encoded(&self.inner.bucket);
        let (from, to) = (encoded(from.as_str()), encoded(to.as_str()));
        self.bucket(&format!("/o/{from}/rewriteTo/b/{bucket}/o/{to}"), &query)
    }

    /// Whether the copy is there although its request failed: an earlier attempt had got through.
    async fn was_copied(&self, error: &HttpError, from: &StorePath, to: &StorePath) -> bool {
        if !is_conflict(error) || error.attempts() < 2 {
            return false;
        }
        let same = |one: &Resource, other: &Resource| {
            one.size == other.size && one.crc32c().is_some() && one.crc32c() == other.crc32c()
        };
        match (self.look(from).await, self.look(to).await) {
            (Ok(from), Ok(to)) => same(&from, &to),
            _ => false,
        }
    }

    /// Copies an object and removes what was copied, and nothing that took its place meanwhile.
    pub(super) async fn move_to(
        &self,
        from: &StorePath,
        to: &StorePath,
        mode: PutMode,
    ) -> Result<()> {
        self.has_name("rename", from)?;
        let found = self.look(from).await;
        let found = found.map_err(|error| self.failed("rename", from, error))?;
        if from == to {
            return Ok(());
        }
        let generation = found.generation.as_deref();
        self.rewrite(from, to, mode, generation).await?;
        let query = generation.map(|generation| ("ifGenerationMatch", generation));
        let url = self.object(from, query.as_slice());
        match self.ask(Method::DELETE, url, "gcs.delete").send().await {
            // Somebody else has removed it.
            Err(error) if error.status() != Some(404) => Err(self.failed("remove", from, error)),
            _ => Ok(()),
        }
    }
}
