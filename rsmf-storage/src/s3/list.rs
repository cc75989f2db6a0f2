//! Listing.

use std::collections::VecDeque;

use aws_sdk_s3::types::EncodingType;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use rsmf_core::{
    Error, Failure, Kind, Result, Source,
    integration::{BoxStream, Entry, ObjectMeta, StorePath},
};

use super::{S3Storage, meta, send};
use crate::names;

/// What a page of a listing holds, by name.
enum Found {
    Folder(String),
    Object(String, ObjectMeta),
    /// What is no Unicode, as it came.
    Unreadable(String),
}

/// How far a listing has come.
enum Next {
    First,
    Token(String),
    End,
}

impl S3Storage {
    pub(super) fn list_objects<'a>(
        &'a self,
        prefix: &StorePath,
    ) -> BoxStream<'a, Result<ObjectMeta>> {
        let itself = self.named(prefix.clone());
        let below = self
            .found(below(prefix), false)
            .try_filter_map(|found| future::ready(self.object(found)));
        itself.chain(below).boxed()
    }

    pub(super) fn list_level<'a>(&'a self, folder: &StorePath) -> BoxStream<'a, Result<Entry>> {
        self.found(below(folder), true)
            .try_filter_map(|found| future::ready(self.entry(found)))
            .boxed()
    }

    /// The object of this name, if there is one.
    fn named<'a>(&'a self, path: StorePath) -> BoxStream<'a, Result<ObjectMeta>> {
        if path.is_root() {
            return stream::empty().boxed();
        }
        let looked = async move {
            match self.look(&path, "list").await {
                Err(error) if error.kind() == Kind::NotFound => None,
                result => Some(result),
            }
        };
        stream::once(looked).filter_map(future::ready).boxed()
    }

    /// What lies below a prefix, page by page; by levels, folders come as one.
    fn found<'a>(&'a self, prefix: String, by_level: bool) -> BoxStream<'a, Result<Found>> {
        let pages = stream::try_unfold(Next::First, move |next| {
            let prefix = prefix.clone();
            async move {
                let token = match next {
                    Next::First => None,
                    Next::Token(token) => Some(token),
                    Next::End => return Ok(None),
                };
                let (found, next) = self.page(prefix, by_level, token).await?;
                Ok::<_, Error>(Some((found, next)))
            }
        });
        pages
            .map_ok(|found| stream::iter(found).map(Ok))
            .try_flatten()
            .boxed()
    }

    async fn page(
        &self,
        prefix: String,
        by_level: bool,
        token: Option<String>,
    ) -> Result<(VecDeque<Found>, Next)> {
        let request = self
            .client()
            .list_objects_v2()
            .bucket(&self.inner.bucket)
            .set_request_payer(self.inner.payer())
            .encoding_type(EncodingType::Url)
            .set_delimiter(by_level.then(|| "/".to_owned()))
            .set_continuation_token(token.clone())
            .prefix(&prefix);
        let answer = send!(request).map_err(|refusal| {
            let folder = format!("{}/{prefix}", self.inner.info.name);
            refusal.error("list", folder)
        })?;
        let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let mut found = Vec::new();
        for folder in answer.common_prefixes() {
            found.push(named(folder.prefix(), is_encoded, Found::Folder));
        }
        for listed in answer.contents() {
            let object = |name| Found::Object(name, meta::of_listed(StorePath::ROOT, listed));
            found.push(named(listed.key(), is_encoded, object));
        }
        // Objects and folders come in two lists, each in order.
        found.sort_by(|one, other| one.name().cmp(other.name()));
        Ok((found.into(), self.next(&answer, token)?))
    }

    fn next(
        &self,
        answer: &aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output,
        asked: Option<String>,
    ) -> Result<Next> {
        if answer.is_truncated() != Some(true) {
            return Ok(Next::End);
        }
        let next = answer.next_continuation_token().map(str::to_owned);
        match next.filter(|next| Some(next) != asked.as_ref()) {
            Some(next) => Ok(Next::Token(next)),
            None => Err(Failure::new("list", self.inner.info.name.clone())
                .source("the server does not say how the listing goes on")
                .integrity()),
        }
    }

    /// The path of a name; none where that is kept for unfinished work or stands for a folder.
    fn path(&self, name: &str, size: u64) -> Result<Option<StorePath>> {
        if name.split('/').any(names::is_ours) || (size == 0 && name.ends_with('/')) {
            return Ok(None);
        }
        let usable = StorePath::new(name).map(Some);
        usable.map_err(|error| self.no_path(name, error))
    }

    fn no_path(&self, name: &str, why: impl Into<Source>) -> Error {
        let address = format!("{}/{}", self.inner.info.name, name.escape_debug());
        Failure::new("list", address)
            .source(why)
            .advice("it can only be copied or removed with other tools")
            .invalid_input()
    }

    fn object(&self, found: Found) -> Result<Option<ObjectMeta>> {
        match found {
            Found::Object(name, mut meta) => {
                let path = self.path(&name, meta.size)?;
                Ok(path.map(|path| {
                    meta.path = path;
                    meta
                }))
            }
            Found::Folder(_) => Ok(None),
            Found::Unreadable(name) => Err(self.no_path(&name, "its name is not Unicode")),
        }
    }

    fn entry(&self, found: Found) -> Result<Option<Entry>> {
        match found {
            Found::Object(..) | Found::Unreadable(_) => Ok(self.object(found)?.map(Entry::Object)),
            Found::Folder(name) => {
                let path = self.path(name.strip_suffix('/').unwrap_or(&name), 1)?;
                Ok(path.map(Entry::Folder))
            }
        }
    }

    pub(super) fn list_versions<'a>(
        &'a self,
        path: &StorePath,
    ) -> BoxStream<'a, Result<ObjectMeta>> {
        let path = path.clone();
        let start = Some((None::<String>, None::<String>));
        let pages = stream::try_unfold(start, move |at| {
            let path = path.clone();
            async move {
                let Some((key, version)) = at else {
                    return Ok(None);
                };
                let request = self
                    .client()
                    .list_object_versions()
                    .bucket(&self.inner.bucket)
                    .set_request_payer(self.inner.payer())
                    .encoding_type(EncodingType::Url)
                    .prefix(path.as_str())
                    .set_key_marker(key)
                    .set_version_id_marker(version);
                let answer = send!(request).map_err(|refusal| {
                    refusal.error("list the versions of", self.address(&path))
                })?;
                let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
                let is_it = |key| decoded(key, is_encoded).as_deref() == Some(path.as_str());
                let found: Vec<_> = answer
                    .versions()
                    .iter()
                    .filter(|listed| is_it(listed.key()))
                    .map(|listed| Ok(meta::of_version(path.clone(), listed)))
                    .collect();
                // Those of other objects, whose names begin so, come after all of this one.
                let next = is_it(answer.next_key_marker())
                    .then(|| {
                        let key = answer.next_key_marker().map(|_| path.as_str().to_owned());
                        (key, answer.next_version_id_marker().map(str::to_owned))
                    })
                    .filter(|_| answer.is_truncated() == Some(true));
                Ok::<_, Error>(Some((stream::iter(found), next)))
            }
        });
        pages.try_flatten().boxed()
    }
}

impl Found {
    fn name(&self) -> &str {
        match self {
            Self::Folder(name) | Self::Object(name, _) | Self::Unreadable(name) => name,
        }
    }
}

fn named(name: Option<&str>, is_encoded: bool, found: impl FnOnce(String) -> Found) -> Found {
    match decoded(name, is_encoded) {
        Some(name) => found(name),
        None => Found::Unreadable(name.unwrap_or_default().to_owned()),
    }
}

/// What the names below a folder begin with.
pub(super) fn below(folder: &StorePath) -> String {
    match folder.is_root() {
        true => String::new(),
        false => format!("{folder}/", folder = folder.as_str()),
    }
}

/// A name of a listing, unless it is no Unicode. XML holds not each character, so they are asked for as in
/// a form.
pub(super) fn decoded(name: Option<&str>, is_encoded: bool) -> Option<String> {
    let name = name.unwrap_or_default();
    if !is_encoded {
        return Some(name.to_owned());
    }
    let spaced = name.replace('+', " ");
    let bytes = percent_encoding::percent_decode_str(&spaced);
    bytes.decode_utf8().ok().map(|name| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_as_forms_are() {
        let of = |name, is_encoded| decoded(Some(name), is_encoded);
        assert_eq!(of("a+b%2Bc/%01", true).unwrap(), "a b+c/\u{1}");
        assert_eq!(of("a+b%2B", false).unwrap(), "a+b%2B");
        assert_eq!(of("%FF", true), None);
        assert_eq!(below(&StorePath::ROOT), "");
        assert_eq!(below(&StorePath::new("a\n").unwrap()), "a\n/");
    }
}
