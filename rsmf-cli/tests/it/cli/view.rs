//! `rsmf view`.

use std::fs;

use tempfile::TempDir;

use super::{files, run, text};
use crate::folder::names;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    fs::create_dir_all(folder.path().join("in/deep er")).unwrap();
    write("in/a.rsmf", &files::VALID.build());
    write("in/deep er/a.rsmf", &files::VALID.build());
    write("in/deep er-a.rsmf", &files::VALID.build());
    folder
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn a_file_becomes_one_page_and_the_same_one_again() {
    let folder = folder();
    run(folder.path(), &["view", "in/a.rsmf"], 0);
    let page = read(&folder, "a.html");
    assert!(page.contains("<h1><bdi>general</bdi></h1>"));
    assert!(page.ends_with("</html>"));
    assert_eq!(names(folder.path()), ["a.html", "in"]);
    let printed = run(folder.path(), &["view", "in/a.rsmf", "-o", "-"], 0).stdout;
    assert_eq!(text(&printed), page);
}

#[test]
fn large_attachments_lie_beside_the_page() {
    let folder = folder();
    let words = &[
        "view",
        "in/a.rsmf",
        "-o",
        "new/p.html",
        "--inline-limit",
        "4",
    ];
    run(folder.path(), words, 0);
    assert_eq!(names(&folder.path().join("new")), ["p.files", "p.html"]);
    assert_eq!(read(&folder, "new/p.files/notes.txt"), "notes");
    assert!(read(&folder, "new/p.html").contains("href=\"p.files/notes.txt\""));
    // Without a folder they are only named.
    let printed = text(
        &run(
            folder.path(),
            &["view", "in/a.rsmf", "-o", "-", "--inline-limit", "4"],
            0,
        )
        .stdout,
    );
    assert!(printed.contains("too large to be part of this page"));
    // Once they fit, nothing of the earlier page is left.
    run(
        folder.path(),
        &[
            "view",
            "in/a.rsmf",
            "-o",
            "new/p.html",
            "--existing",
            "overwrite",
        ],
        0,
    );
    assert_eq!(names(&folder.path().join("new")), ["p.html"]);
}

#[test]
fn a_small_file_cannot_fill_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("in")).unwrap();
    fs::write(
        path("in/a.rsmf"),
        files::VALID.with_notes(&vec![0; 5_000_000]),
    )
    .unwrap();
    for (words, page) in [
        (
            &["view", "in/a.rsmf", "-o", "p.html", "--quiet"][..],
            "p.html",
        ),
        (&["view", "in", "-o", "out", "--quiet"], "out/pages/a.html"),
    ] {
        let told = text(&run(folder.path(), words, 0).stderr);
        let path = std::path::Path::new("in").join("a.rsmf");
        let start = format!(
            "warning: {}: \"notes.txt\" is not written: it expands ",
            path.display()
        );
        assert!(told.starts_with(&start), "{told}");
        assert!(read(&folder, page).contains("not written: it expands "));
    }
    assert_eq!(names(folder.path()), ["in", "out", "p.html"]);
    assert_eq!(names(&path("out/pages")), ["a.html"]);
}

#[test]
fn a_folder_becomes_a_list_and_pages() {
    let folder = folder();
    run(folder.path(), &["view", "in", "-o", "out"], 0);
    assert_eq!(names(folder.path()), ["in", "out"]);
    let pages = names(&folder.path().join("out/pages"));
    assert_eq!(pages, ["a.html", "deep er-a-2.html", "deep er-a.html"]);
    let index = read(&folder, "out/index.html");
    assert!(index.contains("3 files"));
    for page in pages {
        assert!(index.contains(&format!("href=\"pages/{page}\"")), "{page}");
    }
    let page = read(&folder, "out/pages/a.html");
    assert!(page.contains("href=\"../index.html\""));
    assert!(page.contains("rel=\"next\""));
    assert!(page.ends_with("</html>"));
    run(
        folder.path(),
        &["view", "in", "-o", "one", "--threads", "1"],
        0,
    );
    assert_eq!(read(&folder, "one/pages/a.html"), page);
}

#[test]
fn a_broken_file_of_a_folder_costs_only_itself() {
    let folder = folder();
    fs::write(
        folder.path().join("in/b.rsmf"),
        "Subject: no zip\r\n\r\nhello",
    )
    .unwrap();
    let words = text(&run(folder.path(), &["view", "in"], 1).stderr);
    assert!(words.contains("not shown: b.rsmf: "), "{words}");
    assert!(
        words.contains("in-view/index.html: 3 pages") || cfg!(windows),
        "{words}"
    );
    let index = read(&folder, "in-view/index.html");
    assert!(index.contains("1 not shown") && index.contains("<bdi>b.rsmf</bdi>"));
    assert_eq!(names(&folder.path().join("in-view/pages")).len(), 3);
    run(folder.path(), &["view", "in/b.rsmf"], 3);
    assert_eq!(names(folder.path()), ["in", "in-view"]);
}

#[test]
fn nothing_of_others_is_replaced() {
    let folder = folder();
    fs::write(folder.path().join("a.html"), "mine").unwrap();
    fs::create_dir(folder.path().join("in-view")).unwrap();
    fs::write(folder.path().join("in-view/index.html"), "mine").unwrap();
    for input in ["in/a.rsmf", "in"] {
        let words = text(&run(folder.path(), &["view", input], 4).stderr);
        assert!(words.contains("--existing overwrite"), "{words}");
        let words = text(
            &run(
                folder.path(),
                &["view", input, "--existing", "overwrite"],
                4,
            )
            .stderr,
        );
        assert!(words.contains("has not written it"), "{words}");
    }
    assert_eq!(read(&folder, "a.html"), "mine");
    assert_eq!(names(&folder.path().join("in-view")), ["index.html"]);
    // What is ours is replaced as a whole.
    run(folder.path(), &["view", "in", "-o", "out"], 0);
    fs::remove_file(folder.path().join("in/a.rsmf")).unwrap();
    run(
        folder.path(),
        &["view", "in", "-o", "out", "--existing", "overwrite"],
        0,
    );
    assert_eq!(names(&folder.path().join("out/pages")).len(), 2);
}

#[test]
fn what_makes_no_sense_is_told() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (words, code, needle) in [
        (&["view", "in", "-o", "in/pages"][..], 2, "outside of it"),
        (&["view", "in", "-o", "-"], 2, "name a folder"),
        (
            &["view", "in/a.rsmf", "--timezone", "Mars/Olympus"],
            2,
            "--timezone",
        ),
        (
            &["view", "in/a.rsmf", "--inline-limit", "heavy"],
            2,
            "--inline-limit",
        ),
        (&["view", "gone.rsmf"], 3, "not found"),
        (&["view", "empty"], 3, "no *.rsmf file"),
    ] {
        let said = text(&run(folder.path(), words, code).stderr);
        assert!(said.contains(needle), "{words:?}: {said}");
    }
    assert_eq!(names(folder.path()), ["empty", "in"]);
}

#[cfg(unix)]
#[test]
fn stopped_while_it_writes_a_page_it_leaves_nothing() {
    let one = r#"{"type": "message", "conversation": "C1", "participant": "U1", "body": "a"}"#;
    let manifest = format!(
        r#"{{"version": "2.0.0", "participants": [{{"id": "U1"}}], "conversations": [{{"id": "C1", "platform": "slack", "participants": ["U1"]}}], "events": [{}]}}"#,
        vec![one; 20_000].join(",")
    );
    let large = files::Sample {
        manifest: manifest.leak(),
        events: 20_000,
    };
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.rsmf"), large.build()).unwrap();
        let mut child = super::command(folder.path(), &["view", "a.rsmf", "--quiet"])
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        while !names(folder.path())
            .iter()
            .any(|name| name.starts_with(".rsmf-view-"))
        {
            assert!(
                child.try_wait().unwrap().is_none(),
                "it ended before it could be stopped"
            );
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let process = child.id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-s", signal, &process])
            .status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert_eq!(names(folder.path()), ["a.rsmf"]);
    }
}

/// Commands that wait for a file that never comes are stopped all the same.
#[cfg(target_os = "linux")]
#[test]
fn stopped_while_it_reads_it_says_so() {
    // Called so, a pipe counts as one that a shell has passed on.
    const PASSED_ON: &str = "/proc/self/cwd/in.rsmf";
    for words in [
        &["inspect", PASSED_ON][..],
        &["view", PASSED_ON, "-o", "-"],
        &["view", PASSED_ON, "-o", "page.html"],
    ] {
        for (signal, code) in [("INT", 130), ("TERM", 143)] {
            let folder = tempfile::tempdir().unwrap();
            let pipe = folder.path().join("in.rsmf");
            let made = std::process::Command::new("mkfifo").arg(&pipe).status();
            assert!(made.unwrap().success());
            let child = super::command(folder.path(), words)
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            // This waits until the other end is open, too.
            let _writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            let process = child.id().to_string();
            let sent = std::process::Command::new("kill")
                .args(["-s", signal, &process])
                .status();
            assert!(sent.unwrap().success());
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{words:?}");
            assert_eq!(text(&output.stderr), "error: stopped\n");
            assert_eq!(names(folder.path()), ["in.rsmf"]);
        }
    }
}
