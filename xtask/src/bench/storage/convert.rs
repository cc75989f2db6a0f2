//! A conversion from a bucket into it, beside one from folder to folder.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};

use super::{
    race::{RSMF, Racer, Table},
    s3::Bucket,
};

/// Exit codes of conversions that lost nothing, and of those with something to tell.
const ACCEPTED: &[i32] = &[0, 1];

pub(super) fn round(store: &Bucket<'_>, round: usize, table: &mut Table) -> Result<()> {
    let material = &store.bench.material;
    let export = material.export();
    let export = export.to_str().context("a folder is not Unicode")?;
    let upload = store
        .rsmf(&["cp", "--quiet", export, "bench:in/export.zip"])
        .status()?;
    ensure!(upload.success(), "the export cannot be uploaded");
    let there = store.rsmf(&[
        "convert",
        "--quiet",
        "bench:in/export.zip",
        "-o",
        "bench:out/",
    ]);
    let reference = material.empty("reference")?;
    ensure!(
        ACCEPTED.contains(
            &here(store, export, &reference)
                .status()?
                .code()
                .unwrap_or(-1)
        ),
        "the export cannot be converted"
    );
    let out = material.empty("out")?;
    let here = here(store, export, &out);
    let racers = vec![
        Racer {
            tool: RSMF,
            command: there,
            accepted: ACCEPTED,
            check: Box::new(|| store.holds(&reference, "out", ".rsmf")),
        },
        Racer {
            tool: "rsmf, from folder to folder",
            command: here,
            accepted: ACCEPTED,
            check: Box::new(|| Ok(fs::remove_dir_all(out)?)),
        },
    ];
    table.race("a conversion from S3 to S3", round, racers)
}

fn here(store: &Bucket<'_>, export: &str, folder: &std::path::Path) -> Command {
    let mut command = store.rsmf(&["convert", "--quiet", export, "-o"]);
    command.arg(folder);
    command
}
