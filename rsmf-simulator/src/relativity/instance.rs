//! What concerns the instance: version, workspaces, shares, folders, GUIDs.

use serde_json::{Value, json};

use super::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, numbers::is_guid, schema::TYPES},
};

pub(super) fn version() -> Outcome {
    Ok(Reply::json("24.0.375.2".into()))
}

pub(super) fn workspace(world: &mut World, call: &Call) -> Outcome {
    let workspace = world.workspace(call)?;
    let named = |id: i64, name: &str| json!({ "Secured": false, "Value": { "ArtifactID": id, "Guids": [], "Name": name } });
    Ok(Reply::json(json!({
        "ArtifactID": workspace.id, "Guids": [], "Name": workspace.name,
        "Client": named(1_015_644, "Example Client"), "Matter": named(1_016_623, "Example Matter"),
        "ResourcePool": named(1_015_040, "Default"), "Status": { "ArtifactID": 675, "Guids": [], "Name": "Active" },
        "Keywords": "", "Notes": "",
    })))
}

/// The shares of a workspace: a list without anything around it.
pub(super) fn shares(world: &mut World, call: &Call) -> Outcome {
    let id = call.key("workspace").key("ArtifactID").number();
    let id = id.ok_or_else(|| Refusal::malformed("The body names no workspace."))?;
    world.workspace_of(id)?;
    let roots = world.shares.roots().into_iter().enumerate();
    let servers: Vec<_> = roots.map(|(at, root)| {
        let path = format!("{root}\\Files\\");
        json!({
            "ArtifactID": 1_014_887 + at, "Name": path, "UNCPath": path,
            "Status": { "ArtifactID": 675, "Guids": [] }, "ServerType": { "ArtifactID": 1_015_089 },
            "SystemCreatedOn": "0001-01-01T00:00:00", "SystemLastModifiedOn": "0001-01-01T00:00:00",
        })
    }).collect();
    Ok(Reply::json(Value::Array(servers)))
}

pub(super) fn root_folder(world: &mut World, call: &Call) -> Outcome {
    let id = call.key("workspaceArtifactID").number();
    let id = id.ok_or_else(|| Refusal::malformed("The body has no workspaceArtifactID."))?;
    let workspace = world.workspace_of(id)?;
    Ok(Reply::json(json!({
        "ArtifactID": workspace.root_folder, "Name": workspace.name,
        "ParentFolder": { "ArtifactID": id, "Name": workspace.name }, "HasChildren": false,
    })))
}

/// The numbers of what has these GUIDs: types of objects, fields and choices.
pub(super) fn guids(world: &mut World, call: &Call) -> Outcome {
    let id = call.key("workspaceId").number();
    let id = id.ok_or_else(|| Refusal::malformed("The body has no workspaceId."))?;
    let workspace = world.workspace_of(id)?;
    let mut answer = Vec::new();
    for guid in call.key("guids").items() {
        let text = guid.text();
        if !is_guid(text) {
            return Err(Refusal::malformed(&format!("{guid} is no GUID.")));
        }
        let types = TYPES.iter().map(|it| (it.number, it.guid));
        let fields = workspace.fields.iter().map(|it| (it.id, &*it.guid));
        let choices = workspace.choices.iter().map(|it| (it.id, &*it.guid));
        let found = types
            .chain(fields)
            .chain(choices)
            .find(|(_, own)| own.eq_ignore_ascii_case(text));
        let (id, _) = found
            .ok_or_else(|| Refusal::not_found(&format!("Nothing here has the GUID {text}.")))?;
        answer.push(json!({ "ArtifactID": id, "Guid": text }));
    }
    Ok(Reply::json(Value::Array(answer)))
}
