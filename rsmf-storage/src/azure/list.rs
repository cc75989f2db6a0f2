//! Listing, flat and level by level. The SDK knows no delimiter, so the request is our own.

use std::collections::VecDeque;

use azure_core::http::Method;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Error, Failure, Result,
    integration::{BoxStream, Entry, ObjectMeta, StorePath},
};

use super::{
    Inner,
    meta::Found,
    xml::{Item, Page},
};
use crate::names::is_ours;

/// What is asked for of each blob.
const FACTS: &str = "metadata,copy";

/// What to list.
#[derive(Debug, Clone, Default)]
pub(super) struct Question {
    /// How names begin.
    pub(super) prefix: String,
    /// Whether what lies below a slash is told as one folder.
    pub(super) by_folder: bool,
    /// What else is asked for: versions, snapshots.
    pub(super) also: &'static str,
}

impl Inner {
    /// Pages of a listing.
    fn pages(&self, question: Question) -> impl Stream<Item = Result<Vec<Item>>> + Send + '_ {
        stream::try_unfold(Some(String::new()), move |marker| {
            let question = question.clone();
            async move {
                let Some(marker) = marker else {
                    return Ok(None);
                };
                let page = self.page(&question, &marker, None).await?;
                Ok(Some((page.items, page.next)))
            }
        })
    }

    /// One page.
    pub(super) async fn page(
        &self,
        question: &Question,
        marker: &str,
        most: Option<u32>,
    ) -> Result<Page> {
        let call = self.client.call("list", &StorePath::ROOT);
        let mut url = self.client.container.url().clone();
        let include = format!("{FACTS}{}", question.also);
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs([
                ("restype", "container"),
                ("comp", "list"),
                ("include", &include),
            ]);
            for (name, value) in [("prefix", question.prefix.as_str()), ("marker", marker)] {
                if !value.is_empty() {
                    query.append_pair(name, value);
                }
            }
            if question.by_folder {
                query.append_pair("delimiter", "/");
            }
            if let Some(most) = most {
                query.append_pair("maxresults", &most.to_string());
            }
        }
        let mut request = self.client.request(url, Method::Get);
        let answer = call.send(&mut request, &[200]).await?;
        Page::read(answer.body()).map_err(|error| call.failure().source(error).integrity())
    }

    /// All below a prefix that is a folder, in the order of bytes.
    pub(super) fn below(&self, prefix: &StorePath) -> BoxStream<'_, Result<ObjectMeta>> {
        let prefix = folder(prefix);
        stream::once(async move {
            match self.is_hierarchical().await {
                true => self.walk(prefix).boxed(),
                false => self.flat(prefix).boxed(),
            }
        })
        .flatten()
        .boxed()
    }

    fn flat(&self, prefix: String) -> impl Stream<Item = Result<ObjectMeta>> + Send + '_ {
        let question = Question {
            prefix,
            ..Question::default()
        };
        self.ordered(question)
            .try_filter_map(|item| async { self.object(item) })
    }

    /// All items in the order of bytes, as far as the service lists in such an order.
    fn ordered(&self, question: Question) -> BoxStream<'_, Result<Item>> {
        let mut last = String::new();
        self.pages(question)
            .map_ok(move |items| stream::iter(self.in_order(items, &mut last)))
            .try_flatten()
            .boxed()
    }

    /// Pages may be ordered by other units than bytes: each is put in order, and must follow the one before.
    fn in_order(&self, mut items: Vec<Item>, last: &mut String) -> Vec<Result<Item>> {
        items.sort_by(|a, b| a.name.cmp(&b.name));
        let follows = items.first().is_none_or(|first| first.name > *last);
        if let Some(end) = items.last() {
            last.clone_from(&end.name);
        }
        let wrong = (!follows).then(|| {
            Err(Failure::new("list", self.client.name.clone())
                .source("the account lists in another order than that of names")
                .advice("set `hierarchical = true` for accounts with real folders")
                .other())
        });
        wrong.into_iter().chain(items.into_iter().map(Ok)).collect()
    }

    /// The same level by level, for accounts that list by folders: holds the names of the folders on its way.
    fn walk(&self, prefix: String) -> impl Stream<Item = Result<ObjectMeta>> + Send + '_ {
        let first = VecDeque::from([Item {
            name: prefix,
            ..Item::default()
        }]);
        stream::try_unfold(vec![first], async move |mut levels| {
            loop {
                let Some(level) = levels.last_mut() else {
                    return Ok(None);
                };
                match level.pop_front() {
                    None => {
                        levels.pop();
                    }
                    Some(Item {
                        name, facts: None, ..
                    }) => levels.push(self.level(name).await?),
                    Some(item) => match self.object(item) {
                        Ok(None) => {}
                        Ok(Some(meta)) => return Ok(Some((Ok(meta), levels))),
                        Err(error) => return Ok(Some((Err(error), levels))),
                    },
                }
            }
        })
        .map(|item: Result<Result<ObjectMeta>>| item?)
    }

    async fn level(&self, prefix: String) -> Result<VecDeque<Item>> {
        let question = Question {
            prefix,
            by_folder: true,
            also: "",
        };
        let mut items: Vec<_> = self.pages(question).try_concat().await?;
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(items.into())
    }

    /// What lies directly in a folder.
    pub(super) fn entries(&self, path: &StorePath) -> BoxStream<'_, Result<Entry>> {
        let question = Question {
            prefix: folder(path),
            by_folder: true,
            also: "",
        };
        stream::once(async move {
            let items = match self.is_hierarchical().await {
                true => stream::once(self.level(question.prefix))
                    .map_ok(|items| stream::iter(items).map(Ok))
                    .try_flatten()
                    .boxed(),
                false => self.ordered(question),
            };
            items.try_filter_map(|item| async { self.entry(item) })
        })
        .flatten()
        .boxed()
    }

    fn entry(&self, item: Item) -> Result<Option<Entry>> {
        match item.facts {
            Some(_) => Ok(self.object(item)?.map(Entry::Object)),
            None => {
                let name = item.name.strip_suffix('/').unwrap_or(&item.name);
                self.path(name).map(|path| Some(Entry::Folder(path)))
            }
        }
    }

    /// The object of a line, where it is one's that may be seen.
    fn object(&self, item: Item) -> Result<Option<ObjectMeta>> {
        let Some(facts) = item.facts else {
            return Ok(None);
        };
        let marker = facts.size == 0 && item.name.ends_with('/');
        if marker || item.name.split('/').any(is_ours) {
            return Ok(None);
        }
        let path = self.path(&item.name)?;
        Ok(match facts.found(path) {
            Found::Object(mut meta) => {
                if let Some(snapshot) = item.snapshot {
                    meta.version = Some(format!("{SNAPSHOT}{snapshot}"));
                }
                Some(*meta)
            }
            Found::Nothing => None,
        })
    }

    fn path(&self, name: &str) -> Result<StorePath> {
        StorePath::new(name).map_err(|error| {
            let target = format!("{}/{}", self.client.name, name.escape_debug());
            Failure::new("list", target)
                .source(error)
                .advice("it can only be reached by other programs")
                .invalid_input()
        })
    }

    /// Versions and snapshots of one object, the newest first.
    pub(super) fn versions(&self, path: &StorePath) -> BoxStream<'_, Result<ObjectMeta>> {
        let question = Question {
            prefix: path.as_str().to_owned(),
            by_folder: true,
            also: ",snapshots,versions",
        };
        let wanted = path.clone();
        stream::once(async move {
            let mut found = Vec::new();
            let mut pages = std::pin::pin!(self.pages(question));
            while let Some(items) = pages.try_next().await? {
                let wanted = items
                    .into_iter()
                    .filter(|item| item.name == wanted.as_str());
                for item in wanted {
                    found.extend(self.object(item)?);
                }
            }
            // Those without a name of their own are what the object is now.
            let age = |meta: &ObjectMeta| {
                let version = meta.version.clone();
                version.map(|text| text.trim_start_matches(SNAPSHOT).to_owned())
            };
            found.sort_by(|a, b| match (age(a), age(b)) {
                (Some(a), Some(b)) => b.cmp(&a),
                (a, b) => a.is_some().cmp(&b.is_some()),
            });
            Ok::<_, Error>(stream::iter(found).map(Ok))
        })
        .try_flatten()
        .boxed()
    }
}

/// How versions are told that are snapshots.
pub(super) const SNAPSHOT: &str = "snapshot:";

fn folder(path: &StorePath) -> String {
    match path.is_root() {
        true => String::new(),
        false => format!("{path_text}/", path_text = path.as_str()),
    }
}
