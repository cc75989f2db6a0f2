//! Buckets.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rsmf_core::{Failure, Kind, Result, integration::StorePath};
use rsmf_http::{Method, Most, Page, pages};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{GcsStorage, failure::failed};

/// What reading takes, and what writing takes besides.
const READ: [&str; 2] = ["storage.objects.get", "storage.objects.list"];
const WRITE: [&str; 2] = ["storage.objects.create", "storage.objects.delete"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Buckets {
    items: Vec<Named>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Granted {
    permissions: Vec<String>,
}

impl GcsStorage {
    /// The names of the project's buckets, in order.
    ///
    /// # Errors
    /// In the stream: [`InvalidInput`](rsmf_core::Error::InvalidInput) where no project is known; denied,
    /// unavailable …
    pub fn buckets(&self) -> impl Stream<Item = Result<String>> + Send + '_ {
        let project = match self.project("list the buckets of") {
            Ok(project) => project,
            Err(error) => return stream::iter([Err(error)]).boxed(),
        };
        let fetch = move |token: String| async move {
            let mut query = vec![
                ("project", project),
                ("fields", "items(name),nextPageToken"),
            ];
            if !token.is_empty() {
                query.push(("pageToken", &token));
            }
            let url = self.address("/storage/v1/b", &query);
            let answer: Buckets = self.json(self.ask(Method::GET, url, "gcs.buckets")).await?;
            let names = answer.items.into_iter().map(|bucket| bucket.name).collect();
            Ok(Page::cursor(names, answer.next_page_token))
        };
        pages(String::new(), Most::default(), fetch)
            .map_err(move |error| failed("list the buckets of", project.to_owned(), error))
            .boxed()
    }

    fn project(&self, operation: &'static str) -> Result<&str> {
        let missing = || {
            Failure::new(operation, self.inner.info.name.clone())
                .source("it is not known in which project")
                .advice("name the project in the profile, or in GOOGLE_CLOUD_PROJECT")
                .invalid_input()
        };
        self.inner.project.as_deref().ok_or_else(missing)
    }

    pub(super) async fn create_bucket(&self) -> Result<()> {
        let config = &self.inner.config;
        let url = self.address("/storage/v1/b", &[("project", self.project("create")?)]);
        let optional = [
            ("location", &config.location),
            ("storageClass", &config.storage_class),
        ];
        let known = optional
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_ref()?)));
        let known = known.map(|(name, text)| (name.to_owned(), text.as_str().into()));
        let mut bucket: Map<String, Value> = known.collect();
        bucket.insert("name".to_owned(), self.inner.bucket.as_str().into());
        if let Some(key) = &config.kms_key {
            bucket.insert("encryption".to_owned(), json!({ "defaultKmsKeyName": key }));
        }
        let fail = |error| failed("create", self.inner.info.name.clone(), error);
        let request = self
            .ask(Method::POST, url, "gcs.create_bucket")
            .json(&bucket)
            .map_err(fail)?;
        request.send().await.map(|_| ()).map_err(fail)
    }

    pub(super) async fn remove_bucket(&self) -> Result<()> {
        let request = self.ask(Method::DELETE, self.bucket("", &[]), "gcs.remove_bucket");
        let removed = request.send().await;
        removed
            .map(|_| ())
            .map_err(|error| failed("remove", self.inner.info.name.clone(), error))
    }

    /// Whether the bucket is there, and what may be done with it.
    pub(super) async fn check_bucket(&self) -> Result<()> {
        let url = self.bucket("/o", &[("maxResults", "1"), ("fields", "items(name)")]);
        let request = self.ask(Method::GET, url, "gcs.check");
        let checked = request.send().await;
        checked.map_err(|error| {
            let no_bucket = error.status() == Some(404);
            let error = self.failed("open", &StorePath::ROOT, error);
            match no_bucket {
                true => Failure::new("open", self.inner.info.name.clone())
                    .advice("check the name of the bucket, or create it with `rsmf mkbucket`")
                    .source(error)
                    .not_found(),
                false => error,
            }
        })?;
        match self.granted().await {
            Ok(granted) => self.check_rights(&granted),
            // Emulators do not know this question.
            Err(error)
                if matches!(
                    error.kind(),
                    Kind::NotFound | Kind::Other | Kind::InvalidInput
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn granted(&self) -> Result<Vec<String>> {
        let asked: Vec<_> = READ
            .iter()
            .chain(&WRITE)
            .map(|right| ("permissions", *right))
            .collect();
        let url = self.bucket("/iam/testPermissions", &asked);
        let granted = self
            .json::<Granted>(self.ask(Method::GET, url, "gcs.check"))
            .await;
        let granted = granted.map_err(|error| self.failed("open", &StorePath::ROOT, error))?;
        Ok(granted.permissions)
    }

    fn check_rights(&self, granted: &[String]) -> Result<()> {
        let lacks = |right: &&str| !granted.iter().any(|granted| granted == right);
        let missing: Vec<_> = READ.iter().copied().filter(lacks).collect();
        if !missing.is_empty() {
            return Err(Failure::new("open", self.inner.info.name.clone())
                .source(format!("the account that asks lacks {}", missing.join(", ")))
                .advice("give it the role roles/storage.objectViewer, or roles/storage.objectUser to write as well")
                .denied());
        }
        if WRITE.iter().any(lacks) {
            tracing::info!(
                bucket = self.inner.bucket,
                "it can be read, but not written"
            );
        }
        Ok(())
    }
}
