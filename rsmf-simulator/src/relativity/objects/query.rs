//! Finding and reading objects.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{Asked, about_type, condition::Condition, kind_of};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{
        World,
        artifact::{Artifact, Val},
        schema::Kind,
        workspace::Workspace,
    },
};

pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    call.body.object("request")?;
    let request = call.key("request");
    let workspace = world.workspace(call)?;
    let artifact = workspace.object(request.key("Object"))?;
    let fields = workspace.asked_fields(artifact.kind, request.key("Fields"))?;
    Ok(Reply::json(json!({
        "Message": "", "Object": workspace.shown(artifact, &fields),
        "ObjectType": about_type(artifact.kind), "ObjectVersionToken": artifact.id.to_string(),
    })))
}

/// A page of what is found; without the fields at each object where `is_slim`.
pub(crate) fn query(world: &mut World, call: &Call, is_slim: bool) -> Outcome {
    call.body.object("request")?;
    let request = call.key("request");
    let most = world.knobs.page;
    let kind = kind_of(request.key("ObjectType"))?;
    let workspace = world.workspace(call)?;
    let found = find(workspace, kind, request)?;
    let fields = workspace.asked_fields(kind, request.key("Fields"))?;
    // The first one is the first, and so is what stands before it.
    let number = |key: &str| call.key(key).number().or_else(|| call.number_in_query(key));
    let start = usize::try_from(number("start").unwrap_or(1))
        .unwrap_or_default()
        .max(1);
    let length = usize::try_from(number("length").unwrap_or_default()).unwrap_or_default();
    let length = if length == 0 { most } else { length.min(most) };
    let page: Vec<_> = found.iter().skip(start - 1).take(length).collect();
    let objects: Vec<_> = page
        .iter()
        .map(|artifact| match is_slim {
            true => slim(workspace, artifact, &fields),
            false => workspace.shown(artifact, &fields),
        })
        .collect();
    let mut answer = json!({
        "TotalCount": found.len(), "ResultCount": objects.len(), "CurrentStartIndex": start,
        "Objects": objects, "ObjectType": about_type(kind),
    });
    if is_slim {
        answer["Fields"] = fields.iter().map(Asked::about).collect();
    }
    Ok(Reply::json(answer))
}

pub(super) fn slim(workspace: &Workspace, artifact: &Artifact, fields: &[Asked<'_>]) -> Value {
    let values: Vec<_> = fields
        .iter()
        .map(|field| workspace.value(artifact, field))
        .collect();
    json!({ "ArtifactID": artifact.id, "Values": values })
}

pub(super) fn find<'a>(
    workspace: &'a Workspace,
    kind: Kind,
    request: &Value,
) -> Result<Vec<&'a Artifact>, Refusal> {
    let condition = Condition::read(request.key("Condition").text(), workspace, kind)?;
    let all = workspace
        .all(kind)
        .filter(|artifact| condition.holds(artifact, workspace));
    let mut found: Vec<_> = all.collect();
    for sort in request.key("Sorts").items().iter().rev() {
        let field = workspace.asked(kind, sort.key("FieldIdentifier"))?;
        found.sort_by(|a, b| compare(a, b, &field));
        // Sent as a word, or as a number.
        let direction = sort.key("Direction");
        if direction.text().eq_ignore_ascii_case("Descending") || direction.number() == Some(1) {
            found.reverse();
        }
    }
    Ok(found)
}

fn compare(a: &Artifact, b: &Artifact, field: &Asked<'_>) -> Ordering {
    let Asked::Field(field) = field else {
        return a.id.cmp(&b.id);
    };
    match (a.values.get(&field.name), b.values.get(&field.name)) {
        (Some(Val::Text(a)), Some(Val::Text(b))) => a.cmp(b),
        (Some(Val::Number(a)), Some(Val::Number(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}
