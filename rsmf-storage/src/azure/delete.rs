//! Removing: one by one, or up to 256 in one request (“Blob Batch”).

use azure_core::{
    credentials::TokenRequestOptions,
    http::{Method, Request, headers::AUTHORIZATION},
};
use azure_storage_blob::models::BlobClientDeleteOptions;
use futures_util::{StreamExt, stream};
use rsmf_core::{Kind, Result, integration::StorePath};

use super::{
    Inner,
    auth::{Authorization, SCOPE},
};

/// How many one request may hold.
const BATCH: usize = 256;

/// Below so many, requests of their own are faster.
const FEW: usize = 8;

impl Inner {
    pub(super) async fn delete(&self, path: &StorePath) -> Result<()> {
        let call = self.client.call("delete", path);
        if path.is_root() {
            return Ok(());
        }
        let blob = self.client.blob(path);
        let deleted = call
            .run(async |method_options| {
                let options = BlobClientDeleteOptions {
                    method_options,
                    ..BlobClientDeleteOptions::default()
                };
                blob.delete(Some(options)).await
            })
            .await;
        match deleted {
            Err(error) if is_gone(&error) => Ok(()),
            result => result.map(|_| ()),
        }
    }

    /// Removes many; the results are in the order of the paths.
    pub(super) async fn delete_many(&self, paths: &[StorePath]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(paths.len());
        for paths in paths.chunks(BATCH) {
            let done = match paths.len() > FEW && !paths.iter().any(StorePath::is_root) {
                true => self.batch(paths).await,
                false => vec![false; paths.len()],
            };
            // What the batch did not remove says why not when it is asked for by itself.
            let calls = paths.iter().zip(done).map(async |(path, done)| match done {
                true => Ok(()),
                false => self.delete(path).await,
            });
            results.extend(
                stream::iter(calls.collect::<Vec<_>>())
                    .buffered(self.concurrency)
                    .collect::<Vec<_>>()
                    .await,
            );
        }
        results
    }

    /// Which of these one request has removed. That one is absent may mean that the container is.
    async fn batch(&self, paths: &[StorePath]) -> Vec<bool> {
        let answer = self.send_batch(paths).await;
        let statuses = match &answer {
            Ok(body) => statuses(body),
            Err(error) => {
                tracing::debug!(%error, "deleting one by one");
                Vec::new()
            }
        };
        let mut done = vec![false; paths.len()];
        for (index, status) in statuses {
            if let Some(done) = done.get_mut(index) {
                *done = status == 202;
            }
        }
        done
    }

    async fn send_batch(&self, paths: &[StorePath]) -> Result<Vec<u8>> {
        let call = self.client.call("delete in", &StorePath::ROOT);
        let boundary = format!("batch_{:032x}", fastrand::u128(..));
        let mut body = String::new();
        for (index, path) in paths.iter().enumerate() {
            let one = self.one_of_batch(path).await;
            let one = one.map_err(|error| super::error::failure(call.failure(), error))?;
            body.push_str(&format!(
                "--{boundary}\r\nContent-Type: application/http\r\n\
                 Content-Transfer-Encoding: binary\r\nContent-ID: {index}\r\n\r\n{one}\r\n"
            ));
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        let mut url = self.client.container.url().clone();
        url.query_pairs_mut()
            .extend_pairs([("restype", "container"), ("comp", "batch")]);
        let mut request = self.client.request(url, Method::Post);
        request.insert_header(
            "content-type",
            format!("multipart/mixed; boundary={boundary}"),
        );
        request.set_body(body);
        let answer = call.send(&mut request, &[202]).await?;
        Ok(answer.body().to_vec())
    }

    /// One request of a batch, which shows for itself who asks.
    async fn one_of_batch(&self, path: &StorePath) -> azure_core::Result<String> {
        let mut request = Request::new(self.client.url(path), Method::Delete);
        match &self.client.authorization {
            Authorization::Key(key) => key.authorize(&mut request)?,
            Authorization::Sas(sas) => sas.sign(request.url_mut()),
            Authorization::Token { credential, .. } => {
                let options = TokenRequestOptions::default();
                let token = credential.get_token(&[SCOPE], Some(options)).await?;
                request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
            }
            Authorization::Nothing => {}
        }
        let mut text = format!("DELETE {} HTTP/1.1\r\n", request.path_and_query());
        for (name, value) in request.headers().iter() {
            text.push_str(&format!("{}: {}\r\n", name.as_str(), value.as_str()));
        }
        text.push_str("Content-Length: 0\r\n");
        Ok(text)
    }
}

fn is_gone(error: &rsmf_core::Error) -> bool {
    use std::error::Error as _;

    let source = error.source().map(ToString::to_string).unwrap_or_default();
    match error.kind() {
        Kind::NotFound => !source.contains("ContainerNotFound"),
        // A folder, in accounts that have such, is no object.
        Kind::Conflict => source.contains("DirectoryIsNotEmpty"),
        _ => false,
    }
}

/// What became of each request of a batch: its number, and the status of its answer.
fn statuses(body: &[u8]) -> Vec<(usize, u16)> {
    let text = String::from_utf8_lossy(body);
    let mut found = Vec::new();
    let mut index = None;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("--batch") {
            index = None;
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-id")
        {
            index = value.trim().parse().ok();
        } else if let Some(rest) = line.strip_prefix("HTTP/1.1 ")
            && let Some(index) = index.take()
            && let Ok(status) = rest.split(' ').next().unwrap_or_default().parse()
        {
            found.push((index, status));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_answer_has_its_number() {
        let body = "--batchresponse_1\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\n\
                    HTTP/1.1 202 Accepted\r\nx: y\r\n\r\n--batchresponse_1\r\ncontent-id:0\r\n\r\n\
                    HTTP/1.1 404 No\r\n\r\nHTTP/1.1 202 in a body\r\n--batchresponse_1--\r\n";
        assert_eq!(statuses(body.as_bytes()), [(1, 202), (0, 404)]);
    }

    proptest! {
        #[test]
        fn any_answer_is_read(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = statuses(&body);
        }
    }
}
