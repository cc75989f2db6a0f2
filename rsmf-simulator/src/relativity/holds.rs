//! Collect and Legal Hold, as far as they can be read.

use serde_json::{Value, json};

use super::{
    call::Call,
    reply::{Outcome, Refusal, Reply},
    world::World,
};

/// A collection by Relativity Collect.
#[derive(Debug, Clone)]
pub(super) struct Collection {
    id: i64,
    name: String,
    status: String,
    /// Whose data, from where, and how many items of it.
    targets: Vec<(String, String, i64)>,
}

/// Somebody who was told to keep everything.
#[derive(Debug, Clone)]
pub(super) struct Held {
    project: i64,
    custodian: i64,
    first: String,
    last: String,
    email: String,
}

impl World {
    /// Adds a collection, and says its number.
    pub(super) fn collect(
        &mut self,
        name: &str,
        status: &str,
        targets: Vec<(String, String, i64)>,
    ) -> i64 {
        let id = self.numbers.next();
        self.collections.push(Collection {
            id,
            name: name.to_owned(),
            status: status.to_owned(),
            targets,
        });
        id
    }

    /// Puts somebody on hold, and says the number of the custodian.
    pub(super) fn hold(&mut self, project: i64, first: &str, last: &str, email: &str) -> i64 {
        let custodian = self.numbers.next();
        self.held.push(Held {
            project,
            custodian,
            first: first.to_owned(),
            last: last.to_owned(),
            email: email.to_owned(),
        });
        custodian
    }
}

pub(super) fn collection(world: &mut World, call: &Call) -> Outcome {
    world.workspace(call)?;
    let found = find(world, call)?;
    let targets: Vec<_> = found.targets.iter().enumerate().map(|(at, (who, from, items))| json!({
        "ArtifactId": at + 1, "Target": who, "SourceInstance": from, "Items": items, "Errors": 0,
        "Size": items * 1024, "StatusMessage": "", "State": found.status,
    })).collect();
    let value = json!({ "ArtifactId": found.id, "Name": found.name, "Status": found.status, "Targets": targets });
    Ok(Reply::json(json!({ "Result": {}, "Value": value })))
}

pub(super) fn targets(world: &mut World, call: &Call) -> Outcome {
    world.workspace(call)?;
    let names: Vec<_> = find(world, call)?
        .targets
        .iter()
        .map(|(who, _, _)| who.clone())
        .collect();
    Ok(Reply::json(json!({ "Result": {}, "Value": names })))
}

fn find<'a>(world: &'a World, call: &Call) -> Result<&'a Collection, Refusal> {
    let id = call.id("id")?;
    let found = world.collections.iter().find(|it| it.id == id);
    found.ok_or_else(|| Refusal::not_found(&format!("There is no collection {id}.")))
}

/// A page of those who are on hold: from an index, so many.
fn page<'a>(world: &'a mut World, call: &Call, size: &str) -> Result<Vec<&'a Held>, Refusal> {
    let number = |name: &str| call.number_in_query(name);
    let workspace =
        number("workspaceId").ok_or_else(|| Refusal::malformed("workspaceId is missing."))?;
    world.workspace_of(workspace)?;
    let index = |name| number(name).and_then(|it| usize::try_from(it).ok());
    let (start, length) = (
        index("startingIndex").unwrap_or(0),
        index(size).unwrap_or(usize::MAX),
    );
    let project = call.slots.get("id").and_then(|id| id.parse::<i64>().ok());
    let held = world
        .held
        .iter()
        .filter(|it| project.is_none_or(|project| it.project == project));
    Ok(held.skip(start).take(length).collect())
}

pub(super) fn summary(world: &mut World, call: &Call) -> Outcome {
    let held = page(world, call, "length")?.into_iter().map(|it| json!({
        "ProjectID": it.project, "FullName": format!("{}, {}", it.last, it.first), "FirstName": it.first,
        "LastName": it.last, "EmailAddress": it.email, "EmployeeNumber": "", "UniqueID": it.email,
        "ErrorMessage": "", "CustodianRole": "Custodian",
    }));
    Ok(Reply::json(Value::Array(held.collect())))
}

pub(super) fn custodians(world: &mut World, call: &Call) -> Outcome {
    let project = call.id("id")?;
    let ids: Vec<_> = page(world, call, "pageSize")?
        .iter()
        .map(|it| it.custodian)
        .collect();
    let total = world.held.iter().filter(|it| it.project == project).count();
    Ok(Reply::json(
        json!({ "Error": "", "TotalCount": total, "ArtifactIDs": ids }),
    ))
}

pub(super) fn installed(world: &mut World, call: &Call) -> Outcome {
    world.workspace(call)?;
    Ok(Reply::json(json!({
        "Error": "", "Results": [], "CurrentStartIndex": 1, "ResultCount": 0, "TotalCount": 0,
        "Summary": { "Completed": 1, "Failed": 0, "InProgress": 0, "Pending": 0, "Canceled": 0, "Other": 0,
            "Total": 1, "TotalActiveInstalls": 0 },
    })))
}
