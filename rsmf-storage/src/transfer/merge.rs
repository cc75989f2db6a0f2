//! Two folders side by side.

use std::cmp::Ordering;

use futures_util::{Stream, StreamExt, future, stream};
use rsmf_core::{
    Failure, Result,
    integration::{BoxStream, ObjectMeta},
};

use super::{Filter, Place};

/// What lies at one path below two folders.
#[derive(Debug)]
pub(super) struct Pair {
    /// The path from both folders.
    pub(super) path: String,
    pub(super) from: Option<ObjectMeta>,
    pub(super) to: Option<ObjectMeta>,
}

/// Which of the folders could not be listed whole.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) error: rsmf_core::Error,
}

type Listed<'a> = BoxStream<'a, Result<(String, ObjectMeta)>>;
type Item = Result<Pair, Broken>;

/// Walks through two folders in step, holding one object of each: both listings are ordered by path.
pub(super) fn merge<'a>(
    from: &'a Place,
    to: &'a Place,
    filter: &'a Filter,
) -> impl Stream<Item = Item> + Send + 'a {
    let sides = Sides {
        from: Side::new(listed(from, filter)),
        to: Side::new(listed(to, filter)),
    };
    stream::unfold(sides, async |mut sides| {
        let item = sides.next().await?;
        Some((item, sides))
    })
}

fn listed<'a>(place: &'a Place, filter: &'a Filter) -> Listed<'a> {
    let below = |meta: ObjectMeta| {
        let rest = meta.path.as_str().strip_prefix(place.path.as_str());
        let rest = rest.unwrap_or_default().trim_start_matches('/').to_owned();
        (rest, meta)
    };
    place
        .storage
        .list(&place.path)
        .map(move |item| item.map(below))
        .filter(|item| {
            let taken = |(path, _): &(String, ObjectMeta)| !path.is_empty() && filter.takes(path);
            future::ready(item.as_ref().map_or(true, taken))
        })
        .fuse()
        .boxed()
}

/// One of the folders, and the object that it has come to.
struct Side<'a> {
    stream: Listed<'a>,
    next: Option<(String, ObjectMeta)>,
    last: String,
}

impl<'a> Side<'a> {
    fn new(stream: Listed<'a>) -> Self {
        Self {
            stream,
            next: None,
            last: String::new(),
        }
    }

    /// Goes to the next object, if the one before was taken.
    async fn fill(&mut self) -> Result<()> {
        if self.next.is_some() {
            return Ok(());
        }
        if let Some(item) = self.stream.next().await {
            let (path, meta) = item?;
            // Out of order, something that is there would seem to be missing.
            if path <= self.last {
                return Err(Failure::new("list", meta.path.to_string())
                    .source(format!("it comes after {:?}, out of order", self.last))
                    .integrity());
            }
            self.last.clone_from(&path);
            self.next = Some((path, meta));
        }
        Ok(())
    }
}

struct Sides<'a> {
    from: Side<'a>,
    to: Side<'a>,
}

impl Sides<'_> {
    async fn next(&mut self) -> Option<Item> {
        let filled = future::join(self.from.fill(), self.to.fill()).await;
        if let (Err(error), _) | (_, Err(error)) = filled {
            return Some(Err(Broken { error }));
        }
        let order = match (&self.from.next, &self.to.next) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((from, _)), Some((to, _))) => from.cmp(to),
        };
        let from = self.from.next.take_if(|_| order.is_le());
        let to = self.to.next.take_if(|_| order.is_ge());
        let path = from.as_ref().or(to.as_ref()).map(|(path, _)| path.clone());
        Some(Ok(Pair {
            path: path.unwrap_or_default(),
            from: from.map(|(_, meta)| meta),
            to: to.map(|(_, meta)| meta),
        }))
    }
}
