use std::sync::Arc;

use bytes::Bytes;
use futures::executor::block_on;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::*;
use crate::{
    Error,
    integration::{
        ChatSource, Delivery, Exception, Integration, JobId, JobSpec, JobState, Level,
        Notification, Notifier, Place, Platform, PutMode, PutOptions, Reason, ReviewPlatform,
        Severity, SourceConversation, SourceItem, Storage, StorageExt, StorePath,
    },
    model::{ConversationType, Participant},
};

fn delivery(name: &str, content: &'static str, size: u64) -> Delivery {
    // The SHA-256 of "abc", as FIPS 180-2 prints it.
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    Delivery {
        name: name.into(),
        size,
        sha256: sha256.into(),
        content: stream::iter([Ok(Bytes::from(content))]).boxed(),
    }
}

fn lost(detail: &str) -> SourceItem {
    let place = Place::new("a.json");
    SourceItem::Lost(Exception::new(Severity::Error, Reason::NoTime, place, detail).instead_of(1))
}

#[test]
fn damaged_deliveries_are_refused() {
    let platform = MemoryReviewPlatform::default();
    for damaged in [delivery("a", "abc", 2), delivery("a", "abd", 3)] {
        let error = block_on(platform.deliver(damaged)).unwrap_err();
        assert!(matches!(error, Error::Integrity(..)));
    }
    assert!(platform.files().is_empty());
}

#[test]
fn a_delivery_can_be_repeated() {
    let platform = MemoryReviewPlatform::new();
    block_on(platform.check()).unwrap();
    let first = block_on(platform.deliver(delivery("a", "abc", 3))).unwrap();
    assert_eq!(
        block_on(platform.deliver(delivery("a", "abc", 3))).unwrap(),
        first
    );
    assert_eq!(platform.files()["a"], "abc");
}

#[test]
fn a_start_can_be_repeated() {
    let platform = MemoryReviewPlatform::new();
    let file = block_on(platform.deliver(delivery("a", "abc", 3))).unwrap();
    let spec = JobSpec::new("job", "key", vec![file]);
    let job = block_on(platform.start(&spec)).unwrap();
    assert_eq!(block_on(platform.start(&spec)).unwrap(), job);
    let mut seen = Vec::new();
    let last = block_on(platform.wait(&job, &mut |status| seen.push(status.state))).unwrap();
    assert_eq!(
        seen,
        [JobState::Queued, JobState::Running, JobState::Completed]
    );
    assert_eq!((last.completed, last.total), (1, Some(1)));
    assert!(matches!(
        block_on(platform.cancel(&job)),
        Err(Error::Conflict(..))
    ));
}

#[test]
fn a_job_can_be_cancelled() {
    let platform = MemoryReviewPlatform::new();
    let job = block_on(platform.start(&JobSpec::new("job", "key", Vec::new()))).unwrap();
    block_on(platform.cancel(&job)).unwrap();
    assert_eq!(
        block_on(platform.status(&job)).unwrap().state,
        JobState::Cancelled
    );
}

#[test]
fn unknown_files_and_jobs_are_not_found() {
    let platform = MemoryReviewPlatform::new();
    let file = crate::integration::Delivered::new("nowhere");
    let result = block_on(platform.start(&JobSpec::new("job", "key", vec![file])));
    assert!(matches!(result, Err(Error::NotFound(..))));
    for id in ["0", "x", ""] {
        let result = block_on(platform.status(&JobId(id.into())));
        assert!(matches!(result, Err(Error::NotFound(..))), "{id:?}");
    }
}

#[test]
fn a_chat_source_gives_what_it_was_built_from() {
    let conversation = SourceConversation::new("C1", "general", ConversationType::Channel);
    let SourceItem::Lost(exception) = lost("outside") else {
        panic!("built as lost");
    };
    let source = MemoryChatSource::new(Platform::new("slack", "Slack"))
        .participant(Participant::new("U1", "Ana"))
        .conversation(conversation.clone(), [lost("1"), lost("2"), lost("3")])
        .exception(exception.clone())
        .file("F1", "content")
        .batches_of(2);
    block_on(async {
        source.check().await.unwrap();
        let batches: Vec<_> = source.messages(&conversation).try_collect().await.unwrap();
        assert_eq!(batches, [vec![lost("1"), lost("2")], vec![lost("3")]]);
        let people: Vec<_> = source.participants().try_collect().await.unwrap();
        assert_eq!(people, [Participant::new("U1", "Ana")]);
        let all: Vec<_> = source.conversations().try_collect().await.unwrap();
        assert_eq!(all, [Arc::new(conversation)]);
        let exceptions: Vec<_> = source.exceptions().try_collect().await.unwrap();
        assert_eq!(exceptions, [exception]);
        let file: Vec<_> = source
            .open_file("F1")
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(file, ["content"]);
    });
}

#[test]
fn a_chat_source_does_not_find_what_it_was_not_given() {
    let source = MemoryChatSource::new(Platform::new("slack", "Slack"));
    let other = SourceConversation::new("C2", "other", ConversationType::Direct);
    block_on(async {
        let first = source.messages(&other).next().await.unwrap();
        assert!(matches!(first, Err(Error::NotFound(..))));
        assert!(matches!(
            source.open_file("F").await,
            Err(Error::NotFound(..))
        ));
    });
}

#[test]
fn a_notifier_remembers_in_order() {
    let notifier = MemoryNotifier::default();
    let first = Notification::new(Level::Info, "first");
    let second = Notification::new(Level::Error, "second").fact("name", "value");
    block_on(async {
        notifier.check().await.unwrap();
        notifier.notify(&first).await.unwrap();
        let receipt = notifier.clone().notify(&second).await.unwrap();
        assert_eq!(receipt.reference.as_deref(), Some("2"));
    });
    assert_eq!(notifier.sent(), [first, second]);
}

#[test]
fn a_store_lists_and_replaces_by_path() {
    let store = MemoryStorage::default();
    let path = |text: &str| StorePath::new(text).unwrap();
    block_on(async {
        for name in ["a/b", "a-", "a/a"] {
            let options = PutOptions::default().create();
            store
                .put_bytes(&path(name), name.into(), options)
                .await
                .unwrap();
        }
        store
            .copy(&path("a-"), &path("a/b"), PutMode::Overwrite)
            .await
            .unwrap();
        assert_eq!(store.get_bytes(&path("a/b"), 10).await.unwrap(), "a-");
        let create = store.put(&path("a-"), PutOptions::default().create()).await;
        assert!(matches!(create, Err(Error::Conflict(..))));
        let listed: Vec<_> = store.list(&path("a")).try_collect().await.unwrap();
        let listed: Vec<_> = listed.iter().map(|meta| meta.path.as_str()).collect();
        assert_eq!(listed, ["a/a", "a/b"]);
    });
}
