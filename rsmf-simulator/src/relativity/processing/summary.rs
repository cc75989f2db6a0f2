//! What is told about a set.

use serde_json::{Value, json};

use super::state::STATUS_FIELDS;
use crate::relativity::{
    call::Call,
    knobs::Spelling,
    reply::{Outcome, Reply},
    world::{World, schema::Kind, workspace::Workspace},
};

pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    let spelling = match call.name {
        "v0.summary" => Spelling::Old,
        _ => world.knobs.processing_spelling,
    };
    let workspace = world.workspace(call)?;
    let id = call.id("id")?;
    workspace.require(Kind::Set, id)?;
    Ok(Reply::json(workspace.summary(id, spelling)))
}

impl Workspace {
    fn summary(&self, id: i64, spelling: Spelling) -> Value {
        let (Some(state), Some(set)) = (self.sets.get(&id), self.artifacts.get(&id)) else {
            return Value::Null;
        };
        let status = |field: &str| {
            let choice = self
                .choices
                .iter()
                .find(|choice| Some(choice.id) == set.number(field));
            choice.map_or("", |choice| &choice.guid).to_owned()
        };
        let [inventory, discover, publish] = STATUS_FIELDS.map(status);
        let (set_key, profile_key, sources_key) = match spelling {
            Spelling::New => ("ProcessingSetID", "ProcessingProfileID", "DataSourceIDs"),
            Spelling::Old => ("ArtifactId", "ProcessingProfileId", "DataSourceIds"),
        };
        let profile = set.number("Processing profile");
        let mut summary = json!({
            "SetState": {
                set_key: id, profile_key: profile, "Canceled": state.is_cancelled,
                "InventoryStatus": inventory, "DiscoverStatus": discover, "PublishStatus": publish,
            },
            "HasRunningJobs": state.has_running_job(),
            "EnvironmentErrors": state.job_errors,
            sources_key: self.sources_of(id),
            "DataSourceHasDocumentLevelErrors": state.has_file_errors(),
            "DataSourceHasJobLevelErrors": !state.job_errors.is_empty(),
        });
        if spelling == Spelling::New {
            summary["HasValidProcessingProfile"] = profile.is_some().into();
            summary["IsStoreValid"] = true.into();
        }
        summary
    }
}

/// How many documents each set that is completed has published.
pub(crate) fn documents(world: &mut World, call: &Call) -> Outcome {
    use super::state::Progress::{Completed, CompletedWithErrors};
    let workspace = world.workspace(call)?;
    let mut rows: Vec<_> = workspace
        .sets
        .iter()
        .filter(|(_, state)| matches!(state.publish, Completed | CompletedWithErrors))
        .map(|(id, state)| Row {
            id: *id,
            name: workspace.name_of(*id).to_owned(),
            created: state.created.clone(),
            count: workspace.documents_of(*id),
            bytes: state.published_bytes,
        })
        .collect();
    match call
        .query("sortColumnName")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "publisheddocumentcount" => rows.sort_by_key(|row| row.count),
        "publisheddocumentsizeinbytes" => rows.sort_by_key(|row| row.bytes),
        "processingsetdatecreated" => rows.sort_by(|a, b| a.created.cmp(&b.created)),
        _ => rows.sort_by(|a, b| a.name.cmp(&b.name)),
    }
    if call
        .query("sortDescending")
        .is_some_and(|it| it.eq_ignore_ascii_case("true"))
    {
        rows.reverse();
    }
    Ok(Reply::json(page(call, &rows)))
}

struct Row {
    id: i64,
    name: String,
    created: String,
    count: usize,
    bytes: u64,
}

/// `skip` is the number of a page, `top` the size of pages.
fn page(call: &Call, rows: &[Row]) -> Value {
    let number = |name| {
        call.number_in_query(name)
            .and_then(|it| usize::try_from(it).ok())
    };
    let (skip, top) = (number("skip").unwrap_or(0), number("top").unwrap_or(10));
    let infos: Vec<_> = rows
        .iter()
        .skip(skip * top)
        .take(top)
        .map(|row| {
            json!({
                "ProcessingSetId": row.id, "ProcessingSetName": row.name,
                "ProcessingSetDateCreated": row.created,
                "PublishedDocumentCount": row.count, "PublishedDocumentSizeInBytes": row.bytes,
            })
        })
        .collect();
    json!({
        "TotalPublishedDocuments": rows.iter().map(|row| row.count).sum::<usize>(),
        "TotalPublishedDocumentSizeInBytes": rows.iter().map(|row| row.bytes).sum::<u64>(),
        "TotalProcessingSets": rows.len(),
        "ProcessingSetDocumentInfo": infos,
    })
}

impl Workspace {
    /// How many documents a set became, children included.
    fn documents_of(&self, set: i64) -> usize {
        let documents = self.all(Kind::Document);
        documents
            .filter(|it| it.number("Originating Processing Set") == Some(set))
            .count()
    }
}
