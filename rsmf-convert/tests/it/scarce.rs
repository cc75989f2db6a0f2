//! Conversations that are read ahead, and what they wait for together.

use std::{
    num::NonZeroUsize,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_trait::async_trait;
use futures::{executor::block_on, lock::Mutex};
use rsmf_convert::{Converter, Options, Silent};
use rsmf_core::{
    Result,
    integration::{
        Fetch, FileContent, FileFetcher, Integration, IntegrationInfo, Link, SourceFile,
        SourceMessage, Storage,
        testing::{MemoryChatSource, MemoryFetcher, MemoryStorage},
    },
    workers::Workers,
};

use crate::{
    harness::{channel, items, message, source},
    resume::content,
};

/// Fetches one file at a time, however many are asked for, and takes its time.
#[derive(Debug)]
struct OneAtATime(MemoryFetcher, Mutex<()>);

#[async_trait]
impl Integration for OneAtATime {
    fn info(&self) -> &IntegrationInfo {
        self.0.info()
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl FileFetcher for OneAtATime {
    async fn fetch(&self, file: &SourceFile) -> Result<Fetch> {
        let _place = self.1.lock().await;
        for _ in 0..5 {
            Later(false).await;
        }
        self.0.fetch(file).await
    }

    fn parallel(&self) -> usize {
        4
    }
}

/// Is ready when it is asked again.
struct Later(bool);

impl Future for Later {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A message with a file that every conversation has.
fn linking(day: usize) -> SourceMessage {
    let mut message = message("U1", &format!("2024-01-{day:02}T10:00:00"), "see file");
    let (id, address) = (format!("F{day}"), format!("https://a.example/F{day}"));
    let content = FileContent::Linked {
        link: Link::new(address.clone(), address),
        why: "the export holds only a link".to_owned(),
    };
    message
        .files
        .push(SourceFile::new(&id, format!("{id}.bin"), content));
    message
}

fn chat() -> MemoryChatSource {
    (0..6).fold(source(), |chat, number| {
        let name = format!("number-{number}");
        let all = items((1..=25).map(linking));
        chat.conversation(channel(&format!("C{number}"), &name), all)
    })
}

fn fetcher() -> OneAtATime {
    let files = (1..=25).fold(MemoryFetcher::new(), |files, day| {
        // Enough of them fill the place for what waits to be written.
        files.file(format!("F{day}"), noise(day, 300_000))
    });
    OneAtATime(files, Mutex::default())
}

/// Bytes that hardly compress.
fn noise(seed: usize, length: usize) -> Vec<u8> {
    let mut state = seed as u32 | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn who_is_ahead_holds_nothing_that_others_need() {
    let convert = |workers: Workers| {
        let output = MemoryStorage::new();
        let storage = Arc::new(output.clone()) as Arc<dyn Storage>;
        let converter = Converter::new(
            Arc::new(chat()),
            storage,
            workers.clone(),
            Options::default(),
        );
        let converter = converter.unwrap().fetching(Arc::new(fetcher()));
        let report = block_on(workers.lend_a_hand(converter.run(&Silent))).unwrap();
        assert_eq!(report.downloads.unwrap().fetched, 6 * 25);
        content(&output)
    };
    let threads = |threads| NonZeroUsize::new(threads).unwrap();
    let expected = convert(Workers::in_place());
    for number in [2, 4] {
        let driving = Workers::with_caller(threads(number), |work| work()).unwrap();
        assert!(convert(driving) == expected, "{number}");
        assert!(convert(Workers::new(threads(number)).unwrap()) == expected);
    }
}
