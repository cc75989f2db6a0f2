//! Short messages: validation, manifests, attachments.

mod form;
mod validate;

use serde_json::{Value, json};

use super::{
    call::{Call, Keys},
    knobs::Spelling,
    reply::{Outcome, Refusal, Reply},
    rsmf,
    world::{World, artifact::Val, schema::Kind, workspace::Workspace},
};

pub(super) fn call(world: &mut World, call: &Call) -> Outcome {
    if call.name == "message.validate-file" {
        let file = form::file(call.header("content-type"), &call.bytes)?;
        return Ok(Reply::json(validate::validate(file)));
    }
    let spelling = world.knobs.message_spelling;
    let workspace = world.workspace(call)?;
    match call.name {
        "message.validate" => Ok(Reply::json(validate::validate(&native(workspace, call)?))),
        "message.json" => manifest(&native(workspace, call)?),
        "message.attachments" => attachments(workspace, call, spelling),
        "message.slice" => slice(workspace, call),
        _ => Ok(Reply::json(participants(workspace, call))),
    }
}

/// The file of the document that is asked for.
fn native(workspace: &Workspace, call: &Call) -> Result<Vec<u8>, Refusal> {
    let id = call.id("id")?;
    workspace.require(Kind::Document, id)?;
    let missing = || Refusal::not_found(&format!("The document {id} has no file."));
    let native = workspace.natives.get(&id).ok_or_else(missing)?;
    native
        .read()
        .map_err(|error| Refusal::business(&format!("The file cannot be read: {error}")))
}

fn manifest(native: &[u8]) -> Outcome {
    let opened = rsmf::open_whole(native).map_err(|problem| Refusal::business(&problem.message))?;
    let (_, _, manifest) = opened;
    Ok(Reply::bytes("application/json", manifest))
}

/// Which documents became of attachments; what became none is left out.
fn attachments(workspace: &Workspace, call: &Call, spelling: Spelling) -> Outcome {
    let id = call.id("id")?;
    let document = workspace.require(Kind::Document, id)?;
    let group = document.text("Control Number");
    let (attachment_key, document_key) = match spelling {
        Spelling::New => ("AttachmentId", "DocumentArtifactId"),
        Spelling::Old => ("AttachmentID", "DocumentArtifactID"),
    };
    let wanted = call.key("attachmentIDs").items().iter().map(Keys::text);
    let found = wanted.filter_map(|attachment| {
        let mut documents = workspace.all(Kind::Document);
        let child = documents.find(|it| {
            it.text("Parent Document ID") == group
                && it.text("Relativity Attachment ID") == attachment
        })?;
        let guid = super::world::numbers::guid();
        Some(json!({ attachment_key: attachment, document_key: child.id, "FileGuid": guid }))
    });
    Ok(Reply::json(Value::Array(found.collect())))
}

fn participants(workspace: &Workspace, call: &Call) -> Value {
    let wanted = call.key("participantRequests").items().iter();
    let found = wanted.map(|wanted| {
        let name = wanted.key("Name").text();
        let mut entities = workspace.all(Kind::Entity);
        let entity = entities.find(|it| !name.is_empty() && it.text("Full Name") == name);
        let entity = entity.map_or("", |it| it.text("Full Name"));
        json!({ "Id": wanted.key("Id"), "EntityName": entity, "Aliases": [], "Url": "" })
    });
    Value::Array(found.collect())
}

/// Makes a document of some events.
fn slice(workspace: &mut Workspace, call: &Call) -> Outcome {
    let request = call.key("sliceRequest");
    let indexes: Option<Vec<_>> = request
        .key("EventIndexes")
        .items()
        .iter()
        .map(Keys::number)
        .collect();
    let (_, manifest, _) = rsmf::open_whole(&native(workspace, call)?)
        .map_err(|problem| Refusal::business(&problem.message))?;
    let indexes = indexes.filter(|all| !all.is_empty()).unwrap_or_default();
    let is_there =
        |index: &i64| usize::try_from(*index).is_ok_and(|index| index < manifest.times.len());
    if indexes.is_empty() || !indexes.iter().all(is_there) {
        return Err(Refusal::invalid(
            "EventIndexes names no events of this document.",
        ));
    }
    let document = workspace.require(Kind::Document, call.id("id")?)?.clone();
    let count = workspace
        .all(Kind::Document)
        .filter(|it| it.parent == document.id)
        .count();
    let name = format!("{}_S{}", document.text("Control Number"), count + 1);
    let events = i64::try_from(indexes.len()).unwrap_or_default();
    let values = [
        ("Control Number", Val::from(name)),
        ("RSMF Message Count", events.into()),
    ];
    workspace.add(Kind::Document, document.id, values);
    Ok(Reply::done())
}
