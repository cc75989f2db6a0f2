//! What can be said of the files before they go anywhere.

use std::{
    collections::BTreeMap,
    io::{Seek, Write},
    sync::Arc,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{
    Failure, Result as CoreResult,
    integration::{GetOptions, Storage},
    validate::{Level, Outcome, Profile, validate_rsmf},
    workers::Workers,
};

use tempfile::SpooledTempFile;

use super::{UploadEvent, UploadWatch};
use crate::{
    Dataset, Result, SourceFile, UncPath,
    client::{Relativity, RsmfFile, RsmfStatus, RsmfVerdict},
    rules, sum,
};

/// Problems that are told one by one.
const MOST_TOLD: usize = 20;
/// Files that Relativity is asked about at the same time.
const ASKED_AT_ONCE: usize = 4;
/// Bytes of a file that are held in memory.
const IN_MEMORY: usize = 16 << 20;

/// Checks names, paths and sizes.
pub(crate) fn check_names(files: &[SourceFile], folder: &UncPath) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut notes = Vec::new();
    for file in files {
        if let Err(problem) = rules::check_path(folder, &file.name) {
            problems.push(format!("{}: {problem}", file.name));
        }
        if file.size > rules::LARGEST_RSMF {
            problems.push(format!(
                "{}: it is larger than 2 GiB, which Processing does not support",
                file.name
            ));
        }
        if rules::is_misleading(&file.name) {
            notes.push(format!(
                "{}: its name turns the direction of writing",
                file.name
            ));
        }
    }
    if let Some((one, other)) = rules::find_twins(files.iter().map(|file| file.name.as_str())) {
        problems.push(format!(
            "{one} and {other} differ by large and small letters alone"
        ));
    }
    refuse(problems).map(|()| notes)
}

/// Validates all files as Relativity does, several at a time.
pub(crate) async fn validate(
    source: &Arc<dyn Storage>,
    files: &[SourceFile],
    workers: &Workers,
    watch: &dyn UploadWatch,
) -> Result<Vec<String>> {
    let all = files.len() as u64;
    let checks = stream::iter(files.to_vec()).map(|file| {
        let (source, workers) = (Arc::clone(source), workers.clone());
        async move { validate_one(source, file, workers).await }
    });
    let mut checks = std::pin::pin!(checks.buffered(workers.threads() * 2));
    let (mut problems, mut warned, mut done) = (Vec::new(), 0_u64, 0);
    while let Some(checked) = checks.next().await {
        match checked? {
            Checked::Passed => {}
            Checked::Warned => warned += 1,
            Checked::Failed(problem) => problems.push(problem),
        }
        done += 1;
        watch.event(UploadEvent::Validated { done, all });
    }
    refuse(problems)?;
    Ok(match warned {
        0 => Vec::new(),
        _ => vec![format!(
            "{warned} files have warnings; `rsmf validate` shows them"
        )],
    })
}

/// Makes sure that the files are still those that were staged.
pub(crate) async fn compare(
    dataset: &Dataset,
    staged: &BTreeMap<String, (u64, String)>,
    workers: &Workers,
) -> Result<()> {
    for file in dataset.files.iter() {
        let Some((_, sha256)) = staged.get(&file.name) else {
            continue;
        };
        let content = open(dataset.source.as_ref(), file).await?;
        let here = workers.run(move || sum::of(content)).await?;
        let here =
            here.map_err(|error| rsmf_core::Error::from_io("read", file.name.clone(), error))?;
        if here != *sha256 {
            return Err(Failure::new("go on with", "the upload")
                .source(format!("{} is not the file that was staged", file.name))
                .advice("choose a name of its own for what has changed")
                .conflict()
                .into());
        }
    }
    Ok(())
}

enum Checked {
    Passed,
    Warned,
    Failed(String),
}

async fn validate_one(
    source: Arc<dyn Storage>,
    file: SourceFile,
    workers: Workers,
) -> Result<Checked> {
    let content = open(source.as_ref(), &file).await?;
    let report = workers
        .run(move || validate_rsmf(content, Profile::Relativity))
        .await?;
    let report =
        report.map_err(|error| rsmf_core::Error::from_io("read", file.name.clone(), error))?;
    Ok(match report.outcome() {
        Outcome::Passed => Checked::Passed,
        Outcome::Warned => Checked::Warned,
        Outcome::Failed => {
            let first = report
                .findings
                .iter()
                .find(|finding| finding.level == Level::Error);
            let why = first.map_or("it failed", |finding| finding.message.as_str());
            Checked::Failed(format!("{}: {why}", file.name))
        }
    })
}

/// Has Relativity validate all files.
pub(super) async fn validate_remotely(
    relativity: &Relativity,
    source: &Arc<dyn Storage>,
    files: &[SourceFile],
    watch: &dyn UploadWatch,
) -> Result<()> {
    let all = files.len() as u64;
    let asked = stream::iter(files.to_vec()).map(|file| {
        let (relativity, source) = (relativity.clone(), Arc::clone(source));
        async move {
            let verdict = ask(&relativity, &source, &file).await?;
            Ok::<_, crate::Error>((file, verdict))
        }
    });
    let mut asked = std::pin::pin!(asked.buffered(ASKED_AT_ONCE));
    let (mut problems, mut done) = (Vec::new(), 0);
    while let Some((file, verdict)) = asked.try_next().await? {
        if !passed(&verdict) {
            let first = verdict
                .errors
                .first()
                .map_or("it failed", |finding| finding.message.as_str());
            problems.push(format!("{}: {first} (says Relativity)", file.name));
        }
        done += 1;
        watch.event(UploadEvent::Validated { done, all });
    }
    refuse(problems)
}

/// Whether Relativity takes the file, as far as it says.
pub fn passed(verdict: &RsmfVerdict) -> bool {
    matches!(
        verdict.status,
        RsmfStatus::Passed | RsmfStatus::PassedWithWarnings
    ) && verdict.errors.is_empty()
}

/// Asks Relativity about one file, which is read anew for each attempt.
///
/// # Errors
/// Whatever stands in the way; that the file is wrong is an answer.
pub async fn ask(
    relativity: &Relativity,
    source: &Arc<dyn Storage>,
    file: &SourceFile,
) -> Result<RsmfVerdict> {
    let (source, path) = (Arc::clone(source), file.path.clone());
    let content = move || {
        let (source, path) = (Arc::clone(&source), path.clone());
        let opened = async move {
            let object = source.get(&path, GetOptions::default()).await?;
            Ok::<_, rsmf_core::Error>(object.stream)
        };
        stream::once(opened)
            .try_flatten()
            .map_err(std::io::Error::other)
            .boxed()
    };
    relativity
        .validate_rsmf(RsmfFile::stream(file.name.clone(), file.size, content))
        .await
}

fn refuse(problems: Vec<String>) -> Result<()> {
    let Some(first) = problems.first() else {
        return Ok(());
    };
    let told = problems
        .iter()
        .take(MOST_TOLD)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("; ");
    let (target, told) = match problems.len() {
        1 => ("a file".to_owned(), first.clone()),
        count if count > MOST_TOLD => (format!("{count} files"), format!("{told}; and others")),
        count => (format!("{count} files"), told),
    };
    Err(Failure::new("upload", target)
        .source(told)
        .advice("nothing was sent; `rsmf validate` shows all that is wrong with a file")
        .invalid_input()
        .into())
}

/// A file as CPU threads read it: in memory, or in a temporary file where it is large.
pub(super) async fn open(source: &dyn Storage, file: &SourceFile) -> CoreResult<SpooledTempFile> {
    let failed = |error| rsmf_core::Error::from_io("write", "a temporary file", error);
    let mut content = source.get(&file.path, GetOptions::default()).await?.stream;
    let mut spool = SpooledTempFile::new(IN_MEMORY);
    while let Some(piece) = content.try_next().await? {
        spool.write_all(&piece).map_err(failed)?;
    }
    spool.rewind().map_err(failed)?;
    Ok(spool)
}
