//! What is found out when a job has ended.

use super::{
    JobErrors, Landmarks, UploadEvent, UploadReport, Verification, collect_errors,
    flow::{Made, Run},
    landmarks::documents,
    tag_documents, told,
    verify::Proving,
};
use crate::{Entry, Names, Outcome, Result, StageLog, UncPath, Upload, client::ArtifactId};

impl Run<'_> {
    pub(super) async fn report(
        &self,
        made: Made,
        names: Names,
        folder: UncPath,
        outcome: Outcome,
        notes: Vec<String>,
    ) -> Result<UploadReport> {
        let Upload {
            workspace, files, ..
        } = self.upload;
        let mut report = UploadReport {
            outcome,
            workspace: workspace.id(),
            set: made.set,
            set_name: names.set.clone(),
            data_source: made.source,
            custodian: made.custodian,
            folder,
            prefix: names.prefix.clone(),
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
            journal: self.log.journal().path().to_owned(),
            notes,
            errors: JobErrors::default(),
            verification: None,
            unfinished: None,
            tagged: 0,
        };
        if outcome.is_final() {
            report.errors = collect_errors(workspace, made.set).await?;
        }
        if matches!(outcome, Outcome::Completed | Outcome::CompletedWithErrors) {
            let landmarks = self.landmarks(&names);
            // The job is done all the same: what cannot be looked at, or tagged, does not hide the rest.
            match self.verify(made.set, &landmarks).await {
                Ok(proof) => {
                    let notes = proof.iter().flat_map(|proof| &proof.notes);
                    for note in notes {
                        self.log.note(note);
                    }
                    report.verification = proof;
                }
                Err(error) => report.unfinished = Some(told(&error)),
            }
            match self.tag(&landmarks, report.verification.as_ref()).await {
                Ok(tagged) => report.tagged = tagged,
                Err(error) => {
                    let why = report.unfinished.take().map(|why| why + "; ");
                    report.unfinished = Some(why.unwrap_or_default() + &told(&error));
                }
            }
            let proven = report
                .verification
                .as_ref()
                .is_none_or(Verification::is_whole);
            if !proven || report.unfinished.is_some() || !report.errors.is_empty() {
                report.outcome = Outcome::CompletedWithErrors;
            }
        }
        report.notes.extend(self.log.notes());
        self.log
            .record(Entry::Ended {
                outcome: report.outcome,
            })
            .await?;
        Ok(report)
    }

    async fn verify(&self, set: ArtifactId, landmarks: &Landmarks) -> Result<Option<Verification>> {
        let Upload {
            workspace,
            source,
            files,
            workers,
            options,
            ..
        } = self.upload;
        let Some(how) = &options.verify else {
            return Ok(None);
        };
        self.log.tell(UploadEvent::Step("verify"));
        let proving = Proving {
            workspace,
            set,
            source,
            files,
            landmarks,
            options: how,
            workers,
            sums: &self.log.progress().files.clone(),
        };
        Ok(Some(Box::pin(proving.run()).await?))
    }

    async fn tag(&self, landmarks: &Landmarks, proof: Option<&Verification>) -> Result<u64> {
        let options = self.upload.options;
        if options.tags.is_empty() {
            return Ok(0);
        }
        self.log.tell(UploadEvent::Step("tag"));
        let unproved = options.verify.is_some() && proof.is_none();
        if self.log.progress().earlier.is_none() || unproved {
            let why = "which of them are this upload's is not known";
            return Err(unsure(landmarks, why.to_owned()));
        }
        let how = options.verify.clone().unwrap_or_default();
        let workspace = &self.upload.workspace;
        let found = documents(workspace, landmarks, &how).await?;
        let ids: Vec<_> = found.into_values().flatten().collect();
        let count = ids.len() as u64;
        let most = proof.filter(|_| how.attachments);
        if let Some(most) = most.and_then(Verification::published_in_all)
            && count > most
        {
            return Err(unsure(
                landmarks,
                format!("there are {count} new ones, but the set has published {most}"),
            ));
        }
        tag_documents(workspace, &ids, &options.tags).await?;
        self.log.record(Entry::Tagged { documents: count }).await?;
        Ok(count)
    }
}

/// Documents of others may be among those of this upload, and must not be changed.
fn unsure(landmarks: &Landmarks, why: String) -> crate::Error {
    let what = format!("documents that begin with {}", landmarks.prefix);
    rsmf_core::Failure::new("tag", what)
        .source(why)
        .advice("give each upload a --prefix of its own; no document was changed")
        .conflict()
        .into()
}
