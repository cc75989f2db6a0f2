//! Processing profiles: how files are processed. There is no service for them: they are objects, whose fields are
//! known by their GUIDs.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    ArtifactId, Workspace, guids,
    objects::{FieldRef, Named, Object, ObjectType},
};
use crate::Result;

/// How files are processed, as far as it matters for RSMF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Its number.
    pub id: ArtifactId,
    /// Its name.
    pub name: String,
    /// Whether attachments become documents of their own, without which those of RSMF are lost; `None` where the
    /// service does not say.
    pub extracts_children: Option<bool>,
    /// Whether what was discovered is published by itself; it must not be published by others then.
    pub is_auto_published: Option<bool>,
    /// Whether files of well-known programs are left out.
    pub is_denisted: Option<bool>,
    /// How duplicates are suppressed; empty or `None` for not at all.
    pub deduplication: Named,
    /// The usual time zone.
    pub time_zone: Named,
    /// The folder where documents usually go.
    pub folder: Named,
    /// What usually stands before the numbers of documents.
    pub prefix: String,
}

/// The fields whose GUIDs all sources name.
const CERTAIN: [Uuid; 6] = [
    guids::PROFILE_NAME,
    guids::PROFILE_EXTRACT_CHILDREN,
    guids::PROFILE_AUTO_PUBLISH,
    guids::PROFILE_DENIST,
    guids::PROFILE_TIME_ZONE,
    guids::PROFILE_FOLDER,
];

/// The fields whose GUIDs only one page names.
const FURTHER: [Uuid; 2] = [guids::PROFILE_DEDUPLICATION, guids::PROFILE_PREFIX];

/// What people see above the field with the method of deduplication.
const DEDUPLICATION: &str = "Deduplication method";

impl Profile {
    fn of(id: ArtifactId, object: &Object) -> Self {
        let flag = |guid| object.by_guid(guid)?.flag();
        let named = |guid| object.by_guid(guid).map(|field| field.named());
        let text = |guid| object.by_guid(guid)?.text().map(str::to_owned);
        Self {
            id,
            name: text(guids::PROFILE_NAME).unwrap_or_else(|| object.named().name),
            extracts_children: flag(guids::PROFILE_EXTRACT_CHILDREN),
            is_auto_published: flag(guids::PROFILE_AUTO_PUBLISH),
            is_denisted: flag(guids::PROFILE_DENIST),
            deduplication: named(guids::PROFILE_DEDUPLICATION)
                .or_else(|| Some(object.by_name(DEDUPLICATION)?.named()))
                .unwrap_or_default(),
            time_zone: named(guids::PROFILE_TIME_ZONE).unwrap_or_default(),
            folder: named(guids::PROFILE_FOLDER).unwrap_or_default(),
            prefix: text(guids::PROFILE_PREFIX).unwrap_or_default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Pair {
    #[serde(rename = "ArtifactID")]
    id: ArtifactId,
    guid: String,
}

impl Workspace {
    /// The processing profiles of the workspace.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn profiles(&self) -> Result<Vec<Named>> {
        self.named(ObjectType::guid(guids::PROFILE), None).await
    }

    /// The processing profiles of this name.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn find_profiles(&self, name: &str) -> Result<Vec<Named>> {
        let profiles = ObjectType::guid(guids::PROFILE);
        self.find_by_name(profiles, guids::PROFILE_NAME, "Name", name)
            .await
    }

    /// Reads a processing profile.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn profile(&self, id: ArtifactId) -> Result<Profile> {
        let certain = CERTAIN.map(FieldRef::guid);
        let further = FURTHER.map(FieldRef::guid);
        let named = [FieldRef::named(DEDUPLICATION)];
        // A field that a version does not know makes it refuse them all.
        for more in [further.as_slice(), named.as_slice()] {
            let fields = [certain.as_slice(), more].concat();
            match self.read_object(id, &fields).await {
                Err(error) if error.refusal().is_some() && error.status() != Some(404) => {}
                object => return Ok(Profile::of(id, &object?)),
            }
        }
        tracing::warn!(profile = %id, "it cannot be read how the profile deduplicates");
        let object = self.read_object(id, &certain).await?;
        Ok(Profile::of(id, &object))
    }

    /// The numbers that things with these GUIDs have in this workspace (`Artifact Guid Manager`), in no order; those
    /// that it does not know are missing.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn artifact_ids(&self, guids: &[Uuid]) -> Result<Vec<(Uuid, ArtifactId)>> {
        let path = "Relativity.Services.ArtifactGuid.IArtifactGuidModule/Artifact Guid Manager\
            /ReadMultipleArtifactIdsAsync";
        let body = json!({ "workspaceId": self.id, "guids": guids });
        let call = self.relativity.post("look up GUIDs", path).within(self.id);
        let pairs: Vec<Pair> = call.body(body).safe().read_or_default().await?;
        let pair = |pair: Pair| Some((Uuid::try_parse(&pair.guid).ok()?, pair.id));
        Ok(pairs.into_iter().filter_map(pair).collect())
    }
}
