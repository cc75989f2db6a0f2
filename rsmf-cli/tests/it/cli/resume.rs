//! `rsmf convert --resume`, on exports of a few conversations.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{command, json as parse, run, text};
use crate::folder::files;

const CHANNELS: u32 = 8;
const DAYS: u32 = 20;

/// A folder with the export `in.zip`: some channels, with some days of two messages each.
pub(super) fn export() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_export(&folder.path().join("in.zip"), "Hello");
    folder
}

pub(crate) fn write_export(path: &Path, words: &str) {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let mut add = |name: &str, content: Value| {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).unwrap();
        zip.write_all(content.to_string().as_bytes()).unwrap();
    };
    add("users.json", json!([{"id": "U1", "name": "ana"}]));
    let channel = |number| json!({"id": format!("C{number}"), "name": format!("channel-{number}"), "members": ["U1"]});
    add("channels.json", (0..CHANNELS).map(channel).collect());
    for number in 0..CHANNELS {
        for day in 1..=DAYS {
            let second = 1_704_067_200 + u64::from(day - 1) * 86_400;
            // What cannot be converted, and a file that is not there, are in the reports.
            let messages = json!([
                {"type": "message", "user": "U1", "text": words, "ts": format!("{second}.000100")},
                {"type": "message", "user": "U2", "text": "A file", "ts": format!("{second}.000200"),
                 "files": [{"id": format!("F{number}{day}"), "name": "a.txt"}]},
                {"type": "message", "user": "U1", "text": "When?"},
            ]);
            add(&format!("channel-{number}/2024-01-{day:02}.json"), messages);
        }
    }
    add(
        "__uploads/F9ABCDEFG/nobody.txt",
        json!("asked for by no message"),
    );
    zip.finish().unwrap();
}

/// What a run that nothing interrupts leaves.
pub(super) fn uninterrupted(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    run(folder, &["convert", "in.zip", "-o", "whole", "--quiet"], 1);
    files(&folder.join("whole"))
}

pub(super) fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
    for (name, bytes) in expected {
        assert!(found[name] == *bytes, "{name} differs");
    }
}

/// What tells whether a file is written again.
type Mark = (u64, i64);

fn mark(path: &Path) -> Mark {
    let metadata = fs::metadata(path).unwrap();
    (metadata.ino(), metadata.mtime_nsec())
}

/// The names of the files that the journal tells of, in its order.
fn listed(out: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(out) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut segments: Vec<_> = names
        .filter(|name| name.starts_with(".rsmf-run-"))
        .collect();
    segments.sort();
    let mut files = Vec::new();
    for segment in segments {
        let text = fs::read_to_string(out.join(segment)).unwrap();
        for line in text.lines().filter(|line| line.starts_with("{\"Files\"")) {
            let line = parse(line.as_bytes());
            let named = line["Files"][0].as_array().unwrap().iter();
            files.extend(named.map(|file| file["name"].as_str().unwrap().to_owned()));
        }
    }
    files
}

/// The files that the journal tells of.
fn journaled(out: &Path) -> BTreeMap<PathBuf, Mark> {
    let paths = listed(out).into_iter().map(|name| out.join(name));
    paths.map(|path| (path.clone(), mark(&path))).collect()
}

/// The files that are finished, whether or not the journal tells of them yet.
fn finished(out: &Path) -> BTreeMap<PathBuf, Mark> {
    let Ok(entries) = fs::read_dir(out) else {
        return BTreeMap::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "rsmf"));
    paths.map(|path| (path.clone(), mark(&path))).collect()
}

/// Numbers that look random and are the same each time (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn send(signal: &str, child: &Child) {
    let process = child.id().to_string();
    let sent = Command::new("kill").args(["-s", signal, &process]).status();
    assert!(sent.unwrap().success());
}

/// What kills have hit.
#[derive(Debug, Default)]
struct Hits {
    /// Runs that ended early, by our doing.
    early: u32,
    /// Of these, such that had a journal with files in it.
    midway: u32,
    /// Conversions that were brought to their end.
    rounds: u32,
    /// The most finished files that one run has written again.
    again: usize,
}

/// Starts a run again and again, stops it at random moments, and compares what comes out.
fn torment(
    seed: u64,
    wanted: u32,
    folder: &Path,
    expected: &BTreeMap<String, Vec<u8>>,
    pace: Duration,
) -> Hits {
    let mut dice = Dice(seed);
    let out = folder.join(format!("out-{seed}"));
    let name = out.file_name().unwrap().to_str().unwrap().to_owned();
    let mut hits = Hits::default();
    while hits.early < wanted {
        let (before, all_before) = (journaled(&out), finished(&out));
        let threads = (1 + dice.below(3)).to_string();
        let args = [
            "convert",
            "in.zip",
            "-o",
            &name,
            "--quiet",
            "--resume",
            "--threads",
            &threads,
        ];
        let mut child = command(folder, &args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(pace * dice.below(1000) as u32 / 1000);
        let signal = ["KILL", "KILL", "KILL", "INT", "TERM"][dice.below(5) as usize];
        if child.try_wait().unwrap().is_none() {
            send(signal, &child);
        }
        let ended = child.wait_with_output().unwrap();
        for (path, before) in before {
            assert_eq!(mark(&path), before, "{path:?} was written again");
        }
        let again = all_before
            .iter()
            .filter(|(path, before)| mark(path) != **before);
        hits.again = hits.again.max(again.count());
        match ended.status.code() {
            Some(1) => {
                assert_same(&files(&out), expected);
                fs::remove_dir_all(&out).unwrap();
                hits.rounds += 1;
            }
            None | Some(130 | 143) => {
                hits.early += 1;
                hits.midway += u32::from(!journaled(&out).is_empty());
            }
            Some(code) => panic!("{code}: {}", text(&ended.stderr)),
        }
    }
    if out.exists() {
        run(
            folder,
            &["convert", "in.zip", "-o", &name, "--quiet", "--resume"],
            1,
        );
        assert_same(&files(&out), expected);
    }
    hits
}

#[test]
fn killed_at_a_hundred_moments_it_ends_with_the_same_bytes() {
    let folder = export();
    let begun = Instant::now();
    let expected = uninterrupted(folder.path());
    // Shorter lives would leave nothing in the journal, longer ones end by themselves.
    let pace = begun.elapsed().mul_f32(0.6);
    let pace = pace.clamp(Duration::from_millis(250), Duration::from_millis(450));
    let hits = std::thread::scope(|scope| {
        let lanes: Vec<_> = (1..=2)
            .map(|seed| {
                let (folder, expected) = (folder.path(), &expected);
                scope.spawn(move || torment(seed, 50, folder, expected, pace))
            })
            .collect();
        lanes
            .into_iter()
            .map(|lane| lane.join().unwrap())
            .collect::<Vec<_>>()
    });
    eprintln!("{hits:?} in {:?}, with a pace of {pace:?}", begun.elapsed());
    let sum = |of: fn(&Hits) -> u32| hits.iter().map(of).sum::<u32>();
    assert!(sum(|hits| hits.early) >= 100);
    assert!(sum(|hits| hits.midway) >= 40, "{hits:?}");
    // While 32 files are written down, 16 more may be done, and 16 are being written.
    assert!(hits.iter().all(|hits| hits.again <= 64), "{hits:?}");
}

/// Stops a run with a signal once its journal tells of files.
fn stopped(folder: &Path, args: &[&str], signal: &str) -> Output {
    let out = folder.join("out");
    loop {
        let mut child = command(folder, args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while journaled(&out).is_empty() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        send(signal, &child);
        let output = child.wait_with_output().unwrap();
        if !out.join("report.json").exists() {
            return output;
        }
        // It was faster than we.
        fs::remove_dir_all(&out).unwrap();
    }
}

pub(super) const CONVERT: [&str; 4] = ["convert", "in.zip", "-o", "out"];

/// What the message says to run, run by a shell.
fn paste(folder: &Path, words: &str) -> Output {
    let hint = words
        .lines()
        .find_map(|line| line.strip_prefix("hint: to go on from here: "));
    let line = hint.unwrap_or_else(|| panic!("{words}"));
    let mut shell = Command::new("sh");
    shell
        .current_dir(folder)
        .args(["-c", line])
        .output()
        .unwrap()
}

#[test]
fn a_signal_ends_in_good_order_and_says_how_to_go_on() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let output = stopped(folder.path(), &CONVERT, signal);
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words}");
        assert!(
            words.contains("files in hand are finished first"),
            "{words}"
        );
        assert!(words.contains("stopped after "), "{words}");
        let out = folder.path().join("out");
        let found = files(&out);
        let results = found.keys().filter(|name| name.ends_with(".rsmf"));
        assert_eq!(
            results.count(),
            journaled(&out).len(),
            "what is finished is in the journal"
        );
        let output = paste(folder.path(), &words);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text(&output.stderr).contains("done already: "),
            "{}",
            text(&output.stderr)
        );
        assert_same(&files(&out), &expected);
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn what_is_done_is_told_and_left_alone() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let args = ["convert", "in.zip", "-o", "whole", "--resume"];
    let output = run(folder.path(), &args, 1);
    assert!(text(&output.stderr).contains("done already: 480 messages"));
    assert!(text(&output.stdout).contains("Wrote "));
    let output = run(folder.path(), &[&args[..], &["--json"]].concat(), 1);
    assert_eq!(parse(&output.stdout), parse(&expected["report.json"]));
    assert_same(&files(&folder.path().join("whole")), &expected);
    fs::write(folder.path().join("whole/old.rsmf"), "old").unwrap();
    let output = run(folder.path(), &args, 1);
    let words = text(&output.stderr);
    assert!(
        words.contains("not of this conversion, but in its folder: old.rsmf"),
        "{words}"
    );
}

#[test]
fn what_was_altered_afterwards_is_not_passed_as_done() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let file = folder.path().join("whole/channel-3_2024-01-08.rsmf");
    let args = ["convert", "in.zip", "-o", "whole", "--resume"];
    let refused = |damage: &str| {
        let words = text(&run(folder.path(), &args, 4).stderr);
        let named = format!("channel-3_2024-01-08.rsmf ({damage})");
        assert!(words.contains(&named), "{words}");
        assert!(words.contains("hint: put these files back"), "{words}");
        assert!(!words.contains("done already"), "{words}");
    };
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(b'x');
    fs::write(&file, &bytes).unwrap();
    refused("changed");
    fs::remove_file(&file).unwrap();
    refused("missing");
    bytes.pop();
    fs::write(&file, bytes).unwrap();
    run(folder.path(), &args, 1);
    assert_same(&files(&folder.path().join("whole")), &expected);
}

#[test]
fn a_damaged_file_is_told_and_only_what_follows_is_done_again() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let out = folder.path().join("out");
    let names = loop {
        stopped(folder.path(), &CONVERT, "INT");
        let names = listed(&out);
        // So that it does not lie in the first segment.
        if fs::metadata(out.join(".rsmf-run-000002.jsonl")).is_ok() {
            break names;
        }
        fs::remove_dir_all(&out).unwrap();
    };
    let name = names.last().unwrap();
    let mut bytes = fs::read(out.join(name)).unwrap();
    bytes[100] ^= 1;
    fs::write(out.join(name), bytes).unwrap();
    let output = run(folder.path(), &[&CONVERT[..], &["--resume"]].concat(), 1);
    let words = text(&output.stderr);
    assert!(words.contains(&format!("{name} (changed)")), "{words}");
    assert!(words.contains("done already: "), "{words}");
    assert!(!words.contains("done already: 0"), "{words}");
    assert_same(&files(&out), &expected);
}

#[test]
fn what_has_changed_is_refused_and_named() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    stopped(folder.path(), &CONVERT, "KILL");
    let refused = |more: &[&str]| {
        let args = [&CONVERT[..], more].concat();
        text(&run(folder.path(), &args, 4).stderr)
    };
    assert!(refused(&[]).contains("`--resume` goes on"));
    let words = refused(&["--resume", "--slice", "week"]);
    assert!(
        words.contains("slice was \"day\", and is \"week\" now"),
        "{words}"
    );

    // The same sizes and names, another text.
    let zip = folder.path().join("in.zip");
    let before = fs::read(&zip).unwrap();
    write_export(&zip, "Howdy");
    let words = refused(&["--resume"]);
    assert!(words.contains("the input has changed"), "{words}");
    let args = ["convert", "in.zip", "-o", "whole", "--resume"];
    let words = text(&run(folder.path(), &args, 4).stderr);
    assert!(words.contains("the input has changed"), "{words}");

    fs::write(&zip, before).unwrap();
    run(folder.path(), &[&CONVERT[..], &["--resume"]].concat(), 1);
    assert_same(&files(&folder.path().join("out")), &expected);
}

#[test]
fn a_folder_that_changes_is_noticed() {
    let folder = export();
    let mut zip =
        zip::ZipArchive::new(fs::File::open(folder.path().join("in.zip")).unwrap()).unwrap();
    zip.extract(folder.path().join("in")).unwrap();
    let args = ["convert", "in", "-o", "out"];
    stopped(folder.path(), &args, "KILL");
    let file = folder.path().join("in/channel-1/2024-01-01.json");
    let day = fs::read(&file).unwrap();
    fs::write(&file, day).unwrap();
    let words = text(&run(folder.path(), &[&args[..], &["--resume"]].concat(), 4).stderr);
    assert!(words.contains("the input has changed"), "{words}");
}

#[test]
fn two_runs_into_one_folder_are_one_too_many() {
    let folder = export();
    let expected = uninterrupted(folder.path());
    let out = folder.path().join("out");
    let first = command(folder.path(), &CONVERT)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut first = first.unwrap();
    while !out.join(".rsmf-run.json").exists() {
        assert!(first.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(1));
    }
    send("STOP", &first);
    for more in [&[][..], &["--resume"], &["--existing", "overwrite"]] {
        let words = text(&run(folder.path(), &[&CONVERT[..], more].concat(), 4).stderr);
        assert!(
            words.contains("another run is writing to this folder"),
            "{words}"
        );
        assert!(!words.contains("to go on"), "{words}");
    }
    send("CONT", &first);
    assert_eq!(first.wait().unwrap().code(), Some(1));
    assert_same(&files(&out), &expected);
}
