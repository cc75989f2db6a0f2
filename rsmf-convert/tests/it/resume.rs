//! A conversion that ends early and is resumed.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{TryStreamExt, executor::block_on, future};
use rsmf_convert::{
    Converter, Error, Existing, Options, Progress, Report, Silent, Update, is_unfinished,
};
use rsmf_core::{
    integration::{
        Batch, BoxStream, ByteStream, ChatSource, Exception, Fingerprint, Integration,
        IntegrationInfo, Place, Platform, PutOptions, Reason, Severity, SourceConversation,
        SourceItem, Storage, StorageExt, StorePath,
        testing::{MemoryChatSource, MemoryStorage},
    },
    model::Participant,
    workers::Workers,
};

use crate::{
    faulty::{Fault, Faulty},
    harness::{channel, items, lost, message, reply, root, source},
};

/// The number of the last conversation, which is how many there are.
const LAST: u64 = 10;

/// The messages of a conversation on some days, all after the first in its thread.
fn days(conversation: &str, days: u32) -> Vec<SourceItem> {
    let mut all = vec![root("U1", "2024-01-01T10:00:00", conversation)];
    for day in 2..=days {
        all.push(reply(
            "U2",
            &format!("2024-01-0{day}T10:00:00"),
            "2024-01-01T10:00:00",
        ));
        all.push(message("U3", &format!("2024-01-0{day}T11:00:00"), "Hello"));
    }
    items(all)
}

/// Conversations with threads across days, one of them with something lost, one empty.
fn short() -> MemoryChatSource {
    let mut second = days("second", 3);
    second.insert(2, lost(2));
    let place = Place::new("extra.txt");
    let extra = Exception::new(Severity::Warning, Reason::NotConverted, place, "no chat");
    source()
        .conversation(channel("C1", "first"), days("first", 3))
        .conversation(channel("C2", "second"), second)
        .conversation(channel("C3", "third"), Vec::new())
        .conversation(channel("C4", "fourth"), days("fourth", 2))
        .exception(extra)
        .batches_of(2)
}

/// The same, and more files than are in hand when a conversion stops.
fn chat() -> MemoryChatSource {
    (5..=LAST).fold(short(), |chat, number| {
        let name = format!("number-{number}");
        chat.conversation(channel(&format!("C{number}"), &name), days(&name, 9))
    })
}

pub(crate) fn options() -> Options {
    let mut options = Options::default();
    options.max_events = 3;
    options.journal_pause = Duration::ZERO;
    options
}

pub(crate) fn resuming() -> Options {
    let mut options = options();
    options.resume = true;
    options
}

fn converter(
    source: MemoryChatSource,
    output: impl Storage + 'static,
    options: Options,
) -> Converter {
    let workers = Workers::new(NonZeroUsize::new(2).unwrap()).unwrap();
    Converter::new(Arc::new(source), Arc::new(output), workers, options).unwrap()
}

pub(crate) fn convert(output: impl Storage + 'static, options: Options) -> Result<Report, Error> {
    block_on(converter(chat(), output, options).run(&Silent))
}

fn convert_short(output: impl Storage + 'static, options: Options) -> Result<Report, Error> {
    block_on(converter(short(), output, options).run(&Silent))
}

/// All objects with their bytes.
pub(crate) fn content(output: &MemoryStorage) -> BTreeMap<String, Vec<u8>> {
    let listed: Vec<_> = block_on(output.list(&StorePath::ROOT).try_collect()).unwrap();
    let read = |meta: rsmf_core::integration::ObjectMeta| {
        let bytes = block_on(output.get_bytes(&meta.path, u64::MAX)).unwrap();
        (meta.path.to_string(), bytes.to_vec())
    };
    listed.into_iter().map(read).collect()
}

pub(crate) fn uninterrupted() -> BTreeMap<String, Vec<u8>> {
    let output = MemoryStorage::new();
    convert(output.clone(), options()).unwrap();
    content(&output)
}

/// Lets each operation fail, one after another, and resumes, perhaps with a second failure.
fn fail_everywhere(
    fault: Fault,
    options: &Options,
    again: Option<Fault>,
    before: &dyn Fn(&MemoryStorage),
) {
    let prepared = || {
        let output = MemoryStorage::new();
        before(&output);
        output
    };
    let output = prepared();
    convert_short(output.clone(), options.clone()).unwrap();
    let expected = content(&output);
    let mut resuming = options.clone();
    resuming.resume = true;
    for at in 0.. {
        let output = prepared();
        let faulty = Faulty::new(output.clone(), fault, at);
        let first = convert_short(faulty.clone(), options.clone());
        if !faulty.has_failed() {
            first.unwrap();
            assert!(at > 70, "{at}");
            return;
        }
        if let Some(again) = again {
            let faulty = Faulty::new(output.clone(), again, at * 7 % 23);
            let _ = convert_short(faulty, resuming.clone());
        }
        let report = convert_short(output.clone(), resuming.clone()).unwrap();
        assert!(report.reconciliation.balanced);
        let found = content(&output);
        assert!(
            found.keys().eq(expected.keys()),
            "{fault:?} {at}: {:?}",
            found.keys()
        );
        assert!(found == expected, "{fault:?} {at}");
    }
}

#[test]
fn an_operation_that_fails_does_no_harm() {
    fail_everywhere(Fault::Once, &options(), None, &|_| {});
}

#[test]
fn a_store_that_goes_away_does_no_harm() {
    fail_everywhere(Fault::FromHereOn, &options(), Some(Fault::Once), &|_| {});
}

#[test]
fn answers_that_get_lost_do_no_harm_where_earlier_results_are_overwritten() {
    let mut overwriting = options();
    overwriting.existing = Existing::Overwrite;
    let before = |output: &MemoryStorage| {
        for name in ["report.json", "old.rsmf", "first_2024-01-01.rsmf"] {
            let path = StorePath::new(name).unwrap();
            block_on(output.put_bytes(&path, "old".into(), PutOptions::default())).unwrap();
        }
    };
    fail_everywhere(Fault::Unanswered, &overwriting, None, &before);
}

/// Asks to stop after so many steps, and remembers what had been done before.
#[derive(Default)]
pub(crate) struct StopAfter {
    steps: u64,
    seen: Mutex<u64>,
    stop: AtomicBool,
    resumed: Mutex<Option<Update>>,
    pub(crate) damaged: Mutex<Vec<String>>,
    unknown: Mutex<Vec<String>>,
    compared: Mutex<(u64, u64)>,
}

impl Progress for StopAfter {
    fn update(&self, _: &Update) {
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        if *seen > self.steps {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn resumed(&self, update: &Update) {
        *self.resumed.lock().unwrap() = Some(update.clone());
    }

    fn compared(&self, bytes: u64) {
        let mut compared = self.compared.lock().unwrap();
        *compared = (compared.0 + 1, compared.1 + bytes);
    }

    fn unknown(&self, files: &[String], count: u64) {
        assert_eq!(files.len() as u64, count);
        *self.unknown.lock().unwrap() = files.to_vec();
    }

    fn damaged(&self, files: &[String]) {
        *self.damaged.lock().unwrap() = files.to_vec();
    }
}

pub(crate) fn stopped(
    output: &MemoryStorage,
    options: Options,
    steps: u64,
) -> (Result<Report, Error>, StopAfter) {
    let progress = StopAfter {
        steps,
        ..StopAfter::default()
    };
    let converter = converter(chat(), output.clone(), options);
    let stop = future::poll_fn(|context| {
        if progress.stop.load(Ordering::Relaxed) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    });
    let result = block_on(converter.run_until(&progress, stop));
    (result, progress)
}

/// The etags of a store in memory change with each write.
fn written(output: &MemoryStorage) -> BTreeSet<(String, Option<String>)> {
    let listed: Vec<_> = block_on(output.list(&StorePath::ROOT).try_collect()).unwrap();
    let files = listed
        .into_iter()
        .map(|meta: rsmf_core::integration::ObjectMeta| (meta.path.to_string(), meta.etag));
    files.filter(|(name, _)| name.ends_with(".rsmf")).collect()
}

#[test]
fn a_stop_keeps_what_is_done_and_nothing_is_done_twice() {
    let expected = uninterrupted();
    let output = MemoryStorage::new();
    let mut before = BTreeSet::new();
    let (mut stops, mut done) = (0, 0);
    loop {
        assert!(stops < 100);
        let (result, progress) = stopped(&output, resuming(), 0);
        let after = written(&output);
        assert!(
            after.is_superset(&before),
            "a finished file was written again"
        );
        if stops > 0 {
            let resumed = progress.resumed.lock().unwrap().clone().unwrap();
            assert_eq!(resumed.files, before.len() as u64);
            assert!(resumed.conversations_done >= done);
            done = resumed.conversations_done;
        }
        match result {
            Ok(_) => break,
            Err(Error::Interrupted {
                of: LAST, files, ..
            }) => assert_eq!(files, after.len() as u64),
            Err(error) => panic!("{error}"),
        }
        assert!(block_on(is_unfinished(&output)).unwrap());
        (before, stops) = (after, stops + 1);
    }
    assert!(stops > 1, "{stops}");
    assert!(content(&output) == expected);
}

/// Remembers which conversations are read.
#[derive(Debug)]
struct Watched(MemoryChatSource, Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Integration for Watched {
    fn info(&self) -> &IntegrationInfo {
        self.0.info()
    }

    async fn check(&self) -> rsmf_core::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ChatSource for Watched {
    fn platform(&self) -> Platform {
        self.0.platform()
    }

    fn participants(&self) -> BoxStream<'_, rsmf_core::Result<Participant>> {
        self.0.participants()
    }

    fn conversations(&self) -> BoxStream<'_, rsmf_core::Result<Arc<SourceConversation>>> {
        self.0.conversations()
    }

    fn messages<'a>(
        &'a self,
        conversation: &'a SourceConversation,
    ) -> BoxStream<'a, rsmf_core::Result<Batch>> {
        self.1.lock().unwrap().push(conversation.id.clone());
        self.0.messages(conversation)
    }

    fn exceptions(&self) -> BoxStream<'_, rsmf_core::Result<Exception>> {
        self.0.exceptions()
    }

    async fn open_file(&self, key: &str) -> rsmf_core::Result<ByteStream> {
        self.0.open_file(key).await
    }

    async fn fingerprint(&self) -> rsmf_core::Result<Fingerprint> {
        self.0.fingerprint().await
    }
}

/// A conversion that ended with some conversations done and others not. A fast one is over before
/// it hears that it should stop: then once more.
fn midway() -> (MemoryStorage, u64) {
    let attempt = |_| {
        let output = MemoryStorage::new();
        match stopped(&output, options(), 5).0 {
            Err(Error::Interrupted { conversations, .. }) if conversations > 0 => {
                Some((output, conversations))
            }
            _ => None,
        }
    };
    (0..100).find_map(attempt).unwrap()
}

#[test]
fn what_is_done_is_not_read_again() {
    let (output, conversations) = midway();
    let read = Arc::new(Mutex::new(Vec::new()));
    let workers = Workers::new(NonZeroUsize::new(2).unwrap()).unwrap();
    let source = Watched(chat(), Arc::clone(&read));
    let converter = Converter::new(
        Arc::new(source),
        Arc::new(output.clone()),
        workers,
        resuming(),
    );
    block_on(converter.unwrap().run(&Silent)).unwrap();
    let read = read.lock().unwrap();
    assert_eq!(read.len() as u64, LAST - conversations, "{read:?}");
    assert!(content(&output) == uninterrupted());
}

#[test]
fn a_finished_conversion_is_told_and_left_alone() {
    let output = MemoryStorage::new();
    let first = convert(output.clone(), options()).unwrap();
    let before = written(&output);
    let (again, progress) = stopped(&output, resuming(), 0);
    assert_eq!(format!("{first:?}"), format!("{:?}", again.unwrap()));
    assert_eq!(written(&output), before);
    let resumed = progress.resumed.lock().unwrap().clone().unwrap();
    assert_eq!(
        (resumed.conversations_done, resumed.files),
        (LAST, first.totals.files)
    );
    // The files, and the tables beside report.json.
    let tables: u64 = first.tables.iter().map(|table| table.bytes).sum();
    let all = first.totals.files + first.tables.len() as u64;
    let compared = *progress.compared.lock().unwrap();
    assert_eq!(compared, (all, first.totals.bytes + tables));
    assert!(progress.unknown.lock().unwrap().is_empty());
    let path = StorePath::new("more/old.rsmf").unwrap();
    block_on(output.put_bytes(&path, "old".into(), PutOptions::default())).unwrap();
    let (again, progress) = stopped(&output, resuming(), 0);
    assert!(again.is_ok());
    assert_eq!(*progress.unknown.lock().unwrap(), ["more/old.rsmf"]);
}

#[test]
fn what_was_left_behind_after_the_report_is_removed() {
    let expected = uninterrupted();
    let output = MemoryStorage::new();
    let (result, _) = stopped(&output, options(), 3);
    assert!(result.is_err());
    for (name, bytes) in &expected {
        let path = StorePath::new(name).unwrap();
        let bytes = bytes.clone().into();
        block_on(output.put_bytes(&path, bytes, PutOptions::default())).unwrap();
    }
    convert(output.clone(), resuming()).unwrap();
    assert!(content(&output) == expected);
}

#[test]
fn a_file_that_somebody_put_beside_the_others_is_told() {
    let output = MemoryStorage::new();
    let (result, _) = stopped(&output, options(), 3);
    assert!(result.is_err());
    let path = StorePath::new("stray.rsmf").unwrap();
    block_on(output.put_bytes(&path, "x".into(), PutOptions::default())).unwrap();
    let report = convert(output.clone(), resuming()).unwrap();
    assert!(report.has_exceptions());
    let exceptions = content(&output).remove("exceptions.csv").unwrap();
    let exceptions = String::from_utf8(exceptions).unwrap();
    let told = exceptions.lines().filter(|line| line.contains("leftover"));
    let told: Vec<_> = told.collect();
    assert!(
        matches!(told[..], [line] if line.contains("stray.rsmf")),
        "{exceptions}"
    );
}

pub(crate) fn refused(output: &MemoryStorage, options: Options) -> String {
    let before = content(output);
    let error = convert(output.clone(), options).unwrap_err();
    assert!(content(output) == before, "a refusal changes nothing");
    error.to_string()
}

#[test]
fn what_must_not_be_touched_is_refused() {
    let output = MemoryStorage::new();
    let (result, _) = stopped(&output, options(), 3);
    assert!(result.is_err());
    assert!(refused(&output, options()).contains("resume it"));

    let mut other = resuming();
    other.max_events = 4;
    other.existing = Existing::Overwrite;
    let words = refused(&output, other);
    assert!(words.contains("max events was 3, and is 4 now"), "{words}");
    assert!(words.contains("existing was \"refuse\""), "{words}");

    let source = chat().conversation(channel("C0", "new"), Vec::new());
    let changed = block_on(converter(source, output.clone(), resuming()).run(&Silent));
    let words = changed.unwrap_err().to_string();
    assert!(words.contains("the input has changed"), "{words}");

    let mut anew = options();
    anew.existing = Existing::Overwrite;
    convert(output.clone(), anew).unwrap();
    assert!(content(&output).keys().eq(uninterrupted().keys()));
}

#[test]
fn a_finished_conversion_of_something_else_is_refused() {
    let output = MemoryStorage::new();
    convert(output.clone(), options()).unwrap();
    let mut other = resuming();
    other.input_digest = false;
    other.max_events = 4;
    let words = refused(&output, other.clone());
    assert!(words.contains("max events"), "{words}");
    assert!(words.contains("input hash was true"), "{words}");
    other.existing = Existing::Overwrite;
    convert(output.clone(), other).unwrap();
}

#[test]
fn to_resume_begins_where_nothing_is() {
    let output = MemoryStorage::new();
    convert(output.clone(), resuming()).unwrap();
    assert!(content(&output) == uninterrupted());

    let path = StorePath::new("other.txt").unwrap();
    let output = MemoryStorage::new();
    block_on(output.put_bytes(&path, "x".into(), PutOptions::default())).unwrap();
    assert!(refused(&output, resuming()).contains("nothing to resume"));
    let mut overwriting = resuming();
    overwriting.existing = Existing::Overwrite;
    convert(output.clone(), overwriting).unwrap();
}

#[test]
fn whenever_it_is_killed_few_files_are_done_again() {
    let days = |name: &str| {
        let day = |day| message("U1", &format!("2024-01-{:02}T10:00:00", day % 28 + 1), name);
        items((0..28).map(day))
    };
    let chat = (0..8).fold(source(), |chat, number| {
        let name = format!("c{number}");
        chat.conversation(channel(&name, &name), days(&name))
    });
    let mut slow = options();
    slow.journal_pause = Duration::from_secs(3600);
    slow.resume = true;
    let (mut kept, output) = (0, MemoryStorage::new());
    for steps in [50, 3, 70, 41] {
        let progress = StopAfter {
            steps,
            ..StopAfter::default()
        };
        let converter = converter(chat.clone(), output.clone(), slow.clone());
        let killed = future::poll_fn(|context| {
            context.waker().wake_by_ref();
            match progress.stop.load(Ordering::Relaxed) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        });
        let before = written(&output).len() as u64;
        // Whatever loses the race is dropped where it is, as by a kill.
        block_on(future::select(killed, Box::pin(converter.run(&progress))));
        if before > 0 {
            kept = progress.resumed.lock().unwrap().clone().unwrap().files;
            // 32 that wait for the journal, and 8 that are being written.
            assert!(before - kept <= 40, "{before} {kept}");
        }
    }
    assert!(kept > 0);
}

#[test]
fn two_at_once_are_not_possible() {
    let output = MemoryStorage::new();
    let held = block_on(output.lock(&StorePath::ROOT)).unwrap();
    let error = convert(output.clone(), options()).unwrap_err();
    assert!(matches!(
        error,
        Error::Output(rsmf_core::Error::Conflict(..))
    ));
    drop(held);
    convert(output, options()).unwrap();
}

#[test]
fn a_strict_conversion_is_looked_through_once() {
    let mut strict = options();
    strict.strict = true;
    let output = MemoryStorage::new();
    assert!(matches!(
        convert(output.clone(), strict),
        Err(Error::Strict { .. })
    ));
    assert!(content(&output).is_empty());
}
