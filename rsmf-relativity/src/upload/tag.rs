//! Filling fields of new documents.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{Landmarks, VerifyOptions, landmarks::documents};
use crate::{
    Result,
    client::{
        Workspace,
        objects::{FieldRef, UpdateBehavior},
    },
};

/// Documents that are changed at the same time.
const AT_ONCE: usize = 4;

/// Fills these fields of all documents of an upload, attachments included; gives their number. What choices and objects are
/// there already stays. To do it twice changes nothing.
///
/// # Errors
/// Whatever stands in the way; some documents may have been changed then.
pub async fn tag_documents(
    workspace: &Workspace,
    landmarks: &Landmarks,
    options: &VerifyOptions,
    tags: &[(String, String)],
) -> Result<u64> {
    let found = documents(workspace, landmarks, options).await?;
    let ids: Vec<_> = found.into_values().flatten().collect();
    let values: Vec<_> = tags
        .iter()
        .map(|(field, value)| (FieldRef::named(field), Value::from(value.as_str())))
        .collect();
    let changes = stream::iter(ids.clone()).map(|id| {
        let (workspace, values) = (workspace.clone(), values.clone());
        async move {
            workspace
                .update_object(id, &values, UpdateBehavior::Merge)
                .await
        }
    });
    changes
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(ids.len() as u64)
}
