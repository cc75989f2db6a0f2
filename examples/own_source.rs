//! A chat platform of one's own as a [`ChatSource`], converted.
//!
//! The platform here keeps its messages as lines: seconds since 1970, who, what. A real one would
//! read them from an archive or a service, piece by piece.

// An example talks to its terminal.
#![allow(clippy::print_stdout)]

use std::{error::Error, num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt as _, executor::block_on, stream};
use rsmf_convert::{Converter, Options, Silent};
use rsmf_core::{
    Failure, Result, UtcTime,
    container::RsmfReader,
    integration::{
        Batch, BoxStream, ByteStream, ChatSource, Exception, Fingerprint, Integration,
        IntegrationInfo, Place, Platform, Reason, Severity, SourceConversation, SourceItem,
        SourceMessage, StorageExt as _, StorePath, testing::MemoryStorage,
    },
    model::{ConversationType, Event, EventType, Participant},
    workers::Workers,
};
use sha2::{Digest as _, Sha256};

const LOG: &str = "\
1751349600 ana Where do we put the barge?
1751349690 bo Berth 4, from noon.
soon bo This line has no time.
1751349720 ana Thanks!
";

/// How many messages come at a time, so that memory does not grow with the log.
const BATCH: usize = 100;

#[derive(Debug)]
struct RadioLog {
    info: IntegrationInfo,
    text: &'static str,
}

#[async_trait]
impl Integration for RadioLog {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ChatSource for RadioLog {
    fn platform(&self) -> Platform {
        Platform::new("radio", "Harbour Radio")
    }

    fn participants(&self) -> BoxStream<'_, Result<Participant>> {
        let people = [("ana", "Ana Ruiz"), ("bo", "Bo Lind")];
        stream::iter(people.map(|(id, name)| Ok(Participant::new(id, name)))).boxed()
    }

    fn conversations(&self) -> BoxStream<'_, Result<Arc<SourceConversation>>> {
        let kind = ConversationType::Channel;
        let one = SourceConversation::new("16", "channel 16", kind);
        stream::iter([Ok(Arc::new(one))]).boxed()
    }

    fn messages<'a>(&'a self, _: &'a SourceConversation) -> BoxStream<'a, Result<Batch>> {
        let items = self
            .text
            .lines()
            .zip(0..)
            .map(|(line, index)| item(line, index));
        stream::iter(items).chunks(BATCH).map(Ok).boxed()
    }

    fn exceptions(&self) -> BoxStream<'_, Result<Exception>> {
        stream::empty().boxed()
    }

    /// Tells this log from any other, and from itself once it has changed.
    async fn fingerprint(&self) -> Result<Fingerprint> {
        let digest = Sha256::digest(self.text);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Fingerprint::new(hex))
    }

    async fn open_file(&self, key: &str) -> Result<ByteStream> {
        Err(Failure::new("open", key).not_found())
    }
}

/// Every line comes out, as an event or as an exception that counts it: nothing is dropped.
fn item(line: &str, index: u64) -> SourceItem {
    let place = Place::new("radio.log").record(index);
    let mut words = line.splitn(3, ' ');
    let (seconds, who, what) = (words.next(), words.next(), words.next());
    let micros = seconds.and_then(|text| text.parse::<i64>().ok()?.checked_mul(1_000_000));
    let Some(time) = micros.and_then(UtcTime::from_micros) else {
        let detail = "the line does not begin with a time";
        let lost = Exception::new(Severity::Error, Reason::NoTime, place, detail);
        return SourceItem::Lost(lost.instead_of(1));
    };
    let mut event = Event::new(EventType::Message)
        .by(who.unwrap_or_default())
        .saying(what.unwrap_or_default());
    event.id = Some(index.to_string());
    SourceItem::Message(Box::new(SourceMessage::new(event, time, place)))
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let source = Arc::new(RadioLog {
        info: IntegrationInfo::new("radio", "radio.log"),
        text: LOG,
    });
    let output = Arc::new(MemoryStorage::new());
    let workers = Workers::new(NonZeroUsize::MIN)?;
    let converter = Converter::new(source, output.clone(), workers, Options::default())?;
    let report = block_on(converter.run(&Silent))?;
    println!("{}", report.reconciliation.statement);

    let name = StorePath::new("channel 16_2025-07-01.rsmf")?;
    let file = block_on(output.get_bytes(&name, u64::MAX))?;
    print!(
        "{}",
        RsmfReader::open(&file[..])?.body_text().unwrap_or_default()
    );
    Ok(())
}
