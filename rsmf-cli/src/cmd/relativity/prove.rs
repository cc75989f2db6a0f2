//! `rsmf relativity validate` and `verify`.

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_relativity::{
    Landmarks, Pick, ask_about, client::RsmfVerdict, find_set, has_passed, verify_upload,
};
use serde_json::json;

use super::{connect::Connected, print, upload};
use crate::{
    Console,
    args::{CheckFilesArgs, VerifyArgs},
    cmd::stores::drive,
    config::Config,
    error::{Error, Result},
    exit,
    output::words::foreign,
    progress::Meter,
};

/// Files that Relativity is asked about at the same time.
const AT_ONCE: usize = 4;

pub(super) fn validate(args: &CheckFilesArgs, config: &Config, console: &Console) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    let quiet = args.connection.quiet || args.connection.json;
    let meter = Meter::new((!quiet).then_some(console), "validate");
    let verdicts: Vec<_> = drive(async {
        let (source, files) = upload::find(config, &args.input).await?;
        let all = files.len() as u64;
        let asked = stream::iter(files.to_vec()).map(|file| {
            let (relativity, source) = (connected.relativity.clone(), source.clone());
            async move {
                let verdict = ask_about(&relativity, &source, &file).await?;
                Ok::<_, Error>((file.name, verdict))
            }
        });
        let told = asked.buffered(AT_ONCE).enumerate().map(|(done, verdict)| {
            meter.tell_files(done as u64 + 1, all);
            verdict
        });
        told.try_collect().await
    })?;
    drop(meter);
    let failed = verdicts.iter().any(|(_, verdict)| !has_passed(verdict));
    match args.connection.json {
        true => console.write_json(
            &verdicts
                .iter()
                .map(|(name, verdict)| shown(name, verdict))
                .collect::<Vec<_>>(),
        )?,
        false => print_verdicts(console, &verdicts)?,
    }
    Ok(if failed { exit::EXCEPTIONS } else { exit::OK })
}

fn shown(name: &str, verdict: &RsmfVerdict) -> serde_json::Value {
    let messages = |findings: &[rsmf_relativity::client::RsmfFinding]| -> Vec<String> {
        findings
            .iter()
            .map(|finding| finding.message.clone())
            .collect()
    };
    json!({
        "file": name,
        "passed": has_passed(verdict),
        "errors": messages(&verdict.errors),
        "warnings": messages(&verdict.warnings),
    })
}

fn print_verdicts(console: &Console, verdicts: &[(String, RsmfVerdict)]) -> Result<()> {
    console.write(|out| {
        for (name, verdict) in verdicts {
            let word = if has_passed(verdict) {
                "passed"
            } else {
                "failed"
            };
            writeln!(out, "{}: {word}", foreign(name))?;
            for (kind, findings) in [("error", &verdict.errors), ("warning", &verdict.warnings)] {
                for finding in findings {
                    writeln!(out, "  {kind}: {}", foreign(&finding.message))?;
                }
            }
        }
        Ok(())
    })
}

pub(super) fn verify(args: &VerifyArgs, config: &Config, console: &Console) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    let workers = upload::workers(args.threads)?;
    let workspace = connected.workspace(args.job.workspace);
    let proof = drive(async {
        let (source, files) = upload::find(config, &args.input).await?;
        let set = find_set(&workspace, &Pick::from(args.job.set.as_str())).await?;
        let name = workspace.processing_set(set).await?.name;
        let prefix = match &args.prefix {
            Some(prefix) => prefix.clone(),
            None => prefix_of(&workspace, set).await?,
        };
        let landmarks = Landmarks::new(prefix, name, "");
        let how = &connected.connection.verify;
        let proof = verify_upload(&workspace, set, &source, &files, &landmarks, how, &workers);
        Ok(Box::pin(proof).await?)
    })?;
    match args.connection.json {
        true => console.write_json(&proof)?,
        false => console.write(|out| {
            print::verification(out, &proof)?;
            proof
                .notes
                .iter()
                .try_for_each(|note| writeln!(out, "note: {}", foreign(note)))
        })?,
    }
    Ok(if proof.is_whole() {
        exit::OK
    } else {
        exit::EXCEPTIONS
    })
}

/// What the control numbers of the set's documents begin with, as its data source says.
async fn prefix_of(
    workspace: &rsmf_relativity::Workspace,
    set: rsmf_relativity::client::ArtifactId,
) -> Result<String> {
    let summary = workspace.processing_summary(set).await?;
    let source = summary.data_source_ids.first().ok_or_else(|| {
        Error::option(
            "set",
            "it has no data source; name what control numbers begin with by --prefix".to_owned(),
        )
    })?;
    Ok(workspace
        .data_source(*source)
        .await?
        .document_numbering_prefix)
}
