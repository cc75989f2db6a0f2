//! Lists folders in order, holding no more than the names in the folders on the way.

use std::{sync::Arc, vec};

use openssh_sftp_client::{fs::DirEntry, metadata::MetaData};
use rsmf_core::{
    Error, Kind, Result,
    integration::{Entry, ObjectMeta, StorePath},
};

use super::{packets::NOT_UTF_8, place::Place};
use crate::names;

/// The objects below a prefix, ordered by path. Nothing is asked before the first is asked for.
pub(super) struct Walk {
    place: Arc<Place>,
    start: Option<StorePath>,
    levels: Vec<vec::IntoIter<Found>>,
}

/// Something in a folder.
struct Found {
    path: Result<StorePath>,
    name: String,
    /// As the folder has it: links are not followed.
    metadata: MetaData,
}

impl Found {
    fn new(folder: &StorePath, entry: &DirEntry, place: &Place) -> Self {
        let name = entry.filename().to_string_lossy().into_owned();
        let path = match name.strip_prefix(NOT_UTF_8) {
            Some(bytes) => Err(place
                .failure("list", folder)
                .source(format!("the name `{bytes}` in it is not UTF-8"))
                .advice("rename the file, or copy it by other means")
                .invalid_input()),
            None if name.contains('/') => Err(place
                .failure("list", folder)
                .source("the server gives a path where a name should be")
                .invalid_input()),
            None => folder.join(&name),
        };
        Self {
            path,
            name,
            metadata: entry.metadata(),
        }
    }

    fn is_folder(&self) -> bool {
        self.metadata.file_type().is_some_and(|kind| kind.is_dir())
    }

    /// By this they come in the order of the paths below them: a folder counts as its name and a slash.
    fn key(&self) -> Vec<u8> {
        let mut key = self.name.clone().into_bytes();
        key.extend(self.is_folder().then_some(b'/'));
        key
    }
}

/// What is in a folder, in order; nothing where it has gone.
async fn entries(place: &Place, folder: &StorePath) -> Result<vec::IntoIter<Found>> {
    let remote = &place.remote(folder);
    let listed = place
        .run("list", folder, |on| async move { on.entries(remote).await })
        .await;
    let listed = match listed {
        Err(error) if error.kind() == Kind::NotFound => Vec::new(),
        listed => listed?,
    };
    let mut found: Vec<_> = listed
        .iter()
        .map(|entry| Found::new(folder, entry, place))
        .filter(|found| !matches!(found.name.as_str(), "." | "..") && !names::is_ours(&found.name))
        .collect();
    found.sort_by_cached_key(Found::key);
    Ok(found.into_iter())
}

impl Walk {
    pub(super) fn new(place: Arc<Place>, prefix: StorePath) -> Self {
        Self {
            place,
            start: Some(prefix),
            levels: Vec::new(),
        }
    }

    pub(super) async fn step(mut self) -> Option<(Result<ObjectMeta>, Self)> {
        if let Some(prefix) = self.start.take()
            && let Some(item) = self.begin(prefix).await
        {
            return Some((item, self));
        }
        loop {
            let Some(found) = self.levels.last_mut()?.next() else {
                self.levels.pop();
                continue;
            };
            if let Some(item) = self.visit(found).await {
                return Some((item, self));
            }
        }
    }

    /// Goes to the prefix, which may be an object, a folder, or absent.
    async fn begin(&mut self, prefix: StorePath) -> Option<Result<ObjectMeta>> {
        match look_up(&self.place, &prefix).await {
            Ok(found) if found.file_type().is_some_and(|kind| kind.is_dir()) => {
                self.enter(&prefix).await
            }
            Ok(found) => Some(self.place.object("list", &prefix, &found)),
            Err(error) if error.kind() == Kind::NotFound => None,
            Err(error) => Some(Err(error)),
        }
    }

    async fn enter(&mut self, folder: &StorePath) -> Option<Result<ObjectMeta>> {
        match entries(&self.place, folder).await {
            Ok(entries) => {
                self.levels.push(entries);
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// What an entry gives: an object, an error, or nothing (a folder, something that has gone).
    async fn visit(&mut self, found: Found) -> Option<Result<ObjectMeta>> {
        let is_folder = found.is_folder();
        match found.path {
            Ok(path) if is_folder => self.enter(&path).await,
            Ok(path) => object(&self.place, path, found.metadata).await,
            Err(error) => Some(Err(error)),
        }
    }
}

async fn look_up(place: &Place, path: &StorePath) -> Result<MetaData> {
    let remote = &place.remote(path);
    place
        .run("list", path, |on| async move { on.stat(remote).await })
        .await
}

/// A file, or what a link leads to: a link to a folder would make its content appear twice, or without end.
async fn object(place: &Place, path: StorePath, metadata: MetaData) -> Option<Result<ObjectMeta>> {
    let kind = metadata.file_type();
    let is_link = kind.is_some_and(|kind| kind.is_symlink());
    let metadata = match is_link || kind.is_none() {
        false => metadata,
        true => match look_up(place, &path).await {
            Ok(found) => found,
            Err(error) if error.kind() == Kind::NotFound && !is_link => return None,
            Err(error) => return Some(Err(error)),
        },
    };
    let kind = metadata.file_type();
    if kind.is_none_or(|kind| kind.is_file()) {
        return Some(place.object("list", &path, &metadata));
    }
    Some(Err(unusable(
        place,
        &path,
        match is_link {
            true => "it is a link to something that is no file",
            false => "it is neither a file nor a folder",
        },
    )))
}

fn unusable(place: &Place, path: &StorePath, why: &'static str) -> Error {
    place
        .failure("list", path)
        .source(why)
        .advice("replace it by a copy, or leave it out")
        .invalid_input()
}

/// What lies directly in a folder, ordered as [`Walk`] has it; nothing where it is none.
pub(super) async fn level(place: Arc<Place>, folder: StorePath) -> Vec<Result<Entry>> {
    let found = match look_up(&place, &folder).await {
        Err(error) if error.kind() == Kind::NotFound => return Vec::new(),
        Err(error) => return vec![Err(error)],
        Ok(found) => found,
    };
    if !found.file_type().is_some_and(|kind| kind.is_dir()) {
        return Vec::new();
    }
    let entries = match entries(&place, &folder).await {
        Ok(entries) => entries,
        Err(error) => return vec![Err(error)],
    };
    let mut level = Vec::new();
    for found in entries {
        let is_folder = found.is_folder();
        level.extend(match found.path {
            Ok(path) if is_folder => Some(Ok(Entry::Folder(path))),
            Ok(path) => object(&place, path, found.metadata)
                .await
                .map(|item| item.map(Entry::Object)),
            Err(error) => Some(Err(error)),
        });
    }
    level
}
