//! Converts a Slack export without touching a disk: the zip is in memory, and so is what comes out.
//!
//! `memory_to_memory EXPORT.zip`

// An example talks to its terminal.
#![allow(clippy::print_stdout)]

use std::{env, error::Error, fs, num::NonZeroUsize, sync::Arc};

use futures::{TryStreamExt as _, executor::block_on};
use rsmf_chat::slack::{SlackOptions, SlackSource};
use rsmf_convert::{Converter, Options, Silent, SliceBy};
use rsmf_core::{
    container::RsmfReader,
    integration::{PutOptions, Storage as _, StorageExt as _, StorePath, testing::MemoryStorage},
    workers::Workers,
};

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args_os()
        .nth(1)
        .ok_or("usage: memory_to_memory EXPORT.zip")?;
    block_on(convert(fs::read(file)?))
}

async fn convert(export: Vec<u8>) -> Result<(), Box<dyn Error>> {
    // Any `Storage` will do in either place: a folder, or one of your own.
    let (input, output) = (
        Arc::new(MemoryStorage::new()),
        Arc::new(MemoryStorage::new()),
    );
    let path = StorePath::new("export.zip")?;
    input
        .put_bytes(&path, export.into(), PutOptions::default())
        .await?;

    let workers = Workers::new(NonZeroUsize::MIN)?;
    let source = SlackSource::open(input, path, SlackOptions::new(workers.clone())).await?;
    let mut options = Options::default();
    options.slice = SliceBy::Month;
    options.set_time_zone("Europe/Berlin")?;
    let converter = Converter::new(Arc::new(source), output.clone(), workers, options)?;
    let report = converter.run(&Silent).await?;
    println!("{}", report.reconciliation.statement);

    let written: Vec<_> = output.list(&StorePath::ROOT).try_collect().await?;
    for meta in written {
        if !meta.path.as_str().ends_with(".rsmf") {
            continue;
        }
        let bytes = output.get_bytes(&meta.path, u64::MAX).await?;
        let summary = RsmfReader::open(&bytes[..])?.summary();
        let events = summary.event_count.unwrap_or_default();
        println!("{}: {} bytes, {events} events", meta.path, meta.size);
    }
    Ok(())
}
