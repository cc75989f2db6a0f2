//! What is kept beside an object.

use std::collections::BTreeMap;

use rsmf_core::{Failure, Result, integration::StorePath};
use rsmf_http::header::CONTENT_TYPE;

use super::{
    find::XML,
    props,
    session::Session,
    xml::{Name, prop_patch},
};

impl Session {
    /// Sets a property, or takes it away (RFC 4918, 9.2). Gives `false` where the server has no place for it.
    pub(super) async fn set_property(
        &self,
        path: &StorePath,
        name: Name,
        value: Option<&str>,
    ) -> Result<bool> {
        let operation = "set a property of";
        let request = self
            .request("PROPPATCH", self.url(path))
            .header(CONTENT_TYPE, XML)
            .body(prop_patch(name, value))
            .repeatable();
        let mut answer = match request.send().await {
            Ok(response) => self.read_answer(operation, path, response)?,
            Err(error) if matches!(error.status(), Some(403 | 405 | 501)) => return Ok(false),
            Err(error) => return Err(self.failed(operation, path, error)),
        };
        let mut set = true;
        while let Some(resource) = self.next(operation, path, &mut answer).await? {
            set &= resource.refused.is_empty() && resource.status.is_none_or(|code| code < 300);
        }
        Ok(set)
    }

    /// Keeps metadata, where the server has a place for it.
    pub(super) async fn keep_metadata(
        &self,
        path: &StorePath,
        metadata: &BTreeMap<String, String>,
    ) -> Result<()> {
        if metadata.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(metadata).map_err(|error| {
            Failure::new("write", "metadata")
                .source(error)
                .invalid_input()
        })?;
        if !self
            .set_property(path, props::METADATA, Some(&text))
            .await?
        {
            tracing::debug!(%path, "the server has no place for metadata");
        }
        Ok(())
    }
}
