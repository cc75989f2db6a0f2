//! Many objects, block by block: what is found when an export begins is what comes, with the values of the moment.

use serde_json::{Value, json};

use super::{Asked, kind_of, query};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, numbers, schema::Kind},
};

/// An export that was begun.
#[derive(Debug, Clone)]
pub(crate) struct Export {
    kind: Kind,
    /// The fields, as the request names them.
    fields: Value,
    /// What has not come yet, the first one last.
    left: Vec<i64>,
}

pub(crate) fn begin(world: &mut World, call: &Call) -> Outcome {
    call.body.object("queryRequest")?;
    let request = call.key("queryRequest");
    let kind = kind_of(request.key("ObjectType"))?;
    let workspace = world.workspace(call)?;
    let start = call.key("start").number();
    let start = start.or_else(|| call.number_in_query("start"));
    let start = usize::try_from(start.unwrap_or_default()).unwrap_or_default();
    let found = query::find(workspace, kind, request)?;
    // As with queries, the first one is the first, and so is what stands before it.
    let mut left: Vec<_> = found
        .iter()
        .skip(start.max(1) - 1)
        .map(|it| it.id)
        .collect();
    let fields = workspace.asked_fields(kind, request.key("Fields"))?;
    let about: Vec<_> = fields.iter().map(Asked::about).collect();
    let (run, count) = (numbers::guid(), left.len());
    left.reverse();
    let fields = request.key("Fields").clone();
    workspace
        .exports
        .insert(run.clone(), Export { kind, fields, left });
    Ok(Reply::json(
        json!({ "RunID": run, "RecordCount": count, "FieldData": about }),
    ))
}

/// The next block; an empty one where all has come.
pub(crate) fn next(world: &mut World, call: &Call) -> Outcome {
    let run = call.key("runID").text().to_lowercase();
    let size = call.key("batchSize").number();
    let size = usize::try_from(size.unwrap_or_default()).unwrap_or_default();
    let workspace = world.workspace(call)?;
    let missing = || Refusal::not_found(&format!("There is no export {run}."));
    let export = workspace.exports.get_mut(&run).ok_or_else(missing)?;
    if size == 0 {
        return Err(Refusal::invalid("batchSize must be a positive number."));
    }
    let rest = export.left.len().saturating_sub(size);
    let block: Vec<_> = export.left.split_off(rest).into_iter().rev().collect();
    let Export { kind, fields, .. } = export.clone();
    let fields = workspace.asked_fields(kind, &fields)?;
    let objects = block.iter().filter_map(|id| workspace.artifacts.get(id));
    let objects = objects.map(|artifact| query::slim(workspace, artifact, &fields));
    Ok(Reply::json(objects.collect()))
}
