//! The Object Manager: everything in a workspace is an object with fields.

mod condition;
mod query;
mod refs;
mod write;

pub use self::{
    condition::Condition,
    query::{ObjectPage, Query},
    refs::{FieldInfo, FieldRef, FieldValue, Named, Object, ObjectType},
    write::{NewObject, UpdateBehavior},
};

use serde_json::Value;

use super::{Generation, Workspace, call::Call};

impl Workspace {
    /// A request to the Object Manager.
    fn object_call(&self, name: &'static str, method: &str, body: Value) -> Call {
        let service = match self.relativity.options().objects {
            Generation::V0 => "Relativity.Objects",
            Generation::Auto | Generation::V1 => "Relativity.ObjectManager/v1",
        };
        let path = format!("{service}/workspace/{}/object/{method}", self.id);
        self.relativity.post(name, &path).within(self.id).body(body)
    }
}
