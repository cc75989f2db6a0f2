//! Whether a conversion begins, goes on, or is done already.

use futures_util::TryStreamExt;
use rsmf_core::integration::{Storage, StorageExt, StorePath};
use serde_json::Value;

use super::{
    Converter, REPORT, REPORTS,
    identity::Identity,
    journal::{self, HEAD},
    replay::Found,
    verify::Verifier,
};
use crate::{Error, Existing, Progress, Report, Result};

/// The most bytes that a head, and a report, are read with.
const MOST: u64 = 1 << 30;

/// What is to be done.
pub(super) enum Start {
    Anew,
    Resume,
    /// Nothing: this is what came out.
    Done(Box<Report>),
}

/// Whether a store holds a conversion that was begun and not finished: [`Options::resume`](crate::Options::resume)
/// goes on with it.
///
/// # Errors
/// [`Error::Output`] where the store cannot tell.
pub async fn is_unfinished(output: &dyn Storage) -> Result<bool> {
    let head = StorePath::new(HEAD).map_err(Error::Output)?;
    output.exists(&head).await.map_err(Error::Output)
}

impl Converter {
    /// Looks at what lies in the output, and refuses what must not be touched.
    pub(super) async fn start(
        &self,
        identity: &Identity,
        progress: &dyn Progress,
    ) -> Result<Start> {
        let head = self.content(HEAD).await?;
        let overwrite = self.options.existing == Existing::Overwrite;
        let folder = || self.output.info().name.clone();
        match (head, self.options.resume) {
            (Some(head), true) => {
                self.compare(identity, &Identity::of_journal(&head))?;
                let report = self.content(REPORT).await?;
                match report.and_then(|text| parse(&text)) {
                    Some(report) => self.done(report, progress).await,
                    None => Ok(Start::Resume),
                }
            }
            (None, true) => self.start_or_done(identity, progress).await,
            (_, false) if overwrite => Ok(Start::Anew),
            (Some(_), false) => Err(Error::Unfinished { folder: folder() }),
            (None, false) if self.is_empty().await? => Ok(Start::Anew),
            (None, false) => Err(Error::OutputNotEmpty { folder: folder() }),
        }
    }

    /// To resume where there is no journal: all may be done, or nothing begun.
    async fn start_or_done(&self, identity: &Identity, progress: &dyn Progress) -> Result<Start> {
        let overwrite = self.options.existing == Existing::Overwrite;
        let Some(text) = self.content(REPORT).await? else {
            return match overwrite || self.is_empty().await? {
                true => Ok(Start::Anew),
                false => Err(Error::NothingToResume {
                    folder: self.output.info().name.clone(),
                }),
            };
        };
        let report: Value = serde_json::from_slice(&text).unwrap_or_default();
        match (
            self.compare(identity, &Identity::of_report(&report)),
            parse(&text),
        ) {
            (Err(_), _) if overwrite => Ok(Start::Anew),
            (Err(error), _) => Err(error),
            (Ok(()), Some(report)) => self.done(report, progress).await,
            (Ok(()), None) => Ok(Start::Anew),
        }
    }

    /// All is done, if all that the report tells of is still as it was written.
    async fn done(&self, report: Report, progress: &dyn Progress) -> Result<Start> {
        let verifier = self.verifier(progress);
        let damage = verifier.report(&report).await?;
        match damage.count {
            0 => {
                verifier.strangers(&report).await?;
                Ok(Start::Done(Box::new(report)))
            }
            count => Err(Error::Altered {
                folder: self.output.info().name.clone(),
                count,
                files: damage.files,
            }),
        }
    }

    pub(super) fn verifier<'a>(&'a self, progress: &'a dyn Progress) -> Verifier<'a> {
        Verifier {
            progress,
            output: self.output.as_ref(),
            workers: &self.workers,
        }
    }

    fn compare(&self, identity: &Identity, earlier: &Identity) -> Result<()> {
        let changes = identity.changes_since(earlier);
        match changes.is_empty() {
            true => Ok(()),
            false => Err(Error::Changed {
                folder: self.output.info().name.clone(),
                changes,
            }),
        }
    }

    /// Begins a journal. Where earlier results may be overwritten, their reports go first: they
    /// must not speak for files that are about to be replaced.
    pub(super) async fn begin(&self, identity: &Identity) -> Result<()> {
        let output = self.output.as_ref();
        if self.options.existing == Existing::Overwrite {
            for name in REPORTS {
                let path = StorePath::new(name).map_err(Error::Output)?;
                output.delete(&path).await.map_err(Error::Output)?;
            }
            Found::list(output).await?.cut(output, 0).await?;
        }
        let head = StorePath::new(HEAD).map_err(Error::Output)?;
        journal::put(output, &head, identity.to_text()).await
    }

    async fn is_empty(&self) -> Result<bool> {
        match self.output.list(&StorePath::ROOT).try_next().await {
            Ok(None) | Err(rsmf_core::Error::NotFound(..)) => Ok(true),
            Ok(Some(_)) => Ok(false),
            Err(error) => Err(Error::Output(error)),
        }
    }

    async fn content(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = StorePath::new(name).map_err(Error::Output)?;
        match self.output.get_bytes(&path, MOST).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(rsmf_core::Error::NotFound(..)) => Ok(None),
            Err(error) => Err(Error::Output(error)),
        }
    }
}

/// What a report tells, if it can be read.
fn parse(text: &[u8]) -> Option<Report> {
    serde_json::from_slice(text).ok()
}
