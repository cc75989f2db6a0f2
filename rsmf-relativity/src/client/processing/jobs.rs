//! Jobs. Nothing is given back where one is submitted: the number of the set is that of its jobs.

use serde_json::{Value, json};

use crate::{
    Result,
    client::{ArtifactId, Workspace},
};

/// What can be done with a processing set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Job {
    /// List the files. Only before the discovery.
    Inventory,
    /// Take the files apart. Once for each set.
    Discover,
    /// Make documents of what was discovered.
    Publish,
    /// Stop what is under way. It is well, too, where that was done before.
    Cancel,
    /// Try again what failed in single files. Only newer routes have it.
    RetryErrors,
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Self::Inventory => "start the inventory",
            Self::Discover => "start the discovery",
            Self::Publish => "start the publishing",
            Self::Cancel => "cancel the processing",
            Self::RetryErrors => "retry the errors",
        }
    }

    fn newer(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Discover => "discover",
            Self::Publish => "publish",
            Self::Cancel => "cancel",
            Self::RetryErrors => "retry-errors",
        }
    }

    /// Method, and what its argument is called.
    fn older(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Inventory => Some(("SubmitInventoryJobsAsync", "InventoryJob")),
            Self::Discover => Some(("SubmitDiscoveryJobsAsync", "DiscoveryJob")),
            Self::Publish => Some(("SubmitPublishJobsAsync", "PublishJob")),
            Self::Cancel => Some(("SubmitCancelJobAsync", "CancelJob")),
            Self::RetryErrors => None,
        }
    }
}

impl Workspace {
    /// Submits a job on a processing set. That it was taken is all that is said: how far it is, tells the
    /// [summary](Self::processing_summary).
    ///
    /// # Errors
    /// Whatever stands in the way: the set has no data source, was discovered before, was cancelled. Where that
    /// [is uncertain](crate::Error::is_uncertain), look at the summary before you try again.
    pub async fn submit(&self, job: Job, set: ArtifactId) -> Result<()> {
        let path = format!("processing-jobs/{set}/{}", job.newer());
        let newer = self.processing_post(job.name(), &path, json!({}));
        let Some((method, argument)) = job.older() else {
            return newer.done().await;
        };
        let mut body = serde_json::Map::new();
        let what = json!({ "ProcessingSetId": set, "WorkspaceArtifactId": self.id });
        body.insert(argument.to_owned(), what);
        let method = format!("Processing Job Manager/{method}");
        let older = self.older(job.name(), &method, Value::Object(body));
        self.either(newer.done(), older.done()).await
    }
}
