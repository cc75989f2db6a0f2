//! Jobs, as they are submitted.

use super::state::{Job, Phase, Progress, SetState, Words};
use crate::relativity::{
    call::Call,
    reply::{Outcome, Refusal, Reply},
    world::{Task, World, schema::Kind},
};

pub(crate) fn submit(world: &mut World, call: &Call, phase: Phase) -> Outcome {
    let (workspace, set) = (call.id("ws")?, call.id("id")?);
    begin(world, workspace, set, phase)?;
    Ok(Reply::done())
}

pub(crate) fn cancel(world: &mut World, call: &Call) -> Outcome {
    let (workspace, set) = (call.id("ws")?, call.id("id")?);
    begin_cancel(world, workspace, set)?;
    Ok(Reply::done())
}

/// Accepts a job, unless it is refused (X1 to X6). That it was accepted is all that is said.
pub(crate) fn begin(
    world: &mut World,
    workspace: i64,
    set: i64,
    phase: Phase,
) -> Result<(), Refusal> {
    let (is_down, can_retry) = (world.knobs.worker_manager_down, world.knobs.retry_errors);
    let has_sources = has_sources(world, workspace, set)?;
    let state = state(world, workspace, set)?;
    let is_accepting = state.job.is_some_and(|job| !job.is_running);
    let reason = if state.is_cancelled {
        "it was cancelled; create a new one".to_owned()
    } else if !has_sources {
        "it has no data source".to_owned()
    } else if is_accepting {
        format!("another submission for {set} is still being accepted")
    } else if let Some(reason) = wrong_order(state, phase) {
        reason.to_owned()
    } else if phase == Phase::Retry && !can_retry {
        "errors cannot be retried on this server".to_owned()
    } else if is_down {
        "the worker manager server cannot be reached".to_owned()
    } else {
        state.jobs += 1;
        let job = state.jobs;
        state.job = Some(Job {
            phase,
            number: job,
            is_running: false,
        });
        world.tasks.push(Task::Process {
            workspace,
            set,
            phase,
            job,
        });
        return Ok(());
    };
    Err(Refusal::business(&format!(
        "The job of the processing set was not accepted: {reason}."
    )))
}

/// Inventory before discovery, which there is once (X3), and publication after it.
fn wrong_order(state: &SetState, phase: Phase) -> Option<&'static str> {
    let is_discovering = state.job.is_some_and(|job| job.phase == Phase::Discover);
    let is_discovered = is_discovering || state.discover != Progress::NotStarted;
    let has_ended = matches!(
        state.discover,
        Progress::Completed | Progress::CompletedWithErrors
    );
    match phase {
        Phase::Discover if is_discovered => Some("it was already discovered"),
        Phase::Inventory if is_discovered => Some("there is no inventory after discovery"),
        _ if state.job.is_some() => Some("a job of it is running"),
        Phase::Publish | Phase::Retry if !has_ended => Some("it is not discovered"),
        _ => None,
    }
}

/// Accepts that a set is cancelled (X2, X5), which happens later; one that is already stays so.
pub(crate) fn begin_cancel(world: &mut World, workspace: i64, set: i64) -> Result<(), Refusal> {
    let has_sources = has_sources(world, workspace, set)?;
    let state = state(world, workspace, set)?;
    if !has_sources {
        return Err(Refusal::business("The processing set has no data source."));
    }
    if !state.is_cancelled {
        world.tasks.push(Task::Cancel { workspace, set });
    }
    Ok(())
}

/// X5.
fn state(world: &mut World, workspace: i64, set: i64) -> Result<&mut SetState, Refusal> {
    let workspace = world.workspaces.get_mut(&workspace);
    let state = workspace.and_then(|workspace| workspace.sets.get_mut(&set));
    state.ok_or_else(|| Refusal::business(&format!("Processing set {set} cannot be resolved.")))
}

fn has_sources(world: &mut World, workspace: i64, set: i64) -> Result<bool, Refusal> {
    let Some(workspace) = world.workspaces.get(&workspace) else {
        let message = format!("Workspace {workspace} cannot be resolved.");
        return Err(Refusal::business(&message));
    };
    let mut sources = workspace.all(Kind::Source);
    Ok(sources.any(|it| it.number("Processing Set") == Some(set)))
}

impl World {
    /// The words for statuses.
    pub(crate) fn words(&self) -> Words {
        Words {
            completed: self.knobs.completed.clone(),
            with_errors: self.knobs.completed_with_errors.clone(),
            running: self.knobs.running.clone(),
        }
    }
}
