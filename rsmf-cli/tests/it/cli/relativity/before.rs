//! What is told before anything is sent, and what is told of what went wrong after it.

use super::{EXPORT, Place, UPLOAD, text};

const TO: [&str; 8] = [
    "convert",
    EXPORT,
    "--to",
    "relativity://workspace/1234567",
    "--review-custodian",
    "Ada Müller",
    "--slice",
    "month",
];

impl Place {
    fn words(&self, args: &[&str], code: i32) -> String {
        text(&self.run(args, code).stderr)
    }

    /// Replaces words of the configuration.
    fn configure(&self, from: &str, to: &str) {
        let path = self.path().join("rsmf.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        assert!(config.contains(from), "{config}");
        std::fs::write(path, config.replace(from, to)).unwrap();
    }
}

#[test]
fn a_conversion_that_is_not_finished_is_not_delivered() {
    let place = Place::converted();
    let out = place.path().join("out");
    std::fs::create_dir(out.join("part")).unwrap();
    std::fs::write(out.join(".rsmf-run.json"), "{}").unwrap();
    let import = "relativity loadfile out --import --workspace 1234567";
    let import: Vec<_> = import.split(' ').collect();
    for args in [
        &UPLOAD[..],
        &[&UPLOAD[..2], &["out/part"], &UPLOAD[3..]].concat(),
        &["relativity", "loadfile", "out", "-o", "load.dat"],
        &import,
    ] {
        let words = place.words(args, 3);
        assert!(
            words.contains("--resume") && words.contains("--unfinished"),
            "{words}"
        );
    }
    assert_eq!(place.journal(), 0);
    for args in [
        &["validate", "out"][..],
        &["view", "out", "-o", "pages"],
        &["sync", "out", "copy"],
    ] {
        let words = place.words(args, 0);
        assert!(
            words.contains("warning: out") && words.contains("--resume"),
            "{words}"
        );
    }
    std::fs::remove_dir(out.join("part")).unwrap();
    place.run(&[&UPLOAD[..], &["--unfinished"]].concat(), 0);
    std::fs::remove_file(out.join(".rsmf-run.json")).unwrap();
    assert!(!place.words(&["validate", "out"], 0).contains("--resume"));
}

#[test]
fn a_field_that_is_not_there_is_told_first() {
    let place = Place::converted();
    let words = place.words(&[&UPLOAD[..], &["--tag", "Nope=1"]].concat(), 4);
    assert!(words.contains("the field “Nope”"), "{words}");
    assert_eq!((place.counts(), place.journal()), ((0, 0, 0), 0));
    place.run(&[&UPLOAD[..], &["--tag", "Matter ID=1"]].concat(), 0);
}

#[test]
fn people_see_what_was_not_done() {
    let place = Place::converted();
    place.configure("wait =", "verify = { file_name = 'Nope' }\nwait =");
    let told = text(&place.run(&UPLOAD, 1).stdout);
    assert!(
        told.contains("not done: ") && told.contains("Nope"),
        "{told}"
    );
}

#[test]
fn nothing_is_converted_that_cannot_be_delivered() {
    let place = Place::new();
    let to = [&TO[..], &["-o", "kept"]].concat();
    place.words(&[&to[..], &["--profile", "Nope"]].concat(), 4);
    let gone = ["--connection", "nowhere"];
    place.words(&[&to[..], &gone].concat(), 2);
    std::fs::rename(place.path().join("share"), place.path().join("away")).unwrap();
    assert!(place.words(&to, 4).contains("mount the share"));
    std::fs::rename(place.path().join("away"), place.path().join("share")).unwrap();
    std::fs::write(place.path().join("key"), "wrong").unwrap();
    let words = place.words(&to, 4);
    assert!(words.contains("check the id and the secret"), "{words}");
    let words = place.words(&["relativity", "login-check"], 4);
    assert!(words.contains("check the id and the secret"), "{words}");
    assert!(!place.path().join("kept").exists());
}

#[test]
fn what_was_converted_is_kept_where_delivery_fails() {
    let place = Place::new();
    let state = place.path().join("state");
    // Journals cannot be written.
    std::fs::write(&state, "").unwrap();
    let temporary = place.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = place.command(&[&TO[..], &["--wait"]].concat());
    command.env("TMPDIR", &temporary).env("TMP", &temporary);
    let output = command.output().unwrap();
    let (words, told) = (text(&output.stderr), text(&output.stdout));
    assert_eq!(output.status.code(), Some(4), "{words}");
    assert!(told.contains("Wrote ") && !told.contains("Next:"), "{told}");
    let (_, command) = words.split_once("to go on: rsmf ").unwrap();
    let command = command.trim().replace("'Ada Müller'", "Ada");
    assert!(command.contains(temporary.to_str().unwrap()), "{command}");
    std::fs::remove_file(&state).unwrap();
    let command: Vec<_> = command.split(' ').collect();
    place.run(&command, 0);
}

#[test]
fn empty_names_and_folders_are_refused() {
    let place = Place::new();
    for option in ["--name", "--custodian", "--profile", "--prefix", "--share"] {
        let words = place.words(
            &[
                "relativity",
                "upload",
                "out",
                "--workspace",
                "1",
                option,
                "",
            ],
            2,
        );
        assert!(words.contains("must not be empty"), "{option}: {words}");
    }
    std::fs::create_dir(place.path().join("empty")).unwrap();
    for args in [
        &[&UPLOAD[..2], &["empty"], &UPLOAD[3..]].concat()[..],
        &["relativity", "loadfile", "empty", "-o", "load.dat"],
    ] {
        let words = place.words(args, 3);
        assert!(
            words.contains("cannot find *.rsmf files in empty: not found"),
            "{words}"
        );
    }
}
