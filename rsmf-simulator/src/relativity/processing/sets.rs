//! Processing sets.

use serde_json::{Value, json};

use super::state::{Phase, Progress, SetState, Words};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, artifact::Val, schema::Kind, workspace::Workspace},
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
    let values = workspace.set_values(body)?;
    let Some(id) = id else {
        return Ok(workspace.add_set(values, &words));
    };
    let before = workspace
        .require(Kind::Set, id)?
        .number("Processing profile");
    let keeps_profile =
        before.map(Val::Object) == values.get(1).map(|(_, profile)| profile.clone());
    check_update(workspace.sets.get(&id), keeps_profile)?;
    let set = workspace.require_mut(Kind::Set, id)?;
    for (field, value) in values {
        set.set(field, value);
    }
    Ok(id)
}

impl Workspace {
    /// Name, profile and recipients, as a client sent them.
    fn set_values(&self, body: &Value) -> Result<[(&'static str, Val); 3], Refusal> {
        let name = body.key("Name").text();
        if name.trim().is_empty() || name.chars().count() > 255 {
            let message = "A processing set needs a Name of 255 characters at most.";
            return Err(Refusal::invalid(message));
        }
        let profile = body.key("Profile");
        let newer = profile.key("ProcessingProfileID").number();
        let profile = newer.or(profile.key("ArtifactID").number());
        let missing = || Refusal::invalid("The set names no processing profile.");
        let profile = self
            .require(Kind::Profile, profile.ok_or_else(missing)?)?
            .id;
        let recipients = body.key("EmailNotificationRecipients").items();
        let recipients: Vec<_> = recipients.iter().map(Keys::text).collect();
        Ok([
            ("Name", Val::from(name)),
            ("Processing profile", Val::Object(profile)),
            ("Email notification recipients", recipients.join(";").into()),
        ])
    }

    fn add_set(&mut self, values: [(&'static str, Val); 3], words: &Words) -> i64 {
        let id = self.add(Kind::Set, self.id, values);
        let created = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3f");
        let state = SetState {
            created: created.to_string(),
            ..SetState::default()
        };
        self.sets.insert(id, state);
        for phase in [Phase::Inventory, Phase::Discover, Phase::Publish] {
            self.set_progress(id, phase, Progress::NotStarted, words);
        }
        id
    }
}

fn check_update(state: Option<&SetState>, keeps_profile: bool) -> Result<(), Refusal> {
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
    if state.jobs > 0 && !keeps_profile {
        let message = "The profile cannot be changed after a job has run.";
        return Err(Refusal::business(message));
    }
    Ok(())
}
