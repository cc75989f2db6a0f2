use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::{
    Failure, Result,
    integration::{
        Delivered, Delivery, Integration, IntegrationInfo, JobId, JobSpec, JobState, JobStatus,
        ReviewPlatform,
    },
};

/// A [`ReviewPlatform`] that keeps what is delivered; clones share it.
///
/// A job is queued when it starts and one step further each time its status is asked for:
/// running, then completed.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use rsmf_core::integration::{
///     Delivery, JobSpec, JobState, ReviewPlatform, testing::MemoryReviewPlatform,
/// };
///
/// # futures::executor::block_on(async {
/// let platform = MemoryReviewPlatform::new();
/// let delivery = Delivery {
///     name: "a.rsmf".into(),
///     size: 0,
///     sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into(),
///     content: stream::empty().boxed(),
/// };
/// let file = platform.deliver(delivery).await?;
/// let job = platform.start(&JobSpec::new("import", "key 1", vec![file])).await?;
/// let status = platform.wait(&job, &mut |_| {}).await?;
/// assert_eq!(status.state, JobState::Completed);
/// # Ok::<(), rsmf_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct MemoryReviewPlatform {
    info: IntegrationInfo,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Bytes>,
    /// In the order of their start; a job's id is its index.
    jobs: Vec<(JobSpec, JobState)>,
}

impl MemoryReviewPlatform {
    /// A platform without files and jobs.
    pub fn new() -> Self {
        Self {
            info: IntegrationInfo::new("memory", "memory"),
            state: Arc::default(),
        }
    }

    /// What was delivered, by name.
    pub fn files(&self) -> BTreeMap<String, Bytes> {
        self.state().files.clone()
    }

    // Nothing panics while it holds the lock, so a poisoned one guards sound data.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryReviewPlatform {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    fn job(&mut self, id: &JobId) -> Result<&mut (JobSpec, JobState)> {
        let index: Option<usize> = id.0.parse().ok();
        let missing = || Failure::new("find", format!("job {}", id.0)).not_found();
        index
            .and_then(|index| self.jobs.get_mut(index))
            .ok_or_else(missing)
    }
}

#[async_trait]
impl Integration for MemoryReviewPlatform {
    fn info(&self) -> &IntegrationInfo {
        &self.info
    }

    async fn check(&self) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl ReviewPlatform for MemoryReviewPlatform {
    /// Fails with [`Conflict`](crate::Error::Conflict) where other content has the name.
    async fn deliver(&self, delivery: Delivery) -> Result<Delivered> {
        let Delivery {
            name,
            size,
            sha256,
            mut content,
        } = delivery;
        let mut bytes = BytesMut::new();
        while let Some(piece) = content.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        let bytes = bytes.freeze();
        if bytes.len() as u64 != size || hex_sha256(&bytes) != sha256 {
            return Err(Failure::new("deliver", name)
                .source("size or SHA-256 are not those of the content")
                .integrity());
        }
        let mut state = self.state();
        if state.files.get(&name).is_some_and(|known| *known != bytes) {
            return Err(Failure::new("deliver", name).conflict());
        }
        state.files.insert(name.clone(), bytes);
        Ok(Delivered::new(name))
    }

    async fn start(&self, spec: &JobSpec) -> Result<JobId> {
        let mut state = self.state();
        let known = state
            .jobs
            .iter()
            .position(|(job, _)| job.idempotency_key == spec.idempotency_key);
        if let Some(index) = known {
            return Ok(JobId(index.to_string()));
        }
        for file in &spec.files {
            if !state.files.contains_key(&file.reference) {
                return Err(Failure::new("process", file.reference.as_str()).not_found());
            }
        }
        state.jobs.push((spec.clone(), JobState::Queued));
        Ok(JobId((state.jobs.len() - 1).to_string()))
    }

    async fn status(&self, job: &JobId) -> Result<JobStatus> {
        let mut state = self.state();
        let (spec, now) = state.job(job)?;
        let total = spec.files.len() as u64;
        let told = *now;
        *now = match told {
            JobState::Queued => JobState::Running,
            JobState::Running => JobState::Completed,
            ended => ended,
        };
        let mut status = JobStatus::new(told);
        status.total = Some(total);
        if told == JobState::Completed {
            status.completed = total;
        }
        Ok(status)
    }

    async fn wait(
        &self,
        job: &JobId,
        on_change: &mut (dyn for<'s> FnMut(&'s JobStatus) + Send),
    ) -> Result<JobStatus> {
        loop {
            let status = self.status(job).await?;
            on_change(&status);
            if status.state.is_final() {
                return Ok(status);
            }
        }
    }

    async fn cancel(&self, job: &JobId) -> Result<()> {
        let mut state = self.state();
        let (_, now) = state.job(job)?;
        if now.is_final() {
            return Err(Failure::new("cancel", format!("job {}", job.0))
                .source("it has ended already")
                .conflict());
        }
        *now = JobState::Cancelled;
        Ok(())
    }
}

pub(super) fn hex_sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
