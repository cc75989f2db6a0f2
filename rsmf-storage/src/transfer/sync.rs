//! Everything below a folder.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{Stream, StreamExt};
use rsmf_core::{
    Error, Failure, Kind, Result,
    integration::{ObjectMeta, PutMode, StorePath},
};

use super::{
    Compare, CopyOptions, Filter, Place, alias,
    budget::Budget,
    copy::{copy_seen, remove_seen},
    merge::{Broken, Pair, merge},
    read::Seen,
};

/// Objects that are removed in one go.
const BATCH: usize = 500;

/// How to make a folder like another one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// Which of the objects in both folders are copied again.
    pub compare: Compare,
    /// What is looked at. The rest is neither copied nor removed.
    pub filter: Filter,
    /// Removes what is only in the second folder, once all is copied and nothing went wrong.
    pub delete: bool,
    /// Removes each original once it is copied; not together with `delete`.
    pub remove_source: bool,
    /// Only tells what it would do.
    pub dry_run: bool,
    /// Objects that are on their way at the same time, at the most: 16.
    pub parallel: usize,
    /// How each is copied. Its mode says what happens to an object that is there: with
    /// [`PutMode::Create`], it stays as it is.
    pub copy: CopyOptions,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            compare: Compare::default(),
            filter: Filter::default(),
            delete: false,
            remove_source: false,
            dry_run: false,
            parallel: 16,
            copy: CopyOptions::default(),
        }
    }
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is copied.
    Copy,
    /// It is removed from the second folder.
    Delete,
}

/// What happens, as it happens.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// So many bytes more are done.
    Bytes(u64),
    /// This will be done to an object of so many bytes; in a dry run, it would be.
    Planned(Action, &'a str, u64),
    /// This was done.
    Done(Action, &'a str),
    /// An object was as it should be.
    Same(&'a str),
    /// This could not be done, to an object or, where there is no name, at all. The rest goes on.
    Failed(Option<&'a str>, &'a Error),
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Objects that were copied; in a dry run, that would be. The others are counted so too.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that were as they should be.
    pub same: u64,
    /// Objects that were removed.
    pub deleted: u64,
    /// What went wrong.
    pub failed: u64,
}

/// Makes the folder `to` hold what the folder `from` does. What is there and as it should be stays, so that a call that
/// was interrupted is gone on with by the same call. `events` is told all that happens.
///
/// Both listings are walked through in step: memory does not grow with them.
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) where one folder lies in the other; where something shall be removed, this is
/// found out for stores with handles of their own too, by an empty object that stands in `to` for a moment. What goes wrong with single
/// objects is told and counted; nothing is removed then.
pub async fn sync(
    from: &Place,
    to: &Place,
    options: &SyncOptions,
    events: &(dyn Fn(Event<'_>) + Sync),
) -> Result<Summary> {
    if options.delete && options.remove_source {
        return Err(Failure::new("move", from.name())
            .source("what has been moved would look superfluous")
            .advice("remove what is superfluous before, by a call without `remove_source`")
            .invalid_input());
    }
    refuse_overlap(from, to, options).await?;
    let run = Run {
        from,
        to,
        options,
        events,
        budget: Budget::new(options.parallel),
        counts: Counts::default(),
    };
    run.each(run.pairs(), |pair| run.copy(pair)).await;
    if options.delete && run.counts.failed.load(Ordering::Relaxed) == 0 {
        run.delete().await;
    }
    Ok(run.counts.summary())
}

async fn refuse_overlap(from: &Place, to: &Place, options: &SyncOptions) -> Result<()> {
    let within = from.path.is_within(&to.path) || to.path.is_within(&from.path);
    let removes = (options.remove_source || options.delete) && !options.dry_run;
    match from.shares_store(to) {
        true if within => Err(alias::overlap(from, to)),
        false if removes => alias::refuse_overlap(from, to).await,
        _ => Ok(()),
    }
}

struct Run<'a> {
    from: &'a Place,
    to: &'a Place,
    options: &'a SyncOptions,
    events: &'a (dyn Fn(Event<'_>) + Sync),
    budget: Budget,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    copied: AtomicU64,
    bytes: AtomicU64,
    same: AtomicU64,
    deleted: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    fn summary(&self) -> Summary {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Summary {
            copied: get(&self.copied),
            bytes: get(&self.bytes),
            same: get(&self.same),
            deleted: get(&self.deleted),
            failed: get(&self.failed),
        }
    }
}

fn add(count: &AtomicU64, number: u64) {
    count.fetch_add(number, Ordering::Relaxed);
}

impl<'a> Run<'a> {
    fn pairs(&self) -> impl Stream<Item = Result<Pair, Broken>> + Send + use<'a> {
        merge(self.from, self.to, &self.options.filter)
    }

    /// Does something to each of the pairs, several at a time.
    async fn each<F: Future<Output = ()>>(
        &self,
        pairs: impl Stream<Item = Result<Pair, Broken>>,
        act: impl Fn(Pair) -> F,
    ) {
        let pairs = pairs.filter_map(async |item| match item {
            Ok(pair) => Some(pair),
            Err(Broken { error }) => {
                self.fail(None, &error);
                None
            }
        });
        pairs
            .for_each_concurrent(self.options.parallel.max(1), act)
            .await;
    }

    fn fail(&self, path: Option<&str>, error: &Error) {
        add(&self.counts.failed, 1);
        (self.events)(Event::Failed(path, error));
    }

    async fn copy(&self, pair: Pair) {
        let Some(meta) = pair.from else {
            return;
        };
        match self.copy_one(&pair.path, meta, pair.to).await {
            Ok(true) => {}
            Ok(false) => {
                add(&self.counts.same, 1);
                (self.events)(Event::Same(&pair.path));
            }
            Err(error) => self.fail(Some(&pair.path), &error),
        }
    }

    /// Copies, if there is something to copy.
    async fn copy_one(
        &self,
        path: &str,
        meta: ObjectMeta,
        there: Option<ObjectMeta>,
    ) -> Result<bool> {
        let _share = self.budget.take(meta.size).await?;
        let (from, to) = (self.from.join(path)?, self.to.join(path)?);
        if let Some(there) = &there {
            let stays = self.options.copy.put.mode == PutMode::Create;
            let compare = self.options.compare;
            if stays
                || compare
                    .is_same((&from, &meta), (&to, there), &self.options.copy)
                    .await?
            {
                return Ok(false);
            }
        }
        let size = meta.size;
        (self.events)(Event::Planned(Action::Copy, path, size));
        if !self.options.dry_run {
            self.transfer(&from, meta, &to).await?;
            (self.events)(Event::Done(Action::Copy, path));
        }
        add(&self.counts.copied, 1);
        add(&self.counts.bytes, size);
        Ok(true)
    }

    async fn transfer(&self, from: &Place, meta: ObjectMeta, to: &Place) -> Result<()> {
        let progress = |bytes| (self.events)(Event::Bytes(bytes));
        copy_seen(from, Seen::Listed(&meta), to, &self.options.copy, &progress).await?;
        match self.options.remove_source {
            true => remove_seen(from, &meta).await,
            false => Ok(()),
        }
    }

    /// Removes what is only in the second folder. Both are listed anew, so that nothing has to be remembered.
    async fn delete(&self) {
        let superfluous = self.pairs().map(|item| match item {
            Ok(pair) => Ok(pair.to.filter(|_| pair.from.is_none())),
            Err(broken) => Err(broken.error),
        });
        let mut batches = std::pin::pin!(superfluous.ready_chunks(BATCH));
        while let Some(batch) = batches.next().await {
            // From here on, something that is there may seem to be missing.
            let (whole, broken): (Vec<_>, Vec<_>) = batch.into_iter().partition(Result::is_ok);
            if let Some(Err(error)) = broken.into_iter().next() {
                return self.fail(None, &error);
            }
            let found: Vec<_> = whole.into_iter().flatten().flatten().collect();
            self.delete_batch(&found).await;
        }
    }

    async fn delete_batch(&self, found: &[ObjectMeta]) {
        let name = |meta: &ObjectMeta| {
            let name = meta.path.as_str().strip_prefix(self.to.path.as_str());
            name.unwrap_or_default().trim_start_matches('/').to_owned()
        };
        for meta in found {
            (self.events)(Event::Planned(Action::Delete, &name(meta), meta.size));
        }
        let results = match self.options.dry_run {
            true => found.iter().map(|_| Ok(())).collect(),
            false => {
                let paths: Vec<StorePath> = found.iter().map(|meta| meta.path.clone()).collect();
                self.to.storage.delete_many(&paths).await
            }
        };
        for (meta, result) in found.iter().zip(results) {
            match result {
                Err(error) if error.kind() != Kind::NotFound => {
                    self.fail(Some(&name(meta)), &error);
                }
                _ => {
                    add(&self.counts.deleted, 1);
                    (self.events)(Event::Done(Action::Delete, &name(meta)));
                }
            }
        }
    }
}
