//! `rsmf relativity loadfile --import`.

use super::*;

#[test]
fn a_load_file_is_imported() {
    let place = Place::converted();
    let import = [
        "relativity",
        "loadfile",
        "out",
        "--import",
        "--workspace",
        "1234567",
        "--name",
        "import",
    ];
    place
        .server
        .knobs(|knobs| (knobs.import_queue, knobs.import_time) = (20, 20));
    // The same command goes on with what was only started.
    place.run(&import, 0);
    let waiting = [&import[..], &["--wait"]].concat();
    let told = text(&place.run(&waiting, 0).stdout);
    assert!(
        told.starts_with("completed: ") && told.contains("became documents"),
        "{told}"
    );
    let report = place.json(&[&waiting[..], &["--json"]].concat(), 0);
    assert_eq!(report["imported"], report["files"]);
    for call in [
        "import.create",
        "import.configure",
        "import.source-create",
        "import.begin",
        "import.end",
    ] {
        assert_eq!(place.server.count(call), 1, "{call}");
    }
    let documents = place.server.documents(Relativity::WORKSPACE).len();
    assert_eq!(report["files"], documents);
    let folder = report["folder"].as_str().unwrap();
    let folder = folder.rsplit('\\').next().unwrap();
    let staged = place.path().join("share").join(folder);
    assert!(staged.join("load.dat").exists(), "{folder}");
    // The same numbers once more are errors, line by line.
    let prefix = report["prefix"].as_str().unwrap();
    let twice = [
        &import[..6],
        &["--wait", "--name", "twice", "--prefix", prefix],
    ]
    .concat();
    let told = text(&place.run(&twice, 1).stdout);
    assert!(
        told.contains("error: line ") && told.contains("_errors.dat"),
        "{told}"
    );
    for (knob, code) in [("import_fails", 6), ("stuck", 8)] {
        place.server.knobs(|knobs| {
            knobs.import_fails = knob == "import_fails";
            knobs.import_time = if knob == "stuck" { 60_000 } else { 20 };
        });
        let args = [
            &import[..6],
            &["--wait", "--name", knob, "--timeout", "1s", "--quiet"],
        ]
        .concat();
        place.run(&args, code);
    }
    let words = |args: &[&str]| text(&place.run(args, 2).stderr);
    assert!(words(&["relativity", "loadfile", "out", "--import"]).contains("--workspace"));
    assert!(words(&[&import[..], &["--command", "sh"]].concat()).contains("--output"));
}

#[cfg(unix)]
#[test]
fn an_import_that_is_killed_after_any_step_goes_on() {
    let place = Place::converted();
    place
        .server
        .knobs(|knobs| (knobs.import_queue, knobs.import_time) = (30, 30));
    let import = [
        "relativity",
        "loadfile",
        "out",
        "--import",
        "-w",
        "1234567",
        "--wait",
    ];
    let calls = ["create", "configure", "source-create", "begin", "end"]
        .map(|call| format!("import.{call}"));
    let made = |place: &Place| {
        calls
            .iter()
            .map(|call| place.server.count(call))
            .sum::<usize>()
    };
    let mut killed = 0;
    loop {
        let (lines, asked) = (place.journal(), made(&place));
        let mut child = place.command(&import);
        let mut child = child
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if place.journal() > lines || made(&place) > asked {
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        let _ = child.kill();
        child.wait().unwrap();
        if let Some(status) = ended {
            assert_eq!(status.code(), Some(0));
            break;
        }
        killed += 1;
    }
    assert!(killed > 4, "{killed}");
    for call in &calls {
        assert_eq!(place.server.count(call), 1, "{call}");
    }
}
