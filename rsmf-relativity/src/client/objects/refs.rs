//! What objects, their types and their fields are called.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{ArtifactId, wire};

/// A type of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectType(Value);

impl ObjectType {
    /// Documents.
    pub fn document() -> Self {
        Self::type_id(ArtifactId(10))
    }

    /// The type with this GUID.
    pub fn guid(guid: Uuid) -> Self {
        Self(json!({ "Guid": guid }))
    }

    /// The type of this name, such as `Workspace`.
    pub fn named(name: &str) -> Self {
        Self(json!({ "Name": name }))
    }

    /// The type with this number (`ArtifactTypeID`). Those from 1,000,000 on differ from workspace to workspace.
    pub fn type_id(id: ArtifactId) -> Self {
        Self(json!({ "ArtifactTypeID": id }))
    }

    pub(super) fn json(&self) -> &Value {
        &self.0
    }
}

/// A field of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef(Value);

impl FieldRef {
    /// The field with this GUID.
    pub fn guid(guid: Uuid) -> Self {
        Self(json!({ "Guid": guid }))
    }

    /// The field of this name, such as `Control Number`.
    pub fn named(name: &str) -> Self {
        Self(json!({ "Name": name }))
    }

    /// The field with this number.
    pub fn id(id: ArtifactId) -> Self {
        Self(json!({ "ArtifactID": id }))
    }

    pub(super) fn json(&self) -> &Value {
        &self.0
    }
}

/// A thing with a number and a name: an object, a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Named {
    /// Its number.
    #[serde(rename = "ArtifactID")]
    pub artifact_id: ArtifactId,
    /// Its name.
    pub name: String,
    /// Its GUIDs, where it has some, in lower case.
    pub guids: Vec<String>,
}

impl Named {
    /// Whether this is one of its GUIDs.
    pub fn has_guid(&self, guid: Uuid) -> bool {
        let is_it = |text: &String| Uuid::try_parse(text).is_ok_and(|other| other == guid);
        self.guids.iter().any(is_it)
    }
}

/// An object with some of its fields.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Object {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Its name, where the service tells it besides the fields.
    pub name: String,
    /// What it belongs to.
    pub parent_object: Named,
    /// Its GUIDs, where it has some.
    pub guids: Vec<String>,
    /// The fields that were asked for.
    pub field_values: Vec<FieldValue>,
}

/// A field of an object, and what stands in it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FieldValue {
    /// The field.
    pub field: FieldInfo,
    /// What stands in it: text, a number, `true`, a time in ISO 8601, an object with number and name, or a list of
    /// those.
    pub value: Value,
}

/// What is known of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FieldInfo {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Its name.
    pub name: String,
    /// Its GUIDs.
    pub guids: Vec<String>,
    /// Its kind, such as `SingleChoice`.
    pub field_type: String,
}

impl Object {
    /// The field of this name, in any case.
    pub fn by_name(&self, name: &str) -> Option<&FieldValue> {
        let is_it = |field: &&FieldValue| field.field.name.eq_ignore_ascii_case(name);
        self.field_values.iter().find(is_it)
    }

    /// The field with this GUID.
    pub fn by_guid(&self, guid: Uuid) -> Option<&FieldValue> {
        let is_it = |text: &String| Uuid::try_parse(text).is_ok_and(|other| other == guid);
        let found = |field: &&FieldValue| field.field.guids.iter().any(is_it);
        self.field_values.iter().find(found)
    }

    /// Gives fields that come without GUIDs those by which they were asked for: they come in the same order.
    pub(super) fn completed(mut self, asked: &[FieldRef]) -> Self {
        if self.field_values.len() != asked.len() {
            return self;
        }
        for (value, asked) in self.field_values.iter_mut().zip(asked) {
            let guid = asked.0.get("Guid").and_then(Value::as_str);
            if let (true, Some(guid)) = (value.field.guids.is_empty(), guid) {
                value.field.guids.push(guid.to_owned());
            }
        }
        self
    }

    /// Number and name: the latter is that of the object, or the first text among its fields.
    pub fn named(&self) -> Named {
        let text = |field: &FieldValue| field.text().map(str::to_owned);
        let name = match self.name.as_str() {
            "" => self.field_values.iter().find_map(text).unwrap_or_default(),
            name => name.to_owned(),
        };
        Named {
            artifact_id: self.artifact_id,
            name,
            guids: self.guids.clone(),
        }
    }
}

impl FieldValue {
    /// The text in it.
    pub fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// Whether it says yes, in whatever form; `None` where it says nothing.
    pub fn flag(&self) -> Option<bool> {
        let word = match &self.value {
            Value::Bool(flag) => return Some(*flag),
            Value::Number(number) => return number.as_i64().map(|number| number != 0),
            Value::Object(_) => self.named().name,
            other => other.as_str()?.to_owned(),
        };
        match word.trim().to_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        }
    }

    /// The choice or object in it, or the text as a name; empty where there is none.
    pub fn named(&self) -> Named {
        match &self.value {
            Value::String(name) => Named {
                name: name.clone(),
                ..Named::default()
            },
            other => wire::read(other.clone()).unwrap_or_default(),
        }
    }

    /// The choices or objects in it.
    pub fn all_named(&self) -> Vec<Named> {
        wire::read(self.value.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::guids;

    fn value(value: Value) -> FieldValue {
        FieldValue {
            value,
            ..FieldValue::default()
        }
    }

    #[test]
    fn what_stands_in_a_field_comes_in_several_forms() {
        for (form, flag) in [
            (json!(true), Some(true)),
            (json!("Yes"), Some(true)),
            (json!({"ArtifactID": 1, "Name": "No"}), Some(false)),
            (json!(0), Some(false)),
            (Value::Null, None),
            (json!("perhaps"), None),
            (json!([]), None),
        ] {
            assert_eq!(value(form.clone()).flag(), flag, "{form}");
        }
        let choice = value(json!({"artifactID": "7", "NAME": "Completed", "Guids": null}));
        assert_eq!(choice.named().artifact_id, ArtifactId(7));
        assert_eq!(value(json!("Completed")).named().name, "Completed");
        assert_eq!(value(Value::Null).named(), Named::default());
        assert_eq!(
            value(json!([{"Name": "a"}, {"Name": "b"}]))
                .all_named()
                .len(),
            2
        );
        assert_eq!(value(json!("x")).all_named(), []);
    }

    #[test]
    fn fields_are_found_by_name_and_guid() {
        let object: Object = wire::read(json!({"ArtifactID": 1, "FieldValues": [
            {"Field": {"Name": "Name"}, "Value": "a"},
            {"Field": {"Name": "Status", "Guids": [guids::SOURCE_STATUS.to_string().to_uppercase()]}, "Value": 3},
        ]}))
        .unwrap();
        assert_eq!(object.by_name("name").unwrap().text(), Some("a"));
        assert_eq!(object.by_guid(guids::SOURCE_STATUS).unwrap().value, 3);
        assert!(object.by_guid(guids::SET_NAME).is_none());
        assert_eq!(object.named().name, "a");
        let bare: Object = wire::read(json!({"FieldValues": [{"Value": "b"}]})).unwrap();
        assert!(bare.by_guid(guids::SET_NAME).is_none());
        let completed = bare.completed(&[FieldRef::guid(guids::SET_NAME)]);
        assert_eq!(
            completed.by_guid(guids::SET_NAME).unwrap().text(),
            Some("b")
        );
        let named = Named {
            guids: vec![guids::PROFILE.to_string().to_uppercase()],
            ..Named::default()
        };
        assert!(named.has_guid(guids::PROFILE) && !named.has_guid(guids::ENTITY));
    }
}
