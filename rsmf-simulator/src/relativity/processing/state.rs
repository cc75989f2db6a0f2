//! What goes on in a processing set.

use crate::relativity::{
    rsmf::{Native, Opened},
    world::{artifact::Val, schema::Kind, workspace::Workspace},
};

/// What is done with a set, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Inventory,
    Discover,
    Publish,
    /// Files with errors are read again.
    Retry,
}

/// How far a phase got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Progress {
    #[default]
    NotStarted,
    Running,
    Completed,
    CompletedWithErrors,
    /// No job runs any more, and it got to no end.
    Broken,
}

/// A job that was submitted and has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) phase: Phase,
    pub(crate) number: u64,
    /// Whether it has begun; before, it is still being accepted.
    pub(crate) is_running: bool,
}

#[derive(Debug, Default)]
pub(crate) struct SetState {
    pub(crate) inventory: Progress,
    pub(crate) discover: Progress,
    pub(crate) publish: Progress,
    pub(crate) is_cancelled: bool,
    pub(crate) job: Option<Job>,
    /// How many jobs there were so far.
    pub(crate) jobs: u64,
    pub(crate) files: Vec<File>,
    /// Errors of jobs, such as a folder that is not there.
    pub(crate) job_errors: Vec<String>,
    /// When it was created, and how many bytes were published.
    pub(crate) created: String,
    pub(crate) published_bytes: u64,
}

/// A file that was discovered.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its number in Processing, which is not that of a document.
    pub(crate) id: i64,
    pub(crate) source: i64,
    pub(crate) found: Found,
    /// The document that it became.
    pub(crate) document: Option<i64>,
    /// Whether an equal one of the same custodian was there already.
    pub(crate) is_duplicate: bool,
}

/// What discovery finds out about a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) name: String,
    /// The folder below the data source, with backslashes.
    pub(crate) folder: String,
    /// The archive that it lies in.
    pub(crate) container: String,
    pub(crate) native: Native,
    pub(crate) size: u64,
    pub(crate) md5: String,
    pub(crate) sha256: String,
    pub(crate) rsmf: Option<Box<Opened>>,
    pub(crate) error: Option<FileError>,
}

/// An error of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileError {
    pub(crate) category: &'static str,
    pub(crate) message: String,
    pub(crate) time: String,
}

const NOT_STARTED: [&str; 3] = [
    "4bab4cc3-a8a8-438c-a649-6fd4e0d111eb",
    "955e0b6d-8e50-4dfb-945d-5631fc97f40a",
    "fc78eb19-b905-479c-9c3c-6fc49b95ea08",
];
const COMPLETED: [Option<&str>; 3] = [
    None,
    Some("be180e9d-8abf-41f8-8507-37bd1d22f72e"),
    Some("2682816f-2683-4cc0-be6e-583fbdff304b"),
];
const WITH_ERRORS: [Option<&str>; 3] = [
    None,
    Some("f29b76d6-927f-4172-bc7a-92eb7b7328c9"),
    Some("410c43fd-8a90-4e64-a5af-5e4cdcfb99a7"),
];
pub(crate) const STATUS_FIELDS: [&str; 3] =
    ["Inventory Status", "Discover Status", "Publish Status"];

/// The words for a status, as the knobs have them.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) completed: String,
    pub(crate) with_errors: String,
    pub(crate) running: Vec<String>,
}

impl Phase {
    /// Which of the three statuses it is about.
    fn index(self) -> usize {
        match self {
            Self::Inventory => 0,
            Self::Discover | Self::Retry => 1,
            Self::Publish => 2,
        }
    }
}

impl SetState {
    fn progress_mut(&mut self, phase: Phase) -> &mut Progress {
        match phase {
            Phase::Inventory => &mut self.inventory,
            Phase::Discover | Phase::Retry => &mut self.discover,
            Phase::Publish => &mut self.publish,
        }
    }

    pub(crate) fn has_file_errors(&self) -> bool {
        self.files.iter().any(|file| file.found.error.is_some())
    }

    pub(crate) fn has_running_job(&self) -> bool {
        self.job.is_some_and(|job| job.is_running)
    }
}

impl Workspace {
    /// Sets the status of a phase, with a choice whose GUID is known only where it is in the sheet.
    pub(crate) fn set_progress(
        &mut self,
        set: i64,
        phase: Phase,
        progress: Progress,
        words: &Words,
    ) {
        let index = phase.index();
        let any = |words: &Words| {
            let count = words.running.len().max(1);
            words
                .running
                .get(fastrand::usize(..count))
                .cloned()
                .unwrap_or_default()
        };
        // A GUID of its own each time: whoever lists the known ones learns nothing from it.
        let own = super::super::world::numbers::guid();
        let (name, guid) = match progress {
            Progress::NotStarted => ("Not started".to_owned(), Some(NOT_STARTED[index])),
            Progress::Completed => (words.completed.clone(), COMPLETED[index]),
            Progress::CompletedWithErrors => (words.with_errors.clone(), WITH_ERRORS[index]),
            Progress::Running | Progress::Broken => (any(words), Some(&*own)),
        };
        let choice = self.choice(Kind::Set, STATUS_FIELDS[index], &name, guid);
        if let Some(artifact) = self.artifacts.get_mut(&set) {
            artifact.set(STATUS_FIELDS[index], Val::Choice(choice));
        }
        let status = self.choice(Kind::Source, "Status", &name, None);
        for artifact in self.artifacts.values_mut() {
            if artifact.kind == Kind::Source && artifact.number("Processing Set") == Some(set) {
                artifact.set("Status", Val::Choice(status));
            }
        }
        if let Some(state) = self.sets.get_mut(&set) {
            *state.progress_mut(phase) = progress;
        }
    }

    /// The data sources of a set, in their order.
    pub(crate) fn sources_of(&self, set: i64) -> Vec<i64> {
        let sources = self.all(Kind::Source);
        let own = sources.filter(|it| it.number("Processing Set") == Some(set));
        let mut found: Vec<_> = own
            .map(|it| (it.number("Order").unwrap_or_default(), it.id))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }
}
