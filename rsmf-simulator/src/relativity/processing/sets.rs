//! Processing sets.

use serde_json::{Value, json};

use super::state::{Phase, Progress, SetState};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, artifact::Val, schema::Kind},
};

pub(crate) fn create(world: &mut World, call: &Call) -> Outcome {
    call.body.object("processingSet")?;
    let id = save(world, call.id("ws")?, call.key("processingSet"), None)?;
    Ok(Reply::json(id.into()).status(world.knobs.created_status))
}

pub(crate) fn update(world: &mut World, call: &Call) -> Outcome {
    call.body.object("processingSet")?;
    let id = call.id("id")?;
    save(world, call.id("ws")?, call.key("processingSet"), Some(id))?;
    Ok(Reply::json(id.into()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    let set = workspace.require(Kind::Set, id)?;
    let profile = set.number("Processing profile").unwrap_or_default();
    let recipients = set.text("Email notification recipients").split(';');
    let recipients: Vec<_> = recipients.filter(|it| !it.is_empty()).collect();
    let (set_key, profile_key) = match call.name {
        "v0.set-read" => ("ArtifactID", "ArtifactID"),
        _ => ("ProcessingSetID", "ProcessingProfileID"),
    };
    Ok(Reply::json(json!({
        set_key: id,
        "Name": set.text("Name"),
        "Profile": { profile_key: profile, "Name": workspace.name_of(profile), "IsNew": false },
        "EmailNotificationRecipients": recipients,
    })))
}

/// Creates a set, or changes one (X4, X6, X7, X8), and says its number.
pub(crate) fn save(
    world: &mut World,
    workspace: i64,
    body: &Value,
    id: Option<i64>,
) -> Result<i64, Refusal> {
    if world.knobs.worker_manager_down {
        let message = "The processing engine could not be contacted; the set was not saved.";
        return Err(Refusal::business(message));
    }
    let words = world.words();
    let workspace = world.workspace_of(workspace)?;
    let name = body.key("Name").text();
    if name.trim().is_empty() || name.chars().count() > 255 {
        return Err(Refusal::invalid(
            "A processing set needs a Name of 255 characters at most.",
        ));
    }
    let profile = body.key("Profile");
    let profile = profile
        .key("ProcessingProfileID")
        .number()
        .or(profile.key("ArtifactID").number());
    let profile =
        profile.ok_or_else(|| Refusal::invalid("The set names no processing profile."))?;
    workspace.require(Kind::Profile, profile)?;
    if let Some(id) = id {
        check_update(
            workspace.sets.get(&id),
            workspace
                .require(Kind::Set, id)?
                .number("Processing profile"),
            profile,
        )?;
    }
    let recipients = body.key("EmailNotificationRecipients").items();
    let recipients: Vec<_> = recipients.iter().map(Keys::text).collect();
    let values = [
        ("Name", Val::from(name)),
        ("Processing profile", Val::Object(profile)),
        ("Email notification recipients", recipients.join(";").into()),
    ];
    if let Some(id) = id {
        let set = workspace.require_mut(Kind::Set, id)?;
        values
            .into_iter()
            .for_each(|(field, value)| set.set(field, value));
        return Ok(id);
    }
    let id = workspace.add(Kind::Set, workspace.id, values);
    let created = jiff::Zoned::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3f")
        .to_string();
    let state = SetState {
        created,
        ..SetState::default()
    };
    workspace.sets.insert(id, state);
    for phase in [Phase::Inventory, Phase::Discover, Phase::Publish] {
        workspace.set_progress(id, phase, Progress::NotStarted, &words);
    }
    Ok(id)
}

fn check_update(
    state: Option<&SetState>,
    before: Option<i64>,
    profile: i64,
) -> Result<(), Refusal> {
    let Some(state) = state else {
        return Err(Refusal::business("The processing set cannot be resolved."));
    };
    if state.is_cancelled {
        return Err(Refusal::business(
            "The processing set was cancelled; create a new one.",
        ));
    }
    if state.job.is_some() {
        return Err(Refusal::business("A job of the processing set is running."));
    }
    if state.jobs > 0 && before != Some(profile) {
        let message = "The profile cannot be changed after a job has run.";
        return Err(Refusal::business(message));
    }
    Ok(())
}
