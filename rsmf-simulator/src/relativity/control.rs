//! What tests and people ask of the stand-in itself.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    faults::RelativityFault,
    reply::Reply,
    serve::Asked,
    spec, transfer,
    unconfirmed::UNCONFIRMED,
    world::{World, schema::Kind},
};

/// Faults for a call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    /// The name of the call, or `*`.
    call: String,
    faults: Vec<RelativityFault>,
}

/// A collection that Collect has made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    name: String,
    status: String,
    /// Whose data, from where, and how many items of it.
    targets: Vec<(String, String, i64)>,
}

/// Somebody who is put on hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    project: i64,
    first: String,
    last: String,
    email: String,
}

/// Answers below `/simulator/`, where nobody needs to log in.
pub(super) fn answer(world: &mut World, asked: &Asked) -> Reply {
    let topic = asked
        .path
        .trim_start_matches("/simulator/")
        .trim_end_matches('/');
    match (asked.verb.as_str(), topic) {
        ("GET", "requests") => Reply::free(world.seen.iter().map(shown).collect()),
        ("DELETE", "requests") => {
            world.seen.clear();
            Reply::done()
        }
        ("GET", "state") => Reply::free(state(world)),
        ("GET", "unconfirmed") => Reply::free(json!(UNCONFIRMED)),
        ("GET", "calls") => Reply::free(spec::names().map(Value::from).collect()),
        ("GET", "knobs") => Reply::free(json!(world.knobs)),
        ("PATCH", "knobs") => done(&asked.body, |change: Value| turn(world, &change)),
        ("POST", "faults") => done(&asked.body, |ordered: Ordered| {
            order(world, &ordered.call, ordered.faults)
        }),
        ("POST", "collections") => done(&asked.body, |made: Made| {
            world.collect(&made.name, &made.status, made.targets);
            Ok(())
        }),
        ("POST", "holds") => done(&asked.body, |held: Hold| {
            world.hold(held.project, &held.first, &held.last, &held.email);
            Ok(())
        }),
        ("POST", "expire-tokens") => {
            world.tokens.expire();
            Reply::done()
        }
        ("GET", topic) if topic.starts_with("qc/") => transfer::report(world, topic),
        _ => Reply::free(json!({ "Message": "The simulator has no such thing." })).status(404),
    }
}

/// What a request asked for, and whether it was done.
fn done<T: DeserializeOwned>(body: &[u8], what: impl FnOnce(T) -> Result<(), String>) -> Reply {
    let read = serde_json::from_slice(body).map_err(|error| error.to_string());
    match read.and_then(what) {
        Ok(()) => Reply::done(),
        Err(message) => Reply::free(json!({ "Message": message })).status(400),
    }
}

/// Changes the knobs that are named.
pub(super) fn turn(world: &mut World, change: &Value) -> Result<(), String> {
    let mut knobs = json!(world.knobs);
    for (name, value) in change.as_object().into_iter().flatten() {
        knobs[name] = value.clone();
    }
    world.knobs = serde_json::from_value(knobs).map_err(|error| error.to_string())?;
    Ok(())
}

/// Has calls go wrong.
pub(super) fn order(
    world: &mut World,
    call: &str,
    faults: impl IntoIterator<Item = RelativityFault>,
) -> Result<(), String> {
    if call != "*" && !spec::names().any(|name| name == call) {
        return Err(format!("there is no call '{call}'"));
    }
    world.faults.add(call, faults);
    Ok(())
}

fn shown(seen: &super::Seen) -> Value {
    json!({
        "method": seen.method, "target": seen.target, "call": seen.call, "referrer": seen.referrer,
        "body": seen.body, "status": seen.status,
    })
}

/// How much there is of everything.
pub(super) fn state(world: &World) -> Value {
    let workspaces: serde_json::Map<_, _> = world.workspaces.iter().filter(|(id, _)| **id > 0).map(|(id, it)| {
        let count = |kind| it.all(kind).count();
        let sets: serde_json::Map<_, _> = it.sets.iter().map(|(id, set)| {
            let errors = set.files.iter().filter(|file| file.found.error.is_some()).count();
            (id.to_string(), json!({
                "name": it.name_of(*id), "discover": format!("{:?}", set.discover),
                "publish": format!("{:?}", set.publish), "cancelled": set.is_cancelled,
                "files": set.files.len(), "errors": errors, "job_errors": set.job_errors,
                "sources": it.sources_of(*id),
            }))
        }).collect();
        let summary = json!({
            "name": it.name, "documents": count(Kind::Document), "entities": count(Kind::Entity),
            "data_sources": count(Kind::Source), "sets": sets,
        });
        (id.to_string(), summary)
    }).collect();
    json!({
        "workspaces": workspaces, "tokens_given": world.tokens.count(), "faults_left": world.faults.left(),
        "requests": world.seen.len(),
    })
}
