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

use super::{Workspace, call::Call, relativity::Dated};
use crate::Result;

impl Workspace {
    /// Sends a request to the Object Manager.
    async fn object_call<T, F: Future<Output = Result<T>>>(
        &self,
        name: &'static str,
        method: &str,
        body: Value,
        send: impl Fn(Call) -> F,
    ) -> Result<T> {
        // Made only where it is sent: most requests need one of the two.
        let call = async |service: &str| {
            let path = format!("{service}/workspace/{}/object/{method}", self.id);
            let call = self.relativity.post(name, &path).within(self.id);
            send(call.body(body.clone())).await
        };
        let (newer, older) = (
            call("Relativity.ObjectManager/v1"),
            call("Relativity.Objects"),
        );
        self.relativity.either(Dated::Objects, newer, older).await
    }
}
