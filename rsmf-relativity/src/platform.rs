//! Relativity as any review platform.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use rsmf_core::{
    Failure, Result as CoreResult,
    integration::{
        Delivered, Delivery, Integration, IntegrationInfo, JobId, JobSpec, JobState, JobStatus,
        PutOptions, ReviewPlatform, Storage, StorePath,
    },
};

use crate::{
    JobErrors, JobView, Outcome, Phase, PhaseState, Result, UncPath, UploadEvent, UploadOptions,
    UploadWatch, Workspace, cancel_job, client::ArtifactId, collect_errors, rules, sum,
    upload::start_job, view_job, wait_for_job,
};

/// The most errors that a status tells.
const MOST_ERRORS: usize = 1000;

/// A workspace of Relativity as a [`ReviewPlatform`]: files go to a folder of a share, and jobs are processing sets,
/// whose ArtifactIDs are their ids. The key of a job is the name of its set.
///
/// Unlike [`upload_rsmf`](crate::upload_rsmf), it keeps no journal: what is there is looked up by name in Relativity itself.
#[derive(Debug)]
pub struct RelativityPlatform {
    info: IntegrationInfo,
    workspace: Workspace,
    folder: UncPath,
    storage: Arc<dyn Storage>,
    root: StorePath,
    options: UploadOptions,
}

impl RelativityPlatform {
    /// A workspace. Files go to `folder`, which is `root` in `storage`, and holds one job's files only; jobs are like
    /// `options` say, whose name and prefix do not count.
    pub fn new(
        workspace: Workspace,
        folder: UncPath,
        storage: Arc<dyn Storage>,
        root: StorePath,
        options: UploadOptions,
    ) -> Self {
        let host = workspace.relativity().host().host_str().unwrap_or_default();
        let info = IntegrationInfo::new(
            "relativity",
            format!("{host}, workspace {}", workspace.id()),
        );
        Self {
            info,
            workspace,
            folder,
            storage,
            root,
            options,
        }
    }

    /// The place of a delivered file in the store.
    fn place(&self, file: &Delivered) -> CoreResult<StorePath> {
        let path: UncPath = file.reference.parse()?;
        let missing = || Failure::new("process", file.reference.clone()).not_found();
        self.root
            .join(&path.below(&self.folder).ok_or_else(missing)?)
    }
}

#[async_trait]
impl Integration for RelativityPlatform {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> CoreResult<()> {
        self.workspace.info().await?;
        Ok(())
    }
}

#[async_trait]
impl ReviewPlatform for RelativityPlatform {
    async fn deliver(&self, mut delivery: Delivery) -> CoreResult<Delivered> {
        rules::check_path(&self.folder, &delivery.name).map_err(|problem| {
            Failure::new("deliver", delivery.name.clone())
                .source(problem)
                .invalid_input()
        })?;
        let path = self.root.join(&delivery.name)?;
        let mut upload = self
            .storage
            .put(&path, PutOptions::default().size(delivery.size))
            .await?;
        let mut summer = sum::sha256();
        while let Some(piece) = delivery.content.try_next().await? {
            summer.update(&piece);
            upload.write(piece).await?;
        }
        if !sum::hex(summer).eq_ignore_ascii_case(&delivery.sha256) {
            upload.abort().await?;
            return Err(Failure::new("deliver", delivery.name)
                .source("its SHA-256 is not that of the content")
                .integrity());
        }
        upload.finish().await?;
        Ok(Delivered::new(self.folder.join(&delivery.name)?.as_str()))
    }

    async fn start(&self, spec: &JobSpec) -> CoreResult<JobId> {
        for file in &spec.files {
            self.storage.head(&self.place(file)?).await?;
        }
        let mut options = self.options.clone();
        if let Some(custodian) = &spec.custodian {
            options.custodian = custodian.as_str().into();
        }
        let set = start_job(
            &self.workspace,
            &spec.idempotency_key,
            &self.folder,
            &options,
        )
        .await?;
        Ok(JobId(set.to_string()))
    }

    async fn status(&self, job: &JobId) -> CoreResult<JobStatus> {
        let set = id(job)?;
        let view = view_job(&self.workspace, set).await?;
        Ok(self.told(set, &view).await?)
    }

    async fn wait(
        &self,
        job: &JobId,
        on_change: &mut (dyn for<'s> FnMut(&'s JobStatus) + Send),
    ) -> CoreResult<JobStatus> {
        let set = id(job)?;
        let options = self.options.wait.clone().unwrap_or_default();
        let watch = Forward(Mutex::new(on_change));
        let end = wait_for_job(&self.workspace, set, &options, &watch).await?;
        if end.outcome == Outcome::TimedOut {
            return Err(
                Failure::new("wait for", format!("the processing set {set}"))
                    .source("the time to wait is over; the job goes on")
                    .timed_out(),
            );
        }
        let view = view_job(&self.workspace, set).await?;
        let mut status = self.told(set, &view).await?;
        status.state = state(Some(end.outcome), false);
        watch.tell(&status);
        Ok(status)
    }

    async fn cancel(&self, job: &JobId) -> CoreResult<()> {
        Ok(cancel_job(&self.workspace, id(job)?).await?)
    }
}

impl RelativityPlatform {
    async fn told(&self, set: ArtifactId, view: &JobView) -> Result<JobStatus> {
        let begun = view.is_running || view.discover != PhaseState::NotStarted;
        let mut status = JobStatus::new(state(view.outcome, !begun));
        if status.state.is_final() {
            let errors = collect_errors(&self.workspace, set).await?;
            if status.state == JobState::Completed && !errors.is_empty() {
                status.state = JobState::CompletedWithErrors;
            }
            status.errors = sentences(errors);
            let published = self.workspace.published_of(set).await?;
            status.completed = published.map_or(0, |documents| documents.published_document_count);
        }
        Ok(status)
    }
}

fn id(job: &JobId) -> CoreResult<ArtifactId> {
    let missing = |_| Failure::new("find", format!("job {}", job.0)).not_found();
    job.0.parse().map_err(missing)
}

fn state(outcome: Option<Outcome>, is_queued: bool) -> JobState {
    match outcome {
        Some(Outcome::Completed) => JobState::Completed,
        Some(Outcome::CompletedWithErrors) => JobState::CompletedWithErrors,
        Some(Outcome::Failed) => JobState::Failed,
        Some(Outcome::Cancelled) => JobState::Cancelled,
        _ if is_queued => JobState::Queued,
        _ => JobState::Running,
    }
}

fn sentences(errors: JobErrors) -> Vec<String> {
    let whole = errors
        .has_job_level
        .then(|| "a data source has an error as a whole".to_owned());
    let files = errors
        .files
        .into_iter()
        .map(|error| format!("{}: {}", error.name, error.message));
    errors
        .environment
        .into_iter()
        .chain(whole)
        .chain(files)
        .take(MOST_ERRORS)
        .collect()
}

type OnChange<'c> = dyn for<'s> FnMut(&'s JobStatus) + Send + 'c;

/// Hands on what is seen of a job.
struct Forward<'c>(Mutex<&'c mut OnChange<'c>>);

impl Forward<'_> {
    fn tell(&self, status: &JobStatus) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told(status);
    }
}

impl UploadWatch for Forward<'_> {
    fn event(&self, event: UploadEvent) {
        if let UploadEvent::Job {
            phase,
            state,
            is_running,
        } = event
        {
            let is_queued =
                phase == Phase::Discover && !is_running && state == PhaseState::NotStarted;
            self.tell(&JobStatus::new(self::state(None, is_queued)));
        }
    }
}
