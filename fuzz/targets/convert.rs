//! A Slack export, converted.
//!
//! Whatever the text is: the sums agree, and Relativity's validator takes every file.

#![no_main]

use std::sync::Arc;

use futures::{TryStreamExt as _, executor::block_on};
use libfuzzer_sys::fuzz_target;
use rsmf_chat::slack::{SlackOptions, SlackSource};
use rsmf_convert::{Converter, Options, Silent};
use rsmf_core::{
    integration::{Storage as _, StorageExt as _, StorePath, testing::MemoryStorage},
    validate::{Outcome, Profile, validate_rsmf},
};
use rsmf_fuzz::{WORKERS, slack::folder};

fuzz_target!(|data: &[u8]| {
    let (input, _) = folder(data);
    let path = StorePath::new("export").expect("a path");
    let open = SlackSource::open(input, path, SlackOptions::new(WORKERS.clone()));
    let Ok(source) = block_on(open) else { return };
    let output = Arc::new(MemoryStorage::new());
    let (source, workers) = (Arc::new(source), WORKERS.clone());
    let converter = Converter::new(source, output.clone(), workers, Options::default());
    let report = block_on(converter.expect("options").run(&Silent)).expect("a conversion");
    assert!(report.reconciliation.balanced);
    let written: Vec<_> = block_on(output.list(&StorePath::ROOT).try_collect()).expect("memory");
    for meta in written
        .iter()
        .filter(|meta| meta.path.as_str().ends_with(".rsmf"))
    {
        let file = block_on(output.get_bytes(&meta.path, u64::MAX)).expect("memory");
        let report = validate_rsmf(&file[..], Profile::Relativity).expect("memory");
        assert!(
            report.outcome() < Outcome::Failed,
            "{}: {report:?}",
            meta.path
        );
    }
});
