//! The messages of one conversation as a stream of batches.
//!
//! Files are read and mapped ahead, some at a time and on all threads, but delivered in their
//! order. A file of moderate size is sorted as a whole; a large one is streamed and sorted as far
//! as a bounded number of messages allows.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Result,
    integration::{Batch, BoxStream},
    workers::{Budget, Workers},
};

use super::{
    amendments,
    contents::Contents,
    layout::is_loose,
    order::{Reorder, Sequencer, sort},
    pump::Pump,
    scene::{Item, Mapping, Scene},
};
use crate::Limits;

/// Where the bytes come from, and who works on them.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) contents: Contents,
    pub(crate) workers: Workers,
    pub(crate) limits: Arc<Limits>,
}

/// The messages of the scene's conversation.
pub(crate) fn messages(input: Input, scene: Scene) -> BoxStream<'static, Result<Batch>> {
    let start = async move {
        let scene = Arc::new(scene);
        let (found, contents) = amendments::find(&input, &scene).await?;
        let input = Input { contents, ..input };
        let scene = Arc::new(Scene {
            layout: scene.layout.clone(),
            files: scene.files.clone(),
            conversation: scene.conversation,
            amendments: found,
        });
        let sequencer = Sequencer::new(scene.clone(), input.limits.remembered_ids);
        let workers = input.workers.clone();
        let state = Some((items(input, scene), sequencer));
        let batches = stream::try_unfold(state, move |state| next(workers.clone(), state));
        Ok::<_, rsmf_core::Error>(batches)
    };
    Box::pin(stream::once(start).try_flatten())
}

type Items = BoxStream<'static, Result<Vec<Item>>>;
/// What is still to come; nothing, once the items have ended.
type State = Option<(Items, Sequencer)>;

async fn next(workers: Workers, state: State) -> Result<Option<(Batch, State)>> {
    let Some((mut items, mut sequencer)) = state else {
        return Ok(None);
    };
    loop {
        if let Some(batch) = sequencer.pop() {
            return Ok(Some((batch, Some((items, sequencer)))));
        }
        let more = items.try_next().await?;
        let ended = more.is_none();
        sequencer = advance(&workers, sequencer, more).await?;
        if ended {
            return Ok(sequencer.pop().map(|batch| (batch, rest(sequencer))));
        }
    }
}

/// Hands the next items over, or says that there are no more.
async fn advance(
    workers: &Workers,
    mut sequencer: Sequencer,
    more: Option<Vec<Item>>,
) -> Result<Sequencer> {
    let heavy = sequencer.has_orphans();
    let job = move || {
        let done = match more {
            Some(items) => sequencer.push(items),
            None => sequencer.finish(),
        };
        done.map(|()| sequencer)
    };
    // Only mapping is worth a trip to another thread.
    match heavy {
        true => workers.run(job).await?,
        false => job(),
    }
}

/// The batches that are left after the last item.
fn rest(sequencer: Sequencer) -> State {
    Some((Box::pin(stream::empty()), sequencer))
}

/// The items of all files, file by file.
fn items(input: Input, scene: Arc<Scene>) -> Items {
    let files = scene.conversation().map(|one| one.files.clone());
    let ahead = ahead(&input.workers, &scene);
    let share = Budget::new(bytes_ahead(&input.workers, &scene)).share();
    let files = stream::iter(files.unwrap_or_default().into_iter().enumerate());
    let outputs = share
        .clone()
        .limit(files)
        .map(move |(number, entry)| {
            let size = input.contents.entry(entry).map_or(0, |entry| entry.size);
            let held = share.hold(usize::try_from(size).unwrap_or(usize::MAX));
            let workers = input.workers.clone();
            let file = file(input.clone(), scene.clone(), number, entry);
            async move {
                // A connection is not held while nobody asks for more.
                let items = workers.begin(file).await??;
                // Until the last item is taken.
                Ok::<_, rsmf_core::Error>(held.during(items))
            }
        })
        .buffered(ahead);
    Box::pin(outputs.try_flatten())
}

/// How many files are read and parsed ahead: as many as keep all threads busy, but that other conversations are
/// driven meanwhile, each with its own.
fn ahead(workers: &Workers, scene: &Scene) -> usize {
    /// Of one conversation among others.
    const AMONG_OTHERS: usize = 4;
    let all = workers.threads() + 1;
    match workers.drives() && scene.layout.conversations.len() > 1 {
        true => all.min(AMONG_OTHERS),
        false => all,
    }
}

/// How many bytes, as JSON, the files have that are read and parsed ahead: few where other conversations, or nothing
/// else, can use the threads meanwhile. A file that is larger is alone.
fn bytes_ahead(workers: &Workers, scene: &Scene) -> usize {
    const FEW: usize = 2 << 20;
    match workers.threads() > 1 && scene.layout.conversations.len() <= 1 {
        true => usize::MAX,
        false => FEW,
    }
}

/// The items of one file: already there for one of moderate size, else as they are asked for.
async fn file(input: Input, scene: Arc<Scene>, number: usize, entry: usize) -> Result<Items> {
    let found = input.contents.entry(entry);
    let (path, size) = found.map_or(("", 0), |entry| (entry.path, entry.size));
    let mapping = Mapping::new(scene, path, number);
    let meter = input.contents.clone();
    let bytes = input.contents.take(entry);
    let metered = bytes.inspect_ok(move |bytes| meter.pass(bytes.len() as u64));
    let pump = Pump::new(Box::pin(metered), input.limits.max_record_bytes);
    if size > input.limits.sort_bytes {
        return Ok(streamed(input, pump, mapping));
    }
    let items = whole(input, pump, mapping).await?;
    Ok(Box::pin(stream::once(async { Ok(items) })))
}

async fn whole(input: Input, mut pump: Pump, mapping: Mapping) -> Result<Vec<Item>> {
    let mut mapping = pump.drain(&input.workers, mapping).await?;
    if let Some(damage) = pump.damage() {
        mapping.add_damage(damage);
    }
    let mut items = mapping.take()?;
    let is_chat = items.iter().any(|item| item.what.is_ok());
    if !is_chat && !items.is_empty() && pump.damage().is_none() && is_loose(mapping.path()) {
        items = vec![mapping.disown(&items)];
    }
    sort(&mut items);
    Ok(items)
}

fn streamed(input: Input, pump: Pump, mapping: Mapping) -> Items {
    let limits = &input.limits;
    let max_bytes = usize::try_from(limits.sort_bytes).unwrap_or(usize::MAX);
    let reorder = Reorder::new(limits.sort_messages, max_bytes);
    let state = Some((pump, mapping, reorder));
    Box::pin(stream::try_unfold(state, move |state| {
        let workers = input.workers.clone();
        async move {
            let Some((mut pump, mapping, mut reorder)) = state else {
                return Ok(None);
            };
            let (mut mapping, more) = pump.step(&workers, mapping).await?;
            if more {
                let items = reorder.push(mapping.take()?);
                return Ok(Some((items, Some((pump, mapping, reorder)))));
            }
            if let Some(damage) = pump.damage() {
                mapping.add_damage(damage);
            }
            let mut items = reorder.push(mapping.take()?);
            items.extend(reorder.finish());
            Ok(Some((items, None)))
        }
    }))
}
