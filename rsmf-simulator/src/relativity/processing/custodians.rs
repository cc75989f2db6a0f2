//! Custodians, which are entities.

use serde_json::{Value, json};

use crate::relativity::{
    call::{Call, Keys},
    knobs::Spelling,
    reply::{Outcome, Refusal, Reply},
    world::{World, artifact::Val, schema::Kind, workspace::Workspace},
};

const TYPES: [&str; 4] = ["Person", "Other", "Entity", "Organization"];

pub(crate) fn create(world: &mut World, call: &Call) -> Outcome {
    call.body.object("custodian")?;
    let id = world
        .workspace(call)?
        .save_custodian(call.key("custodian"), None)?;
    Ok(Reply::json(id.into()).status(world.knobs.created_status))
}

pub(crate) fn update(world: &mut World, call: &Call) -> Outcome {
    call.body.object("custodian")?;
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    workspace.require(Kind::Entity, id)?;
    workspace.save_custodian(call.key("custodian"), Some(id))?;
    Ok(Reply::json(id.into()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Outcome {
    let spelling = match call.name {
        "v0.custodian-read" => Spelling::Old,
        _ => world.knobs.processing_spelling,
    };
    let id = call.id("id")?;
    let workspace = world.workspace(call)?;
    let entity = workspace.require(Kind::Entity, id)?;
    let kind = workspace.choice_name(entity.number("Type"));
    // The documentation has entities read back otherwise than they were written.
    let (first, last, kind) = match (kind, spelling) {
        ("Person", _) => (
            entity.text("First Name"),
            entity.text("Last Name"),
            "Person",
        ),
        (_, Spelling::Old) => ("-", "-", "Entity"),
        (kind, Spelling::New) => ("", "", kind),
    };
    let key = match spelling {
        Spelling::New => "CustodianID",
        Spelling::Old => "ArtifactID",
    };
    Ok(Reply::json(json!({
        "DocumentNumberingPrefix": entity.text("Document Numbering Prefix"),
        "FirstName": first, "LastName": last, "CustodianType": kind, key: id,
        "Name": entity.text("Full Name"),
    })))
}

impl Workspace {
    /// Writes what a client says of a custodian, and says its number.
    pub(crate) fn save_custodian(&mut self, body: &Value, id: Option<i64>) -> Result<i64, Refusal> {
        let (first, last) = (body.key("FirstName").text(), body.key("LastName").text());
        let kind = body.key("CustodianType").text();
        let kind = TYPES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(kind));
        let kind = kind.ok_or_else(|| Refusal::invalid("CustodianType is none that is known."))?;
        let name = match kind {
            "Person" => format!("{last}, {first}"),
            _ => body.key("Name").text().to_owned(),
        };
        check_names(kind, first, last, &name)?;
        let choice = self.choice(Kind::Entity, "Type", kind, None);
        let values = [
            ("Full Name", Val::from(name)),
            ("First Name", first.into()),
            ("Last Name", last.into()),
            (
                "Document Numbering Prefix",
                body.key("DocumentNumberingPrefix").text().into(),
            ),
            ("Type", Val::Choice(choice)),
        ];
        let Some(id) = id else {
            return Ok(self.add(Kind::Entity, self.id, values));
        };
        let entity = self.require_mut(Kind::Entity, id)?;
        for (field, value) in values {
            entity.set(field, value);
        }
        Ok(id)
    }
}

fn check_names(kind: &str, first: &str, last: &str, name: &str) -> Result<(), Refusal> {
    if kind == "Person" && (first.is_empty() || last.is_empty()) {
        return Err(Refusal::invalid("A person needs FirstName and LastName."));
    }
    if name.is_empty() {
        return Err(Refusal::invalid("An entity needs a Name."));
    }
    let is_long = |text: &str, most| text.chars().count() > most;
    if is_long(first, 125) || is_long(last, 125) || is_long(name, 255) {
        return Err(Refusal::invalid("A name of the custodian is too long."));
    }
    Ok(())
}
