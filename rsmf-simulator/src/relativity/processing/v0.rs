//! The older routes of Processing, which name things otherwise.

use serde_json::{Value, json};

use super::{custodians, jobs, sets, sources, state::Phase, summary};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, schema::Kind},
};

pub(crate) fn custodian(world: &mut World, call: &Call) -> Outcome {
    let body = call.key("Custodian");
    let id = given(body);
    let workspace = world.workspace_of(workspace(&call.body)?)?;
    if let Some(id) = id {
        workspace.require(Kind::Entity, id)?;
    }
    Ok(Reply::json(workspace.save_custodian(body, id)?.into()))
}

pub(crate) fn set(world: &mut World, call: &Call) -> Outcome {
    let body = call.key("ProcessingSet");
    let id = sets::save(world, workspace(&call.body)?, body, given(body))?;
    Ok(Reply::json(id.into()))
}

pub(crate) fn source(world: &mut World, call: &Call) -> Outcome {
    let body = call.key("ProcessingDataSource");
    let id = sources::save(world, workspace(&call.body)?, body, given(body))?;
    Ok(Reply::json(id.into()))
}

pub(crate) fn job(world: &mut World, call: &Call, key: &str, phase: Option<Phase>) -> Outcome {
    let body = call.key(key);
    let number = |name: &str| body.key(name).number();
    let missing = || Refusal::malformed(&format!("The body has no numbers in '{key}'."));
    let workspace = number("WorkspaceArtifactId").ok_or_else(missing)?;
    let set = number("ProcessingSetId").ok_or_else(missing)?;
    match phase {
        Some(phase) => jobs::begin(world, workspace, set, phase)?,
        None => jobs::begin_cancel(world, workspace, set)?,
    }
    Ok(Reply::done())
}

pub(crate) fn profile(world: &mut World, call: &Call) -> Outcome {
    let request = call.key("ProcessingProfileSaveRequest");
    let id = request.key("WorkspaceId").number();
    let id = id.ok_or_else(|| Refusal::malformed("The body has no WorkspaceId."))?;
    let workspace = world.workspace_of(id)?;
    let profile = request.key("ProcessingProfile");
    let name = profile.key("Name").text();
    if name.is_empty() {
        return Err(Refusal::invalid("A profile needs a Name."));
    }
    let truth = |group: &str, key: &str| profile.key(group).key(key).truth() == Some(true);
    let zone = profile
        .key("InventoryDiscoverSettings")
        .key("DefaultTimeZoneID")
        .number();
    let dedup = profile
        .key("DeduplicationSettings")
        .key("DeduplicationMethod")
        .text();
    let made = workspace.add_profile(
        name,
        truth("ExtractionSettings", "Extractchildren"),
        truth("PublishSettings", "AutopublishSet"),
        if dedup.is_empty() { "None" } else { dedup },
        zone.unwrap_or_default(),
    );
    Ok(Reply::json(json!({ "ProcessingProfileId": made })))
}

/// Reads something, or counts documents, as version 1 does it by its address.
pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    let request = call.key("request");
    let number = |body: &Value, key: &str| body.key(key).number().unwrap_or_default().to_string();
    let query = [
        ("skip", number(request, "Page")),
        ("top", number(request, "PageSize")),
        (
            "sortColumnName",
            request.key("SortColumnName").text().to_owned(),
        ),
        (
            "sortDescending",
            request
                .key("SortDescending")
                .truth()
                .unwrap_or_default()
                .to_string(),
        ),
    ];
    let ids = if request.is_null() {
        &call.body
    } else {
        request
    };
    let call = Call {
        slots: [
            ("ws", number(ids, "workspaceArtifactId")),
            ("id", number(ids, "ArtifactID")),
        ]
        .into(),
        query: query.map(|(name, value)| (name.to_owned(), value)).into(),
        body: Value::Null,
        headers: call.headers.clone(),
        bytes: call.bytes.clone(),
        user: call.user.clone(),
        name: call.name,
    };
    match call.name {
        "v0.custodian-read" => custodians::read(world, &call),
        "v0.set-read" => sets::read(world, &call),
        "v0.source-read" => sources::read(world, &call),
        _ => summary::documents(world, &call),
    }
}

fn workspace(body: &Value) -> Result<i64, Refusal> {
    let id = body.key("workspaceArtifactId").number();
    id.ok_or_else(|| Refusal::malformed("The body has no workspaceArtifactId."))
}

/// The number of what is changed; none where something is created.
fn given(body: &Value) -> Option<i64> {
    body.key("ArtifactID").number().filter(|id| *id != 0)
}
