//! How documents of an upload are found.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;

use super::{VerifyOptions, content::base};
use crate::{
    Result,
    client::{
        ArtifactId, Workspace,
        objects::{Condition, FieldRef, ObjectType, Query},
    },
};

/// What documents are looked for by.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Landmarks {
    /// What their control numbers begin with.
    pub prefix: String,
    /// The name of the set.
    pub set: String,
    /// The name of the custodian.
    pub custodian: String,
    /// Documents that are none of the upload, whatever their control numbers are: those that were there before it.
    pub earlier: BTreeSet<ArtifactId>,
}

impl Landmarks {
    /// Documents whose control numbers begin so.
    pub fn new(
        prefix: impl Into<String>,
        set: impl Into<String>,
        custodian: impl Into<String>,
    ) -> Self {
        let (prefix, set, custodian) = (prefix.into(), set.into(), custodian.into());
        Self {
            prefix,
            set,
            custodian,
            earlier: BTreeSet::new(),
        }
    }

    /// Leaves these documents alone: a prefix may be that of other uploads, too, or the beginning of theirs.
    #[must_use]
    pub fn without(mut self, earlier: BTreeSet<ArtifactId>) -> Self {
        self.earlier = earlier;
        self
    }

    fn condition(&self, template: &str) -> Condition {
        let escaped = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
        // A prefix is compared by STARTSWITH, where these stand for other characters.
        let prefix = escaped(&self.prefix)
            .replace('%', "[%]")
            .replace('_', "[_]");
        let text = template
            .replace("{prefix}", &prefix)
            .replace("{set}", &escaped(&self.set))
            .replace("{custodian}", &escaped(&self.custodian));
        Condition::raw(text)
    }
}

/// The documents of an upload, by the names of their files in small letters.
pub(super) async fn documents(
    workspace: &Workspace,
    landmarks: &Landmarks,
    options: &VerifyOptions,
) -> Result<BTreeMap<String, Vec<ArtifactId>>> {
    let query = Query::of(ObjectType::document())
        .field(FieldRef::named(&options.file_name))
        .condition(Some(landmarks.condition(&options.condition)));
    let mut found: BTreeMap<String, Vec<ArtifactId>> = BTreeMap::new();
    let mut objects = workspace.objects(query);
    while let Some(object) = objects.try_next().await? {
        if landmarks.earlier.contains(&object.artifact_id) {
            continue;
        }
        let field = object
            .by_name(&options.file_name)
            .or(object.field_values.first());
        let name = field.and_then(|field| field.text()).unwrap_or_default();
        found
            .entry(base(name).to_lowercase())
            .or_default()
            .push(object.artifact_id);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_names_as_they_are() {
        let landmarks = Landmarks::new("RS_F", "it's", r"a\b");
        let condition = landmarks.condition(
            "'Control Number' STARTSWITH '{prefix}' AND 'Set' == '{set}' OR 'C' == '{custodian}'",
        );
        let expected =
            r"'Control Number' STARTSWITH 'RS[_]F' AND 'Set' == 'it\'s' OR 'C' == 'a\\b'";
        assert_eq!(condition.to_string(), expected);
    }
}
