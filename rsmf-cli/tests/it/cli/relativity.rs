//! `rsmf relativity`, against the stand-in.

mod again;
mod before;
mod import;
mod transfer;

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use rsmf_simulator::Relativity;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{command, json, run, text};

const EXPORT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../fixtures/slack/acme-export.zip"
);
const SHARE: &str = r"\\files\T001\ProcessingSource";

/// A stand-in, and a folder with a configuration and RSMF files.
struct Place {
    runtime: Runtime,
    server: Relativity,
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Relativity::start());
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("share")).unwrap();
        server.share(SHARE, &folder.path().join("share"));
        server.knobs(|knobs| (knobs.submit_gap, knobs.job_time) = (20, 20));
        let (id, secret) = Relativity::CLIENT;
        std::fs::write(folder.path().join("key"), secret).unwrap();
        let config = format!(
            "[relativity.acme]\nhost = '{}'\nauth.oauth2 = {{ client_id = '{id}', client_secret = {{ file = 'key' }} }}\n\
             staging = {{ kind = 'share', unc = '{SHARE}', store = 'share' }}\n\
             upload = {{ profile = 'RSMF' }}\n\
             wait = {{ interval = '20ms', longest_interval = '50ms' }}\n",
            server.url()
        );
        std::fs::write(folder.path().join("rsmf.toml"), config).unwrap();
        Self {
            runtime,
            server,
            folder,
        }
    }

    /// With the files of a conversion.
    fn converted() -> Self {
        let place = Self::new();
        place.run(
            &[
                "convert", EXPORT, "-o", "out", "--quiet", "--slice", "month",
            ],
            0,
        );
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, args: &[&str], code: i32) -> Output {
        let _entered = self.runtime.enter();
        let output = self.command(args).output().unwrap();
        let words = text(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{args:?} said:\n{words}{}",
            text(&output.stdout)
        );
        assert!(
            !words.contains("panicked") && !words.contains("pl4nted"),
            "{words}"
        );
        output
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = command(self.path(), args);
        command.env("XDG_STATE_HOME", self.path().join("state"));
        command
    }

    fn json(&self, args: &[&str], code: i32) -> Value {
        json(&self.run(args, code).stdout)
    }

    /// Custodians, sets, data sources.
    fn counts(&self) -> (u64, usize, u64) {
        let state = self.server.state();
        let workspace = &state["workspaces"]["1234567"];
        let sets = workspace["sets"].as_object().unwrap().len();
        (
            workspace["entities"].as_u64().unwrap(),
            sets,
            workspace["data_sources"].as_u64().unwrap(),
        )
    }

    /// The lines of the only journal.
    fn journal(&self) -> usize {
        let Ok(files) = std::fs::read_dir(self.path().join("state/rsmf/relativity")) else {
            return 0;
        };
        let text =
            files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap_or_default());
        text.map(|text| text.lines().count()).sum()
    }
}

const UPLOAD: [&str; 10] = [
    "relativity",
    "upload",
    "out/",
    "--workspace",
    "1234567",
    "--profile",
    "RSMF",
    "--custodian",
    "Ada Müller",
    "--wait",
];

#[test]
fn a_folder_is_delivered_processed_and_proven() {
    let place = Place::converted();
    let output = place.run(&UPLOAD, 0);
    let told = text(&output.stdout);
    assert!(
        told.starts_with("completed: ") && told.contains("became documents"),
        "{told}"
    );
    let report = place.json(&[&UPLOAD[..], &["--json"]].concat(), 0);
    assert_eq!(report["outcome"], "completed");
    assert_eq!(report["verification"]["documents"], report["files"]);
    assert_eq!(place.counts(), (1, 1, 1));
    let set = report["set"].to_string();
    let job =
        |verb| ["relativity", verb, "--workspace", "1234567", "--set", &set].map(str::to_owned);
    for (verb, code) in [("status", 0), ("wait", 0), ("errors", 0), ("cancel", 4)] {
        let words = job(verb);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        place.run(&words, code);
        if code == 0 {
            place.json(&[&words[..], &["--json"]].concat(), code);
        }
    }
    let verify = "relativity verify out --workspace 1234567 --set";
    let mut verify: Vec<_> = verify.split(' ').collect();
    verify.push(&set);
    place.run(&verify, 0);
    verify.extend(["--json", "--prefix", "X"]);
    let proof = place.json(&verify, 1);
    assert_eq!(proof["documents"], 0);
}

#[test]
fn what_there_is_can_be_looked_at() {
    let place = Place::converted();
    assert!(text(&place.run(&["relativity", "login-check"], 0).stdout).contains("lets us in"));
    assert_eq!(
        place.json(&["relativity", "workspaces", "--json"], 0)[0]["id"],
        1_234_567
    );
    place.run(&["relativity", "workspaces", "--name", "Example"], 0);
    let told = text(
        &place
            .run(&["relativity", "profiles", "--workspace", "1234567"], 0)
            .stdout,
    );
    assert!(
        told.contains("no use for RSMF") && told.contains("publishes by itself"),
        "{told}"
    );
    place.json(
        &["relativity", "profiles", "--workspace", "1234567", "--json"],
        0,
    );
    place.run(&["relativity", "validate", "out"], 0);
    place.json(&["relativity", "validate", "out", "--json"], 0);
    place.run(
        &[
            "relativity",
            "loadfile",
            "out",
            "-o",
            "load.dat",
            "--natives",
            r".\N",
        ],
        0,
    );
    let text = std::fs::read_to_string(place.path().join("load.dat")).unwrap();
    assert!(
        text.starts_with("\u{feff}þControl Numberþ\u{14}þFILE_PATHþ"),
        "{text}"
    );
    place.run(
        &["relativity", "loadfile", "out", "-o", "load.dat", "--utf16"],
        4,
    );
}

#[test]
fn each_outcome_has_a_code_of_its_own() {
    let place = Place::converted();
    place.server.knobs(|knobs| knobs.stuck = true);
    let report = place.json(
        &[&UPLOAD[..], &["--json", "--timeout", "300ms"]].concat(),
        8,
    );
    let set = report["set"].to_string();
    let job = ["--workspace", "1234567", "--set", &set];
    place.run(&[&["relativity", "status"], &job[..]].concat(), 0);
    place.run(&[&["relativity", "cancel"], &job[..]].concat(), 0);
    place.run(&[&["relativity", "wait"], &job[..]].concat(), 7);
    place.run(&UPLOAD, 7);
    place.server.knobs(|knobs| knobs.stuck = false);
    std::fs::remove_dir_all(place.path().join("share")).unwrap();
    let gone = [
        &UPLOAD[..],
        &[
            "--name",
            "gone",
            "--staged",
            r"\\files\T001\ProcessingSource\gone",
        ],
    ]
    .concat();
    place.run(&gone, 6);
    std::fs::create_dir(place.path().join("share")).unwrap();
    std::fs::write(place.path().join("out/broken.rsmf"), "no rsmf").unwrap();
    let broken = [&UPLOAD[..], &["--name", "broken"]].concat();
    assert!(text(&place.run(&broken, 3).stderr).contains("broken.rsmf"));
}

#[test]
fn errors_of_single_files_can_be_tried_again() {
    let place = Place::converted();
    std::fs::write(place.path().join("out/broken.rsmf"), "no rsmf").unwrap();
    let report = place.json(&[&UPLOAD[..], &["--json", "--no-validate"]].concat(), 1);
    let set = report["set"].to_string();
    let job = ["--workspace", "1234567", "--set", &set];
    let errors = place.json(&[&["relativity", "errors", "--json"], &job[..]].concat(), 1);
    let file = errors["files"][0]["file"].to_string();
    let told = text(
        &place
            .run(&[&["relativity", "errors"], &job[..]].concat(), 1)
            .stdout,
    );
    assert!(
        told.contains(&format!("broken.rsmf (file {file})")),
        "{told}"
    );
    let retry = |file: &str, code| {
        let args = [&["relativity", "retry", "--file", file], &job[..]].concat();
        text(&place.run(&args, code).stderr)
    };
    retry(&file, 0);
    assert_eq!(place.server.count("file.retry-errors"), 1);
    assert!(retry("1", 4).contains("no file with errors"));
    // As Relativity Server does.
    place.run(&[&["relativity", "wait"], &job[..]].concat(), 1);
    place.server.knobs(|knobs| knobs.retry_errors = false);
    assert!(retry(&file, 4).contains("cannot be retried"));
}

#[test]
fn what_cannot_be_is_told() {
    let place = Place::converted();
    let words = |args: &[&str], code| text(&place.run(args, code).stderr);
    assert!(
        words(&["relativity", "login-check", "--connection", "acne"], 2).contains("it has acme")
    );
    assert!(
        words(
            &["relativity", "login-check", "--host", "https://a.example"],
            2
        )
        .contains("--client-id")
    );
    let url = place.server.url();
    let wrong = [
        "relativity",
        "login-check",
        "--host",
        &url,
        "--client-id",
        "rsmf",
        "--secret-file",
        "rsmf.toml",
    ];
    assert!(words(&wrong, 4).contains("error"));
    let children = [&UPLOAD[..6], &["No children", "--custodian", "Ada"]].concat();
    assert!(words(&children, 4).contains("Extract children"));
    assert!(
        words(
            &["relativity", "upload", "out", "--workspace", "1234567"],
            2
        )
        .contains("--custodian")
    );
    let tag = [&UPLOAD[..], &["--tag", "Matter"]].concat();
    assert!(words(&tag, 2).contains("FIELD=VALUE"));
    let journal = [&UPLOAD[..], &["--journal", "out/journal"]].concat();
    assert!(words(&journal, 2).contains("--journal"));
    std::fs::write(
        place.path().join("rsmf.toml"),
        "[relativity.acme]\nhost = 'x'",
    )
    .unwrap();
    assert!(words(&["relativity", "login-check"], 2).contains("rsmf.toml:"));
    std::fs::write(place.path().join("rsmf.toml"), "").unwrap();
    assert!(words(&["relativity", "login-check"], 2).contains("no connection"));
}

#[test]
fn a_conversion_can_go_all_the_way() {
    let place = Place::new();
    let to = [
        "convert",
        EXPORT,
        "--slice",
        "month",
        "--to",
        "relativity://workspace/1234567",
        "--review-custodian",
        "Ada Müller",
    ];
    let report = place.json(&[&to[..], &["--wait", "--json"]].concat(), 0);
    assert_eq!(report["delivery"]["outcome"], "completed", "{report}");
    assert!(report["conversion"].is_object());
    place.run(&[&to[..], &["-o", "kept", "--wait"]].concat(), 0);
    assert!(place.path().join("kept/report.json").exists());
    assert_eq!(place.counts(), (1, 1, 1));
    place.run(&["convert", EXPORT, "--to", "relativity://somewhere"], 2);
    place.run(&["convert", EXPORT], 2);
}

#[cfg(unix)]
#[test]
fn killed_after_any_step_it_goes_on() {
    let place = Place::converted();
    let mut lines = 0;
    loop {
        let mut child = place
            .command(&UPLOAD)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if place.journal() > lines {
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        child.kill().unwrap();
        child.wait().unwrap();
        lines = place.journal();
        if let Some(status) = ended {
            assert_eq!(status.code(), Some(0));
            break;
        }
    }
    assert_eq!(place.counts(), (1, 1, 1));
    assert_eq!(place.server.count("job.discover"), 1);
    assert_eq!(place.server.count("job.publish"), 1);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_the_job_alone_and_tells_how_to_go_on() {
    let place = Place::converted();
    place.server.knobs(|knobs| knobs.stuck = true);
    let interrupted = |more: &[&str]| {
        let before = place.server.count("set.summary");
        let child = place
            .command(&[&UPLOAD[..], more].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while place.server.count("set.summary") < before + 5 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        std::process::Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        text(&output.stderr)
    };
    let words = interrupted(&[]);
    assert!(
        words.contains("rsmf relativity wait --workspace 1234567 --set "),
        "{words}"
    );
    assert_eq!(place.server.count("job.cancel"), 0);
    let words = interrupted(&["--cancel-on-interrupt"]);
    assert!(words.contains("was asked to stop"), "{words}");
    assert_eq!(place.server.count("job.cancel"), 1);
    let _ = run(Path::new("."), &["relativity", "--help"], 0);
}
