//! The order of items: within a file that is streamed, and within the conversation.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
};

use rsmf_core::{
    Result, UtcTime,
    integration::{Exception, Place, Reason, Severity, SourceItem, SourceMessage},
};

use super::scene::{Item, Scene};

/// Most items of a batch.
const BATCH_ITEMS: usize = 512;
/// Most bytes of a batch, roughly: by the size of its records as JSON.
const BATCH_BYTES: usize = 1 << 20;

/// Puts items that are nearly in order into order, holding back some of them.
#[derive(Debug)]
pub(crate) struct Reorder {
    heap: BinaryHeap<Earliest>,
    max_items: usize,
    max_bytes: usize,
    bytes: usize,
}

impl Reorder {
    pub(crate) fn new(max_items: usize, max_bytes: usize) -> Self {
        Self {
            heap: BinaryHeap::new(),
            max_items,
            max_bytes,
            bytes: 0,
        }
    }

    /// Takes items and gives the earliest ones, as far as it holds too many.
    pub(crate) fn push(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut out = Vec::new();
        for item in items {
            self.bytes += item.size;
            self.heap.push(Earliest(item));
            while self.heap.len() > self.max_items || self.bytes > self.max_bytes {
                let Some(Earliest(item)) = self.heap.pop() else {
                    break;
                };
                self.bytes -= item.size;
                out.push(item);
            }
        }
        out
    }

    /// Gives what is left.
    pub(crate) fn finish(self) -> Vec<Item> {
        let mut items: Vec<Item> = self.heap.into_iter().map(|Earliest(item)| item).collect();
        sort(&mut items);
        items
    }
}

/// By time, then as in the source.
pub(crate) fn sort(items: &mut [Item]) {
    items.sort_by_key(|item| (item.time, item.order));
}

/// An item that compares as greater the earlier it is, for [`BinaryHeap`] gives the greatest.
#[derive(Debug)]
struct Earliest(Item);

impl Ord for Earliest {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.0.time, other.0.order).cmp(&(self.0.time, self.0.order))
    }
}

impl PartialOrd for Earliest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Earliest {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Earliest {}

/// Takes the items of a conversation in order and makes batches of them: tells repeated records
/// and ids, and puts in the messages that only their changes tell of.
#[derive(Debug)]
pub(crate) struct Sequencer {
    scene: Arc<Scene>,
    orphans: VecDeque<UtcTime>,
    seen: Seen,
    batch: Vec<SourceItem>,
    batch_bytes: usize,
    ready: VecDeque<Vec<SourceItem>>,
}

impl Sequencer {
    pub(crate) fn new(scene: Arc<Scene>, remembered_ids: usize) -> Self {
        let orphans = scene.amendments.as_ref().map(|known| known.orphans());
        Self {
            scene,
            orphans: orphans.unwrap_or_default().into(),
            seen: Seen::new(remembered_ids),
            batch: Vec::new(),
            batch_bytes: 0,
            ready: VecDeque::new(),
        }
    }

    /// Whether messages are still to be mapped that only their changes tell of.
    pub(crate) fn has_orphans(&self) -> bool {
        !self.orphans.is_empty()
    }

    /// Takes the next items.
    pub(crate) fn push(&mut self, items: Vec<Item>) -> Result<()> {
        for item in items {
            self.add_orphans(item.time)?;
            let size = item.size;
            let next = match item.what {
                Ok(message) => self.seen.judge(message, item.hash),
                Err(exception) => SourceItem::Lost(exception),
            };
            self.add(next, size);
        }
        Ok(())
    }

    /// Says that there are no more items.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.add_orphans(UtcTime::MAX)?;
        self.close_batch();
        Ok(())
    }

    /// The next full batch.
    pub(crate) fn pop(&mut self) -> Option<Vec<SourceItem>> {
        self.ready.pop_front()
    }

    fn add_orphans(&mut self, until: UtcTime) -> Result<()> {
        while let Some(time) = self.orphans.pop_front_if(|time| *time <= until) {
            let Some(amendments) = &self.scene.amendments else {
                return Ok(());
            };
            if let Some(message) = amendments.orphan(time, &self.scene)? {
                let item = self.seen.judge(message, 0);
                self.add(item, 0);
            }
        }
        Ok(())
    }

    fn add(&mut self, item: SourceItem, size: usize) {
        self.batch.push(item);
        self.batch_bytes += size;
        if self.batch.len() >= BATCH_ITEMS || self.batch_bytes >= BATCH_BYTES {
            self.close_batch();
        }
    }

    fn close_batch(&mut self) {
        self.batch_bytes = 0;
        if !self.batch.is_empty() {
            self.ready.push_back(std::mem::take(&mut self.batch));
        }
    }
}

/// The latest messages of a conversation, to tell when one comes again.
#[derive(Debug)]
struct Seen {
    /// Their times and the hashes of their records, by time. Messages come nearly in order, so that they are added at
    /// the end; a sorted queue takes a quarter of the memory of a map.
    messages: VecDeque<(UtcTime, u64)>,
    max: usize,
}

impl Seen {
    fn new(max: usize) -> Self {
        Self {
            messages: VecDeque::new(),
            max,
        }
    }

    /// A record that is there twice is told once; another one with the same id gets one of its own.
    fn judge(&mut self, mut message: Box<SourceMessage>, hash: u64) -> SourceItem {
        let time = message.time;
        let start = self.messages.partition_point(|(other, _)| *other < time);
        let same_time = self.messages.range(start..);
        let same_time = same_time.take_while(|(other, _)| *other == time);
        let mut before = 0;
        for (_, other) in same_time {
            if *other == hash {
                return SourceItem::Lost(repeated(&message));
            }
            before += 1;
        }
        let forgotten = self.make_room();
        let place = (start + before).saturating_sub(forgotten);
        self.messages.insert(place, (time, hash));
        if before > 0
            && let Some(id) = message.event.id.take()
        {
            message.notes.push(duplicate(&message.place, &id));
            message.event.id = Some(format!("{id}-{}", before + 1));
        }
        SourceItem::Message(message)
    }

    /// Forgets the messages of the earliest time, where there are as many as may be; tells how many.
    /// They go together, for they are counted.
    fn make_room(&mut self) -> usize {
        let earliest = match self.messages.front() {
            Some((earliest, _)) if self.messages.len() >= self.max => *earliest,
            _ => return 0,
        };
        let count = self.messages.partition_point(|(time, _)| *time == earliest);
        self.messages.drain(..count).count()
    }
}

fn repeated(message: &SourceMessage) -> Exception {
    let detail = "the same record, to the last byte, is in the conversation already";
    let (severity, reason) = (Severity::Warning, Reason::Repeated);
    let exception = Exception::new(severity, reason, message.place.clone(), detail).instead_of(1);
    match &message.event.id {
        Some(id) => exception.of_message(id),
        None => exception,
    }
}

fn duplicate(place: &Place, id: &str) -> Exception {
    let detail = "another message of the conversation has the same id: this one got its own";
    let (severity, reason) = (Severity::Warning, Reason::DuplicateId);
    Exception::new(severity, reason, place.clone(), detail).of_message(id)
}
