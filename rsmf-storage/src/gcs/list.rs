//! Listings.

use futures_util::{StreamExt, TryStreamExt, future, stream};
use rsmf_core::{
    Failure, Kind, Result,
    integration::{BoxStream, Entry, ObjectMeta, Storage, StorePath},
};
use rsmf_http::{Error as HttpError, Method, Most, Page, pages};
use serde::Deserialize;

use super::{
    GcsStorage,
    wire::{FIELDS, Resource},
};
use crate::names;

/// What one request may bring; the service gives no more than this.
const PAGE: &str = "1000";

/// One page of a listing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Answer {
    items: Vec<Resource>,
    prefixes: Vec<String>,
    next_page_token: Option<String>,
}

/// What a page holds.
enum Found {
    Object(Resource),
    /// A folder, with a slash at its end.
    Folder(String),
}

impl Found {
    fn key(&self) -> &str {
        match self {
            Self::Object(found) => &found.name,
            Self::Folder(key) => key,
        }
    }
}

impl GcsStorage {
    /// Everything whose name begins so, in order.
    fn found<'a>(
        &'a self,
        prefix: String,
        more: &'static [(&'static str, &'static str)],
    ) -> BoxStream<'a, Result<Found>> {
        let mut most = Most::default();
        // Buckets have no limit, and no listing is cut short.
        (most.items, most.pages) = (u64::MAX, u64::MAX);
        let target = format!("{}/{prefix}", self.inner.info.name);
        let fetch = move |token: String| {
            let prefix = prefix.clone();
            async move { self.page(&prefix, &token, more).await }
        };
        pages(String::new(), most, fetch)
            .map_err(move |error| super::failure::failed("list", target.clone(), error))
            .boxed()
    }

    async fn page(
        &self,
        prefix: &str,
        token: &str,
        more: &[(&str, &str)],
    ) -> Result<Page<Found, String>, HttpError> {
        let fields = format!("items({FIELDS}),prefixes,nextPageToken");
        let mut query = vec![("maxResults", PAGE), ("fields", fields.as_str())];
        let optional = [("prefix", prefix), ("pageToken", token)];
        query.extend(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        query.extend(more);
        let url = self.bucket("/o", &query);
        let answer: Answer = self.json(self.ask(Method::GET, url, "gcs.list")).await?;
        let objects = answer.items.into_iter().map(Found::Object);
        let folders = answer.prefixes.into_iter().map(Found::Folder);
        let mut found: Vec<_> = objects.chain(folders).collect();
        // Objects and folders come one after the other on each page.
        found.sort_by(|one, other| one.key().cmp(other.key()));
        Ok(Page::cursor(found, answer.next_page_token))
    }

    /// What is listed of an object: nothing of folder markers and unfinished work.
    fn listed(&self, found: Resource) -> Option<Result<ObjectMeta>> {
        let is_marker = found.size == 0 && found.name.ends_with('/');
        let name = found.name.rsplit('/').next().unwrap_or_default();
        if is_marker || names::is_ours(name) {
            return None;
        }
        let shown = found.name.escape_debug().to_string();
        Some(found.meta().map_err(|error| {
            Failure::new("list", format!("{}/{shown}", self.inner.info.name))
                .source(error)
                .advice("give it another name with other tools")
                .invalid_input()
        }))
    }

    pub(super) fn list_objects<'a>(
        &'a self,
        prefix: &StorePath,
    ) -> BoxStream<'a, Result<ObjectMeta>> {
        let below = self.found(below(prefix), &[]);
        let below = below.filter_map(move |found| {
            future::ready(match found {
                Ok(Found::Object(found)) => self.listed(found),
                Ok(Found::Folder(_)) => None,
                Err(error) => Some(Err(error)),
            })
        });
        self.itself(prefix).chain(below).boxed()
    }

    /// The object of the prefix's own name, which comes before all below it.
    fn itself<'a>(&'a self, prefix: &StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        if prefix.is_root() || names::is_ours(prefix.file_name()) {
            return stream::empty().boxed();
        }
        let prefix = prefix.clone();
        let found = async move {
            match self.head(&prefix).await {
                Err(error) if error.kind() == Kind::NotFound => None,
                found => Some(found),
            }
        };
        stream::once(found).filter_map(future::ready).boxed()
    }

    pub(super) fn list_level<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        let found = self.found(below(folder), &[("delimiter", "/")]);
        let entries = found.filter_map(move |found| {
            future::ready(match found {
                Ok(Found::Object(found)) => self.listed(found).map(|meta| meta.map(Entry::Object)),
                Ok(Found::Folder(key)) => Some(self.folder(&key)),
                Err(error) => Some(Err(error)),
            })
        });
        entries.boxed()
    }

    fn folder(&self, key: &str) -> Result<Entry> {
        let path = StorePath::new(key.strip_suffix('/').unwrap_or(key));
        path.map(Entry::Folder).map_err(|error| {
            let target = format!("{}/{}", self.inner.info.name, key.escape_debug());
            Failure::new("list", target).source(error).invalid_input()
        })
    }

    pub(super) fn list_versions<'a>(
        &'a self,
        path: &StorePath,
    ) -> BoxStream<'a, Result<ObjectMeta>> {
        let path = path.clone();
        let all = async move {
            let name = path.as_str();
            // Those of the very name come first, the oldest at the head.
            let found = self.found(name.to_owned(), &[("versions", "true")]);
            let same = |found: &Result<Found>| match found {
                Ok(found) => future::ready(found.key() == name),
                Err(_) => future::ready(true),
            };
            let found: Vec<_> = found.take_while(same).try_collect().await?;
            let mut metas = Vec::with_capacity(found.len());
            for found in found.into_iter().rev() {
                if let Found::Object(found) = found {
                    metas.push(Ok(found.meta()?));
                }
            }
            match metas.is_empty() {
                false => Ok(stream::iter(metas)),
                true => Err(Failure::new("list the versions of", self.name_of(&path)).not_found()),
            }
        };
        stream::once(all).try_flatten().boxed()
    }

    /// What begins so in its last segment, folders left out: unfinished work.
    pub(super) async fn drafts(&self, folder: &StorePath) -> Result<Vec<StorePath>> {
        let begin = folder.join(names::DRAFT_PREFIX)?;
        let found = self.found(begin.as_str().to_owned(), &[("delimiter", "/")]);
        let found: Vec<_> = found.try_collect().await?;
        let found = found.into_iter().filter_map(|found| match found {
            Found::Object(found) => StorePath::new(found.name).ok(),
            Found::Folder(_) => None,
        });
        Ok(found
            .filter(|path| names::is_draft(path.file_name()))
            .collect())
    }
}

/// How the names of all that lies in a folder begin.
fn below(folder: &StorePath) -> String {
    match folder.is_root() {
        true => String::new(),
        false => format!("{}/", folder.as_str()),
    }
}
