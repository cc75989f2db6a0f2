//! Files that were discovered, by their numbers in Processing.

use serde_json::{Value, json};

use super::{
    filters, jobs,
    state::{File, Phase, Progress},
};
use crate::relativity::{
    call::Call,
    reply::{Outcome, Refusal, Reply},
    world::{World, workspace::Workspace},
};

pub(crate) fn errors(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("file")?;
    let file = world.workspace(call)?.file(id)?;
    let number = |name| {
        call.number_in_query(name)
            .and_then(|it| usize::try_from(it).ok())
    };
    let (skip, top) = (number("skip").unwrap_or(0), number("top").unwrap_or(100));
    let all: Vec<_> = file
        .found
        .error
        .iter()
        .map(|error| {
            json!({
                "TimeStamp": error.time, "Category": error.category, "ErrorMessage": error.message,
                "ErrorPhase": "Discovery", "RetryStatus": "Not Resolved",
            })
        })
        .collect();
    let page: Vec<_> = all.iter().skip(skip * top).take(top).collect();
    Ok(Reply::json(
        json!({ "TotalCount": all.len(), "DocumentErrorHistory": page }),
    ))
}

pub(crate) fn metadata(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("file")?;
    let workspace = world.workspace(call)?;
    let file = workspace.file(id)?;
    let headers = file.found.rsmf.iter().flat_map(|opened| &opened.headers);
    let mut metadata: serde_json::Map<String, Value> = headers
        .map(|(name, value)| (format!("Rsmf/{}", field(name)), value.as_str().into()))
        .collect();
    metadata.insert("FileName".to_owned(), file.found.name.as_str().into());
    let errors: Vec<_> = file
        .found
        .error
        .iter()
        .map(|error| &error.message)
        .collect();
    Ok(Reply::json(json!({
        "ProcessingFileID": id, "WorkspaceArtifactID": workspace.id,
        "MetadataJson": Value::Object(metadata).to_string(), "Errors": errors,
    })))
}

/// What a header `X-RSMF-…` is called as a field.
fn field(header: &str) -> &str {
    match header.eq_ignore_ascii_case("EventCount") {
        true => "MessageCount",
        false => header,
    }
}

/// Reads the files again, or publishes those that are published already once more.
pub(crate) fn submit(world: &mut World, call: &Call, phase: Phase) -> Outcome {
    let id = call.id("ws")?;
    let sets = world.workspace(call)?.sets_of(call)?;
    for set in sets {
        jobs::begin(world, id, set, phase)?;
    }
    Ok(Reply::done())
}

/// Retries deletions, of which there are none.
pub(crate) fn retry_delete(world: &mut World, call: &Call) -> Outcome {
    world.workspace(call)?.sets_of(call)?;
    Ok(Reply::done())
}

/// How many files could be published.
pub(crate) fn count(world: &mut World, call: &Call) -> Outcome {
    let workspace = world.workspace(call)?;
    let wanted = filters::wanted(call.key("documentsRequest"))?;
    let files = workspace
        .files()
        .filter(|file| wanted.includes(workspace, file));
    Ok(Reply::json(
        files
            .filter(|file| file.found.error.is_none())
            .count()
            .into(),
    ))
}

/// What went wrong with jobs that publish these files: nothing, as such jobs do not fail here.
pub(crate) fn publish_errors(world: &mut World, call: &Call) -> Outcome {
    let sets = world.workspace(call)?.sets_of(call)?;
    Ok(Reply::json(json!({
        "ErroredJobCount": 0, "ErroredFileCount": 0, "GroupIdsWithJobErrors": [], "ErrorArtifactIds": [],
        "GroupIdsCheckedCount": sets.len(),
    })))
}

impl Workspace {
    /// All files of all sets that were discovered.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        let ended = |progress| !matches!(progress, Progress::NotStarted | Progress::Running);
        let sets = self
            .sets
            .values()
            .filter(move |state| ended(state.discover));
        sets.flat_map(|state| &state.files)
    }

    fn file(&self, id: i64) -> Result<&File, Refusal> {
        let missing = || Refusal::not_found(&format!("There is no processing file {id}."));
        self.files().find(|file| file.id == id).ok_or_else(missing)
    }

    /// The sets of the files that a request names.
    fn sets_of(&self, call: &Call) -> Result<Vec<i64>, Refusal> {
        let wanted = filters::wanted(call.key("documentsRequest"))?;
        let has = |files: &[File]| files.iter().any(|file| wanted.includes(self, file));
        let sets = self.sets.iter().filter(|(_, state)| has(&state.files));
        let sets: Vec<_> = sets.map(|(id, _)| *id).collect();
        match sets.is_empty() {
            true => Err(Refusal::not_found("The request names no processing file.")),
            false => Ok(sets),
        }
    }
}
