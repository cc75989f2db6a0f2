//! Jobs, as they run.

use std::sync::Arc;

use super::{
    discover::{self, Plan},
    jobs, publish,
    state::{File, Phase, Progress},
};
use crate::relativity::{knobs::JobErrorEnd, serve::Shared, world::World};

/// Runs a job to its end, in the time that the knobs say.
pub(crate) async fn run(shared: Arc<Shared>, workspace: i64, set: i64, phase: Phase, job: u64) {
    let gap = shared.lock().knobs.submit_gap();
    tokio::time::sleep(gap).await;
    let Some(plan) = begin(&mut shared.lock(), workspace, set, phase, job) else {
        return;
    };
    let reading = tokio::task::spawn_blocking(move || discover::read(plan));
    let result = reading.await.unwrap_or_default();
    let time = shared.lock().knobs.job_time();
    tokio::time::sleep(time).await;
    while shared.lock().knobs.stuck {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut world = shared.lock();
    end(&mut world, workspace, set, phase, job, result);
    shared.begin_tasks(&mut world);
}

/// Cancels a set, a moment after that was submitted.
pub(crate) async fn cancel(shared: Arc<Shared>, workspace: i64, set: i64) {
    let gap = shared.lock().knobs.submit_gap();
    tokio::time::sleep(gap).await;
    let mut world = shared.lock();
    let workspace = world.workspaces.get_mut(&workspace);
    if let Some(state) = workspace.and_then(|workspace| workspace.sets.get_mut(&set)) {
        state.is_cancelled = true;
        state.job = None;
    }
}

/// Begins the job, and says what is to be read; nothing where it was cancelled in between.
fn begin(world: &mut World, workspace: i64, set: i64, phase: Phase, job: u64) -> Option<Plan> {
    let (shares, words) = (world.shares.clone(), world.words());
    let largest = world.knobs.largest_file;
    let workspace = world.workspaces.get_mut(&workspace)?;
    let running = workspace.sets.get_mut(&set)?.job.as_mut()?;
    if running.number != job {
        return None;
    }
    running.is_running = true;
    workspace.set_progress(set, phase, Progress::Running, &words);
    let again = workspace
        .sets
        .get(&set)
        .map_or(&[][..], |state| &state.files);
    Some(match phase {
        Phase::Publish => Plan::default(),
        Phase::Retry => Plan::again(again, largest),
        Phase::Inventory | Phase::Discover => Plan::new(workspace, set, &shares, largest),
    })
}

fn end(world: &mut World, id: i64, set: i64, phase: Phase, job: u64, result: discover::Result) {
    let (words, knobs) = (world.words(), world.knobs.clone());
    let numbers = world.numbers.clone();
    let Some(workspace) = world.workspaces.get_mut(&id) else {
        return;
    };
    let Some(state) = workspace.sets.get_mut(&set) else {
        return;
    };
    if state.job.is_none_or(|running| running.number != job) {
        return;
    }
    state.job = None;
    match phase {
        Phase::Inventory => state.job_errors = result.job_errors,
        Phase::Discover => {
            state.job_errors = result.job_errors;
            let found = result.found.into_iter();
            state.files = found
                .map(|(source, found)| File::new(numbers.next(), source, found))
                .collect();
        }
        Phase::Retry => replace(&mut state.files, result.found),
        Phase::Publish => publish::publish(workspace, set, &knobs),
    }
    let progress = progress(workspace.sets.get(&set), knobs.job_error_end);
    workspace.set_progress(set, phase, progress, &words);
    let has_ended = matches!(
        progress,
        Progress::Completed | Progress::CompletedWithErrors
    );
    if phase == Phase::Discover && has_ended && workspace.publishes_by_itself(set) {
        // Nothing speaks against it: the set was discovered just now.
        let _ = jobs::begin(world, id, set, Phase::Publish);
    }
}

fn progress(state: Option<&super::state::SetState>, end: JobErrorEnd) -> Progress {
    match state {
        Some(state) if !state.job_errors.is_empty() => match end {
            JobErrorEnd::Open => Progress::Broken,
            JobErrorEnd::CompletedWithErrors => Progress::CompletedWithErrors,
        },
        Some(state) if state.has_file_errors() => Progress::CompletedWithErrors,
        _ => Progress::Completed,
    }
}

/// Puts what was read again in the place of what was found before.
fn replace(files: &mut [File], found: Vec<(i64, super::state::Found)>) {
    for (id, found) in found {
        if let Some(file) = files.iter_mut().find(|file| file.id == id) {
            file.found = found;
        }
    }
}

impl File {
    fn new(id: i64, source: i64, found: super::state::Found) -> Self {
        Self {
            id,
            source,
            found,
            document: None,
            is_duplicate: false,
        }
    }
}

impl crate::relativity::world::workspace::Workspace {
    /// Whether the profile of a set publishes after discovery.
    fn publishes_by_itself(&self, set: i64) -> bool {
        let profile = self
            .artifacts
            .get(&set)
            .and_then(|set| set.number("Processing profile"));
        let profile = profile.and_then(|id| self.artifacts.get(&id));
        profile.is_some_and(|profile| profile.truth("Auto-publish set"))
    }
}
