//! What is copied.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::{Args as _, Command, FromArgMatches};

use super::{Args, Kind};
use crate::gen_slack;

const SMALL: u64 = 16 << 10;

/// Files, and a place for more; it is removed with this.
pub(super) struct Material {
    root: PathBuf,
}

impl Drop for Material {
    fn drop(&mut self) {
        // What is left of it is in nobody's way.
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Material {
    pub(super) fn make(root: &Path, args: &Args) -> Result<Self> {
        fs::create_dir_all(root).with_context(|| root.display().to_string())?;
        let material = Self {
            root: root.to_owned(),
        };
        let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
        if args.only != Some(Kind::Convert) {
            noise.write(&material.large(), args.large << 20)?;
            fs::create_dir(material.small())?;
            for number in 0..args.small {
                noise.write(&material.small().join(format!("{number:05}.bin")), SMALL)?;
            }
        }
        if args.only.is_none_or(|kind| kind == Kind::Convert) {
            material.generate(args.messages)?;
        }
        Ok(material)
    }

    /// As `cargo xtask gen-slack` does.
    fn generate(&self, messages: u64) -> Result<()> {
        let known = gen_slack::Args::augment_args(Command::new("gen-slack"));
        let words =
            ["gen-slack", "--messages", &messages.to_string(), "--output"].map(OsString::from);
        let words = words.into_iter().chain([self.export().into()]);
        let found = known.try_get_matches_from(words)?;
        gen_slack::run(&gen_slack::Args::from_arg_matches(&found)?)?;
        Ok(())
    }

    /// One large file.
    pub(super) fn large(&self) -> PathBuf {
        self.root.join("large.bin")
    }

    /// Many small ones.
    pub(super) fn small(&self) -> PathBuf {
        self.root.join("small")
    }

    /// An export of Slack.
    pub(super) fn export(&self) -> PathBuf {
        self.root.join("export.zip")
    }

    /// A folder that is empty.
    pub(super) fn empty(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A place for a folder.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// Bytes that nobody can compress, the same ones each time (Marsaglia's xorshift).
struct Noise(u64);

impl Noise {
    fn write(&mut self, path: &Path, bytes: u64) -> Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        for _ in 0..bytes / 8 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            file.write_all(&self.0.to_le_bytes())?;
        }
        Ok(file.flush()?)
    }
}

/// Fails unless there is the same in both places, files or folders of files.
pub(super) fn same(one: &Path, other: &Path) -> Result<()> {
    if one.is_file() {
        return same_file(one, other).with_context(|| other.display().to_string());
    }
    let names = |folder: &Path| -> Result<Vec<_>> {
        let entries = fs::read_dir(folder)?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name()))
            .collect::<Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    let found = names(one)?;
    ensure!(
        found == names(other)?,
        "{} has other files",
        other.display()
    );
    found
        .iter()
        .try_for_each(|name| same(&one.join(name), &other.join(name)))
}

fn same_file(one: &Path, other: &Path) -> Result<()> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let same_size = one.metadata()?.len() == other.metadata()?.len();
    ensure!(same_size, "it has another size");
    let (mut ours, mut theirs) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let read = one.read(&mut ours)?;
        let (Some(ours), Some(theirs)) = (ours.get(..read), theirs.get_mut(..read)) else {
            continue;
        };
        other.read_exact(theirs)?;
        ensure!(ours == theirs, "it has other bytes");
        if read == 0 {
            return Ok(());
        }
    }
}
