//! Creating, changing and deleting objects.

use serde_json::{Value, json};

use super::{Asked, kind_of, values::Behaviour};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{
        World,
        artifact::{Artifact, Val},
        schema::Kind,
        workspace::{Workspace, name_field, type_of},
    },
};

/// What other calls look after: sets and data sources.
const MANAGED: [Kind; 3] = [Kind::Set, Kind::Source, Kind::Workspace];

pub(crate) fn create(world: &mut World, call: &Call) -> Outcome {
    call.body.object("request")?;
    let request = call.key("request");
    let kind = kind_of(request.key("ObjectType"))?;
    if MANAGED.contains(&kind) {
        let message = format!(
            "Objects of type {} are not created by this call.",
            type_of(kind).name
        );
        return Err(Refusal::other(405, &message));
    }
    let workspace = world.workspace(call)?;
    let parent = request.key("ParentObject").key("ArtifactID").number();
    let parent = match parent.filter(|id| *id != 0 && *id != workspace.id) {
        Some(id) => workspace.object(request.key("ParentObject")).map(|_| id)?,
        None => workspace.id,
    };
    let values = workspace.changes(kind, None, request, Some(Behaviour::Replace))?;
    workspace.check_name(kind, &values)?;
    let values: Vec<_> = values
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
        .collect();
    let id = workspace.add(
        kind,
        parent,
        values
            .iter()
            .map(|(field, value)| (field.as_str(), value.clone())),
    );
    let made = workspace.require(kind, id)?;
    let fields: Vec<_> = request
        .key("FieldValues")
        .items()
        .iter()
        .map(|it| it.key("Field").clone())
        .collect();
    let fields = workspace.asked_fields(kind, &Value::Array(fields))?;
    Ok(Reply::json(
        json!({ "Object": workspace.shown(made, &fields), "EventHandlerStatuses": [] }),
    ))
}

pub(crate) fn update(world: &mut World, call: &Call) -> Outcome {
    call.body.object("request")?;
    let request = call.key("request");
    let behaviour = Behaviour::read(call.key("operationOptions").key("UpdateBehavior"));
    let workspace = world.workspace(call)?;
    let before = workspace.object(request.key("Object"))?.clone();
    let changes = workspace.changes(before.kind, Some(&before), request, behaviour)?;
    if let Some(artifact) = workspace.artifacts.get_mut(&before.id) {
        for (field, value) in changes {
            match value {
                Some(value) => artifact.values.insert(field, value),
                None => artifact.values.remove(&field),
            };
        }
    }
    Ok(Reply::json(json!({ "EventHandlerStatuses": [] })))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Outcome {
    call.body.object("request")?;
    let workspace = world.workspace(call)?;
    let found = workspace.object(call.key("request").key("Object"))?;
    let (id, kind) = (found.id, found.kind);
    if workspace
        .artifacts
        .values()
        .any(|it| it.parent == id || is_used(it, id))
    {
        return Err(Refusal::business(
            "The object has dependencies and cannot be deleted.",
        ));
    }
    workspace.artifacts.remove(&id);
    workspace.sets.remove(&id);
    let item = json!({ "ObjectTypeName": type_of(kind).name, "Action": "Delete", "Count": 1, "Connection": "" });
    Ok(Reply::json(json!({ "Report": { "DeletedItems": [item] } })))
}

fn is_used(artifact: &Artifact, id: i64) -> bool {
    artifact.values.values().any(|value| match value {
        Val::Object(own) => *own == id,
        Val::Objects(all) => all.contains(&id),
        _ => false,
    })
}

/// The fields that change, and what they hold then; nothing where they are emptied.
type Changes = Vec<(String, Option<Val>)>;

impl Workspace {
    fn changes(
        &self,
        kind: Kind,
        before: Option<&Artifact>,
        request: &Value,
        behaviour: Option<Behaviour>,
    ) -> Result<Changes, Refusal> {
        let mut changes = Changes::new();
        for pair in request.key("FieldValues").items() {
            let Asked::Field(field) = self.asked(kind, pair.key("Field"))? else {
                return Err(Refusal::invalid("The number of an object cannot be set."));
            };
            let held = before.and_then(|before| before.values.get(&field.name));
            let value = self.sent(field, pair.key("Value"), held, behaviour)?;
            changes.push((field.name.clone(), value));
        }
        Ok(changes)
    }

    /// Whether what is created has a name; that of a document must be its own.
    fn check_name(&self, kind: Kind, changes: &Changes) -> Result<(), Refusal> {
        let field = name_field(kind);
        let given = changes.iter().find(|(name, _)| name == field);
        let Some((_, Some(Val::Text(name)))) = given else {
            return Err(Refusal::invalid(&format!(
                "The field '{field}' is required."
            )));
        };
        let is_taken = kind == Kind::Document
            && self
                .all(kind)
                .any(|it| it.text(field).eq_ignore_ascii_case(name));
        match is_taken {
            true => Err(Refusal::invalid(&format!(
                "'{field}' {name} exists already."
            ))),
            false => Ok(()),
        }
    }
}
