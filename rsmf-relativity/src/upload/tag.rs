//! Filling fields of new documents.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use crate::{
    Result,
    client::{
        ArtifactId, Workspace,
        objects::{FieldRef, UpdateBehavior},
    },
};

/// Documents that are changed at the same time.
const AT_ONCE: usize = 4;

/// Fills these fields of these documents. What choices and objects are there already stays. To do it twice changes nothing.
///
/// # Errors
/// Whatever stands in the way; some documents may have been changed then.
pub async fn tag_documents(
    workspace: &Workspace,
    documents: &[ArtifactId],
    tags: &[(String, String)],
) -> Result<()> {
    let values: Vec<_> = tags
        .iter()
        .map(|(field, value)| (FieldRef::named(field), Value::from(value.as_str())))
        .collect();
    let changes = stream::iter(documents.to_vec()).map(|id| {
        let (workspace, values) = (workspace.clone(), values.clone());
        async move {
            workspace
                .update_object(id, &values, UpdateBehavior::Merge)
                .await
        }
    });
    changes.buffer_unordered(AT_ONCE).try_collect().await
}
