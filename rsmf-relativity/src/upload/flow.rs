//! The whole way, step by step, each of which another run can go on from.

use std::{path::Path, sync::Arc};

use futures_util::FutureExt;
use rsmf_core::{Failure, integration::Storage, workers::Workers};
use tokio::time::Instant;

use super::{
    UploadEvent, UploadOptions, UploadReport, UploadWatch, choices,
    create::{custodian, once},
    job::{both, tell},
    local,
    log::Log,
    preflight::{self, Preflight},
    watch::{Follower, ended},
};
use crate::{
    Choices, Dataset, Entry, Journal, JournalKey, Names, Outcome, Phase, Result, SourceFile,
    Stager, Thing, UncPath,
    client::{
        ArtifactId, Uuid, Workspace,
        objects::Named,
        processing::{DataSource, NewProcessingSet},
    },
    wait::{Look, Waited},
};

/// What is uploaded where, and how.
#[derive(Clone)]
pub struct Upload<'a> {
    /// Where to.
    pub workspace: Workspace,
    /// Where files come from.
    pub source: Arc<dyn Storage>,
    /// The files, as [`Dataset::find`] finds them.
    pub files: Arc<[SourceFile]>,
    /// What brings them into the staging area.
    pub stager: &'a dyn Stager,
    /// What it is to be like.
    pub options: &'a UploadOptions,
    /// The folder for journals, apart from the source.
    pub journals: &'a Path,
    /// What validates and hashes.
    pub workers: &'a Workers,
    /// Who hears of it.
    pub watch: &'a dyn UploadWatch,
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload")
            .field("workspace", &self.workspace)
            .field("files", &self.files.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Uploads RSMF files, has them processed, waits, and checks what has arrived: preflight, validation, staging,
/// custodian, processing set, data source, discovery, publishing, errors, documents, tags.
///
/// Each step is in a [`Journal`]. The same upload once more goes on where it stopped; it never makes a second custodian,
/// set or data source, also where the connection broke after the service had done what it was asked to. Dropping the
/// future stops this program only: what runs in Relativity goes on.
///
/// # Errors
/// Whatever stands in the way. That the job failed, was cancelled or has errors is an [`Outcome`] of the report.
pub async fn upload_rsmf(upload: &Upload<'_>) -> Result<UploadReport> {
    let key = upload.key();
    let (journal, progress) = Journal::open(upload.journals, &key).await?;
    let log = Log::new(journal, progress, upload.watch);
    let run = Run { upload, log: &log };
    run.all(key).await
}

/// Looks for what an upload needs before there is anything to upload: the connection, the profile, the time zone, the
/// folder, fields to fill, and where files are to be staged. Nothing is sent, and nothing is made.
///
/// # Errors
/// Whatever would stand in the way of [`upload_rsmf`].
pub async fn check_upload(
    workspace: &Workspace,
    stager: &dyn Stager,
    options: &UploadOptions,
) -> Result<()> {
    let found = preflight::check(workspace, options).await?;
    let folder = options.name.as_deref().unwrap_or("rsmf");
    let destination = stager.destination(preflight::usual(&found.locations), folder)?;
    preflight::check_folder(&destination, &found.locations)?;
    stager.check(&destination).await
}

pub(super) struct Run<'a> {
    pub(super) upload: &'a Upload<'a>,
    pub(super) log: &'a Log<'a>,
}

/// What exists in the workspace for an upload.
pub(super) struct Made {
    pub(super) custodian: ArtifactId,
    pub(super) set: ArtifactId,
    pub(super) source: ArtifactId,
}

impl Upload<'_> {
    fn key(&self) -> JournalKey {
        let host = self.workspace.relativity().host();
        let files = self
            .files
            .iter()
            .map(|file| (file.name.as_str(), file.size));
        let name = self.options.name.clone();
        JournalKey::new(host.as_str(), self.workspace.id().0, name, files)
    }
}

impl Run<'_> {
    async fn all(&self, key: JournalKey) -> Result<UploadReport> {
        let known = self.log.progress().names.clone();
        if known.is_some() {
            self.log.tell(UploadEvent::Resumed);
        }
        let (choices, by) = (self.upload.options.choices(), self.upload.stager.place());
        choices::compare(&self.log.progress(), &choices, &by)?;
        self.log.tell(UploadEvent::Step("check"));
        let found = preflight::check(&self.upload.workspace, self.upload.options).await?;
        let names = match &known {
            Some(names) => names.clone(),
            None => self.names(&key)?,
        };
        let destination = self.destination(&found, &names)?;
        let mut notes = found.notes.clone();
        notes.extend(local::check_names(&self.upload.files, &destination)?);
        let is_staged = self.log.progress().staged.is_some();
        if !is_staged {
            self.upload.stager.check(&destination).await?;
            notes.extend(self.validate().await?);
        }
        if known.is_none() {
            self.begin(key, &names, choices).await?;
        }
        for note in &notes {
            self.log.tell(UploadEvent::Note(note.clone()));
        }
        self.log.tell(UploadEvent::Step("stage"));
        let folder = self.stage(destination).await?;
        self.log.tell(UploadEvent::Step("process"));
        let made = self.make(&found, &names, &folder).await?;
        self.log.tell(UploadEvent::Set(made.set));
        self.survey(&names).await?;
        let outcome = self.process(&made, &found).await?;
        self.report(made, names, folder, outcome, notes).await
    }

    /// The names that are used: of the set, of the folder, what control numbers begin with.
    fn names(&self, key: &JournalKey) -> Result<Names> {
        let options = self.upload.options;
        Names::chosen(key, options.name.as_ref(), options.prefix.as_ref())
    }

    /// The folder in the staging area, which the journal knows where it is filled already.
    fn destination(&self, found: &Preflight, names: &Names) -> Result<UncPath> {
        if let Some(staged) = &self.log.progress().staged {
            return Ok(staged.clone());
        }
        let usual = preflight::usual(&found.locations);
        let destination = self.upload.stager.destination(usual, &names.folder)?;
        preflight::check_folder(&destination, &found.locations)?;
        Ok(destination)
    }

    async fn validate(&self) -> Result<Vec<String>> {
        let Upload {
            source,
            files,
            workers,
            watch,
            options,
            workspace,
            ..
        } = self.upload;
        let mut notes = Vec::new();
        if options.validate {
            self.log.tell(UploadEvent::Step("validate"));
            notes = local::validate(source, files, workers, *watch).await?;
        }
        if options.validate_remotely {
            self.log.tell(UploadEvent::Step("validate by Relativity"));
            local::validate_remotely(workspace.relativity(), source, files, *watch).await?;
        }
        Ok(notes)
    }

    /// Begins a new upload, where no other has used the name.
    async fn begin(&self, key: JournalKey, names: &Names, choices: Choices) -> Result<()> {
        let taken = self
            .upload
            .workspace
            .find_processing_sets(&names.set)
            .await?;
        if let Some(Named { artifact_id, .. }) = taken.first() {
            return Err(Failure::new("create", format!("the processing set “{}”", names.set))
                .source(format!("there is one of this name already, {artifact_id}, and no journal here knows it"))
                .advice("choose another name, or follow that one by `rsmf relativity wait`")
                .conflict()
                .into());
        }
        self.log.record(Entry::begun(key, names, choices)).await
    }

    async fn stage(&self, destination: UncPath) -> Result<UncPath> {
        let is_staged = self.log.progress().staged.is_some();
        if !is_staged {
            self.log.staging(self.upload.stager).await?;
        }
        let id = self
            .log
            .progress()
            .transfer
            .clone()
            .unwrap_or_else(|| Uuid::new_v4().to_string());
        let Upload {
            source,
            files,
            stager,
            ..
        } = self.upload;
        let dataset = Dataset::new(
            Arc::clone(source),
            Arc::clone(files),
            destination.clone(),
            id,
        );
        if is_staged {
            let known = self.log.progress().files.clone();
            local::compare(&dataset, &known, self.upload.workers).await?;
            return Ok(destination);
        }
        stager.stage(&dataset, self.log).await?;
        self.log
            .record(Entry::Staged {
                folder: destination.clone(),
            })
            .await?;
        Ok(destination)
    }

    /// Makes what has to be there, each once.
    async fn make(&self, found: &Preflight, names: &Names, folder: &UncPath) -> Result<Made> {
        let Upload {
            workspace, options, ..
        } = self.upload;
        let owner = custodian(
            workspace,
            Some(self.log),
            &options.custodian,
            options.custodian_kind,
            &names.prefix,
        )
        .await?;
        let mut new = NewProcessingSet::new(&names.set, found.profile);
        new.notify.clone_from(&options.notify);
        let (name, new) = (names.set.as_str(), &new);
        let find = || find_set(workspace, name).boxed();
        let make = || workspace.create_processing_set(new).boxed();
        let set = once(self.log, Thing::Set, find, make).await?;
        let mut new = DataSource::new(name, set, owner, folder.as_str());
        (new.folder, new.time_zone, new.order) = (found.folder, found.time_zone, ORDER);
        new.document_numbering_prefix.clone_from(&names.prefix);
        new.ocr_languages.clone_from(&options.ocr_languages);
        let new = &new;
        let find = || find_source(workspace, set, name).boxed();
        let make = || workspace.create_data_source(new).boxed();
        let source = once(self.log, Thing::DataSource, find, make).await?;
        Ok(Made {
            custodian: owner,
            set,
            source,
        })
    }

    /// Has everything discovered and published.
    async fn process(&self, made: &Made, found: &Preflight) -> Result<Outcome> {
        let usual = crate::WaitOptions::default();
        let options = self.upload.options.wait.as_ref();
        let follower = Follower {
            workspace: &self.upload.workspace,
            set: made.set,
            options: options.unwrap_or(&usual),
        };
        self.submit(&follower, Phase::Discover).await?;
        if options.is_none() {
            return Ok(Outcome::Submitted);
        }
        let until = follower.until();
        let discovered = self.follow(&follower, Phase::Discover, until).await?;
        if let Some(outcome) = ended(discovered) {
            return Ok(outcome);
        }
        if !found.is_auto_published {
            self.submit(&follower, Phase::Publish).await?;
        }
        let published = self.follow(&follower, Phase::Publish, until).await?;
        Ok(ended(published).unwrap_or_else(|| both(discovered, published)))
    }

    async fn submit(&self, follower: &Follower<'_>, phase: Phase) -> Result<()> {
        let (maybe, done) = {
            let progress = self.log.progress();
            (
                progress.submitting.contains(&phase),
                progress.submitted.contains(&phase),
            )
        };
        if done {
            return Ok(());
        }
        if !maybe {
            self.log.record(Entry::Submitting { phase }).await?;
        }
        // Somebody who waits for the job in another way may have had it published.
        if maybe || !follower.has_begun(phase).await? {
            follower.submit(phase, maybe).await?;
        }
        self.log.record(Entry::Submitted { phase }).await
    }

    async fn follow(
        &self,
        follower: &Follower<'_>,
        phase: Phase,
        until: Option<Instant>,
    ) -> Result<Waited> {
        let mut on_look = |phase, look: &Look| tell(self.log.watch, phase, look);
        let waited = follower.phase(phase, until, &mut on_look).await?;
        if ended(waited).is_none() && !self.log.progress().done.contains(&phase) {
            self.log.record(Entry::Done { phase }).await?;
        }
        Ok(waited)
    }
}

pub(super) async fn find_set(workspace: &Workspace, name: &str) -> Result<Option<ArtifactId>> {
    let sets = workspace.find_processing_sets(name).await?;
    Ok(sets.first().map(|set| set.artifact_id))
}

/// The data source of a set that has but one.
pub(super) async fn find_source(
    workspace: &Workspace,
    set: ArtifactId,
    name: &str,
) -> Result<Option<ArtifactId>> {
    let summary = workspace.processing_summary(set).await?;
    if let Some(source) = summary.data_source_ids.first() {
        return Ok(Some(*source));
    }
    let sources = workspace.find_data_sources(name).await?;
    Ok(sources.first().map(|source| source.artifact_id))
}

/// The place of the data source among those of its set, as the vendor's samples have it.
const ORDER: i64 = 100;
