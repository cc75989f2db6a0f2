//! Runs the command on fixtures and gives its results to look at.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use super::oracle::Rsmf;
use crate::folder;

/// Where the exports are.
pub(super) fn slack() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/slack")
}

/// The archive of that name.
pub(super) fn fixture(name: &str) -> PathBuf {
    slack().join(format!("{name}.zip"))
}

/// What the fixture of that name holds.
pub(super) fn expected(name: &str) -> Value {
    let text = std::fs::read(slack().join(format!("{name}.expected.json"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// A finished run of `rsmf convert`.
pub(super) struct Run {
    folder: TempDir,
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// A line of a table, by the names of its columns.
pub(super) type Row = BTreeMap<String, String>;

impl Run {
    pub(super) fn convert(input: &Path, more: &[&str]) -> Self {
        Self::convert_into(TempDir::new().unwrap(), input, more)
    }

    pub(super) fn convert_into(folder: TempDir, input: &Path, more: &[&str]) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_rsmf"))
            .env_remove("RSMF_LOG")
            .arg("convert")
            .arg(input)
            .arg("-o")
            .arg(folder.path().join("out"))
            .args(more)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(!stderr.contains("panicked"), "{stderr}");
        let code = output.status.code().expect("no signal ended it");
        Self {
            folder,
            code,
            stdout,
            stderr,
        }
    }

    /// The same, and it must end with that exit code.
    pub(super) fn ending(code: i32, input: &Path, more: &[&str]) -> Self {
        let run = Self::convert(input, more);
        assert_eq!(run.code, code, "{}: {}", input.display(), run.stderr);
        run
    }

    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// The folder in which the output is, to run again.
    pub(super) fn again(self) -> TempDir {
        self.folder
    }

    /// Every file below the output, by its path with `/`.
    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        match self.out().exists() {
            true => folder::files(&self.out()),
            false => BTreeMap::new(),
        }
    }

    /// The same without the reports.
    pub(super) fn results(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files();
        files.retain(|name, _| name.ends_with(".rsmf"));
        files
    }

    /// Each result, read.
    pub(super) fn rsmf(&self) -> BTreeMap<String, Rsmf> {
        let names = self.results().into_keys();
        names
            .map(|name| {
                let rsmf = Rsmf::read(&self.out().join(&name));
                (name, rsmf)
            })
            .collect()
    }

    pub(super) fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.out().join("report.json")).unwrap()).unwrap()
    }

    pub(super) fn table(&self, name: &str) -> Vec<Row> {
        let mut reader = csv::Reader::from_path(self.out().join(name)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    }

    /// How many records the exceptions account for, by reason.
    pub(super) fn lost(&self) -> BTreeMap<String, u64> {
        let mut lost = BTreeMap::new();
        for row in self.table("exceptions.csv") {
            let messages: u64 = row["messages"].parse().unwrap();
            if messages > 0 {
                *lost.entry(row["reason"].clone()).or_default() += messages;
            }
        }
        lost
    }
}

/// Unpacks an archive, as a person would.
pub(super) fn unpack(archive: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    let file = std::fs::File::open(archive).unwrap();
    zip::ZipArchive::new(file)
        .unwrap()
        .extract(folder.path())
        .unwrap();
    folder
}
