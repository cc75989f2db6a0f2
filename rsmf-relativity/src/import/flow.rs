//! The whole way of an import, step by step, each of which another run can go on from.

use std::{path::Path, sync::Arc};

use rsmf_core::{
    Failure,
    integration::{Storage, StorePath},
    workers::Workers,
};

use super::{
    ImportOptions, ImportReport,
    beside::Beside,
    steps::{Ended, Steps},
};
use crate::{
    Choices, Dataset, Entry, Journal, JournalKey, Names, Outcome, Result, SourceFile, Stager,
    UncPath, UploadEvent, UploadWatch,
    client::{
        Uuid, Workspace,
        import::{DocumentSettings, FieldMapping, Folder, LoadFile},
    },
    loadfile, rules,
    upload::{choices, local, log::Log, preflight},
};

/// What the load file is called.
const LOAD_FILE: &str = "load.dat";

/// What is imported where, and how.
#[derive(Clone)]
pub struct ImportUpload<'a> {
    /// Where to.
    pub workspace: Workspace,
    /// Where files come from.
    pub source: Arc<dyn Storage>,
    /// The files, as [`Dataset::find`] finds them.
    pub files: Arc<[SourceFile]>,
    /// What brings them into the staging area.
    pub stager: &'a dyn Stager,
    /// What it is to be like.
    pub options: &'a ImportOptions,
    /// The folder for journals, apart from the source.
    pub journals: &'a Path,
    /// What validates and hashes.
    pub workers: &'a Workers,
    /// Who hears of it.
    pub watch: &'a dyn UploadWatch,
}

impl std::fmt::Debug for ImportUpload<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportUpload")
            .field("workspace", &self.workspace)
            .field("files", &self.files.len())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Imports RSMF files as they are, by a load file and the Import Service: validation, staging below `StructuredData`, the
/// job with its configuration and its source, begin, end, errors line by line. What is in the files stays in them: for
/// what is to be read as chat, [`upload_rsmf`](crate::upload_rsmf).
///
/// Each step is in a [`Journal`]. The same import once more goes on where it stopped; jobs and sources have numbers that are
/// chosen here, and each request is made only where the service does not show yet what it asks for. Dropping the
/// future stops this program only.
///
/// # Errors
/// Whatever stands in the way. That the job failed, was cancelled or has errors is an [`Outcome`] of the report.
pub async fn import_load_file(import: &ImportUpload<'_>) -> Result<ImportReport> {
    let key = import.key();
    let (journal, progress) = Journal::open(import.journals, &key).await?;
    let log = Log::new(journal, progress, import.watch);
    Run { import, log: &log }.all(key).await
}

impl ImportUpload<'_> {
    fn key(&self) -> JournalKey {
        let files = self.files.iter();
        let files = files.map(|file| (file.name.as_str(), file.size));
        // No upload of the same files has this one.
        let files = files.chain([(LOAD_FILE, 0)]);
        let host = self.workspace.relativity().host().as_str();
        JournalKey::new(
            host,
            self.workspace.id().0,
            self.options.name.clone(),
            files,
        )
    }
}

struct Run<'a> {
    import: &'a ImportUpload<'a>,
    log: &'a Log<'a>,
}

impl Run<'_> {
    async fn all(&self, key: JournalKey) -> Result<ImportReport> {
        let known = self.log.progress().names.clone();
        if known.is_some() {
            self.log.tell(UploadEvent::Resumed);
        }
        let (choices, by) = (self.choices(), self.import.stager.place());
        choices::compare(&self.log.progress(), &choices, &by)?;
        self.log.tell(UploadEvent::Step("check"));
        let settings = self.settings().await?;
        let names = match &known {
            Some(names) => names.clone(),
            None => Names::chosen(
                &key,
                self.import.options.name.as_ref(),
                self.import.options.prefix.as_ref(),
            )?,
        };
        let destination = self.destination(&names).await?;
        let is_staged = self.log.progress().staged.is_some();
        if !is_staged {
            self.import.stager.check(&destination).await?;
        }
        let (dataset, notes) = self.dataset(&names, destination)?;
        self.validate().await?;
        if known.is_none() {
            self.log.record(Entry::begun(key, &names, choices)).await?;
        }
        for note in notes {
            self.log.tell(UploadEvent::Note(note));
        }
        self.log.tell(UploadEvent::Step("stage"));
        self.stage(&dataset).await?;
        self.log.tell(UploadEvent::Step("import"));
        self.run(&names, &dataset, &settings).await
    }

    /// What a run that goes on cannot change.
    fn choices(&self) -> Choices {
        let options = self.import.options;
        let folder = options.folder.as_ref();
        let folder = folder.map_or_else(|| "-".to_owned(), ToString::to_string);
        let mut all = choices::chosen([
            ("identifier", options.identifier.clone()),
            ("encoding", options.format.encoding.name().to_owned()),
            ("folder", folder),
        ]);
        all.extend(choices::prefix(options.prefix.as_ref()));
        all
    }

    /// What the documents are, where the service and the folder are there.
    async fn settings(&self) -> Result<DocumentSettings> {
        let ImportUpload {
            workspace, options, ..
        } = self.import;
        let health = workspace.relativity().import_health().await?;
        if !health.is_healthy {
            return Err(Failure::new("use", "the Import Service")
                .source(format!("it says that it is not well: {}", health.message))
                .unavailable()
                .into());
        }
        let identifier = FieldMapping::new(0, &options.identifier);
        let mut settings = DocumentSettings::natives(1, [identifier]);
        if let Some(native) = &mut settings.native {
            native.name_column = Some(2);
        }
        if options.folder.is_some() {
            let root = preflight::folder(workspace, options.folder.as_ref()).await?;
            settings.folder = Some(Folder {
                root,
                path_column: None,
            });
        }
        Ok(settings)
    }

    /// The folder in the staging area, which the journal knows where it is filled already.
    async fn destination(&self, names: &Names) -> Result<UncPath> {
        if let Some(staged) = &self.log.progress().staged {
            return Ok(staged.clone());
        }
        let usual = structured_data(&self.import.workspace).await?;
        self.import
            .stager
            .destination(usual.as_ref(), &names.folder)
    }

    /// The files with the load file that names them.
    fn dataset(&self, names: &Names, destination: UncPath) -> Result<(Dataset, Vec<String>)> {
        let ImportUpload {
            source,
            files,
            options,
            ..
        } = self.import;
        let content = loadfile::of_files(&options.format, files, ".", &names.prefix)?;
        let path = StorePath::new(LOAD_FILE)?;
        let load_file = SourceFile {
            name: LOAD_FILE.to_owned(),
            path: path.clone(),
            size: content.len() as u64,
        };
        let mut all: Vec<_> = files.iter().cloned().chain([load_file]).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let notes = local::check_names(&all, &destination)?;
        let store = Arc::new(Beside {
            store: Arc::clone(source),
            path,
            content: content.into(),
        });
        let id = self.log.progress().transfer.clone();
        let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
        Ok((Dataset::new(store, all.into(), destination, id), notes))
    }

    async fn validate(&self) -> Result<()> {
        let ImportUpload {
            source,
            files,
            workers,
            watch,
            options,
            ..
        } = self.import;
        if options.validate && self.log.progress().staged.is_none() {
            self.log.tell(UploadEvent::Step("validate"));
            for note in local::validate(source, files, workers, *watch).await? {
                self.log.tell(UploadEvent::Note(note));
            }
        }
        Ok(())
    }

    async fn stage(&self, dataset: &Dataset) -> Result<()> {
        let is_staged = self.log.progress().staged.is_some();
        if is_staged {
            let known = self.log.progress().files.clone();
            return local::compare(dataset, &known, self.import.workers).await;
        }
        self.log.staging(self.import.stager).await?;
        self.import.stager.stage(dataset, self.log).await?;
        let folder = dataset.destination.clone();
        self.log.record(Entry::Staged { folder }).await
    }

    /// The numbers of the job and of its source, which are written down before anything is asked for.
    async fn numbers(&self) -> Result<(Uuid, Uuid)> {
        let known = self.log.progress().import;
        if let Some(known) = known {
            return Ok(known);
        }
        let (job, source) = (Uuid::new_v4(), Uuid::new_v4());
        self.log.record(Entry::Importing { job, source }).await?;
        Ok((job, source))
    }

    async fn run(
        &self,
        names: &Names,
        dataset: &Dataset,
        settings: &DocumentSettings,
    ) -> Result<ImportReport> {
        let (job, source) = self.numbers().await?;
        self.log.tell(UploadEvent::Import(job));
        let load_file = dataset.destination.join(LOAD_FILE)?;
        let mut file = LoadFile::concordance(load_file.as_str());
        file.encoding = Some(self.import.options.format.encoding.name().to_owned());
        let steps = Steps {
            workspace: &self.import.workspace,
            job,
            source,
        };
        steps.begin(settings, &file).await?;
        let mut report = self.report(names, dataset, load_file, (job, source));
        if let Some(wait) = &self.import.options.wait {
            report.outcome = Outcome::TimedOut;
            if let Some(details) = steps.follow(wait, self.import.watch).await? {
                let ended = steps.conclude(&details, report.files).await?;
                self.enter(&mut report, ended, &steps).await;
            }
        }
        let outcome = report.outcome;
        self.log.record(Entry::Ended { outcome }).await?;
        Ok(report)
    }

    async fn enter(&self, report: &mut ImportReport, ended: Ended, steps: &Steps<'_>) {
        report.outcome = ended.outcome;
        (report.imported, report.errored) = (ended.progress.imported, ended.progress.errored);
        report.errors = ended.errors;
        if !report.errors.is_empty() {
            // The errors themselves are there already.
            let file = steps.workspace.import_error_file(steps.job, steps.source);
            report.error_file = file.await.unwrap_or_default();
        }
    }

    fn report(
        &self,
        names: &Names,
        dataset: &Dataset,
        load_file: UncPath,
        (job, source): (Uuid, Uuid),
    ) -> ImportReport {
        let files = &self.import.files;
        ImportReport {
            outcome: Outcome::Submitted,
            workspace: self.import.workspace.id(),
            job: job.to_string(),
            source: source.to_string(),
            folder: dataset.destination.clone(),
            load_file,
            prefix: names.prefix.clone(),
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
            journal: self.log.journal().path().to_owned(),
            imported: 0,
            errored: 0,
            errors: Vec::new(),
            error_file: None,
        }
    }
}

/// Where load files lie: in `StructuredData` of the workspace's only share, where it tells that.
async fn structured_data(workspace: &Workspace) -> Result<Option<UncPath>> {
    let shares = workspace.file_shares().await?;
    let mut roots: Vec<_> = shares.iter().filter_map(|share| share.root()).collect();
    roots.dedup();
    let [root] = roots.as_slice() else {
        return Ok(None);
    };
    let [_, _, structured, _] = rules::TOP_FOLDERS;
    Ok(Some(root.parse::<UncPath>()?.join(structured)?))
}
