//! What a few files look like to the letter. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

use super::bench::{Run, fixture};

/// Compares the manifest and the body of some files of a conversion with those that are stored.
fn compare(name: &str, code: i32, more: &[&str], files: &[&str]) {
    let run = Run::ending(code, &fixture(name), more);
    let rsmf = run.rsmf();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/golden")
        .join(name);
    for file in files {
        let found = rsmf
            .get(*file)
            .unwrap_or_else(|| panic!("{:?}", rsmf.keys()));
        let stem = file.trim_end_matches(".rsmf").replace('/', "_");
        let manifest = serde_json::to_string_pretty(&found.manifest).unwrap() + "\n";
        same(&folder.join(format!("{stem}.json")), &manifest);
        same(
            &folder.join(format!("{stem}.txt")),
            &found.body.replace("\r\n", "\n"),
        );
    }
}

fn same(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, found).unwrap();
        return;
    }
    let stored = std::fs::read_to_string(path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert_eq!(
        found,
        stored,
        "{}: if this is right, run with UPDATE_GOLDEN=1",
        path.display()
    );
}

#[test]
fn acme() {
    compare(
        "acme-export",
        0,
        &[],
        &[
            "falcon-launch_2024-03-04.rsmf",
            "falcon-launch_2024-03-08.rsmf",
            "falcon-launch_2024-04-02.rsmf",
            "general_2024-03-12.rsmf",
        ],
    );
}

#[test]
fn subtypes() {
    compare(
        "every-subtype",
        1,
        &["--slice", "conversation"],
        &["every-subtype.rsmf"],
    );
}

#[test]
fn blocks() {
    compare(
        "every-block",
        0,
        &["--slice", "conversation"],
        &["every-block.rsmf"],
    );
}

#[test]
fn text() {
    compare("text", 0, &["--slice", "conversation"], &["text.rsmf"]);
}

#[test]
fn edits() {
    compare(
        "edits-log",
        1,
        &["--slice", "conversation", "--body-text", "history"],
        &["edits-log.rsmf"],
    );
}
