//! Data sources.

use serde_json::{Value, json};

use super::{source_rules, state::Progress};
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{
        World,
        artifact::{Artifact, Val},
        schema::Kind,
        shares::is_below,
        workspace::Workspace,
    },
};

pub(crate) fn create(world: &mut World, call: &Call) -> Outcome {
    call.body.object("processingDataSource")?;
    let id = save(
        world,
        call.id("ws")?,
        call.key("processingDataSource"),
        None,
    )?;
    Ok(Reply::json(id.into()).status(world.knobs.created_status))
}

pub(crate) fn update(world: &mut World, call: &Call) -> Outcome {
    call.body.object("processingDataSource")?;
    let id = call.id("id")?;
    save(
        world,
        call.id("ws")?,
        call.key("processingDataSource"),
        Some(id),
    )?;
    Ok(Reply::done())
}

/// Where data may come from.
pub(crate) fn locations(world: &mut World, call: &Call) -> Outcome {
    world.workspace(call)?;
    Ok(Reply::json(json!(world.shares.processing_sources())))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    let source = workspace.require(Kind::Source, id)?;
    let set = source.number("Processing Set").unwrap_or_default();
    let languages: Vec<_> = source
        .text("OCR languages")
        .split(';')
        .filter(|it| !it.is_empty())
        .collect();
    let (source_key, set_key) = match call.name {
        "v0.source-read" => ("ArtifactID", "ArtifactID"),
        _ => ("ProcessingDataSourceID", "ProcessingSetID"),
    };
    Ok(Reply::json(json!({
        source_key: id,
        "Name": source.text("Name"),
        "ProcessingSet": { set_key: set, "Name": workspace.name_of(set) },
        "Custodian": source.number("Custodian"),
        "DestinationFolder": source.number("Destination folder"),
        "TimeZone": source.number("Time zone"),
        "DocumentNumberingPrefix": source.text("Document numbering prefix"),
        "InputPath": source.text("Source Path"),
        "OcrLanguages": languages,
        "Order": source.number("Order"),
        "StartNumber": source.number("Start number"),
        "IsStartNumberVisible": source.truth("Is start number visible"),
        "IsNew": false,
    })))
}

pub(crate) fn delete_validation(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    let set = workspace
        .require(Kind::Source, id)?
        .number("Processing Set");
    let state = set.and_then(|set| workspace.sets.get(&set));
    let used =
        state.is_some_and(|state| state.job.is_some() || state.discover != Progress::NotStarted);
    let reasons: &[&str] = if used {
        &["The data source was submitted to a job."]
    } else {
        &[]
    };
    Ok(Reply::json(
        json!({ "CanDelete": !used, "Reasons": reasons }),
    ))
}

/// What a profile proposes for data sources.
pub(crate) fn presets(world: &mut World, call: &Call) -> Outcome {
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    let profile = workspace.require(Kind::Profile, id)?;
    Ok(Reply::json(json!({
        "OcrLanguages": ["English"],
        "TimeZone": profile.number("Default time zone"),
        "DocumentNumberingPrefix": profile.text("Default document numbering prefix"),
        "DefaultDestinationFolder": profile.number("Default destination folder"),
        "NumberingType": "AutoNumber",
        "DefaultStartNumber": 1,
    })))
}

/// Creates a data source, or changes one (X9 to X12), and says its number.
pub(crate) fn save(
    world: &mut World,
    workspace: i64,
    body: &Value,
    id: Option<i64>,
) -> Result<i64, Refusal> {
    let roots = world.shares.processing_sources();
    let workspace = world.workspace_of(workspace)?;
    let before = id.map(|id| workspace.require(Kind::Source, id).cloned());
    let before = before.transpose()?;
    let set = set_of(body, before.as_ref())?;
    check_path(body.key("InputPath").text(), &roots)?;
    source_rules::check_numbers(body, before.as_ref(), workspace.digits(set))?;
    let values = values(body, set);
    let missing = || Refusal::business(&format!("Processing set {set} cannot be resolved."));
    let state = workspace.sets.get(&set).ok_or_else(missing)?;
    match &before {
        None => source_rules::check_create(state)?,
        Some(before) => source_rules::check_update(state, before, &values)?,
    }
    workspace.check_references(body)?;
    let Some(before) = before else {
        return Ok(workspace.add(Kind::Source, set, values));
    };
    let source = workspace.require_mut(Kind::Source, before.id)?;
    for (field, value) in values {
        source.set(field, value);
    }
    Ok(before.id)
}

/// X9.
fn check_path(path: &str, roots: &[String]) -> Result<(), Refusal> {
    if roots.iter().any(|root| is_below(path, root)) {
        return Ok(());
    }
    let message =
        format!("'{path}' is not covered by a processing source location of the resource pool.");
    Err(Refusal::business(&message))
}

impl Workspace {
    /// How many digits control numbers of a set have.
    fn digits(&self, set: i64) -> i64 {
        let set = self.artifacts.get(&set);
        let profile =
            set.and_then(|set| self.get(Kind::Profile, set.number("Processing profile")?));
        profile
            .and_then(|profile| profile.number("Number of digits"))
            .unwrap_or(10)
    }

    /// Whether all is there that a data source needs.
    fn check_references(&self, body: &Value) -> Result<(), Refusal> {
        for (key, kind) in [
            ("Custodian", Kind::Entity),
            ("DestinationFolder", Kind::Folder),
            ("TimeZone", Kind::TimeZone),
        ] {
            let missing = || Refusal::invalid(&format!("The data source has no {key}."));
            self.require(kind, body.key(key).number().ok_or_else(missing)?)?;
        }
        Ok(())
    }
}

fn set_of(body: &Value, before: Option<&Artifact>) -> Result<i64, Refusal> {
    let set = body.key("ProcessingSet");
    let named = set
        .key("ProcessingSetID")
        .number()
        .or(set.key("ArtifactID").number());
    let known = before.and_then(|before| before.number("Processing Set"));
    named
        .or(known)
        .ok_or_else(|| Refusal::invalid("The data source names no processing set."))
}

fn values(body: &Value, set: i64) -> Vec<(&'static str, Val)> {
    let object = |key: &str| Val::Object(body.key(key).number().unwrap_or_default());
    let text = |key: &str| Val::from(body.key(key).text());
    let languages: Vec<_> = body
        .key("OcrLanguages")
        .items()
        .iter()
        .map(Keys::text)
        .collect();
    let mut values = vec![
        ("Name", text("Name")),
        ("Processing Set", Val::Object(set)),
        ("Custodian", object("Custodian")),
        ("Destination folder", object("DestinationFolder")),
        ("Time zone", object("TimeZone")),
        ("Document numbering prefix", text("DocumentNumberingPrefix")),
        ("Source Path", text("InputPath")),
        ("OCR languages", languages.join(";").into()),
        (
            "Order",
            body.key("Order").number().unwrap_or_default().into(),
        ),
        (
            "Is start number visible",
            body.key("IsStartNumberVisible")
                .truth()
                .unwrap_or_default()
                .into(),
        ),
    ];
    if let Some(start) = body.key("StartNumber").number() {
        values.push(("Start number", start.into()));
    }
    values
}
