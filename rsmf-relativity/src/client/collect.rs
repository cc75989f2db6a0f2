//! Collect: what was collected from chat platforms and elsewhere. Only read.

use serde::Deserialize;
use serde_json::Value;

use super::{ArtifactId, Workspace, call::read};
use crate::Result;

/// A collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Collection {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Its name.
    pub name: String,
    /// How far it is: `New`, `Not Started`, `Started`, `Completed`, `Error`, `Completed with Errors`, or something else.
    pub status: String,
    /// From whom, or from where, it takes what.
    pub targets: Vec<CollectionTarget>,
}

/// Something to collect from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CollectionTarget {
    /// Its number.
    pub artifact_id: ArtifactId,
    /// Whose data it is.
    pub target: String,
    /// The platform.
    pub source_instance: String,
    /// What was collected.
    pub items: i64,
    /// What could not be collected.
    pub errors: i64,
    /// Bytes that were collected.
    pub size: i64,
    /// How far it is, in words.
    pub status_message: String,
    /// How far it is.
    pub state: String,
}

impl Workspace {
    /// What a collection collected.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn collection(&self, id: ArtifactId) -> Result<Collection> {
        let call = self.collect(&id.to_string(), "read a collection");
        let operation = call.operation();
        read(operation, unwrapped(call.json().await?))
    }

    /// What became of the search for targets of a collection, in the service's own words.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn collection_targets(&self, id: ArtifactId) -> Result<Vec<String>> {
        let path = format!("{id}/target-generation");
        let call = self.collect(&path, "read the targets of a collection");
        let operation = call.operation();
        read(operation, unwrapped(call.json().await?))
    }

    fn collect(&self, path: &str, name: &'static str) -> super::call::Call {
        let path = format!(
            "collect-services/v1/CollectAPI/{}/collection/{path}",
            self.id
        );
        self.relativity.get(name, &path).within(self.id)
    }
}

/// The description puts answers into `Value`, as its library does inside; on the wire they may stand alone.
fn unwrapped(mut answer: Value) -> Value {
    let Some(entries) = answer.as_object_mut() else {
        return answer;
    };
    let key = entries.keys().find(|key| key.eq_ignore_ascii_case("value"));
    let value = key.cloned().and_then(|key| entries.remove(&key));
    value.filter(|value| !value.is_null()).unwrap_or(answer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_come_with_and_without_a_wrapper() {
        assert_eq!(unwrapped(json!({"Result": {}, "value": [1]})), json!([1]));
        assert_eq!(unwrapped(json!(["a"])), json!(["a"]));
        let bare = json!({"Name": "x", "Value": null});
        assert_eq!(unwrapped(bare), json!({"Name": "x"}));
    }
}
