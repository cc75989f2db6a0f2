//! Creating, changing and deleting objects.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{FieldRef, Object, ObjectType};
use crate::{
    Error, Refusal, Result,
    client::{ArtifactId, Workspace, call::Call, refusal},
};

/// An object that is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewObject {
    object_type: ObjectType,
    parent: Option<ArtifactId>,
    values: Vec<(FieldRef, Value)>,
}

impl NewObject {
    /// An object of this type.
    pub fn of(object_type: ObjectType) -> Self {
        Self {
            object_type,
            parent: None,
            values: Vec::new(),
        }
    }

    /// What it belongs to.
    #[must_use]
    pub fn parent(mut self, parent: ArtifactId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// What stands in a field. A choice or an object is written as `{"ArtifactID": 5}`.
    #[must_use]
    pub fn value(mut self, field: FieldRef, value: impl Into<Value>) -> Self {
        self.values.push((field, value.into()));
        self
    }
}

/// What becomes of what stands in a field with several choices or objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UpdateBehavior {
    /// The new ones take its place.
    #[default]
    Replace,
    /// The new ones come on top.
    Merge,
}

fn pairs(values: &[(FieldRef, Value)]) -> Vec<Value> {
    let pair =
        |(field, value): &(FieldRef, Value)| json!({ "Field": field.json(), "Value": value });
    values.iter().map(pair).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Written {
    object: Object,
    event_handler_statuses: Vec<HandlerStatus>,
}

/// What a program of the workspace says that looks at each change.
#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct HandlerStatus {
    success: bool,
    message: String,
}

impl Default for HandlerStatus {
    fn default() -> Self {
        Self {
            success: true,
            message: String::new(),
        }
    }
}

impl Workspace {
    /// Creates an object, and gives it.
    ///
    /// # Errors
    /// Whatever stands in the way. Where that [is uncertain](Error::is_uncertain), look before you try again.
    pub async fn create_object(&self, object: &NewObject) -> Result<Object> {
        let mut request = json!({
            "ObjectType": object.object_type.json(),
            "FieldValues": pairs(&object.values),
        });
        if let (Some(parent), Some(entries)) = (object.parent, request.as_object_mut()) {
            let parent = json!({ "ArtifactID": parent });
            entries.insert("ParentObject".to_owned(), parent);
        }
        let body = json!({ "request": request });
        let written: Written = self
            .object_call("create an object", "create", body, Call::read)
            .await?;
        Ok(written.object)
    }

    /// Changes fields of an object.
    ///
    /// # Errors
    /// Whatever stands in the way, also where a program of the workspace objects.
    pub async fn update_object(
        &self,
        id: ArtifactId,
        values: &[(FieldRef, Value)],
        behavior: UpdateBehavior,
    ) -> Result<()> {
        let name = "update an object";
        let behavior = match behavior {
            UpdateBehavior::Replace => "Replace",
            UpdateBehavior::Merge => "Merge",
        };
        let body = json!({
            "request": { "Object": { "ArtifactID": id }, "FieldValues": pairs(values) },
            "OperationOptions": { "CallingContext": null, "UpdateBehavior": behavior },
        });
        let send = |call: Call| async {
            let call = call.repeatable();
            let operation = call.operation();
            Ok((operation, call.read::<Written>().await?))
        };
        let (operation, written) = self.object_call(name, "update", body, send).await?;
        let mut statuses = written.event_handler_statuses.into_iter();
        match statuses.find(|status| !status.success) {
            None => Ok(()),
            Some(status) => {
                let refusal = Box::new(Refusal {
                    status: 200,
                    message: refusal::tidy(&status.message),
                    ..Refusal::default()
                });
                Err(Error::Refused { operation, refusal })
            }
        }
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn delete_object(&self, id: ArtifactId) -> Result<()> {
        let body = json!({ "request": { "Object": { "ArtifactID": id } } });
        self.object_call("delete an object", "delete", body, Call::done)
            .await
    }
}
