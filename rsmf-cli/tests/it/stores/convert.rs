//! `rsmf convert` from a store to a store.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Places, files, lines};
use crate::cli::resume;

/// What differs by the name of the input alone.
const NAMED: [&str; 2] = ["report.json", "report.html"];

/// The places, the export in each of them, and what a conversion on this machine gives.
fn ready(export: impl Fn(&Path)) -> (Places, BTreeMap<String, Vec<u8>>) {
    let places = Places::new();
    export(&places.at("in.zip"));
    places.run(&["convert", "in.zip", "-o", "whole", "--quiet"], 1);
    for name in &places.names {
        let target = format!("{name}:matter/in.zip");
        places.run(&["cp", "--quiet", "in.zip", &target], 0);
    }
    let whole = files(&places.at("whole"));
    (places, whole)
}

fn assert_same(found: &BTreeMap<String, Vec<u8>>, whole: &BTreeMap<String, Vec<u8>>) {
    assert!(found.keys().eq(whole.keys()), "{:?}", found.keys());
    for (name, bytes) in whole {
        if !NAMED.contains(&name.as_str()) {
            assert!(found[name] == *bytes, "{name} differs");
        }
    }
    let sums = |files: &BTreeMap<String, Vec<u8>>| {
        let report: Value = serde_json::from_slice(&files["report.json"]).unwrap();
        report["totals"].clone()
    };
    assert_eq!(sums(found), sums(whole));
}

#[test]
fn from_each_store_to_the_next() {
    let (places, whole) = ready(|path| resume::write_export(path, "Hello"));
    for (at, from) in places.names.iter().enumerate() {
        let to = places.names[(at + 1) % places.names.len()];
        let (input, output) = (format!("{from}:matter/in.zip"), format!("{to}:out/new/"));
        places.run(&["convert", &input, "-o", &output, "--quiet"], 1);
        assert_same(&places.fetched(&output), &whole);
        // It is not written into, nor beside it.
        places.run(&["convert", &input, "-o", &output, "--quiet"], 4);
        let refused = places.run(&["convert", &input, "-o", &input], 2);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("would change the export"));
        let again = ["convert", &input, "-o", &output, "--quiet", "--resume"];
        assert!(places.run(&again, 1).stdout.is_empty());
        let over = [
            "convert",
            &input,
            "-o",
            &output,
            "-q",
            "--existing",
            "overwrite",
        ];
        places.run(&over, 1);
        assert_same(&places.fetched(&output), &whole);
        places.run(
            &["convert", &input, "-o", &format!("{to}:dry"), "--dry-run"],
            1,
        );
        places.run(&["ls", &format!("{to}:dry")], 3);
    }
}

#[test]
fn an_unpacked_export_is_read_too() {
    let (places, whole) = ready(|path| resume::write_export(path, "Hello"));
    let mut zip = zip::ZipArchive::new(std::fs::File::open(places.at("in.zip")).unwrap()).unwrap();
    zip.extract(places.at("unpacked")).unwrap();
    for name in &places.names {
        let input = format!("{name}:unpacked");
        places.run(&["cp", "-rq", "unpacked", &input], 0);
        let output = format!("out-{name}");
        places.run(&["convert", &input, "-o", &output, "--quiet"], 1);
        let found = files(&places.at(&output));
        let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&whole));
    }
}

/// Starts a conversion and kills it when some of its files are there.
fn killed_in_the_middle(places: &Places, args: &[&str], output: &str) {
    let mut child = places.command(args).stderr(Stdio::null()).spawn().unwrap();
    loop {
        let listed = places.command(&["ls", output]).output().unwrap();
        if lines(&listed.stdout).len() > 3 {
            break;
        }
        assert!(child.try_wait().unwrap().is_none(), "{output} is too quick");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_conversion_is_gone_on_with() {
    let (places, _) = ready(|path| resume::write_export(path, "Hello"));
    // Who was killed holds the place for a while yet: for all at the same time.
    thread::scope(|scope| {
        for name in &places.names {
            scope.spawn(|| a_conversion_is_killed(&places, name));
        }
    });
}

fn a_conversion_is_killed(places: &Places, name: &str) {
    let (input, output) = (format!("{name}:matter/in.zip"), format!("{name}:killed"));
    let whole = format!("{name}:unkilled");
    places.run(&["convert", &input, "-o", &whole, "--quiet"], 1);
    let args = ["convert", &input, "-o", &output, "--quiet", "--resume"];
    killed_in_the_middle(places, &args, &output);
    let begun = Instant::now();
    loop {
        let resumed = places.command(&args).output().unwrap();
        let words = String::from_utf8(resumed.stderr).unwrap();
        match resumed.status.code() {
            Some(1) => break,
            code => assert_eq!(code, Some(4), "{name}: {words}"),
        }
        assert!(words.contains("somebody else is writing"), "{words}");
        assert!(begun.elapsed() < Duration::from_secs(100), "{words}");
        thread::sleep(Duration::from_secs(3));
    }
    let (found, whole) = (places.fetched(&output), places.fetched(&whole));
    assert!(found.keys().eq(whole.keys()), "{name}: {:?}", found.keys());
    for (path, bytes) in &whole {
        assert!(found[path] == *bytes, "{name}: {path} differs");
    }
}

#[test]
fn one_who_may_only_read_cannot_be_written_to() {
    let (places, _) = ready(|path| resume::write_export(path, "Hello"));
    let Some(server) = rsmf_simulator::real_server("seaweedfs") else {
        return;
    };
    let mut config = std::fs::read_to_string(places.at("rsmf.toml")).unwrap();
    config += &format!(
        "[stores.reader]\nurl = 's3://{}'\nendpoint = {}\nregion = 'us-east-1'\n\
         access_key_id = {{ env = 'READER' }}\nsecret_access_key = {{ env = 'READER_SECRET' }}\n",
        places.unique, server["http"]
    );
    places.write("reader.toml", config);
    let reader = |args: &[&str], code| {
        let mut command = places.command(args);
        for (name, key) in [("READER", "access_key"), ("READER_SECRET", "secret_key")] {
            command.env(name, server["reader"][key].as_str().unwrap());
        }
        let output = command.env("RSMF_CONFIG", "reader.toml").output().unwrap();
        places.judge(args, &output, code);
        String::from_utf8(output.stderr).unwrap()
    };
    reader(
        &["convert", "reader:matter/in.zip", "-o", "out", "--quiet"],
        1,
    );
    let told = reader(
        &["convert", "reader:matter/in.zip", "-o", "reader:out", "-q"],
        4,
    );
    assert!(
        told.contains(&format!("s3://{}/out/", places.unique)),
        "{told}"
    );
    reader(&["rm", "reader:matter/in.zip"], 1);
    reader(&["cp", "in.zip", "reader:in.zip"], 4);
    reader(&["ls", "reader:"], 0);
}
