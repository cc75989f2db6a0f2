//! Listing folder by folder, holding no more than what lies in the folders on the way.

use std::{collections::HashSet, sync::Arc, time::Duration, vec};

use backon::{ConstantBuilder, Retryable};
use futures_util::{StreamExt, stream};
use rsmf_core::{
    Error, Kind, Result,
    integration::{BoxStream, Entry, ObjectMeta, StorePath},
};
use tokio::time::sleep;

use super::{
    find::{Answer, Depth, Found},
    href, props,
    session::Session,
    xml::Resource,
};
use crate::names;

/// How often a listing that breaks off is asked for again. The client cannot do that: an answer that it takes in as a
/// whole lies in memory, and folders may be large.
const RETRIES: usize = 3;

/// The shortest pause before that; the longest is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// Trees with more entries are listed folder by folder.
const TREE: usize = 10_000;

/// Something in a folder.
enum Node {
    Object(ObjectMeta),
    Folder(StorePath),
    /// What has a name that is none here.
    Wrong(Error),
}

impl Node {
    /// What it is sorted by: a folder's objects have a slash after its name.
    fn key(&self) -> String {
        match self {
            Self::Object(meta) => meta.path.as_str().to_owned(),
            Self::Folder(path) => format!("{}/", path.as_str()),
            Self::Wrong(_) => String::new(),
        }
    }
}

/// What an answer says about what lies below a path.
#[derive(Default)]
struct Listed {
    /// What the path itself is, where it is an object.
    itself: Option<ObjectMeta>,
    nodes: Vec<Node>,
}

/// What keeps a folder from being listed.
enum Trouble {
    /// Something in the answer, which began well.
    InAnswer(Error),
    /// Anything else: what may pass was tried again.
    Final(Error),
}

impl Trouble {
    /// Apache breaks off where something goes while it is listed.
    fn broke_off(&self) -> bool {
        matches!(self, Self::InAnswer(error) if error.kind() == Kind::Unavailable)
    }

    fn into_inner(self) -> Error {
        match self {
            Self::InAnswer(error) | Self::Final(error) => error,
        }
    }
}

impl Session {
    async fn ask(&self, path: &StorePath, as_folder: bool, depth: Depth) -> Result<Answer> {
        let url = match as_folder || path.is_root() {
            true => self.folder_url(path),
            false => self.url(path),
        };
        self.find("list", path, url, depth, self.usual()).await
    }

    /// What lies directly in a folder, in order.
    async fn children(&self, path: &StorePath, as_folder: bool) -> Result<Listed> {
        let pauses = ConstantBuilder::new()
            .with_delay(PAUSE)
            .with_max_times(RETRIES)
            .with_jitter();
        let listed = (|| self.children_once(path, as_folder))
            .retry(pauses)
            .sleep(sleep)
            .when(Trouble::broke_off)
            .notify(|_, _| tracing::warn!("a listing broke off; asking for it again"));
        listed.await.map_err(Trouble::into_inner)
    }

    async fn children_once(&self, path: &StorePath, as_folder: bool) -> Result<Listed, Trouble> {
        let asked = self.ask(path, as_folder, Depth::Children).await;
        let mut answer = asked.map_err(Trouble::Final)?;
        let mut listed = Listed::default();
        while let Some(resource) = self
            .next("list", path, &mut answer)
            .await
            .map_err(Trouble::InAnswer)?
        {
            let sorted = self.sort_in(path, &resource, &mut listed);
            sorted.map_err(Trouble::Final)?;
        }
        listed.nodes.sort_by_cached_key(Node::key);
        Ok(listed)
    }

    fn sort_in(&self, path: &StorePath, resource: &Resource, listed: &mut Listed) -> Result<()> {
        let found = match href::below(&self.root, &resource.href) {
            Ok(found) => found,
            Err(error) => {
                listed.nodes.push(Node::Wrong(error));
                return Ok(());
            }
        };
        if !found.is_within(path) {
            return Err(self
                .failure("list", path)
                .source(format!(
                    "the server speaks of {found}, which lies elsewhere"
                ))
                .other());
        }
        let below = found.as_str().strip_prefix(path.as_str());
        if below.unwrap_or_default().split('/').any(names::is_ours) {
            return Ok(());
        }
        let is_folder = props::is_folder(resource);
        if found == *path {
            if !is_folder {
                listed.itself = Some(props::meta(found, resource)?);
            }
            return Ok(());
        }
        listed.nodes.push(match is_folder {
            true => Node::Folder(found),
            false => props::meta(found, resource).map_or_else(Node::Wrong, Node::Object),
        });
        Ok(())
    }

    /// Everything below a path in one answer, in order; `None` where that is not to be had.
    async fn tree(&self, path: &StorePath) -> Result<Option<Listed>> {
        let mut answer = match self.ask(path, false, Depth::Everything).await {
            Ok(answer) => answer,
            Err(error) if error.kind() == Kind::NotFound => return Err(error),
            Err(_) => return Ok(None),
        };
        let mut listed = Listed::default();
        loop {
            match self.next("list", path, &mut answer).await {
                Ok(Some(resource)) => self.sort_in(path, &resource, &mut listed)?,
                Ok(None) => break,
                // Folder by folder, it is asked for again where it breaks off.
                Err(error) if error.kind() == Kind::Unavailable => return Ok(None),
                Err(error) => return Err(error),
            }
            if listed.nodes.len() > TREE {
                return Ok(None);
            }
        }
        drop_known_folders(&mut listed.nodes);
        listed.nodes.sort_by_cached_key(Node::key);
        Ok(Some(listed))
    }
}

/// Takes out the folders whose content is there. Others may be empty, or the server has left out what is
/// in them: they are asked for.
fn drop_known_folders(nodes: &mut Vec<Node>) {
    let parent = |path: &StorePath| {
        let (parent, _) = path.as_str().rsplit_once('/').unwrap_or_default();
        parent.to_owned()
    };
    let known: HashSet<_> = nodes
        .iter()
        .filter_map(|node| match node {
            Node::Object(meta) => Some(parent(&meta.path)),
            Node::Folder(path) => Some(parent(path)),
            Node::Wrong(_) => None,
        })
        .collect();
    nodes.retain(|node| !matches!(node, Node::Folder(path) if known.contains(path.as_str())));
}

/// A listing under way.
struct Walk {
    session: Arc<Session>,
    start: Option<StorePath>,
    levels: Vec<vec::IntoIter<Node>>,
}

impl Walk {
    async fn next(&mut self) -> Option<Result<ObjectMeta>> {
        if let Some(prefix) = self.start.take() {
            match self.begin(&prefix).await {
                Ok(listed) => {
                    self.levels.push(listed.nodes.into_iter());
                    if let Some(object) = listed.itself {
                        return Some(Ok(object));
                    }
                }
                Err(error) if error.kind() == Kind::NotFound => return None,
                Err(error) if self.session.is_below_object(&prefix, &error).await => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        loop {
            match self.levels.last_mut()?.next() {
                Some(Node::Object(meta)) => return Some(Ok(meta)),
                Some(Node::Wrong(error)) => return Some(Err(error)),
                Some(Node::Folder(path)) => match self.session.children(&path, true).await {
                    Ok(listed) => self.levels.push(listed.nodes.into_iter()),
                    // Somebody has removed it in the meantime.
                    Err(error) if error.kind() == Kind::NotFound => {}
                    Err(error) => return Some(Err(error)),
                },
                None => {
                    self.levels.pop();
                }
            }
        }
    }

    async fn begin(&self, prefix: &StorePath) -> Result<Listed> {
        if self.session.infinite_depth
            && let Some(listed) = self.session.tree(prefix).await?
        {
            return Ok(listed);
        }
        self.session.children(prefix, false).await
    }
}

/// Everything below a prefix, ordered by path.
pub(super) fn list<'a>(
    session: &Arc<Session>,
    prefix: &StorePath,
) -> BoxStream<'a, Result<ObjectMeta>> {
    let walk = Walk {
        session: Arc::clone(session),
        start: Some(prefix.clone()),
        levels: Vec::new(),
    };
    stream::unfold(walk, |mut walk| async move {
        let item = walk.next().await?;
        Some((item, walk))
    })
    .boxed()
}

/// What lies directly in a folder, ordered by path.
pub(super) fn list_folder<'a>(
    session: &Arc<Session>,
    folder: &StorePath,
) -> BoxStream<'a, Result<Entry>> {
    let (session, folder) = (Arc::clone(session), folder.clone());
    stream::once(async move {
        let nodes = match session.children(&folder, true).await {
            Ok(listed) => listed.nodes,
            Err(error) if error.kind() == Kind::NotFound => Vec::new(),
            // Some servers say so where the folder is an object.
            Err(error) if error.kind() == Kind::InvalidInput => {
                match session.look("list", &folder).await {
                    Ok(None | Some(Found::Object(_))) => Vec::new(),
                    _ => vec![Node::Wrong(error)],
                }
            }
            Err(error) => vec![Node::Wrong(error)],
        };
        let entries = nodes.into_iter().map(|node| match node {
            Node::Object(meta) => Ok(Entry::Object(meta)),
            Node::Folder(path) => Ok(Entry::Folder(path)),
            Node::Wrong(error) => Err(error),
        });
        stream::iter(entries)
    })
    .flatten()
    .boxed()
}

impl Session {
    /// Whether nothing at all lies in a folder, not even what is never listed.
    ///
    /// # Errors
    /// [`NotFound`](rsmf_core::Error::NotFound) where it is none.
    pub(super) async fn is_empty_folder(&self, folder: &StorePath) -> Result<bool> {
        let mut answer = self.ask(folder, true, Depth::Children).await?;
        let mut count = 0;
        while let Some(resource) = self.next("list", folder, &mut answer).await? {
            count += 1;
            if !props::is_folder(&resource) {
                return Ok(false);
            }
        }
        Ok(count <= 1)
    }
}
