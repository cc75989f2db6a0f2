//! Removing objects, many at a time (the page “Batch requests”).

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use rsmf_core::{Result, integration::StorePath};
use rsmf_http::{
    Error as HttpError, Method,
    header::{CONTENT_TYPE, HeaderValue},
};

use super::GcsStorage;

/// The most calls in one request.
const CALLS: usize = 100;

/// Where one call in a batch ends and the next begins.
const BOUNDARY: &str = "rsmf-batch";

impl GcsStorage {
    /// Removes an object, or only this generation of it.
    pub(super) async fn delete_one(
        &self,
        path: &StorePath,
        generation: Option<&str>,
    ) -> Result<()> {
        if path.is_root() {
            return Ok(());
        }
        let query = generation.map(|generation| ("generation", generation));
        let url = self.object(path, query.as_slice());
        match self.ask(Method::DELETE, url, "gcs.delete").send().await {
            Err(error) if error.status() != Some(404) => Err(self.failed("remove", path, error)),
            _ => Ok(()),
        }
    }

    pub(super) async fn delete_batches(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let batches = paths.chunks(CALLS).map(|batch| self.delete_batch(batch));
        let batches: Vec<_> = batches.collect();
        let at_once = self.inner.config.transfer.concurrency.get();
        let results = stream::iter(batches).buffered(at_once);
        results
            .collect::<Vec<_>>()
            .await
            .into_iter()
            .flatten()
            .collect()
    }

    /// What did not go well with the others is tried again for itself.
    async fn delete_batch(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let statuses = match paths {
            [] | [_] => HashMap::new(),
            paths => self.batch(paths).await.unwrap_or_else(|error| {
                tracing::debug!(%error, "removing one by one");
                HashMap::new()
            }),
        };
        let single = paths.iter().enumerate().map(|(number, path)| {
            let gone = matches!(statuses.get(&number), Some(200..=299 | 404));
            async move {
                match gone {
                    true => Ok(()),
                    false => self.delete_one(path, None).await,
                }
            }
        });
        let single: Vec<_> = single.collect();
        stream::iter(single).buffered(16).collect().await
    }

    /// The status of each call that was answered.
    async fn batch(&self, paths: &[StorePath]) -> Result<HashMap<usize, u16>, HttpError> {
        let mut body = String::new();
        for (number, path) in paths.iter().enumerate() {
            let url = self.object(path, &[]);
            let target = url.as_str().get(url.origin().ascii_serialization().len()..);
            body.push_str(&format!(
                "--{BOUNDARY}\r\ncontent-type: application/http\r\ncontent-id: <{number}>\r\n\r\n\
                 DELETE {} HTTP/1.1\r\n\r\n\r\n",
                target.unwrap_or_default()
            ));
        }
        body.push_str(&format!("--{BOUNDARY}--\r\n"));
        let media_type = HeaderValue::from_static("multipart/mixed; boundary=rsmf-batch");
        let answer = self
            .ask(
                Method::POST,
                self.address("/batch/storage/v1", &[]),
                "gcs.batch",
            )
            .header(CONTENT_TYPE, media_type)
            .body(body)
            .repeatable()
            .send()
            .await?;
        let bytes = answer.bytes().await?;
        Ok(statuses(&String::from_utf8_lossy(&bytes)))
    }
}

/// The statuses in an answer, by the numbers of the calls. The lines are what matters; nobody else writes
/// into this answer, whose parts are errors in JSON at most.
fn statuses(body: &str) -> HashMap<usize, u16> {
    let mut found = HashMap::new();
    let mut number = None;
    for line in body.lines() {
        if line.starts_with("--") {
            number = None;
        }
        if let Some(id) = content_id(line) {
            number = Some(id);
        }
        let status = line
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok());
        if let (Some(id), Some(status)) = (number, status) {
            found.entry(id).or_insert(status);
        }
    }
    found
}

/// `Content-ID: <response-7>`, with or without the pointed brackets.
fn content_id(line: &str) -> Option<usize> {
    let (name, value) = line.split_once(':')?;
    let value = name
        .eq_ignore_ascii_case("content-id")
        .then_some(value.trim())?;
    let value = value.trim_start_matches('<').trim_end_matches('>');
    value.strip_prefix("response-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_call_has_its_status() {
        let body = "--batch_x\r\nContent-Type: application/http\r\nContent-ID: <response-1>\r\n\r\n\
            HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n\r\n--batch_x\r\ncontent-id: response-0\r\n\r\n\
            HTTP/1.1 403 Forbidden\r\n\r\n{\"error\":{}}\r\n--batch_x\r\n\r\nHTTP/1.1 500 E\r\n--batch_x--";
        assert_eq!(statuses(body), HashMap::from([(1, 204), (0, 403)]));
    }

    proptest! {
        #[test]
        fn any_answer_has_statuses_or_none(body: String) {
            let _ = statuses(&body);
        }
    }
}
