//! What a conversion that is resumed must share with the one that was begun.

use serde_json::{Map, Value, json};

use super::Converter;
use crate::{Error, Existing, OptionsReport, Result, render::temporary};

/// The version of the form of the journal.
const FORM: u32 = 1;

/// Everything that shapes the result, by name; a part of it stands in `report.json` by the same names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Identity(Map<String, Value>);

impl Identity {
    pub(super) async fn of(converter: &Converter) -> Result<Self> {
        let options = &converter.options;
        let fingerprint = converter.source.fingerprint().await;
        let fingerprint = fingerprint.map_err(Error::Source)?;
        let shaping = serde_json::to_value(OptionsReport::new(options));
        let shaping = shaping.map_err(|error| temporary(error.into()))?;
        let all = json!({
            "journal": FORM,
            "generator": options.generator,
            "platform": converter.source.platform().id,
            "input": options.input_name,
            "input_fingerprint": fingerprint.content,
            "input_copy": fingerprint.copy,
            "input_hash": options.input_digest,
            "existing": match options.existing {
                Existing::Refuse => "refuse",
                Existing::Overwrite => "overwrite",
            },
            "options": shaping,
        });
        Ok(Self::from(all))
    }

    /// What stands in a journal; nothing where that is damaged.
    pub(super) fn of_journal(text: &[u8]) -> Self {
        Self::from(serde_json::from_slice::<Value>(text).unwrap_or_default())
    }

    /// What a report tells.
    pub(super) fn of_report(report: &Value) -> Self {
        let mut identity = Self::from(report.clone());
        let hash = !report["input_digest"].is_null();
        identity.0.insert("input_hash".to_owned(), hash.into());
        identity
    }

    pub(super) fn content(&self) -> String {
        (self.0.get("input_fingerprint"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    pub(super) fn to_text(&self) -> Vec<u8> {
        let mut text = Value::from(self.0.clone()).to_string().into_bytes();
        text.push(b'\n');
        text
    }

    /// How this differs from an `earlier` one in what both tell.
    pub(super) fn changes_since(&self, earlier: &Self) -> Vec<String> {
        if !earlier.0.contains_key("input_fingerprint") {
            return vec!["what it was begun with cannot be read".to_owned()];
        }
        let mut changes = Vec::new();
        for (name, now) in &self.0 {
            match earlier.0.get(name) {
                Some(Value::Object(then)) => options(then, now, &mut changes),
                Some(then) if then != now => changes.push(change(name, then, now)),
                _ => {}
            }
        }
        changes.dedup();
        changes
    }
}

impl From<Value> for Identity {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(all) => Self(all),
            _ => Self(Map::new()),
        }
    }
}

fn options(then: &Map<String, Value>, now: &Value, changes: &mut Vec<String>) {
    for (name, now) in now.as_object().into_iter().flatten() {
        let then = then.get(name).unwrap_or(&Value::Null);
        if then != now {
            changes.push(change(name, then, now));
        }
    }
}

fn change(name: &str, then: &Value, now: &Value) -> String {
    match name {
        "input_fingerprint" | "input_copy" => "the input has changed".to_owned(),
        "generator" => format!("it was begun by {then}, and this is {now}"),
        _ => format!("{} was {then}, and is {now} now", name.replace('_', " ")),
    }
}
