//! What an earlier run left has changed since.

use futures::executor::block_on;
use rsmf_core::integration::{PutOptions, Storage, StorageExt, StorePath, testing::MemoryStorage};

use crate::resume::{content, convert, options, refused, resuming, stopped, uninterrupted};

/// Stands for a damage that keeps the size.
const SAME_SIZE: &[u8] = b"same size";

/// The same bytes but for one.
fn altered(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

#[test]
fn a_finished_conversion_that_was_altered_is_refused_by_name() {
    let output = MemoryStorage::new();
    convert(output.clone(), options()).unwrap();
    let whole = content(&output);
    for (name, bytes) in whole.iter().filter(|(name, _)| *name != "report.json") {
        let path = StorePath::new(name).unwrap();
        let put = |bytes: Vec<u8>| {
            block_on(output.put_bytes(&path, bytes.into(), PutOptions::default())).unwrap();
        };
        for altered in [altered(bytes), [bytes, &b"x\n"[..]].concat()] {
            put(altered);
            let words = refused(&output, resuming());
            assert!(words.contains(&format!("{name} (changed)")), "{words}");
        }
        block_on(output.delete(&path)).unwrap();
        let words = refused(&output, resuming());
        assert!(words.contains(&format!("{name} (missing)")), "{words}");
        put(bytes.clone());
        convert(output.clone(), resuming()).unwrap();
    }
    for name in whole.keys().filter(|name| name.ends_with(".rsmf")) {
        block_on(output.delete(&StorePath::new(name).unwrap())).unwrap();
    }
    let files = whole.keys().filter(|name| name.ends_with(".rsmf")).count();
    let words = refused(&output, resuming());
    assert_eq!(words.matches("(missing)").count(), files.min(10));
    if files > 10 {
        assert!(
            words.ends_with(&format!("and {} more", files - 10)),
            "{words}"
        );
    }
}

#[test]
fn a_damaged_journal_and_lost_files_cost_only_what_they_tell_of() {
    let expected = uninterrupted();
    let begun = || {
        let output = MemoryStorage::new();
        let (result, _) = stopped(&output, options(), 3);
        assert!(result.is_err());
        output
    };
    let names: Vec<String> = content(&begun()).into_keys().collect();
    let victims = names.iter().filter(|name| *name != ".rsmf-run.json");
    for name in victims {
        let path = StorePath::new(name).unwrap();
        for damage in [
            None,
            Some(&b""[..]),
            Some(b"{}\n[]\n"),
            Some(&[0xff; 200]),
            Some(SAME_SIZE),
        ] {
            let output = begun();
            let before = content(&output);
            if !before.contains_key(name) {
                // This time it was stopped earlier.
                continue;
            }
            match damage {
                None => block_on(output.delete(&path)).unwrap(),
                Some(bytes) => {
                    let bytes = match bytes {
                        SAME_SIZE => altered(&before[name]),
                        bytes => bytes.to_vec(),
                    };
                    let options = PutOptions::default();
                    block_on(output.put_bytes(&path, bytes.into(), options)).unwrap();
                }
            }
            let (result, progress) = stopped(&output, resuming(), u64::MAX);
            result.unwrap();
            assert!(content(&output) == expected, "{name} {damage:?}");
            let told = progress.damaged.lock().unwrap().clone();
            // A last segment that is gone leaves a whole journal.
            let is_last = name.ends_with(".jsonl") && damage.is_none();
            assert!(
                is_last || told.iter().any(|file| file.starts_with(name)),
                "{name}: {told:?}"
            );
        }
    }
}

#[test]
fn a_damaged_head_is_refused() {
    let output = MemoryStorage::new();
    let path = StorePath::new(".rsmf-run.json").unwrap();
    block_on(output.put_bytes(&path, "{".into(), PutOptions::default())).unwrap();
    assert!(refused(&output, resuming()).contains("cannot be read"));
}
